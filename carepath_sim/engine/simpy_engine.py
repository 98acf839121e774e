"""The readable engine: a SimPy process for every journey.

It defines the meaning of a run. The order of events at one instant is the one of the decision
record on ties (docs/adr): every event carries a key made of phase, number and kind, so that all
who ask at one instant are compared at once, and equal times never depend on the order in which
events were pushed.

The engine is built in layers, each a module: the clock, hazards, decisions, queues, places,
crises, and on top the journeys, which tell a person's way from the person's side.
"""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine import people as crowd
from carepath_sim.engine.clock import (
    ARRIVAL,
    CALENDAR,
    CAPACITY,
    HOME,
    OUTSIDE,
    PEOPLE,
)
from carepath_sim.engine.kernel.address import room
from carepath_sim.engine.present import codes_of
from carepath_sim.engine.spells import Record, table_of
from carepath_sim.engine.starts import Starts
from carepath_sim.engine.state import Person, Place
from carepath_sim.plan.tables import FAR, NEVER, NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carepath_sim.engine.told import Told
    from carepath_sim.plan import Plan


def simulate(plan: Plan, *, seed: int, replication: int, told: Told | None = None) -> Record:
    """Run one replication and return its record.

    Parameters
    ----------
    seed, replication
        Key of the random numbers, 0 to 2**32 - 1 each.
    told
        Outcomes of named decisions of one person (a story), or None.

    Raises
    ------
    EndlessInstantError
        When one person has more than 1,000 events at one instant; the services are named.
    """
    collecting = gc.isenabled()
    gc.disable()  # nothing here is cyclic garbage; looking for it halves the speed
    try:
        return engine_of(plan)(plan, seed, replication, told).run()
    finally:
        if collecting:
            gc.enable()


def engine_of(plan: Plan) -> type[SimpyEngine]:
    """Return the engine with what a plan needs: most need nothing more."""
    if plan.programmes:
        from carepath_sim.engine.programmes import Prevention

        return Prevention
    if plan.people_change:
        from carepath_sim.engine.ageing import Ageing

        return Ageing
    return SimpyEngine


