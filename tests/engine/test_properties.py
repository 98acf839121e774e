"""What must hold of every scenario, tried on random small ones, on a fine and a coarse grid.

CAREPATH_NIGHTLY=1 tries 2,000 of each kind (tests/tried.py). A failing example is printed as YAML:
it belongs into tests/regressions, with a name that says what was wrong.
"""

from __future__ import annotations

import io
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, note
from hypothesis import strategies as st
from invariants import broken
from random_scenarios import Raw, scenarios, typed, with_pools
from ruamel.yaml import YAML
from small import comes, run
from tried import tried

from carepath_sim.engine import How, Outcome, simulate
from carepath_sim.engine.checks import check
from carepath_sim.plan import compile_plan

if TYPE_CHECKING:
    from carepath_sim.engine import Record
    from carepath_sim.plan import Plan

GRIDS = pytest.mark.parametrize("coarse", [False, True], ids=["fine", "coarse"])


def told(raw: Raw) -> Plan:
    """Compile a scenario; where the test fails it is shown as a file."""
    text = io.StringIO()
    YAML().dump(raw, text)
    note(text.getvalue())
    return compile_plan(typed(raw))


def by_person(plan: Plan, record: Record) -> dict[tuple[str, int, int], list[tuple[Any, ...]]]:
    """Return everybody's attributes and rows, by who they are, with names for numbers."""
    s, p = record.spells, record.people
    services = [service.name for service in plan.services]
    names = {
        **dict.fromkeys(("service", "via", "waited_at", "entered_from", "left_to"), services),
        "pool": [pool.name for pool in plan.pools],
        "stream": list(plan.stream_names),
        "cause": list(plan.cause_names),
    }
    columns = []
    for name, column in s.items():
        if name in names:
            columns.append([names[name][k] if k >= 0 else None for k in column])
        elif name != "person":
            columns.append(column.tolist())
    who = {
        int(number): (plan.source_names[source], int(layer), int(index))
        for number, source, layer, index in zip(
            p["person"], p["source"], p["layer"], p["index"], strict=True
        )
    }
    found: dict[tuple[str, int, int], list[tuple[Any, ...]]] = defaultdict(list)
    for k, number in enumerate(p["person"].tolist()):
        own = [(name, int(p[name][k])) for name in p if name.startswith("attribute.")]
        found[who[number]].append(tuple(pair for pair in own if "unrelated" not in pair[0]))
    for person, *row in zip(s["person"].tolist(), *columns, strict=True):
        found[who[person]].append(tuple(row))
    return dict(found)


def same(one: Record, other: Record) -> bool:
    """Tell whether two records are equal bit for bit."""
    return all(
        np.array_equal(mine[name], theirs[name])
        for mine, theirs in (
            (one.spells, other.spells),
            (one.people, other.people),
            (one.episodes, other.episodes),
            (one.changes, other.changes),
            (one.audit, other.audit),
        )
        for name in mine
    )


@GRIDS
def test_every_record_keeps_the_rules(*, coarse: bool) -> None:
    """Conservation, Little's law, hours, booking, patience, order, no idle place, no circle."""

    @tried(50, scenarios(coarse=coarse))
    def holds(raw: Raw) -> None:
        plan = told(raw)
        record = simulate(plan, seed=1, replication=0)
        check(plan, record)
        assert broken(plan, record) == []

    holds()


def test_the_random_scenarios_reach_every_corner() -> None:
    """Every outcome and every way to a place occurs: else the tests above would test little."""
    outcomes: dict[int, int] = defaultdict(int)
    ways: dict[int, int] = defaultdict(int)
    shared_instants = [0, 0]

    @tried(150, scenarios(coarse=True))
    def count(raw: Raw) -> None:
        record = simulate(told(raw), seed=1, replication=0)
        for row in record.spells["outcome"]:
            outcomes[int(row)] += 1
        for row in record.spells["how"]:
            ways[int(row)] += 1
        # Crises come at instants of their own; whatever follows arrivals lies on the grid.
        requested = record.spells["requested"]
        shared_instants[0] += int((requested % 3_600_000 == 0).sum())
        shared_instants[1] += len(requested)

    count()
    assert set(outcomes) == set(Outcome)
    assert set(ways) == set(How)
    assert shared_instants[0] > shared_instants[1] / 3


@GRIDS
def test_a_seed_gives_the_same_record_bit_for_bit(*, coarse: bool) -> None:
    """Also from a plan that was compiled anew; another replication is another one."""

    @tried(20, scenarios(coarse=coarse))
    def holds(raw: Raw) -> None:
        plan = told(raw)
        first = simulate(plan, seed=5, replication=3)
        assert same(first, simulate(told(raw), seed=5, replication=3))
        if len(first.people["person"]) > 5:
            for other in ({"seed": 5, "replication": 4}, {"seed": 6, "replication": 3}):
                assert not same(first, simulate(plan, **other))

    holds()


