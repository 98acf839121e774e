"""Short words for values of a scenario, as tables and diagrams print them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.scenario.values import Test

# Ages in conditions end where the open band begins to be everybody.
OLDEST = 120


def title_of(name: str, thing: object) -> str:
    """Title of a pool, service or source, or its name in plain words."""
    return getattr(thing, "title", None) or name.replace("_", " ")


def condition_text(tests: Sequence[Test]) -> str:
    """Tests of a condition in words; empty when nothing is tested.

    >>> from carepath_sim.scenario.values import Test
    >>> condition_text([Test("frailty", ("severe", "moderate")), Test("age", low=75)])
    'frailty severe or moderate, age 75+'
    """
    return ", ".join(_test_text(test) for test in tests)


def _test_text(test: Test) -> str:
    key = test.key.replace("_", " ")
    if test.values:
        return f"{key} {' or '.join(test.values)}"
    low = -math.inf if test.low is None else test.low
    high = math.inf if test.high is None else test.high
    if test.key == "date":
        return "by date"
    if test.key == "hour":
        return f"{low:02.0f}:00-{high:02.0f}:00"
    if math.isinf(low):
        return f"{key} under {high:g}"
    return f"{key} {low:g}+" if high > OLDEST else f"{key} {low:g}-{high - 1:g}"
