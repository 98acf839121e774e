"""Pictures of the predictive check: the course of figures, and where the observed values lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.calibrate.course import of_observed
from carepath_sim.report.colours import BLUE, GREY, ORANGE
from carepath_sim.report.fit_figures import panels_of, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from carepath_sim.calibrate.course import Course
    from carepath_sim.calibrate.fit import Fit
    from carepath_sim.calibrate.targets import Target

    Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

CUTS: Final = (0.025, 0.1, 0.5, 0.9, 0.975)


def with_course(fit: Fit) -> list[int]:
    """Return the numbers of the targets that have a course of two periods or more."""
    return [
        j
        for j, course in enumerate(fit.courses)
        if len(course.periods) > 1 and np.isfinite(course.values).any()
    ]


def courses(fit: Fit) -> Axes:
    """Draw figures by month or quarter: what is foretold, and what was observed."""
    chosen = with_course(fit)
    width = 4.8 if len(chosen) > 1 else 9.6
    panels = panels_of(len(chosen), height=2.7, across=2, width=width)
    for axes, j in zip(panels, chosen, strict=False):
        one, course = fit.calibration.targets[j], fit.courses[j]
        if one.series:
            _series(axes, one, fit.series(j))
        else:
            _months(axes, one, course, float(one.shown(fit.outcome.predicted[:, :, j]).mean()))
        held = ", held out" if one.use == "validate" else ""
        axes.set_title(shortened(one.title, 50) + held, fontsize=9)
        names = course.periods
        step = -(-len(names) // 8)
        ticks = range(0, len(names), step)
        axes.set_xticks(list(ticks), [_short(names[k]) for k in ticks], fontsize=7)
        unit = one.unit.removesuffix(" per y")
        axes.set_ylabel(f"{unit} {'a period' if course.adds_up else ''}".strip(), fontsize=8)
        axes.tick_params(axis="y", labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        axes.legend(frameon=False, fontsize=7, loc="lower left", ncols=2)
    return panels[0]


def _months(axes: Axes, one: Target, course: Course, simulated: float) -> None:
    """Draw simulated months of single years, and the observed figure spread over them."""
    made = course.values.reshape(-1, len(course.periods))
    cuts = np.nanquantile(made, CUTS, axis=0)
    _bands(axes, cuts, "simulated")
    level = of_observed(course, one.value, simulated)
    axes.plot(range(len(level)), level, color=ORANGE, lw=1.8, ls="--", label="observed, on average")


def _series(axes: Axes, one: Target, cuts: Floats) -> None:
    """Draw what is foretold of each period with its error, and the observed values."""
    _bands(axes, cuts, "foretold")
    values = [value for _, value, _ in one.series]
    errors = [1.96 * se for _, _, se in one.series]
    axes.errorbar(
        range(len(values)), values, yerr=errors, fmt="o", color=ORANGE, ms=4, capsize=2,
        label="observed",
    )  # fmt: skip


def _bands(axes: Axes, cuts: Floats, what: str) -> None:
    across = range(cuts.shape[1])
    axes.fill_between(across, cuts[0], cuts[4], color=BLUE, alpha=0.15, lw=0, label=f"{what}, 95 %")
    axes.fill_between(across, cuts[1], cuts[3], color=BLUE, alpha=0.3, lw=0, label="80 %")
    axes.plot(across, cuts[2], color=BLUE, lw=1.5, label="median")


def where_observed(fit: Fit) -> Axes:
    """Draw for each target which part of what is foretold lies below the observed value."""
    import matplotlib.pyplot as plt

    rows = list(fit.targets().itertuples())
    _, axes = plt.subplots(figsize=(7.2, 0.45 * len(rows) + 1.1), layout="constrained")
    drawn: Axes = axes
    drawn.axvspan(0.025, 0.975, color=BLUE, alpha=0.12, lw=0, label="95 %")
    drawn.axvspan(0.1, 0.9, color=BLUE, alpha=0.2, lw=0, label="80 %")
    drawn.axvline(0.5, color=GREY, lw=0.8)
    for k, row in enumerate(reversed(rows)):
        held = row.use == "validate"
        drawn.plot(
            float(str(row.pit)), k, marker="D" if held else "o", color=ORANGE,
            mfc="white" if held else ORANGE, ms=8, ls="",
        )  # fmt: skip
    titles = [
        shortened(one.title, 40) + (", held out" if one.use == "validate" else "")
        for one in reversed(fit.calibration.targets)
    ]
    drawn.set_yticks(range(len(rows)), titles, fontsize=8)
    drawn.set_ylim(-0.6, len(rows) - 0.4)
    drawn.set_xlim(0, 1)
    drawn.set_xlabel("part of what is foretold that lies below the observed value")
    drawn.spines[["top", "right", "left"]].set_visible(False)
    drawn.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return drawn


def _short(period: str) -> str:
    """Return a period with the last two digits of its year.

    >>> _short("2014-04"), _short("2014-Q2")
    ('Apr 14', 'Q2 14')
    """
    year, _, rest = period.partition("-")
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{rest if rest.startswith('Q') else months[int(rest) - 1]} {year[2:]}"
