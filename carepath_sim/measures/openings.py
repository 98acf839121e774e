"""First openings of services, for many instants at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.openings import first_openings

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
        found[rows] = first_openings(tables, one, t[rows])
    return found
