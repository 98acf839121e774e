"""Exact probability laws: what a quantile table is made from and measured against.

Values are in milliseconds for durations and plain numbers otherwise. Positions are pairs (p, q)
with p = P(X <= x) and q = P(X > x), because either of the two loses its digits at one end. Common
families need `scipy.special` at most: `scipy.stats` takes most of a second to load.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

GAP = 1e-13
"""Probability below which the space between two marks counts as empty."""


class Law(ABC):
    """A probability law on the real line.

    Between two neighbouring `marks` the distribution function is continuous and either rises
    strictly or is flat; it jumps nowhere but at marks.
    """

    @property
    @abstractmethod
    def mean(self) -> float:
        """Expectation, infinite or nan where there is none."""

    @property
    @abstractmethod
    def variance(self) -> float:
        """Variance, infinite or nan where there is none."""

    @property
    @abstractmethod
    def marks(self) -> Array:
        """Ends of the support, atoms, and ends of gaps, ascending, shape ``(mark,)``."""

    @property
    def straight(self) -> bool:
        """Whether the quantile function is linear between the marks."""
        return False

    @abstractmethod
    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""

    @abstractmethod
    def sf(self, x: Array) -> Array:
        """P(X > x), with its own digits in the upper tail."""

    @abstractmethod
    def quantile(self, p: Array, q: Array) -> Array:
        """Smallest x with P(X <= x) >= p; `q` is 1 - p with its own digits."""

    def atom(self, x: Array) -> Array:
        """P(X = x)."""
        return np.zeros_like(x)


def floats(x: Any) -> Array:
    """`x` as an array of float64."""
    return np.asarray(x, dtype=np.float64)


def outline(law: Law) -> tuple[Array, Array, Array]:
    """The quantile function at the marks, coming from the left and leaving to the right.

    Parameters
    ----------
    law
        Any law.

    Returns
    -------
    :
        p, q and value, shape ``(2 x mark,)``. Between knots 2k and 2k + 1 the quantile function is
        constant (an atom), between 2k + 1 and 2k + 2 it rises; equal p there mark a jump.
    """
    x = law.marks
    p, q, atoms = law.cdf(x), law.sf(x), law.atom(x)
    p_in, q_in = np.maximum(p - atoms, 0.0), np.minimum(q + atoms, 1.0)
    rise = np.where(p_in[1:] <= 0.5, p_in[1:] - p[:-1], q[:-1] - q_in[1:])
    flat = np.flatnonzero(rise <= GAP)
    p_in[flat + 1], q_in[flat + 1] = p[flat], q[flat]
    return (
        np.column_stack([p_in, p]).ravel(),
        np.column_stack([q_in, q]).ravel(),
        np.repeat(x, 2),
    )
