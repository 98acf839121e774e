"""A pool for each locality: one meaning of a number of places, and the figures of all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import carepath_sim as cp
from carepath_sim.experiment.each import each_capacity
from carepath_sim.experiment.lever import Lever
from carepath_sim.experiment.wanted import Wanted, figure
from carepath_sim.plan import traffic

if TYPE_CHECKING:
    from carepath_sim.experiment.results import RunResult

QUICK: dict[str, Any] = {"workers": 1, "engine": "simpy", "replications": 2}


@pytest.fixture(scope="module")
def wards() -> cp.Scenario:
    return cp.load(Path(__file__).parent / "scenarios" / "two-wards.yaml")


@pytest.fixture(scope="module")
def found(wards: cp.Scenario) -> RunResult:
    return cp.run(wards, **QUICK)


def test_a_figure_of_the_pool_is_that_of_all_of_them(found: RunResult) -> None:
    north, south = (
        Wanted.parse(f"p_wait[service:ward[{one}]]").sums(found) for one in ("north", "south")
    )
    assert north[1] is not None
    assert south[1] is not None
    waited = north[0] * north[1] + south[0] * south[1]
    assert figure(found, "p_wait[beds]") == pytest.approx(waited / (north[1] + south[1]))
    # Five beds and six: shares of the time weigh as the beds do.
    parts = [figure(found, f"occupancy_share[beds[{one}]]") for one in ("north", "south")]
    both = (5 * parts[0] + 6 * parts[1]) / 11
    assert figure(found, "occupancy_share[beds]") == pytest.approx(both)
    with pytest.raises(cp.CarepathError, match=r"does not follow from its parts"):
        figure(found, "wait_p90[beds]")


def test_a_capacity_by_hand_is_that_of_each_and_that_is_said(wards: cp.Scenario) -> None:
    curve = cp.capacity_curve(wards, pool="beds", capacities=[5, 7], **QUICK)
    assert "beds: one for each locality (north, south)" in curve.said()
    assert "5 means 10 beds in all" in curve.said()
    assert {"occupancy_share", "p_wait"} <= set(curve["measure"])
    assert each_capacity(wards, "pools.beds[north].capacity") == ""
    assert each_capacity(wards, "services.ward.stay") == ""


def test_one_of_them_is_a_lever_of_its_own(wards: cp.Scenario) -> None:
    lever = Lever.of(wards, "pools.beds[south].capacity")
    assert (lever.base, lever.whole, lever.each) == (6, True, "")
    ((path, value),) = lever.settings(9).items()
    set_to = wards.set(path, value)
    spec = dict(set_to.pools["beds"].capacity.by_value)
    assert [spec[one][0].places.value for one in ("north", "south")] == [5, 9]


@pytest.mark.parametrize(
    ("count", "words"),
    [(4, ""), (6, "6 start here, of 5 and 6 places (a count stands for each of ward[north]")],
)
def test_starts_above_the_places_are_warned_of(wards: cp.Scenario, count: int, words: str) -> None:
    told = dict(traffic.warnings(wards.set("start.ward.count", count)))
    assert told.get(("start", "ward", "count"), "").startswith(words)
    assert bool(words) == (("start", "ward", "count") in told)
