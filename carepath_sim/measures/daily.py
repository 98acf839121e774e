"""Days: how many are in each pool, wait for it, and are delayed in it at midnight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER
from carepath_sim.measures.counting import midnights, midnights_until
from carepath_sim.measures.delays import pieces
from carepath_sim.measures.occupancy import in_use
from carepath_sim.measures.services import services
from carepath_sim.measures.tapering import by_units
from carepath_sim.measures.view import View, ended
from carepath_sim.measures.waits import asked
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from carepath_sim.engine.spells import Record
    from carepath_sim.measures.arrays import Ints
    from carepath_sim.plan import Plan


def daily(plan: Plan, record: Record) -> dict[str, Ints]:
    """Return figures by day and pool, taken at 24:00.

    Returns
    -------
    dict
        ``occupancy`` [units in use by people who are present], ``waiting`` [people who need a place
        and have not started], ``delayed`` [people who are ready to leave]; shape `(day, pool)`.
    """
    view = View(plan, record)
    spells = view.spells
    rows, begin, end, units = by_units(view, *view.once(in_use))
    requests = view.once(asked)
    started = spells["started"][requests]
    until = np.where(started == NEVER, view.once(ended)[requests], started)
    asked_of = spells["pool"][requests]
    # A request never granted may not know its pool: it is counted in the first it could use.
    first = view.once(services).pool[spells["service"][requests]]
    found = view.once(pieces)
    return {
        "occupancy": _at_midnight(view, begin, end, spells["pool"][rows], units),
        "waiting": _at_midnight(
            view, spells["needed"][requests], until, np.where(asked_of >= 0, asked_of, first)
        ),
        "delayed": _at_midnight(view, found.begin, found.end, spells["pool"][found.host]),
    }


def _at_midnight(
    view: View, begin: Ints, end: Ints, pool: Ints, amount: Ints | None = None
) -> Ints:
    """Return how much of [begin, end) there is at each midnight, shape `(day, pool)`."""
    days, pools = view.window // DAY, len(view.plan.pools)
    first = np.clip(midnights(begin), 1, days + 1) - 1
    last = np.clip(midnights_until(view, end), 1, days + 1) - 1
    there = (first < last) & (pool >= 0)
    first, last, pool = first[there], last[there], pool[there]
    weights = None if amount is None else amount[there]
    size = (days + 1) * pools
    change = np.bincount(first * pools + pool, weights=weights, minlength=size)
    change = change - np.bincount(last * pools + pool, weights=weights, minlength=size)
    level = np.cumsum(change.reshape(days + 1, pools), axis=0)[:days]
    return np.rint(level).astype(np.int64)
