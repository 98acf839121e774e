"""Pools: capacities, policies, and requests that could never be granted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from carepath_sim.scenario.checks_cases import numbered
from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, figure, listed, unknown
from carepath_sim.scenario.grammar_numbers import SUMS, sum_shown
from carepath_sim.scenario.model import Pool, Service
from carepath_sim.scenario.values import DatedCapacity, Policy

UNLIMITED = math.inf


def source_of(name: str, pool: Pool) -> Path:
    """Return where the capacity of a pool is written: as a number, or as staff."""
    return ("pools", name, "capacity" if pool.from_staff is None else "from_staff")


def capacities(names: Vocabulary) -> Iterator[Finding]:
    """Yield capacities by value of an attribute that the pool does not stand for."""
    for name, pool in names.scenario.pools.items():
        path = source_of(name, pool)
        if pool.from_staff is not None:
            path = (*path, "fte")
        spec = pool.capacity
        known = names.attributes.get(pool.per or "", ())
        if pool.per is None and (spec.by_value or spec.split_total is not None):
            message = (
                "a capacity by value of an attribute, or shared out by population, needs `per:`"
                " with the name of the attribute"
            )
            yield path, message
        elif spec.by_value and known:
            given = [value for value, _ in spec.by_value]
            for value in given:
                if value not in known:
                    yield (*path, value), unknown(f"value of {pool.per}", value, known)
            missing = [value for value in known if value not in given]
            if missing:
                yield (
                    path,
                    f"no capacity for {listed(missing)}; every value of {pool.per} needs one",
                )


def _each(path: Path, pool: Pool) -> Iterator[tuple[Path, tuple[DatedCapacity, ...]]]:
    """Yield the steps of the capacity of each pool that is written here."""
    if pool.capacity.dated:
        yield path, pool.capacity.dated
    for value, dated in pool.capacity.by_value:
        yield (*path, value), dated


def levels(dated: Iterable[DatedCapacity]) -> Iterator[tuple[str, frozenset[float]]]:
    """Yield the capacities that each step can have, with the words for when.

    Hours of a roster without a line count as 0 places.
    """
    for line in dated:
        when = "" if line.start is None else f" from {line.start}"
        if line.places is not None:
            yield when, frozenset({line.places.value})
        else:
            yield when, frozenset({0.0, *(entry.places.value for entry in line.roster)})


def policies(names: Vocabulary) -> Iterator[Finding]:
    """Yield parts of policies that do not sum to the capacity on every date."""
    for name, pool in names.scenario.pools.items():
        policy = pool.policy
        if policy.kind in {"shared", "priority"}:
            continue
        path: Path = ("pools", name, "policy", policy.kind)
        values = [part.value for _, part in policy.parts]
        if policy.is_share:
            if policy.kind == "reserved" and math.fsum(values) > 1 + SUMS:
                yield path, f"more is reserved than there is: {sum_shown(values)} of the capacity"
        elif pool.capacity.split_total is not None:
            message = (
                "parts as counts cannot fit pools of different size;"
                " write them as shares, such as 15 %"
            )
            yield path, message
        for _, dated in _each(source_of(name, pool), pool):
            yield from _count_parts(path, policy, dated)


def _count_parts(path: Path, policy: Policy, dated: tuple[DatedCapacity, ...]) -> Iterator[Finding]:
    values = [part.value for _, part in policy.parts]
    parts, exact = math.fsum(values), policy.kind != "reserved"
    for when, places in levels(dated):
        most = max(places)
        if most == UNLIMITED:
            message = (
                f"a pool without limit{when} has nothing to divide;"
                " write `policy: shared`, or give the pool a capacity"
            )
            yield path, message
        elif policy.is_share:
            continue
        elif not exact and parts > most:
            message = f"{sum_shown(values)} are reserved, but there are {figure(most)} places{when}"
            yield path, message
        elif exact and (parts != most or not places <= {0, parts}):
            # Closed hours of a roster (0 places) leave nothing to divide.
            found = listed((figure(level) for level in sorted(places - {0, parts}) or [most]), "or")
            message = (
                f"the parts must sum to the capacity on every date: {sum_shown(values)},"
                f" but the capacity is {found}{when}; change one of them, or write the parts as"
                " shares (such as 15 %), which follow the capacity"
            )
            yield path, message


def streams(names: Vocabulary) -> Iterator[Finding]:
    """Yield streams that a policy does not know, and streams of a policy that nobody is in."""
    users = _users(names)
    for name, pool in names.scenario.pools.items():
        if pool.policy.kind == "shared":
            continue
        known = names.policy_streams(name)
        for user, service in users[name]:
            yield from _streams_of(("services", user, "stream"), service, name, pool, known)
        used = {stream for _, service in users[name] for stream in names.streams(service)}
        for stream in known:
            if stream not in used:
                message = (
                    f"no service that draws on '{name}' has the stream '{stream}';"
                    f" streams of its services: {listed(used)}"
                )
                yield ("pools", name, "policy", pool.policy.kind, stream), message


def _streams_of(
    path: Path, service: Service, name: str, pool: Pool, known: tuple[str, ...]
) -> Iterator[Finding]:
    kind = pool.policy.kind
    if not service.stream:
        message = (
            f"the policy of pool '{name}' is {kind}: say with `stream:` in which stream people ask"
            f" for a place ({listed(known, 'or')})"
        )
        yield path[:-1], message
    for here, case in numbered(path, service.stream):
        # Under `reserved` a stream without a reserve of its own takes part.
        if case.value not in known and (kind != "reserved" or case.value == "shared"):
            yield here, unknown(f"stream of pool '{name}'", case.value, known)
        elif case.value == "shared" and kind == "partial":
            yield here, "'shared' is the common part of the pool, not a stream"


def _users(names: Vocabulary) -> dict[str, list[tuple[str, Service]]]:
    """Return the services that draw on each pool."""
    users: dict[str, list[tuple[str, Service]]] = {name: [] for name in names.scenario.pools}
    for name, service in names.services.items():
        for pool in service.pool:
            if pool in users:
                users[pool].append((name, service))
    return users


def shared_by_steps_and_stays(names: Vocabulary) -> Iterator[Finding]:
    """Yield pools drawn on by services in place and by stays: they would stand still for ever.

    Everybody would hold a place of it for the stay and wait for a second one for the step.
    """
    for name, users in _users(names).items():
        steps = [user for user, service in users if service.in_place]
        stays = [user for user, service in users if not service.in_place]
        if steps and stays:
            message = (
                f"drawn on by steps received in place ({listed(steps)}) and by stays"
                f" ({listed(stays)}): people who stay would wait for a second place of the pool"
                " they already fill; give the steps a pool of their own"
            )
            yield ("pools", name), message


def requests(names: Vocabulary) -> Iterator[Finding]:
    """Yield requests larger than the pool can ever hold."""
    for name, service in names.services.items():
        rooms = [
            _room(names, pool, service) for pool in service.pool if pool in names.scenario.pools
        ]
        if not rooms or len(rooms) < len(service.pool):
            continue
        room = max(rooms)
        for path, units in _units(names, name, service):
            if units > room:
                message = (
                    f"a place takes {figure(units)} {_unit(names, service)}, but"
                    f" {listed(service.pool, 'or')} can never grant more than"
                    f" {figure(max(room, 0))} at once: nobody would ever start"
                )
                yield path, message


def units_of_measure(names: Vocabulary) -> Iterator[Finding]:
    """Yield services that draw on pools of different kinds."""
    for name, service in names.services.items():
        pools = [
            names.scenario.pools[pool] for pool in service.pool if pool in names.scenario.pools
        ]
        units = dict.fromkeys(pool.unit for pool in pools)
        if len(units) > 1:
            message = f"pools that stand in for each other have one unit; found {listed(units)}"
            yield ("services", name, "pool"), message


def _unit(names: Vocabulary, service: Service) -> str:
    unit = names.scenario.pools[service.pool[0]].unit
    return {"minutes_per_day": "minutes a day"}.get(unit, unit)


def takes_visits(names: Vocabulary, service: Service) -> bool:
    """Return whether the units of a service are the minutes of its visits."""
    pools = (names.scenario.pools.get(name) for name in service.pool)
    return bool(service.visiting) and any(
        p is not None and p.unit == "minutes_per_day" for p in pools
    )


def _units(names: Vocabulary, name: str, service: Service) -> Iterator[tuple[Path, float]]:
    """Yield the units that a stay can take, each with where that is written."""
    if takes_visits(names, service):
        field = "visits" if service.visits else "taper"
        for path, case in numbered(("services", name, field), service.visiting):
            yield path, math.floor(case.value.per_day.value * case.value.minutes.value + 0.5)
        return
    for path, number in numbered(("services", name, "units"), service.units):
        yield path, number.value.value


def _room(names: Vocabulary, name: str, service: Service) -> float:
    """Return the most that a pool can ever grant to a service, over dates, hours and streams.

    Of the pools of a template, that of the smallest.
    """
    pool = names.scenario.pools[name]
    if pool.overflow == "unlimited" or pool.capacity.split_total is not None:
        return UNLIMITED
    streams = names.streams(service) or ("",)
    smallest = UNLIMITED
    for _, dated in _each((), pool):
        most = max((max(places) for _, places in levels(dated)), default=0.0)
        # Surge places are shared by all streams.
        extra = 0.0 if pool.surge is None else pool.surge.add.value
        room = max(_part(pool.policy, stream, most) for stream in streams)
        smallest = min(smallest, room + extra)
    return smallest


def _part(policy: Policy, stream: str, capacity: float) -> float:
    """Return what a stream can hold at most of a capacity."""
    if policy.kind in {"shared", "priority"} or capacity == UNLIMITED:
        return capacity
    scale = capacity if policy.is_share else 1.0
    # Shares become whole places by largest remainder: at most one more than their floor.
    part = {name: math.ceil(number.value * scale - 1e-9) for name, number in policy.parts}
    if policy.kind == "ring_fenced":
        return min(capacity, part.get(stream, 0))
    if policy.kind == "partial":
        return min(capacity, part.get(stream, 0) + part.get("shared", 0))
    floors = (math.floor(number.value * scale) for name, number in policy.parts if name != stream)
    return capacity - sum(floors)


def surges(names: Vocabulary) -> Iterator[Finding]:
    """Yield surges that can change nothing, and costs that nobody would pay."""
    for name, pool in names.scenario.pools.items():
        if pool.surge is None:
            continue
        path: Path = ("pools", name, "surge")
        highest = [max(places) for _, dated in _each((), pool) for _, places in levels(dated)]
        if pool.overflow == "unlimited":
            yield path, "has no effect: the pool overflows, so that nobody waits for it"
        elif UNLIMITED in highest:
            yield path, "has no effect: the pool has no limit"
        for cost in pool.surge.cost:
            if cost.per not in {"day", "place_day"}:
                message = (
                    f"surge places cost `per_day` (each day that any are open), `per_week` or"
                    f" `per_place_day` (each place and day), found per_{cost.per}"
                )
                yield (*path, "cost"), message


def early_closings(names: Vocabulary) -> Iterator[Finding]:
    """Yield surges that close while more places are in use than will be left."""
    for name, pool in names.scenario.pools.items():
        surge = pool.surge
        if surge is None or surge.close.empty is None:
            continue
        if surge.close.empty.value < surge.add.value:
            message = (
                f"the {figure(surge.add.value)} places are closed when"
                f" {figure(surge.close.empty.value)} are empty: people may be in the others, which"
                " close as they leave"
            )
            yield ("pools", name, "surge", "close"), message


def unused(names: Vocabulary) -> Iterator[Finding]:
    """Yield pools that nobody draws on."""
    for name, users in _users(names).items():
        if not users:
            yield ("pools", name), f"no service draws on pool '{name}'"


def steps_out_of_the_run(names: Vocabulary) -> Iterator[Finding]:
    """Yield capacities that begin after the run has ended."""
    clock = names.scenario.clock
    last = clock.length.last(clock.start)
    for name, pool in names.scenario.pools.items():
        for path, dated in _each(source_of(name, pool), pool):
            for line in dated:
                if line.start is not None and line.start >= last:
                    message = (
                        f"the capacity from {line.start} never counts: the window ends on {last}"
                    )
                    yield path, message
