"""Birthdays: people grow a year older, and pass into the next age band."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.birthdays import ages_of, birthdays
from carepath_sim.engine.clock import BIRTHDAYS, CALENDAR
from carepath_sim.engine.levels import Levels
from carepath_sim.engine.spells import ATTRIBUTE_SET
from carepath_sim.plan.tables import DAY, NOBODY

if TYPE_CHECKING:
    from carepath_sim.engine.state import Person


class Ageing(Levels):
    """The engine for plans in which people grow older."""

    def populate(self) -> None:
        """Bring the population to life."""
        super().populate()
        if not self.plan.ageing:
            return
        self.ages = ages_of(self.plan)
        self.codes_at_start = self.codes[:, : self.attributes].copy()

    def send_arrivals(self) -> None:
        """Number everybody who will arrive; then everybody has their birthdays."""
        super().send_arrivals()
        if self.plan.ageing:
            coming = []
            there = range(self.plan.population, len(self.people) - len(self.all_coming))
            for t, number in (*((self.plan.begin - 1, k) for k in there), *self.all_coming):
                person = self.person(number)
                coming.append((t, number, person.source, person.identity, person.index))
            self.birthdays = birthdays(self.plan, self.seed, self.replication, coming)
            self.expect_birthdays()

    def expect_birthdays(self) -> None:
        """Expect the next day on which somebody has a birthday."""
        for day, people in self.birthdays:
            act = partial(self.celebrate, people)
            self.at(day * DAY, CALENDAR, 0, BIRTHDAYS, act)
            return

    def celebrate(self, people: list[int]) -> None:
        """Those whose birthday it is grow a year older, in order of their numbers."""
        self.expect_birthdays()
        ages = self.ages
        for number in people:
            person = self.people[number]
            values = self.codes[number] if person is None else person.values
            age = int(values[ages.age])
            if (person is not None and person.end_state) or not 0 <= age < ages.oldest:
                continue
            band, before = ages.band_of[age + 1], int(values[ages.band])
            values[ages.age] = age + 1
            self.changes.append((self.now, ATTRIBUTE_SET, number, ages.age, age + 1))
            moved = band not in {before, NOBODY}
            if moved:
                values[ages.band] = band
                self.changes.append((self.now, ATTRIBUTE_SET, number, ages.band, band))
            self.look_again(number)
            if ages.age_counts or (moved and ages.band_counts):
                self.reckon(self.person(number))

    def look_again(self, number: int) -> None:
        """Look again at what a person's attributes, which have changed, let them join."""

    def reckon(self, person: Person) -> None:
        """Let hazards run on at their new speeds, where any has changed."""
        if person.speeds is None:
            return
        speeds = self.speeds_of(person)
        if speeds != person.speeds.tolist():
            self.settle(person)
            person.speeds[:] = speeds
            self.expected_anew.add(person.number)
            self.next_crisis(person)

    def start_codes(self) -> np.ndarray:
        """Return the attributes with which everybody began, shape `(person, attribute)`."""
        if not self.plan.ageing:
            return super().start_codes()
        later = np.array(self.later_codes, dtype=np.int64).reshape(-1, self.attributes)
        return np.vstack((self.codes_at_start, later))
