"""Queues with any distribution of service: M/G/1 and M/G/infinity."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from carepath_sim.statistics.queueing.checks import require_positive, require_stable


@dataclass(frozen=True, slots=True)
class MG1:
    """Steady state of M/G/1, first come first served.

    Attributes
    ----------
    arrival_rate
        Arrivals [people / time].
    service_mean
        Mean service [time].
    mean_wait
        Mean wait before service, of all arrivals [time].
    """

    arrival_rate: float
    service_mean: float
    mean_wait: float

    @property
    def utilisation(self) -> float:
        """Share of time the server is busy."""
        return self.arrival_rate * self.service_mean

    @property
    def p_wait(self) -> float:
        """Share of arrivals that wait: Poisson arrivals see time averages."""
        return self.utilisation

    @property
    def mean_queue(self) -> float:
        """Mean number waiting [people], by Little's law."""
        return self.arrival_rate * self.mean_wait

    @property
    def mean_time_in_system(self) -> float:
        """Mean of wait and service together [time]."""
        return self.mean_wait + self.service_mean


def mg1(arrival_rate: float, service_mean: float, service_sd: float) -> MG1:
    """Steady state of M/G/1 by the formula of Pollaczek and Khinchine.

    Parameters
    ----------
    arrival_rate
        Arrivals [people / time].
    service_mean
        Mean service [time].
    service_sd
        Standard deviation of service [time]; 0 for a fixed one.

    Returns
    -------
        Mean wait and what follows from it.

    Raises
    ------
    ValueError
        If a rate or mean is not above zero, the deviation is negative, or the queue would grow
        without bound.

    Examples
    --------
    A fixed service time halves the wait of an exponential one:

    >>> round(mg1(0.8, 1.0, 1.0).mean_wait / mg1(0.8, 1.0, 0.0).mean_wait, 10)
    2.0
    """
    require_positive(arrival_rate=arrival_rate, service_mean=service_mean)
    if service_sd < 0:
        raise ValueError(f"service_sd cannot be negative; got {service_sd}.")
    utilisation = arrival_rate * service_mean
    require_stable(utilisation)
    second_moment = service_mean**2 + service_sd**2
    return MG1(arrival_rate, service_mean, arrival_rate * second_moment / (2 * (1 - utilisation)))


@dataclass(frozen=True, slots=True)
class PoissonOccupancy:
    """Number of people in a place that turns nobody away: Poisson, with this mean [people]."""

    mean: float

    @property
    def variance(self) -> float:
        """Variance [people squared]; equal to the mean."""
        return self.mean

    def pmf(self, people: int) -> float:
        """Share of time with exactly so many `people`."""
        if people < 0:
            return 0.0
        return math.exp(people * math.log(self.mean) - self.mean - math.lgamma(people + 1))

    def p_above(self, people: int) -> float:
        """Share of time with more than so many `people`."""
        return float(special.pdtrc(people, self.mean)) if people >= 0 else 1.0

    def p_delay(self, beds: int) -> float:
        """Share of time full, given at most `beds` are in use: P(N = beds) / P(N <= beds).

        The measure of Monks and others (2016), A modelling tool for capacity planning in acute and
        community stroke services; equal to Erlang B.
        """
        return self.pmf(beds) / (1 - self.p_above(beds))

    def quantile(self, share: float) -> int:
        """Fewest people that are not exceeded for at least `share` of time."""
        if not 0 <= share < 1:
            raise ValueError(f"A quantile is taken at a share from 0 to below 1; got {share}.")
        people = 0
        while self.p_above(people) > 1 - share:
            people += 1
        return people


def mginf(arrival_rate: float, mean_stay: float) -> PoissonOccupancy:
    """Occupancy of M/G/infinity: Poisson, and insensitive to the distribution of stays.

    Parameters
    ----------
    arrival_rate
        Arrivals [people / time].
    mean_stay
        Mean length of stay [time].

    Returns
    -------
        The distribution of the number of people there.

    Raises
    ------
    ValueError
        If a quantity is not above zero.

    Examples
    --------
    >>> mginf(3.0, 7.0).mean, mginf(3.0, 7.0).quantile(0.95)
    (21.0, 29)
    """
    require_positive(arrival_rate=arrival_rate, mean_stay=mean_stay)
    return PoissonOccupancy(arrival_rate * mean_stay)
