"""Costs by payer and service, visits and contact hours."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from carepath_sim.engine.spells import How
from carepath_sim.measures import notes
from carepath_sim.plan.plan import AttributeInfo
from carepath_sim.scenario.values import Case, Cost, Number, Visits
from carepath_sim.scenario.values import Test as Condition


def priced(world: Any, *costs: tuple[float, str, str], **more: Any) -> None:
    """Add a service at home with costs (pounds, per, payer)."""
    given = tuple(Cost(Number(pounds), per, payer) for pounds, per, payer in costs)
    world.service("hospital_at_home", "own_home", costs=given, **more)


def test_costs_per_day_are_occupied_time_clipped_to_the_window(world: Any) -> None:
    priced(world, (100, "day", "nhs"))
    world.spell(world.person(), "hospital_at_home", -4, 2.5, ready=1)  # 2.5 days, delay included
    world.spell(world.person(), "hospital_at_home", 60, 90)  # 1 day
    cells = world.cells("costs")
    assert cells["all", "window"] == pytest.approx(350)
    assert cells["payer:nhs", "window"] == pytest.approx(350)
    assert cells["service:hospital_at_home", "window"] == pytest.approx(350)
    assert cells["payer:nhs | service:hospital_at_home", "window"] == pytest.approx(350)


def test_costs_per_stay_count_starts_in_the_window(world: Any) -> None:
    priced(world, (40, "stay", "nhs"), (10, "day", "council"))
    world.spell(world.person(), "hospital_at_home", -4, 2)
    world.spell(world.person(), "hospital_at_home", 60.5, 90)
    world.spell(world.person(), "hospital_at_home", 5, 6, how=How.BACK)
    world.spell(world.person(), "hospital_at_home", 70, 90)
    cells = world.cells("costs")
    assert cells["payer:nhs", "window"] == pytest.approx(40)
    assert cells["payer:council", "window"] == pytest.approx(10 * 3.5)
    assert cells["all", "window"] == pytest.approx(75)


def test_costs_per_place_are_those_of_the_capacity(world: Any) -> None:
    pool = world.pool("virtual_beds", [(-10, 4), (30.5, 6)])
    priced(world, (2, "place_day", "nhs"), pools=(pool,))
    assert world.value("costs") == pytest.approx(2 * (30.5 * 4 + 30.5 * 6))


def visited(world: Any, *cases: Case[Visits], while_waiting: bool = True, **more: Any) -> None:
    world.written["hospital_at_home"] = SimpleNamespace(visiting=cases)
    priced(
        world,
        (7, "visit", "council"),
        visits=tuple(case.value for case in cases),
        visits_while_waiting=while_waiting,
        **more,
    )


TWICE = Case(Visits(Number(2), Number(45)))


def test_visits_go_on_during_the_delay(world: Any) -> None:
    visited(world, TWICE)
    world.spell(world.person(), "hospital_at_home", 1, 11, ready=8)
    world.spell(world.person(), "hospital_at_home", 60, 80)
    assert world.value("visits", "service:hospital_at_home") == pytest.approx(22)
    assert world.value("visits", "all", "2015-04") == pytest.approx(20)
    assert world.value("contact_hours") == pytest.approx(22 * 0.75)
    assert world.value("costs") == pytest.approx(22 * 7)


def test_visits_may_stop_when_the_person_is_ready(world: Any) -> None:
    visited(world, TWICE, while_waiting=False)
    world.spell(world.person(), "hospital_at_home", 1, 11, ready=8)
    assert world.value("visits") == pytest.approx(14)


def test_visits_by_case(world: Any) -> None:
    world.attributes += [AttributeInfo("frail", "person", ("no", "yes"))]
    often = Case(Visits(Number(4), Number(30)), (Condition("frail", ("yes",)),))
    visited(world, often, TWICE)
    world.spell(world.person(frail=1), "hospital_at_home", 1, 11)
    world.spell(world.person(frail=0), "hospital_at_home", 1, 11)
    assert world.value("visits") == pytest.approx(60)
    assert world.value("contact_hours") == pytest.approx(40 * 0.5 + 20 * 0.75)


def test_visits_that_rest_on_what_is_not_recorded_are_left_out_with_a_note(world: Any) -> None:
    visited(world, Case(Visits(Number(4), Number(30)), (Condition("holds", ("x",)),)), TWICE)
    world.spell(world.person(), "hospital_at_home", 1, 11)
    assert world.value("visits") == 0
    (note,) = notes(world.plan, ["visits"])
    assert "hospital_at_home" in note.text
