"""Quantile tables: every distribution as one piecewise linear function of one uniform.

A draw looks up a uniform number and interpolates, in every engine alike; logarithms and powers are
needed only here, while the plan is made. The tables are checked against the exact law.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from carepath_sim.plan.distributions import END, DistributionError, DistributionSpec, checked_law
from carepath_sim.plan.knots import MOST_KNOTS, Knots, central_moments, place
from carepath_sim.plan.laws import Array, Law, floats
from carepath_sim.plan.smooth_laws import Weibull

TOLERANCE = 1e-3
"""Largest relative error of mean, standard deviation and 99.9th percentile."""


@dataclass(frozen=True)
class Moments:
    """What a reader compares: asked for beside implied.

    Parameters
    ----------
    mean, sd
        Expectation and standard deviation [ms for durations].
    median, p90, p999
        The 50th, 90th and 99.9th percentile [ms for durations].
    """

    mean: float
    sd: float
    median: float
    p90: float
    p999: float


@dataclass(frozen=True, eq=False)
class QuantileTable:
    """A piecewise linear quantile function.

    Parameters
    ----------
    u
        Positions of the knots, non-decreasing from 0 to 1, shape ``(knot,)``. Equal neighbours mark
        a jump.
    v
        Values at the knots [ms for durations], non-decreasing, 0 or more, same shape.
    asked
        Moments of the exact distribution.
    implied
        Moments of this table, exact for the piecewise linear function.
    top
        Value at the end, 1 - 1e-9 [ms for durations]; nothing larger is ever drawn.
    """

    u: Array
    v: Array
    asked: Moments
    implied: Moments
    top: float

    def draw(self, x: Array | float) -> Array:
        """Values at uniform numbers: the rule that every engine follows.

        Parameters
        ----------
        x
            Uniform numbers in [0, 1).

        Returns
        -------
        :
            Values [ms for durations], not rounded, same shape.

        Examples
        --------
        >>> table = tabulate(DistributionSpec("uniform", {"min": 100, "max": 200}))
        >>> float(table.draw(0.25))
        125.0
        """
        u, v = self.u, self.v
        x = np.asarray(x, dtype=np.float64)
        i = np.minimum(np.searchsorted(u, x, side="right") - 1, len(u) - 2)
        drawn: Array = v[i] + (v[i + 1] - v[i]) * ((x - u[i]) / (u[i + 1] - u[i]))
        return drawn


def tabulate(spec: DistributionSpec, *, what: str = "") -> QuantileTable:
    """Make the quantile table of a distribution; made once for equal descriptions.

    Parameters
    ----------
    spec
        The distribution.
    what
        What the distribution is for ("acute.stay"), to begin error messages with.

    Returns
    -------
    :
        The table; its arrays are read-only. Mean, standard deviation and 99.9th percentile are
        within 0.1 % of the exact ones.

    Raises
    ------
    DistributionError
        If the description is wrong, values may be negative, mean or variance is not finite, or the
        tail is so heavy that no table of 4,096 knots that ends at 1 - 1e-9 has its moments.

    Examples
    --------
    >>> table = tabulate(DistributionSpec("fixed", {"value": 3_600_000}))
    >>> table.u, table.v
    (array([0., 1.]), array([3600000., 3600000.]))
    """
    try:
        return _tabulated(spec)
    except DistributionError as error:
        if not what:
            raise
        raise DistributionError(f"{what}: {error}") from None


@lru_cache(maxsize=1024)
def _tabulated(spec: DistributionSpec) -> QuantileTable:
    # What leads beyond the largest number is refused in words by the checks.
    with np.errstate(all="ignore"):
        try:
            return table_of(checked_law(spec))
        except DistributionError:
            raise
        except (ArithmeticError, ValueError):
            # Sums that divide by nothing, roots of less than nothing, matrices without inverse.
            raise DistributionError(
                f"{spec.family}: the parameters lead beyond what can be computed: too large, too"
                " small, or a spread that is next to nothing beside the mean (take `fixed`)"
            ) from None


def table_of(law: Law) -> QuantileTable:
    """Make the quantile table of a law.

    Parameters
    ----------
    law
        A law on [0, inf) with finite mean and variance.

    Returns
    -------
    :
        The checked table.

    Raises
    ------
    DistributionError
        If no table of 4,096 knots represents the law within 0.1 %.
    """
    try:
        knots = place(law, end=END)
    except OverflowError:
        raise DistributionError(
            f"needs more than {MOST_KNOTS} knots for a quantile table within 0.1 %"
        ) from None
    p, q, v = knots.p, knots.q.copy(), knots.v
    q[-1] = 0.0
    u = np.where(p <= 0.5, p, 1 - q)
    u[0], u[-1] = 0.0, 1.0
    positions = np.array([0.5, 0.9, 0.999]), np.array([0.5, 0.1, 0.001])
    asked = Moments(law.mean, math.sqrt(law.variance), *map(float, law.quantile(*positions)))
    table = _table(u, v, Knots(p, q, v).mass, asked)
    _check(table)
    return table


def _table(u: Array, v: Array, mass: Array, asked: Moments) -> QuantileTable:
    mean, variance, _ = central_moments(mass, v)
    percentiles = _percentiles(u, v, np.array([0.5, 0.9, 0.999]))
    implied = Moments(mean, math.sqrt(variance), *percentiles)
    u.setflags(write=False)
    v.setflags(write=False)
    return QuantileTable(u=u, v=v, asked=asked, implied=implied, top=float(v[-1]))


def _percentiles(u: Array, v: Array, x: Array) -> list[float]:
    """Smallest values v with F(v) >= x; at a jump the lower side, where a draw takes the upper."""
    i = np.searchsorted(u, x)
    slope = (v[i] - v[i - 1]) / (u[i] - u[i - 1])
    return [float(value) for value in v[i - 1] + slope * (x - u[i - 1])]


def _check(table: QuantileTable) -> None:
    asked, implied = table.asked, table.implied
    # At a jump a percentile may lie on either side.
    beside = _percentiles(table.u, table.v, 0.999 + np.array([-1e-9, 1e-9]))
    ranges = {
        "mean": (implied.mean, implied.mean),
        "sd": (implied.sd, implied.sd),
        "p999": (beside[0], beside[1]),
    }
    for name, (low, high) in ranges.items():
        wanted = getattr(asked, name)
        room = TOLERANCE * wanted + 1e-9 * asked.mean
        if not low - room <= wanted <= high + room:
            raise DistributionError(
                f"the tail is too heavy: a table that ends at 1 - 1e-9 (value {table.top:.6g})"
                f" has {name} {getattr(implied, name):.6g} where {wanted:.6g} is asked;"
                " use `truncate` to say where it ends"
            )


@dataclass(frozen=True, eq=False)
class _Residual(Law):
    """The equilibrium law of a quantile table: exact, piecewise quadratic in the value.

    Parameters
    ----------
    s
        P(X > x) of the table at `x`, non-increasing from 1 to 0, shape ``(knot,)``.
    x
        Values from 0 to the top, same shape; P(X > x) is linear in between.
    """

    s: Array
    x: Array

    @cached_property
    def _above(self) -> Array:
        """Integral of P(X > x) from each knot to the top."""
        area = (self.s[1:] + self.s[:-1]) / 2 * np.diff(self.x)
        return np.concatenate([np.cumsum(area[::-1])[::-1], [0.0]])

    @cached_property
    def _moments(self) -> tuple[float, float]:
        # P(X > x) falling from s to t on [a, b], times x and times x^2, integrated.
        a, b, s, t = self.x[:-1], self.x[1:], self.s[:-1], self.s[1:]
        first = (b - a) * (s * (2 * a + b) + t * (a + 2 * b)) / 6
        second = s * (3 * a * a + 2 * a * b + b * b) + t * (a * a + 2 * a * b + 3 * b * b)
        mean = float(first.sum() / self._above[0])
        square = float(((b - a) * second).sum() / 12 / self._above[0])
        return mean, square - mean**2

    @property
    def mean(self) -> float:
        """Expectation."""
        return self._moments[0]

    @property
    def variance(self) -> float:
        """Variance."""
        return self._moments[1]

    @property
    def marks(self) -> Array:
        """Ends of the support."""
        return self.x[[0, -1]]

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        x = np.clip(x, 0.0, self.x[-1])
        i = np.clip(np.searchsorted(self.x, x), 1, len(self.x) - 1)
        y, width = self.x[i] - x, self.x[i] - self.x[i - 1]
        slope = np.where(width > 0, (self.s[i - 1] - self.s[i]) / np.where(width > 0, width, 1), 0)
        above: Array = (self._above[i] + self.s[i] * y + slope * y * y / 2) / self._above[0]
        return above

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return 1 - self.sf(x)

    def quantile(self, p: Array, q: Array) -> Array:  # noqa: ARG002 - q alone decides
        """Value at (p, q): the root of a quadratic, counted down from the knot above."""
        wanted = q * self._above[0]
        i = np.searchsorted(-self._above, -wanted)
        i = np.clip(i, 1, len(self.x) - 1)
        rest, s = wanted - self._above[i], self.s[i]
        width = self.x[i] - self.x[i - 1]
        slope = np.where(width > 0, (self.s[i - 1] - s) / np.where(width > 0, width, 1), 0)
        root = s + np.sqrt(s * s + 2 * slope * rest)
        y = np.where(root > 0, 2 * rest / np.where(root > 0, root, 1), 0.0)
        return floats(np.clip(self.x[i] - y, self.x[i - 1], self.x[i]))


def residual(table: QuantileTable) -> QuantileTable:
    """What is left of a stay seen at a random instant: the equilibrium law of a table.

    Parameters
    ----------
    table
        Table of whole stays, not all of length 0.

    Returns
    -------
    :
        Table of F_e(x) = 1/mean x integral from 0 to x of (1 - F). Elapsed and remaining stays of
        those found in steady state both follow it (Cox (1962), Renewal Theory, chapter 5).
        `asked` is exact for the table given.

    Raises
    ------
    DistributionError
        If all stays are 0, or the residual law cannot be represented within 0.1 %.
    """
    s = np.concatenate([[1.0], 1 - table.u])
    x = np.concatenate([[0.0], table.v])
    if not x[-1] > 0:
        raise DistributionError("stays of length 0 leave nothing")
    return table_of(_Residual(s, x))


@lru_cache(maxsize=1)
def unit_exponential() -> QuantileTable:
    """Exponential with mean 1, for budgets of hazards and gaps between arrivals.

    Returns
    -------
    :
        The table, scaled so that the mean it implies is 1 but for rounding: an event rate drawn
        with it is the rate that was stated.
    """
    table = table_of(Weibull(1.0, 1.0))
    v = table.v / table.implied.mean
    return _table(table.u.copy(), v, np.diff(table.u), table.asked)
