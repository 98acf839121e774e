"""The scorecard as a picture: targets and what came out, by month."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.experiment.scorecard import TO_DATE, Score, scores
from carepath_sim.measures.aims import better
from carepath_sim.measures.periods import WINDOW, month_names
from carepath_sim.report.colours import BLUE, ORANGE
from carepath_sim.report.forest import NothingToDrawError
from carepath_sim.report.heat import cells
from carepath_sim.report.scorecard import MONTHS, figure_words
from carepath_sim.report.told import Grid, Told, source_of, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from carepath_sim.experiment.results import RunResult

# A figure this part away from its target has the full colour.
FULL = 0.5
STRENGTH = 0.55
LETTERS = 44
COLOURS = {True: BLUE, False: ORANGE, None: "#8A8A8A"}
VERDICTS = {True: "met", False: "missed", None: ""}


def scorecard_figure(result: RunResult, ax: Axes | None = None) -> Axes:
    """Draw actual figures over their targets, a row a measure and a column a month.

    Blue has met its target, orange has missed it, the stronger the further away; grey where more is
    neither good nor bad (`carepath_sim.measures.aims`). The words in the cells say the same.

    Parameters
    ----------
    result
        What `carepath_sim.run` returned.
    ax
        Where to draw; None: a figure of its own.

    Raises
    ------
    NothingToDrawError
        When the scenario has no targets with figures.
    """
    import matplotlib.pyplot as plt

    months = month_names(result.plan)
    found: dict[str, dict[str, Score]] = {}
    for one in scores(result.plan, result.done):
        found.setdefault(one.name, {})[one.period] = one
    shown = [rows for rows in found.values() if not math.isnan(rows[WINDOW].actual)]
    if not shown:
        raise NothingToDrawError(f"{result.label} has no targets with figures: nothing to draw")
    periods = (WINDOW, *months, TO_DATE)
    axes = ax
    if axes is None:
        size = (max(8.0, 3.6 + 0.62 * len(periods)), 1.8 + 0.54 * len(shown))
        _, axes = plt.subplots(figsize=size, layout="constrained")
    colours = np.ones((len(shown), len(periods), 3))
    for row, of in enumerate(shown):
        for column, period in enumerate(periods):
            score = of.get(period)
            if score is None or math.isnan(score.actual):
                continue
            colours[row, column] = _colour(score)
            axes.text(
                column,
                row,
                _cell(score),
                ha="center",
                va="center",
                fontsize=7,
                linespacing=1.1,
            )
    cells(axes, colours)
    heads = ["Total", *(f"{MONTHS[int(one[5:]) - 1]}\n{one[:4]}" for one in months), "To date"]
    axes.set_xticks(range(len(periods)), heads, fontsize=8)
    axes.xaxis.tick_top()
    titles = [textwrap.fill(_title(of[WINDOW]), LETTERS) for of in shown]
    axes.set_yticks(range(len(shown)), titles, fontsize=7.5)
    axes.set_xlabel(
        "Mean of the replications, with its target in brackets (≤: at most, ≥: at least).\n"
        "Blue: met; orange: missed; grey: more is neither good nor bad",
        fontsize=8,
    )
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_yticks(np.arange(len(shown) + 1) - 0.5, minor=True)
    axes.grid(which="minor", axis="y", color="#DDDDDD", linewidth=0.8)
    axes.tick_params(which="minor", length=0)
    return tell(axes, _told(result, shown, periods, heads))


def _title(score: Score) -> str:
    per = f" a {score.per}" if score.per and score.per != "year" else ""
    return f"{score.title}{per}"


def _cell(score: Score) -> str:
    """Return what stands in a cell: the figure, its target, and what comes of it."""
    actual = figure_words(score.actual, score.unit)
    if math.isnan(score.target):
        return actual
    sign = {-1: "≤", 0: "", 1: "≥"}[better(score.measure)]
    lines = (actual, f"({sign}{figure_words(score.target, score.unit)})", VERDICTS[score.met])
    return "\n".join(filter(None, lines))


def _colour(score: Score) -> np.ndarray:
    from matplotlib.colors import to_rgb

    if math.isnan(score.target) or score.actual == score.target:
        return np.ones(3)
    # Of a target of 0 nothing is a part: what misses it has the full colour.
    apart = (score.actual - score.target) / abs(score.target) if score.target else FULL
    colour = np.array(to_rgb(COLOURS[score.met]))
    part = STRENGTH * min(abs(apart) / FULL, 1.0)
    found: np.ndarray = 1 - part * (1 - colour)
    return found


def _told(
    result: RunResult,
    shown: Sequence[Mapping[str, Score]],
    periods: Sequence[str],
    heads: Sequence[str],
) -> Told:
    def cell(score: Score | None) -> str:
        if score is None or math.isnan(score.actual):
            return ""
        actual = figure_words(score.actual, score.unit)
        if math.isnan(score.target):
            return actual
        limit = {-1: "at most ", 0: "", 1: "at least "}[better(score.measure)]
        target = f"target {limit}{figure_words(score.target, score.unit)}"
        return f"{actual} ({', '.join(filter(None, (target, VERDICTS[score.met])))})"

    totals = [of[WINDOW] for of in shown if not math.isnan(of[WINDOW].target)]
    said = "; ".join(f"{_title(one)}: {cell(one)}" for one in totals[:8])
    text = f"A table of {len(shown)} measures by month, each figure over its target. " + (
        f"In all: {said}." if said else "No measure has a target for the whole time."
    )
    rows = tuple(
        (f"{_title(of[WINDOW])}", of[WINDOW].unit, *(cell(of.get(one)) for one in periods))
        for of in shown
    )
    columns = ("Measure", "Unit", *(head.replace("\n", " ") for head in heads))
    grid = Grid("Mean of the replications, with the target where there is one.", columns, rows)
    return Told(
        f"Scorecard: targets and actual figures, {result.label}", text, source_of([result]), grid
    )
