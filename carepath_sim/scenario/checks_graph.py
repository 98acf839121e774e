"""The graph of services: dead ends, islands, rings without time, and waits without a way out."""

from __future__ import annotations

from collections.abc import Iterator

from carepath_sim.scenario.checks_cases import case_path, fields
from carepath_sim.scenario.checks_flow import (
    Request,
    branches,
    diverts_at_once,
    entries,
    is_bed,
    known,
    links,
    possible,
    reached,
    requests,
    ring,
    takes_no_time,
)
from carepath_sim.scenario.checks_vocabulary import Vocabulary, led_to
from carepath_sim.scenario.checks_words import Finding, listed
from carepath_sim.scenario.values import AllOf, Test


def unreachable(names: Vocabulary) -> Iterator[Finding]:
    """Yield services that nobody can reach."""
    leads = links(names)
    found = reached(leads, entries(names))
    for name in names.services:
        if name in found:
            continue
        before = [other for other in names.services if name in leads[other] and other != name]
        why = (
            f"it follows only {listed(before)}, and nobody gets there either"
            if before
            else "no route, hazard, arrival, diversion or start leads here"
        )
        yield ("services", name), f"nobody can reach '{name}': {why}"


def closed_rings(names: Vocabulary) -> Iterator[Finding]:
    """Yield groups of services that people enter and never leave.

    People live at a residence till they die, so a group with one is left by death. A group that
    nobody enters is a closed network of those who start in it, and as meant.
    """
    leads = links(names, beside=False)
    open_ended = {
        name
        for name, service in names.services.items()
        if not service.next
        or service.residence
        or any(
            names.base(target) is None for branch in branches(service) for target in led_to(branch)
        )
    }
    entered = reached(leads, entries(names, with_start=False))
    # Who can get out is found against the arrows, once for all.
    against: dict[str, set[str]] = {name: set() for name in names.services}
    for name, targets in leads.items():
        for target in targets:
            against.setdefault(target, set()).add(name)
    leavable = reached(against, open_ended)
    shown: set[str] = set()
    for name in names.services:
        if name in leavable or name in shown or name not in entered:
            continue
        group = reached(leads, [name])
        if not group <= reached(against, [name]):
            continue
        shown |= group
        members = [other for other in names.services if other in group]
        message = (
            f"nobody can leave {listed(members)}: no route from there leads to home, back, died,"
            " an exit or a place where people live"
        )
        yield ("services", members[0], "next"), message


def rings_without_time(names: Vocabulary) -> Iterator[Finding]:
    """Yield rings of routes and diversions that people could go round for ever at one instant."""
    shown: set[str] = set()
    leads = {name: at_once(names, name) for name in names.services}
    for name in names.services:
        if name in shown:
            continue
        way = ring(leads.__getitem__, name)
        if way is None:
            continue
        shown |= set(way)
        diverted = any(set(way) & known(names, diverts_at_once(names.services[n])) for n in way)
        what = "routes and diversions" if diverted else "routes"
        message = (
            f"a ring of {what} that takes no time: {' -> '.join(way)}; people would go round it"
            " for ever at one instant. Give one of them a stay, or a wait, longer than 0"
        )
        service = names.services[name]
        field = "max_wait" if service.max_wait else "waiting_room"
        yield ("services", name, "next" if takes_no_time(service) else field), message


def at_once(names: Vocabulary, name: str) -> list[str]:
    """Return what people can ask for at the instant at which they asked for a service."""
    service = names.services[name]
    found = [*diverts_at_once(service)]
    if takes_no_time(service):
        for branch in branches(service):
            to = branch.to
            if not isinstance(to, AllOf):
                found.append(to)
                if to == "back" or to in names.scenario.exits:  # who has lost their place asks anew
                    found += [n for n, other in names.services.items() if other.residence]
            elif all(takes_no_time(names.services[step]) for step in known(names, to.steps)):
                found.append(to.then)
    return sorted(known(names, found))


def waits_in_beds(names: Vocabulary) -> Iterator[Finding]:
    """Yield waits that end without saying where to, for people who wait in a bed."""
    places: dict[tuple[str, int], set[str]] = {}
    for request in requests(names):
        service = names.services[request.service]
        if not service.pool or not is_bed(names, request.at) or not request.alone:
            continue  # of several steps together, one whose wait ends is left out
        for case in possible(names, service, service.max_wait, request):
            if case.value.to is None:
                number = service.max_wait.index(case)
                places.setdefault((request.service, number), set()).add(request.at)
    for (name, number), beds in sorted(places.items()):
        cases = names.services[name].max_wait
        message = (
            f"the wait ends without saying where people go, but some wait in a bed"
            f" ({listed(sorted(beds))}) and cannot stay there; add `to:`, such as `to: home`"
        )
        yield case_path(("services", name, "max_wait"), cases, number), message


def never_from(names: Vocabulary) -> Iterator[Finding]:
    """Yield tests of `from` and `via` that nobody ever meets."""
    asked: dict[str, list[Request]] = {}
    for request in requests(names):
        asked.setdefault(request.service, []).append(request)
    for name, service in names.services.items():
        if name not in asked:
            continue
        asking = {
            "from": {request.at for request in asked[name]},
            "via": {request.via for request in asked[name] if request.via is not None},
        }
        for _, path, cases in fields(name, service):
            for number, case in enumerate(cases):
                here = (*case_path(path, cases, number), "when")
                for key, values in _unmet(names, case.when, asking):
                    message = (
                        f"nobody asks for '{name}' {key} {listed(values, 'or')};"
                        f" they ask {key} {listed(sorted(asking[key]), 'or')}"
                    )
                    yield (*here, key), message


def _unmet(
    names: Vocabulary, tests: tuple[Test, ...], seen: dict[str, set[str]]
) -> Iterator[tuple[str, list[str]]]:
    """Yield tests of where people come from, with those of their values that never occur."""
    for test in tests:
        if test.key in seen:
            known = seen[test.key]
            values = [value for value in test.values if (names.base(value) or value) not in known]
            if values:
                yield test.key, values
