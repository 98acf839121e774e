"""Visits that taper: exact traces, and what the units do when something comes between."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small import Run, between, comes, hours, lives, run, scenario

from carepath_sim.engine import simulate
from carepath_sim.engine.checks import check, places_add_up
from carepath_sim.engine.errors import CheckFailedError
from carepath_sim.measures import evaluate
from carepath_sim.plan import compile_plan

D = 24
TAPER = {"120 min": "2 d", "60 min": "3 d", "30 min": "rest"}
CARE = {"setting": "own_home", "pool": "team", "taper": TAPER, "stay": "8 d", "next": "done"}


def team(capacity: Any = 150, **services: Any) -> dict[str, Any]:
    """Return sections with a team of so many minutes a day."""
    pools = {"team": {"unit": "minutes_per_day", "capacity": capacity}}
    return {"pools": pools, "services": {"care": CARE, **services}, "exits": ["done"]}


def used(seen: Run, hour: float, pool: str = "team") -> int:
    """Return the units in use just after an hour, as the measures see them."""
    from carepath_sim.measures.occupancy import held
    from carepath_sim.measures.tapering import by_units
    from carepath_sim.measures.view import View

    t, number, total = hour * 3_600_000, seen.plan.pool_index[pool], 0
    view = View(seen.plan, seen.record)
    for _, rows, begin, end in held(view):
        row, since, until, units = by_units(view, rows, begin, end)
        mine = (view.spells["pool"][row] == number) & (since <= t) & (t < until)
        total += int(units[mine].sum())
    return total


def figure(seen: Run, name: str) -> float:
    """Return a measure of the whole window."""
    rows = evaluate(seen.plan, seen.record, [name])
    return next(r.value for r in rows if (r.stratum, r.period) == ("all", "window"))


def test_units_fall_at_whole_days_after_the_start() -> None:
    """120 from hour 5, 60 two days later, 30 after three more, until the stay ends at day 8."""
    seen = run(**team(), arrivals={"ann": comes("care", 5)})
    levels = [used(seen, 5 + t) for t in (0, 47, 48, 119, 120, 191, 192)]
    assert levels == [120, 120, 60, 60, 30, 30, 0]
    assert seen.one("ann", "care").units == 120


def test_what_is_freed_is_offered_at_that_instant() -> None:
    """150 minutes: Ben's 120 fit when Ann's fall from 60 to 30, on day 5; not when from 120 to 60.

    Cat's 120 wait for Ben, who falls to 60 on day 7 and to 30 on day 10; Ann leaves on day 8, so
    that 60 + 120 do not fit until 30 + 120 do.
    """
    seen = run(
        **team(),
        arrivals={"ann": comes("care", 0), "ben": comes("care", 1), "cat": comes("care", 2)},
    )
    assert [seen.one(who, "care").started for who in ("ann", "ben", "cat")] == [0, 5 * D, 10 * D]


def test_a_step_comes_before_the_admissions_of_its_instant() -> None:
    """Ben asks at the very hour of the step: he need not wait."""
    seen = run(**team(), arrivals={"ann": comes("care", 0), "ben": comes("care", 5 * D)})
    ben = seen.one("ben", "care")
    assert (ben.requested, ben.started) == (5 * D, 5 * D)


def delayed(stay: str) -> Run:
    """Return a run in which Ann is ready after her stay, and may leave on day 20."""
    ward = {"setting": "community_bed", "pool": "beds", "stay": "20 d", "next": "done"}
    sections = team(care={**CARE, "stay": stay, "next": "ward"}, ward=ward)
    sections["pools"]["beds"] = {"unit": "beds", "capacity": 1}
    return run(**sections, arrivals={"zoe": comes("ward", 0), "ann": comes("care", 1)})


def test_the_last_step_reached_goes_on_while_people_wait() -> None:
    """Ready on day 3, in the step of 60 minutes: 60 until the bed is free on day 20."""
    seen = delayed("3 d")
    assert seen.one("ann", "care").left == 20 * D
    assert [used(seen, 1 + t * D) for t in (1, 2, 3, 5, 18)] == [120, 60, 60, 60, 60]


def test_a_step_at_the_very_end_of_the_stay_is_reached() -> None:
    """Ready after exactly two days: the first step has lasted its two days."""
    assert [used(delayed("2 d"), 1 + t * D) for t in (1, 2, 9)] == [120, 60, 60]


FALL = between("12:00", "13:00")


def with_crisis(care: dict[str, Any], **more: Any) -> Run:
    """Return a run in which Rose, whose care began at hour 0, falls on a given day."""
    hazards = {"fall": {"rate": "400 per d", "to": "acute", "times": more.pop("times")}}
    people = lives(**hazards)
    acute = {"setting": "acute_bed", "stay": more.pop("away", "3 d"), "next": "back"}
    sections = team(care=care, acute=acute)
    return run(
        **sections,
        attributes={"frail": {"shares": {"no": 1, "yes": 0}}},
        population=people,
        arrivals={"rose": {**comes("care", 0), "returns": True, "is": {"frail": "yes"}}, **more},
    )


KEEPS = {**CARE, "stay": "20 d", "keeps_place": "10 d", "residence": True}


def test_steps_go_on_in_a_kept_place_and_after_the_return() -> None:
    """Rose falls in the first noon hour; the step of day 2 falls while she is in hospital.

    60 from day 2 on while she is away, 60 when she is back, 30 from day 5 on: the clock of the
    visits is that of her stay. Then she falls again.
    """
    once = {"frail": {"no": 0}, **FALL}
    seen = with_crisis(KEEPS, times=once)
    away, back = seen.rows("rose", "care")[:2]
    assert away.left is not None
    assert 12 <= away.left < 13
    assert (away.units, back.units, back.started) == (120, 60, away.left + 3 * D)
    assert away.kept_until == back.started
    assert back.ready == 20 * D or back.ready is None
    # Each noon at home she falls anew, after some minutes: the units are those of the steps.
    for hour, level in ((1, 120), (13, 120), (47.9, 120), (48, 60), (119.9, 60), (120, 30)):
        assert used(seen, hour) == level
    s = seen.record.spells
    during = (s["taper"] >= 0) & (s["started"] < 20 * D * 3_600_000)
    assert set(s["taper_from"][during].tolist()) == {0}


def test_a_place_that_is_not_kept_holds_nothing_any_more() -> None:
    """The step of day 2 comes too late for a place given up on day 0; nothing is freed twice."""
    lost = {key: value for key, value in KEEPS.items() if key not in {"keeps_place", "residence"}}
    seen = with_crisis({**lost, "stay": "20 d"}, times={"frail": {"no": 0}, **FALL})
    assert [used(seen, hour) for hour in (1, 13.5, 49)] == [120, 0, 0]


def test_a_move_within_the_pool_needs_no_more_than_is_held_by_then() -> None:
    """After six days Ann holds 30: the next care of 30 is hers at once, one of 60 is not.

    The pool is full with Zoe's 120, so that whoever needs more waits.
    """

    def moved(minutes: int) -> Any:
        after = {
            "setting": "own_home",
            "pool": "team",
            "visits": f"1 per day of {minutes} min",
            "stay": "2 d",
            "next": "done",
        }
        care = {**CARE, "stay": "6 d", "plan_ahead": "5 d", "next": "later"}
        block = {**after, "visits": "1 per day of 120 min", "stay": "30 d"}
        sections = team(capacity=180, care=care, later=after, block=block)
        arrivals = {"ann": comes("care", 0), "zoe": comes("block", 2 * D)}
        return run(**sections, arrivals=arrivals).rows("ann", "later")[0]

    assert (moved(30).started, moved(30).how.name) == (6 * D, "WITHIN_POOL")
    assert moved(60).started is None


def test_planning_ahead_counts_what_will_be_held_not_what_is() -> None:
    """Asked for on day 1 with 120 held: on day 6 only 30 are, so that 60 are no move within."""
    care = {**CARE, "stay": "6 d", "plan_ahead": "5 d", "next": "later"}
    later = {
        "setting": "own_home",
        "pool": "team",
        "visits": "2 per day of 30 min",
        "stay": "2 d",
        "next": "done",
    }
    seen = run(**team(care=care, later=later), arrivals={"ann": comes("care", 0)})
    row = seen.one("ann", "later")
    assert (row.started, row.how.name) == (6 * D, "WAITED")


def test_steps_of_a_service_in_place_free_its_units() -> None:
    """A carer's visits received at home, beside a stay: 120 for two days, then 60, to day 4."""
    nursing = {"in_place": True, "pool": "team", "taper": TAPER, "stay": "4 d", "next": "done"}
    sections = team(nursing=nursing)
    del sections["services"]["care"]
    seen = run(**sections, arrivals={"ann": comes("nursing", 0)})
    assert [used(seen, t * D) for t in (0, 1.9, 2, 3.9, 4)] == [120, 120, 60, 60, 0]


