"""The scorecard as a table: a measure has a line for its target and one for what came out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich import box

from carepath_sim.experiment.scorecard import TO_DATE, Score, scores
from carepath_sim.measures.periods import WINDOW, month_names
from carepath_sim.report.fitting import Fitted
from carepath_sim.report.lines import unit_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.experiment.results import RunResult

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_MONTHS = 12
"""Months that fit on a page; of longer windows the first are shown."""
NOT_GIVEN = ""


def scorecard_table(result: RunResult) -> Fitted:
    """Return targets and figures of a run side by side, by month."""
    months = month_names(result.plan)[:MOST_MONTHS]
    table = Fitted(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title=f"Scorecard: {result.label}",
        title_justify="left",
        caption=_caption(result),
        caption_justify="left",
    )
    table.add_column("", min_width=24, max_width=34)
    table.add_column("")
    for name in ("Total", *(MONTHS[int(month[5:]) - 1] for month in months), "YTD"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("One run", justify="right")
    rows: dict[str, dict[str, Score]] = {}
    for one in scores(result.plan, result.done):
        rows.setdefault(one.name, {})[one.period] = one
    for found in rows.values():
        first = found[WINDOW]
        shown = [found.get(period) for period in (WINDOW, *months, TO_DATE)]
        table.add_row(
            _title(first), "Target\nActual", *_cells(shown), _single(first), end_section=True
        )
    return table


def _caption(result: RunResult) -> str:
    """Return what the figures are, and the people whom rates are given for."""
    people = result.scenario.denominators
    named = (("of all ages", "all_ages"), ("adults", "adults"), ("aged 65+", "over_65"))
    counts = [
        f"{getattr(people, name).value:,.0f} {words}"
        for words, name in named
        if getattr(people, name) is not None
    ]
    given = f"Rates are for 100,000 people ({', '.join(counts)})." if counts else ""
    return " ".join(
        (
            given or "Rates are for 100,000 people.",
            "Months have their own amounts; YTD sums them.",
            "One run: where 95% of single runs lie.",
        )
    )


def _single(one: Score) -> str:
    """Return where single runs lie; nothing where that is not known."""
    if math.isnan(one.single_low):
        return NOT_GIVEN
    low = max(one.single_low, 0.0)
    high = min(one.single_high, 1.0) if unit_words(one.unit) == "%" else one.single_high
    return f"\n{figure_words(low, one.unit)}-{figure_words(high, one.unit)}"


def _title(one: Score) -> str:
    per = f" a {one.per}" if one.per and one.per != "year" else ""
    remark = " (not simulated)" if not one.measure else ""
    return f"{one.title}{per}{remark}".replace("[", "\\[")


def changes_table(comparison: Comparison) -> Fitted | None:
    """Return targets of change beside the changes from the base; None where there are none."""
    found = comparison.targets()
    if found.empty:
        return None
    title = "Targets of change, and the changes from the base"
    table = Fitted(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=title,
        title_justify="left",
        min_width=len(title) + 2,
    )
    table.add_column("")
    for name in ("Target", "Change", "95% interval"):
        table.add_column(name, justify="right")
    several = len(comparison.others) > 1
    for row in found.to_dict("records"):
        words = f"{row['title']}, {row['scenario']}" if several else str(row["title"])
        known = not math.isnan(row["low"])
        ends = f"{_percent(row['low'])} to {_percent(row['high'])}" if known else NOT_GIVEN
        figures = (_percent(row["target"]), _percent(row["actual"]))
        table.add_row(words.replace("[", "\\["), *figures, ends)
    return table


def _percent(value: float) -> str:
    return NOT_GIVEN if math.isnan(value) else f"{value:+.1%}"


def _cells(shown: Sequence[Score | None]) -> list[str]:
    """Return cells of two lines: the target, and below it what came out."""
    return [
        NOT_GIVEN
        if one is None
        else f"{figure_words(one.target, one.unit)}\n{figure_words(one.actual, one.unit)}"
        for one in shown
    ]


def figure_words(value: float, unit: str) -> str:
    """Return a figure in four characters or so, that a year stands on a page.

    >>> (
    ...     figure_words(7996.2, "admissions"),
    ...     figure_words(163_099.0, "d"),
    ...     figure_words(0.86, "share"),
    ... )
    ('7996', '163k', '86%')

    Hopes for a fall are small:

    >>> figure_words(-0.035, "share")
    '-3.5%'
    """
    if math.isnan(value):
        return NOT_GIVEN
    if unit_words(unit) == "%":
        return f"{value:.1%}" if value < 0 else f"{value:.0%}"
    if abs(value) >= 99_950:
        return f"{value / 1000:.0f}k"
    if abs(value) >= 9_999.5:
        return f"{value / 1000:.1f}k"
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.2g}"
