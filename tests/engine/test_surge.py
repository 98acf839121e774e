"""Surge places: when they open, when they close, and who may have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small import Run, comes, hours, run, scenario

from carepath_sim.engine import simulate
from carepath_sim.engine.checks import check
from carepath_sim.engine.errors import CheckFailedError
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.spells import CAPACITY_CHANGED, SURGE_CLOSED, SURGE_OPENED
from carepath_sim.measures import evaluate
from carepath_sim.plan import compile_plan
from carepath_sim.plan.tables import FAR, NEVER

D = 24
SURGE = {"when": "2 waiting for 1 d", "add": 2, "close": "when 2 empty for 2 d"}
STAY = {"setting": "community_bed", "pool": "beds", "stay": "4 d", "next": "done"}


def ward(
    surge: dict[str, Any] | None, capacity: Any = 2, pool: Any = None, **services: Any
) -> dict[str, Any]:
    """Return sections with a ward of so many beds and a rule of surge."""
    beds = {"unit": "beds", "capacity": capacity, **(pool or {})}
    if surge is not None:
        beds["surge"] = surge
    return {"pools": {"beds": beds}, "services": {"ward": STAY, **services}, "exits": ["done"]}


def people(**hour: float) -> dict[str, Any]:
    """Return people who ask for the ward at these hours."""
    return {name: comes("ward", at) for name, at in hour.items()}


def told(seen: Run, what: int) -> list[tuple[float | None, int]]:
    """Return the hours of some changes, with their values."""
    c = seen.record.changes
    mine = c["what"] == what
    return [(hours(t), v) for t, v in zip(c["t"][mine], c["value"][mine].tolist(), strict=True)]


def surges(seen: Run) -> tuple[list[float | None], list[float | None]]:
    """Return the hours at which places were opened and closed."""
    return (
        [t for t, _ in told(seen, SURGE_OPENED)],
        [t for t, _ in told(seen, SURGE_CLOSED)],
    )


def test_places_open_after_the_wait_and_close_when_long_empty() -> None:
    """Cay and Dan wait from hour 2; decided at 26, open at 32. Eve has the bed of Ann at 96.

    Cay and Dan leave at 128 and leave three of four free: closed at 128 + 48 = 176, Eve there.
    """
    seen = run(
        **ward({**SURGE, "lead": "6 h"}),
        arrivals=people(ann=0, ben=0, cay=1, dan=2, eve=5),
    )
    starts = [seen.one(who, "ward").started for who in ("ann", "ben", "cay", "dan", "eve")]
    assert starts == [0, 0, 32, 32, 96]
    assert surges(seen) == ([32], [176])
    assert told(seen, CAPACITY_CHANGED) == [(0, 2), (32, 4), (176, 2)]


def test_without_lead_they_open_at_the_decision() -> None:
    seen = run(**ward(SURGE), arrivals=people(ann=0, ben=0, cay=1, dan=2))
    assert surges(seen)[0] == [26]
    assert seen.one("dan", "ward").started == 26


def test_a_break_in_the_wait_begins_the_time_anew() -> None:
    """Dan gives up after 20 hours; Eve comes an hour later: the day is counted from there."""
    sections = ward(SURGE)
    sections["services"]["ward"] = {
        **STAY,
        "max_wait": [{"when": {"kind": "short"}, "after": "20 h"}, {"after": "90 d"}],
    }
    arrivals = people(ann=0, ben=0, cay=1, dan=2, eve=23)
    arrivals["dan"]["is"] = {"kind": "short"}
    kinds = {"kind": {"shares": {"long": 1, "short": 0}}}
    assert surges(run(**sections, attributes=kinds, arrivals=arrivals))[0] == [23 + D]
    # Whoever comes at the very instant at which another gives up leaves no break.
    arrivals["eve"] = comes("ward", 22)
    assert surges(run(**sections, attributes=kinds, arrivals=arrivals))[0] == [26]


def test_who_could_not_move_does_not_count_as_waiting() -> None:
    """Asked for ten days ahead, in a bed elsewhere: the wait counts from the end of the stay."""
    before = {**STAY, "pool": "hall", "stay": "5 d", "plan_ahead": "4 d", "next": "ward"}
    before["hold_up_to"] = "0 d"
    sections = ward(SURGE, before=before)
    sections["pools"]["hall"] = {"unit": "beds", "capacity": 5}
    sections["services"]["ward"] = {**STAY, "stay": "20 d"}
    arrivals = people(ann=0, ben=0) | {w: comes("before", 0) for w in ("cay", "dan")}
    seen = run(**sections, arrivals=arrivals)
    assert seen.one("cay", "ward").requested == D
    assert surges(seen)[0] == [6 * D]


def test_closed_hours_do_not_stop_the_count() -> None:
    """People who would move at the next opening wait at night, too; the beds open at night."""
    sections = ward(SURGE)
    sections["services"]["ward"] = {**STAY, "admits": "daily 08:00-10:00"}
    seen = run(**sections, arrivals=people(ann=8, ben=8, cay=20, dan=21))
    assert surges(seen)[0] == [21 + D]
    assert seen.one("cay", "ward").started == 2 * D + 8


def test_people_who_wait_for_either_of_two_pools_count_in_both() -> None:
    either = {**STAY, "pool": {"any_of": ["beds", "more"]}, "stay": "20 d"}
    sections = ward(SURGE, capacity=1)
    sections["pools"]["more"] = {"unit": "beds", "capacity": 1}
    sections["services"]["ward"] = either
    seen = run(**sections, arrivals=people(ann=0, ben=0, cay=1, dan=2))
    assert surges(seen)[0] == [26]
    assert seen.one("cay", "ward").pool == "beds"


def test_a_booked_place_is_not_free() -> None:
    """Two of three beds are empty, but one of them is booked for Dan: they stay open.

    Dan's bed is booked from hour 200 to 224, when he comes: it breaks the two days that began at
    hour 192, when Cay and the others had left. His bed is taken to 320.
    """
    hall = {**STAY, "pool": "hall", "stay": "224 h", "next": "late"}
    late = {**STAY, "pool": "beds", "hold_up_to": "1 d", "stay": "4 d"}
    sections = ward(
        {"when": "1 waiting for 1 d", "add": 1, "close": "when 2 empty for 2 d"},
        capacity=1,
        hall=hall,
        late=late,
    )
    sections["services"]["hall"]["plan_ahead"] = "5 d"
    sections["pools"]["hall"] = {"unit": "beds", "capacity": 1}
    arrivals = people(ann=0, ben=72) | {"dan": comes("hall", 0)}
    seen = run(**sections, arrivals=arrivals)
    # Ann to 96; Ben waits from 72, open at 96 for nobody: he has Ann's bed at that instant.
    assert seen.one("ben", "ward").started == 96
    assert surges(seen) == ([96], [368])
    assert (seen.one("dan", "late").granted, seen.one("dan", "late").left) == (200, 320)


def test_nobody_is_put_out_when_places_close() -> None:
    """Closed when one of three is empty: two people stay in one bed's worth of capacity."""
    rule = {"when": "2 waiting for 1 d", "add": 2, "close": "when 1 empty for 1 d"}
    sections = ward(rule, capacity=1)
    sections["services"]["ward"] = {
        **STAY,
        "stay": [{"when": {"kind": "short"}, "value": "4 d"}, "20 d"],
    }
    arrivals = people(ann=0, ben=1, cay=2, dan=150)
    arrivals["ann"]["is"] = {"kind": "short"}
    kinds = {"kind": {"shares": {"long": 1, "short": 0}}}
    seen = run(**sections, attributes=kinds, arrivals=arrivals)
    # Ann leaves at 96: one free until 120, when the two surge places close above Ben and Cay.
    assert surges(seen) == ([26], [120])
    assert [seen.one(who, "ward").left for who in ("ben", "cay")] == [26 + 20 * D] * 2
    assert seen.one("dan", "ward").started == 26 + 20 * D


