"""Short words for values of a scenario, as tables and diagrams print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.scenario.values import Test


def title_of(name: str, thing: object) -> str:
    """Title of a pool, service or source, or its name in plain words."""
    return getattr(thing, "title", None) or name.replace("_", " ")


def condition_text(tests: Sequence[Test]) -> str:
    """Tests of a condition in words; empty when nothing is tested.

    >>> from carepath_sim.scenario.values import Test
    >>> condition_text([Test("frailty", ("severe", "moderate")), Test("age", low=75, text="75+")])
    'frailty severe or moderate, age 75+'
    >>> condition_text([Test("really_ill", ("ill",)), Test("frailty", ("fit",))])
    'really ill, frailty fit'
    """
    return ", ".join(_test_text(test) for test in tests)


def _test_text(test: Test) -> str:
    key = test.key.replace("_", " ")
    if test.text:
        return f"{key} {test.text.replace('_', ' ')}"
    if test.values:
        values = " or ".join(test.values).replace("_", " ")
        # A name that ends with the value says it already.
        return key if key.endswith(f" {values}") else f"{key} {values}"
    if test.low is None:
        return f"{key} before {test.high}"
    return f"{key} {test.low:g}+" if isinstance(test.low, float | int) else f"{key} from {test.low}"
