"""How many replications an interval needs where a few values of many are far from the others.

Student's interval takes the mean of replications for normal. Where they are skewed it holds the
truth less often than it says: to first order a two-sided interval of 95 % by 25 percentage points
times the squared skewness of the replications, by their number (Hall, The Bootstrap and Edgeworth
Expansion, 1992, section 2.6; Johnson 1978 and Boos and Hughes-Oliver 2000 on the same error).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from carepath_sim.statistics.intervals import DEFAULT_LEVEL

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

LEAST = 8
"""Values [replications] from which on a skewness can be told from luck at all."""

CHANCE = 0.002
"""How often as many normal values look so skewed, to either side."""

CLEARLY, ENOUGH = 0.04, 0.02
"""Loss of coverage that is told, and that is put up with."""


def lost_coverage(skewness: float, n: int, level: float = DEFAULT_LEVEL) -> float:
    """Return what Student's interval lacks of its level, to first order.

    Parameters
    ----------
    skewness
        Third central moment of a replication, in standard deviations.
    n
        Number of values [replications].
    level
        Coverage that is aimed at.

    Examples
    --------
    Exponential values, of which an interval of 20 holds the mean in 92 of 100 experiments (90 to
    first order):

    >>> round(lost_coverage(2.0, 20), 3)
    0.049
    """
    z = stats.norm.ppf((1 + level) / 2)
    return float(stats.norm.pdf(z) * z * (z**4 + 2 * z**2 - 3) / 9 * skewness**2 / n)


def replications_for_skewed(values: ArrayLike, level: float = DEFAULT_LEVEL) -> int | None:
    """Return how many replications would do, where so few clearly do not.

    Parameters
    ----------
    values
        One a replication [any unit]; nan is left out.
    level
        Coverage that is aimed at.

    Returns
    -------
        A number [replications] with which 2 of 100 intervals more than should miss the truth;
        None where the values are not clearly too skewed for their number: their skewness would
        come by chance (D'Agostino 1970), or costs fewer than 4 of 100 intervals.
    """
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    n = len(x)
    if n < LEAST or np.ptp(x) <= 1e-9 * np.abs(x).max():
        return None
    if stats.skewtest(x).pvalue >= CHANCE:
        return None
    skewness = float(stats.skew(x, bias=False))
    if lost_coverage(skewness, n, level) <= CLEARLY:
        return None
    needed = lost_coverage(skewness, 1, level) / ENOUGH
    return 10 * math.ceil(needed / 10)
