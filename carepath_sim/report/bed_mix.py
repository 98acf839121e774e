"""Ways to share a bed base as tables for the terminal, with the answer in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from carepath_sim.experiment.key_figures import ADMISSIONS, COSTS, DELAYS
from carepath_sim.report.lines import THOUSANDS, margin, measure_words, number, spread, unit_words
from carepath_sim.report.words import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from rich.console import RenderableType

    from carepath_sim.experiment.bed_mix import BedMix
    from carepath_sim.experiment.key_figures import KeyFigure

REMARK = (
    "Upper line: mean over the {n} replications that everybody has. Lower line: difference from "
    "the scenario as written, replication by replication, with half of its {level:.0%} interval "
    "(the intervals of a column hold jointly; * where it does not hold 0)."
)
# With fewer, variances are guesses.
FEW = 10
# Measures of a pair are differences already.
COUNTS = ("admissions", "episodes")
OF_PAIRS = ("admissions_caused", "admissions_avoided")


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
    parts += [Text(REMARK.format(n=mix.common, level=level), style="dim"), Text(""), _frontier(mix)]
    return Group(*parts)


def answer(mix: BedMix) -> Iterator[str]:
    """Yield the answer in sentences."""
    found, objective = mix.selection, mix.objective
    choice = mix.choice()
    best = choice.iloc[0]
    unit = unit_words(objective.unit)
    zone = amount_words(found.zone, unit)
    sure = (
        f"probability of being best {_chance(best['probability_best'])}, "
        f"of being within {zone} of the best {_chance(best['probability_good'])}"
    )
    yield f"To {objective}: {best['configuration']} ({amount_words(best['mean'], unit)}; {sure})."
    others = rows_of(choice.iloc[1:])
    equal = [
        str(row.configuration)
        for row in others
        if row.difference_from_best == 0 and row.difference_low == row.difference_high == 0
    ]
    if equal:
        yield f"The same in every replication, and as probable: {_listed(equal)}."
    for row in [one for one in others if one.configuration not in equal][:1]:
        gap = amount_words(abs(row.difference_from_best), unit)
        ends = spread(row.difference_low, row.difference_high, unit, signed=True)
        way = "more" if objective.smaller else "less"
        shown = (
            f" (difference {ends}{' thousand GBP' if unit == THOUSANDS else ''})" if ends else ""
        )
        yield f"Next comes {row.configuration} with {gap} {way}{shown}."
    good = [
        str(row.configuration)
        for row in others
        if row.probability_good >= found.level and row.configuration not in equal
    ]
    if good:
        yield f"Also within {zone} of the best, about as surely: {_listed(good)}."
    if not found.decided:
        left = [mix.configurations[k].name for k in found.contenders]
        yield (
            f"Not decided after {max(found.replications)} replications: of {_listed(left)} each "
            "could still be the best. Ask for more (--max-replications), or say that a larger "
            "difference does not matter (--indifference)."
        )
    if mix.common < FEW:
        yield (
            f"With {mix.common} replications of everybody little is known of how much they vary: "
            f"take {FEW} or more before relying on this."
        )
    if found.best:
        yield from _means(mix)


def _means(mix: BedMix) -> Iterator[str]:
    """Say what the best means against what is written."""
    parts = []
    for figure in mix.figures:
        if figure.wanted.measure in OF_PAIRS or figure.better == 0:
            continue
        pair = mix.difference(mix.selection.best, figure.wanted).interval
        if not (pair.low > 0 or pair.high < 0):
            continue
        unit = _unit(figure)
        shown = number(pair.mean, unit, signed=True)
        parts.append(f"{_words(figure)} {shown} ({spread(pair.low, pair.high, unit, signed=True)})")
    if parts:
        yield f"Against the scenario as written: {'; '.join(parts)}."
    else:
        yield "Against the scenario as written no figure differs for certain."


def _choice(mix: BedMix) -> Table:
    objective = mix.objective
    unit = unit_words(objective.unit)
    table = Table(
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
            f"{number(row.mean, unit)} ± {margin(row.low, row.high, unit)}",
            gap,
            ends,
            _chance(row.probability_best),
            _chance(row.probability_good),
            f"{row.replications}{out}",
        )
    return table


def _side_by_side(
    mix: BedMix, group: str, columns: Sequence[KeyFigure], rows: pd.DataFrame
) -> Table:
    units = {_unit(one) for one in columns} - {*COUNTS}
    shared = f" [{units.pop()}]" if len(units) == 1 and group in {DELAYS, COSTS} else ""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=group + shared, title_justify="left")
    table.add_column("Configuration", no_wrap=True)
    for one in columns:
        mark = "" if shared or _unit(one) in COUNTS else f" [{_unit(one)}]"
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
    unit = _unit(figure)
    mean = number(row["mean"], unit) or "-"
    if figure.wanted.measure in OF_PAIRS:
        return f"{mean} ± {margin(row['low'], row['high'], unit)}" if row["mean"] else mean
    gap = row["difference"]
    if math.isnan(gap):
        return mean
    half = margin(row["difference_low"], row["difference_high"], unit)
    sure = "*" if row["difference_low"] > 0 or row["difference_high"] < 0 else ""
    shown = f" ± {half}" if half not in {"", "0"} else ""
    return f"{mean}\n{number(gap, unit, signed=True)}{shown}{sure}"


def _frontier(mix: BedMix) -> Table:
    first, second = mix.two
    table = Table(
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
            f"{number(row.first, units[0])} ± {margin(row.first_low, row.first_high, units[0])}",
            f"{number(row.second, units[1])} ± {margin(row.second_low, row.second_high, units[1])}",
            _chance(row.probability),
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
        f"{_listed(base.streams)}; parts are in this order. As written: {how}. Seed {first.seed}, "
        f"engine {first.engine}."
    )


def rows_of(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a table, with its columns as attributes."""
    return list(frame.itertuples())


def _words(figure: KeyFigure) -> str:
    words = figure.words
    if words == "all":
        words = measure_words(figure.wanted.measure).lower()
    elif figure.group not in {ADMISSIONS, DELAYS}:
        words = f"{figure.group.lower()} {words}"
    unit = _unit(figure)
    return words if unit in COUNTS or unit.split()[-1] in words else f"{words} [{unit}]"


def _unit(figure: KeyFigure) -> str:
    return unit_words(figure.wanted.unit).replace("units; people", "units")


def amount_words(value: float, unit: str) -> str:
    """Return an amount with its unit.

    >>> amount_words(0.05, "%"), amount_words(45_211.0, "1,000 GBP"), amount_words(3.0, "days")
    ('5.0 %', '45,211 GBP', '3.0 days')
    """
    if unit == THOUSANDS:
        return f"{value:,.0f} GBP"
    return f"{number(value, unit)} {unit}"


def _chance(share: float) -> str:
    """Return a probability; nobody is told that something is certain.

    >>> _chance(0.934), _chance(1.0), _chance(0.0)
    ('0.93', '>0.99', '<0.01')
    """
    return ">0.99" if share > 0.99 else "<0.01" if share < 0.01 else f"{share:.2f}"


def _short(words: str) -> str:
    return words.replace("_", " ")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
