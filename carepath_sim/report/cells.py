"""Cells of tables of results: means, differences, and how sure they are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from carepath_sim.report.lines import margin, number, spread

if TYPE_CHECKING:
    import pandas as pd

Figure = tuple[float, float, float]
"""A mean or difference with the ends of its interval."""
Key = tuple[str, str]


def figures(frame: pd.DataFrame, names: tuple[str, str, str]) -> dict[Key, Figure]:
    """Return three columns of a table of results by measure and stratum."""
    columns = [frame[name].astype(float) for name in names]
    return {
        (measure, stratum): (mean, low, high)
        for measure, stratum, mean, low, high in zip(
            frame["measure"], frame["stratum"], *columns, strict=True
        )
    }


def mean_cell(figure: Figure | None, unit: str) -> str:
    """Return a mean with half the length of its interval, or with the ends of the interval.

    The ends, where it leans to a side, and where mean ± half would hold what cannot be: less than
    nothing, or more than all.

    >>> mean_cell((12.0, 10.0, 14.0), "days"), mean_cell((1.0, 0.0, 2.2), "days")
    ('12.0 ± 2.0', '1.0 (0 to 2.2)')
    >>> mean_cell((0.9999, 0.138, 1.0), "%"), mean_cell((-1.0, -2.2, 0.2), "admissions")
    ('100 (13.8 to 100)', '-1.0 ± 1.2')
    """
    if figure is None:
        return "-"
    mean, low, high = figure
    words = number(mean, unit) or "-"
    half = margin(low, high, unit)
    if half in {"", "0"}:
        return words
    reach = (high - low) / 2
    dust = 1e-9 * reach
    leans = abs(high + low - 2 * mean) > (high - low) / 4
    beyond = mean - reach < -dust <= low or (unit == "%" and mean + reach > 1 + dust >= high)
    return f"{words} ({spread(low, high, unit)})" if leans or beyond else f"{words} ± {half}"


def difference_cell(figure: Figure | None, unit: str) -> str:
    """Return a difference with the ends of its interval; in bold when that does not hold zero."""
    if figure is None:
        return "-"
    mean, low, high = figure
    shown = number(mean, unit, signed=True) or "-"
    if low != high and not math.isnan(low):
        shown += f" ({spread(low, high, unit, signed=True)})"
    sure = low > 0 or high < 0
    return f"[bold]{shown}[/]" if sure else shown


def reduction_cell(value: float | None) -> str:
    """Return a reduction of variance.

    >>> reduction_cell(8.04), reduction_cell(120.0), reduction_cell(float("inf"))
    ('8', '>99', 'all')
    """
    if value is None or math.isnan(value):
        return ""
    return "all" if math.isinf(value) else f"{value:.2g}" if value < 100 else ">99"


def chance_cell(value: float | None) -> str:
    """Return a probability that nobody takes for certain.

    >>> chance_cell(0.934), chance_cell(0.9999), chance_cell(1e-5), chance_cell(float("nan"))
    ('93 %', '>99 %', '<1 %', '')
    """
    if value is None or math.isnan(value):
        return ""
    if value > 0.99:
        return ">99 %"
    return "<1 %" if value < 0.01 else f"{100 * value:.0f} %"


def safe(words: object) -> str:
    """Return words in which brackets are no markup."""
    return str(words).replace("[", "\\[")
