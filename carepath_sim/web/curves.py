"""The capacity curve: what more or fewer beds would do."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

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
WIDE = 244
"""Width of a picture [px]: three of them at a desk, two on a tablet."""
CALLED: Final = {"p_full": "Full, share of time", "wait_p90": "Wait of nine in ten, at most"}
"""Measures whose short names say little."""


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
    # In fives where there are many, which are easier to speak of.
    step = 5 if dial.value >= 50 else 1
    start = (_round((low + dial.value) / 2, step), _round((high + dial.value) / 2, step))
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
    """Return capacities in equal steps and both ends, as `carepath capacity` has them.

    >>> capacities(100, 150), capacities(3, 5), capacities(88, 162)
    ((100, 110, 120, 130, 140, 150), (3, 4, 5), (88, 103, 118, 133, 148, 162))
    """
    step = max(1, -(-(high - low) // (POINTS - 1)))
    return (*range(low, high, step), high) if low < high else (low, low + 1)


def show(found: Outcome) -> None:
    """Show a curve."""
    st.subheader(found.labels[0])
    if found.knee:
        st.html(f'<div class="cp-verdict cp-open">{escape(found.knee)}</div>')
    with st.container(horizontal=True, gap="small"):
        for rows, spec in charts.curve(found, found.labels[0].split(",")[0]):
            draw(rows, spec, WIDE)
    names = list(dict.fromkeys(one[0] for point in found.points for one in point.figures))
    of_hours = {one[0] for point in found.points for one in point.figures if one[1] == "h"}
    cells = [
        [
            escape(CALLED.get(name) or measure_words(name)) + ", hours" * (name in of_hours),
            *(_cell(point, name) for point in found.points),
        ]
        for name in names
    ]
    words = (
        f"{found.window}; the scenario as written but for its capacity, "
        f"{found.replications} replications of each capacity with the same people and luck. "
        "Means, with 95 % intervals below."
    )
    heads = [f"{point.capacity}" for point in found.points]
    st.html(f'<div style="overflow-x:auto">{table(["Capacity", *heads], cells, words)}</div>')


def _cell(point: CurvePoint, name: str) -> str:
    for measure, unit, mean, low, high in point.figures:
        if measure == name:
            return f"{shown(mean, unit)}<small>{shown(low, unit)} to {shown(high, unit)}</small>"
    return ""


def _round(value: float, step: int) -> int:
    return round(value / step) * step
