"""Lines for pools: joining, admission, circles, patience."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from carepath_sim.engine.circles import find_circle
from carepath_sim.engine.clock import (
    ADMISSION,
    BOOKABLE,
    CALENDAR,
    CIRCLE,
    DIVERSION,
    OPENING,
    OUTSIDE,
    OVER,
    PATIENCE,
    PEOPLE,
    STEP,
)
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.spells import CIRCLE as IN_CIRCLE
from carepath_sim.engine.spells import NEVER, WAITED, Outcome
from carepath_sim.engine.surging import Surging
from carepath_sim.plan.tables import NOBODY

if TYPE_CHECKING:
    from carepath_sim.engine.pools import Pool
    from carepath_sim.engine.state import Person, Place, Request


class Queues(Surging):
    """Who waits for which pool, and who is admitted next."""

    def join(self, request: Request) -> None:
        """Stand in line, from the instant at which the place could be booked."""
        T, now, person = self.T, self.now, request.person
        service = request.service
        priority = self.payload(person, T.priority[service])
        joined = person.turns.pop(service, now)
        request.key = (0 if priority == NOBODY else priority, joined, person.number, request.slot)
        for pool in request.pools:
            self.pools[pool].keep_account(now)
            self.pools[pool].joined += 1
            self.pools[pool].waiting += 1
        over = now if request.in_place else self.over(person.place)
        self.be_patient(request)
        bookable = over - T.hold_up_to[service]
        if bookable <= now:
            self.stand_in_line(request)
        else:
            self.at(bookable, PEOPLE, person.number, BOOKABLE, partial(self.stand_in_line, request))
        if not request.in_place and person.place.pool != NOBODY:
            if over <= now:
                self.block(request)
            else:
                self.at(over, PEOPLE, person.number, OVER, partial(self.block, request))
        if T.room_outside[service] != NOBODY:
            self.seek_room(request, over)
        if self.surging:
            self.expect_waiting(request, over)

    def stand_in_line(self, request: Request) -> None:
        """Enter the lanes of the pools asked for."""
        if request.waiting:
            request.in_lanes = True
            for pool in request.pools:
                self.pools[pool].join(request)
                self.mark(pool)

    def be_patient(self, request: Request) -> None:
        """Set the timer at whose end the person is diverted or gives up."""
        T, person = self.T, request.person
        patience = self.payload(person, T.max_wait[request.service])
        if patience == NOBODY:
            return
        decision = T.decision_wait[request.service]
        after = self.length_of(person, decision, T.patience_table[patience])
        if T.table_working[T.patience_table[patience]]:
            needed = request.spell.needed
            after = rules.after_working_time(T, needed, after) - needed
        if self.told is not None:
            after = self.told.patience(person, decision, after)
        request.patience = patience
        request.due = max(self.now, request.spell.needed + after)
        self.at(
            request.due,
            PATIENCE,
            person.number,
            STEP + request.slot,
            partial(self.lose_patience, request),
        )

    def leave_line(self, request: Request) -> None:
        """Leave all lines; what was being waited for is nobody's any more."""
        if not request.waiting:
            return
        request.waiting = False
        now = self.now
        for pool in request.pools:
            self.pools[pool].keep_account(now)
            self.pools[pool].waiting -= 1
            if request.in_lanes:
                self.pools[pool].leave(request)
            self.mark(pool)
        if request.counted:
            self.stop_counting(request)
        if request.blocked:
            self.unblock(request)
        if request.calling:
            self.stop_calling(request)

    def unblock(self, request: Request) -> None:
        """The person blocks their place no longer."""
        request.blocked = False
        del self.blocked[id(request)]
        base = request.person.place.pool
        for pool in request.pools:
            self.waits_between[base, pool] -= 1

    def mark(self, pool: int) -> None:
        """Note that somebody in line might be admitted to a pool; who joins later marks it anew."""
        if not self.pools[pool].in_line:
            return
        self.dirty.add(pool)
        if not self.admission_due:
            self.admission_due = True
            self.at(self.now, ADMISSION, 0, 0, self.admit)

    def admit(self) -> None:
        """Admit whoever fits, pool by pool, until nobody is left: one event for all pools."""
        while self.dirty:
            pool = min(self.dirty)
            self.dirty.remove(pool)
            while (request := self.pools[pool].first(self.is_open)) is not None:
                self.grant(request, self.first_written(request, pool))
        self.admission_due = False  # what was marked meanwhile has been looked at

    def first_written(self, request: Request, pool: int) -> int:
        """Return the first pool in written order that would admit this request now."""
        for other in request.pools:
            if other == pool or self.pools[other].first(self.is_open) is request:
                return other
        return pool

    def is_open(self, service: int) -> bool:
        """Tell whether a service admits now."""
        calendar = self.T.admits[service]
        return bool(calendar < 0 or rules.next_open(self.T, calendar, self.now) == self.now)

    def block(self, request: Request) -> None:
        """The stay is over and the next place is not there: the present place is blocked."""
        if not request.waiting or request.blocked:
            return
        request.blocked = True
        self.blocked[id(request)] = request
        base = request.person.place.pool
        for pool in request.pools:
            self.waits_between[base, pool] = self.waits_between.get((base, pool), 0) + 1
        self.look_for_circles()

    def look_for_circles(self) -> None:
        """Note that a circle may have come about."""
        if not self.looking:
            self.looking = True
            self.at(self.now, CIRCLE, 0, 0, self.resolve_circle)

    def resolve_circle(self) -> None:
        """Move a circle of people who wait for each other's places, all at once."""
        self.looking = False
        if not self.circle_is_possible():
            return
        path = find_circle(self.giving_up(), self.pools, self.is_open)
        if not path:
            return
        onto = [path[(k + 1) % len(path)].person.place.pool for k in range(len(path))]
        for request in path:
            self.leave_line(request)
        for request, pool in zip(path, onto, strict=True):
            self.grant(request, pool, IN_CIRCLE)
        self.look_for_circles()

    def giving_up(self) -> list[Request]:
        """Return the requests of the blocked whose place becomes free when they leave it."""
        blocked = self.blocked.values()
        return [r for r in blocked if not self.is_kept(r.person.place, r.service)]

    def is_kept(self, old: Place, to: int) -> bool:
        """Tell whether a place that is left now is kept for a person in a crisis."""
        raise NotImplementedError

    def circle_is_possible(self) -> bool:
        """Tell whether pools wait for each other at all: peel those that nobody waits for."""
        edges = {edge for edge, count in self.waits_between.items() if count > 0}
        while edges:
            onward = {a for a, _ in edges}
            left = {(a, b) for a, b in edges if b in onward}
            if left == edges:
                return True
            edges = left
        return False

    def lose_patience(self, request: Request) -> None:
        """Put a person on the list of those who are diverted together at this instant."""
        if request.waiting and request.due == self.now:
            if not self.impatient:
                self.at(self.now, DIVERSION, 0, 0, self.divert)
            self.impatient.append(request)

    def divert(self) -> None:
        """Let everybody whose patience ran out leave the line; then they ask elsewhere."""
        T = self.T
        leaving = sorted(self.impatient, key=lambda r: (r.person.number, r.slot))
        self.impatient = []
        for request in leaving:
            to = T.patience_to[request.patience]
            self.close_request(request, Outcome.GAVE_UP if to == NOBODY else Outcome.DIVERTED)
            request.spell.cause = T.patience_cause[request.patience]
            for pool in request.pools:
                self.pools[pool].gave_up += 1
        for request in leaving:
            self.send_on(request, T.patience_to[request.patience])

    def send_on(self, request: Request, to: int) -> None:
        """Send on somebody who has left a line, or let them go who came from outside."""
        person = request.person
        outside = person.place.service == OUTSIDE and not person.lives_here
        if to == NOBODY and outside and not request.several:
            self.depart(person, OUTSIDE)
        self.tell(request, to)

    @staticmethod
    def tell(request: Request, diverted_to: int = NOBODY) -> None:
        """Tell a person that the wait is over, and where they are diverted to, if they are."""
        request.answered = True
        request.diverted_to = diverted_to
        if request.answer is not None:
            request.answer.succeed()

    def close_request(self, request: Request, outcome: Outcome) -> None:
        """End a request that came to nothing."""
        self.leave_line(request)
        request.booked = False
        spell = request.spell
        spell.left = self.now
        spell.outcome = int(outcome)
        person = request.person
        if person.requests.get(request.slot) is request:
            del person.requests[request.slot]

    def withdraw(self, request: Request) -> None:
        """End a request because a crisis or a death came between."""
        if request.spell.started != NEVER:
            return
        service = request.service
        if request.booked and request.spell.pool != NOBODY:
            pool = self.pools[request.spell.pool]
            pool.give_back(pool.local(request.stream), request.units, self.now)
            self.mark(request.spell.pool)
        elif self.T.keeps_turn[service] and request.waiting:
            request.person.turns[service] = request.key[1]
        self.close_request(request, Outcome.WITHDRAWN)
        request.spell.cause = request.person.episode.cause

    def expect_opening(self, service: int, after: int) -> None:
        """Expect the next opening of a service."""
        calendar = self.T.admits[service]
        t = rules.next_open(self.T, calendar, after)
        if t == after:  # open now: look for the opening behind the next closing
            t = rules.next_opening_behind(self.T, calendar, after)
        self.at(t, CALENDAR, service, OPENING, partial(self.open_service, service))

    def open_service(self, service: int) -> None:
        """A service opens: its queue is served."""
        for pool in self.T.pools[self.T.pool_first[service] : self.T.pool_first[service + 1]]:
            self.mark(pool)
        self.look_for_circles()
        self.expect_opening(service, self.now)

    def change_capacity(self, pool: Pool, step: int) -> None:
        """The capacity of a pool changes; nobody is put out."""
        pool.change_capacity(step)
        if self.surging:
            self.note_capacity(pool)
        self.mark(pool.index)

    def seek_room(self, request: Request, over: int) -> None:
        """Look for room to wait in, from the instant at which the present stay is over."""
        raise NotImplementedError

    def stop_calling(self, request: Request) -> None:
        """A caller waits no longer."""
        raise NotImplementedError

    def grant(self, request: Request, pool: int, how: int = WAITED) -> None:
        """Give a person a place of a pool."""
        raise NotImplementedError

    def depart(self, person: Person, to: int) -> None:
        """Close the life of a person in the model."""
        raise NotImplementedError
