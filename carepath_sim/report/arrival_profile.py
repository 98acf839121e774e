"""When people come: a map of months and weekdays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.experiment.batch import OptionError
from carepath_sim.measures import parts
from carepath_sim.measures.periods import WINDOW, month_names
from carepath_sim.measures.weekdays import WEEKDAYS
from carepath_sim.report.forest import NothingToDrawError
from carepath_sim.report.heat import blues, cells, ink
from carepath_sim.report.told import Grid, Told, source_of, tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from carepath_sim.experiment.results import RunResult

WHAT = {
    "emergency_admissions_per_day": "Emergency admissions",
    "episodes_per_day": "Crises and arrivals",
}
LONG = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# The scale begins here, as a part of the most, or chance would look like a pattern.
LEAST = 0.6


def arrival_profile(
    result: RunResult, ax: Axes | None = None, *, measure: str = "emergency_admissions_per_day"
) -> Axes:
    """Draw how many people come a day, by month and weekday.

    Parameters
    ----------
    result
        What `carepath_sim.run` returned.
    ax
        Where to draw; None: a figure of its own.
    measure
        Emergency admissions, or every episode that begins (`episodes_per_day`).

    Raises
    ------
    OptionError
        When the measure is another.
    NothingToDrawError
        When nobody comes.
    """
    import matplotlib.pyplot as plt

    if measure not in WHAT:
        raise OptionError(f"measure: found {measure!r}; accepted are: {', '.join(WHAT)}")
    months, table = profile(result, measure)
    if not np.nansum(table) > 0:
        raise NothingToDrawError("nobody comes in the time counted, so nothing can be drawn")
    axes = ax
    if axes is None:
        _, axes = plt.subplots(figsize=(8, 1.8 + 0.34 * len(months)), layout="constrained")
    low, high = float(np.nanmin(table)), float(np.nanmax(table))
    colours = blues(table, min(low, LEAST * high), high)
    cells(axes, colours)
    for (row, column), value in np.ndenumerate(table):
        if not np.isnan(value):
            axes.text(
                column,
                row,
                f"{value:.3g}",
                ha="center",
                va="center",
                fontsize=8,
                color=ink(colours[row, column]),
            )
    axes.set_xticks(range(len(WEEKDAYS)), WEEKDAYS, fontsize=9)
    axes.set_yticks(range(len(months)), [_month(one) for one in months], fontsize=9)
    axes.set_xlabel(f"{WHAT[measure].lower()} a day, mean of the replications", fontsize=9)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return tell(axes, _told(result, measure, months, table))


def profile(result: RunResult, measure: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the months, and people a day, shape `(month, weekday)`; nan: no such day.

    Days of all replications are pooled.
    """
    months = month_names(result.plan)
    sums = np.zeros((2, len(months), len(WEEKDAYS)))
    for one in result.done:
        for row in one.rows:
            weekday = parts(row.stratum).get("weekday") if row.measure == measure else None
            if weekday is None or row.period == WINDOW or not row.weight:
                continue
            at = (months.index(row.period), WEEKDAYS.index(weekday))
            sums[0][at] += row.value * row.weight
            sums[1][at] += row.weight
    with np.errstate(invalid="ignore"):
        return months, sums[0] / sums[1]


def _told(result: RunResult, measure: str, months: tuple[str, ...], table: np.ndarray) -> Told:
    means = np.nanmean(table, axis=0)
    by_month = np.nanmean(table, axis=1)
    text = (
        f"A map of {len(months)} months by seven weekdays; darker is more. Most come on "
        f"{LONG[int(np.nanargmax(means))]}s ({np.nanmax(means):.3g} a day), fewest on "
        f"{LONG[int(np.nanargmin(means))]}s ({np.nanmin(means):.3g}); the busiest month is "
        f"{_month(months[int(np.nanargmax(by_month))])}."
    )
    rows = tuple(
        (_month(month), *("" if np.isnan(one) else f"{one:.3g}" for one in row))
        for month, row in zip(months, table, strict=True)
    )
    title = f"{WHAT[measure]} by month and weekday: {result.label}"
    grid = Grid(f"{WHAT[measure]} a day, mean of the replications.", ("Month", *WEEKDAYS), rows)
    return Told(title, text, source_of([result]), grid)


def _month(name: str) -> str:
    """Return a month in words.

    >>> _month("2015-04")
    'Apr 2015'
    """
    from carepath_sim.report.scorecard import MONTHS

    return f"{MONTHS[int(name[5:]) - 1]} {name[:4]}"
