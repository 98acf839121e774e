"""What a report says, before it is a page: words, tables, pictures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carepath_sim.experiment.compare import Comparison, differing
from carepath_sim.experiment.filling import too_short
from carepath_sim.experiment.overload import overloaded
from carepath_sim.experiment.reopen import json_of, manifest_of, reopen
from carepath_sim.experiment.study import read_sweep
from carepath_sim.report.answer import answer
from carepath_sim.report.cells import Figure, Key, difference_cell, figures, mean_cell
from carepath_sim.report.exhibits import Exhibit, Grid, exhibits
from carepath_sim.report.field_words import fields_in_words
from carepath_sim.report.kept import kept
from carepath_sim.report.lines import Figure as Candidate
from carepath_sim.report.lines import headline_lines
from carepath_sim.report.stress.basis import scenarios_of
from carepath_sim.scenario.stated import stated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from carepath_sim.experiment.results import RunResult
    from carepath_sim.report.kept import Answer
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.stated import Stated

# Rows of a list that somebody reads; the others are counted.
MOST = 40
LONGEST = 100
MERE_WORDS = (".title", ".description", ".note", ".organisation")

# The weakest first: what a reader should doubt before anything else.
UNSAID, UNRATED = "nothing said", "source, no quality"
WEAK = ("by hand", UNSAID, "assumption", "poor")
QUALITIES = (*WEAK, UNRATED, "fair", "good", "document")

# Commands whose folders hold an answer of their own, not runs alone.
ANSWERS = ("sweep", "capacity", "goal", "bedmix", "sensitivity", "uncertainty", "forecast")

ASKED = {"uncertainty": "carepath run or compare, with --ranges or --posterior"}
"""Kinds that are no command of their own."""

LIMITS = (
    "This is a model. It shows what follows from the assumptions above, not what will happen.",
    (
        "Intervals tell how far luck moves the means of so many replications. They do not hold the "
        "doubt about the assumptions themselves: try other values before a decision rests on them."
    ),
    (
        "An interval that holds 0 does not show that nothing changes, only that so many "
        "replications cannot tell."
    ),
)


@dataclass(frozen=True)
class Board:
    """One run or comparison as a report tells it.

    Attributes
    ----------
    name
        Beginning of all ids.
    question, answer
        In plain words.
    headline
        The table of key figures.
    exhibits
        Pictures with their tables.
    differs
        What differs between the files; None for a single run.
    demand
        Names of what differs in demand.
    qualities, weakest
        How many numbers of which quality, and the weakest of them.
    limits, how
        Sentences, and pairs of word and value.
    tables
        Tables that follow that of the key figures.
    """

    name: str
    question: str
    answer: tuple[str, ...]
    headline: Grid
    exhibits: tuple[Exhibit, ...]
    differs: Grid | None
    demand: tuple[str, ...]
    qualities: Grid
    weakest: Grid
    limits: tuple[str, ...]
    how: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...] = field(default=())
    tables: tuple[Grid, ...] = field(default=())


def board(folder: str | Path, *, question: str | None = None, name: str = "r1") -> Board:
    """Read the folder of a run or comparison and say what it says.

    Parameters
    ----------
    folder
        What `carepath run` or `carepath compare` wrote with ``--out``.
    question
        The question in the author's words; None: made from the titles.
    name
        Beginning of all ids.

    Raises
    ------
    NoRunError
        When no results can be read from the folder.
    """
    found = json_of(folder)
    if found.get("kind") in ANSWERS:
        return _of_answer(Path(folder), found, question, name)
    manifest = manifest_of(folder)
    results = reopen(folder)
    comparison = Comparison(results[0], results[1:]) if len(results) > 1 else None
    scenarios = {one.label: one.scenario for one in results}
    qualities, weakest = _assumptions(scenarios)
    differs, demand = _differs(scenarios, "changed.csv") if comparison is not None else (None, ())
    return Board(
        name=name,
        question=question or _question(results),
        answer=tuple(answer(results, comparison)),
        headline=_headline(results, comparison),
        exhibits=tuple(exhibits(results, comparison, name)),
        differs=differs,
        demand=demand,
        qualities=qualities,
        weakest=weakest,
        limits=tuple(_limits(results, manifest)),
        how=tuple(_how(results, manifest)),
    )


def _of_answer(folder: Path, manifest: dict[str, Any], question: str | None, name: str) -> Board:
    """Say what the folder of a sweep, search, selection or analysis says."""
    if manifest.get("kind") == "sweep":
        from carepath_sim.report.sweep_answer import sweep_answer

        study = read_sweep(folder)
        said, scenarios = sweep_answer(study, name), {study.label: study.scenario}
        hashes = [study.scenario.hash()]
        manifest = {"names": [study.label], "hashes": hashes, **study.manifest}
    else:
        said = kept(folder, name)
        scenarios = scenarios_of(manifest, folder)
    qualities, weakest = _assumptions(scenarios)
    differs, demand = _differs(scenarios) if len(scenarios) > 1 else (None, ())
    return Board(
        name=name,
        question=question or said.question,
        answer=said.words,
        headline=said.headline,
        exhibits=said.exhibits,
        differs=differs,
        demand=demand,
        qualities=qualities,
        weakest=weakest,
        limits=tuple(_limits_of(scenarios, said, manifest)),
        how=tuple(_how_of(next(iter(scenarios.values())), said, manifest)),
        tables=said.tables,
    )


def _limits_of(
    scenarios: Mapping[str, Scenario], said: Answer, manifest: Mapping[str, Any]
) -> Iterator[str]:
    yield LIMITS[0]
    yield from said.limits or LIMITS[1:2]
    if not manifest.get("complete", False):
        yield "It was interrupted before all replications were done."
    for label, scenario in scenarios.items():
        if warning := too_short(scenario):
            yield f"{label}: {warning}"
        if warning := overloaded(scenario):
            yield f"{label}: {warning}"
        yield from (f"{label}: {notice}" for notice in scenario.notices)


def _how_of(
    scenario: Scenario, said: Answer, manifest: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    clock = scenario.clock
    engine = manifest.get("engine", "")
    kind = str(manifest.get("kind", ""))
    yield "Program", f"carepath-sim {manifest.get('version', '')}, engine {engine}"
    yield "Asked with", ASKED.get(kind, f"carepath {kind}")
    yield from said.how
    yield "Time counted", f"from {clock.start} for {clock.length.text}"
    yield "Warm-up", clock.warm_up.text or "none"
    yield "Seed", str(manifest.get("seed", ""))
    for label, code in zip(manifest["names"], manifest["hashes"], strict=True):
        yield f"Scenario {label}", f"SHA-256 {code[:16]}"
    versions = manifest.get("versions", {})
    yield "Libraries", ", ".join(f"{name} {one}" for name, one in versions.items())


def _question(results: Sequence[RunResult]) -> str:
    first = results[0].scenario
    if len(results) == 1:
        return f"{first.area}: how do people flow through care, and who waits? “{first.title}”"
    others = " or ".join(f"“{one.scenario.title}”" for one in results[1:])
    return f"{first.area}: what changes when “{first.title}” becomes {others}?"


def _headline(results: Sequence[RunResult], comparison: Comparison | None) -> Grid:
    summaries = [result.summary() for result in results]
    columns = [figures(summary, ("mean", "low", "high")) for summary in summaries]
    gaps: list[Mapping[Key, Figure]] = []
    if comparison is not None:
        found = comparison.differences()
        for other in comparison.others:
            part = found[found["scenario"] == other.label]
            gaps.append(figures(part, ("difference", "low", "high")))
    rows = []
    wanted = (summaries[0][name] for name in ("measure", "stratum", "unit", "mean"))
    candidates = [Candidate(*row) for row in zip(*wanted, strict=True)]
    keys = {key for column in columns for key in column}
    zeros = frozenset(k for k in keys if all(c.get(k, (0.0,))[0] == 0.0 for c in columns))
    for line in headline_lines(results[0].plan, candidates, zeros):
        if not line.stratum:
            rows.append((line.words, *[""] * (len(columns) + len(gaps))))
            continue
        key = (line.measure, line.stratum)
        cells = [_text(mean_cell(column.get(key), line.unit)) for column in columns]
        cells += [_text(difference_cell(gap.get(key), line.unit)) for gap in gaps]
        rows.append((("- " if line.inner else "") + line.words, *cells))
    heads = ["Figure", *[one.label for one in results]]
    heads += [f"Difference: {one.label}" for one in results[1:]]
    caption = "Means of the replications ± half of the 95 % interval"
    if comparison is not None:
        caption += "; differences with the same people and the same luck"
        if len(results) > 2:
            caption += ", their intervals hold together"
    return Grid(f"{caption}.", tuple(heads), tuple(rows))


def _text(cell: Any) -> str:
    """Return a cell of a terminal's table without its markup."""
    from rich.text import Text

    return cell.plain if isinstance(cell, Text) else Text.from_markup(str(cell)).plain


