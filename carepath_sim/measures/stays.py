"""Lengths of stay: with the delay (`length_of_stay`) and without it (`treatment_time`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.spells import NEVER, How
from carepath_sim.measures.arrays import counted, ratio
from carepath_sim.measures.conditions import first_case, unreadable, written_service
from carepath_sim.measures.counting import window_cells, within
from carepath_sim.measures.grouped import STATISTICS, WORDS, groups
from carepath_sim.measures.measure import measure
from carepath_sim.measures.services import services
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.measures.arrays import Floats, Ints
    from carepath_sim.measures.grouped import Groups
    from carepath_sim.measures.measure import Cell, Measure
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.values import Cases, Number

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
    chosen: Ints = rows[(ready != NEVER) & (ready <= until)]
    return chosen


def _lengths_of_stay(view: View) -> Groups:
    return _by_service(view, *view.once(_spent))


def _treatment_times(view: View) -> Groups:
    return _by_service(view, *_treated(view))


def _delays(view: View) -> Groups:
    return _by_service(view, *_delayed(view))


def _by_service(view: View, rows: Ints, taken: Ints) -> Groups:
    return groups(view.spells["service"][rows], taken, len(view.once(services)))


def _length(
    name: str, definition: str, word: str, sorted_by_service: Callable[[View], Groups]
) -> Measure:
    statistic: Callable[[Groups], Floats] = STATISTICS[word]

    @measure(
        name=f"{name}_{word}",
        definition=f"{WORDS[word]} {definition} Share of stays that had not ended:"
        " `stays_unfinished`.",
        unit="d",
        denominator=STAYS,
    )
    def length(view: View) -> Iterator[Cell]:
        found = view.once(sorted_by_service)
        yield from _cells(view, statistic(found) / DAY, found.count.astype(np.float64))

    return length


@measure(
    name="stays_unfinished",
    definition=f"Share of {STAYS} that had not ended at the end of the run-out; lengths of stay"
    " are of the"
    " others, and too short where this share is large.",
    unit="share",
    denominator=STAYS,
)
def stays_unfinished(view: View) -> Iterator[Cell]:
    """Count the stays that go on."""
    rows, codes = view.once(begun), len(view.once(services))
    service = view.spells["service"][rows]
    all_stays = counted(service, codes)
    go_on = view.spells["left"][rows] == NEVER
    open_stays = counted(service[go_on], codes)
    yield from _cells(view, ratio(open_stays, all_stays), all_stays)


def overruns(view: View) -> tuple[Ints, Ints]:
    """Return rows of ended stays with a `max_stay`, and by how much they overran it [ms]."""
    spells, rows = view.spells, view.once(_spent)[0]
    limit = np.full(len(rows), NEVER, dtype=np.int64)
    for k in range(len(view.plan.services)):
        cases = _limits(view.plan, k)
        if cases and not _hidden(view.plan, k):
            mine = np.flatnonzero(spells["service"][rows] == k)
            case = first_case(view, cases, rows[mine], spells["started"][rows[mine]])
            limits: list[Number | None] = [case.value for case in cases]
            values = [NEVER if one is None else round(one.value) for one in limits]
            limit[mine] = np.array([*values, NEVER], dtype=np.int64)[case]
            for row in mine[
                np.array([*(one is not None and one.working for one in limits), False])[case]
            ]:
                started = int(spells["started"][rows[row]])
                limit[row] = (
                    rules.after_working_time(view.plan.tables, started, int(limit[row])) - started
                )
    known = limit != NEVER
    rows, limit = rows[known], limit[known]
    return rows, np.maximum(spells["left"][rows] - spells["started"][rows] - limit, 0)


def _limits(plan: Plan, service: int) -> Cases[Number]:
    """Return the cases of `max_stay` of a service."""
    written = written_service(plan, service)
    return written.max_stay if written else ()


def _hidden(plan: Plan, service: int) -> set[str]:
    """Return the tests of a service's `max_stay` that a record cannot answer."""
    return set().union(*(unreadable(plan, case.when) for case in _limits(plan, service)), set())


def _left_out(plan: Plan) -> str:
    names = [info.name for k, info in enumerate(plan.services) if _hidden(plan, k)]
    if not names:
        return ""
    return f"without {', '.join(names)}, whose max_stay rests on what a record does not hold"


def _overrun_cells(view: View, figure: Callable[[Ints, Ints, int], Floats]) -> Iterator[Cell]:
    """Yield a figure of the services with a `max_stay`."""
    rows, beyond = view.once(overruns)
    plan = view.plan
    service, codes = view.spells["service"][rows], len(plan.services)
    shown = [k for k in range(codes) if _limits(plan, k) and not _hidden(plan, k)]
    weights = counted(service, codes)
    values = figure(service, beyond, codes)[shown]
    yield from window_cells(
        values, "service", [plan.services[k].name for k in shown], weights[shown]
    )


@measure(
    name="max_stay_overrun_share",
    definition=f"Share of {STAYS} and ended that were longer than the service's max_stay.",
    unit="share",
    denominator="ended stays with a max_stay",
    remark=_left_out,
)
def max_stay_overrun_share(view: View) -> Iterator[Cell]:
    """Count the stays beyond their limit."""

    def share(service: Ints, beyond: Ints, codes: int) -> Floats:
        stays = counted(service, codes)
        return ratio(counted(service[beyond > 0], codes), stays)

    yield from _overrun_cells(view, share)


@measure(
    name="max_stay_overrun_mean",
    definition=f"Mean time by which {STAYS} and ended were longer than the service's max_stay"
    " (left -"
    " started - max_stay; 0 where they were not).",
    unit="d",
    denominator="ended stays with a max_stay",
    remark=_left_out,
)
def max_stay_overrun_mean(view: View) -> Iterator[Cell]:
    """Average the time beyond the limit."""
    yield from _overrun_cells(view, lambda *given: groups(*given).mean() / DAY)


MEASURES = (
    *(
        _length(
            "length_of_stay",
            "time from started to left (the delay included).",
            word,
            _lengths_of_stay,
        )
        for word in ("mean", "median", "p90")
    ),
    *(
        _length(
            "treatment_time",
            "time from started to ready (without the delay).",
            word,
            _treatment_times,
        )
        for word in ("mean", "median", "p90")
    ),
    _length(
        "delay_of_leaving",
        "time from ready to left of stays that got ready (0 where nobody waited).",
        "mean",
        _delays,
    ),
    stays_unfinished,
    max_stay_overrun_share,
    max_stay_overrun_mean,
)
