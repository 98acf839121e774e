"""Differences of a comparison as a picture: a line a figure, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.measures import headline, selects
from carepath_sim.report.colours import GREY, SERIES
from carepath_sim.report.lines import measure_words, number, spread, stratum_words, unit_words
from carepath_sim.report.told import Grid, Told, source_of, tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from matplotlib.axes import Axes

    from carepath_sim.experiment.compare import Comparison

MOST = 24
"""Lines of the picture."""
LONGEST = 60
"""Letters of a label."""
ROWS = 60
"""Rows of the table."""
USUAL, BEYOND, FEW = 0.85, 1.25, 10
"""A picture reaches so many times as far as this part of the differences and interval ends."""


class NothingToDrawError(CarepathError):
    """A picture in which nothing would be."""


def forest(
    comparison: Comparison,
    *,
    by: str | None = None,
    measures: Iterable[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw differences from the base with their intervals, as shares of the mean of the base.

    Parameters
    ----------
    comparison, by, measures
        As in `Comparison.differences`; with neither key nor measures the headline figures.
    ax
        Where to draw; None: a figure of its own.

    Raises
    ------
    NothingToDrawError
        When no figure differs from 0 in the base and has an interval.
    """
    import matplotlib.pyplot as plt

    chosen = list(measures)
    found = comparison.differences(by=by, measures=chosen)
    if by is None and not chosen:
        found = of_headline(comparison, found)
    found = found[(found["base"].abs() > 0) & found["low"].notna()]
    lines = found[["measure", "stratum"]].drop_duplicates().head(MOST).reset_index(drop=True)
    if lines.empty:
        raise NothingToDrawError("there is no figure with an interval, so nothing can be drawn")
    if ax is None:
        size = (9, 1.6 + 0.32 * len(lines) * max(1, len(comparison.others) / 2))
        _, ax = plt.subplots(figsize=size, layout="constrained")
    apart = 0.7 / len(comparison.others)
    shares: dict[str, tuple[Any, Any, Any, Any, str]] = {}
    for k, other in enumerate(comparison.others):
        rows = lines.merge(found[found["scenario"] == other.label], on=["measure", "stratum"])
        at = [
            int(np.flatnonzero((lines["measure"] == m) & (lines["stratum"] == s))[0])
            for m, s in zip(rows["measure"], rows["stratum"], strict=True)
        ]
        middle, low, high = (
            100 * rows[name].to_numpy(dtype=float) / rows["base"].abs().to_numpy(dtype=float)
            for name in ("difference", "low", "high")
        )
        y = np.array(at) + (k - (len(comparison.others) - 1) / 2) * apart
        colour = SERIES[k % len(SERIES)]
        shares[other.label] = (y, middle, low, high, colour)
    edge = reach([one for _, *three, _ in shares.values() for part in three for one in part])
    for label, (y, middle, low, high, colour) in shares.items():
        _draw(ax, label, (y, middle, low, high), colour, edge)
    ax.axvline(0, color=GREY, linewidth=1)
    labels = [label_of(comparison, m, s) for m, s in lines.itertuples(index=False)]
    ax.set_yticks(range(len(lines)), labels, fontsize=8)
    ax.set_ylim(len(lines) - 0.4, -0.6)
    several = len(comparison.others) > 1
    together = f", which hold for all {len(comparison.others)} together" if several else ""
    ax.set_xlabel(
        f"difference, % of the mean of the base, with 95 % intervals{together}", fontsize=8
    )
    ax.grid(axis="x", color="#DDDDDD", linewidth=0.6)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=8)
    ax.legend(frameon=False, fontsize=8, loc="best")
    ax.set_xlim(-1.12 * edge, 1.12 * edge)
    return tell(ax, _told(comparison, found, len(lines)))


def reach(ends: Iterable[float]) -> float:
    """Return how far a picture of shares reaches to either side [%].

    It holds everything unless that is a quarter further than 85 % of it: a figure that grows
    tenfold from nearly nothing would else press all others into one line.

    >>> reach([-10.0, 5.0, 12.0]), reach([-10.0] * 18 + [12.0, 900.0])
    (12.0, 12.5)
    """
    sizes = np.abs([one for one in ends if np.isfinite(one)])
    if not len(sizes) or sizes.max() == 0:
        return 1.0
    usual = float(np.quantile(sizes, USUAL, method="lower"))
    largest = float(sizes.max())
    few = len(sizes) < FEW or usual == 0
    return largest if few else min(largest, BEYOND * usual)


def _draw(ax: Axes, label: str, given: tuple[Any, Any, Any, Any], colour: str, edge: float) -> None:
    """Draw differences of one scenario; those beyond the edge are arrows with their number."""
    y, middle, low, high = given
    inside = np.abs(middle) <= edge
    ax.hlines(y, np.clip(low, -edge, edge), np.clip(high, -edge, edge), color=colour, linewidth=2)
    ax.plot(middle[inside], y[inside], "o", color=colour, markersize=4, label=label)
    for at, value in zip(y[~inside], middle[~inside], strict=True):
        side = 1 if value > 0 else -1
        ax.plot([side * edge], [at], ">" if side > 0 else "<", color=colour, markersize=6)
        words = f"{value:+,.0f} %"
        align = "right" if side > 0 else "left"
        ax.text(side * 0.97 * edge, at - 0.1, words, fontsize=7, ha=align, va="bottom", color=GREY)


def _told(comparison: Comparison, found: pd.DataFrame, lines: int) -> Told:
    rows = []
    for row in found.head(ROWS).itertuples():
        unit = unit_words(str(row.unit))
        gap, low, high = (float(str(one)) for one in (row.difference, row.low, row.high))
        words = label_of(comparison, row.measure, row.stratum)
        ends = spread(low, high, unit, signed=True)
        rows.append((words, str(row.scenario), number(gap, unit, signed=True), ends, unit))
    base = comparison.base.label
    text = (
        f"{lines} figures, each with a dot for the difference in per cent of {base} and a line for "
        "its 95 % interval. An arrow at the edge stands for a change too large for the picture, "
        "mostly of a figure that is nearly nothing in the base. The table has the numbers."
    )
    heads = ("Figure", "Scenario", "Difference", "95 % interval", "Unit")
    grid = Grid(f"Differences from {base}.", heads, tuple(rows))
    return Told(f"Differences from {base}", text, source_of(comparison.results), grid)


def of_headline(comparison: Comparison, found: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the headline table, in its order."""
    import pandas as pd

    parts = []
    for measure, pattern in headline(comparison.base.plan):
        of_measure = found[found["measure"] == measure]
        parts.append(of_measure[[selects(pattern, one) for one in of_measure["stratum"]]])
    return pd.concat(parts, ignore_index=True)


def label_of(comparison: Comparison, measure: object, stratum: object) -> str:
    """Return a line's words, cut to what fits beside a picture."""
    words = measure_words(str(measure))
    if stratum != "all":
        words += f": {stratum_words(comparison.base.plan, str(stratum))}"
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 20]}...{words[-17:]}"