def _differs(scenarios: Mapping[str, Scenario], table: str = "") -> tuple[Grid, tuple[str, ...]]:
    """Return what differs between scenarios, and what of it is demand.

    Parameters
    ----------
    table
        Table of the run that has the fields as `--set` takes them, if there is one.
    """
    (base, first), *others = scenarios.items()
    changed = differing(first, dict(others))
    shown = changed[~changed["path"].str.endswith(MERE_WORDS)] if len(changed) else changed
    several = len(others) > 1
    words = fields_in_words(dict.fromkeys(changed["path"]))
    rows = [
        (
            *([str(row.scenario)] if several else []),
            words[str(row.path)],
            _cut(str(row.base)),
            _cut(str(row.other)),
        )
        for row in shown.head(MOST).itertuples()
    ]
    heads = (*(["Scenario"] if several else []), "Field", base)
    heads = (*heads, "other" if several else others[0][0])
    more = len(changed) - len(rows)
    caption = f"{len(changed)} fields differ"
    caption += f"; {more} are not shown (names, notes, and the rest of a long list)" * (more > 0)
    demand = changed[changed["kind"] == "demand"]["path"] if len(changed) else ()
    caption += f"; {table} of the run names them as --set takes them" * bool(table)
    return Grid(f"{caption}.", heads, tuple(rows)), tuple(words[str(one)] for one in demand)


