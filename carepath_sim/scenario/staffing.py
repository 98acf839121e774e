"""Capacity from staff: the sum by which full-time equivalents become units of a pool."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from carepath_sim.scenario.reading import Flaw, listed
from carepath_sim.scenario.values import CapacitySpec, DatedCapacity, Number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.scenario.model import FromStaff, Pool
    from carepath_sim.scenario.values import FteSpec, FteStep

MINUTES = "minutes_per_day"
ONLY_MINUTES = ("contact_share", "minutes_per_fte_day")
"""Fields that count only where the unit is minutes a day."""


def capacity_of(staff: FromStaff, unit: str) -> CapacitySpec:
    """Return the capacity that staff give, in whole units, halves upwards."""
    fte = staff.fte
    return CapacitySpec(
        dated=tuple(_dated(staff, unit, step) for step in fte.dated),
        by_value=tuple(
            (value, tuple(_dated(staff, unit, step) for step in steps))
            for value, steps in fte.by_value
        ),
        split_total=(
            None if fte.split_total is None else _number(_exact(staff, unit, fte.split_total))
        ),
    )


def _dated(staff: FromStaff, unit: str, step: FteStep) -> DatedCapacity:
    return DatedCapacity(step.start, _number(_exact(staff, unit, step)))


def _number(exact: Fraction) -> Number:
    units = math.floor(exact + Fraction(1, 2))
    return Number(float(units), str(units))


def _of(number: Number) -> Fraction:
    """Return a number as the decimal fraction that was written, so that halves are halves."""
    return Fraction(repr(number.value))


def chosen(staff: FromStaff, step: FteStep) -> Number:
    """Return the full-time equivalents that count: those in post, or those of the budget."""
    return step.budget if staff.use == "budget" and step.budget is not None else step.actual


def _exact(staff: FromStaff, unit: str, step: FteStep) -> Fraction:
    exact = _of(chosen(staff, step)) * _of(staff.days_per_week) / 7
    exact *= (1 - _of(staff.absence)) * _of(staff.share) * _of(staff.productivity)
    if unit == MINUTES and staff.minutes_per_fte_day is not None:
        exact *= _of(staff.contact_share) * _of(staff.minutes_per_fte_day)
    return exact


def sums(pool: Pool) -> Iterator[tuple[str, str]]:
    """Yield for each part of the capacity of a pool which it is, and the sum it comes from.

    Which it is: the value of the attribute and the date, or nothing where there is one part.
    """
    if pool.from_staff is None:
        return
    for which, step in _parts(pool.from_staff.fte):
        yield which, _shown(pool.from_staff, pool.unit, step)


def numbers(pool: Pool) -> Iterator[Number]:
    """Yield the numbers from which a capacity is worked out."""
    staff = pool.from_staff
    if staff is not None:
        yield from (chosen(staff, step) for _, step in _parts(staff.fte))
        given = [getattr(staff, name) for name in type(staff).model_fields]
        yield from (one for one in given if isinstance(one, Number) and one.text)


def _parts(fte: FteSpec) -> Iterator[tuple[str, FteStep]]:
    groups = [("", fte.dated), *((f"{value} ", steps) for value, steps in fte.by_value)]
    for value, steps in groups:
        for step in steps:
            yield f"{value}{f'from {step.start}' if step.start else ''}".strip(), step
    if fte.split_total is not None:
        yield "all together, by population", fte.split_total


def _shown(staff: FromStaff, unit: str, step: FteStep) -> str:
    """Return the sum as people would write it, factors of 1 left out."""
    words = f"{chosen(staff, step).text} fte"
    if step.budget is not None:
        if staff.use == "budget":
            words += f" (budget; in post {step.actual.text})"
        else:
            words += f" (in post; budget {step.budget.text})"
    factors = [words]
    if staff.days_per_week.value != 7:
        factors.append(f"{staff.days_per_week.text}/7 days")
    if staff.absence.value:
        factors.append(f"(1 - {staff.absence.text} absence)")
    if staff.share.value != 1:
        factors.append(f"{staff.share.text} share")
    if unit == MINUTES and staff.contact_share.value != 1:
        factors.append(f"{staff.contact_share.text} in contact")
    if staff.productivity.value != 1:
        factors.append(f"{staff.productivity.text} productivity")
    if unit == MINUTES and staff.minutes_per_fte_day is not None:
        factors.append(f"{staff.minutes_per_fte_day.text} min")
    exact = _exact(staff, unit, step)
    units = math.floor(exact + Fraction(1, 2))
    named = unit.replace(MINUTES, "minutes a day")
    about = f"{float(exact):,.4f}".rstrip("0").rstrip(".")
    rounded = "" if exact == units else f" = {about}, rounded to"
    return f"{' x '.join(factors)}{rounded or ' ='} {units:,} {named}"


def flaws(pool: Pool) -> list[Flaw]:
    """Return what is wrong with where the capacity of a pool comes from."""
    staff, written = pool.from_staff, "capacity" in pool.model_fields_set
    if staff is None:
        missing = "this is missing: the capacity, or `from_staff:` by which it is worked out"
        return [] if written else [Flaw(("capacity",), missing)]
    if written:
        both = (
            "the pool has a `capacity` too; one of the two is needed (`capacity: null` takes away"
            " that of the file extended)"
        )
        return [Flaw(("from_staff",), both)]
    return [Flaw(("from_staff", *path), message) for path, message in _flaws(staff, pool.unit)]


def _flaws(staff: FromStaff, unit: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if unit == "beds":
        yield (), "beds are counted, not worked out from staff; write `capacity:`"
    if not 0 < staff.days_per_week.value <= 7:
        found = staff.days_per_week.text
        yield ("days_per_week",), f"more than 0 and at most 7 days are needed, found {found}"
    if unit == MINUTES and staff.minutes_per_fte_day is None:
        message = "`minutes_per_fte_day` is missing: how long a full-time day is, such as 450"
        yield ("minutes_per_fte_day",), message
    if unit != MINUTES:
        needless = [name for name in ONLY_MINUTES if name in staff.model_fields_set]
        for name in needless:
            message = f"has no effect: minutes count only with `unit: {MINUTES}`, this is {unit}"
            yield (name,), message
    both = [step.budget is not None for _, step in _parts(staff.fte)]
    if "use" in staff.model_fields_set and not all(both):
        message = f"has no effect without {listed(('budget', 'actual'), 'and')} under `fte`"
        yield ("use",), message
