"""Competing hazards on budgets: when a crisis or death comes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from carepath_sim.engine import people as crowd
from carepath_sim.engine.clock import PEOPLE, Clock
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.streams import uniform

if TYPE_CHECKING:
    from carepath_sim.engine.state import Person


class Hazard(Clock):
    """The budgets of people, used up at the speed of where they are."""

    def settle(self, person: Person) -> None:
        """Take what the hazards used up since they were last looked at."""
        if person.speeds is not None:
            now = self.now
            if now > person.since:
                exposure = person.place.service * len(person.speeds)
                crowd.settle(
                    self.plan.hazards, exposure, person.since, now, person.discharged,
                    person.speeds, person.budgets,
                )  # fmt: skip
            person.since = now

    def change_risk(self, person: Person, left: int, discharged: int) -> None:
        """Settle what was used at the place just left, and expect what comes at the new one.

        Parameters
        ----------
        left
            Service that the person has left.
        discharged
            Last discharge from hospital before this move [ms].
        """
        if person.speeds is None:
            return
        hazards = len(person.speeds)
        due, which = crowd.change_risk(
            self.plan.hazards, left * hazards, person.place.service * hazards, person.since,
            self.now, discharged, person.discharged, person.speeds, person.budgets,
        )  # fmt: skip
        person.since = self.now
        self.expect(person, int(due), int(which))

    def new_budget(self, person: Person, hazard: int) -> None:
        """Draw the next budget of a hazard that has fired."""
        H = self.hazard_lists
        person.hazard_numbers[hazard] += 1
        key = self.T.decision_key[H.decision[hazard] * self.causes]
        occasion = person.hazard_numbers[hazard]
        u = uniform(self.seed, self.replication, person.index, key, person.identity, occasion)
        assert person.budgets is not None  # noqa: S101 - only people with hazards come here
        person.budgets[hazard] = rules.quantile(
            H.budget_table_u, H.budget_table_v, 0, len(H.budget_table_u), u
        )

    def next_crisis(self, person: Person) -> None:
        """Push the next event that the hazards bring, if it comes before the end."""
        if person.speeds is None:
            return
        exposure = person.place.service * len(person.speeds)
        due, which = crowd.next_event(
            self.plan.hazards,
            exposure,
            self.now,
            person.discharged,
            person.speeds,
            person.budgets,
        )
        self.expect(person, int(due), int(which))

    def expect(self, person: Person, due: int, which: int) -> None:
        """Expect a hazard to fire."""
        if due == person.due and which == person.which:
            return
        person.due, person.which = due, which
        kind = self.hazard_kinds[which]  # of none: whatever stands last, and never comes
        self.at(due, PEOPLE, person.number, kind, partial(self.crisis, person, due))

    def speeds_of(self, person: Person) -> list[float]:
        """Return the speeds [per ms] of a person's hazards, apart from place and season."""
        return [
            rules.speed_of(self.hazard_lists, h, person.values)
            for h in range(len(self.hazard_kinds))
        ]

    def crisis(self, person: Person, due: int) -> None:
        """A hazard fires."""
        raise NotImplementedError
