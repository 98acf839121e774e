"""Capacities over time: rosters and dates as steps, parts of policies as whole places."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepath_sim.plan import capacity as cap
from carepath_sim.plan.tables import DAY, HOUR, UNLIMITED, WEEK
from carepath_sim.scenario.grammar_hours import hours
from carepath_sim.scenario.values import DatedCapacity, Number, Policy, RosterLine

WEDNESDAY = date(2015, 4, 1)


def at(steps: list[tuple[int, int]], t: int) -> int:
    """Return the capacity that steps give at an instant."""
    return [capacity for start, capacity in steps if start <= t][-1]


def test_a_number_is_one_step_at_the_beginning() -> None:
    assert cap.steps([DatedCapacity(None, Number(7))], WEDNESDAY, -5 * DAY, DAY) == [(-5 * DAY, 7)]


def test_unlimited_is_a_number_that_is_never_reached() -> None:
    assert cap.places(float("inf")) == UNLIMITED
    assert cap.places(12.0) == 12


def test_a_roster_gives_the_places_of_every_hour() -> None:
    """Three by day, one by night, none on Sunday mornings; tried hour by hour over five weeks."""
    lines = (
        RosterLine(hours("Mon-Sat 07:00-22:00"), Number(3.0)),
        RosterLine(hours("daily 22:00-07:00"), Number(1.0)),
        RosterLine(hours("Sun 12:00-22:00"), Number(2.0)),
    )
    begin, end = -9 * DAY + 5 * HOUR, 26 * DAY
    steps = cap.steps([DatedCapacity(None, None, lines)], WEDNESDAY, begin, end)
    assert steps[0][0] == begin
    assert all(a[0] < b[0] and a[1] != b[1] for a, b in itertools.pairwise(steps))
    for t in range(begin, end, HOUR):
        day = WEDNESDAY + timedelta(days=t // DAY)
        hour = t % DAY // HOUR
        if hour >= 22 or hour < 7:
            expected = 1
        elif day.weekday() < 6:
            expected = 3
        else:
            expected = 2 if hour >= 12 else 0
        assert at(steps, t) == expected, (day, hour)


def test_dates_follow_each_other() -> None:
    """A date before the run counts from its beginning; one behind it does not matter."""
    dated = [
        DatedCapacity(None, Number(9.0)),
        DatedCapacity(WEDNESDAY - timedelta(days=30), Number(5.0)),
        DatedCapacity(WEDNESDAY + timedelta(days=2), Number(8.0)),
        DatedCapacity(WEDNESDAY + timedelta(days=90), Number(1.0)),
    ]
    steps = cap.steps(dated, WEDNESDAY, -10 * DAY, 20 * DAY)
    assert steps == [(-10 * DAY, 5), (2 * DAY, 8)]


def test_a_roster_may_begin_at_a_date() -> None:
    dated = [
        DatedCapacity(None, Number(4.0)),
        DatedCapacity(
            WEDNESDAY + timedelta(days=1), None, (RosterLine(hours("Fri"), Number(6.0)),)
        ),
    ]
    steps = cap.steps(dated, WEDNESDAY, 0, WEEK)
    # Thursday: no line, no places; Friday six; Saturday none again.
    assert steps == [(0, 4), (DAY, 0), (2 * DAY, 6), (3 * DAY, 0)]


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 500),
    st.lists(st.floats(0.001, 1.0), min_size=1, max_size=8),
)
def test_whole_places_sum_to_the_total_and_lie_next_to_the_exact_parts(
    total: int, shares: list[float]
) -> None:
    parts = cap.largest_remainder(total, shares)
    assert sum(parts) == total
    for part, share in zip(parts, shares, strict=True):
        exact = total * share / sum(shares)
        assert exact - 1 < part < exact + 1


def test_the_largest_remainder_has_the_odd_place() -> None:
    """125 beds at 15 % and 85 % are 18.75 and 106.25: the first has the larger remainder."""
    assert cap.largest_remainder(125, [0.15, 0.85]) == [19, 106]
    assert cap.largest_remainder(10, [1, 1, 1]) == [4, 3, 3]


@pytest.mark.parametrize(
    ("kind", "parts", "is_share", "capacity", "own", "common"),
    [
        ("shared", {}, False, 9, [0], 0),
        ("priority", {"a": 0, "b": 1}, False, 9, [0, 0], 0),
        ("ring_fenced", {"a": 3, "b": 6}, False, 9, [3, 6], 0),
        ("ring_fenced", {"a": 0.15, "b": 0.85}, True, 125, [19, 106], 0),
        ("partial", {"a": 2, "shared": 4, "b": 3}, False, 9, [2, 3], 4),
        ("partial", {"a": 0.25, "shared": 0.5, "b": 0.25}, True, 8, [2, 2], 4),
        ("reserved", {"a": 2}, False, 9, [2], 0),
        ("reserved", {"a": 0.1}, True, 29, [3], 0),
    ],
)
def test_parts_of_a_policy(
    kind: str,
    parts: dict[str, float],
    *,
    is_share: bool,
    capacity: int,
    own: list[int],
    common: int,
) -> None:
    """The part of each stream in written order, and the common one; 10 % of 29 is 2.9."""
    named = tuple((name, Number(float(value))) for name, value in parts.items())
    assert cap.policy_parts(Policy(kind, named, is_share), capacity) == (own, common)
