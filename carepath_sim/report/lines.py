"""Lines of the headline table: which figures, in which words, written how."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from carepath_sim.measures import headline, parts, selects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from carepath_sim.plan import Plan

# Groups in which a line of nothing but zeros only takes room.
SILENT_ZEROS = ("reason:*", "service:*", "payer:*", "standard:*")

THOUSANDS = "1,000 GBP"

# Names that read better in other words.
WORDS = {
    "emergency_admissions_per_100k": "Emergency admissions a year per 100,000",
    "emergency_admissions_rate": "Emergency admissions a year per 100,000, background included",
    "delayed_transfer_days": "Delayed transfer days",
    "delayed_transfer_days_per_100k_adults": "Delayed transfer days a year per 100,000 adults",
    "care_home_admissions_per_100k_over_65": "Care home admissions a year per 100,000 aged 65+",
    "step_up_admissions": "Step-up admissions",
    "readmissions_28_days": "Readmitted within 28 days",
    "still_at_home_91_days": "Still at home 91 days after discharge",
    "bed_days": "Bed days",
    "occupancy_mean": "Mean occupancy",
    "utilisation": "Share of capacity in use",
    "standard_met": "Standard met",
    "wait_mean": "Mean wait",
    "wait_median": "Median wait",
    "p_wait": "Had to wait",
    "diverted": "Diverted (in no mean wait)",
    "given_up": "Given up (in no mean wait)",
    "costs": "Costs",
    "payment_released": "Payment released a year",
    "payment_lost": "Payment lost a year",
    "admissions_avoided": "Admissions avoided",
    "admissions_caused": "Admissions caused",
    "admissions_only_in_base": "In crises that only the base has",
    "admissions_only_here": "In crises that only the other has",
    "admissions_net": "Net change",
}
UNITS = {"d": "days", "h": "hours", "share": "%", "GBP": THOUSANDS}

# Units that a line has to name; the others are in its words.
NAMED_UNITS = ("%", "hours", THOUSANDS)

# What a figure in a unit is multiplied by to be shown.
SCALES = {"%": 100.0, THOUSANDS: 0.001}


# Pools or services of one template up to which each has a line of its own.
MANY = 3


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes
    ----------
    measure, stratum
        Which figure; an empty stratum marks a heading without figures.
    words
        What it is, for the reader, with its unit where that is not in the words.
    unit
        Unit in which it is shown.
    inner
        Whether it belongs under the heading above.
    """

    measure: str
    stratum: str
    words: str
    unit: str
    inner: bool


class Figure(NamedTuple):
    """A figure that could be shown; `mean` [unit of the measure] chooses among many of a kind."""

    measure: str
    stratum: str
    unit: str
    mean: float


def headline_lines(
    plan: Plan, figures: Iterable[Figure], zeros: frozenset[tuple[str, str]]
) -> Iterator[Line]:
    """Return the lines of the headline table, headings included.

    Parameters
    ----------
    plan
        A scenario with the titles of its pools and services.
    figures
        Every figure there is.
    zeros
        Measures and strata that are 0 in every column.
    """
    known = list(figures)
    counted = _pools_in_numbers(plan)
    for measure, pattern in headline(plan):
        found = [
            figure
            for figure in known
            if figure.measure == measure
            and selects(pattern, figure.stratum)
            and not (pattern in SILENT_ZEROS and (measure, figure.stratum) in zeros)
            and not (measure == "occupancy_mean" and figure.stratum not in counted)
        ]
        if not found:
            continue
        unit = unit_words(found[0].unit)
        heading = measure_words(measure) + (f" [{unit}]" if unit in NAMED_UNITS else "")
        if pattern == "all":
            yield Line(measure, "all", heading, unit, inner=False)
            continue
        # Reasons follow their sum, which is their heading; other groups get one of their own.
        if "reason" not in pattern:
            yield Line(measure, "", heading, unit, inner=False)
        for stratum, remark in _shown(found):
            words = stratum_words(plan, stratum) + remark
            yield Line(measure, stratum, words, unit, inner=True)


def _pools_in_numbers(plan: Plan) -> set[str]:
    """Strata of pools of which the number in use is shown: beds, and those without a limit.

    Of the other pools the share in use says more.
    """
    return {f"pool:{pool.name}" for pool in plan.pools if pool.unit == "beds" or pool.unlimited}


def _shown(figures: Sequence[Figure]) -> Iterator[tuple[str, str]]:
    """Yield strata with a remark; of many of one template only the lowest and the highest."""
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        groups.setdefault(figure.stratum.split("[")[0], []).append(figure)
    for group in groups.values():
        if len(group) <= MANY:
            yield from ((figure.stratum, "") for figure in group)
            continue
        lowest = min(group, key=lambda figure: figure.mean)
        highest = max(group, key=lambda figure: figure.mean)
        yield lowest.stratum, f", lowest of {len(group)}"
        if highest.stratum != lowest.stratum:
            yield highest.stratum, f", highest of {len(group)}"


def measure_words(name: str) -> str:
    """Return a measure in words.

    >>> measure_words("step_up_admissions"), measure_words("hand_offs")
    ('Step-up admissions', 'Hand offs')
    """
    return WORDS.get(name) or name.replace("_", " ").capitalize()


def unit_words(unit: str) -> str:
    """Return a unit as a table shows it.

    >>> unit_words("share"), unit_words("admissions")
    ('%', 'admissions')
    """
    return UNITS.get(unit, unit).split(" per 100,000")[0]


def stratum_words(plan: Plan, stratum: str) -> str:
    """Return a stratum in words: titles of pools and services, reasons as they are."""
    titles = {f"pool:{pool.name}": pool.title for pool in plan.pools}
    titles |= {f"service:{service.name}": service.title for service in plan.services}
    standards = plan.scenario.standards
    titles |= {f"standard:{name}": one.title for name, one in standards.items() if one.title}
    words = [
        titles.get(f"{key}:{value}") or value.replace("_", " ")
        for key, value in parts(stratum).items()
    ]
    return ", ".join(words)


def number(value: float, unit: str, *, signed: bool = False) -> str:
    """Return a figure with as many digits as anybody reads.

    >>> number(1234.56, "days"), number(0.0693, "%"), number(3.14159, "hours"), number(0, "days")
    ('1,235', '6.9', '3.1', '0')
    >>> number(8.26, "admissions", signed=True), number(float("nan"), "days")
    ('+8.3', '')
    """
    if math.isnan(value):
        return ""
    shown = value * SCALES.get(unit, 1.0)
    sign = "+" if signed else ""
    size = abs(shown)
    if unit == THOUSANDS and size < 0.5:
        return "0"
    if size >= 99.95 or unit == THOUSANDS:
        return f"{shown:{sign},.0f}"
    if size < 1e-9 or (unit == "%" and size < 0.05):
        return "0"
    return f"{shown:{sign}.1f}" if size >= 0.95 or unit == "%" else f"{shown:{sign}.2g}"


def margin(low: float, high: float, unit: str) -> str:
    """Return half the length of an interval; empty where there is none.

    >>> margin(10.0, 14.0, "days")
    '2.0'
    """
    return number((high - low) / 2, unit)


def spread(low: float, high: float, unit: str, *, signed: bool = False) -> str:
    """Return an interval; empty where there is none, as with a single replication.

    >>> spread(1.25, 2.5, "hours")
    '1.2 to 2.5'
    """
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"{number(low, unit, signed=signed)} to {number(high, unit, signed=signed)}"
