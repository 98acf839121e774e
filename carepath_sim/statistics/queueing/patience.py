"""Queues whose people give up: M/M/c with exponential or fixed patience."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from carepath_sim.statistics.queueing.chain import birth_death
from carepath_sim.statistics.queueing.checks import require_positive
from carepath_sim.statistics.queueing.markov import erlang_b


@dataclass(frozen=True, slots=True)
class ImpatientQueue:
    """Steady state of a queue whose people leave if their service has not begun in time.

    Attributes
    ----------
    p_abandon
        Share of arrivals that give up.
    p_delayed
        Share of arrivals that find every server busy.
    mean_wait
        Mean time in the queue of all arrivals, those who give up included [time].
    mean_queue
        Mean number waiting [people].
    mean_occupancy
        Mean number of servers busy [servers].
    abandon_rate
        People who give up [people / time].
    """

    p_abandon: float
    p_delayed: float
    mean_wait: float
    mean_queue: float
    mean_occupancy: float
    abandon_rate: float


def erlang_a(
    arrival_rate: float, service_mean: float, servers: int, patience_mean: float
) -> ImpatientQueue:
    """Steady state of M/M/c+M, with exponential patience (Erlang A).

    Parameters
    ----------
    arrival_rate
        Arrivals [people / time].
    service_mean
        Mean service [time].
    servers
        Servers [servers].
    patience_mean
        Mean patience [time].

    Returns
    -------
        Who gives up, who waits, and for how long; overload is allowed.

    Raises
    ------
    ValueError
        If a quantity is not above zero.

    Notes
    -----
    Palm (1943). The chain is cut where the people waiting, were nobody served, would be a Poisson
    number 12 standard deviations above its mean: what is cut off is below rounding.
    """
    require_positive(
        arrival_rate=arrival_rate,
        service_mean=service_mean,
        servers=servers,
        patience_mean=patience_mean,
    )
    willing = arrival_rate * patience_mean
    longest = math.ceil(willing + 12 * math.sqrt(willing) + 40)
    people = np.arange(servers + longest + 1)
    busy = np.minimum(people, servers)
    waiting = people - busy
    deaths = busy / service_mean + waiting / patience_mean
    share = birth_death(np.full(people.size - 1, arrival_rate), deaths[1:])
    mean_queue = float(share @ waiting)
    return ImpatientQueue(
        p_abandon=mean_queue / patience_mean / arrival_rate,
        p_delayed=float(share[servers:].sum()),
        mean_wait=mean_queue / arrival_rate,
        mean_queue=mean_queue,
        mean_occupancy=float(share @ busy),
        abandon_rate=mean_queue / patience_mean,
    )


def mmc_fixed_patience(
    arrival_rate: float, service_mean: float, servers: int, patience: float
) -> ImpatientQueue:
    """Steady state of M/M/c+D: everybody leaves after waiting the same time.

    Parameters
    ----------
    arrival_rate
        Arrivals [people / time].
    service_mean
        Mean service [time].
    servers
        Servers [servers].
    patience
        Longest wait that anybody accepts [time].

    Returns
    -------
        Who gives up, who waits, and for how long; overload is allowed.

    Raises
    ------
    ValueError
        If a quantity is not above zero.

    Notes
    -----
    Baccelli and Hebuterne (1981), On queues with impatient customers: the wait `x` that an arrival
    would face has density ``v0 exp(arrival_rate min(x, patience) - servers x / service_mean)``,
    where ``v0 = arrival_rate P(servers - 1 busy)``.
    """
    require_positive(
        arrival_rate=arrival_rate, service_mean=service_mean, servers=servers, patience=patience
    )
    load = arrival_rate * service_mean
    drain = servers / service_mean
    growth = (arrival_rate - drain) * patience
    # Integrals of the density over (0, patience), of its first moment there, and of its tail, each
    # divided by v0 exp(max(growth, 0)), which would leave the range of floats under long overload.
    steepness = abs(growth)
    within = patience * float(special.exprel(-steepness))
    near_zero = _first_moment(steepness)
    moment = patience * (patience * near_zero if growth <= 0 else within - patience * near_zero)
    beyond = math.exp(min(growth, 0.0)) / drain
    # P(fewer than all busy) / P(servers - 1 busy): the loss formula, upside down.
    blocked = erlang_b(load, servers - 1)
    below = math.exp(-max(growth, 0.0)) / blocked if blocked else math.inf
    total = below + arrival_rate * (within + beyond)
    p_abandon = arrival_rate * beyond / total
    mean_wait = arrival_rate * (moment + patience * beyond) / total
    return ImpatientQueue(
        p_abandon=p_abandon,
        p_delayed=arrival_rate * (within + beyond) / total,
        mean_wait=mean_wait,
        mean_queue=arrival_rate * mean_wait,
        mean_occupancy=load * (1 - p_abandon),
        abandon_rate=arrival_rate * p_abandon,
    )


def _first_moment(steepness: float) -> float:
    """Integral of ``u exp(-steepness u)`` over (0, 1), also where the closed form cancels."""
    if steepness < 1e-100:
        return 0.5
    return float(special.gammainc(2, steepness)) / steepness**2
