"""Types of the arrays that measures work on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def ratio(over: Floats, under: Floats | float) -> Floats:
    """Return quotients; 0/0, and anything over 0, is nan because it has no value."""
    under = np.broadcast_to(np.asarray(under, dtype=np.float64), over.shape)
    found = np.full(over.shape, np.nan)
    np.divide(over, under, out=found, where=under != 0)
    return found


def summed(code: Ints, values: Ints | Floats | Bools, codes: int) -> Floats:
    """Return sums of values by code, shape `(code,)`."""
    weights = values.astype(np.float64)
    return np.bincount(code, weights=weights, minlength=codes).astype(np.float64)


def counted(code: Ints, codes: int) -> Floats:
    """Return counts by code, shape `(code,)`."""
    return np.bincount(code, minlength=codes).astype(np.float64)


def expand(lengths: Ints) -> tuple[Ints, Ints]:
    """Repeat positions 0, 1, ... as often as `lengths` says, and number the copies of each from 0.

    >>> owner, number = expand(np.array([2, 0, 3]))
    >>> owner.tolist(), number.tolist()
    ([0, 0, 2, 2, 2], [0, 1, 0, 1, 2])
    """
    owner = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    first = np.cumsum(lengths) - lengths
    return owner, np.arange(len(owner), dtype=np.int64) - first[owner]


def latest(keys: Ints, wanted: Ints) -> Ints:
    """Return where the greatest key at or below each wanted one stands; -1: there is none.

    >>> latest(np.array([30, 10, 20]), np.array([25, 30, 5])).tolist()
    [2, 0, -1]
    """
    order = np.argsort(keys, kind="stable")
    k = np.searchsorted(keys[order], wanted, side="right") - 1
    return np.append(order, -1)[k]


def earliest(keys: Ints, wanted: Ints) -> Ints:
    """Return where the least key at or above each wanted one stands; -1: there is none.

    >>> earliest(np.array([30, 10, 20]), np.array([25, 30, 35])).tolist()
    [0, 0, -1]
    """
    order = np.argsort(keys, kind="stable")
    return np.append(order, -1)[np.searchsorted(keys[order], wanted, side="left")]
