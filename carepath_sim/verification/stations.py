"""One station: other services, other gaps, ranks, callers who try again, lines tried in order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from carepath_sim.statistics.queueing import (
    Unit,
    erlang_b,
    gim1,
    mdc,
    mg1,
    mg1_priority,
    mginf,
    mmc,
    mmc_patience,
)
from carepath_sim.statistics.queueing import mmck as limited
from carepath_sim.statistics.queueing import shared_unit as in_one_unit
from carepath_sim.verification.textbook import Figure, System

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.statistics.queueing import Waits

SERVICE = {"service": "service"}
DESK = {"service": "desk"}


def _waits(waits: Waits, at: dict[str, str]) -> tuple[Figure, ...]:
    return (
        Figure("p_wait", at, "share who wait", waits.p_wait),
        Figure("wait_mean", at, "mean wait [h]", waits.mean_wait),
    )


def hyperexponential() -> tuple[Figure, ...]:
    """M/H2/1: only the spread of the service counts."""
    queue = mg1(0.6, 1, 2)
    return (
        Figure("wait_mean", SERVICE, "mean wait [h]", queue.mean_wait),
        Figure("waiting_people", SERVICE, "mean number waiting", 0.6 * queue.mean_wait),
        Figure("p_wait", SERVICE, "share who wait", 0.6),
    )


def mixture() -> tuple[Figure, ...]:
    """M/G/1 with short and long services mixed: moments of a mixture are mixtures of moments."""
    mean = 0.75 * 0.5 + 0.25 * 2
    square = 0.75 * 0.5**2 + 0.25 * (2**2 + 1**2)
    queue = mg1(0.8, mean, math.sqrt(square - mean**2))
    return (
        Figure("wait_mean", SERVICE, "mean wait [h]", queue.mean_wait),
        Figure("utilisation", {"pool": "servers"}, "share of time busy", 0.8 * mean),
    )


def fixed_services() -> tuple[Figure, ...]:
    """M/D/3."""
    return _waits(mdc(2.4, 1, 3), SERVICE)


def fixed_gaps() -> tuple[Figure, ...]:
    """D/M/1: one person every 75 minutes."""
    return _waits(gim1(lambda s: math.exp(-1.25 * s), 1), SERVICE)


def erlang_gaps() -> tuple[Figure, ...]:
    """E2/M/1."""
    return _waits(gim1(lambda s: (1.6 / (1.6 + s)) ** 2, 1), DESK)


def hyperexponential_gaps() -> tuple[Figure, ...]:
    """H2/M/1, the gaps with balanced means: mean 1.25 h, standard deviation 1.875 h."""
    squared = (1.875 / 1.25) ** 2
    short = (1 + math.sqrt((squared - 1) / (squared + 1))) / 2
    rates = (2 * short / 1.25, 2 * (1 - short) / 1.25)
    shares = (short, 1 - short)

    def gaps(s: float) -> float:
        return sum(p * r / (r + s) for p, r in zip(shares, rates, strict=True))

    return _waits(gim1(gaps, 1), DESK)


def uniform_patience() -> tuple[Figure, ...]:
    """M/M/2+U: patience between nothing and an hour."""
    queue = mmc_patience(
        4, 0.5, 2, lambda x: min(x, 1.0), lambda x: x - x * x / 2 if x < 1 else 0.5, 12
    )
    return (
        Figure("given_up", SERVICE, "share who give up", queue.p_abandon),
        Figure("p_wait", SERVICE, "share who are not served at once", queue.p_delayed),
        Figure("waiting_people", SERVICE, "mean number waiting", queue.mean_queue),
        Figure("utilisation", {"pool": "servers"}, "share busy", queue.mean_occupancy / 2),
    )


def three_ranks() -> tuple[Figure, ...]:
    """Cobham: three ranks, each with a service of its own."""
    waits = mg1_priority([0.5, 0.3, 0.2], [0.5, 0.75, 1], [0, 0.75, 1]).mean_waits
    return tuple(
        Figure(
            "wait_mean",
            {"service": "clinic", "stream": rank},
            f"mean wait of the {rank} [h]",
            wait,
        )
        for rank, wait in zip(("first", "second", "third"), waits, strict=True)
    )


def trying_again() -> tuple[Figure, ...]:
    """M/M/1 retrial: callers, services and further tries at rates of 4, 20/3 and 2 an hour."""
    rate, service, again = 4, 60 / 9, 2
    load = rate / service
    return (
        Figure(
            "occupancy_mean",
            {"service": "later"},
            "mean number who will try again",
            load * (rate + load * again) / (again * (1 - load)),
        ),
        Figure("utilisation", {"pool": "line"}, "share of time the line is taken", load),
    )


def lines_in_order() -> tuple[Figure, ...]:
    """A load of 1.5 on three lines: each carries what the ones before it leave over."""
    lost = [erlang_b(1.5, lines) for lines in range(4)]
    # With other than exponential services only what is lost of all is as simple as this.
    return (
        Figure("given_up", {"service": "call"}, "share lost", lost[3]),
        *(
            Figure(
                "occupancy_mean",
                {"pool": f"line_{k + 1}"},
                f"share of time line {k + 1} is taken",
                1.5 * (lost[k] - lost[k + 1]),
            )
            for k in range(3)
        ),
    )


def room_for_one() -> tuple[Figure, ...]:
    """M/M/2/3, the first example of simmer's page on queueing systems."""
    queue = limited(3, 0.25, 2, 1)
    return (
        Figure("given_up", {"service": "room"}, "share turned away", queue.p_lost),
        Figure("occupancy_mean", SERVICE, "mean number served", queue.mean_occupancy),
        Figure("occupancy_mean", {"service": "room"}, "mean number waiting", queue.mean_queue),
    )


