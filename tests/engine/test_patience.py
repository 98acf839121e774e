"""Patience: waits that end early, and what an instant shared by many does to them."""

from __future__ import annotations

import pytest
from small import comes, run

from carepath_sim.engine import Outcome

ONE = {"beds": {"unit": "beds", "capacity": 1}}


def test_a_place_freed_at_the_very_instant_patience_runs_out_goes_to_the_person() -> None:
    """Trap 1: the bed that is free at hour 24 is Bob's, whose 24 hours end at hour 24."""
    seen = run(
        pools=ONE,
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 0)},
        services={"ward": {"pool": "beds", "stay": "1 d", "next": "home", "max_wait": "24 h"}},
    )
    row = seen.one("bob", "ward")
    assert (row.granted, row.started, row.left, row.outcome) == (24, 24, 48, Outcome.LEFT_MODEL)


def test_one_millisecond_less_patience_and_the_person_has_gone() -> None:
    """The bed is not held for somebody who gave up (trap 1, the other side)."""
    seen = run(
        pools=ONE,
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 0), "cat": comes("ward", 30)},
        services={
            "ward": {
                "pool": "beds",
                "stay": "1 d",
                "next": "home",
                "max_wait": {"uniform": {"min": "86399999 ms", "max": "86399999.2 ms"}},
            }
        },
    )
    row = seen.one("bob", "ward")
    assert (row.granted, row.outcome) == (None, Outcome.GAVE_UP)
    assert row.left == pytest.approx(24, abs=1e-6)
    assert row.left < 24
    assert seen.end("bob") == (2, row.left)
    assert seen.one("cat", "ward").started == 30


def test_the_diverted_ask_elsewhere_with_the_cause_kept() -> None:
    """No step-up bed within 24 hours: acute admission, in the same episode."""
    seen = run(
        pools=ONE,
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 1)},
        services={
            "ward": {
                "pool": "beds",
                "stay": "3 d",
                "next": "home",
                "max_wait": {"after": "24 h", "to": "acute", "cause": "no step-up bed"},
            },
            "acute": {"setting": "acute_bed", "stay": "1 d", "next": "home"},
        },
    )
    wait, bed = seen.one("bob", "ward"), seen.one("bob", "acute")
    assert (wait.left, wait.started, wait.outcome) == (25, None, Outcome.DIVERTED)
    assert wait.cause == "no step-up bed"
    assert (bed.requested, bed.started, bed.left) == (25, 25, 49)
    assert bed.episode == wait.episode == 0


def test_all_who_are_impatient_at_one_instant_leave_before_any_asks_again() -> None:
    """Bob's bed becomes free by his own diversion: too late for Cat, impatient at that instant."""
    seen = run(
        pools={"ward": {"capacity": 1}, "hotel": {"capacity": 1}},
        arrivals={
            "ann": comes("hotel", 0),
            "bob": comes("ward", 0),
            "cat": comes("ward", 12),
        },
        services={
            "ward": {
                "pool": "ward",
                "stay": "12 h",
                "next": "hotel",
                "max_wait": {"after": "24 h", "to": "lounge"},
            },
            "hotel": {
                "pool": "hotel",
                "stay": "9 d",
                "next": "home",
                "max_wait": {"after": "24 h", "to": "lounge"},
            },
            "lounge": {"stay": "1 h", "next": "home"},
        },
    )
    assert seen.one("bob", "ward").left == 36
    row = seen.one("cat", "ward")
    assert (row.started, row.left, row.outcome) == (None, 36, Outcome.DIVERTED)
    assert seen.stays("cat") == [("lounge", 36, 37)]


def test_with_no_patience_whoever_finds_no_free_place_is_lost() -> None:
    """An Erlang loss system: `max_wait: 0 min` without `to`, from outside."""
    seen = run(
        pools=ONE,
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 23), "cat": comes("ward", 24)},
        services={"ward": {"pool": "beds", "stay": "1 d", "next": "home", "max_wait": "0 min"}},
    )
    assert seen.one("ann", "ward").started == 0
    lost = seen.one("bob", "ward")
    assert (lost.started, lost.left, lost.outcome) == (None, 23, Outcome.GAVE_UP)
    assert seen.end("bob") == (2, 23)
    assert seen.one("cat", "ward").started == 24, "freed at the instant she asked"


