"""What a stay does to people: levels of an attribute moved up or down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from carepath_sim.scenario.grammar_numbers import count, duration, share
from carepath_sim.scenario.grammar_quantity import BESIDE, Quantity, inherit, provenance
from carepath_sim.scenario.reading import Flaws, Wrong, known_keys, mapping, shown, wrong
from carepath_sim.scenario.values import Number, StateChange

_CHANCE: Final = "a chance such as `1 % per day` (of every whole day) or `10 %` (of the whole stay)"
_PER_DAY: Final = re.compile(r"(.+?)\s*(?:\bper\s+|/\s*)(?:d|day)")


def _chance_text(written: str) -> float:
    by_day = _PER_DAY.fullmatch(written)
    try:
        return share.of_text(by_day[1] if by_day else written)
    except Wrong:
        raise wrong(f"{_CHANCE} is needed, found {shown(written)}") from None


chance = Quantity(_CHANCE, _chance_text, float, share.flaw)


def _move(attribute: str, raw: object) -> StateChange:
    given = mapping(raw, "a move such as `{up: 1 % per day, after: 2 d}` or `{down: 10 %}`")
    flaws = Flaws()
    known_keys(given, ("up", "down", "after", "levels", *BESIDE), flaws)
    ways = [way for way in ("up", "down") if way in given]
    if len(ways) != 1:
        found = "both" if ways else "neither"
        flaws.note(f"one of `up` and `down` is needed, found {found}")
    beside = provenance(given, flaws)
    numbers: dict[str, Number] = {"after": duration("0 d"), "levels": count(1)}
    for key, read in (("after", duration), ("levels", count)):
        if key in given:
            numbers[key] = flaws.read(read, given[key], key)
    chances = [flaws.read(chance, given[way], way) for way in ways]
    flaws.close()
    written = chances[0].text
    per_day = _PER_DAY.fullmatch(written) is not None
    return StateChange(
        attribute,
        ways[0] == "up",
        inherit(chances[0], beside),
        per_day,
        inherit(numbers["after"], beside),
        replace(numbers["levels"]),
    )


def changes_state(raw: object) -> tuple[StateChange, ...]:
    """Return what a stay does to people, attribute by attribute."""
    given: Mapping[str, object] = mapping(
        raw, "a map such as `{frailty: {up: 1 % per day, after: 2 d}}`"
    )
    flaws = Flaws()
    found = tuple(
        flaws.read(lambda one, key=key: _move(key, one), value, key)  # type: ignore[misc]
        for key, value in given.items()
    )
    flaws.close()
    return found
