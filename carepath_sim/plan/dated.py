"""What changes by date: switches of services and hazards, rates, seasons, retired services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan import calendar as cal
from carepath_sim.plan.rates import Segments, constant, segments_of
from carepath_sim.plan.tables import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from carepath_sim.scenario.model import Arrival, Hazard, Progression

Shape = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True)
class Switch:
    """A number of a service or a hazard that changes at an instant.

    Attributes
    ----------
    t
        When [ms].
    column, row
        Column of the tables, and the service or hazard.
    value
        What stands there from then on.
    of_hazard
        Whether the column is one of the hazards.
    """

    t: int
    column: str
    row: int
    value: int
    of_hazard: bool = False


@dataclass(frozen=True)
class Retired:
    """A service to which nobody is referred from an instant on, and the target in its place."""

    t: int
    service: int
    to: int


def cycles(hazard: Hazard | Progression) -> Shape:
    """Return the factors of month, weekday and hour of a hazard; empty where it has none."""
    found = {key: cal.cycle(key, pairs) for key, pairs in hazard.times if key in CYCLES}
    return found.get("month", ()), found.get("weekday", ()), found.get("hour", ())


CYCLES = frozenset({"month", "weekday", "hour"})


def season_over_time(
    start: date, begin: int, end: int, parts: Sequence[tuple[int | None, float, Shape]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return knots of the integral of a seasonal factor that changes by date.

    Parameters
    ----------
    start, begin, end
        As for `calendar.season`.
    parts
        Instants [ms] with a factor on the rate and the cycles from then on; the first without one.
    """
    merged = [parts[0]]
    for part in parts[1:]:
        if part[1:] != merged[-1][1:]:
            merged.append(part)
    if len(merged) == 1 and merged[0][1] == 1.0:
        return cal.season(start, begin, end, *merged[0][2])
    step = HOUR if any(shape[2] for _, _, shape in merged) else DAY
    last = end + cal.MARGIN * DAY
    first_day = begin // DAY
    t = (
        first_day * DAY
        + np.arange(0, (last // DAY - first_day) * (DAY // step) + 1, dtype=np.int64) * step
    )
    factor = np.ones(len(t))
    for since, rate, shape in merged:
        here = np.ones(len(t), dtype=bool) if since is None else t >= since
        factor[here] = rate * _factors(start, begin, end, t[here], shape)
    integral = np.concatenate(([0.0], np.cumsum(factor[:-1] * step)))
    keep = np.ones(len(t), dtype=bool)
    keep[1:-1] = factor[1:-1] != factor[:-2]
    return t[keep], integral[keep]


def _factors(start: date, begin: int, end: int, t: np.ndarray, shape: Shape) -> np.ndarray:
    """Return the seasonal factors of steps that begin at instants."""
    month, weekday, hour = shape
    day = t // DAY
    factor = np.ones(len(t))
    if hour:
        factor *= np.asarray(hour)[(t % DAY) // HOUR]
    if weekday:
        factor *= np.asarray(weekday)[(day + start.weekday()) % 7]
    if month:
        instants, names = cal.months(start, begin - 40 * DAY, end + cal.MARGIN * DAY)
        factor *= np.asarray(month)[names[np.searchsorted(instants, t, side="right") - 1]]
    return factor


def rate_over_time(
    states: Sequence[tuple[date | None, Arrival]], start: date, begin: int, end: int
) -> Segments:
    """Return the rate of arrivals over time, with its dated changes."""
    if len(states) == 1:
        return segments_of(states[0][1], start, begin, end)
    cuts = [begin if day is None else cal.instant(start, day) for day, _ in states]
    times: list[int] = []
    first: list[float] = []
    last: list[float] = []
    for (_, arrival), since, until in zip(states, cuts, [*cuts[1:], end], strict=True):
        found = segments_of(arrival, start, begin, end)
        if not found.t:
            found = constant(arrival.rate.value if arrival.rate is not None else 0.0)
        inside = [since, *(t for t in found.t if since < t < until)]
        for a, b in zip(inside, [*inside[1:], until], strict=True):
            times.append(a)
            first.append(found.at(a))
            last.append(first[-1] if found.at(a) == found.at((a + b) // 2) else found.at(b - 1))
    return Segments((*times, end), (*first, last[-1]), (*last, last[-1]))