def chairs() -> tuple[Figure, ...]:
    """M/M/3/8 with the waiting room as a field."""
    queue = limited(4, 1, 3, 5)
    return (
        Figure("turned_away", SERVICE, "share turned away", queue.p_lost),
        Figure("wait_mean", SERVICE, "mean wait of those let in [h]", queue.mean_wait),
        Figure("waiting_people", SERVICE, "mean number waiting", queue.mean_queue),
        Figure("occupancy_mean", {"pool": "servers"}, "mean servers busy", queue.mean_occupancy),
    )


def beside() -> tuple[Figure, ...]:
    """Six people on average, a Poisson number; five of them can have a nurse."""
    known = mginf(1, 6)
    with_nurse = sum(known.p_above(k) for k in range(5))
    return (
        Figure("occupancy_mean", {"service": "ward"}, "people on the ward", 6.0),
        Figure("occupancy_mean", {"pool": "nurses"}, "people with a nurse", with_nurse),
        Figure("waiting_people", {"service": "nursing"}, "people without", 6 - with_nurse),
    )


def either_of_two() -> tuple[Figure, ...]:
    """Two pools of one, whichever frees first: M/M/2, and the share within half an hour."""
    queue = mmc(3, 0.5, 2)
    at = {"service": "assessment"}
    return (
        Figure("wait_mean", at, "mean wait [h]", queue.mean_wait),
        Figure("p_wait", at, "share who wait", queue.p_wait),
        Figure(
            "standard_met",
            {"standard": "half_an_hour"},
            "share within half an hour",
            1 - queue.p_wait_longer(0.5),
        ),
    )


def two_services() -> tuple[Figure, ...]:
    """Calls of five to fifteen minutes, visits of 45: one line, so one wait for both."""
    rates, means = (2, 0.5), (1 / 6, 0.75)
    squares = ((1 / 6) ** 2 + (1 / 6) ** 2 / 12, 0.75**2 + (1 / 3) ** 2)
    busy = sum(r * m for r, m in zip(rates, means, strict=True))
    wait = sum(r * s for r, s in zip(rates, squares, strict=True)) / 2 / (1 - busy)
    return (
        Figure("wait_mean", {"service": "call"}, "mean wait of calls [h]", wait),
        Figure("wait_mean", {"service": "visit"}, "mean wait of visits [h]", wait),
        Figure("utilisation", {"pool": "clinician"}, "share of time busy", busy),
    )


def two_streams(policy: str, parts: tuple[int, int]) -> Callable[[], tuple[Figure, ...]]:
    """Ten beds for a stream that gives up and one that waits."""

    def figures() -> tuple[Figure, ...]:
        given_up, wait = in_one_unit(Unit((0.2, 0.25), 14, 1, 10, policy, parts))
        up = {"service": "unit", "stream": "step_up"}
        down = {"service": "unit", "stream": "step_down"}
        return (
            Figure("given_up", up, "share of step-up that gives up", given_up),
            Figure("wait_mean", down, "mean wait of step-down [h]", 24 * wait),
        )

    return figures


