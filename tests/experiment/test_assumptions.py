"""The log of assumptions: every number once, with what is said of it, and its risk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import carepath_sim as cp
from carepath_sim.experiment import assumptions as module
from carepath_sim.experiment.assumptions import EffectsError
from carepath_sim.experiment.batch import OptionError
from carepath_sim.scenario.ranged import ranged
from carepath_sim.scenario.stated import stated

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario

HERE = Path(__file__).parent / "scenarios"
BUNDLED = ("buckinghamshire/to-be", "greenwich/three-teams", "plymouth/to-be", "rutland/as-is")


@pytest.fixture(scope="module")
def wards() -> Scenario:
    return cp.load(HERE / "ranges.yaml")


def test_every_number_stands_there_once(wards: Scenario) -> None:
    found = {one.field: (one.text, one.span) for one in stated(wards)}
    assert found == {
        "arrivals.first.rate": ("0.5 per d", "0.3 per d to 0.7 per d"),
        "arrivals.second.rate": ("0.3 per d", ""),
        "pools.beds.capacity": ("6", "4 to 9"),
        "services.ward.stay.exponential.mean": ("8 d", "6 d to 10 d"),
        "services.ward.next.to.home": ("0.7", "0.5 to 0.9"),
        "services.ward.next.to.away": ("0.2", "0.1 to 0.4"),
        "services.ward.next.to.died": ("0.1", ""),
        "services.ward.cost.per_day": ("100 GBP", "80 GBP to 130 GBP"),
        "services.home_visit.stay": ("2 d", "1 d to 3 d"),
    }


@pytest.mark.parametrize("name", BUNDLED)
def test_every_number_with_a_range_is_listed_and_can_be_set(name: str) -> None:
    scenario = cp.load(name)
    fields = [one.field for one in stated(scenario)]
    assert len(fields) == len(set(fields))
    assert {one.name for one in ranged(scenario)[0]} <= set(fields)


def test_a_number_has_the_source_of_the_part_in_which_it_stands() -> None:
    found = cp.assumptions(cp.load(HERE / "before.yaml")).set_index("field")
    row = found.loc["services.acute.stay.lognormal.p90"]
    assert (row["value"], row["quality"], row["source"]) == ("14 d", "fair", "story Appendix 2")
    assert not row["assumed"]
    assert found.loc["pools.acute_beds.capacity", "quality"] == "not said"
    assert found.loc["pools.acute_beds.capacity", "assumed"]
    # Stories and dates are no numbers that a result rests on.
    assert not any(field.startswith(("stories", "clock", "references")) for field in found.index)
    # Those that nobody has a source for stand first.
    assert found["assumed"].is_monotonic_decreasing


def test_effects_of_a_tornado_give_the_risk(wards: Scenario, tmp_path: Path) -> None:
    cp.sensitivity(
        wards, measures=("costs",), replications=4, workers=1, out=tmp_path / "tornado",
        parameters=("services.*",),
    )  # fmt: skip
    found = cp.assumptions(wards, effects=tmp_path / "tornado")
    row = found.iloc[0]
    assert row["field"] in {"services.ward.cost.per_day", "services.ward.stay.exponential.mean"}
    assert (row["on"], row["impact"], row["risk"]) == ("costs", "high", "high")
    assert found["effect"].sum() <= 1 + 1e-12
    by_field = found.set_index("field")
    # It changes nothing in the ward; the capacity was not varied.
    assert by_field.loc["services.home_visit.stay", "impact"] == "low"
    assert by_field.loc["pools.beds.capacity", "impact"] == "not known"


def test_effects_of_draws_give_the_risk(wards: Scenario, tmp_path: Path) -> None:
    cp.uncertainty(
        wards, draws=48, replications=2, measures=("costs",), workers=1, out=tmp_path / "draws",
        parameters=("services.ward.cost.per_day", "services.home_visit.stay"),
    )  # fmt: skip
    found = cp.assumptions(wards, effects=tmp_path / "draws").set_index("field")
    assert found.index[0] == "services.ward.cost.per_day"
    assert found.iloc[0]["impact"] == "high"
    assert found.iloc[0]["on"] == "costs"


def test_effects_of_another_scenario_are_refused(wards: Scenario, tmp_path: Path) -> None:
    cp.run(wards, replications=1, workers=1, out=tmp_path / "run")
    with pytest.raises(EffectsError, match="holds a run"):
        cp.assumptions(wards, effects=tmp_path / "run")
    with pytest.raises(EffectsError, match="holds no results"):
        cp.assumptions(wards, effects=tmp_path)
    given = {"draws": 2, "replications": 1, "workers": 1, "out": tmp_path / "draws"}
    cp.uncertainty(wards, **given)
    with pytest.raises(EffectsError, match="differs"):
        cp.assumptions(wards.set("pools.beds.capacity", 5), effects=tmp_path / "draws")


def test_names_choose_numbers_and_unknown_ones_are_refused(wards: Scenario) -> None:
    assert cp.assumptions(wards, parameters=("pools.*",))["field"].tolist() == [
        "pools.beds.capacity"
    ]
    with pytest.raises(OptionError, match=r"polls\.\*"):
        cp.assumptions(wards, parameters=("polls.*",))


@pytest.mark.parametrize(
    ("share", "quality", "risk"),
    [
        (0.5, "assumption", "high"),
        (0.5, "fair", "medium"),
        (0.5, "good", "low"),
        (0.05, "poor", "medium"),
        (0.05, "fair", "low"),
        (0.001, "", "low"),
    ],
)
def test_risk_is_weakness_that_matters(share: float, quality: str, risk: str) -> None:
    assert module._risk(module._impact(share), module.SOUND.get(quality, 3)) == risk
