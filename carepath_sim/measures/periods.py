"""The periods that figures are given for: the whole window, and its calendar months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.units import DAY, YEAR

if TYPE_CHECKING:
    from carepath_sim.measures.arrays import Ints
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan

WINDOW = "window"


@dataclass(frozen=True)
class Periods:
    """The window and its months.

    Attributes
    ----------
    names
        ``window``, then months such as ``2015-04``.
    edges
        Where the months begin, and the end of the last [ms], shape `(month + 1,)`; the first and
        the last month are cut at the window.
    month_of_day
        Number of the month of each day of the window, shape `(day,)`.
    """

    names: tuple[str, ...]
    edges: Ints
    month_of_day: Ints


def periods(view: View) -> Periods:
    """Return the periods of a run."""
    names, edges = _months(view.plan)
    days = -(-view.window // DAY)
    month_of_day = np.searchsorted(edges, np.arange(days) * DAY, side="right") - 1
    return Periods((WINDOW, *names), np.array(edges, dtype=np.int64), month_of_day)


def month_names(plan: Plan) -> tuple[str, ...]:
    """Return the calendar months of the window of a plan."""
    return tuple(_months(plan)[0])


def month_days(plan: Plan) -> tuple[float, ...]:
    """Return how many days of each month lie in the window of a plan."""
    return tuple((np.diff(_months(plan)[1]) / DAY).tolist())


def _months(plan: Plan) -> tuple[list[str], list[int]]:
    """Return the months of the window, and their edges [ms]."""
    start, window = plan.start_date, plan.window
    edges, names = [0], []
    month = date(start.year, start.month, 1)
    while edges[-1] < window:
        names.append(f"{month:%Y-%m}")
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        edges.append(min((month - start).days * DAY, window))
    return names, edges


def per_year(plan: Plan) -> float:
    """Return the factor from a count in the window to a count a year of 365.25 days [per y]."""
    return YEAR / plan.window
