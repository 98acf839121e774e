"""Checks of waiting rooms, and of what is received alongside stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, How, Record
from carepath_sim.plan import tables as tb

if TYPE_CHECKING:
    from carepath_sim.plan import Plan


def rooms_hold_their_people(plan: Plan, record: Record) -> list[str]:
    """Never are more people in a waiting room than it holds, from inside and from elsewhere."""
    s, found = record.spells, []
    rows = np.flatnonzero((s["how"] == How.ROOM) & (s["started"] != s["left"]))
    if not len(rows):
        return []
    T = plan.tables
    # Rows of a person stand together in the order of their visits.
    host = np.where(s["host"][rows] < 0, -1, rows - s["visit"][rows] + s["host"][rows])
    where = s["service"][host]
    stays = (T.kind[where] == tb.ORDINARY) & (T.residence[where] == 0)
    inside = (host >= 0) & ((s["pool"][host] >= 0) | stays)
    limits = (T.room_outside, T.room_inside)
    for room in np.unique(s["service"][rows]).tolist():
        of = plan.services[room].room_of
        for side, words in enumerate(("from elsewhere", "from inside")):
            mine = rows[(s["service"][rows] == room) & (inside == bool(side))]
            left = s["left"][mine]
            t = np.concatenate((s["started"][mine], left[left != NEVER]))
            change = np.concatenate((np.ones(len(mine)), -np.ones(int((left != NEVER).sum()))))
            order = np.lexsort((change, t))
            most = int(np.cumsum(change[order]).max(initial=0))
            if most > limits[side][of]:
                name = plan.services[room].name
                found.append(f"{name}: {most} {words}, but it holds {limits[side][of]}")
    return found


def alongside_stays_within(plan: Plan, record: Record) -> list[str]:
    """What is received alongside a stay is asked for in it and ends with it at the latest."""
    s = record.spells
    beside = np.array([service.alongside for service in plan.services])[s["service"]]
    rows = np.flatnonzero(beside)
    host = rows - s["visit"][rows] + s["host"][rows]
    left, until = s["left"][rows], s["left"][host]
    late = (until != NEVER) & ((left == NEVER) | (left > until))
    early = s["requested"][rows] < s["started"][host]
    count = int((late | early | (s["host"][rows] < 0)).sum())
    return [f"{count} services received alongside a stay that is not there"] if count else []
