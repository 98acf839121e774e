"""Circles of people who each wait for the next one's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.engine.interpreted import rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from carepath_sim.engine.pools import Pool
    from carepath_sim.engine.state import Request


def find_circle(
    blocked: Iterable[Request], pools: list[Pool], is_open: Callable[[int], bool]
) -> list[Request]:
    """Return people who can all move at once, each into the place of the next; empty if none.

    Of each group (service, stream, pool and units where they are; service, stream and units that
    they wait for) only the first in queue order stands for it. The search starts in queue order,
    breadth first, and the first path that returns to its start is the circle.
    """
    groups: dict[tuple[int, ...], Request] = {}
    for request in sorted(blocked, key=lambda r: r.key):
        if is_open(request.service):
            place = request.person.place
            here = (place.service, place.stream, place.pool, place.units)
            groups.setdefault((*here, request.service, request.stream, request.units), request)
    candidates = list(groups.values())
    after = {id(r): [q for q in candidates if _may_follow(r, q, pools)] for r in candidates}
    for start in candidates:
        came_from: dict[int, Request] = {}
        frontier = [start]
        while frontier:
            following: list[Request] = []
            for request in frontier:
                for other in after[id(request)]:
                    if other is start:
                        path = [request]
                        while path[-1] is not start:
                            path.append(came_from[id(path[-1])])
                        return path[::-1]
                    if id(other) not in came_from:
                        came_from[id(other)] = request
                        following.append(other)
            frontier = following
    return []


def _may_follow(request: Request, other: Request, pools: list[Pool]) -> bool:
    """Tell whether one person may take the place that another holds."""
    place = other.person.place
    if place.pool not in request.pools:
        return False
    pool = pools[place.pool]
    return bool(
        rules.may_follow(
            pool.tables,
            pool.index,
            pool.step,
            pool.local(request.stream),
            request.units,
            place.local,
            place.units,
        )
    )
