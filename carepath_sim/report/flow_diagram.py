"""The pathway with flows drawn to scale (Sankey): how many people a year go which way."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from carepath_sim.report.colours import GREY, SERIES
from carepath_sim.report.diagram import COLOURS
from carepath_sim.report.flows import Columns, Flow, base_of, flows, in_columns, titles
from carepath_sim.report.forest import NothingToDrawError
from carepath_sim.report.lines import number, spread
from carepath_sim.report.told import Grid, Told, source_of, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from carepath_sim.experiment.results import RunResult

# Part of the height that gaps between services take, and width of a service in columns.
GAPS = 0.45
BAR = 0.11
# Flows below this part of the largest are lines nobody sees.
SMALLEST = 0.004
LETTERS = 22
NEUTRAL = "#6F777B"


def flow_diagram(result: RunResult, ax: Axes | None = None, *, most: int = 45) -> Axes:
    """Draw the ways between services, as wide as people a year go them.

    Services of one template are one. Home stands twice: where people come from, and where they
    return to. A ribbon that runs back, where people go round in a ring, has a dashed rim.

    Parameters
    ----------
    result
        What `carepath_sim.run` returned.
    ax
        Where to draw; None: a figure of its own.
    most
        Flows that are drawn, the largest; the table has all.

    Raises
    ------
    NothingToDrawError
        When nobody goes anywhere.
    """
    import matplotlib.pyplot as plt

    found = [one for one in flows(result) if one.people > 0]
    if not found:
        raise NothingToDrawError("nobody goes from one service to another: nothing can be drawn")
    chosen = [one for one in found if one.people >= SMALLEST * found[0].people][:most]
    order = in_columns(chosen)
    axes = ax
    if axes is None:
        tall = max(len(column) for column in order.columns)
        size = (max(8.0, 1.75 * len(order.columns)), 2.4 + 0.62 * tall)
        _, axes = plt.subplots(figsize=size, layout="constrained")
    words = titles(result)
    _draw(axes, chosen, order, words, _colours(result))
    return tell(axes, _told(result, found, chosen, words))


def _told(
    result: RunResult, found: Sequence[Flow], chosen: Sequence[Flow], words: Mapping[str, str]
) -> Told:
    first = "; ".join(
        f"{words[one.begin]} to {words[one.end]}: {number(one.people, 'people')}"
        for one in chosen[:6]
    )
    left = len(found) - len(chosen)
    small = sum(one.people for one in found) - sum(one.people for one in chosen)
    rest = (
        f" {left} smaller flows, {number(small, 'people')} steps a year together, are in the table"
        " only."
        if left
        else ""
    )
    text = f"Ribbons as wide as people a year take this step. The largest flows: {first}.{rest}"
    rows = tuple(
        (
            words[one.begin],
            words[one.end],
            number(one.people, "people") or "0",
            spread(one.low, one.high, "people"),
        )
        for one in found
    )
    heads = ("From", "To", "People a year", "95 % interval")
    grid = Grid("Steps from one service to the next, people a year.", heads, rows)
    title = f"How people flow through the services, people a year: {result.label}"
    return Told(title, text, source_of([result]), grid)


def _colours(result: RunResult) -> dict[str, str]:
    found = {
        base_of(info.name): COLOURS.get(info.setting, ("", NEUTRAL))[1]
        for info in result.plan.services
    }
    for info in result.plan.services:
        if info.in_place:
            found[base_of(info.name)] = NEUTRAL
    return found | {"home": SERIES[2], "home again": SERIES[2], "died": GREY, "outside": NEUTRAL}


def _draw(
    axes: Axes,
    chosen: Sequence[Flow],
    order: Columns,
    words: Mapping[str, str],
    colours: Mapping[str, str],
) -> None:
    """Draw services as bars and flows as ribbons between them; heights in people a year."""
    coming = {name: sum(one.people for one in chosen if one.end == name) for name in order.of}
    going = {name: sum(one.people for one in chosen if one.begin == name) for name in order.of}
    size = {name: max(coming[name], going[name]) for name in order.of}
    height = max(sum(size[name] for name in column) for column in order.columns) / (1 - GAPS)
    top: dict[str, float] = {}
    for column in order.columns:
        gap = (height - sum(size[name] for name in column)) / (len(column) + 1)
        at = gap
        for name in column:
            top[name] = at
            at += size[name] + gap
    leaving, entering = dict(top), dict(top)
    ends: dict[tuple[str, str], float] = {}
    for one in sorted(chosen, key=lambda one: (top[one.end], top[one.begin])):
        ends[one.begin, one.end] = leaving[one.begin]
        leaving[one.begin] += one.people
    for one in sorted(chosen, key=lambda one: (top[one.begin], top[one.end])):
        begin = ends[one.begin, one.end]
        _ribbon(axes, one, order, (begin, entering[one.end]), colours.get(one.begin, NEUTRAL))
        entering[one.end] += one.people
    last = len(order.columns) - 1
    for name, place in order.of.items():
        axes.bar(
            place,
            size[name],
            width=BAR,
            bottom=top[name],
            color=colours.get(name, NEUTRAL),
            zorder=3,
        )
        middle = top[name] + size[name] / 2
        side = -1 if place == last else 1
        axes.text(
            place + side * BAR * 0.75,
            middle,
            f"{textwrap.fill(words.get(name, name), LETTERS)}\n{number(size[name], 'people')}",
            fontsize=7.5,
            va="center",
            ha="left" if side > 0 else "right",
            linespacing=1.05,
            zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8},
        )
    axes.set_xlim(-BAR, last + 3 * BAR)
    axes.set_ylim(height, 0)
    axes.set_axis_off()


def _ribbon(axes: Axes, flow: Flow, order: Columns, tops: tuple[float, float], colour: str) -> None:
    """Draw one flow between the right side of a service and the left side of the next."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    x0 = order.of[flow.begin] + BAR / 2
    x1 = order.of[flow.end] - BAR / 2
    back = x1 <= x0
    bend = 0.5 * (x1 - x0) if not back else 0.6
    y0, y1, wide = *tops, flow.people
    points = [
        (x0, y0),
        (x0 + bend, y0),
        (x1 - bend, y1),
        (x1, y1),
        (x1, y1 + wide),
        (x1 - bend, y1 + wide),
        (x0 + bend, y0 + wide),
        (x0, y0 + wide),
        (x0, y0),
    ]
    curve = Path.CURVE4
    codes = [Path.MOVETO, curve, curve, curve, Path.LINETO, curve, curve, curve, Path.CLOSEPOLY]
    axes.add_patch(
        PathPatch(
            Path(points, codes),
            facecolor=colour,
            edgecolor=colour,
            linewidth=0.8 if back else 0.3,
            linestyle=(0, (3, 2)) if back else "-",
            alpha=0.22 if back else 0.38,
            zorder=1,
        )
    )
