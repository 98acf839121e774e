"""Opening hours: weekly windows written as people say them."""

from __future__ import annotations

import re
from typing import Final

from carepath_sim.scenario.reading import Flaws, nearest, shown, wrong
from carepath_sim.scenario.values import Hours
from carepath_sim.units import DAY, HOUR, MINUTE, WEEK

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LONG_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_GROUPS = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}
_TIMES = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|\u2013|to)\s*(\d{1,2}):(\d{2})")
_EVERY = re.compile(
    r"(7|seven) days( a week| per week|/week)?|7/7|every ?day|all (days|week)|each day",
    re.IGNORECASE,
)
"""What people write for `daily`."""
_ACCEPTED = (
    "hours such as `Mon-Fri 09:00-17:00`, `daily 22:00-07:00`, `Sat,Sun 10:00-14:00`, `daily`"
    " or `working days 09:00-17:00`"
)
WORKING_DAYS: Final = "working days"
BANK_HOLIDAYS: Final = "bank holidays"
EXCEPT: Final = "except bank holidays"
ALWAYS, NOT_ON_THEM, ONLY_ON_THEM = range(3)
"""Whether a line of hours holds on bank holidays."""


def cyclic(written: str, names: tuple[str, ...], long: tuple[str, ...]) -> list[int]:
    """Return the numbers of weekdays or months named in a list of names and ranges of them.

    >>> cyclic("Fri-Mon", WEEKDAYS, _LONG_DAYS)
    [4, 5, 6, 0]
    """
    numbers: list[int] = []
    for part in re.split(r"\s*,\s*", written.strip()):
        ends = re.split(r"\s*(?:-|\u2013|\bto\b)\s*", part)
        if len(ends) > 2:
            raise wrong(f"a range has two ends, found {shown(part)}")
        first, last = (_number(end, names, long) for end in (ends[0], ends[-1]))
        numbers += [(first + k) % len(names) for k in range((last - first) % len(names) + 1)]
    return list(dict.fromkeys(numbers))


def _number(name: str, names: tuple[str, ...], long: tuple[str, ...]) -> int:
    for known in (names, long):
        for k, word in enumerate(known):
            if word.lower() == name.lower():
                return k
    raise wrong(f"unknown name {shown(name)}; known are {', '.join(names)}{nearest(name, names)}")


def weekdays(written: str) -> list[int]:
    """Return numbers of weekdays, Monday 0."""
    group = _GROUPS.get(written.strip().lower())
    return list(group) if group is not None else cyclic(written, WEEKDAYS, _LONG_DAYS)


def months(written: str) -> list[int]:
    """Return numbers of months, January 0."""
    return cyclic(written, MONTHS, _LONG_MONTHS)


def window(written: str) -> tuple[int, int]:
    """Return a window of the day [ms from midnight].

    One that passes midnight ends before it begins.
    """
    found = _TIMES.fullmatch(written.strip())
    if found is None:
        raise wrong(f"hours such as `08:00-20:00` are needed, found {shown(written)}")
    h1, m1, h2, m2 = map(int, found.groups())
    begin, end = h1 * HOUR + m1 * MINUTE, h2 * HOUR + m2 * MINUTE
    if max(m1, m2) > 59 or begin >= DAY or end > DAY:
        raise wrong(f"hours lie between 00:00 and 24:00, found {shown(written)}")
    if begin == end:
        raise wrong(
            f"the hours end where they begin; all day is `00:00-24:00`, found {shown(written)}"
        )
    return begin, end


def clock_time(ms: int) -> str:
    """Return a time of day as it is written.

    >>> clock_time(34_200_000)
    '09:30'
    """
    return f"{ms // HOUR:02d}:{ms % HOUR // MINUTE:02d}"


def day_windows(written: str) -> list[tuple[int, int]]:
    """Return a window of the day cut at midnight, in order [ms]."""
    begin, end = window(written)
    return (
        [(begin, end)]
        if begin < end
        else sorted([(0, end), (begin, DAY)] if end else [(begin, DAY)])
    )


def is_hours(written: str) -> bool:
    """Return whether a key is meant as hours."""
    first = re.split(r"[\s,\u2013-]", written.strip(), maxsplit=1)[0].lower()
    return (
        first in {"24/7", *_GROUPS}
        or _spaced(written).startswith((WORKING_DAYS, BANK_HOLIDAYS))
        or first in {d.lower() for d in (*WEEKDAYS, *_LONG_DAYS)}
        or _TIMES.search(written) is not None
    )


