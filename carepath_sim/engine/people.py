"""People before anything happens to them: attributes, hazards, first crises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.engine.compiling import batch
from carepath_sim.engine.demand import day_factors, rate_at
from carepath_sim.engine.kernel.address import room
from carepath_sim.engine.rules import (
    choose,
    first_match,
    hazard_due,
    hazard_used,
    look_at_clock,
    quantile,
    speed_of,
)
from carepath_sim.engine.streams import uniform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carepath_sim.plan import Plan


@batch
def draw_attributes(
    T: Any, A: Any, causes: int, seed: int, replication: int, identity: int, first: int,
    fixed_first: int, codes: Any,
) -> None:  # fmt: skip
    """Fill the codes of people's own attributes, shape `(person, variable)`.

    Attributes of episodes are left as they are; their columns are filled episode by episode.
    """
    size = len(A.choice)
    for k in range(len(codes)):
        context = codes[k]
        for a in range(size):
            if A.of_person[a] == 1:
                code = A.fixed[fixed_first + a]
                if code < 0:
                    code = context[a]  # known beforehand
                if code < 0:
                    branches = first_match(T, A.choice[a], context, size, 0)
                    if branches >= 0:
                        key = T.decision_key[A.decision[a] * causes]
                        u = uniform(seed, replication, first + k, key, identity, 0)
                        code = choose(T, branches, u)
                context[a] = code


@batch
def draw_budgets(
    T: Any, H: Any, seed: int, replication: int, identity: int, first: int, codes: Any,
    speeds: Any, budgets: Any,
) -> None:  # fmt: skip
    """Fill speeds [per ms] and first budgets of people, shape `(person, hazard)` each."""
    for k in range(len(codes)):
        for h in range(len(H.rate)):
            speeds[k, h] = speed_of(H, h, codes[k])
            key = T.decision_key[H.decision[h] * T.causes[0]]
            u = uniform(seed, replication, first + k, key, identity, 0)
            budgets[k, h] = quantile(
                H.budget_table_u, H.budget_table_v, 0, len(H.budget_table_u), u
            )


@batch
def first_events(
    H: Any, exposure_first: int, begin: int, speeds: Any, budgets: Any, due: Any, which: Any
) -> None:
    """Fill the instant [ms] and the number of the first hazard that fires for each person."""
    hazards = len(H.rate)
    for k in range(len(due)):
        soonest = 4611686018427387904
        first = -1
        for h in range(hazards):
            speed = speeds[k, h] * H.exposure[exposure_first + h]
            t = hazard_due(H, h, speed, budgets[k, h], begin, -(2**63))
            if t < soonest:
                soonest = t
                first = h
        due[k] = soonest
        which[k] = first


@batch
def draw_for_start(
    T: Any, who: int, attributes: int, begin: int, seed: int, replication: int, key: int,
    identity: int, codes: Any, luck: Any,
) -> None:  # fmt: skip
    """Fill the uniform by which each person is drawn for a place at the start; 2 for nobody."""
    for k in range(len(codes)):
        if who >= 0 and first_match(T, who, codes[k], attributes, begin) < 0:
            luck[k] = 2.0
        else:
            luck[k] = uniform(seed, replication, k, key, identity, 0)


@batch
def draw_episode(
    T: Any, A: Any, known: Any, known_first: int, cause: int, seed: int, replication: int,
    index: int, identity: int, occasion: int, fixed_first: int, now: int, context: Any,
) -> None:  # fmt: skip
    """Fill the codes of the attributes of an episode, shape `(variable,)`.

    Parameters
    ----------
    known, known_first
        Codes known beforehand, and where the person's begin; -1 where nothing is known.
    """
    size = len(A.choice)
    for a in range(size):
        if A.of_person[a] == 0:
            code = A.fixed[fixed_first + a]
            if known_first >= 0 and known[known_first + a] >= 0:
                code = known[known_first + a]
            if code < 0:
                branches = first_match(T, A.choice[a], context, size, now)
                if branches >= 0:
                    key = T.decision_key[A.decision[a] * T.causes[0] + cause]
                    u = uniform(seed, replication, index, key, identity, occasion)
                    code = choose(T, branches, u)
            context[a] = code


@batch
def settle(
    H: Any, exposure_first: int, since: int, now: int, discharged: int, speeds: Any, budgets: Any
) -> None:
    """Take what was used of a person's budgets from `since` to `now` at one place."""
    for h in range(len(budgets)):
        speed = speeds[h] * H.exposure[exposure_first + h]
        if speed > 0.0:
            budgets[h] -= hazard_used(H, h, speed, since, now, discharged)


@batch
def next_event(
    H: Any, exposure_first: int, now: int, discharged: int, speeds: Any, budgets: Any
) -> Any:
    """Return the instant [ms] and the number of the hazard that fires next at one place."""
    soonest = 4611686018427387904
    first = -1
    for h in range(len(budgets)):
        speed = speeds[h] * H.exposure[exposure_first + h]
        if speed > 0.0:
            t = hazard_due(H, h, speed, budgets[h], now, discharged)
            if t < soonest:
                soonest = t
                first = h
    return soonest, first


