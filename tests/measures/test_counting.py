"""Counting rules: instants in [0, T), time clipped to it, midnights at 24:00, calendar months."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from carepath_sim.measures.counting import days, events, nights, time
from carepath_sim.measures.grouped import groups
from carepath_sim.measures.periods import periods
from carepath_sim.units import DAY, HOUR

ZERO = np.zeros(1, dtype=np.int64)


def at(*given_days: float) -> np.ndarray:
    return np.array([round(day * DAY) for day in given_days], dtype=np.int64)


def test_months_are_those_of_the_calendar_cut_at_the_window(world: Any) -> None:
    world.given = {"window": 40 * DAY}
    found = world.view.once(periods)
    assert found.names == ("window", "2015-04", "2015-05")
    assert found.edges.tolist() == [0, 30 * DAY, 40 * DAY]
    assert days(world.view).tolist() == [40, 30, 10]


def test_events_count_from_0_and_before_the_end_of_the_window(world: Any) -> None:
    t = np.array([-1, 0, 30 * DAY - 1, 30 * DAY, 61 * DAY - 1, 61 * DAY], dtype=np.int64)
    table = events(world.view, t, np.zeros_like(t), 1)
    assert table[:, 0].tolist() == [4, 2, 2]


def test_time_is_clipped_to_the_window_and_cut_at_months(world: Any) -> None:
    table = time(world.view, at(-3, 29), at(2, 70), np.array([0, 1]), 2) / DAY
    assert table.tolist() == [[2, 32], [2, 1], [0, 31]]


def test_amounts_multiply_time(world: Any) -> None:
    table = time(world.view, at(1), at(3), ZERO, 1, np.array([2.5]))
    assert table[0, 0] == 5 * DAY


def test_a_night_is_a_midnight_at_the_end_of_its_day(world: Any) -> None:
    # Admitted on day 0 at 10:00, left on day 2 at 09:00: the midnights that end days 0 and 1.
    table = nights(world.view, at(10 / 24), at(2 + 9 / 24), ZERO, 1)
    assert table[0, 0] == 2
    # Within one day: none. Exactly from midnight to midnight: the one at which it began.
    assert nights(world.view, at(1.2), at(1.9), ZERO, 1)[0, 0] == 0
    assert nights(world.view, at(1), at(2), ZERO, 1)[0, 0] == 1


def test_the_midnight_at_instant_0_belongs_to_the_day_before_the_window(world: Any) -> None:
    assert nights(world.view, at(-2), at(0.5), ZERO, 1)[0, 0] == 0
    assert nights(world.view, at(60.5), at(80), ZERO, 1)[0, 0] == 1


def test_who_is_there_at_the_end_of_the_run_is_there_at_its_last_midnight(world: Any) -> None:
    """With a run-out of 0 d the last midnight of the window is the end of the run."""
    view = world.view
    view.plan.end = view.plan.window
    assert nights(view, at(59.5), at(61), ZERO, 1)[0, 0] == 2
    assert nights(view, at(59.5), at(60.9), ZERO, 1)[0, 0] == 1


def test_the_midnight_that_ends_april_belongs_to_april(world: Any) -> None:
    assert nights(world.view, at(29.5), at(31.5), ZERO, 1)[:, 0].tolist() == [2, 1, 1]


@settings(max_examples=60, deadline=None)
@given(
    spans=st.lists(
        st.tuples(st.integers(-60, 1600), st.integers(0, 400), st.integers(0, 2)), max_size=12
    )
)
def test_time_and_nights_agree_with_counting_hour_by_hour(
    worlds: Any, spans: list[tuple[int, int, int]]
) -> None:
    """Instants on whole hours: every hour and every midnight looked at singly."""
    view = worlds().view
    begin = np.array([b for b, _, _ in spans], dtype=np.int64) * HOUR
    end = begin + np.array([n for _, n, _ in spans], dtype=np.int64) * HOUR
    code = np.array([c for _, _, c in spans], dtype=np.int64)
    hours, midnights = np.zeros((3, 3)), np.zeros((3, 3))
    for b, n, c in spans:
        for hour in range(max(b, 0), min(b + n, 61 * 24)):
            hours[[0, 1 if hour < 30 * 24 else 2], c] += 1
        for k in range(1, 62):
            if b <= 24 * k < b + n:
                midnights[[0, 1 if k <= 30 else 2], c] += 1
    assert np.array_equal(time(view, begin, end, code, 3) / HOUR, hours)
    assert np.array_equal(nights(view, begin, end, code, 3), midnights)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**12)), max_size=40),
    share=st.floats(0, 1),
)
def test_grouped_statistics_are_those_of_numpy(rows: list[tuple[int, int]], share: float) -> None:
    code = np.array([c for c, _ in rows], dtype=np.int64)
    values = np.array([v for _, v in rows], dtype=np.int64)
    found = groups(code, values, 4)
    for group in range(4):
        mine = values[code == group]
        if len(mine):
            assert np.isclose(found.mean()[group], mean := mine.mean()), mean
            assert np.isclose(found.quantile(share)[group], np.quantile(mine, share))
        else:
            assert np.isnan(found.mean()[group])
            assert np.isnan(found.quantile(share)[group])
