"""Shares of several names, which sum to 1."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from carepath_sim.scenario.grammar_numbers import SUMS, share, sum_shown
from carepath_sim.scenario.grammar_quantity import bare_names, pairs
from carepath_sim.scenario.reading import Flaws, listed, shown, wrong
from carepath_sim.scenario.values import Number

REST: Final = "rest"
"""The word for a share that makes up for what the others leave."""


def shares(
    raw: object, accepted: str = "a map of names with their shares"
) -> tuple[tuple[str, Number], ...]:
    """Return names with shares that sum to 1; one share may be `rest`."""
    if not isinstance(raw, Mapping) or not bare_names(raw):
        raise wrong(f"{accepted} is needed, found {shown(raw)}")
    flaws = Flaws()
    rest = [key for key, value in raw.items() if value == REST]
    found = pairs({k: 0 if k in rest else v for k, v in raw.items()}, flaws, share)
    flaws.close()
    if len(rest) > 1:
        raise wrong(f"only one share can be `rest`, found {listed(rest, 'and')}", rest[1])
    left = 1 - math.fsum(number.value for _, number in found)
    if rest and left >= -SUMS:
        return tuple(
            (key, replace(number, value=max(0.0, left), text=REST) if key in rest else number)
            for key, number in found
        )
    sums_to_one(number.value for key, number in found if key not in rest)
    return found


def sums_to_one(values: Iterable[float]) -> None:
    """Refuse shares that do not sum to 1, with the sum shown.

    >>> sums_to_one([0.25, 0.75])
    """
    given = list(values)
    if abs(math.fsum(given) - 1) > SUMS:
        raise wrong(f"shares must sum to 1, found {sum_shown(given)}")
