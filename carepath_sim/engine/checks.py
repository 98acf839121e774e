"""Checks of every record: conservation, capacity, one place at a time, time that runs forward.

The engine keeps account of its pools beside the spells (integrals and counters, whole numbers);
these checks reckon the same from the spells alone and compare the two, so that they can fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.checks_surge import surges_add_up
from carepath_sim.engine.errors import CheckFailedError
from carepath_sim.engine.programme_checks import programmes_add_up
from carepath_sim.engine.room_checks import alongside_stays_within, rooms_hold_their_people
from carepath_sim.engine.spells import NEVER, How, Outcome, Record
from carepath_sim.plan.tapers import spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepath_sim.engine.spells import Columns
    from carepath_sim.plan import Plan

    Ints = NDArray[np.int64]


def check(plan: Plan, record: Record) -> None:
    """Check a record.

    Raises
    ------
    CheckFailedError
        With every contradiction that was found.
    """
    found = [
        *time_runs_forward(record),
        *one_place_at_a_time(plan, record),
        *places_add_up(plan, record),
        *waits_add_up(plan, record),
        *surges_agree(plan, record),
        *nothing_after_the_end(record),
        *rooms_hold_their_people(plan, record),
        *alongside_stays_within(plan, record),
        *everybody_came(plan, record),
        *programmes_add_up(plan, record),
    ]
    if found:
        message = f"replication {record.replication} contradicts itself: " + "; ".join(found)
        raise CheckFailedError(message)


def time_runs_forward(record: Record) -> list[str]:
    """No instant of a spell lies before the one that must come first."""
    s = record.spells
    found = []
    pairs = [("requested", "granted"), ("granted", "started"), ("started", "ready")]
    pairs += [("started", "left"), ("ready", "left"), ("ready", "over"), ("requested", "left")]
    for first, then in pairs:
        both = (s[first] != NEVER) & (s[then] != NEVER)
        if bool((s[first] > s[then])[both].any()):
            found.append(
                f"{int((s[first] > s[then])[both].sum())} spells with {then} before {first}"
            )
    return found


def one_place_at_a_time(plan: Plan, record: Record) -> list[str]:
    """A person is in exactly one present place: each stay begins where the last one ended."""
    s = record.spells
    in_place = np.array([service.in_place for service in plan.services])
    rows = (s["started"] != NEVER) & ~in_place[s["service"]]
    person, started, left = (s[name][rows] for name in ("person", "started", "left"))
    order = np.lexsort((s["visit"][rows], started, person))
    person, started, left = person[order], started[order], left[order]
    same = person[1:] == person[:-1]
    broken = same & (left[:-1] != started[1:])
    return [f"{int(broken.sum())} people in two places or in none"] if broken.any() else []


def places_add_up(plan: Plan, record: Record) -> list[str]:
    """Units held by the spells equal those in the pools; none is granted above capacity."""
    found = []
    for pool, (info, (units, begin, end)) in enumerate(
        zip(plan.pools, held_by_pool(plan, record), strict=True)
    ):
        units_time = int((units * (end - begin)).sum())
        kept = int(record.audit["units_time"][pool])
        if units_time != kept:
            found.append(f"pool {info.name}: {units_time} unit-ms in the spells, {kept} in use")
        if record.audit["breaches"][pool] and not info.overflow:
            found.append(
                f"pool {info.name}: {record.audit['breaches'][pool]} places granted above capacity"
            )
    return found


def held_by_pool(plan: Plan, record: Record) -> list[tuple[Ints, Ints, Ints]]:
    """Return what the spells hold of each pool: units, and the times [ms] they hold them for."""
    s = record.spells
    held = (s["pool"] >= 0) & (s["granted"] != NEVER)
    in_place = np.array([service.in_place for service in plan.services])[s["service"]]
    from_start = (s["how"] == How.WITHIN_POOL) | (s["how"] == How.BACK)
    begin = np.where(from_start, s["started"], s["granted"])
    held &= begin != NEVER
    begin = np.maximum(begin, plan.begin)  # what was before the run is in nobody's account
    left = np.where(s["left"] == NEVER, plan.end, s["left"])
    finish = np.where(s["kept_until"] != NEVER, s["kept_until"], left)
    finish = np.where(in_place & (s["ready"] != NEVER), s["ready"], finish)
    mine = [np.flatnonzero(held & (s["pool"] == pool)) for pool in range(len(plan.pools))]
    return [in_steps(plan, s, rows, begin[rows], finish[rows]) for rows in mine]


def in_steps(
    plan: Plan, s: Columns, rows: Ints, begin: Ints, finish: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return units and times of rows, cut where their visits fall by a step."""
    if "taper" not in s:
        return s["units"][rows], begin, finish
    taper, since, ready = (s[name][rows] for name in ("taper", "taper_from", "ready"))
    found = spans(plan.tapers, taper, since, ready, begin, finish)
    by_step = np.append(plan.tapers.units, -1)[found.step]
    return (
        np.where(by_step >= 0, by_step, s["units"][rows][found.row]),
        found.begin,
        found.end,
    )


