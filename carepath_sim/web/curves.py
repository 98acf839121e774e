"""The capacity curve: what more or fewer beds would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from carepath_sim.report.lines import measure_words
from carepath_sim.web import charts
from carepath_sim.web import dials as d
from carepath_sim.web.answer import draw
from carepath_sim.web.differences import shown
from carepath_sim.web.looks import table
from carepath_sim.web.request import Request, Way

if TYPE_CHECKING:
    from carepath_sim.web.outcome import CurvePoint, Outcome

POINTS = 6
"""Capacities of a curve."""


def ask(name: str, some: list[d.Dial]) -> Request | None:
    """Show which beds are varied from where to where; return a request when somebody asks."""
    beds = {dial.title: dial for dial in some if dial.group == d.BEDS}
    if not beds:
        st.info("This scenario has no beds or places with one number.")
        return None
    left, middle, right = st.columns([2, 3, 1], vertical_alignment="bottom")
    with left:
        dial = beds[st.selectbox("Which", list(beds), key=f"{name}:curve")]
    low, high = int(dial.low), int(dial.high)
    start = (round((low + dial.value) / 2), round((high + dial.value) / 2))
    with middle:
        ends = st.slider(
            f"From and to [{dial.unit}]", low, high, start, key=f"{name}:curve:{dial.key}"
        )
    with right:
        pressed = st.button("Draw it", type="primary", width="stretch", key="draw")
    if not pressed:
        return None
    way = Way(f"{dial.title}, {ends[0]} to {ends[1]}")
    pool = dial.key.split(".")[1]
    return Request(name, (way,), pool, 4, capacities=capacities(*ends))


def capacities(low: int, high: int) -> tuple[int, ...]:
    """Return capacities in equal steps, both ends among them or nearly.

    >>> capacities(100, 150), capacities(3, 5)
    ((100, 110, 120, 130, 140, 150), (3, 4, 5))
    """
    step = max(1, -(-(high - low) // (POINTS - 1)))
    found = tuple(range(low, high + 1, step))
    return found if len(found) > 1 else (low, low + 1)


def show(found: Outcome) -> None:
    """Show a curve."""
    st.subheader(found.labels[0])
    draw(*charts.curve(found, found.labels[0].split(",")[0]))
    if found.knee:
        st.markdown(found.knee)
    names = list(dict.fromkeys(one[0] for point in found.points for one in point.figures))
    rows = [
        [str(point.capacity), *(_cell(point, name) for name in names)] for point in found.points
    ]
    heads = ["Capacity", *map(measure_words, names)]
    words = (
        f"{found.window}; {found.replications} replications of each capacity with the same people "
        "and luck. Means, with 95 % intervals below."
    )
    st.html(f'<div style="overflow-x:auto">{table(heads, rows, words)}</div>')


def _cell(point: CurvePoint, name: str) -> str:
    for measure, unit, mean, low, high in point.figures:
        if measure == name:
            return f"{shown(mean, unit)}<small>{shown(low, unit)} to {shown(high, unit)}</small>"
    return ""
