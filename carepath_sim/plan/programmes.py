"""Programmes as numbers: whom they find when, for how long, and what they change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from carepath_sim.plan.build import whole
from carepath_sim.plan.tables import DAY, UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.scenario.model import Population, Programme
    from carepath_sim.scenario.values import Cost

# Who is found of those who may join.
HIGHEST_RISK, AT_RANDOM, FIRST_IN_LINE = range(3)
RULES = ("highest risk", "at random", "first in line")


@dataclass(frozen=True)
class ProgrammeInfo:
    """What reports need to know of a programme."""

    name: str
    title: str
    base: str
    caseload: int
    costs: tuple[Cost, ...] = ()

    @property
    def limited(self) -> bool:
        """Whether there is a limit to its caseload."""
        return self.caseload < UNLIMITED


class Programmes(NamedTuple):
    """Programmes in flat arrays, in the order of their names."""

    caseload: Any  # (programme) most people at a time
    interval: Any  # (programme) time between finds [ms], no whole number; 0: finds nobody
    since: Any  # (programme) instant from which finds are counted [ms]
    rule: Any  # (programme)
    who: Any  # (programme) choice that holds for those who may join, or NOBODY: everybody
    lasts: Any  # (programme) choice of the table of its length, or NOBODY: for life
    decision_find: Any  # (programme)
    decision_lasts: Any
    start: Any  # (programme) people on it at the start
    start_length_biased: Any
    factor: Any  # (programme * hazards + hazard)
    ends_at: Any  # (programme * services + service) 1: a start there ends it


def no_programmes() -> Programmes:
    """Return the arrays of a scenario without programmes."""
    return Programmes(*(np.zeros(0) for _ in Programmes._fields))


def factors(programme: Programme, population: Population) -> list[float]:
    """Return the factor of a programme on each hazard, the progression last if there is one.

    What is said of a hazard by name counts before what is said of its group.
    """
    said = {name: number.value for name, number in programme.effect}
    found = []
    for name, hazard in population.hazards.items():
        group = "death" if hazard.to == "died" else "crisis"
        found.append(said.get(name, said.get(group, 1.0)))
    if population.progression is not None:
        found.append(said.get("progression", 1.0))
    return found


def interval(programme: Programme) -> float:
    """Return the time between finds [ms], 0 where nobody is found."""
    finds = programme.finds
    per_day = finds.rate.value * finds.coordinators.value if finds is not None else 0.0
    return DAY / per_day if per_day > 0 else 0.0


@dataclass
class Rows:
    """One programme with the numbers that other tables gave it."""

    programme: Programme
    since: int
    who: int
    lasts: int
    decision_find: int
    decision_lasts: int
    factors: Sequence[float]
    ends_at: Sequence[int]


def arrays(rows: Sequence[Rows]) -> Programmes:
    """Return programmes as arrays."""
    return Programmes(
        caseload=whole(most(row.programme) for row in rows),
        interval=np.array([interval(row.programme) for row in rows], dtype=np.float64),
        since=whole(row.since for row in rows),
        rule=whole(_rule(row.programme) for row in rows),
        who=whole(row.who for row in rows),
        lasts=whole(row.lasts for row in rows),
        decision_find=whole(row.decision_find for row in rows),
        decision_lasts=whole(row.decision_lasts for row in rows),
        start=whole(
            round(row.programme.start.caseload.value) if row.programme.start else 0 for row in rows
        ),
        start_length_biased=whole(
            int(row.programme.start is not None and row.programme.start.remaining != "fresh")
            for row in rows
        ),
        factor=np.array([f for row in rows for f in row.factors], dtype=np.float64),
        ends_at=whole(one for row in rows for one in row.ends_at),
    )


def most(programme: Programme) -> int:
    """Return how many can be on a programme at a time."""
    return UNLIMITED if programme.caseload is None else round(programme.caseload.value)


def _rule(programme: Programme) -> int:
    return RULES.index(programme.finds.rule) if programme.finds is not None else HIGHEST_RISK