def surges_agree(plan: Plan, record: Record) -> list[str]:
    """Surge places open and close as the spells say."""
    if not plan.surges.any:
        return []
    held = [[(begin, units), (end, -units)] for units, begin, end in held_by_pool(plan, record)]
    return surges_add_up(plan, record, held)


def waits_add_up(plan: Plan, record: Record) -> list[str]:
    """People who joined a line were granted, left, or wait still; waiting time agrees (Little)."""
    s, found = record.spells, []
    lined = np.isin(s["how"], (How.WAITED, How.CIRCLE))
    still = (s["granted"] == NEVER) & (s["left"] == NEVER)
    end = np.where(s["granted"] != NEVER, s["granted"], np.where(still, plan.end, s["left"]))
    for pool, info in enumerate(plan.pools):
        services = [k for k, service in enumerate(plan.services) if pool in service.pools]
        rows = lined & np.isin(s["service"], services)
        expected = {
            "joined": int(rows.sum()),
            "waiting": int((rows & still).sum()),
            "waiting_time": int((end - np.maximum(s["requested"], plan.begin))[rows].sum()),
            "granted": int((rows & (s["pool"] == pool)).sum()),
        }
        for name, value in expected.items():
            got = int(record.audit[name][pool])
            if got != value:
                found.append(
                    f"pool {info.name}: {name} is {value} in the spells, {got} in its lines"
                )
    return found


def everybody_came(plan: Plan, record: Record) -> list[str]:
    """Everybody of a list, of a census, and of a group at the start is there once."""
    sources = record.people["source"]
    expected: dict[int, int] = {}
    for start in plan.starts:
        if start.source:
            expected[start.source] = start.count
    if len(plan.census):
        expected[plan.census.source] = len(plan.census)
    for k, info in enumerate(plan.sources):
        if info.instants:
            expected[k] = sum(plan.begin <= t < plan.end for t in info.instants)
    found = []
    for k, wanted in expected.items():
        index = record.people["index"][sources == k]
        if len(index) != wanted or len(set(index.tolist())) != wanted:
            found.append(f"{plan.sources[k].name}: {len(index)} people, not {wanted}")
    return found


def nothing_after_the_end(record: Record) -> list[str]:
    """Nobody who died or left has a spell afterwards, or one that is still open."""
    s, p = record.spells, record.people
    ended = np.full(len(p["person"]), NEVER, dtype=np.int64)
    ended[p["person"]] = p["ended"]
    out = ended[s["person"]] != NEVER
    late = out & ((s["requested"] > ended[s["person"]]) | (s["left"] == NEVER))
    died = (s["outcome"] == Outcome.STILL_THERE) & out
    count = int((late | died).sum())
    return [f"{count} spells of people who had died or left"] if count else []
