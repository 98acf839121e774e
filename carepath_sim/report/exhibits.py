"""Pictures of a report, each with words and with the table of what it shows."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carepath_sim.report.arrival_profile import arrival_profile
from carepath_sim.report.bars import delays, delays_table, standards, standards_table
from carepath_sim.report.flow_diagram import flow_diagram
from carepath_sim.report.forest import MOST, NothingToDrawError, forest, of_headline
from carepath_sim.report.inline import inline_svg
from carepath_sim.report.occupancy import NO_LIMIT
from carepath_sim.report.scorecard_figure import scorecard_figure
from carepath_sim.report.told import Grid, told, untell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.experiment.results import RunResult

__all__ = ["Exhibit", "Grid", "exhibit", "exhibits"]

# Pools that are drawn over time, beds with a limit first.
POOLS = 2


@dataclass(frozen=True)
class Exhibit:
    """A picture: its title, its text alternative, where it comes from, and its table."""

    title: str
    text: str
    source: str
    svg: str
    grid: Grid


def exhibit(axes: Axes, name: str) -> Exhibit:
    """Return a picture of carepath-sim as a part of a page, which has its title and source.

    Parameters
    ----------
    axes
        What a figure of carepath-sim returned; its figure is closed.
    name
        Beginning of all ids.
    """
    said = told(axes)
    untell(axes)
    svg = inline_svg(axes, name, said.title, said.text)
    return Exhibit(said.title, said.text, said.source, svg, said.grid)


def exhibits(
    results: Sequence[RunResult], comparison: Comparison | None, name: str
) -> Iterator[Exhibit]:
    """Yield the pictures of a report for which there is anything to show."""
    if comparison is not None:
        with suppress(NothingToDrawError):
            yield exhibit(_forest(comparison), f"{name}-forest")
    if not delays_table(results).empty:
        yield exhibit(delays(results), f"{name}-delays")
    if standards_table(results)["mean"].notna().any():
        yield exhibit(standards(results), f"{name}-standards")
    last = results[-1]
    with suppress(NothingToDrawError):
        yield exhibit(scorecard_figure(last), f"{name}-scorecard")
    for k, pool in enumerate(_pools(results[0])):
        for j, result in enumerate(results):
            if pool in result.plan.pool_index:
                axes = _axes(7, 3.4)
                result.plot.occupancy(pool, ax=axes)
                yield exhibit(axes, f"{name}-pool{k}-{j}")
    for j, result in enumerate(results):
        with suppress(NothingToDrawError):
            yield exhibit(flow_diagram(result), f"{name}-flows{j}")
    with suppress(NothingToDrawError):
        yield exhibit(arrival_profile(last), f"{name}-arrivals")


def _forest(comparison: Comparison) -> Axes:
    import matplotlib.pyplot as plt

    found = of_headline(comparison, comparison.differences())
    found = found[(found["base"].abs() > 0) & found["low"].notna()]
    lines = min(len(found) / max(1, len(comparison.others)), MOST)
    axes = _axes(7, 1.4 + 0.26 * lines)
    try:
        return forest(comparison, ax=axes)
    except NothingToDrawError:
        plt.close(axes.figure)  # type: ignore[arg-type]
        raise


def _axes(width: float, height: float) -> Axes:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(width, height), layout="constrained")
    return axes


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
