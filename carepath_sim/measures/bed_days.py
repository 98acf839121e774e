"""Bed days: time and nights that people spend in beds, by service, pool and setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER
from carepath_sim.measures.counting import cells, nights, time
from carepath_sim.measures.measure import measure
from carepath_sim.measures.places import at_places
from carepath_sim.measures.services import CARE_HOME, HOSPITAL_SETTINGS, SETTINGS, services
from carepath_sim.measures.view import ended
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.measures.arrays import Bools, Floats, Ints
    from carepath_sim.measures.measure import Cell
    from carepath_sim.measures.view import View

BEDS = "services with setting acute_bed, community_bed or care_home, or with a pool of beds"


def bed_services(view: View) -> Bools:
    """Tell which services put people into beds, shape `(service,)`."""
    kinds = view.once(services)
    settings = np.isin(kinds.setting, [*HOSPITAL_SETTINGS, CARE_HOME])
    pools = np.array(
        [any(view.plan.pools[p].unit == "beds" for p in s.pools) for s in view.plan.services]
    )
    found: Bools = kinds.written & kinds.place & (settings | pools)
    return found


def _bed_cells(
    view: View, count: Callable[[View, Ints, Ints, Ints, int], Floats]
) -> Iterator[Cell]:
    kinds, beds = view.once(services), view.once(bed_services)
    rows = view.once(at_places)
    rows = rows[beds[view.spells["service"][rows]]]
    begin, end = view.spells["started"][rows], view.once(ended)[rows]
    service = view.spells["service"][rows]
    table = count(view, begin, end, service, len(kinds))
    shown = np.flatnonzero(beds).tolist()
    yield from cells(view, table[:, shown], "service", [kinds.names[k] for k in shown])
    by_setting = table @ (kinds.setting[:, None] == np.arange(len(SETTINGS))).astype(np.float64)
    used = sorted({int(k) for k in kinds.setting[shown]})
    yield from cells(view, by_setting[:, used], "setting", [SETTINGS[k] for k in used])
    pools = view.plan.pools
    by_pool = count(view, begin, end, view.spells["pool"][rows], len(pools))
    drawn_on = {p for k in shown for p in view.plan.services[k].pools}
    chosen = sorted(drawn_on)
    yield from cells(view, by_pool[:, chosen], "pool", [pools[k].name for k in chosen])


@measure(
    name="bed_days",
    definition=f"Time that people spend in beds, in days of 24 h clipped to the window: {BEDS}.",
    unit="d",
)
def bed_days(view: View) -> Iterator[Cell]:
    """Add up bed days."""
    yield from _bed_cells(view, lambda *given: time(*given) / DAY)


@measure(
    name="bed_nights",
    definition=f"Midnights (24:00) that people spend in beds: {BEDS}.",
    unit="nights",
)
def bed_nights(view: View) -> Iterator[Cell]:
    """Count bed nights."""
    yield from _bed_cells(view, nights)


@measure(
    name="person_days",
    definition="Time that people spend at each service, in days of 24 h clipped to the window;"
    " in-place"
    " steps count while they are received.",
    unit="d",
)
def person_days(view: View) -> Iterator[Cell]:
    """Add up the time at every service."""
    kinds, spells = view.once(services), view.spells
    rows = np.flatnonzero((spells["started"] != NEVER) & kinds.written[spells["service"]])
    table = time(
        view,
        spells["started"][rows],
        view.once(ended)[rows],
        spells["service"][rows],
        len(kinds),
    )
    shown = np.flatnonzero(kinds.written & ~kinds.ends).tolist()
    yield from cells(view, table[:1, shown] / DAY, "service", [kinds.names[k] for k in shown])


MEASURES = (bed_days, bed_nights, person_days)
