"""Bars: delayed days by reason, and waits against standards."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from carepath_sim.report.colours import GREY, RED, SERIES
from carepath_sim.report.forest import NothingToDrawError
from carepath_sim.report.lines import number, spread
from carepath_sim.report.told import Grid, Told, source_of, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from carepath_sim.experiment.results import RunResult

# Reasons with a colour of their own; the others are one.
REASONS = 6
OTHER = "other reasons"
LONGEST = 30


def delays_table(results: Sequence[RunResult]) -> pd.DataFrame:
    """Delayed transfer days by reason: mean of the replications, the most frequent reason first.

    Returns
    -------
        A row a reason, a column a scenario [delayed days in the window].
    """
    import pandas as pd

    columns = {}
    for result in results:
        rows = result.summary()
        of_reason = rows["stratum"].str.match(r"reason:[^|]*$")
        rows = rows[(rows["measure"] == "delayed_transfer_days") & of_reason]
        columns[result.label] = rows.set_index(rows["stratum"].str[len("reason:") :])["mean"]
    table = pd.DataFrame(columns).fillna(0.0)
    table = table[table.sum(axis=1) > 0]
    order = table.sum(axis=1).sort_values(ascending=False, kind="stable").index
    table = table.loc[order]
    if len(table) > REASONS:
        rest = table.iloc[REASONS - 1 :].sum().rename(OTHER)
        table = pd.concat([table.iloc[: REASONS - 1], rest.to_frame().T])
    table.index.name = "reason"
    return table


def delays(results: Sequence[RunResult], ax: Axes | None = None) -> Axes:
    """Draw delayed transfer days by reason, a stacked bar a scenario.

    Raises
    ------
    NothingToDrawError
        When nobody was delayed.
    """
    table = delays_table(results)
    if table.empty:
        raise NothingToDrawError("nobody was delayed, so nothing can be drawn")
    axes = ax if ax is not None else _axes(1.9 + 0.45 * len(results) + 0.2 * len(table))
    left = [0.0] * len(results)
    hatches = ("", "//", "", "..", "", "xx")
    for k, (reason, row) in enumerate(table.iterrows()):
        axes.barh(
            range(len(results)),
            row.to_numpy(),
            left=left,
            height=0.6,
            color=SERIES[k % len(SERIES)],
            hatch=hatches[k % len(hatches)],
            edgecolor="white",
            label=str(reason),
        )
        left = [a + float(b) for a, b in zip(left, row, strict=True)]
    axes.set_yticks(range(len(results)), [_short(one.label) for one in results], fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel("delayed days in the time counted, mean of the replications", fontsize=9)
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="upper left", bbox_to_anchor=(0.0, -0.35))
    _plain(axes)
    return tell(axes, _delays_told(results, table))


def _delays_told(results: Sequence[RunResult], table: pd.DataFrame) -> Told:
    all_of = ", ".join(f"{name} {number(float(table[name].sum()), 'days')}" for name in table)
    text = f"Stacked bars. Delayed days in all: {all_of}. The most frequent is {table.index[0]}."
    rows = tuple(
        (str(reason), *(number(float(one), "days") for one in row))
        for reason, row in table.iterrows()
    )
    heads = ("Reason", *map(str, table.columns))
    grid = Grid("Delayed days in the time counted, means.", heads, rows)
    return Told("Delayed transfer days by reason", text, source_of(results), grid)


def standards_table(results: Sequence[RunResult]) -> pd.DataFrame:
    """Shares of waits within each standard, with what should be met.

    Returns
    -------
        Columns scenario, standard, title, target, mean, low, high; all shares in [0, 1].
    """
    import pandas as pd

    found = []
    for result in results:
        rows = result.summary()
        rows = rows[rows["measure"] == "standard_met"].set_index("stratum")
        for name, standard in result.scenario.standards.items():
            if f"standard:{name}" not in rows.index:
                continue
            row = rows.loc[f"standard:{name}"]
            found.append(
                {
                    "scenario": result.label,
                    "standard": name,
                    "title": standard.title or name.replace("_", " "),
                    "target": None if standard.target is None else float(standard.target.value),
                    "mean": float(str(row["mean"])),
                    "low": float(str(row["low"])),
                    "high": float(str(row["high"])),
                }
            )
    columns = ["scenario", "standard", "title", "target", "mean", "low", "high"]
    return pd.DataFrame(found, columns=columns)


def standards(results: Sequence[RunResult], ax: Axes | None = None) -> Axes:
    """Draw how many waits are within each standard, with intervals and targets.

    Raises
    ------
    NothingToDrawError
        When the scenarios have no standards, or nobody to whom one applies.
    """
    table = standards_table(results)
    table = table[table["mean"].notna()]
    if table.empty:
        raise NothingToDrawError("there is no standard with a figure, so nothing can be drawn")
    titles = list(dict.fromkeys(table["title"]))
    axes = ax if ax is not None else _axes(1.4 + 0.5 * len(titles))
    labels = [one.label for one in results]
    apart = 0.6 / len(labels)
    for k, label in enumerate(labels):
        rows = table[table["scenario"] == label]
        y = [titles.index(one) + (k - (len(labels) - 1) / 2) * apart for one in rows["title"]]
        colour = SERIES[k % len(SERIES)]
        axes.hlines(y, 100 * rows["low"], 100 * rows["high"], color=colour, linewidth=2)
        axes.plot(100 * rows["mean"], y, "os^Dv"[k % 5], color=colour, markersize=5, label=label)
    aims = table.dropna(subset=["target"]).drop_duplicates("title")
    if not aims.empty:
        y = [titles.index(one) for one in aims["title"]]
        axes.plot(
            [100 * float(one) for one in aims["target"]],
            y,
            "|",
            color=RED,
            markersize=20,
            markeredgewidth=2,
            label="target",
        )
    axes.set_yticks(range(len(titles)), [_short(one) for one in titles], fontsize=9)
    axes.set_ylim(len(titles) - 0.4, -0.6)
    axes.set_xlim(0, 102)
    axes.set_xlabel("waits within the standard, %, with 95 % intervals", fontsize=9)
    axes.legend(frameon=False, fontsize=8, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3)
    _plain(axes)
    return tell(axes, _standards_told(results))


def _standards_told(results: Sequence[RunResult]) -> Told:
    rows = []
    for row in standards_table(results).to_dict("records"):
        mean, aim = float(row["mean"]), row["target"]
        none = aim is None or math.isnan(aim)
        rows.append(
            (
                str(row["title"]),
                str(row["scenario"]),
                "nobody" if math.isnan(mean) else f"{number(mean, '%')} %",
                spread(float(row["low"]), float(row["high"]), "%"),
                "none set" if none else f"{number(float(aim), '%')} %",
            )
        )
    text = "Share of waits within each standard. " + " ".join(
        f"{one[0]}, {one[1]}: {one[2]}." for one in rows[:12]
    )
    heads = ("Standard", "Scenario", "Met", "95 % interval, %", "Target")
    grid = Grid("Share of waits within the standard.", heads, tuple(rows))
    return Told("Waits against standards", text, source_of(results), grid)


def _axes(height: float) -> Axes:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(7, height), layout="constrained")
    return axes


def _plain(axes: Axes) -> None:
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0, colors=GREY)


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."
