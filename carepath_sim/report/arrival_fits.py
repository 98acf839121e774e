"""Fitted arrivals as a table in a terminal and as pictures."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from carepath_sim import __version__
from carepath_sim.calibrate.arrivals_parts import AT_WEEKENDS, BANK_HOLIDAY, ON_WEEKDAYS
from carepath_sim.report.cells import safe
from carepath_sim.report.colours import BLUE, GREY, ORANGE
from carepath_sim.report.stay_fits import MOST_ROWS
from carepath_sim.report.told import Grid, Told, tell_together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import RenderableType

    from carepath_sim.calibrate.arrivals import ArrivalFits, FittedArrivals
    from carepath_sim.calibrate.arrivals_parts import Part

MOST_PANELS = 6


def arrivals_table(fits: ArrivalFits) -> RenderableType:
    """Return what was understood, what was fitted to each group, and the warnings."""
    parts: list[RenderableType] = [
        Text(f"{fits.data.table.name}: arrivals", style="bold"),
        *(Text(f"  {safe(line)}") for line in fits.understood),
    ]
    left = fits.data.rows
    if left:
        parts.append(Text("Rows left out, or taken with something to know", style="bold"))
        parts += [
            Text(f"  line {one.line}: {one.status}: {safe(one.reason)}") for one in left[:MOST_ROWS]
        ]
        if len(left) > MOST_ROWS:
            parts.append(Text(f"  and {len(left) - MOST_ROWS} more (rows.csv of --out has all)"))
    parts += [_numbers(one) for one in fits.groups]
    parts += [Text(f"! {safe(warning)}") for warning in fits.warnings]
    parts.append(Text(f"Note: {fits.note}"))
    return Group(*parts)


def _numbers(one: FittedArrivals) -> RenderableType:
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=Text(
            f"{safe(one.label)}: {one.days.sum():,.0f} in {len(one.days):,} days", style="bold"
        ),
        title_justify="left",
    )
    for name in ("", "Found", "95 %"):
        table.add_column(name)
    table.add_column("p", justify="right")
    table.add_column("")
    interval = f"{one.rate_low:.3g} to {one.rate_high:.3g}"
    trend = one.part("trend")
    on = f" on {one.at}" if trend.taken else ""
    table.add_row("rate", f"{one.rate:.4g} a day{on}", interval, "", "taken")
    scatter = one.variation
    told = scatter.p <= 0.05
    table.add_row(
        "days vary beyond chance",
        f"cv {scatter.cv:.2g} (variance {one.fit.dispersion:.2f} x mean)",
        f"{scatter.low:.2g} to {scatter.high:.2g}",
        _p(scatter.p),
        "taken" if told else "no more than chance",
    )
    if trend.factors:
        (growth,) = trend.factors
        words = f"{100 * (growth.value - 1):+.1f} % a year"
        ends = f"{100 * (growth.low - 1):+.1f} to {100 * (growth.high - 1):+.1f}"
        table.add_row("trend", words, ends, _p(trend.p), trend.why_not or "taken")
    else:
        table.add_row("trend", "", "", "", trend.why_not)
    two = (ON_WEEKDAYS, AT_WEEKENDS) if one.part(AT_WEEKENDS).factors else ()
    for name in ("month", "weekday", "hour", *two):
        part = one.part(name)
        table.add_row(name, _ends(part), "", _p(part.p), part.why_not or "taken")
    holiday = one.part(BANK_HOLIDAY)
    times = "".join(f"{f.value:.2f} times" for f in holiday.factors)
    ends = "".join(f"{f.low:.2f} to {f.high:.2f}" for f in holiday.factors)
    table.add_row("bank holidays", times, ends, _p(holiday.p), holiday.why_not)
    return table


def _ends(part: Part) -> str:
    """Return the least and the greatest factor of a profile."""
    if not part.factors:
        return ""
    low = min(part.factors, key=lambda f: f.value)
    high = max(part.factors, key=lambda f: f.value)
    return f"{low.name} {low.value:.2f} to {high.name} {high.value:.2f}"


def _p(value: float) -> str:
    return "" if math.isnan(value) else "<0.001" if value < 0.001 else f"{value:.2g}"


def figure(fits: ArrivalFits) -> Figure:
    """Draw, for each group, the weeks, the profiles, and how counts of days scatter."""
    import matplotlib.pyplot as plt

    groups = fits.groups[:MOST_PANELS]
    picture, axes = plt.subplots(
        2 * len(groups),
        6,
        figsize=(11, 5.6 * len(groups) + 0.3),
        squeeze=False,
        layout="constrained",
    )
    for k, one in enumerate(groups):
        for cell in axes[2 * k : 2 * k + 2].flat:
            cell.remove()
        grid = axes[0, 0].get_gridspec()
        _weeks(picture.add_subplot(grid[2 * k, :4]), one, fits.data.first)
        _scatter(picture.add_subplot(grid[2 * k, 4:]), one)
        for column, name in enumerate(("month", "weekday", "hour")):
            below = picture.add_subplot(grid[2 * k + 1, 2 * column : 2 * column + 2])
            if name == "hour" and one.two_weeks:
                _two_profiles(below, one)
            else:
                _profile(below, one.part(name))
    tell_together(list(picture.axes), _told(fits, groups))
    return picture


def _told(fits: ArrivalFits, groups: Sequence[FittedArrivals]) -> Told:
    """Say what the picture shows: rates, profiles that were taken, and how days vary."""
    rows: list[tuple[str, ...]] = []
    said: list[str] = []
    for one in groups:
        taken = ", ".join(part.name for part in one.parts if part.taken) or "none"
        on = f" on {one.at}" if one.part("trend").taken else ""
        ends = f"{one.rate_low:.3g} to {one.rate_high:.3g}"
        variation = f"{one.variation.cv:.2g}"
        rows.append(
            (one.label, f"{one.days.sum():,.0f}", f"{one.rate:.4g}{on}", ends, taken, variation)
        )
        said.append(f"{one.label}: {one.rate:.3g} a day{on}, profiles taken: {taken}")
    hidden = len(fits.groups) - len(groups)
    text = (
        "For each group above the arrivals by week, dots as seen and a line as fitted with a band "
        "of 95 % of weeks, and how many days had so many arrivals; below the factors of months, "
        "weekdays and hours with 95 % intervals. "
        + "; ".join(said)
        + "."
        + (f" {hidden} further groups are in profile.csv." if hidden > 0 else "")
    )
    heads = ("Group", "Arrivals", "Rate [per day]", "95 %", "Profiles taken", "Variation of days")
    name = fits.data.table.name
    source = f"Source: carepath-sim {__version__}, file {name}, from {fits.data.first}."
    grid = Grid("What was fitted, by group.", heads, tuple(rows))
    return Told(f"{name}: arrivals as they were seen, and as fitted", text, source, grid)


def _weeks(axes: Axes, one: FittedArrivals, first: Any) -> None:
    import matplotlib.dates as mdates

    wide = 7 if len(one.days) >= 56 else 1
    size = len(one.days) // wide * wide
    days = [first + timedelta(days=k) for k in range(0, size, wide)]
    seen = one.days[:size].reshape(-1, wide).mean(axis=1)
    mean = one.fit.mean[:size].reshape(-1, wide)
    # Weeks of days that vary independently, as a scenario has them.
    spread = np.sqrt((mean + (one.variation.cv * mean) ** 2).sum(axis=1)) / wide
    middle = mean.mean(axis=1)
    low = np.maximum(middle - 1.96 * spread, 0)
    axes.fill_between(days, low, middle + 1.96 * spread, color=BLUE, alpha=0.15, lw=0)
    axes.plot(days, middle, color=BLUE, linewidth=1.4, label="fitted, with 95 % of weeks")
    axes.plot(days, seen, "o", color=ORANGE, markersize=2.4, label="seen")
    axes.set_ylim(bottom=0)
    words = "weekly means" if wide == 7 else "days"
    axes.set_title(f"{one.label}: a day, {words}", loc="left", fontsize=9)
    locator: Any = mdates.AutoDateLocator(maxticks=8)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    formatter: Any = mdates.ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(formatter)
    axes.legend(frameon=False, fontsize=7, loc="lower left", ncols=2)
    _tidy(axes)


def _scatter(axes: Axes, one: FittedArrivals) -> None:
    """Draw how often so many came on a day, seen and fitted."""
    from scipy.stats import nbinom, poisson

    top = int(one.days.max()) + 2
    grid = np.arange(top + 1)
    wide = max(1, top // 30)
    edges = np.arange(0, top + wide, wide)
    seen, _ = np.histogram(one.days, bins=np.append(edges, edges[-1] + wide) - 0.5)
    mean = one.fit.mean[:, None]
    chance = np.asarray(poisson.pmf(grid, mean)).sum(axis=0)
    axes.bar(edges, seen, width=0.9 * wide, align="edge" if wide > 1 else "center", color="#C9D3DC")
    axes.plot(grid, chance * wide, color=GREY, linewidth=1, linestyle="--", label="chance alone")
    cv = one.variation.cv
    if cv > 0:
        size = 1 / cv**2
        varied = np.asarray(nbinom.pmf(grid, size, size / (size + mean))).sum(axis=0)
        axes.plot(grid, varied * wide, color=BLUE, linewidth=1.4, label=f"days vary (cv {cv:.2g})")
    axes.set_title("days with so many arrivals", loc="left", fontsize=9)
    axes.legend(frameon=False, fontsize=7)
    _tidy(axes)


def _two_profiles(axes: Axes, one: FittedArrivals) -> None:
    """Draw the courses of the day on weekdays and at weekends."""
    parts = (one.part(ON_WEEKDAYS), one.part(AT_WEEKENDS))
    axes.set_title(f"hour: another day at weekends (p {_p(parts[0].p)})", loc="left", fontsize=9)
    axes.axhline(1, color=GREY, linewidth=0.8)
    top = 0.0
    styles = (("weekdays", BLUE, "o", -0.12), ("weekends", ORANGE, "s", 0.12))
    for part, (label, colour, mark, aside) in zip(parts, styles, strict=True):
        at = np.arange(len(part.factors))
        value = np.array([f.value for f in part.factors])
        low = np.array([f.low for f in part.factors])
        high = np.array([f.high for f in part.factors])
        error = (value - low, high - value)
        axes.errorbar(
            at + aside, value, yerr=error, fmt=mark, color=colour, markersize=3, linewidth=1
        )
        axes.plot(at + aside, value, color=colour, linewidth=1, alpha=0.6, label=label)
        top = max(top, min(float(high.max()) * 1.08, 3 * float(value.max())))
    axes.set_ylim(0, top)
    names = [_short(f.name) for f in parts[0].factors]
    step = 3 if len(names) == 24 else 1
    axes.set_xticks(np.arange(len(names))[::step], names[::step])
    axes.legend(frameon=False, fontsize=7)
    _tidy(axes)


def _profile(axes: Axes, part: Part) -> None:
    axes.set_title(f"{part.name}" + ("" if part.taken else " (not taken)"), loc="left", fontsize=9)
    _tidy(axes)
    if not part.factors:
        axes.text(0.5, 0.5, part.why_not, ha="center", va="center", fontsize=7, wrap=True)
        axes.set_axis_off()
        return
    at = np.arange(len(part.factors))
    value = np.array([one.value for one in part.factors])
    low = np.array([one.low for one in part.factors])
    high = np.array([one.high for one in part.factors])
    axes.axhline(1, color=GREY, linewidth=0.8)
    axes.errorbar(
        at,
        value,
        yerr=(value - low, high - value),
        fmt="o",
        color=BLUE if part.taken else GREY,
        markersize=3.5,
        linewidth=1,
    )
    axes.set_ylim(0, min(float(high.max()) * 1.08, 4 * float(value.max())))
    step = 3 if part.name == "hour" and len(at) == 24 else 1
    axes.set_xticks(at[::step], [_short(one.name) for one in part.factors][::step])


def _short(name: str) -> str:
    return name[:2] if ":" in name else name[:3] if len(name) == 3 else name


def _tidy(axes: Axes) -> None:
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)
