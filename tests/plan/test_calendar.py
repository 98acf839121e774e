"""Calendars: months, seasons and profiles against Python's own calendar."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepath_sim.plan import calendar as cal
from carepath_sim.plan.tables import DAY, HOUR
from carepath_sim.scenario.values import Number

STARTS = st.dates(date(1999, 1, 1), date(2040, 12, 31))
MONTHLY = tuple(1.0 + k / 10 for k in range(12))
WEEKLY = (1.2, 1.1, 1.0, 1.0, 0.9, 0.6, 1.2)
HOURLY = tuple(0.5 + k / 23 for k in range(24))


def test_monday_is_the_first_day_of_the_week() -> None:
    """1 June 2015 was a Monday, 1 April 2015 a Wednesday."""
    assert cal.week_shift(date(2015, 6, 1)) == 0
    assert cal.week_shift(date(2015, 4, 1)) == 2 * DAY


def test_an_instant_counts_days_without_clock_changes() -> None:
    """29 March and 25 October 2015 had 23 and 25 hours in London; here each has 24."""
    assert cal.instant(date(2015, 4, 1), date(2015, 4, 1)) == 0
    assert cal.instant(date(2015, 3, 1), date(2015, 4, 1)) == 31 * DAY
    assert cal.instant(date(2015, 10, 1), date(2015, 11, 1)) == 31 * DAY
    assert cal.instant(date(2015, 4, 1), date(2015, 3, 1)) == -31 * DAY


@settings(max_examples=50, deadline=None)
@given(STARTS, st.integers(-800, 0), st.integers(1, 1500))
def test_months_begin_where_the_calendar_says(start: date, begin: int, days: int) -> None:
    """Every first of a month of the run is there, and the run lies within them."""
    instants, names = cal.months(start, begin * DAY, (begin + days) * DAY)
    assert instants[0] <= begin * DAY
    assert instants[-1] >= (begin + days) * DAY
    for t, name in zip(instants.tolist(), names.tolist(), strict=True):
        day = start + timedelta(days=t // DAY)
        assert (day.day, day.month - 1) == (1, name)
    assert (np.diff(instants) >= 28 * DAY).all()
    assert (np.diff(instants) <= 31 * DAY).all()


@pytest.mark.parametrize("month", [(), MONTHLY])
@pytest.mark.parametrize("weekday", [(), WEEKLY])
@pytest.mark.parametrize("hour", [(), HOURLY])
def test_the_integral_of_a_season_is_the_sum_of_its_hours(
    month: tuple[float, ...], weekday: tuple[float, ...], hour: tuple[float, ...]
) -> None:
    """Over 120 days from 20 December 2015 (a Sunday), each hour with its own factors."""
    start, begin, end = date(2015, 12, 31), -11 * DAY, 109 * DAY
    t, integral = cal.season(start, begin, end, month, weekday, hour)
    assert (np.diff(t) > 0).all()
    assert t[0] <= begin
    assert t[-1] >= end
    total = 0.0
    for k in range(120 * 24):
        now = start + timedelta(days=begin // DAY + k // 24)
        factor = month[now.month - 1] if month else 1.0
        factor *= weekday[now.weekday()] if weekday else 1.0
        factor *= hour[k % 24] if hour else 1.0
        total += factor * HOUR
        at = np.interp(begin + (k + 1) * HOUR, t, integral) - np.interp(begin, t, integral)
        assert at == pytest.approx(total, rel=1e-12)


def test_a_profile_has_mean_1_over_its_own_cycle() -> None:
    """Months count by their days; what is not named is 1 before that."""

    def pairs(**factors: float) -> list[tuple[str, Number]]:
        return [(name, Number(value)) for name, value in factors.items()]

    month = cal.cycle("month", pairs(Dec=3.0, Jan=3.0))
    assert sum(f * d for f, d in zip(month, cal.MONTH_DAYS, strict=True)) == pytest.approx(365.25)
    assert month[11] / month[5] == pytest.approx(3.0)
    week = cal.cycle("weekday", pairs(Sat=0.2, Sun=0.0))
    assert week[5] / week[0] == pytest.approx(0.2)
    assert week[6] == 0.0
    assert sum(week) == pytest.approx(7)
    hour = cal.cycle("hour", [("08:00-20:00", Number(3.0)), ("20:00-08:00", Number(1.0))])
    assert hour == pytest.approx((0.5,) * 8 + (1.5,) * 12 + (0.5,) * 4)
