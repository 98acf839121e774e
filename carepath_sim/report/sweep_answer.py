"""What a sweep says, for a report: its figures at every point, in words, a table and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.report.cells import mean_cell
from carepath_sim.report.exhibits import exhibit
from carepath_sim.report.field_words import fields_in_words, typed
from carepath_sim.report.kept import Answer
from carepath_sim.report.lines import number, spread, unit_words
from carepath_sim.report.sweep_map import is_map
from carepath_sim.report.sweeps import MEANS, figure_words, moves_most, shown_figures, start
from carepath_sim.report.told import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from carepath_sim.experiment.study import Study

# Points of the table on a page; the workbook and the store have all.
MOST = 60


def sweep_answer(study: Study, name: str) -> Answer:
    """Return what a sweep says.

    Parameters
    ----------
    study
        The sweep.
    name
        Beginning of all ids in its pictures.
    """
    figures = shown_figures(study)
    table = study.figures(figures)
    fields = " and ".join(fields_in_words(study.settings).values()) or "nothing"
    drawn = figures if len(study.points) > 1 and study.settings else []
    picture = study.plot.map if is_map(study) else study.plot.curve
    shown = tuple(exhibit(picture(one), f"{name}-curve{k}") for k, one in enumerate(drawn))
    question = f"{study.scenario.area}: what changes with {fields}?"
    words = tuple(_sentences(study, table)) if len(study.points) > 1 else ()
    words = (moves_most(table),) * bool(words and moves_most(table)) + words
    return Answer(question, words, _headline(study, table, figures), shown)


def _sentences(study: Study, table: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence a figure: from where to where it runs, and how many points differ surely."""
    for name, group in table.groupby("figure", sort=False):
        rows = group.dropna(subset=["mean"])
        if rows.empty:
            continue
        unit = unit_words(str(rows["unit"].iloc[0]))
        words = figure_words(str(name)).removesuffix(" [%]")
        ends = rows.sort_values("mean", kind="stable").iloc[[0, -1]].to_dict("records")
        if ends[0]["mean"] == ends[1]["mean"]:
            yield f"{words}: the same at all points, {number(float(ends[0]['mean']), unit)} {unit}."
            continue
        said = [
            f"{number(float(one['mean']), unit)} {unit} "
            f"({spread(float(one['low']), float(one['high']), unit) or 'no interval'}) "
            f"where {_at(study, int(one['point']))}"
            for one in ends
        ]
        others = rows[rows["point"] != 0]
        sure = int(((others["difference_low"] > 0) | (others["difference_high"] < 0)).sum())
        yield (
            f"{words}: from {said[0]} to {said[1]}, means with 95 % intervals; {sure} of "
            f"{len(others)} points differ from point 0 by more than luck."
        )


def _at(study: Study, point: int) -> str:
    known = fields_in_words(study.settings)
    return " and ".join(f"{known[path]} is {value}" for path, value in study.points[point].items())


def _headline(study: Study, table: pd.DataFrame, figures: list[str]) -> Grid:
    rows = []
    for point in range(min(MOST, len(study.points))):
        own = {str(row["figure"]): row for row in table[table["point"] == point].to_dict("records")}
        cells = []
        for name in figures:
            row = own[name]
            unit = unit_words(str(row["unit"]))
            figure = (float(row["mean"]), float(row["low"]), float(row["high"]))
            cells.append(mean_cell(figure, unit))
        settings = (str(study.points[point].get(path, "-")) for path in study.settings)
        rows.append((str(point), *settings, *cells))
    caption = f"{MEANS}, by point"
    if len(study.points) > MOST:
        caption += f"; the first {MOST} of {len(study.points)} points"
    known = fields_in_words(study.settings)
    heads = ("Point", *map(start, known.values()), *(_head(one, table) for one in figures))
    return Grid(f"{caption}. {typed(known, '--vary')}".strip(), heads, tuple(rows))


def _head(name: str, table: pd.DataFrame) -> str:
    words = figure_words(name)
    unit = unit_words(str(table.loc[table["figure"] == name, "unit"].iloc[0]))
    return words if "[" in words else f"{words} [{unit}]"
