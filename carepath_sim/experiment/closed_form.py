"""What queueing theory says of a pool by itself, and where it holds exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from carepath_sim.plan.traffic import PoolLoad, offered_load
from carepath_sim.statistics.queueing import loss_system, mmc
from carepath_sim.units import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.scenario.model import Arrival, Pool, Scenario, Service

SPECIAL: Final = frozenset({"home", "outside", "died", "back"})


@dataclass(frozen=True)
class ClosedForm:
    """A pool as a queue of its own, in the long run.

    Attributes
    ----------
    name
        ``Erlang C`` (who finds it full waits) or ``Erlang B`` (who finds it full is lost).
    load
        Load offered [units].
    mean_stay
        Mean time for which a unit is held [ms].
    reasons
        Why it is only a yardstick for this pool; none: it holds exactly.
    """

    name: str
    load: float
    mean_stay: float
    reasons: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether the pool is the queue of the textbook."""
        return not self.reasons

    def at(self, capacity: float) -> dict[str, float]:
        """Return measures of the pool with a capacity; nan where the queue would grow for ever."""
        beds, stay = int(capacity), self.mean_stay / DAY
        names = ("occupancy_share", "p_full", "p_wait", "wait_mean", "given_up")
        if beds < 1 or (self.name == "Erlang C" and self.load >= beds):
            return dict.fromkeys(names, math.nan)
        if self.name == "Erlang B":
            lost = loss_system(self.load / stay, stay, beds)
            found = (lost.utilisation, lost.p_lost, lost.p_lost, 0.0, lost.p_lost)
            return dict(zip(names, found, strict=True))
        queue = mmc(self.load / stay, stay, beds)
        wait = queue.mean_wait * DAY / HOUR
        found = (queue.utilisation, queue.p_wait, queue.p_wait, wait, 0.0)
        return dict(zip(names, found, strict=True))


def closed_form(scenario: Scenario, pool: str) -> ClosedForm | None:
    """Return what queueing theory says of a pool, or None where it has no formula.

    Parameters
    ----------
    pool
        Name of the pool, with its value where it is one of several.

    Notes
    -----
    Exact are M/M/c (Poisson arrivals from outside, exponential stays, one line, nobody gives up)
    and M/G/c/c (the same without waiting, any stays: Erlang's formula is insensitive to them).
    Otherwise the load of the traffic equations goes into the same formula, as a yardstick.
    """
    load = next((one for one in offered_load(scenario) if one.pool == pool), None)
    if load is None or load.unit == "minutes_per_day" or not load.load > 0:
        return None
    if abs(load.mean_units - 1) > 1e-9 or not math.isfinite(load.load):
        return None
    own = pool.partition("[")[0]
    drawing = [one for one in scenario.services.values() if own in one.pool]
    is_lost = bool(drawing) and all(_loses(one) for one in drawing)
    reasons = tuple(_reasons(scenario, scenario.pools[own], drawing, load, is_lost=is_lost))
    return ClosedForm("Erlang B" if is_lost else "Erlang C", load.load, load.mean_stay, reasons)


def _loses(service: Service) -> bool:
    """Tell whether whoever finds no place goes away at once."""
    patience = [case.value.after for case in service.max_wait]
    return bool(patience) and all(
        one.family == "fixed" and dict(one.parameters)["value"] == 0 for one in patience
    )


def _reasons(
    scenario: Scenario, pool: Pool, drawing: list[Service], load: PoolLoad, *, is_lost: bool
) -> Iterator[str]:
    if pool.policy.kind != "shared" or any(one.stream for one in drawing):
        yield "streams share the pool by a policy"
    if pool.overflow != "none" or pool.surge is not None:
        yield "places are added when it is full"
    if scenario.changes or pool.per is not None or pool.from_staff is not None:
        yield "capacity or demand differ by place or date"
    if scenario.population is not None:
        yield "a crisis or death can end a stay"
    if len(drawing) != 1:
        yield f"{len(drawing)} services draw from it"
        return
    yield from _of_service(scenario, drawing[0], is_lost=is_lost)
    name = next(key for key, one in scenario.services.items() if one is drawing[0])
    coming = [one for one in scenario.arrivals.values() if one.at == name]
    if any(not _is_poisson(one) for one in coming):
        yield "arrivals vary by time or more than by chance"
    outside = math.fsum(one.rate.value for one in coming if one.rate is not None)
    if not math.isclose(outside, load.entries_per_day, rel_tol=1e-6):
        yield "people come from other services or hazards"


def _of_service(scenario: Scenario, service: Service, *, is_lost: bool) -> Iterator[str]:
    hours = (service.admits, service.discharges, service.decides)
    if any(one is not None for one in hours):
        yield "people start, leave or are decided on at certain hours"
    if service.max_wait and not is_lost:
        yield "people give up waiting"
    extra = (service.max_stay, service.plan_ahead, service.transfer, service.alongside)
    if any(extra) or service.keeps_place is not None or service.waiting_room is not None:
        yield "places are held before or after the stay"
    if len(service.pool) != 1 or len(service.units) != 1:
        yield "people take different places"
    if len(service.stay) != 1:
        yield "stays differ by person"
    elif not is_lost and service.stay[0].value.family != "exponential":
        yield "stays are not exponential"
    ends = {*scenario.exits, *SPECIAL}
    ways = [branch.to for case in service.next for branch in case.value]
    if not service.in_place and any(not isinstance(to, str) or to not in ends for to in ways):
        yield "people may be held up on their way on"
    if any(getattr(one, "when", ()) for one in service.priority):
        yield "some go first"


def _is_poisson(arrival: Arrival) -> bool:
    profile = arrival.profile
    steady = not (profile.month or profile.weekday or profile.hour)
    varies = arrival.variation is not None or arrival.growth is not None
    return arrival.rate is not None and steady and not varies
