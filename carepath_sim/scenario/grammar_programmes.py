"""Programmes: their effects on hazards, and what they cost."""

from __future__ import annotations

from typing import Final

from carepath_sim.scenario.grammar_numbers import factor, money
from carepath_sim.scenario.grammar_quantity import BESIDE, inherit, pairs, provenance
from carepath_sim.scenario.reading import Flaws, known_keys, listed, mapping, text
from carepath_sim.scenario.values import Cost, Number

_PER: Final = {"per_place_day": "place_day", "per_day": "day", "per_start": "start"}


def effects(raw: object) -> tuple[tuple[str, Number], ...]:
    """Return factors on hazards by cause, `crisis`, `death` or `progression`."""
    given = mapping(raw, "a map of factors such as `{crisis: {value: 1.0, range: [0.7, 1.0]}}`")
    flaws = Flaws()
    found = pairs(given, flaws, factor)
    flaws.close()
    return found


def _cost(raw: object) -> tuple[Cost, ...]:
    given = mapping(raw, "a cost such as `{per_place_day: 2 GBP, payer: nhs}`")
    flaws = Flaws()
    known_keys(given, (*_PER, "payer", *BESIDE), flaws)
    beside = provenance(given, flaws)
    named = [key for key in given if key in _PER]
    if not named and not flaws.found:
        flaws.note(f"{listed(f'`{key}`' for key in _PER)} is missing")
    if "payer" not in given:
        flaws.note("`payer` is missing: nhs, council, ...")
    payer = flaws.read(text, given.get("payer", "?"), "payer")
    amounts = [(key, flaws.read(money, given[key], key)) for key in named]
    flaws.close()
    return tuple(Cost(inherit(number, beside), _PER[key], payer) for key, number in amounts)


def costs(raw: object) -> tuple[Cost, ...]:
    """Return what a programme costs."""
    if not isinstance(raw, list):
        return _cost(raw)
    flaws = Flaws()
    found = [flaws.read(_cost, entry, k) for k, entry in enumerate(raw)]
    flaws.close()
    return tuple(cost for part in found for cost in part)
