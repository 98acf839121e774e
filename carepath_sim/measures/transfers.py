"""How long the ways from one place to the next take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import How
from carepath_sim.measures.conditions import first_case, unreadable

if TYPE_CHECKING:
    from carepath_sim.measures.arrays import Ints
    from carepath_sim.measures.view import View

UNKNOWN = 2**40
"""Longer than any way [ms]: where a record cannot tell, all the time till the start counts."""


def transfers(view: View, rows: Ints) -> Ints:
    """Return the time that the way to the place asked for takes [ms], shape of `rows`."""
    spells, found = view.spells, np.zeros(len(rows), dtype=np.int64)
    for k, info in enumerate(view.plan.services):
        written = view.plan.scenario.services.get(info.base)
        if written is None or not written.transfer:
            continue
        cases = written.transfer
        # A move within a pool keeps the place, and takes no time.
        going = (spells["service"][rows] == k) & (spells["how"][rows] != How.WITHIN_POOL)
        mine = np.flatnonzero(going)
        if set().union(*(unreadable(view.plan, case.when) for case in cases)):
            found[mine] = UNKNOWN
            continue
        case = first_case(view, cases, rows[mine], spells["requested"][rows[mine]])
        found[mine] = np.array([round(case.value.value) for case in cases], dtype=np.int64)[case]
    return found
