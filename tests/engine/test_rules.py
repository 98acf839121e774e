"""The rules: each compared with the plainest way to say the same."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import comes, lives, scenario

from carepath_sim.engine import rules
from carepath_sim.engine.interpreted import rules as interpreted
from carepath_sim.plan import compile_plan
from carepath_sim.plan import tables as tb

HOUR, DAY, WEEK = tb.HOUR, tb.DAY, tb.WEEK
NEVER = tb.NEVER


# --- calendars -------------------------------------------------------------------------------


@st.composite
def weeks(draw: Any) -> list[tuple[int, int]]:
    """Return sorted windows of a week that do not touch, in hours."""
    edges = sorted(draw(st.sets(st.integers(0, 168), min_size=2, max_size=10)))
    return list(zip(edges[::2], edges[1::2], strict=False))


@settings(max_examples=100, deadline=None)
@given(weeks(), st.integers(0, 6), st.integers(-400, 400))
def test_next_open_is_the_first_open_instant(
    windows: list[tuple[int, int]], weekday: int, hour: int
) -> None:
    """Tried hour by hour, for every weekday on which a run may begin, before and after 0."""
    T = SimpleNamespace(
        hours_first=[0, len(windows)],
        hours_from=[a * HOUR for a, _ in windows],
        hours_to=[b * HOUR for _, b in windows],
        hours_week=[0],
        week_shift=[weekday * DAY],
    )

    def is_open(t: int) -> bool:
        return any(a * HOUR <= (t + weekday * DAY) % WEEK < b * HOUR for a, b in windows)

    start = hour * HOUR
    first = next(t for t in range(start, start + WEEK + 1, HOUR) if is_open(t))
    assert interpreted.next_open(T, 0, start) == first
    assert interpreted.next_open(T, 0, start + 1) in {
        start + 1,
        *range(start, start + 2 * WEEK, HOUR),
    }
    assert interpreted.next_open(T, tb.NOBODY, start) == start


def test_the_plan_finds_the_same_openings_as_the_engine() -> None:
    """`Plan.next_opening` (for measures) and `rules.next_open` (for engines) say the same."""
    plan = compile_plan(
        scenario(
            arrivals={"ann": comes("ward", 0)},
            services={
                "ward": {
                    "stay": "1 d",
                    "next": "home",
                    "admits": ["Mon-Fri 09:00-17:00", "Sat 22:00-24:00"],
                    "discharges": "daily 22:00-07:00",
                    "decides": "Wed",
                }
            },
        )
    )
    ward = plan.service_index["ward"]
    for which in ("admits", "discharges", "decides"):
        calendar = int(getattr(plan.tables, which)[ward])
        assert calendar >= 0
        for t in range(-WEEK, WEEK, HOUR // 2):
            assert plan.next_opening(ward, which, t) == rules.next_open(plan.tables, calendar, t)


@pytest.mark.parametrize("begin", [0, -400])
def test_the_clock_face_is_that_of_the_calendar(begin: int) -> None:
    """Hour, weekday and month of instants over two years, against Python's calendar."""
    from datetime import datetime, timedelta

    plan = compile_plan(
        scenario(
            clock={"start": "2015-04-01", "length": "1 y", "warm_up": "500 d"},
            arrivals={"ann": comes("ward", 0)},
            services={"ward": {"stay": "1 d", "next": "home"}},
        )
    )
    face = np.full(4, -1)
    for hour in range(begin * 24, (begin + 300) * 24, 7):
        now = datetime(2015, 4, 1) + timedelta(hours=hour)  # noqa: DTZ001 - civil time
        rules.look_at_clock(plan.tables, face, 0, hour * HOUR)
        assert face[1:].tolist() == [now.hour, now.weekday(), now.month - 1]


# --- distributions -----------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(0.001, 1.0), min_size=1, max_size=12),
    st.lists(st.floats(0.0, 1e9), min_size=13, max_size=13),
    st.floats(0.0, 1.0, exclude_max=True),
)
def test_a_quantile_lies_on_the_line_between_its_knots(
    widths: list[float], heights: list[float], u: float
) -> None:
    """The same as NumPy's interpolation, from whatever place in the long table it starts."""
    us = np.concatenate(([0.0], np.cumsum(widths)))
    us /= us[-1]
    vs = np.sort(np.array(heights[: len(us)]))
    padded_u, padded_v = np.concatenate(([9, 9], us, [9])), np.concatenate(([7, 7], vs, [7]))
    found = rules.quantile(padded_u, padded_v, 2, 2 + len(us), u)
    assert found == pytest.approx(np.interp(u, us, vs), rel=1e-12, abs=1e-9)
    assert interpreted.quantile(padded_u.tolist(), padded_v.tolist(), 2, 2 + len(us), u) == found


