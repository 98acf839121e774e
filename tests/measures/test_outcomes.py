"""Outcomes: day 91, permanent care home admissions, independence after reablement."""

from __future__ import annotations

from typing import Any

import pytest

from carepath_sim.engine.spells import How, Outcome
from carepath_sim.measures import notes
from carepath_sim.units import DAY


def discharged(world: Any, *, end: float = 10, to: str = "reablement", **person: Any) -> int:
    """Add a person who leaves an acute bed for reablement and is at home twenty days later."""
    p = world.person(**person)
    world.episode(p, "fall", end - 5)
    world.spell(p, "acute", end - 5, end, to=to)
    world.spell(p, to, end, end + 20, came_from="acute", to="home")
    return p


def test_at_home_on_day_91_after_discharge_into_reablement(world: Any) -> None:
    p = discharged(world)
    world.spell(p, "home", 30, None, ready=None)
    q = discharged(world)
    world.spell(q, "care_home", 30, None, ready=None)
    r = discharged(world)
    world.spell(r, "home", 30, 60, ready=None, outcome=Outcome.DIED, to="died")
    s = discharged(world)  # in hospital on day 101, at home again later
    world.spell(s, "home", 30, 100, ready=None, outcome=Outcome.INTERRUPTED)
    world.spell(s, "acute", 100, 105, to="home")
    world.spell(s, "home", 105, None, ready=None)
    assert world.value("still_at_home_91_days") == 0.25
    assert world.weights("still_at_home_91_days")["all", "window"] == 4
    assert world.value("still_at_home_91_days", "service:reablement") == 0.25


def test_presence_on_day_91_is_from_started_to_before_left(world: Any) -> None:
    for returned, at_home in ((101, True), (101.001, False)):
        p = discharged(world)
        world.spell(p, "acute", 30, returned, to="home")
        world.spell(p, "home", returned, None, ready=None)
        share = world.value("still_at_home_91_days")
        assert share == (1.0 if at_home else 0.5)


def test_who_dies_at_the_very_instant_is_not_at_home(world: Any) -> None:
    for death in (101, 101.001):
        p = discharged(world)
        world.spell(p, "home", 30, death, ready=None, outcome=Outcome.DIED, to="died")
    assert world.value("still_at_home_91_days") == 0.5


def test_reablement_from_home_is_no_index(world: Any) -> None:
    p = world.person()
    world.spell(p, "reablement", 5, 25, to="home")
    world.spell(p, "home", 25, None, ready=None)
    discharged(world, to="home_care")
    assert world.weights("still_at_home_91_days")["all", "window"] == 0


def test_reablement_in_its_own_home_counts_as_home(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 5, 10, to="reablement")
    world.spell(p, "reablement", 10, None, ready=None, came_from="acute")
    assert world.value("still_at_home_91_days") == 1


def test_younger_people_and_people_who_leave_the_model_are_no_index(world: Any) -> None:
    discharged(world, age=50)
    discharged(world, source=1)
    assert world.weights("still_at_home_91_days")["all", "window"] == 0


def test_an_unknown_age_is_that_of_an_older_person(world: Any) -> None:
    discharged(world, age=-1)
    assert world.weights("still_at_home_91_days")["all", "window"] == 1


def test_a_run_out_under_91_days_refuses_the_measure(world: Any) -> None:
    discharged(world)
    world.given = {"end": world.plan.window + 91 * DAY - 1}
    assert world.cells("still_at_home_91_days") == {}
    (note,) = notes(world.plan, ["still_at_home_91_days"])
    assert note.refused


def test_permanent_admission_is_the_first_move_to_a_permanent_service(world: Any) -> None:
    p = world.person()  # moves to a second home: counted once
    world.spell(p, "care_home", 5, 15)
    world.spell(p, "nursing_home", 15, None, ready=None)
    q = world.person()  # lived in one at the start
    world.spell(q, "care_home", -10, 20, how=How.START)
    world.spell(q, "nursing_home", 20, None, ready=None)
    r = world.person()  # moved in during the warm-up, and came back from hospital
    world.spell(r, "care_home", -3, 10, ready=None)
    world.spell(r, "acute", 10, 12)
    world.spell(r, "care_home", 12, None, ready=None, how=How.BACK)
    s = world.person()
    world.spell(s, "nursing_home", 40, None, ready=None)
    world.spell(world.person(age=50), "nursing_home", 40, None, ready=None)
    cells = world.cells("care_home_admissions")
    assert cells["all", "window"] == 3
    assert cells["all", "2015-05"] == 2
    assert cells["service:nursing_home", "window"] == 2
    rate = world.value("care_home_admissions_per_100k_over_65")
    assert rate == pytest.approx(2 * 100 * 365.25 / 61)


def test_no_further_service_is_a_share_of_completed_reablement(world: Any) -> None:
    for to in ("home", "home", "advice", "home_care"):
        world.spell(world.person(), "reablement", 1, 20, to=to)
    world.spell(world.person(), "reablement", 1, 20, outcome=Outcome.INTERRUPTED, to="acute")
    world.spell(world.person(), "reablement", 1, 20, outcome=Outcome.DIED, to="died")
    world.spell(world.person(), "reablement", 1, 70, to="home")  # ends in the run-out
    assert world.value("no_further_service") == 0.75
    assert world.weights("no_further_service")["all", "window"] == 4


def test_a_move_to_other_reablement_is_no_end_of_reablement(world: Any) -> None:
    world.service("council_reablement", "own_home", role=("reablement",))
    p = world.person()
    world.spell(p, "reablement", 1, 20, to="council_reablement")
    world.spell(p, "council_reablement", 20, 40, to="home_care")
    assert world.value("no_further_service") == 0
    assert world.weights("no_further_service")["all", "window"] == 1


def test_the_same_address_is_the_own_home_or_the_same_care_home(world: Any) -> None:
    def way(*places: str, source: int = 0) -> None:
        p = world.person(source=source)
        for k, name in enumerate(places[:-1]):
            world.spell(p, name, 5 + 5 * k, 10 + 5 * k, to=places[k + 1])

    way("acute", "home")  # the first row of somebody who lived at home
    way("reablement", "acute", "home_care")  # at home before and after
    way("care_home", "acute", "care_home")
    way("care_home", "acute", "nursing_home")
    way("acute", "community", "nursing_home")
    way("acute", "home", source=1)  # nobody knows where an arrival lived
    way("acute", "advice")  # no place afterwards
    assert world.value("discharged_to_same_address") == pytest.approx(3 / 5)
    assert world.weights("discharged_to_same_address")["all", "window"] == 5


def test_by_way_of_a_lounge_people_go_where_they_were_going(world: Any) -> None:
    """From the ward to a lounge, and from there to reablement at home, where they live on."""
    world.service("lounge", room_of=world.index("reablement"))
    p = world.person()
    world.spell(p, "acute", 5, 10, to="lounge")
    world.spell(p, "lounge", 10, 10.2, to="reablement", came_from="acute", how=How.ROOM)
    world.spell(p, "reablement", 10.2, 30, to="home", came_from="acute")
    world.spell(p, "home", 30, None, ready=None)
    assert world.value("still_at_home_91_days") == 1
    assert world.weights("still_at_home_91_days")["service:reablement", "window"] == 1
    assert world.value("discharged_to_same_address") == 1
