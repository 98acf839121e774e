"""What happens out of steady state: rates that swing, and queues that start empty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import integrate, sparse
from scipy.sparse import linalg

from carepath_sim.statistics.queueing.checks import require_positive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SinusoidalOccupancy:
    """Number of people in Mt/G/infinity: Poisson at every instant, with a mean that swings.

    Attributes
    ----------
    mean
        Mean over a period [people].
    amplitude
        Swing of the mean to either side [people].
    lag
        How long the peak of occupancy comes after the peak of arrivals [time].
    period
        Length of the cycle [time].
    """

    mean: float
    amplitude: float
    lag: float
    period: float

    def mean_at(self, time: float) -> float:
        """Mean number of people at a `time` [time] of the cycle."""
        turn = 2 * math.pi / self.period
        return self.mean + self.amplitude * math.sin(turn * (time - self.lag))


def mt_ginf(
    base_rate: float,
    amplitude: float,
    period: float,
    survival: Callable[[float], float],
    longest: float = math.inf,
) -> SinusoidalOccupancy:
    """Occupancy without a limit of beds, under arrivals that swing like a sine.

    Parameters
    ----------
    base_rate
        Mean arrival rate [people / time].
    amplitude
        Swing of the rate: ``base_rate + amplitude sin(2 pi t / period)`` [people / time].
    period
        Length of the cycle [time].
    survival
        Share of stays longer than a given time.
    longest
        Longest stay that is possible [time]; needed where `survival` jumps to zero.

    Returns
    -------
        The cycle in the long run.

    Raises
    ------
    ValueError
        If the rate would be negative at times, or a quantity is out of range.

    Notes
    -----
    Eick, Massey and Whitt (1993), Management Science 39: the mean at `t` is the integral over `u`
    of ``rate(t - u) survival(u)``.

    Examples
    --------
    Every stay lasts 4 hours, so that occupancy peaks 2 hours after arrivals do:

    >>> daily = mt_ginf(5.0, 3.0, 24.0, lambda stay: 1.0, longest=4.0)
    >>> round(daily.mean, 6), round(daily.lag, 6)
    (20.0, 2.0)
    """
    require_positive(base_rate=base_rate, period=period, longest=longest)
    if not 0 <= amplitude <= base_rate:
        raise ValueError(
            f"The amplitude lies between 0 and the base rate of {base_rate}; got {amplitude}."
        )
    turn = 2 * math.pi / period
    mean_stay = float(integrate.quad(survival, 0, longest, limit=500)[0])
    # QUADPACK's rules for oscillating integrands; a plain rule would miss cycles of a long tail.
    cosine = _oscillating_integral(survival, longest, "cos", turn)
    sine = _oscillating_integral(survival, longest, "sin", turn)
    return SinusoidalOccupancy(
        mean=base_rate * mean_stay,
        amplitude=amplitude * math.hypot(cosine, sine),
        lag=math.atan2(sine, cosine) / turn,
        period=period,
    )


def _oscillating_integral(
    function: Callable[[float], float], end: float, weight: Literal["cos", "sin"], turn: float
) -> float:
    """Integral from 0 to `end` times a cosine or sine of so many radians a unit of time."""
    result = integrate.quad(function, 0, end, weight=weight, wvar=turn, limit=500, limlst=500)
    return float(result[0])


@dataclass(frozen=True, slots=True)
class Transient:
    """Means of M/M/c at given times.

    Attributes
    ----------
    times
        When [time].
    mean_number
        Mean number waiting or in service [people], one a time.
    mean_queue
        Mean number waiting [people], one a time.
    """

    times: tuple[float, ...]
    mean_number: tuple[float, ...]
    mean_queue: tuple[float, ...]


def mmc_transient(
    arrival_rate: float,
    service_mean: float,
    servers: int,
    times: Sequence[float],
    initial: int = 0,
) -> Transient:
    """Means of M/M/c on the way to its steady state; overload is allowed.

    Parameters
    ----------
    arrival_rate
        Arrivals [people / time].
    service_mean
        Mean service [time].
    servers
        Servers [servers].
    times
        When to look, in any order [time].
    initial
        People there at the start [people].

    Returns
    -------
        Means at those times.

    Raises
    ------
    ValueError
        If a rate, mean or number of servers is not above zero, or a time or `initial` is negative.

    Notes
    -----
    By the exponential of the chain's generator. The chain is cut at a number of people that, were
    nobody ever served, arrivals would exceed with a probability below rounding.
    """
    require_positive(arrival_rate=arrival_rate, service_mean=service_mean, servers=servers)
    if initial < 0 or any(time < 0 for time in times):
        raise ValueError("Neither a time nor the number of people at the start can be negative.")
    expected = arrival_rate * max(times, default=0.0)
    largest = initial + math.ceil(expected + 10 * math.sqrt(expected) + 40)
    people = np.arange(largest + 1)
    busy = np.minimum(people, servers)
    births = np.where(people < largest, arrival_rate, 0.0)
    deaths = busy / service_mean
    generator = sparse.diags_array(
        [births[:-1].tolist(), (-births - deaths).tolist(), deaths[1:].tolist()],
        offsets=[-1, 0, 1],
        format="csc",
    )
    share: NDArray[np.float64] = np.where(people == initial, 1.0, 0.0)
    at: dict[float, tuple[float, float]] = {}
    now = 0.0
    for time in sorted(set(times)):
        share = linalg.expm_multiply(generator * (time - now), share)
        now = time
        at[time] = (float(share @ people), float(share @ (people - busy)))
    return Transient(
        times=tuple(times),
        mean_number=tuple(at[time][0] for time in times),
        mean_queue=tuple(at[time][1] for time in times),
    )
