"""Calendars of a run: months, seasons, and where in the week instant 0 lies."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.tables import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carepath_sim.scenario.values import Number

MARGIN = 400
"""Days that calendars reach beyond the run, so that no look-up falls off their end."""


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH_DAYS = (31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def cycle(key: str, pairs: Iterable[tuple[str, Number]]) -> tuple[float, ...]:
    """Return factors over a whole cycle, normalised to mean 1; what is not named is 1.

    Parameters
    ----------
    key
        ``month`` (weighted by the days of each), ``weekday`` or ``hour``.
    pairs
        Names (`Dec`, `Sat`, `08:00-20:00`) with relative rates.
    """
    size = {"month": 12, "weekday": 7, "hour": 24}[key]
    weights = MONTH_DAYS if key == "month" else (1.0,) * size
    factors = [1.0] * size
    for name, number in pairs:
        for place in _places(key, name):
            factors[place] = number.value
    mean = sum(f * w for f, w in zip(factors, weights, strict=True)) / sum(weights)
    return tuple(f / mean for f in factors)


def _places(key: str, name: str) -> list[int]:
    """Return the places in a cycle that a name covers."""
    if key == "month":
        return [MONTHS.index(name)]
    if key == "weekday":
        return [WEEKDAYS.index(name)]
    begins, ends = (int(part.split(":")[0]) for part in name.split("-"))
    return [hour % 24 for hour in range(begins, ends if ends > begins else ends + 24)]


def week_shift(start: date) -> int:
    """Return the time from Monday 00:00 to the first instant of a date [ms]."""
    return start.weekday() * DAY


def instant(start: date, day: date) -> int:
    """Return the first instant of a day [ms from `start`]; UK civil time without clock changes."""
    return (day - start).days * DAY


def months(start: date, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the instants [ms] at which months begin, and their names (0 = January)."""
    first = start + timedelta(days=begin // DAY - 1)
    at = date(first.year, first.month, 1)
    instants, names = [], []
    while instant(start, at) <= end + MARGIN * DAY:
        instants.append(instant(start, at))
        names.append(at.month - 1)
        at = date(at.year + at.month // 12, at.month % 12 + 1, 1)
    return np.array(instants, dtype=np.int64), np.array(names, dtype=np.int64)


def season(
    start: date,
    begin: int,
    end: int,
    month: tuple[float, ...],
    weekday: tuple[float, ...],
    hour: tuple[float, ...],
) -> tuple[np.ndarray, np.ndarray]:
    """Return knots of the integral of a seasonal factor from `begin`, exact and piecewise linear.

    Parameters
    ----------
    month, weekday, hour
        Factors (January first, Monday first, 0:00 first), each with mean 1; empty: none.

    Returns
    -------
    tuple
        Instants [ms] and integrals [ms], shape `(knot,)` each.
    """
    last = end + MARGIN * DAY
    if not month and not weekday and not hour:
        return np.array([begin, last], dtype=np.int64), np.array([0.0, float(last - begin)])
    step = HOUR if hour else DAY
    first_day = begin // DAY
    days = last // DAY - first_day
    t = first_day * DAY + np.arange(0, days * (DAY // step) + 1, dtype=np.int64) * step
    day = t // DAY
    factor = np.ones(len(t))
    if hour:
        factor *= np.asarray(hour)[(t % DAY) // HOUR]
    if weekday:
        factor *= np.asarray(weekday)[(day + start.weekday()) % 7]
    if month:
        instants, names = months(start, begin - 40 * DAY, end + MARGIN * DAY)
        factor *= np.asarray(month)[names[np.searchsorted(instants, t, side="right") - 1]]
    integral = np.concatenate(([0.0], np.cumsum(factor[:-1] * step)))
    keep = np.ones(len(t), dtype=bool)
    keep[1:-1] = factor[1:-1] != factor[:-2]
    return t[keep], integral[keep]
