"""Admissions to hospital: emergency admissions, and step-up admissions apart from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import How, Outcome
from carepath_sim.measures.arrays import latest
from carepath_sim.measures.counting import cells, events
from carepath_sim.measures.episodes import causes, is_emergency
from carepath_sim.measures.follow_up import denominator, needs
from carepath_sim.measures.measure import measure
from carepath_sim.measures.periods import per_year
from carepath_sim.measures.places import at_places, keyed
from carepath_sim.measures.services import ACUTE, COMMUNITY, flag, services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures.arrays import Floats, Ints
    from carepath_sim.measures.measure import Cell
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan

EMERGENCY = (
    "starts of a stay in an acute bed from anywhere but an acute bed, in an episode that began"
    " with a"
    " crisis or an arrival not marked as planned"
)


def emergencies(view: View) -> Ints:
    """Return the rows of emergency admissions, in the window and outside it."""
    rows = _into(view, ACUTE)
    spells, kinds = view.spells, view.once(services)
    from_acute = flag(kinds.place & (kinds.setting == ACUTE), spells["entered_from"][rows])
    return rows[~from_acute & view.once(is_emergency)[rows]]


def step_ups(view: View) -> Ints:
    """Return the rows of starts in a community bed from anywhere but a hospital bed."""
    rows = _into(view, COMMUNITY)
    return rows[~flag(view.once(services).hospital, view.spells["entered_from"][rows])]


def _into(view: View, setting: int) -> Ints:
    rows, kinds = view.once(at_places), view.once(services)
    enters = kinds.hospital & (kinds.setting == setting)
    chosen: Ints = rows[
        enters[view.spells["service"][rows]] & (view.spells["how"][rows] != How.START)
    ]
    return chosen


def _everything(view: View, rows: Ints) -> Floats:
    return events(view, view.spells["started"][rows], np.zeros_like(rows), 1)


def scaled(view: View, table: Floats, name: str) -> Floats:
    """Return counts per 100,000 people of a denominator: a year's for the window, a month's own."""
    found = table * (100_000 / (denominator(view.plan, name) or np.nan))
    found[0] *= per_year(view.plan)
    return found


@measure(
    name="emergency_admissions",
    definition=f"Emergency admissions: {EMERGENCY}. By cause of the episode.",
    unit="admissions",
    absent_is_zero=True,
)
def emergency_admissions(view: View) -> Iterator[Cell]:
    """Count emergency admissions."""
    rows = view.once(emergencies)
    names = view.plan.cause_names
    yield from cells(view, _everything(view, rows), "", ("all",))
    table = events(view, view.spells["started"][rows], view.once(causes)[rows], len(names))
    shown = [
        k for k, name in enumerate(names) if name in _starting_causes(view.plan) or table[0, k]
    ]
    yield from cells(view, table[:, shown], "cause", [names[k] for k in shown])


def _starting_causes(plan: Plan) -> set[str]:
    """Return the causes with which an episode can begin."""
    arrivals = {plan.cause_names[source.cause] for source in plan.sources if source.target >= 0}
    return arrivals | set(plan.hazard_names)


@measure(
    name="emergency_admissions_per_100k",
    definition=f"Emergency admissions a year: {EMERGENCY}. Months are not scaled to a year.",
    unit="admissions per 100,000 people",
    denominator="denominators.all_ages",
    refusal=needs("all_ages"),
)
def emergency_admissions_per_100k(view: View) -> Iterator[Cell]:
    """Relate emergency admissions to people of all ages."""
    table = _everything(view, view.once(emergencies))
    yield from cells(view, scaled(view, table, "all_ages"), "", ("all",))


@measure(
    name="emergency_admissions_per_100k_over_65",
    definition=f"Emergency admissions a year: {EMERGENCY}. Months are not scaled to a year.",
    unit="admissions per 100,000 people aged 65+",
    denominator="denominators.over_65, else the size of the population",
    refusal=needs("over_65"),
)
def emergency_admissions_per_100k_over_65(view: View) -> Iterator[Cell]:
    """Relate emergency admissions to older people."""
    table = _everything(view, view.once(emergencies))
    yield from cells(view, scaled(view, table, "over_65"), "", ("all",))


@measure(
    name="step_up_admissions",
    definition="Step-up admissions: starts of a stay in a community bed from anywhere but a"
    " hospital"
    " bed. They are no emergency admissions; going on from there to an acute bed is one.",
    unit="admissions",
)
def step_up_admissions(view: View) -> Iterator[Cell]:
    """Count step-up admissions."""
    yield from cells(view, _everything(view, view.once(step_ups)), "", ("all",))


@measure(
    name="admissions_after_diversion",
    definition="Emergency admissions asked for at the instant at which another wait of the person"
    " was"
    " diverted (no step-up bed, say) or turned away from a full waiting room. By cause written"
    " there.",
    unit="admissions",
    absent_is_zero=True,
)
def admissions_after_diversion(view: View) -> Iterator[Cell]:
    """Count emergency admissions that stand in for another service."""
    spells, rows = view.spells, view.once(emergencies)
    sent_on = (Outcome.DIVERTED, Outcome.TURNED_AWAY)
    diverted = np.flatnonzero(np.isin(spells["outcome"], sent_on))
    ways_out = keyed(view.plan, spells["person"][diverted], spells["left"][diverted])
    asked = keyed(view.plan, spells["person"][rows], spells["requested"][rows])
    instead_of = latest(ways_out, asked)
    after = instead_of >= 0
    after[after] = ways_out[instead_of[after]] == asked[after]
    rows, instead_of = rows[after], diverted[instead_of[after]]
    yield from cells(view, _everything(view, rows), "", ("all",))
    names = (*view.plan.cause_names, "no cause named")
    cause = spells["cause"][instead_of]
    cause = np.where(cause < 0, len(names) - 1, cause)
    table = events(view, spells["started"][rows], cause, len(names))
    shown = np.flatnonzero(table[0])
    yield from cells(view, table[:, shown], "cause", [names[k] for k in shown.tolist()])


MEASURES = (
    emergency_admissions,
    emergency_admissions_per_100k,
    emergency_admissions_per_100k_over_65,
    step_up_admissions,
    admissions_after_diversion,
)
