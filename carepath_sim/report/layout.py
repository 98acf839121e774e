"""Layered drawing of a directed graph: who stands in which row, where, and how arrows run.

The method of Sugiyama, Tagawa & Toda (1981): turn round the edges that close a ring, give every
node a row below all that lead to it, let long edges pass through stand-ins in the rows between,
order each row so that few edges cross, then move nodes sideways towards their neighbours.
Nothing here is random: the same graph is drawn alike everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Sweeps up and down; more never helped for graphs of the size of a pathway, and all take a moment.
ORDER_SWEEPS = 24
PLACE_SWEEPS = 200

# How strongly a stand-in is pulled straight, against 1 for a box.
STRAIGHT = 4.0


@dataclass(frozen=True)
class Size:
    """Width and height of a box."""

    width: float
    height: float


@dataclass(frozen=True)
class Point:
    """A place in the drawing; `y` grows downwards from the first row."""

    x: float
    y: float


@dataclass(frozen=True)
class Layout:
    """A finished drawing plan.

    Attributes
    ----------
    centres
        Middle of every box.
    paths
        Points of every edge from its tail to its head, as many as rows it passes.
    width, height
        Size of the whole, boxes included, from (0, 0).
    """

    centres: Mapping[str, Point]
    paths: Mapping[tuple[str, str], tuple[Point, ...]]
    width: float
    height: float


def lay_out(
    sizes: Mapping[str, Size],
    edges: Iterable[tuple[str, str]],
    *,
    gap: float = 0.3,
    row_gap: float = 0.6,
    lane: float = 0.18,
) -> Layout:
    """Place boxes in rows and route the edges between them.

    Parameters
    ----------
    sizes
        Boxes by name, in the order in which they would be read.
    edges
        Pairs of names (tail, head); one that leads to its own tail is left out of the drawing.
    gap, row_gap, lane
        Least distance between boxes of a row, between rows, and the width of a passing edge.

    Examples
    --------
    >>> box = Size(2, 1)
    >>> plan = lay_out({"a": box, "b": box}, [("a", "b")], row_gap=1)
    >>> plan.centres["b"].y - plan.centres["a"].y
    2.0
    """
    wanted = dict.fromkeys((tail, head) for tail, head in edges if tail != head)
    turned = _edges_that_close_rings(sizes, wanted)
    downward = list(dict.fromkeys(_down(edge, turned) for edge in wanted))
    rows = _rows(sizes, downward)
    grid, chains = _with_stand_ins(sizes, downward, rows)
    links = [link for chain in chains.values() for link in pairwise(chain)]
    _reduce_crossings(grid, links)
    widths = {node: sizes[node].width if node in sizes else lane for row in grid for node in row}
    across = _sideways(grid, links, widths, gap, real=sizes)
    return _finish(sizes, wanted, turned, chains, grid, across, row_gap)


def _down(edge: tuple[str, str], turned: set[tuple[str, str]]) -> tuple[str, str]:
    return (edge[1], edge[0]) if edge in turned else edge


def _edges_that_close_rings(
    nodes: Iterable[str], edges: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Edges that lead back to somebody on the way from where the search came."""
    out: dict[str, list[str]] = {node: [] for node in nodes}
    has_entry = set()
    for tail, head in edges:
        out[tail].append(head)
        has_entry.add(head)
    back: set[tuple[str, str]] = set()
    state: dict[str, int] = {}  # 1 on the way, 2 done
    for start in sorted(out, key=lambda node: node in has_entry):
        if start in state:
            continue
        state[start] = 1
        way = [(start, iter(out[start]))]
        while way:
            node, heads = way[-1]
            for head in heads:
                if state.get(head) == 1:
                    back.add((node, head))
                elif head not in state:
                    state[head] = 1
                    way.append((head, iter(out[head])))
                    break
            else:
                state[node] = 2
                way.pop()
    return back