def test_people_there_at_the_start_begin_their_steps_then() -> None:
    sections = team(capacity=600, care={**CARE, "residence": True, "stay": "40 d", "next": "home"})
    seen = run(
        **sections,
        population={**lives(), "size": 3},
        arrivals={},
        start={"care": {"count": 3, "remaining": "fresh"}},
    )
    assert [used(seen, t * D) for t in (0, 2, 5)] == [360, 180, 90]


def test_a_place_of_no_minutes_holds_nothing_but_goes_on() -> None:
    """Visits may end before the stay does."""
    care = {**CARE, "taper": {"90 min": "3 d", "0 min": "rest"}}
    seen = run(**team(capacity=90, care=care), arrivals={w: comes("care", 0) for w in ("a", "b")})
    assert [seen.one(who, "care").started for who in ("a", "b")] == [0, 3 * D]
    assert [used(seen, t * D) for t in (2, 3, 6, 10)] == [90, 90, 0, 0]


# --- visits and minutes --------------------------------------------------------------------------


def test_visits_and_hours_follow_the_steps() -> None:
    """2 d of 4 visits, 3 d of 2, 3 d of 1: 17 visits of half an hour."""
    seen = run(**team(), arrivals={"ann": comes("care", 0)})
    assert (figure(seen, "visits"), figure(seen, "contact_hours")) == (17, 8.5)


