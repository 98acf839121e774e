"""Pictures and tables of capacity curves and of goals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich import box
from rich.text import Text

from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.wanted import ALIASES
from carepath_sim.report.cells import mean_cell
from carepath_sim.report.colours import BLUE, GREY, ORANGE, PLUM
from carepath_sim.report.field_words import path_words
from carepath_sim.report.fitting import Fitted
from carepath_sim.report.lever_words import target_head, targets_in_words
from carepath_sim.report.lines import unit_words
from carepath_sim.report.occupancy import new_axes
from carepath_sim.report.told import Grid, Told, source_line, tell, tell_together

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from carepath_sim.experiment.capacity import CapacityCurve
    from carepath_sim.experiment.goal import Goal

TITLES = {
    "occupancy_share": "Occupancy",
    "p_full": "Share of the time full",
    "p_wait": "Probability of waiting",
    "wait_mean": "Mean wait",
    "wait_p90": "Wait not exceeded by 90 %",
    "given_up": "Share giving up",
    "diversions": "Diverted elsewhere",
    "delayed_transfer_days": "Delayed transfer days",
    "emergency_admissions": "Emergency admissions",
    "costs": "Costs",
}
"""Words over the axes."""
HEADS = {
    "occupancy_share": "Occupied",
    "p_full": "Full",
    "p_wait": "Waiting",
    "wait_mean": "Mean wait",
    "wait_p90": "90 % wait",
    "given_up": "Giving up",
    "diversions": "Diverted\nper y",
    "delayed_transfer_days": "Delayed\ndays",
    "emergency_admissions": "Emergency\nadmissions",
}
"""Short words over the columns of a table, with the unit where it is not said by another line."""
ACROSS = 3
MOST_TICKS = 7
"""Numbers that have room under one of the panels."""


def draw_curve(
    curve: CapacityCurve,
    measures: Sequence[str],
    ax: Axes | None,
    figure: Figure | None,
) -> Axes | list[Axes]:
    """Draw a capacity curve; see `CapacityCurve.plot`."""
    known = curve.figures()
    chosen = [ALIASES.get(name, name) for name in measures]
    chosen = chosen or [name for name, rows in known.items() if _says_something(rows)]
    for name in chosen:
        if name not in known:
            raise OptionError(f"the curve has no {name!r}; it has {', '.join(known)}")
    if ax is not None or len(chosen) == 1:
        axes = ax if ax is not None else new_axes()
        _panel(curve, chosen[0], axes)
        axes.set_xlabel(_of_capacity(curve))
        axes.legend(frameon=False, fontsize=8)
        return tell(axes, curve_told(curve, chosen))
    import matplotlib.pyplot as plt

    down = math.ceil(len(chosen) / ACROSS)
    if figure is None:
        figure = plt.figure(figsize=(10.5, 2.6 * down + 0.8), layout="constrained")
    grid = figure.subplots(down, ACROSS, squeeze=False)
    drawn: list[Axes] = []
    handles: dict[str, Artist] = {}
    for axes, name in zip(grid.flat, chosen, strict=False):
        _panel(curve, name, axes)
        drawn.append(axes)
        found, words = axes.get_legend_handles_labels()
        handles = {**dict(zip(words, found, strict=True)), **handles}
    for axes in list(grid.flat)[len(chosen) :]:
        axes.set_visible(False)
    for axes in drawn[-ACROSS:]:
        axes.set_xlabel(_of_capacity(curve))
    figure.legend(
        list(handles.values()), list(handles), loc="outside lower left", ncols=4, frameon=False,
        fontsize=8,
    )  # fmt: skip
    tell_together(drawn, curve_told(curve, chosen))
    return drawn


def draw_goal(goal: Goal, ax: Axes | None, target: int) -> Axes:
    """Draw the figure of a target over the values looked at; see `Goal.plot`."""
    from matplotlib.ticker import MaxNLocator

    axes = ax if ax is not None else new_axes()
    chosen = goal.targets[target]
    table = goal.table()
    rows = table[table["target"] == str(chosen)].sort_values("value")
    x, mean = rows["value"].to_numpy(), rows["mean"].to_numpy()
    low, high = rows["low"].to_numpy(), rows["high"].to_numpy()
    axes.plot(
        x,
        mean,
        color=BLUE,
        linewidth=1.2,
        marker="o",
        markersize=4,
        label=_title(chosen.wanted.measure),
    )
    axes.vlines(x, low, high, color=BLUE, linewidth=1.2, alpha=0.6)
    axes.axhline(chosen.limit, color=ORANGE, linewidth=1.2, linestyle=(0, (4, 2)), label="target")
    if goal.value is not None and goal.interval is not None:
        axes.axvspan(*goal.interval, color=GREY, alpha=0.15, linewidth=0)
        axes.axvline(
            goal.value,
            color=GREY,
            linewidth=1,
            label=f"{goal.found.seek} that meets: {goal.lever.words(goal.value)}",
        )
    if goal.lever.whole:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(_of_lever(goal))
    axes.set_ylabel(_unit(chosen.wanted.unit))
    _dress(axes, chosen.wanted.unit)
    axes.legend(frameon=False, fontsize=8)
    return tell(axes, goal_told(goal, target))


def curve_told(curve: CapacityCurve, chosen: Sequence[str]) -> Told:
    """Say what a capacity curve shows, with its means as a table.

    Parameters
    ----------
    chosen
        The figures that are drawn.
    """
    known = curve.figures()
    pool = curve.pool.replace("_", " ")
    heads = [f"Capacity [{curve.unit.replace('_', ' ')}]"]
    columns = []
    for name in chosen:
        unit = unit_words(str(known[name]["unit"].iloc[0]))
        heads.append(f"{_title(name)} [{unit}]")
        columns.append(known[name].set_index("capacity"))
    capacities = sorted(set(curve["capacity"]))
    rows = tuple(
        (f"{capacity:g}", *(_cell(rows.loc[rows.index == capacity]) for rows in columns))
        for capacity in capacities
    )
    what = _title(chosen[0]) if len(chosen) == 1 else "What more or fewer places do"
    text = (
        f"{len(chosen)} {'figure' if len(chosen) == 1 else 'figures'} against the capacity, from "
        f"{capacities[0]:g} to {capacities[-1]:g}, with {curve.level:.0%} intervals. "
        + " ".join(curve.said().split())
    )
    return Told(
        f"{what} by capacity of {pool}: {curve.label}",
        text,
        source_line([curve.label], _counts(curve["replications"]), curve.seed),
        Grid(f"Means ± half of the {curve.level:.0%} interval.", tuple(heads), rows),
    )


def goal_told(goal: Goal, target: int) -> Told:
    """Say what the picture of a goal shows, with the values looked at as a table."""
    chosen = goal.targets[target]
    table = goal.table()
    rows = table[table["target"] == str(chosen)].sort_values("value")
    cells = tuple(
        (
            goal.lever.words(float(str(row.value))),
            _cell(rows[rows["value"] == row.value]),
            f"{float(str(row.probability_met)):.0%}",
            str(row.replications),
        )
        for row in rows.itertuples()
    )
    words = path_words(goal.lever.path)
    heads = (_start(words), _title(chosen.wanted.measure), "Probability of meeting it")
    return Told(
        f"Which {words} meets the target “{targets_in_words(goal, target)}”: {goal.label}",
        "The figure at each value that was looked at, with its interval. "
        + " ".join(goal.said().split()),
        source_line([goal.label], _counts(rows["replications"]), goal.seed),
        Grid(f"{_looked_at(goal)}.", (*heads, "Replications"), cells),
    )


def _counts(replications: pd.Series) -> int | str:
    found = sorted({int(one) for one in replications})
    return found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}"


def curve_table(curve: CapacityCurve) -> Fitted:
    """Return a capacity curve as a table for the terminal, one row a capacity."""
    shown = {name: rows for name, rows in curve.figures().items() if _says_something(rows)}
    table = Fitted(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=f"{curve.label}: capacity of {curve.pool.replace('_', ' ')}, means with half of "
        f"their {curve.level:.0%} interval, or its ends",
        title_justify="left",
    )
    table.add_column("Capacity", justify="right")
    for name, rows in shown.items():
        head = HEADS.get(name, _title(name))
        if "\n" not in head:
            head = f"{head}\n{unit_words(str(rows['unit'].iloc[0]))}"
        # As text: brackets would be read as markup.
        table.add_column(Text(head, justify="right"), justify="right", no_wrap=True)
    for capacity in dict.fromkeys(curve["capacity"]):
        cells = [_cell(rows[rows["capacity"] == capacity]) for rows in shown.values()]
        table.add_row(f"{capacity:g}", *cells)
    return table


def goal_table(goal: Goal) -> Fitted:
    """Return the values that a search looked at as a table for the terminal."""
    table = Fitted(
        box=box.SIMPLE_HEAD, pad_edge=False, title=Text(_looked_at(goal)), title_justify="left"
    )
    table.add_column(Text(_start(path_words(goal.lever.path))), justify="right")
    for target in goal.targets:
        table.add_column(Text(target_head(target)), justify="right")
    table.add_column("Meets", justify="left")
    table.add_column("Replications", justify="right")
    for value, part in goal.table().groupby("value", sort=True):
        cells = [_cell(part[part["target"] == str(target)]) for target in goal.targets]
        met = bool((part["probability_met"] > 0.5).all())
        sure = bool(part["decided"].all()) or bool(
            (part["decided"] & (part["probability_met"] < 0.5)).any()
        )
        words = ("yes" if met else "no") if sure else ("probably" if met else "probably not")
        table.add_row(
            goal.lever.words(float(str(value))), *cells, words, str(part["replications"].iloc[0])
        )
    return table


def _says_something(rows: pd.DataFrame) -> bool:
    """Tell whether a figure is known, and not 0 throughout."""
    means = rows["mean"]
    return bool(means.notna().any() and (means.fillna(0) != 0).any())


def _cell(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "-"
    row = rows.iloc[0]
    unit = unit_words(str(row["unit"]))
    return mean_cell((float(row["mean"]), float(row["low"]), float(row["high"])), unit)


def _panel(curve: CapacityCurve, name: str, axes: Axes) -> None:
    """Draw one measure: mean with its interval, theory, the limit, the knee, today's capacity."""
    rows = curve.figures()[name]
    unit = str(rows["unit"].iloc[0])
    x = rows["capacity"].to_numpy()
    axes.fill_between(
        x, rows["low"].to_numpy(), rows["high"].to_numpy(), color=BLUE, alpha=0.2, linewidth=0
    )
    axes.plot(
        x, rows["mean"].to_numpy(), color=BLUE, linewidth=1.6, marker="o", markersize=3,
        label=f"simulated, {curve.level:.0%} interval",
    )  # fmt: skip
    theory = rows["closed_form"].to_numpy()
    if curve.closed is not None and not all(math.isnan(one) for one in theory):
        kind = "" if curve.closed.exact else " (yardstick)"
        axes.plot(
            x, theory, color=ORANGE, linewidth=1.2, linestyle=(0, (4, 2)),
            label=f"{curve.closed.name}{kind}",
        )  # fmt: skip
    if not math.isnan(curve.base) and x[0] <= curve.base <= x[-1]:
        axes.axvline(
            curve.base, color=GREY, linewidth=0.8, linestyle=":", label="as in the scenario"
        )
    found = curve.knee
    if found is not None and name == curve.knee_of and not found.reason:
        axes.axvspan(found.low, found.high, color=GREY, alpha=0.12, linewidth=0)
        at = rows.loc[rows["capacity"] == found.x, "mean"].iloc[0]
        axes.plot([found.x], [at], "D", color=GREY, markersize=5, label=f"knee: {found.x:g}")
    _limits(curve, name, axes)
    axes.set_title(_title(name), loc="left", fontsize=10)
    axes.set_ylabel(_unit(unit), fontsize=9)
    _dress(axes, unit)
    axes.set_xticks(tick_marks(x))


