"""How full places will be, day by day: what is shown at the morning meeting."""

from __future__ import annotations

from datetime import timedelta
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich import box
from rich.table import Table
from rich.text import Text

from carepath_sim.calibrate.forecast import summary
from carepath_sim.measures.midnight_pools import POOL_KINDS
from carepath_sim.report.cells import safe
from carepath_sim.report.colours import BLUE, GREY, ORANGE, RED
from carepath_sim.report.forest import NothingToDrawError
from carepath_sim.report.told import Grid, Told, source_line, tell_together

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from carepath_sim.calibrate.forecast import Forecast

MOST_PANELS: Final = 8
WORDS_FIT: Final = 16
"""Days up to which each has its date and chance in words."""


def places_table(found: Forecast, days: list[int]) -> Table | None:
    """Return how many units are taken on some days, and the chance that none is free."""
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=Text(
            "Places taken: mean (80 % of futures), and the chance that none is free", style="bold"
        ),
        title_justify="left",
    )
    table.add_column("")
    table.add_column("of", justify="right")
    for k in days:
        words = "start" if k == 0 else f"{found.first + timedelta(days=k):%-d %b}"
        table.add_column(words, justify="right")
    for k in found.shown_pools:
        taken, capacity, _ = (found.pools[:, one, :, k] for one in range(len(POOL_KINDS)))
        of, full = summary(taken), found.full[:, :, k]
        table.add_row(
            safe(found.plan.pools[k].title or found.plan.pools[k].name),
            f"{capacity[:, days].mean():.3g}",
            *(
                f"{of['mean'][day]:.1f} ({of['low80'][day]:.0f}-{of['high80'][day]:.0f})"
                for day in days
            ),
        )
        table.add_row("  none free", "", *(chance_words(full, day) for day in days))
    return table if table.row_count else None


def figure(found: Forecast) -> Figure:
    """Draw for each pool how many units are taken and wanted, and the chance of each day.

    Raises
    ------
    NothingToDrawError
        If no pool is limited.
    """
    import matplotlib.pyplot as plt

    shown = found.shown_pools
    if not shown:
        raise NothingToDrawError("no pool with a limit is open at night")
    # The fullest first, where there are more than a page can hold.
    if len(shown) > MOST_PANELS:
        share = found.full[:, 1:].mean(axis=(0, 1))
        shown = sorted(sorted(shown, key=lambda k: -share[k])[:MOST_PANELS])
    wide = 1 if len(shown) == 1 else 2
    high = -(-len(shown) // wide)
    picture = plt.figure(
        figsize=(7.4 if wide == 1 else 12.5, 3.7 * high + 0.6), layout="constrained"
    )
    grid = picture.add_gridspec(2 * high, wide, height_ratios=[5, 1] * high)
    panels = []
    for place, k in enumerate(shown):
        row, column = divmod(place, wide)
        above = picture.add_subplot(grid[2 * row, column])
        panels.append(above)
        _fan(above, found, k)
        _strip(picture.add_subplot(grid[2 * row + 1, column]), found, k)
        if place == 0:
            above.legend(frameon=False, fontsize=7.5, loc="lower left", ncols=2)
    title = (
        f"{found.scenario.title or found.scenario.name}: how full, {found.days} days from"
        f" {found.first:%-d %B %Y}"
    )
    tell_together(
        panels, Told(title, " ".join(found.answers()), source(found), _grid(found, shown))
    )
    return picture


def source(found: Forecast) -> str:
    """Return where the numbers of a picture come from."""
    return source_line([found.scenario.name], found.replications, found.seed)


def _grid(found: Forecast, shown: list[int]) -> Grid:
    rows = []
    for k in shown:
        taken, capacity, waiting = (found.pools[:, one, :, k] for one in range(len(POOL_KINDS)))
        of = summary(taken)
        rows += [
            (
                found.plan.pools[k].title or found.plan.pools[k].name,
                str(found.first + timedelta(days=day)),
                f"{capacity[:, day].mean():.3g}",
                f"{of['mean'][day]:.1f}",
                f"{of['low80'][day]:.0f} to {of['high80'][day]:.0f}",
                f"{waiting[:, day].mean():.1f}",
                chance_words(found.full[:, :, k], day),
            )
            for day in range(0, found.days + 1, 1 if found.days < WORDS_FIT else 7)
        ]
    heads = ("Pool", "Day", "Capacity", "Taken", "80 % of futures", "Waiting", "None free")
    return Grid("Places as each day begins.", heads, tuple(rows))


def _fan(axes: Axes, found: Forecast, k: int) -> None:
    taken, capacity, waiting = (found.pools[:, one, :, k] for one in range(len(POOL_KINDS)))
    of, at = summary(taken), np.arange(found.days + 1)
    axes.fill_between(
        at, of["low95"], of["high95"], color=BLUE, alpha=0.15, lw=0, label="taken: 95 % of futures"
    )
    axes.fill_between(at, of["low80"], of["high80"], color=BLUE, alpha=0.3, lw=0, label="80 %")
    axes.plot(at, of["mean"], color=BLUE, linewidth=1.6, label="mean")
    axes.step(at, capacity.mean(axis=0), color=GREY, linewidth=1.6, where="post", label="capacity")
    wanted = (taken + waiting).mean(axis=0)
    if waiting.any():
        words = "wanted: taken and waited for"
        axes.plot(at, wanted, color=ORANGE, linewidth=1.4, linestyle="--", label=words)
    top = max(float(of["high95"].max()), float(capacity.mean(axis=0).max()), float(wanted.max()))
    axes.set_ylim(0, 1.08 * top)
    axes.set_xlim(-0.5, found.days + 0.5)
    axes.set_xticks([])
    info = found.plan.pools[k]
    size = capacity[:, -1].mean()
    title = f"{info.title or info.name}: {size:.3g} {info.unit or 'places'}"
    last = f"{found.first + timedelta(days=found.days):%a %-d %b}"
    low, high = of["low80"][-1], of["high80"][-1]
    said = (
        f"{last}: {of['mean'][-1]:.0f} taken ({low:.0f} to {high:.0f} in 8 of 10 futures),"
        f" {waiting[:, -1].mean():.1f} waiting"
    )
    axes.set_title(f"{fill(title, 70)}\n", loc="left", fontsize=10, fontweight="bold")
    axes.text(0, 1.02, said, transform=axes.transAxes, fontsize=8.5, color=GREY)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)


