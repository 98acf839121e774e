"""Numbers by calendar year: people who turn 65, and projections of how many live here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from carepath_sim.scenario.grammar_numbers import amount, count, rate
from carepath_sim.scenario.grammar_quantity import BESIDE, bare_names, pairs
from carepath_sim.scenario.reading import Flaws, listed, mapping, wrong
from carepath_sim.scenario.values import Number

ByYear = tuple[tuple[int, Number], ...]

EARLIEST: Final = 1900
LATEST: Final = 2200
"""Calendar years that can be meant."""

_YEAR = re.compile(r"\d{4}")


def year(key: str) -> int:
    """Return a calendar year."""
    if _YEAR.fullmatch(key) is None or not EARLIEST <= int(key) <= LATEST:
        beside = f"; beside years stand {listed(BESIDE)}" if key.isalpha() else ""
        needed = f"a calendar year from {EARLIEST} to {LATEST} is needed, such as `2015`"
        raise wrong(f"unknown year '{key}'; {needed}{beside}", key)
    return int(key)


def _by_year(raw: object, accepted: str, parse: Callable[[Any], Number]) -> ByYear:
    """Return numbers by year, the earliest first."""
    given = mapping(raw, accepted)
    flaws = Flaws()
    for key in bare_names(given):
        flaws.read(year, key)
    found = pairs(given, flaws, parse)
    if not bare_names(given):
        flaws.note(f"{accepted} is needed: at least one year")
    flaws.close()
    return tuple(sorted(((int(key), number) for key, number in found), key=lambda row: row[0]))


def inflow(raw: object) -> Number | ByYear:
    """Return people a time as one rate, or people a calendar year from a table."""
    if isinstance(raw, Mapping) and "value" not in raw:
        return _by_year(raw, "a rate such as `5000 per y`, or people by calendar year,", amount)
    return rate(raw)


def projection(raw: object) -> ByYear:
    """Return how many people live here on 30 June of some years."""
    accepted = "people by calendar year, such as `{2015: 93000, 2020: 101000}`,"
    found = _by_year(raw, accepted, count)
    flaws = Flaws()
    for when, number in found:
        if number.value < 1:
            flaws.note("at least one person is needed, found 0", str(when))
    if len(found) < 2:
        flaws.note("at least two years are needed, between which the number changes")
    flaws.close()
    return found
