"""What results are held against: names of measures, figures that fit them, parties."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from carepath_sim.scenario import measure_names as known
from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, figure, unknown
from carepath_sim.scenario.grammar_numbers import SUMS, sum_shown
from carepath_sim.scenario.model import Target

MONTHS = 12
PARTS = {"year": 1, "quarter": 4, "month": 12}
"""How many of a period a year has."""
ROUNDING = 0.005
"""How far monthly targets may sum from the year's: documents round."""
_STRATUM = re.compile(r"\s*\|\s*")


def measure_of(name: str, target: Target) -> str:
    """Return the measure that a target is for."""
    return target.measure or name


def targets(names: Vocabulary) -> Iterator[Finding]:
    """Yield targets that no figure of a run can be held against."""
    for name, target in names.scenario.targets.items():
        path: Path = ("targets", name)
        measure = measure_of(name, target)
        if target.months and len(target.months) != MONTHS:
            message = f"12 values are needed, April to March, found {len(target.months)}"
            yield (*path, "months"), message
        if measure == known.NOT_SIMULATED:
            continue
        if measure not in known.KNOWN:
            here = path if target.measure is None else (*path, "measure")
            hint = (
                "; name the measure with `measure:`, or write `measure: none` for what is not"
                " simulated"
            )
            yield here, unknown("measure", measure, known.KNOWN) + hint
            continue
        if target.change:
            for field in ("months", "per"):
                if getattr(target, field):
                    yield (*path, field), "a change from a base has no period (`change: true`)"
        elif target.per and measure in known.LEVELS:
            message = f"'{measure}' is no amount of a period: it does not grow with time"
            yield (*path, "per"), message
        if target.of:
            yield from _stratum(names, (*path, "of"), target.of)


def _stratum(names: Vocabulary, path: Path, of: str) -> Iterator[Finding]:
    """Yield what is wrong with the name of a part of a measure's figures."""
    scenario = names.scenario
    lists: dict[str, tuple[str, ...]] = {
        "pool": tuple(scenario.pools),
        "service": tuple(names.services),
        "standard": tuple(scenario.standards),
        "payment": tuple(scenario.payments),
        "cause": names.causes,
    }
    if of == "all":
        return
    for part in _STRATUM.split(of):
        key, colon, value = part.partition(":")
        if not colon or not value:
            yield path, f"a name such as `pool:community_beds` or `reason:transfer`, found '{of}'"
        elif key in lists and value.partition("[")[0] not in lists[key]:
            yield path, unknown(key, value, lists[key])


def payments(names: Vocabulary) -> Iterator[Finding]:
    """Yield payments that rest on nothing that is counted, or are borne by nobody."""
    for name, payment in names.scenario.payments.items():
        path: Path = ("payments", name)
        if payment.measure not in known.PAID_FOR:
            yield (*path, "measure"), unknown("count", payment.measure, known.PAID_FOR)
        shares = [share.value for _, share in payment.loss]
        if shares and abs(math.fsum(shares) - 1) > SUMS:
            yield (*path, "loss"), f"shares must sum to 1, found {sum_shown(shares)}"
        if payment.up_to.value > payment.baseline.value:
            message = (
                f"{figure(payment.up_to.value)} fewer than"
                f" {figure(payment.baseline.value)} (`baseline`) cannot be"
            )
            yield (*path, "up_to"), message


def background(names: Vocabulary) -> Iterator[Finding]:
    """Yield stated figures that cannot be added to what they name."""
    for name, stated in names.scenario.background.items():
        path: Path = ("background", name)
        if stated.adds_to is None:
            continue
        if stated.adds_to not in known.ADDED_TO:
            yield (*path, "adds_to"), unknown("count", stated.adds_to, list(known.ADDED_TO))
            continue
        if stated.per is None:
            yield path, "`per` is needed (year, month, ...) where a figure is added to a count"
        if stated.value.value < 0:
            yield path, "a count cannot be negative"
        if not _has_denominator(names, denominator := known.ADDED_TO[stated.adds_to]):
            message = f"the rate needs `denominators.{denominator}`, which is not given"
            yield (*path, "adds_to"), message


def _has_denominator(names: Vocabulary, denominator: str) -> bool:
    if denominator == "over_65" and names.scenario.population is not None:
        return True
    return getattr(names.scenario.denominators, denominator) is not None


def audit(names: Vocabulary) -> Iterator[Finding]:
    """Yield an interval at which nobody can look."""
    every = names.scenario.audit
    if every is not None and every.value < 1:
        yield ("audit",), "the interval must be more than 0"


def by_class(names: Vocabulary) -> Iterator[Finding]:
    """Yield standards that are to be reported by what is no attribute."""
    attributes = [name for name in names.attributes if name != "age"]
    for name, standard in names.scenario.standards.items():
        if standard.by is not None and standard.by not in attributes:
            yield ("standards", name, "by"), unknown("attribute", standard.by, attributes)


def months_and_year(names: Vocabulary) -> Iterator[Finding]:
    """Yield targets whose months do not make up their year."""
    for name, target in names.scenario.targets.items():
        measure = measure_of(name, target)
        if (
            target.value is None
            or target.change
            or len(target.months) != MONTHS
            or measure in known.LEVELS
        ):
            continue
        year = target.value.value * PARTS.get(target.per or "year", 1)
        total = math.fsum(target.months)
        if abs(total - year) > ROUNDING * abs(year):
            message = f"the months sum to {figure(total)}, the year is {figure(year)}"
            yield ("targets", name, "months"), message


def all_paid_for(names: Vocabulary) -> Iterator[Finding]:
    """Yield payments of which nobody bears what is lost."""
    for name, payment in names.scenario.payments.items():
        if not payment.loss:
            yield ("payments", name), "nobody bears what is lost; write `loss: {council: 1}`"