@batch
def change_risk(
    H: Any, left_first: int, there_first: int, since: int, now: int, discharged_before: int,
    discharged: int, speeds: Any, budgets: Any,
) -> Any:  # fmt: skip
    """Settle the budgets at one place, and return what fires next at another."""
    if now > since:
        settle(H, left_first, since, now, discharged_before, speeds, budgets)
    return next_event(H, there_first, now, discharged, speeds, budgets)


@batch
def candidates(
    rate: float, seg_t: Any, seg_first: Any, seg_last: Any, first_day: int, factors: Any,
    low: float, high: float, month: Any, weekday: Any, hour: Any, T: Any,
    seed: int, replication: int, identity: int, gap_key: int, height_key: int, begin: int, end: int,
    table_u: Any, table_v: Any, context: Any, times: Any, numbers: Any,
) -> int:  # fmt: skip
    """Fill instants and numbers of the arrivals of one layer of a source; return how many.

    Points of a Poisson process in the plane of time and rate; a person exists where their height
    is below the rate at that instant, and keeps their number whatever the scenario.

    Parameters
    ----------
    rate
        Mean rate [per day]; with month, weekday and hour factors it gives the rate at an instant.
    seg_t, seg_first, seg_last
        The rate over time instead, as segments; empty where it never changes.
    first_day, factors
        Factors of days that vary, from the first day of the run on; empty where they do not.
    low, high
        The layer of heights [per day].
    """
    day = 86_400_000.0
    density = (high - low) / day
    t = begin * 1.0
    found = 0
    k = 0
    while True:
        u = uniform(seed, replication, k, gap_key, identity, 0)
        t += quantile(table_u, table_v, 0, len(table_u), u) / density
        if t >= end:
            return found
        at = int(t + 0.5) if t >= 0.0 else -int(-t + 0.5)
        height = low + (high - low) * uniform(seed, replication, k, height_key, identity, 0)
        now = rate
        if len(seg_t) > 0:
            now = rate_at(seg_t, seg_first, seg_last, at)
        look_at_clock(T, context, 0, at)
        if len(hour) > 0:
            now = now * hour[context[1]]
        if len(weekday) > 0:
            now = now * weekday[context[2]]
        if len(month) > 0:
            now = now * month[context[3]]
        if len(factors) > 0:
            now = now * factors[at // 86_400_000 - first_day]
        if height < now and at < end:
            if found < len(times):
                times[found] = at
                numbers[found] = k
            found += 1
        k += 1


def arrivals(plan: Plan, source: int, seed: int, replication: int) -> list[tuple[int, int, int]]:
    """Return the arrivals of a source as (layer, number, instant [ms]), in this order."""
    layers, numbers, instants = arrivals_table(plan, source, seed, replication).T.tolist()
    return list(zip(layers, numbers, instants, strict=True))


def arrivals_table(plan: Plan, source: int, seed: int, replication: int) -> np.ndarray:
    """Return layer, number and instant [ms] of the arrivals of a source, shape `(arrival, 3)`."""
    info = plan.sources[source]
    if info.every:
        last = info.count if info.count >= 0 else (plan.end - info.first) // info.every + 1
        instants = tuple(info.first + k * info.every for k in range(last))
        return as_table((0, k, t) for k, t in enumerate(instants) if t < plan.end)
    if info.instants:
        instants = info.instants
        return as_table((0, k, t) for k, t in enumerate(instants) if plan.begin <= t < plan.end)
    segments = info.segments
    peak = max((*segments.first, *segments.last), default=info.rate)
    first_day, factors = day_factors(plan, info, seed, replication)
    if len(factors):
        peak *= float(factors.max())  # layers above hold nobody
    for profile in (info.month, info.weekday, info.hour):
        peak *= max(profile, default=1.0)
    found = [as_table(())]
    low, high, layer = 0.0, 1.0, 0
    keys = plan.tables.decision_key
    names = plan.decision_names
    causes = int(plan.tables.causes[0])
    gap = int(keys[names.index("arrival.gap") * causes])
    height = int(keys[names.index("arrival.height") * causes])
    while low < peak:
        size = int((high - low) * (plan.end - plan.begin) / 86_400_000 * 1.5 + 100)
        while True:
            times = np.zeros(size, dtype=np.int64)
            numbers = np.zeros(size, dtype=np.int64)
            n = candidates(
                info.rate, np.array(segments.t, dtype=np.int64), np.array(segments.first),
                np.array(segments.last), first_day, factors, low, high,
                np.array(info.month), np.array(info.weekday), np.array(info.hour),
                room("T", plan.tables), seed, replication, info.identity + layer, gap, height,
                plan.begin, plan.end, plan.hazards.budget_table_u, plan.hazards.budget_table_v,
                np.zeros(8, dtype=np.int64), times, numbers,
            )  # fmt: skip
            if n <= size:
                break
            size = n
        found.append(np.stack((np.full(n, layer), numbers[:n], times[:n]), axis=1))
        low, high, layer = high, high * 2.0, layer + 1
    return np.concatenate(found)


def as_table(rows: Iterable[tuple[int, int, int]]) -> np.ndarray:
    """Return rows of three whole numbers as a table, which may be empty."""
    return np.array(list(rows), dtype=np.int64).reshape(-1, 3)
