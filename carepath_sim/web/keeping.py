"""Runs that a person keeps, to set them side by side or to take them away later."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from carepath_sim.web.answer import basis, changed
from carepath_sim.web.differences import between

if TYPE_CHECKING:
    from carepath_sim.web.limits import Limits
    from carepath_sim.web.outcome import Outcome


@dataclass(frozen=True)
class Kept:
    """A run with the name that somebody gave it."""

    name: str
    found: Outcome


def keep(found: Outcome, limits: Limits) -> None:
    """Offer to keep a run."""
    kept: list[Kept] = st.session_state["kept"]
    if any(one.found.request == found.request for one in kept):
        st.caption("This run is kept.")
        return
    if len(kept) >= limits.kept:
        st.caption(f"{limits.kept} runs are kept, which is as many as there may be.")
        return
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    start = f"{found.area}: {_called(found)}"
    name = left.text_input("Keep this run as", start, max_chars=80, key=f"name:{found.request.key}")
    if right.button("Keep", width="stretch", key="keep"):
        kept.append(Kept(name or start, found))
        st.rerun()


def side_by_side() -> None:
    """Show the kept runs, and two ways of any of them beside one another."""
    kept: list[Kept] = st.session_state["kept"]
    for k, one in enumerate(kept):
        left, middle, right = st.columns([4.2, 1.2, 1.4], vertical_alignment="center")
        left.markdown(f"**{one.name}**  \n{', '.join(one.found.labels)}")
        middle.button("Show", key=f"show:{k}", width="stretch", on_click=_show, args=(one,))
        right.button("Forget", key=f"forget:{k}", width="stretch", on_click=_forget, args=(k,))
    ways = _named(kept)
    if len(ways) < 2:
        return
    st.subheader("Side by side")
    left, right = st.columns(2)
    names = list(ways)
    start = names.index(_before(kept, ways))
    first = left.selectbox("This", names, start, key="side:first")
    second = right.selectbox("against this", names, len(names) - 1, key="side:second")
    if first == second:
        return
    (one_, way), (other, other_way) = ways[first], ways[second]
    all_ = between(one_, way, other, other_way)
    if not all_:
        st.info("These runs have no figure in common.")
        return
    st.html(changed(all_, (first, second)))
    same = (one_.request.scenario, one_.request.seed) == (
        other.request.scenario,
        other.request.seed,
    )
    words = (
        "Both runs have the same people and luck: differences are taken within replications."
        if same
        else "The runs differ in scenario or seed: their replications are taken for independent."
    )
    if one_.area != other.area:
        words += " These are different areas: no figure is called better or worse."
    elif one_.window != other.window:
        words += " They count different times: no figure is called better or worse."
    st.html(f'<p class="cp-note">{words}<br>{basis(one_)}<br>{basis(other)}</p>')


def _named(kept: list[Kept]) -> dict[str, tuple[Outcome, int]]:
    """Return the ways of all kept runs by what they are called, each different.

    The area is told where there are several, and the name of the run where ways are called alike.
    """
    several = len({one.found.area for one in kept}) > 1
    all_ways = [
        (one, f"{one.found.area}: {label}" if several else label, way)
        for one in kept
        for way, label in enumerate(one.found.labels)
    ]
    often = Counter(label for _, label, _ in all_ways)
    return {
        label if often[label] == 1 else f"{label} ({one.name})": (one.found, way)
        for one, label, way in all_ways
    }


def _before(kept: list[Kept], ways: dict[str, tuple[Outcome, int]]) -> str:
    """Return what the last kept way is held against at first.

    What was moved before in the same area; else the first way of the same run.
    """
    last = kept[-1].found
    before = [one.found for one in kept[:-1] if one.found.area == last.area]
    found, way = (before[-1], len(before[-1].labels) - 1) if before else (last, 0)
    return next(name for name, one in ways.items() if one[0] is found and one[1] == way)


def _called(found: Outcome) -> str:
    if len(found.labels) <= 2:
        return found.labels[-1]
    return f"{found.labels[0]}, or {len(found.labels) - 1} other ways"


def _forget(number: int) -> None:
    del st.session_state["kept"][number]


def _show(one: Kept) -> None:
    st.session_state["shown"] = one.found
    st.session_state["section"] = "Answer"
