"""The event log of a replication, in the columns that vidigi animates.

One row is one event of one person: ``arrival`` and ``depart`` once each, ``queue`` while they wait
(or stay where no place is counted), ``resource_use`` and ``resource_use_end`` around the use of a
place, which has a number of its own.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER
from carepath_sim.units import MINUTE

if TYPE_CHECKING:
    from carepath_sim.engine.spells import Columns, Record
    from carepath_sim.plan import Plan

COLUMNS = ("entity_id", "event_type", "event", "time", "resource_id", "run_number")

# What comes first at one instant: places become free before they are taken again.
ARRIVE, END, WAIT, USE, END_AT_ONCE, DEPART = range(6)


def event_log(plan: Plan, record: Record) -> dict[str, np.ndarray]:
    """Return the event log of one replication.

    Parameters
    ----------
    plan, record
        A replication with its plan.

    Returns
    -------
        Columns of equal length, ordered by time: entity_id, event_type, event, time [min since the
        start of the run, warm-up included], resource_id (from 1 within a pool, nan without),
        run_number (from 1).
    """
    spells = record.spells
    names = [service.name for service in plan.services]
    places = _place_numbers(spells, plan.end)
    events: list[tuple[int, int, int, str, str, float]] = []
    for row in range(len(spells["person"])):
        person, name = int(spells["person"][row]), names[spells["service"][row]]
        requested, started = int(spells["requested"][row]), int(spells["started"][row])
        if started != requested:
            events.append((requested, person, WAIT, "queue", f"waiting for {name}", np.nan))
        if started == NEVER:
            continue
        if places[row]:
            left = _or(int(spells["left"][row]), plan.end)
            events += [
                (started, person, USE, "resource_use", name, places[row]),
                (
                    left,
                    person,
                    END_AT_ONCE if left == started else END,
                    "resource_use_end",
                    name,
                    places[row],
                ),
            ]
        else:
            events.append((started, person, USE, "queue", name, np.nan))
    events += _comings_and_goings(plan, record)
    events.sort(key=lambda event: (event[0], event[2], event[1]))
    return {
        "entity_id": np.array([event[1] for event in events], dtype=np.int64),
        "event_type": np.array([event[3] for event in events], dtype=object),
        "event": np.array([event[4] for event in events], dtype=object),
        "time": np.array([(event[0] - plan.begin) / MINUTE for event in events]),
        "resource_id": np.array([event[5] for event in events]),
        "run_number": np.full(len(events), record.replication + 1, dtype=np.int64),
    }


def _comings_and_goings(plan: Plan, record: Record) -> list[tuple[int, int, int, str, str, float]]:
    """One arrival and one departure for everybody who has a row."""
    person, requested = record.spells["person"], record.spells["requested"]
    events = []
    firsts = np.flatnonzero(np.diff(person, prepend=-1))
    for first, last in zip(firsts, [*firsts[1:], len(person)], strict=True):
        who = int(person[first])
        came = int(requested[first:last].min())
        gone = _or(int(record.people["ended"][who]), plan.end)
        events += [
            (came, who, ARRIVE, "arrival_departure", "arrival", np.nan),
            (gone, who, DEPART, "arrival_departure", "depart", np.nan),
        ]
    return events


def _place_numbers(spells: Columns, end: int) -> np.ndarray:
    """Number of the place that each stay uses, lowest free first; 0 where none is counted."""
    numbers = np.zeros(len(spells["person"]), dtype=np.int64)
    used = np.flatnonzero((spells["pool"] >= 0) & (spells["started"] != NEVER))
    free: dict[int, list[int]] = {}
    ends: dict[int, list[tuple[int, int]]] = {}
    issued: dict[int, int] = {}
    for row in used[np.argsort(spells["started"][used], kind="stable")]:
        pool, start = int(spells["pool"][row]), int(spells["started"][row])
        back, busy = free.setdefault(pool, []), ends.setdefault(pool, [])
        while busy and busy[0][0] <= start:
            heappush(back, heappop(busy)[1])
        if not back:
            issued[pool] = issued.get(pool, 0) + 1
            back.append(issued[pool])
        numbers[row] = heappop(back)
        until = _or(int(spells["kept_until"][row]), _or(int(spells["left"][row]), end))
        # A stay of no length keeps its place to the next instant, so that its use can be shown.
        heappush(busy, (max(until, start + 1), int(numbers[row])))
    return numbers


def _or(instant: int, otherwise: int) -> int:
    """Return an instant, or something else where it is missing."""
    return otherwise if instant == NEVER else instant
