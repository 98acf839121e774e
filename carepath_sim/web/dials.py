"""The numbers of a scenario that a person may move: beds, lengths of stay, demand, any other."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from carepath_sim.report.words import condition_text, title_of
from carepath_sim.scenario.positions import written
from carepath_sim.scenario.ranged import ranged, said, split
from carepath_sim.scenario.stated import Stated, stated
from carepath_sim.units import half_up

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario, Service
    from carepath_sim.scenario.ranged import Ranged
    from carepath_sim.scenario.reading import Path
    from carepath_sim.web.request import Sets

BEDS, STAY, DEMAND, OTHER = "Beds and places", "Length of stay", "Demand", "Any other number"
MOST: Final = {BEDS: 4, STAY: 4, DEMAND: 1}
"""Dials of a group that stand on the page by themselves; the rest is under `OTHER`."""
OF_ONE: Final = 2
"""Lengths of stay of one service among them."""
SPAN: Final = 0.6
"""Part of a capacity by which its dial goes beyond it, down and up."""
MORE: Final = 0.3
"""The same of demand."""
LENGTHS: Final = {"h": "hours", "d": "days", "wk": "weeks", "months": "months", "y": "years"}
"""Units of time, and what people call them."""


@dataclass(frozen=True)
class Field:
    """A number in the file: where, what is written there, and its unit."""

    path: str
    value: float
    unit: tuple[str, str] = ("", "")
    whole: bool = False

    def at(self, factor: float) -> tuple[str, Any]:
        """Return the field with its value times a factor, as it would be written."""
        value = self.value * factor
        return self.path, half_up(value) if self.whole else said(value, self.unit)


@dataclass(frozen=True)
class Dial:
    """Something that can be moved.

    Attributes
    ----------
    key
        Its name on the page.
    group, title
        Under what it stands, and what it is called.
    value
        What is written [unit].
    low, high, step
        Ends of the dial and its steps [unit].
    unit
        What it counts.
    documented
        The range that the scenario gives for the value [unit].
    basis
        Where the value comes from, in words; empty where nobody has a source.
    fields
        Fields that follow it, all by the same factor.
    """

    key: str
    group: str
    title: str
    value: float
    low: float
    high: float
    step: float
    unit: str
    documented: tuple[float, float] | None
    basis: str
    fields: tuple[Field, ...]

    def sets(self, value: float) -> Sets:
        """Return the fields that a position of the dial sets; none where nothing is moved."""
        if math.isclose(value, self.value):
            return ()
        return tuple(one.at(value / self.value) for one in self.fields)

    @property
    def standing(self) -> str:
        """What kind of number is written, in words."""
        if self.group == DEMAND:
            return "As written"
        return "Documented" if self.basis else "Assumed"

    @property
    def counts(self) -> str:
        """What it counts, in words."""
        return LENGTHS.get(self.unit, self.unit)

    def text(self, value: float) -> str:
        """Return a position in words: ``125 beds``."""
        unit = self.counts.removesuffix("s") if value == 1 else self.counts
        return f"{value:,g} {unit}".strip()


def dials(scenario: Scenario) -> tuple[Dial, ...]:
    """Return what can be moved in a scenario, the most asked for first."""
    found = [*_capacities(scenario), *_demand(scenario)]
    taken = {field.path for dial in found for field in dial.fields}
    held = {dial.key.split(".")[1] for dial in found if dial.group == BEDS}
    for one in ranged(scenario)[0]:
        if one.name in taken or one.value <= 0 or one.low >= one.high:
            continue
        found.append(_of_range(scenario, one, held))
    found += _stays(scenario, held, {field.path for dial in found for field in dial.fields})
    sources = {one.field: one for one in stated(scenario)}
    found = [
        replace(dial, basis=_basis(sources[dial.key])) if dial.key in sources else dial
        for dial in found
    ]
    return _placed(scenario, found)


def _placed(scenario: Scenario, found: list[Dial]) -> tuple[Dial, ...]:
    """Return dials with the first few of each group in it, the others elsewhere.

    Lengths of stay come in the order of the pools, few of any one service.
    """
    pools = {name: k for k, name in enumerate(_pools(scenario))}

    def order(dial: Dial) -> int:
        service = scenario.services[dial.key.split(".")[1]]
        return min(pools.get(pool, len(pools)) for pool in service.pool)

    stays = sorted((dial for dial in found if dial.group == STAY), key=order)
    counts: Counter[str] = Counter()
    of_one: Counter[str] = Counter()
    placed = []
    for dial in [one for one in found if one.group != STAY] + stays:
        service = dial.key.split(".")[1] if dial.group == STAY else ""
        of_one[service] += 1
        if counts[dial.group] >= MOST.get(dial.group, math.inf) or (
            service and of_one[service] > OF_ONE
        ):
            placed.append(_elsewhere(dial))
            continue
        counts[dial.group] += 1
        placed.append(dial)
    return tuple(placed)


def within(title: str) -> str:
    """Return a title as it stands within a sentence.

    >>> within("Community hospital beds"), within("REACH places")
    ('community hospital beds', 'REACH places')
    """
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def main_pool(scenario: Scenario) -> str:
    """Return the pool that step-up and step-down share, else the first of beds; or nothing."""
    return next(iter(_pools(scenario)), "")


def streams(scenario: Scenario, pool: str) -> tuple[str, ...]:
    """Return the streams that share a pool, step-up first; nothing where nobody shares it."""
    from carepath_sim.experiment.batch import OptionError
    from carepath_sim.experiment.configurations import BedBase

    try:
        found = BedBase.of(scenario, pool).streams
    except OptionError:
        return ()
    return tuple(sorted(found, key=lambda name: name != "step_up"))


def _pools(scenario: Scenario) -> list[str]:
    """Return pools of beds and places, those that are shared first, hospitals last."""
    of_people = [name for name, one in scenario.pools.items() if one.unit in {"beds", "places"}]
    acute = {
        pool
        for service in scenario.services.values()
        if service.setting == "acute_bed"
        for pool in service.pool
    }

    def order(name: str) -> tuple[bool, bool, bool]:
        shared = len(streams(scenario, name)) > 1
        return name in acute, not shared, scenario.pools[name].unit != "beds"

    return sorted(of_people, key=order)


def _capacities(scenario: Scenario) -> Iterator[Dial]:
    root = scenario.resolved().get("pools", {})
    for name in _pools(scenario):
        found = _number(root[name].get("capacity"))
        if found is None or found[1] <= 0 or found[1] != int(found[1]):
            continue
        pound, value, unit, record = found
        ends = _ends(record, unit)
        low, high = math.floor(value * (1 - SPAN)), math.ceil(value * (1 + SPAN))
        if ends is not None:
            low, high = min(low, math.floor(ends[0])), max(high, math.ceil(ends[1]))
        path = f"pools.{name}.capacity"
        pool = scenario.pools[name]
        yield Dial(
            path,
            BEDS,
            title_of(name, pool),
            value,
            low,
            high,
            1,
            pool.unit.replace("_", " "),
            ends if ends and ends[0] < ends[1] else None,
            "",
            (Field(path, value, ("£" if pound else "", unit), whole=not unit),),
        )


def _demand(scenario: Scenario) -> Iterator[Dial]:
    """Yield one dial for all who come: people and referrals in the same proportion."""
    root = scenario.resolved()
    fields: list[Field] = []
    population = root.get("population") or {}
    for name in ("size", "turning_65"):
        if name in population:
            fields += _scaled(f"population.{name}", population[name], whole=name == "size")
    for year, people in (population.get("projection") or {}).items():
        if str(year).isdigit():
            fields += _scaled(f"population.projection.{year}", people, whole=True)
    for name, arrival in (root.get("arrivals") or {}).items():
        found = _scaled(f"arrivals.{name}.rate", arrival.get("rate"))
        if not found:
            return  # a rate by the hour or the year: part of the demand would stay behind
        fields += found
    for name, start in (root.get("start") or {}).items():
        if population and isinstance(start, Mapping) and "count" in start:
            fields += _scaled(f"start.{name}.count", start["count"], whole=True)
    if not fields:
        return
    size = next((one.value for one in fields if one.path == "population.size"), 0.0)
    who = "Older people" if population else "Referrals of every kind"
    basis = f"100 % is {size:,.0f} people, with all referrals that come of them" if size else ""
    ends = (100 * (1 - MORE), 100 * (1 + MORE))
    yield Dial("demand", DEMAND, who, 100, *ends, 1, "%", None, basis, tuple(fields))


def _of_range(scenario: Scenario, one: Ranged, held: set[str]) -> Dial:
    """Return a dial for a number with a range; its ends are those of the range."""
    path = one.path
    group, title = OTHER, one.name
    if path[0] == "services" and path[2:3] == ("stay",) and path[-1] not in {"share", "min"}:
        name = str(path[1])
        service = scenario.services[name]
        if held & set(service.pool) and one.unit in LENGTHS:
            group, title = STAY, _stay_title(name, service, path)
    unit = ("£" if one.pound else "", one.unit)
    low, high = min(one.low, one.value), max(one.high, one.value)
    field = Field(one.name, one.value, unit, whole=one.whole)
    step = 1.0 if one.whole else _step(high - low)
    shown = f"£ {one.unit}".strip() if one.pound else one.unit
    ends = (one.low, one.high)
    return Dial(one.name, group, title, one.value, low, high, step, shown, ends, "", (field,))


def _stays(scenario: Scenario, held: set[str], taken: set[str]) -> Iterator[Dial]:
    """Yield dials for lengths of stay that have no range, half as long to half as long again."""
    root = scenario.resolved().get("services", {})
    for name, service in scenario.services.items():
        if not held & set(service.pool):
            continue
        for path, given in _middles(root[name].get("stay"), ("services", name, "stay")):
            found = _number(given)
            field_path = written(path)
            if found is None or field_path in taken or found[1] <= 0 or found[2] not in LENGTHS:
                continue
            _, value, unit, _ = found
            step = _step(value)
            yield Dial(
                field_path,
                STAY,
                _stay_title(name, service, path),
                value,
                step * math.ceil(value / 2 / step),
                step * math.floor(value * 1.5 / step),
                step,
                unit,
                None,
                "",
                (Field(field_path, value, ("", unit)),),
            )


def _middles(node: object, path: Path) -> Iterator[tuple[Path, object]]:
    """Yield the means, medians and fixed lengths below a field."""
    if isinstance(node, list):
        for k, one in enumerate(node):
            yield from _middles(one, (*path, k))
    elif isinstance(node, Mapping) and "value" not in node:
        for key, one in node.items():
            if key in {"mean", "median"}:
                yield (*path, key), one
            elif isinstance(one, Mapping | list) and key != "when":
                yield from _middles(one, (*path, key))
    elif node is not None:
        yield path, node


def _stay_title(name: str, service: Service, path: Path) -> str:
    """Return what a length of stay is of: ``Community hospital, mean stay (stream step up)``."""
    which = str(path[-1]) if path[-1] in {"mean", "median"} else ""
    number = next((part for part in path[3:4] if isinstance(part, int)), None)
    case = "" if number is None else condition_text(service.stay[number].when)
    last = number is not None and number == len(service.stay) - 1
    case = case or ("all others" if last and number else "")
    parts = [part for part in path[4:] if isinstance(part, int)]
    case = case or ("longer stays" if parts and parts[0] else "")
    words = ", ".join((title_of(name, service), f"{which} stay".strip()))
    return words + (f" ({case})" if case else "")


def _scaled(path: str, given: object, *, whole: bool = False) -> list[Field]:
    found = _number(given)
    if found is None:
        return []
    pound, value, unit, _ = found
    return [Field(path, value, ("£" if pound else "", unit), whole=whole and not unit)]


def _number(given: object) -> tuple[bool, float, str, Mapping[str, Any]] | None:
    """Return pound sign, number and unit of what is written, and what is said of it; or None."""
    record = given if isinstance(given, Mapping) else {}
    found = split(record.get("value") if record else given)
    return None if found is None or not math.isfinite(found[1]) else (*found, record)


def _ends(record: Mapping[str, Any], unit: str) -> tuple[float, float] | None:
    found = [split(one) for one in record.get("range", ())]
    ends = [one[1] for one in found if one is not None and one[2] == unit]
    return (ends[0], ends[1]) if len(ends) == 2 else None


def _basis(one: Stated) -> str:
    """Return where a value comes from; nothing where it is an assumption.

    >>> _basis(Stated("field", "3 d", source="strategy, Table 1", quality="poor"))
    'strategy, Table 1; quality poor'
    >>> _basis(Stated("field", "29", source="plan, 7a iii; reablement_2010"))
    'plan, 7a iii; reablement 2010'
    """
    if one.supposed:
        return ""
    quality = "" if one.quality in {"", "document"} else f"quality {one.quality}"
    # The names of references are keys of the file.
    return "; ".join(part for part in (one.source.replace("_", " "), quality) if part)


def _step(span: float) -> float:
    """Return a step that is a round number, of which a span has 50 to 100 and some.

    >>> _step(14.0), _step(0.2)
    (0.2, 0.002)
    """
    size = 10.0 ** math.floor(math.log10(span / 50))
    return next((size * k for k in (1, 2, 5, 10) if span / (size * k) <= 100), size * 10)


def _elsewhere(dial: Dial) -> Dial:
    return replace(dial, group=OTHER)
