"""Confidence intervals over replications.

A replication is one observation: what happens within one is correlated, so days or people are never
counted as observations. A replication in which a measure is undefined (nobody waited, say) is nan
and is left out; `n` tells how many remain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

DEFAULT_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval.

    Attributes
    ----------
    mean
        Point estimate [unit of the measure].
    low, high
        Ends of the interval [unit of the measure]; nan when `n` is too small to have any.
    half_width
        Half the length of the interval, before ends beyond what is possible were cut [unit of the
        measure].
    n
        Observations behind the estimate [replications, or trials of a proportion].
    level
        Coverage that is aimed at, between 0 and 1.
    """

    mean: float
    low: float
    high: float
    half_width: float
    n: int
    level: float

    def contains(self, value: float) -> bool:
        """Whether `value` lies between the ends, ends included."""
        return self.low <= value <= self.high

    def within(self, least: float = -math.inf, most: float = math.inf) -> Interval:
        """Return the interval with its ends inside the range in which the truth can lie.

        What is cut away holds no possible value, so that the coverage is the same. `half_width`
        stays, because precision is judged by it.

        Examples
        --------
        >>> found = mean_interval([0.0, 0.0, 3.0]).within(least=0.0)
        >>> found.mean, found.low, round(found.high, 1), round(found.half_width, 1)
        (1.0, 0.0, 5.3, 4.3)
        """
        if not (self.low < least or self.high > most):
            return self
        return replace(self, low=max(self.low, least), high=min(self.high, most))

    @property
    def relative_half_width(self) -> float:
        """Half width as a share of the size of the mean; nan for a mean of zero."""
        return self.half_width / abs(self.mean) if self.mean else math.nan


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of many measures at once, as columns of the same shape.

    The fields mean what they mean in `Interval`.
    """

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    half_width: NDArray[np.float64]
    n: NDArray[np.int64]
    level: float


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """What changes from one scenario to another, replication by replication.

    Attributes
    ----------
    interval
        Mean of *other minus base* with its interval [unit of the measure].
    variance_reduction
        (Var base + Var other) / Var difference: how many times more replications independent
        streams would have needed for the same width; 1 where pairing brought nothing.
    probability_positive
        Probability that the true difference is above zero, from Student's t with a flat prior;
        nan where every difference is exactly zero.
    """

    interval: Interval
    variance_reduction: float
    probability_positive: float

    @property
    def probability_of_sign(self) -> float:
        """Probability that the true difference has the sign of the estimate."""
        return max(self.probability_positive, 1 - self.probability_positive)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"A level lies between 0 and 1, for example 0.95; got {level}.")


def _student(level: float, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two-sided quantile of Student's t; nan without a degree of freedom."""
    usable = np.where(degrees >= 1, degrees, np.nan)
    return np.asarray(special.stdtrit(usable, (1 + level) / 2), dtype=np.float64)


def mean_intervals(values: ArrayLike, level: float = DEFAULT_LEVEL) -> Intervals:
    """Student-t intervals of the means over the first axis.

    Parameters
    ----------
    values
        One row a replication, any shape behind it [unit of the measure]; nan is left out.
    level
        Coverage of each interval by itself.

    Returns
    -------
        Columns of the shape behind the first axis.

    Raises
    ------
    ValueError
        If `values` has no axis of replications, or `level` is not between 0 and 1.
    """
    _check_level(level)
    table = np.asarray(values, dtype=np.float64)
    if table.ndim == 0:
        raise ValueError("An interval needs one value a replication; got a single number.")
    known = np.isfinite(table)
    n = known.sum(axis=0, dtype=np.int64)
    # Divisions by hand, because NumPy's nan functions warn about columns without any value.
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, table, 0.0).sum(axis=0) / n
        squares = np.where(known, table - mean, 0.0) ** 2
        deviation = np.sqrt(squares.sum(axis=0) / (n - 1))
        half_width = _student(level, n - 1.0) * deviation / np.sqrt(n)
    mean = np.asarray(np.where(n > 0, mean, np.nan), dtype=np.float64)
    half_width = np.asarray(np.where(n > 1, half_width, np.nan), dtype=np.float64)
    return Intervals(mean, mean - half_width, mean + half_width, half_width, np.asarray(n), level)


