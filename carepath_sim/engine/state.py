"""What the SimPy engine knows of people, their places and their requests while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.plan.tables import FAR, NEVER, NOBODY

if TYPE_CHECKING:
    import numpy as np
    import simpy

    from carepath_sim.engine.spells import Spell


class Taper:
    """Where a stay stands in the steps of its visits: which they are, since when, how far."""

    __slots__ = ("number", "since", "step")

    def __init__(self, number: int, since: int) -> None:
        self.number = number
        self.since = since
        self.step = 0


class Place:
    """A present place, or one that is kept: the service, the units held, and the stay's clock."""

    __slots__ = (
        "came_from",
        "decided",
        "decides_at",
        "event",
        "handed_on",
        "interrupted",
        "local",
        "over",
        "pool",
        "ready",
        "service",
        "side",
        "spell",
        "stream",
        "taper",
        "target",
        "units",
    )

    def __init__(self, service: int, spell: Spell | None) -> None:
        self.service = service
        self.spell = spell
        self.pool = NOBODY
        self.local = 0
        self.stream = NOBODY
        self.units = 0
        self.ready = NEVER
        self.over = NEVER
        self.decides_at = FAR
        self.target = NOBODY  # a route drawn at the start
        self.event = 0
        self.decided = False
        self.handed_on = False
        self.interrupted = False
        self.taper: Taper | None = None
        # Waiting rooms only; they are read nowhere else.
        self.came_from: int
        self.side: int


class Request:
    """An open request for a place: waiting, or granted and booked."""

    __slots__ = (
        "answer",
        "answered",
        "blocked",
        "booked",
        "calling",
        "counted",
        "diverted_to",
        "due",
        "in_lanes",
        "in_place",
        "key",
        "patience",
        "person",
        "pools",
        "service",
        "several",
        "slot",
        "spell",
        "stream",
        "taper",
        "transfer",
        "units",
        "waiting",
    )

    def __init__(self, person: Person, slot: int, service: int, spell: Spell) -> None:
        self.person = person
        self.slot = slot
        self.service = service
        self.spell = spell
        self.answer: simpy.Event | None = None  # only where somebody has to wait for it
        self.answered = False
        self.diverted_to = NOBODY
        self.stream = NOBODY
        self.units = 1
        self.taper = NOBODY
        self.key: tuple[int, int, int, int] = (0, 0, 0, 0)
        self.pools: tuple[int, ...] = ()
        self.in_place = False
        self.waiting = True
        self.booked = False
        self.in_lanes = False
        self.blocked = False
        self.calling = False  # counts as a caller waiting for a step
        self.several = False  # one of several steps asked for together
        self.transfer = 0
        self.counted = False
        self.due = FAR
        self.patience = NOBODY


class Step:
    """An in-place step that is being received, with the units that it holds."""

    __slots__ = ("local", "pool", "spell", "taper", "units")

    def __init__(self, spell: Spell, pool: int, local: int, units: int) -> None:
        self.spell = spell
        self.pool = pool
        self.local = local
        self.units = units
        self.taper: Taper | None = None


class Episode:
    """What began with a crisis, an arrival or a planned referral."""

    __slots__ = ("began", "cause", "codes", "counts", "ended", "exit", "index", "number", "planned")

    def __init__(self, index: int, cause: int, number: int, began: int, *, planned: bool) -> None:
        self.index = index
        self.cause = cause
        self.number = number
        self.began = began
        self.ended = NEVER
        self.planned = planned
        self.exit = NOBODY  # the way out by which it ended
        self.counts: dict[int, int] = {}
        self.codes: list[int] = []


class Person:
    """A synthetic older person."""

    __slots__ = (
        "beside",
        "budgets",
        "counts_at",
        "counts_events",
        "discharged",
        "due",
        "end_at",
        "end_state",
        "episode",
        "episodes",
        "given",
        "hazard_numbers",
        "identity",
        "index",
        "kept",
        "lives_here",
        "number",
        "numbers",
        "place",
        "processes",
        "requests",
        "residence",
        "since",
        "source",
        "speeds",
        "start_codes",
        "steps",
        "turns",
        "values",
        "visits",
        "which",
    )

    def __init__(
        self, number: int, source: int, identity: int, index: int, values: list[int]
    ) -> None:
        self.number = number
        self.source = source
        self.identity = identity
        self.index = index
        self.values = values
        self.start_codes: list[int] = []
        self.place: Place
        self.residence = 0
        self.kept: list[tuple[Place, int]] = []
        self.episode = Episode(NOBODY, 0, 0, NEVER, planned=True)
        self.episodes = 0
        self.given = NOBODY  # row of what is known beforehand
        self.numbers: dict[int, int] = {}
        self.visits = 0
        self.requests: dict[int, Request] = {}
        self.steps: dict[int, Step] = {}
        self.processes: list[simpy.Process] = []
        self.beside: list[simpy.Process] = []  # what is received alongside the present stay
        self.turns: dict[int, int] = {}
        self.lives_here = False
        self.discharged = NEVER
        self.since = 0
        self.speeds: np.ndarray | None = None
        self.budgets: np.ndarray | None = None
        self.hazard_numbers: list[int] = []
        self.due = FAR
        self.which = NOBODY
        self.end_state = 0
        self.end_at = NEVER
        self.counts_at = NEVER
        self.counts_events = 0
