"""Starting states as numbers: groups of people at places, and people one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from carepath_sim.plan.build import whole
from carepath_sim.plan.tables import NEVER, NOBODY

if TYPE_CHECKING:
    import numpy as np

# How what is left of a stay is drawn.
LENGTH_BIASED, FRESH, CONDITIONAL, GIVEN = range(4)
KINDS: Final = ("length_biased", "fresh", "conditional", "given")


@dataclass(frozen=True)
class StartInfo:
    """A group of people who are somewhere when the run starts.

    Attributes
    ----------
    service
        Where they are.
    count
        How many.
    who
        Choice that tells who can be one of them and gives the number of their class; NOBODY: all.
    decision
        Decision by which they are drawn.
    source
        Where they come from: 0 the population, else a source of its own.
    remaining, law
        How what is left of the stay is drawn; its table with `GIVEN`.
    so_far
        Table of the time that they have been there [ms], or NOBODY.
    target
        Target that they wait for, their stay being over; NOBODY: they stay.
    since
        Table of the time that they have waited [ms], or NOBODY: none.
    draws_so_far, draws_since, draws_class
        Decisions by which these are drawn.
    classes
        Branches by which the class of each of them is drawn, or NOBODY: all are alike.
    """

    service: int
    count: int
    who: int = NOBODY
    decision: int = 0
    source: int = 0
    remaining: int = LENGTH_BIASED
    law: int = NOBODY
    so_far: int = NOBODY
    target: int = NOBODY
    since: int = NOBODY
    draws_so_far: int = 0
    draws_since: int = 0
    draws_class: int = 0
    classes: int = NOBODY


@dataclass(frozen=True)
class Census:
    """People one by one; the k-th has the k-th row of what is known of the people of a source.

    Attributes
    ----------
    source
        Number of the source, NOBODY without a census.
    index
        Index of each person: a hash of what the person is called.
    service
        Where they are.
    so_far
        How long they have been there [ms], or NEVER.
    target
        Target that they wait for, or NOBODY.
    waited
        How long they have waited [ms].
    """

    source: int
    index: np.ndarray
    service: np.ndarray
    so_far: np.ndarray
    target: np.ndarray
    waited: np.ndarray

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.index)


_NONE = whole([])
NO_CENSUS = Census(NOBODY, _NONE, _NONE, _NONE, _NONE, _NONE)

__all__ = [
    "CONDITIONAL",
    "FRESH",
    "GIVEN",
    "KINDS",
    "LENGTH_BIASED",
    "NEVER",
    "NO_CENSUS",
    "Census",
    "StartInfo",
]
