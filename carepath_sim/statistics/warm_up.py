"""Warm-up of series that start far from where they settle: Welch's method and MSER-5."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.statistics.intervals import Interval, mean_interval, mean_intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

BATCH: Final = 5
"""Observations in a batch of MSER-5."""
BEYOND_CHANCE: Final = 0.99
"""Level of the intervals by which what is left out differs from the rest."""
NEAR: Final = 0.05
"""Distance from the settled mean that counts as there, as a share of it."""


def averaged(values: ArrayLike) -> Floats:
    """Return the mean over replications of each day, shape `(day,)`.

    Parameters
    ----------
    values
        Shape `(replication, day)` [unit of the series].

    Raises
    ------
    ValueError
        If there is not one row a replication.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or not table.size:
        raise ValueError(f"A series needs a row a replication; got shape {table.shape}.")
    found: Floats = table.mean(axis=0)
    return found


def smoothed(series: ArrayLike, half_width: int) -> Floats:
    """Return Welch's moving average, which takes fewer days near the start.

    Parameters
    ----------
    series
        Averaged over replications, shape `(day,)`.
    half_width
        Days w on either side; at most a quarter of the series.

    Returns
    -------
        Shape `(day - w,)`: day i (from 1) is the mean of 2w + 1 days around it, or of 2i - 1
        where i <= w.

    Notes
    -----
    Welch (1983), The statistical analysis of simulation results, in Lavenberg (ed.), The Computer
    Performance Modeling Handbook; Law, Simulation Modeling and Analysis, 5th edition, section
    9.5.1.

    Examples
    --------
    >>> smoothed([0.0, 3.0, 6.0, 9.0], half_width=1).tolist()
    [0.0, 3.0, 6.0]
    """
    values = np.asarray(series, dtype=np.float64)
    total = np.concatenate(([0.0], np.cumsum(values)))
    day = np.arange(len(values) - half_width)
    w = np.minimum(day, half_width)
    found: Floats = (total[day + w + 1] - total[day - w]) / (2 * w + 1)
    return found


def settled_by_welch(series: ArrayLike, half_width: int) -> int | None:
    """Return from which day on the moving average is where it stays.

    That is the first day at which it comes within 5 % of the mean of the second half, or within the
    noise that it has there (three standard deviations about a line), and remains for as long as the
    moving average is wide. A picture shows more: `smoothed`.

    Parameters
    ----------
    series, half_width
        As in `smoothed`.

    Returns
    -------
        Number of days to leave out; None when it does not settle in the first half.
    """
    curve = smoothed(series, half_width)
    half = len(curve) // 2
    tail = curve[half:]
    level = float(tail.mean())
    band = max(NEAR * abs(level), 3 * _noise(tail), 1e-12)
    inside = np.abs(curve - level) <= band
    width = 2 * half_width + 1
    # How many of the next `width` days are inside, the end of the curve counting as inside.
    count = np.concatenate(([0], np.cumsum(np.concatenate((inside, np.ones(width, dtype=bool))))))
    stays = count[width : width + half + 1] - count[: half + 1] == width
    found = np.flatnonzero(stays)
    return int(found[0]) if found.size else None


def _noise(tail: Floats) -> float:
    """Return the standard deviation about a straight line, so that a trend is no noise."""
    if len(tail) < 3:
        return 0.0
    day = np.arange(len(tail), dtype=np.float64)
    return float(np.std(tail - np.polyval(np.polyfit(day, tail, 1), day)))


def mser5(series: ArrayLike) -> int | None:
    """Return how many days to leave out by the marginal standard error rule with batches of five.

    The number d of batches that minimises the squared deviations of the others from their mean,
    divided by the square of their number. Use it on series averaged over replications: on a single
    one with many zeros it finds nothing.

    Parameters
    ----------
    series
        Averaged over replications, shape `(day,)`.

    Returns
    -------
        Days to leave out, a multiple of five; None when the minimum lies in the second half, so
        that there is no stationary tail: the series is too short, or never settles.

    Notes
    -----
    White, Cobb & Spratt (2000), A comparison of five steady-state truncation heuristics for
    simulation, Winter Simulation Conference; Hoad, Robinson & Davies (2010), Automating warm-up
    length estimation, Journal of the Operational Research Society 61. The last five batches are
    not tried, because few observations may be alike by chance.

    Examples
    --------
    >>> mser5([0.0] * 20 + [5.0, 6.0, 5.0, 4.0, 5.0] * 20)
    20
    """
    z = _batches(np.asarray(series, dtype=np.float64))
    return None if z is None else _best_cut(z, np.ones(len(z), dtype=bool))


