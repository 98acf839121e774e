"""What results are held against: stated figures, and parties that share a loss."""

from __future__ import annotations

from collections.abc import Mapping

from carepath_sim.scenario.grammar_numbers import figure, share
from carepath_sim.scenario.grammar_quantity import RECORD, pairs
from carepath_sim.scenario.reading import (
    Flaws,
    known_keys,
    listed,
    mapping,
    nearest,
    shown,
    text,
    wrong,
)
from carepath_sim.scenario.values import Background, Number

PERIODS = ("year", "quarter", "month", "week", "day")
"""Periods that a stated figure can be for."""


def background(raw: object) -> Background:
    """Return a stated figure, bare or as a record that may say what it is added to."""
    if not isinstance(raw, Mapping):
        return Background(figure(raw))
    flaws = Flaws()
    known_keys(raw, (*RECORD, "per", "adds_to"), flaws)
    number = {key: value for key, value in raw.items() if key in RECORD}
    value = flaws.attempt(figure, number)
    per = flaws.attempt(_period, raw["per"], "per") if "per" in raw else None
    adds_to = flaws.attempt(text, raw["adds_to"], "adds_to") if "adds_to" in raw else None
    flaws.close()
    return Background(value or Number(0.0), per, adds_to)


def _period(raw: object) -> str:
    if isinstance(raw, str) and raw in PERIODS:
        return raw
    hint = nearest(str(raw), PERIODS)
    raise wrong(f"{listed(PERIODS)} is needed, found {shown(raw)}{hint}")


def parties(raw: object) -> tuple[tuple[str, Number], ...]:
    """Return parties with the share that each bears."""
    flaws = Flaws()
    found = pairs(mapping(raw, "a map of parties with their shares"), flaws, share)
    flaws.close()
    return found
