"""Starting states: who is where when the run starts, and whether that can be."""

from __future__ import annotations

import math
from collections.abc import Iterator

from carepath_sim.scenario.checks_arrivals import known
from carepath_sim.scenario.checks_flow import is_zero
from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, figure, listed, unknown
from carepath_sim.scenario.grammar_numbers import sum_shown
from carepath_sim.scenario.grammar_start import COLUMNS
from carepath_sim.scenario.model import StartCount
from carepath_sim.scenario.values import CapacitySpec
from carepath_sim.scenario.values_start import CensusRow
from carepath_sim.units import in_words


def start(names: Vocabulary) -> Iterator[Finding]:
    """Yield starts with more people than there are, and what cannot be."""
    scenario = names.scenario
    for name, there in scenario.start.services.items():
        yield from _counts(names, ("start", name), name, there)
    if scenario.start.steady is not None:
        yield from _steady(names)
    yield from _census(names)
    if scenario.population is None:
        return
    size = scenario.population.size.value
    counts: dict[str, float] = {}
    for name, there in scenario.start.services.items():
        service = names.service(name)
        if service is None:
            continue
        # A count at a template stands for each of its services.
        copies = len(names.attributes.get(service.per or "", ())) if name in names.services else 1
        total = there.count.value if there.count is not None else 0.0
        total += sum(one.count.value for one in there.waiting if one.at != "outside")
        counts[name] = total * max(copies, 1)
    if scenario.start.census:
        counts["census"] = len(scenario.start.census)
    if math.fsum(counts.values()) > size:
        message = (
            f"{sum_shown(list(counts.values()))} people start at services,"
            f" of a population of {figure(size)}"
        )
        yield ("start",), message


def _counts(names: Vocabulary, path: Path, name: str, there: StartCount) -> Iterator[Finding]:
    if there.count is None and not there.waiting:
        yield path, "nobody is there: write `count:` (how many), or `waiting:`"
    service = names.service(name)
    if service is None:
        return
    if service.in_place and there.count is not None:
        message = (
            f"'{name}' is received in place: nobody is there when the run starts;"
            f" accepted: {listed(p for p in names.places if p in names.services)}"
        )
        yield path, message
    drawn = there.count is not None and there.count.value > 0 and there.remaining.law is None
    if drawn and service.stay and all(is_zero(case.value) for case in service.stay):
        message = f"stays at '{name}' take no time: nobody is there when the run starts"
        yield (*path, "count"), message
    kind = there.remaining.kind
    if there.days_so_far is not None and kind != "conditional":
        message = "belongs to `remaining: conditional`; other remaining stays do not look at it"
        yield (*path, "days_so_far"), message
    if there.days_so_far is None and kind == "conditional":
        message = "needs `days_so_far:`, how long people have been there (a time or a distribution)"
        yield (*path, "remaining"), message
    for k, one in enumerate(there.waiting):
        here = (*path, "waiting", k, "at")
        if one.at in [other.at for other in there.waiting[:k]]:
            yield here, f"'{one.at}' is given twice; write them together"
        yield from _at(names, here, one.at, name)


def _at(names: Vocabulary, path: Path, at: str, target: str) -> Iterator[Finding]:
    """Yield what is wrong with a place in which somebody waits."""
    if at in {"home", "outside"}:
        return
    base = names.base(at)
    known_places = [*names.places]
    if base is None:
        yield path, unknown("place", at, known_places)
    elif base in names.in_place:
        message = f"nobody is at '{at}', which is received in place; accepted: "
        yield path, message + listed(known_places)
    elif at == target:
        yield path, f"people at '{at}' need not wait for it"
    elif names.services[base].per is not None and at == base:
        values = names.attributes.get(names.services[base].per or "", ())
        yield path, f"which '{at}'? accepted: {listed(f'{at}[{v}]' for v in values)}"


def _steady(names: Vocabulary) -> Iterator[Finding]:
    steady = names.scenario.start.steady
    assert steady is not None  # noqa: S101 - looked at before
    possible = [name for name in names.services if name not in names.in_place]
    for k, name in enumerate(steady.services):
        here: Path = ("start", "steady", k)
        if name not in names.services:
            yield here, unknown("service", name, possible)
        elif name in names.in_place:
            message = f"'{name}' is received in place: nobody is there when the run starts"
            yield here, f"{message}; accepted: {listed(possible)}"
        elif any(one.partition("[")[0] == name for one in names.scenario.start.services):
            counted = [n for n in names.scenario.start.services if n.partition("[")[0] == name]
            if any(names.scenario.start.services[n].count is not None for n in counted):
                yield here, f"'{name}' starts with a count already"