def test_time_is_counted_anew_after_an_opening_and_after_a_closing() -> None:
    """Places that were empty before the opening do not close it, a wait before the closing does
    not open it again at once: each clock starts with the surge.
    """
    rule = {"when": "1 waiting for 1 d", "add": 1, "close": "when 1 empty for 1 d"}
    fenced = {"policy": {"ring_fenced": {"up": 1, "down": 1}}}
    sections = ward(rule, capacity=2, pool=fenced)
    case = [{"when": {"kind": "up"}, "stream": "up"}, {"stream": "down"}]
    sections["services"]["ward"] = {**STAY, "stay": "20 d", "stream": case}
    arrivals = people(ann=0, ben=1)
    for who in arrivals.values():
        who["is"] = {"kind": "up"}
    kinds = {"kind": {"shares": {"down": 1, "up": 0}}}
    seen = run(**sections, attributes=kinds, arrivals=arrivals)
    # One bed for step-down is empty all the time: closed a day after the opening, with Ben inside.
    assert surges(seen) == ([25], [25 + D])


def test_not_twice_while_open() -> None:
    """Many wait on, but there is one surge at a time."""
    arrivals = people(**{f"p{k}": 1 for k in range(9)})
    sections = ward({**SURGE, "close": "when empty for 60 d"})
    assert surges(run(**sections, arrivals=arrivals)) == ([25], [])


