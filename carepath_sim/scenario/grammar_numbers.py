"""The kinds of numbers: durations, shares, rates, counts, money, and how each is written."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from carepath_sim.scenario.grammar_quantity import (
    Quantity,
    finite,
    not_negative,
    scaled,
    whole,
)
from carepath_sim.scenario.reading import Flaws, listed, nearest, shown, wrong
from carepath_sim.scenario.values import Number
from carepath_sim.units import DAY, LENGTHS, MINUTE, NUMBER, UNITS, YEAR, half_up, pieces

UNLIMITED: Final = float("inf")
LONGEST: Final = 1000 * YEAR
"""The longest time that can be written [ms]; sums of many such times stay exact."""
MOST_RANK: Final = 1_000_000
"""The largest number of a priority."""
SUMS: Final = 1e-9
"""How far shares may sum from 1."""

_PLAIN = re.compile(rf"({NUMBER})\s*(%?)")
_FRACTION = re.compile(r"(\d+)\s*/\s*(\d+)")
# "0.05 per y", "300/y", "5 % per person-year", "20 per month and coordinator" is not one.
_RATE = re.compile(
    rf"({NUMBER})\s*(%?)\s*(?:per\b|/)\s*"
    r"(?:(?:person|head)s?\b[- ]?(?:(?:and|per)\b|/)?\s*)?"
    r"([^\W\d_]+)"
)
_MONEY = re.compile(rf"(?:£\s*({NUMBER})|({NUMBER})\s*(?:GBP|£))")


def _unit(word: str, whole_text: str) -> str:
    unit = UNITS.get(word) or UNITS.get(word.lower())
    if unit is None:
        known = f"known are {listed(LENGTHS, 'and')}{nearest(word, UNITS)}"
        raise wrong(f"unknown unit of time '{word}' in {shown(whole_text)}; {known}")
    return unit


def _duration_text(written: str) -> float:
    if "working" in written:
        where = "`stay`, `max_stay` and `max_wait` of services"
        raise wrong(f"working days stand only in {where}; write `2 d`, found {shown(written)}")
    found = pieces(written)
    if found is None:
        bare = _PLAIN.fullmatch(written)
        hint = f"`{written} d`, `{written} h` or `{written} min`" if bare else "such as `28 d`"
        raise wrong(f"a duration with its unit is needed, {hint}, found {shown(written)}")
    return sum(amount * LENGTHS[_unit(word, written)] for amount, word in found)


def _duration_bare(value: float) -> float:
    raise wrong(f"a duration needs its unit: write `{value} d`, `{value} h` or `{value} min`")


def _plain_text(accepted: str, *, share: bool = False) -> Callable[[str], float]:
    """Return a reader of plain numbers, for shares also of percent and fractions."""

    def read(written: str) -> float:
        found = _PLAIN.fullmatch(written)
        if found and (share or not found[2]):
            return float(found[1]) / (100 if found[2] else 1)
        parts = _FRACTION.fullmatch(written)
        if parts and share and int(parts[2]):
            return int(parts[1]) / int(parts[2])
        raise wrong(f"{accepted} is needed, found {shown(written)}")

    return read


def _rate_text(written: str) -> float:
    found = _RATE.fullmatch(written)
    if found is None:
        raise wrong(f"{_RATES} is needed, found {shown(written)}")
    part = 100 if found[2] else 1
    return float(found[1]) / part * DAY / LENGTHS[_unit(found[3], written)]


def _rate_bare(value: float) -> float:
    ways = f"`{value} per y`, `{value} per d` or `{value} per h`"
    raise wrong(f"a rate needs its unit of time: write {ways}")


def _money_text(written: str) -> float:
    found = _MONEY.fullmatch(written)
    if found is None:
        raise wrong(f"{_AMOUNT} is needed, found {shown(written)}")
    return float(found[1] or found[2])


def _money_bare(value: float) -> float:
    raise wrong(f"an amount needs its currency: write `{value} GBP`")


def _places_text(written: str) -> float:
    return UNLIMITED if written == "unlimited" else _plain_text(_PLACES)(written)


def _figure_text(written: str) -> float:
    """Return a figure of a document: percent, money, rate, duration or plain."""
    if _PLAIN.fullmatch(written) or _FRACTION.fullmatch(written):
        return _plain_text("a number", share=True)(written)
    for pattern, read in ((_MONEY, _money_text), (_RATE, _rate_text)):
        if pattern.fullmatch(written):
            return read(written)
    if pieces(written):
        return _duration_text(written)
    raise wrong(f"{_FIGURE} is needed, found {shown(written)}")


def _between(value: float) -> str:
    return "" if 0 <= value <= 1 else "a share lies between 0 and 1 (0 % and 100 %)"


def _whole_or_unlimited(value: float) -> str:
    return "" if value == UNLIMITED else whole(value)


def _length(value: float) -> str:
    """Return why a value is no length of time [ms], or ""."""
    too_long = "at most 1,000 y can be meant" if value > LONGEST else ""
    return not_negative(value) or too_long


def _rank(value: float) -> str:
    if finite(value) or value != round(value):
        return "a whole number is needed"
    return "" if abs(value) <= MOST_RANK else f"a number between -{MOST_RANK} and {MOST_RANK}"


_SHARE = "a share such as `0.35`, `35 %` or `1/3`"
_RATES = "a rate such as `300 per y`, `20 per month` or `3 per h`"
_AMOUNT = "an amount such as `263 GBP`"
_PLACES = "a whole number (or `unlimited`)"
_FIGURE = "a figure such as `1869`, `-3.5 %`, `28 d` or `263 GBP`"
_NUMBER = "a number"
_COUNT = "a whole number"

exact_duration = Quantity("a duration such as `28 d`", _duration_text, _duration_bare, _length)
share = Quantity(_SHARE, _plain_text(_SHARE, share=True), float, _between)
rate = Quantity(_RATES, _rate_text, _rate_bare, not_negative)
count = Quantity(_COUNT, _plain_text(_COUNT), float, whole)
factor = Quantity(_NUMBER, _plain_text(_NUMBER, share=True), float, not_negative)
rank = Quantity(_COUNT, _plain_text(_COUNT), float, _rank)
plain = Quantity(_NUMBER, _plain_text(_NUMBER), float, finite)
amount = Quantity(_NUMBER, _plain_text(_NUMBER), float, not_negative)
places = Quantity(_PLACES, _places_text, float, _whole_or_unlimited)
money = Quantity(_AMOUNT, _money_text, _money_bare, not_negative)
figure = Quantity(_FIGURE, _figure_text, float, finite)


def duration(raw: object) -> Number:
    """Return a duration, rounded to the millisecond, halves upwards."""
    number = exact_duration(raw)
    return replace(number, value=float(half_up(number.value)))


def minutes(raw: object) -> Number:
    """Return a duration [min]."""
    return scaled(duration(raw), 1 / MINUTE)


def figures(raw: object) -> tuple[float, ...]:
    """Return a list of figures."""
    if not isinstance(raw, list):
        raise wrong(f"a list of numbers is needed, found {shown(raw)}")
    flaws = Flaws()
    found = tuple(flaws.read(figure.value, entry, k) for k, entry in enumerate(raw))
    flaws.close()
    return found


def sum_shown(values: list[float]) -> str:
    """Return a sum as people would write it.

    >>> sum_shown([0.5, 0.4])
    '0.5 + 0.4 = 0.9'
    """
    return f"{' + '.join(f'{v:.10g}' for v in values)} = {math.fsum(values):.10g}"


def fixed_duration(written: str) -> Number:
    """Return a duration as default of a field."""
    return duration(written)


def fixed_share(value: float) -> Number:
    """Return a share as default of a field."""
    return share(value)


def fixed_amount(value: float) -> Number:
    """Return an amount as default of a field."""
    return amount(value)
