"""Differences of scenarios whose replications share no luck."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from carepath_sim.statistics.intervals import (
    DEFAULT_LEVEL,
    Interval,
    PairedDifference,
    paired_difference,
    simultaneous_level,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def unpaired_difference(
    base: ArrayLike, other: ArrayLike, level: float = DEFAULT_LEVEL, *, comparisons: int = 1
) -> PairedDifference:
    """Difference *other minus base* of replications with independent random numbers.

    Parameters
    ----------
    base, other
        One value a replication [unit of the measure]; nan is left out. They may differ in number.
    level
        Coverage, of all comparisons jointly if there are several.
    comparisons
        How many differences are shown together (Bonferroni).

    Returns
    -------
        The difference of the means with its interval; `variance_reduction` is 1, because there is
        no pairing, and nan where nothing varies.

    Notes
    -----
    Welch (1947), The generalization of Student's problem when several different population
    variances are involved, Biometrika 34; degrees of freedom by Satterthwaite (1946).

    Examples
    --------
    >>> unpaired_difference([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]).interval.mean
    1.0
    """
    each = simultaneous_level(level, comparisons)
    before, after = (np.asarray(a, dtype=np.float64) for a in (base, other))
    before, after = before[np.isfinite(before)], after[np.isfinite(after)]
    n = min(len(before), len(after))
    if n < 2:
        mean = float(after.mean() - before.mean()) if n else math.nan
        return PairedDifference(
            Interval(mean, math.nan, math.nan, math.nan, n, each), math.nan, math.nan
        )
    mean = float(after.mean() - before.mean())
    parts = np.array([x.var(ddof=1) / len(x) for x in (before, after)])
    error = math.sqrt(float(parts.sum()))
    if error == 0:
        certain = paired_difference(before[:n], after[:n], level, comparisons=comparisons)
        return PairedDifference(certain.interval, math.nan, certain.probability_positive)
    degrees = float(parts.sum() ** 2 / (parts**2 / [len(before) - 1, len(after) - 1]).sum())
    half = float(special.stdtrit(degrees, (1 + each) / 2)) * error
    interval = Interval(mean, mean - half, mean + half, half, n, each)
    return PairedDifference(interval, 1.0, float(special.stdtr(degrees, mean / error)))
