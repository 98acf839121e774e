"""Stories: one person with given attributes and outcomes of named decisions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.names import band_years
from carepath_sim.plan.starts import FRESH, NO_CENSUS, StartInfo
from carepath_sim.plan.states import NO_STATES
from carepath_sim.plan.surges import NO_SURGES
from carepath_sim.plan.tables import DAY, FAR, HOUR, NOBODY
from carepath_sim.scenario.values import Number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.engine.state import Person
    from carepath_sim.plan import Plan

STORY_DAYS = 730
"""How long a story is followed [days]."""


@dataclass
class Told:
    """Outcomes that a story gives; everything else goes by the rules.

    Attributes
    ----------
    hazard
        The hazard that fires at the start, or NOBODY.
    """

    plan: Plan
    draws: dict[int, tuple[Number | str, ...]]
    hazard: int = NOBODY
    used: dict[int, int] = field(default_factory=dict)

    def _next(self, decision: int) -> Number | str | None:
        """Return what is told of a decision: one outcome for every time, or one by one."""
        told = self.draws.get(decision)
        if told is None:
            return None
        k = self.used.get(decision, 0)
        self.used[decision] = k + 1
        if len(told) == 1:
            return told[0]
        return told[k] if k < len(told) else None

    def duration(self, _: Person, decision: int) -> int | None:
        """Return the told length of a stay [ms], or None."""
        told = self._next(decision)
        if not isinstance(told, Number):
            return None
        return int(told.value + 0.5)

    def patience(self, person: Person, decision: int, _: int) -> int:
        """Return how long the person waits [ms]: patience ends only where the story says so."""
        told = self.duration(person, decision)
        return FAR if told is None else told

    def target(self, _: Person, decision: int, candidates: Sequence[int]) -> int | None:
        """Return the told target, one of the candidates where it is among them, or None."""
        told = self._next(decision)
        if not isinstance(told, str):
            return None
        names = self.plan.target_names
        for target in (*candidates, *range(len(names))):
            if names[target] == told:
                return int(target)
        return None


def story(plan: Plan, name: str) -> tuple[Plan, Told]:
    """Return the plan on which a story is run alone, and what it tells.

    With `as_told` the pools are unlimited, there are no hours, and the story begins on the first
    Monday of the window at 09:00; the structure is the scenario's own.
    """
    told = plan.scenario.stories[name]
    begin = (7 - plan.start_date.weekday()) % 7 * DAY + 9 * HOUR
    start = next((k for k, s in enumerate(plan.services) if told.at in {s.name, s.base}), 0)
    T, P = plan.tables, plan.pool_tables
    if told.as_told:
        closed = np.full(len(T.kind), NOBODY, dtype=np.int64)
        every_day = {
            "work_from": np.array([-FAR // 4]),
            "work_to": np.array([FAR // 4]),
            "work_before": np.array([0]),
        }
        T = T._replace(admits=closed, discharges=closed, decides=closed, **every_day)
        P = P._replace(overflow=np.ones_like(P.overflow))
    fixed = plan.draws.fixed[: len(plan.attributes)].copy()
    given = dict(told.is_)
    if "age" in given and "age_band" in plan.attribute_index:
        bands = plan.attributes[plan.attribute_index["age_band"]].values
        given["age_band"] = next(b for b in bands if int(given["age"]) in band_years(b))
    for attribute, value in given.items():
        k = plan.attribute_index[attribute]
        fixed[k] = plan.attributes[k].values.index(value)
    decisions = {name: k for k, name in enumerate(plan.decision_names)}
    draws = {}
    for decision, outcomes in told.draws:
        base, what = decision.rsplit(".", 1)
        service = plan.scenario.services.get(base)
        luck = (service.luck if service is not None else None) or base
        draws[decisions[f"{luck}.{what}"]] = outcomes
    starts: tuple[StartInfo, ...] = ()
    if start:
        starts = (StartInfo(start, 1, remaining=FRESH),)
    hazard = plan.hazard_names.index(told.crisis) if told.crisis else NOBODY
    alone = replace(
        plan,
        begin=begin,
        end=begin + STORY_DAYS * DAY,
        population=1,
        sources=plan.sources[:1],
        starts=starts,
        census=NO_CENSUS,
        tables=T,
        pool_tables=P,
        surges=NO_SURGES,
        hazards=plan.hazards._replace(rate=np.zeros_like(plan.hazards.rate)),
        draws=plan.draws._replace(fixed=fixed),
        states=NO_STATES,
        programmes=(),
        ageing=False,
    )
    return alone, Told(alone, draws, hazard)
