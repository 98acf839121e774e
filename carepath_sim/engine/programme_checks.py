"""Checks of programmes: nobody above the caseload, every find accounted for, nobody lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.rules_programmes import find_at
from carepath_sim.engine.spells import FIND_LOST, NEVER, PROGRAMME_JOINED, PROGRAMME_LEFT

if TYPE_CHECKING:
    from carepath_sim.engine.spells import Record
    from carepath_sim.plan import Plan


def programmes_add_up(plan: Plan, record: Record) -> list[str]:
    """Who joins leaves or is still there; caseloads hold; finds come when they are due."""
    found = []
    for p, info in enumerate(plan.programmes):
        name = f"programme {info.name}"
        c = record.changes
        mine = (c["name"] == p) & np.isin(c["what"], (PROGRAMME_JOINED, PROGRAMME_LEFT))
        step = np.where(c["what"][mine] == PROGRAMME_JOINED, 1, -1)
        level = np.cumsum(step)
        if len(level) and level.max() > info.caseload:
            found.append(f"{name}: {level.max()} people on a caseload of {info.caseload}")
        found += [f"{name}: {words}" for words in _lives(record, c["person"][mine], step)]
        found += [f"{name}: {words}" for words in _finds(plan, record, p)]
    return found


def _lives(record: Record, person: np.ndarray, step: np.ndarray) -> list[str]:
    """Everybody joins before they leave, in turn; nobody who has died or left is still on it."""
    order = np.argsort(person, kind="stable")
    person, step = person[order], step[order]
    first = np.append(True, person[1:] != person[:-1])
    turns = np.where(first, step == 1, np.append(True, step[1:] == -step[:-1]))
    found = []
    if not turns.all():
        found.append(f"{int((~turns).sum())} people join or leave twice")
    last = np.append(first[1:], True)
    inside = person[last & (step == 1)]
    gone = inside[record.people["ended"][inside] != NEVER]
    if len(gone):
        found.append(f"{len(gone)} people are on it who have died or left")
    return found


def _finds(plan: Plan, record: Record, p: int) -> list[str]:
    """There is a row for every find that was due, at its instant, and none besides."""
    tables, c = plan.programme_tables, record.changes
    found = (c["what"] == PROGRAMME_JOINED) & (c["value"] == 1) | (c["what"] == FIND_LOST)
    rows = c["t"][found & (c["name"] == p)].tolist()
    interval = float(tables.interval[p])
    due: list[int] = []
    while interval > 0.0:
        t = find_at(int(tables.since[p]), interval, len(due) + 1)
        if t >= plan.end:
            break
        due.append(t)
    return [] if rows == due else [f"{len(rows)} finds where {len(due)} were due"]
