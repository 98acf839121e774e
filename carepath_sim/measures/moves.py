"""Moves from one service to the next: how many people a year go which way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, NOBODY, How, Outcome
from carepath_sim.measures.counting import within
from carepath_sim.measures.measure import Cell, measure
from carepath_sim.measures.periods import WINDOW, per_year
from carepath_sim.measures.services import services
from carepath_sim.measures.strata import stratum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures.arrays import Ints
    from carepath_sim.measures.view import View

# A wait in a waiting room is no step of the way: the start behind it tells where people came from.
NO_STEP = (How.START, How.ROOM)
GONE = (Outcome.DIED, Outcome.LEFT_MODEL)


def steps(view: View) -> tuple[Ints, Ints]:
    """Return from which service to which people went in the window, shape `(step,)` each.

    A step ends with the start of a service. It began at the step in place that referred the person
    there, else at the place that the person came from. Deaths and ways out, which start nothing,
    are steps from the last place.
    """
    spells = view.spells
    rows = np.flatnonzero((spells["started"] != NEVER) & ~np.isin(spells["how"], NO_STEP))
    rows = rows[within(view, spells["started"][rows])]
    via = spells["via"][rows]
    came = np.where(via != NOBODY, via, spells["entered_from"][rows])
    out = np.isin(spells["outcome"], GONE) & view.once(services).place[spells["service"]]
    last = np.flatnonzero(out & (spells["started"] != NEVER))
    last = last[within(view, spells["left"][last])]
    begun = np.concatenate((came, spells["service"][last]))
    ended = np.concatenate((spells["service"][rows], spells["left_to"][last]))
    known = (begun != NOBODY) & (ended != NOBODY)
    return begun[known], ended[known]


@measure(
    name="moves",
    definition=(
        "Steps from one service to the next a year: starts in the window, by the step in place that"
        " referred the person there, else by the place the person came from; deaths and ways out"
        " of the model by the last place. Waiting rooms are looked through."
    ),
    unit="people per y",
    absent_is_zero=True,
)
def moves(view: View) -> Iterator[Cell]:
    """Count steps by both ends."""
    begun, ended = steps(view)
    names, year = view.once(services).names, per_year(view.plan)
    pairs, counts = np.unique(begun * len(names) + ended, return_counts=True)
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        here, there = names[pair // len(names)], names[pair % len(names)]
        yield Cell(stratum(**{"from": here, "to": there}), WINDOW, count * year)


MEASURES = (moves,)
