"""Levels over time: how many are there at every instant, for many groups at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.measures.arrays import expand, ratio, summed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.measures.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class Course:
    """Step functions of several quantities by group, between 0 and the end of the window.

    Attributes
    ----------
    group
        Group of each step, ascending, shape `(step,)`.
    duration
        How long it lasts [ms], above 0.
    level
        Levels during it, shape `(quantity, step)`.
    groups
        Number of groups.
    """

    group: Ints
    duration: Ints
    level: Ints
    groups: int

    def integral(self, values: Ints | Floats | Bools) -> Floats:
        """Return the integral over time of something constant during each step, by group."""
        return summed(self.group, values * self.duration, self.groups)

    @cached_property
    def length(self) -> Floats:
        """Length of time by group [ms]."""
        return self.integral(np.ones(len(self.group)))


def course(
    groups: int, window: int, flows: Sequence[tuple[int, Ints, Ints, Ints]], quantities: int
) -> Course:
    """Return step functions from their changes.

    Parameters
    ----------
    groups, window
        Number of groups, and the end of the window [ms]; every group lasts from 0 to there.
    flows
        For each quantity any number of (quantity, group, instant [ms], change); changes before 0
        make up the level at 0, those at or after the end do not count.
    quantities
        Number of quantities.
    """
    everyone = np.arange(groups, dtype=np.int64)
    group = np.concatenate([everyone, *(flow[1] for flow in flows)])
    t = np.concatenate([np.zeros_like(everyone), *(flow[2] for flow in flows)])
    keep = t < window
    group, t = group[keep], np.maximum(t[keep], 0)
    order = np.argsort(group * window + t, kind="stable")
    group, t = group[order], t[order]
    last = np.ones(len(group), dtype=np.bool_)
    last[:-1] = group[1:] != group[:-1]
    duration = np.append(t[1:], window) - t
    duration[last] = window - t[last]
    steps = duration > 0
    level = np.zeros((quantities, int(steps.sum())), dtype=np.int64)
    sizes = np.cumsum([groups, *(len(flow[1]) for flow in flows)])
    start = np.flatnonzero(np.append(True, last[:-1])) if len(group) else everyone
    for quantity in range(quantities):
        change = np.zeros(sizes[-1], dtype=np.int64)
        for k, flow in enumerate(flows):
            if flow[0] == quantity:
                change[sizes[k] : sizes[k + 1]] = flow[3]
        total = np.cumsum(change[keep][order])
        # The sum runs on over all groups: take off what the groups before have left.
        before = np.append(0, total)[start]
        level[quantity] = (total - before[group])[steps]
    return Course(group[steps], duration[steps], level, groups)


@dataclass(frozen=True)
class Distribution:
    """How a level is distributed over time.

    Attributes
    ----------
    levels
        Levels that occur, ascending.
    shares
        Shares of time; they sum to 1.
    """

    levels: Ints
    shares: Floats

    def cumulative(self, n: int) -> float:
        """Return P(N <= n)."""
        return float(self.shares[self.levels <= n].sum())

    def share(self, n: int) -> float:
        """Return P(N = n)."""
        return float(self.shares[self.levels == n].sum())

    def p_delay(self, n: int) -> float:
        """Return P(N = n) / P(N <= n): the chance to be delayed with n places.

        To be read from a run with unlimited capacity (Monks et al. 2016, BMC Health Services
        Research 16:530); nan where so few are never there.
        """
        below = self.cumulative(n)
        return self.share(n) / below if below > 0 else float("nan")


def distributions(found: Course, quantity: int) -> list[Distribution]:
    """Return the distribution over time of a quantity, for each group."""
    level = found.level[quantity]
    result = []
    for group in range(found.groups):
        first, last = np.searchsorted(found.group, (group, group + 1))
        levels, place = np.unique(level[first:last], return_inverse=True)
        spent = summed(place, found.duration[first:last], len(levels))
        result.append(Distribution(levels, spent / max(spent.sum(), 1.0)))
    return result


def percentiles(found: Course, quantity: int, shares: Sequence[float]) -> Floats:
    """Return percentiles over time by group, shape `(share, group)`; nan for groups without steps.

    A percentile is the least level that is not exceeded for at least this share of the time.
    """
    level = found.level[quantity]
    low, high = np.zeros(found.groups, dtype=np.int64), np.zeros(found.groups, dtype=np.int64)
    owners, at = _begins(found.group)
    if len(at):
        low[owners] = np.minimum(np.minimum.reduceat(level, at), 0)
        high[owners] = np.maximum(np.maximum.reduceat(level, at), 0)
    width = high - low + 1
    first = np.cumsum(width) - width
    place = first[found.group] + level - low[found.group]
    spent = summed(place, found.duration, int(width.sum()))
    group, number = expand(width)
    below = np.cumsum(spent) - np.append(0.0, np.cumsum(spent))[first[group]]
    # Times are whole numbers of ms, so sums are exact; the margin is for the shares' own rounding.
    result = np.full((len(shares), found.groups), np.nan)
    for k, share in enumerate(shares):
        reached = below >= share * found.length[group] * (1 - 1e-12)
        at = np.flatnonzero(reached & (found.length[group] > 0))
        owners, place = _begins(group[at])
        result[k, owners] = number[at[place]] + low[owners]
    return result


def _begins(group: Ints) -> tuple[Ints, Ints]:
    """Return the different values of an ascending array, and where each begins."""
    at = np.flatnonzero(np.append(True, group[1:] != group[:-1])) if len(group) else group
    return group[at], at


def peak(found: Course, quantity: int) -> Floats:
    """Return the highest level by group."""
    result = np.full(found.groups, np.nan)
    owners, at = _begins(found.group)
    if len(at):
        result[owners] = np.maximum.reduceat(found.level[quantity], at)
    return result


def mean(found: Course, values: Ints | Floats | Bools) -> Floats:
    """Return the mean over time by group."""
    return ratio(found.integral(values), found.length)
