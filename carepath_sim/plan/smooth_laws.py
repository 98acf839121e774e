"""Laws without jumps, in closed form or from SciPy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from carepath_sim.plan.laws import Array, Law, floats


@dataclass(frozen=True)
class Lognormal(Law):
    """The exponential of a normal variable.

    Parameters
    ----------
    mu
        Mean of the logarithm of the value.
    sigma
        Standard deviation of that logarithm.
    """

    mu: float
    sigma: float

    @property
    def mean(self) -> float:
        """Expectation, exp(mu + sigma^2 / 2)."""
        return math.exp(self.mu + self.sigma**2 / 2)

    @property
    def variance(self) -> float:
        """Variance, mean^2 (exp(sigma^2) - 1)."""
        return self.mean**2 * math.expm1(self.sigma**2)

    @property
    def marks(self) -> Array:
        """Ends of the support."""
        return np.array([0.0, np.inf])

    def _score(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return (np.log(np.maximum(x, 0.0)) - self.mu) / self.sigma

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return normal_cdf(self._score(x))

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return normal_cdf(-self._score(x))

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q)."""
        return np.exp(self.mu + self.sigma * normal_quantile(p, q))


@dataclass(frozen=True)
class Normal(Law):
    """The normal law; for durations only under `truncate` or `at_least`."""

    mu: float
    sigma: float

    @property
    def mean(self) -> float:
        """Expectation."""
        return self.mu

    @property
    def variance(self) -> float:
        """Variance."""
        return self.sigma**2

    @property
    def marks(self) -> Array:
        """Ends of the support."""
        return np.array([-np.inf, np.inf])

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return normal_cdf((x - self.mu) / self.sigma)

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return normal_cdf((self.mu - x) / self.sigma)

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q)."""
        return self.mu + self.sigma * normal_quantile(p, q)


@dataclass(frozen=True)
class Gamma(Law):
    """The gamma law; with a whole shape the Erlang law."""

    shape: float
    scale: float

    @property
    def mean(self) -> float:
        """Expectation, shape x scale."""
        return self.shape * self.scale

    @property
    def variance(self) -> float:
        """Variance, shape x scale^2."""
        return self.shape * self.scale**2

    @property
    def marks(self) -> Array:
        """Ends of the support."""
        return np.array([0.0, np.inf])

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        from scipy.special import gammainc

        return floats(gammainc(self.shape, np.maximum(x, 0.0) / self.scale))

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        from scipy.special import gammaincc

        return floats(gammaincc(self.shape, np.maximum(x, 0.0) / self.scale))

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q)."""
        from scipy.special import gammainccinv, gammaincinv

        low = p < q
        x = np.empty_like(p)
        x[low] = gammaincinv(self.shape, p[low])
        x[~low] = gammainccinv(self.shape, q[~low])
        return self.scale * x


@dataclass(frozen=True)
class Weibull(Law):
    """The Weibull law; with shape 1 the exponential law."""

    shape: float
    scale: float

    @property
    def mean(self) -> float:
        """Expectation, scale x Gamma(1 + 1/shape)."""
        return self.scale * math.gamma(1 + 1 / self.shape)

    @property
    def variance(self) -> float:
        """Variance, mean^2 (Gamma(1 + 2/k) / Gamma(1 + 1/k)^2 - 1)."""
        return self.mean**2 * weibull_squared_variation(self.shape)

    @property
    def marks(self) -> Array:
        """Ends of the support."""
        return np.array([0.0, np.inf])

    def _hazard(self, x: Array) -> Array:
        return np.power(np.maximum(x, 0.0) / self.scale, self.shape)

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return -np.expm1(-self._hazard(x))

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return np.exp(-self._hazard(x))

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q), scale (-log q)^(1/shape)."""
        with np.errstate(divide="ignore"):
            hazard = np.where(p < q, -np.log1p(-p), -np.log(q))
        return self.scale * np.power(hazard, 1 / self.shape)


@dataclass(frozen=True)
class Triangular(Law):
    """The triangular law on [low, high] with its top at `mode`."""

    low: float
    mode: float
    high: float

    @property
    def mean(self) -> float:
        """Expectation."""
        return (self.low + self.mode + self.high) / 3

    @property
    def variance(self) -> float:
        """Variance, from the three differences so that no digits cancel."""
        a, b = self.mode - self.low, self.high - self.mode
        return (a * a + a * b + b * b) / 18

    @property
    def marks(self) -> Array:
        """Ends of the support, and the mode, where the quantile function has a kink."""
        return np.unique(np.array([self.low, self.mode, self.high]))

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        x = np.clip(x, self.low, self.high)
        below = floats((x - self.low) ** 2 / self._left) if self.mode > self.low else 0.0 * x
        return np.where(x < self.mode, below, 1 - self.sf(x)) if self.mode < self.high else below

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        x = np.clip(x, self.low, self.high)
        above = floats((self.high - x) ** 2 / self._right) if self.mode < self.high else 0.0 * x
        if self.mode == self.low:
            return above
        return np.where(x < self.mode, 1 - (x - self.low) ** 2 / self._left, above)

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q)."""
        share = (self.mode - self.low) / (self.high - self.low)
        return np.where(
            p < share,
            self.low + np.sqrt(p * self._left),
            self.high - np.sqrt(q * self._right),
        )

    @property
    def _left(self) -> float:
        return (self.high - self.low) * (self.mode - self.low)

    @property
    def _right(self) -> float:
        return (self.high - self.low) * (self.high - self.mode)


@dataclass(frozen=True, eq=False)
class SciPyLaw(Law):
    """A continuous law of `scipy.stats`.

    Parameters
    ----------
    frozen
        The distribution with its parameters fixed.
    """

    frozen: Any

    @cached_property
    def _moments(self) -> tuple[float, float]:
        with np.errstate(all="ignore"):
            mean, variance = self.frozen.stats(moments="mv")
        return float(mean), float(variance)

    @property
    def mean(self) -> float:
        """Expectation."""
        return self._moments[0]

    @property
    def variance(self) -> float:
        """Variance."""
        return self._moments[1]

    @cached_property
    def marks(self) -> Array:
        """Ends of the support."""
        return np.array([float(x) for x in self.frozen.support()])

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return floats(self.frozen.cdf(x))

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return floats(self.frozen.sf(x))

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q)."""
        low = p < q
        x = np.empty_like(p)
        x[low] = self.frozen.ppf(p[low])
        x[~low] = self.frozen.isf(q[~low])
        return x


def normal_cdf(z: Array) -> Array:
    """Standard normal distribution function."""
    from scipy.special import ndtr

    return floats(ndtr(z))


def normal_quantile(p: Array, q: Array) -> Array:
    """Standard normal quantile at (p, q)."""
    from scipy.special import ndtri

    return np.where(p < q, 1.0, -1.0) * floats(ndtri(np.minimum(p, q)))


def weibull_squared_variation(shape: float) -> float:
    """Variance over squared mean of a Weibull law."""
    return math.expm1(math.lgamma(1 + 2 / shape) - 2 * math.lgamma(1 + 1 / shape))
