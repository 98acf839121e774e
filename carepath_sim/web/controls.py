"""The dials of an area, and the request that they make together."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from carepath_sim.scenario.ranged import completed
from carepath_sim.units import half_up
from carepath_sim.web import areas, sharing
from carepath_sim.web import dials as d
from carepath_sim.web.hours import EVERY_DAY, clock, hours
from carepath_sim.web.looks import mark
from carepath_sim.web.request import WRITTEN, Request, Way

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.web.limits import Limits

SHOWN = 2
"""Services whose hours stand there without being asked for."""
TIMES = [k / 2 for k in range(49)]
"""Times of the day at which hours may begin and end [h from midnight]."""
LONGEST = 60
"""Letters of the name of a run."""


def controls(scenario: Scenario, name: str, limits: Limits) -> tuple[Way, Request | None]:
    """Show the dials; return what they set together, and a request when somebody asks for a run."""
    state = st.session_state
    at = f"{name}#{state.setdefault('round', 0)}"
    sets: list[tuple[str, Any]] = []
    words: list[str] = []
    pool = d.main_pool(scenario)
    shown = areas.dials_of(name)

    def moved(dial: d.Dial) -> float:
        value = _slider(dial, at)
        if found := dial.sets(value):
            sets.extend(found)
            main = dial.key == f"pools.{pool}.capacity"
            words.append(
                dial.text(value) if main else f"{d.within(dial.title)}: {dial.text(value)}"
            )
        return value

    capacity = 0
    for group in (d.BEDS, d.STAY, d.DEMAND):
        some = [dial for dial in shown if dial.group == group]
        if some:
            st.subheader(group)
        for dial in some:
            value = moved(dial)
            if dial.key == f"pools.{pool}.capacity":
                capacity = int(value)
                _sharing(scenario, pool, capacity, at, sets, words)
    _hours(scenario, pool, at, sets, words)
    others = {dial.title: dial for dial in shown if dial.group == d.OTHER}
    if others:
        with st.expander(f"{d.OTHER} ({len(others)})"):
            for title in st.multiselect("Numbers with a range", list(others), key=f"{at}:others"):
                moved(others[title])
    # Shares that are moved alone take from the others, which go on summing to the whole.
    whole = tuple(completed(scenario, dict(sets)).items())
    # Names of dials have commas in them.
    text = ("; " if any(", " in one for one in words) else ", ").join(words)
    now = Way(text[:1].upper() + text[1:], whole) if sets else Way(WRITTEN)
    return now, _run(name, pool, now, limits)


def _hours(
    scenario: Scenario, pool: str, at: str, sets: list[tuple[str, Any]], words: list[str]
) -> None:
    """Show opening hours."""
    found = {one.title: one for one in hours(scenario, pool)}
    if not found:
        return
    with st.expander("Hours"):
        first, others = list(found)[:SHOWN], list(found)[SHOWN:]
        more = st.multiselect("Other services", others, key=f"{at}:hours") if others else []
        for title in [*first, *more]:
            one = found[title]
            begin, end = st.select_slider(
                title, TIMES, (one.begin, one.end), format_func=clock, key=f"{at}:{one.path}"
            )
            every_day = st.checkbox(
                "On seven days", one.days == EVERY_DAY, key=f"{at}:{one.path}:days"
            )
            st.html(f'<p class="cp-note">As written: {escape(one.text)}</p>')
            if moved := one.sets(begin, end, every_day=every_day):
                sets.extend(moved)
                words.append(f"{title} {moved[0][1]}")


def _slider(dial: d.Dial, at: str) -> float:
    whole = dial.step == int(dial.step) and dial.value == int(dial.value)
    kind: Any = int if whole else float
    value = st.slider(
        f"{dial.title} [{dial.counts}]" if dial.unit else dial.title,
        kind(dial.low),
        kind(dial.high),
        kind(dial.value),
        kind(dial.step),
        "%g",
        key=f"{at}:{dial.key}",
    )
    st.html(mark(dial))
    return float(value)


def _sharing(
    scenario: Scenario,
    pool: str,
    capacity: int,
    at: str,
    sets: list[tuple[str, Any]],
    words: list[str],
) -> None:
    """Show who may use the beds of a pool."""
    streams = d.streams(scenario, pool)
    if len(streams) != 2:
        return
    choice = st.selectbox("Who may use them", sharing.POLICIES, key=f"{at}:policy")
    if choice == sharing.AS_WRITTEN:
        st.html(f'<p class="cp-note">{sharing.written(scenario.pools[pool].policy, streams)}</p>')
    if choice in sharing.ONE_SIDED:
        first = st.radio(
            "In favour of", streams, format_func=sharing.words, horizontal=True, key=f"{at}:favour"
        )
        streams = tuple(sorted(streams, key=lambda name: name != first))
    one = sharing.Sharing(choice, streams, _own(choice, streams, capacity, at))
    if sharing.MEANING[choice]:
        st.caption(sharing.MEANING[choice])
    value = one.policy(capacity)
    if value is not None:
        sets.append((f"pools.{pool}.policy", value))
        words.append(one.label)


def _own(choice: str, streams: tuple[str, ...], capacity: int, at: str) -> tuple[int, int]:
    """Show how many beds are whose own; a dial for each capacity, so that it stands within it."""
    first, second = map(sharing.words, streams)
    start = min(sharing.fences(max(capacity, 1))[0], capacity)
    if choice == sharing.FENCE:
        beds = st.slider(f"Beds for {first}", 0, capacity, start, key=f"{at}:fence:{capacity}")
        st.markdown(f"**{beds}** for {first}, **{capacity - beds}** for {second}")
        return beds, capacity - beds
    if choice == sharing.KEEP_FREE:
        few = min(max(1, round(capacity / 20)), capacity)
        return st.slider(f"Kept free for {first}", 0, capacity, few, key=f"{at}:free:{capacity}"), 0
    if choice == sharing.PART:
        # As `carepath bedmix`: half of each part is its own.
        half = (half_up(start / 2), capacity - half_up((capacity - start) / 2))
        low, high = st.slider(
            f"Left of the bar {first}, right of it {second}",
            0,
            capacity,
            half,
            key=f"{at}:part:{capacity}",
        )
        st.markdown(
            f"**{low}** for {first}, **{high - low}** for whoever comes, "
            f"**{capacity - high}** for {second}"
        )
        return low, capacity - high
    return 0, 0


def _run(name: str, pool: str, now: Way, limits: Limits) -> Request | None:
    """Show what is asked for and the button that runs it."""
    st.subheader("Run")
    most = limits.replications
    replications = st.slider(
        "Replications",
        2,
        most,
        6,
        key="replications",
        help="How often each way is simulated, each time with other luck. More make the "
        "intervals narrower, and take longer.",
    )
    seed = int(st.number_input("Seed", 0, 2**32 - 1, 1, key="seed"))
    untouched = "Nothing is moved yet: the run shows the scenario as it is."
    st.caption(now.label if now.sets else untouched)
    left, right = st.columns(2)
    with right:
        st.button("Reset", on_click=_reset, width="stretch", key="reset")
    with left:
        pressed = st.button("Run", type="primary", width="stretch", key="run")
    if not pressed:
        return None
    ways = (Way(WRITTEN), *([replace(now, label=_short(now.label))] if now.sets else []))
    return Request(name, ways, pool, replications, seed=seed)


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 3].rstrip(' ,')}..."


def _reset() -> None:
    st.session_state["round"] += 1
