"""Warm-up of series that start far from where they settle: Welch's method and MSER-5."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.statistics.intervals import Interval, mean_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

BATCH: Final = 5
"""Observations in a batch of MSER-5."""
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
    values = np.asarray(series, dtype=np.float64)
    k = len(values) // BATCH
    if k < 4 * BATCH:
        return None
    z = values[: k * BATCH].reshape(k, BATCH).mean(axis=1)
    # Sums over batches d, d + 1, ..., of numbers near zero, so that little is lost.
    z = z - z.mean()
    left = k - np.arange(k)
    sums, squares = (np.cumsum(x[::-1])[::-1] for x in (z, z**2))
    error = np.maximum(0.0, squares - sums**2 / left) / left.astype(np.float64) ** 2
    tried = error[: k - BATCH]
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
