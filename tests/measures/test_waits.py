"""Waits for services, by the cohort of requests needed in the window."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest

from carepath_sim.engine.spells import How, Outcome
from carepath_sim.units import DAY, HOUR


def test_a_wait_runs_from_needed_to_started(world: Any) -> None:
    p = world.person()
    # Asked for ahead on day 2, needed from day 6 on, started on day 9.
    world.spell(p, "acute", 1, 9, ready=6, to="reablement")
    world.spell(p, "reablement", 9, 20, asked=2, needed=6, host=0, granted=8.5)
    assert world.value("wait_mean", "service:reablement") == pytest.approx(72)
    assert world.weights("wait_mean")["service:reablement", "window"] == 1


def test_statistics_are_over_those_who_started(world: Any) -> None:
    for hours in (0, 1, 2, 3, 14):
        world.spell(world.person(), "reablement", 1 + hours / 24, 20, asked=1)
    world.spell(world.person(), "reablement", None, 9, asked=1, outcome=Outcome.GAVE_UP)
    for word, expected in (("mean", 4), ("median", 2), ("p90", 9.6), ("p95", 11.8)):
        assert world.value(f"wait_{word}", "service:reablement") == pytest.approx(expected)
    assert world.value("given_up", "service:reablement") == pytest.approx(1 / 6)


def test_the_cohort_are_requests_needed_in_the_window(world: Any) -> None:
    world.spell(world.person(), "reablement", 2, 20, asked=-1)  # needed before it
    world.spell(world.person(), "reablement", 70, 80, asked=61)  # needed after it
    world.spell(world.person(), "reablement", 65, 80, asked=60)  # needed in it, started after it
    assert world.value("wait_mean", "service:reablement") == pytest.approx(120)
    assert world.weights("given_up")["service:reablement", "window"] == 1


def test_endings_without_a_start_are_told_apart(world: Any) -> None:
    for outcome in (
        Outcome.GAVE_UP,
        Outcome.DIVERTED,
        Outcome.TURNED_AWAY,
        Outcome.WITHDRAWN,
        Outcome.DIED,
    ):
        world.spell(world.person(), "reablement", None, 9, asked=4, outcome=outcome)
    world.spell(world.person(), "reablement", None, None, asked=4, ready=None)
    world.spell(world.person(), "reablement", 4, 9, outcome=Outcome.DIED)
    world.spell(world.person(), "reablement", 4, None, ready=None)
    for name, expected in (
        ("given_up", 1),
        ("diverted", 1),
        ("turned_away", 1),
        ("withdrawn", 2),
        ("wait_unfinished", 1),
    ):
        assert world.value(name, "service:reablement") == pytest.approx(expected / 8)


def test_a_request_made_ahead_and_withdrawn_before_it_was_needed_has_no_wait(world: Any) -> None:
    p = world.person()
    world.spell(p, "community", 1, 8, ready=20, outcome=Outcome.INTERRUPTED)
    world.spell(
        p,
        "reablement",
        None,
        8,
        asked=4,
        needed=20,
        host=0,
        outcome=Outcome.WITHDRAWN,
    )
    assert world.weights("withdrawn")["service:reablement", "window"] == 0


def test_people_there_at_the_start_or_back_at_a_kept_place_asked_for_nothing(world: Any) -> None:
    world.given = {"begin": 0}
    world.spell(world.person(), "home_care", 0, None, ready=None, how=How.START)
    world.spell(world.person(), "home_care", 3, None, ready=None, how=How.BACK)
    assert world.weights("p_wait")["service:home_care", "window"] == 0


def test_streams_are_told_apart(world: Any) -> None:
    world.spell(world.person(), "community", 2, 9, asked=1, stream="step_up")
    world.spell(world.person(), "community", 4, 9, asked=1, stream="step_down")
    assert world.value("wait_mean", "service:community | stream:step_up") == pytest.approx(24)
    assert world.value("wait_mean", "service:community | stream:step_down") == pytest.approx(72)
    assert world.value("wait_mean", "service:community") == pytest.approx(48)


def test_p_wait_is_the_share_not_granted_when_the_person_could_first_move(world: Any) -> None:
    p = world.person()
    # Ready on day 6, released at 10:00 of that day; granted at noon: too late.
    world.spell(p, "acute", 1, 6.5, ready=6, over=6 + 10 / 24)
    world.spell(p, "reablement", 6.5, 20, asked=6, host=0)
    q = world.person()
    # The same with the place granted at nine: nobody could have moved before ten.
    world.spell(q, "acute", 1, 6 + 10 / 24, ready=6, over=6 + 10 / 24)
    world.spell(q, "reablement", 6 + 10 / 24, 20, asked=6, granted=6 + 9 / 24, host=0)
    assert world.value("p_wait", "service:reablement") == 0.5


def test_closed_hours_are_no_wait_for_a_place(world: Any) -> None:
    # Open 09:00-17:00 daily: asked for at 02:00, granted at 09:00 or, by another, at 11:00.
    world.hours["admits", "reablement"] = [
        (k * DAY + 9 * HOUR, k * DAY + 17 * HOUR) for k in range(7)
    ]
    world.spell(world.person(), "reablement", 3 + 9 / 24, 20, asked=3 + 2 / 24)
    world.spell(world.person(), "reablement", 3 + 11 / 24, 20, asked=3 + 2 / 24)
    # Died at 05:00, before the first chance.
    world.spell(
        world.person(), "reablement", None, 3 + 5 / 24, asked=3 + 2 / 24, outcome=Outcome.DIED
    )
    assert world.value("p_wait", "service:reablement") == 0.5
    assert world.weights("p_wait")["service:reablement", "window"] == 2


def test_who_is_lost_at_once_was_kept_waiting(world: Any) -> None:
    """Erlang loss: patience 0, so that the share not granted at once is the share lost."""
    world.spell(world.person(), "acute", None, 3, asked=3, outcome=Outcome.GAVE_UP)
    world.spell(world.person(), "acute", 3, 6)
    assert world.value("p_wait", "service:acute") == 0.5


def test_an_in_place_step_does_not_wait_for_discharge_hours(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 1, 9, ready=6, over=8)
    world.spell(p, "assessment", 7, 8, asked=6, host=0)
    assert world.value("p_wait", "service:assessment") == 1


def test_waiting_people_are_the_mean_number_over_time(world: Any) -> None:
    world.spell(world.person(), "reablement", 10, 20, asked=4)
    world.spell(world.person(), "reablement", None, 3, asked=-2, outcome=Outcome.GAVE_UP)
    assert world.value("waiting_people", "service:reablement") == pytest.approx((6 + 3) / 61)


def test_without_requests_shares_are_undefined(world: Any) -> None:
    assert isnan(world.value("p_wait", "service:reablement"))
