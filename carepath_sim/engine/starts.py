"""How a run starts: who is where, with what is left of their stays, and who waits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.clock import HOME, OUTSIDE, PEOPLE, START
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.journeys import Journeys
from carepath_sim.engine.present import Present
from carepath_sim.engine.rules_starts import whole_given
from carepath_sim.engine.spells import How
from carepath_sim.engine.state import Person, Place, Taper
from carepath_sim.plan import tables as tb
from carepath_sim.plan.starts import CONDITIONAL, FRESH, GIVEN, LENGTH_BIASED
from carepath_sim.plan.tables import NEVER, NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.engine.present import Somebody
    from carepath_sim.plan.starts import StartInfo


class Starts(Journeys):
    """The starting state of one replication."""

    codes: np.ndarray
    later_codes: list[np.ndarray]
    first_due: np.ndarray
    first_which: np.ndarray
    first_crises: Iterator[tuple[int, int, int]]

    def start_places(self) -> None:
        """Put people where they are at the start; then expect first crises."""
        plan = self.plan
        present = Present(plan, self.seed, self.replication, self.codes)
        for start in plan.starts:
            for person in self.members(start, present):
                self.begin_episode(person, START, planned=True)
                so_far = self.drawn_time(person, start.so_far, start.draws_so_far, NEVER)
                if start.target == NOBODY:
                    self.stay_at_start(person, start.service, start.remaining, start.law, so_far)
                else:
                    waited = self.drawn_time(person, start.since, start.draws_since, 0)
                    self.wait_at_start(person, start.service, NEVER, start.target, waited)
        for row, somebody in enumerate(present.of_census()):
            person = self.come(somebody)
            self.begin_episode(person, START, planned=True)
            census = plan.census
            service, so_far = int(census.service[row]), int(census.so_far[row])
            if census.target[row] != NOBODY:
                target, waited = int(census.target[row]), int(census.waited[row])
                self.wait_at_start(person, service, so_far, target, waited)
            elif service == HOME:
                self.next_crisis(person)
            else:
                how = LENGTH_BIASED if so_far == NEVER else CONDITIONAL
                self.stay_at_start(person, service, how, NOBODY, so_far)
        self.expect_crises(present.placed)

    def expect_crises(self, placed: np.ndarray) -> None:
        """Expect the first crises of everybody who is at home."""
        ahead = np.flatnonzero(~placed & (self.first_due < self.end))
        kind = np.array(self.hazard_kinds, dtype=np.int64)[self.first_which[ahead]]
        order = np.lexsort((kind, ahead, self.first_due[ahead]))
        rows = (ahead[order], self.first_due[ahead][order], self.first_which[ahead][order])
        self.first_crises = zip(*(column.tolist() for column in rows), strict=True)
        self.expect_first()

    def expect_first(self) -> None:
        """Expect the next of the first crises; one at a time keeps the agenda short."""
        for number, due, which in self.first_crises:
            if number in self.expected_anew:
                continue
            person = self.person(number)
            person.due, person.which = due, which
            kind = self.hazard_kinds[which]
            self.at(due, PEOPLE, number, kind, partial(self.first_crisis, person, due))
            return

    def first_crisis(self, person: Person, due: int) -> None:
        """The first hazard fires for somebody."""
        self.expect_first()
        self.crisis(person, due)

    # --- who -----------------------------------------------------------------------------------

    def members(self, start: StartInfo, present: Present) -> list[Person]:
        """Return the people of a group, of the population or of a source of their own."""
        if start.source:
            return [self.come(somebody) for somebody in present.of_their_own(start)]
        return [self.person(number) for number in present.of_population(start)]

    def come(self, somebody: Somebody) -> Person:
        """Make somebody who is there at the start and not of the population."""
        info, codes = self.plan.sources[somebody.source], somebody.codes
        number = len(self.people)
        person = Person(number, somebody.source, info.identity, somebody.index, codes.tolist())
        person.place = Place(HOME, None)
        person.since = self.plan.begin
        person.lives_here = info.lives_on
        person.given = somebody.given
        self.people.append(person)
        self.later_codes.append(codes[: self.attributes].copy())
        self.give_hazards(person)
        return person

    def drawn_time(self, person: Person, table: int, decision: int, otherwise: int) -> int:
        """Return a length of time [ms] that is known of somebody's past."""
        return otherwise if table == NOBODY else self.length_of(person, decision, table)

    # --- where -----------------------------------------------------------------------------------

    def put(self, person: Person, service: int, since: int) -> Place:
        """Put somebody at a service, where they have been since an instant [ms]."""
        T = self.T
        spell = self.new_spell(person, service, NOBODY, NOBODY)
        spell.requested = spell.needed = spell.granted = spell.started = since
        spell.how = int(How.START)
        spell.waited_at = spell.entered_from = HOME
        place = Place(service, spell)
        values = self.look(person)
        pools = T.pools[T.pool_first[service] : T.pool_first[service + 1]]
        place.stream = spell.stream = self.payload(person, T.stream[service])
        values[self.attributes + tb.STREAM] = place.stream
        if self.tapering:
            spell.taper = self.payload(person, self.V.choice[service])
        if pools:
            units = self.payload(person, T.units[service])
            place.units = spell.units = 1 if units == NOBODY else units
            room = (k for k in pools if self.pools[k].fits(place.stream, place.units))
            place.pool = spell.pool = next(room, pools[0])  # over-full starts are allowed
            place.local = self.pools[place.pool].local(place.stream)
            self.pools[place.pool].take(place.local, place.units, self.now)
        person.place = place
        if T.residence[service]:
            person.residence = service
        return place

    def stay_at_start(
        self, person: Person, service: int, remaining: int, law: int, so_far: int
    ) -> None:
        """Let somebody be at a service, with what remains of the stay."""
        T, now = self.T, self.now
        place = self.put(person, service, now if so_far == NEVER else now - so_far)
        values = self.look_back(person, place)
        if T.route_at_start[service]:
            place.target = self.draw_route(person, service)
            values[self.attributes + tb.TO] = self.service_meant(person, place.target)
        table = self.payload(person, T.stay[service])
        if table != NOBODY:
            left = self.left_of_stay(person, place, table, remaining, law, so_far)
            self.run_clock(person, place, now + left)
        self.taper_at_start(person, place)
        values[self.attributes + tb.TO] = values[self.attributes + tb.VIA] = NOBODY
        self.next_crisis(person)
        person.processes.append(self.env.process(self.journey(person)))
        if self.takes[service]:
            self.expect_alongside(person, place)

    def taper_at_start(self, person: Person, place: Place) -> None:
        """Let a taper be where it is by now; it began with the stay."""
        spell = place.spell
        if not self.tapering or spell is None or spell.taper == NOBODY:
            return
        number, since = spell.taper, spell.started
        taper = Taper(number, since)
        taper.step = rules.step_at(self.V, number, since, place.ready, self.now)
        units = self.V.units[self.V.first[number] + taper.step]
        if place.pool != NOBODY and units < place.units:
            self.pools[place.pool].give_back(place.local, place.units - units, self.now)
            place.units = units
        self.go_on_tapering(person, place, taper)

    def left_of_stay(
        self, person: Person, place: Place, table: int, remaining: int, law: int, so_far: int
    ) -> int:
        """Return what is left of a stay [ms]."""
        T, service = self.T, place.service
        decision = T.decision_stay[service]
        u = self.luck(person, decision)
        if self.told is not None and remaining == FRESH:
            told = self.told.duration(person, decision)
            if told is not None:
                return told
        if remaining != CONDITIONAL:
            if remaining != GIVEN:
                law = self.plan.residual[table] if remaining == LENGTH_BIASED else table
            left = int(rules.duration(T, law, u))
            if T.table_working[law]:
                left = int(rules.after_working_time(T, self.now, left)) - self.now
            return left
        if T.table_working[table]:  # five of seven days so far were working days
            so_far_working = so_far * 5 // 7
            left = self.whole(table, so_far_working, u) - so_far_working
            stay = so_far + int(rules.after_working_time(T, self.now, left)) - self.now
        else:
            stay = self.whole(table, so_far, u)
        longest = self.payload(person, T.max_stay[service])
        if longest not in (NOBODY, stay) and longest < stay:
            place.event, stay = tb.EVENT_MAX_STAY, max(longest, so_far)
        return stay - so_far

    def whole(self, table: int, so_far: int, u: float) -> int:
        """Return a whole stay [ms], given that it has lasted so long."""
        T, columns = self.T, self.plan.tables
        first, last = T.table_first[table], T.table_first[table + 1]
        return int(whole_given(columns.table_u, columns.table_v, first, last, so_far, u) + 0.5)

    def wait_at_start(
        self, person: Person, service: int, so_far: int, target: int, waited: int
    ) -> None:
        """Let somebody wait where they are, their stay being over since they began to wait."""
        now = self.now
        since = now - waited
        if service == OUTSIDE:
            person.place = Place(OUTSIDE, None)
        elif service != HOME:
            place = self.put(
                person, service, since if so_far == NEVER else min(since, now - so_far)
            )
            self.run_clock(person, place, since)
            self.taper_at_start(person, place)
            place.decided = True
            self.apply_sets(person, service)
        self.asked_since[person.number] = since
        self.next_crisis(person)
        person.processes.append(self.env.process(self.journey(person, target)))

    # --- from the layer above -----------------------------------------------------------------

    def person(self, number: int) -> Person:
        """Return a person of the population."""
        raise NotImplementedError

    def give_hazards(self, person: Person) -> None:
        """Give somebody who lives here the hazards of everybody."""
        raise NotImplementedError