def mser5_beyond_chance(values: ArrayLike) -> int | None:
    """Return how many days to leave out by MSER-5, of cuts that leave out something else.

    A cut is tried only when the mean of what it leaves out differs from the mean of the rest beyond
    chance: paired over replications, Student's t, 99 %. Where the two halves do not differ so, no
    end is sought in the second. MSER-5 by itself cuts behind the last large
    wave of a series that is mostly zero, such as a queue that seldom forms, wherever luck has put
    that wave; with other replications it cuts elsewhere, or finds no end.

    Parameters
    ----------
    values
        Shape `(replication, day)`; of a single replication all cuts are tried.

    Returns
    -------
        As of `mser5`; 0 when nothing that could be left out differs.

    Examples
    --------
    A wave in one of four replications is luck, an empty beginning of all four is not:

    >>> quiet = np.tile([1.0, 2.0, 3.0, 2.0, 1.0], (4, 40))
    >>> wave = quiet.copy()
    >>> wave[0, 60:80] += 30
    >>> empty = quiet.copy()
    >>> empty[:, :20] = 0
    >>> mser5(averaged(wave)), mser5_beyond_chance(wave), mser5_beyond_chance(empty)
    (80, 0, 20)
    """
    table = np.asarray(values, dtype=np.float64)
    z = _batches(averaged(table))
    if z is None:
        return None
    n, k = len(table), len(z)
    if n < 2:
        return _best_cut(z, np.ones(k, dtype=bool))
    each = table[:, : k * BATCH].reshape(n, k, BATCH).mean(axis=2)
    before = np.cumsum(each, axis=1)[:, :-1]
    number = np.arange(1, k)
    apart = before / number - (each.sum(axis=1, keepdims=True) - before) / (k - number)
    found = mean_intervals(apart, BEYOND_CHANCE)
    differs = np.concatenate(([True], (found.low > 0) | (found.high < 0)))
    if not differs[k // 2]:
        # Halves that do not differ are no sign of a series that never settles; a quiet end is one
        # of the ways in which seldom queues happen to be.
        differs[k // 2 :] = False
    return _best_cut(z, differs)


def _batches(values: Floats) -> Floats | None:
    """Return the means of batches; None of a series too short to have a tail."""
    k = len(values) // BATCH
    if k < 4 * BATCH:
        return None
    found: Floats = values[: k * BATCH].reshape(k, BATCH).mean(axis=1)
    return found


def _best_cut(z: Floats, allowed: NDArray[np.bool_]) -> int | None:
    """Return the days before the best of the cuts that are allowed; None in the second half."""
    k = len(z)
    # Sums over batches d, d + 1, ..., of numbers near zero, so that little is lost.
    z = z - z.mean()
    left = k - np.arange(k)
    sums, squares = (np.cumsum(x[::-1])[::-1] for x in (z, z**2))
    error = np.maximum(0.0, squares - sums**2 / left) / left.astype(np.float64) ** 2
    tried = np.where(allowed, error, np.inf)[: k - BATCH]
    # Of equal minima the first: a constant series needs no warm-up.
    best = int(np.flatnonzero(tried <= tried.min() + 1e-12 * float(error[0]))[0])
    return None if best >= k / 2 else best * BATCH


def cumulative_mean(series: ArrayLike) -> Floats:
    """Return the mean of the days so far: a cross-check only, because it forgets slowly."""
    values = np.asarray(series, dtype=np.float64)
    found: Floats = np.cumsum(values) / np.arange(1, len(values) + 1)
    return found


def drift(values: ArrayLike, *, comparisons: int = 1, level: float = 0.99) -> Interval:
    """Change from the third to the last quarter of the series, over replications.

    Parameters
    ----------
    values
        Shape `(replication, day)`.
    comparisons
        How many series are looked at together.
    level
        Coverage, of all of them jointly.

    Returns
    -------
        Mean change with its Student-t interval [unit of the series].
    """
    table = np.asarray(values, dtype=np.float64)
    quarter = table.shape[1] // 4
    third, last = table[:, -2 * quarter : -quarter], table[:, -quarter:]
    return mean_interval(last.mean(axis=1) - third.mean(axis=1), 1 - (1 - level) / comparisons)


def fills_in(survival: Floats, times: Floats, share: float) -> float:
    """Return after how long a place that starts empty holds a share of its final number.

    Parameters
    ----------
    survival
        P(stay > t), shape `(knot,)`.
    times
        The times t, rising from 0 to where nobody is left, same shape.
    share
        Share of the number in the long run.

    Notes
    -----
    With Poisson arrivals at a constant rate and room for everybody the mean number at t is the
    final one times F_e(t) = integral of P(stay > u) from 0 to t / mean stay, whatever the stay
    (Eick, Massey & Whitt 1993, The physics of the M_t/G/infinity queue, Operations Research 41).

    Examples
    --------
    Exponential stays of mean 1 hold 95 % after ln 20 = 3.00:

    >>> t = np.linspace(0, 40, 40_001)
    >>> round(fills_in(np.exp(-t), t, 0.95), 2)
    3.0
    """
    pieces = np.diff(times) * (survival[1:] + survival[:-1]) / 2
    filled = np.concatenate(([0.0], np.cumsum(pieces)))
    if not filled[-1] > 0:
        return 0.0
    return float(np.interp(share, filled / filled[-1], times))


def half_width_of(days: int) -> int:
    """Return the days w on either side of a moving average, in whole weeks: 2w + 1 = 7, 21, 35, ...

    About a twentieth of the series, so that weekends vanish and a rise does not.

    >>> half_width_of(100), half_width_of(365), half_width_of(2000)
    (3, 10, 52)
    """
    weeks = max(1, 2 * math.floor(days / 20 / 14) + 1)
    return min((7 * weeks - 1) // 2, max(1, days // 4))
