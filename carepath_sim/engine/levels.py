"""Levels: frailty that grows by a clock of its own, and stays that move people up or down."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from carepath_sim.engine.rules_states import chance_of_move
from carepath_sim.engine.simpy_engine import SimpyEngine
from carepath_sim.engine.spells import Outcome
from carepath_sim.plan.tables import FAR, as_lists

if TYPE_CHECKING:
    from carepath_sim.engine.state import Person, Place
    from carepath_sim.engine.told import Told
    from carepath_sim.plan import Plan
    from carepath_sim.plan.states import States

_chance = chance_of_move.py_func  # type: ignore[attr-defined]


class Levels(SimpyEngine):
    """The engine for plans in which levels move."""

    def __init__(self, plan: Plan, seed: int, replication: int, told: Told | None = None) -> None:
        super().__init__(plan, seed, replication, told)
        self.states: States = as_lists(plan.states)
        rows = self.states.first or [0] * (len(plan.services) + 1)
        self.rows_of = [range(a, b) for a, b in pairwise(rows)]

    # --- the clock of frailty --------------------------------------------------------------

    def crisis(self, person: Person, due: int) -> None:
        """A hazard fires, or the clock of frailty does."""
        progression = self.plan.progression
        if progression is None or person.which != progression.hazard:
            super().crisis(person, due)
        elif person.due == due and not person.end_state:
            self.settle(person)
            self.new_budget(person, progression.hazard)
            person.due = FAR
            self.shift(person, progression.attribute, progression.level)
            self.next_crisis(person)

    def shift(self, person: Person, attribute: int, level: tuple[int, ...] | list[int]) -> None:
        """Move a person to the level that follows the present one; what was set for a time stays.

        The value before, to which it would have gone back, is forgotten.
        """
        before = person.values[attribute]
        if before >= 0 and level[before] != before:
            self.set_for_a_time.pop((person.number, attribute), None)
            self.change(person, attribute, level[before])

    # --- what stays do ---------------------------------------------------------------------

    def change_state(self, person: Person, service: int, stayed: int) -> None:
        """Move a person who leaves a service along the levels that it changes."""
        S = self.states
        for row in self.rows_of[service]:
            decision, p = S.decision[row], _chance(S, row, stayed)
            if 0.0 < p < 1.0:
                moves = self.luck(person, decision) < p
            else:
                counts = person.episode.counts
                counts[decision] = counts.get(decision, 0) + 1
                moves = p >= 1.0
            if moves:
                first, attribute = S.level_first[row], S.attribute[row]
                size = len(self.plan.attributes[attribute].values)
                self.shift(person, attribute, S.level[first : first + size])

    def move(self, person: Person, place: Place) -> None:
        """Leave the present place for the next one; levels move in between."""
        left = person.place
        super().move(person, place)
        spell = left.spell
        if spell is not None and self.rows_of[left.service]:
            self.change_state(person, left.service, self.now - spell.started)

    def finish_step(self, person: Person, slot: int) -> None:
        """End an in-place step."""
        spell = person.steps[slot].spell
        super().finish_step(person, slot)
        self.change_state(person, spell.service, spell.left - spell.started)

    def break_off(self, person: Person, outcome: Outcome) -> None:
        """Stop everything that is under way; steps received so far have had their effect."""
        steps = [person.steps[slot].spell for slot in sorted(person.steps)]
        super().break_off(person, outcome)
        if outcome == Outcome.INTERRUPTED:
            for spell in steps:
                self.change_state(person, spell.service, spell.left - spell.started)
