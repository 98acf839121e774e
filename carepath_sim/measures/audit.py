"""Audits: how many are there each time somebody looks, at even intervals from instant 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, NOBODY
from carepath_sim.measures.occupancy import BOOKED, KEPT, PRESENT, held, in_use
from carepath_sim.measures.services import services
from carepath_sim.measures.tapering import by_units
from carepath_sim.measures.view import View, ended
from carepath_sim.measures.waits import asked

if TYPE_CHECKING:
    from carepath_sim.engine.spells import Columns, Record
    from carepath_sim.measures.arrays import Ints
    from carepath_sim.plan import Plan


def audit(plan: Plan, record: Record, every: int) -> Columns:
    """Return what is seen at instants 0, `every`, 2 `every`, ... of the window.

    A stay is seen when started <= instant < left, a wait when needed <= instant < started.

    Returns
    -------
    dict
        ``t`` [ms], ``pool`` and ``service`` (one of them, the other -1), ``occupancy`` (units of a
        pool in use by people who are present; people at a service), ``booked`` and ``kept``
        [units], ``waiting`` [people]; a row an instant and pool, and one an instant and service.
    """
    view = View(plan, record)
    spells, kinds = view.spells, view.once(services)
    shown = np.flatnonzero(kinds.written & ~kinds.ends)
    pools, codes = len(plan.pools), len(kinds)
    rows, begin, end = view.once(in_use)
    requests = view.once(asked)
    started = spells["started"][requests]
    until = np.where(started == NEVER, view.once(ended)[requests], started)
    needed, service = spells["needed"][requests], spells["service"][requests]
    asked_of = spells["pool"][requests]
    # A request never granted may not know its pool: it is counted in the first it could use.
    pool = np.where(asked_of >= 0, asked_of, kinds.pool[service])
    of_pools = {quantity: _seen(view, every, pools) for quantity in (PRESENT, BOOKED, KEPT)}
    for quantity, mine, since, to in view.once(held):
        row, start, stop, units = by_units(view, mine, since, to)
        of_pools[quantity] = _seen(view, every, pools, start, stop, spells["pool"][row], units)
    people = _seen(view, every, codes, begin, end, spells["service"][rows])[:, shown]
    wait_for = _seen(view, every, codes, needed, until, service)[:, shown]
    waiting = _seen(view, every, pools, needed, until, pool)
    t = np.arange(len(people), dtype=np.int64) * every
    nothing = np.zeros_like(people)

    def both(of_pool: Ints, of_service: Ints) -> Ints:
        return np.concatenate((of_pool.reshape(-1), of_service.reshape(-1)))

    return {
        "t": np.concatenate((np.repeat(t, pools), np.repeat(t, len(shown)))),
        "pool": both(
            np.tile(np.arange(pools, dtype=np.int64), len(t)),
            np.full(nothing.size, NOBODY, dtype=np.int64),
        ),
        "service": both(
            np.full(len(t) * pools, NOBODY, dtype=np.int64),
            np.tile(shown, len(t)),
        ),
        "occupancy": both(of_pools[PRESENT], people),
        "booked": both(of_pools[BOOKED], nothing),
        "kept": both(of_pools[KEPT], nothing),
        "waiting": both(waiting, wait_for),
    }


_NONE = np.zeros(0, dtype=np.int64)


def _seen(
    view: View,
    every: int,
    groups: int,
    begin: Ints = _NONE,
    end: Ints = _NONE,
    group: Ints = _NONE,
    amount: Ints | None = None,
) -> Ints:
    """Return how much of [begin, end) is seen at each instant, shape `(instant, group)`."""
    looks = -(-view.window // every)
    # Look k is at k x every: the first at or after an instant is its quotient rounded up.
    first = np.clip(-(-begin // every), 0, looks)
    last = np.clip(-(-end // every), 0, looks)
    there = (first < last) & (group >= 0)
    first, last, group = first[there], last[there], group[there]
    weights = None if amount is None else amount[there]
    size = (looks + 1) * groups
    change = np.bincount(first * groups + group, weights=weights, minlength=size)
    change = change - np.bincount(last * groups + group, weights=weights, minlength=size)
    level = np.cumsum(change.reshape(looks + 1, groups), axis=0)[:looks]
    return np.rint(level).astype(np.int64)
