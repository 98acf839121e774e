"""Hours and working time by date, against a walk through the hours."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepath_sim.engine.interpreted import rules
from carepath_sim.plan.build import Builder
from carepath_sim.plan.days import Days, days_of, working_columns
from carepath_sim.plan.openings import first_openings
from carepath_sim.plan.tables import DAY, FAR, HOUR, WEEK
from carepath_sim.scenario.bank_holidays import of_year
from carepath_sim.scenario.grammar_dates import calendar_length
from carepath_sim.scenario.grammar_hours import hours
from carepath_sim.scenario.model import Clock

EASTER = date(2015, 4, 1)
"""A Wednesday; Good Friday is the 3rd, Easter Monday the 6th."""

WRITTEN: tuple[Any, ...] = (
    "Mon-Fri 09:00-17:00",
    "Mon-Fri 09:00-17:00 except bank holidays",
    "working days 22:00-07:00",
    ["working days 09:00-17:00", "bank holidays 10:00-12:00", "Sat 10:00-11:00"],
    "daily except bank holidays",
    "bank holidays",
)


def clock(start: date, length: str = "60 d") -> Clock:
    return Clock(start=start, length=calendar_length(length), bank_holidays="england")


def open_by_hand(written: Any, start: date, t: int) -> bool:
    """Tell whether hours are open, from their words, day by day."""
    lines = written if isinstance(written, list) else [written]
    return any(_line_open(line, start, t, back) for line in lines for back in (0, 1))


def _line_open(line: str, start: date, t: int, back: int) -> bool:
    """Tell whether a window of a line that begins `back` days before is open at `t`."""
    day = start + timedelta(days=t // DAY - back)
    holiday = day in of_year(day.year)
    weekday = day.weekday()
    holds = {
        "Mon-Fri": weekday < 5,
        "working": weekday < 5 and not holiday,
        "bank": weekday < 5 and holiday,
        "daily": True,
        "Sat": weekday == 5,
    }[line.split(maxsplit=1)[0]]
    if not holds or ("except" in line and holiday):
        return False
    times = [word for word in line.split() if ":" in word]
    begin, end = (int(h.split(":")[0]) for h in times[0].split("-")) if times else (0, 24)
    end = end if end > begin else end + 24
    return begin * HOUR <= t % DAY + back * DAY < end * HOUR


@pytest.mark.parametrize("written", WRITTEN, ids=str)
def test_calendars_open_when_their_words_say(written: Any) -> None:
    """Every hour of seven weeks around Easter and the May holidays, for rules and plan alike."""
    rows = Builder()
    rows.days = days_of(clock(EASTER), -10 * DAY, 60 * DAY)
    number = rows.calendar(hours(written))
    T = SimpleNamespace(
        **{name: column for name, column in rows.arrays().items() if name.startswith("hours")},
        week_shift=np.array([2 * DAY]),
    )
    times = range(-10 * DAY, 55 * DAY, HOUR // 2)
    openings = first_openings(T, number, list(times)).tolist()
    for t, found in zip(times, openings, strict=True):
        assert rules.next_open(T, number, t) == found
        assert (found == t) == open_by_hand(written, EASTER, t), EASTER + timedelta(days=t // DAY)
    for t, found in zip(times, openings, strict=True):
        behind = rules.next_opening_behind(T, number, t)
        assert behind > t
        if found > t:
            assert behind == found


def test_beyond_the_calendar_weeks_go_on_without_bank_holidays() -> None:
    """A stay that ends years after the run still has a discharge hour; none where there is none."""
    rows = Builder()
    rows.days = days_of(clock(EASTER), 0, 60 * DAY)
    numbers = [rows.calendar(hours(written)) for written in WRITTEN]
    T = SimpleNamespace(
        **{name: column for name, column in rows.arrays().items() if name.startswith("hours")},
        week_shift=np.array([2 * DAY]),
    )
    saturday = 3 * DAY + 520 * WEEK
    monday = saturday + 2 * DAY
    expected = [monday + 9 * HOUR] * 2 + [monday + 22 * HOUR, saturday + 10 * HOUR, saturday, FAR]
    at = saturday + 7 * HOUR
    expected[4] = at
    assert [rules.next_open(T, number, at) for number in numbers] == expected
    assert [int(first_openings(T, number, [at])[0]) for number in numbers] == expected


def worked(days: Days, t0: int, t1: int) -> int:
    """Return the working time between two instants [ms], day by day."""
    total = 0
    for day in range(t0 // DAY, t1 // DAY + 1):
        if days.kind(day) == "working":
            total += max(0, min(t1, (day + 1) * DAY) - max(t0, day * DAY))
    return total


@settings(max_examples=150, deadline=None)
@given(st.integers(-9 * 96, 60 * 96), st.integers(0, 30 * 96))
def test_after_working_time_is_the_first_instant_by_which_it_has_passed(t: int, n: int) -> None:
    """In steps of a quarter of an hour, over Easter and two bank holidays of May."""
    days = days_of(clock(EASTER), -10 * DAY, 60 * DAY)
    T = SimpleNamespace(**working_columns(days))
    start, length = t * HOUR // 4, n * HOUR // 4
    end = rules.after_working_time(T, start, length)
    assert worked(days, start, end) == length
    assert end == start or worked(days, start, end - 1) < length


def test_working_time_goes_on_beyond_the_calendar_in_weeks_of_five_days() -> None:
    days = days_of(clock(EASTER), 0, 60 * DAY)
    T = SimpleNamespace(**working_columns(days))
    monday = days.until * DAY
    assert days.weekday(days.until) == 0
    begin = monday - DAY  # a Sunday
    for n, end in ((1, 1), (5, 5), (6, 8), (10, 12), (11, 15)):
        assert rules.after_working_time(T, begin, n * DAY) == monday + end * DAY
    assert rules.after_working_time(T, monday - 3 * DAY, 2 * DAY) == monday + DAY


def test_a_day_is_working_or_weekend_or_bank_holiday() -> None:
    """1 to 7 April 2015: Wednesday, Thursday, Good Friday, weekend, Easter Monday, Tuesday."""
    days = days_of(clock(EASTER), 0, 60 * DAY)
    assert [days.kind(day) for day in range(7)] == [
        *("working", "working", "bank holiday", "weekend", "weekend", "bank holiday", "working")
    ]
    spans = days.spans(("bank holiday", "weekend"))
    assert 2 * DAY in spans[::2]
    assert 6 * DAY in spans[1::2]


def test_dates_of_the_scenario_may_stand_in_place_of_those_of_england() -> None:
    given_days = Clock(
        start=EASTER, length=calendar_length("60 d"), bank_holidays=(date(2015, 4, 2),)
    )
    days = days_of(given_days, 0, 60 * DAY)
    assert days.holidays == {1}
