"""Parts of a profile of arrivals: their factors, and why one is taken or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.scenario.bank_holidays import YEARS, between
from carepath_sim.statistics.daily_counts import CountFit, chance_of_no_effect, fit_counts
from carepath_sim.statistics.daily_profiles import dispersion, homogeneity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL: Final = 0.05
"""A part is taken when so large an effect has at most this chance without any."""
AN_HOUR: Final = 15
"""Arrivals that a step of the day must hold at least on average, or steps become longer."""
STEPS: Final = (24, 12, 8, 6, 4, 3, 2)
HOLIDAYS_NEEDED: Final = 6
"""Bank holidays from which on they are looked at."""
ON_WEEKDAYS, AT_WEEKENDS, BANK_HOLIDAY = "hour on weekdays", "hour at weekends", "bank holiday"
NO_HOLIDAYS: Final = "a scenario's arrivals know no bank holidays"


@dataclass(frozen=True)
class Factor:
    """One factor of a profile.

    Attributes
    ----------
    name
        As the scenario language writes it: ``Dec``, ``Sat``, ``08:00-12:00``.
    value, low, high
        Factor with a 95 % interval; the mean over the cycle is 1.
    count
        Arrivals that it rests on.
    """

    name: str
    value: float
    low: float
    high: float
    count: float


@dataclass(frozen=True, eq=False)
class Part:
    """One part of a profile, or the trend.

    Attributes
    ----------
    name
        month, weekday, trend, hour, hour on weekdays, hour at weekends, or bank holiday.
    p
        Chance of so large an effect without any; not a number where it could not be looked at.
        Of the hours of weekdays and weekends: of so large a difference between the two.
    why_not
        Why it was not taken; empty if it was.
    factors
        Its factors; of a trend one: growth a year as a factor.
    """

    name: str
    p: float
    why_not: str
    factors: tuple[Factor, ...] = ()

    @property
    def taken(self) -> bool:
        """Whether it stands in the YAML."""
        return not self.why_not


def hours_part(hours: Floats) -> Part:
    """Return the profile of the day in steps that hold enough arrivals each.

    Parameters
    ----------
    hours
        Arrivals by day and hour.
    """
    from scipy.stats import f

    total = float(hours.sum())
    if total == 0:
        return Part("hour", float("nan"), "no times of day are known")
    steps = _steps(total)
    if not steps:
        return Part("hour", float("nan"), f"only {total:g} times of day are known")
    table = _stepped(hours, steps)
    counts, even = table.sum(axis=0), total / steps
    scale, freedom = dispersion([table])
    statistic = float(((counts - even) ** 2).sum()) / even
    p = float(f.sf(statistic / (steps - 1) / scale, steps - 1, max(freedom, 1)))
    why = "" if p <= LEVEL else "the times do not tell it from an even day"
    return Part("hour", p, why, _hour_factors(counts, scale))


def weekend_parts(hours: Floats, weekday: NDArray[np.int64]) -> list[Part]:
    """Return the profiles of the day on weekdays and at weekends, taken where they differ.

    Parameters
    ----------
    hours
        Arrivals by day and hour.
    weekday
        Numbers of the days of the week, Monday 0.
    """
    kinds = [hours[weekday < 5], hours[weekday >= 5]]
    names = (ON_WEEKDAYS, AT_WEEKENDS)
    steps = _steps(min(float(one.sum()) for one in kinds))
    if not steps:
        few = f"too few times of day are known at weekends or on weekdays ({AN_HOUR * STEPS[-1]})"
        return [Part(name, float("nan"), few) for name in names]
    tables = [_stepped(one, steps) for one in kinds]
    found = homogeneity(tables)
    why = "" if found.p <= LEVEL else "weekends do not differ from weekdays by more than chance"
    return [
        Part(name, found.p, why, _hour_factors(table.sum(axis=0), found.dispersion))
        for name, table in zip(names, tables, strict=True)
    ]


def holiday_part(days: Sequence[date], design: Floats, without: CountFit, counts: Floats) -> Part:
    """Return how bank holidays of England and Wales differ from other days of their kind.

    Parameters
    ----------
    design, without
        The regression that knows no bank holidays.
    """
    first, last = days[0], days[-1]
    known = first.year in YEARS and last.year in YEARS
    free = set(between(first, last)) if known else set[object]()
    column = np.array([day in free for day in days], dtype=float)
    number = int(column.sum())
    if number < HOLIDAYS_NEEDED:
        why = f"{number} bank holidays cannot tell it: {HOLIDAYS_NEEDED} are needed"
        return Part(BANK_HOLIDAY, float("nan"), why)
    whole = fit_counts(np.column_stack((design, column)), counts)
    p = chance_of_no_effect(whole, without)
    log = float(whole.beta[-1])
    error = float(np.sqrt(whole.covariance[-1, -1] * max(1.0, whole.dispersion)))
    value, low, high = (float(np.exp(log + k * error)) for k in (0, -1.96, 1.96))
    factor = Factor(BANK_HOLIDAY, value, low, high, float(counts[column > 0].sum()))
    why = NO_HOLIDAYS if p <= LEVEL else "the days do not tell it from chance"
    return Part(BANK_HOLIDAY, p, why, (factor,))


def _steps(total: float) -> int:
    return next((k for k in STEPS if total >= AN_HOUR * k), 0)


def _stepped(hours: Floats, steps: int) -> Floats:
    table: Floats = hours.reshape(len(hours), steps, 24 // steps).sum(axis=2)
    return table


def _hour_factors(counts: Floats, scale: float) -> tuple[Factor, ...]:
    """Return the factors of steps of the day.

    Parameters
    ----------
    scale
        How much hours scatter beyond chance, as a variance.
    """
    total, steps = float(counts.sum()), len(counts)
    even, wide = total / steps, 24 // steps
    factors = []
    for k, count in enumerate(counts):
        # Standard error of a share (binomial); half an arrival where nobody came.
        error = np.sqrt(scale * (1 - count / total) / max(count, 0.5))
        value = float(count / even)
        low, high = value * np.exp(-1.96 * error), max(value, 0.5 / even) * np.exp(1.96 * error)
        name = f"{k * wide:02d}:00-{(k + 1) * wide:02d}:00"
        factors.append(Factor(name, value, float(low), float(high), float(count)))
    return tuple(factors)
