"""Laws made from others: mixtures, phases in sequence, conditioning and clipping."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from carepath_sim.plan.laws import Array, Law, floats, outline
from carepath_sim.plan.numerics import moments, solve


@dataclass(frozen=True, eq=False)
class Mixture(Law):
    """One of several laws, each with its share.

    Parameters
    ----------
    shares
        Probabilities of the parts, summing to 1, shape ``(part,)``.
    parts
        Their laws.
    """

    shares: Array
    parts: tuple[Law, ...]

    @cached_property
    def mean(self) -> float:
        """Expectation."""
        return float(self.shares @ np.array([part.mean for part in self.parts]))

    @cached_property
    def variance(self) -> float:
        """Variance within and between the parts."""
        within = np.array([part.variance for part in self.parts])
        between = np.array([part.mean for part in self.parts]) - self.mean
        return float(self.shares @ (within + between**2))

    @cached_property
    def marks(self) -> Array:
        """Marks of all parts."""
        return np.unique(np.concatenate([part.marks for part in self.parts]))

    @property
    def straight(self) -> bool:
        """Whether all parts are."""
        return all(part.straight for part in self.parts)

    def _mix(self, values: list[Array]) -> Array:
        return floats(sum(w * v for w, v in zip(self.shares, values, strict=True)))

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return np.minimum(self._mix([part.cdf(x) for part in self.parts]), 1.0)

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return np.minimum(self._mix([part.sf(x) for part in self.parts]), 1.0)

    def atom(self, x: Array) -> Array:
        """P(X = x)."""
        return self._mix([part.atom(x) for part in self.parts])

    @cached_property
    def _outline(self) -> tuple[Array, Array, Array]:
        return outline(self)

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q): a mark where one holds it, otherwise solved for between two marks."""
        at_p, at_q, at_x = self._outline
        j = np.where(p < q, np.searchsorted(at_p, p), np.searchsorted(-at_q, -q))
        j = np.clip(j, 1, len(at_x) - 1)
        quantiles = np.array([part.quantile(p, q) for part in self.parts])
        low = np.clip(quantiles.min(axis=0), at_x[j - 1], at_x[j])
        high = np.clip(quantiles.max(axis=0), at_x[j - 1], at_x[j])
        low, high = np.where(q <= 0, high, low), np.where(p <= 0, low, high)
        return solve(self, p, q, low, high)


