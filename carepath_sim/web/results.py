"""What a run found: the answer, delays, costs, the pathway, what can be taken away."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from carepath_sim.web import areas, sharing
from carepath_sim.web import dials as d
from carepath_sim.web.differences import WORDS, Change, changes
from carepath_sim.web.looks import table
from carepath_sim.web.outcome import REASONS
from carepath_sim.web.papers import REPORT, SCENARIOS, WORKBOOK

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.web.desk import Desk
    from carepath_sim.web.outcome import Outcome
    from carepath_sim.web.request import Request

ANSWER, DELAYS, COSTS, CURVE, PATHWAY, KEPT, TAKE = (
    "Answer",
    "Delays by reason",
    "Cost by payer",
    "Capacity curve",
    "Pathway",
    "Kept runs",
    "Take away",
)
QUICK = {"replications": 16, "least": 4, "seconds": 32.0}
"""The quick question: as many replications as fit into half a minute."""


def heading(scenario: Scenario) -> None:
    """Show what this is."""
    st.title(scenario.area or scenario.name)
    st.html(f'<div class="cp-sub">{escape(scenario.title or "")}</div>')


def question(scenario: Scenario, name: str) -> Request | None:
    """Ask the question that a shared bed base raises; return it when somebody wants the answer."""
    pool = d.main_pool(scenario)
    streams = d.streams(scenario, pool) if pool else ()
    beds = next((one for one in areas.dials_of(name) if one.key == f"pools.{pool}.capacity"), None)
    if len(streams) != 2 or beds is None:
        return None
    capacity = int(beds.value)
    fences = sharing.fences(capacity)
    first = sharing.words(streams[0])
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.markdown(
            f"**With {capacity} {beds.title.lower()}: ring-fence {fences[0]} for {first}, "
            f"{fences[1]}, or share?**"
        )
        left.caption("About half a minute, with as many replications as that allows.")
        if right.button("Answer it", type="primary", width="stretch", key="quick"):
            return sharing.quick(name, pool, streams, capacity, fences, **QUICK)
    return None


def sections(name: str, desk: Desk) -> None:
    """Show one part of the page at a time."""
    found: Outcome | None = st.session_state.get("shown")
    parts = [ANSWER, DELAYS, COSTS, PATHWAY, TAKE] if found is not None else [PATHWAY]
    if st.session_state.get("section") not in parts:
        st.session_state["section"] = parts[0]
    chosen = st.segmented_control(
        "Part", parts, key="section", label_visibility="collapsed", width="stretch"
    )
    if found is None or chosen == PATHWAY:
        pathway(name)
    elif chosen == DELAYS:
        compared(found, (REASONS,))
    elif chosen == COSTS:
        compared(found, ("Costs",))
    elif chosen == TAKE:
        take(found, desk)
    else:
        compared(found, tuple(one for one in found.groups if one != REASONS))


def pathway(name: str) -> None:
    """Show how people go through the services."""
    st.image(areas.pathway_of(name), width="stretch")


def compared(found: Outcome, groups: tuple[str, ...]) -> None:
    """Show figures of all ways, with the differences from the first and their intervals."""
    heads = ["", *map(escape, found.labels)]
    per_way = [changes(found, k) for k in range(len(found.labels))]
    rows: list[list[str]] = []
    for group in groups:
        positions = [k for k, one in enumerate(found.series) if one.group == group]
        rows += [[escape(group)]] if positions else []
        for k in positions:
            series = found.series[k]
            first = per_way[0][k]
            cells = [f"<span>{first.said(first.base.mean)}</span>{_interval(first)}"]
            cells += [_difference(way[k]) for way in per_way[1:]]
            rows.append([f"{escape(series.words)}", *cells])
    st.html(table(heads, rows, basis(found)))
    st.html(f'<p class="cp-note">{HOW}</p>')


HOW = (
    "First column of figures: mean, with its 95 % interval. Other columns: mean, difference from "
    "the first column, and the 95 % interval of that difference. It says how exactly the "
    "replications tell the difference, not whether the assumptions are right."
)


def basis(found: Outcome) -> str:
    """Return what the figures rest on."""
    return (
        f"{found.title}. {found.window}; {found.replications} replications with the same people "
        f"and luck in all, seed {found.request.seed}."
    )


def _interval(one: Change) -> str:
    base = one.base
    return f"<small>{one.said(base.low)} to {one.said(base.high)}</small>"


def _difference(one: Change) -> str:
    ends = (
        f"{one.said(one.interval.low, signed=True)} to {one.said(one.interval.high, signed=True)}"
    )
    if one.verdict == "same":
        return f'<span>{one.said(one.other.mean)}</span><small class="cp-same">the same</small>'
    return (
        f"<span>{one.said(one.other.mean)}</span>"
        f'<small><span class="cp-{one.verdict}">{one.said(one.interval.mean, signed=True)} '
        f"({WORDS[one.verdict]})</span></small><small>{ends}</small>"
    )


def take(found: Outcome, desk: Desk) -> None:
    """Offer the scenario files, the report and the workbook."""
    key = found.request.key
    st.markdown(
        "The scenario files hold every number of this run. The command in the first lines of each "
        "gives the same figures again, on any computer with carepath."
    )
    for words, name, kind in (
        ("Scenario files (YAML)", SCENARIOS, "application/zip"),
        ("Report (HTML)", REPORT, "text/html"),
        (
            "Workbook (Excel)",
            WORKBOOK,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ):
        content = desk.file(key, name)
        if content is None:
            st.caption(f"{words}: being written, or no longer there.")
            continue
        st.download_button(words, content, name, kind, key=f"take:{name}", on_click="ignore")
