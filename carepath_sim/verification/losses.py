"""Places without a queue: whoever finds no bed is lost (patience of 0 minutes, from outside)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.queues import REPLAYED
from carepath_sim.verification.replay import differing
from carepath_sim.verification.trials import Claim, Sample, replications, sample, verdicts
from carepath_sim.verification.verdict import Verdict, exactly

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort, Observation, Seen


class Beds(NamedTuple):
    """Beds without a queue: arrivals [per h], mean stay [h], beds, window [d]."""

    rate: float
    mean: float
    beds: int
    length: int


class Pooled(NamedTuple):
    """Two streams: their loads, the beds of each and of both, and replications."""

    loads: tuple[float, float]
    parts: tuple[int, int, int]
    replications: int


BEDS = {
    "erlangB_2.1_7.0_15": Beds(2.1, 7.0, 15, 15),
    "erlangB_1.0_4.5_5": Beds(1.0, 4.5, 5, 30),
    "erlangB_5.14_3.3_20": Beds(5.14, 3.3, 20, 6),
}

POOLED = {
    "pooled_loss_11_11_4": Pooled((8.0, 9.5), (11, 11, 4), 12),
    "pooled_loss_4_4_2": Pooled((5.0, 5.0), (4, 4, 2), 10),
}


def stays(mean: float) -> dict[str, object]:
    """Return three distributions of stays with one mean [h]."""
    return {
        "exponential": {"exponential": {"mean": f"{mean} h"}},
        "deterministic": f"{mean} h",
        "lognormal": {"lognormal": {"mean": f"{mean} h", "sd": f"{1.2 * mean} h"}},
    }


def _look(seen: Seen) -> dict[str, Observation | float]:
    lost = seen.figure("given_up", service="service")
    return {
        "p_lost": lost,
        "lost_rate": lost.top / (seen.plan.window / 3_600_000),
        "mean_occupancy": seen.figure("occupancy_mean", pool="servers"),
        "bed_utilisation": seen.figure("utilisation", pool="servers"),
    }


_WORDS = {
    "p_lost": "share lost",
    "lost_rate": "people lost [per h]",
    "mean_occupancy": "mean beds in use",
    "bed_utilisation": "share of beds in use",
}


def _erlang(case: str, family: str, effort: Effort) -> tuple[Verdict, ...]:
    beds, known = BEDS[case], answer(case)
    sets = {
        "arrivals.people.rate": f"{beds.rate} per h",
        "pools.servers.capacity": beds.beds,
        "services.service.stay": stays(beds.mean)[family],
        "services.service.max_wait": "0 min",
        "clock.warm_up": f"{12 * beds.mean} h",
        "clock.length": f"{beds.length} d",
        "clock.run_out": "0 d",
    }
    found, differ = Sample(), 0
    for number, seen in enumerate(
        replications("queue", sets, effort.replications(12), effort.luck(f"{case} {family}"))
    ):
        found.add(_look(seen))
        if number < REPLAYED:
            differ += differing(seen, "service", beds.beds, patience=0)
    claims = [Claim(name, words, known.expected[name]) for name, words in _WORDS.items()]
    name = f"{case} {family}"
    return (
        *verdicts(name, found, claims, known.source),
        exactly(
            name,
            "admissions that a replay of the beds sees differently",
            0,
            differ,
            "the rule itself: admitted if a bed is free",
        ),
    )


def _lost_and_present(seen: Seen) -> dict[str, Observation | float]:
    found: dict[str, Observation | float] = {}
    for stream in ("a", "b"):
        found[f"p_lost_{stream}"] = seen.figure("given_up", service="ward", stream=stream)
        found[f"mean_{stream}"] = seen.figure("occupancy_mean", pool="beds", stream=stream)
    return found


def pooled_sets(loads: tuple[float, float], parts: tuple[int, int, int]) -> dict[str, object]:
    """Return the fields of the scenario `pooled` that say loads and beds."""
    if parts[2] == sum(parts):
        policy: object = "shared"
    else:
        policy = {"partial": dict(zip(("a", "b", "shared"), parts, strict=True))}
    return {
        "arrivals.a.rate": f"{loads[0]} per d",
        "arrivals.b.rate": f"{loads[1]} per d",
        "pools.beds": {"unit": "beds", "capacity": sum(parts), "policy": policy},
    }


def _pooled(case: str, effort: Effort) -> tuple[Verdict, ...]:
    pooled, known = POOLED[case], answer(case)
    sets = pooled_sets(pooled.loads, pooled.parts) | {"clock.length": "120 d"}
    count = effort.replications(pooled.replications)
    found = sample("pooled", sets, count, effort.luck(case), _lost_and_present)
    claims = [
        Claim(
            f"{figure}_{stream}",
            f"{words} of stream {stream}",
            known.expected[f"{figure}_{stream}"],
        )
        for figure, words in (("p_lost", "share lost"), ("mean", "mean beds in use"))
        for stream in ("a", "b")
    ]
    return verdicts(case, found, claims, known.source)


_QUICK = {("erlangB_1.0_4.5_5", "lognormal")}

CASES = (
    *(
        Case(f"{name} {family}", partial(_erlang, name, family), (name, family) in _QUICK)
        for name in BEDS
        for family in stays(1)
    ),
    *(Case(name, partial(_pooled, name), name == "pooled_loss_4_4_2") for name in POOLED),
)
