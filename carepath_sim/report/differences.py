"""Differences of a comparison by stratum, as tables for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.text import Text

from carepath_sim.report.cells import chance_cell, difference_cell, reduction_cell, safe
from carepath_sim.report.fitting import Fitted
from carepath_sim.report.lines import measure_words, number, stratum_words, unit_words
from carepath_sim.report.precision import precision_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from rich.console import RenderableType

    from carepath_sim.experiment.compare import Comparison


def differences_table(
    comparison: Comparison,
    *,
    by: str | None = None,
    measures: Iterable[str] = (),
    level: float = 0.95,
) -> RenderableType:
    """Return a table a scenario, with a line a measure and stratum.

    Figures that are zero in both are left out.

    Parameters
    ----------
    comparison, by, measures, level
        As in `Comparison.differences`.
    """
    found = comparison.differences(level, by=by, measures=measures)
    shown = found[found[["base", "other", "difference"]].fillna(0.0).abs().max(axis=1) > 0]
    base = comparison.base.label
    parts: list[RenderableType] = []
    for other in comparison.others:
        title = f"{other.label} against {base}"
        parts += [_table(title, shown[shown["scenario"] == other.label], comparison), Text("")]
    parts.append(Text(how_to_read(comparison, level), style="dim"))
    parts += precision_lines(comparison.precision(), several=len(comparison.others) > 1)
    return Group(*parts)


def how_to_read(comparison: Comparison, level: float = 0.95) -> str:
    """Return what intervals, VR and P(more) of a comparison mean."""
    others = len(comparison.others)
    together = f", which hold for all {others} scenarios together (Bonferroni)" * (others > 1)
    if not comparison.base.common_random_numbers:
        return (
            f"Scenarios with random numbers of their own: differences with {level:.0%} intervals "
            f"of independent samples{together}.\nP(more): probability that the true difference is "
            "above 0."
        )
    return (
        f"Differences within replications with their {level:.0%} intervals{together}; in bold if "
        "they do not hold 0.\nVR: variance reduction, how many times more replications scenarios "
        "without common luck would need.\nP(more): probability that the true difference is above 0."
    )


def _table(title: str, rows: pd.DataFrame, comparison: Comparison) -> Fitted:
    table = Fitted(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=safe(title),
        title_justify="left",
        min_width=len(title) + 2,
    )
    table.add_column("", min_width=26)
    for name in ("Base", "Other", "Difference", "VR", "P(more)"):
        table.add_column(name, justify="right")
    measure = ""
    for row in rows.itertuples():
        unit = unit_words(str(row.unit))
        if str(row.measure) != measure:
            measure = str(row.measure)
            table.add_row(safe(f"{measure_words(measure)} [{unit}]"))
        figure = (float(str(row.difference)), float(str(row.low)), float(str(row.high)))
        table.add_row(
            f"  {safe(stratum_words(comparison.base.plan, str(row.stratum)))}",
            number(float(str(row.base)), unit) or "-",
            number(float(str(row.other)), unit) or "-",
            difference_cell(figure, unit),
            reduction_cell(float(str(row.variance_reduction))),
            chance_cell(float(str(row.probability_positive))),
        )
    return table
