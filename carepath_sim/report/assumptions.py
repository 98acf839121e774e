"""The log of assumptions as a table for the terminal."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from carepath_sim.report.cells import safe

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

MOST = 30
"""Numbers that are printed unless all are asked for."""


def assumptions_table(name: str, frame: pd.DataFrame, *, most: int | None = MOST) -> RenderableType:
    """Return how many numbers there are of each quality, and the weakest of them.

    Parameters
    ----------
    name
        The scenario.
    frame
        What `carepath_sim.assumptions` returned.
    most
        Numbers that are shown; None: all.
    """
    counts = Counter(frame["quality"])
    shares = ", ".join(f"{number} {quality}" for quality, number in counts.most_common())
    known = bool(frame["effect"].notna().any())
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    heads = ("Number", "Value", "Range", "Quality", *(("Effect", "Risk") if known else ("Source",)))
    for head in heads:
        wide = 34 if known else 42
        table.add_column(
            head,
            overflow="fold",
            min_width={"Number": wide, "Risk": 6}.get(head),
            max_width={"Effect": 22, "Range": 24}.get(head),
        )
    for row in list(frame.itertuples())[: most or len(frame)]:
        table.add_row(*(safe(cell) for cell in _cells(row, known=known)))
    parts: list[RenderableType] = [
        Text(f"{name}: {len(frame)} numbers: {shares}", style="bold"),
        Text(
            f"{int(frame['assumed'].sum())} are assumptions: said to be, or without source and "
            "quality.",
            style="dim",
        ),
    ]
    if not known:
        parts.append(
            Text(
                "How much each matters: `carepath sensitivity` or `carepath run --ranges` with "
                "--out DIR, then --effects DIR here.",
                style="dim",
            )
        )
    parts.append(table)
    if most is not None and len(frame) > most:
        parts.append(Text(f"and {len(frame) - most} more: --all, or --out FILE.csv", style="dim"))
    return Group(*parts)


def _cells(row: Any, *, known: bool) -> tuple[str, ...]:
    first = (row.field, row.value, row.range, row.quality)
    if not known:
        return (*first, row.source)
    effect = (
        ""
        if math.isnan(row.effect)
        else f"{100 * row.effect:.0f} % {f'of {row.on}' if row.on else ''}"
    )
    return (*first, effect.strip(), "" if row.risk == "not known" else row.risk)
