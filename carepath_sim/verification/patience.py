"""Queues in which people give up: patience drawn for each, or the same for all."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from carepath_sim.units import HOUR
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.queues import REPLAYED
from carepath_sim.verification.replay import differing
from carepath_sim.verification.trials import Claim, Sample, replications, verdicts
from carepath_sim.verification.verdict import Verdict, exactly

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort, Observation, Seen


class Impatient(NamedTuple):
    """A queue with patience: arrivals [per h], mean service [h], servers, patience, window [d]."""

    rate: float
    mean: float
    servers: int
    patience: object
    length: int


QUEUES = {
    "erlangA_10_10": Impatient(10, 1.0, 10, {"exponential": {"mean": "2 h"}}, 12),
    "mmcD_5_2_1_6.0": Impatient(5, 0.5, 1, "6 h", 25),
    "mmcD_0.9_1.0_1_2.0": Impatient(0.9, 1.0, 1, "2 h", 100),
}

_WORDS = {
    "p_abandon": "share who give up",
    "p_delayed": "share who wait",
    "mean_queue": "mean number waiting",
    "mean_wait_all_including_abandoners": "mean wait of all, who give up too [h]",
    "mean_wait_all": "mean wait of all, who give up too [h]",
    "mean_occupancy": "mean servers busy",
    "abandon_rate": "people who give up [per h]",
}


def _look(seen: Seen) -> dict[str, Observation | float]:
    asked = seen.asked("service")
    lost = seen.figure("given_up", service="service")
    wait = seen.mean(seen.waits, asked, HOUR)
    return {
        "p_abandon": lost,
        "p_delayed": seen.figure("p_wait", service="service"),
        "mean_queue": seen.figure("waiting_people", service="service"),
        "mean_wait_all_including_abandoners": wait,
        "mean_wait_all": wait,
        "mean_occupancy": seen.figure("occupancy_mean", pool="servers"),
        "abandon_rate": lost.top / (seen.plan.window / HOUR),
    }


def _work(case: str, effort: Effort) -> tuple[Verdict, ...]:
    queue, known = QUEUES[case], answer(case)
    sets = {
        "arrivals.people.rate": f"{queue.rate} per h",
        "pools.servers.capacity": queue.servers,
        "services.service.stay": {"exponential": {"mean": f"{queue.mean} h"}},
        "services.service.max_wait": queue.patience,
        "clock.warm_up": "2 d",
        "clock.length": f"{queue.length} d",
        "clock.run_out": "12 h",
    }
    fixed = (
        int(float(queue.patience.split()[0]) * HOUR) if isinstance(queue.patience, str) else None
    )
    found, differ = Sample(), 0
    count = effort.replications(10)
    for number, seen in enumerate(replications("queue", sets, count, effort.luck(case))):
        found.add(_look(seen))
        if number < REPLAYED:
            differ += differing(seen, "service", queue.servers, patience=fixed)
    claims = [
        Claim(name, _WORDS[name], value) for name, value in known.expected.items() if name in _WORDS
    ]
    return (
        *verdicts(case, found, claims, known.source),
        exactly(
            case,
            "starts that a replay of the queue sees differently",
            0,
            differ,
            "the rule itself: who is still there and came first",
        ),
    )


CASES = tuple(Case(name, partial(_work, name), name == "erlangA_10_10") for name in QUEUES)
