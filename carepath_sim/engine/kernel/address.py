"""Where tables lie in memory: how Python hands the plan's tables to compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np

from carepath_sim.engine.compiling import COMPILED
from carepath_sim.engine.kernel.tables import REAL, ROOMS, dimensions, positions

NUMBERS = 3 * len(positions())
"""Length of a list of addresses: where a table lies, its rows and its columns."""


def addresses(rooms: dict[str, Any]) -> np.ndarray:
    """Return where every table of some rooms lies and how large it is; 0 for other rooms.

    Raises
    ------
    TypeError
        For a table of another type than compiled code takes it to be.
    """
    rows = np.zeros(NUMBERS, dtype=np.int64)
    at = 0
    for room, kind in ROOMS.items():
        if room not in rooms:
            at += 3 * len(kind._fields)
            continue
        for name in kind._fields:
            table = getattr(rooms[room], name)
            wanted = np.float64 if name in REAL else np.int64
            flags = (table.dtype == wanted, table.ndim == dimensions(room, name))
            if not all(flags) or not table.flags.c_contiguous:
                message = f"{room}.{name}: {table.dtype} with {table.ndim} dimensions"
                raise TypeError(message)
            rows[at : at + 3] = table.ctypes.data, table.shape[0], table.shape[-1]
            at += 3
    return rows


class Room:
    """One room of tables as compiled code takes it: an address, and what must stay alive."""

    def __init__(self, name: str, tables: Any) -> None:
        self.name = name
        self.tables = tables
        self.rows = addresses({name: tables})
        self.address = self.rows.ctypes.data


def room(name: str, tables: Any) -> Any:
    """Return tables in the form in which compiled functions take them.

    A hundred tables one by one would make each function that takes them slow to compile.

    Parameters
    ----------
    name
        Name of the room in `ROOMS`, such as ``"T"``.
    tables
        A record of that room's tables.
    """
    if not COMPILED:
        return tables
    from carepath_sim.engine.kernel import typing  # noqa: F401 - compiled code learns what it is

    return Room(name, tables)
