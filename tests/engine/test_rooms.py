"""Waiting rooms: who leaves their place to wait, who blocks it, and who is turned away."""

from __future__ import annotations

from typing import Any

import pytest
from small import Run, comes, run
from test_crises import ATTRIBUTES, FALLS, fires

from carepath_sim.engine import How, Outcome

ROOM = "waiting room of ward"


def ward(*hours: float, room: dict[str, Any], beds: int = 1, **more: Any) -> Run:
    """Run a ward with a waiting room, people a, b, c, ... coming at given hours for ten each."""
    service = {"setting": "acute_bed", "pool": "beds", "stay": "10 h", "next": "home", **more}
    return run(
        pools={"beds": {"capacity": beds}},
        arrivals={name: comes("ward", hour) for name, hour in zip("abcdef", hours, strict=False)},
        services={"ward": {**service, "waiting_room": room}},
    )


def line(room: int, people: int = 4) -> Run:
    """Run two stations of one place each, two and five hours long, with room between them."""
    return run(
        pools={"one": {"capacity": 1}, "two": {"capacity": 1}},
        arrivals={name: comes("one", 0) for name in "abcdef"[:people]},
        services={
            "one": {"setting": "elsewhere", "pool": "one", "stay": "2 h", "next": "two"},
            "two": {
                "setting": "elsewhere",
                "pool": "two",
                "stay": "5 h",
                "next": "home",
                "waiting_room": {"from_inside": room},
            },
        },
    )


def test_who_comes_from_outside_waits_in_the_room_until_it_is_full() -> None:
    """Bea has the chair from hour 1 to 10; Cy finds it taken at 2, Dan finds it free at 10."""
    seen = ward(0, 1, 2, 10, room={"from_outside": 1})
    assert seen.stays("a") == [("ward", 0, 10)]
    assert seen.stays("b") == [(ROOM, 1, 10), ("ward", 10, 20)]
    assert seen.stays("d") == [(ROOM, 10, 20), ("ward", 20, 30)]
    (turned,) = seen.rows("c")
    assert (turned.outcome, turned.requested, turned.left) == (Outcome.TURNED_AWAY, 2, 2)
    assert (turned.started, turned.granted, turned.waited_at) == (None, None, "outside")
    assert seen.end("c") == (2, 2)
    chair = seen.one("b", ROOM)
    assert (chair.how, chair.pool, chair.ready, chair.left_to) == (How.ROOM, None, None, "ward")
    stay = seen.one("b", "ward")
    assert (stay.requested, stay.needed, stay.granted) == (1, 1, 10)
    assert (stay.waited_at, stay.entered_from, stay.how) == ("outside", "outside", How.WAITED)


def test_a_room_for_nobody_is_a_queue_that_nobody_joins() -> None:
    """Erlang's loss: whoever finds the bed taken goes away; at hour 10 it is free."""
    seen = ward(0, 1, 10, room={"from_outside": 0})
    assert seen.stays("c") == [("ward", 10, 20)]
    assert seen.end("b") == (2, 1)
    assert not seen.rows(service=ROOM)


def test_of_those_who_come_together_the_last_in_the_line_is_turned_away() -> None:
    """Five at hour 0: the bed, two chairs; by priority the slow ones come last."""
    order = {"is": {"pace": "slow"}}
    seen = run(
        pools={"beds": {"capacity": 1}},
        attributes={"pace": {"shares": {"slow": 0, "quick": 1}}},
        arrivals={
            "a": comes("ward", 0, **order),
            "b": comes("ward", 0),
            "c": comes("ward", 0, **order),
            "d": comes("ward", 0),
            "e": comes("ward", 0),
        },
        services={
            "ward": {
                "setting": "acute_bed",
                "pool": "beds",
                "stay": "10 h",
                "next": "home",
                "priority": {"by": "pace", "quick": 0, "slow": 1},
                "waiting_room": {"from_outside": 2, "when_full": "lost"},
            }
        },
    )
    assert seen.stays("b") == [("ward", 0, 10)]
    assert seen.stays("d")[0] == (ROOM, 0, 10)
    assert seen.stays("e")[0] == (ROOM, 0, 20)
    for late in ("a", "c"):
        assert seen.rows(late)[-1].outcome == Outcome.TURNED_AWAY


def test_who_waits_already_is_not_turned_away_by_a_better_one() -> None:
    """The chair is taken by a slow one when a quick one comes: the quick one goes."""
    seen = run(
        pools={"beds": {"capacity": 1}},
        attributes={"pace": {"shares": {"slow": 0, "quick": 1}}},
        arrivals={
            "a": comes("ward", 0),
            "b": comes("ward", 1, **{"is": {"pace": "slow"}}),
            "c": comes("ward", 2),
        },
        services={
            "ward": {
                "setting": "acute_bed",
                "pool": "beds",
                "stay": "10 h",
                "next": "home",
                "priority": {"by": "pace", "quick": 0, "slow": 1},
                "waiting_room": {"from_outside": 1},
            }
        },
    )
    assert seen.stays("b") == [(ROOM, 1, 10), ("ward", 10, 20)]
    assert seen.rows("c")[0].outcome == Outcome.TURNED_AWAY


