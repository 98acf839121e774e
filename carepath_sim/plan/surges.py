"""Surge places: the rules by which pools open them and close them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.scenario.model import Pool


class Surges(NamedTuple):
    """Rules of surge by pool."""

    people: Any  # (pool) so many waiting open it; 0: no surge
    crowded: Any  # (pool) for so long [ms]
    add: Any  # (pool) units
    empty: Any  # (pool) so many free units close it
    calm: Any  # (pool) for so long [ms]
    lead: Any  # (pool) from the decision to the places [ms]

    @property
    def any(self) -> bool:
        """Whether there are surges at all."""
        return bool(np.any(self.people))


def surge_tables(pools: Sequence[Pool]) -> Surges:
    """Return the rules of all pools, in their order."""
    rows = []
    for pool in pools:
        surge = pool.surge
        if surge is None:
            rows.append((0, 0, 0, 0, 0, 0))
            continue
        add = surge.add.value
        empty = add if surge.close.empty is None else surge.close.empty.value
        rows.append(
            (
                round(surge.when.waiting.value),
                round(surge.when.lasting.value),
                round(add),
                round(empty),
                round(surge.close.lasting.value),
                round(surge.lead.value),
            )
        )
    columns = np.array(rows, dtype=np.int64).reshape(-1, len(Surges._fields)).T
    return Surges(*(column.copy() for column in columns))


NO_SURGES = surge_tables(())
