"""Maximum-likelihood fits of lengths of stay that are rounded, censored, or both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import optimize

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from carepath_sim.statistics.length_laws import Family, Law

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_TIMES: Final = (_NODES + 1) / 2  # times of day of admission [d]
_SHARES: Final = _WEIGHTS / 2
_TINY: Final = 1e-300
_BOUND: Final = 9.0
"""Logarithms and log-odds may move so far from where a fit begins."""


@dataclass(frozen=True, eq=False)
class Lengths:
    """Lengths of stay, shape `(stay,)` each.

    Attributes
    ----------
    low, high
        The length lies between them [d]; equal: it is known exactly; `high` infinite: still going
        on after `low` days.
    nights
        Whether both are numbers of midnights from an unknown time of day, not lengths.
    weight
        How many stays each stands for.
    """

    low: Floats
    high: Floats
    nights: Bools
    weight: Floats

    @classmethod
    def of(
        cls,
        low: object,
        high: object | None = None,
        *,
        nights: object = False,
        weight: object = 1.0,
    ) -> Lengths:
        """Return lengths with equal ones counted together.

        Parameters
        ----------
        low, high
            As above; without `high` the lengths are known exactly.
        nights, weight
            As above, for all or one each.
        """
        first = np.atleast_1d(np.asarray(low, dtype=float))
        last = first if high is None else np.atleast_1d(np.asarray(high, dtype=float))
        shape = first.shape
        counted = np.broadcast_to(np.asarray(nights, dtype=float), shape)
        rows = np.stack((first, np.broadcast_to(last, shape), counted), axis=1)
        found, where = np.unique(rows, axis=0, return_inverse=True)
        sums = np.bincount(
            where.ravel(), weights=np.broadcast_to(np.asarray(weight, dtype=float), shape)
        )
        return cls(found[:, 0], found[:, 1], found[:, 2] > 0, sums.astype(float))

    @property
    def size(self) -> float:
        """Number of stays."""
        return float(self.weight.sum())

    @property
    def over(self) -> Bools:
        """Which are over, shape `(row,)`."""
        return np.isfinite(self.high)

    @property
    def completed(self) -> float:
        """Number of stays that are over."""
        return float(self.weight[self.over].sum())

    @cached_property
    def middle(self) -> Floats:
        """Middle of each interval [d]; of those that go on, the time so far."""
        return np.where(self.over, (self.low + np.where(self.over, self.high, 0.0)) / 2, self.low)

    def log_likelihood(self, law: Law) -> float:
        """Return the log-likelihood of a law.

        A number n of midnights from a time of day that is uniform over the day has the probability
        of the mean of F(n + 1 - u) - F(n - u) over u from 0 to 1 (u the time of admission [d]).
        """
        total = 0.0
        exact = ~self.nights & (self.low == self.high)
        if exact.any():
            at = self.low[exact]
            # A stay of exactly 0 has no density, but it may have a chance of its own.
            density = np.where(at > 0, law.pdf(at), law.cdf(np.full(at.shape, 1e-9)))
            total += float(self.weight[exact] @ np.log(np.maximum(density, _TINY)))
        rest = ~exact
        if rest.any():
            chance = self.chances(law, self.low[rest], self.high[rest], self.nights[rest])
            total += float(self.weight[rest] @ np.log(np.maximum(chance, _TINY)))
        return total

    @staticmethod
    def chances(law: Law, low: Floats, high: Floats, nights: Bools) -> Floats:
        """Return the probabilities of intervals of lengths, or of numbers of nights."""
        found = np.empty(len(low))
        if (~nights).any():
            a, b = low[~nights], high[~nights]
            found[~nights] = _cdf(law, b) - _cdf(law, a)
        if nights.any():
            a, b = low[nights], high[nights]
            u = _TIMES[:, None]
            found[nights] = _SHARES @ (_cdf(law, b + 1 - u) - _cdf(law, a - u))
        return found


def _cdf(law: Law, days: Floats) -> Floats:
    finite = np.isfinite(days)
    return np.where(finite, law.cdf(np.where(finite, days, 1.0)), 1.0)


@dataclass(frozen=True, eq=False)
class LengthFit:
    """A family fitted to lengths.

    Attributes
    ----------
    family
        What was fitted.
    theta
        Parameters as the fit moves them.
    covariance
        Of `theta`, the inverse of the observed information; nan where that has none.
    log_likelihood
        At the maximum.
    stays
        Number of stays.
    at_bound
        Whether a parameter ran as far as it may: the data do not tell it.
    """

    family: Family
    theta: Floats
    covariance: Floats
    log_likelihood: float
    stays: float
    at_bound: bool

    @cached_property
    def law(self) -> Law:
        """The fitted law."""
        return self.family.law(self.theta)

    @property
    def aic(self) -> float:
        """Akaike's information criterion; the smaller, the better."""
        return 2 * len(self.theta) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Bayesian information criterion; the smaller, the better."""
        return len(self.theta) * math.log(max(self.stays, 1.0)) - 2 * self.log_likelihood

    @property
    def parameters(self) -> dict[str, float]:
        """Parameters as the scenario language names them."""
        return dict(zip(self.family.names, self.family.natural(self.theta), strict=True))

    @property
    def errors(self) -> dict[str, float]:
        """Standard errors of the parameters, by the delta method."""
        return {
            name: self.error_of(lambda theta, k=k: self.family.natural(theta)[k])  # type: ignore[misc]
            for k, name in enumerate(self.family.names)
        }

    def error_of(self, quantity: Callable[[Floats], float]) -> float:
        """Return the standard error of something that follows from the parameters."""
        gradient = _gradient(quantity, self.theta)
        variance = float(gradient @ self.covariance @ gradient)
        return math.sqrt(variance) if variance >= 0 else math.nan

    def mean_error(self) -> float:
        """Standard error of the mean [d]."""
        return self.error_of(lambda theta: self.family.law(theta).mean)


def fit_family(family: Family, data: Lengths) -> LengthFit:
    """Return the maximum-likelihood fit of a family.

    Parameters
    ----------
    family
        One of `carepath_sim.statistics.length_laws.FAMILIES`.
    data
        At least one stay that is over.
    """
    mean, cv = _moments(data)

    def loss(theta: Floats) -> float:
        with np.errstate(all="ignore"):
            try:
                value = -data.log_likelihood(family.law(theta))
            except OverflowError:
                return 1e300
        return value if math.isfinite(value) else 1e300

    best: tuple[float, Floats, Floats] | None = None
    for start in family.starts(mean, cv):
        begin = np.array(start)
        bounds = [(x - _BOUND, x + _BOUND) for x in begin]
        found = optimize.minimize(loss, begin, method="L-BFGS-B", bounds=bounds)
        # The gradient is reckoned by differences, which stop a little early on a flat top.
        found = optimize.minimize(
            loss,
            found.x,
            method="Nelder-Mead",
            bounds=bounds,
            options={"xatol": 1e-6, "fatol": 1e-8, "maxiter": 400 * len(begin)},
        )
        if best is None or found.fun < best[0] - 1e-9:
            best = (float(found.fun), np.asarray(found.x, dtype=float), begin)
    assert best is not None  # noqa: S101 - every family has a start
    value, theta, begin = best
    inside = bool(np.all(np.abs(theta - begin) < _BOUND - 0.01))
    return LengthFit(family, theta, _inverse(_hessian(loss, theta)), -value, data.size, not inside)


def _moments(data: Lengths) -> tuple[float, float]:
    """Mean [d] and coefficient of variation to begin with: crude, and never 0."""
    middle = np.maximum(data.middle + np.where(data.nights & ~data.over, 0.5, 0.0), 0.1)
    # Who is still there has stayed for half of the way, on average, of a memoryless stay.
    guess = np.where(data.over, middle, 2 * middle)
    mean = float(np.average(guess, weights=data.weight))
    sd = math.sqrt(float(np.average((guess - mean) ** 2, weights=data.weight)))
    return mean, min(max(sd / mean, 0.1), 5.0)


def _gradient(quantity: Callable[[Floats], float], theta: Floats) -> Floats:
    found = np.empty(len(theta))
    for k in range(len(theta)):
        step = np.zeros(len(theta))
        step[k] = 1e-5 * max(1.0, abs(theta[k]))
        found[k] = (quantity(theta + step) - quantity(theta - step)) / (2 * step[k])
    return found


def _hessian(loss: Callable[[Floats], float], theta: Floats) -> Floats:
    """Second derivatives by central differences."""
    size = len(theta)
    found = np.empty((size, size))
    h = 1e-3
    for i in range(size):
        for j in range(i, size):
            a, b = np.zeros(size), np.zeros(size)
            a[i], b[j] = h, h
            corners = (
                loss(theta + a + b) - loss(theta + a - b) - loss(theta - a + b)
                + loss(theta - a - b)
            )  # fmt: skip
            found[i, j] = found[j, i] = corners / (4 * h * h)
    return found


def _inverse(hessian: Floats) -> Floats:
    """Return the covariance; nan where the likelihood has no top in some direction."""
    try:
        np.linalg.cholesky(hessian)
        return np.asarray(np.linalg.inv(hessian), dtype=float)
    except np.linalg.LinAlgError:
        return np.full(hessian.shape, np.nan)
