"""Pictures of a report, each with words and with the table of what it shows."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim import __version__
from carepath_sim.report.bars import delays, delays_table, standards, standards_table
from carepath_sim.report.figures import BAND, NO_LIMIT
from carepath_sim.report.forest import NothingToDrawError, forest, label_of, of_headline
from carepath_sim.report.inline import inline_svg
from carepath_sim.report.lines import number, spread, unit_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.experiment.results import RunResult

# Pools that are drawn over time, beds with a limit first.
POOLS = 2
ROWS = 60


@dataclass(frozen=True)
class Grid:
    """A table: its caption, the words above its columns, its rows; the first cell names a row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Exhibit:
    """A picture: its title, its text alternative, where it comes from, and its table."""

    title: str
    text: str
    source: str
    svg: str
    grid: Grid


def exhibits(
    results: Sequence[RunResult], comparison: Comparison | None, name: str
) -> Iterator[Exhibit]:
    """Yield the pictures of a report for which there is anything to show."""
    source = (
        f"Source: simulation with carepath-sim {__version__}, "
        f"{len(results[0].done)} replications, seed {results[0].seed}."
    )
    if comparison is not None:
        with suppress(NothingToDrawError):
            yield _forest(comparison, f"{name}-forest", source)
    table = delays_table(results)
    if not table.empty:
        title = "Delayed transfer days by reason"
        most = ", ".join(
            f"{column} {number(float(table[column].sum()), 'days')}" for column in table
        )
        text = f"Stacked bars. Delayed days in all: {most}. The most frequent is {table.index[0]}."
        rows = tuple(
            (str(reason), *(number(float(one), "days") for one in row))
            for reason, row in table.iterrows()
        )
        heads = ("Reason", *map(str, table.columns))
        grid = Grid("Delayed days in the time counted, means.", heads, rows)
        yield Exhibit(
            title, text, source, inline_svg(delays(results), f"{name}-delays", title, text), grid
        )
    met = standards_table(results)
    if met["mean"].notna().any():
        yield _standards(results, f"{name}-standards", source)
    for k, pool in enumerate(_pools(results[0])):
        for j, result in enumerate(results):
            if pool in result.plan.pool_index:
                yield _occupancy(result, pool, f"{name}-pool{k}-{j}", source)


def _forest(comparison: Comparison, name: str, source: str) -> Exhibit:
    import matplotlib.pyplot as plt

    found = of_headline(comparison, comparison.differences())
    found = found[(found["base"].abs() > 0) & found["low"].notna()]
    lines = min(len(found) / max(1, len(comparison.others)), 24)
    _, axes = plt.subplots(figsize=(7, 1.4 + 0.26 * lines), layout="constrained")
    try:
        forest(comparison, ax=axes)
    except NothingToDrawError:
        plt.close(axes.figure)  # type: ignore[arg-type]
        raise
    axes.set_title("")
    title = f"What changes against {comparison.base.label}"
    labels = [one.get_text() for one in axes.get_yticklabels()]
    text = (
        f"{len(labels)} figures, each with a dot for the difference in per cent of "
        f"{comparison.base.label} and a line for its 95 % interval. "
        "The headline table and the table below have the numbers."
    )
    rows = tuple(
        (
            label_of(comparison, row.measure, row.stratum),
            str(row.scenario),
            number(float(str(row.difference)), unit_words(str(row.unit)), signed=True),
            spread(
                float(str(row.low)), float(str(row.high)), unit_words(str(row.unit)), signed=True
            ),
            unit_words(str(row.unit)),
        )
        for row in found.head(ROWS).itertuples()
    )
    heads = ("Figure", "Scenario", "Difference", "95 % interval", "Unit")
    grid = Grid(f"Differences from {comparison.base.label}.", heads, rows)
    return Exhibit(title, text, source, inline_svg(axes, name, title, text), grid)


def _standards(results: Sequence[RunResult], name: str, source: str) -> Exhibit:
    met = standards_table(results)
    title = "Waits against standards"
    wanted = (met[column].tolist() for column in ("title", "scenario", "mean", "low", "high"))
    aims = [None if aim is None or np.isnan(aim) else float(aim) for aim in met["target"]]
    rows = tuple(
        (
            title_,
            label,
            "nobody" if np.isnan(mean) else f"{number(mean, '%')} %",
            spread(low, high, "%"),
            "none set" if aim is None else f"{number(aim, '%')} %",
        )
        for (title_, label, mean, low, high), aim in zip(
            zip(*wanted, strict=True), aims, strict=True
        )
    )
    text = "Share of waits within each standard. " + " ".join(
        f"{one[0]}, {one[1]}: {one[2]}." for one in rows[:12]
    )
    heads = ("Standard", "Scenario", "Met", "95 % interval, %", "Target")
    grid = Grid("Share of waits within the standard.", heads, rows)
    return Exhibit(title, text, source, inline_svg(standards(results), name, title, text), grid)


def _occupancy(result: RunResult, pool: str, name: str, source: str) -> Exhibit:
    import matplotlib.pyplot as plt

    k = result.plan.pool_index[pool]
    info = result.plan.pools[k]
    unit = info.unit.replace("_", " ")
    days = np.stack([np.asarray(one.daily["occupancy"])[:, k] for one in result.done])
    low, high = np.quantile(days, BAND, axis=0)
    title = f"{info.title} day by day: {result.label}"
    text = (
        f"On average {days.mean():.1f} {unit} are in use at midnight. On a typical day nine of "
        f"ten replications lie between {np.median(low):.0f} and {np.median(high):.0f}; "
        f"the most in any of them is {days.max():.0f}."
    )
    _, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
    result.plot.occupancy(pool, ax=axes)
    axes.set_title("")
    first = np.datetime64(result.plan.start_date, "D")
    months = (first + np.arange(days.shape[1])).astype("datetime64[M]")
    rows = tuple(
        (
            str(month),
            f"{days[:, months == month].mean():.1f}",
            f"{np.quantile(days[:, months == month], BAND[0]):.0f}",
            f"{np.quantile(days[:, months == month], BAND[1]):.0f}",
        )
        for month in np.unique(months)
    )
    heads = ("Month", "Mean", "5 % of days at most", "95 % of days at most")
    grid = Grid(f"{unit.capitalize()} in use at midnight, by month.", heads, rows)
    return Exhibit(title, text, source, inline_svg(axes, name, title, text), grid)


def _pools(result: RunResult) -> list[str]:
    """Names of the pools that are drawn: beds with a limit, those of most days first."""
    plan = result.plan
    known = []
    for name, k in plan.pool_index.items():
        if plan.pools[k].unit != "beds" or plan.pools[k].unlimited:
            continue
        places = plan.capacity_steps(k)[1]
        if len(places) and places.max() < NO_LIMIT:
            known.append(name)
    return known[:POOLS] or list(plan.pool_index)[:POOLS]
