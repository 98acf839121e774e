"""What changes by date: numbers that are one for everybody, and services that are retired."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from carepath_sim.engine.clock import CALENDAR, RETIREMENT, SWITCH
from carepath_sim.engine.crises import Crises
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.spells import Outcome

if TYPE_CHECKING:
    from carepath_sim.engine.state import Person
    from carepath_sim.plan.dated import Retired, Switch


class Dated(Crises):
    """Changes at instants of the run; everything else that changes stands in the tables."""

    def expect_changes(self) -> None:
        """Expect the dated changes."""
        self.gone: dict[int, int] = {}
        for switch in self.plan.switches:
            self.at(switch.t, CALENDAR, switch.row, SWITCH, partial(self.switch, switch))
        for retired in self.plan.retired:
            if retired.t <= self.plan.begin:
                self.gone[retired.service] = retired.to
            else:
                act = partial(self.retire, retired)
                self.at(retired.t, CALENDAR, retired.service, RETIREMENT, act)

    def switch(self, switch: Switch) -> None:
        """A number of a service or of a hazard is another from now on."""
        tables: Any = self.hazard_lists if switch.of_hazard else self.T
        getattr(tables, switch.column)[switch.row] = switch.value

    def retire(self, retired: Retired) -> None:
        """Nobody is referred to a service any more; who waits for it moves, in order of the queue.

        The joining time is kept; the closed request counts as diverted. Who has a place, held or
        booked, keeps it.
        """
        self.gone[retired.service] = retired.to
        leaving = [
            request
            for person in self.people
            if person is not None
            for request in person.requests.values()
            if request.waiting and request.service == retired.service
        ]
        leaving.sort(key=lambda request: request.key)
        for request in leaving:
            self.close_request(request, Outcome.DIVERTED)
            for pool in request.pools:
                self.pools[pool].gave_up += 1
        for request in leaving:
            service = self.in_use(request.person, retired.service)
            request.person.turns[service] = request.key[1]
            self.tell(request, retired.to)

    def in_use(self, person: Person, service: int) -> int:
        """Return the service that is asked for in place of one that is retired."""
        while service in self.gone:
            service = int(rules.own_service(self.T, self.gone[service], person.values))
        return service