def test_the_capacity_underneath_goes_on_by_its_own_dates() -> None:
    """Open from hour 26; the base falls to 1 on day 4: 1 + 2."""
    dated = [{"places": 2}, {"from": "2015-06-05", "places": 1}]
    sections = ward({**SURGE, "close": "when empty for 60 d"}, capacity=dated)
    seen = run(**sections, arrivals=people(ann=0, ben=0, cay=1, dan=2))
    assert told(seen, CAPACITY_CHANGED) == [(0, 2), (26, 4), (96, 3)]


# --- equal to a larger pool ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "policy",
    [{}, {"policy": {"priority": ["up", "down"]}}, {"policy": {"reserved": {"up": 1}}}],
    ids=["shared", "priority", "reserved"],
)
def test_a_surge_that_stays_open_is_a_larger_pool_from_then_on(policy: dict[str, Any]) -> None:
    """Three come at once for two beds: one waits for two days, and two more are there on day 2.

    From that midnight on the same in every column as a pool of four places by date.
    """

    def made(surge: Any, capacity: Any) -> Any:
        sections = ward(surge, capacity=capacity, pool=policy)
        if policy:
            streams = [{"when": {"kind": "a"}, "stream": "up"}, {"stream": "down"}]
            sections["services"]["ward"] = {**STAY, "stream": streams}
        stay = {"exponential": {"mean": "5 d"}}
        sections["services"]["ward"] = {**sections["services"]["ward"], "stay": stay}
        kinds = {"kind": {"of": "episode", "shares": {"a": 0.4, "b": 0.6}}}
        arrivals = {"many": {"rate": "1 per d", "at": "ward"}}
        arrivals |= {f"p{k}": comes("hold", 0) for k in range(3)}
        sections["services"]["hold"] = {**sections["services"]["ward"], "stay": "3 d"}
        return run(**sections, attributes=kinds, arrivals=arrivals, seed=5)

    rule = {"when": "1 waiting for 2 d", "add": 2, "close": "when 99 empty for 1 d"}
    one = made(rule, 2)
    two = made(None, [{"places": 2}, {"from": "2015-06-03", "places": 4}])
    assert surges(one) == ([48], [])
    assert len(one.record.spells["person"]) > 30
    for name, column in one.record.spells.items():
        assert np.array_equal(column, two.record.spells[name]), name
    figures = ("utilisation", "p_full", "capacity_mean", "occupancy_mean", "wait_mean")
    first, second = (evaluate(r.plan, r.record, figures) for r in (one, two))
    assert first == second


