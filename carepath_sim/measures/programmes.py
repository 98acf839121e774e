"""Programmes: people on caseloads, finds, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import FIND_LOST, PROGRAMME_JOINED, PROGRAMME_LEFT
from carepath_sim.measures.counting import days, events, time, window_cells
from carepath_sim.measures.measure import Cell, measure
from carepath_sim.measures.periods import WINDOW, per_year, periods
from carepath_sim.measures.strata import stratum
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures.arrays import Floats, Ints
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan

FOUND = 1
LOST = ("nobody may join", "no room")
LEFT = ("time over", "death", "out of the model", "moved away")


def _refusal(plan: Plan) -> str:
    return "" if plan.programmes else "the scenario has no programmes"


def _names(view: View) -> list[str]:
    return [info.name for info in view.plan.programmes]


def _rows(view: View, what: int) -> Ints:
    return np.flatnonzero(view.changes["what"] == what)


def enrolments(view: View) -> tuple[Ints, Ints, Ints]:
    """Return programme, beginning and end [ms] of every time that somebody was on one."""
    c = view.changes
    rows = np.flatnonzero(np.isin(c["what"], (PROGRAMME_JOINED, PROGRAMME_LEFT)))
    order = rows[np.lexsort((rows, c["person"][rows], c["name"][rows]))]
    joined = c["what"][order] == PROGRAMME_JOINED
    ends = np.append(c["t"][order][1:], view.plan.end)
    # A person's leaving follows their joining; who is followed by another joining is still there.
    ends = np.where(np.append(~joined[1:], False), ends, view.plan.end)
    return c["name"][order][joined], c["t"][order][joined], ends[joined]


def amounts(view: View) -> dict[str, Floats]:
    """Return what each unit of cost is counted of, by programme: days, starts, place days."""
    programme, begin, end = view.once(enrolments)
    size, c = len(view.plan.programmes), view.changes
    found = _rows(view, PROGRAMME_JOINED)
    found = found[c["value"][found] == FOUND]
    places = [float(p.caseload) if p.limited else float("nan") for p in view.plan.programmes]
    return {
        "day": time(view, begin, end, programme, size)[0] / DAY,
        "start": events(view, c["t"][found], c["name"][found], size)[0],
        "place_day": np.array(places) * view.window / DAY,
    }


@measure(
    name="caseload_mean",
    definition="Mean number of people on a programme over the period.",
    unit="people",
    refusal=_refusal,
)
def caseload_mean(view: View) -> Iterator[Cell]:
    """Average caseloads over time."""
    programme, begin, end = view.once(enrolments)
    spent = time(view, begin, end, programme, len(view.plan.programmes)) / DAY
    table = spent / days(view)[:, None]
    for k, period in enumerate(view.once(periods).names):
        for p, name in enumerate(_names(view)):
            yield Cell(stratum(programme=name), period, float(table[k, p]))


@measure(
    name="caseload_end",
    definition="People on a programme at the end of the window.",
    unit="people",
    refusal=_refusal,
)
def caseload_end(view: View) -> Iterator[Cell]:
    """Count who is there at the end."""
    programme, begin, end = view.once(enrolments)
    there = (begin < view.window) & (end >= view.window)
    counts = np.bincount(programme[there], minlength=len(view.plan.programmes))
    yield from window_cells(counts.astype(np.float64), "programme", _names(view))


@measure(
    name="programme_joins",
    definition="People found by a programme a year; those on it at the start of the run are none.",
    unit="people per y",
    refusal=_refusal,
)
def programme_joins(view: View) -> Iterator[Cell]:
    """Count who joins."""
    joined = view.once(amounts)["start"] * per_year(view.plan)
    yield from window_cells(joined, "programme", _names(view))


@measure(
    name="programme_lost_finds",
    definition="Finds of a programme a year that led to nobody: the caseload was full, or nobody"
    " who might join was left.",
    unit="finds per y",
    refusal=_refusal,
    absent_is_zero=True,
)
def programme_lost_finds(view: View) -> Iterator[Cell]:
    """Count finds without a person."""
    yield from _by_reason(view, FIND_LOST, LOST)


@measure(
    name="programme_leavers",
    definition="People who leave a programme a year, by the reason why.",
    unit="people per y",
    refusal=_refusal,
    absent_is_zero=True,
)
def programme_leavers(view: View) -> Iterator[Cell]:
    """Count who leaves."""
    yield from _by_reason(view, PROGRAMME_LEFT, LEFT)


def _by_reason(view: View, what: int, reasons: tuple[str, ...]) -> Iterator[Cell]:
    c, names, year = view.changes, _names(view), per_year(view.plan)
    rows = _rows(view, what)
    pairs = c["name"][rows] * len(reasons) + c["value"][rows]
    counts = events(view, c["t"][rows], pairs, len(names) * len(reasons))[0] * year
    by_programme = counts.reshape(len(names), len(reasons))
    yield from window_cells(by_programme.sum(axis=1), "programme", names)
    for p, k in np.argwhere(by_programme).tolist():
        pair = stratum(programme=names[p], reason=reasons[k])
        yield Cell(pair, WINDOW, float(by_programme[p, k]))


MEASURES = (
    caseload_mean,
    caseload_end,
    programme_joins,
    programme_lost_finds,
    programme_leavers,
)
