"""Sharing a pool: policies by stream, several pools, capacity over time, overflow, circles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small import comes, run

from carepath_sim.engine import How

Starts = dict[str, float | None]


def shared(policy: object, people: dict[str, tuple[str, float]], capacity: int) -> Starts:
    """Return when people of the streams `up` and `down` start stays of one day in one pool."""
    pool: dict[str, Any] = {"unit": "beds", "capacity": capacity, "policy": policy}
    seen = run(
        pools={"beds": pool},
        arrivals={name: comes(stream, hour) for name, (stream, hour) in people.items()},
        services={
            stream: {"pool": "beds", "stream": stream, "stay": "1 d", "next": "home"}
            for stream in ("up", "down")
        },
    )
    return {row.person: row.started for row in seen.rows()}


CROWD = {"a": ("up", 0), "b": ("up", 1), "c": ("up", 2), "d": ("down", 3)}


def test_a_shared_pool_takes_whoever_comes() -> None:
    assert shared("shared", CROWD, 3) == {"a": 0, "b": 1, "c": 2, "d": 24}


def test_a_ring_fenced_place_stays_empty_for_its_own_stream() -> None:
    """Two for each: the third step-up waits although a place is free."""
    starts = shared({"ring_fenced": {"up": 2, "down": 2}}, CROWD, 4)
    assert starts == {"a": 0, "b": 1, "c": 24, "d": 3}


def test_a_reserve_is_left_for_its_stream_by_the_others() -> None:
    """`reserved: {up: 1}` of 3: step-down is admitted only while more than one place is free."""
    people = {"a": ("down", 0), "b": ("down", 1), "c": ("down", 2), "d": ("up", 3)}
    assert shared({"reserved": {"up": 1}}, people, 3) == {"a": 0, "b": 1, "c": 25, "d": 3}


def test_a_reserve_may_be_exceeded_by_its_own_stream() -> None:
    assert shared({"reserved": {"up": 1}}, CROWD, 3) == {"a": 0, "b": 1, "c": 2, "d": 25}


def test_partial_sharing_admits_while_the_common_part_lasts() -> None:
    """One of its own each, and one for both: the third step-up waits, the step-down does not."""
    starts = shared({"partial": {"up": 1, "down": 1, "shared": 1}}, CROWD, 3)
    assert starts == {"a": 0, "b": 1, "c": 24, "d": 3}


def test_priority_serves_one_stream_before_the_other() -> None:
    people = {"a": ("up", 0), "b": ("down", 1), "c": ("down", 2), "d": ("up", 3)}
    policy = {"priority": ["up", "down"]}
    assert shared(policy, people, 1) == {"a": 0, "d": 24, "b": 48, "c": 72}


@pytest.mark.parametrize("kind", ["ring_fenced", "partial", "reserved"])
def test_a_stream_that_must_wait_does_not_stand_in_the_way_of_another(kind: str) -> None:
    """Each stream with a part has a line of its own: B waits, C behind B is admitted."""
    policy = {
        "ring_fenced": {"ring_fenced": {"up": 1, "down": 1}},
        "partial": {"partial": {"up": 1, "down": 1, "shared": 0}},
        "reserved": {"reserved": {"up": 1}},
    }[kind]
    people = {"a": ("down", 0), "b": ("down", 1), "c": ("up", 2)}
    assert shared(policy, people, 2)["c"] == 2
    assert shared(policy, people, 2)["b"] >= 24


def test_parts_written_as_shares_follow_the_capacity() -> None:
    """15 % of 7 is one place (largest remainder of 1.05 and 5.95)."""
    people = {"a": ("up", 0), "b": ("up", 1), "c": ("down", 2)}
    policy = {"ring_fenced": {"up": "15 %", "down": "85 %"}}
    assert shared(policy, people, 7) == {"a": 0, "b": 24, "c": 2}


def test_of_several_pools_the_first_written_with_room_is_taken() -> None:
    """A and B find a therapist; C a nurse; D waits for all and gets the first that is free."""
    seen = run(
        pools={"nurses": {"capacity": 1}, "therapists": {"capacity": 2}},
        arrivals={name: comes("visit", k) for k, name in enumerate("abcd")},
        services={
            "visit": {
                "pool": {"any_of": ["therapists", "nurses"]},
                "stay": "10 h",
                "next": "home",
            }
        },
    )
    got = {row.person: (row.pool, row.started) for row in seen.rows()}
    assert got == {
        "a": ("therapists", 0),
        "b": ("therapists", 1),
        "c": ("nurses", 2),
        "d": ("therapists", 10),
    }


def test_nobody_is_put_out_when_the_capacity_falls() -> None:
    """Two stay though only one place is left; the third waits until both of them have gone."""
    seen = run(
        pools={"beds": {"capacity": [{"places": 2}, {"from": "2015-06-02", "places": 1}]}},
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 12), "cat": comes("ward", 25)},
        services={"ward": {"pool": "beds", "stay": "2 d", "next": "home"}},
    )
    assert [(row.started, row.left) for row in seen.rows()] == [(0, 48), (12, 60), (60, 108)]


def test_the_queue_is_served_when_the_capacity_rises() -> None:
    seen = run(
        pools={"desk": {"unit": "staff", "capacity": {"Mon-Fri 09:00-17:00": 1}}},
        arrivals={"ann": comes("call", 7), "bob": comes("call", 16.5), "cat": comes("call", 17)},
        services={"call": {"pool": "desk", "stay": "1 h", "next": "home"}},
    )
    starts = {row.person: (row.started, row.left) for row in seen.rows()}
    assert starts == {"ann": (9, 10), "bob": (16.5, 17.5), "cat": (33, 34)}


def test_a_pool_that_overflows_refuses_nobody_and_shows_the_excess() -> None:
    """Three people in two beds, and no breach: that is what overflow says."""
    seen = run(
        pools={"beds": {"unit": "beds", "capacity": 2, "overflow": "unlimited"}},
        arrivals={name: comes("ward", 0) for name in "abc"},
        services={"ward": {"pool": "beds", "stay": "1 d", "next": "home"}},
    )
    assert [row.started for row in seen.rows()] == [0, 0, 0]
    assert {row.how for row in seen.rows()} == {How.WAITED}


def test_visits_take_minutes_of_a_pool_of_minutes_a_day() -> None:
    """Three visits of 30 minutes are 90 units; 200 minutes are enough for two people."""
    seen = run(
        pools={"rounds": {"unit": "minutes_per_day", "capacity": 200}},
        arrivals={name: comes("care", 0) for name in "abc"},
        services={
            "care": {
                "pool": "rounds",
                "visits": "3 per day of 30 min",
                "stay": "7 d",
                "next": "home",
            }
        },
    )
    assert [(row.units, row.started) for row in seen.rows()] == [(90, 0), (90, 0), (90, 168)]


# --- circles -------------------------------------------------------------------------------


def circle(size: int, **pool: Any) -> Any:
    """Return a run in which `size` people each want the next one's only place at hour 24."""
    names = [f"ward{k}" for k in range(size)]
    return run(
        pools={name: {"unit": "beds", "capacity": 1, **pool} for name in names},
        arrivals={f"p{k}": comes(name, 0) for k, name in enumerate(names)},
        services={
            name: {
                "pool": name,
                "stay": "1 d",
                "next": [
                    {"when": {"cause": f"p{k}"}, "to": names[(k + 1) % size]},
                    {"to": "home"},
                ],
            }
            for k, name in enumerate(names)
        },
    )


