"""How long services that start empty take to fill: a floor for every warm-up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.plan import traffic
from carepath_sim.plan.build import spec_of
from carepath_sim.plan.distributions import law_of
from carepath_sim.statistics.warm_up import fills_in
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepath_sim.plan.traffic import ServiceLoad
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.values import Distribution

    Floats = NDArray[np.float64]

FULL: Final = 0.95
"""Share of the number in the long run at which a service counts as filled."""
FEWEST: Final = 1.0
"""Mean number of people below which nobody waits for a service to fill."""

MOST_NAMED: Final = 4
NEVER: Final = 36_500.0
"""Days that nobody simulates."""

KNOTS: Final = 1000
LONGEST: Final = 1e4
"""Knots of a survival function, and its end as a multiple of the mean."""

WEEK_TO_WORK: Final = 7 / 5


@dataclass(frozen=True)
class Filling:
    """How a service fills that starts empty.

    Attributes
    ----------
    service
        Name, ``nst[bexhill]`` for one of a template.
    people
        Mean number there in the long run, by the traffic equations.
    days
        Time after which it holds 95 % of them [d]; infinite when nobody leaves.
    filled
        Share of them that it holds when the scenario's warm-up is over.
    warm_up
        The scenario's warm-up [d].
    """

    service: str
    people: float
    days: float
    filled: float
    warm_up: float

    @property
    def is_full(self) -> bool:
        """Whether the warm-up is long enough for this service."""
        return self.days <= self.warm_up


def fillings(scenario: Scenario) -> tuple[Filling, ...]:
    """Return how the services fill that start empty, in written order.

    Left out are services that start with people, those received in place, and those with less than
    one person in the long run.

    Notes
    -----
    It is the law of a place with room for everybody (`carepath_sim.statistics.warm_up.fills_in`)
    and a constant inflow. Queues, and services before it that fill themselves, make it longer.
    """
    start = scenario.start
    started = {name.partition("[")[0] for name in start.services}
    started |= {row.service.partition("[")[0] for row in start.census}
    if start.steady is not None:
        started |= set(start.steady.services or scenario.services)
    warm_up = scenario.clock.warm_up.value / DAY
    found = []
    stays: dict[tuple[str, float], tuple[Floats, Floats]] = {}
    with np.errstate(all="ignore"):
        loads = traffic.service_loads(scenario)
    for load in loads:
        name = load.service.partition("[")[0]
        if name in started or scenario.services[name].in_place or not load.people >= FEWEST:
            continue
        key = (name, load.mean_stay)
        if key not in stays:
            stays[key] = _stays(scenario, load)
        times, survival = stays[key]
        days = fills_in(survival, times, FULL) if math.isfinite(load.mean_stay) else math.inf
        found.append(
            Filling(load.service, load.people, days, _share(survival, times, warm_up), warm_up)
        )
    return tuple(found)


def too_short(scenario: Scenario) -> str:
    """Return a sentence when the scenario's own warm-up leaves services far from filled, or "".

    Of a template only the slowest is named.
    """
    slowest: dict[str, Filling] = {}
    for one in fillings(scenario):
        name = one.service.partition("[")[0]
        if not one.is_full and (name not in slowest or one.days > slowest[name].days):
            slowest[name] = one
    if not slowest:
        return ""
    worst = sorted(slowest.values(), key=lambda one: one.filled)
    held = [f"{one.service} {one.filled:.0%} of its {one.people:,.0f} people" for one in worst]
    more = f" and {len(held) - MOST_NAMED} more" if len(held) > MOST_NAMED else ""
    longest = max(one.days for one in worst)
    if longest < NEVER:
        needs = f"{math.ceil(longest):,} d would fill them to {FULL:.0%}; better is"
    else:
        needs = "Not all of them are ever filled; they need"
    return (
        f"The warm-up of {worst[0].warm_up:,.0f} d is too short: when counting begins there are at "
        f"{', '.join(held[:MOST_NAMED])}{more}. {needs} "
        "`start: steady`; see `carepath warmup`."
    )


def _stays(scenario: Scenario, load: ServiceLoad) -> tuple[Floats, Floats]:
    """Return times [d] and P(stay > time) of the slowest kind of stay at a service.

    Crises, deaths and anything else that ends stays early is taken as one constant hazard, with
    which the mean is that of the traffic equations.
    """
    service = scenario.services[load.service.partition("[")[0]]
    mean = load.mean_stay / DAY
    kinds = [_survival(case.value) for case in service.stay]
    if not kinds or not math.isfinite(mean):
        return _exponential(mean if math.isfinite(mean) else 1.0)
    times, survival = max(kinds, key=lambda kind: fills_in(kind[1], kind[0], FULL))
    whole = _area(times, survival)
    if len(kinds) == 1 and mean < whole * 0.999:
        survival = survival * np.exp(-_hazard(times, survival, mean) * times)
    return times, survival


@lru_cache(maxsize=256)
def _survival(distribution: Distribution) -> tuple[Floats, Floats]:
    """Return times [d] and P(stay > time) of a distribution."""
    law = law_of(spec_of(distribution))
    factor = (WEEK_TO_WORK if distribution.working else 1.0) / DAY
    marks = law.marks[np.isfinite(law.marks)]
    mean = max(law.mean, 1.0)
    times = np.concatenate(
        (np.linspace(0, 3 * mean, KNOTS), np.geomspace(3 * mean, LONGEST * mean, KNOTS), marks)
    )
    times = np.unique(times[times >= 0])
    return times * factor, np.asarray(law.sf(times), dtype=np.float64)


def _exponential(mean: float) -> tuple[Floats, Floats]:
    times = np.linspace(0, 20 * mean, KNOTS)
    return times, np.exp(-times / mean)


def _hazard(times: Floats, survival: Floats, mean: float) -> float:
    """Return the constant hazard with which stays have a shorter mean [1/d], by bisection."""
    low, high = 0.0, 1.0 / mean
    for _ in range(40):
        middle = (low + high) / 2
        shorter = _area(times, survival * np.exp(-middle * times))
        low, high = (middle, high) if shorter > mean else (low, middle)
    return high


def _area(times: Floats, survival: Floats) -> float:
    return float(np.trapezoid(survival, times))


def _share(survival: Floats, times: Floats, day: float) -> float:
    """Return the share of the final number that is there after some days."""
    pieces = np.diff(times) * (survival[1:] + survival[:-1]) / 2
    filled = np.concatenate(([0.0], np.cumsum(pieces)))
    return float(np.interp(day, times, filled / filled[-1])) if filled[-1] > 0 else 1.0
