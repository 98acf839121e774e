"""Work: how much of the time of staff is spent with people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.measures.arrays import ratio
from carepath_sim.measures.counting import time, window_cells
from carepath_sim.measures.measure import measure
from carepath_sim.measures.occupancy import CAPACITY, PRESENT, limited, pool_course
from carepath_sim.measures.visits import left_out, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures.arrays import Floats, Ints
    from carepath_sim.measures.measure import Cell
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan

MINUTES = "minutes_per_day"


def contact_hours_of_pools(view: View) -> Floats:
    """Return the hours that visits from each pool take, shape `(pool,)`."""
    found = view.once(visiting)
    pool = view.spells["pool"][found.rows]
    minutes = found.per_day * found.minutes
    spent = time(view, found.begin, found.end, pool, len(view.plan.pools), minutes)
    hours: Floats = spent[0] / 86_400_000 / 60
    return hours


def hours_there(view: View) -> Floats:
    """Return the hours that the capacity of each pool of minutes a day stands for."""
    course = view.once(pool_course)
    minutes: Floats = course.integral(course.level[CAPACITY]) / 86_400_000
    return minutes / 60


def _of_unit(view: View, *units: str) -> Ints:
    """Return the limited pools of some units."""
    chosen = np.array([pool.unit in units for pool in view.plan.pools], dtype=np.bool_)
    return np.flatnonzero(chosen & view.once(limited))


@measure(
    name="worker_utilisation",
    definition="Time of staff in use as a share of what there is: of pools of staff the units in"
    " use by people who are present, over the capacity; of pools of minutes a day the time of"
    " visits, over the capacity.",
    unit="share",
    denominator="capacity x time",
    remark=left_out,
)
def worker_utilisation(view: View) -> Iterator[Cell]:
    """Relate the time in use to the time there is."""
    course, pools = view.once(pool_course), view.plan.pools
    there: Floats = course.integral(course.level[CAPACITY]) / 86_400_000
    used = course.integral(course.level[PRESENT]) / 86_400_000
    visits = _of_unit(view, MINUTES)
    used[visits] = view.once(contact_hours_of_pools)[visits] * 60
    shown = _of_unit(view, MINUTES, "staff")
    names = [pools[k].name for k in shown.tolist()]
    yield from window_cells(ratio(used, there)[shown], "pool", names, there[shown])


def share_with_people(plan: Plan) -> Floats:
    """Return what of paid time can be spent with people, by pool; nan where staff are not given.

    Of a paid hour absence takes a part, and of the rest contact takes its share.
    """
    found = np.full(len(plan.pools), np.nan)
    for k, info in enumerate(plan.pools):
        written = plan.scenario.pools.get(info.base)
        staff = written.from_staff if written is not None else None
        if staff is not None and info.unit == MINUTES:
            here = (1 - staff.absence.value) * staff.contact_share.value * staff.productivity.value
            found[k] = here or np.nan
    return found


def _no_staff(plan: Plan) -> str:
    if np.isnan(share_with_people(plan)).all():
        return "no pool of minutes a day is worked out from staff (from_staff)"
    return ""


def paid_hours_of_pools(view: View) -> Floats:
    """Return the hours that staff are paid for, by pool; nan where staff are not given."""
    paid: Floats = view.once(hours_there) / share_with_people(view.plan)
    return paid


@measure(
    name="paid_hours",
    definition="Hours that the staff of a pool of minutes a day are paid for: its capacity over"
    " the share that is present, in contact and productive; leave and sickness are paid.",
    unit="h",
    refusal=_no_staff,
)
def paid_hours(view: View) -> Iterator[Cell]:
    """Add up paid time."""
    paid = view.once(paid_hours_of_pools)
    shown = np.flatnonzero(~np.isnan(paid))
    names = [view.plan.pools[k].name for k in shown.tolist()]
    yield from window_cells(paid[shown], "pool", names)


@measure(
    name="contact_of_paid_hours",
    definition="Time of visits as a share of the hours that staff are paid for.",
    unit="share",
    denominator="paid hours",
    refusal=_no_staff,
    remark=left_out,
)
def contact_of_paid_hours(view: View) -> Iterator[Cell]:
    """Relate the time of visits to paid time."""
    paid = view.once(paid_hours_of_pools)
    shown = np.flatnonzero(~np.isnan(paid))
    names = [view.plan.pools[k].name for k in shown.tolist()]
    share = ratio(view.once(contact_hours_of_pools), np.nan_to_num(paid))
    yield from window_cells(share[shown], "pool", names, paid[shown])


MEASURES = (worker_utilisation, paid_hours, contact_of_paid_hours)
