"""Tables that are kept from one replication to the next, so that their memory is asked for once.

Getting memory from the system, page by page, takes as long as a third of a replication. What a
replication has written is set to 0 again, as in a table that is new; each thread keeps its own.
A table in which very much has been written is given back instead: there memory is what is scarce.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.kernel import columns as c

if TYPE_CHECKING:
    from carepath_sim.engine.kernel.tables import State

COUNTED = {
    "places": c.PLACES,
    "spells": c.SPELLS,
    "requests": c.REQUESTS,
    "processes": c.PROCESSES,
    "changes": c.CHANGES,
    "nodes": c.NODES,
    "lane_nodes": c.LANE_NODES,
}
"""Tables by name, and the scalar that says how many rows have been written.

Each of them is looked at by itself for room. Those that are looked at together (episodes and their
codes) must be equally long, and are made anew.
"""


MOST_BYTES = 128 * 2**20
"""Of a table in which more has been written than this, nothing is kept."""


class _Shelf(threading.local):
    def __init__(self) -> None:
        self.tables: dict[str, np.ndarray] = {}


_shelf = _Shelf()


def table(name: str, size: int, width: int) -> np.ndarray:
    """Return a table of zeros with at least `size` rows: a kept one where it fits."""
    found = _shelf.tables.pop(name, None)
    if found is not None and len(found) >= size and found.shape[1] == width:
        return found
    return np.zeros((size, width), dtype=np.int64)


def written(state: State, name: str) -> np.ndarray:
    """Return the rows of a table that have been written."""
    rows: np.ndarray = getattr(state, name)[: state.scalars[COUNTED[name]]]
    return rows


def keep(state: State) -> None:
    """Keep the tables of a replication of which nothing is needed any more."""
    for name in COUNTED:
        rows = written(state, name)
        if len(getattr(state, name)) and rows.nbytes <= MOST_BYTES:
            rows[:] = 0
            _shelf.tables[name] = getattr(state, name)


def forget() -> None:
    """Keep nothing: the next replication begins with tables of its own size."""
    _shelf.tables.clear()
