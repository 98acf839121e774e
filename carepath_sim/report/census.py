"""What was understood of a census, as tables in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from carepath_sim.report.cells import safe
from carepath_sim.report.stay_fits import MOST_ROWS

if TYPE_CHECKING:
    from rich.console import RenderableType

    from carepath_sim.calibrate.census import CensusImport


def census_table(found: CensusImport) -> RenderableType:
    """Return what was understood, who is where, and every row that was not simply taken."""
    parts: list[RenderableType] = [
        Text(f"{found.table.name}: who is where", style="bold"),
        *(Text(f"  {safe(line)}") for line in found.understood),
        _places(found),
    ]
    parts.append(told_rows(found))
    parts += [Text(f"! {safe(warning)}") for warning in found.warnings]
    return Group(*parts)


def told_rows(found: CensusImport) -> RenderableType:
    """Return every row that was not simply taken, as far as a terminal holds them."""
    told = [one for one in found.people if one.notes]
    parts = [Text("Rows with something to know", style="bold")] if told else []
    parts += [
        Text(f"  line {one.line}: {one.status}: {safe('; '.join(one.notes))}")
        for one in told[:MOST_ROWS]
    ]
    if len(told) > MOST_ROWS:
        parts.append(Text(f"  and {len(told) - MOST_ROWS} more (rows.csv of --out has all)"))
    return Group(*parts)


def _places(found: CensusImport) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for name in ("There", "of whom wait", "Waiting for it", "Median days", "Longest"):
        table.add_column(name, justify="right")
    for row in found.table_of_places().to_dict("records"):
        days = [row["median_days"], row["longest_days"]]
        table.add_row(
            safe(row["service"]),
            f"{row['there']:,}",
            f"{row['of_whom_waiting']:,}",
            f"{row['waiting_for_it']:,}",
            *("-" if one is None or one != one else f"{one:g}" for one in days),  # noqa: PLR0124
        )
    return table
