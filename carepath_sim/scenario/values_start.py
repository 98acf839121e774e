"""The frozen values of starting states."""

from __future__ import annotations

from dataclasses import dataclass, field

from carepath_sim.scenario.values import Distribution, Number, Test
from carepath_sim.scenario.values_arrivals import Given, Moment, Step


@dataclass(frozen=True)
class Remaining:
    """How what is left of a stay is drawn.

    Attributes
    ----------
    kind
        length_biased, fresh, conditional, or given.
    law
        With `given`: the distribution itself.
    """

    kind: str
    law: Distribution | None = None


@dataclass(frozen=True)
class StartWaiting:
    """People who wait for a service when the run starts.

    Attributes
    ----------
    count
        How many.
    at
        Where they are meanwhile: a service, home, or outside.
    waited
        How long they have waited.
    who
        From whom they are drawn.
    """

    count: Number
    at: str
    waited: Distribution | None = None
    who: tuple[Test, ...] = ()


@dataclass(frozen=True)
class Steady:
    """Services that start with the long-run numbers of the traffic equations.

    Attributes
    ----------
    services
        Their names; empty: all of which no number is given.
    """

    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class CensusRow:
    """One person of a census.

    Attributes
    ----------
    person
        Name or number of the person; it decides their luck.
    service
        Where they are: a service, home, or outside.
    so_far
        How long they have been there [ms], or None.
    waiting_for
        The service that they wait for, their stay being over; or None.
    since
        Since when they wait: an instant, or how long before the start of the run; or None.
    given
        Attributes that are known.
    where
        Way from the field to this row, for messages.
    cells
        Way to each cell by column.
    """

    person: str
    service: str
    so_far: Number | None = None
    waiting_for: str | None = None
    since: Moment | None = None
    given: tuple[Given, ...] = ()
    where: tuple[Step, ...] = field(default=(), compare=False)
    cells: tuple[tuple[str, tuple[Step, ...]], ...] = field(default=(), compare=False)

    def cell(self, name: str) -> tuple[Step, ...]:
        """Return the way to a cell, or to the row where it is empty."""
        return dict(self.cells).get(name, self.where)
