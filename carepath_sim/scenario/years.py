"""Numbers that are known for some years only, and what they say of other days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

from carepath_sim.scenario.values import Number


def at_end_of_june(year: int) -> date:
    """Return the day whose first instant is the end of 30 June, for which projections are given.

    Mid-year population estimates and projections of the Office for National Statistics are those of
    30 June.
    """
    return date(year, 7, 1)


def between(rows: Sequence[tuple[int, Number]], day: date) -> float:
    """Return the number that a projection says for the first instant of a day.

    >>> between([(2015, Number(100.0)), (2016, Number(466.0))], date(2015, 7, 11))
    110.0
    >>> between([(2015, Number(100.0)), (2016, Number(466.0))], date(2020, 1, 1))
    466.0
    """
    days = [at_end_of_june(year) for year, _ in rows]
    k = bisect_right(days, day)
    if k in {0, len(days)}:
        return rows[max(0, k - 1)][1].value
    first, last = rows[k - 1][1].value, rows[k][1].value
    return first + (last - first) * ((day - days[k - 1]).days / (days[k] - days[k - 1]).days)
