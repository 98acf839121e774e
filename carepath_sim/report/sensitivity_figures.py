"""Pictures of sensitivity analyses: what each number does, the strongest on top."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.report.bed_mix_answer import rows_of
from carepath_sim.report.colours import BLUE, GREY, ORANGE, TEAL
from carepath_sim.report.field_words import typed
from carepath_sim.report.lines import number, unit_words
from carepath_sim.report.sensitivity import parameters_in_words, sum_words
from carepath_sim.report.told import Grid, Told, source_line, tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from carepath_sim.experiment.objective import Objective
    from carepath_sim.experiment.sensitivity import Sensitivity

# Letters of a line of a number's name.
LONGEST = 48


class UnknownMeasureError(CarepathError):
    """A picture of a measure that was not looked at."""


@dataclass(frozen=True)
class Plots:
    """Pictures of one analysis.

    Parameters
    ----------
    found
        What `carepath_sim.sensitivity` returned.
    """

    found: Sensitivity

    def effects(self, measure: str = "", ax: Axes | None = None, most: int = 15) -> Axes:
        """Draw what each number does to a measure, the strongest on top.

        Tornado: bars from the scenario as written to its value at either end of the range, with
        95 % intervals of the differences. Morris: the mean size of the effect with its interval
        over trajectories, and a mark for the spread (sigma). Sobol: total and first-order indices.

        Parameters
        ----------
        measure
            Which, as in the table; empty: the first.
        ax
            Where to draw; None: a figure of its own.
        most
            Numbers that are shown.

        Raises
        ------
        UnknownMeasureError
            When it was not looked at.
        """
        chosen = self._measure(measure)
        table = self.found.table()
        strength = {"tornado": "swing", "morris": "mu_star", "sobol": "total"}[self.found.method]
        of = table[(table["measure"] == chosen.words) & (table[strength] > 0)]
        rows = rows_of(of.head(most))[::-1]
        axes = ax if ax is not None else _axes(len(rows))
        draw = {"tornado": _tornado, "morris": _morris, "sobol": _sobol}[self.found.method]
        draw(axes, rows)
        names = parameters_in_words(self.found)
        labels = [f"{fill(names[row.parameter], LONGEST)}\n{row.low} to {row.high}" for row in rows]
        axes.set_yticks(range(len(rows)), labels, fontsize=8)
        unit = unit_words(chosen.unit) if self.found.method != "sobol" else "share of variance"
        axes.set_xlabel(f"{sum_words(chosen)} [{unit}]".replace("1,000 GBP", "GBP"))
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color="#DDDDDD", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_ylim(-0.6, max(len(rows), 1) - 0.4)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False, fontsize=8, loc="best")
        return tell(axes, _told(self.found, chosen, rows[::-1]))

    def _measure(self, name: str) -> Objective:
        for one in self.found.measures:
            if not name or name in {one.words, str(one)}:
                return one
        known = ", ".join(one.words for one in self.found.measures)
        raise UnknownMeasureError(f"{name!r} was not looked at; these were: {known}")


# What the columns of the table are, by method: name and words.
COLUMNS = {
    "tornado": (
        ("low_difference", "Difference at the low end"),
        ("high_difference", "Difference at the high end"),
    ),
    "morris": (("mu_star", "Mean size of the effect"), ("sigma", "Spread")),
    "sobol": (("total", "Total index"), ("first", "Index alone")),
}
SAYS = {
    "tornado": (
        "Bars go from the scenario as written to the figure with one number at either end of its "
        "range; lines are 95 % intervals of the difference"
    ),
    "morris": (
        "Bars are the mean size of the effect of the whole range with a 95 % interval; marks the "
        "spread, which is large where a number depends on others or bends the figure"
    ),
    "sobol": (
        "Bars are the share of the variance that would vanish were the number known (total), and "
        "the share due to it alone; lines are 95 % intervals"
    ),
}


def _told(found: Sensitivity, chosen: Objective, rows: list[Any]) -> Told:
    """Say what the picture shows, with its bars as a table."""
    unit = unit_words(chosen.unit) if found.method != "sobol" else "share of variance"
    signed = found.method == "tornado"
    columns = COLUMNS[found.method]
    names = parameters_in_words(found)
    cells = tuple(
        (
            names[row.parameter],
            f"{row.low} to {row.high}",
            *(number(float(getattr(row, name)), unit, signed=signed) for name, _ in columns),
            "yes" if row.beyond_luck else "no",
        )
        for row in rows
    )
    strongest = "; ".join(names[row.parameter] for row in rows[:3]) or "none"
    words = sum_words(chosen)
    fields = typed({row.parameter: names[row.parameter] for row in rows}, "--parameters")
    text = f"{SAYS[found.method]}. The strongest: {strongest}."
    heads = ("Number", "Range", *(f"{head} [{unit}]" for _, head in columns), "Beyond luck")
    return Told(
        f"What moves “{words}” most ({found.method}): {found.name}",
        text,
        source_line([found.name], found.replications, found.seed),
        Grid(f"The strongest numbers first. {fields}".strip(), heads, cells),
    )


def _tornado(axes: Axes, rows: list[Any]) -> None:
    for end, colour in (("low", TEAL), ("high", BLUE)):
        means = np.array([getattr(row, f"{end}_difference") for row in rows])
        low, high = (
            np.array([getattr(row, f"{end}_difference_{of}") for row in rows])
            for of in ("low", "high")
        )
        base = rows[0].base if rows else 0.0
        axes.barh(range(len(rows)), means, left=base, color=colour, height=0.6, label=f"{end} end")
        axes.errorbar(
            base + means,
            range(len(rows)),
            xerr=np.nan_to_num((high - low) / 2),
            fmt="none",
            color=GREY,
            elinewidth=0.8,
            capsize=2,
        )
    if rows:
        axes.axvline(rows[0].base, color=GREY, linewidth=0.8)


def _morris(axes: Axes, rows: list[Any]) -> None:
    means = np.array([row.mu_star for row in rows])
    # No mean size lies below 0, and no arm of its interval.
    arms = [
        [row.mu_star - row.mu_star_low for row in rows],
        [row.mu_star_high - row.mu_star for row in rows],
    ]
    axes.barh(range(len(rows)), means, color=BLUE, height=0.6, label="mean size of the effect")
    axes.errorbar(
        means,
        range(len(rows)),
        xerr=np.clip(arms, 0.0, None),
        fmt="none",
        color=GREY,
        elinewidth=0.8,
        capsize=2,
    )
    axes.plot(
        [row.sigma for row in rows],
        range(len(rows)),
        "D",
        color=ORANGE,
        markersize=5,
        label="spread: depends on others, or bends",
    )


def _sobol(axes: Axes, rows: list[Any]) -> None:
    for name, colour, shift in (("total", BLUE, 0.2), ("first", TEAL, -0.2)):
        index, high = (
            np.array([getattr(row, f"{name}{of}") for row in rows]) for of in ("", "_high")
        )
        axes.barh(
            np.arange(len(rows)) + shift,
            index,
            color=colour,
            height=0.36,
            label={"total": "total", "first": "alone"}[name],
        )
        axes.errorbar(
            index,
            np.arange(len(rows)) + shift,
            xerr=high - index,
            fmt="none",
            color=GREY,
            elinewidth=0.8,
            capsize=2,
        )
    axes.axvline(0, color=GREY, linewidth=0.8)


def _axes(rows: int) -> Axes:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(9, 1.6 + 0.42 * max(rows, 2)), layout="constrained")
    return axes
