"""Differences of a comparison as a picture: a line a figure, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.measures import headline, selects
from carepath_sim.report.colours import GREY, SERIES
from carepath_sim.report.lines import measure_words, stratum_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from matplotlib.axes import Axes

    from carepath_sim.experiment.compare import Comparison

MOST = 24
"""Lines of the picture."""
LONGEST = 60
"""Letters of a label."""


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
        ax.hlines(y, low, high, color=colour, linewidth=2)
        ax.plot(middle, y, "o", color=colour, markersize=4, label=other.label)
    ax.axvline(0, color=GREY, linewidth=1)
    labels = [label_of(comparison, m, s) for m, s in lines.itertuples(index=False)]
    ax.set_yticks(range(len(lines)), labels, fontsize=8)
    ax.set_ylim(len(lines) - 0.4, -0.6)
    several = len(comparison.others) > 1
    together = f", which hold for all {len(comparison.others)} together" if several else ""
    ax.set_xlabel(
        f"difference, % of the mean of the base, with 95 % intervals{together}", fontsize=8
    )
    ax.set_title(f"Differences from {comparison.base.label}", loc="left", fontsize=11)
    ax.grid(axis="x", color="#DDDDDD", linewidth=0.6)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=8)
    ax.legend(frameon=False, fontsize=8, loc="best")
    return ax


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