def mean_interval(values: ArrayLike, level: float = DEFAULT_LEVEL) -> Interval:
    """Student-t interval of the mean over replications.

    Parameters
    ----------
    values
        One value a replication [unit of the measure]; nan is left out.
    level
        Coverage.

    Returns
    -------
        The interval; its ends are nan for fewer than two values.

    Raises
    ------
    ValueError
        If `values` is not one-dimensional, or `level` is not between 0 and 1.

    Examples
    --------
    The mean of 1, 2, 3 is 2, its standard error 1/sqrt(3), and t(2 df, 97.5 %) is 4.303:

    >>> interval = mean_interval([1.0, 2.0, 3.0])
    >>> interval.mean, round(interval.half_width, 3)
    (2.0, 2.484)
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 1:
        raise ValueError(f"An interval needs one value a replication; got shape {table.shape}.")
    columns = mean_intervals(table, level)
    return Interval(
        mean=float(columns.mean),
        low=float(columns.low),
        high=float(columns.high),
        half_width=float(columns.half_width),
        n=int(columns.n),
        level=level,
    )


def prediction_interval(values: ArrayLike, level: float = DEFAULT_LEVEL) -> Interval:
    """Interval in which one further replication lies: by how much one year differs from another.

    Its half width is that of the mean times sqrt(n + 1), for the further value varies as well as
    the mean (Hahn and Meeker, Statistical Intervals, 1991, section 4.3). It does not shrink to
    nothing with more replications.

    Parameters
    ----------
    values
        One value a replication [unit of the measure]; nan is left out.
    level
        Coverage, if values are normal.

    Returns
    -------
        The interval; its ends are nan for fewer than two values.

    Examples
    --------
    Of 1, 2, 3 the deviation is 1: 4.303 x 1 x sqrt(1 + 1/3) on both sides.

    >>> interval = prediction_interval([1.0, 2.0, 3.0])
    >>> interval.mean, round(interval.half_width, 3)
    (2.0, 4.968)
    """
    of_mean = mean_interval(values, level)
    half_width = of_mean.half_width * math.sqrt(of_mean.n + 1)
    low, high = of_mean.mean - half_width, of_mean.mean + half_width
    return Interval(of_mean.mean, low, high, half_width, of_mean.n, level)


def simultaneous_level(level: float, comparisons: int) -> float:
    """Level of each of several intervals that shall all hold together (Bonferroni).

    Parameters
    ----------
    level
        Coverage of all intervals jointly.
    comparisons
        How many intervals there are.

    Returns
    -------
        Coverage that each interval needs by itself.

    Raises
    ------
    ValueError
        If there is no comparison, or `level` is not between 0 and 1.

    Examples
    --------
    >>> round(simultaneous_level(0.95, comparisons=5), 3)
    0.99
    """
    _check_level(level)
    if comparisons < 1:
        raise ValueError(f"There must be at least one comparison; got {comparisons}.")
    return 1 - (1 - level) / comparisons


def paired_difference(
    base: ArrayLike, other: ArrayLike, level: float = DEFAULT_LEVEL, *, comparisons: int = 1
) -> PairedDifference:
    """Difference *other minus base* of replications that share their random numbers.

    Parameters
    ----------
    base, other
        One value a replication, in the same order [unit of the measure]; a pair with a nan is left
        out.
    level
        Coverage, of all comparisons jointly if there are several.
    comparisons
        How many differences are shown together (Bonferroni).

    Returns
    -------
        The mean difference, its interval, and what pairing brought.

    Raises
    ------
    ValueError
        If the two are not one-dimensional and of the same length, or `level` is not between 0
        and 1.

    Notes
    -----
    Common random numbers and the paired t interval: Law, Simulation Modeling and Analysis,
    5th edition, sections 10.2 and 11.2.

    Examples
    --------
    >>> shift = paired_difference([10.0, 20.0, 30.0], [11.0, 22.0, 33.0])
    >>> shift.interval.mean, round(shift.variance_reduction, 1)
    (2.0, 221.0)
    """
    before = np.asarray(base, dtype=np.float64)
    after = np.asarray(other, dtype=np.float64)
    if before.ndim != 1 or before.shape != after.shape:
        raise ValueError(
            "Paired replications need two equally long rows of values; "
            f"got shapes {before.shape} and {after.shape}."
        )
    both = np.isfinite(before) & np.isfinite(after)
    before, after = before[both], after[both]
    difference = after - before
    interval = mean_interval(difference, simultaneous_level(level, comparisons))
    if interval.n < 2:
        return PairedDifference(interval, math.nan, math.nan)

    apart = float(before.var(ddof=1) + after.var(ddof=1))
    together = float(difference.var(ddof=1))
    if together > 0:
        error = math.sqrt(together / interval.n)
        positive = float(special.stdtr(interval.n - 1, interval.mean / error))
        return PairedDifference(interval, apart / together, positive)
    # A difference without any spread is certain, and pairing removed whatever spread there was.
    sign = {1.0: 1.0, -1.0: 0.0}.get(float(np.sign(interval.mean)), math.nan)
    return PairedDifference(interval, math.inf if apart > 0 else math.nan, sign)


def ratio_interval(
    numerators: ArrayLike, denominators: ArrayLike, level: float = DEFAULT_LEVEL
) -> Interval:
    """Ratio of sums over replications, with a jackknife interval.

    For a mean over people (days waited / people who waited) the replications with many people must
    count more, and the mean of their ratios would be biased.

    Parameters
    ----------
    numerators, denominators
        One sum a replication each [unit of the measure; people, days, ...]; a pair with a nan is
        left out.
    level
        Coverage.

    Returns
    -------
        The ratio of the two sums, so that a reader can check it from the sums. The width comes
        from leaving out one replication at a time; it is nan where a ratio so left is undefined.

    Raises
    ------
    ValueError
        If the two are not one-dimensional and of the same length, or `level` is not between 0
        and 1.

    Notes
    -----
    Miller (1974), The jackknife - a review, Biometrika 61; for simulation Law, 5th edition,
    section 9.5.

    Examples
    --------
    >>> ratio_interval([10.0, 0.0, 20.0], [5.0, 1.0, 4.0]).mean
    3.0
    """
    _check_level(level)
    top = np.asarray(numerators, dtype=np.float64)
    bottom = np.asarray(denominators, dtype=np.float64)
    if top.ndim != 1 or top.shape != bottom.shape:
        raise ValueError(
            "A ratio needs two equally long rows of sums; "
            f"got shapes {top.shape} and {bottom.shape}."
        )
    both = np.isfinite(top) & np.isfinite(bottom)
    top, bottom = top[both], bottom[both]
    n = int(both.sum())
    total = float(bottom.sum())
    ratio = float(top.sum()) / total if total else math.nan
    left = bottom.sum() - bottom
    if n < 2 or math.isnan(ratio) or not left.all():
        return Interval(ratio, math.nan, math.nan, math.nan, n, level)
    leaving_one_out = (top.sum() - top) / left
    error = math.sqrt((n - 1) * float(leaving_one_out.var()))
    half_width = float(_student(level, np.float64(n - 1) * np.ones(()))) * error
    return Interval(ratio, ratio - half_width, ratio + half_width, half_width, n, level)


def wilson_interval(successes: float, trials: int, level: float = DEFAULT_LEVEL) -> Interval:
    """Wilson's score interval of a proportion of independent trials.

    Parameters
    ----------
    successes
        How often it happened [trials].
    trials
        How often it could have happened [trials].
    level
        Coverage.

    Returns
    -------
        The share with its interval, which is not symmetric about it and stays between 0 and 1.

    Raises
    ------
    ValueError
        If there are more successes than trials, a negative number of either, or `level` is not
        between 0 and 1.

    Notes
    -----
    Wilson (1927), Journal of the American Statistical Association 22, pages 209-212. For trials
    within one replication, which are correlated, use `ratio_interval`.

    Examples
    --------
    Even without any success the upper end is above zero, near the "rule of three" over n:

    >>> never = wilson_interval(0, 100)
    >>> never.low, round(never.high, 3)
    (0.0, 0.037)
    """
    _check_level(level)
    if not 0 <= successes <= trials:
        raise ValueError(f"There cannot be {successes} successes in {trials} trials.")
    if trials == 0:
        return Interval(math.nan, 0.0, 1.0, 0.5, 0, level)
    z = float(special.ndtri((1 + level) / 2))
    share = successes / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    spread = share * (1 - share) / trials + (z / (2 * trials)) ** 2
    half_width = z * math.sqrt(spread) / (1 + z * z / trials)
    # Exact at the edges, where rounding would leave 1e-17.
    low = 0.0 if successes == 0 else centre - half_width
    high = 1.0 if successes == trials else centre + half_width
    return Interval(share, low, high, (high - low) / 2, trials, level)
