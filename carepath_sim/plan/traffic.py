"""Offered load: what people would take of each pool in the long run if it were never short.

The traffic equations of a scenario (Jackson 1957) with attributes averaged over their shares. They
are an approximation:

- rates are averaged over the year, the week and the day; every stay ends evenly over the week;
- hazards are the base rates of everybody at home: no factor after discharge, nobody away in a bed,
  nobody ageing, dying out or joining;
- arrivals count with the mean rate over the window, growth included; people of a list are drawn as
  everybody else who comes so;
- people who are there at the start count nothing: it is the long run that counts;
- no queue: waits for capacity, diversions (`max_wait`), policies and circles are left out;
- a crisis or death cuts a stay short, and what would have followed it is lost; the flow of an
  episode ends at home, at a residence, at an exit, at death, and with `back`;
- what is received alongside a stay counts for its own length, at most the mean of the stay; people
  turned away from full waiting rooms count as if there were room;
- in-place steps, hours for decisions and moves, and planning ahead count with their mean times;
- the clock and `open` count by their share of time, `holds` as never, an attribute that is set as
  set for good;
- beyond 20,000 combinations of attributes some are averaged over instead of followed, first those
  that a single service asks for, where nothing is lost by it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan import inflow
from carepath_sim.plan.build import spec_of
from carepath_sim.plan.capacity import largest_remainder
from carepath_sim.plan.distributions import DistributionError
from carepath_sim.plan.names import members
from carepath_sim.plan.quantiles import tabulate
from carepath_sim.plan.tables import DAY, HOUR, WEEK
from carepath_sim.plan.traffic_flow import Network, Station
from carepath_sim.plan.traffic_people import ONE, factors_of
from carepath_sim.scenario import checks
from carepath_sim.scenario.checks_pools import source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.plan.laws import Array
    from carepath_sim.plan.traffic_people import Crowd
    from carepath_sim.scenario.checks_words import Finding, Path
    from carepath_sim.scenario.model import Pool, Scenario
    from carepath_sim.scenario.values import DatedCapacity, Distribution

UNLIMITED = float("inf")

UNITS = {"minutes_per_day": "minutes a day"}
"""Units of pools as they are read."""


@dataclass(frozen=True)
class ServiceLoad:
    """The flow through a service.

    Attributes
    ----------
    service
        Name, ``nst[bexhill]`` for one of a template.
    entries_per_day
        People who start [1/day].
    mean_stay
        Mean time there [ms], steps received in place and hours included.
    """

    service: str
    entries_per_day: float
    mean_stay: float

    @property
    def people(self) -> float:
        """Mean number of people there."""
        return self.entries_per_day * self.mean_stay / DAY if self.entries_per_day else 0.0


@dataclass(frozen=True)
class PoolLoad:
    """What is asked of a pool.

    Attributes
    ----------
    pool
        Name, ``nst[bexhill]`` for one of a template.
    unit
        beds, places, staff, or minutes a day.
    entries_per_day
        Places asked for [1/day].
    mean_stay
        Mean time for which a unit is held [ms].
    mean_units
        Mean units that a place takes.
    load
        Offered load: the product of these three [units].
    capacity
        Mean capacity over the window [units]; infinite where there is no limit.
    by_stream
        Load of each stream [units].
    """

    pool: str
    unit: str
    entries_per_day: float
    mean_stay: float
    mean_units: float
    load: float
    capacity: float
    by_stream: tuple[tuple[str, float], ...] = field(default=())

    @property
    def sum_shown(self) -> str:
        """The load as a sum: ``2.41 referrals a day x 54.4 d``."""
        factors = [f"{_short(self.entries_per_day)} referrals a day", _duration(self.mean_stay)]
        if abs(self.mean_units - 1) > 1e-9:
            factors.append(f"{_short(self.mean_units)} {self.unit}")
        return " x ".join(factors)


def service_loads(scenario: Scenario) -> tuple[ServiceLoad, ...]:
    """Return the flow through every service, in written order."""
    return _Traffic(scenario).services()


def offered_load(scenario: Scenario) -> tuple[PoolLoad, ...]:
    """Return what is asked of every pool, in written order.

    Parameters
    ----------
    scenario
        A scenario without problems.

    Returns
    -------
    tuple
        One load for each pool; of several pools that a service can draw on (`any_of`), each has a
        part in proportion to its capacity.
    """
    return _Traffic(scenario).pools()


@dataclass(frozen=True)
class LongRun:
    """Who is where in the long run.

    Attributes
    ----------
    crowd
        The classes of people.
    people
        Mean number at each service, by class; infinite where nobody leaves.
    units
        Mean units that one of them takes of the service's pool.
    pools
        Pools of each service.
    """

    crowd: Crowd
    people: dict[str, Array]
    units: dict[str, float]
    pools: dict[str, tuple[str, ...]]


def long_run(scenario: Scenario) -> LongRun:
    """Return who is where in the long run, by the traffic equations.

    People are told apart by what hazards look at too: who comes more often is there more often.
    """
    hazards = scenario.population.hazards.values() if scenario.population is not None else ()
    apart = {key for hazard in hazards for key, _ in factors_of(hazard)} - {"age"}
    return _Traffic(scenario, frozenset(apart)).long_run()


def flows(scenario: Scenario) -> dict[str, float]:
    """Return the number of people who start at every service [1/day]."""
    return {load.service: load.entries_per_day for load in service_loads(scenario)}


def problems(scenario: Scenario) -> list[Finding]:
    """Return distributions that nothing can be drawn from.

    They are looked at here because the exact laws stand in this room; everything else that is wrong
    with a scenario is found by `carepath_sim.scenario.checks`.
    """
    found: list[Finding] = []
    for name, service in scenario.services.items():
        written: list[tuple[Path, Distribution]]
        written = [(("stay",), case.value) for case in service.stay]
        written += [(("max_wait", "after"), case.value.after) for case in service.max_wait]
        for path, distribution in written:
            try:
                tabulate(spec_of(distribution))
            except DistributionError as error:
                found.append((("services", name, *path), str(error)))
    return found + _start_problems(scenario)


def _start_problems(scenario: Scenario) -> list[Finding]:
    """Return distributions of a starting state that nothing can be drawn from."""
    found: list[Finding] = []
    for name, there in scenario.start.services.items():
        written: list[tuple[Path, Distribution | None]]
        written = [(("remaining",), there.remaining.law), (("days_so_far",), there.days_so_far)]
        written += [(("waiting", k, "waited"), one.waited) for k, one in enumerate(there.waiting)]
        for path, law in written:
            try:
                if law is not None:
                    tabulate(spec_of(law))
            except DistributionError as error:
                found.append((("start", name, *path), str(error)))
        service = scenario.services[name.partition("[")[0]]
        if there.count is not None and there.remaining.kind == "length_biased":
            for case in service.stay:
                if case.value.family == "fixed" and not dict(case.value.parameters)["value"]:
                    message = f"stays at '{name}' may have length 0, of which nothing is left"
                    found.append((("start", name), message))
    return found


def warnings(scenario: Scenario) -> list[Finding]:
    """Return every warning of a scenario: those of its fields, then those of loads and stays.

    Parameters
    ----------
    scenario
        A scenario without problems.

    Returns
    -------
    list
        Pairs of the path of the field and what is strange there.
    """
    found = checks.warnings(scenario)
    if not problems(scenario):
        # Numbers beyond counting give loads that say nothing, and no more than that.
        with np.errstate(all="ignore"):
            traffic = _Traffic(scenario)
            found += inflow.warnings(scenario)
            found += [*traffic.overloads(), *traffic.empty_starts(), *traffic.steady_starts()]
    return found


class _Traffic:
    """Loads of services and pools, from the flow through the stations of a scenario."""

    def __init__(self, scenario: Scenario, apart: frozenset[str] = frozenset()) -> None:
        self.scenario = scenario
        self.network = Network(scenario, apart)
        self.stations: dict[str, list[Station]] = {name: [] for name in scenario.services}
        for key, station in self.network.stations.items():
            self.stations[key.service].append(station)

    def _members(self, name: str, per: str | None) -> list[tuple[str, str | None, Array]]:
        """Return the members of a template: name, value, and who belongs to each by class."""
        crowd = self.network.crowd
        return [
            (full, value, ONE if per is None or value is None else crowd.having(per, value))
            for full, value in members(name, per, crowd.values[per] if per else ())
        ]

    def _sum(self, station: Station, *factors: Array) -> float:
        """Return the entries of a station times some factors, over all classes."""
        with np.errstate(invalid="ignore"):  # nobody (0) who stays for ever (inf) counts nothing
            amount = reduce(np.multiply, factors, np.broadcast_to(station.entries, self._shape))
        return float(amount[amount > 0].sum())

    @property
    def _shape(self) -> tuple[int, ...]:
        return self.network.crowd.shape

    def services(self) -> tuple[ServiceLoad, ...]:
        """Return the flow through every service."""
        found = []
        for name, service in self.scenario.services.items():
            for full, _, who in self._members(name, service.per):
                entries = sum(self._sum(station, who) for station in self.stations[name])
                time = sum(self._sum(station, who, station.held) for station in self.stations[name])
                found.append(ServiceLoad(full, entries, _ratio(time, entries)))
        return tuple(found)

    def long_run(self) -> LongRun:
        """Return who is where in the long run."""
        people: dict[str, Array] = {}
        units: dict[str, float] = {}
        pools: dict[str, tuple[str, ...]] = {}
        named = {pool for pool, one in self.scenario.pools.items() if one.per is None}
        for name, service in self.scenario.services.items():
            for full, value, who in self._members(name, service.per):
                there = np.zeros(self._shape)
                taken = 0.0
                for station in self.stations[name]:
                    with np.errstate(invalid="ignore"):
                        amount = station.entries * who * station.held / DAY
                    amount = np.where(np.isnan(amount), 0.0, amount)  # nobody, for ever
                    there = there + amount
                    some = amount > 0
                    each = np.broadcast_to(station.units, amount.shape)
                    taken += float((amount[some] * each[some]).sum())
                people[full] = there
                units[full] = _ratio(taken, float(there.sum()))
                pools[full] = tuple(p if p in named else f"{p}[{value}]" for p in service.pool)
        return LongRun(self.network.crowd, people, units, pools)

    def pools(self) -> tuple[PoolLoad, ...]:
        """Return what is asked of every pool."""
        capacity = {
            full: self._capacity(pool, value)
            for name, pool in self.scenario.pools.items()
            for full, value, _ in self._members(name, pool.per)
        }
        asked = {full: _Asked() for full in capacity}
        for name, service in self.scenario.services.items():
            for _, value, who in self._members(name, service.per):
                own = [pool if pool in asked else f"{pool}[{value}]" for pool in service.pool]
                parts = _in_proportion([capacity[full] for full in own])
                for full, part in zip(own, parts, strict=True):
                    self._ask(asked[full], self.stations[name], who * part)
        return tuple(
            asked[full].load(full, pool.unit, capacity[full])
            for name, pool in self.scenario.pools.items()
            for full, _, _ in self._members(name, pool.per)
        )

    def _ask(self, asked: _Asked, stations: list[Station], who: Array) -> None:
        """Add what comes to some stations to what is asked of a pool."""
        for station in stations:
            asked.entries += self._sum(station, who)
            asked.units += self._sum(station, who, station.units)
            asked.time += self._sum(station, who, station.units, station.held)
            for stream, share in station.streams.items():
                time = self._sum(station, who, station.units, station.held, share)
                asked.by_stream[stream] = asked.by_stream.get(stream, 0.0) + time / DAY

    def _capacity(self, pool: Pool, value: str | None) -> float:
        """Return the mean capacity of a pool over the window [units]."""
        spec = pool.capacity
        if spec.split_total is not None and pool.per is not None and value is not None:
            people = self.network.crowd.people()
            values = self.network.crowd.values[pool.per]
            shares = [
                float((people * self.network.crowd.having(pool.per, other)).sum())
                for other in values
            ]
            parts = largest_remainder(round(spec.split_total.value), shares)
            return float(parts[values.index(value)])
        dated = dict(spec.by_value)[value] if spec.by_value and value is not None else spec.dated
        return mean_capacity(dated, self.scenario)

    # --- warnings -------------------------------------------------------------------------------

    def overloads(self) -> Iterator[Finding]:
        """Yield pools, and ring-fenced parts, of which more is asked than they hold."""
        for load in self.pools():
            name = load.pool.partition("[")[0]
            pool = self.scenario.pools[name]
            if pool.overflow == "unlimited" or load.capacity == UNLIMITED:
                continue
            path = source_of(name, pool)
            outcome = self._outcome(name)
            which = "" if load.pool == name else f"{load.pool}: "
            extra = 0.0 if pool.surge is None else pool.surge.add.value
            if load.load >= load.capacity + extra and load.capacity > 0:
                yield path, f"{which}{_overload(load)}: {outcome}"
            elif pool.policy.kind == "ring_fenced":
                for stream, part in _fences(pool, load.capacity):
                    asked = dict(load.by_stream).get(stream, 0.0)
                    if asked >= part:
                        message = (
                            f"{which}offered load of the stream {stream}, {_short(asked)}"
                            f" {load.unit}, reaches its part of {_short(part)}: {outcome}"
                        )
                        yield ("pools", name, "policy", "ring_fenced", stream), message

    def _outcome(self, pool: str) -> str:
        """Return what becomes of people who ask for more than there is."""
        users = [service for service in self.scenario.services.values() if pool in service.pool]
        patience = all(user.max_wait and not user.max_wait[-1].when for user in users)
        rooms = [user.waiting_room for user in users]
        if users and all(room and math.isfinite(room.from_outside.value) for room in rooms):
            return "whoever finds the waiting room full is turned away"
        return (
            "whoever cannot be admitted in time is diverted or gives up"
            if patience
            else "queues grow without end"
        )

    def empty_starts(self) -> Iterator[Finding]:
        """Yield services that the warm-up is too short to fill."""
        warm_up = self.scenario.clock.warm_up
        start = self.scenario.start
        started = {name.partition("[")[0] for name in start.services}
        started |= {row.service.partition("[")[0] for row in start.census}
        if start.steady is not None:
            started |= set(start.steady.services or self.scenario.services)
        if warm_up.value <= 0 and not started:
            message = (
                "the run starts empty: without `warm_up:` or `start:` every average holds the time"
                " in which places fill"
            )
            yield ("clock", "warm_up"), message
            return
        members: dict[str, list[ServiceLoad]] = {}
        for load in self.services():
            members.setdefault(load.service.partition("[")[0], []).append(load)
        for name, loads in members.items():
            longest = max(loads, key=lambda load: load.mean_stay)
            in_place = self.scenario.services[name].in_place
            if in_place or name in started or longest.mean_stay <= warm_up.value:
                continue
            people = sum(load.people for load in loads) / len(loads)
            count = "n" if people == UNLIMITED else str(max(1, round(people)))
            message = (
                f"the mean stay of {_duration(longest.mean_stay)} is longer than the warm-up of"
                f" {_duration(warm_up.value)}: the places are far from filled when the window"
                f" begins; needs `start: {{{name}: {{count: {count}}}}}`"
                f" or `start: {{steady: [{name}]}}`"
            )
            if count != "n":
                message += " (the count is the long-run mean by the traffic equations)"
            yield ("services", name), message

    def steady_starts(self) -> Iterator[Finding]:
        """Yield services that are to start steady and have no long-run number of people."""
        steady = self.scenario.start.steady
        people: dict[str, float] = {}
        for load in self.services():
            base = load.service.partition("[")[0]
            people[base] = people.get(base, 0.0) + load.people
        for k, name in enumerate(steady.services if steady is not None else ()):
            if people.get(name, 0.0) == UNLIMITED:
                message = (
                    f"nobody ever leaves '{name}': it has no long-run number, and starts empty"
                )
                yield ("start", "steady", k), message
            elif not people.get(name):
                yield ("start", "steady", k), f"nobody comes to '{name}': it starts empty"


@dataclass
class _Asked:
    """Sums of what is asked of a pool: places and units a day, unit-time a day [ms]."""

    entries: float = 0.0
    units: float = 0.0
    time: float = 0.0
    by_stream: dict[str, float] = field(default_factory=dict)

    def load(self, pool: str, unit: str, capacity: float) -> PoolLoad:
        """Return the sums as a load."""
        return PoolLoad(
            pool=pool,
            unit=UNITS.get(unit, unit),
            entries_per_day=self.entries,
            mean_stay=_ratio(self.time, self.units),
            mean_units=_ratio(self.units, self.entries),
            load=self.time / DAY,
            capacity=capacity,
            by_stream=tuple(self.by_stream.items()),
        )


def mean_capacity(dated: tuple[DatedCapacity, ...], scenario: Scenario) -> float:
    """Return the mean capacity over the window of a scenario [units].

    Parameters
    ----------
    dated
        Steps in order of time; the first holds from the beginning.
    """
    first = scenario.clock.start
    # A window of hours is looked at as a day.
    last = max(scenario.clock.length.last(first), first + timedelta(days=1))
    starts = [max(first, line.start) if k and line.start else first for k, line in enumerate(dated)]
    ends = [*starts[1:], last]
    total = 0.0
    for line, begin, end in zip(dated, starts, ends, strict=True):
        days = (min(end, last) - begin).days
        if days > 0:
            total += days * _mean_places(line)
    return total / (last - first).days


def _mean_places(line: DatedCapacity) -> float:
    """Return the mean of a step over the week [units]."""
    if line.places is not None:
        return line.places.value
    return sum(
        (end - begin) * entry.places.value / WEEK
        for entry in line.roster
        for begin, end in entry.hours.windows
    )


def _fences(pool: Pool, capacity: float) -> Iterator[tuple[str, float]]:
    """Yield the mean part of each stream of a ring-fenced pool [units]."""
    whole = sum(number.value for _, number in pool.policy.parts)
    for stream, number in pool.policy.parts:
        yield stream, number.value / whole * capacity


def _in_proportion(capacities: list[float]) -> list[float]:
    """Return how a load divides over pools: in proportion to their capacity."""
    whole = sum(capacities)
    if len(capacities) == 1 or whole in {0, UNLIMITED}:
        return [1 / len(capacities) for _ in capacities]
    return [capacity / whole for capacity in capacities]


def _overload(load: PoolLoad) -> str:
    capacity = f"the mean capacity of {_short(load.capacity)} {load.unit}"
    if load.load == UNLIMITED:
        return f"people come for places that nobody ever gives back, whatever {capacity}"
    return f"offered load {_short(load.load)} {load.unit} ({load.sum_shown}) reaches {capacity}"


def _ratio(value: float, of: float) -> float:
    if of == 0:
        return 0.0
    return UNLIMITED if UNLIMITED in {value, of} else value / of


def _short(value: float) -> str:
    """Return a number with as many digits as a reader needs.

    >>> _short(131.24), _short(2.413), _short(0.0312), _short(20)
    ('131.2', '2.41', '0.0312', '20')
    """
    return f"{value:.1f}".removesuffix(".0") if value >= 10 else f"{value:.3g}"


def _duration(ms: float) -> str:
    """Return a mean duration in a unit that suits it.

    >>> _duration(54.4 * DAY), _duration(12.5 * 60_000), _duration(6 * HOUR)
    ('54.4 d', '12.5 min', '6 h')
    """
    if ms == UNLIMITED:
        return "life"
    for unit, name in ((DAY, "d"), (HOUR, "h")):
        if ms >= 2 * unit:
            return f"{_short(ms / unit)} {name}"
    return f"{_short(ms / 60_000)} min"
