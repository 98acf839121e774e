"""Dials: documented values where the scenario has them, and what a moved one sets."""

from __future__ import annotations

import os

import pytest

import carepath_sim as cp
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
    assert beds.basis == "strategy, Appendix 1.4 (poor)"
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


@pytest.mark.parametrize("choice", sharing.POLICIES[1:])
def test_every_way_to_share_makes_a_scenario(choice: str) -> None:
    value = sharing.policy(choice, ("step_up", "step_down"), 20, 125)
    cp.load("buckinghamshire/to-be", sets={"pools.community_beds.policy": value})
    assert sharing.label(choice, ("step_up", "step_down"), 20)
