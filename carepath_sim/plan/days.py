"""Kinds of days of a run: working days, weekends, bank holidays; hours and working time by date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from carepath_sim.plan.calendar import MARGIN
from carepath_sim.plan.tables import DAY
from carepath_sim.scenario import bank_holidays
from carepath_sim.scenario.grammar_working import ENGLAND

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Clock
    from carepath_sim.scenario.values import Hours

Windows = tuple[tuple[int, int], ...]

BEFORE = 14
"""Days that calendars by date begin before the run, so that what began earlier still holds."""


@dataclass(frozen=True)
class Days:
    """The days of a run.

    Attributes
    ----------
    start
        First day of the window; instant 0 is its midnight.
    first, until
        First day and first day after the last, counted from `start`; a Monday each, so that
        beyond them weeks go on without bank holidays.
    holidays
        Bank holidays, counted from `start`; all of them from Monday to Friday.
    """

    start: date
    first: int
    until: int
    holidays: frozenset[int]

    def weekday(self, day: int) -> int:
        """Return the weekday of a day counted from the start, Monday 0."""
        return (self.start.weekday() + day) % 7

    def kind(self, day: int) -> str:
        """Return what a day is: working, weekend or bank holiday."""
        if self.weekday(day) >= 5:
            return "weekend"
        return "bank holiday" if day in self.holidays else "working"

    def spans(self, kinds: tuple[str, ...]) -> tuple[int, ...]:
        """Return beginnings and ends [ms] of the times made of days of some kinds, in order."""
        found: list[int] = []
        for day in range(self.first, self.until):
            if self.kind(day) in kinds:
                if found and found[-1] == day * DAY:
                    found[-1] += DAY
                else:
                    found += [day * DAY, (day + 1) * DAY]
        return tuple(found)

    def opened(self, hours: Hours | None, begin: int, end: int) -> Windows:
        """Return the windows of hours between two instants [ms]; none: always open.

        A window belongs to the day on which it begins. Windows that touch are one.
        """
        if hours is None:
            return ((begin, end),) if begin < end else ()
        other, special = hours.on_other_days, hours.on_bank_holidays
        if not hours.minds_bank_holidays:
            other = special = hours.windows
        by_kind = [_by_weekday(windows) for windows in (other, special)]
        found: list[tuple[int, int]] = []
        for day in range(begin // DAY - BEFORE, end // DAY + 1):
            here = by_kind[day in self.holidays][self.weekday(day)]
            for opens, closes in here:
                a, b = max(begin, day * DAY + opens), min(end, day * DAY + closes)
                if a >= b:
                    continue
                if found and a <= found[-1][1]:
                    found[-1] = (found[-1][0], max(b, found[-1][1]))
                else:
                    found.append((a, b))
        return tuple(found)

    @cached_property
    def working(self) -> Windows:
        """The working time [ms], windows of whole days."""
        spans = self.spans(("working",))
        return tuple(zip(spans[::2], spans[1::2], strict=True))


def _by_weekday(windows: Windows) -> list[list[tuple[int, int]]]:
    """Return windows by the weekday on which they begin [ms from its midnight]."""
    found: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for opens, closes in windows:
        # A window of a merged week may hold several days; each of them may begin the run.
        found[opens // DAY].append((opens % DAY, closes - opens // DAY * DAY))
    return found


def days_of(clock: Clock, begin: int, end: int) -> Days:
    """Return the days of a run with its margin.

    Parameters
    ----------
    begin, end
        Start of the warm-up and end of the run-out [ms].
    """
    start = clock.start
    first = begin // DAY - BEFORE
    first -= (start.weekday() + first) % 7
    until = end // DAY + MARGIN
    until += -(start.weekday() + until) % 7
    given = clock.bank_holidays
    if given == ENGLAND:
        days: tuple[date, ...] = bank_holidays.between(
            start + timedelta(days=first), start + timedelta(days=until)
        )
    else:
        days = () if isinstance(given, str) else given
    counted = ((day - start).days for day in days if day.weekday() < 5)
    return Days(start, first, until, frozenset(n for n in counted if first <= n < until))


def working_columns(days: Days | None) -> dict[str, list[int]]:
    """Return working time as columns: beginnings, ends, and working time before each [ms].

    Empty without days, where nothing is in working days.
    """
    windows: Windows = days.working if days is not None else ()
    before, total = [], 0
    for begins, ends in windows:
        before.append(total)
        total += ends - begins
    return {
        "work_from": [begins for begins, _ in windows],
        "work_to": [ends for _, ends in windows],
        "work_before": before,
        "work_until": [days.until * DAY if days is not None else 0, total],
    }
