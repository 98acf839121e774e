"""Levers: what is varied, and what a value sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.evaluate import point_of
from carepath_sim.experiment.lever import Lever
from carepath_sim.experiment.scaling import fields_scaled
from carepath_sim.units import DAY, HOUR

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario


def set_to(scenario: Scenario, path: str, value: float) -> Scenario:
    """Return the scenario with a lever at a value, checked as a whole."""
    return point_of(scenario, Lever.of(scenario, path).settings(value))


def test_capacity_is_a_whole_number_with_its_own_range(ward: Scenario) -> None:
    lever = Lever.of(ward, "pools.beds.capacity")
    assert (lever.base, lever.whole, lever.words(7)) == (6, True, "7 beds")
    assert lever.line() == (3, 4, 5, 6, 7, 8, 9)
    assert lever.line(4, "10 beds", 3) == (4, 7, 10)
    capacity = set_to(ward, "pools.beds.capacity", 7).pools["beds"].capacity
    assert [step.places.value for step in capacity.dated if step.places] == [7]


def test_numbers_keep_their_unit(before: Scenario, ward: Scenario) -> None:
    lever = Lever.of(before, "services.reablement.stay")
    assert (lever.base, lever.unit, lever.settings(21.5)) == (
        28,
        "d",
        {"services.reablement.stay": "21.5 d"},
    )
    assert lever.line("14 d", "28 d", 7) == (14, 21, 28)
    changed = set_to(ward, "services.ward.stay.exponential.mean", 1.5)
    assert dict(changed.services["ward"].stay[0].value.parameters) == {"mean": 1.5 * DAY}
    hazard = set_to(before, "population.hazards.fall.rate", 2.4)
    assert hazard.population is not None
    assert hazard.population.hazards["fall"].rate.value == pytest.approx(2.4 / 365.25)


def test_factors_stretch_all_of_a_distribution(before: Scenario) -> None:
    """Means, deviations and quantiles alike; what is no length stays."""
    changed = set_to(before, "services.community_hospital.stay*", 1.1)
    assert dict(changed.services["community_hospital"].stay[0].value.parameters) == pytest.approx(
        {"mean": 22 * DAY, "sd": 11 * DAY}
    )
    assert fields_scaled({"gamma": {"shape": 2, "mean": "10 d"}, "source": "x"}, 0.5, "stay") == {
        "gamma": {"shape": 2, "mean": "5 d"},
        "source": "x",
    }
    assert fields_scaled({"exponential": {"rate": "2 per h"}}, 2.0, "stay") == {
        "exponential": {"rate": "1 per h"}
    }
    assert fields_scaled({"value": 10, "unit": "d", "range": [5, 15]}, 3, "x") == {
        "value": 30,
        "unit": "d",
    }
    assert fields_scaled("1 d 12 h", 2, "x") == "2 d 24 h"
    assert fields_scaled("£1.5 per d", 2, "x") == "£3 per d"


def test_demand_is_the_population_and_all_arrivals(before: Scenario, ward: Scenario) -> None:
    changed = set_to(before, "demand", 1.5)
    assert changed.population is not None
    assert changed.population.size.value == 450
    assert changed.population.hazards == (before.population and before.population.hazards)
    rate = set_to(ward, "demand", 1.5).arrivals["people"].rate
    assert rate is not None
    assert rate.value == 6.0
    profiled: dict[str, Any] = {
        "rate": "4 per d",
        "profile": {"weekday": {"Sat": 0.5}},
        "at": "ward",
    }
    assert fields_scaled({"people": profiled}, 2, "arrivals") == {
        "people": {**profiled, "rate": "8 per d"}
    }


def test_one_share_moves_the_others_in_proportion(before: Scenario) -> None:
    lever = Lever.of(before, "services.acute.next.to.back")
    assert (lever.kind, lever.base, lever.line()[0], lever.line()[-1]) == ("share", 0.45, 0, 1)
    assert lever.read("30 %") == 0.3
    changed = set_to(before, "services.acute.next.to.back", 0.725)
    branches = changed.services["acute"].next[0].value
    assert {one.to: one.share.value for one in branches} == pytest.approx(
        {"back": 0.725, "community_hospital": 0.1, "acht_referral": 0.15, "died": 0.025}
    )


def test_shares_with_a_rest_and_in_percent(ward: Scenario) -> None:
    changed = set_to(ward, "services.ward.next.to.ill", 0.4)
    shares = {one.to: one.share.value for one in changed.services["ward"].next[0].value}
    assert shares == pytest.approx({"well": 0.6, "ill": 0.4})
    rest = ward.set("services.ward.next.to", {"well": "rest", "ill": 0.25})
    lever = Lever.of(rest, "services.ward.next.to.well")
    assert lever.base == 0.75
    assert lever.settings(0.5)["services.ward.next.to"] == pytest.approx({"well": 0.5, "ill": 0.5})


def test_opening_hours(ward: Scenario) -> None:
    opened = ward.set("services.ward.admits", "Mon-Fri 09:00-17:00")
    lever = Lever.of(opened, "services.ward.admits.closes")
    assert (lever.base, lever.words(17.5), lever.read("20:30")) == (17, "17:30", 20.5)
    assert lever.line("17:00", "19:00") == (17, 17.5, 18, 18.5, 19)
    later = point_of(opened, lever.settings(24)).services["ward"].admits
    assert later is not None
    assert later.windows[0] == (9 * HOUR, DAY)
    earlier = set_to(opened, "services.ward.admits.opens", 7.5).services["ward"].admits
    assert earlier is not None
    assert earlier.windows[0] == (7.5 * HOUR, 17 * HOUR)


def test_steps_are_about_a_hundredth(ward: Scenario) -> None:
    line = Lever.of(ward, "services.ward.stay*").line(0.8, 1.2)
    assert (len(line), line[0], line[1], line[-1]) == (81, 0.8, 0.805, 1.2)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("services.word.stay*", "there is no 'word' in services; did you mean 'ward'"),
        ("services.ward.stay", r"no single number; .* services.ward.stay\*"),
        ("services.ward.pool", "no single number"),
        ("services.ward.in_place*", "nothing to multiply"),
        ("services.ward.admits.closes", "there is no 'admits'"),
        ("services.ward.title.closes", "there is no 'title'"),
        ("", "a field is needed"),
        ("nonsense", "there is no 'nonsense'"),
    ],
)
def test_what_is_no_lever_is_told(ward: Scenario, path: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Lever.of(ward, path)


def test_arrivals_one_by_one_have_no_rate(ward: Scenario) -> None:
    fixed = ward.with_(arrivals={"people": None, "list": {"every": "6 h", "at": "ward"}})
    with pytest.raises(OptionError, match="no rate to multiply"):
        Lever.of(fixed, "demand")


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        ((5, 5, None), "from a low end to a higher one"),
        ((3, 9, 0), "a step above 0"),
        ((3.5, 9, 1), "whole numbers"),
        (("many", 9, 1), "a number"),
    ],
)
def test_wrong_lines_are_told(ward: Scenario, ends: tuple[Any, Any, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Lever.of(ward, "pools.beds.capacity").line(*ends)
