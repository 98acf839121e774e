"""Waiting: blocking after service, booking, hours, rounds, and moves within a pool."""

from __future__ import annotations

import pytest
from small import comes, run

from carepath_sim.engine import How, Outcome

BED = {"setting": "acute_bed", "pool": "acute"}
ONE_BED = {"acute": {"unit": "beds", "capacity": 9}, "ward": {"unit": "beds", "capacity": 1}}


def test_a_person_keeps_the_bed_until_the_next_place_is_free() -> None:
    """Blocking after service: the delay is `left - ready`, and the wait stands in its own row."""
    seen = run(
        pools=ONE_BED,
        arrivals={"ann": comes("ward", 0), "bob": comes("acute", 0)},
        services={
            "acute": {**BED, "stay": "1 d", "next": "ward"},
            "ward": {"pool": "ward", "stay": "2 d", "next": "home"},
        },
    )
    bed, wait = seen.one("bob", "acute"), seen.one("bob", "ward")
    assert (bed.started, bed.ready, bed.left) == (0, 24, 48)
    assert (bed.outcome, bed.left_to) == (Outcome.MOVED, "ward")
    assert (wait.requested, wait.needed, wait.granted, wait.started) == (24, 24, 48, 48)
    assert (wait.waited_at, wait.entered_from) == ("acute", "acute")
    assert wait.host == bed.visit
    assert (wait.left, wait.left_to) == (96, "home")
    assert seen.end("bob") == (2, 96)


def test_steps_in_place_are_received_in_bed_and_name_it_as_their_host() -> None:
    """The bed stays occupied; the assessor is free again when the step ends, not later."""
    seen = run(
        pools={**ONE_BED, "assessor": {"unit": "staff", "capacity": 1}},
        arrivals={
            "ann": comes("ward", 0),
            "bob": comes("acute", 0),
            "cat": comes("acute", 1),
        },
        services={
            "acute": {**BED, "stay": "1 d", "next": "check"},
            "check": {"in_place": True, "pool": "assessor", "stay": "6 h", "next": "ward"},
            "ward": {"pool": "ward", "stay": "4 d", "next": "home"},
        },
    )
    bed, step, wait = (seen.one("bob", name) for name in ("acute", "check", "ward"))
    assert (bed.ready, bed.left) == (24, 96)
    assert (step.host, step.requested, step.started, step.left) == (bed.visit, 24, 24, 30)
    assert (step.outcome, step.via, wait.via) == (Outcome.MOVED, None, "check")
    assert (wait.requested, wait.started) == (30, 96)
    # Cat was ready at hour 25 and received the step when the assessor was free at hour 30.
    later = seen.one("cat", "check")
    assert (later.requested, later.started, later.left) == (25, 30, 36)


def test_a_place_is_booked_only_when_it_can_be_taken_within_hold_up_to() -> None:
    """Planned four days ahead with `hold_up_to: 1 d`: asked on day 6, booked on day 9."""
    seen = run(
        pools=ONE_BED,
        arrivals={"ann": comes("acute", 0), "bob": comes("ward", 9.5 * 24)},
        services={
            "acute": {**BED, "stay": "10 d", "plan_ahead": "4 d", "next": "ward"},
            "ward": {"pool": "ward", "stay": "2 d", "next": "home"},
        },
    )
    ann, bob = seen.one("ann", "ward"), seen.one("bob", "ward")
    assert (ann.requested, ann.needed, ann.granted, ann.started) == (144, 240, 216, 240)
    assert seen.one("ann", "acute").left == 240
    assert (bob.requested, bob.started) == (228, 288), "a booked place counts as used"


def test_people_who_cannot_use_a_place_yet_are_passed_over_and_keep_their_turn() -> None:
    """Bob takes the bed before Ann could use it; Cat, who asked after Ann, does not."""
    seen = run(
        pools=ONE_BED,
        arrivals={
            "ann": comes("acute", 0),
            "bob": comes("ward", 7 * 24, cause="short"),
            "cat": comes("ward", 8 * 24),
        },
        services={
            "acute": {**BED, "stay": "10 d", "plan_ahead": "4 d", "next": "ward"},
            "ward": {"pool": "ward", "stay": "60 h", "next": "home"},
        },
    )
    bob, ann, cat = (seen.one(name, "ward") for name in ("bob", "ann", "cat"))
    assert (bob.started, bob.left) == (168, 228)
    assert (ann.granted, ann.started, ann.left) == (228, 240, 300)
    assert (cat.requested, cat.started) == (192, 300)


@pytest.mark.parametrize(
    ("hold", "granted"), [("0 d", 240), ("12 h", 228), ("1 d", 216), ("30 d", 144)]
)
def test_hold_up_to_belongs_to_the_service_whose_place_is_held(hold: str, granted: float) -> None:
    """Granted at the first instant at which `over <= now + hold_up_to`."""
    seen = run(
        pools=ONE_BED,
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {**BED, "stay": "10 d", "plan_ahead": "4 d", "next": "ward"},
            "ward": {"pool": "ward", "stay": "2 d", "next": "home", "hold_up_to": hold},
        },
    )
    row = seen.one("ann", "ward")
    assert (row.requested, row.granted, row.started) == (144, granted, 240)


