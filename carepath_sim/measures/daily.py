"""Days: how many are in each pool, wait for it, and are delayed in it at midnight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER
from carepath_sim.measures.counting import at_midnights
from carepath_sim.measures.delays import pieces
from carepath_sim.measures.occupancy import in_use
from carepath_sim.measures.services import services
from carepath_sim.measures.tapering import by_units
from carepath_sim.measures.view import View, ended
from carepath_sim.measures.waits import asked

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
    """Return how much of [begin, end) there is at the end of each day, shape `(day, pool)`."""
    return at_midnights(view, begin, end, pool, len(view.plan.pools), amount)[1:]
