"""Means and percentiles of many groups at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.measures.arrays import ratio, summed

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.measures.arrays import Floats, Ints

# Groups and values share one integer, because sorting numbers is much faster than sorting rows.
_BITS = 44


@dataclass(frozen=True)
class Groups:
    """Values of groups in order of size.

    Attributes
    ----------
    values
        Values [ms] sorted by group and size.
    count
        How many each group has, shape `(group,)`.
    """

    values: Ints
    count: Ints

    def mean(self) -> Floats:
        """Return the mean of each group; nan where there is nobody."""
        owner = np.repeat(np.arange(len(self.count)), self.count)
        total = summed(owner, self.values, len(self.count))
        return ratio(total, self.count.astype(np.float64))

    def quantile(self, share: float) -> Floats:
        """Return a quantile of each group, interpolated as NumPy does; nan without values."""
        first = np.cumsum(self.count) - self.count
        found = np.full(len(self.count), np.nan)
        some = self.count > 0
        place = share * (self.count[some] - 1)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, self.count[some] - 1)
        below, above = self.values[first[some] + low], self.values[first[some] + high]
        found[some] = below + (above - below) * (place - low)
        return found


def groups(code: Ints, values: Ints, codes: int) -> Groups:
    """Sort values by group and size; codes below 0 belong to no group.

    Raises
    ------
    ValueError
        When a value is negative or longer than five hundred years.
    """
    inside = code >= 0
    code, values = code[inside], values[inside]
    if len(values) and (values.min() < 0 or values.max() >> _BITS):
        raise ValueError("lengths of time lie between 0 and five hundred years")
    keys = np.sort((code << _BITS) | values)
    return Groups(keys & ((1 << _BITS) - 1), np.bincount(code, minlength=codes))


STATISTICS: dict[str, Callable[[Groups], Floats]] = {
    "mean": Groups.mean,
    "median": lambda found: found.quantile(0.5),
    "p90": lambda found: found.quantile(0.9),
    "p95": lambda found: found.quantile(0.95),
}
"""Statistics of lengths of time by the word that stands in names of measures."""

WORDS = {
    "mean": "Mean",
    "median": "Median",
    "p90": "90th percentile",
    "p95": "95th percentile",
}
"""The same statistics in words."""
