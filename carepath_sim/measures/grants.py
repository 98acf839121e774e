"""How places were come by: after a wait, at once, in a circle, by a transfer within the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, How
from carepath_sim.measures.counting import events
from carepath_sim.measures.measure import Cell, measure
from carepath_sim.measures.periods import WINDOW, per_year
from carepath_sim.measures.strata import stratum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures.view import View


def words(how: How) -> str:
    """Return a way to come by a place in words.

    >>> words(How.WITHIN_POOL)
    'within pool'
    """
    return how.name.lower().replace("_", " ")


@measure(
    name="grants",
    definition="Places of a pool granted a year; by how they were come by: waited or at once (from"
    " the queue), circle (people who wait for each other's places move together), within pool (a"
    " transfer that needs no place more), back (a place that was kept).",
    unit="grants per y",
    absent_is_zero=True,
)
def grants(view: View) -> Iterator[Cell]:
    """Count grants by pool and way."""
    spells, pools = view.spells, view.plan.pools
    ways = max(How) + 1
    given = (spells["granted"] != NEVER) & (spells["pool"] >= 0) & (spells["how"] != How.START)
    rows = np.flatnonzero(given)
    code = spells["pool"][rows] * ways + spells["how"][rows]
    table = events(view, spells["granted"][rows], code, len(pools) * ways)[0]
    table = table.reshape(len(pools), ways) * per_year(view.plan)
    for k, pool in enumerate(pools):
        yield Cell(stratum(pool=pool.name), WINDOW, float(table[k].sum()))
        for way in np.flatnonzero(table[k]).tolist():
            yield Cell(stratum(pool=pool.name, how=words(How(way))), WINDOW, float(table[k, way]))


MEASURES = (grants,)
