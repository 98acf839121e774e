"""One share among several, or one end of opening hours, set to a value."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from carepath_sim.experiment.scaling import number_of

BESIDE: Final = frozenset({"source", "quality", "note", "range", "when", "unit"})
"""Words that may stand beside shares."""
CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(\s*(?:-|to)\s*)(\d{1,2}):(\d{2})")
"""From one time of day to another."""


def share_of(value: Any) -> float | None:
    """Return a share as a number, infinity for `rest`, None where it is none."""
    if isinstance(value, Mapping):
        value = value.get("value")
    if value == "rest":
        return math.inf
    if isinstance(value, str) and value.strip().endswith("%"):
        found = number_of(value.strip().removesuffix("%"))
        return None if found is None else found / 100
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value <= 1 else None


def with_share(given: Mapping[str, Any], name: str, value: float) -> dict[str, Any]:
    """Return shares of which one is set and the others keep their proportions."""
    share = min(max(value, 0.0), 1.0)
    beside = {key: one for key, one in given.items() if key in BESIDE - {"quality"}}
    shares = {key: share_of(one) or 0.0 for key, one in given.items() if key not in BESIDE}
    known = math.fsum(one for one in shares.values() if one != math.inf)
    shares = {key: 1 - known if one == math.inf else one for key, one in shares.items()}
    others = math.fsum(one for key, one in shares.items() if key != name)
    left = len(shares) - 1
    new = {
        key: share if key == name else (1 - share) * (one / others if others > 0 else 1 / left)
        for key, one in shares.items()
    }
    return {**new, **beside}


def with_end(given: Any, end: str, value: float) -> str:
    """Return hours that open or close at another time."""
    minutes = round(value * 60)
    time = f"{minutes // 60:02d}:{minutes % 60:02d}"
    line = given[0] if isinstance(given, list) else given
    replaced = rf"{time}\3\4:\5" if end == "opens" else rf"\1:\2\g<3>{time}"
    return CLOCK.sub(replaced, str(line), count=1)
