"""Lines of stations that block: people wait where they are until the next station has room.

That is what a delayed transfer is: treatment has ended, the bed is held. The first station always
has somebody to take in, so that the line shows the most that it can do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from carepath_sim.statistics.queueing.chain import stationary_distribution
from carepath_sim.statistics.queueing.checks import require_positive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# For each station: people there (in service, blocked, or in its buffer), and how many are blocked.
_State = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SaturatedLine:
    """Steady state of a line whose first station is never without work.

    Attributes
    ----------
    throughput
        People who leave the line [people / time].
    blocked
        Share of each station's servers held by somebody whose service has ended.
    starved
        Share of each station's servers without anybody.
    """

    throughput: float
    blocked: tuple[float, ...]
    starved: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """The moves of a line, as the chain wants them."""

    rates: tuple[float, ...]
    servers: tuple[int, ...]
    rooms: tuple[int, ...]

    def in_service(self, state: _State, station: int) -> int:
        """How many are being served at a station [people]."""
        people, blocked = state[station]
        return min(people, self.servers[station]) - blocked

    def moves(self, state: _State) -> Iterator[tuple[float, _State]]:
        """Every end of a service, with its rate [1 / time]."""
        for station, rate in enumerate(self.rates):
            busy = self.in_service(state, station)
            if busy:
                yield busy * rate, self.after_service(state, station)

    def after_service(self, state: _State, station: int) -> _State:
        """What follows from one end of service at a station."""
        changed = list(state)
        last = len(changed) - 1
        if station < last and changed[station + 1][0] == self.rooms[station + 1]:
            people, blocked = changed[station]
            changed[station] = (people, blocked + 1)
            return tuple(changed)
        if station < last:
            people, blocked = changed[station + 1]
            changed[station + 1] = (people + 1, blocked)
        self._leave(changed, station)
        return tuple(changed)

    def _leave(self, changed: list[tuple[int, int]], station: int) -> None:
        """Take one person out, and let those who were blocked by it move up, back to the front."""
        people, blocked = changed[station]
        changed[station] = (people - 1, blocked)
        if station == 0:
            # Never without work: the next person is already there.
            changed[0] = (people, blocked)
        elif changed[station - 1][1]:
            changed[station] = (people, blocked)
            people_before, blocked_before = changed[station - 1]
            changed[station - 1] = (people_before, blocked_before - 1)
            self._leave(changed, station - 1)


def saturated_line(
    service_rates: Sequence[float],
    buffers: Sequence[int],
    servers: Sequence[int] | None = None,
) -> SaturatedLine:
    """Steady state of a saturated line with exponential services and blocking after service.

    Parameters
    ----------
    service_rates
        Service rate of one server of each station [people / time].
    buffers
        Places to wait before each station but the first [people].
    servers
        Servers of each station; one each by default [servers].

    Returns
    -------
        Throughput, and how much of the servers' time is blocked and starved.

    Raises
    ------
    ValueError
        If the lengths do not fit or a quantity is out of range.

    Notes
    -----
    By the exact Markov chain, as Hillier and Boling (1967), Operations Research 15. Its size grows
    with the product of the stations' places.

    Examples
    --------
    Two equal stations without a buffer reach two thirds of what one would alone:

    >>> round(saturated_line([1.0, 1.0], buffers=[0]).throughput, 10)
    0.6666666667
    """
    stations = len(service_rates)
    counts = tuple(servers) if servers is not None else (1,) * stations
    if not stations or len(buffers) != stations - 1 or len(counts) != stations:
        raise ValueError(
            f"{stations} stations need {max(stations - 1, 0)} buffers and {stations} numbers of "
            f"servers; got {len(buffers)} and {len(counts)}."
        )
    for rate, count in zip(service_rates, counts, strict=True):
        require_positive(service_rate=rate, servers=count)
    if any(places < 0 for places in buffers):
        raise ValueError("A buffer cannot be negative.")

    rooms = (counts[0], *(a + b for a, b in zip(counts[1:], buffers, strict=True)))
    line = _Line(tuple(service_rates), counts, rooms)
    start: _State = ((counts[0], 0), *((0, 0) for _ in buffers))
    blocked = [0.0] * stations
    serving = [0.0] * stations
    for state, share in stationary_distribution(start, line.moves).items():
        for station, (_, held) in enumerate(state):
            blocked[station] += share * held
            serving[station] += share * line.in_service(state, station)
    return SaturatedLine(
        throughput=serving[-1] * service_rates[-1],
        blocked=tuple(held / count for held, count in zip(blocked, counts, strict=True)),
        starved=tuple(
            max(0.0, 1 - (held + busy) / count)
            for held, busy, count in zip(blocked, serving, counts, strict=True)
        ),
    )
