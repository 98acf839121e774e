"""Names to numbers: templates written once for every value of an attribute, targets, decisions."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carepath_sim.scenario.model import Scenario

AGES = tuple(str(age) for age in range(121))
"""Ages that conditions can test [years]."""
OPEN_BAND_ENDS = 99
"""Last age of an open band such as `85+` [years]."""


def hash_word(name: str, bits: int = 32) -> int:
    """Return a stable hash of a name."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - bits)


def members(name: str, per: str | None, values: Iterable[str]) -> list[tuple[str, str | None]]:
    """Return the full names of a template with the value that each stands for.

    >>> members("nst", "locality", ["bexhill", "rye"])
    [('nst[bexhill]', 'bexhill'), ('nst[rye]', 'rye')]
    """
    if per is None:
        return [(name, None)]
    return [(f"{name}[{value}]", value) for value in values]


def band_years(name: str) -> range:
    """Return the ages of a band [years].

    >>> band_years("65-74"), band_years("85+")
    (range(65, 75), range(85, 100))
    """
    if name.endswith("+"):
        return range(int(name[:-1]), OPEN_BAND_ENDS + 1)
    low, high = name.split("-")
    return range(int(low), int(high) + 1)


def attribute_values(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the values of every attribute in the order of drawing, built-in ones first."""
    values: dict[str, tuple[str, ...]] = {}
    if scenario.population is not None:
        population = scenario.population
        values["age_band"] = tuple(population.bands)
        values["sex"] = ("women", "men")
        values["age"] = AGES
        levels: dict[str, None] = {}
        for band in population.bands.values():
            for _, shares in band.frailty:
                levels.update(dict.fromkeys(name for name, _ in shares))
        values["frailty"] = tuple(levels)
    else:
        values["age"] = AGES
    waiting = dict(scenario.attributes)
    while waiting:
        ready = [
            name
            for name, attribute in waiting.items()
            if not _needs(attribute) & (set(waiting) - {name})
        ] or list(waiting)
        first = next((name for name in ready if waiting[name].of == "person"), ready[0])
        values[first] = _values(waiting.pop(first))
    return values


def _needs(attribute: object) -> set[str]:
    """Return the attributes that an attribute's value depends on."""
    mapped = getattr(attribute, "map", None)
    tests = [test.key for case in getattr(attribute, "shares", None) or () for test in case.when]
    return {*tests, *([mapped.from_] if mapped else [])}


def _values(attribute: object) -> tuple[str, ...]:
    """Return the values of a declared attribute in written order."""
    mapped = getattr(attribute, "map", None)
    found: dict[str, None] = {}
    if mapped:
        found.update(dict.fromkeys(value for _, value in mapped.pairs))
    for case in getattr(attribute, "shares", None) or ():
        found.update(dict.fromkeys(name for name, _ in case.value))
    return tuple(found)
