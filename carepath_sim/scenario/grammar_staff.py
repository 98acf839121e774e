"""Full-time equivalents: a number, budget and actual, by date, by value, or split by population."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from carepath_sim.scenario.grammar_dates import day
from carepath_sim.scenario.grammar_numbers import amount
from carepath_sim.scenario.grammar_quantity import BESIDE, bare_names, inherit, provenance
from carepath_sim.scenario.grammar_templates import by_value, check_rising, split
from carepath_sim.scenario.reading import Flaws, known_keys, shown, wrong
from carepath_sim.scenario.values import NOWHERE, FteSpec, FteStep, Provenance

_FTE: Final = (
    "a number such as `87.6`, `{budget: 100, actual: 87.6}`, a dated list"
    " (`[{from: 2015-04-01, fte: 80}]`), or for a template a map by value or"
    " `{split: population, total: 260}`"
)
_LEVELS: Final = ("budget", "actual")


def fte(raw: object) -> FteSpec:
    """Return the full-time equivalents of a pool, or of each of the pools of a template."""
    if raw is None or isinstance(raw, bool):
        raise wrong(f"{_FTE} is needed, found {shown(raw)}")
    if not isinstance(raw, Mapping) or "value" in raw or _is_level(raw):
        return FteSpec(dated=_steps(raw))
    if "split" in raw:
        total, source = split(raw, _level, "staff")
        return FteSpec(split_total=_sourced(total, source))
    found, given = by_value(raw, _steps, _FTE)
    return FteSpec(
        by_value=tuple((key, tuple(_sourced(s, given) for s in steps)) for key, steps in found)
    )


def _is_level(raw: Mapping[str, object]) -> bool:
    names = set(bare_names(raw))
    return bool(names) and names <= set(_LEVELS)


def _level(raw: object) -> FteStep:
    """Return a number, or budget beside actual."""
    if not isinstance(raw, Mapping) or "value" in raw:
        return FteStep(None, amount(raw), None)
    flaws = Flaws()
    known_keys(raw, (*_LEVELS, *BESIDE), flaws)
    for key in _LEVELS:
        if key not in raw and not flaws.found:
            flaws.note(f"`{key}` is missing: write both, or a number alone")
    actual = flaws.read(amount, raw.get("actual", 0), "actual")
    budget = flaws.read(amount, raw.get("budget", 0), "budget")
    given = provenance(raw, flaws)
    flaws.close()
    return _sourced(FteStep(None, actual, budget), given)


def _sourced(step: FteStep, given: Provenance) -> FteStep:
    if given == NOWHERE:
        return step
    budget = None if step.budget is None else inherit(step.budget, given)
    return replace(step, actual=inherit(step.actual, given), budget=budget)


def _step(raw: object) -> FteStep:
    if not isinstance(raw, Mapping):
        raise wrong(f"`{{from: 2015-04-01, fte: 80}}` is needed, found {shown(raw)}")
    flaws = Flaws()
    known_keys(raw, ("from", "fte", *BESIDE), flaws)
    given = provenance(raw, flaws)
    start = flaws.read(day, raw["from"], "from") if "from" in raw else None
    if "fte" not in raw:
        flaws.note("`fte` is missing")
    level = flaws.read(_level, raw.get("fte", 0), "fte")
    flaws.close()
    return _sourced(replace(level, start=start), given)


def _steps(raw: object) -> tuple[FteStep, ...]:
    if not isinstance(raw, list):
        return (_level(raw),)
    if not raw:
        raise wrong(f"{_FTE} is needed, found an empty list")
    flaws = Flaws()
    steps = tuple(flaws.read(_step, entry, k) for k, entry in enumerate(raw))
    flaws.close()
    check_rising([step.start for step in steps])
    return steps
