"""Units of time: durations in milliseconds, and steps of the calendar."""

from __future__ import annotations

import calendar
import math
import re
from datetime import date
from typing import Final

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
YEAR: Final = 36_525 * DAY // 100
"""A year of 365.25 days [ms]."""
MONTH: Final = YEAR // 12
"""A twelfth of a year [ms]."""

LENGTHS: Final = {
    "ms": 1,
    "s": SECOND,
    "min": MINUTE,
    "h": HOUR,
    "d": DAY,
    "wk": WEEK,
    "month": MONTH,
    "y": YEAR,
}
"""Units of time, shortest first [ms]."""

_SYNONYMS: Final = {
    "ms": "millisecond milliseconds",
    "s": "sec secs second seconds",
    "min": "mins minute minutes",
    "h": "hr hrs hour hours",
    "d": "day days",
    "wk": "w wks week weeks",
    "month": "months mo",
    "y": "yr yrs year years",
}

UNITS: Final = {unit: unit for unit in LENGTHS} | {
    word: unit for unit, words in _SYNONYMS.items() for word in words.split()
}
"""Accepted words for units of time, and the unit that each stands for."""

NUMBER: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
"""A number as people write it."""

_PIECE: Final = re.compile(rf"\s*({NUMBER})\s*([^\W\d_]+)\.?\s*(?:,|and\b)?")


def pieces(text: str) -> list[tuple[float, str]] | None:
    """Cut a duration into amounts and words, or return None where it is none.

    >>> pieces("1 d 12 h")
    [(1.0, 'd'), (12.0, 'h')]
    """
    found, at = [], 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            return None
        found.append((float(piece[1]), piece[2]))
        at = piece.end()
    return found or None


def half_up(value: float) -> int:
    """Round to the nearest whole number, halves upwards.

    >>> half_up(0.5), half_up(1.5), half_up(2.4)
    (1, 2, 2)
    """
    return math.floor(value + 0.5)


def in_words(ms: float) -> str:
    """Return a duration [ms] in the largest unit in which it is a whole number.

    >>> in_words(2_419_200_000), in_words(5_400_000), in_words(0)
    ('28 d', '90 min', '0 d')
    """
    if ms == 0:
        return "0 d"
    for unit in ("d", "h", "min", "s"):
        amount = ms / LENGTHS[unit]
        if amount == round(amount) and amount >= 1:
            return f"{amount:.10g} {unit}"
    return f"{ms:.10g} ms"


def add_months(start: date, months: int) -> date:
    """Return the same day some months later, or the last day of a month that has no such day.

    >>> add_months(date(2016, 1, 31), 1), add_months(date(2016, 2, 29), 12)
    (datetime.date(2016, 2, 29), datetime.date(2017, 2, 28))
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
