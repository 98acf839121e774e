"""What stands on the sheets of a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from carepath_sim.report.lines import Figure, headline_lines
from carepath_sim.report.numbers import assumptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from carepath_sim.report.stress.basis import Basis

TABLES: Final = {
    "places": "How full",
    "forecast": "Forecast",
    "figures": "Figures with doubt",
    "differences": "Differences",
    "targets": "Targets of change",
    "best": "Best",
    "knowing": "Worth knowing",
    "scorecard": "Scorecard",
    "changed": "What differs",
    "capacity": "Capacity",
    "search": "Search",
    "points": "Points",
    "choice": "Choice",
    "frontier": "Frontier",
    "table": "Figures",
    "noise": "Luck",
    "design": "Design",
    "draws": "Draws",
    "summary": "All figures",
}
"""Tables of a folder, with the names of their sheets, in the order of the workbook."""
MOST_CHARTS: Final = 4
"""Charts of one sheet."""
MOST_BARS: Final = 10
"""Bars of one chart."""
MOST_POOLS: Final = 6
"""Pools that one picture shows."""


@dataclass(frozen=True)
class Chart:
    """A native chart of a sheet.

    Attributes
    ----------
    kind
        Bars, or lines over days.
    title, axis
        What it shows, and the unit of its values.
    category
        Column of the names or days.
    values
        Columns that are drawn.
    rows
        Numbers of the first and last row that are drawn, from 0.
    """

    kind: Literal["bar", "line"]
    title: str
    axis: str
    category: str
    values: tuple[str, ...]
    rows: tuple[int, int]


@dataclass(frozen=True)
class Sheet:
    """A sheet: a heading, a table, and charts beside it."""

    name: str
    heading: str
    table: pd.DataFrame
    charts: tuple[Chart, ...] = ()


def sheets(basis: Basis) -> Iterator[Sheet]:
    """Yield the sheets of a run, those that most people want first."""
    if (found := _headline(basis)) is not None:
        yield found
    yield from _occupancy(basis)
    yield from _points(basis)
    for table, name in TABLES.items():
        frame = basis.table(table)
        if frame is not None and not frame.empty:
            charts = {"capacity": _curves, "knowing": _worths, "places": _fillings}.get(
                table, _none
            )(frame)
            title = "Targets" if table == "targets" and "probability" in frame else name
            yield Sheet(title, f"{title} (table `{table}` of the run)", frame, tuple(charts))
    heading = "Numbers that the scenarios say; those without a source stand first"
    yield Sheet("Assumptions", heading, assumptions(basis.scenarios))


def _headline(basis: Basis) -> Sheet | None:
    """Return the headline figures, a row each, with intervals and differences."""
    import pandas as pd

    from carepath_sim.plan import compile_plan

    frame = basis.table("summary")
    if frame is None or not {"low", "high"} <= set(frame) or "configuration" in frame:
        return None
    if "scenario" not in frame:
        frame = frame.assign(scenario=next(iter(basis.scenarios)))
    found = frame.set_index(["scenario", "measure", "stratum"])[["unit", "mean", "low", "high"]]
    base = next(iter(basis.scenarios))
    of_base = frame[frame["scenario"] == base]
    figures = [
        Figure(*row)
        for row in of_base[["measure", "stratum", "unit", "mean"]].itertuples(index=False)
    ]
    sizes = frame["mean"].abs().groupby([frame["measure"], frame["stratum"]]).max()
    zeros = frozenset((str(key[0]), str(key[1])) for key in sizes.index[sizes == 0])
    rows, parts, group = [], [], ""
    for line in headline_lines(compile_plan(basis.base), figures, zeros):
        if not line.stratum:
            group = line.words.split(" [")[0]
            continue
        words = line.words.split(" [")[0]
        row: dict[str, object] = {"figure": f"{group}: {words}" if line.inner and group else words}
        row["unit"] = str(found.loc[(base, line.measure, line.stratum), "unit"])
        for label in basis.scenarios:
            key = (label, line.measure, line.stratum)
            for name in ("mean", "low", "high"):
                row[f"{label}: {name}"] = found.loc[key, name] if key in found.index else None
        rows.append(row)
        parts.append((line.measure, line.stratum))
    table = pd.DataFrame(rows)
    delays = [k for k, (measure, _) in enumerate(parts) if measure == "delayed_transfer_days"]
    means = tuple(f"{label}: mean" for label in basis.scenarios)
    charts = (
        (
            Chart(
                "bar",
                "Delayed transfer days, all and by reason",
                "delayed days",
                "figure",
                means,
                (delays[0], delays[-1]),
            ),
        )
        if delays and delays[-1] - delays[0] == len(delays) - 1
        else ()
    )
    return Sheet("Headline", "Headline figures: means with 95 % intervals", table, charts)


def _occupancy(basis: Basis) -> Iterator[Sheet]:
    """Yield a sheet a scenario: units in use by day and pool, means over replications."""
    from carepath_sim.experiment.writing import read_parquet

    path = basis.folder / "daily.parquet" if basis.folder is not None else None
    if path is None or not path.exists():
        return
    days = read_parquet(path)
    for number, label in enumerate(basis.scenarios, 1):
        own = days[days["scenario"].astype(str) == label]
        if own.empty:
            continue
        wide = own.pivot_table(index="date", columns="pool", values="occupancy", observed=True)
        pools = [str(pool) for pool in wide.columns]
        wide = wide.reset_index()
        wide.columns = ["date", *pools]
        wide["date"] = wide["date"].astype(str).str[:10]
        beds = [name for name in pools if name.split("[")[0] in _beds(basis)] or pools
        chart = Chart(
            "line",
            f"In use, day by day: {label}",
            "units in use, mean over replications",
            "date",
            tuple(beds[:MOST_POOLS]),
            (0, len(wide) - 1),
        )
        which = f" {number}" if len(basis.scenarios) > 1 else ""
        heading = f"Units of pools in use by day, mean over replications: {label}"
        yield Sheet(f"Occupancy{which}", heading, wide, (chart,))


def _points(basis: Basis) -> Iterator[Sheet]:
    """Yield the figures of a sweep at its points."""
    if basis.folder is None or basis.manifest.get("kind") != "sweep":
        return
    from carepath_sim.experiment.study import read_sweep
    from carepath_sim.report.field_words import fields_in_words, typed
    from carepath_sim.report.sweeps import figure_words, shown_figures

    study = read_sweep(basis.folder)
    frame = study.figures(shown_figures(study))
    frame = frame.sort_values(["figure", "point"], kind="stable", ignore_index=True)
    known = fields_in_words(study.settings)
    # Units stand in a column of their own.
    frame["figure"] = [figure_words(str(one)).partition(" [")[0] for one in frame["figure"]]
    frame = frame.rename(columns=known)
    charts = tuple(_by(frame, "figure", *known.values())) if len(known) == 1 else ()
    heading = f"Figures at the points, with 95 % intervals. {typed(known, '--vary')}".strip()
    yield Sheet("Points", heading, frame, charts)


def _fillings(frame: pd.DataFrame) -> Iterator[Chart]:
    """Yield for each pool a chart of what is taken, day by day."""
    for title in list(dict.fromkeys(frame["title"]))[:MOST_CHARTS]:
        rows = frame.index[frame["title"] == title]
        yield Chart(
            "line",
            f"{title}: taken as the day begins",
            str(frame.loc[rows[0], "unit"]),
            "date",
            ("taken", "low80", "high80", "capacity"),
            (int(rows[0]), int(rows[-1])),
        )


def _curves(frame: pd.DataFrame) -> Iterator[Chart]:
    """Yield a chart a measure of a capacity curve, of those that say something."""
    yield from _by(frame, "measure", "capacity")


def _worths(frame: pd.DataFrame) -> Iterator[Chart]:
    """Yield a bar chart a question, of the numbers that are most worth knowing."""
    frame = frame.reset_index(drop=True)
    asked = frame["question"] + [
        f" ({one})" if isinstance(one, str) else "" for one in frame["scenario"]
    ]
    for question, rows in frame.groupby(asked, sort=False):
        shown = rows.head(MOST_BARS)
        if not shown["beyond_luck"].any():
            continue
        title = f"What knowing a number is worth: {str(question).replace('_', ' ')}"
        ends = (int(shown.index[0]), int(shown.index[-1]))
        yield Chart("bar", title, str(rows["unit"].iloc[0]), "parameter", ("worth",), ends)


def _none(_: pd.DataFrame) -> Iterator[Chart]:
    """Yield no chart."""
    return iter(())


def _by(frame: pd.DataFrame, name: str, category: str) -> Iterator[Chart]:
    """Yield a line chart a figure whose rows stand together."""
    names = frame[name].astype(str) + frame.get("stratum", frame[name]).astype(str)
    drawn = 0
    for _, rows in frame.groupby(names, sort=False):
        first, last = int(rows.index[0]), int(rows.index[-1])
        together = last - first + 1 == len(rows) > 1
        if not together or drawn >= MOST_CHARTS or not (rows["mean"].fillna(0) != 0).any():
            continue
        drawn += 1
        title = f"{str(rows[name].iloc[0]).replace('_', ' ')} by {category}"
        values = ("mean", "low", "high")
        yield Chart("line", title, str(rows["unit"].iloc[0]), category, values, (first, last))


def _beds(basis: Basis) -> set[str]:
    return {name for name, pool in basis.base.pools.items() if pool.unit == "beds"}
