"""Counting by period and code: events by their instant, time and nights clipped to the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.measures.arrays import counted, expand, summed
from carepath_sim.measures.measure import Cell
from carepath_sim.measures.periods import WINDOW, periods
from carepath_sim.measures.strata import stratum
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from carepath_sim.measures.arrays import Bools, Floats, Ints
    from carepath_sim.measures.view import View


def within(view: View, t: Ints) -> Bools:
    """Tell which instants [ms] lie in the window [0, T)."""
    return (t >= 0) & (t < view.window)


def events(view: View, t: Ints, code: Ints, codes: int) -> Floats:
    """Count events by period and code, shape `(period, code)`, the whole window first."""
    months = len(view.once(periods).edges) - 1
    inside = within(view, t) & (code >= 0)
    month = view.once(periods).month_of_day[t[inside] // DAY]
    counts = counted(month * codes + code[inside], months * codes)
    return _with_window(counts.reshape(months, codes))


def time(
    view: View, begin: Ints, end: Ints, code: Ints, codes: int, amount: Floats | Ints | None = None
) -> Floats:
    """Add the time [ms] between `begin` and `end` by period and code, shape `(period, code)`.

    Parameters
    ----------
    amount
        Factor by row (units, pounds a day); none: 1.
    """
    return _with_window(_spread(view, DAY, begin, end, code, codes, amount))


def nights(
    view: View, begin: Ints, end: Ints, code: Ints, codes: int, amount: Floats | Ints | None = None
) -> Floats:
    """Count midnights with `begin` <= midnight < `end` by period and code, shape `(period, code)`.

    The midnight of a day is the one at its end, 24:00: a stay from Monday 10:00 to Tuesday 10:00
    counts one, that of Monday.
    """
    first, last = midnights(begin), midnights_until(view, end)
    # Midnight k ends day k - 1, and counts in that day's month.
    return _with_window(_spread(view, 1, first - 1, last - 1, code, codes, amount))


def midnights(t: Ints) -> Ints:
    """Return the number of the first midnight at or after each instant; instant 0 is midnight 0."""
    return -(-t // DAY)


def midnights_until(view: View, end: Ints) -> Ints:
    """Return the number of the first midnight after the last one of each interval.

    Nothing happens at the end of the run any more, so whoever is there until then is there at its
    last midnight, too: it counts where the run ends with the window.
    """
    return midnights(np.where(end >= view.plan.end, end + 1, end))


def at_midnights(
    view: View, begin: Ints, end: Ints, code: Ints, codes: int, amount: Ints | None = None
) -> Ints:
    """Count what is there at each midnight of the window, shape `(days + 1, code)`.

    Midnight 0 is the first instant of the window. A row is there where `begin` <= midnight < `end`.

    Parameters
    ----------
    amount
        Factor by row (units); none: 1.
    """
    size = view.window // DAY + 1
    first = np.clip(midnights(begin), 0, size)
    last = np.clip(midnights_until(view, end), 0, size)
    there = (first < last) & (code >= 0)
    first, last, code = first[there], last[there], code[there]
    weights = None if amount is None else amount[there]
    cells_of_table = (size + 1) * codes
    change = np.bincount(first * codes + code, weights=weights, minlength=cells_of_table)
    change = change - np.bincount(last * codes + code, weights=weights, minlength=cells_of_table)
    level = np.cumsum(change.reshape(size + 1, codes), axis=0)[:size]
    return np.rint(level).astype(np.int64)


def days(view: View) -> Floats:
    """Return the length of each period [d], shape `(period,)`."""
    return _with_window(np.diff(view.once(periods).edges)[:, None].astype(np.float64))[:, 0] / DAY


def cells(
    view: View,
    table: Floats,
    key: str,
    names: Sequence[str],
    *,
    weight: Floats | None = None,
) -> Iterator[Cell]:
    """Yield a cell for each period and name of a table, shape `(period, name)`.

    Parameters
    ----------
    key
        Key of the strata; empty for everything together, when there is one name.
    weight
        Weights of the same shape.
    """
    strata = [stratum(**{key: name}) if key else stratum() for name in names]
    # A table of one row holds the whole window only.
    for row, period in enumerate(view.once(periods).names[: len(table)]):
        values = table[row].tolist()
        weights = [None] * len(names) if weight is None else weight[row].tolist()
        yield from map(Cell, strata, [period] * len(names), values, weights)


def window_cells(
    values: Floats, key: str, names: Sequence[str], weight: Floats | None = None
) -> Iterator[Cell]:
    """Yield a cell of the whole window for each name."""
    for k, name in enumerate(names):
        yield Cell(
            stratum(**{key: name}),
            WINDOW,
            float(values[k]),
            None if weight is None else float(weight[k]),
        )


def _with_window(months: Floats) -> Floats:
    """Put the sum over all months before them."""
    return np.concatenate((months.sum(axis=0, keepdims=True), months))


def _spread(
    view: View,
    day: int,
    begin: Ints,
    end: Ints,
    code: Ints,
    codes: int,
    amount: Floats | Ints | None,
) -> Floats:
    """Add overlaps with months, shape `(month, code)`; a day is `day` units of time long."""
    edges, month_of_day = view.once(periods).edges // (DAY // day), view.once(periods).month_of_day
    months = len(edges) - 1
    begin, end = np.maximum(begin, edges[0]), np.minimum(end, edges[-1])
    rows = np.flatnonzero((begin < end) & (code >= 0))
    begin, end, code = begin[rows], end[rows], code[rows]
    first = month_of_day[begin // day]
    last = month_of_day[(end - 1) // day]
    row, number = expand(last - first + 1)
    month = first[row] + number
    overlap = np.minimum(end[row], edges[month + 1]) - np.maximum(begin[row], edges[month])
    if amount is not None:
        overlap = overlap * amount[rows][row]
    table = summed(month * codes + code[row], overlap, months * codes)
    return table.reshape(months, codes)
