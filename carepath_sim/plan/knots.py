"""Where the knots of a quantile table lie: few where it is straight, many where it bends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from carepath_sim.plan.laws import Array, Law, floats, outline

MOST_KNOTS = 4096
"""Largest size of a table."""

REPORTED = ((0.5, 0.5), (0.9, 0.1), (0.999, 0.001))
"""Positions (p, q) that every table holds exactly: median, p90, p99.9."""


@dataclass(frozen=True)
class Knots:
    """Points of a quantile function.

    Parameters
    ----------
    p, q
        Probability at or below, and above, each point, shape ``(knot,)``.
    v
        Value there, same shape, non-decreasing.
    """

    p: Array
    q: Array
    v: Array

    @property
    def mass(self) -> Array:
        """Probability between neighbours, shape ``(knot - 1,)``."""
        p, q = self.p, self.q
        return np.where(p[1:] <= 0.5, p[1:] - p[:-1], q[:-1] - q[1:])

    def kept(self, which: npt.NDArray[Any]) -> Knots:
        """Only some of the points."""
        return Knots(self.p[which], self.q[which], self.v[which])

    def joined(self, p: Array, q: Array, v: Array) -> Knots:
        """These points and others, in order."""
        p, q, v = (np.concatenate(pair) for pair in ((self.p, p), (self.q, q), (self.v, v)))
        return Knots(p, q, v).kept(np.lexsort((v, -q, p)))


def central_moments(mass: Array, v: Array) -> tuple[float, float, float]:
    """Mean, variance and third raw moment of a piecewise linear quantile function.

    Parameters
    ----------
    mass
        Probability of each piece, shape ``(knot - 1,)``.
    v
        Values at the knots, shape ``(knot,)``.

    Returns
    -------
    :
        Exact, because a piece from a to b with probability h adds h (a + b) / 2 to the mean,
        h (aa + ab + bb) / 3 to the second moment and h (aaa + aab + abb + bbb) / 4 to the third.
    """
    a, b = v[:-1], v[1:]
    mean = float(mass @ (a + b)) / 2
    third = float(mass @ ((a + b) * (a * a + b * b))) / 4
    a, b = a - mean, b - mean
    return mean, float(mass @ (a * a + a * b + b * b)) / 3, third


def place(law: Law, *, end: float) -> Knots:
    """Choose the knots of a law.

    Parameters
    ----------
    law
        A law with lowest value, finite mean and finite variance.
    end
        Probability above the last knot, when the support ends noticeably later.

    Returns
    -------
    :
        The knots: all marks (jumps and atoms exactly), the reported quantiles, octaves towards both
        ends of each stretch, and halves of every cell that the chord does not follow.

    Raises
    ------
    OverflowError
        If more than `MOST_KNOTS` are needed.
    """
    knots = Knots(*outline(law))
    if not law.straight:
        p, q = _octaves(knots, end)
        knots = knots.joined(p, q, law.quantile(p, q))
    top = float(law.quantile(np.array([1 - end]), np.array([end]))[0])
    last = float(knots.v[-1])
    cut = math.isinf(last) or last - top > 1e-6 * last
    final = (1 - end, end, top) if cut else (1.0, 0.0, last)
    knots = knots.kept(knots.q > final[1]).joined(*(np.array([x]) for x in final))
    # A jump at the very start is never drawn.
    knots = knots.kept(np.arange(len(knots.p)) >= np.flatnonzero(knots.p <= 0).max(initial=0))
    if not law.straight:
        knots = _refined(law, knots)
        if cut:
            knots = _with_tail(law, knots, end)
    knots = _settled(law, knots)
    new = np.append(True, (np.diff(knots.p) > 0) | (np.diff(knots.v) > 0))
    knots = knots.kept(new)
    if len(knots.p) > MOST_KNOTS:
        raise OverflowError
    return knots


def _octaves(marks: Knots, end: float) -> tuple[Array, Array]:
    """Positions halving towards both ends of each stretch, and the reported ones inside."""
    mass = marks.mass
    all_p, all_q = [], []
    for k in range(1, len(mass), 2):
        if mass[k] <= 0:
            continue
        steps = 2.0 ** -np.arange(1, 13)
        all_p.append(marks.p[k] + mass[k] * steps)
        all_q.append(marks.q[k] - mass[k] * steps)
        if math.isinf(marks.v[k + 1]):
            steps = 2.0 ** -np.arange(1, math.ceil(math.log2(mass[k] / end)) + 1)
        all_p.append(marks.p[k + 1] - mass[k] * steps[1:])
        all_q.append(marks.q[k + 1] + mass[k] * steps[1:])
        inside = [
            (p, q) for p, q in REPORTED if p > marks.p[k] and q > marks.q[k + 1] and mass[k] > 0
        ]
        inside = [(p, q) for p, q in inside if p < marks.p[k + 1] and q < marks.q[k]]
        all_p.append(floats([p for p, _ in inside]))
        all_q.append(floats([q for _, q in inside]))
    if not all_p:
        return np.empty(0), np.empty(0)
    p, first = np.unique(np.concatenate(all_p), return_index=True)
    return p, np.concatenate(all_q)[first]


def _refined(law: Law, knots: Knots) -> Knots:
    """Halve each cell until the chord is close: in mean, in variance, and in shape."""
    mean, variance = law.mean, law.variance
    sd = math.sqrt(variance)
    p, q, v = knots.p, knots.q, knots.v
    left = np.flatnonzero((knots.mass > 0) & (v[1:] > v[:-1]))
    cells = [x[i] for i in (left, left + 1) for x in (p, q, v)]
    while len(cells[0]):
        p0, q0, v0, p1, q1, v1 = cells
        pm, qm = (p0 + p1) / 2, (q0 + q1) / 2
        vm = law.quantile(pm, qm)
        h = np.where(p1 <= 0.5, p1 - p0, q0 - q1)
        chord = (v0 + v1) / 2
        miss = np.abs(vm - chord)
        # Simpson's rule for the area between curve and chord, and the same for the squares.
        area = 2 / 3 * h * miss
        moment = 4 / 9 * h * miss * np.abs(vm + 2 * chord - 3 * mean)
        shape = miss > 5e-4 * np.maximum(vm, mean / 20)
        split = (
            (area > 1e-7 * min(mean, 10 * sd)) | (moment > 3e-7 * variance) | (shape & (h > 3e-5))
        ) & (h > 1e-13)
        pm, qm, vm = pm[split], qm[split], vm[split]
        p, q, v = np.concatenate([p, pm]), np.concatenate([q, qm]), np.concatenate([v, vm])
        if len(p) > MOST_KNOTS:
            raise OverflowError
        ends = [x[split] for x in cells]
        cells = [
            np.concatenate(pair)
            for pair in zip((*ends[:3], pm, qm, vm), (pm, qm, vm, *ends[3:]), strict=True)
        ]
    return Knots(p, q, v).kept(np.lexsort((v, -q, p)))


def _with_tail(law: Law, knots: Knots, end: float) -> Knots:
    """Make the last cell so wide that the variance beyond the end of the table is not lost.

    A chord lies above a convex quantile function. The last cell runs from some q to the end; the
    wider it is, the more it adds, and for one width the variance is that of the law. Nothing is
    moved but knots above the 99.999th percentile, and only if the variance needs it.
    """

    def at(log_q: float) -> Knots:
        first = math.exp(log_q)
        kept = knots.kept((knots.q > first * 1.0000001) | (knots.p < 0.5))
        position = np.array([1 - first]), np.array([first])
        kept = kept.joined(*position, law.quantile(*position))
        return kept.joined(knots.p[-1:], knots.q[-1:], knots.v[-1:])

    def excess(candidate: Knots) -> float:
        ended = Knots(candidate.p, np.append(candidate.q[:-1], 0.0), candidate.v)
        return central_moments(ended.mass, ended.v)[1] / law.variance - 1

    low, high = math.log(end * 1.01), math.log(1e-5)
    if abs(excess(knots)) < 1e-4 or not excess(at(low)) < 0 < excess(at(high)):
        return knots
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if excess(at(middle)) > 0 else (middle, high)
    return at((low + high) / 2)


def _settled(law: Law, knots: Knots) -> Knots:
    """Round what was computed to 2^-32 of the standard deviation, marks excepted.

    The last bits of logarithms and special functions differ between processors and libraries;
    rounding makes two machines agree on the table.
    """
    if not law.variance > 0:
        return knots
    step = 2.0 ** (math.frexp(math.sqrt(law.variance))[1] - 32)
    rounded = np.round(knots.v / step) * step
    exact = np.isin(knots.v, law.marks)
    v = np.where(exact, knots.v, rounded)
    # Rounding may carry a value past an exact one beside it by less than one step.
    ceiling = np.minimum.accumulate(np.where(exact, knots.v, np.inf)[::-1])[::-1]
    return Knots(knots.p, knots.q, np.maximum.accumulate(np.minimum(v, ceiling)))