def _assumptions(scenarios: Mapping[str, Scenario]) -> tuple[Grid, Grid]:
    """How many numbers of each quality there are, and the weakest."""
    counts: dict[str, Counter[str]] = {}
    weak: dict[tuple[str, str, str, str], None] = {}
    for label, scenario in scenarios.items():
        found = stated(scenario)
        counts[label] = Counter(map(_quality, found))
        for one in found:
            if not one.by_definition:
                said = _cut(one.source or one.note)
                weak[one.field, _cut(one.text), _quality(one), said] = None
    labels = list(scenarios)
    tally = [
        (quality, *[str(counts[one][quality]) for one in labels])
        for quality in QUALITIES
        if any(counts[one][quality] for one in labels)
    ]
    order = sorted(weak, key=lambda one: QUALITIES.index(one[2]))
    shown = [one for one in order if one[2] in WEAK]
    caption = "The weakest numbers: set by hand, without a word on where from, assumed, or poor"
    if len(shown) > MOST:
        caption += f"; the first {MOST} of {len(shown)} (`carepath assumptions` lists all)"
    return (
        Grid("Numbers of the scenario by quality.", ("Quality", *labels), tuple(tally)),
        Grid(f"{caption}.", ("Field", "Value", "Quality", "Source or note"), tuple(shown[:MOST])),
    )


def _quality(number: Stated) -> str:
    return number.quality or (UNRATED if number.source else UNSAID)


def _limits(results: Sequence[RunResult], manifest: Mapping[str, Any]) -> Iterator[str]:
    yield from LIMITS
    if len(results[0].done) == 1:
        yield "One replication has no interval: nothing here tells how sure the figures are."
    elif len(results[0].done) < 10:
        yield f"Only {len(results[0].done)} replications: intervals are wide and rough."
    if not manifest.get("complete", False):
        yield "The run was interrupted before all replications were done."
    for result in results:
        if warning := too_short(result.scenario):
            yield f"{result.label}: {warning}"
        if warning := overloaded(result.scenario):
            yield f"{result.label}: {warning}"
        yield from (f"{result.label}: {notice}" for notice in result.scenario.notices)


def _how(results: Sequence[RunResult], manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    first = results[0]
    clock = first.scenario.clock
    yield "Program", f"carepath-sim {manifest.get('version', '')}, engine {first.engine}"
    yield "Time counted", f"from {clock.start} for {clock.length.text}"
    yield "Warm-up", clock.warm_up.text or "none"
    yield "People", f"{first.plan.population:,}"
    yield "Replications", f"{len(first.done)}, seed {first.seed}"
    if len(results) > 1:
        common = first.common_random_numbers
        yield "Luck", "the same in all scenarios" if common else "each scenario has its own"
    for label, code in zip(manifest["names"], manifest["hashes"], strict=True):
        yield f"Scenario {label}", f"SHA-256 {code[:16]}"
    versions = manifest.get("versions", {})
    yield "Libraries", ", ".join(f"{name} {one}" for name, one in versions.items())


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."
