"""Waiting rooms as places of their own, behind all that is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.plan import tables as tb
from carepath_sim.plan.plan import ServiceInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from carepath_sim.scenario.model import Service
    from carepath_sim.scenario.values import Number


def limit(number: Number) -> int:
    """Return how many people a part of a waiting room holds."""
    return min(tb.UNLIMITED, int(min(number.value, float(tb.UNLIMITED))))


def places(
    written: Sequence[tuple[str, str, str | None, Service]], infos: Sequence[ServiceInfo]
) -> Iterator[ServiceInfo]:
    """Yield the waiting rooms of services in their order.

    Who waits for a step received in place keeps the present place, so that its room is none.
    """
    number = {info.name: k for k, info in enumerate(infos)}
    for full, _, _, service in written:
        if service.waiting_room is not None and not service.in_place:
            k = number[full]
            name, title = f"waiting room of {full}", f"Waiting room of {infos[k].title}"
            yield ServiceInfo(
                name, title, name, service.waiting_room.setting, room_of=k,
                responsible=infos[k].responsible,
            )  # fmt: skip
