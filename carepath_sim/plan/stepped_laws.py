"""Laws with a straight quantile function between their marks: separate values and bins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from carepath_sim.plan.laws import Array, Law, floats


@dataclass(frozen=True, eq=False)
class Steps(Law):
    """Finitely many values with their shares.

    Parameters
    ----------
    values
        The values, strictly ascending, shape ``(value,)``.
    shares
        Their probabilities, summing to 1, same shape.
    """

    values: Array
    shares: Array

    @property
    def straight(self) -> bool:
        """True: nothing lies between the values."""
        return True

    @cached_property
    def mean(self) -> float:
        """Expectation."""
        return float(self.shares @ self.values)

    @cached_property
    def variance(self) -> float:
        """Variance."""
        return float(self.shares @ (self.values - self.mean) ** 2)

    @property
    def marks(self) -> Array:
        """The values."""
        return self.values

    @cached_property
    def _heads(self) -> Array:
        """P(X <= value), with a zero in front."""
        heads = np.concatenate([[0.0], np.cumsum(self.shares)])
        heads[-1] = 1.0
        return floats(np.minimum(heads, 1.0))

    @cached_property
    def _tails(self) -> Array:
        """P(X > value), with a one in front."""
        tails = np.concatenate([np.cumsum(self.shares[::-1])[::-1], [0.0]])
        tails[0] = 1.0
        return floats(np.minimum(tails, 1.0))

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return floats(self._heads[np.searchsorted(self.values, x, side="right")])

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return floats(self._tails[np.searchsorted(self.values, x, side="right")])

    def atom(self, x: Array) -> Array:
        """P(X = x)."""
        i = np.minimum(np.searchsorted(self.values, x), len(self.values) - 1)
        return np.where(self.values[i] == x, self.shares[i], 0.0)

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q)."""
        low = np.searchsorted(self._heads[1:], p)
        high = np.searchsorted(-self._tails[1:], -q)
        i = np.where(p < q, low, high)
        return floats(self.values[np.minimum(i, len(self.values) - 1)])


@dataclass(frozen=True, eq=False)
class Bins(Law):
    """A histogram: uniform within each bin; with one bin the uniform law.

    Parameters
    ----------
    edges
        Bounds of the bins, strictly ascending, shape ``(bin + 1,)``.
    shares
        Probabilities of the bins, summing to 1, shape ``(bin,)``.
    """

    edges: Array
    shares: Array

    @property
    def straight(self) -> bool:
        """True: uniform within a bin."""
        return True

    @cached_property
    def mean(self) -> float:
        """Expectation."""
        return float(self.shares @ (self.edges[1:] + self.edges[:-1])) / 2

    @cached_property
    def variance(self) -> float:
        """Variance, between and within the bins."""
        a, b = self.edges[:-1] - self.mean, self.edges[1:] - self.mean
        return float(self.shares @ (a * a + a * b + b * b)) / 3

    @property
    def marks(self) -> Array:
        """The edges."""
        return self.edges

    @cached_property
    def _heads(self) -> Array:
        heads = np.concatenate([[0.0], np.cumsum(self.shares)])
        heads[-1] = 1.0
        return floats(np.minimum(heads, 1.0))

    @cached_property
    def _tails(self) -> Array:
        tails = np.concatenate([np.cumsum(self.shares[::-1])[::-1], [0.0]])
        tails[0] = 1.0
        return floats(np.minimum(tails, 1.0))

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        return floats(np.interp(x, self.edges, self._heads))

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        return floats(np.interp(x, self.edges, self._tails))

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q)."""
        low = np.searchsorted(self._heads[1:-1], p)
        high = np.searchsorted(-self._tails[1:-1], -q)
        i = np.where(p < q, low, high)
        share = np.where(self.shares[i] > 0, self.shares[i], 1.0)
        part = np.where(
            p < q, (p - self._heads[i]) / share, 1 - (q - self._tails[i + 1]) / share
        ).clip(0, 1)
        return floats(self.edges[i] + part * (self.edges[i + 1] - self.edges[i]))
