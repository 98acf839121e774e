"""Delays cut into pieces: every instant after ready has one reason."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepath_sim.engine.spells import NEVER, Outcome
from carepath_sim.measures.delays import pieces
from carepath_sim.measures.services import RESPONSIBLE
from carepath_sim.units import DAY, HOUR


def found(world: Any, *, stay: int = 0) -> list[tuple[float, float, str, str]]:
    """Return the pieces of a stay: begin and end [d], reason, responsible."""
    cut = world.view.once(pieces)
    mine = np.flatnonzero(cut.host == stay)
    return [
        (
            cut.begin[k] / DAY,
            cut.end[k] / DAY,
            cut.reasons[cut.reason[k]],
            RESPONSIBLE[cut.responsible[k]],
        )
        for k in mine
    ]


def test_a_stay_left_when_ready_has_no_delay(world: Any) -> None:
    world.spell(world.person(), "acute", 1, 6, to="home")
    assert found(world) == []


def test_waiting_for_a_place_is_the_onward_services_delay(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 1, 9, ready=6, to="reablement")
    world.spell(p, "reablement", 9, 20, asked=6, host=0, came_from="acute")
    assert found(world) == [(6, 9, "awaiting reablement", "social")]


def test_an_in_place_step_counts_from_asking_to_its_end_and_then_the_onward_wait(
    world: Any,
) -> None:
    p = world.person()
    world.spell(p, "acute", 1, 16, ready=6, to="home_care")
    world.spell(p, "assessment", 8, 11, asked=6, host=0)  # two days awaited, three received
    world.spell(p, "home_care", 16, None, asked=11, host=0, ready=None)
    assert found(world) == [
        (6, 11, "awaiting assessment", "social"),
        (11, 16, "awaiting home_care", "nhs"),
    ]


def test_of_several_open_steps_the_one_that_ends_last_counts(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 1, 12, ready=6, to="nursing_home")
    world.spell(p, "notice", 6, 8, host=0)
    world.spell(p, "assessment", 6, 12, host=0)
    world.spell(p, "nursing_home", 12, None, host=0, ready=None)
    assert found(world) == [(6, 12, "awaiting assessment", "social")]


def test_of_steps_that_end_together_the_first_written_counts(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 1, 12, ready=6, to="nursing_home")
    world.spell(p, "notice", 6, 12, host=0)
    world.spell(p, "assessment", 6, 12, host=0)
    world.spell(p, "nursing_home", 12, None, host=0, ready=None)
    assert found(world) == [(6, 12, "awaiting notice", "both")]


def test_a_step_that_begins_later_and_ends_later_takes_over_when_it_begins(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 1, 12, ready=6, to="home")
    world.spell(p, "notice", 6, 9, host=0)
    world.spell(p, "assessment", 8, 12, host=0)
    assert found(world) == [
        (6, 8, "awaiting notice", "both"),
        (8, 12, "awaiting assessment", "social"),
    ]


def test_what_runs_before_ready_is_no_delay(world: Any) -> None:
    p = world.person()
    world.spell(p, "community", 1, 30, ready=28, to="home_care")
    world.spell(p, "assessment", 10, 29, host=0)
    world.spell(p, "home_care", 30, None, asked=29, needed=29, host=0, ready=None)
    assert found(world) == [
        (28, 29, "awaiting assessment", "social"),
        (29, 30, "awaiting home_care", "nhs"),
    ]


def test_after_the_grant_come_discharge_hours_then_admission_hours_then_transfer(
    world: Any,
) -> None:
    # Reablement admits Mondays to Fridays 09:00-17:00; 7 April 2015 (day 6) is a Tuesday.
    world.hours["admits", "reablement"] = [
        (k * DAY + 9 * HOUR, k * DAY + 17 * HOUR) for k in range(5)
    ]
    p = world.person()
    world.spell(p, "acute", 1, 8.5, ready=6, over=6.75, to="reablement")
    world.spell(p, "reablement", 8.5, 20, asked=6, granted=6.25, host=0, came_from="acute")
    assert found(world) == [
        (6, 6.25, "awaiting reablement", "social"),
        (6.25, 6.75, "discharge hours", "nhs"),
        (6.75, 7 + 9 / 24, "admission hours", "social"),
        (7 + 9 / 24, 8.5, "transfer", "social"),
    ]


def test_a_postponed_decision_is_a_decision_round(world: Any) -> None:
    world.hours["decides", "acute"] = [(k * DAY + 9 * HOUR, k * DAY + 10 * HOUR) for k in range(7)]
    p = world.person()
    world.spell(p, "acute", 1, 8, ready=6.0, over=6.0, to="reablement")
    world.spell(p, "reablement", 8, 20, asked=6.375, host=0, came_from="acute")
    assert found(world) == [
        (6.0, 6.375, "decision round", "nhs"),
        (6.375, 8, "awaiting reablement", "social"),
    ]


def test_who_returns_to_a_kept_place_waits_for_discharge_hours_only(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 1, 6.5, ready=6, over=6.5, to="care_home")
    world.spell(p, "care_home", 6.5, None, host=0, ready=None)
    assert found(world) == [(6, 6.5, "discharge hours", "nhs")]


def test_a_diverted_wait_passes_its_delay_to_the_service_asked_for_next(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 1, 10, ready=6, to="reablement")
    world.spell(p, "community", None, 7, asked=6, host=0, outcome=Outcome.DIVERTED)
    world.spell(p, "reablement", 10, 20, asked=7, host=0)
    assert found(world) == [
        (6, 7, "awaiting community", "nhs"),
        (7, 10, "awaiting reablement", "social"),
    ]


def test_who_is_still_waiting_at_the_end_of_the_run_is_delayed_until_then(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 1, None, ready=6)
    world.spell(p, "reablement", None, None, asked=6, host=0, ready=None)
    assert found(world) == [(6, 152, "awaiting reablement", "social")]


def test_a_stay_cut_short_before_it_was_ready_has_no_delay(world: Any) -> None:
    p = world.person()
    world.spell(p, "reablement", 1, 6, ready=20, outcome=Outcome.INTERRUPTED, to="acute")
    assert found(world) == []


TIMES = st.integers(0, 40)


@st.composite
def journeys(draw: Any) -> list[dict[str, Any]]:
    """Draw stays with any number of steps and onward requests, well behaved or not."""
    stays = []
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, 10))
        ready = start + draw(st.integers(0, 10))
        left = draw(st.one_of(st.none(), st.integers(ready, ready + 20)))
        over = ready + draw(st.integers(0, 5))
        requests = []
        for _ in range(draw(st.integers(0, 5))):
            asked = draw(st.integers(start, start + 30))
            granted = draw(st.one_of(st.none(), st.integers(asked, asked + 8)))
            started = None if granted is None else draw(st.one_of(st.none(), st.just(granted + 2)))
            requests.append(
                {
                    "service": draw(
                        st.sampled_from(["assessment", "notice", "reablement", "community"])
                    ),
                    "asked": asked,
                    "granted": granted,
                    "start": started,
                    "left": (started or granted or asked) + draw(st.integers(0, 9)),
                }
            )
        stays.append({"start": start, "ready": ready, "left": left, "over": over, "asks": requests})
    return stays


@settings(max_examples=80, deadline=None)
@given(stays=journeys())
def test_pieces_follow_each_other_from_ready_to_left(
    worlds: Any, stays: list[dict[str, Any]]
) -> None:
    world = worlds()
    wanted = {}
    row = 0
    for stay in stays:
        p = world.person()
        world.spell(p, "acute", stay["start"], stay["left"], ready=stay["ready"], over=stay["over"])
        wanted[row] = (stay["ready"], 152 if stay["left"] is None else stay["left"])
        row += 1 + len(stay["asks"])
        for ask in stay["asks"]:
            in_place = ask["service"] in {"assessment", "notice"}
            world.spell(
                p,
                ask["service"],
                ask["start"],
                ask["left"],
                asked=ask["asked"],
                granted=ask["granted"],
                ready=ask["left"] if in_place else None,
                host=0,
            )
    for stay, (ready, left) in wanted.items():
        cut = [(begin, end) for begin, end, _, _ in found(world, stay=stay)]
        if ready == left:
            assert cut == []
        else:
            assert (cut[0][0], cut[-1][1]) == (ready, left)
            assert all(one[1] == other[0] for one, other in pairwise(cut))


@settings(max_examples=80, deadline=None)
@given(stays=journeys())
def test_the_reason_at_every_instant_is_the_first_that_holds(
    worlds: Any, stays: list[dict[str, Any]]
) -> None:
    """The same rule written out hour by hour; steps and onward requests only."""
    world = worlds()
    row, firsts = 0, {}
    for stay in stays:
        p = world.person()
        firsts[row] = stay
        world.spell(
            p, "acute", stay["start"], stay["left"], ready=stay["ready"], over=stay["ready"]
        )
        row += 1 + len(stay["asks"])
        for ask in stay["asks"]:
            # Times never reached: the request was open until it was withdrawn.
            world.spell(
                p, ask["service"], None, ask["left"], asked=ask["asked"], ready=None, host=0
            )
    for number, stay in firsts.items():
        cut = found(world, stay=number)
        for day in range(stay["ready"], 60 if stay["left"] is None else stay["left"]):
            now = day + 0.5
            reasons = [reason for begin, end, reason, _ in cut if begin <= now < end]
            is_open = [ask for ask in stay["asks"] if ask["asked"] <= now < ask["left"]]
            steps = [ask for ask in is_open if ask["service"] in {"assessment", "notice"}]
            onward = [ask for ask in is_open if ask not in steps]
            if steps:
                last = max(ask["left"] for ask in steps)
                best = next(ask for ask in steps if ask["left"] == last)
                assert reasons == [f"awaiting {best['service']}"]
            elif len(onward) == 1:
                assert reasons == [f"awaiting {onward[0]['service']}"]
            elif onward:
                assert reasons[0] in {f"awaiting {ask['service']}" for ask in onward}
            else:
                assert reasons == ["other"]


def test_rows_without_their_host_are_refused(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 1, 9, ready=6)
    world.spell(world.person(), "reablement", 9, 20, asked=6, host=0)
    world.spells[1]["visit"] = 1
    with pytest.raises(ValueError, match="every row of a person"):
        world.view.once(pieces)


def test_never_is_before_everything() -> None:
    """Many comparisons rest on it."""
    assert NEVER < -(2**62)
