"""Dials: documented values where the scenario has them, and what a moved one sets."""

from __future__ import annotations

import os
from typing import Any

import pytest

import carepath_sim as cp
from carepath_sim.experiment.configurations import POLICIES, BedBase, configurations
from carepath_sim.scenario import catalogue
from carepath_sim.web import dials as d
from carepath_sim.web import sharing
from tests.web.conftest import SMALL

FEW = ["buckinghamshire/to-be", "rutland/to-be", "torbay/by-address", SMALL]


@pytest.fixture(scope="module")
def bucks() -> dict[str, d.Dial]:
    return {dial.key: dial for dial in d.dials(cp.load("buckinghamshire/to-be"))}


def test_documented_value_range_and_source_are_those_of_the_file(bucks: dict[str, d.Dial]) -> None:
    beds = bucks["pools.community_beds.capacity"]
    assert (beds.value, beds.documented) == (125, (100, 140))
    assert beds.basis == "strategy, Appendix 1.4; quality poor"
    assert beds.standing == "Documented"
    assert beds.group == d.BEDS
    stay = bucks["services.community_hospital.stay[1].lognormal.mean"]
    assert (stay.value, stay.documented, stay.unit) == (28, (20, 34), "d")
    assert stay.title == "Community hospital bed, mean stay (all others)"


def test_bed_base_that_is_shared_stands_first(bucks: dict[str, d.Dial]) -> None:
    scenario = cp.load("buckinghamshire/to-be")
    assert next(iter(bucks)) == "pools.community_beds.capacity"
    assert d.main_pool(scenario) == "community_beds"
    assert d.streams(scenario, "community_beds") == ("step_up", "step_down")


def test_dial_that_is_not_moved_sets_nothing(bucks: dict[str, d.Dial]) -> None:
    assert all(dial.sets(dial.value) == () for dial in bucks.values())


def test_demand_moves_people_and_those_who_join_alike(bucks: dict[str, d.Dial]) -> None:
    sets = dict(bucks["demand"].sets(110))
    assert sets["population.size"] == 102_388
    assert sets["population.turning_65"] == "5500 per y"
    assert sets["start.care_home.count"] == 1_562


def test_demand_of_an_area_without_people_moves_every_referral() -> None:
    scenario = cp.load("torbay/by-address")
    demand = next(one for one in d.dials(scenario) if one.key == "demand")
    assert dict(demand.sets(50)) == {
        "arrivals.from_gps.rate": "3 per d",
        "arrivals.from_wards.rate": "1.75 per d",
    }


AREAS = catalogue.names() if os.environ.get("CAREPATH_NIGHTLY") == "1" else FEW


@pytest.mark.parametrize("name", AREAS)
def test_every_dial_can_be_moved_a_little(name: str) -> None:
    """What the page offers is accepted by the language, one dial at a time."""
    scenario = cp.load(name)
    for dial in d.dials(scenario):
        assert dial.low <= dial.value <= dial.high, dial
        assert dial.low < dial.high, dial
        if dial.group == d.OTHER:
            continue
        moved = min(dial.value + dial.step, dial.high)
        sets = dict(dial.sets(moved))
        assert sets or moved == dial.value
        assert cp.load(name, sets=sets).hash() != scenario.hash() or not sets


STREAMS = ("step_up", "step_down")


def test_page_has_every_way_to_share_that_the_bed_mix_has() -> None:
    scenario = cp.load("buckinghamshire/to-be")
    base = BedBase.of(scenario, "community_beds", STREAMS)
    known = [
        one.value
        for one in configurations(base, splits=["20"], reserves=["6", "0/6"])
        if one.value is not None
    ]
    shown = [
        sharing.Sharing(choice, streams, own).policy(125)
        for choice, own in (
            (sharing.FENCE, (20, 105)),
            (sharing.SHARE, (0, 0)),
            (sharing.KEEP_FREE, (6, 0)),
            (sharing.PART, (10, 53)),
            (sharing.FIRST_COME, (0, 0)),
        )
        for streams in ((STREAMS, STREAMS[::-1]) if choice in sharing.ONE_SIDED else (STREAMS,))
    ]
    # The one that is written is not tried by the mix.
    known.append({"priority": ["step_up", "step_down"]})
    assert {_kind(one) for one in shown} == set(POLICIES)
    for value in shown:
        cp.load("buckinghamshire/to-be", sets={"pools.community_beds.policy": value})
        assert value in [_without_none(one) for one in known], value


def _kind(value: Any) -> str:
    return value if isinstance(value, str) else str(next(iter(value)))


def _without_none(value: Any) -> Any:
    """Return a policy without parts of no bed."""
    if isinstance(value, str) or _kind(value) == "priority":
        return value
    return {kind: {name: n for name, n in parts.items() if n} for kind, parts in value.items()}