@pytest.mark.parametrize("size", [2, 3, 5])
def test_people_who_wait_for_each_others_places_all_move_at_once(size: int) -> None:
    """Never a silent standstill: everybody blocked at hour 24 has moved at hour 24."""
    seen = circle(size)
    for k in range(size):
        row = seen.one(f"p{k}", f"ward{(k + 1) % size}")
        assert (row.requested, row.granted, row.started, row.left) == (24, 24, 24, 48)
        assert row.how == How.CIRCLE
    assert seen.record.audit["breaches"].sum() == 0


def test_a_circle_is_closed_by_the_last_who_becomes_ready() -> None:
    """Ann waits from hour 24 for Bob's bed; Bob is ready at hour 60 and wants hers."""
    seen = run(
        pools={"east": {"capacity": 1}, "west": {"capacity": 1}},
        arrivals={"ann": comes("east", 0), "bob": comes("west", 12)},
        services={
            "east": {
                "pool": "east",
                "stay": "1 d",
                "next": [{"when": {"cause": "ann"}, "to": "west"}, {"to": "home"}],
            },
            "west": {
                "pool": "west",
                "stay": "2 d",
                "next": [{"when": {"cause": "bob"}, "to": "east"}, {"to": "home"}],
            },
        },
    )
    assert seen.stays("ann") == [("east", 0, 60), ("west", 60, 108)]
    assert seen.stays("bob") == [("west", 12, 60), ("east", 60, 84)]


