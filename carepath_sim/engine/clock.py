"""The clock of the SimPy engine: every event has its place in the order of an instant."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import simpy

from carepath_sim.engine.demand import GivenDraws
from carepath_sim.engine.errors import EndlessInstantError
from carepath_sim.engine.spells import How, Spell
from carepath_sim.engine.surge import pool_of
from carepath_sim.plan import tables as tb
from carepath_sim.plan.tables import NEVER, NOBODY, as_lists

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.engine.state import Episode, Person, Place, Request
    from carepath_sim.engine.told import Told
    from carepath_sim.plan import Plan
    from carepath_sim.plan.tapers import Tapers

# Phases of one instant, in their order, and kinds within them.
CALENDAR, PEOPLE, PROGRAMMES, ADMISSION, CIRCLE, PATIENCE, DIVERSION = 0, 1, 2, 4, 5, 6, 7
TURNING = 1
"""Kind of the event that settles waiting rooms, behind all diversions of an instant."""
CAPACITY, OPENING, SURGE, RETIREMENT, BIRTHDAYS, SWITCH = range(6)
# What is set at the end of a stay is set before the person moves on at that instant.
DEATH, ARRIVAL, SETTING, OWN, BOOKABLE, OVER, KEPT, TAPER, PROGRESSION, PROGRAMME_ENDS = range(10)
STEP = 16
"""Kind of the step in slot 0; slots 0 to 31 hold steps on the way on, 32 to 47 those alongside."""
ALONGSIDE = 32
"""First slot of what is received alongside a stay."""
HOME, OUTSIDE, DIED = 0, 1, 2
START = 0
"""Cause of the episode of people who are somewhere when the run starts."""
EVENTS_OF_AN_INSTANT = 1_000


class Clock:
    """Time, the agenda, and the rows that are written."""

    def __init__(
        self, plan: Plan, seed: int, replication: int, told: Told | GivenDraws | None = None
    ) -> None:
        self.plan = plan
        self.seed = seed
        self.replication = replication
        if told is None and len(plan.givens.draw_value):
            told = GivenDraws(plan)
        self.told = told
        self.T: tb.Tables = as_lists(plan.tables)
        self.choices = tb.choices_of(plan.tables)
        self.V: Tapers = as_lists(plan.tapers)
        self.tapering = plan.tapers.any
        self.hazard_lists: tb.Hazards = as_lists(plan.hazards)
        self.hazard_kinds = self._hazard_kinds(plan)
        self.risk = self._risk(plan)
        self.end = plan.end
        self.attributes = len(plan.attributes)
        self.causes = len(plan.cause_names)
        times = {self.attributes + k for k in (tb.TIME_OF_DAY, tb.WEEKDAY, tb.MONTH)}
        self.tests_time = bool(times & set(self.T.test_variable))
        self.clock_face = [NOBODY] * 4
        self.looked_at = NEVER
        self.fixed_lengths = self._fixed_lengths()
        self.pools_of = [service.pools for service in plan.services]
        self.certain = self._certain()
        rooms = [k for k, service in enumerate(plan.services) if service.room_of >= 0]
        self.first_room = rooms[0] if rooms else len(plan.services)
        self.takes = [b > a for a, b in itertools.pairwise(self.T.along_first)]
        self.episode_attributes = [k for k, a in enumerate(plan.attributes) if a.of == "episode"]
        self.env = simpy.Environment(initial_time=plan.begin)
        pool_lists = as_lists(plan.pool_tables)
        streams = max(1, len(plan.stream_names))
        self.pools = [pool_of(plan, k, pool_lists, streams) for k in range(len(plan.pools))]
        self.surging = plan.surges.any
        self.people: list[Person | None] = []
        self.spells: list[Spell] = []
        self.episodes: list[tuple[Person, Episode]] = []
        self.changes: list[tuple[int, int, int, int, int]] = []
        # (person, attribute) -> until when it is set, and its value before
        self.set_for_a_time: dict[tuple[int, int], tuple[int, int]] = {}
        # people whose hazards changed their speed before anything had happened to them
        self.expected_anew: set[int] = set()
        # person -> since when they wait for what they ask for when the run starts
        self.asked_since: dict[int, int] = {}
        self.dirty: set[int] = set()
        self.admission_due = False
        self.looking = False
        self.impatient: list[Request] = []
        self.blocked: dict[int, Request] = {}
        self.waits_between: dict[tuple[int, int], int] = {}

    @staticmethod
    def _risk(plan: Plan) -> list[int]:
        """Return a number for each service, equal where people run the same hazards."""
        rows = plan.hazards.exposure.reshape(len(plan.services), len(plan.hazards.rate)).tolist()
        return [rows.index(row) for row in rows]

    @staticmethod
    def _hazard_kinds(plan: Plan) -> list[int]:
        """Return the kind of event that each hazard brings."""
        kinds = [DEATH if deadly else ARRIVAL for deadly in plan.hazards.deadly.tolist()]
        if plan.progression is not None:
            kinds[plan.progression.hazard] = PROGRESSION
        return kinds

    def _certain(self) -> list[int | None]:
        """Return what each choice always gives, None where it depends on tests."""
        T = self.T
        return [
            T.case_payload[first] if T.case_first[first] == T.case_first[first + 1] else None
            for first in T.choice_first[:-1]
        ]

    def _fixed_lengths(self) -> list[int]:
        """Return the length [ms] that each table always gives, NOBODY where it varies."""
        first, values = self.T.table_first, self.T.table_v
        return [
            int(values[a] + 0.5) if values[a] == values[b - 1] else NOBODY
            for a, b in itertools.pairwise(first)
        ]

    @property
    def now(self) -> int:
        """The present instant [ms]."""
        return self.env._now  # type: ignore[return-value]  # noqa: SLF001 - always a whole number

    def at(self, t: int, phase: int, number: int, kind: int, act: Callable[[], None]) -> None:
        """Do something at an instant, in the order of phase, number and kind."""
        if t < self.end:
            event = self.until(t, phase, number, kind)
            assert event.callbacks is not None  # noqa: S101 - it has just been made
            event.callbacks.append(lambda _: act())

    def until(self, t: int, phase: int, number: int, kind: int) -> simpy.Event:
        """Return an event that happens at an instant; beyond the end of the run it never does."""
        event = simpy.Event(self.env)
        if t < self.end:
            event._ok = True  # noqa: SLF001 - as simpy.Timeout does
            event._value = None  # noqa: SLF001
            key = (phase + 1) << 46 | number << 6 | kind
            self.env.schedule(event, key, t - self.now)  # type: ignore[arg-type]
        return event

    def over(self, place: Place) -> int:
        """Return the instant from which a person may leave a place."""
        return self.now if place.interrupted or place.ready == NEVER else place.over

    def where(self, place: Place) -> int:
        """Return the service at which a place is; of a waiting room the one before it."""
        return place.service if place.service < self.first_room else place.came_from

    def count_event(self, person: Person, service: int) -> None:
        """Refuse an instant that never ends."""
        if person.counts_at != self.now:
            person.counts_at = self.now
            person.counts_events = 0
        person.counts_events += 1
        if person.counts_events > EVENTS_OF_AN_INSTANT:
            here = self.plan.services[person.place.service].name
            asked = self.plan.services[service].name
            message = f"time stands still for a person at {here!r}, referred to {asked!r} for ever"
            raise EndlessInstantError(message)

    def new_spell(self, person: Person, service: int, host: int, via: int) -> Spell:
        """Open a row for a request."""
        spell = Spell(
            person.number, person.episode.index, person.visits, service, host, via, self.now
        )
        person.visits += 1
        self.spells.append(spell)
        return spell

    def open_home(self, person: Person, how: How) -> None:
        """Write that somebody has been at home since the start."""
        spell = self.new_spell(person, HOME, NOBODY, NOBODY)
        begin = self.plan.begin if person.source == 0 else person.since
        spell.requested = spell.needed = spell.granted = spell.started = begin
        spell.waited_at = spell.entered_from = HOME
        spell.how = int(how)
        person.place.spell = spell
