"""One queue for one pool, first come first served: M/M/c and M/G/1."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from carepath_sim.units import HOUR
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.replay import differing
from carepath_sim.verification.trials import Claim, Sample, replications, verdicts
from carepath_sim.verification.verdict import Verdict, exactly

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort, Observation, Seen

# Replaying is slow, and what it finds it finds at once.
REPLAYED = 2


class Queue(NamedTuple):
    """A queue: hours are the unit of time of arrivals and services.

    Attributes
    ----------
    rate
        Arrivals [per h].
    servers
        Places of the pool.
    service
        Distribution of the service, as in a scenario.
    warm_up, length
        Length of warm-up and window [d].
    replications
        Replications of the full pack.
    """

    rate: float
    servers: int
    service: object
    warm_up: int
    length: int
    replications: int = 16


def _exponential(mean: float) -> object:
    return {"exponential": {"mean": f"{mean} h"}}


QUEUES = {
    "mmc_l0.8_m1_c1": Queue(0.8, 1, _exponential(1), 20, 100),
    "mmc_l2.5_m1_c3": Queue(2.5, 3, _exponential(1), 8, 32),
    "mmc_l18_m1_c20": Queue(18, 20, _exponential(1), 3, 8, 10),
    "mmc_l4.5_m0.5_c10": Queue(4.5, 10, _exponential(2), 12, 30, 10),
    "mg1_lognormal_0.7": Queue(0.7, 1, {"lognormal": {"mean": "1 h", "sd": "1.5 h"}}, 15, 100),
    "mg1_deterministic_0.7": Queue(0.7, 1, "1 h", 10, 90),
    "mg1_uniform_0.7": Queue(0.7, 1, {"uniform": {"min": "0.5 h", "max": "1.5 h"}}, 10, 90),
    "mg1_gamma_0.7": Queue(0.7, 1, {"gamma": {"mean": "1 h", "sd": "0.5 h"}}, 10, 90),
    "mg1_triangular_0.1": Queue(
        0.1, 1, {"triangular": {"min": "5 h", "mode": "7 h", "max": "10 h"}}, 50, 600
    ),
}
"""The queues by case. People who wait at the end of the window are followed for 5 days more."""

_QUICK = {"mmc_l2.5_m1_c3", "mg1_lognormal_0.7", "mg1_deterministic_0.7"}
_SHARES = {"wait_q50": 0.5, "wait_q90": 0.9, "wait_q95": 0.95}


def sets(queue: Queue) -> dict[str, object]:
    """Return the fields of the scenario `queue` that say a queue."""
    return {
        "arrivals.people.rate": f"{queue.rate} per h",
        "pools.servers.capacity": queue.servers,
        "services.service.stay": queue.service,
        "clock.warm_up": f"{queue.warm_up} d",
        "clock.length": f"{queue.length} d",
    }


def _look(seen: Seen, quantiles: dict[str, float]) -> dict[str, Observation | float]:
    asked = seen.asked("service") & seen.begun
    found: dict[str, Observation | float] = {
        "mean_wait": seen.figure("wait_mean", service="service"),
        "p_wait": seen.figure("p_wait", service="service"),
        "mean_queue": seen.figure("waiting_people", service="service"),
        "utilisation": seen.figure("utilisation", pool="servers"),
        "mean_time_in_system": seen.mean(seen.until - seen.spells["requested"], asked, HOUR),
    }
    for name, wait in quantiles.items():
        found[name] = seen.share(seen.waits > wait * HOUR, asked)
    return found


_WORDS = {
    "mean_wait": "mean wait [h]",
    "p_wait": "share who wait",
    "mean_queue": "mean number waiting",
    "utilisation": "share of servers busy",
    "mean_time_in_system": "mean time in the system [h]",
}


def _work(case: str, effort: Effort) -> tuple[Verdict, ...]:
    queue, known = QUEUES[case], answer(case)
    quantiles = {name: known.expected[name] for name in _SHARES if name in known.expected}
    found, differ = Sample(), 0
    count = effort.replications(queue.replications)
    for number, seen in enumerate(replications("queue", sets(queue), count, effort.luck(case))):
        found.add(_look(seen, quantiles))
        if number < REPLAYED:
            differ += differing(seen, "service", queue.servers)
    claims = [
        Claim(name, words, known.expected[name])
        for name, words in _WORDS.items()
        if name in known.expected
    ]
    claims += [
        Claim(name, f"share who wait longer than {wait} h", round(1 - _SHARES[name], 3))
        for name, wait in quantiles.items()
    ]
    return (
        *verdicts(case, found, claims, known.source),
        exactly(
            case,
            "starts that a replay of the queue sees differently",
            0,
            differ,
            "recursion of Kiefer and Wolfowitz",
        ),
    )


CASES = tuple(Case(name, partial(_work, name), name in _QUICK) for name in QUEUES)
