"""A number of some kind, bare or as a record with its source, quality and range."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from carepath_sim.scenario.reading import (
    Flaws,
    Wrong,
    known_keys,
    listed,
    nearest,
    prose,
    shown,
    text,
    wrong,
)
from carepath_sim.scenario.values import (
    NOWHERE,
    Case,
    Cost,
    FteSpec,
    FteStep,
    Number,
    Provenance,
    SurgeClose,
    SurgeWhen,
)

QUALITIES: Final = ("document", "good", "fair", "poor", "assumption", "by hand")
"""How good a number can be."""
BESIDE: Final = ("source", "quality", "note")
"""Words that may stand in any map of numbers, for all numbers in it that have none of their own."""
RECORD: Final = ("value", "unit", *BESIDE, "range")
"""Fields of a number written as a record."""


@dataclass(frozen=True)
class Quantity:
    """A kind of number: how text and bare numbers are read, and which values are possible.

    Attributes
    ----------
    accepted
        What to write, for messages.
    of_text, of_bare
        Return the value in the canonical unit, or raise `Wrong`.
    flaw
        Returns why a value is impossible, or "".
    """

    accepted: str
    of_text: Callable[[str], float]
    of_bare: Callable[[float], float]
    flaw: Callable[[float], str]

    def value(self, raw: object) -> float:
        """Return a value in the canonical unit.

        Raises
        ------
        Wrong
            If it is none of this kind.
        """
        if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
            raise wrong(f"{self.accepted} is needed, found {shown(raw)}")
        if isinstance(raw, str) and len(raw) > _LONGEST:
            raise wrong(f"{self.accepted} is needed, found {shown(raw)}")
        if isinstance(raw, str):
            value = self.of_text(raw.strip())
        elif abs(raw) <= _LARGEST:
            value = self.of_bare(raw)
        else:
            raise wrong(f"a finite number is needed, found {shown(raw)}")
        if why := self.flaw(value):
            raise wrong(f"{why}, found {shown(raw)}")
        return value

    def __call__(self, raw: object) -> Number:
        """Return a number written bare or as a record.

        Raises
        ------
        Wrong
            If it is none of this kind.
        """
        if not isinstance(raw, Mapping):
            return Number(self.value(raw), _written(raw))
        flaws = Flaws()
        known_keys(raw, RECORD, flaws)
        if "value" not in raw:
            if not flaws.found:
                flaws.note(f"{self.accepted} is needed, or a record with `value`")
            raise Wrong(flaws.found)
        unit = flaws.read(text, raw["unit"], "unit") if "unit" in raw else ""
        given = _with_unit(raw.get("value"), unit)
        value = flaws.read(self.value, given, "value")
        known = provenance(raw, flaws)
        limits = raw.get("range")
        if "range" in raw:
            limits = flaws.attempt(_two, limits, "range")
        if limits is not None:
            low, high = (
                flaws.read(self.value, _with_unit(limit, unit), "range", k)
                for k, limit in enumerate(_two(limits))
            )
            if not flaws.found and low > high:
                flaws.note(f"the lower value comes first, found {shown(limits[0])}", "range")
            elif not flaws.found and not low <= value <= high:
                flaws.note(f"the value {shown(given)} lies outside its own range", "range")
            known = replace(known, low=low, high=high)
        flaws.close()
        return Number(value, _written(given), known)


_LARGEST: Final = 1e300
_LONGEST: Final = 200


def _two(raw: object) -> list[object]:
    if not isinstance(raw, list) or len(raw) != 2:
        # `[50,000, 70,000]` is a list of four.
        many = isinstance(raw, list) and len(raw) > 2
        comma = "; write numbers without a comma between thousands" if many else ""
        raise wrong(f"a range is a list of two values, found {shown(raw)}{comma}")
    return raw


def _with_unit(raw: object, unit: str) -> object:
    bare = isinstance(raw, (int, float)) and not isinstance(raw, bool)
    return f"{raw} {unit}" if unit and bare else raw


def _written(raw: object) -> str:
    return raw.strip() if isinstance(raw, str) else text(raw)


def provenance(raw: Mapping[str, object], flaws: Flaws) -> Provenance:
    """Return what stands beside a number, or among numbers, of their source and quality."""

    def said(key: str) -> str | None:
        read = quality if key == "quality" else prose
        return flaws.read(read, raw[key], key) if key in raw else None

    source, how_good, note = (said(key) for key in BESIDE)
    return Provenance(source, how_good, note=note) if source or how_good or note else NOWHERE


def bare_names(raw: Mapping[str, object]) -> dict[str, object]:
    """Return a map of numbers without the words on where they come from."""
    return {key: value for key, value in raw.items() if key not in BESIDE}


def inherit(number: Number, given: Provenance) -> Number:
    """Return a number with what is said beside it, unless something is said of it alone."""
    own = number.provenance
    if given == NOWHERE or own.source or own.quality or own.note:
        return number
    return replace(number, provenance=replace(given, low=own.low, high=own.high))


def handed_down(value: object, given: Provenance) -> object:
    """Return what was read in a section, its numbers with what is said of the whole section."""
    if isinstance(value, Number):
        return inherit(value, given)
    if isinstance(value, Case):
        return replace(value, value=handed_down(value.value, given))
    if isinstance(value, tuple):
        return tuple(handed_down(part, given) for part in value)
    if isinstance(value, (FteSpec, FteStep, SurgeWhen, SurgeClose, Cost)):
        inside: dict[str, Any] = {
            part.name: handed_down(getattr(value, part.name), given) for part in fields(value)
        }
        return replace(value, **inside)
    return value


def quality(raw: object) -> str:
    """Return how good a number is."""
    if isinstance(raw, str) and raw in QUALITIES:
        return raw
    raise wrong(f"{listed(QUALITIES)} is needed, found {shown(raw)}{nearest(str(raw), QUALITIES)}")


def scaled(number: Number, by: float) -> Number:
    """Return a number in another unit, its range too."""
    low, high = number.provenance.low, number.provenance.high
    known = replace(
        number.provenance,
        low=None if low is None else low * by,
        high=None if high is None else high * by,
    )
    return replace(number, value=number.value * by, provenance=known)


def pairs(
    raw: Mapping[str, object], flaws: Flaws, parse: Callable[[Any], Number]
) -> tuple[tuple[str, Number], ...]:
    """Return names with their numbers, each with the source and quality given beside them all."""
    given = provenance(raw, flaws)
    read = [(key, flaws.attempt(parse, value, key)) for key, value in bare_names(raw).items()]
    return tuple((key, inherit(number, given)) for key, number in read if number is not None)


def finite(value: float) -> str:
    """Return why a value is no number to count with, or ""."""
    return "" if math.isfinite(value) else "a finite number is needed"


def not_negative(value: float) -> str:
    """Return why a value is no amount, or ""."""
    return finite(value) or ("" if value >= 0 else "this cannot be negative")


def whole(value: float) -> str:
    """Return why a value is no count, or ""."""
    return not_negative(value) or (
        "" if value == round(value) and value < 2**40 else "a whole number is needed"
    )
