"""Requests, starts and ends a year; diversions and exits; hand-offs."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest

from carepath_sim.engine.spells import How, Outcome
from carepath_sim.units import DAY

YEAR = 365.25 / 61


def test_flows_are_a_years(world: Any) -> None:
    world.given = {"begin": 0}
    world.spell(world.person(), "community", 5, 9, asked=-1, stream="step_up")
    world.spell(world.person(), "community", 62, 63, asked=60, stream="step_down")
    world.spell(world.person(), "community", None, 7, asked=6, outcome=Outcome.DIVERTED)
    world.spell(world.person(), "community", 0, 4, how=How.START)
    world.spell(world.person(), "community", 3, 8, how=How.BACK)
    assert world.value("requests", "service:community") == pytest.approx(2 * YEAR)
    assert world.value("starts", "service:community") == pytest.approx(2 * YEAR)
    assert world.value("ends", "service:community") == pytest.approx(3 * YEAR)
    assert world.value("starts", "service:community | stream:step_up") == pytest.approx(YEAR)
    assert ("service:community | stream:step_down", "window") not in world.cells("starts")


def test_diversions_by_service_and_cause(world: Any) -> None:
    for at in (3, 5, 70):
        world.spell(
            world.person(),
            "community",
            None,
            at,
            asked=at - 1,
            outcome=Outcome.DIVERTED,
            cause="no step-up bed",
        )
    cells = world.cells("diversions")
    assert cells["all", "window"] == pytest.approx(2 * YEAR)
    assert cells["service:community | cause:no step-up bed", "window"] == pytest.approx(2 * YEAR)


def test_exits_by_name(world: Any) -> None:
    for ended in (3, 62):
        world.episode(world.person())
        world.episodes[-1] |= {"ended": ended * DAY, "exit": world.index("advice")}
    world.episode(world.person())
    assert world.value("exits", "exit:advice") == pytest.approx(YEAR)


@pytest.fixture
def bodies(world: Any) -> Any:
    world.service("nurse", in_place=True, organisation="trust", role=("assessment",))
    world.service("carer", "own_home", organisation="council", role=("assessment",))
    world.service("trust_team", "own_home", organisation="trust", role=("assessment",))
    return world


def test_hand_offs_are_changes_of_organisation_within_an_episode(bodies: Any) -> None:
    p = bodies.person()
    bodies.episode(p, "fall", 3)
    bodies.spell(p, "nurse", 3, 4)
    bodies.spell(p, "reablement", 4, 5)  # no organisation named: passed over
    bodies.spell(p, "carer", 5, 6)
    bodies.spell(p, "carer", 6, 7)
    bodies.spell(p, "trust_team", 7, 8)
    bodies.episode(p, "fall", 20)
    bodies.spell(p, "carer", 20, 21)
    # Two changes in the first episode, none in the second and none between them.
    assert bodies.value("hand_offs") == 1
    assert bodies.value("organisations_assessing") == pytest.approx((2 + 1) / 2)
    assert bodies.value("assessments") == pytest.approx((4 + 1) / 2)


def test_journeys_with_many_hand_offs_are_shared_out_by_cause(bodies: Any) -> None:
    """Three hand-offs and two organisations after one fall of two, none after an infection."""
    p = bodies.person()
    bodies.episode(p, "fall", 3)
    for k, name in enumerate(("nurse", "carer", "nurse", "carer")):
        bodies.spell(p, name, 3 + k, 4 + k)
    for cause in ("fall", "infection"):
        q = bodies.person()
        bodies.episode(q, cause, 5)
        bodies.spell(q, "nurse", 5, 6)
    assert bodies.value("hand_offs") == 1
    assert bodies.value("hand_offs", "cause:fall") == 1.5
    assert bodies.value("hand_offs", "cause:infection") == 0
    assert bodies.value("hand_offs_3_or_more") == pytest.approx(1 / 3)
    assert bodies.value("hand_offs_3_or_more", "cause:fall") == 0.5
    assert bodies.value("organisations_met") == pytest.approx((2 + 1 + 1) / 3)
    assert bodies.value("organisations_met_3_or_more") == 0
    assert bodies.value("assessments_3_or_more", "cause:fall") == 0.5
    assert bodies.weights("assessments")["cause:fall", "window"] == 2


def test_episodes_outside_the_window_are_no_journeys_of_it(bodies: Any) -> None:
    p = bodies.person()
    bodies.episode(p, "fall", -3)
    bodies.spell(p, "nurse", 3, 4)
    assert isnan(bodies.value("assessments"))


def test_steps_from_one_service_to_the_next(world: Any) -> None:
    """Each person is written down by hand: the steps are read off the rows."""
    world.service("nurse", in_place=True)
    p = world.person()
    world.spell(p, "home", -5, 3, how=How.START, came_from="home", to="acute")  # no step
    world.spell(p, "acute", 3, 9, came_from="home", to="reablement")
    world.spell(p, "nurse", 7, 8, came_from="acute", host=1)
    gone = {"to": "died", "outcome": Outcome.DIED}
    world.spell(p, "reablement", 9, 20, came_from="acute", via="nurse", **gone)
    world.spell(world.person(), "acute", 60, 70, came_from="home", to="home")
    world.spell(world.person(), "acute", 62, 70, came_from="home", to="home")  # after the window
    cells = {k: v for (k, _), v in world.cells("moves").items()}
    assert cells == pytest.approx(
        {
            "from:home | to:acute": 2 * YEAR,
            "from:acute | to:nurse": YEAR,
            "from:nurse | to:reablement": YEAR,
            "from:reablement | to:died": YEAR,
        }
    )


def test_episodes_a_day_by_weekday_and_month(world: Any) -> None:
    """1 April 2015 was a Wednesday; April had five Wednesdays and four Mondays."""
    for day in (0, 0.9, 5, 61):
        world.episode(world.person(), "fall", day)
    cells = world.cells("episodes_per_day")
    assert cells["all", "window"] == pytest.approx(3 / 61)
    assert cells["all", "2015-04"] == pytest.approx(3 / 30)
    assert cells["weekday:Wed", "2015-04"] == pytest.approx(2 / 5)
    assert cells["weekday:Mon", "2015-04"] == pytest.approx(1 / 4)
    assert cells["weekday:Wed", "2015-05"] == 0.0
