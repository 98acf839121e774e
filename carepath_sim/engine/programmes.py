"""Programmes: people are found, stay on a caseload, and run their hazards at another speed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine import rules_programmes as find_rules
from carepath_sim.engine.ageing import Ageing
from carepath_sim.engine.clock import DIED, HOME, PEOPLE, PROGRAMME_ENDS, PROGRAMMES
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.prevention import crisis_exposure, find_luck
from carepath_sim.engine.spells import FIND_LOST, PROGRAMME_JOINED, PROGRAMME_LEFT
from carepath_sim.engine.streams import uniform
from carepath_sim.plan import tables as tb
from carepath_sim.plan.tables import FAR, NEVER, NOBODY, as_lists

if TYPE_CHECKING:
    from carepath_sim.engine.state import Person, Place

# Values of rows of `changes`.
AT_START, FOUND = 0, 1
TIME_OVER, BY_DEATH, OUT_OF_MODEL, MOVED_AWAY = range(4)
NOBODY_THERE, NO_ROOM = 0, 1

_find_at = find_rules.find_at.py_func  # type: ignore[attr-defined]


class Prevention(Ageing):
    """The engine for plans with programmes."""

    begun = False

    def open_calendar(self) -> None:
        """Expect what the calendar brings, and begin the programmes."""
        super().open_calendar()
        self.list_people()
        for p in range(len(self.plan.programmes)):
            self.begin_programme(p)

    # --- what programmes know of people ----------------------------------------------------

    def list_people(self) -> None:
        """Set up arrays over everybody who is here or will come, in the order of their numbers."""
        plan, n, size = self.plan, self.plan.population, len(self.people)
        self.by_programme = as_lists(plan.programme_tables)
        self.residence = plan.tables.residence
        self.crisis_exposure = crisis_exposure(plan)
        count = len(plan.programmes)
        self.present_at = np.full(size, NOBODY, dtype=np.int64)
        self.present_at[:n] = HOME
        self.gone_home = np.full(size, NEVER, dtype=np.int64)
        self.meets = np.zeros((count, size), dtype=np.int64)
        self.enrolled = np.zeros((count, size), dtype=np.int64)
        self.stays_until = np.full((count, size), FAR, dtype=np.int64)
        self.joins = np.zeros((count, size), dtype=np.int64)
        self.caseload = [0] * count
        self.begun = True
        speeds = np.zeros((size, self.speeds.shape[1]))
        speeds[:n] = self.speeds
        self.speeds = speeds
        for number, person in enumerate(self.people):
            if person is not None and hasattr(person, "place") and person.lives_here:
                if person.speeds is not None:
                    speeds[number] = person.speeds
                    person.speeds = speeds[number]
                self.present_at[number] = person.place.service
                self.gone_home[number] = person.discharged
        for p in range(count):
            find_rules.who_may_join(
                plan.tables, int(self.by_programme.who[p]), self.attributes, plan.begin,
                self.codes, self.meets[p, :n],
            )  # fmt: skip
        for number in np.flatnonzero(self.present_at >= 0).tolist():
            if self.people[number] is not None:  # the start may have changed them
                self.look_again(number)
        self.find_luck = [self.draw_finds(p) for p in range(count)]

    def draw_finds(self, p: int) -> np.ndarray:
        """Return the uniforms by which a programme finds people at random, if it does."""
        who = np.arange(len(self.people), dtype=np.int64)
        identity = np.full(len(who), self.plan.sources[0].identity, dtype=np.int64)
        for number in range(self.plan.population, len(who)):
            person = self.people[number]
            if person is not None:
                who[number], identity[number] = person.index, person.identity
        return find_luck(self.plan, self.seed, self.replication, p, who, identity)

    def look_again(self, number: int) -> None:
        """Look again at which programmes may find a person."""
        person = self.people[number]
        values = self.codes[number].tolist() if person is None else person.values
        for p, who in enumerate(self.by_programme.who):
            everybody = who == NOBODY
            self.meets[p, number] = int(
                everybody or rules.first_match(self.T, who, values, self.attributes, self.now) >= 0
            )

    def change(self, person: Person, attribute: int, code: int) -> None:
        """Change an attribute from now on; another programme may find the person."""
        super().change(person, attribute, code)
        if self.begun:  # what the start sets comes before programmes begin
            self.look_again(person.number)

    def arrive(self, number: int) -> None:
        """A person comes from outside; who lives on can be found."""
        super().arrive(number)
        person = self.person(number)
        if person.lives_here:
            if person.speeds is not None:
                self.speeds[number] = person.speeds
                person.speeds = self.speeds[number]
            self.present_at[number] = person.place.service
            self.look_again(number)

    def move(self, person: Person, place: Place) -> None:
        """Leave the present place for the next one, which may end a programme."""
        super().move(person, place)
        if not person.lives_here:
            return
        number, services = person.number, len(self.plan.services)
        self.present_at[number] = place.service
        self.gone_home[number] = person.discharged
        if person.values[self.attributes + tb.PROGRAMMES]:
            for p in range(len(self.caseload)):
                ends = self.by_programme.ends_at[p * services + place.service]
                if ends and self.enrolled[p, number]:
                    self.leave_programme(person, p, MOVED_AWAY)

    def depart(self, person: Person, to: int) -> None:
        """Close a life in the model, on all programmes too."""
        super().depart(person, to)
        self.present_at[person.number] = NOBODY
        for p in range(len(self.caseload)):
            if self.enrolled[p, person.number]:
                self.leave_programme(person, p, BY_DEATH if to == DIED else OUT_OF_MODEL)

    def speeds_of(self, person: Person) -> list[float]:
        """Return the speeds [per ms] of a person's hazards, with those of their programmes."""
        speeds = super().speeds_of(person)
        on = person.values[self.attributes + tb.PROGRAMMES]
        for p in range(len(self.caseload)) if on else ():
            if on >> p & 1:
                first = p * len(speeds)
                factors = self.by_programme.factor[first : first + len(speeds)]
                speeds = [s * f for s, f in zip(speeds, factors, strict=True)]
        return speeds

    # --- finding, joining, leaving ---------------------------------------------------------

    def begin_programme(self, p: int) -> None:
        """Put people on a programme at the start; then expect its first find."""
        for _ in range(self.by_programme.start[p]):
            number = self.candidate(p)
            if number == NOBODY:
                break
            self.enrol(p, number, AT_START)
        self.expect_find(p, 1)

    def expect_find(self, p: int, number: int) -> None:
        """Expect a find of a programme."""
        interval = self.by_programme.interval[p]
        if interval > 0.0:
            t = _find_at(self.by_programme.since[p], interval, number)
            self.at(t, PROGRAMMES, p, 0, partial(self.find, p, number))

    def find(self, p: int, number: int) -> None:
        """Find somebody, if there is room and anybody who may join."""
        self.expect_find(p, number + 1)
        if self.caseload[p] >= self.by_programme.caseload[p]:
            self.changes.append((self.now, FIND_LOST, NOBODY, p, NO_ROOM))
            return
        found = self.candidate(p)
        if found == NOBODY:
            self.changes.append((self.now, FIND_LOST, NOBODY, p, NOBODY_THERE))
        else:
            self.enrol(p, found, FOUND)

    def candidate(self, p: int) -> int:
        """Return the number of the person whom a programme would find now, or NOBODY."""
        return int(
            find_rules.best(
                self.plan.hazards, self.crisis_exposure, self.by_programme.rule[p], self.residence,
                self.present_at, self.gone_home, self.meets[p], self.enrolled[p], self.speeds,
                self.find_luck[p], self.now,
            )
        )  # fmt: skip

    def enrol(self, p: int, number: int, how: int) -> None:
        """Put a person on a programme; its effect begins at this instant."""
        person = self.person(number)
        self.enrolled[p, number] = 1
        self.caseload[p] += 1
        self.changes.append((self.now, PROGRAMME_JOINED, number, p, how))
        person.values[self.attributes + tb.PROGRAMMES] |= 1 << p
        self.set_end(person, p, how)
        self.joins[p, number] += 1
        self.reckon(person)

    def set_end(self, person: Person, p: int, how: int) -> None:
        """Draw how long a person stays on a programme."""
        table = self.payload(person, self.by_programme.lasts[p])
        if table == NOBODY:
            return
        if how == AT_START and self.by_programme.start_length_biased[p]:
            table = self.plan.residual[table]
        key = self.T.decision_key[self.by_programme.decision_lasts[p] * self.causes]
        occasion = int(self.joins[p, person.number])
        u = uniform(self.seed, self.replication, person.index, key, person.identity, occasion)
        until = self.now + rules.duration(self.T, table, u)
        self.stays_until[p, person.number] = until
        act = partial(self.time_over, person)
        self.at(until, PEOPLE, person.number, PROGRAMME_ENDS, act)

    def time_over(self, person: Person) -> None:
        """Leave the programmes whose time is over at this instant, in their order."""
        for p in range(len(self.caseload)):
            if self.stays_until[p, person.number] == self.now:
                self.leave_programme(person, p, TIME_OVER)

    def leave_programme(self, person: Person, p: int, why: int) -> None:
        """Take a person off a programme; its effect ends at this instant."""
        number = person.number
        self.enrolled[p, number] = 0
        self.stays_until[p, number] = FAR
        self.caseload[p] -= 1
        self.changes.append((self.now, PROGRAMME_LEFT, number, p, why))
        person.values[self.attributes + tb.PROGRAMMES] &= ~(1 << p)
        self.reckon(person)