@GRIDS
def test_something_unrelated_changes_nobodys_row(*, coarse: bool) -> None:
    """A source, a service, a pool, streams, a cause and an attribute more, all first by name."""
    more = {
        "attributes": {"a_unrelated": {"shares": {"x": 0.5, "y": 0.5}}},
        "arrivals": {"a_unrelated": {"rate": "3 per d", "at": "a_unrelated", "cause": "a_cause"}},
        "pools": {"a_unrelated": {"capacity": 2, "policy": {"ring_fenced": {"aa": 1, "zz": 1}}}},
        "services": {
            "a_unrelated": {
                "pool": "a_unrelated",
                "stream": [{"when": {"a_unrelated": "x"}, "value": "aa"}, "zz"],
                "stay": {"exponential": {"mean": "1 d"}},
                "max_wait": {"after": "1 d", "cause": "a_bored"},
                "next": "home",
            }
        },
    }

    @tried(20, scenarios(coarse=coarse))
    def holds(raw: Raw) -> None:
        assume(raw.get("start") != "steady")  # it counts the people of the new service, too
        larger = {**raw, **{key: {**part, **raw[key]} for key, part in more.items()}}
        plan, plan_more = told(raw), told(larger)
        before = by_person(plan, simulate(plan, seed=2, replication=1))
        after = by_person(plan_more, simulate(plan_more, seed=2, replication=1))
        for who, rows in before.items():
            assert after[who] == rows
        assert {who[0] for who in set(after) - set(before)} <= {"a_unrelated"}

    holds()


def test_fewer_arrivals_leave_the_others_as_they_were() -> None:
    """Without limits of capacity nobody who still comes notices who does not."""

    @tried(25, scenarios(), st.floats(0.1, 0.9))
    def holds(raw: Raw, share: float) -> None:
        # Who is found by a programme, and which of several pools is first free, hangs on others.
        assume("programmes" not in raw)
        assume(not any(isinstance(one.get("pool"), dict) for one in raw["services"].values()))
        many = with_pools(raw, overflow="unlimited")
        many["services"] = {  # whether there is room to wait hangs on others, too
            name: {key: value for key, value in service.items() if key != "waiting_room"}
            for name, service in raw["services"].items()
        }
        when = {"rate", "every", "first", "count", "rates", "cycle", "interpolate", "replay"}
        many["arrivals"] = {
            name: {"rate": "8 per d", **{k: v for k, v in source.items() if k not in when}}
            for name, source in raw["arrivals"].items()
        }
        few = dict(many)
        few["arrivals"] = {
            name: {**source, "rate": f"{8 * share} per d"}
            for name, source in many["arrivals"].items()
        }
        plan, plan_few = told(many), told(few)
        before = by_person(plan, simulate(plan, seed=2, replication=1))
        after = by_person(plan_few, simulate(plan_few, seed=2, replication=1))
        assert set(after) <= set(before)
        for who, rows in after.items():
            assert before[who] == rows

    holds()


@tried(
    30,
    st.integers(1, 4),
    st.sampled_from(
        [
            {"fixed": "9 h"},
            {"exponential": {"mean": "12 h"}},
            {"lognormal": {"mean": "14 h", "sd": "20 h"}},
        ]
    ),
    st.sampled_from([{"rate": "4 per d"}, {"every": "6 h"}, {"rate": "9 per d"}]),
    st.integers(0, 2**32 - 1),
)
def test_a_bed_more_makes_nobody_wait_longer(beds: int, law: Raw, demand: Raw, seed: int) -> None:
    """One class, first come first served: everybody starts as soon or sooner, path by path."""

    def starts(capacity: int) -> np.ndarray:
        seen = run(
            seed=seed,
            pools={"beds": {"capacity": capacity}},
            arrivals={"people": {**demand, "at": "ward"}},
            services={"ward": {"pool": "beds", "stay": law, "next": "home"}},
            clock={"start": "2015-06-01", "length": "12 d", "run_out": "0 d"},
        )
        started = seen.record.spells["started"]
        return np.where(started < 0, 2**62, started)

    assert (starts(beds + 1) <= starts(beds)).all()


def test_who_waits_for_a_place_is_seen_by_littles_law() -> None:
    """The time in the queue from the spells equals the integral that the pool kept (trap 2).

    Ann has the bed till hour 24. Bob waits 4 hours and gives up, Cat waits 3: the area is 7 h.
    """
    seen = run(
        pools={"beds": {"capacity": 1}},
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 2), "cat": comes("ward", 21)},
        services={"ward": {"pool": "beds", "stay": "1 d", "next": "home", "max_wait": "4 h"}},
    )
    rows = seen.rows()
    ends = [row.left if row.granted is None else row.granted for row in rows]
    waits = [end - row.requested for end, row in zip(ends, rows, strict=True)]
    assert waits == [0, 4, 3]
    assert int(seen.record.audit["waiting_time"][0]) == 7 * 3_600_000
