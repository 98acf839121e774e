"""Visits that fall in steps: the tables that say so, and which step holds when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from carepath_sim.plan.tables import FAR, NEVER, NOBODY
from carepath_sim.scenario.over_time import values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from carepath_sim.scenario.model import Scenario, Service
    from carepath_sim.scenario.values import Cases, Visits

MINUTES = "minutes_per_day"


class Tapers(NamedTuple):
    """Steps of visits; a *taper* is what one case of `visits` or `taper` says."""

    choice: Any  # (service) choice of a taper, NOBODY where none has steps
    first: Any  # (taper + 1) first step
    after: Any  # (step) [ms] since the stay began; 0 for the first
    units: Any  # (step) units held, or NOBODY where visits are only counted
    per_day: Any  # (step) visits a day
    minutes: Any  # (step) [min] a visit

    @property
    def any(self) -> bool:
        """Whether there are tapers at all."""
        return len(self.first) > 1


def whole(values: Iterable[int]) -> np.ndarray:
    """Return whole numbers as an array."""
    return np.array(list(values), dtype=np.int64)


NO_TAPERS = Tapers(*(whole(column) for column in ((), (0,), (), (), (), ())))


class Collector:
    """Tapers under construction."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.first = [0]
        self.rows: list[tuple[int, int, float, float]] = []

    def choice_of(
        self, service: Service, choose: Callable[[Cases[Visits], Callable[[Visits], int]], int]
    ) -> int:
        """Return the choice of a service's tapers; NOBODY where its visits never fall."""
        if not any(visits.then for visits in values(service.visiting)):
            return NOBODY
        pools = (self.scenario.pools[name] for name in service.pool)
        takes = any(pool.unit == MINUTES for pool in pools)

        def taper(visits: Visits) -> int:
            return self._add(visits, takes=takes) if visits.then else NOBODY

        return choose(service.visiting, taper)

    def _add(self, visits: Visits, *, takes: bool) -> int:
        levels = [(0.0, visits.per_day, visits.minutes)]
        levels += [(step.after.value, step.per_day, step.minutes) for step in visits.then]
        for after, per_day, minutes in levels:
            units = units_of(per_day.value, minutes.value) if takes else NOBODY
            self.rows.append((round(after), units, per_day.value, minutes.value))
        self.first.append(len(self.rows))
        return len(self.first) - 2

    def tables(self, choices: Iterable[int]) -> Tapers:
        """Return the tables, with the choice of each service."""
        return Tapers(
            choice=whole(choices),
            first=whole(self.first),
            after=whole(row[0] for row in self.rows),
            units=whole(row[1] for row in self.rows),
            per_day=np.array([row[2] for row in self.rows], dtype=np.float64),
            minutes=np.array([row[3] for row in self.rows], dtype=np.float64),
        )


def units_of(per_day: float, minutes: float) -> int:
    """Return the units that visits take in a pool of minutes a day, rounded half up."""
    return int(per_day * minutes + 0.5)


class Spans(NamedTuple):
    """Times between steps, shape `(span,)` each.

    Attributes
    ----------
    row
        Place of the time among those that were asked for.
    begin, end
        Instants [ms]; never empty.
    step
        Row of `Tapers` that holds, NOBODY where the visits have no steps.
    """

    row: Any
    begin: Any
    end: Any
    step: Any


def spans(tapers: Tapers, taper: Any, since: Any, ready: Any, begin: Any, end: Any) -> Spans:
    """Return times cut at the steps that fall in them.

    A step falls at its time after `since`, but none after `ready`: while people wait for what
    comes next, the last step that was reached goes on.

    Parameters
    ----------
    taper
        Number of the taper of each row, NOBODY: none.
    since
        When the stay began [ms], NEVER: not yet.
    ready
        When it is over [ms], NEVER: not known, or it never is.
    begin, end
        The time asked for [ms].
    """
    first = np.append(tapers.first, tapers.first[-1])
    own = np.where(taper >= 0, taper, len(tapers.first) - 1)
    steps = np.where(taper >= 0, first[own + 1] - first[own], 1)
    known = np.append(tapers.after, 0)
    found = []
    for k in range(int(steps.max(initial=0))):
        rows = np.flatnonzero(steps > k)
        here = np.where(taper[rows] >= 0, first[own[rows]] + k, NOBODY)
        falls = since[rows] + known[here]
        beyond = (since[rows] == NEVER) | ((ready[rows] != NEVER) & (falls > ready[rows]))
        start = begin[rows] if k == 0 else np.where(beyond, FAR, falls)
        more = steps[rows] > k + 1
        following = since[rows] + known[np.where(more, here + 1, NOBODY)]
        last = (since[rows] == NEVER) | ((ready[rows] != NEVER) & (following > ready[rows]))
        stop = np.where(more & ~last, following, FAR)
        a, b = np.maximum(start, begin[rows]), np.minimum(stop, end[rows])
        keep = a < b
        found.append((rows[keep], a[keep], b[keep], here[keep]))
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return Spans(none, none, none, none)
    return Spans(*(np.concatenate(column) for column in zip(*found, strict=True)))
