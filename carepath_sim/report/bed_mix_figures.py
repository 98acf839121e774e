"""Pictures of ways to share a bed base: a heat map, and the frontier of two measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.experiment.bed_mix import defined, figure_interval
from carepath_sim.report.bed_mix_answer import OF_PAIRS, all_within_zone, rows_of, unit_of
from carepath_sim.report.colours import BLUE, GREY, ORANGE
from carepath_sim.report.heat import cells, ink
from carepath_sim.report.lines import number, spread, unit_words
from carepath_sim.report.told import Grid, Told, source_line, tell

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from carepath_sim.experiment.bed_mix import BedMix
    from carepath_sim.experiment.key_figures import KeyFigure
    from carepath_sim.experiment.objective import Objective

# Inches a row and a column of the heat map take.
ROW, COLUMN = 0.27, 1.15
# Configurations whose names have room beside one another.
FEW_WAYS = 6
# Part of the level from which on a difference has the full colour.
FULL = 0.1


@dataclass(frozen=True)
class Plots:
    """Pictures of one bed mix.

    Parameters
    ----------
    mix
        What `carepath_sim.bed_mix` returned.
    """

    mix: BedMix

    def heat_map(self, ax: Axes | None = None) -> Axes:
        """Draw every figure of every configuration, with how it differs from what is written.

        The number in a cell is the mean. A cell has a colour when its difference from the scenario
        as written is certain (its interval does not hold 0): blue is better, orange is worse, grey
        where neither is. The colour is full where the difference is a tenth of the level or more,
        and faint where it is little. The best configuration is in bold.

        Parameters
        ----------
        ax
            Where to draw; None: a figure of its own.
        """
        mix = self.mix
        figures, ways = mix.figures, mix.configurations
        axes = ax if ax is not None else _axes(*_size(len(figures), len(ways)))
        colours = np.ones((len(figures), len(ways), 3))
        for (row, column), _ in np.ndenumerate(colours[..., 0]):
            figure = figures[row]
            strength = _strength(mix, column, figure)
            colours[row, column] = _colour(strength, figure.better)
            axes.text(
                column,
                row,
                number(_mean(mix, column, figure), unit_words(figure.wanted.unit)) or "-",
                ha="center",
                va="center",
                fontsize=8,
                color=ink(colours[row, column]),
            )
        cells(axes, colours)
        axes.set_xticks(range(len(ways)), [one.name for one in ways], fontsize=9)
        axes.xaxis.tick_top()
        if len(ways) > FEW_WAYS:
            for label in axes.get_xticklabels():
                label.set(rotation=35, ha="left")
        axes.get_xticklabels()[mix.selection.best].set_fontweight("bold")
        heads = [f"{one.group}: {one.words} [{unit_of(one)}]" for one in figures]
        axes.set_yticks(range(len(figures)), heads, fontsize=8)
        axes.tick_params(length=0)
        axes.set_xticks(np.arange(len(ways) + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(len(figures) + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="#DDDDDD", linewidth=0.6)
        axes.tick_params(which="minor", length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(_legend(mix), fontsize=8, loc="right")
        return tell(axes, _heat_told(mix))

    def frontier(self, ax: Axes | None = None) -> Axes:
        """Draw two measures against each other, with the configurations that no other beats.

        Both are differences from the scenario as written, replication by replication; crosses are
        their 95 % intervals.

        Parameters
        ----------
        ax
            Where to draw; None: a figure of its own.
        """
        mix = self.mix
        found = mix.frontier().sort_values("first")
        axes = ax if ax is not None else _axes(8, 5)
        on = found[found["on_frontier"]]
        axes.plot(
            on["first_difference"],
            on["second_difference"],
            color=BLUE,
            linewidth=1,
            alpha=0.6,
            zorder=1,
        )
        for row in rows_of(found):
            colour = BLUE if row.on_frontier else GREY
            axes.errorbar(
                row.first_difference,
                row.second_difference,
                xerr=(row.first_difference_high - row.first_difference_low) / 2,
                yerr=(row.second_difference_high - row.second_difference_low) / 2,
                fmt="o",
                markersize=6,
                markerfacecolor=colour if row.on_frontier else "white",
                color=colour,
                elinewidth=0.6,
                alpha=1.0 if row.on_frontier else 0.6,
            )
        _label(axes, found)
        axes.set_xlabel(_axis(mix.two[0]))
        axes.set_ylabel(_axis(mix.two[1]))
        axes.axhline(0, color=GREY, linewidth=0.6, zorder=0)
        axes.axvline(0, color=GREY, linewidth=0.6, zorder=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#DDDDDD", linewidth=0.6)
        axes.margins(0.12)
        if not (found[["second_difference_low", "second_difference_high"]].abs() > 0).any(
            axis=None
        ):
            axes.set_ylim(-1, 1)
        return tell(axes, _frontier_told(mix, found))


def _heat_told(mix: BedMix) -> Told:
    """Say what the map shows, with its means as a table."""
    ways = mix.configurations
    best = ways[mix.selection.best]
    chance = mix.selection.probability_best[mix.selection.best]
    what = "least" if mix.objective.smaller else "most"
    worth = ", though none differs by an amount that matters" if all_within_zone(mix) else ""
    text = (
        f"A table of {len(mix.figures)} figures for {len(ways)} ways to share the beds; "
        f"{ways[0].name} is the scenario as written. {best.name} has the {what} "
        f"{mix.objective.words.replace('_', ' ')}, with a probability of {chance:.0%} of being "
        f"best{worth}. Colours mark differences that are certain: blue better, orange worse."
    )
    rows = tuple(
        (
            f"{one.group}: {one.words} [{unit_of(one)}]",
            *(
                number(_mean(mix, k, one), unit_words(one.wanted.unit)) or "-"
                for k in range(len(ways))
            ),
        )
        for one in mix.figures
    )
    heads = ("Figure", *(one.name for one in ways))
    return Told(
        f"Ways to share the beds of {mix.bed_base.pool} side by side: {_name(mix)}",
        text,
        _source(mix),
        Grid("Means of the replications.", heads, rows),
    )


def _frontier_told(mix: BedMix, found: pd.DataFrame) -> Told:
    """Say what the frontier shows, with its points as a table."""
    first, second = (one.words.replace("_", " ") for one in mix.two)
    on = [str(one) for one in found[found["on_frontier"]]["configuration"]]
    text = (
        f"Each point is a way to share the beds: its difference from the scenario as written in "
        f"{first} and in {second}; crosses are 95 % intervals. Filled points are beaten in both "
        f"by no other: {', '.join(on)}."
    )
    units = [unit_words(one.unit) for one in mix.two]
    rows = tuple(
        (
            str(row.configuration),
            *_cells(row, "first", units[0]),
            *_cells(row, "second", units[1]),
            "yes" if row.on_frontier else "no",
            f"{row.probability:.0%}",
        )
        for row in rows_of(found)
    )
    heads = (
        "Way",
        f"Difference in {first} [{units[0]}]",
        "95 % interval",
        f"Difference in {second} [{units[1]}]",
        "95 % interval",
        "Beaten by no other",
        "Probability of that",
    )
    return Told(
        f"{first[:1].upper()}{first[1:]} against {second} by way to share the beds: {_name(mix)}",
        text,
        _source(mix),
        Grid("Differences from the scenario as written.", heads, rows),
    )


def _cells(row: Any, which: str, unit: str) -> tuple[str, str]:
    middle, low, high = (getattr(row, f"{which}_difference{end}") for end in ("", "_low", "_high"))
    return number(middle, unit, signed=True), spread(low, high, unit, signed=True)


def _name(mix: BedMix) -> str:
    return mix.results[0].scenario.name


def _source(mix: BedMix) -> str:
    counts = sorted({len(one.done) for one in mix.results})
    many: int | str = counts[0] if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return source_line([_name(mix)], many, mix.results[0].seed)


def _mean(mix: BedMix, k: int, figure: KeyFigure) -> float:
    return float(defined(mix.results[k], figure.wanted).mean())


def _strength(mix: BedMix, k: int, figure: KeyFigure) -> float:
    """Return the sign of a difference that is certain, times its size from 0.25 to 1; else 0."""
    if k == 0 or figure.wanted.measure in OF_PAIRS:
        # Of pairs the figure itself is a difference from what is written.
        interval = figure_interval(mix.results[k], figure.wanted, 0.95)
        level = 0.0
        if k == 0:
            return 0.0
    else:
        interval = mix.difference(k, figure.wanted).interval
        level = abs(_mean(mix, 0, figure))
    if not (interval.low > 0 or interval.high < 0):
        return 0.0
    size = min(1.0, abs(interval.mean) / (FULL * level)) if level else 1.0
    return float(np.sign(interval.mean)) * (0.25 + 0.75 * size)


def _colour(strength: float, better: int) -> NDArray[np.float64]:
    from matplotlib.colors import to_rgb

    name = "#8A8A8A" if better == 0 else BLUE if strength * better > 0 else ORANGE
    part = abs(strength) * (0.5 if better == 0 else 0.85)
    return 1 - part * (1 - np.array(to_rgb(name)))


def _legend(mix: BedMix) -> str:
    what = "least" if mix.objective.smaller else "most"
    words = mix.objective.words.replace("_", " ")
    worth = ", but none differs by an amount that matters" if all_within_zone(mix) else ""
    return (
        f"In bold: {what} {words}{worth}. Coloured where the difference from the scenario as "
        "written is certain:\nblue better, orange worse, grey neither; faint where it is small "
        "against the level"
    )


def _label(axes: Axes, found: pd.DataFrame) -> None:
    """Write names beside points; those of points at one place stand on top of one another."""
    names = ("first_difference", "second_difference")
    span = [max(float(np.ptp(found[name])), 1e-12) for name in names]
    # Places with the number of names that are there.
    places: list[tuple[float, float, int]] = []
    for row in rows_of(found):
        here = (row.first_difference, row.second_difference)
        k = next(
            (
                k
                for k, (x, y, _) in enumerate(places)
                if abs(here[0] - x) < 0.25 * span[0] and abs(here[1] - y) < 0.08 * span[1]
            ),
            len(places),
        )
        x, y, many = places[k] if k < len(places) else (*here, 0)
        places[k : k + 1] = [(x, y, many + 1)]
        axes.annotate(
            row.configuration,
            (x, y),
            xytext=(6, 5 + 11 * many),
            textcoords="offset points",
            fontsize=8,
            color=GREY,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5},
        )


def _axis(measure: Objective) -> str:
    return f"{measure.words.replace('_', ' ')} [{unit_words(measure.unit)}]"


def _size(figures: int, ways: int) -> tuple[float, float]:
    return 3.6 + COLUMN * max(ways, 5), 1.4 + ROW * figures


def _axes(width: float, height: float) -> Axes:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(width, height), layout="constrained")
    return axes
