"""Intervals that hold however often one looks, and so allow to stop early."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from carepath_sim.statistics.intervals import DEFAULT_LEVEL, Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

SPREAD: Final = 1.0
"""Variance of the mixture over sizes of the mean [standard deviations squared]: what is looked for
is expected to be of about the size of the differences between replications."""


def sequential_interval(
    values: ArrayLike, level: float = DEFAULT_LEVEL, *, spread: float = SPREAD
) -> Interval:
    """Interval of a mean that holds at every number of replications at once.

    An ordinary interval may be looked at once. Who looks after every batch and stops when it suits
    them is wrong far more often than one time in twenty. This one is wider, and holds at all looks
    together: stop when it says enough.

    Parameters
    ----------
    values
        One value a replication [unit of the measure]; nan is left out.
    level
        Probability that the interval holds the mean at every number of replications, when the
        values are normal.
    spread
        Where it is narrowest; any value is valid when it is chosen beforehand.

    Returns
    -------
        The interval; without ends while there are too few values to say anything.

    Raises
    ------
    ValueError
        If `values` has another shape, or `level` is not between 0 and 1.

    Notes
    -----
    The values of the mean for which the Bayes factor of the t test stays below 1 / (1 - level),
    with a normal prior of the effect size and the right Haar prior of the variance. Under that
    prior the Bayes factor is a martingale whatever the variance (Hendriksen, de Heide and Gruenwald
    2021, Optional stopping with Bayes factors, Bayesian Analysis 16), so that Ville's inequality
    bounds the chance of ever leaving the interval. The factor is that of Rouder and others (2009),
    Bayesian t tests, Psychonomic Bulletin and Review 16, for a fixed spread g:
    (1 + ng)^(-1/2) [(1 + t^2/v) / (1 + t^2/(v (1 + ng)))]^(n/2) with v = n - 1.

    Examples
    --------
    Wider than Student's interval at any one look:

    >>> found = sequential_interval([float(k % 4) for k in range(20)])
    >>> found.mean, round(found.half_width, 2)
    (1.5, 0.88)
    """
    if not 0 < level < 1:
        raise ValueError(f"A level lies between 0 and 1, for example 0.95; got {level}.")
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 1:
        raise ValueError(f"An interval needs one value a replication; got shape {table.shape}.")
    known = table[np.isfinite(table)]
    n = len(known)
    mean = float(known.mean()) if n else math.nan
    half = _half_width(known, level, spread) if n > 1 else math.inf
    if not math.isfinite(half):
        return Interval(mean, math.nan, math.nan, math.nan, n, level)
    return Interval(mean, mean - half, mean + half, half, n, level)


def sign_of_mean(values: ArrayLike, level: float = DEFAULT_LEVEL) -> int:
    """Tell whether a mean is below or above zero: -1, 1, or 0 while it cannot be told.

    May be asked after every replication; the chance that any answer is ever wrong is at most
    1 - level.
    """
    found = sequential_interval(values, level)
    if found.low > 0:
        return 1
    return -1 if found.high < 0 else 0


def probability_below(values: ArrayLike) -> float:
    """Probability that a mean is at or below zero, from Student's t with a flat prior.

    Returns
    -------
        Between 0 and 1; nan for fewer than two values.
    """
    table = np.asarray(values, dtype=np.float64)
    known = table[np.isfinite(table)]
    if len(known) < 2:
        return math.nan
    mean, error = float(known.mean()), float(known.std(ddof=1)) / math.sqrt(len(known))
    if error == 0:
        return 1.0 if mean <= 0 else 0.0
    return float(special.stdtr(len(known) - 1, -mean / error))


def _half_width(known: np.ndarray, level: float, spread: float) -> float:
    n = len(known)
    grown = 1 + n * spread
    # The bound of the Bayes factor, solved for t^2 / v.
    bound = math.exp((math.log(grown) - 2 * math.log1p(-level)) / n)
    if bound >= grown:
        return math.inf
    squared = (n - 1) * (bound - 1) / (1 - bound / grown)
    return math.sqrt(squared / n) * float(known.std(ddof=1))
