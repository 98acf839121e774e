"""Queues whose services, or gaps between arrivals, are not exponential: M/D/c and GI/M/1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from carepath_sim.statistics.queueing.checks import require_positive, require_stable

if TYPE_CHECKING:
    from collections.abc import Callable

# States of M/D/c beyond this many times the servers are left out; at 95 % load their share is nil.
_DEEP = 60


@dataclass(frozen=True, slots=True)
class Waits:
    """What is known of the waits of a queue.

    Attributes
    ----------
    p_wait
        Share of people who wait.
    mean_wait
        Mean wait of all [time].
    """

    p_wait: float
    mean_wait: float


def mdc(arrival_rate: float, service: float, servers: int) -> Waits:
    """M/D/c: several servers, and services of one fixed length.

    Parameters
    ----------
    arrival_rate
        People who come at random [people / time].
    service
        Length of every service [time].
    servers
        Servers [servers].

    Returns
    -------
        Waits in the steady state.

    Raises
    ------
    ValueError
        If a number is not above zero, or the queue would grow without bound.

    Notes
    -----
    Crommelin (1932). After the time of one service everybody who was being served has gone and
    nobody else: n people become max(n - c, 0) and those who have come meanwhile, which is a Markov
    chain.

    Examples
    --------
    With one server it is the formula of Pollaczek and Khinchine:

    >>> round(mdc(0.8, 1.0, 1).mean_wait, 8)
    2.0
    """
    require_positive(arrival_rate=arrival_rate, service=service)
    load = arrival_rate * service
    require_stable(load / servers)
    size = servers * _DEEP
    come = stats.poisson(load).pmf(np.arange(size))
    moves = np.zeros((size, size))
    for n in range(size):
        left = max(n - servers, 0)
        moves[n, left:] = come[: size - left]
    balance = moves.T - np.eye(size)
    balance[-1] = 1.0
    share = np.linalg.solve(balance, np.eye(size)[-1])
    waiting = np.maximum(np.arange(size) - servers, 0)
    return Waits(float(share[servers:].sum()), float(waiting @ share) / arrival_rate)


def gim1(gaps: Callable[[float], float], service_mean: float) -> Waits:
    """GI/M/1: independent gaps between arrivals, one server with exponential services.

    Parameters
    ----------
    gaps
        Laplace transform of the gaps: the mean of exp(-s gap) at s [1 / time].
    service_mean
        Mean service [time]; below the mean gap.

    Returns
    -------
        Waits in the steady state.

    Notes
    -----
    With `sigma` the root below 1 of ``sigma = gaps((1 - sigma) / service_mean)``, a share `sigma`
    waits, and the mean wait is ``service_mean sigma / (1 - sigma)`` (Kendall 1953; Kleinrock 1975,
    Queueing Systems 1, section 6.4).

    Examples
    --------
    Exponential gaps give M/M/1:

    >>> round(gim1(lambda s: 0.8 / (0.8 + s), 1.0).mean_wait, 8)
    4.0
    """
    sigma = 0.0
    while True:
        further = gaps((1 - sigma) / service_mean)
        if further - sigma < 1e-14:
            return Waits(sigma, service_mean * sigma / (1 - sigma))
        sigma = further
