"""Buckinghamshire by dates: four steps, the staff tables, and groups without an effect."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.spells import NEVER
from carepath_sim.plan import compile_plan
from carepath_sim.scenario.loader import load
from tests.areas.library import DAY, Run, bad_ranges, numbers, run, sources, written

if TYPE_CHECKING:
    from collections.abc import Mapping

PHASES, AS_IS, TO_BE = (f"buckinghamshire/{name}" for name in ("phases", "as-is", "to-be"))

SMALL: dict[str, object] = {
    "population.size": 3000,
    "population.turning_65": "160 per y",
    "start.care_home.count": 45,
    "start.home_care.count": 30,
    "clock.run_out": "2 wk",
}
"""One person in thirty, with the places of the whole county: nobody waits for a place."""

SPR, TEAM, LOCALITY, BEDS = (date(2015, 4, 1), date(2015, 7, 1), date(2015, 9, 1), date(2016, 4, 1))
"""Go-live dates of the implementation plan."""


@pytest.fixture(scope="module")
def one() -> Run:
    """The two years of the plan with few people."""
    return run(PHASES, SMALL)


def requested(one: Run, *names: str) -> np.ndarray:
    """Return the instants of all requests for services."""
    return one.column(one.rows(*names), "requested")


# ---------------------------------------------------------------- the text


def test_every_number_has_a_source_or_is_an_assumption_with_a_range() -> None:
    raw = written(PHASES)
    found = list(numbers(raw))
    assert len(found) > 100
    assert [where for where, known in found if not known] == []
    references = written(AS_IS)["references"]
    assert isinstance(references, dict)
    assert set(sources(raw)) <= set(references)
    assert list(bad_ranges(raw)) == []


def test_the_steps_are_those_of_the_implementation_plan() -> None:
    """April, July and September 2015, April 2016."""
    assert {change.from_ for change in load(PHASES).changes} == {SPR, TEAM, LOCALITY, BEDS}


def test_what_it_ends_in_is_the_way_of_to_be() -> None:
    """Routes of the last step are those of to-be.yaml, word for word."""
    last: dict[str, object] = {}
    changes = written(PHASES)["changes"]
    assert isinstance(changes, list)
    for change in changes:
        last |= change.get("set", {})
    after = written(TO_BE)["services"]
    assert isinstance(after, dict)
    whole = ("gp_or_999", "spr", "acute", "section_5_notice", "rapid_response", "gp_surgery")
    firsts = ("first_response_nurse", "first_response_therapist", "first_response_social_care")
    for name in (*whole, *firsts, "community_hospital"):
        assert last[f"services.{name}.next"] == after[name]["next"], name
    own, theirs = load(PHASES).services, load(TO_BE).services
    for name in ("spr", *firsts, "long_term_assessment", "locality_access"):
        assert own[name].stay == theirs[name].stay
        assert own[name].pool == theirs[name].pool


# ---------------------------------------------------------------- staff


def places(name: str, sets: Mapping[str, object] | None = None) -> dict[str, int]:
    """Return the places of all pools when the run begins."""
    plan = compile_plan(load(name, sets=sets or {}))
    return {p.name: int(plan.capacity_steps(k)[1][0]) for k, p in enumerate(plan.pools)}


def test_staff_in_post_give_the_places_of_as_is() -> None:
    """FTE x 2.64 people a worker, rounded, and all other sums, are what as-is.yaml has."""
    ours, before = places(PHASES), places(AS_IS)
    assert {name: ours[name] for name in before} == before


def test_the_budget_would_give_more() -> None:
    """49.3 workers instead of 38.3, 12 assessors less a fifth absent instead of 10."""
    budget = {f"pools.{name}.from_staff.use": "budget" for name in ("bucks_care",)}
    budget["pools.bucks_care_assessors.from_staff.use"] = "budget"
    found = places(PHASES, budget)
    assert found["bucks_care"] == round(49.3 * 2.64)
    assert found["bucks_care_assessors"] == round(12 * 0.8)


def test_the_team_has_the_staff_of_both_services_a_month_after_it_begins(one: Run) -> None:
    """120.87 workers, half of them in July 2015."""
    pool = next(k for k, p in enumerate(one.plan.pools) if p.name == "reablement")
    at, capacity = one.plan.capacity_steps(pool)
    assert capacity.tolist() == [0, 160, 319]
    assert at[1:].tolist() == [one.instant(TEAM), one.instant(date(2015, 8, 1))]
    assert sum((12.1, 9.71, 14.22, 15.07, 6.3, 8.8, 16.37, 38.3)) == pytest.approx(120.87)


# ---------------------------------------------------------------- each step on its day


@pytest.mark.parametrize(
    ("begins", "services", "ends"),
    [
        (SPR, ("spr",), ("transfer_of_care_team",)),
        (
            TEAM,
            ("first_response_nurse", "first_response_therapist", "reablement"),
            ("acht_reablement", "bucks_care", "complex_discharge_team", "crr_desk"),
        ),
        (LOCALITY, ("locality_access",), ("acht_access",)),
    ],
)
def test_new_services_begin_and_old_ones_end_on_the_day(
    one: Run, begins: date, services: tuple[str, ...], ends: tuple[str, ...]
) -> None:
    for name in services:
        first = requested(one, name)
        first = first[first != NEVER].min()
        assert one.instant(begins) <= first < one.instant(begins) + 28 * DAY, name
    for name in ends:
        assert requested(one, name).max() < one.instant(begins), name


def test_the_single_point_gives_out_the_beds_from_april_2016(one: Run) -> None:
    """No form on week days any more."""
    assert requested(one, "bed_referral").max() < one.instant(BEDS)
    late = one.column(one.started("community_hospital"), "started")
    assert (late > one.instant(BEDS)).sum() > 5


def test_nobody_stays_in_a_service_that_has_ended(one: Run) -> None:
    """Whoever was there on the day leaves; care goes on till then."""
    rows = one.started("acht_reablement", "bucks_care")
    left = one.column(rows, "left")
    assert (left != NEVER).all()
    assert left.max() < one.instant(LOCALITY) + 60 * DAY
    assert (left > one.instant(TEAM)).any()


def test_before_the_first_step_all_is_as_is() -> None:
    """Until April 2015 every spell is that of as-is.yaml in the same months."""
    short: dict[str, object] = {
        **SMALL,
        "clock.start": "2014-10-01",
        "clock.length": "90 d",
        "clock.warm_up": "30 d",
    }
    ours, before = (run(name, short) for name in (PHASES, AS_IS))
    end = ours.instant(date(2014, 12, 1))
    found = []
    for each in (ours, before):
        names = [s.name for s in each.plan.services]
        spells = each.record.spells
        rows = np.flatnonzero((spells["requested"] >= 0) & (spells["requested"] < end))
        found.append(
            sorted(
                (int(spells["person"][k]), int(spells["requested"][k]), names[spells["service"][k]])
                for k in rows
            )
        )
    assert len(found[0]) > 100
    assert found[0] == found[1]


# ---------------------------------------------------------------- case finding


def test_multi_agency_groups_find_people_and_change_nothing() -> None:
    """With the effect at none every spell is that of the scenario without the groups."""
    short = {**SMALL, "clock.length": "60 d", "clock.warm_up": "30 d"}
    found = [
        simulate(
            compile_plan(load(PHASES, sets=sets)), seed=1, replication=0, engine=DEFAULT_ENGINE
        )
        for sets in (short, {**short, "programmes.multi_agency_groups": None})
    ]
    for name, column in found[0].spells.items():
        assert (column == found[1].spells[name]).all(), name
    assert len(found[0].changes["what"]) > len(found[1].changes["what"])
