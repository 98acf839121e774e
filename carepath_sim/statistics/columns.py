"""Paired differences of many measures at once, one column each: the same figures, quicker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.statistics.intervals import DEFAULT_LEVEL, Intervals, mean_intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class PairedDifferences:
    """What changes, as columns of the same shape.

    The fields mean what they mean in `PairedDifference`.
    """

    intervals: Intervals
    variance_reduction: NDArray[np.float64]


def paired_differences(
    base: ArrayLike, other: ArrayLike, level: float = DEFAULT_LEVEL
) -> PairedDifferences:
    """Differences *other minus base* over the first axis; see `paired_difference`.

    Parameters
    ----------
    base, other
        One row a replication, one column a measure; a pair with a nan is left out.
    level
        Coverage of each interval by itself.

    Returns
    -------
        Columns of the shape behind the first axis.

    Raises
    ------
    ValueError
        If the two are not of the same shape.
    """
    before = np.asarray(base, dtype=np.float64)
    after = np.asarray(other, dtype=np.float64)
    if before.shape != after.shape:
        raise ValueError(f"Pairs need values of one shape; got {before.shape} and {after.shape}.")
    both = np.isfinite(before) & np.isfinite(after)
    before, after = np.where(both, before, np.nan), np.where(both, after, np.nan)
    intervals = mean_intervals(after - before, level)
    apart = _variance(before, intervals.n) + _variance(after, intervals.n)
    together = _variance(after - before, intervals.n)
    with np.errstate(invalid="ignore", divide="ignore"):
        certain = np.where(apart > 0, np.inf, np.nan)
        reduction = np.where(together > 0, apart / together, certain)
    return PairedDifferences(intervals, np.where(intervals.n >= 2, reduction, np.nan))


def _variance(values: NDArray[np.float64], n: NDArray[np.int64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / n
        found = (np.where(known, values - mean, 0.0) ** 2).sum(axis=0) / (n - 1)
    return np.asarray(found, dtype=np.float64)
