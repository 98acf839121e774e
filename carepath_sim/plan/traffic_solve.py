"""Traffic equations: the flow into each station is what arrives plus what others send on."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from carepath_sim.plan.laws import Array
    from carepath_sim.plan.traffic_people import Crowd

K = TypeVar("K", bound="Hashable")

Sets = tuple[tuple[str, str], ...]

LARGEST = 4_000_000
"""Entries of the equations solved at once."""

ROUNDS = 5_000
"""Rounds after which a flow that goes on is looked at."""

STILL_THERE = 1e-3
"""Part of those who came that must still go round then, to be taken as going round for ever."""

ENDLESS = 1e9
"""Times that a person comes by beyond which nobody ever leaves."""


def solve(
    crowd: Crowd,
    arriving: Mapping[K, Array],
    edges: Mapping[K, Sequence[tuple[K, Array, Sets]]],
) -> dict[K, Array]:
    """Return the flow into each station, by class.

    Parameters
    ----------
    crowd
        The classes.
    arriving
        What comes from outside the network [people a day].
    edges
        By station: the next ones, the share that goes there by class, attributes set on the way.

    Returns
    -------
    dict
        People a day by class; infinite where they go round for ever.

    Notes
    -----
    Jackson (1957), Operations Research 5, 518-521, equation of the total flows: x = a + P'x, by
    class, one group of stations that lead to each other after the other.
    """
    flow = {
        key: np.array(np.broadcast_to(arriving.get(key, 0.0), crowd.shape), dtype=np.float64)
        for key in edges
    }
    for group in groups({key: [to for to, _, _ in out] for key, out in edges.items()}):
        inside = set(group)
        if len(group) > 1 or any(to in inside for to, _, _ in edges[group[0]]):
            _settle(crowd, flow, group, edges)
        for key in group:
            for to, share, sets in edges[key]:
                if to not in inside:
                    flow[to] += sent(crowd, flow[key], share, sets)
    return flow


def sent(crowd: Crowd, amount: Array, share: Array, sets: Sets) -> Array:
    """Return the share of an amount that goes on, by the class it has after attributes are set."""
    with np.errstate(invalid="ignore"):
        part = np.where(share > 0, amount * share, 0.0)  # also where the amount is infinite
    for name, value in sets:
        part = crowd.set_to(part, name, value)
    return part


def _settle(
    crowd: Crowd,
    flow: dict[K, Array],
    group: Sequence[K],
    edges: Mapping[K, Sequence[tuple[K, Array, Sets]]],
) -> None:
    """Find the flows of stations that lead to each other, from what comes to them from others."""
    inside = [
        (key, to, share, sets) for key in group for to, share, sets in edges[key] if to in group
    ]
    if not any(sets for _, _, _, sets in inside):
        _solve_directly(crowd, flow, group, [(key, to, share) for key, to, share, _ in inside])
        return
    # Attributes that are set carry people from class to class: go round till nobody is left.
    latest = {key: flow[key].copy() for key in group}
    first = left = sum(float(amount.sum()) for amount in latest.values())
    recent: deque[dict[K, Array]] = deque(maxlen=len(group))
    for _ in range(ROUNDS):
        following = {key: np.zeros(crowd.shape) for key in group}
        for key, to, share, sets in inside:
            following[to] += sent(crowd, latest[key], share, sets)
        for key in group:
            flow[key] += following[key]
        latest = following
        recent.append(latest)
        left = sum(float(amount.sum()) for amount in latest.values())
        if left <= first * 1e-12:
            return
    if left > first * STILL_THERE:
        for key in group:
            flow[key][np.any([amounts[key] > 0 for amounts in recent], axis=0)] = np.inf


def _solve_directly(
    crowd: Crowd,
    flow: dict[K, Array],
    group: Sequence[K],
    inside: Iterable[tuple[K, K, Array]],
) -> None:
    """Solve (I - P') x = a for every class at once."""
    number = {key: n for n, key in enumerate(group)}
    size, classes = len(group), int(np.prod(crowd.shape, dtype=int))
    arriving = np.stack([flow[key].ravel() for key in group], axis=1)
    onward: dict[tuple[int, int], Array] = {}
    for key, to, share in inside:
        at = number[to], number[key]
        onward[at] = onward.get(at, np.zeros(classes)) + np.broadcast_to(share, crowd.shape).ravel()
    step = max(1, LARGEST // size**2)
    for first in range(0, classes, step):
        part = slice(first, min(classes, first + step))
        equations = np.tile(np.eye(size), (part.stop - first, 1, 1))
        for (row, column), shares in onward.items():
            equations[:, row, column] -= shares[part]
        found = _unknowns(equations, arriving[part])
        for key, n in number.items():
            flow[key].reshape(-1)[part] = found[:, n]


def _unknowns(equations: Array, arriving: Array) -> Array:
    """Return the flows; infinite where the equations have no solution because nobody leaves."""
    # A class nobody is in may well go round for ever.
    empty = ~np.any(arriving > 0, axis=1)
    equations[empty] = np.eye(equations.shape[1])
    try:
        found = np.linalg.solve(equations, arriving[..., None])[..., 0]
    except np.linalg.LinAlgError:
        found = np.full(arriving.shape, np.inf)
        for k, (matrix, amount) in enumerate(zip(equations, arriving, strict=True)):
            if np.linalg.matrix_rank(matrix) == len(matrix):
                found[k] = np.linalg.solve(matrix, amount)
    limit = ENDLESS * arriving.sum(axis=1, keepdims=True)
    endless = ~np.isfinite(found) | (found < -1e-9 * limit) | (found > limit)
    return np.where(endless, np.inf, np.maximum(found, 0.0))


def groups(links: Mapping[K, Sequence[K]]) -> list[list[K]]:
    """Return the groups of nodes that lead to each other, earlier ones first.

    Notes
    -----
    Tarjan (1972), SIAM Journal on Computing 1, 146-160, without recursion.

    Examples
    --------
    >>> groups({"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": []})
    [['a'], ['b', 'c'], ['d']]
    """
    order: dict[K, int] = {}
    lowest: dict[K, int] = {}
    open_nodes: list[K] = []
    waiting: set[K] = set()
    found: list[list[K]] = []
    for origin in links:
        work = [(origin, iter(links[origin]))] if origin not in order else []
        if work:
            order[origin] = lowest[origin] = len(order)
            open_nodes.append(origin)
            waiting.add(origin)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in order:
                    order[target] = lowest[target] = len(order)
                    open_nodes.append(target)
                    waiting.add(target)
                    work.append((target, iter(links[target])))
                    break
                if target in waiting:
                    lowest[node] = min(lowest[node], order[target])
            else:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[node])
                if lowest[node] == order[node]:
                    at = open_nodes.index(node)
                    found.append(open_nodes[at:])
                    waiting.difference_update(open_nodes[at:])
                    del open_nodes[at:]
    return found[::-1]
