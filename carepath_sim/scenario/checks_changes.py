"""Dated changes: their dates, whom they concern, and what is retired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from carepath_sim.scenario.changeable import CASES
from carepath_sim.scenario.checks_conditions import FACTOR_CYCLES
from carepath_sim.scenario.checks_flow import ring
from carepath_sim.scenario.checks_graph import at_once
from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, listed, unknown
from carepath_sim.scenario.model import Change, Scenario
from carepath_sim.scenario.over_time import concerned
from carepath_sim.scenario.values import Number
from carepath_sim.scenario.variants import Variant


def changes(scenario: Scenario) -> Iterator[Finding]:
    """Yield what is wrong with the changes of a scenario."""
    names = Vocabulary(scenario)
    before = None
    for k, change in enumerate(scenario.changes):
        here: Path = ("changes", k)
        if before is not None and change.from_ < before:
            message = f"changes stand in order of time; found {change.from_} after {before}"
            yield (*here, "from"), message
        before = change.from_
        if not change.set and change.retire is None:
            yield here, "nothing changes; write `set:` or `retire:`"
        yield from _where(names, here, change)
        yield from _retired(names, here, change)
    yield from _in_a_ring(names)
    for variant in scenario.variants:
        yield from _factors(names, variant)
        yield from _fields(names, variant)
        yield from _same_names(names, variant)


def outside_the_run(names: Vocabulary) -> Iterator[Finding]:
    """Yield changes after the end of the run."""
    clock = names.scenario.clock
    last = clock.length.last(clock.start) + timedelta(days=clock.run_out.value // 86_400_000)
    for k, change in enumerate(names.scenario.changes):
        if change.from_ > last:
            yield ("changes", k, "from"), f"has no effect: the run ends on {last}"


def comes_and_goes(_: Path, message: str) -> bool:
    """Tell whether a finding is about what is reached at some time only, which is no problem."""
    return message.startswith("nobody can reach ")


def _where(names: Vocabulary, here: Path, change: Change) -> Iterator[Finding]:
    for test in change.where:
        path: Path = (*here, "where", test.key)
        known = names.attributes.get(test.key)
        if known is None or test.key == "age":
            others = [name for name in names.attributes if name != "age"]
            yield path, unknown("attribute", test.key, others)
            continue
        for value in test.values:
            if value not in known:
                yield (*path, value), unknown(f"value of {test.key}", value, known)


def _retired(names: Vocabulary, here: Path, change: Change) -> Iterator[Finding]:
    if change.retire is None:
        return
    gone, to = change.retire.service, change.retire.to
    path: Path = (*here, "retire")
    for field, name in (("service", gone), ("to", to)):
        if names.base(name) is None:
            yield (*path, field), unknown("service", name, names.services)
    if names.base(gone) is None or names.base(to) is None:
        return
    if names.base(gone) == names.base(to):
        yield (*path, "to"), f"'{gone}' cannot take the place of itself"
        return
    old, new = names.services[names.base(gone) or ""], names.services[names.base(to) or ""]
    if old.in_place and not new.in_place and _together(names, gone):
        message = (
            f"'{gone}' is asked for together with other steps (`all_of`); what takes its place must"
            " be `in_place: true` too"
        )
        yield (*path, "to"), message
    if concerned(names.scenario, change.where, old.per, "") is not None and change.where:
        left = concerned(names.scenario, change.where, old.per, _any_value(names, old.per))
        if left:
            message = (
                "a service is retired for everybody, or for members of a template; send some"
                " people elsewhere by a change of `next`"
            )
            yield (*here, "where"), message


def _in_a_ring(names: Vocabulary) -> Iterator[Finding]:
    """Yield services that are retired to what leads back to them at once, for ever."""
    retirements = [
        (k, change, _members(names, change.retire.service, change))
        for k, change in enumerate(names.scenario.changes)
        if change.retire is not None and names.base(change.retire.to) is not None
    ]
    if not retirements:
        return
    leads = {
        name: tuple(m for target in at_once(names, base) for m in _instead(names, name, target))
        for base in names.services
        for name in _members(names, base)
    }
    for k, change, gone in retirements:
        if change.retire is None or change.retire.service == change.retire.to:
            continue
        for name in gone:
            leads[name] = _instead(names, name, change.retire.to)
        way = next((way for way in (ring(leads.__getitem__, name) for name in gone) if way), None)
        if way is not None:
            message = (
                f"'{change.retire.to}' leads back to '{change.retire.service}' at once, and people"
                f" would be sent round for ever: {' -> '.join(way)}. What is retired does not open"
                " again; declare another service for what comes later, or leave time for a wait"
            )
            yield ("changes", k, "retire", "to"), message
            return


def _instead(names: Vocabulary, name: str, target: str) -> tuple[str, ...]:
    """Return what a member of a template leads to: the member of the same value, or all."""
    known = _members(names, target)
    base = names.base(name) or ""
    value = name.removeprefix(base)
    per = names.services[base].per
    same = f"{target}{value}"
    alike = per is not None and names.services[names.base(target) or ""].per == per
    return (same,) if alike and same in known else known


def _members(names: Vocabulary, name: str, change: Change | None = None) -> tuple[str, ...]:
    """Return what a written service stands for: itself, or those members that are concerned."""
    base = names.base(name)
    if base is None:
        return ()
    per = names.services[base].per
    if per is None or name != base:
        return (name,)
    where = () if change is None else change.where
    return tuple(
        f"{base}[{value}]"
        for value in names.attributes.get(per, ())
        if concerned(names.scenario, where, per, value) is not None
    )


def _any_value(names: Vocabulary, per: str | None) -> str | None:
    return None if per is None else next(iter(names.attributes.get(per, ())), None)


def _together(names: Vocabulary, gone: str) -> bool:
    from carepath_sim.scenario.values import AllOf

    return any(
        isinstance(branch.to, AllOf) and gone in branch.to.steps
        for service in names.services.values()
        for case in service.next
        for branch in case.value
    )


def _fields(names: Vocabulary, variant: Variant) -> Iterator[Finding]:
    """Yield fields of one for everybody that a change would set for some people."""
    scenario = names.scenario
    number = scenario.variants.index(variant)
    for path in variant.fields:
        here: Path = ("changes", number, "where")
        section = str(path[0])
        per = None
        if section in {"services", "pools"}:
            per = getattr(scenario, section)[path[1]].per
        left = concerned(scenario, variant.where, per, _any_value(names, per))
        if section in {"services", "attributes"} and path[-1] in {*CASES, "shares"}:
            continue
        if left or (left is None and per is None):
            told = ".".join(map(str, path))
            message = (
                f"`{told}` is one for everybody, so that a change cannot concern only those with"
                f" {listed(test.key for test in variant.where)}; only fields decided person by"
                f" person can ({listed(CASES)}), or members of a template"
            )
            yield here, message


def _factors(names: Vocabulary, variant: Variant) -> Iterator[Finding]:
    """Yield hazards whose factors on attributes would change: speeds are settled once a person."""
    number = names.scenario.variants.index(variant)
    before, after = names.scenario.population, variant.scenario.population
    for path in variant.fields:
        if path[:2] != ("population", "hazards") or path[-1] != "times":
            continue
        if before is None or after is None:
            continue
        old, new = (dict(p.hazards[str(path[2])].times) for p in (before, after))
        for key in dict.fromkeys((*old, *new)):
            if key not in FACTOR_CYCLES and _plain(old.get(key)) != _plain(new.get(key)):
                message = (
                    f"the factors by {key} would change; by date the rate of a hazard can change,"
                    f" and its factors by {listed(sorted(FACTOR_CYCLES))}"
                )
                yield ("changes", number, "set"), message


def _plain(pairs: tuple[tuple[str, Number], ...] | None) -> dict[str, float]:
    return {name: number.value for name, number in pairs or ()}


def _same_names(names: Vocabulary, variant: Variant) -> Iterator[Finding]:
    """Yield attributes that would get other values, or that are drawn once a person."""
    number = names.scenario.variants.index(variant)
    after = Vocabulary(variant.scenario)
    for path in variant.fields:
        if path[0] != "attributes":
            continue
        name = str(path[1])
        here: Path = ("changes", number, "set")
        if names.scenario.attributes[name].of == "person":
            message = (
                f"'{name}' is drawn once a person, when they come into the model; only shares of"
                " attributes `of: episode` can change by date"
            )
            yield here, message
        elif set(after.attributes[name]) != set(names.attributes[name]):
            message = (
                f"the values of '{name}' would change: {listed(after.attributes[name])} in place of"
                f" {listed(names.attributes[name])}; give a value that nobody has a share of 0"
            )
            yield here, message
