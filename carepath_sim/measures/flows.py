"""Flows through services: requests, starts, ends and exits a year, and what came to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, How, Outcome
from carepath_sim.measures.arrays import counted
from carepath_sim.measures.counting import cells, events, window_cells, within
from carepath_sim.measures.episodes import causes
from carepath_sim.measures.measure import Cell, Measure, measure, nothing
from carepath_sim.measures.periods import WINDOW, per_year
from carepath_sim.measures.services import services
from carepath_sim.measures.strata import stratum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.measures.arrays import Ints
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan


def _asked(view: View) -> tuple[Ints, Ints]:
    rows = np.flatnonzero(~np.isin(view.spells["how"], (How.START, How.BACK, How.ROOM)))
    return rows, view.spells["requested"][rows]


def _started(view: View) -> tuple[Ints, Ints]:
    rows = np.flatnonzero(view.spells["how"] != How.START)
    return rows, view.spells["started"][rows]


def _left(view: View) -> tuple[Ints, Ints]:
    rows = np.flatnonzero(view.spells["started"] != NEVER)
    return rows, view.spells["left"][rows]


def _flow(
    name: str, definition: str, unit: str, of: Callable[[View], tuple[Ints, Ints]]
) -> Measure:
    @measure(name=name, definition=definition, unit=unit, absent_is_zero=True)
    def flow(view: View) -> Iterator[Cell]:
        rows, t = of(view)
        kinds, streams = view.once(services), view.plan.stream_names
        year = per_year(view.plan)
        service, stream = view.spells["service"][rows], view.spells["stream"][rows]
        table = events(view, t, service, len(kinds))
        table[0] *= year
        shown = np.flatnonzero(kinds.written | kinds.home)
        names = [kinds.names[k] for k in shown.tolist()]
        yield from cells(view, table[:, shown], "service", names)
        pairs = np.where(stream >= 0, service * len(streams) + stream, -1)
        counts = events(view, t, pairs, len(kinds) * len(streams))[0] * year
        for k in np.flatnonzero(counts).tolist():
            pair = stratum(service=kinds.names[k // len(streams)], stream=streams[k % len(streams)])
            yield Cell(pair, WINDOW, float(counts[k]))

    return flow


@measure(
    name="exits",
    definition="People a year who end an episode by each of the scenario's exits.",
    unit="people per y",
)
def exits(view: View) -> Iterator[Cell]:
    """Count ways out."""
    kinds, e = view.once(services), view.episodes
    rows = np.flatnonzero(e["exit"] >= 0)
    taken = events(view, e["ended"][rows], e["exit"][rows], len(kinds))
    shown = np.flatnonzero(kinds.ends)
    names = [kinds.names[k] for k in shown.tolist()]
    yield from window_cells(taken[0, shown] * per_year(view.plan), "exit", names)


def _ended_otherwise(
    name: str,
    definition: str,
    outcome: Outcome,
    cause_of: Callable[[View], Ints],
    refusal: Callable[[Plan], str] = nothing,
) -> Measure:
    """Return a measure of requests that ended in a way of their own, by service and cause."""

    @measure(
        name=name,
        definition=definition,
        unit="requests per y",
        refusal=refusal,
        absent_is_zero=True,
    )
    def ended_otherwise(view: View) -> Iterator[Cell]:
        kinds, spells, year = view.once(services), view.spells, per_year(view.plan)
        names = (*view.plan.cause_names, "no cause named")
        rows = np.flatnonzero((spells["outcome"] == outcome) & (spells["started"] == NEVER))
        rows = rows[within(view, spells["left"][rows])]
        cause = cause_of(view)[rows]
        cause = np.where(cause < 0, len(names) - 1, cause)
        service = spells["service"][rows]
        yield Cell(stratum(), WINDOW, len(rows) * year)
        by_service = counted(service, len(kinds))
        for k in np.flatnonzero(by_service).tolist():
            yield Cell(stratum(service=kinds.names[k]), WINDOW, float(by_service[k]) * year)
        pairs, counts = np.unique(service * len(names) + cause, return_counts=True)
        for k, count in zip(pairs.tolist(), counts.tolist(), strict=True):
            pair = stratum(service=kinds.names[k // len(names)], cause=names[k % len(names)])
            yield Cell(pair, WINDOW, count * year)

    return ended_otherwise


def _written(view: View) -> Ints:
    """Return the cause written in each row."""
    written: Ints = view.spells["cause"]
    return written


def _no_rooms(plan: Plan) -> str:
    written = plan.scenario.services.values()
    some = any(getattr(one, "waiting_room", None) for one in written)
    return "" if some else "no service has a waiting room that can be full"


_OF_EPISODE = "by the service asked for and the cause of the episode"
MEASURES = (
    _flow(
        "requests",
        "Requests (referrals) for a service a year, without returns to a kept place. Months are not"
        " scaled to a year.",
        "requests per y",
        _asked,
    ),
    _flow(
        "starts",
        "Stays started at a service a year, returns to a kept place included. Months are not"
        " scaled to a year.",
        "starts per y",
        _started,
    ),
    _flow(
        "ends",
        "Stays ended at a service a year, in whatever way. Months are not scaled to a year.",
        "ends per y",
        _left,
    ),
    exits,
    _ended_otherwise(
        "diversions",
        "Requests a year that were diverted elsewhere when patience ran out, by the service asked"
        " for and the cause written there.",
        Outcome.DIVERTED,
        _written,
    ),
    _ended_otherwise(
        "turned_away_requests",
        f"Requests a year turned away from a full waiting room, {_OF_EPISODE}.",
        Outcome.TURNED_AWAY,
        causes,
        _no_rooms,
    ),
    _ended_otherwise(
        "given_up_requests",
        f"Requests a year given up when patience ran out, {_OF_EPISODE}.",
        Outcome.GAVE_UP,
        causes,
    ),
)
