"""Diagrams of the pathway: text for Mermaid, a picture in SVG or PNG."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from carepath_sim import __version__
from carepath_sim.report.layout import Layout, Point, Size, lay_out
from carepath_sim.report.pathway import Edge, Node, Pathway, pathway
from carepath_sim.report.told import KEPT, SOURCE_HIGH, Grid, Told, line_below

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from carepath_sim.scenario.model import Scenario

# Colours of UK public bodies; every box also says in words what it is, and text on each colour
# has a contrast of at least 4.5 to 1.
COLOURS = {
    "source": ("#F3F2F1", "#3D3D3D"),
    "own_home": ("#D4F0ED", "#1B6E66"),
    "acute_bed": ("#D3DDEC", "#12436D"),
    "community_bed": ("#FDE3D5", "#A33F0D"),
    "care_home": ("#EBD3E2", "#801650"),
    "elsewhere": ("#E8E8E8", "#3D3D3D"),
    "step": ("#FFFFFF", "#3D3D3D"),
}
WORDS = {
    "source": "people come from",
    "own_home": "at home",
    "acute_bed": "acute bed",
    "community_bed": "community bed",
    "care_home": "care home",
    "elsewhere": "elsewhere",
    "step": "step, place kept",
}
EDGE_COLOURS = {
    "route": "#3D3D3D",
    "diversion": "#B1391B",
    "demand": "#12436D",
    "beside": "#3D3D3D",
}
Style = Literal["-"] | tuple[float, tuple[float, ...]]
EDGE_STYLES: dict[str, Style] = {
    "route": "-",
    "diversion": (0, (4, 2)),
    "demand": (0, (1, 1.5)),
    "beside": (0, (3, 1.5, 1, 1.5)),
}
ARROWS = {"route": "-->", "diversion": "-.->", "demand": "==>", "beside": "-.->"}

# Inches; a line of text of 8 points is a ninth of an inch high, a letter about a sixteenth wide.
BOX_WIDTH = 1.95
LINE = 0.145
PADDING = 0.09
MARGIN = 0.3
LETTERS = 27
NARROWEST = 7.0
LETTER = 0.056

# Where along an arrow its label may stand, best first.
ALONG = (0.3, 0.4, 0.5, 0.2, 0.6, 0.7, 0.8)


@dataclass(frozen=True)
class Label:
    """Middle and size of a label [in]."""

    x: float
    y: float
    width: float
    height: float

    def covers(self, other: Label) -> float:
        """Area that two labels share [in2]."""
        wide = (self.width + other.width) / 2 - abs(self.x - other.x)
        high = (self.height + other.height) / 2 - abs(self.y - other.y)
        return max(wide, 0.0) * max(high, 0.0)


def mermaid(scenario: Scenario) -> str:
    """Return the pathway as a Mermaid flow chart.

    Rounded boxes are in-place steps, hexagons are where people come from; dashed arrows lead
    where people turn who could wait no longer.
    """
    way = pathway(scenario)
    lines = ["flowchart TD"]
    for node in way.nodes:
        left, right = {"source": ("{{", "}}"), "step": ("(", ")")}.get(node.kind, ("[", "]"))
        text = "<br>".join(_quoted(line) for line in (node.title, *_small_lines(node)))
        lines.append(f'  {_id(node.name)}{left}"{text}"{right}:::{node.kind}')
    for edge in way.edges:
        label = f'|"{_quoted(edge.label)}"|' if edge.label else ""
        lines.append(f"  {_id(edge.tail)} {ARROWS[edge.kind]}{label} {_id(edge.head)}")
    used = {node.kind for node in way.nodes}
    lines += [
        f"  classDef {kind} fill:{fill},stroke:{line},color:#0B0C0C"
        for kind, (fill, line) in COLOURS.items()
        if kind in used
    ]
    return "\n".join(lines) + "\n"


def draw_pathway(scenario: Scenario, file: str | Path) -> None:
    """Draw the pathway into a file; its ending (svg, png, pdf) says in which form."""
    import matplotlib as mpl

    figure = pathway_figure(pathway(scenario))
    # Without salt and date the same scenario gives the same bytes.
    with mpl.rc_context({"svg.hashsalt": "carepath-sim"}):
        metadata = {"Title": f"Pathway: {scenario.title}"}
        if str(file).lower().endswith((".svg", ".svgz")):
            metadata["Date"] = None  # type: ignore[assignment] # this is how a date is left out
        figure.savefig(file, dpi=150, metadata=metadata)


def pathway_diagram(scenario: Scenario) -> Axes:
    """Draw the pathway, and return axes that carry its words.

    Parameters
    ----------
    scenario
        Whose services and ways are drawn.
    """
    import matplotlib.pyplot as plt

    way = pathway(scenario)
    figure = pathway_figure(way, plt.figure())
    source = f"Source: carepath-sim {__version__}, scenario {scenario.name}, as written."
    width, height = figure.get_size_inches()
    taller = height + SOURCE_HIGH
    figure.set_size_inches(width, taller)
    figure.axes[0].set_position((0, SOURCE_HIGH / taller, 1, height / taller))
    line_below(figure, source)
    titles = {node.name: node.title for node in way.nodes}
    edges = [
        (titles.get(one.tail, one.tail), titles.get(one.head, one.head), one.label)
        for one in way.edges
    ]
    places = [node.title for node in way.nodes if node.kind != "source"]
    text = (
        f"A box a service, an arrow a way: {len(places)} services and {len(edges)} ways. "
        f"The services: {'; '.join(places)}."
    )
    grid = Grid("The ways.", ("From", "To", "Who goes it"), tuple(edges))
    setattr(figure.axes[0], KEPT, Told(f"Pathway: {way.title}", text, source, grid))
    return figure.axes[0]


def pathway_figure(way: Pathway, figure: Figure | None = None) -> Figure:
    """Draw the pathway as a matplotlib figure."""
    from matplotlib.figure import Figure

    texts = {node.name: _box_lines(node) for node in way.nodes}
    sizes = {
        name: Size(BOX_WIDTH, LINE * (len(title) * 1.12 + len(small)) + 2 * PADDING)
        for name, (title, small) in texts.items()
    }
    plan = lay_out(sizes, [(edge.tail, edge.head) for edge in way.edges], gap=0.35, row_gap=0.85)
    width = max(plan.width, NARROWEST) + 2 * MARGIN
    aside = (width - 2 * MARGIN - plan.width) / 2
    height = plan.height + 2 * MARGIN + 0.9  # heading above, key below
    figure = Figure() if figure is None else figure
    figure.set_size_inches(width, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-MARGIN - aside, width - MARGIN - aside)
    axes.set_ylim(plan.height + MARGIN + 0.45, -MARGIN - 0.45)
    axes.set_axis_off()
    axes.text(-aside, -MARGIN - 0.15, way.title, fontsize=12, fontweight="bold", va="center")
    taken: list[Label] = []
    for edge in way.edges:
        _draw_edge(axes, edge, plan, sizes, taken)
    for node in way.nodes:
        _draw_box(axes, node, texts[node.name], plan.centres[node.name], sizes[node.name])
    _draw_key(axes, way, Point(-aside, plan.height + MARGIN + 0.15), columns=int(width / 1.55))
    return figure


def _draw_box(
    axes: Axes, node: Node, lines: tuple[list[str], list[str]], centre: Point, size: Size
) -> None:
    from matplotlib.patches import FancyBboxPatch

    fill, line = COLOURS[node.kind]
    rounding = 0.14 if node.kind in {"step", "source"} else 0.03
    axes.add_patch(
        FancyBboxPatch(
            (centre.x - size.width / 2, centre.y - size.height / 2),
            size.width,
            size.height,
            boxstyle=f"round,pad=0,rounding_size={rounding}",
            facecolor=fill,
            edgecolor=line,
            linewidth=1.2,
            zorder=3,
        )
    )
    title, small = lines
    y = centre.y - size.height / 2 + PADDING + LINE * 0.56
    for text in title:
        axes.text(
            centre.x, y, text, fontsize=8.5, fontweight="bold", ha="center", va="center", zorder=4
        )
        y += LINE * 1.12
    for text in small:
        axes.text(
            centre.x, y, text, fontsize=7.5, ha="center", va="center", color="#0B0C0C", zorder=4
        )
        y += LINE


def _draw_edge(
    axes: Axes,
    edge: Edge,
    plan: Layout,
    sizes: dict[str, Size],
    taken: list[Label],
) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path as Curve

    points = _ends_apart(edge, plan.paths.get((edge.tail, edge.head)), plan, sizes)
    vertices, codes = [(points[0].x, points[0].y)], [Curve.MOVETO]
    for i, (here, there) in enumerate(pairwise(points)):
        if i % 2 and here.x == there.x:  # straight past a row
            vertices.append((there.x, there.y))
            codes.append(Curve.LINETO)
            continue
        bend = (there.y - here.y) * 0.5
        vertices += [(here.x, here.y + bend), (there.x, there.y - bend), (there.x, there.y)]
        codes += [Curve.CURVE4] * 3
    axes.add_patch(
        FancyArrowPatch(
            path=Curve(vertices, codes),
            arrowstyle="-|>,head_length=4,head_width=2.2",
            color=EDGE_COLOURS[edge.kind],
            linestyle=EDGE_STYLES[edge.kind],
            linewidth=1.0,
            zorder=2,
        )
    )
    if edge.short:
        _draw_label(axes, edge, points, taken)


def _ends_apart(
    edge: Edge, path: tuple[Point, ...] | None, plan: Layout, sizes: dict[str, Size]
) -> tuple[Point, ...]:
    """Points of an arrow; one to its own box goes round its corner, a diversion runs beside."""
    if path is None:
        centre, size = plan.centres[edge.tail], sizes[edge.tail]
        right = centre.x + size.width / 2
        low, high = centre.y + size.height / 2, centre.y - size.height / 2
        return (Point(right - 0.3, low), Point(right + 0.2, centre.y), Point(right - 0.3, high))
    if edge.kind == "diversion":
        return tuple(Point(point.x + 0.09, point.y) for point in path)
    return path


def _draw_label(axes: Axes, edge: Edge, points: tuple[Point, ...], taken: list[Label]) -> None:
    """Write the label on the first stretch, where it covers the others least."""
    lines = textwrap.wrap(edge.short, 22)
    width, height = LETTER * max(len(line) for line in lines), 0.11 * len(lines)
    places = [Label(*_on_curve(points[0], points[1], at), width, height) for at in ALONG]
    place = min(places, key=lambda one: sum(one.covers(other) for other in taken))
    taken.append(place)
    axes.text(
        place.x,
        place.y,
        "\n".join(lines),
        fontsize=6.8,
        ha="center",
        va="center",
        color=EDGE_COLOURS[edge.kind],
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.9},
        zorder=2.5,
        linespacing=1.0,
    )


def _on_curve(here: Point, there: Point, at: float) -> tuple[float, float]:
    """A point on the cubic whose handles stand upright, half-way between its ends."""
    rest = 1 - at
    across = 3 * at**2 - 2 * at**3
    down = 1.5 * at * rest * rest + 1.5 * at * at * rest + at**3
    return here.x + (there.x - here.x) * across, here.y + (there.y - here.y) * down


def _draw_key(axes: Axes, way: Pathway, place: Point, *, columns: int) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    kinds = [kind for kind in COLOURS if any(node.kind == kind for node in way.nodes)]
    handles: list[Patch | Line2D] = [
        Patch(facecolor=COLOURS[kind][0], edgecolor=COLOURS[kind][1], label=WORDS[kind])
        for kind in kinds
    ]
    words = {
        "route": "way on",
        "diversion": "could wait no longer",
        "demand": "new demand",
        "beside": "alongside the stay",
    }
    handles += [
        Line2D([], [], color=EDGE_COLOURS[kind], linestyle=EDGE_STYLES[kind], label=word)
        for kind, word in words.items()
        if any(edge.kind == kind for edge in way.edges)
    ]
    axes.legend(
        handles=handles,
        loc="center left",
        bbox_to_anchor=(place.x, place.y),
        bbox_transform=axes.transData,
        ncols=columns,
        frameon=False,
        fontsize=7.5,
        borderaxespad=0,
        handlelength=1.8,
        columnspacing=1.4,
    )


def _box_lines(node: Node) -> tuple[list[str], list[str]]:
    title = textwrap.wrap(node.title, LETTERS - 3)
    small = [part for line in _small_lines(node) for part in textwrap.wrap(line, LETTERS + 3)]
    return title, small


def _small_lines(node: Node) -> list[str]:
    lines = [node.capacity] if node.capacity else []
    if node.ends:
        lines.append("then " + ", ".join(node.ends))
    return lines


def _quoted(text: str) -> str:
    """Text that Mermaid shows as it is."""
    for sign, code in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        text = text.replace(sign, code)
    return text


def _id(name: str) -> str:
    """A Mermaid identifier; the beginning keeps clear of its reserved words."""
    return "at_" + re.sub(r"\W", "_", name)
