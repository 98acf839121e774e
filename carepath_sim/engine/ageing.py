"""Birthdays: people grow a year older, and pass into the next age band."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.clock import BIRTHDAYS, CALENDAR
from carepath_sim.engine.compiling import batch
from carepath_sim.engine.levels import Levels
from carepath_sim.engine.spells import ATTRIBUTE_SET
from carepath_sim.engine.streams import uniform
from carepath_sim.plan.names import AGES, band_years
from carepath_sim.plan.tables import DAY, NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carepath_sim.engine.state import Person

YEAR_DAYS = 365.25


@batch
def draw_birthdays(
    seed: int, replication: int, identity: int, key: int, first: int, luck: np.ndarray
) -> None:
    """Fill the part of a year [0, 1) from the start of the run to the first birthday."""
    for k in range(len(luck)):
        luck[k] = uniform(seed, replication, first + k, key, identity, 0)


class Ageing(Levels):
    """The engine for plans in which people grow older."""

    def populate(self) -> None:
        """Bring the population to life."""
        super().populate()
        if not self.plan.ageing:
            return
        names = self.plan.attribute_index
        self.age, self.age_band = names["age"], names["age_band"]
        bands = self.plan.attributes[self.age_band].values
        years = [band_years(band) for band in bands]
        self.oldest = years[-1][-1]
        self.band_of = [
            next((k for k, ages in enumerate(years) if age in ages), NOBODY)
            for age in range(len(AGES))
        ]
        tested = set(self.plan.hazards.factor_attribute.tolist())
        self.age_counts, self.band_counts = self.age in tested, self.age_band in tested
        self.codes_at_start = self.codes[:, : self.attributes].copy()

    def send_arrivals(self) -> None:
        """Number everybody who will arrive; then everybody has their birthdays."""
        super().send_arrivals()
        if self.plan.ageing:
            self.birthdays = iter(self.all_birthdays())
            self.expect_birthdays()

    def all_birthdays(self) -> Iterable[tuple[int, list[int]]]:
        """Return the days [from instant 0] with the numbers of those whose birthday it is."""
        plan, n = self.plan, self.plan.population
        key = int(self.T.decision_key[plan.birthday * self.causes])
        luck = np.zeros(n)
        identity = plan.sources[0].identity
        draw_birthdays(self.seed, self.replication, identity, key, 0, luck)
        first_day = -(-plan.begin // DAY)
        last_day = -(-plan.end // DAY)
        day, who = [], []
        for year in range(int((last_day - first_day) / YEAR_DAYS) + 1):
            day.append(first_day + ((luck + year) * YEAR_DAYS).astype(np.int64))
            who.append(np.arange(n, dtype=np.int64))
        there = [k for k in range(n, len(self.people)) if hasattr(self.people[k], "place")]
        for t, number in (*((plan.begin - 1, k) for k in there), *self.all_coming):
            for on in self.later_birthdays(number, t, key, first_day, last_day):
                day.append(np.array([on], dtype=np.int64))
                who.append(np.array([number], dtype=np.int64))
        days, people = np.concatenate(day), np.concatenate(who)
        order = np.lexsort((people, days))
        days, people = days[order], people[order]
        found, first = np.unique(days, return_index=True)
        ends = [*first[1:].tolist(), len(days)]
        for on, a, b in zip(found.tolist(), first.tolist(), ends, strict=True):
            yield on, people[a:b].tolist()

    def later_birthdays(
        self, number: int, t: int, key: int, first_day: int, last_day: int
    ) -> Iterable[int]:
        """Return the days of birthdays of somebody who comes later, after they have come.

        Who turns 65 by coming has birthdays whole years after that day.
        """
        person = self.people[number]
        assert person is not None  # noqa: S101 - all who come are there
        years = range(int((last_day - first_day) / YEAR_DAYS) + 1)
        if self.plan.sources[person.source].born:
            found = [t // DAY + int((year + 1) * YEAR_DAYS) for year in years]
        else:
            u = uniform(self.seed, self.replication, person.index, key, person.identity, 0)
            found = [first_day + int((u + year) * YEAR_DAYS) for year in years]
        return [day for day in found if t < day * DAY < self.end]

    def expect_birthdays(self) -> None:
        """Expect the next day on which somebody has a birthday."""
        for day, people in self.birthdays:
            act = partial(self.celebrate, people)
            self.at(day * DAY, CALENDAR, 0, BIRTHDAYS, act)
            return

    def celebrate(self, people: list[int]) -> None:
        """Those whose birthday it is grow a year older, in order of their numbers."""
        self.expect_birthdays()
        for number in people:
            person = self.people[number]
            values = self.codes[number] if person is None else person.values
            age = int(values[self.age])
            if (person is not None and person.end_state) or not 0 <= age < self.oldest:
                continue
            band, before = self.band_of[age + 1], int(values[self.age_band])
            values[self.age] = age + 1
            self.changes.append((self.now, ATTRIBUTE_SET, number, self.age, age + 1))
            moved = band not in {before, NOBODY}
            if moved:
                values[self.age_band] = band
                self.changes.append((self.now, ATTRIBUTE_SET, number, self.age_band, band))
            self.look_again(number)
            if self.age_counts or (moved and self.band_counts):
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