# --- what fits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "used", "fits"),
    [
        # Own part first; beyond it the surge places, which all streams share.
        ({"ring_fenced": {"up": 2, "down": 2}}, (2, 2), {"up": True, "down": True}),
        ({"ring_fenced": {"up": 2, "down": 2}}, (3, 2), {"up": True, "down": True}),
        ({"ring_fenced": {"up": 2, "down": 2}}, (4, 1), {"up": False, "down": True}),
        ({"ring_fenced": {"up": 2, "down": 2}}, (3, 3), {"up": False, "down": False}),
        # Two of six are kept for step-up, as two of four were.
        ({"reserved": {"up": 2}}, (0, 3), {"up": True, "down": True}),
        ({"reserved": {"up": 2}}, (0, 4), {"up": True, "down": False}),
        ({"partial": {"up": 1, "down": 1, "shared": 2}}, (4, 1), {"up": True, "down": True}),
        ({"partial": {"up": 1, "down": 1, "shared": 2}}, (5, 0), {"up": False, "down": True}),
    ],
)
def test_surge_places_are_shared_by_all_streams(
    policy: dict[str, Any], used: tuple[int, int], fits: dict[str, bool]
) -> None:
    """Four places and two surge places; (up, down) in use."""
    streams = {"from outside": "up", "else": "down"}
    sections = ward(SURGE, capacity=4, pool={"policy": policy})
    sections["services"]["ward"] = {**STAY, "stream": streams}
    plan = compile_plan(scenario(**sections, arrivals=people(ann=0)))
    from carepath_sim.plan.tables import as_lists

    P, names = as_lists(plan.pool_tables), plan.stream_names
    local = {name: P.local[k] for k, name in enumerate(names)}
    taken = [0, 0]
    taken[local["up"]], taken[local["down"]] = used
    found = {
        name: bool(rules.fits(P, 0, 0, taken, 0, sum(taken), local[name], 1, 2)) for name in fits
    }
    assert found == fits


def test_a_request_larger_than_the_pool_may_fit_its_surge() -> None:
    """Three units of a pool of two and two more can be granted: not refused."""
    sections = ward(SURGE)
    sections["services"]["ward"] = {**STAY, "units": 3}
    assert surges(run(**sections, arrivals=people(ann=0, ben=1)))[0] == [25]


# --- figures -------------------------------------------------------------------------------------


def test_days_places_and_costs_of_a_surge() -> None:
    """Open from hour 32 to 176: six days of two places; 100 pounds each, and 50 a day for all."""
    cost = [
        {"per_place_day": "100 GBP", "payer": "nhs"},
        {"per_day": "50 GBP", "payer": "council"},
    ]
    seen = run(
        **ward({**SURGE, "lead": "6 h", "cost": cost}),
        arrivals=people(ann=0, ben=0, cay=1, dan=2, eve=5),
    )
    names = ("surge_openings", "surge_days", "surge_place_days", "costs", "capacity_mean")
    rows = {
        (r.measure, r.stratum): r.value
        for r in evaluate(seen.plan, seen.record, names)
        if r.period == "window"
    }
    assert rows["surge_openings", "pool:beds"] == 1
    assert rows["surge_days", "pool:beds"] == 6
    assert rows["surge_place_days", "pool:beds"] == 12
    assert rows["costs", "payer:nhs"] == 1200
    assert rows["costs", "payer:council"] == 300
    assert rows["costs", "pool:beds"] == rows["costs", "all"] == 1500
    assert rows["capacity_mean", "pool:beds"] == pytest.approx(2 + 2 * 6 / 30)


# --- the condition -------------------------------------------------------------------------------


def test_what_is_mended_within_an_instant_was_not_broken() -> None:
    state = [FAR, FAR, NEVER]
    assert rules.begins_to_hold(state, 0, True, 5)
    assert not rules.begins_to_hold(state, 0, True, 7)
    assert not rules.begins_to_hold(state, 0, False, 9)
    assert rules.begins_to_hold(state, 0, True, 9)
    assert state[0] == 5
    rules.begins_to_hold(state, 0, False, 9)
    rules.begins_to_hold(state, 0, True, 10)
    assert state[0] == 10


def test_the_checks_see_a_surge_that_opened_or_closed_at_another_time() -> None:
    plan = compile_plan(scenario(**ward(SURGE), arrivals=people(ann=0, ben=0, cay=1, dan=2)))
    record = simulate(plan, seed=1, replication=0)
    check(plan, record)
    hour = 3_600_000
    for what, shift, said in (
        (SURGE_OPENED, -2 * hour, "too few had waited"),
        (SURGE_OPENED, hour, "unit-ms of surge"),
        (SURGE_CLOSED, -hour, "not been empty long enough"),
        (SURGE_CLOSED, hour, "stay open"),
        (CAPACITY_CHANGED, hour, "the capacity in the changes"),
    ):
        changes = {name: column.copy() for name, column in record.changes.items()}
        changes["t"][changes["what"] == what] += shift
        wrong = type(record)(**{**vars(record), "changes": changes})
        with pytest.raises(CheckFailedError, match=said):
            check(plan, wrong)
