"""Pictures into files: PNG for documents, SVG for the web."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from carepath_sim.report.told import KEPT, Grid, Told, told

__all__ = ["Grid", "Told", "described", "save"]

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOTS = 150
"""Dots an inch of a PNG."""


def save(axes: Axes, folder: str | Path, name: str) -> tuple[Path, Path]:
    """Write the figure of some axes as PNG and SVG, the same bytes for the same figure.

    Parameters
    ----------
    axes
        What a plot returned; its figure is closed.
    folder
        Where to.
    name
        Name of the files, without ending.

    Returns
    -------
        The two files.

    Raises
    ------
    ValueError
        If the axes were removed from their figure.
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("These axes are in no figure.")
    paths = (Path(folder) / f"{name}.png", Path(folder) / f"{name}.svg")
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(paths[0], dpi=DOTS, metadata={"Software": None})
        figure.savefig(paths[1], metadata={"Date": None})
    plt.close(figure)
    if hasattr(axes, KEPT):
        said = told(axes)
        paths[1].write_text(described(paths[1].read_text(encoding="utf-8"), said), encoding="utf-8")
    return paths


def described(svg: str, said: Told) -> str:
    """Return a picture in which programs that read aloud find its title and text alternative.

    >>> said = Told("A", "B < C.", "Source: D.", Grid("", (), ()))
    >>> described('<svg width="1">...</svg>', said)
    '<svg role="img" width="1"><title>A</title><desc>B &lt; C. Source: D.</desc>...</svg>'
    """
    words = (
        f"<title>{escape(said.title)}</title><desc>{escape(said.text)} {escape(said.source)}</desc>"
    )
    at = svg.index(">", svg.index("<svg")) + 1
    return svg[:at].replace("<svg", '<svg role="img"') + words + svg[at:]
