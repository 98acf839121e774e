"""Dates, and lengths that are added by the calendar."""

from __future__ import annotations

import re
from datetime import date

from carepath_sim.scenario.grammar_numbers import exact_duration
from carepath_sim.scenario.reading import shown, wrong
from carepath_sim.scenario.values import CalendarLength
from carepath_sim.units import DAY, UNITS, pieces

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


FIRST, LAST = 1800, 2999
"""Years of dates; with the longest lengths of time before and after them there still are dates."""


def day(raw: object) -> date:
    """Return a date."""
    if isinstance(raw, str) and _DATE.fullmatch(raw.strip()):
        try:
            found = date.fromisoformat(raw.strip())
        except ValueError:
            raise wrong(f"there is no such day, found {shown(raw)}") from None
        if not FIRST <= found.year <= LAST:
            raise wrong(f"a year from {FIRST} to {LAST} is needed, found {shown(raw)}")
        return found
    raise wrong(f"a date such as `2015-04-01` is needed, found {shown(raw)}")


def calendar_length(raw: object) -> CalendarLength:
    """Return a length of time of which years and months are added by the calendar."""
    number = exact_duration(raw)
    if number.value <= 0:
        raise wrong(f"the length must be more than 0, found {shown(raw)}")
    months, rest = 0.0, 0.0
    given = number.text
    for amount, word in pieces(given) or ():
        unit = UNITS.get(word) or UNITS[word.lower()]
        if unit in {"y", "month"}:
            months += amount * (12 if unit == "y" else 1)
        else:
            rest += exact_duration(f"{amount} {unit}").value
    if months != round(months):
        raise wrong(f"whole years and months are needed, by the calendar, found {shown(raw)}")
    days, less = divmod(round(rest), DAY)
    if not months and round(rest) < 1:
        raise wrong(f"the length must be at least a millisecond, found {shown(raw)}")
    length = CalendarLength(months=round(months), days=days, rest=less, text=given)
    try:
        length.last(date(2400, 1, 1))
    except (OverflowError, ValueError):
        raise wrong(f"the length is beyond every calendar, found {shown(raw)}") from None
    return length