def test_shares_are_read_in_written_order() -> None:
    """0.2, 0.5, 0.3: the edges belong to the branch behind them."""
    T = SimpleNamespace(branch_first=[0, 3], branch_upto=[0.2, 0.7, 1.0], branch_target=[5, 6, 7])
    found = [interpreted.choose(T, 0, u) for u in (0.0001, 0.1999, 0.2, 0.6999, 0.7, 0.9999)]
    assert found == [5, 5, 6, 6, 7, 7]


# --- hazards -----------------------------------------------------------------------------------


def hazards() -> tb.Hazards:
    """Return two hazards, one seasonal with factors after a discharge, one plain."""
    plan = compile_plan(
        scenario(
            population={
                **lives(
                    fall={
                        "rate": "3 per y",
                        "times": {
                            "month": {"Jan": 3, "Jul": 0},
                            "hour": {"08:00-20:00": 3, "20:00-08:00": 1},
                        },
                        "to": "ward",
                    },
                    plain={"rate": "1 per y", "after_discharge": False, "to": "ward"},
                ),
                "after_discharge": {
                    "7 d": {"times": 4},
                    "28 d": {"times": 0},
                    "60 d": {"times": 2},
                },
            },
            clock={"start": "2015-04-01", "length": "2 y", "warm_up": "90 d"},
            services={"ward": {"setting": "acute_bed", "stay": "1 d", "next": "home"}},
        )
    )
    return plan.hazards


HAZARDS = hazards()
instants = st.integers(-90 * 24, 700 * 24).map(lambda hours: hours * HOUR + 12_345)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([0, 1]), instants, st.floats(1e-6, 3.0), st.one_of(st.none(), st.floats(0, 80))
)
def test_a_budget_is_used_up_when_it_is_due(
    hazard: int, t0: int, budget: float, days_since: float | None
) -> None:
    """`hazard_due` inverts `hazard_used`: just before the instant less is used, just after more."""
    H, speed = HAZARDS, float(HAZARDS.rate[hazard])
    discharged = NEVER if days_since is None else t0 - round(days_since * DAY)
    due = rules.hazard_due(H, hazard, speed, budget, t0, discharged)
    last = int(H.season_t[H.season_first[H.season[hazard] + 1] - 1])
    if due == tb.FAR:
        assert rules.hazard_used(H, hazard, speed, t0, last, discharged) <= budget * (1 + 1e-9)
        return
    assert t0 <= due <= last
    slack = 1e-9 + 1e-9 * budget
    after = rules.hazard_used(H, hazard, speed, t0, due + 1, discharged)
    before = rules.hazard_used(H, hazard, speed, t0, max(t0, due - 1), discharged)
    assert before - slack <= budget <= after + slack


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([0, 1]), instants, instants, instants, st.floats(0, 80))
def test_what_is_used_adds_up_over_time(
    hazard: int, a: int, b: int, c: int, days_since: float
) -> None:
    H, speed = HAZARDS, float(HAZARDS.rate[hazard])
    a, b, c = sorted((a, b, c))
    discharged = a - round(days_since * DAY)
    whole = rules.hazard_used(H, hazard, speed, a, c, discharged)
    parts = rules.hazard_used(H, hazard, speed, a, b, discharged)
    parts += rules.hazard_used(H, hazard, speed, b, c, discharged)
    assert parts == pytest.approx(whole, rel=1e-9, abs=1e-12)
    assert interpreted.hazard_used(tb.as_lists(H), hazard, speed, a, c, discharged) == whole


def test_a_year_uses_the_yearly_rate() -> None:
    """Profiles have mean 1 over their cycle: a year at 3 per year uses 3, a day in 365.25 parts."""
    H = HAZARDS
    for hazard, rate in ((0, 3.0), (1, 1.0)):
        used = rules.hazard_used(H, hazard, float(H.rate[hazard]), 0, 365 * DAY, NEVER)
        assert used == pytest.approx(rate * 365 / 365.25, rel=2e-3)


