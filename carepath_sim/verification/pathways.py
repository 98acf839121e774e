"""Several stations: pathways, blocking, overflow, closed networks, compartments, readmission."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.statistics.queueing import (
    closed_network,
    erlang_b,
    finite_source,
    saturated_line,
    stationary_distribution,
)
from carepath_sim.verification.lines import line_sets, station
from carepath_sim.verification.textbook import Figure, System

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

A_YEAR = 365.25


def overflow() -> tuple[Figure, ...]:
    """Four beds and three for their overflow: a load of 5, and seven beds in all."""
    first, both = erlang_b(5, 4), erlang_b(5, 7)
    return (
        Figure("diverted", {"service": "unit"}, "share that overflows", first),
        Figure("given_up", {"service": "other"}, "share of the overflow lost", both / first),
        Figure(
            "occupancy_mean", {"pool": "other_beds"}, "overflow beds in use", 5 * (first - both)
        ),
    )


def blocked_ward() -> tuple[Figure, ...]:
    """Eight beds before five places: people treated, people blocked, and places taken."""
    rate, stay, onward, later, beds, places = 1.0, 5.0, 0.3, 15.0, 8, 5

    def moves(state: tuple[int, int, int]) -> Iterator[tuple[float, tuple[int, int, int]]]:
        treated, blocked, taken = state
        if treated + blocked < beds:
            yield rate, (treated + 1, blocked, taken)
        if treated:
            yield treated / stay * (1 - onward), (treated - 1, blocked, taken)
            if taken < places:
                yield treated / stay * onward, (treated - 1, blocked, taken + 1)
            else:
                yield treated / stay * onward, (treated - 1, blocked + 1, taken)
        if taken:
            # A place that frees is taken at once by whoever is blocked.
            after = (blocked - 1, taken) if blocked else (blocked, taken - 1)
            yield taken / later, (treated, *after)

    shares = stationary_distribution((0, 0, 0), moves)
    full = sum(share for (n, b, _), share in shares.items() if n + b == beds)
    blocked = sum(share * b for (_, b, _), share in shares.items())
    taken = sum(share * m for (_, _, m), share in shares.items())
    return (
        Figure("given_up", {"service": "ward"}, "share who find no bed", full),
        Figure(
            "occupancy_mean", {"pool": "beds"}, "beds in use", rate * (1 - full) * stay + blocked
        ),
        Figure("delayed_transfer_people", {}, "people blocked at midnight", blocked),
        Figure("occupancy_mean", {"pool": "places"}, "places taken", taken),
    )


def lossy_line() -> tuple[Figure, ...]:
    """Two stations that block, two places before the first; 0.9, 1 and 1.25 an hour."""
    rate, first, second, room = 0.9, 1.0, 1.25, 2

    # People at the first station and before it; whether its person is blocked; at the second.
    def moves(state: tuple[int, bool, int]) -> Iterator[tuple[float, tuple[int, bool, int]]]:
        there, blocked, after = state
        if there < room + 1:
            yield rate, (there + 1, blocked, after)
        if there and not blocked:
            yield first, (there, True, after) if after else (there - 1, False, 1)
        if after:
            yield second, (there - 1, False, 1) if blocked else (there, False, 0)

    shares = stationary_distribution((0, False, 0), moves)
    full = sum(share for (n, _, _), share in shares.items() if n == room + 1)
    stuck = sum(share for (_, blocked, _), share in shares.items() if blocked)
    through = rate * (1 - full)
    return (
        Figure("given_up", {"service": "room_1"}, "share lost", full),
        Figure(
            "occupancy_mean",
            {"pool": station(1)},
            "share of time the first is taken",
            through / first + stuck,
        ),
        Figure(
            "occupancy_mean",
            {"pool": station(2)},
            "share of time the second is taken",
            through / second,
        ),
    )


def chairs_between(chairs: int) -> Callable[[], tuple[Figure, ...]]:
    """Two stations with chairs between them; the first never lacks work."""

    def figures() -> tuple[Figure, ...]:
        through = saturated_line([1, 1], [chairs]).throughput
        return (
            Figure("ends", {"service": "second"}, "through [per y]", through * 24 * A_YEAR),
            Figure(
                "occupancy_mean", {"pool": "second"}, "share of time the second is busy", through
            ),
        )

    return figures


def going_round() -> tuple[Figure, ...]:
    """Eight people and three desks: the first is visited once a round, the others by shares."""
    network = closed_network([1, 0.5, 0.4], [1 / 3, 0.5, 0.75], 8)
    desks = ("first", "second", "third")
    visits = (1, 0.5, 0.4)
    means = (1 / 3, 0.5, 0.75)
    return (
        *(
            Figure(
                "utilisation",
                {"pool": desk},
                f"share of time the {desk} is busy",
                network.throughput * visit * mean,
            )
            for desk, visit, mean in zip(desks, visits, means, strict=True)
        ),
        *(
            Figure("wait_mean", {"service": desk}, f"mean wait at the {desk} [h]", time - mean)
            for desk, time, mean in zip(desks, network.mean_times, means, strict=True)
        ),
    )


def repair() -> tuple[Figure, ...]:
    """Thirty people and two places."""
    shares = np.array(finite_source(30, 6 / A_YEAR, 4, 2))
    there = np.arange(31)
    busy = float(np.minimum(there, 2) @ shares)
    waiting = float(np.maximum(there - 2, 0) @ shares)
    per_day = 6 / A_YEAR * float((30 - there) @ shares)
    return (
        Figure("occupancy_mean", {"pool": "places"}, "places in use", busy),
        Figure("p_full", {"pool": "places"}, "share of time both are taken", 1 - shares[:2].sum()),
        Figure("waiting_people", {"service": "clinic"}, "mean number waiting", waiting),
        Figure("wait_mean", {"service": "clinic"}, "mean wait [h]", 24 * waiting / per_day),
        Figure("requests", {"service": "clinic"}, "requests [per y]", per_day * A_YEAR),
    )


def pathway() -> tuple[Figure, ...]:
    """Visits are the arrivals times the inverse of the ways that do not end."""
    ways = np.array([[0, 0.2, 0.25], [0.1, 0, 0.4], [0.15, 0, 0]])
    visits = 2 * np.linalg.inv(np.eye(3) - ways)[0]
    means = (0.3 * 0.5 + 0.7 * 9, 20 * math.gamma(1 + 1 / 1.5), (7 + 28 + 55) / 3)
    names = ("hospital", "community_bed", "reablement")
    return (
        *(
            Figure("starts", {"service": name}, f"stays in {name} [per y]", visit * A_YEAR)
            for name, visit in zip(names, visits, strict=True)
        ),
        *(
            Figure("occupancy_mean", {"service": name}, f"people in {name}", visit * mean)
            for name, visit, mean in zip(names, visits, means, strict=True)
        ),
        Figure(
            "length_of_stay_mean", {"service": "community_bed"}, "mean stay there [d]", means[1]
        ),
    )


def compartments() -> tuple[Figure, ...]:
    """Three a day; 0.05 a day end the short stay, 6 % of these by becoming a long one."""
    mean = 1 / 0.05 + 0.06 / 0.004
    return (
        Figure("occupancy_mean", {"service": "department"}, "beds in use", 3 * mean),
        Figure("starts", {"service": "department"}, "admissions [per y]", 3 * A_YEAR),
    )


def limits() -> tuple[Figure, ...]:
    """At most 14 days of a stay of 10 on average; then till the next 10:00 at night.

    Who reaches the limit leaves at the hour at which they came, and all hours are alike.
    """
    mean = 10 * -math.expm1(-14 / 10)
    lag = 16 / 24 * 8 / 24
    return (
        Figure("treatment_time_mean", {"service": "ward"}, "mean stay to ready [d]", mean),
        Figure("delay_of_leaving_mean", {"service": "ward"}, "mean delay [d]", lag),
        Figure("occupancy_mean", {"service": "ward"}, "beds in use", 4 * (mean + lag)),
    )


def weekend() -> tuple[Figure, ...]:
    """Nobody leaves at weekends: ready on a Saturday 36 hours to go on average, on a Sunday 12."""
    lag = (1.5 + 0.5) / 7
    return (
        Figure("delay_of_leaving_mean", {"service": "ward"}, "mean delay [d]", lag),
        Figure("occupancy_mean", {"service": "ward"}, "beds in use", 5 * (8 + lag)),
    )


def season() -> tuple[Figure, ...]:
    """January of a risk of 2 a year with winter factors, among people who die at 1 a year."""
    mean = (31 * 1.5 + 28.25 * 1.5 + 31 * 0.5 + 275) / A_YEAR
    alive = 4000 * -math.expm1(-31 / A_YEAR)  # years lived in 31 days
    illnesses = 2 * 1.5 / mean * alive
    return (
        Figure("starts", {"service": "gp"}, "illnesses [per y]", illnesses * A_YEAR / 31),
        Figure("ends", {"service": "gp"}, "illnesses that end [per y]", illnesses * A_YEAR / 31),
    )


def together() -> tuple[Figure, ...]:
    """The mean of the longest of three exponentials with rates 1, 1/2 and 1/4 a day."""
    rates = (1, 0.5, 0.25)
    longest = (
        sum(1 / r for r in rates)
        - sum(1 / (rates[i] + rates[j]) for i, j in ((0, 1), (0, 2), (1, 2)))
        + 1 / sum(rates)
    )
    return (
        Figure("delay_of_leaving_mean", {"service": "ward"}, "mean delay [d]", longest),
        Figure("occupancy_mean", {"service": "ward"}, "beds in use", 3 * (4 + longest)),
        Figure("occupancy_mean", {"service": "council"}, "assessed by the council", 6),
    )


def relapse() -> tuple[Figure, ...]:
    """The integral of the risk over 28 days after a stay: 7 days six times, 21 three times."""
    risk = 0.5 * (7 * 6 + 21 * 3) / A_YEAR
    return (Figure("readmissions_28_days", {}, "readmitted within 28 days", -math.expm1(-risk)),)


_SYSTEMS = (
    System("overflow", "overflow", overflow, "Erlang B of the first unit and of both"),
    System(
        "blocked ward",
        "blocked_ward",
        blocked_ward,
        "Markov chain of a ward and the places after it (blocking after service)",
        quick=True,
    ),
    System(
        "lossy line",
        "line",
        lossy_line,
        "Markov chain of two stations (Perros 1994, Queueing Networks with Blocking)",
        {
            **line_sets([{"exponential": {"mean": m}} for m in ("1 h", "48 min")], (0,), 2),
            "arrivals.people": {"rate": "0.9 per h", "at": "room_1"},
            "clock.length": "100 d",
        },
    ),
    *(
        System(
            f"chairs between {chairs}",
            "chairs_between",
            chairs_between(chairs),
            "Hillier and Boling (1967); Perros (1994): saturated line, blocking after service",
            {"services.second.waiting_room.from_inside": chairs},
        )
        for chairs in (0, 1, 4)
    ),
    System(
        "closed network",
        "round",
        going_round,
        "mean value analysis (Reiser and Lavenberg 1980)",
        replications=8,
        quick=True,
    ),
    System("finite source", "repair", repair, "Gross and others (2008): finite-source queues"),
    System("pathway", "pathway", pathway, "absorbing Markov chain; M/G/infinity"),
    System(
        "compartments",
        "compartments",
        compartments,
        "Harrison and Millard (1991), Methods of Information in Medicine 30: two compartments",
        replications=8,
    ),
    System("limits of stays", "limits", limits, "mean of an exponential cut off; uniform hours"),
    System("no leaving at weekends", "weekend", weekend, "uniform days of the week"),
    System("a winter and deaths", "season", season, "integral of hazards over a month"),
    System("steps together", "together", together, "mean of the longest of three exponentials"),
    System("relapse", "relapse", relapse, "integral of the hazard"),
)

CASES = tuple(system.case() for system in _SYSTEMS)