def _spaced(written: str) -> str:
    """Return words with one space between them, in lower case."""
    return " ".join(written.lower().split())


def _line(raw: object) -> tuple[int, list[tuple[int, int]]]:
    """Return whether a line of hours holds on bank holidays, and its windows."""
    if not isinstance(raw, str) or not raw.strip():
        raise wrong(f"{_ACCEPTED} are needed, found {shown(raw)}")
    written, holds = raw.strip(), ALWAYS
    words = _spaced(written)
    if words.endswith(EXCEPT):
        if words.startswith((WORKING_DAYS, BANK_HOLIDAYS)):
            raise wrong(f"working days leave bank holidays out already, found {shown(raw)}")
        found = re.search(r"\s+except\s+bank\s+holidays$", written, re.IGNORECASE)
        written = written[: found.start()] if found else ""
        holds = NOT_ON_THEM
    elif words.startswith((WORKING_DAYS, BANK_HOLIDAYS)):
        # Bank holidays are days from Monday to Friday: on weekends nothing is different.
        holds = NOT_ON_THEM if words.startswith(WORKING_DAYS) else ONLY_ON_THEM
        written = re.sub(r"^\S+\s+\w+", "Mon-Fri", written)
    return holds, _windows(written, raw)


def _windows(written: str, raw: object) -> list[tuple[int, int]]:
    """Return windows by the day on which they begin [ms from Monday]."""
    if written == "24/7":
        written = "daily"
    times = _TIMES.search(written)
    if times is not None and written[times.end() :].strip():
        raise wrong(f"one window a line, write a list for more; found {shown(raw)}")
    days_part = written[: times.start()].strip() if times else written
    if times and not days_part:
        raise wrong(f"the days are missing: write `daily {written}` or `Mon-Fri {written}`")
    if not times and any(c.isdigit() for c in written):
        raise wrong(f"{_ACCEPTED} are needed, found {shown(raw)}")
    if times and _EVERY.fullmatch(days_part):
        raise wrong(f"no days are called {shown(days_part)}; write `daily {times[0]}`")
    begin, end = window(times[0]) if times else (0, DAY)
    if end <= begin:
        end += DAY
    return [(day * DAY + begin, day * DAY + end) for day in weekdays(days_part)]


def _within_week(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return windows with what passes the end of the week put at its beginning."""
    found = []
    for start, stop in windows:
        found.append((start, min(stop, WEEK)))
        if stop > WEEK:
            found.append((0, stop - WEEK))
    return found


def merged(windows: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return windows in order, those that touch or overlap as one.

    >>> merged([(5, 8), (0, 3), (3, 4), (7, 9)])
    ((0, 4), (5, 9))
    """
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(windows):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return tuple(joined)


def hours(raw: object) -> Hours:
    """Return opening hours."""
    if not isinstance(raw, list):
        return _hours([_line(raw)], str(raw).strip())
    if not raw:
        raise wrong(f"{_ACCEPTED} are needed, found an empty list")
    flaws = Flaws()
    lines = [flaws.read(_line, entry, k) for k, entry in enumerate(raw)]
    flaws.close()
    return _hours(lines, ", ".join(str(e).strip() for e in raw))


def _hours(lines: list[tuple[int, list[tuple[int, int]]]], text: str) -> Hours:
    """Return hours from their lines."""
    ordinary = [w for holds, part in lines for w in part if holds != ONLY_ON_THEM]
    windows = merged(_within_week(ordinary))
    if all(holds == ALWAYS for holds, _ in lines):
        return Hours(windows, text)
    special = [w for holds, part in lines for w in part if holds != NOT_ON_THEM]
    return Hours(windows, text, tuple(sorted(ordinary)), tuple(sorted(special)))


def whole_hours(written: str) -> list[int]:
    """Return the hours of day, 0 to 23, in a window.

    >>> whole_hours("22:00-02:00")
    [0, 1, 22, 23]
    """
    found = day_windows(written)
    if any(edge % HOUR for edges in found for edge in edges):
        raise wrong(f"whole hours are needed here, such as `08:00-20:00`, found {shown(written)}")
    return [k for begin, end in found for k in range(begin // HOUR, end // HOUR)]
