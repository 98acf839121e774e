"""Dates as people type them and spreadsheets store them, never guessed silently.

``2024-03-01`` (ISO), ``01/03/2024`` (British: day first), ``1 Mar 2024``, ``45352`` (Excel),
``20240301`` (NHS data sets), each with or without a time, which is taken as it is written: that of
clocks in England, or with their time zone. Where a column has dates that exist only with the month
first, those that could be either are ambiguous, and are told instead of read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from carepath_sim.calibrate.local_workbooks import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterable

MONTHS: Final = {
    name: k
    for k, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        1,
    )
    for name in names
}
ORDERS: Final = ("dmy", "mdy")
"""Which number stands first in 03/04/2024: the day (British) or the month."""

_ZONE = r"(Z|UTC|GMT|BST|[+-]00:?00|\+01:?00)"
_TIME = rf"(?:[T ]\s*(\d{{1,2}}):?(\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?\s*([ap]m)?\s*{_ZONE}?)?"
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})" + _TIME, re.IGNORECASE)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})" + _TIME, re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})" + _TIME, re.IGNORECASE)
_NAMED = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?[-/ ]+([a-z]{3,9})[-/ ,]+(\d{4}|\d{2})" + _TIME,
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r":\d{2}(?:[.,]\d+)?\s*[+-]\d{2}:?\d{2}$")
_SERIAL = re.compile(r"(\d{5})(?:\.(\d+))?")
# Excel's days of 1954 and 2091.
_SERIALS = (20_000, 70_000)


class NoDate(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """A cell that is no date; the message says why, without quoting anything but a date."""


@dataclass(frozen=True)
class When:
    """An instant of the calendar.

    Attributes
    ----------
    at
        The instant; midnight where only the date is known.
    timed
        Whether a time of day was given.
    """

    at: datetime
    timed: bool


@dataclass(frozen=True)
class Dates:
    """How the dates of a column are to be read.

    Attributes
    ----------
    order
        ``dmy`` or ``mdy``.
    doubtful
        Whether dates that could be either are refused.
    """

    order: str = "dmy"
    doubtful: bool = False

    @classmethod
    def of(cls, cells: Iterable[str], order: str | None = None) -> Dates:
        """Return how to read a column: British, unless told; doubtful if some are no such dates.

        >>> Dates.of(["01/03/2024", "25/03/2024"]).doubtful
        False
        >>> Dates.of(["01/03/2024", "03/25/2024"]).doubtful
        True
        """
        if order is not None:
            return cls(order)
        for cell in cells:
            found = _NUMERIC.fullmatch(cell)
            if found and int(found[1]) <= 12 < int(found[2]) <= 31:
                return cls("dmy", doubtful=True)
        return cls()

    def read(self, cell: str) -> When:
        """Return the instant that a cell means.

        Raises
        ------
        NoDate
            With the reason.
        """
        text = " ".join(cell.split())
        if found := _ISO.fullmatch(text):
            return _made(text, int(found[1]), int(found[2]), int(found[3]), found.groups()[3:])
        if found := _COMPACT.fullmatch(text):
            # Of eight digits only the form is told: they may be a number of somebody.
            clock = found.groups()[3:]
            return _made(form(text), int(found[1]), int(found[2]), int(found[3]), clock)
        if found := _NUMERIC.fullmatch(text):
            one, two, year = int(found[1]), int(found[2]), _year(found[3])
            if self.doubtful and one <= 12 and two <= 12 and one != two:
                raise NoDate(
                    f"{text} is ambiguous: some dates of this column have the month first;"
                    " say --dates dmy or --dates mdy"
                )
            day, month = (one, two) if self.order == "dmy" else (two, one)
            if month > 12 >= day:
                first, other = ("day", "mdy") if self.order == "dmy" else ("month", "dmy")
                raise NoDate(f"there is no date {text} with the {first} first (--dates {other}?)")
            return _made(text, year, month, day, found.groups()[3:])
        if (found := _NAMED.fullmatch(text)) and found[2].lower() in MONTHS:
            month = MONTHS[found[2].lower()]
            return _made(text, _year(found[3]), month, int(found[1]), found.groups()[3:])
        if found := _SERIAL.fullmatch(text):
            number = float(text)
            if _SERIALS[0] <= number <= _SERIALS[1]:
                at = EPOCH + timedelta(seconds=round(number * 86_400))
                return When(at, timed=at.time() != datetime.min.time())
        if _ELSEWHERE.search(text):
            raise NoDate(f"a time zone that is not that of the UK (its form is {form(text)})")
        raise NoDate(f"no date stands here (its form is {form(text)})")


def form(text: str) -> str:
    """Return the form of a cell, which tells a typist where to look and nobody who it is about.

    >>> form("Smith 1/2"), form("")
    ("'aaaaa 9/9'", 'empty')
    """
    if not text:
        return "empty"
    shape = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))
    return f"'{shape[:24]}...'" if len(shape) > 24 else f"'{shape}'"


def _year(text: str) -> int:
    """Return a year; of two digits, that of this century up to 2069."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _made(text: str, year: int, month: int, day: int, clock: tuple[str | None, ...]) -> When:
    try:
        date = datetime(year, month, day)  # noqa: DTZ001 - civil time
    except ValueError:
        raise NoDate(f"there is no date {text}") from None
    hour, minute, second, half, _zone = clock
    if hour is None or minute is None:
        return When(date, timed=False)
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if half is not None:
        if not 1 <= hours <= 12:
            raise NoDate(f"there is no time of day in {text}")
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    midnight = hours == 24 and minutes == seconds == 0
    if (hours > 23 and not midnight) or minutes > 59 or seconds > 59:
        raise NoDate(f"there is no time of day in {text}")
    return When(date + timedelta(hours=hours, minutes=minutes, seconds=seconds), timed=True)
