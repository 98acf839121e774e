"""The capacity curve: what more or fewer beds would do."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from carepath_sim.report.lines import measure_words
from carepath_sim.web import charts, taking
from carepath_sim.web import dials as d
from carepath_sim.web.answer import draw
from carepath_sim.web.differences import shown, spread
from carepath_sim.web.looks import table
from carepath_sim.web.request import WRITTEN, Request, Way

if TYPE_CHECKING:
    from carepath_sim.web.outcome import CurvePoint, Outcome

POINTS = 6
"""Capacities of a curve."""
WIDE = 244
"""Width of a picture [px]: three of them at a desk, two on a tablet."""
CALLED: Final = {
    "occupancy_share": "Occupied",
    "p_full": "Full, share of time",
    "wait_p90": "Wait of nine in ten, at most",
    "given_up": "Gave up waiting",
}
"""Measures whose short names say little."""


def curves(
    name: str, some: list[d.Dial], now: Way, found: Outcome | None, curve: Outcome | None
) -> Request | None:
    """Show the curve that was drawn last; return a request when somebody asks for another.

    Parameters
    ----------
    name, some
        The scenario, and its dials.
    now
        What the dials set.
    found, curve
        The run and the curve that this person was shown last.
    """
    beds = {dial.title: dial for dial in some if dial.group == d.BEDS}
    if not beds:
        st.info("This scenario has no beds or places with one number.")
        return None
    way, asked = _ask(name, beds, _settings(name, now, found))
    if curve is not None and curve.request.scenario == name:
        drawn, path = curve.request.ways[0], f"pools.{curve.request.pool}.capacity"
        dial = next(one for one in some if one.key == path)
        if _but_for(drawn, path) != _but_for(way, path):
            st.warning(
                f"This curve is out of date. It is of: {drawn.label}. The settings above are: "
                f"{way.label}. Draw it again to see what they do."
            )
        show(curve, dial)
    return asked


def _settings(name: str, now: Way, found: Outcome | None) -> dict[str, Way]:
    """Return with which settings a curve may be drawn: dials, ways of the run shown, as written."""
    of_run = found.request.ways if found is not None and found.request.scenario == name else ()
    moved = [one for one in (now, *of_run) if one.sets]
    return {one.label: one for one in (*_unlike(moved), Way(WRITTEN))}


def _unlike(ways: list[Way]) -> list[Way]:
    """Return each setting once, with the first of its names."""
    found: dict[str, Way] = {}
    for one in ways:
        found.setdefault(json.dumps(sorted(one.sets)), one)
    return list(found.values())


def _but_for(way: Way, path: str) -> dict[str, Any]:
    """Return what decides a curve: all that a way sets, but for the capacity that is varied."""
    return {field: value for field, value in way.sets if field != path}


def _ask(name: str, beds: dict[str, d.Dial], ways: dict[str, Way]) -> tuple[Way, Request | None]:
    """Show with which settings which beds are varied; return the settings, and what is asked."""
    labels = list(ways)
    if len(labels) > 1:
        # Whoever moves a dial is offered what the dials say, whatever was chosen before.
        chosen = st.selectbox("With the settings", labels, key=f"{name}:with:{labels}")
    else:
        chosen = labels[0]
        st.caption("The scenario as written: move a dial, and the curve is of what the dials say.")
    way = ways[chosen]
    left, middle, right = st.columns([2, 3, 1], vertical_alignment="bottom")
    with left:
        dial = beds[st.selectbox("Which", list(beds), key=f"{name}:curve")]
    low, high, here = int(dial.low), int(dial.high), _capacity(way, dial)
    # In fives where there are many, which are easier to speak of.
    step = 5 if dial.value >= 50 else 1
    start = (_round((low + here) / 2, step), _round((high + here) / 2, step))
    with middle:
        ends = st.slider(
            f"From and to [{dial.unit}]", low, high, start, key=f"{name}:curve:{dial.key}:{here}"
        )
    with right:
        pressed = st.button("Draw it", type="primary", width="stretch", key="draw")
    if not pressed:
        return way, None
    pool = dial.key.split(".")[1]
    return way, Request(name, (way,), pool, 4, capacities=capacities(*ends))


def _capacity(way: Way, dial: d.Dial) -> int:
    """Return the capacity that a way has itself."""
    return int(dict(way.sets).get(dial.key, dial.value))


def capacities(low: int, high: int) -> tuple[int, ...]:
    """Return capacities in equal steps and both ends, as `carepath capacity` has them.

    >>> capacities(100, 150), capacities(3, 5), capacities(88, 162)
    ((100, 110, 120, 130, 140, 150), (3, 4, 5), (88, 103, 118, 133, 148, 162))
    """
    step = max(1, -(-(high - low) // (POINTS - 1)))
    return (*range(low, high, step), high) if low < high else (low, low + 1)


def show(found: Outcome, dial: d.Dial) -> None:
    """Show a curve, and with which settings it was drawn."""
    (way,) = found.request.ways
    here = _capacity(way, dial)
    first, last = found.points[0].capacity, found.points[-1].capacity
    st.subheader(f"{dial.title}, {first} to {last}")
    st.html(f'<p class="cp-note">{escape(_belongs(way, dial, here))}</p>')
    if found.knee:
        st.html(f'<div class="cp-verdict cp-open">{escape(found.knee)}</div>')
    with st.container(horizontal=True, gap="small"):
        for rows, spec in charts.curve(found, dial.title, here):
            draw(rows, spec, WIDE)
    # What nobody does at any capacity has no row.
    all_ = [one for point in found.points for one in point.figures]
    names = list(dict.fromkeys(name for name, _, mean, *_ in all_ if mean))
    of_hours = {one[0] for one in all_ if one[1] == "h"}
    cells = [
        [
            escape(CALLED.get(name) or measure_words(name)) + ", hours" * (name in of_hours),
            *(_cell(point, name) for point in found.points),
        ]
        for name in names
    ]
    words = (
        f"{found.window}; {found.replications} replications of each capacity with the same people "
        "and luck. Means, with 95 % intervals below."
    )
    heads = [f"{point.capacity}" for point in found.points]
    st.html(f'<div style="overflow-x:auto">{table(["Capacity", *heads], cells, words)}</div>')
    taking.curve(found)


def _belongs(way: Way, dial: d.Dial, here: int) -> str:
    """Return in words which settings a curve belongs to."""
    path = dial.key.removesuffix("capacity") + "policy"
    policy = dict(way.sets).get(path)
    parts = isinstance(policy, dict) and "priority" not in policy
    what = f"With these settings: {way.label}" if way.sets else "The scenario as written"
    own = ", and own beds keep their proportion" if parts else ""
    return f"{what}. Only the number varies{own}; the dashed line is at {dial.text(here)}."


def _cell(point: CurvePoint, name: str) -> str:
    for measure, unit, mean, low, high in point.figures:
        if measure == name:
            return f"{shown(mean, unit)}<small>{spread(low, high, unit)}</small>"
    return ""


def _round(value: float, step: int) -> int:
    return round(value / step) * step
