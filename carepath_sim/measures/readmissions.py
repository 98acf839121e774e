"""Readmissions: emergency admissions soon after the live end of a hospital stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.measures.admissions import emergencies, step_ups
from carepath_sim.measures.arrays import earliest, ratio
from carepath_sim.measures.counting import cells, events, within
from carepath_sim.measures.episodes import is_followed
from carepath_sim.measures.follow_up import followed_for, left_out
from carepath_sim.measures.measure import Measure, measure
from carepath_sim.measures.places import hospital_stays, keyed
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.measures.arrays import Bools, Ints
    from carepath_sim.measures.measure import Cell
    from carepath_sim.measures.view import View


def live_ends(view: View) -> tuple[Ints, Ints]:
    """Return persons and instants [ms] of live ends of hospital stays in the window."""
    stays = view.once(hospital_stays)
    index = stays.live & within(view, stays.ended)
    index[index] = is_followed(view, stays.person[index])
    return stays.person[index], stays.ended[index]


def followed_by(view: View, person: Ints, t: Ints, rows: Ints, days: int) -> Bools:
    """Tell whether a start among `rows` follows each instant less than `days` x 24 h later."""
    starts = keyed(view.plan, view.spells["person"][rows], view.spells["started"][rows])
    wanted = keyed(view.plan, person, t)
    k = earliest(starts, wanted)
    found = k >= 0
    found[found] = starts[k[found]] - wanted[found] < days * DAY
    return found


def _share(days: int, name: str, what: str, rows_of: Callable[[View], Ints]) -> Measure:
    @measure(
        name=name,
        definition=f"Live ends of hospital stays followed within {days} x 24 h by {what}; at most"
        " one"
        " for each end. Ends in the window, followed through the run-out; crude, not standardised.",
        unit="share",
        denominator="live ends of hospital stays (consecutive acute and community beds)",
        refusal=followed_for(days),
        remark=left_out,
    )
    def share(view: View) -> Iterator[Cell]:
        person, t = view.once(live_ends)
        again = followed_by(view, person, t, view.once(rows_of), days)
        zero = np.zeros_like(t)
        index = events(view, t, zero, 1)
        found = events(view, t[again], zero[again], 1)
        yield from cells(view, ratio(found, index), "", ("all",), weight=index)

    return share


MEASURES = (
    _share(28, "readmissions_28_days", "an emergency admission", emergencies),
    _share(30, "readmissions_30_days", "an emergency admission", emergencies),
    _share(28, "step_up_returns_28_days", "a step-up admission", step_ups),
)
