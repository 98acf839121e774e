"""Pictures of ways to share a bed base: a heat map, and the frontier of two measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.report.bed_mix import rows_of
from carepath_sim.report.colours import BLUE, GREY, ORANGE
from carepath_sim.report.lines import number, unit_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from carepath_sim.experiment.bed_mix import BedMix
    from carepath_sim.experiment.key_figures import KeyFigure
    from carepath_sim.experiment.objective import Objective

# Inches a row and a column of the heat map take.
ROW, COLUMN = 0.42, 0.85


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
        """Draw every configuration against every figure.

        The number in a cell is the mean. The colour is the difference from the scenario as
        written, as a part of the largest one in the column: blue is better, orange is worse, white
        differs in nothing; grey where neither is better. The best configuration is in bold.

        Parameters
        ----------
        ax
            Where to draw; None: a figure of its own.
        """
        mix = self.mix
        figures = mix.figures
        means = np.array(
            [[_mean(mix, k, one) for one in figures] for k in range(len(mix.configurations))]
        )
        axes = ax if ax is not None else _axes(*_size(means))
        axes.imshow(_colours(means, figures), aspect="auto")
        shade = _parts(means)
        for (row, column), value in np.ndenumerate(means):
            dark = shade[row, column] * figures[column].better > 0.6
            words = number(value, unit_words(figures[column].wanted.unit))
            axes.text(
                column,
                row,
                words or "-",
                ha="center",
                va="center",
                fontsize=8,
                color="white" if dark else "black",
            )
        heads = [f"{one.group}: {one.words} [{_unit(one)}]" for one in figures]
        axes.set_xticks(range(len(figures)), heads, rotation=40, ha="left", fontsize=8)
        axes.xaxis.tick_top()
        axes.set_yticks(range(len(means)), [one.name for one in mix.configurations], fontsize=9)
        axes.get_yticklabels()[mix.selection.best].set_fontweight("bold")
        axes.tick_params(length=0)
        axes.set_xticks(np.arange(len(figures) + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(len(means) + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="white", linewidth=1.5)
        axes.tick_params(which="minor", length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(
            f"In bold the best to {mix.objective}. Against the scenario as written: blue better, "
            "orange worse, white the same",
            fontsize=8,
        )
        return axes

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
        axes.set_title(
            "Differences from the scenario as written. Filled: beaten in both by no other",
            loc="left",
            fontsize=10,
        )
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#DDDDDD", linewidth=0.6)
        axes.margins(0.12)
        return axes


def _mean(mix: BedMix, k: int, figure: KeyFigure) -> float:
    from carepath_sim.experiment.bed_mix import defined

    return float(defined(mix.results[k], figure.wanted).mean())


def _parts(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Differences from the first row as parts of the largest in each column."""
    apart = np.nan_to_num(means - means[0])
    largest = np.abs(apart).max(axis=0)
    return np.asarray(apart / np.where(largest > 0, largest, 1.0))


def _colours(means: NDArray[np.float64], figures: tuple[KeyFigure, ...]) -> NDArray[np.float64]:
    """Colours of the cells, shape `(configuration, figure, 3)`."""
    from matplotlib.colors import to_rgb

    good, bad, plain = (np.array(to_rgb(one)) for one in (BLUE, ORANGE, "#8A8A8A"))
    table = np.ones((*means.shape, 3))
    for (row, column), part in np.ndenumerate(_parts(means)):
        better = figures[column].better
        colour = plain if better == 0 else good if part * better > 0 else bad
        strength = abs(part) * (0.5 if better == 0 else 0.85)
        table[row, column] = 1 - strength * (1 - colour)
    return table


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


def _unit(figure: KeyFigure) -> str:
    return unit_words(figure.wanted.unit).replace("units; people", "units")


def _size(means: NDArray[np.float64]) -> tuple[float, float]:
    rows, columns = means.shape
    return 3.0 + COLUMN * columns, 2.6 + ROW * rows


def _axes(width: float, height: float) -> Axes:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(width, height), layout="constrained")
    return axes
