"""What a scenario says over time: its services, pools and sources with all dated changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from carepath_sim.scenario.changeable import CASES, HOURS, SWITCHES
from carepath_sim.scenario.reading import Path
from carepath_sim.scenario.values import Branch, Case, Hours, Number, Test
from carepath_sim.units import WEEK

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario, Service
    from carepath_sim.scenario.variants import Variant

T = TypeVar("T")

ALWAYS = Hours(((0, WEEK),), "always")


def concerned(
    scenario: Scenario, where: tuple[Test, ...], per: str | None, value: str | None
) -> tuple[Test, ...] | None:
    """Return what is left to be tested of people for a change to concern them, or None.

    Parameters
    ----------
    where
        Whom the change concerns.
    per, value
        Attribute of a template, and the value of its member; None for what is no template.

    Returns
    -------
    :
        Tests of people; None where the change does not concern this member at all.
    """
    left: list[Test] = []
    for test in where:
        mine = _of_member(scenario, test, per, value)
        if mine is None:
            left.append(test)
        elif mine not in test.values:
            return None
    return tuple(left)


def _of_member(scenario: Scenario, test: Test, per: str | None, value: str | None) -> str | None:
    """Return the value of the tested attribute that a member of a template has, or None."""
    if per is None or value is None:
        return None
    if test.key == per:
        return value
    attribute = scenario.attributes.get(test.key)
    if attribute is None or attribute.map is None or attribute.map.from_ != per:
        return None
    return dict(attribute.map.pairs).get(value)


def layers(
    scenario: Scenario, path: Path, per: str | None = None, value: str | None = None
) -> Iterator[tuple[Variant, tuple[Test, ...]]]:
    """Yield the changes of a field in written order, each with what is to be tested of people."""
    for variant in scenario.variants:
        if path in variant.fields:
            left = concerned(scenario, variant.where, per, value)
            if left is not None:
                yield variant, left


def dated_cases(
    given: tuple[Case[Any], ...],
    later: Iterator[tuple[date, tuple[Test, ...], tuple[Case[Any], ...]]],
    begin: date | None,
) -> tuple[Case[Any], ...]:
    """Return cases in which those of later changes come first, each with a test of its date.

    Parameters
    ----------
    begin
        First day of the run: what changes by then has always been so. None: keep every test.
    """
    found = given
    for start, left, cases in later:
        dated = () if begin is not None and start <= begin else (Test("date", low=start),)
        tests = (*dated, *left)
        if not tests:
            found = cases
            continue
        closed = cases
        if not cases or cases[-1].when:  # what none of these cases gives, no earlier one gives
            closed = (*cases, Case(None))
        first = tuple(replace(case, when=(*tests, *case.when)) for case in closed)
        found = (*first, *found)
    return found


def service_over_time(
    scenario: Scenario, name: str, value: str | None, begin: date | None
) -> Service:
    """Return a service, or the member of a template, with all its changes.

    Fields of cases have those of later changes first; hours say from when which hold; other
    fields have the value of the beginning (`switches` has their changes).
    """
    service = scenario.services[name]
    update: dict[str, Any] = {}
    for field in (*CASES, *HOURS, *SWITCHES):
        found = list(layers(scenario, ("services", name, field), service.per, value))
        if not found:
            continue
        old = getattr(service, field)
        new = [(v.start, left, getattr(v.scenario.services[name], field)) for v, left in found]
        if field in CASES:
            update[field] = dated_cases(old, iter(new), begin)
        elif field in HOURS:
            update[field] = _dated_hours(old, new, begin)
        else:
            by_then = [v for start, _, v in new if begin is not None and start <= begin]
            update[field] = by_then[-1] if by_then else old
    return service.model_copy(update=update) if update else service


def switches(
    scenario: Scenario, name: str, value: str | None
) -> Iterator[tuple[str, date, Service]]:
    """Yield the changes of fields that are one for everybody: field, date, and the service then."""
    service = scenario.services[name]
    for field in SWITCHES:
        for variant, _ in layers(scenario, ("services", name, field), service.per, value):
            yield field, variant.start, variant.scenario.services[name]


def _dated_hours(
    old: Hours | None, new: list[tuple[date, tuple[Test, ...], Hours | None]], begin: date | None
) -> Hours | None:
    """Return hours that change by date; those of the beginning are the windows."""
    now, later = old, dict[date, Hours | None]()
    for start, _, hours in new:
        if begin is not None and start <= begin:
            now = hours
        else:
            later[start] = hours
    if not later:
        return now
    return replace(now or ALWAYS, later=tuple(sorted(later.items(), key=lambda pair: pair[0])))


def _known(scenario: Scenario, name: str) -> Service:
    """Return a service with the cases of all times, for all members of a template together."""
    service = service_over_time(scenario, name, None, None)
    update = {}
    for field in CASES:
        cases = getattr(service, field)
        update[field] = tuple(Case(value, case.when) for case in cases for value in values([case]))
    return service.model_copy(update=update)


def whole(scenario: Scenario) -> Scenario:
    """Return the scenario with the ways of all times, to see what can be reached at any."""
    services = {name: _known(scenario, name) for name in scenario.services}
    for variant in scenario.variants:
        name, to = variant.retired, variant.replacement
        if name in services and to is not None:
            way = Case((Branch(Number(1.0, "1"), to),), (Test("date", low=variant.start),))
            old = services[name]
            services[name] = old.model_copy(update={"next": (way, *old.next)})
    return scenario.model_copy(update={"services": services})


def states(
    scenario: Scenario, path: Path, begin: date, per: str | None = None, value: str | None = None
) -> list[tuple[date | None, Any]]:
    """Return a section as it is from the beginning, and from the date of each of its changes.

    Parameters
    ----------
    path
        The section, such as ``("pools", "beds")``.
    begin
        First day of the run: what changes by then has always been so.
    per, value
        Attribute of a template, and the value of its member.
    """
    found: list[tuple[date | None, Any]] = [(None, section(scenario, path))]
    for variant in scenario.variants:
        fields = [str(field[-1]) for field in variant.fields if field[:-1] == path]
        if not fields or concerned(scenario, variant.where, per, value) is None:
            continue
        after = section(variant.scenario, path)
        update = {field: getattr(after, field) for field in fields}
        state = found[-1][1].model_copy(update=update)
        if variant.start <= begin or found[-1][0] == variant.start:
            found[-1] = (found[-1][0], state)
        else:
            found.append((variant.start, state))
    return found


def section(scenario: Scenario, path: Path) -> Any:
    """Return a section of a scenario by its path."""
    at: Any = scenario
    for step in path:
        at = at[step] if isinstance(at, dict) else getattr(at, str(step))
    return at


def values(cases: Iterable[Case[T]]) -> Iterator[T]:
    """Yield the values of cases; a dated change may have taken one away."""
    for case in cases:
        value: T | None = case.value
        if value is not None:
            yield value
