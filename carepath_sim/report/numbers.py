"""Every number that a scenario says, with where it stands and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from carepath_sim.scenario.positions import written
from carepath_sim.scenario.values import Branch, Distribution, Number

if TYPE_CHECKING:
    import pandas as pd

    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.reading import Path
    from carepath_sim.scenario.values import Provenance

SILENT: Final = frozenset({"references", "targets", "stories", "notes", "background"})
"""Sections without numbers that a result rests on."""
SUPPOSED: Final = frozenset({"assumption", "by hand"})
"""Qualities of numbers that no source stands behind."""
UNSAID: Final = frozenset({"value", "dated", "parts", "places", "per_day", "amount"})
"""Names of parts that say nothing to a reader."""
_NUMBER: Final = re.compile(r"(£?)\s*([-+]?[\d_,]*\.?\d+)")
COLUMNS: Final = ("scenario", "field", "value", "range", "quality", "source", "note")


@dataclass(frozen=True)
class Given:
    """A number, or a distribution, that a scenario says.

    Attributes
    ----------
    field
        Where it stands, much as it is written for ``--set``.
    text
        What the author wrote, with its unit.
    value
        The number in its canonical unit; 0 for a distribution that is not fixed.
    provenance
        Source, quality, range and note.
    """

    field: str
    text: str
    value: float
    provenance: Provenance

    @property
    def supposed(self) -> bool:
        """Whether it is an assumption: said to be one, or without source and quality."""
        known = self.provenance
        return known.quality in SUPPOSED or not (known.source or known.quality)

    @property
    def span(self) -> str:
        """The range in which it may lie, in the unit in which it is written; empty without one."""
        found = _NUMBER.match(self.text)
        low, high, value = self.provenance.low, self.provenance.high, self.value
        if low is None or high is None or found is None or not value:
            return ""
        written_as = float(found[2].replace(",", "").replace("_", ""))
        ends = (f"{one * written_as / value:.6g}" for one in (low, high))
        return f"{found[1]}{' to '.join(ends)}{self.text[found.end() :]}"


def given(scenario: Scenario) -> tuple[Given, ...]:
    """Return the numbers that stand in a scenario, in written order; defaults are left out."""
    return tuple(
        Given(written(path), _words(one), _value(one), one.provenance)
        for section in _sections(scenario)
        for path, one in _walk(getattr(scenario, section), (section,))
    )


def assumptions(scenarios: Mapping[str, Scenario]) -> pd.DataFrame:
    """Return the numbers of scenarios as a table, those that nobody has a source for first.

    Returns
    -------
        Columns scenario, field, value and range (as written, with the unit), quality, source, note.
    """
    import pandas as pd

    rows = [
        (
            label,
            one.field,
            one.text,
            one.span,
            one.provenance.quality or "not said",
            one.provenance.source or "",
            one.provenance.note or "",
        )
        for label, scenario in scenarios.items()
        for one in sorted(given(scenario), key=lambda number: not number.supposed)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _sections(scenario: Scenario) -> list[str]:
    """Sections that were written, in the order of the language."""
    written_ones = scenario.model_fields_set
    return [one for one in type(scenario).model_fields if one in written_ones - SILENT]


def _walk(value: object, path: Path) -> Iterator[tuple[Path, Number | Distribution]]:
    if isinstance(value, Number | Distribution):
        yield path, value
    elif isinstance(value, Branch):
        to = value.to if isinstance(value.to, str) else value.to.then
        yield (*path, to), value.share
    elif isinstance(value, BaseModel):
        # A set has no order of its own: the language's is taken.
        names = [*type(value).model_fields, *(value.__pydantic_extra__ or {})]
        for name in names:
            if name in value.model_fields_set:
                yield from _walk(getattr(value, name), (*path, name.removesuffix("_")))
    elif is_dataclass(value):
        for one in fields(value):
            steps = () if one.name in UNSAID else (one.name,)
            yield from _walk(getattr(value, one.name), (*path, *steps))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk(inner, (*path, str(key)))
    elif isinstance(value, tuple | list):
        yield from _entries(value, path)


def _entries(value: Sequence[object], path: Path) -> Iterator[tuple[Path, Number | Distribution]]:
    if len(value) == 1 and isinstance(value[0], Branch):
        return  # the only way on is no number
    for k, inner in enumerate(value):
        if isinstance(inner, tuple) and len(inner) == 2 and not isinstance(inner[0], Number):
            key = inner[0]
            yield from _walk(inner[1], (*path, key) if isinstance(key, str) else path)
        elif isinstance(inner, Branch) or len(value) == 1:
            yield from _walk(inner, path)
        else:
            yield from _walk(inner, (*path, k))


def _words(one: Number | Distribution) -> str:
    if one.text:
        return one.text
    return f"{one.value:g}" if isinstance(one, Number) else one.family


def _value(one: Number | Distribution) -> float:
    if isinstance(one, Number):
        return one.value
    return one.parameters[0][1] if one.family == "fixed" else 0.0
