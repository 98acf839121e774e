"""Surge: when places are opened under pressure, and when they are closed again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from carepath_sim.scenario.grammar_numbers import count, duration
from carepath_sim.scenario.grammar_quantity import BESIDE, inherit, provenance
from carepath_sim.scenario.reading import Flaws, known_keys, shown, wrong
from carepath_sim.scenario.values import Number, SurgeClose, SurgeWhen

_WHEN = re.compile(r"(\d+)\s+(?:people\s+)?wait(?:ing)?\s+for\s+(.+)")
_CLOSE = re.compile(r"(?:when\s+)?(?:(\d+)\s+)?(?:are\s+)?empty\s+for\s+(.+)")
_OPENS: Final = "`10 waiting for 2 d`, or `{waiting: 10, for: 2 d}`,"
_CLOSES: Final = "`when 12 empty for 5 d`, `when empty for 5 d`, or `{empty: 12, for: 5 d}`,"


def when(raw: object) -> SurgeWhen:
    """Return how many must wait for how long until places are opened."""
    if isinstance(raw, Mapping):
        flaws = Flaws()
        known_keys(raw, ("waiting", "for", *BESIDE), flaws)
        for key in ("waiting", "for"):
            if key not in raw:
                flaws.note(f"`{key}` is missing: {_OPENS} is needed")
        given = provenance(raw, flaws)
        people = flaws.read(_some(count), raw.get("waiting", 1), "waiting")
        lasting = flaws.read(_some(duration), raw.get("for", "1 d"), "for")
        flaws.close()
        return SurgeWhen(inherit(people, given), inherit(lasting, given))
    found = _WHEN.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        raise wrong(f"{_OPENS} is needed, found {shown(raw)}")
    return SurgeWhen(_some(count)(found[1]), _some(duration)(found[2]))


def close(raw: object) -> SurgeClose:
    """Return how many units must be free for how long until the places are closed."""
    if isinstance(raw, Mapping):
        flaws = Flaws()
        known_keys(raw, ("empty", "for", *BESIDE), flaws)
        if "for" not in raw:
            flaws.note(f"`for` is missing: {_CLOSES} is needed")
        given = provenance(raw, flaws)
        empty = flaws.read(_some(count), raw["empty"], "empty") if "empty" in raw else None
        lasting = flaws.read(_some(duration), raw.get("for", "1 d"), "for")
        flaws.close()
        return SurgeClose(None if empty is None else inherit(empty, given), inherit(lasting, given))
    found = _CLOSE.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        raise wrong(f"{_CLOSES} is needed, found {shown(raw)}")
    empty = None if found[1] is None else _some(count)(found[1])
    return SurgeClose(empty, _some(duration)(found[2]))


def some(raw: object) -> Number:
    """Return a count of at least one."""
    return _some(count)(raw)


def _some(read: Callable[[object], Number]) -> Callable[[object], Number]:
    def positive(raw: object) -> Number:
        number = read(raw)
        if number.value <= 0:
            raise wrong(f"more than 0 is needed, found {shown(raw)}")
        return number

    return positive
