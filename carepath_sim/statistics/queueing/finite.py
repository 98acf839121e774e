"""Places that turn people away: loss systems, finite waiting rooms, pooled beds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carepath_sim.statistics.queueing.chain import birth_death
from carepath_sim.statistics.queueing.checks import require_positive
from carepath_sim.statistics.queueing.markov import erlang_b


@dataclass(frozen=True, slots=True)
class LossSystem:
    """Steady state of M/G/c/c: whoever finds every bed taken is lost.

    Attributes
    ----------
    p_lost
        Share of arrivals lost.
    lost_rate
        People lost [people / time].
    mean_occupancy
        Mean number of beds taken [beds].
    utilisation
        Share of beds taken.
    """

    p_lost: float
    lost_rate: float
    mean_occupancy: float
    utilisation: float


def loss_system(arrival_rate: float, mean_stay: float, beds: int) -> LossSystem:
    """Steady state of a place without a queue, whatever the distribution of stays.

    Parameters
    ----------
    arrival_rate
        Arrivals [people / time].
    mean_stay
        Mean length of stay [time].
    beds
        Beds [beds].

    Returns
    -------
        Losses and occupancy.

    Raises
    ------
    ValueError
        If a quantity is not above zero.

    Examples
    --------
    >>> round(loss_system(1.0, 4.5, beds=5).p_lost, 6)
    0.243021
    """
    require_positive(arrival_rate=arrival_rate, mean_stay=mean_stay, beds=beds)
    p_lost = erlang_b(arrival_rate * mean_stay, beds)
    occupancy = arrival_rate * mean_stay * (1 - p_lost)
    return LossSystem(p_lost, arrival_rate * p_lost, occupancy, occupancy / beds)


@dataclass(frozen=True, slots=True)
class FiniteQueue:
    """Steady state of M/M/c/K.

    Attributes
    ----------
    p_lost
        Share of arrivals that find the waiting room full.
    p_wait
        Share of accepted arrivals that wait.
    mean_queue
        Mean number waiting [people].
    mean_wait
        Mean wait of those accepted [time].
    mean_occupancy
        Mean number of servers busy [servers].
    """

    p_lost: float
    p_wait: float
    mean_queue: float
    mean_wait: float
    mean_occupancy: float


def mmck(arrival_rate: float, service_mean: float, servers: int, waiting_room: int) -> FiniteQueue:
    """Steady state of M/M/c/K, a queue with a limited waiting room.

    Parameters
    ----------
    arrival_rate
        Arrivals [people / time].
    service_mean
        Mean service [time].
    servers
        Servers [servers].
    waiting_room
        Places to wait, K minus c [people].

    Returns
    -------
        Losses, waits and occupancy.

    Raises
    ------
    ValueError
        If a rate, mean or number of servers is not above zero, or the waiting room is negative.

    Examples
    --------
    Without a waiting room it is Erlang's loss system:

    >>> round(mmck(1.0, 1.0, servers=1, waiting_room=0).p_lost, 10)
    0.5
    """
    require_positive(arrival_rate=arrival_rate, service_mean=service_mean, servers=servers)
    if waiting_room < 0:
        raise ValueError(f"waiting_room cannot be negative; got {waiting_room}.")
    places = servers + waiting_room
    people = np.arange(places + 1)
    busy = np.minimum(people, servers)
    share = birth_death(np.full(places, arrival_rate), busy[1:] / service_mean)
    p_lost = float(share[-1])
    mean_queue = float(share @ (people - busy))
    return FiniteQueue(
        p_lost=p_lost,
        p_wait=float(share[servers:-1].sum()) / (1 - p_lost),
        mean_queue=mean_queue,
        mean_wait=mean_queue / (arrival_rate * (1 - p_lost)),
        mean_occupancy=float(share @ busy),
    )


@dataclass(frozen=True, slots=True)
class PooledLoss:
    """Steady state of two streams with beds of their own and shared ones.

    Attributes
    ----------
    p_lost_a, p_lost_b
        Share of each stream's arrivals that is lost.
    mean_a, mean_b
        Mean number of each stream's people in a bed [beds].
    """

    p_lost_a: float
    p_lost_b: float
    mean_a: float
    mean_b: float


def pooled_loss(
    load_a: float, load_b: float, *, dedicated_a: int, dedicated_b: int, shared: int
) -> PooledLoss:
    """Losses of two streams that overflow from beds of their own into shared beds.

    A person in a shared bed moves to one of the stream's own beds as soon as one is free, so that
    an arrival is lost only if no arrangement of people has a bed for it. The steady state is then a
    cut-off product of Poisson distributions, whatever the distributions of stays.

    Parameters
    ----------
    load_a, load_b
        Load offered by each stream: arrival rate times mean stay [beds].
    dedicated_a, dedicated_b
        Beds of each stream's own [beds].
    shared
        Beds open to both [beds].

    Returns
    -------
        Losses and occupancy by stream.

    Raises
    ------
    ValueError
        If a load is not above zero, or a number of beds is negative.

    Notes
    -----
    Kaufman (1981), IEEE Transactions on Communications 29; the policy is coordinate convex.

    Examples
    --------
    With every bed shared, the two streams are one:

    >>> both = pooled_loss(3.0, 5.0, dedicated_a=0, dedicated_b=0, shared=10)
    >>> round(both.p_lost_a - erlang_b(8.0, servers=10), 10)
    0.0
    """
    require_positive(load_a=load_a, load_b=load_b)
    if min(dedicated_a, dedicated_b, shared) < 0:
        raise ValueError("A number of beds cannot be negative.")
    a = np.arange(dedicated_a + shared + 1)[:, np.newaxis]
    b = np.arange(dedicated_b + shared + 1)[np.newaxis, :]
    sharing_a = np.maximum(a - dedicated_a, 0)
    sharing_b = np.maximum(b - dedicated_b, 0)
    poisson_a = birth_death(np.full(a.size - 1, load_a), np.arange(1, a.size))
    poisson_b = birth_death(np.full(b.size - 1, load_b), np.arange(1, b.size))
    share = np.where(sharing_a + sharing_b <= shared, np.outer(poisson_a, poisson_b), 0.0)
    share /= share.sum()
    # A stream loses its arrivals where its own beds are taken and the shared ones are as well.
    full = sharing_a + sharing_b == shared
    return PooledLoss(
        p_lost_a=float(share[full & (a >= dedicated_a)].sum()),
        p_lost_b=float(share[full & (b >= dedicated_b)].sum()),
        mean_a=float((share * a).sum()),
        mean_b=float((share * b).sum()),
    )
