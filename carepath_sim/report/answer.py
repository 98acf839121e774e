"""The answer in words, with how sure it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from carepath_sim.report.lines import measure_words, number, unit_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.experiment.results import RunResult

# What a board asks first. Longer lists are in the table.
KEY = (
    "emergency_admissions",
    "delayed_transfer_days",
    "step_up_admissions",
    "readmissions_28_days",
    "still_at_home_91_days",
    "costs",
)

NO_COSTS = "Costs: nothing can be said, because no costs are given."


def answer(results: Sequence[RunResult], comparison: Comparison | None) -> Iterator[str]:
    """Yield a sentence a key figure: what it is, or what becomes of it."""
    if comparison is None:
        rows = results[0].summary()
        rows = rows[rows["stratum"] == "all"].drop_duplicates("measure").set_index("measure")
        for measure in KEY:
            if measure in rows.index:
                row = rows.loc[measure]
                given = (float(str(row[name])) for name in ("mean", "low", "high"))
                if (said := _level(measure, str(row["unit"]), *given)) is not None:
                    yield said
        return
    found = comparison.differences()
    found = found[found["stratum"] == "all"]
    for other in comparison.others:
        rows = found[found["scenario"] == other.label].drop_duplicates("measure")
        rows = rows.set_index("measure")
        whose = f"{other.label}: " if len(comparison.others) > 1 else ""
        for measure in KEY:
            if measure not in rows.index:
                continue
            row = rows.loc[measure]
            names = ("base", "other", "difference", "low", "high")
            said = change(measure, str(row["unit"]), *(float(str(row[one])) for one in names))
            if said is not None:
                yield whose + said


def _level(measure: str, unit: str, mean: float, low: float, high: float) -> str | None:
    if math.isnan(mean):
        return None
    if measure == "costs" and mean == 0.0:
        return NO_COSTS
    shown = unit_words(unit)
    interval = (
        "" if math.isnan(low) else f" (95 % interval {worded(low, shown)} to {worded(high, shown)})"
    )
    return f"{measure_words(measure)}: {worded(mean, shown)} on average{interval}."


def change(
    measure: str, unit: str, base: float, other: float, difference: float, low: float, high: float
) -> str | None:
    """Return a sentence about one difference; None where there is no figure.

    >>> change("costs", "GBP", 9e5, 8e5, -1e5, -2e5, -5e4).split(" (")[0]
    'Costs fall by £100,000, from £900,000 to £800,000'
    >>> change("costs", "GBP", 9e5, 8e5, -1e5, -2e5, 5e4).split(" (")[0]
    'Costs: no clear change, from £900,000 to £800,000'
    >>> change("emergency_admissions", "admissions", 0.0, 0.0, 0.0, 0.0, 0.0)
    'Emergency admissions: the same in both, 0.'
    >>> change("costs", "GBP", 0.0, 0.0, 0.0, 0.0, 0.0)
    'Costs: nothing can be said, because no costs are given.'
    """
    if any(math.isnan(one) for one in (base, other, difference)):
        return None
    shown, words = unit_words(unit), measure_words(measure)
    if measure == "costs" and base == other == 0.0:
        return NO_COSTS
    if difference == 0.0 and base == other and not low < 0.0 < high:
        return f"{words}: the same in both, {worded(base, shown)}."
    span = f"from {worded(base, shown)} to {worded(other, shown)}"
    if math.isnan(low) or math.isnan(high):
        return f"{words}: {span}; one replication cannot tell how sure this is."
    sure = (
        f"(95 % interval of the change: {worded(low, shown, signed=True)} "
        f"to {worded(high, shown, signed=True)})"
    )
    if low <= 0.0 <= high:
        return f"{words}: no clear change, {span} {sure}."
    by = worded(abs(difference), shown, gap=True)
    # Counts are words in the plural; shares stand as they are asked for.
    if shown != "%" and words.endswith("s"):
        return f"{words} {'rise' if difference > 0 else 'fall'} by {by}, {span} {sure}."
    return f"{words}: {'rises' if difference > 0 else 'falls'} by {by}, {span} {sure}."


def amount(value: float, unit: str) -> str:
    """Return an amount without a sign, small ones of money by the pound.

    >>> amount(123.4, "1,000 GBP"), amount(123456, "1,000 GBP"), amount(3.2, "delayed days")
    ('£123', '£123,000', '3.2')
    """
    small = unit.endswith("GBP") and abs(value) < 10_000
    return f"£{value:,.0f}" if small else worded(value, unit)


def worded(value: float, unit: str, *, signed: bool = False, gap: bool = False) -> str:
    """Return a figure with the unit that a sentence needs.

    >>> worded(-2.5e6, "1,000 GBP", signed=True), worded(0.2, "%", gap=True)
    ('-£2,500,000', '20.0 percentage points')
    """
    text = number(value, unit, signed=signed)
    if unit == "%":
        return f"{text} {'percentage points' if signed or gap else '%'}"
    if not unit.endswith("GBP") or text in {"0", "+0", "-0"}:
        return text
    sign = text[0] if text[0] in "+-" else ""
    return f"{sign}£{text.removeprefix(sign)},000"
