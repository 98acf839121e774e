"""Outcomes for people: at home 91 days later, permanent care home admissions, independence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import How, Outcome
from carepath_sim.measures.admissions import scaled
from carepath_sim.measures.arrays import ratio
from carepath_sim.measures.counting import cells, events, window_cells, within
from carepath_sim.measures.episodes import is_followed, is_older
from carepath_sim.measures.follow_up import followed_for, left_out, needs
from carepath_sim.measures.measure import Cell, measure
from carepath_sim.measures.periods import WINDOW
from carepath_sim.measures.places import at_places, goes_to, hospital_stays, present_at
from carepath_sim.measures.services import CARE_HOME, OWN_HOME, flag, services
from carepath_sim.measures.strata import stratum
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures.arrays import Bools, Ints
    from carepath_sim.measures.view import View

FOLLOWED = 91
"""Days after discharge at which people are looked for at home [d]."""


@measure(
    name="still_at_home_91_days",
    definition="People aged 65+ discharged from a hospital stay straight into a service with role"
    " reablement in the window, who 91 x 24 h after the discharge are alive and in their own home.",
    unit="share",
    denominator="such discharges",
    version="ASCOF 2B(1), 2014/15, whole year instead of October to December",
    refusal=followed_for(FOLLOWED),
    remark=left_out,
)
def still_at_home_91_days(view: View) -> Iterator[Cell]:
    """Look for people at day 91."""
    kinds, stays, spells = view.once(services), view.once(hospital_stays), view.spells
    into = flag(kinds.reablement & kinds.place, goes_to(view, stays.last))
    index = stays.live & into & within(view, stays.ended)
    index[index] = is_followed(view, stays.person[index]) & is_older(view, stays.person[index])
    t, service = stays.ended[index], goes_to(view, stays.last[index])
    row = present_at(view, stays.person[index], t + FOLLOWED * DAY)
    at_home = (row >= 0) & (kinds.setting[spells["service"][row]] == OWN_HOME)
    zero = np.zeros_like(t)
    under, over = events(view, t, zero, 1), events(view, t[at_home], zero[at_home], 1)
    yield from cells(view, ratio(over, under), "", ("all",), weight=under)
    under, over = (
        events(view, x, s, len(kinds)) for x, s in ((t, service), (t[at_home], service[at_home]))
    )
    shown = np.flatnonzero(kinds.reablement & kinds.place)
    names = [kinds.names[k] for k in shown.tolist()]
    yield from window_cells(ratio(over, under)[0, shown], "service", names, under[0, shown])


def permanent_admissions(view: View) -> Ints:
    """Return the rows of first moves to a permanent service, in the window and outside it."""
    spells, kinds, rows = view.spells, view.once(services), view.once(at_places)
    moves = rows[kinds.permanent[spells["service"][rows]]]
    first = np.ones(len(moves), dtype=np.bool_)
    first[1:] = spells["person"][moves[1:]] != spells["person"][moves[:-1]]
    moves = moves[first]
    chosen: Ints = moves[spells["how"][moves] != How.START]
    return chosen


@measure(
    name="care_home_admissions",
    definition="Permanent care home admissions: first move of a person to a permanent service. Who"
    " lived"
    " in one at the start, or moved before the window, is not counted again.",
    unit="admissions",
)
def care_home_admissions(view: View) -> Iterator[Cell]:
    """Count permanent admissions."""
    kinds, spells, rows = view.once(services), view.spells, view.once(permanent_admissions)
    t = spells["started"][rows]
    yield from cells(view, events(view, t, np.zeros_like(t), 1), "", ("all",))
    table = events(view, t, spells["service"][rows], len(kinds))
    shown = np.flatnonzero(kinds.permanent & kinds.place)
    yield from window_cells(table[0, shown], "service", [kinds.names[k] for k in shown.tolist()])


@measure(
    name="care_home_admissions_per_100k_over_65",
    definition="Permanent care home admissions of people aged 65+ a year: first move of a person"
    " to a"
    " permanent service. Months are not scaled to a year.",
    unit="admissions per 100,000 people aged 65+",
    denominator="denominators.over_65, else the size of the population",
    version="ASCOF 2A(2), 2014/15, all funding",
    refusal=needs("over_65"),
)
def care_home_admissions_per_100k_over_65(view: View) -> Iterator[Cell]:
    """Relate permanent admissions to older people."""
    rows = view.once(permanent_admissions)
    rows = rows[is_older(view, view.spells["person"][rows])]
    t = view.spells["started"][rows]
    table = events(view, t, np.zeros_like(t), 1)
    yield from cells(view, scaled(view, table, "over_65"), "", ("all",))


@measure(
    name="no_further_service",
    definition="People whose reablement was completed in the window and who went on to no service:"
    " home, or"
    " out of care by an exit. Moves from one reablement service to another are no end; stays cut"
    " short by a"
    " crisis or by death were not completed.",
    unit="share",
    denominator="completed stays at services with role reablement",
)
def no_further_service(view: View) -> Iterator[Cell]:
    """Count those who need nothing more."""
    spells, kinds, rows = view.spells, view.once(services), view.once(at_places)
    rows = rows[(kinds.reablement & kinds.place)[spells["service"][rows]]]
    to = goes_to(view, rows)
    completed = np.isin(spells["outcome"][rows], (Outcome.MOVED, Outcome.LEFT_MODEL))
    completed &= within(view, spells["left"][rows])
    completed &= ~flag((kinds.reablement & kinds.place) | kinds.died, to)
    rows, to = rows[completed], to[completed]
    independent = flag(kinds.home | kinds.ends, to)
    yield _share_cell(stratum(), independent)
    service = spells["service"][rows]
    for k in np.flatnonzero(kinds.reablement & kinds.place).tolist():
        yield _share_cell(stratum(service=kinds.names[k]), independent[service == k])


@measure(
    name="discharged_to_same_address",
    definition="People aged 65+ whose hospital stay ended alive in the window and who went to"
    " where they"
    " lived before it: their own home, or the same care home.",
    unit="share",
    denominator="live ends of hospital stays with a known address before and a place afterwards",
)
def discharged_to_same_address(view: View) -> Iterator[Cell]:
    """Compare addresses before and after a hospital stay."""
    kinds, stays = view.once(services), view.once(hospital_stays)
    index = stays.live & within(view, stays.ended) & flag(kinds.place, goes_to(view, stays.last))
    index[index] = is_older(view, stays.person[index])
    before = _address_before(view)[np.searchsorted(view.once(at_places), stays.first[index])]
    to = goes_to(view, stays.last[index])
    known = before >= 0
    after = np.where(kinds.setting[to] == OWN_HOME, OWN_HOME, len(kinds) + to)
    same = known & (before == after)
    t = stays.ended[index]
    zero = np.zeros_like(t)
    under = events(view, t[known], zero[known], 1)
    over = events(view, t[same], zero[same], 1)
    yield from cells(view, ratio(over, under), "", ("all",), weight=under)


def _address_before(view: View) -> Ints:
    """Return the address of people before each of their stays at places; -1: not known.

    Own homes are one address, each care home is one of its own. Members of the population live at
    home until their first row.
    """
    spells, kinds, rows = view.spells, view.once(services), view.once(at_places)
    service, person = spells["service"][rows], spells["person"][rows]
    setting = kinds.setting[service]
    own = np.where(setting == OWN_HOME, OWN_HOME, len(kinds) + service)
    lived = np.isin(setting, (OWN_HOME, CARE_HOME))
    # Of each row the latest row before it at which somebody lived.
    last = np.maximum.accumulate(np.where(lived, np.arange(len(rows)), -1))
    last = np.append(-1, last[:-1])[: len(rows)]
    mine = last >= 0
    mine[mine] = person[last[mine]] == person[mine]
    return np.where(mine, own[last], np.where(_of_population(view, person), OWN_HOME, -1))


def _of_population(view: View, person: Ints) -> Bools:
    people = view.people
    order = np.argsort(people["person"], kind="stable")
    found: Bools = people["source"][order[np.searchsorted(people["person"][order], person)]] == 0
    return found


def _share_cell(name: str, holds: Bools) -> Cell:
    count = len(holds)
    return Cell(name, WINDOW, float(holds.mean()) if count else float("nan"), float(count))


MEASURES = (
    still_at_home_91_days,
    care_home_admissions,
    care_home_admissions_per_100k_over_65,
    no_further_service,
    discharged_to_same_address,
)