def _rows(nodes: Iterable[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Row of each node: one below the lowest that leads to it."""
    row = dict.fromkeys(nodes, 0)
    for _ in range(len(row)):
        moved = False
        for tail, head in edges:
            if row[head] <= row[tail]:
                row[head] = row[tail] + 1
                moved = True
        if not moved:
            break
    # A node without anybody above comes down to just over its first follower.
    entered = {head for _, head in edges}
    for node in row:
        below = [row[head] for tail, head in edges if tail == node]
        if node not in entered and below:
            row[node] = min(below) - 1
    return row


def _with_stand_ins(
    nodes: Iterable[str], edges: Sequence[tuple[str, str]], row: Mapping[str, int]
) -> tuple[list[list[str]], dict[tuple[str, str], list[str]]]:
    """Rows with a stand-in wherever an edge passes, and the chain of names of each edge."""
    grid: list[list[str]] = [[] for _ in range(max(row.values(), default=0) + 1)]
    for node in nodes:
        grid[row[node]].append(node)
    chains = {}
    for tail, head in edges:
        passing = [f"\0{tail}\0{head}\0{at}" for at in range(row[tail] + 1, row[head])]
        for at, name in zip(range(row[tail] + 1, row[head]), passing, strict=True):
            grid[at].append(name)
        chains[tail, head] = [tail, *passing, head]
    return grid, chains


def _reduce_crossings(grid: list[list[str]], links: Sequence[tuple[str, str]]) -> None:
    """Order the rows by the mean position of neighbours, keeping the best order seen."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for upper, lower in links:
        below.setdefault(upper, []).append(lower)
        above.setdefault(lower, []).append(upper)
    best = [list(row) for row in grid]
    fewest = _crossings(grid, below)
    for sweep in range(ORDER_SWEEPS):
        downwards = sweep % 2 == 0
        order = range(1, len(grid)) if downwards else range(len(grid) - 2, -1, -1)
        for at in order:
            fixed = {node: i for i, node in enumerate(grid[at - 1 if downwards else at + 1])}
            neighbours = above if downwards else below
            own = {node: i for i, node in enumerate(grid[at])}
            grid[at].sort(key=lambda node: _mean_position(node, neighbours, fixed, own))
        _swap_neighbours(grid, below)
        now = _crossings(grid, below)
        if now < fewest:
            fewest, best = now, [list(row) for row in grid]
    grid[:] = best


def _mean_position(
    node: str,
    neighbours: Mapping[str, list[str]],
    fixed: Mapping[str, int],
    own: Mapping[str, int],
) -> float:
    places = [fixed[other] for other in neighbours.get(node, ()) if other in fixed]
    return sum(places) / len(places) if places else float(own[node])


def _swap_neighbours(grid: list[list[str]], below: Mapping[str, list[str]]) -> None:
    """Swap two side by side wherever that saves a crossing."""
    for at, row in enumerate(grid):
        for i in range(len(row) - 1):
            before = _crossings_near(grid, at, below)
            row[i], row[i + 1] = row[i + 1], row[i]
            if _crossings_near(grid, at, below) >= before:
                row[i], row[i + 1] = row[i + 1], row[i]


def _crossings_near(grid: Sequence[Sequence[str]], at: int, below: Mapping[str, list[str]]) -> int:
    return sum(
        _crossings_between(grid[i], grid[i + 1], below)
        for i in (at - 1, at)
        if 0 <= i < len(grid) - 1
    )


def _crossings(grid: Sequence[Sequence[str]], below: Mapping[str, list[str]]) -> int:
    return sum(_crossings_between(upper, lower, below) for upper, lower in pairwise(grid))


def _crossings_between(
    upper: Sequence[str], lower: Sequence[str], below: Mapping[str, list[str]]
) -> int:
    place = {node: i for i, node in enumerate(lower)}
    ends = [
        end
        for node in upper
        for end in sorted(place[head] for head in below.get(node, ()) if head in place)
    ]
    return sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])