def test_a_circle_forms_behind_the_head_of_the_queue() -> None:
    """Cat from outside stands first in line for the east, but holds nothing to pass on."""
    seen = run(
        pools={"east": {"capacity": 1}, "west": {"capacity": 1}},
        arrivals={"ann": comes("east", 0), "bob": comes("west", 0), "cat": comes("east", 1)},
        services={
            "east": {
                "pool": "east",
                "stay": "1 d",
                "next": [{"when": {"cause": "ann"}, "to": "west"}, {"to": "home"}],
            },
            "west": {
                "pool": "west",
                "stay": "1 d",
                "next": [{"when": {"cause": "bob"}, "to": "east"}, {"to": "home"}],
            },
        },
    )
    assert seen.one("ann", "west").started == seen.one("bob", "east").started == 24
    assert seen.one("cat", "east").started == 48


def test_free_places_are_given_out_before_circles_are_looked_for() -> None:
    """Cat leaves the west at the instant at which Ann and Bob are ready: nobody need turn."""
    seen = run(
        pools={"east": {"capacity": 1}, "west": {"capacity": 2}},
        arrivals={"ann": comes("east", 0), "bob": comes("west", 0), "cat": comes("west", 0)},
        services={
            here: {
                "pool": here,
                "stay": "1 d",
                "next": [{"when": {"cause": mover}, "to": there}, {"to": "home"}],
            }
            for here, there, mover in (("east", "west", "ann"), ("west", "east", "bob"))
        },
    )
    rows = seen.one("ann", "west"), seen.one("bob", "east")
    assert [(row.started, row.how) for row in rows] == [(24, How.WAITED)] * 2


def test_the_queue_moves_up_when_somebody_leaves_it() -> None:
    """Bob needs both beds and gives up at hour 10; Cat behind him needs the one that is free."""
    seen = run(
        pools={"beds": {"capacity": 2}},
        arrivals={"ann": comes("one", 0), "bob": comes("two", 1), "cat": comes("one", 2)},
        services={
            "one": {"pool": "beds", "stay": "2 d", "next": "home"},
            "two": {"pool": "beds", "units": 2, "stay": "1 d", "next": "home", "max_wait": "9 h"},
        },
    )
    assert seen.one("bob", "two").left == 10
    assert seen.one("cat", "one").started == 10


def test_a_circle_needs_both_services_open() -> None:
    """The west admits from 9 to 17: the circle closed at midnight turns at nine."""
    seen = run(
        pools={"east": {"capacity": 1}, "west": {"capacity": 1}},
        arrivals={"ann": comes("east", 9), "bob": comes("west", 9)},
        services={
            "east": {
                "pool": "east",
                "stay": "15 h",
                "next": [{"when": {"cause": "ann"}, "to": "west"}, {"to": "home"}],
            },
            "west": {
                "pool": "west",
                "stay": "15 h",
                "admits": "daily 09:00-17:00",
                "next": [{"when": {"cause": "bob"}, "to": "east"}, {"to": "home"}],
            },
        },
    )
    assert seen.one("ann", "west").started == seen.one("bob", "east").started == 33
    assert seen.one("ann", "west").how == How.CIRCLE


def test_a_circle_turns_although_the_capacity_has_fallen() -> None:
    """Use does not rise, so a roster that fell does not make two wards stand still for ever."""
    falling = [{"places": 1}, {"from": "2015-06-02", "places": 0}]
    seen = circle(2, capacity=falling)
    assert seen.one("p0", "ward1").started == seen.one("p1", "ward0").started == 24


