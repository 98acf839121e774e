"""Waiting rooms: who may leave their place to wait, and who is turned away."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from carepath_sim.engine.clock import DIVERSION, OVER, PEOPLE, TURNING
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.spells import How, Outcome
from carepath_sim.engine.state import Place
from carepath_sim.engine.tapering import Tapering
from carepath_sim.plan import tables as tb
from carepath_sim.plan.tables import NOBODY

if TYPE_CHECKING:
    from carepath_sim.engine.pools import Order
    from carepath_sim.engine.state import Person, Request
    from carepath_sim.engine.told import Told
    from carepath_sim.plan import Plan

INSIDE, OUTSIDE_IT = 0, 1
"""Sides of a waiting room: people who came from a place, and everybody else."""


class Rooms(Tapering):
    """The waiting rooms of services; settled at the very end of an instant."""

    def __init__(self, plan: Plan, seed: int, replication: int, told: Told | None = None) -> None:
        super().__init__(plan, seed, replication, told)
        self.rooms_due = False
        # By service: those inside who wait for room, and how many are there from each side.
        self.seekers: dict[int, list[Request]] = {}
        self.newcomers: list[Request] = []
        self.in_room = [[0, 0] for _ in plan.services]

    def seek_room(self, request: Request, over: int) -> None:
        """Look for room to wait in, from the instant at which the present stay is over."""
        if over <= self.now:
            self.stand_before(request)
        else:
            number = request.person.number
            self.at(over, PEOPLE, number, OVER, partial(self.stand_before, request))

    def stand_before(self, request: Request) -> None:
        """The stay is over, and somebody would go to the waiting room."""
        if not request.waiting:
            return
        place = request.person.place
        T, service = self.T, place.service
        if not rules.comes_from_inside(T.kind[service], T.residence[service], place.pool):
            self.newcomers.append(request)
        elif request.in_place or T.room_inside[request.service] == 0:
            return
        else:
            self.seekers.setdefault(request.service, []).append(request)
        self.look_at_rooms()

    def look_at_rooms(self) -> None:
        """Note that somebody may enter a waiting room, or be turned away."""
        if not self.rooms_due:
            self.rooms_due = True
            self.at(self.now, DIVERSION, 0, TURNING, self.settle_rooms)

    def settle_rooms(self) -> None:
        """Let people into waiting rooms; when nothing more moves, turn away who finds no room."""
        self.rooms_due = False
        for service in sorted(self.seekers):
            self.let_in(service)
        if not self.somebody_moves():
            self.let_newcomers_in()
            if not self.somebody_moves():
                turned_away, self.newcomers = self.newcomers, []
                self.turn_away(turned_away)

    def somebody_moves(self) -> bool:
        """Tell whether somebody may move yet at this instant; then rooms are settled again."""
        moves = self.admission_due or self.looking or self.rooms_due
        if moves:
            self.look_at_rooms()
        return moves

    def let_newcomers_in(self) -> None:
        """Let those in who are new at this instant, in the order of their lines."""
        left_over: list[Request] = []
        for request in sorted((r for r in self.newcomers if r.waiting), key=self.rank):
            service = request.service
            if self.in_room[service][OUTSIDE_IT] >= self.T.room_outside[service]:
                left_over.append(request)
            elif request.in_place:
                request.calling = True
                self.in_room[service][OUTSIDE_IT] += 1
            else:
                self.enter_room(request, OUTSIDE_IT)
        self.newcomers = left_over

    def let_in(self, service: int) -> None:
        """Let those who block their places into a waiting room, in the order of the line."""
        waiting = [r for r in self.seekers.pop(service) if r.waiting]
        waiting.sort(key=self.rank)
        free = self.T.room_inside[service] - self.in_room[service][INSIDE]
        for request in waiting[: max(0, free)]:
            self.enter_room(request, INSIDE)
        if waiting[max(0, free) :]:
            self.seekers[service] = waiting[max(0, free) :]

    def rank(self, request: Request) -> Order:
        """Return the place of a request in its line, that of the first pool it asks for."""
        return self.pools[request.pools[0]].order(request)

    def enter_room(self, request: Request, side: int) -> None:
        """Leave the present place and wait in the room, at the same instant."""
        person, now = request.person, self.now
        old, via = person.place, person.values[self.attributes + tb.VIA]
        if request.blocked:
            self.unblock(request)
        host = old.spell.visit if old.spell is not None else NOBODY
        spell = self.new_spell(person, self.T.room[request.service], host, NOBODY)
        # The room comes before the place that is waited for, also in the numbers of visits.
        spell.visit, request.spell.visit = request.spell.visit, spell.visit
        spell.granted = now
        spell.waited_at = self.where(old)
        spell.how = int(How.ROOM)
        place = Place(spell.service, spell)
        place.came_from, place.side = self.where(old), side
        place.decided, place.decides_at = True, now
        self.in_room[request.service][side] += 1
        self.move(person, place)
        person.values[self.attributes + tb.VIA] = via

    def leave_room(self, place: Place) -> None:
        """Make room in a waiting room."""
        service = self.plan.services[place.service].room_of
        self.in_room[service][place.side] -= 1
        if service in self.seekers:
            self.look_at_rooms()

    def stop_calling(self, request: Request) -> None:
        """A caller waits no longer."""
        request.calling = False
        self.in_room[request.service][OUTSIDE_IT] -= 1

    def turn_away(self, requests: list[Request]) -> None:
        """Turn people away from full waiting rooms, all at once; then they ask elsewhere."""
        T = self.T
        requests.sort(key=lambda r: (r.person.number, r.slot))
        for request in requests:
            self.close_request(request, Outcome.TURNED_AWAY)
            request.spell.cause = T.room_cause[request.service]
            for pool in request.pools:
                self.pools[pool].gave_up += 1
        for request in requests:
            self.send_on(request, T.room_to[request.service])

    def move(self, person: Person, place: Place) -> None:
        """Leave the present place and start a stay at the next one."""
        raise NotImplementedError
