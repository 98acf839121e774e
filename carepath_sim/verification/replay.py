"""A queue worked through once more, by a program that shares nothing with the engines.

Given who came when, with which rank, patience and length of service, the starts of a queue without
pre-emption follow. A replay that differs by a millisecond shows a fault whatever the luck, so that
it sees what intervals of means are too wide for.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from carepath_sim.engine.spells import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from carepath_sim.verification.trials import Seen

# What happens at one instant, in this order: services end, people come, places are given, people
# give up. A service of no length ends at once, and its place is given again.
_END, _COME, _GIVE, _GIVE_UP = range(4)


class Request(NamedTuple):
    """One request as the replay needs it: all times in ms.

    Attributes
    ----------
    came, rank, number
        When it was made, with which priority (lowest first), and what orders ties.
    patience
        How long it waits; None for ever.
    service
        How long the service takes; None: it does not end in the run.
    """

    came: int
    rank: int
    number: int
    patience: int | None
    service: int | None


def starts(requests: Sequence[Request], servers: int) -> list[int | None]:
    """Return when each request is served [ms], None for those that never are.

    Examples
    --------
    Three people for one server; the second has a minute's patience, the third is urgent:

    >>> crowd = [Request(0, 1, 0, None, 9), Request(1, 1, 1, 60, 9), Request(2, 0, 2, None, 9)]
    >>> starts(crowd, 1)
    [0, 18, 9]
    """
    found: list[int | None] = [None] * len(requests)
    agenda: list[tuple[int, int, int]] = []
    for k, request in enumerate(requests):
        heappush(agenda, (request.came, _COME, k))
    waiting: list[tuple[int, int, int, int]] = []
    gone = [False] * len(requests)
    free, giving = servers, -1
    while agenda:
        now, what, k = heappop(agenda)
        if what == _GIVE_UP:
            gone[k] = found[k] is None
            continue
        if what == _COME:
            request = requests[k]
            heappush(waiting, (request.rank, request.came, request.number, k))
            if request.patience is not None:
                heappush(agenda, (now + request.patience, _GIVE_UP, k))
        free += what == _END
        if what != _GIVE:
            if giving != now:
                giving = now
                heappush(agenda, (now, _GIVE, -1))
            continue
        giving = -1
        while free and waiting:
            k = heappop(waiting)[3]
            if gone[k]:
                continue
            free -= 1
            found[k] = now
            length = requests[k].service
            if length is not None:
                heappush(agenda, (now + length, _END, k))
    return found


def differing(
    seen: Seen,
    service: str,
    servers: int,
    *,
    rank: NDArray[np.int64] | None = None,
    patience: int | None = None,
) -> int:
    """Return how many starts at a service with a pool of its own a replay sees differently.

    Parameters
    ----------
    rank
        Priority of every row of the spells; none: first come, first served.
    patience
        How long everybody waits [ms]; none: as long as those waited who gave up.
    """
    spells = seen.spells
    rows = np.flatnonzero(seen.at(service))
    gave_up = ~seen.begun & (spells["left"] != NEVER)
    waits = np.where(gave_up, spells["left"] - spells["needed"], -1)
    if patience is not None:
        waits = np.full_like(waits, patience)
    length = np.where(
        seen.begun & (spells["ready"] != NEVER), spells["ready"] - spells["started"], -1
    )
    ranks = np.zeros(len(spells["person"]), dtype=np.int64) if rank is None else rank
    columns = (spells["requested"], ranks, spells["person"], waits, length)
    table = np.column_stack([column[rows] for column in columns]).tolist()
    requests = [
        Request(came, first, number, None if stays < 0 else stays, None if lasts < 0 else lasts)
        for came, first, number, stays, lasts in table
    ]
    end = seen.plan.end
    again = [NEVER if t is None or t >= end else t for t in starts(requests, servers)]
    return int((spells["started"][rows] != np.array(again, dtype=np.int64)).sum())
