"""The flow of people: who can ask for which service, from where, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from carepath_sim.scenario.besides import diversions
from carepath_sim.scenario.checks_vocabulary import BEDS, Vocabulary, led_to
from carepath_sim.scenario.model import Service
from carepath_sim.scenario.values import AllOf, Branch, Case, Cases, Distribution, Test

T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """A place asked for.

    Attributes
    ----------
    service
        What is asked for.
    at
        Present place of those who ask.
    via
        Step received in place that referred them here, or None.
    alone
        False for one of several steps asked for together, which refers nobody on.
    """

    service: str
    at: str
    via: str | None = None
    alone: bool = True


def branches(service: Service) -> Iterator[Branch]:
    """Yield the ways out of a service that are ever taken."""
    for case in service.next:
        yield from (branch for branch in case.value if branch.share.value > 0)


def known(names: Vocabulary, targets: Iterable[str]) -> set[str]:
    """Return the written names of the services among some targets."""
    return {base for base in map(names.meant, targets) if base is not None}


def links(names: Vocabulary, *, beside: bool = True) -> dict[str, set[str]]:
    """Return the services to which each leads, by a route or by a diversion.

    Parameters
    ----------
    beside
        Whether what is received alongside a stay counts.
    """
    return {
        name: known(names, (target for branch in branches(service) for target in led_to(branch)))
        | known(names, diversions(service))
        | known(names, (entry.service for entry in service.alongside if beside))
        for name, service in names.services.items()
    }


def there_from_start(names: Vocabulary) -> set[str]:
    """Return the services at which somebody is, or for which somebody waits, at the start."""
    start = names.scenario.start
    found = set(start.services)
    for name, row in start.services.items():
        found |= {name, *(one.at for one in row.waiting)}
    for person in start.census:
        found |= {person.service, person.waiting_for or person.service}
    return found | set(start.steady.services if start.steady is not None else ())


def entries(names: Vocabulary, *, with_start: bool = True) -> set[str]:
    """Return the services to which something outside the services leads."""
    scenario = names.scenario
    found = {arrival.at for arrival in scenario.arrivals.values()}
    if scenario.population is not None:
        found |= {hazard.to for hazard in scenario.population.hazards.values()}
    if with_start:
        found |= there_from_start(names) | {story.at for story in scenario.stories.values()}
    return known(names, found)


def asked_alone(names: Vocabulary) -> set[str]:
    """Return the services asked for other than as one of several steps together."""
    found = entries(names)
    for service in names.services.values():
        targets = [
            branch.to.then if isinstance(branch.to, AllOf) else branch.to
            for branch in branches(service)
        ]
        found |= known(names, targets)
    diverted = {name: known(names, diversions(s)) for name, s in names.services.items()}
    return reached(diverted, found)


def reached(links: dict[str, set[str]], origins: Iterable[str]) -> set[str]:
    """Return everything that can be reached from some services, themselves included.

    >>> sorted(reached({"a": {"b"}, "b": {"c"}, "c": set(), "d": {"a"}}, ["b"]))
    ['b', 'c']
    """
    found = set(origins)
    todo = list(found)
    while todo:
        for target in links.get(todo.pop(), ()):
            if target not in found:
                found.add(target)
                todo.append(target)
    return found


def requests(names: Vocabulary) -> set[Request]:
    """Return every request that somebody can make.

    Attributes of people and the clock are left open: a case counts when some person at some time
    may match it. Present places and referring steps are followed exactly.
    """
    found: set[Request] = set()
    todo = list(_first_requests(names))
    while todo:
        request = todo.pop()
        if request in found:
            continue
        found.add(request)
        todo += _next_requests(names, request)
    return found


def _first_requests(names: Vocabulary) -> Iterator[Request]:
    scenario = names.scenario
    living = ["home", *(name for name, s in names.services.items() if s.residence)]
    if scenario.population is not None:
        for target in known(names, (h.to for h in scenario.population.hazards.values())):
            yield from (Request(target, place) for place in living)
    for target in known(names, (arrival.at for arrival in scenario.arrivals.values())):
        yield Request(target, "outside")
    # Whoever is there from the start asked for nothing, but asks for what follows.
    there = {*there_from_start(names), *(story.at for story in scenario.stories.values())}
    for name in known(names, there):
        place = "home" if names.services[name].in_place else name
        yield from _referrals(names, Request(name, place))
        yield from _alongside(names, names.services[name], Request(name, place))


def _next_requests(names: Vocabulary, request: Request) -> Iterator[Request]:
    """Yield the requests that a request leads to."""
    service = names.services[request.service]
    if service.pool:
        for case in possible(names, service, service.max_wait, request):
            for target in known(names, [case.value.to] if case.value.to else []):
                yield Request(target, request.at, request.via, request.alone)
        room = service.waiting_room
        for target in known(names, [room.to] if room is not None and room.to else []):
            yield Request(target, request.at, request.via, request.alone)
    if not service.in_place:
        yield from _alongside(names, service, request)
    if request.alone:
        yield from _referrals(names, request)


def _alongside(names: Vocabulary, service: Service, request: Request) -> Iterator[Request]:
    """Yield what is asked for at the start of a stay."""
    for target in known(names, (entry.service for entry in service.alongside)):
        yield Request(target, request.service, request.via, alone=False)


def _referrals(names: Vocabulary, request: Request) -> Iterator[Request]:
    """Yield what people ask for at the end of what they asked for."""
    service = names.services[request.service]
    place = request.at if service.in_place else request.service
    via = request.service if service.in_place else None
    for case in possible(names, service, service.next, request):
        for branch in case.value:
            if branch.share.value <= 0:
                continue
            to = branch.to
            if isinstance(to, AllOf):
                for step in known(names, to.steps):
                    yield Request(step, place, via, alone=False)
                    yield from (Request(then, place, step) for then in known(names, [to.then]))
            elif to == "back":
                for name, residence in names.services.items():
                    if residence.residence or residence.keeps_place is not None:
                        yield Request(name, place, via)
            else:
                yield from (Request(target, place, via) for target in known(names, [to]))


def possible(
    names: Vocabulary, service: Service, cases: Cases[T], request: Request
) -> Iterator[Case[T]]:
    """Yield the cases of a service that some of those who make a request may match."""
    in_streams = _streams(names, service, request)
    for case in cases:
        answers = [_answer(names, test, request, in_streams) for test in case.when]
        if False in answers:
            continue
        yield case
        if None not in answers:
            break


def _streams(names: Vocabulary, service: Service, request: Request) -> set[str]:
    """Return the streams that a request can be in."""
    found: set[str] = set()
    for case in service.stream:
        answers = [_answer(names, test, request, None) for test in case.when]
        if False not in answers:
            found.add(case.value)
            if None not in answers:
                break
    return found


def _answer(
    names: Vocabulary, test: Test, request: Request, streams: set[str] | None
) -> bool | None:
    """Return whether a test holds for a request; None when that depends on more than the flow."""
    if test.key in {"from", "via"}:
        value = request.at if test.key == "from" else request.via
        return value in {names.base(given) or given for given in test.values}
    if test.key == "stream" and streams is not None:
        inside = streams & set(test.values)
        return bool(inside) if inside == streams or not inside else None
    return None


def is_bed(names: Vocabulary, place: str) -> bool:
    """Return whether a present place is a bed that somebody must be moved out of."""
    service = names.services.get(place)
    return service is not None and service.setting in BEDS and not service.residence


def takes_no_time(service: Service) -> bool:
    """Return whether a service can be over at the instant at which it starts."""
    return any(is_zero(case.value) for case in service.stay) or any(
        case.value.value == 0 for case in service.max_stay
    )


def diverts_at_once(service: Service) -> Iterator[str]:
    """Yield where people are diverted to at the instant at which they ask."""
    for case in service.max_wait:
        if service.pool and case.value.to is not None and is_zero(case.value.after):
            yield case.value.to
    room = service.waiting_room
    if service.pool and room is not None and room.to is not None:
        yield room.to


def is_zero(distribution: Distribution) -> bool:
    """Return whether nothing but 0 is drawn."""
    if distribution.at_least:
        return False
    if distribution.parts:
        return all(is_zero(part) for share, part in distribution.parts if share > 0)
    if distribution.values:
        weights = distribution.weights or (1,) * len(distribution.values)
        return not any(v * w for v, w in zip(distribution.values, weights, strict=True))
    fixed = distribution.family == "fixed"
    return fixed and all(value == 0 for _, value in distribution.parameters)


def ring(steps: Callable[[Any], Iterable[Any]], start: Any) -> tuple[Any, ...] | None:
    """Return a way from a node back to itself, or None.

    >>> ring({"a": ["b"], "b": ["c", "a"], "c": []}.__getitem__, "a")
    ('a', 'b', 'a')
    """
    ways: list[tuple[Any, ...]] = [(start,)]
    seen = set()
    while ways:
        way = ways.pop()
        for target in steps(way[-1]):
            if target == start:
                return (*way, start)
            if target not in seen:
                seen.add(target)
                ways.append((*way, target))
    return None
