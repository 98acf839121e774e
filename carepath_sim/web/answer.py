"""The answer of a run: a sentence, a card a way, and every figure with its interval."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from carepath_sim.web import areas, charts
from carepath_sim.web.differences import WORDS, Change, changes, spread
from carepath_sim.web.looks import table
from carepath_sim.web.outcome import REASONS
from carepath_sim.web.verdict import standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.web.outcome import Outcome, Series

CARD: Final = {
    "emergency_admissions": "Emergency admissions",
    "delayed_transfer_days": "Delayed days",
    "costs": "Costs",
}
"""Figures on the card of a way."""
MEANING: Final = {
    "admissions_caused": "people brought to hospital who were not under: {first}",
    "admissions_avoided": "people kept from hospital who came there under: {first}",
    "admissions_after_diversion": "to hospital because no place was free elsewhere",
    "step_up_admissions": "into a community bed from home",
}
"""Figures whose name does not say what they are."""
HOW: Final = (
    "First column of figures: mean over the replications, with its 95 % interval. Other columns: "
    "mean, difference from the first column, and the 95 % interval of that difference. Intervals "
    "say how exactly the replications tell a figure, not whether the assumptions are right. "
    "No clear difference is not the same as no difference: more replications may tell."
)


def basis(found: Outcome) -> str:
    """Return what the figures rest on."""
    return (
        f"{found.title}. {found.window}, simulated {found.replications} times with the same people "
        f"and luck in all (seed {found.request.seed}), in {found.seconds:.0f} seconds."
    )


def answer(found: Outcome) -> None:
    """Show what a run comes to."""
    stands = standing(found)
    if stands.headline:
        kind = "" if stands.decided else " cp-open"
        st.html(f'<div class="cp-verdict{kind}">{escape(stands.headline)}</div>')
    if stands.reasons:
        points = "".join(f"<li>{escape(one)}</li>" for one in stands.reasons)
        st.html(f'<ul class="cp-why">{points}</ul>')
    st.html(cards(found))
    st.html(f'<p class="cp-note">{not_known(found)}</p>')


def every_figure(found: Outcome) -> None:
    """Show all figures of a run but for the reasons of delay, which have a part of their own."""
    st.subheader("Every figure")
    figures(found, [one for one in found.groups if one != REASONS])


def not_known(found: Outcome) -> str:
    """Return what the intervals are not about, with the numbers that nobody has a source for."""
    name = found.request.scenario
    grounds = areas.grounds_of(name)
    return (
        f"<b>What the intervals leave out.</b> They tell luck alone, for the numbers as they are "
        f"written. Of the {grounds.numbers:,} numbers of this scenario {grounds.supposed:,} are "
        f"assumptions without a source, and {grounds.ranged:,} have a range in which the truth may "
        f"lie. <code>carepath assumptions {escape(name)}</code> lists them, "
        "the weakest first."
    )


def cards(found: Outcome) -> str:
    """Return a card for each way, with its key figures."""
    made = []
    for way, label in enumerate(found.labels):
        all_ = {(one.series.measure, one.series.stratum): one for one in changes(found, way)}
        lines = []
        for measure, words in CARD.items():
            one = all_.get((measure, "all"))
            if one is None:
                continue
            value = one.said(one.other.mean)
            if way:
                value = f'<span class="cp-{one.verdict}">{difference(one)}</span>'
            lines.append(f"<div><span>{words}</span><span>{value}</span></div>")
        made.append(f'<div class="cp-card"><b>{escape(label)}</b>{"".join(lines)}</div>')
    return f'<div class="cp-cards">{"".join(made)}</div>'


def difference(one: Change) -> str:
    """Return a difference as a card has it."""
    if one.verdict in {"same", "unclear"}:
        return WORDS[one.verdict]
    return f"{one.difference[0]} ({WORDS[one.verdict]})"


def delays(found: Outcome) -> None:
    """Show delayed days by reason."""
    some = [one for one in found.of(REASONS) if one.values.any()]
    if not some:
        st.info("Nobody was delayed.")
        return
    st.subheader("Delayed days by reason")
    draw(*charts.bars(found, some))
    figures(found, [REASONS], some)
    none = [one.words for one in found.of(REASONS) if not one.values.any()]
    if none:
        st.html(
            f'<p class="cp-note">No delayed days for these reasons: {escape(", ".join(none))}.</p>'
        )


def costs(found: Outcome) -> None:
    """Show costs by payer."""
    some = found.of("Costs")
    if not some:
        st.info("This scenario states no costs, so that there are none to show.")
        return
    if len(found.labels) > 1:
        st.subheader(f"Costs by payer: difference from {found.labels[0]}")
        draw(*charts.differences(found, some))
    else:
        st.subheader("Costs by payer")
        draw(*charts.bars(found, some))
    figures(found, ["Costs"])


def draw(rows: list[charts.Spec], spec: charts.Spec, width: Any = "stretch") -> None:
    """Show a picture."""
    import pandas as pd

    st.vega_lite_chart(pd.DataFrame(rows), spec, width=width, theme=None)


def figures(found: Outcome, groups: Sequence[str], some: Sequence[Series] = ()) -> None:
    """Show figures of all ways, with the differences from the first and their intervals.

    Parameters
    ----------
    found, groups
        The run, and the tables of it that are shown.
    some
        Which of their figures; none: all.
    """
    heads = ["", *map(escape, found.labels)]
    per_way = [changes(found, k) for k in range(len(found.labels))]
    rows: list[list[str]] = []
    for group in groups:
        positions = [
            k
            for k, one in enumerate(found.series)
            if one.group == group and (not some or one in some)
        ]
        rows += [[escape(group)]] if positions else []
        for k in positions:
            first = per_way[0][k]
            ends = spread(first.base.low, first.base.high, first.series.unit)
            mean = f"<span>{first.said(first.base.mean)}</span><small>{ends}</small>"
            words = _named(found.series[k], found.labels[0])
            rows.append([words, mean, *(_cell(way[k]) for way in per_way[1:])])
    st.html(table(heads, rows, basis(found)))
    st.html(f'<p class="cp-note">{HOW}</p>')


def changed(all_: Sequence[Change], heads: tuple[str, str]) -> str:
    """Return a table of the figures of two ways."""
    rows: list[list[str]] = []
    group = ""
    for one in all_:
        if one.series.group != group:
            group = one.series.group
            rows.append([escape(group)])
        words = _named(one.series, heads[0])
        rows.append([words, one.said(one.base.mean), _cell(one)])
    return table(["", *map(escape, heads)], rows)


def _named(one: Series, first: str) -> str:
    """Return the name of a figure in a table, with what it means where the name does not say."""
    text = {"nhs": "NHS"}.get(one.words, one.words[:1].upper() + one.words[1:])
    words = escape(f"{text}, hours" if one.unit == "h" else text)
    meaning = MEANING.get(one.measure, "") if one.stratum in {"all", ""} else ""
    return words + (f"<small>{escape(meaning.format(first=first))}</small>" if meaning else "")


def _cell(one: Change) -> str:
    mean, low, high = one.difference
    if one.verdict == "same":
        return f'<span>{one.said(one.other.mean)}</span><small class="cp-same">the same</small>'
    return (
        f"<span>{one.said(one.other.mean)}</span>"
        f'<small><span class="cp-{one.verdict}">{mean} '
        f"({WORDS[one.verdict]})</span></small><small>{low} to {high}</small>"
    )
