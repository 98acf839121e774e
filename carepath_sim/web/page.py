"""The page: an area and its pathway, dials, a run, and what it found."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from carepath_sim.errors import CarepathError
from carepath_sim.web import areas, controls, results
from carepath_sim.web.desk import Desk
from carepath_sim.web.looks import CSS

if TYPE_CHECKING:
    from carepath_sim.web.request import Request

POLL = 0.7
"""Time between two looks at a run [s]."""
RUN = "run"
"""Where the address of the page names the run that it shows."""


@lru_cache(maxsize=1)
def desk() -> Desk:
    """Return the one desk of this server."""
    return Desk()


def page() -> None:
    """Show the page."""
    st.set_page_config("carepath", page_icon=None, layout="wide", initial_sidebar_state="expanded")
    st.html(CSS)
    state = st.session_state
    state.setdefault("who", uuid4().hex)
    state.setdefault("kept", [])
    _taken_up()
    with st.sidebar:
        names = areas.choices()
        start = list(names).index(areas.first())
        name = st.selectbox(
            "Area", list(names), start, format_func=names.__getitem__, key="area", on_change=_opened
        )
    try:
        scenario = areas.scenario_of(name)
    except CarepathError as error:
        st.error(str(error))
        return
    with st.sidebar:
        now, asked = controls.controls(scenario, name, desk().limits)
    results.heading(scenario)
    for one in (results.question(scenario, name, now), asked):
        if one is not None:
            hand_in(one)
    running()
    asked = results.sections(name, now, desk())
    if asked is not None:
        hand_in(asked)
        st.rerun()


def _opened() -> None:
    """Begin with the pathway where another area is chosen, not with figures of the last one."""
    st.session_state["section"] = results.PATHWAY


def _taken_up() -> None:
    """Take up the run of the address, so that whoever loads the page again loses nothing."""
    state, key = st.session_state, st.query_params.get(RUN, "")
    if "key" in state or not key:
        return
    request = desk().join(state["who"], key)
    if request is not None and request.scenario in areas.choices():
        state["key"], state["area"] = key, request.scenario


def hand_in(request: Request) -> None:
    """Hand in a run, or say why not."""
    state = st.session_state
    try:
        state["key"] = st.query_params[RUN] = desk().hand_in(state["who"], request)
    except CarepathError as error:
        st.error(str(error))


def running() -> None:
    """Show how the run stands that this person waits for."""
    key = st.session_state.get("key")
    if key is None:
        return
    found = desk().look(st.session_state["who"], key)
    if found.state in {"waiting", "working"}:
        st.fragment(_progress, run_every=POLL)(key)
        return
    _settled(key)


def _progress(key: str) -> None:
    found = desk().look(st.session_state["who"], key)
    if found.state not in {"waiting", "working"}:
        st.rerun(scope="app")
    if found.state == "waiting":
        others = "1 run comes" if found.ahead == 1 else f"{found.ahead} runs come"
        words = (
            f"Waiting: {others} first. Your turn comes by itself." if found.ahead else "Starting"
        )
    elif not found.done:
        words = f"Loading the area and its people, {found.seconds:.0f} seconds"
    else:
        words = f"{found.done} of {found.of} simulations done, {found.seconds:.0f} seconds"
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    with left:
        st.progress(min(found.done / found.of, 1.0) if found.of else 0.0, text=words)
    with right:
        st.button("Cancel", key="cancel", on_click=_cancel, args=(key,), width="stretch")


def _cancel(key: str) -> None:
    desk().cancel(st.session_state["who"], key)


def _settled(key: str) -> None:
    """Take over what a run found; it stays on the page till the next one."""
    state = st.session_state
    found = desk().look(state["who"], key)
    if found.state == "done" and state.get("shown_key") != key:
        outcome, state["shown_key"] = desk().outcome(key), key
        # What is shown next begins with the answer, or with the curve that was asked for.
        state["curve" if outcome.points else "shown"] = outcome
        state["section"] = results.CURVE if outcome.points else results.ANSWER
    elif found.state == "failed":
        st.error(f"The run failed: {found.words}")
    elif found.state == "ended":
        st.info(f"The run was ended: {found.words}. Press Run to begin again.")