_POLICIES: dict[str, tuple[object, tuple[int, int]]] = {
    "shared": ("shared", (0, 0)),
    "ring_fenced": ({"ring_fenced": {"step_up": 4, "step_down": 6}}, (4, 6)),
    "reserved": ({"reserved": {"step_up": 2}}, (2, 0)),
    "partial": ({"partial": {"step_up": 3, "step_down": 5, "shared": 2}}, (3, 5)),
    "priority": ({"priority": ["step_up", "step_down"]}, (0, 0)),
}

_KLEINROCK = "Kleinrock (1975), Queueing Systems 1, section 6.4: GI/M/1"
_POLLACZEK = "formula of Pollaczek and Khinchine; Gross and others (2008), M/G/1"
_GATE = "services.gate.stay"
_LONG = {"clock.length": "120 d", "clock.warm_up": "10 d"}
_STAY = "services.service.stay"
_RATE = "arrivals.people.rate"

_SYSTEMS = (
    System(
        "M/H2/1",
        "queue",
        hyperexponential,
        _POLLACZEK,
        {_RATE: "0.6 per h", _STAY: {"hyperexponential": {"mean": "1 h", "sd": "2 h"}}, **_LONG},
    ),
    System(
        "M/G/1 mixture",
        "queue",
        mixture,
        _POLLACZEK,
        {
            _RATE: "0.8 per h",
            _STAY: {
                "mixture": [
                    {"share": 0.75, "fixed": "30 min"},
                    {"share": 0.25, "gamma": {"mean": "2 h", "sd": "1 h"}},
                ]
            },
            **_LONG,
        },
    ),
    System(
        "M/D/3",
        "queue",
        fixed_services,
        "Crommelin (1932): chain over the time of one service",
        {_RATE: "2.4 per h", _STAY: "1 h", "pools.servers.capacity": 3, **_LONG},
        8,
    ),
    System(
        "D/M/1",
        "queue",
        fixed_gaps,
        _KLEINROCK,
        {"arrivals.people": {"every": "75 min", "at": "service"}, **_LONG},
    ),
    System("E2/M/1", "gate", erlang_gaps, _KLEINROCK, quick=True),
    System(
        "H2/M/1",
        "gate",
        hyperexponential_gaps,
        _KLEINROCK,
        {_GATE: {"hyperexponential": {"mean": "75 min", "sd": "112.5 min"}}},
    ),
    System(
        "M/M/2+U",
        "queue",
        uniform_patience,
        "Baccelli and Hebuterne (1981): patience of any distribution",
        {
            _RATE: "4 per h",
            _STAY: {"exponential": {"mean": "30 min"}},
            "pools.servers.capacity": 2,
            "services.service.max_wait": {"uniform": {"min": "0 min", "max": "1 h"}},
            "clock.length": "20 d",
            "clock.warm_up": "2 d",
        },
    ),
    System("M/G/1 three ranks", "ranks", three_ranks, "Cobham (1954): ranks, no interruption"),
    System(
        "M/M/1 retrial",
        "retrial",
        trying_again,
        "Falin and Templeton (1997), Retrial Queues: M/M/1, exponential times between tries",
    ),
    System(
        "ordered lines",
        "hunt",
        lines_in_order,
        "Erlang B: what line k carries is what k - 1 lines lose and k do not",
        {"services.call.stay": {"exponential": {"mean": "30 min"}}},
    ),
    System("M/M/3/8 by the field", "chairs", chairs, "births and deaths", quick=True),
    System("nurses alongside", "beside", beside, "M/G/infinity; the lesser of it and the nurses"),
    System("either of two pools", "two_desks", either_of_two, "Erlang C with two servers"),
    System("two services, one server", "two_services", two_services, _POLLACZEK),
    System(
        "M/M/2/3",
        "waiting_room",
        room_for_one,
        "births and deaths; first example of simmer's vignette on queueing systems",
        {
            "arrivals.people.rate": "3 per h",
            "pools.chairs.capacity": 1,
            "pools.servers.capacity": 2,
            "services.service.stay": {"exponential": {"mean": "15 min"}},
        },
        8,
    ),
    *(
        System(
            f"two streams {word}",
            "unit",
            two_streams(word, parts),
            "Markov chain of who is there and who waits, in order",
            {"pools.beds.policy": policy},
            quick=word == "reserved",
        )
        for word, (policy, parts) in _POLICIES.items()
    ),
)

CASES = tuple(system.case() for system in _SYSTEMS)
