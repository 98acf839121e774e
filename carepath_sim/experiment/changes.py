"""Rows of changes in words: what a number means depends on what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.engine.spells import (
    ATTRIBUTE_SET,
    CAPACITY_CHANGED,
    FIND_LOST,
    PROGRAMME_JOINED,
    PROGRAMME_LEFT,
    SURGE_CLOSED,
    SURGE_OPENED,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from carepath_sim.plan import Plan

WORDS: Mapping[int, str] = {
    ATTRIBUTE_SET: "attribute set",
    PROGRAMME_JOINED: "programme joined",
    PROGRAMME_LEFT: "programme left",
    FIND_LOST: "find lost",
    SURGE_OPENED: "surge opened",
    SURGE_CLOSED: "surge closed",
    CAPACITY_CHANGED: "capacity changed",
}


def in_words(plan: Plan, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of changes with words for what changed, its name and its value.

    Values of attributes are those of the scenario; other values are numbers as text.
    """
    what, name, value = (columns[key].tolist() for key in ("what", "name", "value"))
    names = _names(plan)
    attributes = [attribute.values for attribute in plan.attributes]
    said = [
        _at(attributes[n], v) if w == ATTRIBUTE_SET and 0 <= n < len(attributes) else str(v)
        for w, n, v in zip(what, name, value, strict=True)
    ]
    return {
        **columns,
        "what": np.array([WORDS.get(w, str(w)) for w in what], dtype=object),
        "name": np.array(
            [_at(names.get(w, ()), n) for w, n in zip(what, name, strict=True)], dtype=object
        ),
        "value": np.array(said, dtype=object),
    }


def _names(plan: Plan) -> dict[int, Sequence[str]]:
    attributes = [attribute.name for attribute in plan.attributes]
    pools = [pool.name for pool in plan.pools]
    programmes = [programme.name for programme in getattr(plan, "programmes", ())]
    return {
        ATTRIBUTE_SET: attributes,
        **dict.fromkeys((PROGRAMME_JOINED, PROGRAMME_LEFT, FIND_LOST), programmes),
        **dict.fromkeys((SURGE_OPENED, SURGE_CLOSED, CAPACITY_CHANGED), pools),
    }


def _at(known: Sequence[str], number: int) -> str:
    """Return a name, or the number where there is none."""
    return known[number] if 0 <= number < len(known) else str(number)