def test_visits_stop_with_the_stay_where_they_do_not_go_on_while_waiting() -> None:
    """Ready on day 3, gone on day 20 less an hour: 2 x 4 + 1 x 2, and 2 a day to the end."""
    waits = 20 - 3 - 1 / 24
    assert figure(delayed("3 d"), "visits") == pytest.approx(10 + 2 * waits)
    ward = {"setting": "community_bed", "pool": "beds", "stay": "20 d", "next": "done"}
    care = {**CARE, "stay": "3 d", "next": "ward", "visits_while_waiting": False}
    sections = team(care=care, ward=ward)
    sections["pools"]["beds"] = {"unit": "beds", "capacity": 1}
    seen = run(**sections, arrivals={"zoe": comes("ward", 0), "ann": comes("care", 1)})
    assert figure(seen, "visits") == 10


def test_in_a_pool_of_places_visits_are_only_counted() -> None:
    """One place throughout; the visits fall all the same."""
    sections = team()
    sections["pools"]["team"] = {"unit": "places", "capacity": 1}
    seen = run(**sections, arrivals={"ann": comes("care", 0)})
    assert [used(seen, t * D) for t in (0, 3, 7)] == [1, 1, 1]
    assert figure(seen, "visits") == 17


def test_both_ways_of_writing_say_the_same() -> None:
    """Minutes a day with the length of a visit, and visits a day of a length."""
    written = {
        "4 per day of 30 min": "2 d",
        "2 per day of 30 min": "3 d",
        "1 a day of 30 min": "rest",
    }
    care = {key: value for key, value in CARE.items() if key != "taper"} | {"visits": written}
    arrivals = {"ann": {"rate": "3 per d", "at": "care"}}
    one = run(**team(capacity=900), arrivals=arrivals)
    two = run(**team(capacity=900, care=care), arrivals=arrivals)
    for name, column in one.record.spells.items():
        assert np.array_equal(column, two.record.spells[name]), name
    assert figure(one, "visits") == figure(two, "visits")


