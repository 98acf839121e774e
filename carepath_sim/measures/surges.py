"""Surge places: how often and for how long a pool opens places under pressure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import SURGE_CLOSED, SURGE_OPENED
from carepath_sim.measures.counting import cells, events, time
from carepath_sim.measures.measure import measure
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures.arrays import Floats, Ints
    from carepath_sim.measures.measure import Cell
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan


@dataclass(frozen=True)
class Surges:
    """Times at which surge places were open, shape `(surge,)` each.

    Attributes
    ----------
    pool
        Number of the pool.
    opened, closed
        Instants [ms]; the end of the run where they never closed.
    places
        Units that were added.
    """

    pool: Ints
    opened: Ints
    closed: Ints
    places: Ints


def surges(view: View) -> Surges:
    """Return the surges of all pools, paired opening by opening with the next closing."""
    changes = view.changes
    what = changes.get("what", np.zeros(0, dtype=np.int64))
    found: list[tuple[int, int, int, int]] = []
    mine = np.flatnonzero(np.isin(what, (SURGE_OPENED, SURGE_CLOSED)))
    # Rows stand in the order in which they happened.
    since: dict[int, tuple[int, int]] = {}
    for k in mine.tolist():
        pool, t = int(changes["name"][k]), int(changes["t"][k])
        if what[k] == SURGE_OPENED:
            since[pool] = (t, int(changes["value"][k]))
        elif pool in since:
            opened, places = since.pop(pool)
            found.append((pool, opened, t, places))
    found += [(pool, opened, view.plan.end, places) for pool, (opened, places) in since.items()]
    columns = np.array(sorted(found), dtype=np.int64).reshape(-1, 4).T
    return Surges(*columns)


def surge_steps(view: View) -> list[tuple[Ints, Ints, Ints]]:
    """Return changes of capacity by surges: instants [ms], pools and units."""
    found = view.once(surges)
    return [
        (found.opened, found.pool, found.places),
        (found.closed, found.pool, -found.places),
    ]


def surge_costs(view: View) -> list[tuple[str, str, float]]:
    """Return what surge places cost in the window [GBP]: pool, payer, amount."""
    found, pools = view.once(surges), len(view.plan.pools)
    open_days = time(view, found.opened, found.closed, found.pool, pools)[0] / DAY
    place_days = time(view, found.opened, found.closed, found.pool, pools, found.places)[0] / DAY
    amounts = []
    for k in able(view.plan):
        info = view.plan.pools[k]
        surge = view.plan.scenario.pools[info.base].surge
        for cost in surge.cost if surge is not None else ():
            spent = place_days[k] if cost.per == "place_day" else open_days[k]
            amounts.append((info.name, cost.payer, float(spent * cost.amount.value)))
    return amounts


def _with_surges(view: View, table: Floats) -> Iterator[Cell]:
    """Yield a figure of the pools that can open surge places."""
    pools = able(view.plan)
    yield from cells(view, table[:, pools], "pool", [view.plan.pools[k].name for k in pools])


def able(plan: Plan) -> list[int]:
    """Return the pools with a rule for surges."""
    written = plan.scenario.pools
    return [
        k for k, info in enumerate(plan.pools) if getattr(written.get(info.base), "surge", None)
    ]


def _no_surge(plan: Plan) -> str:
    return "" if able(plan) else "no pool has surge places"


@measure(
    name="surge_openings",
    definition="How often surge places were opened.",
    unit="openings",
    refusal=_no_surge,
    absent_is_zero=True,
)
def surge_openings(view: View) -> Iterator[Cell]:
    """Count the openings."""
    found = view.once(surges)
    yield from _with_surges(view, events(view, found.opened, found.pool, len(view.plan.pools)))


@measure(
    name="surge_days",
    definition="Time for which surge places were open.",
    unit="d",
    refusal=_no_surge,
    absent_is_zero=True,
)
def surge_days(view: View) -> Iterator[Cell]:
    """Add up the time of surges."""
    found, pools = view.once(surges), len(view.plan.pools)
    table = time(view, found.opened, found.closed, found.pool, pools)
    yield from _with_surges(view, table / DAY)


@measure(
    name="surge_place_days",
    definition="Time for which surge places were open x places.",
    unit="unit days",
    refusal=_no_surge,
    absent_is_zero=True,
)
def surge_place_days(view: View) -> Iterator[Cell]:
    """Add up the time of surge places."""
    found, pools = view.once(surges), len(view.plan.pools)
    table = time(view, found.opened, found.closed, found.pool, pools, found.places)
    yield from _with_surges(view, table / DAY)


MEASURES = (surge_openings, surge_days, surge_place_days)
