"""Bank holidays of England and Wales, by rule.

The days are those of the public list "UK bank holidays" (GOV.UK, England and Wales division),
which rests on the Banking and Financial Dealings Act 1971 and royal proclamations: New Year's Day,
Good Friday, Easter Monday, the first and the last Monday of May, the last Monday of August,
Christmas Day and Boxing Day, each moved to the next weekday that is free when it falls on a
weekend; with the days that were moved or added by proclamation in 2011, 2012, 2020, 2022 and 2023.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

YEARS: Final = range(2008, 2036)
"""Years for which the days are known; later proclamations are not."""

ADDED: Final = (
    date(2011, 4, 29),  # wedding of Prince William and Catherine Middleton
    date(2012, 6, 5),  # Diamond Jubilee
    date(2022, 6, 3),  # Platinum Jubilee
    date(2022, 9, 19),  # state funeral of Queen Elizabeth II
    date(2023, 5, 8),  # coronation of King Charles III
)
"""Days of one year only."""

MOVED: Final = {
    date(2012, 5, 28): date(2012, 6, 4),  # spring bank holiday, Diamond Jubilee
    date(2020, 5, 4): date(2020, 5, 8),  # early May bank holiday, 75 years of VE Day
    date(2022, 5, 30): date(2022, 6, 2),  # spring bank holiday, Platinum Jubilee
}
"""Days that were moved in one year."""


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar.

    The anonymous algorithm of 1876 as given by Meeus (1991), *Astronomical Algorithms*, chapter 8.

    >>> easter(2015), easter(2038)
    (datetime.date(2015, 4, 5), datetime.date(2038, 4, 25))
    """
    a = year % 19
    b, c = divmod(year, 100)
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def of_year(year: int) -> tuple[date, ...]:
    """Return the bank holidays of one year in order.

    >>> [day.isoformat() for day in of_year(2016)[-2:]]
    ['2016-12-26', '2016-12-27']
    """
    sunday = easter(year)
    days = {
        sunday - timedelta(days=2),
        sunday + timedelta(days=1),
        _monday(date(year, 5, 1)),
        _monday(date(year, 5, 25)),
        _monday(date(year, 8, 25)),
    }
    days = {MOVED.get(day, day) for day in days}
    days |= {day for day in ADDED if day.year == year}
    # Those that fall on a weekend move to the next weekday that is none already.
    fixed = (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26))
    days |= {day for day in fixed if day.weekday() < 5}
    for day in fixed:
        if day.weekday() >= 5:
            days.add(_next_free(day, days))
    return tuple(sorted(days))


def between(first: date, last: date) -> tuple[date, ...]:
    """Return the bank holidays from one day to another, the last one left out."""
    years = range(first.year, last.year + 1)
    return tuple(day for year in years for day in of_year(year) if first <= day < last)


def _monday(day: date) -> date:
    """Return the first Monday at or after a day."""
    return day + timedelta(days=-day.weekday() % 7)


def _next_free(day: date, taken: set[date]) -> date:
    while day.weekday() >= 5 or day in taken:
        day += timedelta(days=1)
    return day
