"""Flows through services: requests, starts and ends a year, and diversions by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, How, Outcome
from carepath_sim.measures.counting import events, window_cells, within
from carepath_sim.measures.measure import Cell, Measure, measure
from carepath_sim.measures.periods import WINDOW, per_year
from carepath_sim.measures.services import services
from carepath_sim.measures.strata import stratum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.measures.arrays import Ints
    from carepath_sim.measures.view import View


def _asked(view: View) -> tuple[Ints, Ints]:
    rows = np.flatnonzero(~np.isin(view.spells["how"], (How.START, How.BACK)))
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
        table = events(view, t, service, len(kinds)) * year
        shown = np.flatnonzero(kinds.written | kinds.home)
        names = [kinds.names[k] for k in shown.tolist()]
        yield from window_cells(table[0, shown], "service", names)
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
    kinds, spells = view.once(services), view.spells
    rows = np.flatnonzero(kinds.ends[spells["service"]])
    granted = events(view, spells["granted"][rows], spells["service"][rows], len(kinds))
    shown = np.flatnonzero(kinds.ends)
    names = [kinds.names[k] for k in shown.tolist()]
    yield from window_cells(granted[0, shown] * per_year(view.plan), "exit", names)


@measure(
    name="diversions",
    definition="Requests a year that were diverted elsewhere when patience ran out, by the service"
    " asked for"
    " and the cause written there.",
    unit="requests per y",
    absent_is_zero=True,
)
def diversions(view: View) -> Iterator[Cell]:
    """Count diversions by service and cause."""
    kinds, spells = view.once(services), view.spells
    causes = (*view.plan.cause_names, "no cause named")
    rows = np.flatnonzero(spells["outcome"] == Outcome.DIVERTED)
    rows = rows[within(view, spells["left"][rows])]
    cause = np.where(spells["cause"][rows] < 0, len(causes) - 1, spells["cause"][rows])
    pairs = spells["service"][rows] * len(causes) + cause
    found, counts = np.unique(pairs, return_counts=True)
    yield Cell(stratum(), WINDOW, len(rows) * per_year(view.plan))
    for k, count in zip(found.tolist(), counts.tolist(), strict=True):
        name = stratum(service=kinds.names[k // len(causes)], cause=causes[k % len(causes)])
        yield Cell(name, WINDOW, count * per_year(view.plan))


MEASURES = (
    _flow(
        "requests",
        "Requests (referrals) for a service a year, without returns to a kept place.",
        "requests per y",
        _asked,
    ),
    _flow(
        "starts",
        "Stays started at a service a year, returns to a kept place included.",
        "starts per y",
        _started,
    ),
    _flow("ends", "Stays ended at a service a year, in whatever way.", "ends per y", _left),
    exits,
    diversions,
)
