"""Asking for places, getting them, moving, and keeping them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from carepath_sim.engine.clock import ALONGSIDE, HOME, KEPT, OWN, PEOPLE, STEP
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.rooms import Rooms
from carepath_sim.engine.spells import (
    AT_ONCE,
    CIRCLE,
    MOVED,
    NEVER,
    STILL_THERE,
    WAITED,
    WITHIN_POOL,
    How,
    Outcome,
)
from carepath_sim.engine.state import Place, Request, Step
from carepath_sim.plan import tables as tb
from carepath_sim.plan.tables import NOBODY

if TYPE_CHECKING:
    from carepath_sim.engine.spells import Spell
    from carepath_sim.engine.state import Person


class Places(Rooms):
    """Present places, booked places, kept places and in-place steps."""

    def ask(self, person: Person, service: int, slot: int) -> Request:
        """Ask for a place; what can be granted at once is granted at once."""
        T, now = self.T, self.now
        self.count_event(person, service)
        place = person.place
        values = self.look(person)
        via = values[self.attributes + tb.VIA]
        if place.spell is None and place.service == HOME:
            self.open_home(person, How.START)
        host = place.spell.visit if place.spell is not None else NOBODY
        spell = self.new_spell(person, service, host, via)
        request = Request(person, slot, service, spell)
        request.in_place = bool(T.in_place[service])
        person.requests[slot] = request
        spell.waited_at = values[self.attributes + tb.FROM]
        spell.stream = request.stream = self.payload(person, T.stream[service])
        values[self.attributes + tb.STREAM] = request.stream
        units = self.payload(person, T.units[service])
        spell.units = request.units = 1 if units == NOBODY else units
        if self.tapering:
            request.taper = spell.taper = self.payload(person, self.V.choice[service])
        if T.transfer[service] != NOBODY:
            request.transfer = max(0, self.payload(person, T.transfer[service]))
        if not request.in_place and not place.interrupted:
            spell.needed = max(now, place.ready)  # NEVER lies before everything
        if self.asked_since:
            self.date_back(person, spell)
        request.pools = self.pools_of[service]
        if not request.pools:
            spell.units = 0
            if self.plan.retired:
                person.turns.pop(service, None)
            self.grant_without_pool(request)
        elif self.stays_in_pool(request):
            request.pools = (place.pool,)
            if self.plan.retired:
                person.turns.pop(service, None)
            self.grant_within_pool(request)
        else:
            self.join(request)
        return request

    def date_back(self, person: Person, spell: Spell) -> None:
        """Let somebody who waits when the run starts have asked when they did."""
        since = self.asked_since.pop(person.number, None)
        if since is not None:
            spell.requested = spell.needed = since
            person.turns[spell.service] = since

    def stays_in_pool(self, request: Request) -> bool:
        """Tell whether somebody asks for no more than they hold of the same pool when they move."""
        place = request.person.place
        return (
            not request.in_place
            and place.pool in request.pools
            and place.stream == request.stream
            and request.units <= self.units_when_moving(place, request.service)
        )

    def grant_without_pool(self, request: Request) -> None:
        """Grant a place of a service without a pool; the move waits for the hours."""
        request.waiting = False
        request.booked = True
        request.spell.granted = self.now
        request.spell.how = AT_ONCE
        if request.in_place:
            if self.is_open(request.service):
                self.begin_step(request.person, request)
            self.tell(request)
        else:
            self.move_when_open(request)

    def grant_within_pool(self, request: Request) -> None:
        """Grant a move within pool and stream as soon as the person can move."""
        request.waiting = False
        request.booked = True
        request.spell.how = WITHIN_POOL
        request.transfer = 0  # the place stays the same
        self.move_when_open(request)

    def move_when_open(self, request: Request) -> None:
        """Travel when the stay is over; start at the first instant at which the service admits."""
        over = max(self.now, self.over(request.person.place)) + request.transfer
        admits = self.T.admits[request.service]
        moves_at = over if admits < 0 else rules.next_open(self.T, admits, over)
        if moves_at == self.now:
            self.take_up(request)
        else:
            self.at(moves_at, PEOPLE, request.person.number, OWN, partial(self.take_up, request))

    def grant(self, request: Request, pool: int, how: int = WAITED) -> None:
        """Give a person a place of a pool; they take it at once, or it is booked."""
        now = self.now
        self.leave_line(request)
        request.booked = True
        request.pools = (pool,)
        spell = request.spell
        spell.granted = now
        spell.pool = pool
        spell.how = how
        place = self.pools[pool]
        place.granted += 1
        place.take(place.local(request.stream), request.units, now)
        if how != CIRCLE and place.total > place.capacity:
            place.breaches += 1
        if request.in_place:
            self.begin_step(request.person, request)
            self.tell(request)
        else:
            self.move_when_open(request)

    def take_up(self, request: Request) -> None:
        """Move to a granted place."""
        if not request.booked or request.person.requests.get(request.slot) is not request:
            return
        person, now = request.person, self.now
        spell, service = request.spell, request.service
        if spell.granted == NEVER:
            spell.granted = now
        place = Place(service, spell)
        if request.pools and spell.how != WITHIN_POOL:
            place.pool = request.pools[0]
            place.local = self.pools[place.pool].local(request.stream)
            place.units = request.units
        place.stream = request.stream
        old = person.place
        if spell.how == WITHIN_POOL:  # the same place; what is not needed is given back
            place.pool, place.local, place.units = old.pool, old.local, request.units
            spell.pool = old.pool
            old.units -= request.units
            old.handed_on = True
        del person.requests[request.slot]
        self.move(person, place)
        self.settle_in(person)
        if request.taper != NOBODY:
            self.begin_taper(person, place, request.taper, now)
        self.tell(request)

    def move(self, person: Person, place: Place) -> None:
        """Leave the present place and start a stay at the next one, at the same instant."""
        T, now = self.T, self.now
        old = person.place
        goes_home = T.hospital[old.service] and not T.hospital[place.service]
        changes_risk = goes_home or self.risk[old.service] != self.risk[place.service]
        self.leave(person, old, place.service)
        if place.spell is not None:
            place.spell.started = now
            place.spell.entered_from = self.where(old)
        person.values[self.attributes + tb.VIA] = NOBODY
        discharged = person.discharged
        if goes_home:
            person.discharged = now
        person.place = place
        if changes_risk:
            self.change_risk(person, old.service, discharged)
        if self.takes[place.service]:
            self.expect_alongside(person, place)

    def expect_alongside(self, person: Person, place: Place) -> None:
        """Ask for what is received alongside a stay, as an event of the person at this instant."""
        ask = partial(self.ask_alongside, person, place)
        self.at(self.now, PEOPLE, person.number, STEP + ALONGSIDE, ask)

    def ask_alongside(self, person: Person, place: Place) -> None:
        """Ask for what is received alongside a stay."""
        raise NotImplementedError

    def end_alongside(self, person: Person) -> None:
        """End what is received alongside a stay that is left."""
        raise NotImplementedError

    def settle_in(self, person: Person) -> None:
        """Begin to stay where a move has led."""
        place = person.place
        if self.T.residence[place.service]:
            self.live_at(person, place.service)
        self.start_clock(person, place)

    def start_clock(self, person: Person, place: Place) -> None:
        """Draw the stay: when it is over, and when the way on is decided."""
        T, now, service = self.T, self.now, place.service
        values = self.look_back(person, place)
        if T.route_at_start[service]:
            values[self.attributes + tb.EVENT] = tb.EVENT_NONE
            place.target = self.draw_route(person, service)
            values[self.attributes + tb.TO] = self.service_meant(person, place.target)
        length, place.event = self.draw_length(person, service)
        if length != NOBODY:
            self.run_clock(person, place, now + length)
        values[self.attributes + tb.TO] = values[self.attributes + tb.VIA] = NOBODY

    def run_clock(self, person: Person, place: Place, ready: int) -> None:
        """Set the instants that follow from the end of a stay."""
        T, now, service = self.T, self.now, place.service
        place.ready = ready
        discharges, decides = T.discharges[service], T.decides[service]
        place.over = ready if discharges < 0 else rules.next_open(T, discharges, ready)
        ahead = self.payload(person, T.plan_ahead[service])
        decided = max(now, ready - max(0, ahead))
        place.decides_at = decided if decides < 0 else rules.next_open(T, decides, decided)
        if place.spell is not None:
            place.spell.ready = ready
            place.spell.over = place.over

    def leave(self, person: Person, old: Place, to: int) -> None:
        """Close the spell of a place; give the place back, or keep it for a person in a crisis."""
        now = self.now
        spell = old.spell
        if self.takes[old.service]:
            self.end_alongside(person)
        if old.service >= self.first_room:
            self.leave_room(old)
        if spell is not None:
            spell.left = now
            spell.left_to = to
            if spell.ready > now:
                spell.ready = spell.over = NEVER
            if spell.outcome == STILL_THERE:
                spell.outcome = int(Outcome.INTERRUPTED) if old.interrupted else MOVED
            if old.interrupted:
                spell.cause = person.episode.cause
        if self.is_kept(old, to):
            keeps = self.T.keeps_place[old.service]
            until = now + keeps if old.ready == NEVER else min(now + keeps, old.ready)
            person.kept.append((old, until))
            self.remember_kept(person)
            self.at(until, PEOPLE, person.number, KEPT, partial(self.stop_keeping, person, old))
        else:
            self.free(old)

    def is_kept(self, old: Place, to: int) -> bool:
        """Tell whether a place that is left now is kept for a person in a crisis."""
        if not old.interrupted:
            return False
        state = (old.service, old.interrupted, old.handed_on, old.ready)
        return bool(rules.is_kept(self.T, *state, to, self.now))

    def free(self, place: Place) -> None:
        """Give the units of a place back to its pool."""
        place.taper = None
        if place.pool != NOBODY and place.units:
            self.pools[place.pool].give_back(place.local, place.units, self.now)
            self.mark(place.pool)

    def stop_keeping(self, person: Person, place: Place) -> None:
        """Free a kept place."""
        for entry in person.kept:
            if entry[0] is place:
                person.kept.remove(entry)
                self.remember_kept(person)
                if place.spell is not None:
                    place.spell.kept_until = self.now
                self.free(place)
                return

    def remember_kept(self, person: Person) -> None:
        """Write the kept places where conditions can see them."""
        for k in range(2):
            held = person.kept[k][0].service if k < len(person.kept) else NOBODY
            person.values[self.attributes + tb.HELD + k] = held

    def next_kept(self, person: Person) -> tuple[Place, int]:
        """Return the kept place to return to first: a caseload before a residence."""
        return min(person.kept, key=lambda entry: self.T.residence[entry[0].service])

    def return_to_kept(self, person: Person, departed: int = NEVER) -> None:
        """Return to a kept place without queueing.

        Parameters
        ----------
        departed
            When the person left for it, where the way takes time.
        """
        entry = self.next_kept(person)
        old = entry[0]
        person.kept.remove(entry)
        self.remember_kept(person)
        now = self.now
        if old.spell is not None:
            old.spell.kept_until = now
        host = person.place.spell.visit if person.place.spell is not None else NOBODY
        spell = self.new_spell(person, old.service, host, person.values[self.attributes + tb.VIA])
        spell.waited_at = self.where(person.place)
        if departed != NEVER:
            spell.requested = departed
        spell.needed = max(
            spell.requested, NEVER if person.place.interrupted else person.place.ready
        )
        spell.granted = spell.requested
        spell.how = int(How.BACK)
        spell.pool, spell.units, spell.stream = old.pool, old.units, old.stream
        place = Place(old.service, spell)
        place.pool, place.local = old.pool, old.local
        place.units, place.stream = old.units, old.stream
        taper, old.taper = old.taper, None
        self.move(person, place)
        if old.ready != NEVER:
            self.look_back(person, place)
            self.run_clock(person, place, old.ready)
            person.values[self.attributes + tb.VIA] = NOBODY
        if taper is not None:
            spell.taper, spell.taper_from = taper.number, taper.since
            self.go_on_tapering(person, place, taper)

    def live_at(self, person: Person, service: int) -> None:
        """Make a service the residence; places kept at another residence are given up."""
        person.residence = service
        for place, _ in list(person.kept):
            if self.T.residence[place.service] or service == HOME:
                self.stop_keeping(person, place)

    def begin_step(self, person: Person, request: Request) -> None:
        """Start an in-place step."""
        spell = request.spell
        if spell.started == NEVER:
            spell.started = self.now
            spell.entered_from = self.where(person.place)
            person.requests.pop(request.slot, None)
            pool = spell.pool
            local = self.pools[pool].local(request.stream) if pool != NOBODY else 0
            step = person.steps[request.slot] = Step(spell, pool, local, request.units)
            if request.taper != NOBODY:
                self.begin_taper(person, step, request.taper, self.now)

    def finish_step(self, person: Person, slot: int) -> None:
        """End an in-place step and give back what it held."""
        step = person.steps.pop(slot)
        spell = step.spell
        spell.ready = spell.over = spell.left = self.now
        spell.outcome = MOVED
        self.release_step(step)
        person.values[self.attributes + tb.VIA] = spell.service

    def release_step(self, step: Step) -> None:
        """Give back the units of an in-place step."""
        step.taper = None
        if step.pool != NOBODY:
            self.pools[step.pool].give_back(step.local, step.units, self.now)
            self.mark(step.pool)
