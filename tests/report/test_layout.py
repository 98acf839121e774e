"""The layered drawing of a graph."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath_sim.report.layout import Size, lay_out

if TYPE_CHECKING:
    from carepath_sim.report.layout import Layout, Point


BOX = Size(2.0, 0.5)

Graph = tuple[int, list[tuple[str, str]]]

graphs = st.integers(2, 9).flatmap(
    lambda n: st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=20).map(
        lambda pairs: (n, [(f"n{a}", f"n{b}") for a, b in pairs])
    )
)


def drawn(n: int, edges: list[tuple[str, str]]) -> Layout:
    return lay_out({f"n{k}": BOX for k in range(n)}, edges)


def crosses(a: tuple[Point, ...], b: tuple[Point, ...]) -> bool:
    """Whether two straight stretches between the same rows cross."""
    return (a[0].x - b[0].x) * (a[-1].x - b[-1].x) < 0


@given(graphs)
def test_boxes_never_touch(graph: Graph) -> None:
    plan = drawn(*graph)
    for one, other in combinations(plan.centres.values(), 2):
        apart = abs(one.x - other.x) >= BOX.width or abs(one.y - other.y) >= BOX.height
        assert apart


@given(graphs)
def test_everything_lies_on_the_page(graph: Graph) -> None:
    plan = drawn(*graph)
    for centre in plan.centres.values():
        assert centre.x - BOX.width / 2 >= -1e-9
        assert centre.x + BOX.width / 2 <= plan.width + 1e-9
        assert centre.y + BOX.height / 2 <= plan.height + 1e-9


@given(graphs)
def test_every_arrow_runs_from_its_tail_to_its_head(graph: Graph) -> None:
    plan = drawn(*graph)
    for tail, head in graph[1]:
        if tail == head:
            continue
        path = plan.paths[tail, head]
        for box, end in ((tail, path[0]), (head, path[-1])):
            centre = plan.centres[box]
            assert abs(end.x - centre.x) <= BOX.width / 2
            assert abs(end.y - centre.y) == pytest.approx(BOX.height / 2)


@given(graphs)
def test_the_same_graph_is_drawn_alike(graph: Graph) -> None:
    assert drawn(*graph) == drawn(*graph)


def test_a_chain_runs_straight_down() -> None:
    plan = drawn(3, [("n0", "n1"), ("n1", "n2")])
    assert [plan.centres[f"n{k}"].x for k in range(3)] == pytest.approx([1.0] * 3)
    heights = [plan.centres[f"n{k}"].y for k in range(3)]
    assert heights == sorted(heights)


def test_an_arrow_back_up_is_turned_round_not_lost() -> None:
    plan = drawn(2, [("n0", "n1"), ("n1", "n0")])
    assert plan.centres["n0"].y < plan.centres["n1"].y
    assert plan.paths["n1", "n0"][0].y > plan.paths["n1", "n0"][-1].y


def test_crossings_that_can_be_avoided_are_avoided() -> None:
    """Written in this order, a-d and b-c would cross."""
    plan = lay_out(dict.fromkeys("abcd", BOX), [("a", "d"), ("b", "c")])
    assert not crosses(plan.paths["a", "d"], plan.paths["b", "c"])


def test_a_long_arrow_passes_beside_the_boxes_between() -> None:
    plan = drawn(3, [("n0", "n1"), ("n1", "n2"), ("n0", "n2")])
    between = plan.centres["n1"]
    beside = [p for p in plan.paths["n0", "n2"] if abs(p.y - between.y) <= BOX.height]
    assert beside
    assert all(abs(p.x - between.x) > BOX.width / 2 for p in beside)
