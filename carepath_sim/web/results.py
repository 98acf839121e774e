"""The parts of the page: the question, the answer, delays, costs, pathway, kept runs, files."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from carepath_sim.web import answer, areas, curves, keeping, sharing, taking
from carepath_sim.web import dials as d

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.web.desk import Desk
    from carepath_sim.web.limits import Limits
    from carepath_sim.web.outcome import Outcome
    from carepath_sim.web.request import Request, Way

ANSWER, DELAYS, COSTS, CURVE, PATHWAY, KEPT, TAKE = (
    "Answer",
    "Delays by reason",
    "Cost by payer",
    "Capacity curve",
    "Pathway",
    "Kept runs",
    "Take away",
)
LARGE = 1900
"""Width of a pathway in which every letter can be read [px]."""
FINER = 3
"""Times as many replications as there were are offered for narrower intervals."""
ROOM = 0.8
"""Part of the time that a run may take which is given away; other work may slow it down."""
QUICK = {"replications": 16, "least": 4, "seconds": 32.0}
"""The quick question: as many replications as fit into half a minute."""


def heading(scenario: Scenario) -> None:
    """Show what this is."""
    st.title(scenario.area or scenario.name)
    st.html(f'<div class="cp-sub">{escape(scenario.title or "")}</div>')


def question(scenario: Scenario, name: str, now: Way) -> Request | None:
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
            f"**With {capacity} {d.within(beds.title)}: ring-fence {fences[0]} for {first}, "
            f"{fences[1]}, or share?**"
        )
        moved = " Asked of the scenario as written, whatever the dials say." * bool(now.sets)
        left.caption(f"About half a minute, with as many replications as that allows.{moved}")
        if right.button("Answer it", type="primary", width="stretch", key="quick"):
            return sharing.quick(name, pool, streams, capacity, fences, **QUICK)
    return None


def sections(name: str, now: Way, desk: Desk) -> Request | None:
    """Show one part of the page at a time; return a request when the part asks for a run."""
    state = st.session_state
    found: Outcome | None = state.get("shown")
    parts = [ANSWER, DELAYS, COSTS] * (found is not None) + [PATHWAY, CURVE]
    parts += [KEPT] * bool(state["kept"]) + [TAKE] * (found is not None)
    if state.get("section") not in parts:
        state["section"] = parts[0]
    chosen = st.segmented_control(
        "Part", parts, key="section", label_visibility="collapsed", width="stretch"
    )
    if chosen == CURVE:
        return curves.curves(name, list(areas.dials_of(name)), now, found, state.get("curve"))
    if chosen == KEPT:
        keeping.side_by_side()
    elif found is None or chosen == PATHWAY:
        pathway(name)
    else:
        if found.request.scenario != name:
            st.info(
                f"These are the figures of {areas.choices()[found.request.scenario]}, which was "
                "run last; press Run for those of this one."
            )
        return shown(found, chosen or ANSWER, desk)
    return None


def pathway(name: str) -> None:
    """Show the pathway, whole or as large as its letters ask for."""
    large = st.toggle("Large enough to read every box", key="large")
    with st.container(key="pathway"):
        st.image(areas.pathway_of(name), width=LARGE if large else "stretch")


def shown(found: Outcome, part: str, desk: Desk) -> Request | None:
    """Show a part of what a run found; return the same question with more replications."""
    if part == DELAYS:
        answer.delays(found)
    elif part == COSTS:
        answer.costs(found)
    elif part == TAKE:
        taking.take(found, desk, st.session_state["who"])
    else:
        answer.answer(found)
        keeping.keep(found, desk.limits)
        asked = more(found, desk.limits)
        answer.every_figure(found)
        return asked
    return None


def more(found: Outcome, limits: Limits) -> Request | None:
    """Offer the same question with more replications; return it when somebody asks.

    No more are offered than there is time for.
    """
    in_time = ROOM * limits.minutes * 60 * found.replications / max(found.seconds, 1.0)
    number = int(min(FINER * found.replications, limits.replications, in_time))
    if number <= found.replications:
        return None
    minutes = found.seconds * number / found.replications / 60
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.markdown(
        f"**The same question with {number} replications**, for intervals about "
        f"{(number / found.replications) ** 0.5:.1f} times narrower: "
        f"about {max(1, round(minutes))} min."
    )
    if right.button("Ask again", width="stretch", key="finer"):
        return replace(found.request, replications=number, least=number, seconds=0.0)
    return None
