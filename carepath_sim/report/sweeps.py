"""Sweeps as tables for the terminal, and as pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.text import Text

from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.wanted import Wanted
from carepath_sim.report import sweep_map
from carepath_sim.report.cells import mean_cell
from carepath_sim.report.colours import SERIES
from carepath_sim.report.field_words import fields_in_words
from carepath_sim.report.fitting import Fitted
from carepath_sim.report.lines import SCALES, margin, measure_words, number, spread, unit_words
from carepath_sim.report.occupancy import new_axes
from carepath_sim.report.saving import save
from carepath_sim.report.told import Grid, Told, source_line, tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from rich.console import RenderableType

    from carepath_sim.experiment.study import Study

MEANS = "Means with half of their 95 % interval, or with its ends"

# Points that somebody reads in a terminal.
MOST_POINTS = 60

# What a service commissioner asks first, and of a pool whose fields vary.
ALWAYS = ("emergency_admissions", "delayed_transfer_days")
OF_POOLS = ("utilisation[{}]", "p_wait[{}]")
MOST_FIGURES = 5

# Lines of a picture that can be told apart.
MOST_LINES = len(SERIES)


def shown_figures(study: Study) -> list[str]:
    """Return the figures that the table of a sweep shows when none is asked for."""
    pools = [path.split(".")[1] for path in study.settings if path.startswith("pools.")]
    asked = [*ALWAYS, *(one.format(pool) for pool in pools for one in OF_POOLS)]
    found, _ = study.known_figures(dict.fromkeys(asked))
    return found[:MOST_FIGURES]


def sweep_table(study: Study, figures: pd.DataFrame) -> RenderableType:
    """Return the points of a sweep with figures, and how these differ from the first point.

    Parameters
    ----------
    figures
        As `Study.figures` gives them.
    """
    # It names the fields as `--vary` takes them.
    text = Text(f"{study}\n")
    means = _table(study, figures, ("mean", "low", "high"), MEANS)
    parts: list[RenderableType] = [text, means]
    if len(study.points) > 1:
        words = "Differences from point 0 within replications, in bold if their interval holds no 0"
        columns = ("difference", "difference_low", "difference_high")
        parts += [Text(""), _table(study, figures, columns, words)]
        if moved := moves_most(figures):
            parts.append(Text(moved))
    if len(study.points) > MOST_POINTS:
        parts.append(Text(f"... and {len(study.points) - MOST_POINTS} more points"))
    return Group(*parts)


def moves_most(figures: pd.DataFrame) -> str:
    """Return a sentence on the figure that changes most over a sweep, as a part of its level."""
    found = []
    for name, rows in figures.dropna(subset=["mean"]).groupby("figure", sort=False):
        ends = sorted(float(one) for one in rows["mean"])
        level = abs(sum(ends) / len(ends))
        # What luck could have done moves nothing.
        if level and ((rows["difference_low"] > 0) | (rows["difference_high"] < 0)).any():
            unit = unit_words(str(rows["unit"].iloc[0]))
            found.append(((ends[-1] - ends[0]) / level, str(name), ends[0], ends[-1], unit))
    part, name, low, high, unit = max(found, default=(0.0, "", 0.0, 0.0, ""))
    if not part:
        return ""
    words = figure_words(name).partition(" [")[0]
    return (
        f"What moves most over these points, for its size: {words[:1].lower()}{words[1:]}, from "
        f"{number(low, unit)} to {number(high, unit)} {unit}."
    )


def _table(
    study: Study, figures: pd.DataFrame, columns: tuple[str, str, str], title: str
) -> RenderableType:
    table = Fitted(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    table.add_column("Point", justify="right")
    for words in fields_in_words(study.settings).values():
        table.add_column(Text(start(words)), justify="right", overflow="fold")
    names = list(dict.fromkeys(figures["figure"]))
    for name in names:
        table.add_column(Text(figure_words(name)), justify="right")
    signed = columns[0] == "difference"
    for point, rows in figures[figures["point"] < MOST_POINTS].groupby("point"):
        if signed and point == 0:
            continue
        settings = study.points[int(str(point))]
        cells = [Text(str(settings.get(path, "-"))) for path in study.settings]
        by_name = {row["figure"]: row for row in rows.to_dict("records")}
        cells += [_cell(by_name[name], columns, signed=signed) for name in names]
        table.add_row(str(point), *cells)
    return table


def _cell(row: dict[Any, Any], columns: tuple[str, str, str], *, signed: bool) -> Text:
    mean, low, high = (float(row[column]) for column in columns)
    unit = unit_words(str(row["unit"]))
    if not signed:
        return Text(mean_cell((mean, low, high), unit))
    half = margin(low, high, unit)
    words = number(mean, unit, signed=mean != 0) or "-"
    certain = low > 0 or high < 0
    if half == "0" and mean == 0:
        half = ""
    if abs(high + low - 2 * mean) > 1e-6 * (high - low):
        return Text(f"{words} ({spread(low, high, unit, signed=True)})")
    return Text(f"{words} ± {half}" if half else words, style="bold" if certain else "")


def figure_words(name: str) -> str:
    """Return a figure in words.

    >>> figure_words("p_wait[community_beds]")
    'Had to wait, community beds [%]'
    """
    wanted = Wanted.parse(name)
    unit = unit_words(wanted.unit)
    where = f", {wanted.stratum.replace('_', ' ')}" if wanted.stratum else ""
    return measure_words(wanted.measure) + where + (f" [{unit}]" if unit in SCALES else "")


def start(words: str) -> str:
    """Return words as a line begins."""
    return words[:1].upper() + words[1:]


@dataclass(frozen=True)
class SweepPlots:
    """Pictures of one sweep.

    Parameters
    ----------
    study
        What `carepath_sim.sweep` returned.
    """

    study: Study

    def curve(self, measure: str, x: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw a figure with its 95 % intervals against one of the fields that vary.

        Points with the same values of the other fields are one line; of a sample, in which no two
        points share any, points alone are drawn.

        Parameters
        ----------
        measure
            Figure by name: ``utilisation[community_beds]``.
        x
            Field on the horizontal axis; None: the first one.
        ax
            Where to draw; None: a figure of its own.

        Raises
        ------
        OptionError
            If there is no such field or figure.
        """
        from matplotlib.ticker import MaxNLocator

        paths = self.study.settings
        path = paths[0] if x is None and paths else x
        if path not in paths:
            raise OptionError(f"{path!r} does not vary; {', '.join(paths) or 'nothing'} does")
        table = self.study.figures(measure)
        unit = unit_words(str(table["unit"].iloc[0]))
        scale = SCALES.get(unit, 1.0)
        others = [other for other in paths if other != path]
        axes = ax if ax is not None else new_axes()
        table = table.dropna(subset=[path])
        known = fields_in_words(paths)
        groups: list[tuple[str, pd.DataFrame]] = [("", table)]
        if others:
            groups = [
                (_settings_words([known[other] for other in others], key), group)
                for key, group in table.groupby(others, sort=False, dropna=False)
            ]
        joined = len(groups) <= MOST_LINES
        if not joined:
            groups = [("", table)]
        for k, (words, group) in enumerate(groups):
            rows = group.sort_values(path) if _is_number(group[path]) else group
            # Intervals of shares are not symmetric.
            arms = [rows["mean"] - rows["low"], rows["high"] - rows["mean"]]
            xs = rows[path] if _is_number(rows[path]) else rows[path].astype("str")
            axes.errorbar(
                xs,
                rows["mean"] * scale,
                yerr=[(arm * scale).fillna(0.0).clip(lower=0.0) for arm in arms],
                color=SERIES[k % MOST_LINES],
                marker="o",
                markersize=4,
                linewidth=1.4 if joined else 0.0,
                elinewidth=1.0,
                capsize=2,
                label=words or None,
            )
        axes.set_xlabel(known[path])
        if _is_number(table[path]) and (table[path] % 1 == 0).all():
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylabel(figure_words(measure) if "[%]" in figure_words(measure) else unit)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
        if joined and len(groups) > 1:
            title = start(known[others[0]]) if len(others) == 1 else None
            axes.legend(frameon=False, fontsize=8, title=title, title_fontsize=8, alignment="left")
        return tell(axes, _told(self.study, measure, known[path], table))

    def map(
        self, measure: str, x: str | None = None, y: str | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw a figure over both of two fields that vary, darker for more.

        Parameters
        ----------
        measure
            Figure by name: ``utilisation[community_beds]``.
        x, y
            Fields along the axes; None: the first one across, the other one up.
        ax
            Where to draw; None: a figure of its own.

        Raises
        ------
        OptionError
            If there is no such figure, or not two fields vary.
        """
        across, up = sweep_map.fields_of(self.study, x, y)
        table = self.study.figures(measure)
        known = fields_in_words(self.study.settings)
        axes = ax if ax is not None else new_axes()
        sweep_map.draw(axes, table, across, up)
        axes.set_xlabel(start(known[across]))
        axes.set_ylabel(start(known[up]))
        by = f"{known[across]} and {known[up]}"
        told = _told(self.study, measure, by, table)
        unit = unit_words(str(table["unit"].iloc[0]))
        words = figure_words(measure).removesuffix(" [%]")
        # No axis names the unit of the cells.
        return tell(axes, replace(told, title=f"{words} [{unit}] by {by}: {self.study.label}"))


def _told(study: Study, measure: str, by: str, table: pd.DataFrame) -> Told:
    """Say what a picture of a sweep shows, with its points as a table."""
    words = figure_words(measure)
    unit = unit_words(str(table["unit"].iloc[0]))
    if table["mean"].notna().any():
        ends = [number(float(one), unit) for one in (table["mean"].min(), table["mean"].max())]
        what = f"{words.removesuffix(' [%]')} runs from {ends[0]} to {ends[1]} {unit}"
        text = f"{len(table)} points with 95 % intervals; {what}."
    else:
        text = f"{len(table)} points, none of which has a figure."
    settings = fields_in_words(study.settings)
    rows = tuple(
        (
            str(row["point"]),
            *(str(row[one]) for one in settings),
            number(float(row["mean"]), unit) or "-",
            spread(float(row["low"]), float(row["high"]), unit),
        )
        for row in table.to_dict("records")
    )
    head = words if "[" in words else f"{words} [{unit}]"
    return Told(
        f"{words.removesuffix(' [%]')} by {by}: {study.label}",
        text,
        source_line([study.label], int(table["replications"].max()), study.manifest["seed"]),
        Grid(
            "Means of every point.",
            ("Point", *map(start, settings.values()), head, "95 % interval"),
            rows,
        ),
    )


def save_pictures(study: Study, figures: Sequence[str], folder: str | Path) -> None:
    """Save a curve of each figure against the first field that varies, as PNG and SVG.

    Of a whole grid of two fields a map is saved as well, or alone where lines would be too many.
    """
    if len(study.points) < 2 or not study.settings:
        return
    whole = sweep_map.is_map(study)
    lines = len({point.get(study.settings[-1]) for point in study.points})
    for name in figures:
        words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        if not whole or lines <= MOST_LINES:
            save(study.plot.curve(name), folder, f"curve-{words}")
        if whole:
            save(study.plot.map(name), folder, f"map-{words}")


def _settings_words(fields: Sequence[str], key: Any) -> str:
    """Return what stands in fields; of one alone, which the title of the legend names, the value.

    >>> _settings_words(["capacity of beds"], (40,)), _settings_words(["a", "b"], (40, "3 d"))
    ('40', 'a 40, b 3 d')
    """
    values = key if isinstance(key, tuple) else (key,)
    if len(fields) == 1:
        return str(values[0])
    return ", ".join(f"{field} {value}" for field, value in zip(fields, values, strict=True))


def _is_number(column: pd.Series[Any]) -> bool:
    from pandas.api.types import is_numeric_dtype

    return is_numeric_dtype(column)
