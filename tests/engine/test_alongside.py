"""Services alongside a stay, and steps asked for together whose wait ends."""

from __future__ import annotations

from typing import Any

import pytest
from small import Run, comes, run
from test_crises import ATTRIBUTES, FALLS, fires

from carepath_sim.engine import Outcome
from carepath_sim.errors import ScenarioError
from carepath_sim.measures.delays import pieces
from carepath_sim.measures.view import View

NURSING = {"in_place": True, "pool": "nurses"}
WARD = {"setting": "acute_bed", "stay": "10 h", "next": "home"}


def nursed(nursing: dict[str, Any], *hours: float, **ward: Any) -> Run:
    """Run people who come to a ward at given hours, with one nurse alongside."""
    return run(
        pools={"nurses": {"capacity": 1, "unit": "staff"}},
        arrivals={name: comes("ward", hour) for name, hour in zip("abc", hours, strict=False)},
        services={
            "ward": {**WARD, "alongside": ["nursing"], **ward},
            "nursing": {**NURSING, **nursing},
        },
    )


def test_what_has_no_end_of_its_own_lasts_as_long_as_the_stay() -> None:
    """Asked for at the start; the only nurse is free for Bea when Ann leaves."""
    seen = nursed({}, 0, 4)
    first, second = seen.one("a", "nursing"), seen.one("b", "nursing")
    assert (first.requested, first.started, first.left) == (0, 0, 10)
    assert (first.outcome, first.ready, first.host) == (Outcome.MOVED, None, 0)
    assert (second.requested, second.started, second.left) == (4, 10, 14)
    assert seen.stays("b") == [("ward", 4, 14)]


def test_what_is_done_before_the_stay_ends_frees_its_unit() -> None:
    seen = nursed({"stay": "3 h"}, 0, 1)
    first, second = seen.one("a", "nursing"), seen.one("b", "nursing")
    assert (first.started, first.ready, first.left) == (0, 3, 3)
    assert (second.started, second.ready, second.left) == (3, 6, 6)


def test_what_never_came_is_withdrawn_when_the_stay_ends() -> None:
    """All three leave at hour 10; the nurse was with Ann all the time."""
    seen = nursed({}, 0, 0, 0)
    assert seen.one("a", "nursing").left == 10
    for person in "bc":
        row = seen.one(person, "nursing")
        assert (row.outcome, row.started, row.left) == (Outcome.WITHDRAWN, None, 10)


def test_it_never_delays_the_stay_and_is_no_reason_of_delay() -> None:
    """Ready at 10, over at 12: the two hours are discharge hours, whoever nurses."""
    seen = nursed({"stay": "30 h"}, 0, discharges="daily 12:00-14:00")
    assert seen.stays("a") == [("ward", 0, 12)]
    row = seen.one("a", "nursing")
    assert (row.left, row.ready, row.outcome) == (12, None, Outcome.MOVED)
    cut = View(seen.plan, seen.record).once(pieces)
    assert [cut.reasons[k] for k in cut.reason] == ["discharge hours"]


def test_only_those_ask_for_whom_the_condition_holds() -> None:
    seen = run(
        attributes={"alone": {"shares": {"no": 1, "yes": 0}}},
        pools={"nurses": {"capacity": 5, "unit": "staff"}},
        arrivals={"a": comes("ward", 0), "b": comes("ward", 0, **{"is": {"alone": "yes"}})},
        services={
            "ward": {
                **WARD,
                "alongside": [{"service": "nursing", "when": {"alone": "yes"}}, "cleaning"],
            },
            "nursing": NURSING,
            "cleaning": {"in_place": True},
        },
    )
    assert [row.person for row in seen.rows(service="nursing")] == ["b"]
    assert [row.person for row in seen.rows(service="cleaning")] == ["a", "b"]


def test_the_way_on_does_not_see_it() -> None:
    """`via` is the last step on the way: the assessment, not the nurse who came meanwhile."""
    seen = run(
        pools={"nurses": {"capacity": 1, "unit": "staff"}},
        arrivals={"a": comes("ward", 0)},
        services={
            "ward": {**WARD, "alongside": "nursing", "next": "assessment", "plan_ahead": "4 h"},
            "nursing": {**NURSING, "stay": "9 h"},
            "assessment": {"in_place": True, "stay": "3 h", "next": "rehab"},
            "rehab": {
                "setting": "community_bed",
                "stay": [{"when": {"via": "assessment"}, "fixed": "2 h"}, {"fixed": "90 h"}],
                "next": "home",
            },
        },
    )
    assert seen.one("a", "assessment").ready == 9
    assert seen.one("a", "nursing").ready == 9
    assert seen.stays("a") == [("ward", 0, 10), ("rehab", 10, 12)]


