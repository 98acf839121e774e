"""What is decided by chance and by case: lengths of stay, routes, attributes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine import people as crowd
from carepath_sim.engine.clock import PEOPLE, SETTING
from carepath_sim.engine.errors import NoWayOnError
from carepath_sim.engine.hazards import Hazard
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.spells import ATTRIBUTE_SET
from carepath_sim.engine.streams import uniform
from carepath_sim.plan import tables as tb
from carepath_sim.plan.tables import HOUR, NEVER, NOBODY

if TYPE_CHECKING:
    from carepath_sim.engine.state import Person, Place


class Decisions(Hazard):
    """Draws and choices of people; each has a name, none depends on another."""

    def luck(self, person: Person, decision: int) -> float:
        """Return the uniform of a decision: of this person, this episode, this occurrence."""
        episode = person.episode
        occurrence = episode.counts.get(decision, 0)
        episode.counts[decision] = occurrence + 1
        key = self.T.decision_key[decision * self.causes + episode.cause]
        occasion = (episode.number << 16) + occurrence
        return float(
            uniform(self.seed, self.replication, person.index, key, person.identity, occasion)
        )

    def look(self, person: Person) -> list[int]:
        """Return what conditions can test about a person now."""
        values = person.values
        if self.tests_time:
            hour = self.now // HOUR
            if hour != self.looked_at:
                self.looked_at = hour
                rules.look_at_clock(self.T, self.clock_face, 0, self.now)
            first = self.attributes + tb.TIME_OF_DAY
            values[first : first + 3] = self.clock_face[tb.TIME_OF_DAY : tb.TIME_OF_DAY + 3]
        here = person.place.service
        if here >= self.first_room:
            here = person.place.came_from
        values[self.attributes + tb.FROM] = here
        return values

    def look_back(self, person: Person, place: Place) -> list[int]:
        """Return what the choices of a stay can test: where the person came from, and through what.

        When a place is asked for, `from` is the present place; during the stay, where the person
        was before, with the step that referred them and the stream in which they came.
        """
        values = self.look(person)
        spell = place.spell
        if spell is not None:
            values[self.attributes + tb.FROM] = spell.entered_from
            values[self.attributes + tb.VIA] = spell.via
            values[self.attributes + tb.STREAM] = place.stream
        return values

    def payload(self, person: Person, choice: int) -> int:
        """Return what the first matching case of a choice gives for a person now."""
        if choice == NOBODY:
            return NOBODY
        certain = self.certain[choice]
        if certain is not None:
            return certain
        return int(rules.first_match(self.T, choice, person.values, self.attributes, self.now))

    def pick(self, person: Person, decision: int, branches: int) -> int:
        """Return the target or value that chance picks; what is certain needs no number."""
        T = self.T
        first = T.branch_first[branches]
        if T.branch_first[branches + 1] == first + 1:
            counts = person.episode.counts
            counts[decision] = counts.get(decision, 0) + 1
            return int(T.branch_target[first])
        return int(rules.choose(T, branches, self.luck(person, decision)))

    def length_of(self, person: Person, decision: int, table: int) -> int:
        """Return a length of time [ms] from a table; a fixed one needs no number."""
        fixed = self.fixed_lengths[table]
        if fixed != NOBODY:
            counts = person.episode.counts
            counts[decision] = counts.get(decision, 0) + 1
            return fixed
        return int(rules.duration(self.T, table, self.luck(person, decision)))

    def draw_length(self, person: Person, service: int) -> tuple[int, int]:
        """Return the length of a stay [ms] and the event that ends it; NOBODY: no end."""
        T = self.T
        table = self.payload(person, T.stay[service])
        longest = self.payload(person, T.max_stay[service])
        if longest < NOBODY:
            longest = rules.after_working_time(T, self.now, -2 - longest) - self.now
        if table == NOBODY:
            if longest != NOBODY:
                return longest, tb.EVENT_MAX_STAY
            return 0 if T.in_place[service] else NOBODY, tb.EVENT_NONE
        decision = T.decision_stay[service]
        length = self.length_of(person, decision, table)
        if T.table_working[table]:
            length = rules.after_working_time(T, self.now, length) - self.now
        if self.told is not None:
            told = self.told.duration(person, decision)
            length = length if told is None else told
        if longest != NOBODY and longest < length:
            return longest, tb.EVENT_MAX_STAY
        return length, tb.EVENT_NONE

    def draw_route(self, person: Person, service: int) -> int:
        """Return the target that a service refers a person to."""
        T = self.T
        branches = self.payload(person, T.route[service])
        if branches == NOBODY:
            name = self.plan.services[service].name
            message = f"no case of the route of {name!r} fits a person"
            raise NoWayOnError(message)
        decision = T.decision_route[service]
        target = self.pick(person, decision, branches)
        if self.told is not None:
            ways = T.branch_target[T.branch_first[branches] : T.branch_first[branches + 1]]
            told = self.told.target(person, decision, ways)
            return target if told is None else told
        return target

    def service_meant(self, person: Person, target: int) -> int:
        """Return the service that a target comes to, NOBODY for `back`."""
        T = self.T
        while T.target_kind[target] == tb.TO_ALL_OF:
            target = T.target_then[target]
        if T.target_kind[target] == tb.TO_BACK:
            return NOBODY
        return int(rules.own_service(T, target, person.values))

    def apply_sets(self, person: Person, service: int) -> None:
        """Set the attributes that a service sets."""
        for info in self.plan.sets[service]:
            key = (person.number, info.attribute)
            _, before = self.set_for_a_time.pop(key, (NEVER, person.values[info.attribute]))
            self.change(person, info.attribute, info.code)
            if info.lasts:
                until = self.now + info.lasts
                self.set_for_a_time[key] = until, before
                undo = partial(self.undo, person, info.attribute)
                self.at(until, PEOPLE, person.number, SETTING, undo)

    def undo(self, person: Person, attribute: int) -> None:
        """Take back what was set for a time, unless it was set anew since."""
        key = (person.number, attribute)
        until, before = self.set_for_a_time.get(key, (NEVER, NOBODY))
        if until == self.now and not person.end_state:
            del self.set_for_a_time[key]
            self.change(person, attribute, before)

    def set_when_ready(self, person: Person, place: Place) -> None:
        """Set attributes at the end of a stay whose way on was chosen earlier."""

        def act() -> None:
            if person.place is place:
                self.apply_sets(person, place.service)

        if self.plan.sets[place.service]:
            self.at(place.ready, PEOPLE, person.number, SETTING, act)

    def change(self, person: Person, attribute: int, code: int) -> None:
        """Change an attribute from now on; hazards run on at their new speed."""
        if person.values[attribute] == code:
            return
        self.settle(person)
        person.values[attribute] = code
        self.changes.append((self.now, ATTRIBUTE_SET, person.number, attribute, code))
        if person.speeds is not None:
            person.speeds[:] = self.speeds_of(person)
        self.next_crisis(person)

    def draw_episode(self, person: Person, number: int) -> None:
        """Draw the attributes of an episode anew."""
        values = np.array(person.values, dtype=np.int64)
        known = NOBODY
        if person.given != NOBODY and person.episode.index == 0:
            known = person.given * self.attributes
        crowd.draw_episode(
            self.choices, self.plan.draws, self.plan.givens.codes, known, person.episode.cause,
            self.seed, self.replication, person.index, person.identity, number << 16,
            person.source * self.attributes, self.now, values,
        )  # fmt: skip
        person.values[:] = values.tolist()
