"""Policies by which streams share a pool, where queueing theory knows the losses and the waits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from carepath_sim.statistics.queueing import birth_death, loss_system, mmc_priority
from carepath_sim.units import HOUR
from carepath_sim.verification.case import Case
from carepath_sim.verification.trials import Claim, sample, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from carepath_sim.verification.trials import Effort, Observation, Seen
    from carepath_sim.verification.verdict import Verdict

Losses = tuple[float, float]


def reserved_losses(loads: Sequence[float], beds: int, kept: int) -> Losses:
    """Return what two streams lose where beds are kept free for the first.

    The second is let in only while more than `kept` beds are free. With the same mean stay the
    number of people is a chain of births and deaths.
    """
    people = np.arange(beds)
    births = np.where(people < beds - kept, sum(loads), loads[0])
    share = birth_death(births, people + 1.0)
    return float(share[-1]), float(share[beds - kept :].sum())


def losses_by_size(loads: Sequence[float], units: Sequence[int], beds: int) -> Losses:
    """Return what two streams lose whose people take several beds each, in a shared ward.

    Notes
    -----
    The recursion of Kaufman (1981) and Roberts (1981), whatever the distributions of stays.
    """
    weights = [1.0]
    for taken in range(1, beds + 1):
        parts = (
            load * size * weights[taken - size]
            for load, size in zip(loads, units, strict=True)
            if taken >= size
        )
        weights.append(sum(parts) / taken)
    share = np.array(weights) / sum(weights)
    return float(share[beds + 1 - units[0] :].sum()), float(share[beds + 1 - units[1] :].sum())


class Shared(NamedTuple):
    """Two streams in one ward.

    Attributes
    ----------
    loads
        Load of each stream: arrivals [per d] of stays of one day.
    units
        Beds that a person of each takes.
    beds, policy
        Beds of the ward, and how they are shared.
    losses
        Returns what is lost of each.
    source
        Where that comes from.
    stay
        Distribution of stays with a mean of one day.
    """

    loads: Losses
    units: tuple[int, int]
    beds: int
    policy: object
    losses: Callable[[], Losses]
    source: str
    stay: object


def _fenced() -> Losses:
    return loss_system(4.0, 1.0, 5).p_lost, loss_system(8.0, 1.0, 9).p_lost


_EXPONENTIAL = {"exponential": {"mean": "1 d"}}
_LOGNORMAL = {"lognormal": {"mean": "1 d", "sd": "1.2 d"}}

WARDS = {
    "ring_fenced 5 + 9": Shared(
        (4, 8),
        (1, 1),
        14,
        {"ring_fenced": {"a": 5, "b": 9}},
        _fenced,
        "queueing theory: two loss systems apart (Erlang B)",
        _LOGNORMAL,
    ),
    "reserved 3 of 12": Shared(
        (4, 8),
        (1, 1),
        12,
        {"reserved": {"a": 3}},
        partial(reserved_losses, (4, 8), 12, 3),
        "queueing theory: loss system with beds kept free (births and deaths)",
        _EXPONENTIAL,
    ),
    "shared by people of two sizes": Shared(
        (4, 2),
        (1, 3),
        14,
        "shared",
        partial(losses_by_size, (4, 2), (1, 3), 14),
        "queueing theory: loss system of several sizes (Kaufman 1981; Roberts 1981)",
        _LOGNORMAL,
    ),
}


def _lost(seen: Seen) -> dict[str, Observation | float]:
    asked = seen.asked("ward")
    return {s: seen.share(~seen.begun, asked & seen.coming_from(s)) for s in ("a", "b")}


def _ward(name: str, effort: Effort) -> tuple[Verdict, ...]:
    ward = WARDS[name]
    sets = {
        "arrivals.a.rate": f"{ward.loads[0]} per d",
        "arrivals.b.rate": f"{ward.loads[1]} per d",
        "pools.beds": {"unit": "beds", "capacity": ward.beds, "policy": ward.policy},
        "services.ward.units": [
            {"when": {"cause": "a"}, "units": ward.units[0]},
            {"units": ward.units[1]},
        ],
        "services.ward.stay": ward.stay,
    }
    count = effort.replications(16)
    found = sample("shared_beds", sets, count, effort.luck(name), _lost)
    claims = [
        Claim(stream, f"share lost of stream {stream}", lost)
        for stream, lost in zip(("a", "b"), ward.losses(), strict=True)
    ]
    return verdicts(name, found, claims, ward.source)


RANKS = {"now": 0.6, "soon": 1.0, "some_time": 1.6}
"""Arrivals [per h] by rank, the first served first."""


def _waits(seen: Seen) -> dict[str, Observation | float]:
    begun = seen.asked("service") & seen.begun
    return {name: seen.mean(seen.waits, begun & seen.coming_from(name), HOUR) for name in RANKS}


def _ranks(effort: Effort) -> tuple[Verdict, ...]:
    name = "three ranks, four servers"
    known = mmc_priority(list(RANKS.values()), 1.0, 4)
    found = sample("three_classes", {}, effort.replications(16), effort.luck(name), _waits)
    claims = [
        Claim(rank, f"mean wait of rank `{rank}` [h]", wait)
        for rank, wait in zip(RANKS, known.mean_waits, strict=True)
    ]
    return verdicts(name, found, claims, "queueing theory: M/M/c with priorities (Cobham 1954)")


CASES = (
    *(Case(name, partial(_ward, name), name == "reserved 3 of 12") for name in WARDS),
    Case("three ranks, four servers", _ranks),
)
