"""Warm-up as a table, in words, and as a picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from rich import box
from rich.console import Group
from rich.text import Text

from carepath_sim.report.cells import safe
from carepath_sim.report.colours import BLUE, GREY, ORANGE, RED, TEAL
from carepath_sim.report.fitting import Fitted
from carepath_sim.report.lines import number
from carepath_sim.report.told import Grid, Told, source_line, tell_together

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import RenderableType

    from carepath_sim.experiment.warm_up import Series, WarmUp

COUNTS = {"occupancy": "in use", "waiting": "waiting for it", "delayed": "delayed in it"}
COLUMNS = 3
HOW = (
    "Days to leave out at the beginning. Welch: the moving average of the mean over replications "
    "has come within 5 % of where it stays. MSER-5: marginal standard error rule on that mean. "
    "Floor: until a place that starts empty is 95 % full, were there no queues. "
    "-: none, or no end within the pilot run."
)


LARGE = 10
"""Mean number from which on a fortnight tells how full a place is."""
LARGE_SHARE = 0.95
"""Share from which on a tenth of a per cent is of interest."""
MOST = 4
"""Names in a sentence."""


def warm_up_table(found: WarmUp) -> RenderableType:
    """Return the days of warm-up by series, and what follows from them."""
    table = Fitted(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for name in ("Settles at", "Welch", "MSER-5", "Floor", "Warm-up"):
        table.add_column(name, justify="right")
    table.add_column("")
    growing = set(found.growing)
    for one in found.series:
        table.add_row(
            safe(f"{one.title}, {_count(one)}"),
            number(one.settled, one.unit),
            *(_days(day) for day in (one.welch, one.mser5, one.floor or None, one.warm_up)),
            "still rising" if one in growing else "",
        )
    heading = Text(
        f"{found.label}: a pilot run of {found.days:,} d from its first instant, "
        f"{found.replications} replications, seed {found.seed}, engine {found.engine}",
        style="bold",
    )
    return Group(
        heading, table, Text(HOW, style="dim"), *(Text(line) for line in conclusions(found))
    )


def conclusions(found: WarmUp) -> tuple[str, ...]:
    """Return what a warm-up run tells, in sentences."""
    return tuple(_conclusions(found))


def _conclusions(found: WarmUp) -> Iterator[str]:
    if found.unsteady:
        yield "There is NO STEADY STATE, and no warm-up brings one:"
        yield from (f"  - {reason}" for reason in found.unsteady)
        yield "Means depend on when one looks: start from a known state, and ask about its days."
    elif found.growing:
        names = ", ".join(f"{one.title} ({_count(one)})" for one in found.growing)
        yield (
            f"NO STEADY STATE within {found.days:,} d: still moving at the end, beyond chance: "
            f"{names}."
        )
    open_ended = [one for one in found.series if not math.isfinite(one.warm_up)]
    if open_ended:
        names = ", ".join(f"{one.title} ({_count(one)})" for one in open_ended)
        yield (
            f"No end of the warm-up was found for {names}: take a longer pilot run (--days) or "
            "more replications, or start there with people (`start:`)."
        )
    if found.unsteady:
        return
    finite = [one for one in found.series if math.isfinite(one.warm_up)]
    if finite:
        slowest = max(finite, key=lambda one: one.warm_up)
        days = math.ceil(slowest.warm_up)
        others = "The others need" if open_ended else "The scenario needs"
        yield (
            f"{others} a warm-up of {days:,} d; {slowest.title} ({_count(slowest)}) is the slowest."
        )
        if days <= found.own:
            yield f"Its own warm-up of {found.own:,.0f} d is long enough."
        else:
            yield f"Its own warm-up of {found.own:,.0f} d is TOO SHORT{_how_far(found)}."
            yield _what_follows(found)
    yield from (f"Levels drift over years: {reason}." for reason in found.drifting)
    if found.cycles:
        yield (
            f"The long run is a cycle of a year, not a level ({'; '.join(found.cycles)}): the "
            "pilot run left the months out; take whole years as window."
        )


def _how_far(found: WarmUp) -> str:
    """Say how far from settled the farthest series is when the scenario begins to count."""
    late = [
        (abs(one.reached(found.own) - 1), one)
        for one in found.late
        if one.count == "occupancy" and one.settled >= LARGE
    ]
    known = [pair for pair in late if math.isfinite(pair[0])]
    if not known:
        return ""
    _, one = max(known, key=lambda pair: pair[0])
    return (
        f": in the fortnight after it {one.title} ({_count(one)}) is at "
        f"{one.reached(found.own):.0%} of where it settles, over the window of "
        f"{found.window:,.0f} d at {_share(one.over(found.own, found.window))}"
    )


def _share(of: float) -> str:
    """Write a share near one with the digit that tells how near."""
    return f"{of:.1%}" if LARGE_SHARE <= of < 1 else f"{of:.0%}"


def _what_follows(found: WarmUp) -> str:
    """Say which figures a warm-up spoils that is too short."""
    felt = found.late_with_queues
    if not felt:
        return (
            "Hardly anybody waits for what has not settled by then, so that others do not feel "
            "it: only the numbers of people there, and what they cost, are those of places still "
            "filling."
        )
    off = {id(one): one.over(found.own, found.window) for one in felt}
    worst = sorted(felt, key=lambda one: -abs(off[id(one)] - 1))
    names = [f"{one.title} ({_count(one)}, {off[id(one)]:.0%})" for one in worst[:MOST]]
    more = f" and {len(worst) - MOST} more" if len(worst) > MOST else ""
    return (
        "People wait for, or are delayed in, some of what has not settled by then, so that waits, "
        "delays and who gets a place there may not have settled either. Over the window, of "
        f"where they settle: {', '.join(names)}{more}."
    )


def figure(found: WarmUp, most: int) -> Figure:
    """Draw the series that need the longest warm-up."""
    import matplotlib.pyplot as plt

    shown = sorted(found.series, key=lambda one: -one.warm_up)[:most]
    columns = max(1, min(COLUMNS, len(shown)))
    rows = max(1, math.ceil(len(shown) / columns))
    picture, axes = plt.subplots(
        rows,
        columns,
        figsize=(4 * columns, 2.5 * rows + 0.9),
        squeeze=False,
        layout="constrained",
    )
    places = axes.ravel().tolist()
    for place, one in zip(places, shown, strict=False):
        _draw(place, one, found.own)
    for place in places[len(shown) :]:
        place.set_visible(False)
    _legend(picture, places[: len(shown)])
    if shown:
        tell_together(places[: len(shown)], _told(found, shown))
    return picture


def _told(found: WarmUp, shown: Sequence[Series]) -> Told:
    """Say what the picture shows, with the days of every series in it as a table."""
    text = (
        f"{len(shown)} small pictures, one a count of people or of units in use: the mean of the "
        f"replications day by day, its moving average, and the days to leave out. "
        + " ".join(conclusions(found))
    )
    rows = tuple(
        (
            f"{one.title}, {_count(one)}",
            number(one.settled, one.unit),
            *(_days(day) for day in (one.welch, one.mser5, one.floor or None, one.warm_up)),
        )
        for one in shown
    )
    heads = ("Series", "Settles at", "Welch", "MSER-5", "Floor", "Warm-up")
    return Told(
        f"How long {found.label} takes to settle, from its first instant",
        text,
        source_line([found.label], found.replications, found.seed),
        Grid(HOW, heads, rows),
    )


def _draw(axes: Axes, one: Series, own: float) -> None:
    from carepath_sim.statistics.warm_up import cumulative_mean, smoothed

    day = np.arange(1, len(one.mean) + 1)
    curve = smoothed(one.mean, one.half_width)
    axes.plot(day, one.mean, color=BLUE, alpha=0.3, linewidth=0.7, label="mean of the day")
    axes.plot(
        day,
        cumulative_mean(one.mean),
        color=GREY,
        linewidth=0.8,
        linestyle=":",
        label="mean so far",
    )
    axes.plot(day[: len(curve)], curve, color=BLUE, linewidth=1.6, label="moving average (Welch)")
    if one.welch is not None:
        axes.axvline(one.welch, color=ORANGE, linewidth=1.2, label="Welch")
    if one.mser5 is not None:
        axes.axvline(one.mser5, color=TEAL, linewidth=1.2, linestyle="--", label="MSER-5")
    if 0 < one.floor <= len(day):
        axes.axvline(one.floor, color=RED, linewidth=1.2, linestyle="-.", label="floor")
    if 0 < own <= len(day):
        axes.axvspan(0, own, color=GREY, alpha=0.08, linewidth=0, label="its own warm-up")
    title = f"{one.title}, {_count(one)}"
    axes.set_title(
        title if len(title) < 48 else f"{title[:20]}...{title[-25:]}", loc="left", fontsize=8
    )
    axes.set_xlabel("day of the run", fontsize=7)
    axes.set_ylabel(one.unit.replace("_", " "), fontsize=7)
    axes.tick_params(labelsize=7)
    axes.set_ylim(bottom=0)
    axes.margins(x=0)
    axes.spines[["top", "right"]].set_visible(False)


def _legend(picture: Figure, places: Sequence[Axes]) -> None:
    """Put one legend below all, with every line that occurs."""
    found = {}
    for place in places:
        handles, labels = place.get_legend_handles_labels()
        found.update(dict(zip(labels, handles, strict=True)))
    if found:
        picture.legend(
            list(found.values()),
            list(found),
            loc="outside lower left",
            ncols=len(found),
            frameon=False,
            fontsize=8,
        )


def _count(one: Series) -> str:
    if one.name.startswith("service:"):
        return "people"
    return COUNTS[one.count]


def _days(days: float | None) -> str:
    if days is None or not math.isfinite(days):
        return "-"
    return f"{math.ceil(days):,} d"
