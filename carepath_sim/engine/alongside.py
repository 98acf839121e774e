"""What is received alongside a stay: asked for at its start, ended with it at the latest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simpy

from carepath_sim.engine.clock import ALONGSIDE, PEOPLE, STEP
from carepath_sim.engine.dated import Dated
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.spells import MOVED
from carepath_sim.plan import tables as tb
from carepath_sim.plan.tables import NEVER, NOBODY

if TYPE_CHECKING:
    from collections.abc import Generator

    from carepath_sim.engine.state import Person, Place, Request

    Journey = Generator[simpy.Event, Any, Any]


class Alongside(Dated):
    """Services in place beside a stay; they never delay it, and never lead anywhere."""

    def ask_alongside(self, person: Person, place: Place) -> None:
        """Ask for what is received alongside a stay, in written order."""
        if person.place is not place or place.interrupted or person.end_state:
            return
        T, service = self.T, place.service
        values = self.look_back(person, place)
        first = T.along_first[service]
        wanted = [
            (
                ALONGSIDE + k - first,
                self.in_use(person, rules.own_service(T, T.along_target[k], values)),
            )
            for k in range(first, T.along_first[service + 1])
            if T.along_who[k] == NOBODY or self.payload(person, T.along_who[k]) != NOBODY
        ]
        for slot, wished in wanted:
            if slot not in person.requests and slot not in person.steps:
                request = self.ask_beside(person, wished, slot)
                process = self.env.process(self.beside(person, request))
                person.beside.append(process)

    def ask_beside(self, person: Person, service: int, slot: int) -> Request:
        """Ask for one of them, as if nothing had been asked for before."""
        values, behind = person.values, self.attributes
        via, stream = values[behind + tb.VIA], values[behind + tb.STREAM]
        values[behind + tb.VIA] = NOBODY
        request = self.ask(person, service, slot)
        request.several = True
        values[behind + tb.VIA], values[behind + tb.STREAM] = via, stream
        return request

    def beside(self, person: Person, request: Request) -> Journey:
        """Wait for a service, and receive it as long as it lasts."""
        try:
            yield from self.attend(person, request)
        except simpy.Interrupt:
            return  # the stay is left: what was held has been given up already

    def attend(self, person: Person, request: Request) -> Journey:
        """Receive a service alongside; without a length of its own it ends with the stay."""
        T, slot = self.T, request.slot
        diverted_to = yield from self.answer_to(request)
        while not request.booked:
            service = self.stands_in(person, diverted_to)
            if service == NOBODY:
                return
            request = self.ask_beside(person, service, slot)
            diverted_to = yield from self.answer_to(request)
        spell, service = request.spell, request.service
        if spell.started == NEVER:  # no pool to wait for, but hours
            opens = rules.next_open(T, T.admits[service], self.now)
            yield self.until(opens, PEOPLE, person.number, STEP + slot)
            self.begin_step(person, request)
        if T.stay[service] == NOBODY and T.max_stay[service] == NOBODY:
            return
        values, behind = self.look(person), self.attributes
        via, stream = values[behind + tb.VIA], values[behind + tb.STREAM]
        values[behind + tb.VIA], values[behind + tb.STREAM] = NOBODY, request.stream
        length, _ = self.draw_length(person, service)
        values[behind + tb.VIA], values[behind + tb.STREAM] = via, stream
        yield self.until(spell.started + length, PEOPLE, person.number, STEP + slot)
        via = values[behind + tb.VIA]
        self.finish_step(person, slot)
        values[behind + tb.VIA] = via  # nobody comes on by way of it
        self.apply_sets(person, service)

    def stands_in(self, person: Person, target: int) -> int:
        """Return the step that stands in for one whose wait has ended, NOBODY where none does."""
        T = self.T
        if target == NOBODY or T.target_kind[target] > tb.TO_OWN:
            return NOBODY
        service = self.in_use(person, int(rules.own_service(T, target, person.values)))
        return service if T.in_place[service] else NOBODY

    def answer_to(self, request: Request) -> Journey:
        """Wait for the answer to a request; return the target to which it was diverted."""
        if not request.answered:
            request.answer = self.env.event()
            yield request.answer
        return request.diverted_to

    def end_alongside(self, person: Person) -> None:
        """End what is received alongside a stay that is left; withdraw what is still awaited."""
        for slot in sorted(slot for slot in person.requests if slot >= ALONGSIDE):
            request = person.requests[slot]
            self.withdraw(request)
            request.spell.cause = NOBODY
        for slot in sorted(slot for slot in person.steps if slot >= ALONGSIDE):
            step = person.steps.pop(slot)
            step.spell.left = self.now
            step.spell.outcome = MOVED
            self.release_step(step)
        self.stop_beside(person)