def test_patience_ends_the_wait_and_what_stands_in_is_received() -> None:
    """The nurse is taken; after two hours a volunteer comes instead."""
    seen = run(
        pools={"nurses": {"capacity": 1, "unit": "staff"}},
        arrivals={"a": comes("ward", 0), "b": comes("ward", 1)},
        services={
            "ward": {**WARD, "alongside": "nursing"},
            "nursing": {**NURSING, "max_wait": {"after": "2 h", "to": "volunteer"}},
            "volunteer": {"in_place": True, "stay": "4 h"},
        },
    )
    assert seen.one("b", "nursing").outcome == Outcome.DIVERTED
    row = seen.one("b", "volunteer")
    assert (row.requested, row.started, row.left) == (3, 3, 7)


def resident(to: str, **services: Any) -> Run:
    """Run Rose, who falls on Tuesday at 10:00, with home care and a nurse alongside."""
    return run(
        clock={"start": "2015-06-01", "length": "7 d", "run_out": "0 d"},
        attributes=ATTRIBUTES,
        population={
            "size": 1,
            "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
            "hazards": {"fall": fires("Tue", "falls", to)},
        },
        pools={"nurses": {"capacity": 1, "unit": "staff"}},
        arrivals={"rose": comes("home_care", 0, **FALLS)},
        services={
            "home_care": {
                "setting": "own_home",
                "residence": True,
                "alongside": ["nursing"],
                "keeps_place": "5 d",
            },
            "nursing": NURSING,
            **services,
        },
    )


def test_a_crisis_ends_it_and_the_return_asks_anew() -> None:
    seen = resident("acute", acute={"setting": "acute_bed", "stay": "1 d", "next": "back"})
    fall, back = pytest.approx(34, abs=0.01), pytest.approx(58, abs=0.01)
    first, second = seen.rows("rose", "nursing")
    assert (first.started, first.left) == (0, fall)
    assert (first.outcome, first.cause) == (Outcome.INTERRUPTED, "fall")
    assert (second.requested, second.started, second.left) == (back, back, None)


def test_a_crisis_that_ends_where_it_began_asks_anew_too() -> None:
    """Seen at home for three hours, Rose stays there: her home care goes on, the nurse returns."""
    seen = resident("visit", visit={"in_place": True, "stay": "3 h", "next": "back"})
    first, second = seen.rows("rose", "nursing")
    last = seen.rows("rose", "visit")[-1]  # she falls again and again until eleven
    assert first.left == pytest.approx(34, abs=0.01)
    assert second.started == last.ready == pytest.approx(38, abs=0.01)
    assert len(seen.rows("rose", "home_care")) == 1


# --- steps asked for together ------------------------------------------------------------------


def together(one: dict[str, Any], **more: Any) -> Run:
    """Run Ann and Bob, whose ward asks for two steps at once at hour 10; `one` has one place."""
    return run(
        pools={"ones": {"capacity": 1, "unit": "staff"}},
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 0)},
        services={
            "ward": {**WARD, "next": {"to": {"all_of": ["one", "other"], "then": "home"}}},
            "one": {"in_place": True, "pool": "ones", "stay": "8 h", **one},
            "other": {"in_place": True, "stay": "1 h"},
            **more,
        },
    )


def test_a_step_whose_wait_ends_is_left_out() -> None:
    """Bob's wait for the first step ends after two hours; the second was done: he goes home."""
    seen = together({"max_wait": "2 h"})
    assert seen.one("bob", "one").outcome == Outcome.GAVE_UP
    assert seen.stays("ann") == [("ward", 0, 18)]
    assert seen.stays("bob") == [("ward", 0, 12)]


def test_what_stands_in_for_a_step_is_waited_for() -> None:
    """Diverted at 12 to a step of three hours: only then is Bob done."""
    seen = together(
        {"max_wait": {"after": "2 h", "to": "deputy"}}, deputy={"in_place": True, "stay": "3 h"}
    )
    assert seen.one("bob", "one").outcome == Outcome.DIVERTED
    assert seen.one("bob", "deputy").ready == 15
    assert seen.stays("bob") == [("ward", 0, 15)]


def test_who_stands_outside_does_not_leave_when_one_of_several_steps_is_given_up() -> None:
    """A desk asks for two steps; the wait for one of them ends, the other is still received."""
    seen = run(
        pools={"ones": {"capacity": 1, "unit": "staff"}},
        arrivals={"ann": comes("desk", 0), "bob": comes("desk", 0)},
        services={
            "desk": {
                "in_place": True,
                "stay": "1 h",
                "next": {"to": {"all_of": ["one", "other"], "then": "ward"}},
            },
            "one": {"in_place": True, "pool": "ones", "stay": "8 h", "max_wait": "2 h"},
            "other": {"in_place": True, "stay": "4 h"},
            "ward": WARD,
        },
    )
    assert seen.one("bob", "one").outcome == Outcome.GAVE_UP
    assert seen.stays("bob") == [("ward", 5, 15)]


def test_nobody_is_sent_to_a_bed_in_the_stead_of_one_of_several_steps() -> None:
    with pytest.raises(ScenarioError, match="one of several services received together"):
        together({"max_wait": {"after": "2 h", "to": "home"}})
