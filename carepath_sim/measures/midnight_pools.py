"""How full each pool is at each midnight, and who waits where for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.engine.spells import NEVER
from carepath_sim.measures.counting import at_midnights
from carepath_sim.measures.delays import pieces
from carepath_sim.measures.occupancy import held
from carepath_sim.measures.services import services
from carepath_sim.measures.surges import surge_steps
from carepath_sim.measures.tapering import by_units
from carepath_sim.measures.view import View, ended
from carepath_sim.measures.waits import asked
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from carepath_sim.engine.spells import Record
    from carepath_sim.measures.arrays import Ints
    from carepath_sim.plan import Plan

POOL_KINDS: Final = ("taken", "capacity", "waiting")
"""What is counted of a pool: units in use, booked or kept; the capacity then; people who wait for a
unit."""


@dataclass(frozen=True)
class PoolMidnights:
    """Counts at midnights; midnight 0 is the start of the window.

    Attributes
    ----------
    pools
        Shape `(kind, days + 1, pool)`, in the order of `POOL_KINDS`.
    awaited
        People who are ready to leave, by where they are and what they wait for, shape
        `(days + 1, service, service)`.
    """

    pools: Ints
    awaited: Ints


def pool_midnights(plan: Plan, record: Record) -> PoolMidnights:
    """Count units of pools, and who waits where for what, at each midnight."""
    view = View(plan, record)
    spells, size = view.spells, len(plan.pools)
    taken: Ints = np.zeros((view.window // DAY + 1, size), dtype=np.int64)
    for _, rows, begin, end in view.once(held):
        row, since, until, units = by_units(view, rows, begin, end)
        taken = taken + at_midnights(view, since, until, spells["pool"][row], size, units)
    requests = view.once(asked)
    started = spells["started"][requests]
    until = np.where(started == NEVER, view.once(ended)[requests], started)
    # A request never granted may not know its pool: it is counted in the first it could use.
    first = view.once(services).pool[spells["service"][requests]]
    of = np.where(spells["pool"][requests] >= 0, spells["pool"][requests], first)
    waiting = at_midnights(view, spells["needed"][requests], until, of, size)
    late, many = view.once(pieces), len(plan.services)
    pair = np.where(late.awaited < 0, -1, late.service * many + late.awaited)
    awaited = at_midnights(view, late.begin, late.end, pair, many * many)
    return PoolMidnights(
        np.stack((taken, _capacities(view), waiting)), awaited.reshape(-1, many, many)
    )


def _capacities(view: View) -> Ints:
    """Return the capacity at each midnight, with places that are open under pressure."""
    at = np.arange(view.window // DAY + 1, dtype=np.int64) * DAY
    found = np.zeros((len(at), len(view.plan.pools)), dtype=np.int64)
    for k in range(len(view.plan.pools)):
        t, capacity = view.plan.capacity_steps(k)
        step = np.searchsorted(t, at, side="right") - 1
        found[:, k] = np.where(step >= 0, np.asarray(capacity)[np.maximum(step, 0)], 0)
    for t, pool, more in view.once(surge_steps):
        for instant, k, change in zip(t.tolist(), pool.tolist(), more.tolist(), strict=True):
            found[at >= instant, k] += change
    return found
