"""Two classes in one queue, of which one goes first; no service is interrupted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from carepath_sim.units import HOUR
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.queues import REPLAYED
from carepath_sim.verification.replay import differing
from carepath_sim.verification.trials import Claim, Sample, replications, verdicts
from carepath_sim.verification.verdict import Verdict, exactly

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort, Observation, Seen

URGENT_FIRST = ("urgent", "routine")


class Classes(NamedTuple):
    """Two classes: arrivals [per h], distributions of service, and how the pool knows them.

    Attributes
    ----------
    scenario
        ``priority``: by an attribute of people; ``streams``: by the policy of the pool.
    length
        Length of the window [d].
    """

    scenario: str
    rates: tuple[float, float]
    services: tuple[dict[str, object], dict[str, object]]
    servers: int
    length: int


_HOUR: dict[str, object] = {"exponential": {"mean": "1 h"}}

CLASSES = {
    "mg1_prio_2exp": Classes("priority", (0.2, 0.6), (_HOUR, _HOUR), 1, 100),
    "mg1_prio_2mix": Classes(
        "priority",
        (0.3, 0.4),
        ({"lognormal": {"mean": "0.8 h", "sd": "0.4 h"}}, {"fixed": "1.2 h"}),
        1,
        80,
    ),
    "mmc_prio_2_3": Classes("streams", (1.0, 1.5), (_HOUR, _HOUR), 3, 32),
}


def _sets(classes: Classes) -> dict[str, object]:
    found: dict[str, object] = {
        f"arrivals.{name}.rate": f"{rate} per h"
        for name, rate in zip(URGENT_FIRST, classes.rates, strict=True)
    }
    found["clock.length"] = f"{classes.length} d"
    if classes.scenario == "priority":
        first, second = classes.services
        found["services.service.stay"] = [{"when": {"class": "urgent"}} | first, second]
    return found


def _look(seen: Seen) -> dict[str, Observation | float]:
    asked = seen.asked("service") & seen.begun
    found: dict[str, Observation | float] = {
        "p_wait": seen.figure("p_wait", service="service"),
        "utilisation": seen.figure("utilisation", pool="servers"),
    }
    there = seen.until - seen.spells["requested"]
    for name in URGENT_FIRST:
        mine = asked & seen.coming_from(name)
        found[f"wait {name}"] = seen.mean(seen.waits, mine, HOUR)
        found[f"time {name}"] = seen.mean(there, mine, HOUR)
    return found


def _claims(case: str) -> list[Claim]:
    expected = answer(case).expected
    waits = expected.get("mean_wait_by_class", ())
    times = expected.get("mean_time_by_class", ())
    claims = [
        Claim(f"{figure} {name}", f"{words} of the {name} [h]", value)
        for figure, words, values in (
            ("wait", "mean wait", waits),
            ("time", "mean time in the system", times),
        )
        for name, value in zip(URGENT_FIRST, values, strict=bool(values))
    ]
    for figure, words in (("p_wait", "share who wait"), ("utilisation", "share of servers busy")):
        if figure in expected:
            claims.append(Claim(figure, words, expected[figure]))
    return claims


def _work(case: str, effort: Effort) -> tuple[Verdict, ...]:
    classes, known = CLASSES[case], answer(case)
    found, differ = Sample(), 0
    count = effort.replications(16)
    for number, seen in enumerate(
        replications(classes.scenario, _sets(classes), count, effort.luck(case))
    ):
        found.add(_look(seen))
        if number < REPLAYED:
            rank = seen.coming_from("routine").astype(np.int64)
            differ += differing(seen, "service", classes.servers, rank=rank)
    replayed = exactly(
        case,
        "starts that a replay of the queue sees differently",
        0,
        differ,
        "the rule itself: the urgent first, then who came first",
    )
    said = (*verdicts(case, found, _claims(case), known.source), replayed)
    if case != "mg1_prio_2exp":
        return said
    # The same queue stands in the tests of another simulator.
    other = answer("prio_literature")
    claims = [
        Claim(f"time {name}", f"mean time in the system of the {name} [h]", value)
        for name, value in zip(URGENT_FIRST, other.expected["time_in_system"], strict=True)
    ]
    return (*said, *verdicts(other.case, found, claims, other.source, f"runs of {case}"))


CASES = tuple(Case(name, partial(_work, name), name == "mg1_prio_2mix") for name in CLASSES)
