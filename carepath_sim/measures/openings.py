"""First openings of services, for many instants at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.units import WEEK

if TYPE_CHECKING:
    from carepath_sim.measures.arrays import Ints
    from carepath_sim.plan import Plan


def first_opening(plan: Plan, which: str, service: Ints, t: Ints) -> Ints:
    """Return the first instants [ms] at or after `t` at which hours of services are open.

    The same as `Plan.next_opening` asked row by row.

    Parameters
    ----------
    which
        ``admits``, ``discharges`` or ``decides``.
    """
    tables = plan.tables
    found = t.copy()
    calendars = np.asarray(getattr(tables, which), dtype=np.int64)
    calendar = calendars[service]
    for one in sorted(set(calendars[calendars >= 0].tolist())):
        rows = np.flatnonzero(calendar == one)
        first, last = (int(k) for k in tables.hours_first[one : one + 2])
        opens, closes = tables.hours_from[first:last], tables.hours_to[first:last]
        moment = (t[rows] + int(tables.week_shift[0])) % WEEK
        k = np.searchsorted(closes, moment, side="right")
        next_open = np.append(opens, opens[0] + WEEK)[k]
        found[rows] += np.maximum(next_open - moment, 0)
    return found
