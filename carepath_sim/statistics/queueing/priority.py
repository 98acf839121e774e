"""Queues with priority classes, the first class served first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from carepath_sim.statistics.queueing.checks import require_positive, require_stable
from carepath_sim.statistics.queueing.markov import erlang_c

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class PriorityQueue:
    """Steady state of a queue with priorities, class by class.

    Attributes
    ----------
    mean_waits
        Mean wait before service of each class [time]; with pre-emption, all time not in service.
    mean_times_in_system
        Mean of wait and service together of each class [time].
    utilisation
        Share of servers that is busy.
    """

    mean_waits: tuple[float, ...]
    mean_times_in_system: tuple[float, ...]
    utilisation: float


def _check_classes(rates: Sequence[float], means: Sequence[float], sds: Sequence[float]) -> None:
    if not rates or not len(rates) == len(means) == len(sds):
        raise ValueError(
            "Each class needs a rate, a mean and a deviation; "
            f"got {len(rates)}, {len(means)} and {len(sds)}."
        )
    for rate, mean, sd in zip(rates, means, sds, strict=True):
        require_positive(arrival_rate=rate, service_mean=mean)
        if sd < 0:
            raise ValueError(f"A standard deviation cannot be negative; got {sd}.")


def _loads_up_to(rates: Sequence[float], means: Sequence[float]) -> list[float]:
    """Load of the classes before each class, and of all of them at the end."""
    loads = (rate * mean for rate, mean in zip(rates, means, strict=True))
    return list(accumulate(loads, initial=0.0))


def mg1_priority(
    arrival_rates: Sequence[float], service_means: Sequence[float], service_sds: Sequence[float]
) -> PriorityQueue:
    """M/G/1 with priorities that do not interrupt a service (Cobham 1954).

    Parameters
    ----------
    arrival_rates
        Arrivals of each class, the most urgent first [people / time].
    service_means, service_sds
        Mean and standard deviation of each class's service [time].

    Returns
    -------
        Mean waits and times in system by class.

    Raises
    ------
    ValueError
        If the lengths differ, a quantity is out of range, or the queue would grow without bound.

    Examples
    --------
    >>> waits = mg1_priority([0.2, 0.6], [1.0, 1.0], [1.0, 1.0]).mean_waits
    >>> [round(wait, 10) for wait in waits]
    [1.0, 5.0]
    """
    _check_classes(arrival_rates, service_means, service_sds)
    before = _loads_up_to(arrival_rates, service_means)
    require_stable(before[-1])
    # What an arrival finds left of the service in progress, whichever class is being served.
    residual = sum(
        rate * (mean**2 + sd**2) / 2
        for rate, mean, sd in zip(arrival_rates, service_means, service_sds, strict=True)
    )
    waits = tuple(residual / ((1 - ahead) * (1 - with_own)) for ahead, with_own in pairwise(before))
    times = tuple(wait + mean for wait, mean in zip(waits, service_means, strict=True))
    return PriorityQueue(waits, times, before[-1])


def mg1_preemptive_resume(
    arrival_rates: Sequence[float], service_means: Sequence[float], service_sds: Sequence[float]
) -> PriorityQueue:
    """M/G/1 in which a more urgent arrival interrupts, and service resumes where it stopped.

    Parameters
    ----------
    arrival_rates
        Arrivals of each class, the most urgent first [people / time].
    service_means, service_sds
        Mean and standard deviation of each class's service [time].

    Returns
    -------
        Mean waits and times in system by class.

    Raises
    ------
    ValueError
        If the lengths differ, a quantity is out of range, or the queue would grow without bound.

    Notes
    -----
    Conway, Maxwell and Miller (1967), Theory of Scheduling, section 8-6.
    """
    _check_classes(arrival_rates, service_means, service_sds)
    before = _loads_up_to(arrival_rates, service_means)
    require_stable(before[-1])
    # Less urgent classes are not there for a more urgent one, so the residual grows by class.
    residuals = accumulate(
        rate * (mean**2 + sd**2) / 2
        for rate, mean, sd in zip(arrival_rates, service_means, service_sds, strict=True)
    )
    times = tuple(
        mean / (1 - ahead) + residual / ((1 - ahead) * (1 - with_own))
        for mean, residual, ahead, with_own in zip(
            service_means, residuals, before[:-1], before[1:], strict=True
        )
    )
    waits = tuple(time - mean for time, mean in zip(times, service_means, strict=True))
    return PriorityQueue(waits, times, before[-1])


def mmc_priority(
    arrival_rates: Sequence[float], service_mean: float, servers: int
) -> PriorityQueue:
    """M/M/c with priorities that do not interrupt, and one service rate for all classes.

    Parameters
    ----------
    arrival_rates
        Arrivals of each class, the most urgent first [people / time].
    service_mean
        Mean service of every class [time].
    servers
        Servers [servers].

    Returns
    -------
        Mean waits and times in system by class.

    Raises
    ------
    ValueError
        If a quantity is out of range, or the queue would grow without bound.

    Notes
    -----
    Kella and Yechiali (1985), Naval Research Logistics Quarterly 32; Cobham's argument, with the
    time until a server comes free in place of the residual service.
    """
    means = [service_mean] * len(arrival_rates)
    _check_classes(arrival_rates, means, means)
    require_positive(servers=servers)
    load = sum(arrival_rates) * service_mean
    until_free = erlang_c(load, servers) * service_mean / servers
    before = [part / servers for part in _loads_up_to(arrival_rates, means)]
    waits = tuple(
        until_free / ((1 - ahead) * (1 - with_own)) for ahead, with_own in pairwise(before)
    )
    return PriorityQueue(waits, tuple(wait + service_mean for wait in waits), load / servers)
