"""The event log of a replication, in the columns that vidigi animates.

One row is one event of one person: ``arrival`` and ``depart`` once each, ``queue`` while they wait
(or stay where no place is counted), ``resource_use`` and ``resource_use_end`` around the use of a
place, which has a number of its own. Who has left every service and has not left the model stands
in the queue `OUTSIDE` until something happens again.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER
from carepath_sim.measures import View
from carepath_sim.measures.view import host_rows
from carepath_sim.units import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.engine.spells import Columns, Record
    from carepath_sim.plan import Plan

COLUMNS = ("entity_id", "event_type", "event", "time", "resource_id", "run_number")

OUTSIDE = "out of services"

# What comes first at one instant: places become free before they are taken again.
ARRIVE, END, WAIT, USE, END_AT_ONCE, DEPART = range(6)

# Instant [ms], person, order at the instant, kind, name, number of the place (nan: none).
Event = tuple[int, int, int, str, str, float]


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
    events = [*_moves(plan, record), *_comings_and_goings(plan, record)]
    events.sort(key=lambda event: (event[0], event[2], event[1]))
    return {
        "entity_id": np.array([event[1] for event in events], dtype=np.int64),
        "event_type": np.array([event[3] for event in events], dtype=object),
        "event": np.array([event[4] for event in events], dtype=object),
        "time": np.array([(event[0] - plan.begin) / MINUTE for event in events]),
        "resource_id": np.array([event[5] for event in events]),
        "run_number": np.full(len(events), record.replication + 1, dtype=np.int64),
    }


def _moves(plan: Plan, record: Record) -> Iterator[Event]:
    """Requests, stays and steps.

    A step received in a numbered place is left out: a person is drawn at one spot at a time, and
    lies in the bed meanwhile. After a step elsewhere the person is drawn at home again.
    """
    spells = record.spells
    places = _place_numbers(spells, plan.end)
    hosts = host_rows(View(plan, record))
    left_at = np.where(spells["left"] == NEVER, plan.end, spells["left"])
    for row in range(len(spells["person"])):
        service, host = plan.services[spells["service"][row]], int(hosts[row])
        if service.in_place and host >= 0 and places[host]:
            continue
        person, name, number = int(spells["person"][row]), service.name, int(places[row])
        requested, started = int(spells["requested"][row]), int(spells["started"][row])
        left = int(left_at[row])
        if started != requested and (host < 0 or not places[host]):
            yield requested, person, WAIT, "queue", f"waiting for {name}", np.nan
        if started == NEVER:
            continue
        if number:
            yield started, person, USE, "resource_use", name, number
            last = END_AT_ONCE if left == started else END
            yield left, person, last, "resource_use_end", name, number
        else:
            yield started, person, USE, "queue", name, np.nan
        if service.in_place and host >= 0 and left_at[host] > left:
            home = plan.services[spells["service"][host]].name
            yield left, person, END_AT_ONCE, "queue", home, np.nan


def _comings_and_goings(plan: Plan, record: Record) -> Iterator[Event]:
    """One arrival and one departure for all who have a row; between rows they are outside."""
    spells = record.spells
    left = np.where(spells["left"] == NEVER, plan.end, spells["left"])
    firsts = np.flatnonzero(np.diff(spells["person"], prepend=-1))
    for first, last in zip(firsts, [*firsts[1:], len(spells["person"])], strict=True):
        who = int(spells["person"][first])
        rows = sorted(
            zip(spells["requested"][first:last].tolist(), left[first:last].tolist(), strict=True)
        )
        until, gone = rows[0][0], _or(int(record.people["ended"][who]), plan.end)
        yield until, who, ARRIVE, "arrival_departure", "arrival", np.nan
        for requested, closed in rows:
            if requested > until:
                yield until, who, END_AT_ONCE, "queue", OUTSIDE, np.nan
            until = max(until, closed)
        if until < gone:
            yield until, who, END_AT_ONCE, "queue", OUTSIDE, np.nan
        yield gone, who, DEPART, "arrival_departure", "depart", np.nan


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
