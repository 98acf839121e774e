"""A fit in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from carepath_sim.report.fit_page import parameters_grid, targets_grid

if TYPE_CHECKING:
    from rich.console import RenderableType

    from carepath_sim.calibrate.fit import Fit
    from carepath_sim.report.told import Grid


def fit_table(fit: Fit) -> RenderableType:
    """Return targets, parameters and warnings."""
    parts: list[RenderableType] = [_table(targets_grid(fit)), _table(parameters_grid(fit))]
    parts += [Text(f"! {words}") for words in fit.warnings()]
    return Group(*parts)


def _table(grid: Grid) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=grid.caption, title_justify="left", pad_edge=False)
    for head in grid.heads:
        table.add_column(head, overflow="fold")
    for row in grid.rows:
        table.add_row(*map(Text, row))
    return table
