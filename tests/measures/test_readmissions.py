"""Readmissions within 28 and 30 days of a live end of a hospital stay."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest

from carepath_sim.engine.spells import Outcome
from carepath_sim.measures import notes


def admitted_twice(world: Any, again: float, service: str = "acute", source: int = 0) -> None:
    p = world.person(source=source)
    world.episode(p, "fall", 1)
    world.spell(p, "acute", 1, 6, to="home")
    world.spell(p, "home", 6, again, ready=None, outcome=Outcome.INTERRUPTED, to=service, host=0)
    world.episode(p, "infection", again)
    world.spell(p, service, again, again + 4, to="died", outcome=Outcome.DIED)


@pytest.mark.parametrize(
    ("again", "within_28", "within_30"),
    [(33.99, 1, 1), (34, 0, 1), (35.99, 0, 1), (36, 0, 0)],
)
def test_less_than_28_x_24_hours(
    world: Any, again: float, within_28: float, within_30: float
) -> None:
    admitted_twice(world, again)
    # One live end only: the second stay ended in death.
    assert world.value("readmissions_28_days") == within_28
    assert world.value("readmissions_30_days") == within_30
    assert world.weights("readmissions_28_days")["all", "window"] == 1


def test_a_return_to_a_step_up_bed_is_reported_apart(world: Any) -> None:
    admitted_twice(world, 20, "community")
    assert world.value("readmissions_28_days") == 0
    assert world.value("step_up_returns_28_days") == 1


def test_a_hospital_stay_goes_on_from_acute_to_community_without_a_gap(world: Any) -> None:
    p = world.person()
    world.episode(p, "fall", 1)
    world.spell(p, "acute", 1, 6, to="community")
    world.spell(p, "community", 6, 20, came_from="acute", host=0, to="home")
    world.spell(p, "home", 20, 30, ready=None, outcome=Outcome.INTERRUPTED)
    world.episode(p, "fall", 30)
    world.spell(p, "acute", 30, 35, to="home")
    # Two live ends, at day 20 (admitted again after ten days) and at day 35.
    assert world.value("readmissions_28_days") == 0.5
    assert world.weights("readmissions_28_days")["all", "window"] == 2


def test_two_readmissions_count_once_for_one_end(world: Any) -> None:
    p = world.person()
    for start in (1, 8, 15):
        world.episode(p, "fall", start)
        world.spell(p, "acute", start, start + 2, to="home")
    # Ends at 3 (next at 8), 10 (next at 15), 17 (none): two of three.
    assert world.value("readmissions_28_days") == pytest.approx(2 / 3)


def test_somebody_elses_admission_is_no_readmission(world: Any) -> None:
    p, q = world.person(), world.person()
    world.episode(p, "fall", 1)
    world.spell(p, "acute", 1, 6, to="home")
    world.episode(q, "fall", 7)
    world.spell(q, "acute", 7, 9, to="home")
    assert world.value("readmissions_28_days") == 0


def test_an_end_late_in_the_window_is_followed_through_the_run_out(world: Any) -> None:
    p = world.person()
    world.episode(p, "fall", 55)
    world.spell(p, "acute", 55, 60, to="home")
    world.episode(p, "fall", 80)
    world.spell(p, "acute", 80, 85, to="home")
    # The end at day 85 lies in the run-out and is no index.
    assert world.value("readmissions_28_days") == 1
    assert world.weights("readmissions_28_days")["all", "window"] == 1


def test_people_who_leave_the_model_are_left_out_with_a_note(world: Any) -> None:
    admitted_twice(world, 20, source=1)
    admitted_twice(world, 50, source=2)
    assert world.value("readmissions_28_days") == 0
    assert world.weights("readmissions_28_days")["all", "window"] == 1
    (note,) = notes(world.plan, ["readmissions_28_days"])
    assert "ward" in note.text
    assert not note.refused


def test_a_short_run_out_refuses_the_measure(world: Any) -> None:
    admitted_twice(world, 20)
    world.given = {"end": world.plan.window + 28 * 86_400_000}
    assert world.cells("readmissions_28_days")
    assert world.cells("readmissions_30_days") == {}
    (note,) = notes(world.plan, ["readmissions_30_days"])
    assert note.refused
    assert "30 d" in note.text
    assert "28 d" in note.text


def test_where_everybody_leaves_the_model_the_measure_is_refused(world: Any) -> None:
    world.given = {"population": 0}
    world.sources = world.sources[:2]
    assert world.cells("readmissions_28_days") == {}


def test_no_end_of_a_stay_gives_no_share(world: Any) -> None:
    assert isnan(world.value("readmissions_28_days"))
