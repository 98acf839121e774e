"""Ways to share a bed base as tables for the terminal, with the answer in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.text import Text

from carepath_sim.experiment.key_figures import COSTS, DELAYS
from carepath_sim.report.bed_mix_answer import (
    COUNTS,
    OF_PAIRS,
    answer,
    chance,
    listed,
    rows_of,
    unit_of,
)
from carepath_sim.report.cells import mean_cell
from carepath_sim.report.fitting import Fitted
from carepath_sim.report.lines import margin, number, spread, unit_words
from carepath_sim.report.words import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from rich.console import RenderableType

    from carepath_sim.experiment.bed_mix import BedMix
    from carepath_sim.experiment.key_figures import KeyFigure

__all__ = ("answer", "bed_mix_table")

REMARK = (
    "Upper line: mean over the {n} replications that everybody has. Lower line: difference from "
    "the scenario as written, replication by replication, with half of its {level:.0%} interval "
    "(the intervals of a column hold jointly; * where it does not hold 0)."
)
RESERVED = (
    "Under reserved, beds are kept free for one stream: people of the other wait although the pool "
    "is seldom full."
)


def bed_mix_table(mix: BedMix, level: float = 0.95) -> RenderableType:
    """Return the tables of a bed mix, the answer first."""
    figures = mix.figures
    table = mix.table(level)
    parts: list[RenderableType] = [*_heading(mix)]
    for line in answer(mix):
        parts.append(Text(line, style="bold" if len(parts) == 2 else ""))
    parts += [Text(""), _choice(mix)]
    for group in dict.fromkeys(one.group for one in figures):
        columns = [one for one in figures if one.group == group]
        parts += [Text(""), _side_by_side(mix, group, columns, table)]
    parts.append(Text(REMARK.format(n=mix.common, level=level), style="dim"))
    if any(one.policy == "reserved" for one in mix.configurations):
        parts.append(Text(RESERVED, style="dim"))
    parts += [Text(""), _frontier(mix)]
    return Group(*parts)


def _choice(mix: BedMix) -> Fitted:
    objective = mix.objective
    unit = unit_words(objective.unit)
    table = Fitted(
        box=box.SIMPLE_HEAD, pad_edge=False, title=f"To {objective} [{unit}]", title_justify="left"
    )
    table.add_column("Configuration", no_wrap=True)
    heads = (
        "Mean",
        "From the best",
        "Interval",
        "P(best)",
        f"P(within {number(mix.selection.zone, unit)})",
    )
    for head in (*heads, "Replications"):
        table.add_column(head, justify="right")
    for row in rows_of(mix.choice()):
        out = " (out)" if row.ruled_out else ""
        gap = "" if row.Index == 0 else number(row.difference_from_best, unit, signed=True)
        ends = (
            ""
            if row.Index == 0
            else spread(row.difference_low, row.difference_high, unit, signed=True)
        )
        table.add_row(
            str(row.configuration),
            mean_cell((row.mean, row.low, row.high), unit),
            gap,
            ends,
            chance(row.probability_best),
            chance(row.probability_good),
            f"{row.replications}{out}",
        )
    return table


def _side_by_side(
    mix: BedMix, group: str, columns: Sequence[KeyFigure], rows: pd.DataFrame
) -> Fitted:
    units = {unit_of(one) for one in columns} - {*COUNTS}
    shared = f" [{units.pop()}]" if len(units) == 1 and group in {DELAYS, COSTS} else ""
    table = Fitted(box=box.SIMPLE_HEAD, pad_edge=False, title=group + shared, title_justify="left")
    table.add_column("Configuration", no_wrap=True)
    for one in columns:
        mark = "" if shared or unit_of(one) in COUNTS else f" [{unit_of(one)}]"
        table.add_column(Text(f"{one.words}{mark}"), justify="right", min_width=9)
    for way in mix.configurations:
        cells = []
        of = rows[rows["configuration"] == way.name]
        for one in columns:
            strata = " + ".join(one.wanted.strata)
            found = of[(of["measure"] == one.wanted.measure) & (of["stratum"] == strata)]
            cells.append(_cell(found.iloc[0], one))
        table.add_row(way.name, *cells)
    return table


def _cell(row: Any, figure: KeyFigure) -> str:
    unit = unit_of(figure)
    mean = number(row["mean"], unit) or "-"
    if figure.wanted.measure in OF_PAIRS:
        return mean_cell((row["mean"], row["low"], row["high"]), unit)
    gap = row["difference"]
    if math.isnan(gap):
        return mean
    half = margin(row["difference_low"], row["difference_high"], unit)
    sure = "*" if row["difference_low"] > 0 or row["difference_high"] < 0 else ""
    shown = f" ± {half}" if half not in {"", "0"} else ""
    return f"{mean}\n{number(gap, unit, signed=True)}{shown}{sure}"


def _frontier(mix: BedMix) -> Fitted:
    first, second = mix.two
    table = Fitted(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=f"Frontier: {first}, {second}",
        title_justify="left",
    )
    table.add_column("Not beaten in both by another", no_wrap=True)
    units = [unit_words(one.unit) for one in mix.two]
    for one, unit in zip(mix.two, units, strict=True):
        table.add_column(f"{_short(one.words)} [{unit}]", justify="right")
    table.add_column("P(on the frontier)", justify="right")
    found = mix.frontier().sort_values("first")
    for row in rows_of(found[found["on_frontier"]]):
        table.add_row(
            str(row.configuration),
            mean_cell((row.first, row.first_low, row.first_high), units[0]),
            mean_cell((row.second, row.second_low, row.second_high), units[1]),
            chance(row.probability),
        )
    return table


def _heading(mix: BedMix) -> Iterator[RenderableType]:
    first = mix.results[0]
    base = mix.bed_base
    pool = title_of(base.pool, first.scenario.pools[base.pool])
    beds = f"{base.capacity} " if base.capacity is not None else ""
    yield Text(f"{first.scenario.name}: {first.scenario.title}", style="bold")
    written = mix.configurations[0]
    how = f"{written.policy.replace('_', '-')} {written.split}".strip()
    yield Text(
        f"{pool}: {beds}{first.scenario.pools[base.pool].unit.replace('_', ' ')}, shared by "
        f"{listed(base.streams)}; parts are in this order. As written: {how}. Seed {first.seed}, "
        f"engine {first.engine}."
    )


def _short(words: str) -> str:
    return words.replace("_", " ")
