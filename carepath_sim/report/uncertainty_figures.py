"""Pictures of answers with all that is not known: ranges in two parts, and what to find out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from carepath_sim.errors import CarepathError
from carepath_sim.report.bed_mix_answer import rows_of
from carepath_sim.report.colours import BLUE, GREY, ORANGE, TEAL
from carepath_sim.report.forest import NothingToDrawError
from carepath_sim.report.lines import SCALES, unit_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from carepath_sim.experiment.uncertain import Uncertainty

LONGEST = 48
"""Letters of a name that are shown."""
PALE = "#B8C9DA"
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
        axes = _ranges(rows_of(self.found.figures(name, level=INNER)), name, ax)
        for target in self.found.targets_asked:
            if str(target.wanted) == name:
                limit = target.limit * SCALES.get(unit_words(target.wanted.unit), 1.0)
                axes.axvline(limit, color=ORANGE, linewidth=1.5, label="target")
        _legend(axes)
        _plain(axes, "What is not known, and luck")
        return axes

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
        axes = _ranges(rows, f"difference of {name}", ax)
        axes.use_sticky_edges = False
        axes.axvline(0, color=GREY, linewidth=0.8)
        _legend(axes)
        _plain(axes, f"Difference from {_end(self.found.names[0])}")
        return axes

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
        rows = rows_of(table.head(most))
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
        axes.set_yticks(range(len(rows)), [_end(row.parameter) for row in rows], fontsize=8)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.set_xlabel(f"{words}, ± standard error", fontsize=9)
        _plain(axes, f"Worth knowing: {_spaced(name)}{f' ({of})' if of else ''}")
        return axes

    def _figure(self, measure: str) -> str:
        return _one_of(measure, [str(one) for one in self.found.measures])


def _ranges(rows: Sequence[Any], name: str, ax: Axes | None) -> Axes:
    """Draw bars of one run and of what may be true, a row each."""
    axes = ax if ax is not None else _axes(1.9 + 0.5 * len(rows))
    unit = unit_words(rows[0].unit)
    scale = SCALES.get(unit, 1.0)
    for k, row in enumerate(rows):
        once = k == 0
        for low, high, height, colour, words in (
            (row.p10, row.p90, 0.56, PALE, "one run: 10th to 90th percentile"),
            (row.parameter_low, row.parameter_high, 0.26, BLUE, "truth: 10th to 90th percentile"),
        ):
            axes.barh(
                k,
                scale * (high - low),
                left=scale * low,
                height=height,
                color=colour,
                label=words if once else None,
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
    axes.set_xlabel(f"{_spaced(name)} [{unit.replace('1,000 GBP', 'thousand GBP')}]", fontsize=9)
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


def _one_of(name: str, known: list[str]) -> str:
    if not name and known:
        return known[0]
    if name not in known:
        raise UnknownQuestionError(
            f"{name!r} was not looked at; these were: {', '.join(dict.fromkeys(known))}"
        )
    return name


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _end(name: str) -> str:
    """Return the end of a long name, which tells most."""
    return name if len(name) <= LONGEST else f"...{name[-LONGEST + 3 :]}"


def _legend(axes: Axes) -> None:
    axes.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4)


def _axes(height: float) -> Axes:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(8, height), layout="constrained")
    return axes


def _plain(axes: Axes, title: str) -> None:
    padding = 24 if axes.get_legend() is not None else 6
    axes.set_title(title, loc="left", fontsize=11, pad=padding)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0, colors=GREY)