def test_a_case_decides_which_steps_count() -> None:
    """With the same first step, one person falls after a day, the other after four."""
    cases = [
        {"when": {"side": "north"}, "120 min": "1 d", "60 min": "rest"},
        {"120 min": "4 d", "60 min": "rest"},
    ]
    care = {**CARE, "taper": cases}
    seen = run(
        **team(capacity=500, care=care),
        attributes={"side": {"shares": {"north": 0.5, "south": 0.5}}},
        arrivals={
            "ann": comes("care", 0, **{"is": {"side": "north"}}),
            "ben": comes("care", 0, **{"is": {"side": "south"}}),
        },
    )
    assert [used(seen, t * D) for t in (0, 1, 3.9, 4, 8)] == [240, 180, 180, 120, 0]


def test_steps_that_do_not_fall_change_nothing() -> None:
    """90 minutes for two days and 90 for the rest are the same as 90 throughout."""
    plain = {key: value for key, value in CARE.items() if key != "taper"}
    steps = {**plain, "visits": {"3 per day of 30 min": "2 d", "2 per day of 45 min": "rest"}}
    arrivals = {"ann": {"rate": "3 per d", "at": "care"}}
    one = run(
        **team(capacity=900, care={**plain, "visits": "3 per day of 30 min"}), arrivals=arrivals
    )
    two = run(**team(capacity=900, care=steps), arrivals=arrivals)
    for name, column in one.record.spells.items():
        assert np.array_equal(column, two.record.spells[name]), name


def test_the_load_is_that_of_the_steps() -> None:
    """Stays of exactly 8 days: (2 x 120 + 3 x 60 + 3 x 30) / 8 = 63.75 minutes a day."""
    from carepath_sim.plan.traffic import offered_load

    made = scenario(**team(), arrivals={"ann": {"rate": "1 per d", "at": "care"}})
    (load,) = offered_load(made)
    assert load.load == pytest.approx(2 * 120 + 3 * 60 + 3 * 30, rel=1e-3)


# --- the checks ----------------------------------------------------------------------------------


def test_the_check_sees_a_step_that_did_not_fall() -> None:
    """Unit-time of the pool and of the spells is compared step by step."""
    plan = compile_plan(scenario(**team(), arrivals={"ann": comes("care", 0)}))
    record = simulate(plan, seed=1, replication=0)
    assert places_add_up(plan, record) == []
    for name, change in (("taper", -1), ("taper_from", 3_600_000)):
        spells = dict(record.spells)
        spells[name] = spells[name] + change
        wrong = type(record)(**{**vars(record), "spells": spells})
        with pytest.raises(CheckFailedError, match="unit-ms"):
            check(plan, wrong)


def test_hours_of_a_taper_are_those_of_its_start() -> None:
    """The column says when the steps are reckoned from."""
    seen = run(**team(), arrivals={"ann": comes("care", 5)})
    s = seen.record.spells
    rows = s["taper"] >= 0
    assert [hours(t) for t in s["taper_from"][rows]] == [5]


def test_steps_of_what_is_received_alongside_end_with_the_stay() -> None:
    """Nursing of ten days beside a stay of six: 120, 60 from day 2, 30 from day 5, none after."""
    nursing = {"in_place": True, "pool": "team", "taper": TAPER, "stay": "10 d"}
    stay = {"setting": "own_home", "stay": "6 d", "alongside": ["nursing"], "next": "done"}
    sections = team(nursing=nursing, watched=stay)
    del sections["services"]["care"]
    seen = run(**sections, arrivals={"ann": comes("watched", 0)})
    assert [used(seen, t * D) for t in (0, 1.9, 2, 4.9, 5, 5.9, 6)] == [120, 120, 60, 60, 30, 30, 0]
    assert figure(seen, "visits") == 2 * 4 + 3 * 2 + 1
