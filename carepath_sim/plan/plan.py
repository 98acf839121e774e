"""The plan: a scenario as frozen arrays, with the names that belong to its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from carepath_sim.plan.givens import NO_GIVENS
from carepath_sim.plan.openings import first_openings
from carepath_sim.plan.programmes import no_programmes
from carepath_sim.plan.rates import Segments
from carepath_sim.plan.starts import NO_CENSUS, Census, StartInfo
from carepath_sim.plan.states import NO_STATES
from carepath_sim.plan.surges import NO_SURGES
from carepath_sim.plan.tables import DAY, HOUR
from carepath_sim.plan.tapers import NO_TAPERS

if TYPE_CHECKING:
    from datetime import date

    import numpy as np

    from carepath_sim.plan.dated import Retired, Switch
    from carepath_sim.plan.programmes import ProgrammeInfo, Programmes
    from carepath_sim.plan.states import Progression, States
    from carepath_sim.plan.surges import Surges
    from carepath_sim.plan.tables import Attributes, Givens, Hazards, PoolTables, Tables
    from carepath_sim.plan.tapers import Tapers
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.values import Cost, Visits

NO_PROGRAMMES = no_programmes()


NEVER_CHANGES = Segments()


@dataclass(frozen=True)
class ServiceInfo:
    """What reports need to know of a service.

    Attributes
    ----------
    room_of
        The service whose waiting room this is, or -1.
    alongside
        Whether it is received alongside stays, and never a step on the way.
    """

    name: str
    title: str
    base: str
    setting: str
    in_place: bool = False
    residence: bool = False
    permanent: bool = False
    pools: tuple[int, ...] = ()
    organisation: str | None = None
    responsible: str = "nhs"
    role: tuple[str, ...] = ()
    delay_reason: str = ""
    costs: tuple[Cost, ...] = ()
    visits: tuple[Visits, ...] = ()
    visits_while_waiting: bool = True
    is_exit: bool = False
    room_of: int = -1
    alongside: bool = False


@dataclass(frozen=True)
class PoolInfo:
    """What reports need to know of a pool."""

    name: str
    title: str
    unit: str
    base: str
    streams: tuple[str, ...]
    policy: str
    unlimited: bool
    overflow: bool


@dataclass(frozen=True)
class AttributeInfo:
    """An attribute with the values that its codes stand for."""

    name: str
    of: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class SourceInfo:
    """People of one origin: the population, people turning 65, or referrals from outside.

    Attributes
    ----------
    identity
        Hash of the name, the upper 24 bits of a word whose lower 8 are the layer.
    rate
        Mean rate [per day] of a Poisson source, or 0.
    month, weekday, hour
        Profiles with mean 1.
    segments
        Rate over time instead of `rate`; none where it never changes.
    variation
        Table of the factor by which each day's rate varies, or -1.
    instants
        Instants [ms] of people who come from a list, by number.
    every, first, count
        Fixed interval and first instant [ms], and how many; 0, 0, 0 for a Poisson source.
    at_start
        Whether these people are there when the run starts.
    service, cause, planned, lives_on, born
        First service, cause of the episode, whether planned, whether the person lives on at home
        afterwards, and whether the source is people who simply join the population.
    """

    name: str
    identity: int
    rate: float = 0.0
    month: tuple[float, ...] = ()
    weekday: tuple[float, ...] = ()
    hour: tuple[float, ...] = ()
    segments: Segments = NEVER_CHANGES
    variation: int = -1
    instants: tuple[int, ...] = ()
    every: int = 0
    first: int = 0
    count: int = 0
    target: int = -1
    cause: int = 0
    planned: bool = False
    lives_on: bool = False
    born: bool = False
    at_start: bool = False


@dataclass(frozen=True)
class SetInfo:
    """An attribute that a service sets when people are ready."""

    attribute: int
    code: int
    lasts: int


@dataclass(frozen=True)
class Plan:
    """A scenario ready to run.

    Attributes
    ----------
    begin, window, end
        Start of the warm-up (negative or 0), end of the analysis window, and end of the run-out
        [ms from midnight of `start_date`].
    population
        Number of people in the population.
    states, progression, ageing
        How people change: by stays, by a clock of frailty (or None), by birthdays.
    birthday
        Number of the decision that draws birthdays, -1 for none.
    programmes, programme_tables
        Prevention, in the order of names.
    """

    scenario: Scenario
    start_date: date
    begin: int
    window: int
    end: int
    population: int
    services: tuple[ServiceInfo, ...]
    pools: tuple[PoolInfo, ...]
    attributes: tuple[AttributeInfo, ...]
    stream_names: tuple[str, ...]
    cause_names: tuple[str, ...]
    hazard_names: tuple[str, ...]
    decision_names: tuple[str, ...]
    target_names: tuple[str, ...]
    sources: tuple[SourceInfo, ...]
    starts: tuple[StartInfo, ...]
    sets: tuple[tuple[SetInfo, ...], ...]
    residual: dict[int, int]
    back: int
    tables: Tables
    hazards: Hazards
    draws: Attributes
    pool_tables: PoolTables
    states: States = NO_STATES
    progression: Progression | None = None
    ageing: bool = False
    birthday: int = -1
    givens: Givens = NO_GIVENS
    tapers: Tapers = NO_TAPERS
    surges: Surges = NO_SURGES
    census: Census = NO_CENSUS
    start_said: tuple[str, ...] = ()
    programmes: tuple[ProgrammeInfo, ...] = ()
    programme_tables: Programmes = NO_PROGRAMMES

    @property
    def people_change(self) -> bool:
        """Whether people change but by what services set."""
        return bool(len(self.states.attribute)) or self.progression is not None or self.ageing

    switches: tuple[Switch, ...] = ()
    retired: tuple[Retired, ...] = ()

    @property
    def service_index(self) -> dict[str, int]:
        """Number of each service by name."""
        return {service.name: k for k, service in enumerate(self.services)}

    @property
    def pool_index(self) -> dict[str, int]:
        """Number of each pool by name."""
        return {pool.name: k for k, pool in enumerate(self.pools)}

    @property
    def attribute_index(self) -> dict[str, int]:
        """Number of each attribute by name."""
        return {attribute.name: k for k, attribute in enumerate(self.attributes)}

    @property
    def source_names(self) -> tuple[str, ...]:
        """Names of the sources of people, the population first."""
        return tuple(source.name for source in self.sources)

    def capacity_steps(self, pool: int) -> tuple[np.ndarray, np.ndarray]:
        """Return instants [ms] at which a pool's capacity changes, and capacities [units]."""
        first, last = self.pool_tables.step_first[pool : pool + 2]
        return self.pool_tables.step_t[first:last], self.pool_tables.step_capacity[first:last]

    def next_opening(self, service: int, which: str, t: int) -> int:
        """Return the first instant [ms] at or after `t` at which hours of a service are open.

        Parameters
        ----------
        which
            ``admits``, ``discharges`` or ``decides``.
        """
        calendar = int(getattr(self.tables, which)[service])
        if calendar < 0:
            return t
        return int(first_openings(self.tables, calendar, [t])[0])

    def hour_of_day(self, t: int) -> int:
        """Return the hour of day of an instant, 0 to 23."""
        return t % DAY // HOUR
