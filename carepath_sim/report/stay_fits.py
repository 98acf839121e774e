"""Fitted lengths of stay as tables in a terminal and as pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from carepath_sim import __version__
from carepath_sim.report.cells import safe
from carepath_sim.report.colours import GREY, SERIES
from carepath_sim.report.told import Grid, Told, tell_together
from carepath_sim.statistics.length_fits import Lengths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import RenderableType

    from carepath_sim.calibrate.stays import FittedGroup, LosFits
    from carepath_sim.statistics.length_laws import Law

    Floats = np.ndarray

MOST_ROWS = 20
"""Rows that are told on the terminal; the file has all."""
POOR = 0.05
"""Probability below which a law does not fit what was seen."""
MOST_CURVES = 3
MOST_PANELS = 8


def fits_table(fits: LosFits) -> RenderableType:
    """Return what was understood, the candidates of each group, and the warnings."""
    parts: list[RenderableType] = [
        Text(f"{fits.data.table.name}: lengths of stay", style="bold"),
        *(Text(f"  {safe(line)}") for line in fits.understood),
    ]
    left = [one for one in fits.data.rows if one.status == "left out"]
    if left:
        parts.append(Text("Rows left out", style="bold"))
        parts += [Text(f"  line {one.line}: {safe(one.reason)}") for one in left[:MOST_ROWS]]
        if len(left) > MOST_ROWS:
            parts.append(Text(f"  and {len(left) - MOST_ROWS} more (rows.csv of --out has all)"))
    parts += [_candidates(group) for group in fits.groups if group.candidates]
    parts += [Text(f"! {safe(warning)}") for warning in fits.warnings]
    return Group(*parts)


def _candidates(group: FittedGroup) -> RenderableType:
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=Text(
            f"{safe(group.label)}: {group.data.size:g}, of which {group.data.completed:g} ended",
            style="bold",
        ),
        title_justify="left",
    )
    table.add_column("")
    for name in ("Mean ± se, days", "Median", "P90", "AIC +", "Fit p"):
        table.add_column(name, justify="right")
    table.add_column("")
    least = group.candidates[0].fit.aic
    for one in group.candidates:
        law = one.fit.law
        said = "taken" if one is group.best else safe(one.why_not)
        table.add_row(
            one.fit.family.name,
            f"{law.mean:.3g} ± {one.fit.mean_error():.2g}",
            f"{law.quantile(0.5):.3g}",
            f"{law.quantile(0.9):.3g}",
            f"{one.fit.aic - least:.1f}",
            "-" if math.isnan(one.goodness.p) else f"{one.goodness.p:.2g}",
            said,
            style="bold" if one is group.best else "",
        )
    return table


def figure(fits: LosFits) -> Figure:
    """Draw, for each group, the share still there day by day and a probability plot."""
    import matplotlib.pyplot as plt

    groups = [one for one in fits.groups if one.candidates][:MOST_PANELS]
    rows = max(1, len(groups))
    picture, axes = plt.subplots(
        rows, 2, figsize=(9.5, 3.4 * rows + 0.5), squeeze=False, layout="constrained"
    )
    for (left, right), group in zip(axes, groups, strict=False):
        _survival(left, group)
        _probability(right, group)
    if not groups:
        axes[0, 0].text(0.5, 0.5, "too few stays to fit anything", ha="center")
    tell_together(list(axes.flat), _told(fits, groups))
    return picture


def _told(fits: LosFits, groups: Sequence[FittedGroup]) -> Told:
    """Say what the picture shows: what was taken for each group, and how well it fits."""
    rows: list[tuple[str, ...]] = []
    said: list[str] = []
    for one in groups:
        best, size = one.best, one.data.size
        head = (one.label, f"{size:g}", f"{one.data.completed:g}")
        if best is None:
            rows.append((*head, "none", "", "", "", ""))
            said.append(f"{one.label}: no law can be used")
            continue
        law, name = best.fit.law, best.fit.family.name.replace("_", " ")
        p = "" if math.isnan(best.goodness.p) else f"{best.goodness.p:.2g}"
        mean = f"{law.mean:.3g} ± {best.fit.mean_error():.2g}"
        quantiles = (f"{law.quantile(share):.3g}" for share in (0.5, 0.9))
        rows.append((*head, name, mean, *quantiles, p))
        said.append(
            f"{one.label}: {name} with a mean of {law.mean:.3g} d"
            + (f", which does not fit well (p = {p})" if p and best.goodness.p < POOR else "")
        )
    hidden = len([one for one in fits.groups if one.candidates]) - len(groups)
    text = (
        "For each group on the left the share of stays that are longer than so many days, as steps "
        "for what was seen with its 95 % band and as lines for what was fitted; on the right a "
        "probability plot, whose points lie on the dashed line where both agree. "
        + ("; ".join(said) or "Too few stays to fit anything")
        + "."
        + (f" {hidden} further groups are in fits.csv." if hidden > 0 else "")
    )
    heads = (
        *("Group", "Stays", "Ended", "Law taken", "Mean ± standard error [days]"),
        *("Median [days]", "90th percentile [days]", "Fit p"),
    )
    file = fits.data.table.name
    source = f"Source: carepath-sim {__version__}, file {file}, {fits.data.taken} rows taken."
    grid = Grid("Laws that were taken, by group.", heads, tuple(rows))
    return Told(f"{file}: lengths of stay as they were seen, and as fitted", text, source, grid)


def _shown(group: FittedGroup) -> list[tuple[str, Law]]:
    """The law that was taken, and the next best."""
    best = group.best
    chosen = [] if best is None else [best]
    chosen += [one for one in group.candidates if one is not best and one.usable]
    return [(one.fit.family.name, one.fit.law) for one in chosen[:MOST_CURVES]]


def _over(group: FittedGroup, law: Law, days: Floats) -> Floats:
    """Share of stays that are over by then, in the way in which the data count."""
    nights = np.full(len(days), bool(group.data.nights.any()))
    return Lengths.chances(law, np.full(len(days), -1.0), days, nights)


def _survival(axes: Axes, group: FittedGroup) -> None:
    seen = group.seen
    ends = np.concatenate(([0.0], seen.days))
    axes.step(
        ends,
        np.concatenate(([1.0], seen.share)),
        where="post",
        color=GREY,
        linewidth=1.2,
        label="seen (Kaplan-Meier, 95 %)",
    )
    axes.fill_between(seen.days, seen.low, seen.high, step="post", color=GREY, alpha=0.15, lw=0)
    whole = bool(group.data.nights.any())
    top = float(seen.days.max())
    grid = np.arange(0.0, top + 1) if whole else np.linspace(0, top, 300)
    for (name, law), colour in zip(_shown(group), SERIES, strict=False):
        axes.plot(grid, 1 - _over(group, law, grid), color=colour, linewidth=1.4, label=name)
    axes.set_yscale("log")
    axes.set_ylim(max(0.4 / group.data.size, 1e-4), 1.2)
    size, ended = group.data.size, group.data.completed
    number = f"{size:g}" if size == ended else f"{size:g}, {ended:g} ended"
    axes.set_title(f"{group.label} ({number})", loc="left", fontsize=9)
    axes.set_xlabel("nights" if whole else "days", fontsize=8)
    axes.set_ylabel("share longer than this", fontsize=8)
    _tidy(axes)
    axes.legend(frameon=False, fontsize=7, loc="upper right")


def _probability(axes: Axes, group: FittedGroup) -> None:
    seen = group.seen
    over = 1 - seen.share
    for k, ((name, law), colour) in enumerate(zip(_shown(group), SERIES, strict=False)):
        fitted = _over(group, law, seen.days)
        if k == 0:
            # Where the points of the law that was taken may lie by chance alone.
            axes.fill_between(fitted, 1 - seen.high, 1 - seen.low, color=GREY, alpha=0.12, lw=0)
        axes.plot(fitted, over, "o", color=colour, markersize=2.5, alpha=0.7, label=name)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (4, 2)))
    axes.set_title("probability plot: on the line where they agree", loc="left", fontsize=9)
    axes.set_xlabel("share over, fitted", fontsize=8)
    axes.set_ylabel("share over, seen", fontsize=8)
    axes.set_aspect("equal")
    _tidy(axes)


def _tidy(axes: Axes) -> None:
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#DDDDDD", linewidth=0.5)
