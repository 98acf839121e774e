"""Demand from outside that changes: rates over time, days that vary, outcomes known beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.engine.compiling import batch, rule
from carepath_sim.engine.rules import quantile
from carepath_sim.engine.streams import uniform
from carepath_sim.plan.tables import NOBODY, as_lists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.engine.state import Person
    from carepath_sim.plan import Plan
    from carepath_sim.plan.plan import SourceInfo

DAY = 86_400_000


@rule
def rate_at(times: Any, first: Any, last: Any, t: int) -> float:
    """Return the rate at an instant [per day], straight between the ends of its segment.

    Parameters
    ----------
    times
        Instants [ms] at which segments begin, rising; the first holds before it too.
    first, last
        Rate at the beginning of each segment, and the one reached at its end.
    """
    low = 0
    high = len(times) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if times[middle] <= t:
            low = middle
        else:
            high = middle - 1
    if low + 1 == len(times) or first[low] == last[low] or t < times[low]:
        return first[low]
    part = (t - times[low]) / (times[low + 1] - times[low])
    return first[low] + (last[low] - first[low]) * part


@batch
def draw_day_factors(
    T: Any, table: int, seed: int, replication: int, identity: int, key: int, first: int,
    factors: Any,
) -> None:  # fmt: skip
    """Fill the factors on the rate of consecutive days, shape `(day,)`.

    Parameters
    ----------
    first
        Number of the first day in the calendar: the same day varies alike in every scenario.
    """
    for k in range(len(factors)):
        u = uniform(seed, replication, first + k, key, identity, 0)
        factors[k] = quantile(
            T.table_u, T.table_v, T.table_first[table], T.table_first[table + 1], u
        )


@rule
def given_draw(G: Any, row: int, decision: int, occurrence: int) -> int:
    """Return the outcome that is known of a decision, -1 where none is."""
    for k in range(G.draw_first[row], G.draw_first[row + 1]):
        if G.draw_decision[k] == decision and G.draw_occurrence[k] == occurrence:
            return G.draw_value[k]
    return -1


def day_factors(
    plan: Plan, info: SourceInfo, seed: int, replication: int
) -> tuple[int, np.ndarray]:
    """Return the first day of a run and the factors of its days; none where days do not vary."""
    first = plan.begin // DAY
    if info.variation == NOBODY:
        return first, np.zeros(0)
    factors = np.zeros(plan.end // DAY + 1 - first)
    key = plan.tables.decision_key[plan.decision_names.index("arrival.day") * plan.tables.causes[0]]
    draw_day_factors(
        plan.tables, info.variation, seed, replication, info.identity, int(key),
        plan.start_date.toordinal() + first, factors,
    )  # fmt: skip
    return first, factors


class GivenDraws:
    """Outcomes known beforehand of the people of a list; everything else goes by the rules.

    They hold in the episode in which somebody comes, the first time that it is decided.
    """

    hazard = NOBODY

    def __init__(self, plan: Plan) -> None:
        self.lists = as_lists(plan.givens)

    def _outcome(self, person: Person, decision: int) -> int | None:
        """Return the outcome of the decision that has just been drawn."""
        if person.given == NOBODY or person.episode.index != 0:
            return None
        occurrence = person.episode.counts[decision] - 1
        value: int = given_draw.py_func(self.lists, person.given, decision, occurrence)  # type: ignore[attr-defined]
        return None if value < 0 else value

    def duration(self, person: Person, decision: int) -> int | None:
        """Return the known length of a stay [ms], or None."""
        return self._outcome(person, decision)

    def patience(self, person: Person, decision: int, drawn: int) -> int:
        """Return how long somebody waits [ms]."""
        known = self._outcome(person, decision)
        return drawn if known is None else known

    def target(self, person: Person, decision: int, _: Sequence[int]) -> int | None:
        """Return the known target, or None."""
        return self._outcome(person, decision)
