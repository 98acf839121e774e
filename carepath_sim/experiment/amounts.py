"""Amounts as people write them behind a measure: `5%`, `2 days`, `£1.2m`."""

from __future__ import annotations

import re
from typing import Final

from carepath_sim.errors import CarepathError
from carepath_sim.units import LENGTHS, NUMBER, UNITS

_MONEY: Final = {"": 1.0, "k": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9}
_WRITTEN: Final = re.compile(rf"(?P<pound>£)?\s*(?P<number>{NUMBER})\s*(?P<unit>[^\d]*)")


def amount(text: str, unit: str) -> float:
    """Return an amount in the unit of a measure.

    Parameters
    ----------
    text
        As written; a bare number is in the unit of the measure.
    unit
        Unit of the measure, such as ``share``, ``h``, ``d`` or ``GBP``.

    Raises
    ------
    CarepathError
        If it is no number, or its unit is not one that the measure can have.

    Examples
    --------
    >>> amount("5%", "share"), amount("2 days", "h"), amount("£1.2m", "GBP"), amount("40", "d")
    (0.05, 48.0, 1200000.0, 40.0)
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise CarepathError(f"{text.strip()!r} is no amount; such as {_example(unit)} is accepted")
    number, word = float(found["number"]), found["unit"].strip()
    if word == "%" and "share" in unit:
        return number / 100
    if unit in LENGTHS and UNITS.get(word) is not None:
        return number * LENGTHS[UNITS[word]] / LENGTHS[unit]
    if unit.startswith("GBP"):
        word = word.removesuffix("GBP").strip()
        if word in _MONEY:
            return number * _MONEY[word]
    if found["pound"] or (word and word not in re.split(r"[;\s]+", unit) and word != unit):
        raise CarepathError(
            f"{text.strip()!r} does not fit, the measure is in {unit}; such as {_example(unit)} "
            "is accepted"
        )
    return number


def _example(unit: str) -> str:
    if "share" in unit:
        return "0.05 or 5%"
    if unit in LENGTHS:
        return f"48 (in {unit}) or 2 days"
    return "1200000 or £1.2m" if unit.startswith("GBP") else "40"
