"""A pool with its lanes of waiting people; who is first, and what fits, are rules of the plan."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from carepath_sim.engine.interpreted import rules
from carepath_sim.plan.tables import NOBODY, PRIORITY, UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.engine.state import Request
    from carepath_sim.plan.tables import PoolTables

Order = tuple[int, tuple[int, int, int, int]]


class Pool:
    """Places in use and people in line; it grants nothing by itself."""

    def __init__(self, index: int, tables: PoolTables, streams: int, begin: int) -> None:
        self.index = index
        self.tables = tables
        self.streams = streams
        self.change_capacity(int(tables.step_first[index]))
        self.used = [0] * int(tables.streams[index])
        self.total = 0
        self.lanes: dict[tuple[int, int], list[tuple[tuple[int, int, int, int], Request]]] = {}
        self.in_line = 0
        self.overtaking = bool(tables.overtaking[index])
        self._local = tables.local[index * streams : (index + 1) * streams]
        # For the checks after the run only; no figure is taken from here.
        self.since = begin
        self.units_time = 0
        self.waiting = 0
        self.waiting_time = 0
        self.joined = self.granted = self.gave_up = self.breaches = 0

    def change_capacity(self, step: int) -> None:
        """Begin a step of capacity; where the pool overflows there is no limit."""
        self.step = step
        self.by_stream = int(self.tables.step_policy[step]) > PRIORITY
        row = int(self.tables.step_rank[step])
        self._rank = self.tables.rank[row * self.streams : (row + 1) * self.streams]
        overflows = self.tables.overflow[self.index]
        self.capacity = UNLIMITED if overflows else int(self.tables.step_capacity[step])

    def local(self, stream: int) -> int:
        """Return the number of a stream within the policy of this pool."""
        return 0 if stream == NOBODY else self._local[stream]

    def keep_account(self, now: int) -> None:
        """Add what was used and waited for since the last change, for the checks."""
        span = now - self.since
        if span:
            self.units_time += self.total * span
            self.waiting_time += self.waiting * span
            self.since = now

    def take(self, local: int, units: int, now: int) -> None:
        """Take units."""
        self.keep_account(now)
        self.used[local] += units
        self.total += units

    def give_back(self, local: int, units: int, now: int) -> None:
        """Give units back."""
        self.keep_account(now)
        self.used[local] -= units
        self.total -= units

    def fits(self, stream: int, units: int) -> bool:
        """Tell whether a request fits now."""
        local = self.local(stream)
        return bool(
            rules.fits(self.tables, self.index, self.step, self.used, 0, self.total, local, units)
        )

    def join(self, request: Request) -> None:
        """Put a request into its lane: by priority, joining, person, slot."""
        lane = self.lanes.setdefault((request.service, request.stream), [])
        insort(lane, (request.key, request), key=_key)
        self.in_line += 1

    def leave(self, request: Request) -> None:
        """Take a request out of its lane."""
        lane = self.lanes[request.service, request.stream]
        del lane[bisect_left(lane, request.key, key=_key)]
        self.in_line -= 1

    def order(self, request: Request) -> Order:
        """Return the place of a request in the order of its line."""
        rank = 0 if request.stream == NOBODY else self._rank[request.stream]
        return rank, request.key

    def first(self, is_open: Callable[[int], bool]) -> Request | None:
        """Return who is to be admitted next, or None.

        One line for the pool, or one for each stream where streams have parts; the head of a
        line fits or nobody of the line is admitted, unless overtaking is allowed.
        """
        if not self.in_line:
            return None
        heads: dict[int, tuple[Order, Request]] = {}
        for (service, stream), lane in self.lanes.items():
            if not lane or not is_open(service):
                continue
            line = self.local(stream) if self.by_stream else 0
            for _, request in lane:
                if self.overtaking and not self.fits(stream, request.units):
                    continue
                order = self.order(request)
                if line not in heads or order < heads[line][0]:
                    heads[line] = (order, request)
                break
        best: tuple[Order, Request] | None = None
        for order, request in heads.values():
            if (best is None or order < best[0]) and self.fits(request.stream, request.units):
                best = (order, request)
        return None if best is None else best[1]


def _key(entry: tuple[tuple[int, int, int, int], Request]) -> tuple[int, int, int, int]:
    return entry[0]
