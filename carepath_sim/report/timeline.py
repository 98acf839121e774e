"""A person's way on the terminal and as a picture."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from carepath_sim.report.colours import GREY, PLACES, RED
from carepath_sim.report.told import Grid, Told, tell

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from rich.console import RenderableType

    from carepath_sim.experiment.timeline import Step, Timeline
    from carepath_sim.report.fitting import Fitted

# Stretches in which somebody could have moved.
WAITS = ("wait", "request")

# A picture never shows more rows than somebody reads; the table has them all.
MOST_ROWS = 40


def timeline_text(timeline: Timeline) -> RenderableType:
    """Return the way as tables for the terminal."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [Text(timeline.title, style="bold")]
    if timeline.person:
        words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in timeline.person)
        parts.append(Text(words, style="dim"))
    if timeline.told:
        parts += [Text("As told:", style="dim"), *(Text(f"  {line}") for line in timeline.told)]
    parts += [Text(""), _steps_table(timeline), Text(""), _facts_table(timeline)]
    return Group(*parts)


def _steps_table(timeline: Timeline) -> Fitted:
    from rich import box

    from carepath_sim.report.fitting import Fitted

    table = Fitted(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Day", justify="right", no_wrap=True)
    table.add_column("to", justify="right", no_wrap=True)
    table.add_column("Days", justify="right", no_wrap=True)
    table.add_column("Since fit", justify="right", no_wrap=True)
    table.add_column("Place held")
    table.add_column("What happens")
    table.add_column("Waiting for")
    for step in timeline.steps:
        table.add_row(
            day(step.begin),
            "" if step.end is None else day(step.end),
            "goes on" if step.days is None else day(step.days),
            "" if step.fit is None else day(step.fit),
            step.place,
            _what(step),
            step.waiting_for if step.kind in WAITS else "",
            style="yellow" if step.kind in WAITS else None,
        )
    return table


def _what(step: Step) -> str:
    if step.kind == "stay":
        return f"stay, {step.reason}" if step.reason else "stay"
    if step.kind == "wait":
        return step.reason
    if step.kind == "meanwhile":
        return f"meanwhile: {step.title}"
    if step.kind == "request":
        return f"asked for {step.title}: {step.reason}"
    return step.title


def _facts_table(timeline: Timeline) -> Fitted:
    from rich import box

    from carepath_sim.report.fitting import Fitted

    table = Fitted(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for name, value in facts(timeline):
        table.add_row(name, value)
    return table


def facts(timeline: Timeline) -> list[tuple[str, str]]:
    """Return what the way comes to: pairs of words and a value with its unit."""
    found = [("Total", f"{day(timeline.total_days)} days")]
    if timeline.days_from_fit is not None:
        found.append(
            ("From medically fit to the end of the way", f"{day(timeline.days_from_fit)} days")
        )
    found.append(("Hospital stays", str(timeline.admissions)))
    if timeline.acute_days:
        found += [
            ("Days in an acute bed", day(timeline.acute_days)),
            ("  of which delayed", day(timeline.delayed_acute_days)),
        ]
    for place in timeline.places:
        waiting = f", {day(place.waiting)} of them waiting" if place.waiting else ""
        found.append((f"Days at {place.title}", f"{day(place.held)}{waiting}"))
    if timeline.visits:
        found.append(("Visits at home", f"{timeline.visits:.0f}"))
    assessed = ", ".join(timeline.assessed_by)
    number = len(timeline.assessed_by)
    found.append(("Organisations that assessed", f"{number} ({assessed})" if number else "0"))
    return found


def day(days: float) -> str:
    """Return a number of days, whole where it is, else short.

    >>> day(5.0), day(0.75), day(17.92)
    ('5', '0.75', '17.9')
    """
    if abs(days - round(days)) < 5e-4:
        return f"{round(days)}"
    return f"{days:.2f}" if abs(days) < 10 else f"{days:.1f}"


def draw_timeline(timeline: Timeline, file: str | Path) -> None:
    """Draw the way into a file; its ending (png, svg, pdf) says in which form."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    rows = _rows(timeline)
    figure = Figure(figsize=_size(rows), layout="constrained")
    plot_timeline(timeline, figure.add_subplot())
    with mpl.rc_context({"svg.hashsalt": "carepath-sim"}):
        metadata: dict[str, str | None] = {"Title": timeline.title}
        if str(file).lower().endswith((".svg", ".svgz")):
            metadata["Date"] = None
        figure.savefig(file, dpi=150, metadata=metadata)


def timeline_figure(timeline: Timeline, ax: Axes | None = None) -> Axes:
    """Draw the way, on axes of its own if none are given; see `plot_timeline`."""
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=_size(_rows(timeline)), layout="constrained")
    return plot_timeline(timeline, ax)


def _size(rows: list[str]) -> tuple[float, float]:
    return 11, 2.1 + 0.5 * len(rows)


def plot_timeline(timeline: Timeline, ax: Axes) -> Axes:
    """Draw the way: a row a place, full bars for stays, hatched ones for waiting there."""
    rows = _rows(timeline)
    place_of = {title: k for k, title in enumerate(rows)}
    last = max((step.end or step.begin for step in timeline.steps), default=1.0) or 1.0
    right = last * 1.06
    colour = {title: PLACES[k % len(PLACES)] for k, title in enumerate(rows)}
    for step in timeline.steps:
        if _row(step) in place_of:
            _bar(ax, step, place_of[_row(step)], colour[_row(step)], right)
    for title in rows:
        _waits_in_words(ax, timeline, title, place_of[title], right)
    if timeline.days_from_fit is not None:
        fit = timeline.total_days - timeline.days_from_fit
        ax.axvline(fit, color=GREY, linewidth=1, linestyle=(0, (2, 2)), zorder=1)
        ax.text(fit, -0.85, " medically fit", fontsize=8, color=GREY, va="center")
    ax.set_yticks(range(len(rows)), [textwrap.fill(title, 26) for title in rows])
    ax.set_ylim(len(rows) - 0.4, -1.1)
    ax.set_xlim(0, right)
    ax.set_xlabel("days since the start")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color="#DDDDDD", linewidth=0.6, zorder=0)
    ax.set_axisbelow(True)
    return tell(ax, _told(timeline))


def _bar(ax: Axes, step: Step, y: float, colour: str, right: float) -> None:
    """Draw one stretch, with its length inside where that fits."""
    waiting = step.kind in WAITS
    width = (right if step.end is None else step.end) - step.begin
    ax.barh(
        y,
        width,
        left=step.begin,
        height=0.28 if step.kind == "meanwhile" else 0.6,
        color="white" if waiting else colour,
        edgecolor=RED if waiting else colour,
        hatch="////" if waiting else None,
        linewidth=1.0,
        zorder=3,
    )
    words = "goes on" if step.days is None else f"{day(step.days)} d"
    if not waiting and width > _room(words, right):
        ax.text(
            step.begin + width / 2,
            y,
            words,
            fontsize=7.5,
            ha="center",
            va="center",
            color="white",
            zorder=4,
        )


def _waits_in_words(ax: Axes, timeline: Timeline, title: str, y: float, right: float) -> None:
    """Write how long somebody waited and why, behind the last of the bars that touch."""
    bars = sorted(
        (step for step in timeline.steps if _row(step) == title), key=lambda step: step.begin
    )
    group: list[Step] = []
    for step, following in zip(bars, [*bars[1:], None], strict=True):
        if step.kind not in WAITS or step.end is None or step.days is None:
            continue
        group.append(step)
        if following is not None and following.kind in WAITS and following.begin <= step.end:
            continue
        words = ", ".join(f"{day(one.days or 0.0)} d {one.reason}" for one in group)
        until = right if following is None else following.begin
        if until - step.end > _room(words, right) or following is None:
            fits = right - step.end > _room(words, right)
            ax.text(
                step.end + right * 0.006 if fits else (group[0].begin + step.end) / 2,
                y if fits else y + 0.42,
                words,
                fontsize=7.5,
                ha="left" if fits else "center",
                va="center",
                color=RED,
                zorder=4,
            )
        group = []


def _room(words: str, right: float) -> float:
    """Days that words of 7.5 points take in a picture of eleven inches."""
    return right * (0.0072 * len(words) + 0.008)


def _row(step: Step) -> str:
    return step.title if step.kind in {"meanwhile", "request", "end"} else step.place


def _rows(timeline: Timeline) -> list[str]:
    """Titles of places and steps, in order of time."""
    titles = dict.fromkeys(_row(step) for step in timeline.steps if step.kind != "end")
    return list(titles)[:MOST_ROWS]


def _told(timeline: Timeline) -> Told:
    """Say what the picture shows, with the stretches of the way as a table."""
    waited = sum(step.days or 0.0 for step in timeline.steps if step.kind in WAITS)
    first = "; ".join(step.words for step in timeline.steps[:6])
    more = len(timeline.steps) - 6
    text = (
        f"A row a place in order of time, full bars for stays, hatched ones for waiting "
        f"({day(waited)} days in all). The way: {first}"
        + (f"; and {more} more stretches." if more > 0 else ".")
    )
    rows = tuple(
        (
            day(step.begin),
            "goes on" if step.end is None else day(step.end),
            step.place,
            _what(step),
            step.waiting_for if step.kind in WAITS else "",
        )
        for step in timeline.steps
    )
    heads = ("From day", "To day", "Place held", "What happens", "Waiting for")
    grid = Grid("The way, day by day from its start.", heads, rows)
    return Told(_heading(timeline), text, timeline.source, grid)


def _heading(timeline: Timeline) -> str:
    total = f"{day(timeline.total_days)} days in all"
    delayed = timeline.delayed_acute_days
    return f"{timeline.title}: {total}" + (
        f", {day(delayed)} of them delayed in an acute bed" if delayed else ""
    )
