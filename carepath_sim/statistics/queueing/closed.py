"""Closed networks: a fixed number of people go round, and nobody comes or leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.statistics.queueing.chain import birth_death

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class ClosedNetwork:
    """Steady state of a closed network.

    Attributes
    ----------
    throughput
        Rounds that are completed [1 / time].
    mean_numbers
        People at each station, waiting or served.
    mean_times
        Time at each station for a visit [time].
    """

    throughput: float
    mean_numbers: tuple[float, ...]
    mean_times: tuple[float, ...]


def closed_network(
    visits: Sequence[float], service_means: Sequence[float], people: int
) -> ClosedNetwork:
    """Single servers in a closed network, first come first served, exponential services.

    Parameters
    ----------
    visits
        Visits to each station in a round.
    service_means
        Mean service at each station [time].
    people
        People who go round.

    Notes
    -----
    Mean value analysis (Reiser and Lavenberg 1980): whoever comes to a station finds there what a
    network with one person fewer has on average.

    Examples
    --------
    Two equal stations and three people: each server is busy three quarters of the time.

    >>> closed_network([1, 1], [1.0, 1.0], 3).throughput
    0.75
    """
    visited, means = np.asarray(visits, dtype=float), np.asarray(service_means, dtype=float)
    numbers = np.zeros(len(visited))
    throughput, times = 0.0, means
    for there in range(1, people + 1):
        times = means * (1 + numbers)
        throughput = there / float(visited @ times)
        numbers = throughput * visited * times
    return ClosedNetwork(throughput, tuple(numbers.tolist()), tuple(times.tolist()))


def finite_source(people: int, rate: float, service_mean: float, servers: int) -> tuple[float, ...]:
    """Return the shares of time with 0, 1, ... people at a station, out of a finite population.

    The repairman of textbooks (M/M/c//N): each of the `people` who are not at the station comes at
    a rate of their own.

    Parameters
    ----------
    people
        People in all.
    rate
        Rate at which a person who is away comes [1 / time].
    service_mean
        Mean service [time].
    servers
        Servers [servers].

    Notes
    -----
    Gross and others (2008), Fundamentals of Queueing Theory, finite-source queues.

    Examples
    --------
    One person: away and served take turns.

    >>> finite_source(1, 1.0, 3.0, 1)
    (0.25, 0.75)
    """
    births = [rate * (people - n) for n in range(people)]
    deaths = [min(n + 1, servers) / service_mean for n in range(people)]
    return tuple(birth_death(births, deaths).tolist())
