"""Queues whose people give up after a patience of any distribution: M/M/c+G."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scipy.integrate import quad

from carepath_sim.statistics.queueing.checks import require_positive
from carepath_sim.statistics.queueing.markov import erlang_b
from carepath_sim.statistics.queueing.patience import ImpatientQueue

if TYPE_CHECKING:
    from collections.abc import Callable


def mmc_patience(
    arrival_rate: float,
    service_mean: float,
    servers: int,
    gone_by: Callable[[float], float],
    patient_time: Callable[[float], float],
    longest: float,
) -> ImpatientQueue:
    """Steady state of M/M/c+G.

    Parameters
    ----------
    arrival_rate
        Arrivals [people / time].
    service_mean
        Mean service [time].
    servers
        Servers [servers].
    gone_by
        Share of people whose patience has ended by a time.
    patient_time
        Mean of patience cut off at a time: the integral of ``1 - gone_by`` from 0 to it [time].
    longest
        A time that no wait exceeds [time].

    Notes
    -----
    Baccelli and Hebuterne (1981), On queues with impatient customers: the wait `x` that an arrival
    would face has density ``v0 exp(arrival_rate patient_time(x) - servers x / service_mean)``,
    where ``v0 = arrival_rate P(servers - 1 busy)``.

    Examples
    --------
    With exponential patience it is Erlang A:

    >>> import math
    >>> found = mmc_patience(
    ...     8, 0.2, 2, lambda x: 1 - math.exp(-2 * x), lambda x: (1 - math.exp(-2 * x)) / 2, 20
    ... )
    >>> round(found.p_abandon, 4)
    0.149
    """
    require_positive(arrival_rate=arrival_rate, service_mean=service_mean, servers=servers)
    load, drain = arrival_rate * service_mean, servers / service_mean

    def density(x: float) -> float:
        return math.exp(arrival_rate * patient_time(x) - drain * x)

    delayed = quad(density, 0, longest, limit=200)[0]
    lost = quad(lambda x: density(x) * gone_by(x), 0, longest, limit=200)[0]
    waited = quad(lambda x: density(x) * patient_time(x), 0, longest, limit=200)[0]
    # P(fewer than all busy) / P(servers - 1 busy): the loss formula, upside down.
    total = 1 / erlang_b(load, servers - 1) + arrival_rate * delayed
    p_abandon = arrival_rate * lost / total
    mean_wait = arrival_rate * waited / total
    return ImpatientQueue(
        p_abandon=p_abandon,
        p_delayed=arrival_rate * delayed / total,
        mean_wait=mean_wait,
        mean_queue=arrival_rate * mean_wait,
        mean_occupancy=load * (1 - p_abandon),
        abandon_rate=arrival_rate * p_abandon,
    )
