"""Mean times of the traffic equations: lengths of stay, hours that gate moves, stays cut short."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.build import spec_of
from carepath_sim.plan.distributions import law_of
from carepath_sim.plan.tables import WEEK

if TYPE_CHECKING:
    from carepath_sim.plan.laws import Array, Law
    from carepath_sim.scenario.values import Distribution, Hours

FAR = math.inf

GRID = np.arange(0, WEEK, WEEK // 672, dtype=np.float64)
"""A week in steps of a quarter of an hour [ms from Monday 00:00]."""

WEEK_TO_WORK = 7 / 5
"""Elapsed time that passes in a unit of working time, bank holidays left aside."""

OCTAVES = 40
"""Panels below a longest stay, each half as long as the next: down to a trillionth of it."""


@lru_cache(maxsize=4096)
def lengths(distribution: Distribution, longest: float = FAR) -> tuple[float, float, float]:
    """Return what is needed of the length of a stay X that ends at the latest after `longest`.

    Parameters
    ----------
    distribution
        Distribution of X [ms].
    longest
        End of the stay whatever is drawn [ms]; infinite: none.

    Returns
    -------
    tuple
        Mean of min(X, longest) [ms], its second moment [ms^2], and P(X > longest).

    Notes
    -----
    E min(X, m) = integral of P(X > x) from 0 to m, E min(X, m)^2 = integral of 2 x P(X > x).
    """
    if distribution.working:
        mean, square, late = lengths(replace(distribution, working=False), longest / WEEK_TO_WORK)
        return mean * WEEK_TO_WORK, square * WEEK_TO_WORK**2, late
    if distribution.family == "fixed" and not distribution.truncate and not distribution.at_least:
        value = distribution.parameters[0][1]
        shorter = min(value, longest)
        return shorter, shorter**2, float(value > longest)
    law = law_of(spec_of(distribution))
    if longest == FAR:
        return law.mean, law.variance + law.mean**2, 0.0
    return _cut(law, longest)


def _cut(law: Law, longest: float) -> tuple[float, float, float]:
    """Return moments of a law cut at a longest value, by Gauss-Legendre panels between marks."""
    marks = law.marks
    inside = marks[(marks > 0) & (marks < longest)]
    octaves = longest * 2.0 ** np.arange(-OCTAVES, 1)
    edges = np.unique(np.concatenate([[0.0], octaves, inside]))
    node, weight = np.polynomial.legendre.leggauss(8)
    width = np.diff(edges)
    x = (edges[:-1, None] + width[:, None] * (node + 1) / 2).ravel()
    dx = (width[:, None] * weight / 2).ravel()
    above = law.sf(x)
    mean, square = float(dx @ above), float(2 * dx @ (x * above))
    return mean, square, float(law.sf(np.array([longest]))[0])


def cut_short(mean: Array, square: Array, rate: Array) -> tuple[Array, Array]:
    """Return mean stay [ms] and chance of staying to the end, with a constant hazard of leaving.

    Parameters
    ----------
    mean, square
        First and second moment of the stay as drawn [ms, ms^2].
    rate
        Hazard of a crisis or death [per ms].

    Notes
    -----
    The stay X is taken as gamma distributed with these moments, which is exact for exponential and
    fixed ones: with c = variance / mean^2 and T the exponential time of the crisis,
    P(X < T) = (1 + rate x mean x c)^(-1/c), and E min(X, T) = P(T < X) / rate.
    """
    mean, square, rate = np.broadcast_arrays(mean, square, rate)
    positive = np.where(mean > 0, mean, 1.0)
    c = np.maximum(square / positive**2 - 1, 1e-9)
    log_end = -np.log1p(rate * mean * c) / c
    safe = np.where(rate > 0, rate, 1.0)
    shorter = np.where(rate > 0, -np.expm1(log_end) / safe, mean)
    return shorter, np.exp(log_end)


def wait_for(hours: Hours | None, t: Array) -> Array:
    """Return the time from instants of a week until a service is open [ms]."""
    if hours is None or not hours.windows:
        return np.zeros_like(t)
    moment = np.mod(t, WEEK)
    opens = np.array([begin for begin, _ in hours.windows], dtype=np.float64)
    closes = np.array([end for _, end in hours.windows], dtype=np.float64)
    following = np.append(opens, opens[0] + WEEK)
    wait: Array = np.maximum(0.0, following[np.searchsorted(closes, moment, side="right")] - moment)
    return wait


@lru_cache(maxsize=1024)
def mean_wait(hours: Hours | None) -> float:
    """Return the mean time until a service is open, from a random instant [ms]."""
    if hours is None or not hours.windows:
        return 0.0
    windows = hours.windows
    gaps = [(windows[(k + 1) % len(windows)][0] - end) % WEEK for k, (_, end) in enumerate(windows)]
    return sum(gap**2 for gap in gaps) / (2 * WEEK)


def open_share(hours: Hours | None) -> float:
    """Return the share of the week in which a service is open."""
    return 1.0 if hours is None else sum(end - begin for begin, end in hours.windows) / WEEK


@lru_cache(maxsize=65536)
def until_moved(
    decides: Hours | None,
    discharges: Hours | None,
    admits: Hours | None,
    ahead: float,
    steps: float,
) -> float:
    """Return the mean time from the end of a stay to the move, by the hours alone [ms].

    Parameters
    ----------
    decides, discharges, admits
        Hours in which the way on is decided, people can leave, and the next service takes them.
    ahead
        How long before the end of the stay the way on is decided [ms].
    steps
        Time that steps in between take [ms].

    Notes
    -----
    Stays end evenly over the week; capacity is never short.
    """
    decided = GRID - ahead
    done = decided + wait_for(decides, decided) + steps
    over = GRID + wait_for(discharges, GRID)
    free = np.maximum(done, over)
    return float(np.mean(free + wait_for(admits, free) - GRID))
