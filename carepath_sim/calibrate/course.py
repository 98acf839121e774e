"""The course of figures: what they were month by month, or quarter by quarter."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.experiment import frames
from carepath_sim.measures.periods import WINDOW, month_days, month_names
from carepath_sim.units import DAY, YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from carepath_sim.experiment.objective import Objective
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.experiment.tasks import Replication
    from carepath_sim.experiment.wanted import Wanted
    from carepath_sim.measures.measure import Row
    from carepath_sim.plan import Plan

PERIOD: Final = re.compile(r"(?P<year>\d{4})-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4]))")


@dataclass(frozen=True)
class Course:
    """What draws of the posterior gave of a figure, period by period.

    Attributes
    ----------
    periods
        Such as ``2015-04`` or ``2015-Q2``, in order; the first and the last month of a window may
        be cut.
    days
        How many days of each lie in the window.
    adds_up
        Whether the periods of a year are parts of it (counts), or each like the whole (shares).
    values
        Shape `(draw, replication, period)` [unit of the measure; counts are of the period]; nan
        where nobody was counted.
    """

    periods: tuple[str, ...]
    days: tuple[float, ...]
    adds_up: bool
    values: NDArray[np.float64]


def months_of(period: str) -> tuple[str, ...]:
    """Return the months of a period, none for what is no period.

    >>> months_of("2014-Q2"), months_of("2014-11"), months_of("2014")
    (('2014-04', '2014-05', '2014-06'), ('2014-11',), ())
    """
    found = PERIOD.fullmatch(period)
    if found is None:
        return ()
    if found["month"]:
        return (period,)
    first = 3 * int(found["quarter"]) - 2
    return tuple(f"{found['year']}-{first + k:02d}" for k in range(3))


def by_period(
    sums: Objective, result: RunResult, periods: Sequence[Sequence[str]]
) -> tuple[NDArray[np.float64], bool]:
    """Return a sum of figures by period.

    Parameters
    ----------
    periods
        Months of each period.

    Returns
    -------
        Values, shape `(replication, period)`, nan where a period is not defined; and whether the
        periods of a year are parts of it.

    Notes
    -----
    Counts of the months of a period are added; a share or mean is that of all who were counted,
    or of the days. A measure that is given for the whole window only has no course: nan.
    """
    terms = sums.on(result).terms
    values = np.zeros((len(result.done), len(periods)))
    adds_up = True
    for factor, wanted in terms:
        tables = [_rows(one, wanted) for one in result.done]
        mean = any(_is_weighted(rows) for table in tables for rows in table.values())
        of_days = not mean and not _adds_up(tables)
        adds_up &= not mean and not of_days
        absent = 0.0 if frames.definition(wanted.measure).absent_is_zero else np.nan
        for k, table in enumerate(tables):
            has_months = len(table) > (WINDOW in table)
            for at, period in enumerate(periods):
                if not has_months:
                    values[k, at] = np.nan
                    continue
                pairs = [(row, month) for month in period for row in table.get(month, [])]
                values[k, at] += factor * _together(pairs, absent, of_days=of_days)
    return values, adds_up


def _rows(one: Replication, wanted: Wanted) -> dict[str, list[Row]]:
    """Return the rows of a figure by period."""
    strata, found = set(wanted.strata), defaultdict[str, list["Row"]](list)
    for row in one.rows:
        if row.measure == wanted.measure and row.stratum in strata:
            found[row.period].append(row)
    return dict(found)


def _is_weighted(rows: Iterable[Row]) -> bool:
    return any(row.weight is not None for row in rows)


def _adds_up(tables: Sequence[Mapping[str, list[Row]]]) -> bool:
    """Tell whether months are parts of the window, by the figures themselves.

    The sum of months is then that of the window, or of the part of a year that it is; the sum of
    means over time is as many times too large as there are months.
    """
    months = {month for table in tables for month in table if month != WINDOW}
    whole = sum(row.value for table in tables for row in table.get(WINDOW, []))
    parts = sum(row.value for table in tables for month in months for row in table.get(month, []))
    if not months or not whole > 0 or not parts > 0:
        return True
    year = sum(_days(month) for month in months) * DAY / YEAR
    off, mean = abs(np.log(parts / whole)), abs(np.log(parts / whole / len(months)))
    return bool(min(off, abs(np.log(parts / whole / year))) <= mean)


def _days(month: str) -> int:
    return monthrange(int(month[:4]), int(month[5:]))[1]


def _together(pairs: Sequence[tuple[Row, str]], absent: float, *, of_days: bool) -> float:
    """Return the figure of several months and strata."""
    if not pairs:
        return absent
    if of_days:
        days = sum(_days(month) for month in {month for _, month in pairs})
        return sum(row.value * _days(month) for row, month in pairs) / days
    if not _is_weighted(row for row, _ in pairs):
        return sum(row.value for row, _ in pairs)
    weight = sum(row.weight or 0.0 for row, _ in pairs)
    total = sum(row.value * row.weight for row, _ in pairs if row.weight)
    return total / weight if weight else np.nan


def whole_months(plan: Plan) -> tuple[str, ...]:
    """Return the calendar months that lie in the window from their first day to their last."""
    named = zip(month_names(plan), month_days(plan), strict=True)
    return tuple(
        month for month, days in named if days == monthrange(int(month[:4]), int(month[5:]))[1]
    )


def of_observed(course: Course, value: float, simulated: float) -> NDArray[np.float64]:
    """Return an observed figure of the whole window as the level of its months.

    Parameters
    ----------
    value
        As observed.
    simulated
        The mean of the figure of the window, of the same runs as the course.

    Notes
    -----
    A count is spread over the months by their days. Counts of the window are scaled to a year by
    some measures, and those of months are not: by how much, the runs say themselves.
    """
    if not course.adds_up:
        return np.full(len(course.periods), value)
    total = float(course.values.sum(axis=2).mean())
    scale = total / simulated if simulated else 1.0
    days = np.array(course.days)
    return np.asarray(value * scale * days / days.sum())
