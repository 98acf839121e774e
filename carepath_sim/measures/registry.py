"""All measures by name, and their evaluation on one replication."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from carepath_sim.errors import CarepathError
from carepath_sim.measures import (
    admissions,
    avoided,
    bed_days,
    costs,
    delayed_transfers,
    flows,
    grants,
    journeys,
    moves,
    occupancy,
    outcomes,
    payments,
    programmes,
    rates,
    readmissions,
    standards,
    stays,
    surges,
    visits,
    waits,
    weekdays,
    work,
)
from carepath_sim.measures.view import View

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carepath_sim.engine.spells import Record
    from carepath_sim.measures.measure import Measure, Row
    from carepath_sim.plan import Plan

_MODULES = (
    admissions,
    readmissions,
    delayed_transfers,
    bed_days,
    occupancy,
    surges,
    grants,
    waits,
    standards,
    stays,
    outcomes,
    rates,
    costs,
    payments,
    programmes,
    visits,
    work,
    flows,
    moves,
    weekdays,
    journeys,
    avoided,
)


@dataclass(frozen=True)
class Note:
    """What a reader should know of a measure of one plan.

    Attributes
    ----------
    refused
        True when the measure has no rows at all; the text says why.
    """

    measure: str
    text: str
    refused: bool


def all_measures() -> dict[str, Measure]:
    """Return every measure by name, in the order in which tables list them."""
    return {found.name: found for module in _MODULES for found in module.MEASURES}


def evaluate(
    plan: Plan, record: Record, names: Iterable[str | Measure] | None = None
) -> tuple[Row, ...]:
    """Return the rows of measures for one replication.

    Parameters
    ----------
    names
        Names of measures, or measures of one's own; none: all.

    Raises
    ------
    CarepathError
        When there is no measure of a name.
    """
    view = View(plan, record)
    return tuple(row for found in _chosen(names) for row in found.rows(view))


def notes(plan: Plan, names: Iterable[str | Measure] | None = None) -> tuple[Note, ...]:
    """Return why measures have no value for a plan, and what else a reader should know of them."""
    found = []
    for one in _chosen(names):
        if refusal := one.refusal(plan):
            found.append(Note(one.name, refusal, refused=True))
        elif remark := one.remark(plan):
            found.append(Note(one.name, remark, refused=False))
    return tuple(found)


def _chosen(names: Iterable[str | Measure] | None) -> list[Measure]:
    known = all_measures()
    if names is None:
        return [one for one in known.values() if one not in avoided.MEASURES]
    chosen = []
    for name in names:
        if isinstance(name, str) and name not in known:
            raise CarepathError(_unknown(name, known))
        chosen.append(known[name] if isinstance(name, str) else name)
    return chosen


def _unknown(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"there is no measure {name!r}{hint}"