def test_planning_ahead_of_a_short_stay_begins_at_its_start() -> None:
    seen = run(
        pools=ONE_BED,
        arrivals={"ann": comes("acute", 5)},
        services={
            "acute": {**BED, "stay": "2 d", "plan_ahead": "4 d", "next": "ward"},
            "ward": {"pool": "ward", "stay": "2 d", "next": "home"},
        },
    )
    row = seen.one("ann", "ward")
    assert (row.requested, row.needed, row.started) == (5, 53, 53)


def test_what_is_arranged_ahead_runs_beside_the_stay_and_is_no_delay() -> None:
    """Reg's package: assessment during reablement; he moves on the day reablement ends."""
    seen = run(
        arrivals={"reg": comes("reablement", 0)},
        services={
            "reablement": {"stay": "42 d", "plan_ahead": "21 d", "next": "check"},
            "check": {"in_place": True, "stay": "7 d", "next": "package"},
            "package": {"residence": True, "setting": "own_home"},
        },
        clock={"start": "2015-06-01", "length": "60 d", "run_out": "0 d"},
    )
    step, package = seen.one("reg", "check"), seen.one("reg", "package")
    assert (step.requested, step.started, step.left) == (21 * 24, 21 * 24, 28 * 24)
    assert (package.requested, package.needed, package.started) == (28 * 24, 42 * 24, 42 * 24)
    assert seen.one("reg", "reablement").left == 42 * 24


def test_discharge_and_admission_hours_need_not_overlap() -> None:
    """Ruling 1: released at 18:00 she stays released, and moves when the ward opens at 9:00."""
    seen = run(
        pools=ONE_BED,
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {**BED, "stay": "12 h", "discharges": "daily 18:00-20:00", "next": "ward"},
            "ward": {
                "pool": "ward",
                "stay": "2 d",
                "next": "home",
                "admits": "daily 09:00-17:00",
            },
        },
    )
    bed, wait = seen.one("ann", "acute"), seen.one("ann", "ward")
    assert (bed.ready, bed.over, bed.left) == (12, 18, 33)
    assert (wait.requested, wait.needed, wait.granted, wait.started) == (12, 12, 12, 33)


def test_without_holding_a_place_is_granted_when_the_service_opens() -> None:
    seen = run(
        pools=ONE_BED,
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {**BED, "stay": "12 h", "discharges": "daily 18:00-20:00", "next": "ward"},
            "ward": {
                "pool": "ward",
                "stay": "2 d",
                "next": "home",
                "admits": "daily 09:00-17:00",
                "hold_up_to": "0 d",
            },
        },
    )
    wait = seen.one("ann", "ward")
    assert (wait.requested, wait.granted, wait.started) == (12, 33, 33)


def test_hours_are_half_open() -> None:
    """At 17:00 sharp a service open from 9:00 to 17:00 is closed; at 9:00 it is open."""
    seen = run(
        arrivals={"ann": comes("ward", 9), "bob": comes("ward", 17)},
        pools={"ward": {"capacity": 9}},
        services={
            "ward": {
                "pool": "ward",
                "stay": "1 h",
                "next": "home",
                "admits": "daily 09:00-17:00",
            }
        },
    )
    assert seen.one("ann", "ward").started == 9
    assert seen.one("bob", "ward").started == 33


def test_a_closed_service_does_not_block_others_in_the_same_queue() -> None:
    """Ann waits for the clinic to open; Bob behind her is admitted to the ward meanwhile."""
    seen = run(
        pools={"beds": {"capacity": 1}},
        arrivals={"ann": comes("clinic", 1), "bob": comes("ward", 2)},
        services={
            "clinic": {"pool": "beds", "stay": "1 h", "next": "home", "admits": "Tue 09:00-17:00"},
            "ward": {"pool": "beds", "stay": "1 h", "next": "home"},
        },
    )
    assert seen.one("bob", "ward").started == 2
    assert seen.one("ann", "clinic").started == 33


def test_the_way_on_is_decided_at_the_next_round() -> None:
    """Ready on Monday at noon, asked for on Tuesday at 9:00; the wait counts from there."""
    seen = run(
        pools=ONE_BED,
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {**BED, "stay": "12 h", "decides": "Mon-Fri 09:00-10:00", "next": "ward"},
            "ward": {"pool": "ward", "stay": "2 d", "next": "home"},
        },
    )
    bed, wait = seen.one("ann", "acute"), seen.one("ann", "ward")
    assert (bed.ready, bed.left) == (12, 33)
    assert (wait.requested, wait.needed, wait.started) == (33, 33, 33)


