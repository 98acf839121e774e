"""Results as tables for the terminal, readable in a pipe of 120 columns too."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.text import Text

from carepath_sim.experiment.filling import too_short
from carepath_sim.experiment.overload import overloaded
from carepath_sim.report.cells import (
    chance_cell,
    difference_cell,
    figures,
    mean_cell,
    reduction_cell,
    safe,
)
from carepath_sim.report.differences import how_to_read
from carepath_sim.report.field_words import fields_in_words
from carepath_sim.report.fitting import Fitted
from carepath_sim.report.lines import Figure as Candidate
from carepath_sim.report.lines import Line, headline_lines, measure_words, number, spread
from carepath_sim.report.precision import precision_lines
from carepath_sim.report.skewed import skewed_lines
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
    from carepath_sim.report.cells import Figure, Key

# Paired measures under the table of a comparison.
NET = (
    "admissions_avoided",
    "admissions_caused",
    "admissions_only_in_base",
    "admissions_only_here",
    "admissions_net",
)

MEANS = "Means with half of their 95 % interval, or with its ends."

# With fewer, variances are guesses.
FEW = 5

# With more scenarios than this, differences get a table of their own.
SIDE_BY_SIDE = 2

# Lines of "what differs" that somebody reads; the others are counted.
MOST_CHANGES = 30

# Letters of a value that differs, and fields that only name or describe.
LONGEST = 90
MERE_WORDS = (".title", ".description", ".note", ".organisation")


def run_table(result: RunResult, level: float = 0.95) -> RenderableType:
    """Return the headline table of a run: means over replications with intervals."""
    summary = result.summary(level)
    found = figures(summary, ("mean", "low", "high"))
    table = _table("Mean", f"{level:.0%} interval")
    lines = _lines(result, summary, [found])
    for line in lines:
        cells = []
        if line.stratum:
            mean, low, high = found[line.measure, line.stratum]
            cells = [number(mean, line.unit) or "-", spread(low, high, line.unit)]
        table.add_row(_indented(line), *cells)
    remarks = _remarks([result], lines, level)
    return Group(*_heading([result]), table, *precision_lines(result.precision()), *remarks)


def comparison_table(comparison: Comparison, level: float = 0.95) -> RenderableType:
    """Return scenarios side by side, with paired differences from the first."""
    summaries = [result.summary(level) for result in comparison.results]
    columns = [figures(summary, ("mean", "low", "high")) for summary in summaries]
    differences = comparison.differences(level)
    lines = _lines(comparison.base, summaries[0], columns)
    lines = _with_others(lines, comparison, summaries, columns)
    parts: list[RenderableType] = [*_heading(comparison.results)]
    if len(comparison.results) <= SIDE_BY_SIDE:
        parts.append(_side_by_side(comparison, lines, columns, differences))
    else:
        parts += [_means(comparison, lines, columns), Text("")]
        parts += [_all_differences(comparison, lines, differences), Text("")]
        parts.append(_all_sureness(comparison, lines, differences))
    several = len(comparison.others) > 1
    parts += precision_lines(comparison.precision(), several=several)
    if comparison.base.common_random_numbers:
        parts += [Text(""), _net(comparison, differences)]
    parts += [Text(""), changed_table(comparison)]
    parts += _remarks(comparison.results, lines, level)
    return Group(*parts)


def changed_table(comparison: Comparison) -> RenderableType:
    """Return what differs between the files of a comparison."""
    changed = comparison.changed()
    if changed.empty:
        return Text("Nothing differs between the files.")
    short = dict(zip([one.label for one in comparison.results], _names(comparison), strict=True))
    several = len(comparison.others) > 1
    table = Fitted(box=box.SIMPLE_HEAD, pad_edge=False, title="What differs", title_justify="left")
    if several:
        table.add_column("Scenario", no_wrap=True)
    table.add_column("Field", overflow="fold", ratio=3)
    table.add_column(_names(comparison)[0], overflow="fold", ratio=4)
    table.add_column("other" if several else _names(comparison)[1], overflow="fold", ratio=4)
    shown = changed[~changed["path"].str.endswith(MERE_WORDS)]
    words = fields_in_words(dict.fromkeys(changed["path"]))
    for row in shown.head(MOST_CHANGES).itertuples():
        other = next(one for one in comparison.others if one.label == row.scenario)
        cells = [
            safe(words[str(row.path)]),
            _shortened(row.path, row.base, row.other, comparison.base),
            _shortened(row.path, row.other, row.base, other),
        ]
        table.add_row(*([short[str(row.scenario)]] if several else []), *cells)
    parts: list[RenderableType] = [table]
    unseen = len(changed) - min(len(shown), MOST_CHANGES)
    if unseen:
        parts.append(Text(f"... and {unseen} more: see changed.csv of --out"))
    parts.append(Text("Fields as --set takes them: changed.csv of --out, or --json.", style="dim"))
    demand = changed[changed["kind"] == "demand"]
    if not demand.empty:
        names = "; ".join(words[path] for path in dict.fromkeys(demand["path"].head(5)))
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
) -> Fitted:
    table = _table(*_names(comparison), "Difference", "VR", "P(more)")
    table.caption = f"{MEANS}\n{how_to_read(comparison)}"
    table.caption_justify = "left"
    found = figures(differences, ("difference", "low", "high"))
    sureness = _sureness(differences)
    for line in lines:
        if not line.stratum:
            table.add_row(_indented(line))
            continue
        key = (line.measure, line.stratum)
        table.add_row(
            _indented(line),
            *(mean_cell(column.get(key), line.unit) for column in columns),
            difference_cell(found.get(key), line.unit),
            *sureness.get(key, ("", "")),
        )
    return table


def _means(
    comparison: Comparison, lines: Sequence[Line], columns: Sequence[Mapping[Key, Figure]]
) -> Fitted:
    table = _table(*_names(comparison))
    for line in lines:
        if not line.stratum:
            table.add_row(_indented(line))
            continue
        cells = [
            mean_cell(column.get((line.measure, line.stratum)), line.unit) for column in columns
        ]
        table.add_row(_indented(line), *cells)
    return table


def _all_differences(
    comparison: Comparison, lines: Sequence[Line], differences: pd.DataFrame
) -> Fitted:
    names = _names(comparison)
    table = _table(*names[1:])
    table.title = f"Differences from {names[0]}"
    table.title_justify = "left"
    columns = []
    for other in comparison.others:
        part = differences[differences["scenario"] == other.label]
        columns.append(figures(part, ("difference", "low", "high")))
    for line in lines:
        if not line.stratum:
            table.add_row(_indented(line))
            continue
        cells = [
            difference_cell(column.get((line.measure, line.stratum)), line.unit)
            for column in columns
        ]
        table.add_row(_indented(line), *cells)
    return table


def _all_sureness(
    comparison: Comparison, lines: Sequence[Line], differences: pd.DataFrame
) -> Fitted:
    names = _names(comparison)
    table = _table(*names[1:])
    table.title = f"VR and P(more) of these differences from {names[0]}"
    table.title_justify = "left"
    table.caption = f"{MEANS}\n{how_to_read(comparison)}"
    table.caption_justify = "left"
    columns = [
        _sureness(differences[differences["scenario"] == other.label])
        for other in comparison.others
    ]
    for line in lines:
        if not line.stratum:
            table.add_row(_indented(line))
            continue
        found = [column.get((line.measure, line.stratum), ("", "")) for column in columns]
        cells = [f"{reduction}{chance:>8}" for reduction, chance in found]
        if any(cell.strip() for cell in cells):
            table.add_row(_indented(line), *cells)
    return table


def _sureness(differences: pd.DataFrame) -> dict[Key, tuple[str, str]]:
    """Cells with the reduction of variance and the probability of being more, by figure."""
    names = ("variance_reduction", "probability_positive", "probability_positive")
    return {
        key: (reduction_cell(reduction), chance_cell(chance))
        for key, (reduction, chance, _) in figures(differences, names).items()
    }


def _net(comparison: Comparison, differences: pd.DataFrame) -> Fitted:
    """Emergency admissions avoided and caused, episode by episode."""
    title = "Emergency admissions avoided and caused, with the same people and crises in both"
    table = Fitted(
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
            found = figures(part, ("difference", "low", "high")).get((measure, "all"))
            cells.append(difference_cell(found, ""))
        table.add_row(measure_words(measure), *cells)
    return table


def _table(*columns: str) -> Fitted:
    table = Fitted(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", min_width=26)
    for name in columns:
        table.add_column(safe(name), justify="right")
    return table


def _lines(
    result: RunResult, summary: pd.DataFrame, columns: Sequence[Mapping[Key, Figure]]
) -> list[Line]:
    columns_wanted = (summary[name] for name in ("measure", "stratum", "unit", "mean"))
    candidates = [Candidate(*row) for row in zip(*columns_wanted, strict=True)]
    keys = {key for column in columns for key in column}
    zeros = frozenset(
        key for key in keys if all(column.get(key, (0.0,))[0] == 0.0 for column in columns)
    )
    return list(headline_lines(result.plan, candidates, zeros))


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


def _indented(line: Line) -> str:
    return f"  {safe(line.words)}" if line.inner else safe(line.words)


def _shortened(path: object, value: object, opposite: object, result: RunResult) -> str:
    """A value on a line or two; of a pool or service that the other lacks its title."""
    section, _, name = str(path).partition(".")
    if opposite == ABSENT and section in {"pools", "services"} and "." not in name:
        return safe(title_of(name, getattr(result.scenario, section)[name]))
    words = str(value)
    return safe(words if len(words) <= LONGEST else f"{words[: LONGEST - 4]} ...")


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


def _remarks(
    results: Sequence[RunResult], shown_lines: Sequence[Line], level: float
) -> list[RenderableType]:
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
        if warning := too_short(result.scenario):
            whose = f"{result.label}: " if len(results) > 1 else ""
            lines.append(Text(f"{whose}{warning}", style="bold"))
        if warning := overloaded(result.scenario):
            whose = f"{result.label}: " if len(results) > 1 else ""
            lines.append(Text(f"{whose}{warning}", style="bold"))
    for result in results:
        lines += [Text(f"{result.label}: {notice}") for notice in result.scenario.notices]
        lines += [Text(f"{result.label}: {words}") for words in unfounded(result.scenario)]
    number_done = len(results[0].done)
    if number_done == 1:
        lines.append(Text("One replication has no interval: take more to see how sure this is."))
    elif number_done < FEW:
        lines.append(
            Text(
                f"{number_done} replications hardly tell how much they vary, so that intervals are "
                "very wide, and 0 where all happen to agree: take 10 or more."
            )
        )
    return [*lines, *map(Text, skewed_lines(results, shown_lines, level))]


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
