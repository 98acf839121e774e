"""The knee of a curve: where more begins to bring much less."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEAST: Final = 0.05
"""A curve that keeps closer to its chord than this has no knee [share of its height]."""


@dataclass(frozen=True, slots=True)
class Knee:
    """Where a curve bends, with its uncertainty.

    Attributes
    ----------
    x
        The point of the curve farthest from the line between its ends; nan where there is none.
    low, high
        Points between which the knee lies in `level` of the resampled curves.
    share
        Share of the resampled curves with the knee at `x`.
    distance
        How far the curve lies from that line at `x` [share of its height].
    level
        Coverage that is aimed at.
    reason
        Why there is none, or an empty text.
    """

    x: float
    low: float
    high: float
    share: float
    distance: float
    level: float
    reason: str = ""


def knee(
    x: ArrayLike,
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 1,
) -> Knee:
    """Find the knee of a curve that flattens out.

    Parameters
    ----------
    x
        Points of the curve, in order.
    values
        Shape `(replication, point)`: replications that share their random numbers over the points.
    weights
        For shares: how many people each was counted among; the curve is then a ratio of sums.
    level
        Coverage of the interval.
    resamples
        How often the replications are drawn anew.
    seed
        Start of these draws.

    Returns
    -------
        The knee; without one (a straight line, a curve that bends the other way or does not
        change) with the reason.

    Raises
    ------
    ValueError
        If there are fewer than three points, or shapes do not agree.

    Notes
    -----
    The point with the greatest distance from the chord, x and y scaled to their ranges: Satopaa,
    Albrecht, Irwin and Raghavan (2011), Finding a "kneedle" in a haystack. Its interval: bootstrap
    of whole replications, so that what the points share stays shared. It depends on the range that
    is looked at: a chord that reaches farther out has another farthest point.

    Examples
    --------
    >>> found = knee([0, 1, 2, 3, 4], [[8.0, 4.0, 1.0, 0.5, 0.0]] * 5)
    >>> found.x, found.low, found.high, found.distance
    (2.0, 2.0, 2.0, 0.375)
    """
    points = np.asarray(x, dtype=np.float64)
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(points) or len(points) < 3:
        raise ValueError(
            "A knee needs at least three points, and values of shape (replication, point); got "
            f"{len(points)} points and shape {table.shape}."
        )
    known = np.isfinite(table)
    weight = known.astype(np.float64) if weights is None else np.asarray(weights, dtype=np.float64)
    top = np.where(known, table, 0.0) * weight
    distances = _distances(points, _curve(np.ones((1, len(table))), top, weight))[0]
    at = int(np.argmax(distances))
    draws = np.random.default_rng(seed).multinomial(
        len(table), np.full(len(table), 1 / len(table)), size=resamples
    )
    again = _distances(points, _curve(draws.astype(np.float64), top, weight))
    again = again[np.isfinite(again).all(axis=1)]
    if not math.isfinite(distances[at]) or not len(again):
        return _none(level, "the curve does not change between its ends")
    tail = (1 - level) / 2
    # A curve that is all noise bends somewhere in every resample, but not always there.
    if float(np.quantile(again[:, at], tail)) < LEAST:
        return _none(level, "the curve is straight, or too uncertain to tell where it bends")
    found = points[np.argmax(again, axis=1)]
    low, high = np.quantile(found, [tail, 1 - tail], method="inverted_cdf")
    share = float(np.mean(found == points[at]))
    return Knee(float(points[at]), float(low), float(high), share, float(distances[at]), level)


def _curve(
    counts: NDArray[np.float64], top: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return means of resampled replications, shape `(resample, point)`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(counts @ top / (counts @ weight))


def _distances(points: NDArray[np.float64], curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far curves lie on the flat side of their chords [share of their height]."""
    along = (points - points[0]) / (points[-1] - points[0])
    first, last = curves[:, :1], curves[:, -1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        height = (curves - last) / (first - last)
    return np.asarray(1 - along - height)


def _none(level: float, reason: str) -> Knee:
    return Knee(math.nan, math.nan, math.nan, 0.0, 0.0, level, reason)
