"""What has become of the precision that was wanted, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.text import Text

from carepath_sim.report.lines import measure_words, number, unit_words

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd


def precision_lines(found: pd.DataFrame, *, several: bool = False) -> list[Text]:
    """Return a line for every figure of `RunResult.precision` or `Comparison.precision`.

    Parameters
    ----------
    found
        What has become of what was wanted.
    several
        Whether the scenario has to be named.
    """
    return [Text(_line(row, several=several)) for row in found.to_dict("records")]


def _line(row: Mapping[Hashable, object], *, several: bool) -> str:
    half, wanted, needed = (
        float(str(row[name])) for name in ("half_width", "wanted_half_width", "needed")
    )
    unit = unit_words(str(row["unit"]))
    shown = "percentage points" if unit == "%" else unit
    where = "" if row["stratum"] == "all" else f" ({row['stratum']})"
    whose = f"{row['scenario']}: " if several else ""
    begin = f"{whose}{measure_words(str(row['measure']))}{where}: interval ±"
    if math.isnan(half):
        return f"Precision not reached: {begin} not known, too few replications have a value"
    sizes = f"{_size(half, unit)} {shown}, wanted ±{_size(wanted, unit)}"
    if row["reached"]:
        return f"Precision reached: {begin}{sizes}; since replication {needed:.0f}"
    words = f"Precision NOT reached: {begin}{sizes} after {row['replications']} replications"
    return words if math.isnan(needed) else f"{words}; about {needed:,.0f} are needed"


def _size(value: float, unit: str) -> str:
    """Return a half width with two digits at least."""
    shown = number(value, unit)
    scaled = value * 100 if unit == "%" else value
    return shown if shown != "0" or value == 0 else f"{scaled:.2g}"
