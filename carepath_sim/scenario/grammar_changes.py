"""Dated changes: whom they concern, and which fields they set."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from carepath_sim.scenario.grammar_conditions import test
from carepath_sim.scenario.reading import Flaws, mapping, shown, wrong
from carepath_sim.scenario.values import Test


def where(raw: object) -> tuple[Test, ...]:
    """Return attributes with the values of those whom a change concerns."""
    given = mapping(raw, "a map such as `{locality: [bexhill, rye]}`")
    flaws = Flaws()
    found = tuple(flaws.read(partial(test, key), value, key) for key, value in given.items())
    flaws.close()
    return found


def fields(raw: object) -> tuple[tuple[str, object], ...]:
    """Return paths of fields with what shall stand there; nothing removes what stands there."""
    if not isinstance(raw, Mapping) or not raw:
        raise wrong(
            "a map of fields with their new values, such as `{pools.beds.capacity: 110}`,"
            f" is needed, found {shown(raw)}"
        )
    return tuple(raw.items())
