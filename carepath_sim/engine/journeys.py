"""A person's journey: referred on, waiting, staying, referred on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simpy

from carepath_sim.engine.alongside import Alongside
from carepath_sim.engine.clock import DIED, HOME, OWN, PEOPLE, STEP
from carepath_sim.engine.interpreted import rules
from carepath_sim.plan import tables as tb
from carepath_sim.plan.tables import FAR, NEVER, NOBODY

if TYPE_CHECKING:
    from collections.abc import Generator

    from carepath_sim.engine.state import Person, Place

    Journey = Generator[simpy.Event, Any, Any]


class Journeys(Alongside):
    """The way through the services, told from the person's side."""

    def journey(self, person: Person, target: int = NOBODY) -> Journey:
        """One person's way: referred on, staying, referred on, until nothing more is to come."""
        try:
            while True:
                if target != NOBODY:
                    yield from self.onward(person, target)
                target = yield from self.stay(person)
                if target == NOBODY:
                    return
        except simpy.Interrupt:
            return  # a crisis or a death: what was held has been given up already

    def onward(self, person: Person, target: int) -> Journey:
        """From the referral to the next place, through all steps received on the way."""
        T = self.T
        while target != NOBODY:
            kind = T.target_kind[target]
            if kind == tb.TO_ALL_OF:
                yield from self.all_of(person, target)
                target = T.target_then[target]
                continue
            if kind == tb.TO_BACK:
                target = yield from self.go_back(person)
                continue
            service = rules.own_service(T, target, person.values)
            if self.gone:
                service = self.in_use(person, service)
            if T.in_place[service]:
                target = yield from self.receive(person, service, slot=0)
            elif self.is_way_out(person, service):
                target = yield from self.leave_for_good(person, service)
            elif T.kind[service] == tb.EXIT:
                target = yield from self.go_back(person)
                person.episode.exit = service
            elif service == HOME and self.rests(person):
                target = NOBODY
            else:
                target = yield from self.move_to(person, service)

    def stay(self, person: Person) -> Journey:
        """Stay until the way on is decided; return the target, or NOBODY at a resting place."""
        place = person.place
        asked_already = place.decided and not place.interrupted
        if place.interrupted:
            place.interrupted = False
            if self.takes[place.service]:
                self.expect_alongside(person, place)
        if place.decides_at == FAR or person.end_state:
            self.end_episode(person)
            return NOBODY
        if self.T.residence[place.service]:
            self.end_episode(person)
            if asked_already:
                return NOBODY  # gave up waiting at home, and stays there
        elif asked_already:
            return self.plan.back  # gave up waiting where nobody stays
        yield self.until(max(self.now, place.decides_at), PEOPLE, person.number, OWN)
        return self.decide(person, place)

    def decide(self, person: Person, place: Place) -> int:
        """Choose the way on from a stay."""
        place.decided = True
        if place.ready <= self.now:
            self.apply_sets(person, place.service)
        else:
            self.set_when_ready(person, place)
        target = place.target
        if target == NOBODY:
            values = self.look_back(person, place)
            values[self.attributes + tb.EVENT] = place.event
            target = self.draw_route(person, place.service)
        person.values[self.attributes + tb.VIA] = NOBODY
        return target

    def receive(self, person: Person, service: int, slot: int, *, several: bool = False) -> Journey:
        """Receive a step in place; return the target to which it refers on.

        Of several steps, one whose wait ends is done when what stands in for it is done.
        """
        T = self.T
        request = self.ask(person, service, slot)
        request.several = several
        diverted_to = yield from self.answer_to(request)
        while several and not request.booked:
            service = self.stands_in(person, diverted_to)
            if service == NOBODY:
                return NOBODY
            request = self.ask(person, service, slot)
            request.several = True
            diverted_to = yield from self.answer_to(request)
        if not request.booked:
            return diverted_to
        spell = request.spell
        if spell.started == NEVER:  # no pool to wait for, but hours
            opens = rules.next_open(T, T.admits[service], self.now)
            yield self.until(opens, PEOPLE, person.number, STEP + slot)
            self.begin_step(person, request)
        values = self.look(person)
        values[self.attributes + tb.STREAM] = request.stream
        target = NOBODY
        if T.route_at_start[service]:
            values[self.attributes + tb.EVENT] = tb.EVENT_NONE
            target = self.draw_route(person, service)
            values[self.attributes + tb.TO] = self.service_meant(person, target)
        length, event = self.draw_length(person, service)
        values[self.attributes + tb.TO] = NOBODY
        yield self.until(spell.started + length, PEOPLE, person.number, STEP + slot)
        self.finish_step(person, slot)
        round_at = rules.next_open(T, T.decides[service], self.now)
        if round_at > self.now:
            yield self.until(round_at, PEOPLE, person.number, STEP + slot)
        self.apply_sets(person, service)
        if target != NOBODY or T.route[service] == NOBODY:
            return target  # without a route it is one of several steps, which say where they lead
        values = self.look(person)
        values[self.attributes + tb.EVENT] = event
        return self.draw_route(person, service)

    def all_of(self, person: Person, target: int) -> Journey:
        """Receive several steps at the same time; go on when the last is done."""
        first = self.T.target_a[target]
        wanted = self.T.steps[first : first + self.T.target_b[target]]
        finished = self.env.event()
        under_way = set(range(len(wanted)))

        def one(slot: int, service: int) -> Journey:
            try:
                yield from self.receive(person, service, slot, several=True)
            except simpy.Interrupt:
                return
            under_way.discard(slot)
            if not under_way:
                finished.succeed()

        for slot, step in enumerate(wanted):
            service = self.in_use(person, rules.own_service(self.T, step, person.values))
            person.processes.append(self.env.process(one(slot, service)))
        yield finished

    def move_to(self, person: Person, service: int) -> Journey:
        """Ask for a place and wait for it in the present place; NOBODY once there."""
        request = self.ask(person, service, slot=0)
        return (yield from self.answer_to(request))

    def go_back(self, person: Person) -> Journey:
        """Return to the place that was kept, else to the residence."""
        if self.rests(person):
            return NOBODY
        if not person.lives_here:
            return (yield from self.leave_for_good(person, HOME))
        if person.kept:
            yield from self.free_to_leave(person)
            departed, takes = self.now, self.way_back(person)
            if takes:
                yield self.until(departed + takes, PEOPLE, person.number, OWN)
            if person.kept:
                self.return_to_kept(person, departed)
                return NOBODY
        return (yield from self.move_to(person, self.in_use(person, person.residence)))

    def way_back(self, person: Person) -> int:
        """Return how long the way to the place that was kept takes [ms]."""
        if not person.kept:
            return 0
        transfer = self.T.transfer[self.next_kept(person)[0].service]
        self.look(person)
        return 0 if transfer == NOBODY else max(0, self.payload(person, transfer))

    def leave_for_good(self, person: Person, service: int) -> Journey:
        """Die, or leave the model, once the stay is over."""
        place = person.place
        if service == DIED:  # death waits for no hours
            if place.ready > self.now and not place.interrupted:
                yield self.until(place.ready, PEOPLE, person.number, OWN)
        else:
            yield from self.free_to_leave(person)
        self.depart(person, service)
        return NOBODY

    def free_to_leave(self, person: Person) -> Journey:
        """Wait for the hours in which the present place lets people go."""
        over = self.over(person.place)
        if over > self.now:
            yield self.until(over, PEOPLE, person.number, OWN)

    def is_way_out(self, person: Person, service: int) -> bool:
        """Tell whether going there ends the person's time in the model."""
        if person.lives_here:
            return service == DIED
        return service in {DIED, HOME} or self.T.kind[service] == tb.EXIT

    def rests(self, person: Person) -> bool:
        """Tell whether a person already is where they stay when an episode ends."""
        place = person.place
        if place.service == HOME:
            return person.residence == HOME
        keeps = self.T.residence[place.service] or self.T.keeps_place[place.service] > 0
        return bool(place.interrupted and keeps)
