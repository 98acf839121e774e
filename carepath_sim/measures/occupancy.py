"""Occupancy of pools and services: how many are there, and how often the pool is full.

*Occupancy* counts the units in use by people who are present. Units *booked* (granted, not yet
started) and *kept* (for people who are away for a while) count against capacity, too, and are
reported apart; *utilisation* is the share of capacity taken by all three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, How
from carepath_sim.measures import levels
from carepath_sim.measures.arrays import ratio
from carepath_sim.measures.counting import cells, days, nights, time, window_cells
from carepath_sim.measures.measure import Cell, Measure, measure
from carepath_sim.measures.periods import WINDOW
from carepath_sim.measures.services import services
from carepath_sim.measures.strata import stratum
from carepath_sim.measures.surges import surge_steps
from carepath_sim.measures.tapering import by_units
from carepath_sim.measures.view import View, ended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.engine.spells import Record
    from carepath_sim.measures.arrays import Bools, Floats, Ints
    from carepath_sim.measures.levels import Course, Distribution
    from carepath_sim.plan import Plan

PRESENT, BOOKED, KEPT, CAPACITY = range(4)
SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def in_use(view: View) -> tuple[Ints, Ints, Ints]:
    """Return rows of people who are present at written services, with begin and end [ms]."""
    spells = view.spells
    kinds = view.once(services)
    rows = np.flatnonzero(
        (spells["started"] != NEVER) & (kinds.written & ~kinds.ends)[spells["service"]]
    )
    end, ready = view.once(ended)[rows], spells["ready"][rows]
    # An in-place step is over when it is ready, even where its decision comes later.
    received = kinds.in_place[spells["service"][rows]] & (ready != NEVER)
    return rows, spells["started"][rows], np.where(received, np.minimum(ready, end), end)


def held(view: View) -> list[tuple[int, Ints, Ints, Ints]]:
    """Return what is taken of pools: quantity, row, begin and end [ms]."""
    spells, end = view.spells, view.once(ended)
    rows, begin, stop = view.once(in_use)
    mine = spells["pool"][rows] >= 0
    present = (PRESENT, rows[mine], begin[mine], stop[mine])
    granted = (spells["pool"] >= 0) & (spells["granted"] != NEVER)
    taken_at = np.where(spells["started"] == NEVER, end, spells["started"])
    # Who moves within a pool, or returns to a kept place, takes no second place meanwhile.
    anew = ~np.isin(spells["how"], (How.WITHIN_POOL, How.BACK))
    booked = np.flatnonzero(granted & anew & (spells["granted"] < taken_at))
    kept = np.flatnonzero((spells["pool"] >= 0) & (spells["kept_until"] > end))
    return [
        present,
        (BOOKED, booked, spells["granted"][booked], taken_at[booked]),
        (KEPT, kept, end[kept], spells["kept_until"][kept]),
    ]


def pool_course(view: View) -> Course:
    """Return units present, booked and kept and the capacity of each pool over time."""
    spells, pools = view.spells, view.plan.pools
    flows = []
    for quantity, rows, begin, end in view.once(held):
        inside = (begin < view.window) & (end > 0)
        row, since, until, units = by_units(view, rows[inside], begin[inside], end[inside])
        group = spells["pool"][row]
        flows += [(quantity, group, since, units), (quantity, group, until, -units)]
    for k in range(len(pools)):
        t, capacity = (np.asarray(column, dtype=np.int64) for column in view.plan.capacity_steps(k))
        flows.append((CAPACITY, np.full(len(t), k), t, np.diff(capacity, prepend=0)))
    for t, pool, more in view.once(surge_steps):
        flows.append((CAPACITY, pool, t, more))
    return levels.course(len(pools), view.window, flows, 4)


def service_course(view: View) -> Course:
    """Return the people at each service over time."""
    rows, begin, end = view.once(in_use)
    inside = (begin < view.window) & (end > 0)
    group = view.spells["service"][rows[inside]]
    one = np.ones(len(group), dtype=np.int64)
    flows = [(0, group, begin[inside], one), (0, group, end[inside], -one)]
    return levels.course(len(view.plan.services), view.window, flows, 1)


def occupancy_distribution(
    plan: Plan, record: Record, *, pool: str | None = None, service: str | None = None
) -> Distribution:
    """Return how the occupancy of a pool [units] or of a service [people] is distributed over time.

    Parameters
    ----------
    pool, service
        Name of the one or of the other.

    Raises
    ------
    ValueError
        When not exactly one of them is given.
    """
    view = View(plan, record)
    if (pool is None) == (service is None):
        raise ValueError("give the name of a pool or of a service")
    if pool is not None:
        return levels.distributions(pool_course(view), PRESENT)[plan.pool_index[pool]]
    return levels.distributions(service_course(view), 0)[plan.service_index[service or ""]]


def limited(view: View) -> Bools:
    """Tell which pools have a capacity that can be reached, shape `(pool,)`."""
    return np.array([not pool.unlimited for pool in view.plan.pools], dtype=np.bool_)


def _shown_services(view: View) -> Ints:
    kinds = view.once(services)
    return np.flatnonzero(kinds.written & ~kinds.ends)


def _occupancy_cells(view: View, pools: Floats, people: Floats) -> Iterator[Cell]:
    """Yield figures of the window by pool and by service."""
    yield from window_cells(pools, "pool", [pool.name for pool in view.plan.pools])
    shown = _shown_services(view)
    names = [view.plan.services[k].name for k in shown.tolist()]
    yield from window_cells(people[shown], "service", names)


@measure(
    name="occupancy_mean",
    definition="Mean over time of the units of a pool in use by people who are present, by stream,"
    " too;"
    " of the people at a service.",
    unit="units; people",
    denominator="time of the period",
)
def occupancy_mean(view: View) -> Iterator[Cell]:
    """Average the occupancy over time."""
    spells, plan = view.spells, view.plan
    length = view.once(days)[:, None] * 86_400_000
    rows, begin, end, units = by_units(view, *view.once(in_use))
    pool, stream = spells["pool"][rows], spells["stream"][rows]
    table = time(view, begin, end, pool, len(plan.pools), units) / length
    yield from cells(view, table, "pool", [info.name for info in plan.pools])
    names = plan.stream_names
    code = np.where((pool >= 0) & (stream >= 0), pool * len(names) + stream, -1)
    by_stream = time(view, begin, end, code, len(plan.pools) * len(names), units)[0] / length[0]
    asked = {(p, s) for p, info in enumerate(plan.pools) for s in info.streams}
    used = {(k // len(names), names[k % len(names)]) for k in np.flatnonzero(by_stream).tolist()}
    for k, name in sorted(asked | used):
        value = by_stream[k * len(names) + names.index(name)] if name in names else 0.0
        yield Cell(stratum(pool=plan.pools[k].name, stream=name), WINDOW, float(value))
    rows, begin, end = view.once(in_use)
    people = time(view, begin, end, spells["service"][rows], len(plan.services)) / length
    shown = _shown_services(view)
    found = [plan.services[k].name for k in shown.tolist()]
    yield from cells(view, people[:1, shown], "service", found)


@measure(
    name="occupancy_midnight",
    definition="Mean at midnight (24:00) of the units of a pool in use by people who are present;"
    " of the"
    " people at a service.",
    unit="units; people",
    denominator="midnights of the window",
    version="KH03 (occupied at midnight)",
)
def occupancy_midnight(view: View) -> Iterator[Cell]:
    """Average the occupancy at midnight."""
    spells = view.spells
    rows, begin, end = view.once(in_use)
    count = view.once(days)[0]
    row, since, until, units = by_units(view, rows, begin, end)
    pools = nights(view, since, until, spells["pool"][row], len(view.plan.pools), units)
    people = nights(view, begin, end, spells["service"][rows], len(view.plan.services))
    yield from _occupancy_cells(view, pools[0] / count, people[0] / count)


def _percentile(word: str, share: float) -> Measure:
    @measure(
        name=f"occupancy_{word}",
        definition=f"Level not exceeded for at least {share:.0%} of the time: units of a pool in"
        " use by"
        " people who are present; people at a service.",
        unit="units; people",
    )
    def percentile(view: View) -> Iterator[Cell]:
        number = list(SHARES).index(word)
        pools, people = view.once(_percentiles)
        yield from _occupancy_cells(view, pools[number], people[number])

    return percentile


def _percentiles(view: View) -> tuple[Floats, Floats]:
    shares = tuple(SHARES.values())
    return (
        levels.percentiles(view.once(pool_course), PRESENT, shares),
        levels.percentiles(view.once(service_course), 0, shares),
    )


@measure(
    name="occupancy_max",
    definition="Highest level: units of a pool in use by people who are present; people at a"
    " service.",
    unit="units; people",
)
def occupancy_max(view: View) -> Iterator[Cell]:
    """Find the highest occupancy."""
    pools = levels.peak(view.once(pool_course), PRESENT)
    yield from _occupancy_cells(view, pools, levels.peak(view.once(service_course), 0))


def _of_pools(
    name: str,
    definition: str,
    unit: str,
    figure: Callable[[Course], tuple[Floats, Floats | None]],
    *,
    denominator: str = "",
    only_limited: bool = False,
) -> Measure:
    """Return a measure of the course of each pool."""

    @measure(name=name, definition=definition, unit=unit, denominator=denominator)
    def of_pools(view: View) -> Iterator[Cell]:
        values, weight = figure(view.once(pool_course))
        keep = view.once(limited) if only_limited else np.ones(len(values), dtype=np.bool_)
        names = [pool.name for pool, shown in zip(view.plan.pools, keep, strict=True) if shown]
        yield from window_cells(
            values[keep], "pool", names, None if weight is None else weight[keep]
        )

    return of_pools


def _taken(found: Course) -> Ints:
    taken: Ints = found.level[PRESENT] + found.level[BOOKED] + found.level[KEPT]
    return taken


def _excess(found: Course) -> Ints:
    excess: Ints = np.maximum(_taken(found) - found.level[CAPACITY], 0)
    return excess


def _unit_days(found: Course, values: Ints) -> Floats:
    return found.integral(values) / 86_400_000


def _of_capacity(found: Course, values: Ints) -> tuple[Floats, Floats]:
    capacity = found.integral(found.level[CAPACITY])
    return ratio(found.integral(values), capacity), capacity / 86_400_000


def _full(found: Course) -> tuple[Floats, Floats]:
    is_open = found.level[CAPACITY] > 0
    time_open = found.integral(is_open)
    full = found.integral(is_open & (_taken(found) >= found.level[CAPACITY]))
    return ratio(full, time_open), time_open / 86_400_000


MEASURES = (
    occupancy_mean,
    occupancy_midnight,
    *(_percentile(word, share) for word, share in SHARES.items()),
    occupancy_max,
    _of_pools(
        "occupancy_share",
        "Units in use by people who are present, as a share of capacity over time.",
        "share",
        lambda found: _of_capacity(found, found.level[PRESENT]),
        denominator="capacity x time",
        only_limited=True,
    ),
    _of_pools(
        "utilisation",
        "Units in use, booked or kept, as a share of capacity over time.",
        "share",
        lambda found: _of_capacity(found, _taken(found)),
        denominator="capacity x time",
        only_limited=True,
    ),
    _of_pools(
        "places_booked",
        "Mean number of units granted to somebody who has not started yet; they count against"
        " capacity.",
        "units",
        lambda found: (levels.mean(found, found.level[BOOKED]), None),
    ),
    _of_pools(
        "booked_days",
        "Time for which units are booked: granted to somebody who has not started yet.",
        "unit days",
        lambda found: (_unit_days(found, found.level[BOOKED]), None),
    ),
    _of_pools(
        "places_kept",
        "Mean number of units kept for people who are away; they count against capacity.",
        "units",
        lambda found: (levels.mean(found, found.level[KEPT]), None),
    ),
    _of_pools(
        "kept_days",
        "Time for which units are kept for people who are away.",
        "unit days",
        lambda found: (_unit_days(found, found.level[KEPT]), None),
    ),
    _of_pools(
        "capacity_mean",
        "Mean capacity over time.",
        "units",
        lambda found: (levels.mean(found, found.level[CAPACITY]), None),
        only_limited=True,
    ),
    _of_pools(
        "p_full",
        "Share of the time with no unit free, of the time with any capacity.",
        "share",
        _full,
        denominator="time at which capacity is above 0",
        only_limited=True,
    ),
    _of_pools(
        "time_above_capacity",
        "Share of the time with more units taken than the capacity (overflow, or places still"
        " closing).",
        "share",
        lambda found: (levels.mean(found, _excess(found) > 0), None),
        denominator="time of the window",
        only_limited=True,
    ),
    _of_pools(
        "units_above_capacity",
        "Mean number of units taken above the capacity (overflow, or places still closing).",
        "units",
        lambda found: (levels.mean(found, _excess(found)), None),
        only_limited=True,
    ),
    _of_pools(
        "days_above_capacity",
        "Time for which units are taken above the capacity (overflow, or places still closing).",
        "unit days",
        lambda found: (_unit_days(found, _excess(found)), None),
        only_limited=True,
    ),
)