def _strip(axes: Axes, found: Forecast, k: int) -> None:
    """Draw the chance that all are taken, a cell a midnight."""
    from matplotlib.colors import LinearSegmentedColormap

    chance = found.full[:, :, k].mean(axis=0)
    colours = LinearSegmentedColormap.from_list("full", ["#F3F2F1", ORANGE, RED])
    at = np.arange(found.days + 2) - 0.5
    axes.pcolormesh(
        at, [0, 1], chance[None, :], cmap=colours, vmin=0, vmax=1, edgecolors="white", linewidth=0.6
    )
    fits = found.days + 1 <= WORDS_FIT
    if fits:
        for day, share in enumerate(chance):
            axes.text(
                day,
                0.5,
                chance_words(found.full[:, :, k], day),
                ha="center",
                va="center",
                fontsize=8,
                color="white" if share > 0.75 else "black",
            )
    days = range(0, found.days + 1, 1 if fits else 7)
    labels = [_day(found, day, fits=fits) for day in days]
    axes.set_xticks(list(days), labels)
    axes.set_xlim(-0.5, found.days + 0.5)
    axes.set_yticks([0.5], ["full?"])
    axes.tick_params(labelsize=8, length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("chance that none is free as the day begins", fontsize=8)


def chance_words(full: NDArray[np.bool_], day: int) -> str:
    """Return the chance that all are taken; what no future shows is not impossible.

    Parameters
    ----------
    full
        By future and day; day 0 is the list, and known.
    """
    value, least = float(full[:, day].mean()), 1 / len(full)
    if day == 0:
        return "full" if value == 1 else "no"
    if value == 0 and least < 0.05:
        return f"<{least:.0%}"
    return f">{1 - least:.0%}" if value == 1 and least < 0.05 else f"{value:.0%}"


def _day(found: Forecast, day: int, *, fits: bool) -> str:
    at: Any = found.first + timedelta(days=day)
    return f"{at:%a}\n{at:%-d %b}" if fits else f"{at:%-d %b}"
