"""Working days: durations whose clock runs from Monday to Friday, bank holidays left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from carepath_sim.scenario import grammar_distributions, grammar_numbers
from carepath_sim.scenario.grammar_cases import cases
from carepath_sim.scenario.grammar_dates import day
from carepath_sim.scenario.grammar_quantity import BESIDE
from carepath_sim.scenario.reading import Flaws, nearest, shown, wrong
from carepath_sim.scenario.values import Distribution, Number
from carepath_sim.units import NUMBER, UNITS, pieces

ENGLAND: Final = "england"
"""Name of the bank holidays of England and Wales."""

_WORKING = re.compile(rf"\s*(?:({NUMBER})\s*)?working[\s-]+(?:days?|d)\s*")
_DAYS = re.compile(rf"({NUMBER}) d\b")
_NO_LENGTHS = frozenset({*BESIDE, "name", "share", "weights"})


@dataclass
class _Found:
    """Whether durations in working days and others were met."""

    working: bool = False
    elapsed: bool = False


def _in_days(raw: object, found: _Found) -> object:
    """Return what stands in a file with days in place of working days."""
    if isinstance(raw, Mapping):
        return {
            key: inner if key in _NO_LENGTHS else _in_days(inner, found)
            for key, inner in raw.items()
        }
    if isinstance(raw, list):
        return [_in_days(inner, found) for inner in raw]
    if not isinstance(raw, str):
        return raw
    written = _WORKING.fullmatch(raw)
    if written is not None:
        found.working = True
        return f"{written[1]} d" if written[1] else "d"
    words = [word for _, word in pieces(raw) or ()]
    found.elapsed = found.elapsed or raw in UNITS or (bool(words) and set(words) <= set(UNITS))
    return raw


def _split(raw: object) -> tuple[object, bool]:
    """Return what stands in a file in days, and whether they are working days."""
    found = _Found()
    given = _in_days(raw, found)
    if found.working and found.elapsed:
        raise wrong(
            "either all durations here are in working days or none is:"
            " write `3 working days`, or `3 d`"
        )
    return given, found.working


def _said(text: str) -> str:
    return _DAYS.sub(lambda m: f"{m[1]} working day{'' if float(m[1]) == 1 else 's'}", text)


def duration(raw: object) -> Number:
    """Return a duration in elapsed time or in working days, rounded to the millisecond.

    >>> duration("2 working days").value / 86_400_000
    2.0
    """
    given, working = _split(raw)
    number = grammar_numbers.duration(given)
    return replace(number, working=True, text=_said(number.text)) if working else number


duration_cases = cases(duration)


def distribution(raw: object) -> Distribution:
    """Return a distribution of durations in elapsed time, or of lengths in working days."""
    given, working = _split(raw)
    found = grammar_distributions.distribution(given)
    return replace(found, working=True, text=_said(found.text)) if working else found


def bank_holidays(raw: object) -> str | tuple[date, ...]:
    """Return the name of a list of bank holidays, or dates in order; none: empty."""
    if isinstance(raw, str):
        word = raw.strip().lower()
        if word == "none":
            return ()
        if word == ENGLAND:
            return ENGLAND
        known = nearest(word, (ENGLAND, "none"))
        raise wrong(f"`england`, `none` or a list of dates is needed, found {shown(raw)}{known}")
    if not isinstance(raw, list):
        raise wrong(f"`england`, `none` or a list of dates is needed, found {shown(raw)}")
    flaws = Flaws()
    days: list[date] = []
    for k, entry in enumerate(raw):
        one = flaws.attempt(day, entry, k)
        if one is None:
            continue
        if one in days:
            flaws.note(f"{one} is given twice", k)
        elif one.weekday() >= 5:
            flaws.note(f"{one} is a {one:%A}, which is no working day anyway; leave it out", k)
        days.append(one)
    flaws.close()
    return tuple(sorted(days))