def test_patience_runs_from_the_time_when_the_place_is_needed() -> None:
    """Planned four days ahead: two days of patience end two days after the stay, not before."""
    seen = run(
        pools=ONE,
        arrivals={"ann": comes("ward", 0), "bob": comes("reablement", 0)},
        services={
            "reablement": {"stay": "10 d", "plan_ahead": "4 d", "next": "ward"},
            "ward": {
                "pool": "beds",
                "stay": "20 d",
                "next": "home",
                "max_wait": {"after": "2 d", "to": "lounge"},
            },
            "lounge": {"stay": "1 h", "next": "home"},
        },
    )
    wait = seen.one("bob", "ward")
    assert (wait.requested, wait.needed, wait.left) == (144, 240, 288)
    assert seen.one("bob", "reablement").left == 288


def test_patience_does_not_end_a_booked_place() -> None:
    """Booked at once for the next morning: the wait beyond the patience is not the queue's."""
    seen = run(
        pools=ONE,
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {
                "setting": "acute_bed",
                "stay": "2 h",
                "discharges": "Tue 10:00-11:00",
                "next": "ward",
            },
            "ward": {
                "pool": "beds",
                "stay": "1 d",
                "next": "home",
                "max_wait": {"after": "1 h", "to": "lounge"},
                "hold_up_to": "3 d",
            },
            "lounge": {"stay": "1 h", "next": "home"},
        },
    )
    row = seen.one("ann", "ward")
    assert (row.granted, row.started, row.outcome) == (2, 34, Outcome.LEFT_MODEL)


def test_closed_hours_count_for_patience() -> None:
    seen = run(
        pools=ONE,
        arrivals={"ann": comes("ward", 18)},
        services={
            "ward": {
                "pool": "beds",
                "stay": "1 d",
                "next": "home",
                "admits": "daily 09:00-17:00",
                "max_wait": {"after": "4 h", "to": "acute"},
            },
            "acute": {"setting": "acute_bed", "stay": "1 d", "next": "home"},
        },
    )
    assert seen.stays("ann") == [("acute", 22, 46)]


def test_patience_may_differ_by_stream() -> None:
    """Step-up waits a day and is diverted; step-down waits without limit."""
    seen = run(
        pools=ONE,
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 0), "cat": comes("acute", 0)},
        services={
            "acute": {"setting": "acute_bed", "stay": "1 h", "next": "ward"},
            "ward": {
                "pool": "beds",
                "stream": {"from acute": "down", "else": "up"},
                "stay": "5 d",
                "next": "home",
                "max_wait": {"up": {"after": "24 h", "to": "lounge"}},
            },
            "lounge": {"stay": "1 h", "next": "home"},
        },
    )
    assert seen.stays("bob") == [("lounge", 24, 25)]
    assert seen.one("cat", "ward").started == 120
    assert seen.one("cat", "ward").stream == "down"


def test_a_wait_at_home_that_ends_without_target_ends_the_episode() -> None:
    """Somebody who lives here stays at home; somebody from outside leaves the model."""
    seen = run(
        pools=ONE,
        arrivals={
            "ann": comes("ward", 0),
            "bob": comes("desk", 1, returns=True),
            "cat": comes("desk", 2),
        },
        services={
            "desk": {"in_place": True, "stay": "1 h", "next": "ward"},
            "ward": {"pool": "beds", "stay": "9 d", "next": "home", "max_wait": "24 h"},
        },
    )
    assert seen.one("bob", "ward").outcome == Outcome.GAVE_UP
    assert seen.one("bob", "ward").left == 26
    assert seen.episodes("bob") == [("bob", 1, 26)]
    assert seen.end("bob") == (0, None)
    assert seen.end("cat") == (2, 27)


def test_a_stay_ends_at_max_stay_and_the_route_may_tell() -> None:
    """The wait for what comes next may overrun it."""
    seen = run(
        pools=ONE,
        arrivals={"ann": comes("ward", 0), "bob": comes("bridge", 0)},
        services={
            "bridge": {
                "stay": "10 d",
                "max_stay": "3 d",
                "next": [{"when": {"event": "max_stay"}, "to": "ward"}, {"to": "home"}],
            },
            "ward": {"pool": "beds", "stay": "4 d", "max_stay": "5 d", "next": "home"},
        },
    )
    bridge = seen.one("bob", "bridge")
    assert (bridge.ready, bridge.left, bridge.left_to) == (72, 96, "ward")
    assert seen.one("ann", "ward").left == 96, "her stay was shorter than the longest allowed"
