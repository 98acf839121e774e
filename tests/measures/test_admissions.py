"""Emergency admissions, step-up admissions and what diversions lead to."""

from __future__ import annotations

from typing import Any

import pytest

from carepath_sim.engine.spells import How, Outcome


def test_a_start_in_an_acute_bed_in_a_crisis_is_an_emergency_admission(world: Any) -> None:
    p = world.person()
    world.episode(p, "fall", 3)
    world.spell(p, "acute", 3, 8, to="home")
    cells = world.cells("emergency_admissions")
    assert cells["all", "window"] == 1
    assert cells["all", "2015-04"] == 1
    assert cells["all", "2015-05"] == 0
    assert cells["cause:fall", "window"] == 1
    assert cells["cause:infection", "window"] == 0


def test_a_planned_arrival_is_no_emergency_admission(world: Any) -> None:
    p = world.person(source=1)
    world.episode(p, "ward", 3, planned=1)
    world.spell(p, "acute", 3, 8, came_from="outside")
    assert world.value("emergency_admissions") == 0


def test_a_move_between_acute_beds_is_no_admission(world: Any) -> None:
    world.service("acute_other", "acute_bed")
    p = world.person()
    world.episode(p, "fall", 3)
    world.spell(p, "acute", 3, 8, to="acute_other")
    world.spell(p, "acute_other", 8, 12, came_from="acute", host=0)
    assert world.value("emergency_admissions") == 1


def test_a_step_up_admission_is_counted_apart_and_from_there_acute_is_an_emergency(
    world: Any,
) -> None:
    p = world.person()
    world.episode(p, "fall", 3)
    world.spell(p, "community", 3, 8, to="acute")
    assert world.value("emergency_admissions") == 0
    assert world.value("step_up_admissions") == 1
    world.spell(p, "acute", 8, 12, came_from="community", host=0)
    assert world.value("emergency_admissions") == 1
    assert world.value("step_up_admissions") == 1


def test_step_down_is_no_step_up_admission(world: Any) -> None:
    p = world.person()
    world.episode(p, "fall", 3)
    world.spell(p, "acute", 3, 8, to="community")
    world.spell(p, "community", 8, 20, came_from="acute", host=0)
    assert world.value("step_up_admissions") == 0


@pytest.mark.parametrize(("start", "counted"), [(-0.5, 0), (0, 1), (60.9, 1), (61, 0), (70, 0)])
def test_admissions_count_by_their_instant_in_the_window(
    world: Any, start: float, counted: int
) -> None:
    p = world.person()
    world.episode(p, "fall", start)
    world.spell(p, "acute", start, start + 5)
    assert world.value("emergency_admissions") == counted


def test_who_was_there_at_the_start_was_not_admitted(world: Any) -> None:
    world.given = {"begin": 0}
    p = world.person()
    world.episode(p, "fall", 0)
    world.spell(p, "acute", 0, 5, how=How.START)
    assert world.value("emergency_admissions") == 0


def test_the_rate_is_a_years_for_the_window_and_a_months_own_for_a_month(world: Any) -> None:
    world.denominators = {"all_ages": 50_000, "over_65": 10_000}
    for day in (3, 4, 40):
        p = world.person()
        world.episode(p, "fall", day)
        world.spell(p, "acute", day, day + 5)
    # 3 in 61 days, of 50,000: 3 x 365.25 / 61 x 2.
    assert world.value("emergency_admissions_per_100k") == pytest.approx(3 * 365.25 / 61 * 2)
    assert world.value("emergency_admissions_per_100k", "all", "2015-04") == pytest.approx(4)
    assert world.value("emergency_admissions_per_100k_over_65", "all", "2015-05") == 10


def test_without_a_population_of_all_ages_the_rate_is_refused(world: Any) -> None:
    assert world.cells("emergency_admissions_per_100k") == {}
    # People aged 65+ are the population unless said otherwise: 1,000.
    assert world.value("emergency_admissions_per_100k_over_65") == 0


def test_an_admission_at_the_instant_of_a_diversion_stands_in_for_the_other_service(
    world: Any,
) -> None:
    p = world.person()
    world.episode(p, "fall", 3)
    world.spell(
        p,
        "community",
        None,
        4,
        asked=3,
        outcome=Outcome.DIVERTED,
        cause="no step-up bed",
    )
    world.spell(p, "acute", 4.25, 9, asked=4)
    q = world.person()
    world.episode(q, "fall", 4)
    world.spell(q, "acute", 4.25, 9, asked=4)
    cells = world.cells("admissions_after_diversion")
    assert cells["all", "window"] == 1
    assert cells["cause:no step-up bed", "window"] == 1


def test_without_anything_happening_counts_are_zero(world: Any) -> None:
    for name in ("emergency_admissions", "step_up_admissions", "admissions_after_diversion"):
        assert world.value(name) == 0
