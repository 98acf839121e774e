"""First openings of calendars, for many instants at once; the engines have rules of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.plan.tables import FAR, WEEK

if TYPE_CHECKING:
    from collections.abc import Sequence


def first_openings(tables: Any, calendar: int, t: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return the first instants [ms] at or after `t` at which a calendar is open.

    Parameters
    ----------
    tables
        Tables of a plan; only its calendars are read.
    calendar
        Number of the calendar, or a negative number for one that is always open.
    """
    found: np.ndarray = np.array(t, dtype=np.int64)
    if calendar < 0:
        return found
    week = int(tables.hours_week[calendar])
    if week == calendar:
        return _weekly(tables, calendar, found)
    until = int(tables.hours_until[calendar])
    opens, closes = _windows(tables, calendar)
    k = np.searchsorted(closes, found, side="right")
    inside = (found < until) & (k < len(opens))
    behind = np.maximum(found, until)
    behind = _weekly(tables, week, behind) if week >= 0 else behind
    behind[inside] = np.maximum(found[inside], opens[k[inside]])
    return behind


def _windows(tables: Any, calendar: int) -> tuple[np.ndarray, np.ndarray]:
    first, last = (int(k) for k in tables.hours_first[calendar : calendar + 2])
    return tables.hours_from[first:last], tables.hours_to[first:last]


def _weekly(tables: Any, calendar: int, t: np.ndarray) -> np.ndarray:
    opens, closes = _windows(tables, calendar)
    if not len(opens):
        return np.full(len(t), FAR, dtype=np.int64)
    moment = (t + int(tables.week_shift[0])) % WEEK
    k = np.searchsorted(closes, moment, side="right")
    following = np.append(opens, opens[0] + WEEK)[k]
    waited: np.ndarray = t + np.maximum(following - moment, 0)
    return waited
