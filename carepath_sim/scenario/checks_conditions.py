"""Conditions: what a `when` tests must exist, and be known where it is tested."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from carepath_sim.scenario.checks_cases import case_path, fields
from carepath_sim.scenario.checks_vocabulary import CALENDAR, SPECIAL, Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, listed, unknown
from carepath_sim.scenario.matching import values_meant
from carepath_sim.scenario.model import Service
from carepath_sim.scenario.values import Test

FACTOR_CYCLES = frozenset({"month", "weekday", "hour"})
"""Keys of hazard factors that are no attributes."""

AT_REQUEST = frozenset({"cause", "from", "via", "holds", "open", "programme", *CALENDAR})
"""Special tests that can be answered when a place is asked for."""

BY_FIELD = {
    "stream": AT_REQUEST,
    "next": AT_REQUEST | {"stream", "event"},
}
"""Special tests of fields where they differ from `AT_REQUEST` with the stream."""


@dataclass(frozen=True)
class Place:
    """Where a condition stands, and what can be tested there.

    Attributes
    ----------
    path
        Path of the `when`.
    special
        Tests besides attributes and age that have an answer here.
    episodes
        Whether attributes of episodes have one.
    service
        The service whose field it is, or None.
    """

    path: Path
    special: frozenset[str] = frozenset()
    episodes: bool = True
    service: Service | None = None


def conditions(names: Vocabulary) -> Iterator[Finding]:
    """Yield what is wrong with the tests of every condition."""
    for place, tests in _all(names):
        for test in tests:
            yield from _one(names, place, test)


def written_conditions(names: Vocabulary) -> Iterator[tuple[Path, tuple[Test, ...]]]:
    """Yield the tests of every condition with the place where it is written."""
    for place, tests in _all(names):
        yield place.path, tests


def priorities(names: Vocabulary) -> Iterator[Finding]:
    """Yield priorities by an attribute that say nothing of some of its values."""
    for name, service in names.services.items():
        if not service.priority or not service.priority[-1].when:
            continue
        tests = [test for case in service.priority for test in case.when]
        key = tests[0].key
        said = {value for test in tests for value in test.values}
        missing = [value for value in names.attributes.get(key, ()) if value not in said]
        if missing:
            message = (
                f"nothing is said of {listed(missing)};"
                f" every value of {key} needs a priority, or write `else:`"
            )
            yield ("services", name, "priority"), message


def _all(names: Vocabulary) -> Iterator[tuple[Place, tuple[Test, ...]]]:
    """Yield every condition of a scenario."""
    scenario = names.scenario
    for name, attribute in scenario.attributes.items():
        episodes = attribute.of == "episode"
        special = CALENDAR | {"cause"} if episodes else frozenset[str]()
        path: Path = ("attributes", name, "shares")
        for number, case in enumerate(attribute.shares or ()):
            here = (*case_path(path, attribute.shares or (), number), "when")
            yield Place(here, special, episodes), case.when
    for name, service in scenario.services.items():
        for field, path, cases in fields(name, service):
            special = BY_FIELD.get(field, AT_REQUEST | {"stream"})
            if service.route_at == "start" and field in {"stay", "max_stay", "plan_ahead"}:
                special |= {"to"}
            for number, case in enumerate(cases):
                here = (*case_path(path, cases, number), "when")
                yield Place(here, special, service=service), case.when
        for number, entry in enumerate(service.alongside):
            here = (*case_path(("services", name, "alongside"), service.alongside, number), "when")
            yield Place(here, AT_REQUEST | {"stream"}, service=service), entry.when
    for name, standard in scenario.standards.items():
        yield Place(("standards", name, "when"), frozenset({"cause"})), standard.when
    for name, start in scenario.start.services.items():
        yield Place(("start", name, "who"), episodes=False), start.who
        for k, one in enumerate(start.waiting):
            yield Place(("start", name, "waiting", k, "who"), episodes=False), one.who
    for name, programme in scenario.programmes.items():
        yield Place(("programmes", name, "who"), episodes=False), programme.who
        for number, lasts in enumerate(programme.lasts):
            path = case_path(("programmes", name, "lasts"), programme.lasts, number)
            yield Place((*path, "when"), episodes=False), lasts.when


def _one(names: Vocabulary, place: Place, test: Test) -> Iterator[Finding]:
    path = (*place.path, test.key)
    if test.key in names.attributes:
        yield from _attribute(names, replace(place, path=path), test)
    elif test.key == "age":
        yield path, "age is known only where there is a `population`, or where arrivals fix it"
    elif test.key not in SPECIAL:
        yield path, unknown("attribute", test.key, [*names.attributes, *SPECIAL])
    elif test.key not in place.special:
        yield path, _no_answer(test.key, place)
    else:
        for value in test.values:
            message = _special(names, place, test.key, value)
            if message:
                yield (*path, value), message


def _attribute(names: Vocabulary, place: Place, test: Test) -> Iterator[Finding]:
    if test.key in names.of_episode and not place.episodes:
        message = (
            f"'{test.key}' belongs to an episode (`of: episode`), and here nobody is in one;"
            " accepted are attributes `of: person`"
        )
        yield place.path, message
        return
    known = names.attributes[test.key]
    if test.key == "age":
        return
    for value in test.values:
        if not values_meant(value, known):
            yield (*place.path, value), unknown(f"value of {test.key}", value, known)


def _no_answer(key: str, place: Place) -> str:
    """Return why a test cannot be answered where it stands."""
    reasons = {
        "event": "`event` can be tested only in `next`, where a stay has ended",
        "to": (
            "`to` can be tested only in `stay`, `max_stay` and `plan_ahead` of a service with"
            " `route_at: start`, where the way on is known before the stay begins"
        ),
        "stream": "`stream` is not known here: it is decided when a place is asked for",
    }
    if place.service is not None and key in reasons:
        return reasons[key]
    accepted = sorted(place.special)
    others = f" and {listed(accepted)}" if accepted else ""
    return f"`{key}` has no answer here; accepted are attributes{others}"


def _special(names: Vocabulary, place: Place, key: str, value: str) -> str | None:
    """Return what is wrong with one value of a special test, or None."""
    look = {"from": _from, "via": _via, "holds": _holds, "open": _open}.get(key)
    if look is not None:
        return look(names, value)
    service = place.service
    if key == "programme":
        known_here = names.scenario.programmes
        return None if value in known_here else unknown("programme", value, known_here)
    if key == "cause":
        return None if value in names.causes else unknown("cause", value, names.causes)
    if key == "event":
        if value != "max_stay":
            return unknown("event", value, ["max_stay"])
        if service is not None and not service.max_stay:
            return "the event max_stay never comes: the service has no `max_stay`"
        return None
    if key == "to" and service is not None:
        known = names.targets(service)
        return None if value in known else unknown("target of this service", value, known)
    if key == "stream" and service is not None:
        known = names.streams(service)
        return None if value in known else unknown("stream of this service", value, known)
    return None


def _from(names: Vocabulary, value: str) -> str | None:
    base = names.base(value) or value
    if base in names.in_place:
        return (
            f"nobody is ever *at* '{value}': it is received in place, while the present place is"
            f" kept; test `via: {value}` instead"
        )
    return None if base in names.places else unknown("present place", value, names.places)


def _via(names: Vocabulary, value: str) -> str | None:
    base = names.base(value) or value
    if base in names.places:
        return (
            f"'{value}' is a present place, not a step received in place;"
            f" test `from: {value}` instead"
        )
    if base in names.in_place:
        return None
    return unknown("service received in place", value, names.in_place)


def _holds(names: Vocabulary, value: str) -> str | None:
    kept = [name for name, service in names.services.items() if service.keeps_place is not None]
    base = names.base(value)
    if base is None:
        return unknown("service with `keeps_place`", value, kept)
    if base not in kept:
        return f"no place of '{value}' is ever kept: it has no `keeps_place`"
    return None


def _open(names: Vocabulary, value: str) -> str | None:
    base = names.base(value)
    if base is None:
        return unknown("service", value, names.services)
    if names.services[base].admits is None:
        return f"'{value}' is always open: it has no `admits` hours"
    return None
