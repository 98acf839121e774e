"""Rates that change over time: steps, straight lines, cycles and growth as segments of a run."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from carepath_sim.plan.tables import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from carepath_sim.scenario.model import Arrival

YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Segments:
    """A rate over time, straight between instants.

    Attributes
    ----------
    t
        Instants [ms] at which segments begin, rising; the first holds before it too, the last for
        ever.
    first, last
        Rate [per day] at the beginning of each segment, and the one that it has reached at its
        end (the same for steps, and in the last segment).
    """

    t: tuple[int, ...] = ()
    first: tuple[float, ...] = ()
    last: tuple[float, ...] = ()

    def at(self, t: float) -> float:
        """Return the rate at an instant [per day]: the rule that every engine follows."""
        k = max(0, bisect_right(self.t, t) - 1)
        if k + 1 == len(self.t) or self.first[k] == self.last[k] or t < self.t[k]:
            return self.first[k]
        part = (t - self.t[k]) / (self.t[k + 1] - self.t[k])
        return self.first[k] + (self.last[k] - self.first[k]) * part

    def mean(self, begin: int, end: int) -> float:
        """Return the mean rate between two instants [per day]."""
        inside = [begin, *(t for t in self.t if begin < t < end), end]
        total = 0.0
        for a, b in pairwise(inside):
            total += self.at((a + b) / 2) * (b - a)
        return total / (end - begin)


def steps(rows: Sequence[tuple[int, float]]) -> Segments:
    """Return rates that each hold until the next.

    Parameters
    ----------
    rows
        Instants [ms], rising, with rates [per day].
    """
    rates = tuple(rate for _, rate in rows)
    return Segments(tuple(t for t, _ in rows), rates, rates)


def linear(rows: Sequence[tuple[int, float]]) -> Segments:
    """Return rates joined by straight lines; the last holds for ever."""
    rates = tuple(rate for _, rate in rows)
    return Segments(tuple(t for t, _ in rows), rates, (*rates[1:], rates[-1]))


def repeated(
    rows: Sequence[tuple[int, float]], cycle: int, begin: int, end: int
) -> list[tuple[int, float]]:
    """Return the rows of a cycle again and again, from before a run till after it.

    Parameters
    ----------
    cycle
        After how long the rows repeat [ms]; they lie in [0, cycle).
    """
    rounds = range(begin // cycle - 1, end // cycle + 2)
    return [(t + k * cycle, rate) for k in rounds for t, rate in rows]


def grown(segments: Segments, yearly: float, begin: int, end: int) -> Segments:
    """Return a rate that grows by steps of whole days; at instant 0 it is as stated.

    Parameters
    ----------
    yearly
        Growth in 365.25 days (0.03 for 3 %), compounding.
    begin, end
        First and last instant of the run [ms].
    """
    days = range(begin // DAY, (end - 1) // DAY + 1)
    cuts = sorted({day * DAY for day in days} | {t for t in segments.t if begin < t < end})
    times, first, last = [], [], []
    for t, following in pairwise([*cuts, end]):
        factor = (1.0 + yearly) ** (t // DAY / YEAR_DAYS)
        times.append(t)
        first.append(segments.at(t) * factor)
        last.append(_before(segments, t, following) * factor)
    # Straight lines need an end to run towards.
    return Segments((*times, end), (*first, last[-1]), (*last, last[-1]))


def _before(segments: Segments, t: int, end: int) -> float:
    """Return the rate that the segment at an instant has reached at a later one."""
    k = max(0, bisect_right(segments.t, t) - 1)
    if k + 1 == len(segments.t) or segments.first[k] == segments.last[k] or t < segments.t[k]:
        return segments.first[k]
    part = (end - segments.t[k]) / (segments.t[k + 1] - segments.t[k])
    return segments.first[k] + (segments.last[k] - segments.first[k]) * part


def constant(rate: float) -> Segments:
    """Return a rate that never changes [per day]."""
    return Segments((0,), (rate,), (rate,))


def segments_of(arrival: Arrival, start: date, begin: int, end: int) -> Segments:
    """Return the rate of arrivals over time; no segments where `rate` says it all.

    Parameters
    ----------
    start
        The day of instant 0.
    begin, end
        First and last instant of the run [ms].
    """
    found = Segments()
    if arrival.rates is not None:
        rows = [(step.at.instant(start), step.rate.value) for step in arrival.rates.steps]
        if arrival.cycle is not None:
            rows = repeated(rows, round(arrival.cycle.value), begin, end)
        found = linear(rows) if arrival.interpolate == "linear" else steps(rows)
    if arrival.growth is not None and arrival.growth.value:
        base = found if found.t or arrival.rate is None else constant(arrival.rate.value)
        found = grown(base, arrival.growth.value, begin, end)
    return found


def mean_rate(arrival: Arrival, start: date, begin: int, end: int) -> float:
    """Return the mean number of arrivals a day between two instants [ms], profiles apart."""
    if arrival.replay is not None:
        instants = [row.at.instant(start) for row in arrival.replay]
        return sum(begin <= t < end for t in instants) * DAY / (end - begin)
    segments = segments_of(arrival, start, begin, end)
    if segments.t:
        return segments.mean(begin, end)
    return arrival.rate.value if arrival.rate is not None else 0.0
