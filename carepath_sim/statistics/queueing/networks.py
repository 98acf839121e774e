"""Open Jackson networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.statistics.queueing.markov import MMc, mmc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class JacksonNetwork:
    """Steady state of an open network of M/M/c stations.

    Attributes
    ----------
    stations
        Each station by itself, with its total arrivals; by Jackson's theorem they behave as if
        independent.
    mean_number
        Mean number of people in the network [people].
    mean_sojourn
        Mean time from entering the network to leaving it [time].
    """

    stations: tuple[MMc, ...]
    mean_number: float
    mean_sojourn: float


def jackson(
    routing: ArrayLike,
    external_arrival_rates: Sequence[float],
    servers: Sequence[int],
    service_rates: Sequence[float],
) -> JacksonNetwork:
    """Steady state of an open Jackson network.

    Parameters
    ----------
    routing
        Share of people who go from station (row) to station (column); what a row lacks to one
        leaves the network.
    external_arrival_rates
        Arrivals from outside at each station [people / time].
    servers
        Servers of each station [servers].
    service_rates
        Service rate of one server of each station [people / time].

    Returns
    -------
        Stations and network.

    Raises
    ------
    ValueError
        If the shapes do not fit, a share is out of range, somebody never leaves, a station is never
        visited, or a queue would grow without bound.

    Notes
    -----
    Jackson (1957), Networks of waiting lines, Operations Research 5.

    Examples
    --------
    Half of those served come back, so that the station sees each person twice:

    >>> network = jackson([[0.5]], [0.25], servers=[1], service_rates=[1.0])
    >>> round(network.stations[0].arrival_rate, 10), round(network.mean_sojourn, 10)
    (0.5, 4.0)
    """
    shares = np.asarray(routing, dtype=np.float64)
    outside = np.asarray(external_arrival_rates, dtype=np.float64)
    size = len(outside)
    if shares.shape != (size, size) or not len(servers) == len(service_rates) == size:
        raise ValueError(f"All inputs must be for the same {size} stations.")
    if (shares < 0).any() or (shares.sum(axis=1) > 1 + 1e-12).any():
        raise ValueError("Shares lie between 0 and 1, and a row adds up to one at most.")
    closed = np.eye(size) - shares.T
    if np.linalg.matrix_rank(closed) < size:
        raise ValueError("Somebody in this network never leaves it.")
    arrivals = np.linalg.solve(closed, outside)
    stations = tuple(
        mmc(float(rate), 1 / service_rate, count)
        for rate, service_rate, count in zip(arrivals, service_rates, servers, strict=True)
    )
    mean_number = sum(station.mean_number for station in stations)
    return JacksonNetwork(stations, mean_number, mean_number / float(outside.sum()))
