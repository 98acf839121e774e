"""Where people are: stays at places, in the order of each person's way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, Outcome
from carepath_sim.measures.arrays import latest
from carepath_sim.measures.services import flag, services
from carepath_sim.measures.view import ended

if TYPE_CHECKING:
    from carepath_sim.measures.arrays import Bools, Ints
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan

# Look-ups reach at most this far beyond the run, in ms: a little more than a year.
_BEYOND = 2**35


def at_places(view: View) -> Ints:
    """Return the rows of stays at a place (started, not in place), by person and start."""
    service = view.spells["service"]
    return np.flatnonzero((view.spells["started"] != NEVER) & view.once(services).place[service])


def keyed(plan: Plan, person: Ints, t: Ints) -> Ints:
    """Return one integer by which (person, instant) can be sorted and searched."""
    return person * (plan.end - plan.begin + _BEYOND) + (t - plan.begin)


@dataclass(frozen=True)
class HospitalStays:
    """Consecutive stays in acute and community beds without a gap, shape `(stay,)` each.

    Attributes
    ----------
    first, last
        Rows of the first and of the last bed.
    began, ended
        Instants [ms]; of a stay that goes on, the end of the run.
    live
        Whether it ended and the person lived.
    """

    first: Ints
    last: Ints
    person: Ints
    began: Ints
    ended: Ints
    live: Bools


def goes_to(view: View, rows: Ints) -> Ints:
    """Return where people went from each row, a waiting room standing for what it leads to."""
    to, room_of = view.spells["left_to"][rows], view.once(services).room_of
    led = room_of[to]
    return np.where((to >= 0) & (led >= 0), led, to)


def _waits_between_beds(view: View, rows: Ints) -> Bools:
    """Tell which rows are waits in a room on the way from one hospital bed to another."""
    kinds = view.once(services)
    leads_to = kinds.room_of[view.spells["service"][rows]]
    found: Bools = flag(kinds.hospital, leads_to) & flag(
        kinds.hospital, view.spells["entered_from"][rows]
    )
    return found


def hospital_stays(view: View) -> HospitalStays:
    """Return the hospital stays of all people.

    Who waits in a waiting room between two beds has not left hospital.
    """
    spells, kinds = view.spells, view.once(services)
    rows = view.once(at_places)
    end = view.once(ended)[rows]
    bed = kinds.hospital[spells["service"][rows]] | _waits_between_beds(view, rows)
    goes_on = np.zeros(len(rows), dtype=np.bool_)
    goes_on[1:] = (
        bed[1:]
        & bed[:-1]
        & (spells["person"][rows[1:]] == spells["person"][rows[:-1]])
        & (spells["started"][rows[1:]] == end[:-1])
    )
    is_last = bed.copy()
    is_last[:-1] &= ~goes_on[1:]
    first, last = rows[bed & ~goes_on], rows[is_last]
    outcome = spells["outcome"][last]
    gone = (outcome == Outcome.DIED) | (outcome == Outcome.STILL_THERE)
    return HospitalStays(
        first=first,
        last=last,
        person=spells["person"][first],
        began=spells["started"][first],
        ended=end[is_last],
        live=~gone & ~flag(kinds.died, spells["left_to"][last]),
    )


def present_at(view: View, person: Ints, t: Ints) -> Ints:
    """Return the row of the place where people are at an instant [ms]; -1: nowhere any more.

    Presence is started <= t < left. People who have no row yet are nowhere, too: look only after
    something has happened to them.
    """
    rows = view.once(at_places)
    starts = keyed(view.plan, view.spells["person"][rows], view.spells["started"][rows])
    k = latest(starts, keyed(view.plan, person, t))
    there = k >= 0
    row = rows[k[there]]
    there[there] = (view.spells["person"][row] == person[there]) & (
        t[there] < view.once(ended)[row]
    )
    return np.where(there, np.append(rows, -1)[k], -1)
