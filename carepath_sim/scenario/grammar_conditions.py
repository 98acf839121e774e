"""Conditions: when a case, a standard or a start count applies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Final

from carepath_sim.scenario.grammar_dates import day
from carepath_sim.scenario.grammar_hours import (
    MONTHS,
    WEEKDAYS,
    clock_time,
    day_windows,
    months,
    weekdays,
    whole_hours,
)
from carepath_sim.scenario.reading import Flaws, Wrong, listed, nearest, shown, text, wrong
from carepath_sim.scenario.values import Test
from carepath_sim.units import HOUR

OLDEST: Final = 120
"""Last age that can be tested [years]."""

_AGES = re.compile(r"(?:(\d{1,3})\s*-\s*(\d{1,3})|(\d{1,3})\s*\+|([<>]=?)\s*(\d{1,3})|(\d{1,3}))")
_DATES = re.compile(
    r"(?:(from|since|before)\s+(\S+)|(?:from\s+)?(\S+)\s+(?:to|until|before)\s+(\S+))"
)


def _age(raw: object) -> tuple[float | None, float | None]:
    """Return a half-open range of ages [years]."""
    given = text(raw)
    found = _AGES.fullmatch(given)
    if found is None:
        raise wrong(f"ages such as `75+`, `65-74` or `<80` are needed, found {shown(raw)}")
    first, last, least, sign, bound, one = found.groups()
    if first and int(first) > int(last):
        raise wrong(f"ages run from the lower to the higher, found {shown(raw)}")
    if first or one:
        return float(first or one), float(last or one) + 1
    if least:
        return float(least), None
    limit = float(bound) + (sign in {"<=", ">"})
    return (None, limit) if sign[0] == "<" else (limit, None)


def _ages(raw: object) -> list[str]:
    low, high = _age(raw)
    first, end = int(low or 0), int(OLDEST + 1 if high is None else high)
    return [str(age) for age in range(first, min(end, OLDEST + 1))]


def _dates(raw: object) -> tuple[date | None, date | None]:
    """Return a half-open range of dates."""
    if isinstance(raw, list):
        raise wrong("one range of dates is needed, found a list; write a case for each")
    found = _DATES.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        try:
            one = day(raw)
        except Wrong:
            raise wrong(
                "dates such as `from 2015-04-01`, `before 2015-04-01` or"
                f" `2015-04-01 to 2015-07-01` are needed, found {shown(raw)}"
            ) from None
        return one, one + timedelta(days=1)
    word, bound, first, last = found.groups()
    if word:
        return (None, day(bound)) if word == "before" else (day(bound), None)
    low, high = day(first), day(last)
    if low >= high:
        raise wrong(f"dates run from the earlier to the later, found {shown(raw)}")
    return low, high


def _hours(raw: object) -> list[str]:
    if not isinstance(raw, str):
        raise wrong(f"hours such as `08:00-20:00` are needed, found {shown(raw)}")
    found = day_windows(raw)
    if any(edge % HOUR for edges in found for edge in edges):
        return [f"{clock_time(begin)}-{clock_time(end)}" for begin, end in found]
    return [str(hour) for hour in whole_hours(raw)]


def _same_form(hours: list[str]) -> list[str]:
    """Return hours of day as windows when some are: a test holds either hours or windows."""
    if not any(":" in hour for hour in hours):
        return hours
    return [hour if ":" in hour else f"{hour:0>2}:00-{int(hour) + 1:02d}:00" for hour in hours]


DAYS: Final = ("working", "weekend", "bank holiday")
"""Kinds of days; every day is one of them."""


def _day(raw: object) -> list[str]:
    if isinstance(raw, str) and raw.strip().lower() in DAYS:
        return [raw.strip().lower()]
    raise wrong(f"{listed(DAYS)} is needed, found {shown(raw)}{nearest(str(raw), DAYS)}")


_VALUES: Final[Mapping[str, Callable[[object], list[str]]]] = {
    "age": _ages,
    "hour": _hours,
    "day": _day,
    "weekday": lambda raw: [WEEKDAYS[k] for k in weekdays(text(raw))],
    "month": lambda raw: [MONTHS[k] for k in months(text(raw))],
}


def _one_word(raw: object) -> list[str]:
    return [text(raw)]


def test(key: str, raw: object) -> Test:
    """Return one test of a condition: a key with a value, a range, or a list of them."""
    if key == "date":
        earliest, latest = _dates(raw)
        return Test(key, low=earliest, high=latest, text=str(raw))
    if not isinstance(raw, list):
        if key == "age":
            low, high = _age(raw)
            return Test(key, low=low, high=high, text=text(raw))
        values = _VALUES.get(key, _one_word)(raw)
        return Test(key, tuple(values), text=text(raw))
    if not raw:
        raise wrong("a value is needed, found an empty list")
    flaws = Flaws()
    found = [flaws.read(_VALUES.get(key, _one_word), one, k) for k, one in enumerate(raw)]
    flaws.close()
    each = [value for part in found for value in part]
    several = dict.fromkeys(_same_form(each) if key == "hour" else each)
    return Test(key, tuple(several), text=", ".join(text(one) for one in raw))


def when(raw: object) -> tuple[Test, ...]:
    """Return the tests of a condition; all must hold."""
    if not isinstance(raw, Mapping) or not raw:
        raise wrong(f"a condition such as `{{frailty: severe}}` is needed, found {shown(raw)}")
    flaws = Flaws()
    tests = tuple(flaws.read(partial(test, key), value, key) for key, value in raw.items())
    flaws.close()
    return tests