def test_a_hazard_without_speed_is_never_due() -> None:
    assert rules.hazard_due(HAZARDS, 0, 0.0, 1.0, 0, NEVER) == tb.FAR


# --- pools -------------------------------------------------------------------------------------

POLICIES = (tb.SHARED, tb.PRIORITY, tb.RING_FENCED, tb.RESERVED, tb.PARTIAL)


@st.composite
def pools(draw: Any) -> tuple[Any, list[int]]:
    """Return tables of one pool of three streams, and units in use by stream."""
    policy = draw(st.sampled_from(POLICIES))
    parts = draw(st.lists(st.integers(0, 4), min_size=3, max_size=3))
    common = draw(st.integers(0, 3))
    capacity = draw(st.integers(0, 14))
    if policy == tb.RING_FENCED:
        capacity = sum(parts)
    if policy == tb.PARTIAL:
        capacity = sum(parts) + common
    tables = SimpleNamespace(
        policy=[policy],
        step_policy=[policy],
        streams=[3],
        overflow=[int(draw(st.booleans()) and draw(st.booleans()))],
        step_capacity=[capacity],
        step_shared=[common],
        part_first=[0],
        parts=parts,
    )
    return tables, draw(st.lists(st.integers(0, 5), min_size=3, max_size=3))


def allowed(P: Any, used: list[int], asking: int) -> bool:
    """Say in plain words whether units may be used so, after `asking` has taken some."""
    total, capacity, parts = sum(used), P.step_capacity[0], P.parts
    if P.overflow[0]:
        return True
    if total > capacity:
        return False
    if P.policy[0] == tb.RING_FENCED:
        return used[asking] <= parts[asking]
    if P.policy[0] == tb.RESERVED:
        return total + sum(parts) - parts[asking] <= capacity
    if P.policy[0] == tb.PARTIAL:
        return sum(max(0, n - own) for n, own in zip(used, parts, strict=True)) <= P.step_shared[0]
    return True


@settings(max_examples=500, deadline=None)
@given(pools(), st.integers(0, 2), st.integers(1, 4))
def test_a_request_fits_where_the_policy_allows_what_would_be_used(
    pool: tuple[Any, list[int]], stream: int, units: int
) -> None:
    P, used = pool
    after = used.copy()
    after[stream] += units
    fits = interpreted.fits(P, 0, 0, used, 0, sum(used), stream, units)
    assert fits == allowed(P, after, stream)


@settings(max_examples=500, deadline=None)
@given(pools(), st.integers(0, 2), st.integers(0, 2), st.integers(1, 3), st.integers(1, 3))
def test_a_place_passed_on_in_a_circle_makes_nobodys_share_worse(
    pool: tuple[Any, list[int]], taker: int, leaver: int, units: int, units_left: int
) -> None:
    """What was allowed by every stream's own part before is allowed afterwards."""
    P, used = pool
    if not interpreted.may_follow(P, 0, 0, taker, units, leaver, units_left):
        return
    used[leaver] += units_left
    after = used.copy()
    after[leaver] -= units_left
    after[taker] += units
    assert sum(after) <= sum(used)
    P.overflow[0] = 0
    if allowed(P, used, leaver):
        assert allowed(P, after, taker)


@pytest.mark.parametrize(
    ("policy", "same", "other"),
    [
        (tb.SHARED, True, True),
        (tb.PRIORITY, True, True),
        (tb.RING_FENCED, True, False),
        (tb.PARTIAL, True, False),
        (tb.RESERVED, True, False),
    ],
)
def test_who_may_take_whose_place(policy: int, *, same: bool, other: bool) -> None:
    """Stream 0 has the smaller reserve: it may not take what stream 1 leaves, 1 may take 0's."""
    P = SimpleNamespace(step_policy=[policy], part_first=[0], parts=[1, 2])
    assert interpreted.may_follow(P, 0, 0, 0, 1, 0, 1) == same
    assert interpreted.may_follow(P, 0, 0, 0, 1, 1, 1) == other
    assert interpreted.may_follow(P, 0, 0, 1, 1, 0, 1) == (other or policy == tb.RESERVED)
    assert not interpreted.may_follow(P, 0, 0, 0, 2, 0, 1), "never more units than are left"
