"""Lengths of stay: with the delay (`length_of_stay`) and without it (`treatment_time`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, How
from carepath_sim.measures.arrays import ratio
from carepath_sim.measures.conditions import first_case, unreadable
from carepath_sim.measures.counting import window_cells, within
from carepath_sim.measures.grouped import STATISTICS, WORDS, groups
from carepath_sim.measures.measure import Measure, measure
from carepath_sim.measures.services import services
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.measures.arrays import Floats, Ints
    from carepath_sim.measures.grouped import Groups
    from carepath_sim.measures.measure import Cell
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan

STAYS = "stays started in the window"


def begun(view: View) -> Ints:
    """Return rows of stays at written services started in the window, in-place steps included."""
    spells, kinds = view.spells, view.once(services)
    chosen = (kinds.written & ~kinds.ends)[spells["service"]] & (spells["how"] != How.START)
    return np.flatnonzero(chosen & within(view, spells["started"]))


def _cells(view: View, values: Floats, weights: Floats) -> Iterator[Cell]:
    kinds = view.once(services)
    shown = np.flatnonzero(kinds.written & ~kinds.ends)
    names = [kinds.names[k] for k in shown.tolist()]
    yield from window_cells(values[shown], "service", names, weights[shown])


def _spent(view: View) -> tuple[Ints, Ints]:
    """Return rows of stays that ended, and their lengths [ms]."""
    rows = view.once(begun)
    rows = rows[view.spells["left"][rows] != NEVER]
    return rows, view.spells["left"][rows] - view.spells["started"][rows]


def _treated(view: View) -> tuple[Ints, Ints]:
    """Return rows of stays that reached `ready`, and the time till then [ms]."""
    rows = view.once(_got_ready)
    return rows, view.spells["ready"][rows] - view.spells["started"][rows]


def _delayed(view: View) -> tuple[Ints, Ints]:
    """Return rows of stays that reached `ready` and ended, and the time between [ms]."""
    rows = view.once(_got_ready)
    rows = rows[view.spells["left"][rows] != NEVER]
    return rows, view.spells["left"][rows] - view.spells["ready"][rows]


def _got_ready(view: View) -> Ints:
    rows, spells = view.once(begun), view.spells
    ready, left = spells["ready"][rows], spells["left"][rows]
    # A stay cut short by a crisis or by death was never ready; one that goes on may be later.
    until = np.where(left == NEVER, view.plan.end - 1, left)
    return rows[(ready != NEVER) & (ready <= until)]


def _length(
    name: str, definition: str, word: str, lengths: Callable[[View], tuple[Ints, Ints]]
) -> Measure:
    statistic: Callable[[Groups], Floats] = STATISTICS[word]

    @measure(
        name=f"{name}_{word}",
        definition=f"{WORDS[word]} {definition} Share of stays that had not ended: `stays_unfinished`.",
        unit="d",
        denominator=STAYS,
    )
    def length(view: View) -> Iterator[Cell]:
        rows, taken = view.once(lengths)
        found = groups(view.spells["service"][rows], taken, len(view.once(services)))
        yield from _cells(view, statistic(found) / DAY, found.count.astype(np.float64))

    return length


@measure(
    name="stays_unfinished",
    definition=f"Share of {STAYS} that had not ended at the end of the run-out; lengths of stay are of the"
    " others, and too short where this share is large.",
    unit="share",
    denominator=STAYS,
)
def stays_unfinished(view: View) -> Iterator[Cell]:
    """Count the stays that go on."""
    rows, codes = view.once(begun), len(view.once(services))
    service = view.spells["service"][rows]
    all_stays = np.bincount(service, minlength=codes).astype(np.float64)
    go_on = view.spells["left"][rows] == NEVER
    open_stays = np.bincount(service[go_on], minlength=codes).astype(np.float64)
    yield from _cells(view, ratio(open_stays, all_stays), all_stays)


def limits(view: View) -> tuple[Ints, Ints]:
    """Return rows of ended stays with a `max_stay`, and by how much they overran it [ms]."""
    spells, rows = view.spells, view.once(_spent)[0]
    limit = np.full(len(rows), NEVER, dtype=np.int64)
    for k, info in enumerate(view.plan.services):
        cases = _limit_cases(view.plan, k)
        if cases and not any(unreadable(view.plan, case.when) for case in cases):
            mine = np.flatnonzero(spells["service"][rows] == k)
            case = first_case(view, cases, rows[mine], spells["started"][rows[mine]])
            values = np.array([round(c.value.value) for c in cases] + [NEVER], dtype=np.int64)
            limit[mine] = values[case]
        del info
    known = limit != NEVER
    rows, limit = rows[known], limit[known]
    return rows, np.maximum(spells["left"][rows] - spells["started"][rows] - limit, 0)


def _limit_cases(plan: Plan, service: int):  # noqa: ANN202 - replaced below
    return ()


MEASURES: tuple[Measure, ...] = ()
