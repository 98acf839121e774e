"""Who is where at each midnight, by service and by an attribute of the people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.engine.spells import NEVER, How
from carepath_sim.measures.conditions import attribute_at
from carepath_sim.measures.counting import at_midnights
from carepath_sim.measures.delays import pieces
from carepath_sim.measures.occupancy import in_use
from carepath_sim.measures.services import HOSPITAL_SETTINGS, SETTINGS, SPECIAL
from carepath_sim.measures.view import View, ended
from carepath_sim.measures.waits import asked
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.engine.spells import Record
    from carepath_sim.measures.arrays import Ints
    from carepath_sim.plan import Plan

KINDS: Final = ("present", "from_start", "waiting", "delayed", "came", "left")
"""What is counted: people who are there; of them those who have been there since the start; who
wait for a place there; who are ready to leave; and how many came and left during the day that ends
then."""
HOSPITAL: Final = "all hospital beds"
"""Name of acute and community beds together, where there is more than one such service."""


@dataclass(frozen=True)
class Strata:
    """By what is counted.

    Attributes
    ----------
    services
        Names, those of hospital beds together last.
    titles
        Words for tables.
    groups
        Values of the attribute, and "" for people of whom it is not known; none: everybody.
    """

    services: tuple[str, ...]
    titles: tuple[str, ...]
    groups: tuple[str, ...]


def strata_of(plan: Plan, by: str = "") -> Strata:
    """Return by what a plan's people are counted.

    Parameters
    ----------
    by
        An attribute; empty: everybody together.
    """
    chosen = [plan.services[k] for k in _places(plan)]
    names = [one.name for one in chosen]
    titles = [one.title or one.name for one in chosen]
    if len(_hospitals(plan)) > 1:
        names.append(HOSPITAL)
        titles.append(HOSPITAL)
    groups = (*plan.attributes[plan.attribute_index[by]].values, "") if by else ("",)
    return Strata(tuple(names), tuple(titles), groups)


def midnight_counts(plan: Plan, record: Record, by: Sequence[str] = ()) -> dict[str, Ints]:
    """Count people by midnight, service and group.

    Parameters
    ----------
    by
        Attributes of people; an empty name: everybody together.

    Returns
    -------
    dict
        By attribute a table of shape `(kind, days + 1, service, group)`, in the order of `KINDS`
        and `strata_of`; midnight 0 is the start of the window, and nobody came or left before it.
    """
    view = View(plan, record)
    return {name: _counted(view, name) for name in (by or ("",))}


def _counted(view: View, by: str) -> Ints:
    plan, spells = view.plan, view.spells
    place = np.full(len(plan.services), -1, dtype=np.int64)
    place[_places(plan)] = np.arange(len(_places(plan)))
    groups = len(plan.attributes[plan.attribute_index[by]].values) + 1 if by else 1
    codes = len(_places(plan)) * groups

    def code(rows: Ints, service: Ints, t: Ints) -> Ints:
        there = place[service]
        group = attribute_at(view, by, rows, t) if by else np.zeros(len(rows), dtype=np.int64)
        group = np.where(group < 0, groups - 1, group)
        return np.where(there < 0, -1, there * groups + group)

    rows, begin, end = view.once(in_use)
    of = code(rows, spells["service"][rows], begin)
    start = spells["how"][rows] == How.START
    requests = view.once(asked)
    needed, started = spells["needed"][requests], spells["started"][requests]
    until = np.where(started == NEVER, view.once(ended)[requests], started)
    late = view.once(pieces)
    tables = [
        at_midnights(view, begin, end, of, codes),
        at_midnights(view, begin[start], end[start], of[start], codes),
        at_midnights(
            view, needed, until, code(requests, spells["service"][requests], needed), codes
        ),
        at_midnights(view, late.begin, late.end, code(late.host, late.service, late.begin), codes),
        _by_day(view, begin[~start], of[~start], codes),
        _by_day(view, np.where(spells["left"][rows] == NEVER, -1, end), of, codes),
    ]
    table = np.stack(tables).reshape(len(KINDS), -1, codes // groups, groups)
    hospitals = place[_hospitals(plan)]
    if len(hospitals) > 1:
        table = np.concatenate((table, table[:, :, hospitals].sum(axis=2, keepdims=True)), axis=2)
    return table


def _by_day(view: View, t: Ints, code: Ints, codes: int) -> Ints:
    """Count events of the day that ends at each midnight, shape `(days + 1, code)`."""
    size = view.window // DAY + 1
    inside = (t >= 0) & (t < view.window) & (code >= 0)
    day = t[inside] // DAY + 1
    counts = np.bincount(day * codes + code[inside], minlength=size * codes)
    return counts.reshape(size, codes).astype(np.int64)


def _places(plan: Plan) -> Ints:
    """Return the services at which people can be."""
    found = [
        k
        for k, one in enumerate(plan.services)
        if one.name not in SPECIAL and not one.is_exit and not one.in_place
    ]
    return np.array(found, dtype=np.int64)


def _hospitals(plan: Plan) -> Ints:
    """Return those of them that are hospital beds."""
    beds = {SETTINGS[k] for k in HOSPITAL_SETTINGS}
    found = [k for k in _places(plan).tolist() if plan.services[k].setting in beds]
    return np.array(found, dtype=np.int64)
