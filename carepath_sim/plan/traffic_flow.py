"""The flow of people through the services of a scenario, in the long run and without queues.

People are followed as amounts by class (`traffic_people`) through *stations*: a service asked for
from a present place, after a step received in place. Only places and steps that some condition
names are told apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from carepath_sim.plan.rates import mean_rate
from carepath_sim.plan.tables import DAY
from carepath_sim.plan.tapers import units_of
from carepath_sim.plan.traffic_people import (
    LIVES,
    NONE,
    ONE,
    RESIDENT,
    Crowd,
    Source,
    factors_of,
    moments,
)
from carepath_sim.plan.traffic_solve import solve
from carepath_sim.plan.traffic_stays import (
    FAR,
    WEEK_TO_WORK,
    cut_short,
    lengths,
    mean_wait,
    open_share,
    until_moved,
)
from carepath_sim.scenario.values import AllOf, Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from carepath_sim.plan.laws import Array
    from carepath_sim.scenario.model import Scenario, Service
    from carepath_sim.scenario.values import Branch, Cases, Distribution, Test, Visits

T = TypeVar("T")

AT_RISK = ("own_home", "care_home")
"""Settings in which crises happen."""

FIELDS = (
    *("next", "stay", "max_stay", "units", "visits", "taper", "stream", "plan_ahead"),
    "transfer",
)
"""Fields whose conditions the traffic equations look at; priority and patience change no flow."""

OTHER = ""
"""A present place, or a step, that no condition names."""

LOOPS = 500
"""Rounds after which steps that refer to each other are taken as they are."""


@dataclass(frozen=True)
class Key:
    """What tells stations apart.

    Attributes
    ----------
    service
        Name of the service as written.
    at, via
        Present place and referring step at the request.
    alone
        False for one of several steps asked for together, which refers nobody on.
    """

    service: str
    at: str
    via: str
    alone: bool = True


@dataclass(frozen=True)
class Way:
    """A way out of a station.

    Attributes
    ----------
    share
        Probability by class at the request, given that the stay is not cut short.
    to
        Stations asked for together, none at home or an exit.
    then
        Station asked for when all of these are done, or None.
    sets
        Attributes with the values that they have from then on, for `then` those set on the way.
    dies
        Whether people die, for which there are no hours.
    """

    share: Array
    to: tuple[Key, ...] = ()
    then: Key | None = None
    sets: tuple[tuple[str, str], ...] = ()
    dies: bool = False


@dataclass
class Station:
    """A service as it is for those who ask for it in one way.

    Attributes
    ----------
    units
        Mean units of the pool by class.
    streams
        Probability of each stream by class.
    stay, ends
        Mean stay [ms] as drawn or cut short by a crisis or death, and the chance that it is not.
    ahead
        Mean time before the end of the stay at which the way on is decided [ms].
    ways
        Ways out.
    beside
        Stations asked for at the start of the stay, with the share by class that asks.
    transfer
        Mean time of the way there [ms].
    entries
        People a day by class.
    onward
        Mean time from the request until a place that is not in place is asked for [ms].
    held
        Mean time for which the place is held [ms].
    """

    units: Array = field(default_factory=lambda: ONE)
    streams: dict[str, Array] = field(default_factory=dict)
    stay: Array = field(default_factory=lambda: NONE)
    ends: Array = field(default_factory=lambda: ONE)
    ahead: Array = field(default_factory=lambda: NONE)
    ways: list[Way] = field(default_factory=list)
    beside: list[tuple[Key, Array]] = field(default_factory=list)
    transfer: Array = field(default_factory=lambda: NONE)
    entries: Array = field(default_factory=lambda: NONE)
    onward: Array = field(default_factory=lambda: NONE)
    held: Array = field(default_factory=lambda: NONE)


@dataclass(frozen=True)
class View:
    """What a condition sees beside the person: place, step, stream, way on, event."""

    at: str
    via: str
    streams: dict[str, Array] = field(default_factory=dict)
    to: str | None = None
    event: Array = field(default_factory=lambda: NONE)


class Network:
    """The stations of a scenario with the flow through them.

    Parameters
    ----------
    apart
        Attributes to tell people apart by, besides those that services ask for.
    """

    def __init__(self, scenario: Scenario, apart: frozenset[str] = frozenset()) -> None:
        self.scenario = scenario
        tests = {name: _tests(service) for name, service in scenario.services.items()}
        self.sources = list(_sources(scenario))
        apart = apart | frozenset(_templates(scenario))
        self.crowd = Crowd(scenario, tests, apart, self.sources)
        every = {test for some in tests.values() for test in some}
        self.places = {_base(v) for t in every if t.key == "from" for v in t.values}
        self.steps = {_base(v) for t in every if t.key == "via" for v in t.values}
        self.stations: dict[Key, Station] = {}
        self.arriving: dict[Key, Array] = {}
        self.hazards = self._hazards()
        for source in self.sources:
            key = self._key(source.to, source.at, OTHER)
            self.arriving[key] = self.arriving.get(key, NONE) + self.crowd.people(source)
        self._build()
        for key, entries in solve(self.crowd, self.arriving, self._edges()).items():
            self.stations[key].entries = entries
        self._wait_onward()
        for key, station in self.stations.items():
            station.held = self._held(key, station)
        self._cut_to_hosts()

    def _hazards(self) -> dict[str, Array]:
        """Return the rate of each hazard by class [per day and person], seasons averaged out."""
        population = self.scenario.population
        found: dict[str, Array] = {}
        for name, hazard in population.hazards.items() if population is not None else ():
            found[name] = np.array(hazard.rate.value)
            for key, pairs in factors_of(hazard):
                found[name] = found[name] * self.crowd.factor(key, pairs)
        return found

    def _key(self, service: str, at: str, via: str, *, alone: bool = True) -> Key:
        return Key(
            _base(service),
            at if at in self.places else OTHER,
            via if via in self.steps else OTHER,
            alone,
        )

    # --- stations -----------------------------------------------------------------------------

    def _build(self) -> None:
        """Make every station that somebody reaches."""
        todo = list(self.arriving)
        while todo:
            key = todo.pop()
            if key not in self.stations:
                self.stations[key] = station = self._station(key)
                for way in station.ways:
                    todo += [*way.to, *([way.then] if way.then is not None else [])]
                todo += [to for to, _ in station.beside]

    def _station(self, key: Key) -> Station:
        service = self.scenario.services[key.service]
        asked = View(key.at, key.via)
        streams: dict[str, Array] = {}
        for stream, share in self._first_match(service.stream, asked):
            streams[stream] = streams.get(stream, NONE) + share
        asked = View(key.at, key.via, streams)
        # During a stay `from` is where people came from, as it was when they asked.
        here = asked
        station = Station(units=self._units(service, asked), streams=streams)
        mean, square, event = self._stay(service, here)
        leaving = self._leaving(service)
        if mean is None:
            with np.errstate(divide="ignore"):
                station.stay = np.where(leaving > 0, 1 / np.maximum(leaving, 1e-300), FAR)
            station.ends = NONE
        else:
            station.stay, station.ends = cut_short(mean, square, leaving)
        station.ahead = self._ahead(service, here)
        for number, share in self._first_match(service.transfer, asked):
            station.transfer = station.transfer + share * number.value
        for entry in service.alongside:
            asks = sum((s for _, s in self._first_match((Case(1, entry.when),), here)), NONE)
            beside = self._key(entry.service, key.service, OTHER, alone=False)
            station.beside.append((beside, asks))
        if key.alone:
            seen = View(here.at, here.via, streams, event=event)
            station.ways = list(self._ways(key, service, seen))
        return station

    def _stay(self, service: Service, here: View) -> tuple[Array | None, Array, Array]:
        """Return mean [ms] and second moment [ms^2] of the stay, and the chance of `max_stay`."""
        if not service.stay and not service.max_stay:
            return (NONE if service.in_place else None), NONE, NONE
        views: list[tuple[View, Array]] = [(here, ONE)]
        if service.route_at == "start" and service.next:
            # The way on is known before the stay, which may test it.
            views = [
                (View(here.at, here.via, here.streams, to=_meant(branch)), share)
                for branch, share in self._branches(service, here)
            ]
        mean, square, event = NONE, NONE, NONE
        for view, part in views:
            for stay, share in self._first_or_none(service.stay, view):
                for longest, other in self._first_or_none(service.max_stay, view):
                    end = FAR if longest is None else longest.value
                    if longest is not None and longest.working:
                        end *= WEEK_TO_WORK
                    m, s, late = (end, end**2, 1.0) if stay is None else lengths(stay, end)
                    weight = part * share * other
                    mean, square = mean + weight * m, square + weight * s
                    event = event + weight * late
        return mean, square, event

    def _ahead(self, service: Service, here: View) -> Array:
        """Return the mean time before the end of a stay at which the way on is decided [ms]."""
        ahead = NONE
        for before, share in self._first_match(service.plan_ahead, here):
            if before.value > 0:
                stays: Iterable[tuple[Distribution, Array]] = self._first_match(service.stay, here)
                for stay, part in stays:
                    ahead = ahead + share * part * lengths(stay, before.value)[0]
        return ahead

    def _units(self, service: Service, asked: View) -> Array:
        pools = [self.scenario.pools[name] for name in service.pool]
        found = NONE
        if service.visiting and any(pool.unit == "minutes_per_day" for pool in pools):
            for visits, share in self._first_match(service.visiting, asked):
                found = found + share * self._minutes(visits, service, asked)
            return found
        for number, share in self._first_match(service.units, asked):
            found = found + share * number.value
        return found

    def _minutes(self, visits: Visits, service: Service, asked: View) -> Array | float:
        """Return the mean minutes a day of visits that may fall in steps, over a mean stay."""
        first = level = float(units_of(visits.per_day.value, visits.minutes.value))
        if not visits.then:
            return level
        stays = list(self._first_match(service.stay, asked))
        if not stays:  # for life: what counts in the long run is the last step
            return float(units_of(visits.then[-1].per_day.value, visits.then[-1].minutes.value))
        whole, units = NONE, NONE
        for stay, share in stays:
            whole = whole + share * lengths(stay, FAR)[0]
        for step in (*visits.then, None):
            for stay, share in stays:
                until = FAR if step is None else step.after.value
                units = units + share * level * lengths(stay, until)[0]
                if step is not None:
                    lower = units_of(step.per_day.value, step.minutes.value)
                    units = units - share * lower * lengths(stay, until)[0]
            if step is not None:
                level = float(units_of(step.per_day.value, step.minutes.value))
        # Of a stay without length only the first step is seen.
        some = np.asarray(whole) > 0
        seen: Array = np.divide(units, whole, out=np.full(np.shape(whole), first), where=some)
        return seen

    def _leaving(self, service: Service) -> Array:
        """Return the hazard of a crisis or death that ends a stay, by class [per ms].

        A place that is kept is come back to, so that only death ends its use.
        """
        if service.in_place or self.scenario.population is None:
            return NONE
        factors = {name: number.value for name, number in service.hazard_factor}
        dies_here = any(b.to == "died" for case in service.next for b in case.value)
        total = NONE
        for name, hazard in self.scenario.population.hazards.items():
            if hazard.to == "died":
                times = 0.0 if dies_here else factors.get(name, 1.0)
            elif service.setting in AT_RISK and service.keeps_place is None:
                times = factors.get(name, factors.get("*", 1.0))
            else:
                times = 0.0
            total = total + times * self.hazards[name] / DAY
        if LIVES in self.crowd.group:
            return total * self.crowd.having(LIVES, RESIDENT)
        return total if any(source.lives for source in self.sources) else NONE

    # --- ways ---------------------------------------------------------------------------------

    def _branches(self, service: Service, view: View) -> Iterator[tuple[Branch, Array]]:
        for branches, share in self._first_match(service.next, view):
            for branch in branches:
                if branch.share.value > 0:
                    yield branch, share * branch.share.value

    def _ways(self, key: Key, service: Service, view: View) -> Iterator[Way]:
        at = key.at if service.in_place else key.service
        via = key.service if service.in_place else OTHER
        sets = tuple((name, value) for name, value, _ in service.set)
        for branch, chosen in self._branches(service, view):
            to, share = branch.to, chosen
            for name, value in reversed(sets):
                share = self.crowd.after(share, name, value)
            if isinstance(to, AllOf):
                asked = tuple(self._key(step, at, via, alone=False) for step in to.steps)
                done = sets + tuple(
                    (name, value)
                    for step in to.steps
                    for name, value, _ in self.scenario.services[_base(step)].set
                )
                known = _base(to.then) in self.scenario.services
                then = self._key(to.then, at, _base(to.steps[-1])) if known else None
                yield Way(share, asked, then, done)
            elif _base(to) in self.scenario.services:
                yield Way(share, (self._key(to, at, via),), sets=sets)
            else:
                yield Way(share, sets=sets, dies=to == "died")

    def _edges(self) -> dict[Key, list[tuple[Key, Array, tuple[tuple[str, str], ...]]]]:
        """Return, by station, where people go on: share by class, and what is set on the way."""
        edges: dict[Key, list[tuple[Key, Array, tuple[tuple[str, str], ...]]]] = {}
        for key, station in self.stations.items():
            edges[key] = []
            for way in station.ways:
                share = station.ends * way.share
                edges[key] += [(to, share, way.sets) for to in way.to]
                if way.then is not None:
                    edges[key].append((way.then, share, way.sets))
            edges[key] += [(to, share, ()) for to, share in station.beside]
        return edges

    def deaths(self) -> float:
        """Return the people who die by routes to `died` [per day]."""
        total = 0.0
        for station in self.stations.values():
            for way in station.ways:
                if way.dies:
                    with np.errstate(invalid="ignore"):  # nobody (0) where people are for ever
                        amount = station.entries * station.ends * way.share
                    total += float(amount[np.isfinite(amount)].sum())
        return total

    # --- times --------------------------------------------------------------------------------

    def _wait_onward(self) -> None:
        """Find how long people are on their way through steps received in place."""
        services = self.scenario.services
        steps = [key for key in self.stations if services[key.service].in_place]
        for key, station in self.stations.items():
            if key not in steps:
                station.onward = np.array(mean_wait(services[key.service].admits))
        for _ in range(LOOPS):
            change = 0.0
            for key in steps:
                station, service = self.stations[key], services[key.service]
                found = mean_wait(service.admits) + station.stay + mean_wait(service.decides)
                for way in station.ways:
                    found = found + way.share * self._way_time(way)
                change = max(change, float(np.max(np.abs(found - station.onward))))
                station.onward = found
            if change < 1:
                break

    def _way_time(self, way: Way) -> Array:
        """Return the mean time through the steps that a way begins with [ms]."""
        if not way.to:
            return NONE
        longest = reduce(np.maximum, [self.stations[to].onward for to in way.to])
        return longest if way.then is None else longest + self.stations[way.then].onward

    def _held(self, key: Key, station: Station) -> Array:
        """Return the mean time for which a place is held [ms].

        The stay, and with a place of its own the steps received in it afterwards, the hours that
        delay the decision and the move, less what was planned ahead.
        """
        service = self.scenario.services[key.service]
        if service.in_place:
            return station.stay
        extra = NONE
        for way in station.ways:
            steps = self._way_time(way)
            direct = self.scenario.services[way.to[0].service] if len(way.to) == 1 else None
            admits = direct.admits if direct is not None and not direct.in_place else None
            discharges = None if way.dies else service.discharges
            if direct is not None and not direct.in_place:
                steps = NONE  # the hours of the next place are counted below
            late = np.maximum(0.0, steps - station.ahead)
            if service.decides or discharges or admits:
                # By the hours, for the mean of the steps and of the time planned ahead.
                s, a = self._mean(steps, station), self._mean(station.ahead, station)
                # Where flows are beyond counting there is no mean to speak of.
                if math.isfinite(s) and math.isfinite(a):
                    moved = until_moved(service.decides, discharges, admits, round(a), round(s))
                    late = late + moved - max(0.0, s - a)
            if direct is not None and not direct.in_place:
                late = late + self.stations[way.to[0]].transfer  # both places are held
            extra = extra + way.share * late
        return station.transfer + station.stay + station.ends * extra

    def _cut_to_hosts(self) -> None:
        """Hold what is received alongside stays no longer than these, on average."""
        hosts: dict[Key, list[Station]] = {}
        for station in self.stations.values():
            for to, _ in station.beside:
                hosts.setdefault(to, []).append(station)
        for key, some in hosts.items():
            service = self.scenario.services[key.service]
            longest = reduce(np.maximum, [host.held - host.transfer for host in some])
            own = self.stations[key].stay
            ends = bool(service.stay or service.max_stay)
            self.stations[key].held = np.minimum(own, longest) if ends else longest

    def _mean(self, amount: Array, station: Station) -> float:
        """Return the mean of an amount by class over those who come."""
        entries = np.broadcast_to(station.entries, self.crowd.shape)
        came = entries > 0
        if not came.any():
            return float(np.mean(amount))
        # Nobody, times for ever, is nothing; nor is no time, for people beyond counting.
        amounts = np.broadcast_to(amount, entries.shape)[came]
        some = amounts != 0
        return float((entries[came][some] * amounts[some]).sum()) / float(entries.sum())

    # --- conditions ---------------------------------------------------------------------------

    def _first_match(self, cases: Cases[T], view: View) -> list[tuple[T, Array]]:
        """Return the values of cases with the probability, by class, that each is the first."""
        shares: list[Array] = [NONE] * len(cases)
        tests = [test for case in cases for test in case.when]
        for part, now in moments(tests, self.scenario.clock):
            rest = np.array(part)
            for k, case in enumerate(cases):
                met = ONE
                for test in case.when:
                    met = met * (now[test] if test in now else self._answer(test, view))
                shares[k] = shares[k] + self.crowd.mean(rest * met)
                rest = rest * (1 - met)
        return [
            (case.value, share)
            for case, share in zip(cases, shares, strict=True)
            if np.any(share > 0)
        ]

    def _first_or_none(self, cases: Cases[T], view: View) -> list[tuple[T | None, Array]]:
        """Return the same, or None for everybody where nothing is written."""
        return [*self._first_match(cases, view)] or [(None, ONE)]

    def _answer(self, test: Test, view: View) -> Array:
        """Return whether a test holds, 0 or 1 by level, or the probability that it does."""
        key = test.key
        if key in {"from", "via", "to"}:
            seen = {"from": view.at, "via": view.via, "to": view.to}[key]
            return ONE if seen in {_base(value) for value in test.values} else NONE
        if key == "stream":
            return reduce(lambda p, v: p + view.streams.get(v, NONE), test.values, NONE)
        if key == "event":
            return view.event
        if key == "open":
            services = self.scenario.services
            return np.array(max(open_share(services[_base(v)].admits) for v in test.values))
        # `holds` counts as never: a kept place is rare among all who come.
        return self.crowd.answer(test)


def _base(name: str) -> str:
    """Return the name a service is written under: ``nst`` for ``nst[bexhill]``."""
    return name.partition("[")[0]


def _meant(branch: Branch) -> str:
    return branch.to.then if isinstance(branch.to, AllOf) else branch.to


def _tests(service: Service) -> tuple[Test, ...]:
    """Return every test of a service that the flow depends on."""
    found: dict[Test, None] = {}
    for name in FIELDS:
        cases: Cases[Any] = getattr(service, name)
        found.update((test, None) for case in cases for test in case.when)
    found.update((test, None) for entry in service.alongside for test in entry.when)
    return tuple(found)


def _templates(scenario: Scenario) -> Iterator[str]:
    """Yield the attributes for each value of which there is a service or a pool."""
    for per in (
        *(service.per for service in scenario.services.values()),
        *(pool.per for pool in scenario.pools.values()),
    ):
        if per is not None:
            yield per


def _sources(scenario: Scenario) -> Iterator[Source]:
    """Yield where people come from."""
    if scenario.population is not None:
        size = scenario.population.size.value
        for name, hazard in scenario.population.hazards.items():
            if _base(hazard.to) in scenario.services:
                rate = hazard.rate.value
                yield Source(hazard.to, "home", size * rate, name, factors=factors_of(hazard))
    for name, arrival in scenario.arrivals.items():
        clock = scenario.clock
        per_day = mean_rate(arrival, clock.start, 0, clock.length.end(clock.start))
        if arrival.every is not None:
            per_day = DAY / arrival.every.value
        if arrival.count is not None:
            days = (clock.warm_up.value + clock.length.end(clock.start)) / DAY
            per_day = min(per_day, arrival.count.value / days)
        yield Source(
            arrival.at,
            "outside",
            per_day,
            arrival.cause or name,
            lives=arrival.returns,
            fixed=arrival.is_,
        )
