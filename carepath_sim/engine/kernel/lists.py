"""Small lists of a person: what is kept, counted, set for a time, and turns that are kept."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import inner
from carepath_sim.engine.kernel.columns import FREE_NODE, NODES


@inner
def new_node(K: Any, a: int, b: int, d: int) -> int:
    """Return a new node that holds three numbers."""
    S = K.S
    node = S.scalars[FREE_NODE]
    if node >= 0:
        S.scalars[FREE_NODE] = S.nodes[node, 0]
    else:
        node = S.scalars[NODES]
        S.scalars[NODES] = node + 1
    S.nodes[node, 0] = -1
    S.nodes[node, 1] = a
    S.nodes[node, 2] = b
    S.nodes[node, 3] = d
    return node


@inner
def free_node(K: Any, node: int) -> None:
    """Give a node back."""
    S = K.S
    S.nodes[node, 0] = S.scalars[FREE_NODE]
    S.scalars[FREE_NODE] = node


@inner
def find(K: Any, person: int, column: int, a: int) -> int:
    """Return the node of a person's list whose first number is `a`, or -1."""
    S = K.S
    node = S.people[person, column]
    while node >= 0 and S.nodes[node, 1] != a:
        node = S.nodes[node, 0]
    return node


@inner
def push(K: Any, person: int, column: int, a: int, b: int, d: int) -> None:
    """Put numbers at the front of a person's list."""
    S = K.S
    node = new_node(K, a, b, d)
    S.nodes[node, 0] = S.people[person, column]
    S.people[person, column] = node


@inner
def append(K: Any, person: int, column: int, a: int, b: int, d: int) -> None:
    """Put numbers at the end of a person's list."""
    S = K.S
    node = new_node(K, a, b, d)
    last = S.people[person, column]
    if last < 0:
        S.people[person, column] = node
        return
    while S.nodes[last, 0] >= 0:
        last = S.nodes[last, 0]
    S.nodes[last, 0] = node


@inner
def remove(K: Any, person: int, column: int, node: int) -> None:
    """Take a node out of a person's list."""
    S = K.S
    before = S.people[person, column]
    if before == node:
        S.people[person, column] = S.nodes[node, 0]
    else:
        while S.nodes[before, 0] != node:
            before = S.nodes[before, 0]
        S.nodes[before, 0] = S.nodes[node, 0]
    free_node(K, node)


@inner
def clear(K: Any, person: int, column: int) -> None:
    """Empty a person's list."""
    S = K.S
    node = S.people[person, column]
    while node >= 0:
        after = S.nodes[node, 0]
        free_node(K, node)
        node = after
    S.people[person, column] = -1