def _sideways(
    grid: Sequence[Sequence[str]],
    links: Sequence[tuple[str, str]],
    widths: Mapping[str, float],
    gap: float,
    *,
    real: Mapping[str, Size],
) -> dict[str, float]:
    """Middle of each node across the page: near its neighbours, never over the next one."""
    near: dict[str, list[str]] = {}
    for upper, lower in links:
        near.setdefault(upper, []).append(lower)
        near.setdefault(lower, []).append(upper)
    weight = {node: 1.0 if node in real else STRAIGHT for node in widths}
    x = {}
    for row in grid:
        at = 0.0
        for node in row:
            x[node] = at + widths[node] / 2
            at += widths[node] + gap
    for sweep in range(PLACE_SWEEPS):
        for row in grid if sweep % 2 == 0 else reversed(grid):
            wish = [_pull(node, near, x, weight) for node in row]
            apart = [0.0]
            for left, right in pairwise(row):
                apart.append(apart[-1] + (widths[left] + widths[right]) / 2 + gap)
            # Least-squares places that keep the order: a monotone fit of wish minus distance.
            fitted = _monotone(
                [w - a for w, a in zip(wish, apart, strict=True)], [weight[n] for n in row]
            )
            for node, place, distance in zip(row, fitted, apart, strict=True):
                x[node] = place + distance
    edge = min(x[node] - widths[node] / 2 for node in x)
    return {node: place - edge for node, place in x.items()}


def _pull(
    node: str,
    near: Mapping[str, list[str]],
    x: Mapping[str, float],
    weight: Mapping[str, float],
) -> float:
    others = near.get(node)
    if not others:
        return x[node]
    return sum(x[other] * weight[other] for other in others) / sum(weight[o] for o in others)


def _monotone(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Nearest non-decreasing sequence by weighted least squares (pool adjacent violators)."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, v, m), (b, w, n) = blocks[-2:]
            blocks[-2:] = [((a * v + b * w) / (v + w), v + w, m + n)]
    return [value for value, _, count in blocks for _ in range(count)]


def _finish(
    sizes: Mapping[str, Size],
    edges: Iterable[tuple[str, str]],
    turned: set[tuple[str, str]],
    chains: Mapping[tuple[str, str], list[str]],
    grid: Sequence[Sequence[str]],
    x: Mapping[str, float],
    row_gap: float,
) -> Layout:
    """Give rows their height and edges their points on the rims of the boxes."""
    middle: dict[str, float] = {}
    top: dict[int, float] = {}
    bottom: dict[int, float] = {}
    row_of = {node: at for at, row in enumerate(grid) for node in row}
    y = 0.0
    for at, row in enumerate(grid):
        height = max((sizes[node].height for node in row if node in sizes), default=0.0)
        top[at], bottom[at] = y, y + height
        for node in row:
            middle[node] = y + height / 2
        y += height + row_gap
    exits = _ports(sizes, chains, x, leaving=True)
    entries = _ports(sizes, chains, x, leaving=False)
    paths = {}
    for edge in edges:
        key = _down(edge, turned)
        chain = chains[key]
        points = [Point(exits[key], middle[key[0]] + sizes[key[0]].height / 2)]
        for node in chain[1:-1]:
            points += [Point(x[node], top[row_of[node]]), Point(x[node], bottom[row_of[node]])]
        points.append(Point(entries[key], middle[key[1]] - sizes[key[1]].height / 2))
        paths[edge] = tuple(reversed(points)) if edge in turned else tuple(points)
    right = max(x[node] + (sizes[node].width / 2 if node in sizes else 0.0) for node in x)
    return Layout(
        centres={node: Point(x[node], middle[node]) for node in sizes},
        paths=paths,
        width=right,
        height=y - row_gap,
    )


def _ports(
    sizes: Mapping[str, Size],
    chains: Mapping[tuple[str, str], list[str]],
    x: Mapping[str, float],
    *,
    leaving: bool,
) -> dict[tuple[str, str], float]:
    """Where each edge touches its box: side by side, in the order of where it comes from."""
    at_box: dict[str, list[tuple[float, tuple[str, str]]]] = {}
    for key, chain in chains.items():
        box, neighbour = (chain[0], chain[1]) if leaving else (chain[-1], chain[-2])
        at_box.setdefault(box, []).append((x[neighbour], key))
    ports = {}
    for box, ends in at_box.items():
        ends.sort()
        span = sizes[box].width * 0.8
        for i, (_, key) in enumerate(ends):
            ports[key] = x[box] + span * ((i + 0.5) / len(ends) - 0.5)
    return ports