@pytest.mark.parametrize(
    ("policy", "capacity", "starts", "how"),
    [
        ({"ring_fenced": {"one": 1, "two": 1}}, 2, (481, 480), How.WAITED),
        ({"partial": {"one": 1, "two": 1, "shared": 0}}, 2, (481, 480), How.WAITED),
        ({"reserved": {"one": 1}}, 2, (481, 481), How.WAITED),
        ({"reserved": {"one": 1, "two": 1}}, 3, (24, 24), How.CIRCLE),
        ({"priority": ["one", "two"]}, 2, (24, 24), How.CIRCLE),
        ("shared", 2, (24, 24), How.CIRCLE),
    ],
)
def test_places_pass_on_between_streams_only_where_nobodys_share_gets_worse(
    policy: object, capacity: int, starts: tuple[int, int], how: How
) -> None:
    """Across fences a ring of two remains standing: that is the policy, not an error.

    Ann (stream one) in the east wants Bob's place in the west (stream two) and he hers; Cat and
    Dan fill the other places till hours 480 and 481. With a reserve for `one` alone, Bob may not
    take what Ann leaves; nor what Cat leaves, while Ann is in the other place.
    """
    seen = run(
        pools={name: {"capacity": capacity, "policy": policy} for name in ("east", "west")},
        arrivals={
            "ann": comes("east", 1),
            "bob": comes("west", 0),
            "cat": comes("east", 0),
            "dan": comes("west", 1),
        },
        services={
            here: {
                "pool": here,
                "stream": [{"when": {"cause": ["ann", "dan"]}, "value": "one"}, "two"],
                "stay": [
                    {"when": {"cause": ["cat", "dan"]}, "fixed": "20 d"},
                    {"when": {"cause": "ann"}, "fixed": "23 h"},
                    {"fixed": "24 h"},
                ],
                "next": [{"when": {"cause": mover}, "to": there}, {"to": "home"}],
            }
            for here, there, mover in (("east", "west", "ann"), ("west", "east", "bob"))
        },
    )
    rows = seen.one("ann", "west"), seen.one("bob", "east")
    assert [row.requested for row in rows] == [24, 24]
    assert tuple(row.started for row in rows) == starts
    assert {row.how for row in rows} == {how}


def test_within_one_fenced_pool_two_people_may_change_streams_with_each_other() -> None:
    """Each takes the place of the stream that they now belong to: the fences are kept."""
    seen = run(
        pools={"beds": {"capacity": 2, "policy": {"ring_fenced": {"one": 1, "two": 1}}}},
        arrivals={"ann": comes("one", 0), "bob": comes("two", 0)},
        services={
            here: {
                "pool": "beds",
                "stream": here,
                "stay": "1 d",
                "next": [{"when": {"cause": mover}, "to": there}, {"to": "home"}],
            }
            for here, there, mover in (("one", "two", "ann"), ("two", "one", "bob"))
        },
    )
    rows = seen.one("ann", "two"), seen.one("bob", "one")
    assert [(row.started, row.how) for row in rows] == [(24, How.CIRCLE)] * 2


def test_a_change_of_stream_within_a_shared_pool_needs_no_free_place() -> None:
    """The person's own place is what they wait for: a circle of one."""
    seen = run(
        pools={"beds": {"capacity": 1, "policy": {"priority": ["up", "down"]}}},
        arrivals={"ann": comes("first", 0), "bob": comes("first", 1)},
        services={
            "first": {"pool": "beds", "stream": "up", "stay": "1 d", "next": "then"},
            "then": {"pool": "beds", "stream": "down", "stay": "1 d", "next": "home"},
        },
    )
    row = seen.one("ann", "then")
    assert (row.requested, row.started, row.how) == (24, 24, How.CIRCLE)
    assert seen.one("bob", "first").started == 48


def test_people_of_one_service_in_different_pools_stand_for_themselves_in_circles() -> None:
    """Ann in the west cannot go round; Bob behind her, in the east, can, and makes way for her."""
    seen = run(
        pools={"east": {"capacity": 1}, "west": {"capacity": 1}},
        arrivals={"ann": comes("hall", 0), "bob": comes("hall", 0)},
        services={
            "hall": {
                "pool": {"any_of": ["west", "east"]},
                "stream": "guests",
                "stay": "1 d",
                "next": "room",
            },
            "room": {"pool": "east", "stream": "lodgers", "stay": "1 d", "next": "home"},
        },
    )
    bob, ann = seen.one("bob", "room"), seen.one("ann", "room")
    assert (bob.started, bob.how) == (24, How.CIRCLE)
    assert (ann.started, ann.how) == (48, How.WAITED)


def test_units_in_use_never_exceed_the_capacity() -> None:
    """Reckoned from the spells of a busy month: 3 beds, never more than 3 people in them."""
    seen = run(
        pools={"beds": {"unit": "beds", "capacity": 3}},
        arrivals={"people": {"rate": "2 per d", "at": "ward"}},
        services={
            "ward": {"pool": "beds", "stay": {"exponential": {"mean": "2 d"}}, "next": "home"}
        },
    )
    rows = [row for row in seen.rows() if row.started is not None]
    starts = np.array([row.started for row in rows])
    ends = np.array([np.inf if row.left is None else row.left for row in rows])
    there = [int(((starts <= t) & (t < ends)).sum()) for t in starts]
    assert max(there) == 3
    assert len(rows) > 30
