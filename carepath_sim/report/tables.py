"""Results as tables for the terminal, readable in a pipe of 120 columns too."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from carepath_sim.report.lines import Figure as Candidate
from carepath_sim.report.lines import (
    Line,
    headline_lines,
    margin,
    measure_words,
    number,
    spread,
)
from carepath_sim.report.words import title_of
from carepath_sim.scenario.diff import ABSENT
from carepath_sim.scenario.effects import unfounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pandas as pd
    from rich.console import RenderableType

    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.experiment.results import RunResult

# Paired measures under the table of a comparison.
NET = (
    "admissions_avoided",
    "admissions_caused",
    "admissions_only_in_base",
    "admissions_only_here",
    "admissions_net",
)

REDUCTION = (
    "Means with half of their 95 % interval; differences within replications with theirs, in bold "
    "if it does not hold 0.\nVR: variance reduction, how many times more replications scenarios "
    "without common luck would need."
)

# With more scenarios than this, differences get a table of their own.
SIDE_BY_SIDE = 2

# Lines of "what differs" that somebody reads; the others are counted.
MOST_CHANGES = 30

# Letters of a value that differs, and fields that only name or describe.
LONGEST = 90
MERE_WORDS = (".title", ".description", ".note", ".organisation")

Figure = tuple[float, float, float]
Key = tuple[str, str]


def run_table(result: RunResult, level: float = 0.95) -> RenderableType:
    """Return the headline table of a run: means over replications with intervals."""
    summary = result.summary(level)
    figures = _figures(summary, ("mean", "low", "high"))
    table = _table("Mean", f"{level:.0%} interval")
    for line in _lines(result, summary, [figures]):
        cells = []
        if line.stratum:
            mean, low, high = figures[line.measure, line.stratum]
            cells = [number(mean, line.unit) or "-", spread(low, high, line.unit)]
        table.add_row(_indented(line), *cells)
    return Group(*_heading([result]), table, *_remarks([result]))


def comparison_table(comparison: Comparison, level: float = 0.95) -> RenderableType:
    """Return scenarios side by side, with paired differences from the first."""
    summaries = [result.summary(level) for result in comparison.results]
    columns = [_figures(summary, ("mean", "low", "high")) for summary in summaries]
    differences = comparison.differences(level)
    lines = _lines(comparison.base, summaries[0], columns)
    lines = _with_others(lines, comparison, summaries, columns)
    parts: list[RenderableType] = [*_heading(comparison.results)]
    if len(comparison.results) <= SIDE_BY_SIDE:
        parts.append(_side_by_side(comparison, lines, columns, differences))
    else:
        parts += [_means(comparison, lines, columns), Text("")]
        parts.append(_all_differences(comparison, lines, differences))
    parts += [Text(""), _net(comparison, differences)]
    parts += [Text(""), changed_table(comparison), *_remarks(comparison.results)]
    return Group(*parts)


def changed_table(comparison: Comparison) -> RenderableType:
    """Return what differs between the files of a comparison."""
    changed = comparison.changed()
    if changed.empty:
        return Text("Nothing differs between the files.")
    short = dict(zip([one.label for one in comparison.results], _names(comparison), strict=True))
    several = len(comparison.others) > 1
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="What differs", title_justify="left")
    if several:
        table.add_column("Scenario", no_wrap=True)
    table.add_column("Field", overflow="fold", ratio=3)
    table.add_column(_names(comparison)[0], overflow="fold", ratio=4)
    table.add_column("other" if several else _names(comparison)[1], overflow="fold", ratio=4)
    shown = changed[~changed["path"].str.endswith(MERE_WORDS)]
    for row in shown.head(MOST_CHANGES).itertuples():
        other = next(one for one in comparison.others if one.label == row.scenario)
        cells = [
            _safe(row.path),
            _shortened(row.path, row.base, row.other, comparison.base),
            _shortened(row.path, row.other, row.base, other),
        ]
        table.add_row(*([short[str(row.scenario)]] if several else []), *cells)
    parts: list[RenderableType] = [table]
    unseen = len(changed) - min(len(shown), MOST_CHANGES)
    if unseen:
        parts.append(Text(f"... and {unseen} more: see changed.csv of --out"))
    demand = changed[changed["kind"] == "demand"]
    if not demand.empty:
        names = ", ".join(demand["path"].head(5))
        parts.append(
            Text(f"Demand itself differs ({names}): not all of the change is due to care.")
        )
    return Group(*parts)


# --- parts -----------------------------------------------------------------------------------


def _side_by_side(
    comparison: Comparison,
    lines: Sequence[Line],
    columns: Sequence[Mapping[Key, Figure]],
    differences: pd.DataFrame,
) -> Table:
    table = _table(*_names(comparison), "Difference", "VR")
    table.caption = REDUCTION
    table.caption_justify = "left"
    found = _figures(differences, ("difference", "low", "high"))
    reductions = _figures(differences, ("variance_reduction",) * 3)
    for line in lines:
        if not line.stratum:
            table.add_row(_indented(line))
            continue
        key = (line.measure, line.stratum)
        table.add_row(
            _indented(line),
            *(_cell(column.get(key), line.unit) for column in columns),
            _difference(found.get(key), line.unit),
            _reduction(reductions.get(key)),
        )
    return table


def _means(
    comparison: Comparison, lines: Sequence[Line], columns: Sequence[Mapping[Key, Figure]]
) -> Table:
    table = _table(*_names(comparison))
    for line in lines:
        if not line.stratum:
            table.add_row(_indented(line))
            continue
        cells = [_cell(column.get((line.measure, line.stratum)), line.unit) for column in columns]
        table.add_row(_indented(line), *cells)
    return table


def _all_differences(
    comparison: Comparison, lines: Sequence[Line], differences: pd.DataFrame
) -> Table:
    names = _names(comparison)
    table = _table(*names[1:])
    table.title = f"Differences from {names[0]}"
    table.title_justify = "left"
    columns = []
    for other in comparison.others:
        part = differences[differences["scenario"] == other.label]
        columns.append(_figures(part, ("difference", "low", "high")))
    for line in lines:
        if not line.stratum:
            table.add_row(_indented(line))
            continue
        cells = [
            _difference(column.get((line.measure, line.stratum)), line.unit) for column in columns
        ]
        table.add_row(_indented(line), *cells)
    return table


def _net(comparison: Comparison, differences: pd.DataFrame) -> Table:
    """Emergency admissions avoided and caused, episode by episode."""
    title = "Emergency admissions avoided and caused, with the same people and crises in both"
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=title,
        title_justify="left",
        min_width=len(title) + 2,
    )
    table.add_column("")
    names = _names(comparison)[1:]
    for name in names:
        table.add_column(f"{name} against {_names(comparison)[0]}", justify="right")
    for measure in NET:
        cells = []
        for other in comparison.others:
            part = differences[differences["scenario"] == other.label]
            found = _figures(part, ("difference", "low", "high")).get((measure, "all"))
            cells.append(_difference(found, ""))
        table.add_row(measure_words(measure), *cells)
    return table


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", min_width=26)
    for name in columns:
        table.add_column(_safe(name), justify="right")
    return table


def _lines(
    result: RunResult, summary: pd.DataFrame, columns: Sequence[Mapping[Key, Figure]]
) -> list[Line]:
    columns_wanted = (summary[name] for name in ("measure", "stratum", "unit", "mean"))
    figures = [Candidate(*row) for row in zip(*columns_wanted, strict=True)]
    keys = {key for column in columns for key in column}
    zeros = frozenset(
        key for key in keys if all(column.get(key, (0.0,))[0] == 0.0 for column in columns)
    )
    return list(headline_lines(result.plan, figures, zeros))


def _with_others(
    lines: list[Line],
    comparison: Comparison,
    summaries: Sequence[pd.DataFrame],
    columns: Sequence[Mapping[Key, Figure]],
) -> list[Line]:
    """Add lines of pools and services that only another scenario has, at the end of their group."""
    found = list(lines)
    for result, summary in zip(comparison.others, summaries[1:], strict=True):
        for line in _lines(result, summary, columns):
            if any((line.measure, line.stratum) == (one.measure, one.stratum) for one in found):
                continue
            group = [k for k, one in enumerate(found) if one.measure == line.measure]
            found.insert(group[-1] + 1 if group else len(found), line)
    return found


def _figures(frame: pd.DataFrame, names: tuple[str, str, str]) -> dict[Key, Figure]:
    columns = [frame[name].astype(float) for name in names]
    return {
        (measure, stratum): (mean, low, high)
        for measure, stratum, mean, low, high in zip(
            frame["measure"], frame["stratum"], *columns, strict=True
        )
    }


def _cell(figure: Figure | None, unit: str) -> str:
    """A mean with half the length of its interval, which is symmetric."""
    if figure is None:
        return "-"
    mean, low, high = figure
    words = number(mean, unit) or "-"
    half = margin(low, high, unit)
    return words if half in {"", "0"} else f"{words} ± {half}"


def _difference(figure: Figure | None, unit: str) -> str:
    """A difference with the ends of its interval; in bold when that does not hold zero."""
    if figure is None:
        return "-"
    mean, low, high = figure
    shown = number(mean, unit, signed=True) or "-"
    if low != high and not math.isnan(low):
        shown += f" ({spread(low, high, unit, signed=True)})"
    sure = figure[1] > 0 or figure[2] < 0
    return f"[bold]{shown}[/]" if sure else shown


def _reduction(figure: Figure | None) -> str:
    if figure is None or math.isnan(figure[0]):
        return ""
    return "all" if math.isinf(figure[0]) else f"{figure[0]:.2g}" if figure[0] < 100 else ">99"


def _indented(line: Line) -> str:
    return f"  {_safe(line.words)}" if line.inner else _safe(line.words)


def _safe(words: object) -> str:
    """Words in which brackets are no markup."""
    return str(words).replace("[", "\\[")


def _shortened(path: object, value: object, opposite: object, result: RunResult) -> str:
    """A value on a line or two; of a pool or service that the other lacks its title."""
    section, _, name = str(path).partition(".")
    if opposite == ABSENT and section in {"pools", "services"} and "." not in name:
        return _safe(title_of(name, getattr(result.scenario, section)[name]))
    words = str(value)
    return _safe(words if len(words) <= LONGEST else f"{words[: LONGEST - 4]} ...")


def _names(comparison: Comparison) -> list[str]:
    """Short names of the scenarios: the variants, where these tell them apart."""
    variants = [result.scenario.variant for result in comparison.results]
    areas = {result.scenario.area for result in comparison.results}
    if len(areas) == 1 and len(set(variants)) == len(variants):
        return variants
    return [result.label for result in comparison.results]


def _heading(results: Sequence[RunResult]) -> list[RenderableType]:
    first = results[0]
    clock, plan = first.scenario.clock, first.plan
    last = clock.length.last(clock.start) - timedelta(days=1)
    lines: list[RenderableType] = [
        Text(f"{result.label}: {result.scenario.title}", style="bold") for result in results
    ]
    number_done = len(first.done)
    lines.append(
        Text(
            f"{_day(clock.start)} to {_day(last)} after {clock.warm_up.text or '0 d'} of "
            f"warm-up, {plan.population:,} people, "
            f"{number_done} replication{'s' if number_done > 1 else ''}, seed {first.seed}, "
            f"engine {first.engine}"
        )
    )
    return lines


def _remarks(results: Sequence[RunResult]) -> list[RenderableType]:
    """What a reader must know: measures that could not be given, values set by hand."""
    from carepath_sim.measures import headline, notes

    lines: list[RenderableType] = []
    shown = {name for result in results for name, _ in headline(result.plan)}
    wanted = shown | {"still_at_home_91_days", "emergency_admissions_per_100k"}
    for note in notes(results[0].plan):
        if note.measure in wanted:
            state = "not given" if note.refused else "note"
            lines.append(Text(f"{measure_words(note.measure)}: {state}: {note.text}", style="dim"))
    started = [result.plan.start_said for result in results]
    if all(said == started[0] for said in started):
        lines += [Text(said, style="dim") for said in started[0]]
    else:
        for result, said in zip(results, started, strict=True):
            lines += [Text(f"{result.label}: {line}", style="dim") for line in said]
    for result in results:
        lines += [Text(f"{result.label}: {notice}") for notice in result.scenario.notices]
        lines += [Text(f"{result.label}: {words}") for words in unfounded(result.scenario)]
    if len(results[0].done) == 1:
        lines.append(Text("One replication has no interval: take more to see how sure this is."))
    return lines


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