def test_who_is_turned_away_asks_elsewhere_with_the_cause_kept() -> None:
    seen = run(
        pools={"beds": {"capacity": 1}, "others": {"capacity": 1}},
        arrivals={"a": comes("ward", 0), "b": comes("ward", 1)},
        services={
            "ward": {
                "setting": "community_bed",
                "pool": "beds",
                "stay": "10 h",
                "next": "home",
                "waiting_room": {"from_outside": 0, "when_full": {"to": "acute", "cause": "full"}},
            },
            "acute": {"setting": "acute_bed", "pool": "others", "stay": "3 h", "next": "home"},
        },
    )
    row = seen.one("b", "ward")
    assert (row.outcome, row.cause, row.left) == (Outcome.TURNED_AWAY, "full", 1)
    assert seen.stays("b") == [("acute", 1, 4)]


@pytest.mark.parametrize(
    ("room", "first", "second"),
    [
        # b: one 2-4, two 7-12; c: one 4-6, two 12-17; d follows c at one.
        (0, {"b": (2, 7), "c": (7, 12), "d": (12, 17)}, {"b": 7, "c": 12, "d": 17}),
        (1, {"b": (2, 4), "c": (4, 7), "d": (7, 12)}, {"b": 7, "c": 12, "d": 17}),
        (2, {"b": (2, 4), "c": (4, 6), "d": (6, 8)}, {"b": 7, "c": 12, "d": 17}),
    ],
)
def test_who_finds_no_room_inside_blocks_the_place(
    room: int, first: dict[str, tuple[float, float]], second: dict[str, float]
) -> None:
    """Blocking after service: the place is given up when there is room to wait for the next."""
    seen = line(room)
    for person, (begins, ends) in first.items():
        stay = seen.one(person, "one")
        assert (stay.started, stay.ready, stay.left) == (begins, begins + 2, ends)
        assert seen.one(person, "two").started == second[person]
    waits = [
        (row.person, row.started, row.left) for row in seen.rows(service="waiting room of two")
    ]
    expected = {
        0: [],
        1: [("b", 4, 7), ("c", 7, 12), ("d", 12, 17)],
        2: [("b", 4, 7), ("c", 6, 12), ("d", 8, 17)],
    }
    assert waits == expected[room]
    assert all(left == second[person] for person, _, left in waits)


def test_who_stands_in_a_room_holds_nothing() -> None:
    """No circle: a and b would swap wards if they held beds; in the room only b's bed is free."""
    stay = {"setting": "acute_bed", "stay": "4 h"}
    seen = run(
        pools={"left": {"capacity": 1}, "right": {"capacity": 1}},
        arrivals={"a": comes("left", 0), "b": comes("right", 0)},
        services={
            "left": {**stay, "pool": "left", "next": [
                {"when": {"from": "right"}, "to": "home"}, {"to": "right"}]},
            "right": {**stay, "pool": "right", "waiting_room": {"from_inside": 1}, "next": [
                {"when": {"from": "left"}, "to": "home"}, {"to": "left"}]},
        },
    )  # fmt: skip
    # Circles come first in an instant, so that at hour 4 they simply change places.
    assert seen.one("a", "right").how == How.CIRCLE
    assert not seen.rows(service="waiting room of right")


def test_from_means_the_place_before_the_waiting_room() -> None:
    """The stay in the second ward depends on where Bea came from; the room does not hide it."""
    seen = run(
        pools={"beds": {"capacity": 1}, "acute": {"capacity": 1}},
        arrivals={"a": comes("ward", 0), "b": comes("acute", 0)},
        services={
            "acute": {"setting": "acute_bed", "pool": "acute", "stay": "2 h", "next": "ward"},
            "ward": {
                "setting": "community_bed",
                "pool": "beds",
                "stay": [{"when": {"from": "acute"}, "fixed": "7 h"}, {"fixed": "3 h"}],
                "next": "home",
                "waiting_room": {"from_inside": 1},
            },
        },
    )
    assert seen.stays("b") == [("acute", 0, 2), (ROOM, 2, 3), ("ward", 3, 10)]
    assert seen.one("b", "ward").entered_from == "acute"


def test_patience_runs_from_needed_and_ends_in_the_room() -> None:
    """Bea gives up four hours after asking; diverted people leave the room when they move."""
    seen = ward(0, 1, 2, room={"from_outside": 5}, max_wait="4 h")
    assert seen.stays("b") == [(ROOM, 1, 5)]
    row = seen.one("b", "ward")
    assert (row.outcome, row.left) == (Outcome.GAVE_UP, 5)
    assert seen.end("b") == (2, 5)


