"""Pictures of answers with all that is not known: ranges in two parts, and what to find out."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

from carepath_sim.errors import CarepathError
from carepath_sim.report.bed_mix_answer import rows_of
from carepath_sim.report.colours import BLUE, GREY, ORANGE, TEAL
from carepath_sim.report.field_words import fields_in_words
from carepath_sim.report.forest import NothingToDrawError
from carepath_sim.report.lines import SCALES, number, spread, unit_words
from carepath_sim.report.question_words import plain_words, question_words
from carepath_sim.report.told import Grid, Told, source_line, tell
from carepath_sim.report.uncertainty import chance_words, share_words, worth_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from carepath_sim.experiment.uncertain import Uncertainty

LONGEST = 48
"""Letters of a name that are shown."""
PALE = "#B8C9DA"
SAYS = (
    "For each scenario a wide pale bar holds four in five runs, for all that is not known and for "
    "luck together; a narrow dark bar four fifths of the means that may be true; the mark is the "
    "mean. Where the dark bar is nearly as long as the pale one, better knowledge would help; "
    "where it is short, the rest is luck."
)
LEAST = 0.01
INNER = 0.8
"""Part of the runs, and of the means that may be true, that bars hold."""


class UnknownQuestionError(CarepathError):
    """A picture of a figure or question that was not looked at."""


@dataclass(frozen=True)
class Plots:
    """Pictures of one analysis.

    Parameters
    ----------
    found
        What `carepath_sim.uncertainty` returned.
    """

    found: Uncertainty

    def bands(self, measure: str = "", ax: Axes | None = None) -> Axes:
        """Draw a figure of every scenario with what is not known and what is luck.

        The wide bar holds four in five runs, parameters and luck together; the narrow dark one
        four fifths of the means that may be true; the mark is the mean. Lines are the targets.

        Parameters
        ----------
        measure
            Which figure; empty: the first.
        ax
            Where to draw; None: a figure of its own.

        Raises
        ------
        UnknownQuestionError
            When it was not looked at.
        """
        name = self._figure(measure)
        rows = rows_of(self.found.figures(name, level=INNER))
        axes = _ranges(rows, plain_words(name).lower(), ax)
        targets = [one for one in self.found.targets_asked if str(one.wanted) == name]
        for k, target in enumerate(targets):
            limit = target.limit * SCALES.get(unit_words(target.wanted.unit), 1.0)
            label = None if k else "target"
            axes.axvline(limit, color=ORANGE, linewidth=1.5, label=label)
        limits = "".join(f" A line is drawn at the target {one}." for one in targets)
        title = f"{plain_words(name)}: what is not known, and luck"
        return self._tell(axes, title, SAYS + limits, _grid(rows, name))

    def differences(self, measure: str = "", ax: Axes | None = None) -> Axes:
        """Draw how a figure differs from the base, as `bands` does.

        Parameters
        ----------
        measure, ax
            As in `bands`.

        Raises
        ------
        UnknownQuestionError
            When it was not looked at.
        NothingToDrawError
            With one scenario.
        """
        if len(self.found.names) < 2:
            raise NothingToDrawError("one scenario has nothing to differ from")
        name = self._figure(measure)
        rows = rows_of(self.found.differences(name, level=INNER))
        axes = _ranges(rows, f"difference in {plain_words(name).lower()}", ax)
        axes.axvline(0, color=GREY, linewidth=0.8)
        base = self.found.names[0]
        title = f"{plain_words(name)}: difference from {base}"
        text = f"{SAYS} All are differences from {base} with the same draw and the same luck."
        return self._tell(axes, title, text, _grid(rows, name, signed=True))

    def knowing(
        self, question: str = "", ax: Axes | None = None, most: int = 12, scenario: str = ""
    ) -> Axes:
        """Draw what knowing each number would be worth, the most on top.

        Of a figure the share of the variance that is not luck; of an objective what the choice
        would gain; of a target how much more often one would be right. Pale bars are no more than
        a number without effect would seem to have.

        Parameters
        ----------
        question
            Which, as in `knowing()`; empty: the first.
        ax
            Where to draw; None: a figure of its own.
        most
            Numbers that are shown.
        scenario
            Of which scenario; empty: the last.

        Raises
        ------
        UnknownQuestionError
            When it was not looked at.
        NothingToDrawError
            When no number has an effect.
        """
        table = self.found.knowing()
        name = _one_of(question, list(dict.fromkeys(table["question"])))
        table = table[table["question"] == name]
        of = _one_of(scenario or str(table["scenario"].iloc[-1]), list(table["scenario"]))
        table = table[(table["scenario"] == of) & (table["worth"] > 0)]
        # What is next to nothing beside the first only takes room.
        table = table[table["beyond_luck"] | (table["worth"] > LEAST * table["worth"].max())]
        rows, names = rows_of(table.head(most)), fields_in_words(self.found.posterior.names)
        if not rows or _scale(rows[0]) is None:
            raise NothingToDrawError(f"{name}: no number has an effect, so nothing can be drawn")
        scale, words = _scale(rows[0]) or (1.0, "")
        axes = ax if ax is not None else _axes(1.5 + 0.36 * len(rows))
        for k, row in enumerate(rows):
            axes.barh(
                k,
                scale * row.worth,
                xerr=scale * row.error,
                height=0.6,
                color=TEAL if row.beyond_luck else PALE,
                error_kw={"elinewidth": 0.9, "ecolor": GREY},
            )
        axes.set_yticks(
            range(len(rows)), [fill(names[row.parameter], LONGEST) for row in rows], fontsize=8
        )
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.set_xlabel(f"{words}, ± standard error", fontsize=9)
        first = next((names[row.parameter] for row in rows if row.beyond_luck), "")
        text = (
            f"Bars, the longest on top: {words}; lines are standard errors. "
            "Pale bars are no longer than one of a number without any effect may be. "
            + (f"Most is to be had from {first}." if first else "None is longer than that.")
        )
        cells = tuple(
            (names[row.parameter], *worth_words(row), "yes" if row.beyond_luck else "no")
            for row in rows
        )
        grid = Grid(
            f"What knowing a number is worth: {words}.",
            ("Number", "Worth", "Standard error", "Beyond luck"),
            cells,
        )
        title = f"What is worth knowing for {question_words(name)}{f' ({of})' if of else ''}"
        return self._tell(axes, title, text, grid)

    def _figure(self, measure: str) -> str:
        return _one_of(measure, [str(one) for one in self.found.measures])

    def _tell(self, axes: Axes, title: str, text: str, grid: Grid) -> Axes:
        """Write title, source and lines on a picture, and keep its words with it."""
        found = self.found
        source = source_line(
            found.names,
            f"{len(found.posterior)} draws from {found.posterior.source}, each with "
            f"{found.replications}",
            found.seed,
        )
        tell(axes, Told(title, text, source, grid))
        if axes.get_legend_handles_labels()[0]:
            axes.legend(
                frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4
            )
            # The legend stands below the title.
            axes.set_title(axes.get_title(loc="left"), loc="left", fontsize=11, pad=24)
        axes.grid(axis="x", color="#DDDDDD", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0, colors=GREY)
        return axes


def _ranges(rows: Sequence[Any], words: str, ax: Axes | None) -> Axes:
    """Draw bars of one run and of what may be true, a row each."""
    axes = ax if ax is not None else _axes(1.9 + 0.5 * len(rows))
    axes.use_sticky_edges = False
    unit = unit_words(rows[0].unit)
    scale = SCALES.get(unit, 1.0)
    for k, row in enumerate(rows):
        once = k == 0
        for low, high, height, colour, label in (
            (row.p10, row.p90, 0.56, PALE, "one run: 10th to 90th percentile"),
            (row.parameter_low, row.parameter_high, 0.26, BLUE, "truth: 10th to 90th percentile"),
        ):
            axes.barh(
                k,
                scale * (high - low),
                left=scale * low,
                height=height,
                color=colour,
                label=label if once else None,
            )
        axes.plot(
            scale * row.mean,
            k,
            "o",
            color="white",
            markeredgecolor=GREY,
            markersize=6,
            label="mean" if once else None,
        )
    axes.set_yticks(range(len(rows)), [_end(row.scenario) for row in rows], fontsize=9)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(f"{words} [{unit.replace('1,000 GBP', 'thousand GBP')}]", fontsize=9)
    return axes


def _scale(row: Any) -> tuple[float, str] | None:
    """Return what a worth is multiplied by to be shown, and what it is then."""
    if row.question.startswith("objective"):
        unit = unit_words(row.unit)
        return SCALES.get(unit, 1.0), f"expected gain from knowing it [{unit}]"
    if row.question.startswith("target"):
        return 100.0, "percentage points more often right about the target"
    if not row.share > 0:
        return None
    return 100 * row.share / row.worth, "% of the variance that is not luck"


def _grid(rows: Sequence[Any], name: str, *, signed: bool = False) -> Grid:
    """Return the numbers of bars, with the two kinds of doubt apart."""
    unit = unit_words(rows[0].unit)
    shown = unit.replace("1,000 GBP", "thousand GBP")
    cells = tuple(
        (
            row.scenario,
            number(row.mean, unit, signed=signed),
            spread(row.p10, row.p90, unit, signed=signed),
            spread(row.parameter_low, row.parameter_high, unit, signed=signed),
            number(row.parameter_sd, unit),
            number(row.chance_sd, unit),
            share_words(row),
            *((chance_words(row.probability_negative),) if signed else ()),
        )
        for row in rows
    )
    heads = (
        *("Scenario", f"Mean [{shown}]", "One run, 10th to 90th percentile"),
        *("Truth, 10th to 90th percentile", "Deviation: not known", "Deviation: luck"),
        "Not known, share of the variance",
        *(("Probability that it is less",) if signed else ()),
    )
    what = "Differences" if signed else "Figures"
    return Grid(f"{what} of {plain_words(name)}, with what is not known and luck.", heads, cells)


def _one_of(name: str, known: list[str]) -> str:
    if not name and known:
        return known[0]
    if name not in known:
        raise UnknownQuestionError(
            f"{name!r} was not looked at; these were: {', '.join(dict.fromkeys(known))}"
        )
    return name


def _end(name: str) -> str:
    """Return the end of a long name, which tells most."""
    return name if len(name) <= LONGEST else f"...{name[-LONGEST + 3 :]}"


def _axes(height: float) -> Axes:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(8, height), layout="constrained")
    return axes