def _census(names: Vocabulary) -> Iterator[Finding]:
    """Yield rows of a census that cannot be."""
    seen: dict[str, CensusRow] = {}
    path: Path = ("start", "census")
    clock = names.scenario.clock
    begin = -round(clock.warm_up.value)
    for row in names.scenario.start.census:
        if row.person in seen:
            message = f"the person '{row.person}' is given twice; each has one row"
            yield (*path, *row.cell("person")), message
        seen[row.person] = row
        yield from _place(names, path, row)
        for one in row.given:
            if "." in one.name:
                message = unknown("column", one.name, [*COLUMNS, *names.attributes])
                yield (*path, *one.where), message
            else:
                yield from known(names, path, [one], {})
        if row.waiting_for is None:
            if row.since is not None:
                message = "nothing is waited for: `waiting_for` is empty"
                yield (*path, *row.cell("waiting_since")), message
            continue
        target = names.base(row.waiting_for)
        if target is None:
            yield (
                (*path, *row.cell("waiting_for")),
                unknown("service", row.waiting_for, names.services),
            )
        elif row.waiting_for == row.service:
            yield (*path, *row.cell("waiting_for")), f"is at '{row.service}' already"
        if row.since is not None and row.since.day is not None:
            late = row.since.instant(clock.start) - begin
            if late > 0:
                message = (
                    f"lies {in_words(late)} after the start of the run, which is the start of the"
                    " warm-up; leave the warm-up out where a census is the start"
                )
                yield (*path, *row.cell("waiting_since")), message


def _place(names: Vocabulary, path: Path, row: CensusRow) -> Iterator[Finding]:
    where = (*path, *row.cell("service"))
    if row.service in {"home", "outside"}:
        if row.waiting_for is None and (row.service == "outside" or not names.scenario.population):
            yield where, f"nothing ever happens to somebody {row.service} who waits for nothing"
        if row.service == "outside" and names.scenario.population is not None:
            yield where, "the people of a census live here where there is a population; write home"
        if row.so_far is not None:
            message = f"has no effect: nobody counts the days at '{row.service}'"
            yield (*path, *row.cell("days_so_far")), message
        return
    base = names.base(row.service)
    if base is None:
        yield where, unknown("place", row.service, names.places)
    elif base in names.in_place:
        message = f"'{row.service}' is received in place: nobody is there when the run starts"
        yield where, f"{message}; accepted: {listed(names.places)}"
    elif names.services[base].per is not None and row.service == base:
        values = names.attributes.get(names.services[base].per or "", ())
        known_members = listed(f"{base}[{value}]" for value in values)
        yield where, f"which '{base}'? accepted: {known_members}"


def without_effect(names: Vocabulary) -> Iterator[Finding]:
    """Yield remaining stays at services that nobody leaves but by a crisis or death."""
    for name, there in names.scenario.start.services.items():
        service = names.service(name)
        if service is not None and not service.stay and "remaining" in there.model_fields_set:
            message = f"has no effect: '{name}' has no `stay:` that ends"
            yield ("start", name, "remaining"), message


def more_than_places(names: Vocabulary) -> Iterator[Finding]:
    """Yield counts above the places that there are; of a template each has the whole count."""
    for name, there in names.scenario.start.services.items():
        service = names.service(name)
        if service is None or there.count is None or len(service.pool) != 1:
            continue
        pool = names.scenario.pools.get(service.pool[0])
        of_several = service.units != type(service).model_fields["units"].default
        if pool is None or pool.overflow != "none" or pool.surge is not None or of_several:
            continue
        count = there.count.value
        every = names.attributes.get(service.per or "", ())
        own = name.partition("[")[2].removesuffix("]")
        values = (own,) if own else every or ("",)
        places = [_places(pool.capacity, value) for value in values]
        total = pool.capacity.split_total
        if pool.per is None or total is not None:
            # One pool takes them all; of one that is shared out only the sum is known here.
            whole = total.value if total is not None and not own else places[0]
            if count * len(values) > whole:
                found = f"{figure(count * len(values))} start here, of {figure(whole)} places"
                yield ("start", name, "count"), _crowded(found, name, values)
        elif any(count > one for one in places):
            shown = listed((figure(one) for one in places), "and")
            yield (
                ("start", name, "count"),
                _crowded(f"{figure(count)} start here, of {shown} places", name, values),
            )


def _places(capacity: CapacitySpec, value: str) -> float:
    """Return the places at the start; infinite where they are not one number."""
    dated = dict(capacity.by_value).get(value, capacity.dated)
    first = dated[0].places if dated else None
    return first.value if first is not None else math.inf


def _crowded(found: str, name: str, values: tuple[str, ...]) -> str:
    each = ""
    if len(values) > 1:
        each = (
            f" (a count stands for each of {listed((f'{name}[{one}]' for one in values), 'and')}; "
            "these can be given one by one)"
        )
    return f"{found}{each}: nobody is admitted until there is room"