def test_a_step_in_place_decides_in_its_rounds_and_frees_its_staff_before() -> None:
    seen = run(
        pools={**ONE_BED, "panel": {"unit": "staff", "capacity": 1}},
        arrivals={"ann": comes("acute", 0), "bob": comes("acute", 1)},
        services={
            "acute": {**BED, "stay": "12 h", "next": "panel"},
            "panel": {
                "in_place": True,
                "pool": "panel",
                "stay": "2 h",
                "decides": "daily 15:00-16:00",
                "next": "home",
            },
        },
    )
    ann, bob = seen.one("ann", "panel"), seen.one("bob", "panel")
    assert (ann.started, ann.left) == (12, 14)
    assert (bob.started, bob.left) == (14, 16)
    assert seen.end("ann") == (2, 15)
    assert seen.end("bob") == (2, 39)


def test_people_go_home_in_discharge_hours_only() -> None:
    seen = run(
        pools=ONE_BED,
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {**BED, "stay": "12 h", "discharges": "Tue 10:00-11:00", "next": "home"}
        },
    )
    bed = seen.one("ann", "acute")
    assert (bed.ready, bed.over, bed.left) == (12, 34, 34)


def test_a_move_within_pool_and_stream_is_granted_at_once() -> None:
    """Nobody in the queue can take the bed that Ann carries with her, and nobody waits for her."""
    seen = run(
        pools={"beds": {"unit": "beds", "capacity": 1}},
        arrivals={"ann": comes("early", 0), "bob": comes("early", 1)},
        services={
            "early": {"pool": "beds", "stay": "1 d", "next": "late"},
            "late": {"pool": "beds", "stay": "1 d", "next": "home"},
        },
    )
    row = seen.one("ann", "late")
    assert (row.requested, row.granted, row.started, row.how) == (24, 24, 24, How.WITHIN_POOL)
    assert seen.one("bob", "early").started == 48


def test_a_move_within_the_pool_gives_back_the_units_that_are_not_needed() -> None:
    """Two units, then one: the other person is admitted at that very instant."""
    seen = run(
        pools={"beds": {"unit": "beds", "capacity": 2}},
        arrivals={"ann": comes("intense", 0), "bob": comes("light", 1)},
        services={
            "intense": {"pool": "beds", "units": 2, "stay": "1 d", "next": "light"},
            "light": {"pool": "beds", "stay": "1 d", "next": "home"},
        },
    )
    assert seen.one("ann", "light").how == How.WITHIN_POOL
    assert seen.one("bob", "light").started == 24


def test_whoever_needs_more_units_of_the_own_pool_joins_the_line() -> None:
    """Their own place does not count as free: Ann waits till Bob has left."""
    seen = run(
        pools={"beds": {"unit": "beds", "capacity": 3}},
        arrivals={"ann": comes("light", 0), "bob": comes("other", 0)},
        services={
            "light": {"pool": "beds", "stay": "1 d", "next": "intense"},
            "intense": {"pool": "beds", "units": 2, "stay": "1 d", "next": "home"},
            "other": {"pool": "beds", "stay": "3 d", "next": "home"},
        },
    )
    row = seen.one("ann", "intense")
    assert (row.requested, row.started, row.how) == (24, 72, How.WAITED)


def test_the_queue_goes_by_priority_then_joining_then_person() -> None:
    """Dan (urgent) first, then those who joined at the same instant in the order of their names."""
    seen = run(
        attributes={"class": {"of": "episode", "shares": {"slow": 1, "rapid": 0}}},
        pools={"beds": {"capacity": 1}},
        arrivals={
            "ann": comes("ward", 0),
            "cat": comes("ward", 1),
            "bob": comes("ward", 1),
            "dan": comes("ward", 5, **{"is": {"class": "rapid"}}),
            "eve": comes("ward", 0.5),
        },
        services={
            "ward": {
                "pool": "beds",
                "stay": "1 d",
                "next": "home",
                "priority": {"by": "class", "rapid": 0, "slow": 1},
            }
        },
    )
    started = {name: seen.one(name, "ward").started for name in ("ann", "dan", "eve", "bob", "cat")}
    assert started == {"ann": 0, "dan": 24, "eve": 48, "bob": 72, "cat": 96}


def test_nobody_overtakes_a_larger_request_unless_it_is_allowed() -> None:
    """One of two beds is free: Bob needs both and stands before Cat, who needs one."""

    def seen(overtaking: bool) -> dict[str, float | None]:
        found = run(
            pools={"beds": {"capacity": 2, "overtaking": overtaking}},
            arrivals={
                "ann": comes("one", 0),
                "bob": comes("two", 1),
                "cat": comes("one", 2),
            },
            services={
                "one": {"pool": "beds", "stay": "1 d", "next": "home"},
                "two": {"pool": "beds", "units": 2, "stay": "1 d", "next": "home"},
            },
        )
        return {row.person: row.started for row in found.rows()}

    assert seen(overtaking=False) == {"ann": 0, "bob": 24, "cat": 48}
    assert seen(overtaking=True) == {"ann": 0, "cat": 2, "bob": 26}
