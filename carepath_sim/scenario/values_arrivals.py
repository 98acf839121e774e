"""The frozen values of arrivals that change over time or are replayed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from carepath_sim.scenario.values import Number
from carepath_sim.units import DAY

Step = str | int


@dataclass(frozen=True)
class Moment:
    """An instant: a day with the time of that day, or a time from the start of the window.

    Attributes
    ----------
    day
        The day, or None.
    ms
        Time of day, or from the first instant of `clock.start` [ms]; may be negative there.
    """

    day: date | None
    ms: int

    def instant(self, start: date) -> int:
        """Return the instant [ms from the first instant of `start`].

        >>> Moment(date(2015, 4, 2), 3_600_000).instant(date(2015, 4, 1)) // 3_600_000
        25
        """
        return self.ms if self.day is None else (self.day - start).days * DAY + self.ms


@dataclass(frozen=True)
class RateStep:
    """The rate from one instant on.

    Attributes
    ----------
    at
        Since when.
    rate
        Arrivals [per day].
    where
        Way from the field to this row, for messages.
    """

    at: Moment
    rate: Number
    where: tuple[Step, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Rates:
    """Rates over time, in order."""

    steps: tuple[RateStep, ...]


@dataclass(frozen=True)
class Given:
    """Something that a row of a table says of a person.

    Attributes
    ----------
    name
        An attribute, or a decision such as `acute.stay`.
    value
        A word, or a duration for decisions on time.
    where
        Way from the field to the cell, for messages.
    """

    name: str
    value: str | Number
    where: tuple[Step, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class ReplayRow:
    """One arrival of a list.

    Attributes
    ----------
    at
        When.
    given
        Attributes and outcomes of decisions that are known.
    where
        Way from the field to this row, for messages.
    """

    at: Moment
    given: tuple[Given, ...]
    where: tuple[Step, ...] = field(default=(), compare=False)