def test_who_turns_elsewhere_waits_in_the_room_until_there_is_a_place() -> None:
    """Diverted at 3 to a ward that is full till 8: the chair stays taken, and Cy is turned away."""
    seen = run(
        pools={"beds": {"capacity": 1}, "others": {"capacity": 1}},
        arrivals={
            "a": comes("ward", 0),
            "b": comes("ward", 1),
            "c": comes("ward", 4),
            "x": comes("acute", 0),
        },
        services={
            "ward": {
                "setting": "community_bed",
                "pool": "beds",
                "stay": "30 h",
                "next": "home",
                "max_wait": {"after": "2 h", "to": "acute"},
                "waiting_room": {"from_outside": 1},
            },
            "acute": {"setting": "acute_bed", "pool": "others", "stay": "8 h", "next": "home"},
        },
    )
    assert seen.stays("b") == [(ROOM, 1, 8), ("acute", 8, 16)]
    assert seen.one("b", "acute").entered_from == "outside"
    assert seen.rows("c")[0].outcome == Outcome.TURNED_AWAY


def test_callers_keep_their_place_and_are_counted_in_line() -> None:
    """One answers for two hours, one may hold the line: the third caller hears the tone."""
    seen = run(
        pools={"desk": {"capacity": 1, "unit": "staff"}},
        arrivals={
            name: comes("phone", hour) for name, hour in zip("abcd", (0, 1, 1.5, 2), strict=True)
        },
        services={
            "phone": {
                "in_place": True,
                "pool": "desk",
                "stay": "2 h",
                "next": "home",
                "waiting_room": {"from_outside": 1},
            }
        },
    )
    assert [seen.one(p, "phone").started for p in "abd"] == [0, 2, 4]
    assert seen.one("c", "phone").outcome == Outcome.TURNED_AWAY
    assert seen.end("c") == (2, 1.5)
    assert "waiting room of phone" not in {service.name for service in seen.plan.services}


def test_who_is_in_a_bed_is_never_turned_away_from_a_step() -> None:
    """Ann's question from the ward waits behind the call, though nobody from outside may wait."""
    seen = run(
        pools={"desk": {"capacity": 1, "unit": "staff"}, "beds": {"capacity": 1}},
        arrivals={"ann": comes("ward", 0), "bob": comes("phone", 9)},
        services={
            "ward": {"setting": "acute_bed", "pool": "beds", "stay": "10 h", "next": "phone"},
            "phone": {
                "in_place": True,
                "pool": "desk",
                "stay": "4 h",
                "next": "home",
                "waiting_room": {"from_outside": 0},
            },
        },
    )
    step = seen.one("ann", "phone")
    assert (step.requested, step.started, step.ready) == (10, 13, 17)


def test_a_crisis_in_the_room_ends_the_wait_and_is_met_at_home() -> None:
    """Rose waits at home for reablement since hour 1 (Sam has the place) and falls on Tuesday."""
    clock = {"start": "2015-06-01", "length": "7 d", "run_out": "0 d"}
    seen = run(
        clock=clock,
        attributes=ATTRIBUTES,
        population={
            "size": 1,
            "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
            "hazards": {"fall": fires("Tue", "falls", "acute")},
        },
        pools={"reablement": {"capacity": 1}},
        arrivals={
            "rose": comes("reablement", 1, **FALLS),
            "sam": comes("reablement", 0),
            "tom": comes("reablement", 36),
        },
        services={
            "reablement": {
                "setting": "own_home",
                "pool": "reablement",
                "stay": "5 d",
                "next": "home",
                "waiting_room": {"from_outside": 1},
            },
            "acute": {"setting": "acute_bed", "stay": "1 d", "next": "home"},
        },
    )
    fall = pytest.approx(34, abs=0.01)
    room = seen.one("rose", "waiting room of reablement")
    assert (room.started, room.left) == (1, fall)
    assert (room.outcome, room.cause) == (Outcome.INTERRUPTED, "fall")
    wait = seen.one("rose", "reablement")
    assert (wait.outcome, wait.cause, wait.left) == (Outcome.WITHDRAWN, "fall", fall)
    home = seen.rows("rose", "home")[0]
    assert (home.started, home.how) == (fall, How.BACK)
    assert seen.one("rose", "acute").started == fall
    assert seen.one("tom", "waiting room of reablement").started == 36, "her chair is free"


def test_a_place_given_up_at_an_instant_is_passed_on_before_anybody_is_turned_away() -> None:
    """At hour 4 b leaves station one for the room; d, new at 4, is granted nothing but a chair.

    One: a 0-2, b 2-4; two: a 2-7. At 4 b finds the room free, so that c enters one, and the
    chair before one, which c leaves, is d's.
    """
    seen = run(
        pools={"one": {"capacity": 1}, "two": {"capacity": 1}},
        arrivals={
            name: comes("one", hour) for name, hour in zip("abcd", (0, 1, 3, 4), strict=True)
        },
        services={
            "one": {
                "setting": "elsewhere",
                "pool": "one",
                "stay": "2 h",
                "next": "two",
                "waiting_room": {"from_outside": 1},
            },
            "two": {
                "setting": "elsewhere",
                "pool": "two",
                "stay": "5 h",
                "next": "home",
                "waiting_room": {"from_inside": 1},
            },
        },
    )
    assert seen.stays("c")[:2] == [("waiting room of one", 3, 4), ("one", 4, 7)]
    assert seen.stays("d")[0] == ("waiting room of one", 4, 7)