class SimpyEngine(Starts):
    """One replication: how it begins, and what it leaves behind."""

    def run(self) -> Record:
        """Run the whole replication."""
        if self.surging:
            self.prepare_surges()
        self.expect_changes()
        self.populate()
        self.start_places()
        self.send_arrivals()
        self.open_calendar()
        if self.told is not None and self.told.hazard != NOBODY:
            self.person(0)
            self.at(self.plan.begin, PEOPLE, 0, ARRIVAL, self.tell_crisis)
        self.env.run(until=self.end)
        return self.record()

    def populate(self) -> None:
        """Bring the population to life: attributes, budgets, first crises."""
        plan = self.plan
        n, hazards = plan.population, len(plan.hazards.rate)
        codes = codes_of(plan, self.seed, self.replication, 0, 0, 0, n)
        speeds, budgets = np.zeros((n, hazards)), np.zeros((n, hazards))
        due, which = np.full(n, FAR, dtype=np.int64), np.full(n, NOBODY, dtype=np.int64)
        identity = plan.sources[0].identity
        if n and hazards:
            crowd.draw_budgets(
                room("T", plan.tables),
                room("H", plan.hazards),
                self.seed,
                self.replication,
                identity,
                0,
                codes,
                speeds,
                budgets,
            )
            crowd.first_events(
                room("H", plan.hazards), HOME * hazards, plan.begin, speeds, budgets, due, which
            )
        self.codes = codes
        self.speeds, self.budgets = speeds, budgets
        self.people = [None] * n
        self.later_codes = []
        self.first_due, self.first_which = due, which

    def person(self, number: int) -> Person:
        """Return a person of the population, who is made when something first happens to them."""
        person = self.people[number]
        if person is None:
            identity = self.plan.sources[0].identity
            person = Person(number, 0, identity, number, self.codes[number].tolist())
            person.place = Place(HOME, None)
            person.since = self.plan.begin
            person.lives_here = True
            if self.speeds.shape[1]:
                person.speeds, person.budgets = self.speeds[number], self.budgets[number]
                person.hazard_numbers = [0] * len(person.speeds)
            self.people[number] = person
        return person

    def send_arrivals(self) -> None:
        """Number everybody who will arrive, and expect the first."""
        plan = self.plan
        coming: list[tuple[int, int]] = []
        for source in range(1, len(plan.sources)):
            info = plan.sources[source]
            found = crowd.arrivals(plan, source, self.seed, self.replication)
            for layer in sorted({row[0] for row in found}):
                rows = [row for row in found if row[0] == layer]
                many = rows[-1][1] + 1
                codes = codes_of(plan, self.seed, self.replication, source, layer, 0, many)
                for _, index, t in rows:
                    number = len(self.people)
                    coming.append((t, number))
                    values = codes[index].tolist()
                    person = Person(number, source, info.identity + layer, index, values)
                    if info.instants:
                        person.given = int(plan.givens.source_first[source]) + index
                    self.people.append(person)
                    self.later_codes.append(codes[index, : self.attributes])
        self.all_coming = sorted(coming)
        self.coming = iter(self.all_coming)
        self.expect_next()

    def expect_next(self) -> None:
        """Expect the next who comes from outside; one at a time keeps the agenda short."""
        for t, number in self.coming:
            self.at(t, PEOPLE, number, ARRIVAL, partial(self.arrive, number))
            return

    def arrive(self, number: int) -> None:
        """A person comes from outside."""
        self.expect_next()
        person = self.person(number)
        info = self.plan.sources[person.source]
        person.place = Place(OUTSIDE, None)
        person.lives_here = info.lives_on
        person.since = self.now
        self.give_hazards(person)
        if info.born:
            person.place = Place(HOME, None)
            self.next_crisis(person)
            return
        self.begin_episode(person, info.cause, planned=info.planned)
        person.processes.append(self.env.process(self.journey(person, info.target)))

    def give_hazards(self, person: Person) -> None:
        """Give somebody who lives here the hazards of everybody."""
        hazards = len(self.plan.hazards.rate)
        if person.lives_here and hazards:
            speeds, budgets = np.zeros((1, hazards)), np.zeros((1, hazards))
            codes = np.array([person.values], dtype=np.int64)
            crowd.draw_budgets(
                room("T", self.plan.tables), room("H", self.plan.hazards), self.seed,
                self.replication, person.identity, person.index, codes, speeds, budgets,
            )  # fmt: skip
            person.speeds, person.budgets = speeds[0], budgets[0]
            person.hazard_numbers = [0] * hazards

    def open_calendar(self) -> None:
        """Expect capacity changes and openings."""
        plan, T = self.plan, self.T
        for pool in self.pools:
            first = pool.tables.step_first[pool.index]
            for step in range(first + 1, pool.tables.step_first[pool.index + 1]):
                t = pool.tables.step_t[step]
                self.at(
                    t, CALENDAR, pool.index, CAPACITY, partial(self.change_capacity, pool, step)
                )
        for service in range(len(plan.services)):
            if T.admits[service] >= 0 and T.pool_first[service] < T.pool_first[service + 1]:
                self.expect_opening(service, plan.begin)

    def record(self) -> Record:
        """Return the tables."""
        for pool in self.pools:
            pool.keep_account(self.end)
        for person in self.people:
            for place, _ in () if person is None else person.kept:
                if place.spell is not None:
                    place.spell.kept_until = self.end
        return Record(
            seed=self.seed,
            replication=self.replication,
            spells=table_of(self.spells, tapering=self.tapering),
            people=self.people_table(),
            episodes=self.episode_table(),
            changes=columns(("t", "what", "person", "name", "value"), self.changes),
            audit=self.audit_table(),
        )

    def people_table(self) -> dict[str, np.ndarray]:
        """Return everybody who was in the model, with attributes at the start."""
        layer_of = [info.identity for info in self.plan.sources]
        names = ("person", "source", "layer", "index", "end_state", "ended", "end_service")
        n = len(self.people)
        table = {name: np.zeros(n, dtype=np.int64) for name in names}
        table["person"] = np.arange(n, dtype=np.int64)
        table["index"] = table["person"].copy()
        table["ended"][:] = NEVER
        for person in self.people:
            if person is not None:
                k = person.number
                table["source"][k] = person.source
                table["layer"][k] = person.identity - layer_of[person.source]
                table["index"][k] = person.index
                table["end_state"][k] = person.end_state
                table["ended"][k] = person.end_at
                table["end_service"][k] = person.place.service
        start = self.start_codes()
        for k, attribute in enumerate(self.plan.attributes):
            if attribute.of == "person":
                table[f"attribute.{attribute.name}"] = start[:, k]
        return table

    def start_codes(self) -> np.ndarray:
        """Return the attributes with which everybody began, shape `(person, attribute)`."""
        later = np.array(self.later_codes, dtype=np.int64)
        return np.vstack((self.codes[:, : self.attributes], later.reshape(-1, self.attributes)))

    def episode_table(self) -> dict[str, np.ndarray]:
        """Return the episodes with their causes and attributes."""
        names: tuple[str, ...] = ("person", "episode", "cause", "number", "began")
        names += ("planned", "ended", "exit")
        for person in self.people:
            if person is not None and person.episode.index != NOBODY:
                person.episode.codes = [person.values[a] for a in self.episode_attributes]
        names += tuple(f"attribute.{self.plan.attributes[a].name}" for a in self.episode_attributes)
        table = columns(
            names,
            (
                (
                    *(p.number, e.index, e.cause, e.number, e.began),
                    *(int(e.planned), e.ended, e.exit, *e.codes),
                )
                for p, e in self.episodes
            ),
        )
        order = np.lexsort((table["episode"], table["person"]))
        return {name: column[order] for name, column in table.items()}

    def audit_table(self) -> dict[str, np.ndarray]:
        """Return what the pools kept account of, for the checks."""
        names = ["units_time", "waiting_time", "joined", "granted", "waiting", "total", "breaches"]
        if self.surging:
            names.append("surge_time")
        rows = ((p.index, *(getattr(p, name, 0) for name in names)) for p in self.pools)
        return columns(("pool", *names), rows)


def columns(names: Iterable[str], rows: Iterable[tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Return rows of whole numbers as columns."""
    names = tuple(names)
    table = np.array(list(rows), dtype=np.int64).reshape(-1, len(names))
    return {name: table[:, k].copy() for k, name in enumerate(names)}
