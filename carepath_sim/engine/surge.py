"""A pool that opens places under pressure: how many wait, how many are free, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.pools import Pool
from carepath_sim.plan.tables import FAR, NEVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.plan import Plan
    from carepath_sim.plan.surges import Surges
    from carepath_sim.plan.tables import PoolTables


def unmet() -> list[int]:
    """Return a condition that does not hold: since when, since when before, broken when."""
    return [FAR, FAR, NEVER]


class SurgePool(Pool):
    """A pool with a rule of surge; it keeps watch, and decides nothing by itself."""

    def __init__(
        self, index: int, tables: PoolTables, streams: int, begin: int, surges: Surges
    ) -> None:
        self.extra = 0
        super().__init__(index, tables, streams, begin)
        self.people, self.crowded, self.add, self.empty, self.calm, self.lead = (
            int(column[index]) for column in surges
        )
        self.could_move = 0
        self.coming = FAR
        self.waited = unmet()
        self.idle = unmet()
        self.expect: Callable[[SurgePool, int], None]
        # For the checks after the run only.
        self.surge_time = 0

    def change_capacity(self, step: int) -> None:
        """Begin a step of capacity; open surge places come on top."""
        super().change_capacity(step)
        self.capacity += self.extra

    def keep_account(self, now: int) -> None:
        """Add what was used, waited for and open since the last change, for the checks."""
        self.surge_time += self.extra * (now - self.since)
        super().keep_account(now)

    def take(self, local: int, units: int, now: int) -> None:
        """Take units."""
        super().take(local, units, now)
        self.watch(now)

    def give_back(self, local: int, units: int, now: int) -> None:
        """Give units back."""
        super().give_back(local, units, now)
        self.watch(now)

    def fits(self, stream: int, units: int) -> bool:
        """Tell whether a request fits now."""
        local = self.local(stream)
        return bool(
            rules.fits(
                self.tables, self.index, self.step, self.used, 0, self.total, local, units,
                self.extra,
            )
        )  # fmt: skip

    def count(self, change: int, now: int) -> None:
        """Count somebody who waits and could move, or does so no more."""
        self.could_move += change
        self.watch(now)

    def watch(self, now: int) -> None:
        """Note since when enough people have waited, or enough places have been free."""
        if self.extra:
            free = self.capacity - self.total >= self.empty
            if rules.begins_to_hold(self.idle, 0, free, now):
                self.expect(self, self.idle[0] + self.calm)
        elif self.coming == FAR and rules.begins_to_hold(
            self.waited, 0, self.could_move >= self.people, now
        ):
            self.expect(self, self.waited[0] + self.crowded)

    def set_open(self, units: int, now: int) -> None:
        """Open so many surge places, or close them with 0; both conditions begin anew."""
        self.keep_account(now)
        self.extra = units
        self.coming = FAR
        self.waited, self.idle = unmet(), unmet()
        self.change_capacity(self.step)
        self.watch(now)


def pool_of(plan: Plan, index: int, tables: PoolTables, streams: int) -> Pool:
    """Return a pool, with surge places where it has a rule for them."""
    surges = plan.surges
    if len(surges.people) and surges.people[index]:
        return SurgePool(index, tables, streams, plan.begin, surges)
    return Pool(index, tables, streams, plan.begin)
