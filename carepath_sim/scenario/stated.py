"""Every number that a scenario states, where it stands, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from carepath_sim.scenario.grammar_quantity import BESIDE
from carepath_sim.scenario.positions import written
from carepath_sim.scenario.ranged import SILENT, split

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.reading import Path

NO_NUMBERS: Final = SILENT | {"carepath", "clock", "exits", "extends", "area", "variant", "title"}
"""Sections without numbers that a result rests on."""
WORDS: Final = frozenset(
    {*BESIDE, "title", "description", "range", "unit", "when", "is", "on", "priority"}
)
"""Fields beside numbers that hold words or conditions."""
SUPPOSED: Final = frozenset({"assumption", "by hand"})
"""Qualities of numbers that no source stands behind."""
_CLOCK: Final = re.compile(r".*\d{1,2}:\d{2}.*|\d{4}-\d{2}(-\d{2})?.*")


@dataclass(frozen=True)
class Stated:
    """A number that a scenario states.

    Attributes
    ----------
    field
        Where it stands, as for `--set`.
    text
        As it is written, with its unit.
    span
        Range in which it may lie, as it is written; empty without one.
    quality, source, note
        What is said of it, or of all numbers of the part in which it stands.
    """

    field: str
    text: str
    span: str = ""
    quality: str = ""
    source: str = ""
    note: str = ""

    @property
    def supposed(self) -> bool:
        """Whether it is an assumption: said to be one, or without source and quality."""
        return self.quality in SUPPOSED or not (self.source or self.quality)

    @property
    def by_definition(self) -> bool:
        """Whether it can be no other: its note says so, or its range has no width."""
        ends = self.span.split(" to ")
        return "by definition" in self.note or (len(ends) == 2 and ends[0] == ends[1].split(" ")[0])


def stated(scenario: Scenario) -> tuple[Stated, ...]:
    """Return the numbers that stand in a scenario, in written order; defaults are left out."""
    root = scenario.resolved()
    return tuple(
        one
        for section, value in root.items()
        if section not in NO_NUMBERS
        for one in _within(value, (section,), {})
    )


def _within(value: object, path: Path, said: Mapping[str, str]) -> Iterator[Stated]:
    if isinstance(value, Mapping):
        beside = {key: str(value[key]) for key in BESIDE if value.get(key)}
        # A source of the number itself stands in the place of that of the whole.
        inner = beside if {"source", "quality"} & set(beside) else {**said, **beside}
        if "value" in value:
            yield from _record(value, path, inner)
            return
        for key, one in value.items():
            if key not in WORDS:
                # A note speaks of what it stands beside alone.
                yield from _within(one, (*path, key), _without_note(inner))
    elif isinstance(value, list):
        for k, one in enumerate(value):
            yield from _within(one, (*path, k), said)
    elif _is_number(value):
        yield Stated(written(path), str(value), "", **said)


def _record(value: Mapping[str, Any], path: Path, said: Mapping[str, str]) -> Iterator[Stated]:
    inner = value["value"]
    if isinstance(inner, (Mapping, list)):
        yield from _within(inner, (*path, "value"), said)
        return
    unit = f" {value['unit']}" if value.get("unit") else ""
    ends = value.get("range")
    span = " to ".join(map(str, ends)) + unit if isinstance(ends, list) else ""
    if _is_number(inner):
        yield Stated(written(path), f"{inner}{unit}", span, **said)


def _without_note(said: Mapping[str, str]) -> dict[str, str]:
    return {key: one for key, one in said.items() if key != "note"}


def _is_number(value: object) -> bool:
    """Tell whether a field holds a number, rather than a name, a date or a time of day."""
    if isinstance(value, str) and _CLOCK.fullmatch(value.strip()):
        return False
    return split(value) is not None
