"""A queue with so many chairs to wait on: M/M/c/K, said in two ways that must agree."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from carepath_sim.units import HOUR
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.trials import Claim, sample, verdicts

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort, Observation, Seen
    from carepath_sim.verification.verdict import Verdict


class Room(NamedTuple):
    """A queue with five chairs: arrivals [per h], mean service [h], servers, window [d]."""

    rate: float
    mean: float
    servers: int
    length: int


ROOMS = {"mmcK_4.0_3_8": Room(4.0, 1.0, 3, 20), "mmcK_2.2_20_25": Room(2.2, 10.0, 20, 30)}

CHAIRS = 5

_WORDS = {
    "p_lost": "share who find every chair taken",
    "mean_queue": "mean number waiting",
    "mean_wait_accepted": "mean wait of those let in [h]",
    "mean_occupancy": "mean servers busy",
}


def _look(seen: Seen) -> dict[str, Observation | float]:
    spells = seen.spells
    chairs = seen.asked("room") & seen.begun
    # Everybody sits down, if only for an instant: the wait is the time on the chair.
    sat = seen.until - spells["started"]
    return {
        "p_lost": seen.figure("given_up", service="room"),
        "mean_queue": seen.figure("occupancy_mean", pool="chairs"),
        "mean_wait_accepted": seen.mean(sat, chairs, HOUR),
        "mean_occupancy": seen.figure("occupancy_mean", pool="servers"),
    }


def _look_at_own_room(seen: Seen) -> dict[str, Observation | float]:
    spells = seen.spells
    served = seen.asked("service") & seen.begun
    return {
        "p_lost": seen.figure("turned_away", service="service"),
        "mean_queue": seen.figure("occupancy_mean", service="waiting room of service"),
        "mean_wait_accepted": seen.mean(spells["started"] - spells["needed"], served, HOUR),
        "mean_occupancy": seen.figure("occupancy_mean", pool="servers"),
    }


def _own_room(case: str, effort: Effort) -> tuple[Verdict, ...]:
    room, known = ROOMS[case], answer(case)
    sets = {
        "arrivals.people.rate": f"{room.rate} per h",
        "pools.servers.capacity": room.servers,
        "services.service.stay": {"exponential": {"mean": f"{room.mean} h"}},
        "services.service.waiting_room": {"from_outside": CHAIRS},
        "clock.length": f"{room.length} d",
        "clock.warm_up": f"{8 * room.mean} h",
    }
    name = f"{case} own room"
    found = sample("queue", sets, effort.replications(12), effort.luck(name), _look_at_own_room)
    claims = [Claim(figure, words, known.expected[figure]) for figure, words in _WORDS.items()]
    return verdicts(name, found, claims, known.source)


def _work(case: str, effort: Effort) -> tuple[Verdict, ...]:
    room, known = ROOMS[case], answer(case)
    sets = {
        "arrivals.people.rate": f"{room.rate} per h",
        "pools.servers.capacity": room.servers,
        "services.service.stay": {"exponential": {"mean": f"{room.mean} h"}},
        "clock.length": f"{room.length} d",
        "clock.warm_up": f"{8 * room.mean} h",
    }
    count = effort.replications(12)
    found = sample("waiting_room", sets, count, effort.luck(case), _look)
    claims = [Claim(name, words, known.expected[name]) for name, words in _WORDS.items()]
    return verdicts(case, found, claims, known.source)


CASES = (
    *(Case(name, partial(_work, name), name == "mmcK_4.0_3_8") for name in ROOMS),
    *(Case(f"{n} own room", partial(_own_room, n), n == "mmcK_4.0_3_8") for n in ROOMS),
)
