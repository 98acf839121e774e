"""Who is there when a run starts: people of the population, people of a group, a census."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.engine import people as crowd
from carepath_sim.engine.kernel.address import room
from carepath_sim.engine.rules_starts import draw_classes, find_classes
from carepath_sim.plan import tables as tb
from carepath_sim.plan.tables import NOBODY

if TYPE_CHECKING:
    from carepath_sim.plan import Plan
    from carepath_sim.plan.starts import StartInfo

MOST_CANDIDATES = 64
"""How many people are looked at for one place before anybody will do."""


def codes_of(
    plan: Plan, seed: int, replication: int, source: int, layer: int, first: int, count: int
) -> np.ndarray:
    """Draw the attributes of people with consecutive numbers, shape `(person, variable)`."""
    size = len(plan.attributes)
    codes = np.full((count, size + tb.VARIABLES), NOBODY, dtype=np.int64)
    rows = plan.givens.source_first[source : source + 2]
    if rows[1] > rows[0]:  # what is known of people is not drawn
        known = plan.givens.codes[rows[0] * size : rows[1] * size]
        codes[:, :size] = known.reshape(-1, size)[first : first + count]
    draw_codes(plan, seed, replication, source, layer, first, codes)
    return codes


def rooms_of(plan: Plan) -> tuple[Any, Any]:
    """Return the tables that attributes are drawn from, which take longer to find than one draw."""
    return room("T", plan.tables), room("A", plan.draws)


def draw_codes(
    plan: Plan,
    seed: int,
    replication: int,
    source: int,
    layer: int,
    first: int,
    codes: np.ndarray,
    rooms: tuple[Any, Any] | None = None,
) -> None:
    """Draw what is not known of the attributes of people with consecutive numbers.

    Parameters
    ----------
    rooms
        From `rooms_of`, where it is called for person after person.
    """
    size = len(plan.attributes)
    crowd.draw_attributes(
        *(rooms or rooms_of(plan)), len(plan.cause_names), seed, replication,
        plan.sources[source].identity + layer, first, source * size, codes,
    )  # fmt: skip
    for variable in (tb.CAUSE, tb.EVENT, tb.PROGRAMMES):
        codes[:, size + variable] = 0


@dataclass
class Somebody:
    """Somebody who is there at the start and is not of the population.

    Attributes
    ----------
    codes
        What conditions can test, shape `(variable,)`.
    given
        Row of what is known beforehand, or NOBODY.
    """

    source: int
    index: int
    codes: np.ndarray
    given: int = NOBODY


class Present:
    """Finds who is there at the start of one replication.

    Parameters
    ----------
    codes
        What is drawn of the population, shape `(person, variable)`.
    """

    def __init__(self, plan: Plan, seed: int, replication: int, codes: np.ndarray) -> None:
        self.plan = plan
        self.key = (seed, replication)
        self.codes = codes
        self.placed = np.zeros(plan.population, dtype=bool)

    def of_population(self, start: StartInfo) -> list[int]:
        """Return the numbers of the people of a group who belong to the population."""
        luck = np.zeros(len(self.placed))
        who = NOBODY if start.classes != NOBODY else start.who
        plan = self.plan
        crowd.draw_for_start(
            room("T", plan.tables), who, len(plan.attributes), plan.begin, *self.key,
            self.key_of(start.decision), plan.sources[0].identity, self.codes, luck,
        )  # fmt: skip
        luck[self.placed] = 2.0
        order = np.argsort(luck, kind="stable")
        if start.classes == NOBODY:
            order = order[: start.count]
        drawn = [int(k) for k in order if luck[k] < 1.0]
        chosen = self.of_classes(start, drawn, self.codes)
        self.placed[chosen] = True
        return chosen

    def of_their_own(self, start: StartInfo) -> list[Somebody]:
        """Return the people of a group that has a source of its own: the first who fit."""
        count, many = start.count, start.count
        alike = start.who == NOBODY
        while True:
            codes = codes_of(self.plan, *self.key, start.source, 0, 0, many)
            fitting = np.zeros(many, dtype=np.int64)
            if not alike:
                self.find_classes(start, codes, fitting)
            drawn = list(range(many))
            enough = many >= MOST_CANDIDATES * count
            if start.classes == NOBODY:
                drawn = [k for k in drawn if fitting[k] >= 0]
            chosen = self.of_classes(start, drawn, codes)
            full = len(chosen) == count and (start.classes == NOBODY or enough)
            if full or enough:
                return [Somebody(start.source, k, codes[k]) for k in chosen]
            many *= 4

    def of_census(self) -> list[Somebody]:
        """Return the people of the census, in the order of its rows."""
        plan, size, found = self.plan, len(self.plan.attributes), []
        census, rooms = plan.census, rooms_of(plan)
        for row in range(len(census)):
            given = int(plan.givens.source_first[census.source]) + row
            codes = np.full((1, size + tb.VARIABLES), NOBODY, dtype=np.int64)
            codes[0, :size] = plan.givens.codes[given * size : (given + 1) * size]
            index = int(census.index[row])
            draw_codes(plan, *self.key, census.source, 0, index, codes, rooms)
            found.append(Somebody(census.source, index, codes[0], given))
        return found

    def of_classes(self, start: StartInfo, drawn: list[int], codes: np.ndarray) -> list[int]:
        """Return the first people of each class, as many as are wanted of it.

        Where there are too few of a class, anybody takes the places that are left.
        """
        if start.classes == NOBODY:
            return drawn[: start.count]
        T = self.plan.tables
        size = int(T.branch_first[start.classes + 1] - T.branch_first[start.classes])
        wanted = np.zeros(size, dtype=np.int64)
        identity = self.plan.sources[start.source].identity
        key = self.key_of(start.draws_class)
        draw_classes(T, start.classes, *self.key, key, identity, wanted, start.count)
        classes = np.full(len(codes), NOBODY, dtype=np.int64)
        self.find_classes(start, codes, classes)
        chosen, others = [], []
        for number in drawn:
            k = int(classes[number])
            if k >= 0 and wanted[k] > 0:
                wanted[k] -= 1
                chosen.append(number)
                if len(chosen) == start.count:
                    return chosen
            else:
                others.append(number)
        return chosen + others[: start.count - len(chosen)]

    def find_classes(self, start: StartInfo, codes: np.ndarray, classes: np.ndarray) -> None:
        """Fill the number of the class of each person, -1 for those who are of none."""
        plan = self.plan
        find_classes(plan.tables, start.who, len(plan.attributes), plan.begin, codes, classes)

    def key_of(self, decision: int) -> int:
        """Return the key of a decision under the cause `start`."""
        return int(self.plan.tables.decision_key[decision * len(self.plan.cause_names)])
