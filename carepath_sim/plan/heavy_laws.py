"""Laws whose tail falls like a power: log-logistic, Lomax, Pareto."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from carepath_sim.plan.laws import Array, Law


@dataclass(frozen=True)
class Loglogistic(Law):
    """The log-logistic law: the odds of a longer stay fall as a power of its length.

    Parameters
    ----------
    shape
        The power; the variance is finite above 2.
    scale
        The median.

    Notes
    -----
    Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 23.
    """

    shape: float
    scale: float

    @property
    def mean(self) -> float:
        """Expectation, scale x b / sin b with b = pi / shape."""
        b = math.pi / self.shape
        return self.scale * b / math.sin(b) if self.shape > 1 else math.inf

    @property
    def variance(self) -> float:
        """Variance, mean^2 (tan b / b - 1) with b = pi / shape."""
        b = math.pi / self.shape
        return self.mean**2 * (math.tan(b) / b - 1) if self.shape > 2 else math.inf

    @property
    def marks(self) -> Array:
        """Ends of the support."""
        return np.array([0.0, np.inf])

    def _odds(self, x: Array) -> Array:
        """P(X <= x) over P(X > x)."""
        return np.power(np.maximum(x, 0.0) / self.scale, self.shape)

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        with np.errstate(divide="ignore"):
            return 1 / (1 + 1 / self._odds(x))

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return 1 / (1 + self._odds(x))

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q), scale (p / q)^(1 / shape)."""
        with np.errstate(divide="ignore"):
            return self.scale * np.power(p / q, 1 / self.shape)


@dataclass(frozen=True)
class Lomax(Law):
    """The Lomax law, a Pareto law that begins at 0.

    Parameters
    ----------
    shape
        Power of the tail; the variance is finite above 2.
    scale
        Value at which the tail is down to 2^-shape.
    """

    shape: float
    scale: float

    @property
    def mean(self) -> float:
        """Expectation, scale / (shape - 1)."""
        return self.scale / (self.shape - 1) if self.shape > 1 else math.inf

    @property
    def variance(self) -> float:
        """Variance, mean^2 shape / (shape - 2)."""
        return self.mean**2 * self.shape / (self.shape - 2) if self.shape > 2 else math.inf

    @property
    def marks(self) -> Array:
        """Ends of the support."""
        return np.array([0.0, np.inf])

    def _hazard(self, x: Array) -> Array:
        return self.shape * np.log1p(np.maximum(x, 0.0) / self.scale)

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return -np.expm1(-self._hazard(x))

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return np.exp(-self._hazard(x))

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q), scale (q^(-1 / shape) - 1)."""
        with np.errstate(divide="ignore"):
            hazard = np.where(p < q, -np.log1p(-p), -np.log(q))
        return self.scale * np.expm1(hazard / self.shape)


@dataclass(frozen=True)
class Pareto(Law):
    """The Pareto law, which begins at `low` at its densest.

    Parameters
    ----------
    shape
        Power of the tail; the variance is finite above 2.
    low
        Smallest value.
    """

    shape: float
    low: float

    @property
    def mean(self) -> float:
        """Expectation, low x shape / (shape - 1)."""
        return self.low * self.shape / (self.shape - 1) if self.shape > 1 else math.inf

    @property
    def variance(self) -> float:
        """Variance, that of the Lomax law with scale `low`."""
        return Lomax(self.shape, self.low).variance

    @property
    def marks(self) -> Array:
        """Ends of the support."""
        return np.array([self.low, np.inf])

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return Lomax(self.shape, self.low).cdf(x - self.low)

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return Lomax(self.shape, self.low).sf(x - self.low)

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q), low x q^(-1 / shape)."""
        return self.low + Lomax(self.shape, self.low).quantile(p, q)
