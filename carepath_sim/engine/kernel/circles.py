"""Circles of people who each wait for the next one's place."""

from __future__ import annotations

from typing import Any

import numpy as np

from carepath_sim.engine.compiling import batch, inner
from carepath_sim.engine.kernel.columns import *
from carepath_sim.engine.kernel.lines import (
    asked,
    comes_before,
    is_open,
    leave_line,
    local_of,
    look_for_circles,
    pools_of,
)
from carepath_sim.engine.kernel.memory import kernel_of
from carepath_sim.engine.kernel.moves import IN_CIRCLE, grant, stays_kept
from carepath_sim.engine.kernel.parts import part
from carepath_sim.engine.rules import may_follow


@part
def circle_is_possible(m: int) -> bool:
    """Tell whether pools wait for each other at all: peel those that nobody waits for."""
    K = kernel_of(m)
    waits = K.S.waits
    n = len(waits)
    alive = np.zeros((n, n), dtype=np.bool_)
    left = 0
    for a in range(n):
        for b in range(n):
            if waits[a, b] > 0:
                alive[a, b] = True
                left += 1
    while left:
        peeled = 0
        onward = np.zeros(n, dtype=np.bool_)
        for a in range(n):
            for b in range(n):
                if alive[a, b]:
                    onward[a] = True
        for a in range(n):
            for b in range(n):
                if alive[a, b] and not onward[b]:
                    alive[a, b] = False
                    peeled += 1
        if peeled == 0:
            return True
        left -= peeled
    return False


@inner
def follows(K: Any, request: int, other: int) -> bool:
    """Tell whether one person may take the place that another holds."""
    S = K.S
    R, L = S.requests, S.places
    place = S.people[R[other, R_PERSON], P_PLACE]
    pool = L[place, L_POOL]
    wanted = False
    first, last = pools_of(K, request)
    for entry in range(first, last):
        wanted = wanted or asked(K, request, entry) == pool
    if pool < 0 or not wanted:
        return False
    return may_follow(
        K.P, pool, S.pools[pool, Q_STEP], local_of(K, pool, R[request, R_STREAM]),
        R[request, R_UNITS], L[place, L_LOCAL], L[place, L_UNITS],
    )  # fmt: skip


@inner
def same_group(K: Any, a: int, b: int) -> bool:
    """Tell whether two requests lead from the same kind of place to the same kind of place."""
    S = K.S
    R, L = S.requests, S.places
    here, there = S.people[R[a, R_PERSON], P_PLACE], S.people[R[b, R_PERSON], P_PLACE]
    return (
        L[here, L_SERVICE] == L[there, L_SERVICE]
        and L[here, L_STREAM] == L[there, L_STREAM]
        and L[here, L_POOL] == L[there, L_POOL]
        and L[here, L_UNITS] == L[there, L_UNITS]
        and R[a, R_SERVICE] == R[b, R_SERVICE]
        and R[a, R_STREAM] == R[b, R_STREAM]
        and R[a, R_UNITS] == R[b, R_UNITS]
    )


@batch
def candidates(m: int) -> Any:
    """Return the first blocked request of each group, in queue order."""
    K = kernel_of(m)
    S = K.S
    R = S.requests
    n = S.scalars[BLOCKED]
    found = np.empty(n, dtype=np.int64)
    size = 0
    for k in range(n):
        request = S.blocked[k]
        if not is_open(K, R[request, R_SERVICE]):
            continue
        here = S.people[R[request, R_PERSON], P_PLACE]
        if stays_kept(K, here, R[request, R_SERVICE]):
            continue
        placed = False
        for j in range(size):
            if same_group(K, request, found[j]):
                placed = True
                if comes_before(K, request, found[j]):
                    found[j] = request
                break
        if not placed:
            found[size] = request
            size += 1
    for k in range(1, size):  # few: one for each group
        request = found[k]
        j = k - 1
        while j >= 0 and comes_before(K, request, found[j]):
            found[j + 1] = found[j]
            j -= 1
        found[j + 1] = request
    return found[:size]


@batch
def find_circle(m: int) -> Any:
    """Return people who can all move at once, each into the place of the next; empty if none."""
    K = kernel_of(m)
    among = candidates(K.m)
    n = len(among)
    path = np.empty(n, dtype=np.int64)
    came_from = np.empty(n, dtype=np.int64)
    queue = np.empty(n, dtype=np.int64)
    for start in range(n):
        came_from[:] = -1
        head, tail = 0, 1
        queue[0] = start
        while head < tail:
            k = queue[head]
            head += 1
            for other in range(n):
                if not follows(K, among[k], among[other]):
                    continue
                if other == start:
                    length = 0
                    step = k
                    while step != start:
                        path[length] = step
                        length += 1
                        step = came_from[step]
                    path[length] = start
                    length += 1
                    ordered = np.empty(length, dtype=np.int64)
                    for j in range(length):
                        ordered[j] = among[path[length - 1 - j]]
                    return ordered
                if came_from[other] < 0:
                    came_from[other] = k
                    queue[tail] = other
                    tail += 1
    return path[:0]


@part
def resolve_circle(m: int) -> None:
    """Move a circle of people who wait for each other's places, all at once."""
    K = kernel_of(m)
    S = K.S
    S.scalars[LOOKING] = 0
    if not circle_is_possible(K.m):
        return
    path = find_circle(K.m)
    n = len(path)
    if n == 0:
        return
    onto = np.empty(n, dtype=np.int64)
    for k in range(n):
        following = S.requests[path[(k + 1) % n], R_PERSON]
        onto[k] = S.places[S.people[following, P_PLACE], L_POOL]
    for k in range(n):
        leave_line(K.m, path[k])
    for k in range(n):
        grant(K.m, path[k], onto[k], IN_CIRCLE)
    look_for_circles(K)
