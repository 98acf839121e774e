"""A network of queues with ways back: the steady state is a product of single queues (Jackson)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER
from carepath_sim.units import HOUR, MINUTE
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.replay import differing
from carepath_sim.verification.trials import Claim, Observation, Sample, replications, verdicts
from carepath_sim.verification.verdict import Verdict, exactly

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort, Seen

DESKS = {"one": 1, "two": 2, "three": 1}
"""Servers by desk."""

_WORDS = {
    "throughput": "people served [per min]",
    "utilisation": "share of servers busy",
    "p_wait": "share who wait",
    "mean_wait": "mean wait [min]",
    "mean_queue": "mean number waiting",
    "mean_number": "mean number there",
}


def _look(seen: Seen) -> dict[str, Observation | float]:
    window = seen.plan.window / MINUTE
    found: dict[str, Observation | float] = {}
    everybody = 0.0
    for desk in DESKS:
        waiting = seen.figure("waiting_people", service=desk).top
        served = seen.figure("occupancy_mean", service=desk).top
        wait = seen.figure("wait_mean", service=desk)
        ready = seen.spells["ready"][seen.at(desk) & seen.begun]
        done = float(((ready >= 0) & (ready < seen.plan.window)).sum())
        found |= {
            f"throughput {desk}": done / window,
            f"utilisation {desk}": seen.figure("utilisation", pool=desk),
            f"p_wait {desk}": seen.figure("p_wait", service=desk),
            f"mean_wait {desk}": Observation(wait.top * HOUR / MINUTE, wait.bottom),
            f"mean_queue {desk}": waiting,
            f"mean_number {desk}": waiting + served,
        }
        everybody += waiting + served
    came = seen.asked_in(0, seen.plan.window) & (seen.spells["visit"] == 0)
    gone = np.full(int(seen.record.people["person"].max()) + 1, NEVER)
    gone[seen.record.people["person"]] = seen.record.people["ended"]
    ended = gone[seen.spells["person"]]
    there = ended - seen.spells["requested"]
    return found | {
        "mean_in_network": everybody,
        "mean_sojourn": seen.mean(there, came & (ended != NEVER), MINUTE),
    }


def _work(effort: Effort) -> tuple[Verdict, ...]:
    known = answer("jackson_jn_test")
    expected = known.expected
    found, differ = Sample(), 0
    count = effort.replications(8)
    for number, seen in enumerate(replications("jackson", {}, count, effort.luck(known.case))):
        found.add(_look(seen))
        if number == 0:
            differ = sum(differing(seen, desk, servers) for desk, servers in DESKS.items())
    claims = [
        Claim(f"{figure} {desk}", f"{words} at desk {desk}", node[figure])
        for desk, node in zip(DESKS, expected["nodes"], strict=True)
        for figure, words in _WORDS.items()
    ]
    claims += [
        Claim("mean_in_network", "mean number in the network", expected["mean_in_network"]),
        Claim("mean_sojourn", "mean time in the network [min]", expected["mean_sojourn"]),
    ]
    return (
        *verdicts(known.case, found, claims, known.source),
        exactly(
            known.case,
            "starts that a replay of each desk sees differently",
            0,
            differ,
            "recursion of Kiefer and Wolfowitz",
        ),
    )


CASES = (Case("jackson_jn_test", _work),)
