"""The rules as plain Python, for journeys that read the plan from lists.

Calling a compiled rule with the whole plan costs more than the rule itself; the same source
interpreted on lists is faster there. Only the random numbers stay compiled.
"""

from __future__ import annotations

from bisect import bisect_right
from types import FunctionType, SimpleNamespace
from typing import Any

from carepath_sim.engine import rules as _rules


def _knot(xs: list[float], first: int, last: int, x: float) -> int:
    """The same as the rule of this name, by a search that is not interpreted."""
    return max(first, bisect_right(xs, x, first, last - 1) - 1)


def _interpreted() -> Any:
    """Return the rules bound to each other as plain functions."""
    names: dict[str, Any] = dict(vars(_rules))
    for name, value in vars(_rules).items():
        source = getattr(value, "py_func", None)
        if source is not None:
            names[name] = FunctionType(source.__code__, names, name, source.__defaults__)
    names["knot"] = _knot
    return SimpleNamespace(**names)


rules = _interpreted()
