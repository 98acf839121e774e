"""Rates of national definition: what is simulated and what is only stated, per 100,000 people.

A national rate is of everybody (admissions of all ages), a model often of older people only. The
scenario states the rest under `background`, which is added to the count before it is divided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.measures.admissions import emergencies, step_ups
from carepath_sim.measures.counting import cells, days, events
from carepath_sim.measures.delayed_transfers import LEGACY, delayed_nights
from carepath_sim.measures.follow_up import denominator, needs
from carepath_sim.measures.measure import Measure, measure
from carepath_sim.measures.outcomes import permanent_admissions
from carepath_sim.measures.periods import per_year
from carepath_sim.units import DAY, YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.measures.arrays import Floats, Ints
    from carepath_sim.measures.measure import Cell
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan

PARTS_OF_A_YEAR = {"year": 1.0, "quarter": 4.0, "month": 12.0, "week": YEAR / DAY / 7}
"""How many of a period a year of 365.25 days has; others are days."""


def stated(plan: Plan, count: str) -> float | None:
    """Return the background that is added to a count [per y], None where nothing is stated."""
    added = [one for one in plan.scenario.background.values() if one.adds_to == count]
    if not added:
        return None
    return sum(
        one.value.value * PARTS_OF_A_YEAR.get(one.per or "year", YEAR / DAY) for one in added
    )


def with_background(view: View, count: str, table: Floats) -> Floats:
    """Return counts by period, shape `(period, 1)`, with what is stated for that time."""
    added = stated(view.plan, count) or 0.0
    return table + added * view.once(days)[:, None] * DAY / YEAR


def _needs(count: str, people: str) -> Callable[[Plan], str]:
    def refusal(plan: Plan) -> str:
        if stated(plan, count) is None:
            return f"the scenario states no background with `adds_to: {count}`"
        return needs(people)(plan)

    return refusal


def _rate(
    count: str, people: str, counted: Callable[[View], Floats], what: str, unit: str, version: str
) -> Measure:
    def remark(plan: Plan) -> str:
        return f"{stated(plan, count):,.0f} a year are stated, not simulated (background)"

    @measure(
        name=f"{count}_rate",
        definition=f"{what} a year, as the national figures count them: those simulated and those"
        " stated as `background`. Months are not scaled to a year.",
        unit=unit,
        denominator=f"denominators.{people}",
        version=version,
        refusal=_needs(count, people),
        remark=remark,
    )
    def rate(view: View) -> Iterator[Cell]:
        table = with_background(view, count, counted(view))
        table = table * (100_000 / (denominator(view.plan, people) or np.nan))
        table[0] *= per_year(view.plan)
        yield from cells(view, table, "", ("all",))

    return rate


def _started(rows_of: Callable[[View], Ints]) -> Callable[[View], Floats]:
    def counted(view: View) -> Floats:
        rows = view.once(rows_of)
        return events(view, view.spells["started"][rows], np.zeros_like(rows), 1)

    return counted


def counts(view: View, count: str) -> Floats:
    """Return a count with its background by period, shape `(period, 1)`.

    Parameters
    ----------
    count
        Name of a count that payments can depend on.
    """
    return with_background(view, count, COUNTED[count](view))


COUNTED: dict[str, Callable[[View], Floats]] = {
    "emergency_admissions": _started(emergencies),
    "step_up_admissions": _started(step_ups),
    "delayed_transfer_days": lambda view: view.once(delayed_nights),
    "care_home_admissions": _started(permanent_admissions),
}
"""How each count is counted that a background can be added to, or money depends on."""

MEASURES = (
    _rate(
        "emergency_admissions",
        "all_ages",
        COUNTED["emergency_admissions"],
        "Emergency admissions",
        "admissions per 100,000 people",
        "Better Care Fund 2015/16",
    ),
    _rate(
        "delayed_transfer_days",
        "adults",
        COUNTED["delayed_transfer_days"],
        "Delayed days",
        "delayed days per 100,000 adults",
        LEGACY,
    ),
    _rate(
        "care_home_admissions",
        "over_65",
        COUNTED["care_home_admissions"],
        "Permanent care home admissions",
        "admissions per 100,000 people aged 65+",
        "ASCOF 2A(2), 2014/15, all funding",
    ),
)
