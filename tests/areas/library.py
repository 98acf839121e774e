"""What the tests of areas share: raw files, numbers with sources, runs, stories by service."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from ruamel.yaml import YAML

from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.checks import check
from carepath_sim.engine.spells import NEVER, Record
from carepath_sim.plan import compile_plan
from carepath_sim.scenario.loader import load

if TYPE_CHECKING:
    from datetime import date

    from carepath_sim.plan.plan import Plan

SCENARIOS = Path(__file__).parents[2] / "scenarios"
DAY = 86_400_000
HOUR = DAY // 24

Raw = dict[str, object]


def written(name: str) -> Raw:
    """Return a bundled scenario file as it is written, without what it extends."""
    raw: Raw = YAML(typ="safe").load(SCENARIOS / f"{name}.yaml")
    return raw


# ---------------------------------------------------------------- numbers and their sources

QUANTITY = re.compile(
    r"-?\d+(\.\d+)?\s*(%|GBP|(ms|s|min|h|d|wk|month|y)\b|working days?|per (y|month|d|h)\b)?",
    re.ASCII,
)
NO_NUMBERS = {
    "carepath",
    "clock",
    "references",
    "notes",
    "stories",
    "priority",
    "note",
    "source",
    "range",
    "when",
}
"""Words, the calendar, ranks, the conditions of cases, and stories, which are inputs of nothing."""


def numbers(
    raw: object, path: tuple[str, ...] = (), above: tuple[Mapping[str, object], ...] = ()
) -> Iterator[tuple[str, bool]]:
    """Yield every number of a scenario file with whether it says where it comes from."""
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            if key not in NO_NUMBERS:
                yield from numbers(value, (*path, str(key)), (*above, raw))
    elif isinstance(raw, list):
        for k, value in enumerate(raw):
            yield from numbers(value, (*path, str(k)), above)
    elif isinstance(raw, bool):
        return
    elif isinstance(raw, (int, float)) or (isinstance(raw, str) and QUANTITY.fullmatch(raw)):
        yield ".".join(path), _sourced(above)


def _sourced(above: tuple[Mapping[str, object], ...]) -> bool:
    """Return whether the records around a number name its source, or an assumption's range."""
    near = above[-3:]
    if any("source" in record for record in near):
        return True
    quality = next((record["quality"] for record in reversed(near) if "quality" in record), None)
    return quality == "by hand" or (
        quality == "assumption" and any(_ranged(record) for record in near)
    )


def _ranged(record: Mapping[str, object]) -> bool:
    """Return whether a number, or a parameter of a distribution, has a range."""
    inside = [v for v in record.values() if isinstance(v, Mapping)]
    return "range" in record or any("range" in inner for inner in inside)


def sources(raw: object) -> Iterator[str]:
    """Yield every reference that is named as a source, without its section."""
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            if key == "source":
                yield from (part.split(",")[0].strip() for part in str(value).split("; "))
            else:
                yield from sources(value)
    elif isinstance(raw, list):
        for value in raw:
            yield from sources(value)


def bad_ranges(raw: object, path: str = "") -> Iterator[str]:
    """Yield the numbers that lie outside their own range."""
    if isinstance(raw, Mapping):
        if "range" in raw and "value" in raw:
            low, value, high = (_size(x) for x in (raw["range"][0], raw["value"], raw["range"][1]))
            if not low <= value <= high:
                yield path
        for key, value in raw.items():
            yield from bad_ranges(value, f"{path}.{key}")
    elif isinstance(raw, list):
        for k, value in enumerate(raw):
            yield from bad_ranges(value, f"{path}.{k}")


UNITS = {"min": 1, "h": 60, "d": 1440, "wk": 10080, "y": 525960}


def _size(text: object) -> float:
    """Return a quantity as a number [min for times; rates and shares as they are]."""
    if isinstance(text, (int, float)):
        return float(text)
    if "/" in str(text):
        top, bottom = str(text).split("/")
        return float(top) / float(bottom)
    number, *unit = str(text).split()
    if unit[:1] == ["working"]:
        return float(number) * UNITS["d"]
    return float(number) * (UNITS.get(unit[0], 1) if unit and unit[0] != "per" else 1)


# ---------------------------------------------------------------- runs


@dataclass(frozen=True)
class Run:
    """One checked replication with its plan."""

    plan: Plan
    record: Record

    def rows(self, *names: str) -> np.ndarray:
        """Return the spells at services, the copies of a template included."""
        here = [k for k, s in enumerate(self.plan.services) if {s.name, s.base} & set(names)]
        return np.flatnonzero(np.isin(self.record.spells["service"], here))

    def members(self, name: str) -> list[str]:
        """Return the names of all copies of a template."""
        return [s.name for s in self.plan.services if s.base == name]

    def column(self, rows: np.ndarray, name: str) -> np.ndarray:
        """Return a column of some spells."""
        found: np.ndarray = self.record.spells[name][rows]
        return found

    def instant(self, day: date) -> int:
        """Return the first instant of a day [ms]."""
        return (day - self.plan.start_date).days * DAY

    def started(self, *names: str) -> np.ndarray:
        """Return the spells at services that started."""
        rows = self.rows(*names)
        return rows[self.column(rows, "started") != NEVER]

    def weekdays(self, rows: np.ndarray) -> np.ndarray:
        """Return the weekdays on which spells started, 0 for Monday."""
        day = self.column(rows, "started") // DAY
        found: np.ndarray = (day + self.plan.start_date.weekday()) % 7
        return found


def run(name: str, sets: Mapping[str, object]) -> Run:
    """Run one replication of a bundled scenario, and check it against itself."""
    plan = compile_plan(load(name, sets=sets))
    record = simulate(plan, seed=1, replication=0, engine=DEFAULT_ENGINE)
    check(plan, record)
    return Run(plan, record)


# ---------------------------------------------------------------- stories


@dataclass(frozen=True)
class Row:
    """One request of a story, in days from its first event."""

    service: str
    requested: float
    started: float
    ready: float
    left: float

    @property
    def there(self) -> float:
        """How long the place was held [days]."""
        return self.left - self.started


def told(name: str, story: str, sets: Mapping[str, object] | None = None) -> dict[str, list[Row]]:
    """Return the stays of a story that started, by service as it is written."""
    plan = compile_plan(load(name, sets=sets or {}))
    spells = simulate(plan, seed=1, replication=0, story=story).spells
    begin = min(int(t) for t in spells["requested"] if t != NEVER)
    rows: dict[str, list[Row]] = {}
    for k in range(len(spells["person"])):
        service = plan.services[spells["service"][k]]
        if spells["started"][k] == NEVER:
            continue
        moments = (
            math.inf if spells[c][k] == NEVER else (int(spells[c][k]) - begin) / DAY
            for c in ("requested", "started", "ready", "left")
        )
        rows.setdefault(service.base or service.name, []).append(Row(service.name, *moments))
    return rows
