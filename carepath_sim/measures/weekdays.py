"""When people come: episodes and emergency admissions a day, by weekday and month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.measures.admissions import emergencies
from carepath_sim.measures.arrays import ratio
from carepath_sim.measures.counting import cells, events
from carepath_sim.measures.measure import Measure, measure
from carepath_sim.measures.periods import periods
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.measures.arrays import Floats, Ints
    from carepath_sim.measures.measure import Cell
    from carepath_sim.measures.view import View

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _weekday(view: View, t: Ints) -> Ints:
    """Return the weekday of instants [ms], 0: Monday."""
    found: Ints = (view.plan.start_date.weekday() + t // DAY) % len(WEEKDAYS)
    return found


def _days(view: View) -> Floats:
    """Return how many days of each weekday each period has, shape `(period, weekday)`."""
    days = -(-view.window // DAY)
    # A window that ends within a day holds a part of it.
    parts = np.minimum(view.window - np.arange(days) * DAY, DAY) / DAY
    months = len(view.once(periods).edges) - 1
    table = np.zeros((months, len(WEEKDAYS)))
    weekday = _weekday(view, np.arange(days) * DAY)
    np.add.at(table, (view.once(periods).month_of_day, weekday), parts)
    return np.concatenate((table.sum(axis=0, keepdims=True), table))


def _a_day(name: str, definition: str, unit: str, when: Callable[[View], Ints]) -> Measure:
    @measure(
        name=name,
        definition=f"{definition} By weekday.",
        unit=f"{unit} per d",
        denominator="days of the period, or those of the weekday",
    )
    def a_day(view: View) -> Iterator[Cell]:
        t, days = when(view), _days(view)
        counts = events(view, t, _weekday(view, t), len(WEEKDAYS))
        everything = days.sum(axis=1, keepdims=True)
        whole = ratio(counts.sum(axis=1, keepdims=True), everything)
        yield from cells(view, whole, "", ("all",), weight=everything)
        # A short window may have no Sunday, which has no figure then.
        yield from cells(view, ratio(counts, days), "weekday", WEEKDAYS, weight=days)

    return a_day


def _began(view: View) -> Ints:
    """Return when episodes began."""
    found: Ints = view.episodes["began"]
    return found


def _admitted(view: View) -> Ints:
    """Return when emergencies were admitted."""
    found: Ints = view.spells["started"][view.once(emergencies)]
    return found


MEASURES = (
    _a_day(
        "episodes_per_day",
        "Episodes begun (crises and arrivals, planned ones included) a day.",
        "episodes",
        _began,
    ),
    _a_day(
        "emergency_admissions_per_day",
        "Emergency admissions a day.",
        "admissions",
        _admitted,
    ),
)
