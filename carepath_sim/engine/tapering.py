"""Visits that taper: units fall at whole days after the start, and are offered at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from carepath_sim.engine.clock import PEOPLE, TAPER
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.queues import Queues
from carepath_sim.engine.state import Place, Taper
from carepath_sim.plan.tables import FAR, NEVER

if TYPE_CHECKING:
    from carepath_sim.engine.state import Person, Step


class Tapering(Queues):
    """Steps of the units that a stay, a kept place or a step received in place holds."""

    def begin_taper(self, person: Person, holder: Place | Step, number: int, since: int) -> None:
        """Begin a taper with the stay that it belongs to."""
        self.go_on_tapering(person, holder, Taper(number, since))

    def go_on_tapering(self, person: Person, holder: Place | Step, taper: Taper) -> None:
        """Expect the next step of a taper, from whoever holds its units now."""
        holder.taper = taper
        ready = holder.ready if isinstance(holder, Place) else NEVER
        due = rules.next_fall(self.V, taper.number, taper.step, taper.since, ready)
        if due < FAR:
            fall = partial(self.fall, person, holder, taper)
            self.at(due, PEOPLE, person.number, TAPER, fall)

    def fall(self, person: Person, holder: Place | Step, taper: Taper) -> None:
        """Free what the next step no longer needs, unless the place was given up or passed on."""
        if holder.taper is not taper:
            return
        taper.step += 1
        units = self.V.units[self.V.first[taper.number] + taper.step]
        if units < holder.units:
            self.pools[holder.pool].give_back(holder.local, holder.units - units, self.now)
            holder.units = units
            self.mark(holder.pool)
        self.go_on_tapering(person, holder, taper)

    def units_when_moving(self, place: Place, service: int) -> int:
        """Return what a place will hold when its person can move to a service."""
        if place.taper is None:
            return place.units
        over, admits = max(self.now, self.over(place)), self.T.admits[service]
        moves_at = over if admits < 0 else rules.next_open(self.T, admits, over)
        taper = place.taper
        step = rules.step_at(self.V, taper.number, taper.since, place.ready, moves_at)
        units = int(self.V.units[self.V.first[taper.number] + step])
        return place.units if units < 0 else min(units, place.units)
