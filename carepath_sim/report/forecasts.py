"""Forecasts as a table in a terminal and as fans."""

from __future__ import annotations

from datetime import timedelta
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from carepath_sim.calibrate.forecast import WORDS, summary
from carepath_sim.measures.midnight import KINDS
from carepath_sim.report.cells import safe
from carepath_sim.report.colours import BLUE, GREY, ORANGE
from carepath_sim.report.forecast_places import places_table, source
from carepath_sim.report.forest import NothingToDrawError
from carepath_sim.report.told import Grid, Told, tell_together

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import RenderableType

    from carepath_sim.calibrate.forecast import Forecast

MOST_PANELS = 24
TABLE_DAYS = (0, 1, 2, 3, 5, 7, 10, 14, 28, 56, 90, 180)
TOLD = ("present", "waiting", "delayed")


def forecast_table(found: Forecast) -> RenderableType:
    """Return what was simulated, and the mean and the 80 % interval of some days."""
    days = [k for k in TABLE_DAYS if k < found.days]
    days = [*days[:7], found.days]
    parts: list[RenderableType] = [
        Text(f"{found.scenario.name}: {found.days} days from {found.first}", style="bold"),
        *(Text(safe(line)) for line in found.answers()),
        *(Text(f"  {safe(line)}") for line in found.understood),
    ]
    if (places := places_table(found, days)) is not None:
        parts.append(places)
    for by in found.counts:
        for what in TOLD:
            table = _table(found, by, what, days)
            if table is not None:
                parts.append(table)
    parts += [Text(f"! {safe(warning)}") for warning in found.warnings]
    return Group(*parts)


def _table(found: Forecast, by: str, what: str, days: list[int]) -> RenderableType | None:
    strata, counts = found.strata[by], found.counts[by][:, KINDS.index(what)]
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=Text(
            f"People {WORDS[what]}{f', by {by}' if by else ''}: mean (80 % of futures)",
            style="bold",
        ),
        title_justify="left",
    )
    table.add_column("")
    for k in days:
        words = "start" if k == 0 else f"{found.first + timedelta(days=k):%-d %b}"
        table.add_column(words, justify="right")
    for service, group in zip(*np.nonzero(counts.any(axis=(0, 1))), strict=True):
        figures = summary(counts[:, days, service, group])
        label = strata.services[service]
        if by:
            label += f", {strata.groups[group] or 'not known'}"
        table.add_row(
            safe(label),
            *(
                f"{mean:.1f} ({low:.0f}-{high:.0f})"
                for mean, low, high in zip(
                    figures["mean"], figures["low80"], figures["high80"], strict=True
                )
            ),
        )
    return table if table.row_count else None


def figure(found: Forecast, by: str, what: str) -> Figure:
    """Draw a fan for each service, or each service and group."""
    import matplotlib.pyplot as plt

    strata, counts = found.strata[by], found.counts[by]
    number = KINDS.index(what)
    shown = np.argwhere(counts[:, number].any(axis=(0, 1)))
    if not len(shown):
        raise NothingToDrawError(f"nobody is ever {WORDS[what]}")
    # The largest first, where there are more than a page can hold.
    if len(shown) > MOST_PANELS:
        size = counts[:, number].mean(axis=(0, 1))
        order = np.argsort([-size[s, g] for s, g in shown], kind="stable")[:MOST_PANELS]
        shown = shown[np.sort(order)]
    wide = 2 if len(shown) == 4 else min(4 if len(shown) > 9 else 3, len(shown))
    high = -(-len(shown) // wide)
    picture, axes = plt.subplots(
        high,
        wide,
        figsize=(max(3.4 * wide, 6.0), 2.5 * high + 0.7),
        squeeze=False,
        layout="constrained",
    )
    for cell in axes.flat[len(shown) :]:
        cell.set_axis_off()
    for cell, (service, group) in zip(axes.flat, shown, strict=False):
        _fan(cell, found, counts[:, :, :, service, group], number)
        title = strata.titles[service]
        if by:
            title += f", {strata.groups[group] or 'not known'}"
        cell.set_title(fill(title, 62 // wide + 14), loc="left", fontsize=9 if wide < 4 else 8)
    axes.flat[0].legend(frameon=False, fontsize=7, loc="best")
    title = (
        f"{found.scenario.title or found.scenario.name}: people {WORDS[what]}, {found.days} days"
        f" from {found.first:%-d %B %Y}"
    )
    panels = list(axes.flat[: len(shown)])
    grid = _grid(found, by, number, shown)
    text = "; ".join(
        f"{row[0]}: {row[2]} ({row[3]})" for row in grid.rows if row[1] == grid.rows[-1][1]
    )
    last = f"{grid.rows[-1][1]}, mean (80 % of futures): {text}."
    tell_together(panels, Told(title, last, source(found), grid))
    return picture


def _grid(found: Forecast, by: str, number: int, shown: Any) -> Grid:
    """Return the numbers of a picture, a row a panel and a day of a short table."""
    strata, rows = found.strata[by], []
    days = [k for k in TABLE_DAYS if k < found.days]
    for service, group in shown:
        of = summary(found.counts[by][:, number, :, service, group])
        name = strata.titles[service] + (f", {strata.groups[group] or 'not known'}" if by else "")
        rows += [
            (
                name,
                str(found.first + timedelta(days=day)),
                f"{of['mean'][day]:.1f}",
                f"{of['low80'][day]:.0f} to {of['high80'][day]:.0f}",
            )
            for day in (*days, found.days)
        ]
    return Grid("People as the day begins.", ("Who", "Day", "Mean", "80 % of futures"), tuple(rows))


def _fan(axes: Axes, found: Forecast, counts: Any, number: int) -> None:
    import matplotlib.dates as mdates

    skip = 1 if KINDS[number] in {"came", "left"} else 0
    days: Any = [found.first + timedelta(days=k) for k in range(skip, found.days + 1)]
    figures = summary(counts[:, number, skip:])
    axes.fill_between(
        days, figures["low95"], figures["high95"], color=BLUE, alpha=0.15, lw=0, label="95 %"
    )
    axes.fill_between(
        days, figures["low80"], figures["high80"], color=BLUE, alpha=0.3, lw=0, label="80 %"
    )
    axes.plot(days, figures["mean"], color=BLUE, linewidth=1.5, label="mean")
    if KINDS[number] == "present":
        since = counts[:, KINDS.index("from_start")].mean(axis=0)
        axes.plot(
            days, since, color=ORANGE, linewidth=1.2, linestyle="--", label="there since the start"
        )
    axes.set_ylim(bottom=0)
    locator: Any = mdates.AutoDateLocator(maxticks=6)  # type: ignore[no-untyped-call]
    formatter: Any = mdates.ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#DDDDDD", linewidth=0.5)
    axes.xaxis.get_offset_text().set_fontsize(7)
    axes.xaxis.get_offset_text().set_color(GREY)
