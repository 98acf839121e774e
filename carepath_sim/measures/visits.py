"""Visits to people during stays, and the hours that they take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER
from carepath_sim.measures.conditions import first_case, unreadable, written_service
from carepath_sim.measures.counting import cells, time
from carepath_sim.measures.measure import Cell, measure
from carepath_sim.measures.periods import WINDOW
from carepath_sim.measures.services import services
from carepath_sim.measures.strata import stratum
from carepath_sim.measures.tapering import cut, tapers
from carepath_sim.measures.view import ended
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures.arrays import Floats, Ints
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.values import Case, Visits


@dataclass(frozen=True)
class Visiting:
    """Times during which people are visited.

    Attributes
    ----------
    rows
        Rows of the stays.
    begin, end
        First and last instant [ms]; the delay is left out where visits stop with it.
    per_day
        Visits a day.
    minutes
        Minutes a visit.
    """

    rows: Ints
    begin: Ints
    end: Ints
    per_day: Floats
    minutes: Floats


def visiting(view: View) -> Visiting:
    """Return who is visited when, and how often."""
    spells, plan = view.spells, view.plan
    rows, per_day, minutes, while_waiting = [], [], [], []
    for k, info in enumerate(plan.services):
        if not info.visits or _hidden(plan, k):
            continue
        mine = np.flatnonzero((spells["service"] == k) & (spells["started"] != NEVER))
        case = first_case(view, _cases(plan, k), mine, spells["started"][mine])
        cases: list[Visits | None] = [c.value for c in _cases(plan, k)]
        given = [(v.per_day.value, v.minutes.value) if v else (0.0, 0.0) for v in cases]
        often = np.array([*given, (0.0, 0.0)])[case]
        rows.append(mine)
        per_day.append(often[:, 0])
        minutes.append(often[:, 1])
        while_waiting.append(np.full(len(mine), info.visits_while_waiting))
    if not rows:
        none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
        return Visiting(none, none, none, nothing, nothing)
    row = np.concatenate(rows)
    end = view.once(ended)[row]
    ready = spells["ready"][row]
    stops = ~np.concatenate(while_waiting) & (ready != NEVER)
    found = Visiting(
        rows=row,
        begin=spells["started"][row],
        end=np.where(stops, np.minimum(ready, end), end),
        per_day=np.concatenate(per_day),
        minutes=np.concatenate(minutes),
    )
    return in_steps(view, found) if tapers(view) else found


def in_steps(view: View, found: Visiting) -> Visiting:
    """Return times of visits cut where they fall by a step."""
    pieces = cut(view, found.rows, found.begin, found.end)
    steps, falling = view.plan.tapers, pieces.step >= 0
    per_day, minutes = (np.append(column, 0.0) for column in (steps.per_day, steps.minutes))
    return Visiting(
        rows=found.rows[pieces.row],
        begin=pieces.begin,
        end=pieces.end,
        per_day=np.where(falling, per_day[pieces.step], found.per_day[pieces.row]),
        minutes=np.where(falling, minutes[pieces.step], found.minutes[pieces.row]),
    )


def _cases(plan: Plan, service: int) -> tuple[Case[Visits], ...]:
    written = written_service(plan, service)
    return written.visiting if written else ()


def _hidden(plan: Plan, service: int) -> set[str]:
    """Return the tests of a service's visits that a record cannot answer."""
    return set().union(*(unreadable(plan, case.when) for case in _cases(plan, service)), set())


def left_out(plan: Plan) -> str:
    """Name the services whose visits cannot be counted from a record."""
    names = [info.name for k, info in enumerate(plan.services) if _hidden(plan, k)]
    if not names:
        return ""
    return f"without {', '.join(names)}, whose visits rest on what a record does not hold"


def visit_counts(view: View) -> Floats:
    """Return visits by period and service, shape `(period, service)`."""
    found = view.once(visiting)
    service = view.spells["service"][found.rows]
    spent = time(view, found.begin, found.end, service, len(view.plan.services), found.per_day)
    return spent / DAY


def _visited(view: View, table: Floats) -> Iterator[Cell]:
    """Yield a figure of visits: all, by service, by organisation, and by pool they are from."""
    kinds, infos = view.once(services), view.plan.services
    shown = [k for k, info in enumerate(infos) if info.visits]
    yield from cells(view, table[:, shown].sum(axis=1, keepdims=True), "", ("all",))
    yield from cells(view, table[:1, shown], "service", [kinds.names[k] for k in shown])
    for name in dict.fromkeys(infos[k].organisation for k in shown):
        if name:
            theirs = [k for k in shown if infos[k].organisation == name]
            value = float(table[0, theirs].sum())
            yield Cell(stratum(organisation=name), WINDOW, value)


def _of_pools(view: View, amount: Floats) -> Iterator[Cell]:
    """Yield a figure of visits by pool, where the services with visits draw on pools."""
    found, pools = view.once(visiting), view.plan.pools
    pool = view.spells["pool"][found.rows]
    table = time(view, found.begin, found.end, pool, len(pools), amount)[:1] / DAY
    shown = sorted({p for info in view.plan.services if info.visits for p in info.pools})
    yield from cells(view, table[:, shown], "pool", [pools[k].name for k in shown])


@measure(
    name="visits",
    definition="Visits: time at a service clipped to the window x visits a day; the delay counts"
    " unless"
    " visits_while_waiting is false. Where visits fall in steps, each step counts its own.",
    unit="visits",
    remark=left_out,
)
def visits(view: View) -> Iterator[Cell]:
    """Count visits."""
    yield from _visited(view, view.once(visit_counts))
    yield from _of_pools(view, view.once(visiting).per_day)


@measure(
    name="contact_hours",
    definition="Hours that visits take: visits x minutes a visit.",
    unit="h",
    remark=left_out,
)
def contact_hours(view: View) -> Iterator[Cell]:
    """Add up the time of visits."""
    found = view.once(visiting)
    service, codes = view.spells["service"][found.rows], len(view.plan.services)
    hours = time(view, found.begin, found.end, service, codes, found.per_day * found.minutes / 60)
    yield from _visited(view, hours / DAY)
    yield from _of_pools(view, found.per_day * found.minutes / 60)


MEASURES = (visits, contact_hours)
