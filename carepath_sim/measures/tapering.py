"""Times cut where visits fall by a step: units and visits during each piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.tapers import Spans, spans

if TYPE_CHECKING:
    from carepath_sim.measures.arrays import Ints
    from carepath_sim.measures.view import View


def tapers(view: View) -> bool:
    """Tell whether visits of anybody fall in steps."""
    return "taper" in view.spells


def cut(view: View, rows: Ints, begin: Ints, end: Ints) -> Spans:
    """Return the times of rows cut at their steps."""
    taper, since, ready = (view.spells[name][rows] for name in ("taper", "taper_from", "ready"))
    return spans(view.plan.tapers, taper, since, ready, begin, end)


def by_units(view: View, rows: Ints, begin: Ints, end: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return rows, begin, end [ms] and units of times during which the units do not change."""
    units = view.spells["units"]
    if not tapers(view):
        return rows, begin, end, units[rows]
    found = cut(view, rows, begin, end)
    row = rows[found.row]
    by_step = np.append(view.plan.tapers.units, -1)[found.step]
    return row, found.begin, found.end, np.where(by_step >= 0, by_step, units[row])
