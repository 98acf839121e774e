"""Programmes: their effects on hazards."""

from __future__ import annotations

from carepath_sim.scenario.grammar_numbers import factor
from carepath_sim.scenario.grammar_quantity import pairs
from carepath_sim.scenario.reading import Flaws, mapping
from carepath_sim.scenario.values import Number


def effects(raw: object) -> tuple[tuple[str, Number], ...]:
    """Return factors on hazards by cause, `crisis`, `death` or `progression`."""
    given = mapping(raw, "a map of factors such as `{crisis: {value: 1.0, range: [0.7, 1.0]}}`")
    flaws = Flaws()
    found = pairs(given, flaws, factor)
    flaws.close()
    return found
