"""Costs by payer and service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, How
from carepath_sim.measures import levels
from carepath_sim.measures.counting import events, time, window_cells
from carepath_sim.measures.measure import Cell, measure
from carepath_sim.measures.occupancy import CAPACITY, pool_course
from carepath_sim.measures.periods import WINDOW
from carepath_sim.measures.programmes import amounts as programme_amounts
from carepath_sim.measures.services import services
from carepath_sim.measures.strata import stratum
from carepath_sim.measures.surges import surge_costs
from carepath_sim.measures.view import ended
from carepath_sim.measures.visits import visit_counts
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures.arrays import Floats
    from carepath_sim.measures.view import View


def amounts(view: View) -> dict[str, Floats]:
    """Return what each unit of cost is counted of, by service: days, stays, visits, place days."""
    spells, codes = view.spells, len(view.once(services))
    rows = np.flatnonzero(spells["started"] != NEVER)
    service, started = spells["service"][rows], spells["started"][rows]
    # Who was there before, or only comes back, has been paid for.
    begun = ~np.isin(spells["how"][rows], (How.START, How.BACK))
    capacity = levels.mean(view.once(pool_course), view.once(pool_course).level[CAPACITY])
    # Without a limit there is no number of places to pay for.
    capacity[[pool.unlimited for pool in view.plan.pools]] = np.nan
    places = np.array([sum(capacity[p] for p in info.pools) for info in view.plan.services])
    return {
        "day": time(view, started, view.once(ended)[rows], service, codes)[0] / DAY,
        "stay": events(view, started[begun], service[begun], codes)[0],
        "visit": view.once(visit_counts)[0],
        "place_day": places * view.window / DAY,
    }


@measure(
    name="costs",
    definition="Costs in the window: per day of occupied time clipped to it, per stay at its"
    " start, per"
    " visit, or per day and place of capacity, by payer and by service. Delayed time costs as the"
    " service"
    " at which it is spent; kept and booked places cost nothing. Surge places cost by pool what"
    " their rule says while they are open. Programmes: per day on them, per start, or per day and"
    " place of the caseload.",
    unit="GBP",
)
def costs(view: View) -> Iterator[Cell]:
    """Add up costs."""
    found = view.once(amounts)
    infos = view.plan.services
    programmes = view.plan.programmes
    paid = [cost for info in infos for cost in info.costs]
    paid += [cost for programme in programmes for cost in programme.costs]
    payers = list(dict.fromkeys(cost.payer for cost in paid))
    table = np.zeros((len(infos), len(payers)))
    for k, info in enumerate(infos):
        for cost in info.costs:
            table[k, payers.index(cost.payer)] += found[cost.per][k] * cost.amount.value
    shown = [k for k, info in enumerate(infos) if info.costs]
    surge = view.once(surge_costs)
    care = _of_programmes(view, payers)
    total = table.sum(axis=0) + care.sum(axis=0)
    by_payer = dict(zip(payers, total.tolist(), strict=True))
    by_pool: dict[str, float] = {}
    for pool, payer, amount in surge:
        by_payer[payer] = by_payer.get(payer, 0.0) + amount
        by_pool[pool] = by_pool.get(pool, 0.0) + amount
    whole = float(table.sum() + care.sum())
    yield Cell(stratum(), WINDOW, whole + sum(amount for _, _, amount in surge))
    yield from window_cells(np.array(list(by_payer.values())), "payer", list(by_payer))
    yield from window_cells(np.array(list(by_pool.values())), "pool", list(by_pool))
    for pool, payer in dict.fromkeys((pool, payer) for pool, payer, _ in surge):
        value = sum(amount for p, who, amount in surge if (p, who) == (pool, payer))
        yield Cell(stratum(payer=payer, pool=pool), WINDOW, value)
    named = [p for p, one in enumerate(programmes) if one.costs]
    names = [programmes[p].name for p in named]
    yield from window_cells(care.sum(axis=1)[named], "programme", names)
    yield from window_cells(table.sum(axis=1)[shown], "service", [infos[k].name for k in shown])
    for k in shown:
        for payer in dict.fromkeys(cost.payer for cost in infos[k].costs):
            value = float(table[k, payers.index(payer)])
            yield Cell(stratum(payer=payer, service=infos[k].name), WINDOW, value)


def _of_programmes(view: View, payers: list[str]) -> Floats:
    """Return what programmes cost, shape `(programme, payer)`."""
    programmes = view.plan.programmes
    table = np.zeros((len(programmes), len(payers)))
    for p, info in enumerate(programmes):
        for cost in info.costs:
            amount = view.once(programme_amounts)[cost.per][p] * cost.amount.value
            table[p, payers.index(cost.payer)] += amount
    return table


MEASURES = (costs,)
