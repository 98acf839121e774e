"""Which services are received alongside stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.scenario.model import Scenario, Service


def received_alongside(scenario: Scenario) -> frozenset[str]:
    """Return the written names of the services received alongside stays.

    Those that stand in for one of them, where its patience ends or its callers are turned away,
    are received alongside, too.
    """
    found: set[str] = set()
    todo = [entry.service for service in scenario.services.values() for entry in service.alongside]
    while todo:
        name = todo.pop().partition("[")[0]
        service = scenario.services.get(name)
        if service is not None and name not in found:
            found.add(name)
            todo += diversions(service)
    return frozenset(found)


def diversions(service: Service) -> Iterator[str]:
    """Yield the targets of those whose patience ends, and of those who are turned away."""
    if not service.pool:
        return
    for case in service.max_wait:
        if case.value.to is not None:
            yield case.value.to
    if service.waiting_room is not None and service.waiting_room.to is not None:
        yield service.waiting_room.to
