"""Erlang's formulas and the queue M/M/c."""

from __future__ import annotations

import math
from dataclasses import dataclass

from carepath_sim.statistics.queueing.checks import require_positive, require_stable


def erlang_b(load: float, servers: int) -> float:
    """Share of arrivals that find every server busy and are lost (Erlang B).

    Parameters
    ----------
    load
        Load offered: arrival rate times mean service time [servers].
    servers
        Servers, of which none may be zero too [servers].

    Returns
    -------
        Probability of loss, whatever the distribution of service.

    Raises
    ------
    ValueError
        If `load` is not above zero or `servers` is negative.

    Notes
    -----
    Erlang (1917), by the recursion of Jagerman (1974), which neither overflows nor cancels.

    Examples
    --------
    One server, offered one: half of the arrivals find it busy.

    >>> erlang_b(1.0, servers=1)
    0.5
    """
    require_positive(load=load)
    if servers < 0:
        raise ValueError(f"servers cannot be negative; got {servers}.")
    inverse = 1.0
    for busy in range(1, servers + 1):
        inverse = 1 + busy / load * inverse
        if math.isinf(inverse):
            return 0.0
    return 1 / inverse


def erlang_c(load: float, servers: int) -> float:
    """Share of arrivals that must wait (Erlang C).

    Parameters
    ----------
    load
        Load offered: arrival rate times mean service time [servers].
    servers
        Servers [servers].

    Returns
    -------
        Probability of waiting in M/M/c.

    Raises
    ------
    ValueError
        If `load` or `servers` is not above zero, or `load` is not below `servers`.

    Examples
    --------
    >>> round(erlang_c(2.5, servers=3), 8)
    0.70224719
    """
    require_positive(load=load, servers=servers)
    require_stable(load / servers)
    lost = erlang_b(load, servers)
    return lost / (1 - load / servers * (1 - lost))


@dataclass(frozen=True, slots=True)
class MMc:
    """Steady state of M/M/c: Poisson arrivals, exponential service, first come first served.

    Attributes
    ----------
    arrival_rate
        Arrivals [people / time].
    service_mean
        Mean service [time].
    servers
        Servers [servers].
    p_wait
        Share of arrivals that wait.
    mean_wait
        Mean wait before service, of all arrivals [time].
    """

    arrival_rate: float
    service_mean: float
    servers: int
    p_wait: float
    mean_wait: float

    @property
    def utilisation(self) -> float:
        """Share of servers that is busy."""
        return self.arrival_rate * self.service_mean / self.servers

    @property
    def mean_queue(self) -> float:
        """Mean number waiting [people], by Little's law."""
        return self.arrival_rate * self.mean_wait

    @property
    def mean_time_in_system(self) -> float:
        """Mean of wait and service together [time]."""
        return self.mean_wait + self.service_mean

    @property
    def mean_number(self) -> float:
        """Mean number waiting or in service [people]."""
        return self.arrival_rate * self.mean_time_in_system

    def p_wait_longer(self, wait: float) -> float:
        """Share of arrivals that wait longer than `wait` [time]."""
        # A wait, if there is one, is exponential with the rate at which servers come free in excess
        # of arrivals.
        spare = self.servers / self.service_mean - self.arrival_rate
        return self.p_wait * math.exp(-spare * wait) if wait >= 0 else 1.0

    def wait_quantile(self, share: float) -> float:
        """Shortest wait [time] that at least `share` of arrivals do not exceed."""
        if not 0 <= share < 1:
            raise ValueError(f"A quantile is taken at a share from 0 to below 1; got {share}.")
        if share <= 1 - self.p_wait:
            return 0.0
        spare = self.servers / self.service_mean - self.arrival_rate
        return math.log(self.p_wait / (1 - share)) / spare


def mmc(arrival_rate: float, service_mean: float, servers: int) -> MMc:
    """Steady state of M/M/c.

    Parameters
    ----------
    arrival_rate
        Arrivals [people / time].
    service_mean
        Mean service [time].
    servers
        Servers [servers].

    Returns
    -------
        Probability of waiting, mean wait and what follows from them.

    Raises
    ------
    ValueError
        If a quantity is not above zero, or the queue would grow without bound.

    Examples
    --------
    A single server that is busy 80 % of the time: the mean wait is 0.8 / 0.2 = 4 services.

    >>> round(mmc(0.8, 1.0, servers=1).mean_wait, 10)
    4.0
    """
    require_positive(arrival_rate=arrival_rate, service_mean=service_mean, servers=servers)
    p_wait = erlang_c(arrival_rate * service_mean, servers)
    mean_wait = p_wait / (servers / service_mean - arrival_rate)
    return MMc(arrival_rate, service_mean, servers, p_wait, mean_wait)
