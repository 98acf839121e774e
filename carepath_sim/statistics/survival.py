"""Lengths of stay as they were seen, and whether a fitted law agrees with them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats

from carepath_sim.statistics.length_fits import Lengths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepath_sim.statistics.length_fits import LengthFit

    Floats = NDArray[np.float64]

LEAST: Final = 5.0
"""Stays that are expected to end in a bin, at least."""


@dataclass(frozen=True, eq=False)
class Survival:
    """Share of stays that are longer than so many days, by Kaplan and Meier.

    Attributes
    ----------
    days
        Lengths at which stays ended [d], or numbers of nights; rising.
    share
        Share that is longer.
    low, high
        95 % interval at each (log-minus-log of Greenwood's variance).
    ended, at_risk
        Stays that ended then, and those that had lasted that long.
    """

    days: Floats
    share: Floats
    low: Floats
    high: Floats
    ended: Floats
    at_risk: Floats


def kaplan_meier(data: Lengths) -> Survival:
    """Return the product-limit estimate; intervals count at their middle.

    Kaplan & Meier (1958), J. Am. Stat. Assoc. 53:457-481; the interval is that of Kalbfleisch &
    Prentice (1980), The Statistical Analysis of Failure Time Data, section 1.3. Who is known to be
    there after n nights counts as at risk for n nights, and not for the n-th ending.
    """
    over = data.over
    ends = np.unique(data.middle[over])
    ended = np.array([data.weight[over & (data.middle == day)].sum() for day in ends])
    # A stay of n nights that goes on may still end in the night n itself.
    until = np.where(over, data.middle, np.where(data.nights, data.low - 1, data.low))
    at_risk = np.array([data.weight[until >= day].sum() for day in ends])
    share = np.cumprod(1 - ended / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(ended / (at_risk * (at_risk - ended)))
        log = np.log(share)
        half = 1.96 * np.sqrt(variance) / np.abs(log)
        low, high = share ** np.exp(half), share ** np.exp(-half)
    sane = (share > 0) & (share < 1)
    return Survival(
        ends, share, np.where(sane, low, share), np.where(sane, high, share), ended, at_risk
    )


@dataclass(frozen=True)
class Goodness:
    """How far a law agrees with what was seen.

    Attributes
    ----------
    statistic, freedom, p
        Chi-squared of stays that ended in each bin, and how often chance alone gives as much; p is
        nan where there are too few stays for a test.
    bins
        From, to [d], stays that ended between them, and stays expected to.
    distance
        Largest difference between the shares that are over.
    """

    statistic: float
    freedom: int
    p: float
    bins: tuple[tuple[float, float, float, float], ...]
    distance: float

    @property
    def worst(self) -> tuple[float, float, float, float] | None:
        """The bin that agrees least."""
        if not self.bins:
            return None
        return max(self.bins, key=lambda one: (one[2] - one[3]) ** 2 / max(one[3], 1e-9))


def goodness(fit: LengthFit, data: Lengths) -> Goodness:
    """Hold a fitted law against the stays it was fitted to.

    Stays expected to end in a bin are the sum of the hazard over all who were there in it, so that
    censored stays count for as long as they were seen; Akritas (1988), J. Am. Stat. Assoc.
    83:222-230. One degree of freedom is lost for each parameter, which is approximate.
    """
    seen = kaplan_meier(data)
    if data.nights.any():
        edges, expected = _by_night(fit, data, seen)
    else:
        edges, expected = _by_quantile(fit, data, seen)
    law_over = _share_over(fit, data, seen.days)
    distance = float(np.max(np.abs((1 - seen.share) - law_over), initial=0.0))
    bins = _pooled(edges, expected, seen)
    freedom = len(bins) - len(fit.theta)
    statistic = float(sum((o - e) ** 2 / e for _, _, o, e in bins if e > 0))
    p = float(stats.chi2.sf(statistic, freedom)) if freedom > 0 else float("nan")
    return Goodness(statistic, max(freedom, 0), p, tuple(bins), distance)


def _share_over(fit: LengthFit, data: Lengths, days: Floats) -> Floats:
    """Share that is over by then, of lengths or of nights as they are counted."""
    nights = np.full(len(days), bool(data.nights.any()))
    return Lengths.chances(fit.law, np.full(len(days), -1.0), days, nights)


def _by_night(fit: LengthFit, data: Lengths, seen: Survival) -> tuple[Floats, Floats]:
    """Expected endings by number of nights, from the hazard of the law at each."""
    last = int(max(seen.days.max(), data.low.max())) + 1
    nights = np.arange(last, dtype=float)
    yes = np.ones(last, dtype=bool)
    ends = Lengths.chances(fit.law, nights, nights, yes)
    goes_on = Lengths.chances(fit.law, nights, np.full(last, np.inf), yes)
    until = np.where(data.over, np.floor(data.middle), data.low - 1)
    counts = np.bincount(
        np.clip(until, 0, last - 1).astype(int), weights=data.weight * (until >= 0), minlength=last
    )
    at_risk = counts[::-1].cumsum()[::-1]
    expected = at_risk * ends / np.maximum(goes_on, 1e-12)
    return np.arange(last + 1, dtype=float), expected


def _by_quantile(fit: LengthFit, data: Lengths, seen: Survival) -> tuple[Floats, Floats]:
    """Expected endings between quantiles of the endings that were seen."""
    number = int(min(20, max(2, data.completed // 15)))
    inner = np.interp(
        np.arange(1, number) / number, np.cumsum(seen.ended) / seen.ended.sum(), seen.days
    )
    edges = np.concatenate(([0.0], np.unique(inner), [np.inf]))
    time = np.maximum(data.middle, 1e-9)
    hazard = [_cumulated(fit, np.minimum(time, edge)) for edge in edges]
    expected = [float(data.weight @ (b - a)) for a, b in itertools.pairwise(hazard)]
    return edges, np.array(expected)


def _cumulated(fit: LengthFit, days: Floats) -> Floats:
    found: Floats = -np.log(np.maximum(1 - fit.law.cdf(days), 1e-12))
    return found


def _pooled(
    edges: Floats, expected: Floats, seen: Survival
) -> list[tuple[float, float, float, float]]:
    """Put neighbouring bins together until each expects enough."""
    last = len(expected) - 1
    # A bin holds the endings above its lower edge, up to its upper; of nights those at its lower.
    whole = np.isfinite(edges[-1])
    which = np.searchsorted(edges, seen.days, side="right" if whole else "left") - 1
    observed = np.bincount(np.clip(which, 0, last), weights=seen.ended, minlength=last + 1)
    bins: list[tuple[float, float, float, float]] = []
    begin, o, e = 0, 0.0, 0.0
    for k in range(last + 1):
        o, e = o + observed[k], e + expected[k]
        if e >= LEAST:
            bins.append((float(edges[begin]), float(edges[k + 1]), o, e))
            begin, o, e = k + 1, 0.0, 0.0
    if e > 0 and bins:
        a, _, first, second = bins.pop()
        bins.append((a, float(edges[-1]), first + o, second + e))
    return bins