@dataclass(frozen=True, eq=False)
class Coxian(Law):
    """Exponential phases in sequence; after each but the last one may leave.

    Parameters
    ----------
    rates
        Rates of the phases [1/ms], shape ``(phase,)``.
    onward
        Probability of going on after each phase but the last, shape ``(phase - 1,)``.

    Notes
    -----
    The chance to be in each phase is the matrix exponential of the generator. It is computed by
    uniformisation and repeated squaring: sums and products of non-negative numbers, so that both
    tails keep their digits. Moments: Marshall and McClean (2004), Health Care Management Science 7.
    """

    rates: Array
    onward: Array

    @cached_property
    def _generator(self) -> Array:
        m = len(self.rates)
        onward = np.append(self.onward, 0.0)
        matrix = np.zeros((m + 1, m + 1))
        for i in range(m):
            matrix[i, i] = -self.rates[i]
            matrix[i, i + 1] += self.rates[i] * onward[i]
            matrix[i, m] += self.rates[i] * (1 - onward[i])
        return matrix

    @cached_property
    def _moments(self) -> tuple[float, float]:
        phases = -self._generator[:-1, :-1]
        first = np.linalg.solve(phases, np.ones(len(self.rates)))
        second = 2 * np.linalg.solve(phases, first)
        return float(first[0]), float(second[0] - first[0] ** 2)

    @property
    def mean(self) -> float:
        """Expectation."""
        return self._moments[0]

    @property
    def variance(self) -> float:
        """Variance."""
        return self._moments[1]

    @property
    def marks(self) -> Array:
        """Ends of the support."""
        return np.array([0.0, np.inf])

    def _occupancy(self, x: Array) -> Array:
        """Chance of being in each phase, or out (last), at `x`; shape ``(x, phase + 1)``."""
        m = len(self.rates)
        fastest = float(self.rates.max())
        jumps = self._generator / fastest + np.eye(m + 1)
        y = fastest * np.clip(x, 0.0, 1e300 / fastest)
        done = ~np.isfinite(x)
        y = np.where(done, 0.0, y)
        squarings = max(0, math.ceil(math.log2(max(float(y.max(initial=0.0)), 1.0))))
        step = y / 2.0**squarings
        powers, weights = [np.eye(m + 1)], [np.exp(-step)]
        for n in range(1, 21):
            powers.append(powers[-1] @ jumps)
            weights.append(weights[-1] * step / n)
        matrices = np.tensordot(np.array(weights), np.array(powers), axes=(0, 0))
        for _ in range(squarings):
            matrices = matrices @ matrices
        row = matrices[:, 0, :]
        row[done] = np.eye(m + 1)[m]
        return floats(row)

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return np.minimum(self._occupancy(x)[:, -1], 1.0)

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return floats(np.minimum(self._occupancy(x)[:, :-1].sum(axis=1), 1.0))

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q), between the fastest exponential and the sum of all phases."""
        with np.errstate(divide="ignore"):
            hazard = np.where(p < q, -np.log1p(-p), -np.log(q))
        m = len(self.rates)
        low = hazard / self.rates.max()
        high = m * (hazard + math.log(m)) / self.rates.min()
        inside = (p > 0) & (q > 0)
        x = np.where(p > 0, np.inf, 0.0)
        x[inside] = solve(self, p[inside], q[inside], low[inside], high[inside])
        return x


@dataclass(frozen=True, eq=False)
class Truncated(Law):
    """A law on condition that the value lies in [low, high], both included."""

    law: Law
    low: float
    high: float

    @cached_property
    def _ends(self) -> tuple[float, float, float, float]:
        """P(X < low), P(X >= low), P(X <= high), P(X > high) of the law behind."""
        x = np.array([self.low, self.high])
        p, q, atoms = self.law.cdf(x), self.law.sf(x), self.law.atom(x)
        return float(p[0] - atoms[0]), float(q[0] + atoms[0]), float(p[1]), float(q[1])

    @property
    def kept(self) -> float:
        """Probability of the condition."""
        below, from_low, to_high, above = self._ends
        return to_high - below if below < 0.5 else from_low - above

    @cached_property
    def _moments(self) -> tuple[float, float]:
        if math.isinf(self.high) and not math.isfinite(self.law.variance):
            return self.law.mean, self.law.variance
        return moments(self)

    @property
    def mean(self) -> float:
        """Expectation."""
        return self._moments[0]

    @property
    def variance(self) -> float:
        """Variance."""
        return self._moments[1]

    @property
    def marks(self) -> Array:
        """Both bounds and what lies between."""
        marks = self.law.marks
        inside = marks[(marks > self.low) & (marks < self.high)]
        return np.concatenate([[self.low], inside, [self.high]])

    @property
    def straight(self) -> bool:
        """Whether the law behind is."""
        return self.law.straight

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        p = (self.law.cdf(np.clip(x, self.low, self.high)) - self._ends[0]) / self.kept
        return np.where(x < self.low, 0.0, np.where(x >= self.high, 1.0, p.clip(0, 1)))

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        q = (self.law.sf(np.clip(x, self.low, self.high)) - self._ends[3]) / self.kept
        return np.where(x < self.low, 1.0, np.where(x >= self.high, 0.0, q.clip(0, 1)))

    def atom(self, x: Array) -> Array:
        """P(X = x)."""
        inside = (x >= self.low) & (x <= self.high)
        return np.where(inside, self.law.atom(x) / self.kept, 0.0)

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q)."""
        below, _, _, above = self._ends
        x = self.law.quantile(below + p * self.kept, above + q * self.kept)
        return np.clip(x, self.low, self.high)


@dataclass(frozen=True, eq=False)
class Clipped(Law):
    """A law whose values below `low` are raised to it."""

    law: Law
    low: float

    @cached_property
    def _moments(self) -> tuple[float, float]:
        if not (math.isfinite(self.law.mean) and math.isfinite(self.law.variance)):
            return self.law.mean, self.law.variance
        return moments(self)

    @property
    def mean(self) -> float:
        """Expectation."""
        return self._moments[0]

    @property
    def variance(self) -> float:
        """Variance."""
        return self._moments[1]

    @property
    def marks(self) -> Array:
        """The bound and what lies above."""
        marks = self.law.marks
        return np.concatenate([[self.low], marks[marks > self.low]])

    @property
    def straight(self) -> bool:
        """Whether the law behind is."""
        return self.law.straight

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return np.where(x < self.low, 0.0, self.law.cdf(x))

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return np.where(x < self.low, 1.0, self.law.sf(x))

    def atom(self, x: Array) -> Array:
        """P(X = x)."""
        at_bound = self.law.cdf(np.array([self.low]))[0]
        return np.where(x > self.low, self.law.atom(x), np.where(x == self.low, at_bound, 0.0))

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q)."""
        return np.maximum(self.law.quantile(p, q), self.low)
