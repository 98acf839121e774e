"""What a picture says in words: title, text alternative, source, and the table of its numbers."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carepath_sim import __version__
from carepath_sim.errors import CarepathError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from carepath_sim.experiment.results import RunResult

# Under this name axes carry their words.
KEPT = "carepath_told"
LETTERS_AN_INCH = 11
# Name of the line that says where numbers come from, and inches that it takes.
SOURCE, SOURCE_HIGH = "source", 0.2
# Inches that a line of a title takes.
TITLE_LINE = 0.2
# Inches that a constrained layout leaves above a title.
TOP = 0.05


class UntoldError(CarepathError):
    """Axes that no figure of carepath-sim has drawn."""


@dataclass(frozen=True)
class Grid:
    """A table: its caption, the words above its columns, its rows; the first cell names a row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Told:
    """What a picture says in words.

    Attributes
    ----------
    title
        What it shows.
    text
        Its text alternative: what somebody who cannot see it should know.
    source
        Where the numbers come from: scenario, replications, seed, version.
    grid
        The numbers.
    """

    title: str
    text: str
    source: str
    grid: Grid


def tell(axes: Axes, said: Told) -> Axes:
    """Write title and source on a picture, and keep its words with the axes.

    A figure with several axes has one line a source.
    """
    figure = axes.get_figure(root=True)
    width = figure.get_size_inches()[0] if figure is not None else 9.0
    share = axes.get_subplotspec()
    columns = share.get_gridspec().ncols if share is not None else 1
    letters = max(24, round(LETTERS_AN_INCH * width / columns))
    axes.set_title(textwrap.fill(said.title, letters), loc="left", fontsize=11)
    setattr(axes, KEPT, said)
    _source_below(figure, said)
    return axes


def tell_together(panels: Sequence[Axes], said: Told) -> None:
    """Write one title and source on a figure of several panels, which keep titles of their own.

    Both stand on top: below there may be a legend.
    """
    figure = panels[0].get_figure(root=True)
    for axes in panels:
        setattr(axes, KEPT, said)
    if figure is None:
        return
    width, height = figure.get_size_inches()
    title = textwrap.fill(said.title, round(LETTERS_AN_INCH * width))
    # An empty line, in which the source stands.
    figure.suptitle(f"{title}\n", x=0.01, ha="left", fontsize=11)
    below = (TOP + TITLE_LINE * (title.count("\n") + 1) + 0.03) / height
    line = figure.text(0.01, 1 - below, said.source, fontsize=7, color="#3D3D3D", va="top")
    line.set_gid(SOURCE)


def untell(axes: Axes) -> None:
    """Take title and source off a picture, for a page that writes them itself."""
    figure = axes.get_figure(root=True)
    if figure is None or not figure.get_suptitle():
        axes.set_title("", loc="left")
    if figure is not None:
        figure.suptitle("")
        figure.supxlabel("")
        for line in [one for one in figure.texts if one.get_gid() == SOURCE]:
            line.remove()


def _source_below(figure: Figure | None, said: Told) -> None:
    if figure is None:
        return
    if figure.get_layout_engine() is None and not figure.get_supxlabel():
        # A figure of somebody else has no room for the line below the label of its axis.
        figure.set_layout_engine("constrained")
    lines = figure.get_supxlabel().splitlines()
    new = textwrap.fill(said.source, round(figure.get_size_inches()[0] * 17))
    if new not in "\n".join(lines):
        label = "\n".join([*lines, new])
        figure.supxlabel(label, x=0.01, ha="left", fontsize=7, color="#3D3D3D")


def line_below(figure: Figure, source: str) -> None:
    """Write where the numbers of a figure come from into its lower left corner."""
    height = figure.get_size_inches()[1]
    line = figure.text(0.01, 0.04 / height, source, fontsize=7, color="#3D3D3D", va="bottom")
    line.set_gid(SOURCE)


def told(axes: Axes) -> Told:
    """Return what a picture says in words.

    Raises
    ------
    UntoldError
        When the axes are not those of a figure of carepath-sim.
    """
    said = getattr(axes, KEPT, None)
    if not isinstance(said, Told):
        raise UntoldError("these axes carry no words: no figure of carepath-sim is drawn on them")
    return said


def text_alternative(axes: Axes) -> str:
    """Return the words for somebody who cannot see a picture.

    Parameters
    ----------
    axes
        What a figure of carepath-sim returned.

    Raises
    ------
    UntoldError
        When the axes are not those of a figure of carepath-sim.
    """
    said = told(axes)
    return f"{said.title}. {said.text} {said.source}"


def data_table(axes: Axes) -> pd.DataFrame:
    """Return the numbers that a picture shows, as they are written in a report.

    Raises
    ------
    UntoldError
        When the axes are not those of a figure of carepath-sim.
    """
    import pandas as pd

    grid = told(axes).grid
    return pd.DataFrame(list(grid.rows), columns=list(grid.heads))


def source_of(results: Sequence[RunResult]) -> str:
    """Return where the numbers of a picture come from."""
    first = results[0]
    return source_line([one.label for one in results], len(first.done), first.seed)


def source_line(
    labels: Sequence[str], replications: int | str, seed: int, version: str = __version__
) -> str:
    """Return where numbers come from.

    >>> source_line(["ward"], 30, 1, "1.0")
    'Source: carepath-sim 1.0, scenario ward, 30 replications, seed 1.'
    """
    word = "scenario" if len(labels) == 1 else "scenarios"
    many = "1 replication" if replications == 1 else f"{replications} replications"
    return f"Source: carepath-sim {version}, {word} {', '.join(labels)}, {many}, seed {seed}."
