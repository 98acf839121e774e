"""Surge: places are opened when many have waited long, and closed when many are long empty."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from carepath_sim.engine.clock import CALENDAR, OVER, PEOPLE, SURGE
from carepath_sim.engine.decisions import Decisions
from carepath_sim.engine.spells import CAPACITY_CHANGED, SURGE_CLOSED, SURGE_OPENED
from carepath_sim.engine.surge import SurgePool
from carepath_sim.plan.tables import FAR, NOBODY

if TYPE_CHECKING:
    from carepath_sim.engine.pools import Pool
    from carepath_sim.engine.state import Request


class Surging(Decisions):
    """Who counts as waiting, and what opens and closes places."""

    def prepare_surges(self) -> None:
        """Let the pools with a rule of surge ask for events, and write their first capacity."""
        for pool in self.pools:
            if isinstance(pool, SurgePool):
                pool.expect = self.expect_surge
                self.note_capacity(pool)

    def expect_surge(self, pool: SurgePool, t: int) -> None:
        """Look at a pool at an instant: a condition may have held for long enough."""
        self.at(t, CALENDAR, pool.index, SURGE, partial(self.look_at_surge, pool))

    def look_at_surge(self, pool: SurgePool) -> None:
        """Open or close surge places, if it is time."""
        now = self.now
        if pool.coming == now:
            self.open_surge(pool)
        elif pool.extra:
            if pool.idle[0] + pool.calm == now:
                self.close_surge(pool)
        elif pool.coming == FAR and pool.waited[0] + pool.crowded == now:
            if pool.lead:
                pool.coming = now + pool.lead
                self.expect_surge(pool, pool.coming)
            else:
                self.open_surge(pool)

    def open_surge(self, pool: SurgePool) -> None:
        """Open surge places."""
        pool.set_open(pool.add, self.now)
        self.changes.append((self.now, SURGE_OPENED, NOBODY, pool.index, pool.add))
        self.note_capacity(pool)
        self.mark(pool.index)

    def close_surge(self, pool: SurgePool) -> None:
        """Close surge places; nobody is put out."""
        pool.set_open(0, self.now)
        self.changes.append((self.now, SURGE_CLOSED, NOBODY, pool.index, pool.add))
        self.note_capacity(pool)

    def note_capacity(self, pool: Pool) -> None:
        """Write the capacity that a pool with surge places has from now on."""
        if isinstance(pool, SurgePool):
            row = (self.now, CAPACITY_CHANGED, NOBODY, pool.index, pool.capacity)
            self.changes.append(row)
            pool.watch(self.now)

    def expect_waiting(self, request: Request, over: int) -> None:
        """Count a request as waiting from the instant at which its person could move."""
        if any(isinstance(self.pools[pool], SurgePool) for pool in request.pools):
            if over <= self.now:
                self.start_counting(request)
            else:
                number, act = request.person.number, partial(self.start_counting, request)
                self.at(over, PEOPLE, number, OVER, act)

    def start_counting(self, request: Request) -> None:
        """The stay is over: the person could move if there were a place."""
        if request.waiting and not request.counted:
            request.counted = True
            self._count(request, 1)

    def stop_counting(self, request: Request) -> None:
        """The wait is over, however it ended."""
        request.counted = False
        self._count(request, -1)

    def _count(self, request: Request, change: int) -> None:
        for number in request.pools:
            pool = self.pools[number]
            if isinstance(pool, SurgePool):
                pool.count(change, self.now)

    def mark(self, pool: int) -> None:
        """Note that somebody in line might be admitted to a pool."""
        raise NotImplementedError
