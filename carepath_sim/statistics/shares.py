"""Intervals of shares over replications, which never leave the range from 0 to 1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.statistics.intervals import Interval, ratio_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def share_interval(numerators: ArrayLike, denominators: ArrayLike, level: float = 0.95) -> Interval:
    """Share of sums over replications, with an interval that stays between 0 and 1.

    The jackknife of `ratio_interval` gives the standard error; the interval is symmetric about the
    log-odds of the share, and turned back into shares it is not symmetric about the share.

    Parameters
    ----------
    numerators, denominators
        One sum a replication each [people, days, ...]; a pair with a nan is left out.
    level
        Coverage.

    Returns
    -------
        The share with its interval; `half_width` is half its length. A share that was 0, or 1, in
        every replication has no width: how rare it is, the replications do not tell.

    Notes
    -----
    With share p and standard error s the log-odds have the standard error s / (p (1 - p)) (delta
    method); Agresti (2013), Categorical Data Analysis, 3rd edition, section 3.1. Quantities that
    are called shares and can be larger than 1 (people beside a full pool) are ratios like others:
    when one replication shows that, the interval is that of `ratio_interval`.

    Examples
    --------
    Where the symmetric interval would pass 1, this one does not:

    >>> found = share_interval([10, 10, 8], [10, 10, 10])
    >>> round(found.mean, 3), round(found.high, 3)
    (0.933, 0.999)
    """
    top, bottom = (np.asarray(a, dtype=np.float64) for a in (numerators, denominators))
    plain = ratio_interval(top, bottom, level)
    with np.errstate(invalid="ignore"):
        outside = bool(np.any((top < 0) | (top > bottom * (1 + 1e-12))))
    p = plain.mean
    if outside or not 0 < p < 1 or not plain.half_width > 0:
        return plain
    centre, spread = math.log(p / (1 - p)), plain.half_width / (p * (1 - p))
    low, high = _share(centre - spread), _share(centre + spread)
    return Interval(p, low, high, (high - low) / 2, plain.n, level)


def _share(log_odds: float) -> float:
    """Return the share with some log-odds, without overflow at either end."""
    small = math.exp(-abs(log_odds))
    return small / (1 + small) if log_odds < 0 else 1 / (1 + small)