def tick_marks(capacities: NDArray[np.float64]) -> list[float]:
    """Return the capacities that are written at the axis: those simulated, or each second, ...

    >>> import numpy as np
    >>> tick_marks(np.arange(60, 161, 10)), tick_marks(np.array([6, 8, 18]))
    ([60.0, 80.0, 100.0, 120.0, 140.0, 160.0], [6.0, 8.0, 18.0])
    """
    step = -(-len(capacities) // MOST_TICKS)
    return [float(one) for one in capacities[::step]]


def _limits(curve: CapacityCurve, name: str, axes: Axes) -> None:
    """Draw the limits of targets of this measure, and the smallest capacity that meets them all."""
    goal = curve.answer
    if goal is None:
        return
    for target in goal.targets:
        if target.wanted.measure != name:
            continue
        axes.axhline(
            target.limit, color=PLUM, linewidth=1, linestyle=(0, (4, 2)),
            label=f"target: {_limit(target.limit, target.wanted.unit)}",
        )  # fmt: skip
        if goal.value is not None:
            words = f"{goal.found.seek} that meets: {goal.value:g}"
            axes.axvline(goal.value, color=PLUM, linewidth=1, label=words)


def _limit(value: float, unit: str) -> str:
    return f"{value:.4g}" if unit != "share" else f"{100 * value:.4g}%"


def _dress(axes: Axes, unit: str) -> None:
    from matplotlib.ticker import EngFormatter, PercentFormatter

    if unit == "share":
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1))
    elif unit.startswith("GBP"):
        axes.yaxis.set_major_formatter(EngFormatter())
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    axes.tick_params(labelsize=8)


def _looked_at(goal: Goal) -> str:
    return f"Values looked at (--lever {goal.lever.path})"


def _of_lever(goal: Goal) -> str:
    """Return the words below the axis of a lever, with the unit of its numbers."""
    lever = goal.lever
    unit = "times" if lever.kind == "factor" else lever.unit
    return path_words(lever.path) + (f" [{unit}]" if unit else "")


def _start(words: str) -> str:
    return words[:1].upper() + words[1:]


def _of_capacity(curve: CapacityCurve) -> str:
    return f"capacity [{curve.unit.replace('_', ' ')}]"


def _title(name: str) -> str:
    return TITLES.get(name, name.replace("_", " ").capitalize())


def _unit(unit: str) -> str:
    return "" if unit == "share" else {"h": "hours", "d": "days"}.get(unit, unit)
