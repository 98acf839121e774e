"""Working days and bank holidays in a run, by hand around Easter 2015.

The run begins on Wednesday 1 April 2015. Good Friday is the 3rd (day 2), Easter Monday the 6th
(day 5); Tuesday the 7th (day 6) is the next working day after Thursday the 2nd (day 1).
"""

from __future__ import annotations

from typing import Any

import pytest
from small import Run, comes, run

from carepath_sim.engine import Outcome

EASTER = {
    "start": "2015-04-01",
    "length": "30 d",
    "run_out": "0 d",
    "bank_holidays": "england",
}


def easter(**sections: Any) -> Run:
    return run(**{"clock": EASTER, **sections})


def test_a_stay_of_working_days_stands_still_over_easter() -> None:
    """From Thursday 10:00 two working days last until Wednesday 10:00: Thursday 14 h, Tuesday."""
    seen = easter(
        arrivals={"ann": comes("check", 34), "bob": comes("check", 60)},
        services={"check": {"stay": "2 working days", "next": "home"}},
    )
    assert (seen.one("ann", "check").started, seen.one("ann", "check").ready) == (34, 178)
    # From Good Friday noon: all of Tuesday and Wednesday; the end is the end of Wednesday.
    assert (seen.one("bob", "check").started, seen.one("bob", "check").ready) == (60, 192)


def test_without_bank_holidays_every_monday_to_friday_is_a_working_day() -> None:
    seen = run(
        clock={**EASTER, "bank_holidays": "none"},
        arrivals={"ann": comes("check", 34)},
        services={"check": {"stay": "2 working days", "next": "home"}},
    )
    assert seen.one("ann", "check").ready == 130  # Thursday 14 h, Friday, Monday 10 h


def test_a_working_day_that_ends_at_midnight_ends_before_the_weekend() -> None:
    """The end is the first instant by which the time has passed: Thursday 24:00, not Tuesday."""
    seen = easter(
        arrivals={"ann": comes("check", 24)},
        services={"check": {"stay": "1 working day", "next": "home"}},
    )
    assert seen.one("ann", "check").ready == 48


def test_a_longest_stay_may_be_in_working_days_and_the_stay_not() -> None:
    seen = easter(
        arrivals={"ann": comes("ward", 34)},
        services={
            "ward": {
                "stay": "20 d",
                "max_stay": "1 working day",
                "next": [{"when": {"event": "max_stay"}, "to": "home"}, {"to": "home"}],
            }
        },
    )
    assert seen.one("ann", "ward").ready == 154  # Thursday 14 h, Tuesday 10 h


def test_patience_in_working_days_does_not_run_out_over_easter() -> None:
    """Ann holds the bed; Bob asks on Thursday 10:00 and is diverted on Tuesday 10:00."""
    seen = easter(
        pools={"bed": {"unit": "beds", "capacity": 1}},
        arrivals={"ann": comes("ward", 1), "bob": comes("ward", 34)},
        services={
            "ward": {
                "pool": "bed",
                "stay": "20 d",
                "max_wait": {"after": "1 working day", "to": "other"},
                "next": "home",
            },
            "other": {"stay": "1 d", "next": "home"},
        },
    )
    wait = seen.one("bob", "ward")
    assert (wait.left, wait.outcome) == (154, Outcome.DIVERTED)
    assert seen.one("bob", "other").started == 154


def test_hours_of_working_days_are_closed_on_bank_holidays() -> None:
    """Ready on Thursday 20:00: `Mon-Fri` discharges on Good Friday, `working days` on Tuesday."""
    seen = easter(
        arrivals={"ann": comes("plain", 10), "bob": comes("working", 10)},
        services={
            "plain": {"stay": "34 h", "discharges": "Mon-Fri 09:00-17:00", "next": "home"},
            "working": {"stay": "34 h", "discharges": "working days 09:00-17:00", "next": "home"},
        },
    )
    assert seen.one("ann", "plain").left == 57
    assert seen.one("bob", "working").left == 153


def test_a_closed_service_opens_again_after_the_bank_holiday() -> None:
    """Asked for on Good Friday; the queue is served at the opening of Tuesday."""
    seen = easter(
        pools={"desk": {"unit": "staff", "capacity": 1}},
        arrivals={"ann": comes("ward", 50), "bob": comes("ward", 51)},
        services={
            "ward": {
                "pool": "desk",
                "admits": "Mon-Fri 09:00-17:00 except bank holidays",
                "stay": "1 h",
                "next": "home",
            }
        },
    )
    assert seen.stays("ann") == [("ward", 153, 154)]
    assert seen.stays("bob") == [("ward", 154, 155)]


def test_a_roster_may_have_other_places_on_bank_holidays() -> None:
    """Two desks on working days, one on bank holidays from 10:00 to 12:00, none otherwise."""
    seen = easter(
        pools={
            "desk": {
                "unit": "staff",
                "capacity": {"working days 09:00-17:00": 2, "bank holidays 10:00-12:00": 1},
            }
        },
        arrivals={name: comes("ward", 50) for name in ("ann", "bob", "cat", "dan")},
        services={"ward": {"pool": "desk", "stay": "2 h", "next": "home"}},
    )
    began = sorted(row.started or 0 for row in seen.rows(service="ward"))
    assert began == [58, 130, 153, 153]  # Good Friday, Easter Monday, and two on Tuesday


@pytest.mark.parametrize(
    ("kind", "hour", "to"),
    [
        ("working", 34, "yes"),
        ("working", 58, "no"),
        ("bank holiday", 58, "yes"),
        ("weekend", 58, "no"),
        ("weekend", 80, "yes"),
        (["weekend", "bank holiday"], 130, "yes"),
        (["weekend", "bank holiday"], 154, "no"),
    ],
)
def test_a_condition_can_ask_for_the_kind_of_day(kind: object, hour: int, to: str) -> None:
    seen = easter(
        arrivals={"ann": comes("gate", hour)},
        services={
            "gate": {
                "stay": "0 h",
                "next": [{"when": {"day": kind}, "to": "yes"}, {"to": "no"}],
            },
            "yes": {"stay": "1 h", "next": "home"},
            "no": {"stay": "1 h", "next": "home"},
        },
    )
    assert [name for name, _, _ in seen.stays("ann")] == ["gate", to]


@pytest.mark.parametrize(
    ("hours", "minute", "to"),
    [
        ("08:30-17:00", 509, "no"),
        ("08:30-17:00", 510, "yes"),
        ("08:30-17:00", 1019, "yes"),
        ("08:30-17:00", 1020, "no"),
        ("22:15-06:00", 359, "yes"),
        ("22:15-06:00", 1335, "yes"),
        ("22:15-06:00", 1334, "no"),
        (["08:30-09:00", "12:00-13:00"], 720, "yes"),
        (["08:30-09:00", "12:00-13:00"], 600, "no"),
    ],
)
def test_hours_of_a_condition_may_be_half_open_to_the_minute(
    hours: object, minute: int, to: str
) -> None:
    seen = easter(
        arrivals={"ann": comes("gate", 24, first=f"{24 * 60 + minute} min")},
        services={
            "gate": {
                "stay": "0 h",
                "next": [{"when": {"hour": hours}, "to": "yes"}, {"to": "no"}],
            },
            "yes": {"stay": "1 h", "next": "home"},
            "no": {"stay": "1 h", "next": "home"},
        },
    )
    assert [name for name, _, _ in seen.stays("ann")] == ["gate", to]
