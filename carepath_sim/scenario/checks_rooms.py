"""Waiting rooms, services alongside, and steps asked for together whose wait can end."""

from __future__ import annotations

from collections.abc import Iterator

from carepath_sim.scenario.besides import received_alongside
from carepath_sim.scenario.checks_cases import case_path
from carepath_sim.scenario.checks_flow import asked_alone, possible, requests
from carepath_sim.scenario.checks_vocabulary import Vocabulary, led_to
from carepath_sim.scenario.checks_words import Finding, Path, listed, unknown
from carepath_sim.scenario.values import AllOf

MOST_ALONGSIDE = 16
"""Services that can be received alongside one stay."""


def waiting_rooms(names: Vocabulary) -> Iterator[Finding]:
    """Yield waiting rooms of steps that nobody could enter."""
    for name, service in names.services.items():
        room = service.waiting_room
        if room is None or not service.in_place:
            continue
        path: Path = ("services", name, "waiting_room")
        if room.from_inside.value > 0:
            message = (
                "who waits in a place for a step received there stays in that place; only callers"
                " from elsewhere can be limited: write `from_outside:`"
            )
            yield (*path, "from_inside"), message
        if room.setting != "own_home":
            message = "who waits for a step received in place stays where they are: leave it out"
            yield (*path, "setting"), message


def rooms_without_effect(names: Vocabulary) -> Iterator[Finding]:
    """Yield waiting rooms where nobody waits."""
    for name, service in names.services.items():
        if service.waiting_room is not None and not service.pool:
            message = "has no effect: without a pool a place is granted at once"
            yield ("services", name, "waiting_room"), message


def alongside(names: Vocabulary) -> Iterator[Finding]:
    """Yield what cannot be received alongside a stay."""
    for name, service in names.services.items():
        path: Path = ("services", name, "alongside")
        if len(service.alongside) > MOST_ALONGSIDE:
            message = (
                f"{len(service.alongside)} services are named;"
                f" accepted are at most {MOST_ALONGSIDE}"
            )
            yield path, message
        seen: list[str] = []
        for number, entry in enumerate(service.alongside):
            here = case_path(path, service.alongside, number)
            base = names.base(entry.service)
            if entry.service in seen and not entry.when:
                yield here, f"'{entry.service}' is named twice"
            seen.append(entry.service)
            if base is None:
                yield here, unknown("service received in place", entry.service, names.in_place)
            elif base not in names.in_place:
                message = (
                    f"'{entry.service}' is a place of its own; what is received alongside a stay"
                    f" must be `in_place: true`, accepted: {listed(names.in_place)}"
                )
                yield here, message
    yield from _never_on_the_way(names)


def _never_on_the_way(names: Vocabulary) -> Iterator[Finding]:
    """Yield services received alongside that would lead somewhere, or are steps on a way, too."""
    beside = received_alongside(names.scenario)
    steps = asked_alone(names) | {
        base
        for service in names.services.values()
        for case in service.next
        for branch in case.value
        if isinstance(branch.to, AllOf)
        for base in map(names.meant, led_to(branch)[:-1])
        if base is not None
    }
    for name in names.services:
        service = names.services[name]
        if name not in beside or not service.in_place:
            continue
        path: Path = ("services", name)
        if name in steps:
            message = (
                "is received alongside a stay, and is a step on somebody's way as well; write two"
                " services, which may draw on one pool"
            )
            yield path, message
            continue
        for field, reason in (
            ("next", "it refers nobody on: the stay does"),
            ("decides", "it decides nothing"),
        ):
            if getattr(service, field):
                yield (
                    (*path, field),
                    f"what is received alongside a stay has no `{field}`: {reason}",
                )


def steps_that_turn_away(names: Vocabulary) -> Iterator[Finding]:
    """Yield steps of several at once that divert people to a place of its own.

    What stands in for such a step is received in place, and the step is done when that is done.
    """
    found: dict[Path, tuple[str, str]] = {}
    for request in requests(names):
        service = names.services[request.service]
        if request.alone or not service.in_place or not service.pool:
            continue
        path: Path = ("services", request.service)
        for case in possible(names, service, service.max_wait, request):
            if case.value.to is not None:
                number = service.max_wait.index(case)
                here = case_path((*path, "max_wait"), service.max_wait, number)
                found[(*here, "to")] = request.service, case.value.to
        if service.waiting_room is not None and service.waiting_room.to is not None:
            here = (*path, "waiting_room", "when_full", "to")
            found[here] = request.service, service.waiting_room.to
    for here, (step, to) in sorted(found.items(), key=str):
        base = names.base(to)
        if base not in names.in_place and (base is not None or to in names.ends):
            message = (
                f"'{step}' is one of several services received together, so that nobody can be"
                f" sent to '{to}' in its stead; accepted are other services received in place"
                f" ({listed(names.in_place)}), or no `to:`, and the others go on without it"
            )
            yield here, message
