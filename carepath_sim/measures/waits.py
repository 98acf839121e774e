"""Waits for services: how long, how often, and how many never got there.

The cohort of a period are the requests *needed* in it: from when they were made or, when made
ahead, from when the present stay was over. They are followed through the run-out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, How, Outcome
from carepath_sim.measures.arrays import counted, ratio
from carepath_sim.measures.counting import time, window_cells, within
from carepath_sim.measures.grouped import STATISTICS, WORDS, groups
from carepath_sim.measures.measure import Cell, Measure, measure
from carepath_sim.measures.openings import first_opening
from carepath_sim.measures.periods import WINDOW
from carepath_sim.measures.services import services
from carepath_sim.measures.strata import stratum
from carepath_sim.measures.view import ended, host_rows
from carepath_sim.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.measures.arrays import Bools, Floats, Ints
    from carepath_sim.measures.grouped import Groups
    from carepath_sim.measures.view import View

REQUESTS = "requests needed in the window"


@dataclass(frozen=True)
class Cohort:
    """Requests needed in the window.

    Attributes
    ----------
    rows
        Their rows.
    pairs
        Service and stream of each as one number: service x (streams + 1) + stream + 1.
    streams
        Number of streams + 1.
    """

    rows: Ints
    pairs: Ints
    streams: int


def asked(view: View) -> Ints:
    """Return the rows of requests for written services.

    Who was there at the start asked for nothing, nor do those who return to a place kept for them.
    """
    kinds = view.once(services)
    chosen = kinds.asked_for[view.spells["service"]]
    return np.flatnonzero(chosen & ~np.isin(view.spells["how"], (How.START, How.BACK)))


def cohort(view: View) -> Cohort:
    """Return the requests needed in the window.

    A request made ahead that was withdrawn before it was needed belongs to no cohort.
    """
    spells = view.spells
    rows = view.once(asked)
    arose = (spells["started"][rows] != NEVER) | (view.once(ended)[rows] >= spells["needed"][rows])
    rows = rows[arose & within(view, spells["needed"][rows])]
    streams = len(view.plan.stream_names) + 1
    return Cohort(rows, spells["service"][rows] * streams + spells["stream"][rows] + 1, streams)


def _strata(view: View) -> tuple[list[int], list[tuple[int, str]]]:
    """Return the services shown, and the pairs of service and stream with their names."""
    found, kinds = view.once(cohort), view.once(services)
    shown = np.flatnonzero(kinds.asked_for).tolist()
    wanted = set(np.flatnonzero(np.bincount(found.pairs)).tolist())
    for k in shown:
        for pool in view.plan.services[k].pools:
            names = view.plan.pools[pool].streams
            wanted |= {k * found.streams + view.plan.stream_names.index(n) + 1 for n in names}
    pairs = [
        (k, stratum(service=kinds.names[k // found.streams], stream=view.plan.stream_names[s - 1]))
        for k in sorted(wanted)
        if (s := k % found.streams)
    ]
    return shown, pairs


def _cells(view: View, figure: Callable[[Ints, int], tuple[Floats, Floats]]) -> Iterator[Cell]:
    """Yield a figure by service, and by service and stream.

    Parameters
    ----------
    figure
        Returns values and weights by code, from the codes of the cohort and their number.
    """
    found, codes = view.once(cohort), len(view.once(services))
    by_service = figure(found.pairs // found.streams, codes)
    yield from _described(view, by_service, figure(found.pairs, codes * found.streams))


def _described(
    view: View, by_service: tuple[Floats, Floats], by_pair: tuple[Floats, Floats]
) -> Iterator[Cell]:
    """Yield values and weights by service, and by service and stream."""
    kinds = view.once(services)
    shown, pairs = view.once(_strata)
    values, weights = by_service
    names = [kinds.names[k] for k in shown]
    yield from window_cells(values[shown], "service", names, weights[shown])
    values, weights = by_pair
    for k, name in pairs:
        yield Cell(name, WINDOW, float(values[k]), float(weights[k]))


def _length(word: str, statistic: Callable[[Groups], Floats]) -> Measure:
    @measure(
        name=f"wait_{word}",
        definition=f"{WORDS[word]} wait, from needed to started, of {REQUESTS} and answered by the"
        " end"
        " of the run-out. Those who have not started by then: `wait_unfinished`.",
        unit="h",
        denominator="requests that started",
    )
    def wait(view: View) -> Iterator[Cell]:
        by_service, by_pair = view.once(_lengths)
        yield from _described(view, *(_statistic(g, statistic) for g in (by_service, by_pair)))

    return wait


def _lengths(view: View) -> tuple[Groups, Groups]:
    """Return the waits of those who started, by service, and by service and stream."""
    spells, found = view.spells, view.once(cohort)
    rows = found.rows
    started = spells["started"][rows] != NEVER
    length = spells["started"][rows[started]] - spells["needed"][rows[started]]
    pairs, codes = found.pairs[started], len(view.once(services))
    return (
        groups(pairs // found.streams, length, codes),
        groups(pairs, length, codes * found.streams),
    )


def _statistic(found: Groups, statistic: Callable[[Groups], Floats]) -> tuple[Floats, Floats]:
    return statistic(found) / HOUR, found.count.astype(np.float64)


def _share(
    name: str,
    definition: str,
    chosen: Callable[[View], tuple[Bools, Bools]],
    denominator: str = REQUESTS,
) -> Measure:
    """Return a measure of a share; `chosen` tells which are counted, and among which."""

    @measure(name=name, definition=definition, unit="share", denominator=denominator)
    def share(view: View) -> Iterator[Cell]:
        chosen_ones, among = chosen(view)

        def figure(code: Ints, codes: int) -> tuple[Floats, Floats]:
            under = counted(code[among], codes)
            over = counted(code[chosen_ones & among], codes)
            return ratio(over, under), under

        yield from _cells(view, figure)

    return share


def _ended_as(*outcomes: Outcome) -> Callable[[View], tuple[Bools, Bools]]:
    def chosen(view: View) -> tuple[Bools, Bools]:
        rows = view.once(cohort).rows
        never = view.spells["started"][rows] == NEVER
        ended_so = never & np.isin(view.spells["outcome"][rows], [int(o) for o in outcomes])
        return ended_so, np.ones(len(rows), dtype=np.bool_)

    return chosen


def could_move(view: View, rows: Ints) -> Ints:
    """Return the first instants [ms] at which people of requests could have moved.

    From when the place is needed, the person released from the present place (discharge hours),
    and the service open for admissions.
    """
    spells = view.spells
    host = view.once(host_rows)[rows]
    service = spells["service"][rows]
    leaves = (host >= 0) & ~view.once(services).in_place[service]
    released = np.where(leaves, spells["over"][np.maximum(host, 0)], NEVER)
    return first_opening(view.plan, "admits", service, np.maximum(spells["needed"][rows], released))


def not_granted_at_once(view: View) -> tuple[Bools, Bools]:
    """Tell which of the cohort had no place when they could first move, and who came that far."""
    spells, rows = view.spells, view.once(cohort).rows
    at = could_move(view, rows)
    granted = spells["granted"][rows]
    late = (granted == NEVER) | (granted > at)
    # Who gave up or died before the first chance to move was not kept waiting by a full pool.
    gone_before = (granted == NEVER) & (view.once(ended)[rows] < at)
    return late, ~gone_before


@measure(
    name="waiting_people",
    definition="Mean number of people over time who wait for a service: needed, and not started.",
    unit="people",
    denominator="time of the window",
)
def waiting_people(view: View) -> Iterator[Cell]:
    """Average the people who wait."""
    spells, kinds, rows = view.spells, view.once(services), view.once(asked)
    started = spells["started"][rows]
    until = np.where(started == NEVER, view.once(ended)[rows], started)
    table = time(view, spells["needed"][rows], until, spells["service"][rows], len(kinds))
    shown = np.flatnonzero(kinds.asked_for)
    names = [kinds.names[k] for k in shown.tolist()]
    yield from window_cells(table[0, shown] / view.window, "service", names)


MEASURES = (
    *(_length(word, statistic) for word, statistic in STATISTICS.items()),
    _share(
        "p_wait",
        f"Share of {REQUESTS} that had no place granted at the first instant at which the person"
        " could"
        " have moved: needed, released from the present place, and the service open.",
        not_granted_at_once,
        f"{REQUESTS} that had not ended before that instant",
    ),
    _share(
        "wait_unfinished",
        f"Share of {REQUESTS} still open at the end of the run-out.",
        _ended_as(Outcome.STILL_THERE),
    ),
    _share(
        "given_up",
        f"Share of {REQUESTS} given up when patience ran out.",
        _ended_as(Outcome.GAVE_UP),
    ),
    _share(
        "diverted",
        f"Share of {REQUESTS} diverted to another service when patience ran out.",
        _ended_as(Outcome.DIVERTED),
    ),
    _share(
        "turned_away",
        f"Share of {REQUESTS} turned away from a full waiting room.",
        _ended_as(Outcome.TURNED_AWAY),
    ),
    _share(
        "withdrawn",
        f"Share of {REQUESTS} ended by a crisis, by death or because it was no longer wanted.",
        _ended_as(Outcome.WITHDRAWN, Outcome.INTERRUPTED, Outcome.DIED, Outcome.LEFT_MODEL),
    ),
    waiting_people,
)
