"""Lengths of stay and treatment times of stays started in the window."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from carepath_sim.engine.spells import How, Outcome
from carepath_sim.plan.plan import AttributeInfo
from carepath_sim.scenario.values import Case, Number
from carepath_sim.scenario.values import Test as Condition
from carepath_sim.units import DAY


def test_length_of_stay_has_the_delay_and_treatment_time_has_not(world: Any) -> None:
    world.spell(world.person(), "acute", 1, 9, ready=6)
    world.spell(world.person(), "acute", 1, 5)
    assert world.value("length_of_stay_mean", "service:acute") == pytest.approx(6)
    assert world.value("treatment_time_mean", "service:acute") == pytest.approx(4.5)
    assert world.value("delay_of_leaving_mean", "service:acute") == pytest.approx(1.5)


def test_medians_and_90th_percentiles(world: Any) -> None:
    for days in (1, 2, 3, 4, 10):
        world.spell(world.person(), "acute", 1, 1 + days)
    assert world.value("length_of_stay_median", "service:acute") == pytest.approx(3)
    assert world.value("length_of_stay_p90", "service:acute") == pytest.approx(7.6)


def test_stays_that_go_on_are_counted_as_unfinished(world: Any) -> None:
    world.spell(world.person(), "home_care", 50, 60)
    world.spell(world.person(), "home_care", 50, None, ready=300)
    assert world.value("stays_unfinished", "service:home_care") == 0.5
    assert world.weights("stays_unfinished")["service:home_care", "window"] == 2
    assert world.value("length_of_stay_mean", "service:home_care") == pytest.approx(10)
    assert world.weights("treatment_time_mean")["service:home_care", "window"] == 1


def test_a_stay_cut_short_has_a_length_but_no_treatment_time(world: Any) -> None:
    world.spell(world.person(), "reablement", 3, 8, ready=20, outcome=Outcome.INTERRUPTED)
    assert world.value("length_of_stay_mean", "service:reablement") == pytest.approx(5)
    assert world.weights("treatment_time_mean")["service:reablement", "window"] == 0


def test_who_is_still_waiting_to_leave_has_a_treatment_time(world: Any) -> None:
    world.spell(world.person(), "acute", 50, None, ready=54)
    assert world.value("treatment_time_mean", "service:acute") == pytest.approx(4)
    assert world.weights("length_of_stay_mean")["service:acute", "window"] == 0


def test_the_cohort_started_in_the_window(world: Any) -> None:
    world.given = {"begin": 0}
    world.spell(world.person(), "acute", 0, 30, how=How.START)
    world.spell(world.person(), "acute", 60, 70)
    world.spell(world.person(), "acute", 61, 90)
    assert world.value("length_of_stay_mean", "service:acute") == pytest.approx(10)


def limit(world: Any, *cases: Case[Number]) -> None:
    world.written["community"] = SimpleNamespace(max_stay=cases)


def test_stays_beyond_their_limit(world: Any) -> None:
    limit(world, Case(Number(10 * DAY)))
    world.spell(world.person(), "community", 1, 11)
    world.spell(world.person(), "community", 1, 5)
    world.spell(world.person(), "community", 1, 14)
    assert world.value("max_stay_overrun_share", "service:community") == pytest.approx(1 / 3)
    assert world.value("max_stay_overrun_mean", "service:community") == pytest.approx(1)
    assert ("service:acute", "window") not in world.cells("max_stay_overrun_share")


def test_limits_by_case(world: Any) -> None:
    world.attributes += [AttributeInfo("frail", "person", ("no", "yes"))]
    frail = (Condition("frail", ("yes",)),)
    limit(world, Case(Number(20 * DAY), frail), Case(Number(10 * DAY)))
    world.spell(world.person(frail=1), "community", 1, 16)
    world.spell(world.person(frail=0), "community", 1, 16)
    assert world.value("max_stay_overrun_share", "service:community") == 0.5
    assert world.value("max_stay_overrun_mean", "service:community") == pytest.approx(2.5)
