"""What measures of one replication share: its plan, its record, and what was worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from carepath_sim.engine.spells import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.engine.spells import Record
    from carepath_sim.measures.arrays import Ints
    from carepath_sim.plan import Plan

    Table = dict[str, Ints]

T = TypeVar("T")


class View:
    """One replication, with a memory for intermediate tables.

    Parameters
    ----------
    plan, record
        The compiled scenario and what the engine wrote.
    """

    def __init__(self, plan: Plan, record: Record) -> None:
        self.plan = plan
        self.record = record
        self.spells: Table = record.spells
        self.people: Table = record.people
        self.episodes: Table = record.episodes
        self.changes: Table = record.changes
        self._made: dict[object, object] = {}

    def once(self, make: Callable[[View], T]) -> T:
        """Return what a function makes of this view, asking it only the first time."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("T", self._made[make])

    @property
    def window(self) -> int:
        """End of the analysis window, which begins at 0 [ms]."""
        return self.plan.window


def ended(view: View) -> Ints:
    """Return when each row ended [ms]; the end of the run for those that have not."""
    left = view.spells["left"]
    return np.where(left == NEVER, view.plan.end, left)


def host_rows(view: View) -> Ints:
    """Return the row of the stay in which each request was made, -1 outside any, shape `(row,)`.

    Raises
    ------
    ValueError
        When rows are missing: visits number a person's rows without a gap.
    """
    spells = view.spells
    at = np.arange(len(spells["visit"]), dtype=np.int64)
    host = np.where(spells["host"] < 0, -1, at - spells["visit"] + spells["host"])
    inside = host >= 0
    if np.any(spells["person"][host[inside]] != spells["person"][inside]):
        raise ValueError("a table of spells must hold every row of a person, in order of visits")
    return host
