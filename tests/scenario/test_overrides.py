"""Fields can be set by hand; what follows from it is done and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from carepath_sim.errors import ScenarioError
from carepath_sim.scenario import Scenario, load

if TYPE_CHECKING:
    from pathlib import Path


def places(scenario: Scenario, pool: str = "beds") -> float:
    """Return the capacity of a pool."""
    number = scenario.pools[pool].capacity.dated[0].places
    assert number is not None
    return number.value


def parts(scenario: Scenario) -> dict[str, float]:
    """Return the parts of the policy of the beds."""
    return {name: part.value for name, part in scenario.pools["beds"].policy.parts}


def refused(small_file: Path, *sets: str) -> str:
    """Return why fields cannot be set."""
    with pytest.raises(ScenarioError) as caught:
        load(small_file, sets=sets)
    return str(caught.value)


@pytest.fixture
def scenario(small_file: Path) -> Scenario:
    """Return the small scenario."""
    return load(small_file)


def test_any_field_can_be_set(small_file: Path) -> None:
    changed = load(
        small_file,
        sets=[
            "clock.length=30 d",
            "population.hazards.fall.rate=0.1 per y",
            "services.spr.in_place=true",
            "services.spr.next[0].to=ward",
            "services.spr.next.1.to={ward: 0.5, back: 0.5}",
            "services.acute.stay.lognormal.median=5 d",
            "services.ward.max_wait=",
            "population.bands.65-74.frailty={fit: 0.9, severe: 0.1}",
            "denominators.adults=5000",
            "title=Another",
        ],
    )
    assert changed.title == "Another"
    assert changed.clock.length.days == 30
    assert changed.services["spr"].next[0].value[0].to == "ward"
    assert [b.share.value for b in changed.services["spr"].next[1].value] == [0.5, 0.5]
    assert dict(changed.services["acute"].stay[0].value.parameters)["median"] == 5 * 86_400_000
    assert changed.services["ward"].max_wait == ()
    assert changed.denominators.adults is not None
    assert changed.denominators.adults.value == 5000


def test_sets_may_be_a_mapping_with_values_of_python(small_file: Path) -> None:
    sets = {"pools.beds.capacity": np.int64(100), "services.ward.stay": {"fixed": "3 d"}}
    changed = load(small_file, sets=sets)
    assert places(changed) == 100
    assert changed.services["ward"].stay[0].value.parameters == (("value", 3 * 86_400_000.0),)


def test_what_is_set_is_marked_by_hand_and_loses_its_source(scenario: Scenario) -> None:
    changed = scenario.set("population.size", 2000).set("services.acute.stay.lognormal.mean", "9 d")
    assert changed.population is not None
    found = changed.population.size.provenance
    assert (found.quality, found.source, found.low) == ("by hand", None, None)
    assert changed.services["acute"].stay[0].value.provenance.quality == "by hand"
    share = scenario.set("services.acute.next", {"to": {"home": 0.5, "ward": 0.5}})
    assert share.services["acute"].next[0].value[0].share.provenance.quality == "by hand"


def test_a_value_by_hand_inside_a_sourced_distribution_shows(scenario: Scenario) -> None:
    stay = scenario.set("services.spr.stay.lognormal.p90", "30 min").services["spr"].stay[0].value
    assert (stay.provenance.quality, stay.provenance.source) == ("by hand", None)


def test_the_scenario_itself_does_not_change(scenario: Scenario) -> None:
    before = scenario.hash()
    changed = scenario.set("pools.beds.capacity", 140)
    assert (scenario.hash(), places(scenario)) == (before, 125)
    assert changed.hash() != before
    assert changed.name == scenario.name


def test_setting_a_capacity_scales_the_counts_of_its_policy(scenario: Scenario) -> None:
    """140 places in proportion 20 to 105 are 22.4 and 117.6: by largest remainder 22 and 118."""
    changed = scenario.set("pools.beds.capacity", 140)
    assert places(changed) == 140
    assert parts(changed) == {"step_up": 22, "step_down": 118}
    assert changed.notices == (
        "pools.beds.policy: scaled with the capacity to step_up 22 and step_down 118",
    )


def test_a_pool_without_places_has_none_for_any_stream(small_file: Path) -> None:
    closed = load(small_file, sets=["pools.beds.capacity=0"], check=False)
    assert parts(closed) == {"step_up": 0, "step_down": 0}


def test_capacity_in_a_record_counts_as_the_capacity(scenario: Scenario) -> None:
    assert parts(scenario.set("pools.beds.capacity.value", 140)) == {
        "step_up": 22,
        "step_down": 118,
    }


@pytest.mark.parametrize(
    ("policy", "capacity", "expected"),
    [
        # Reserved places need not sum to the capacity.
        ("{reserved: {step_up: 10}}", 150, {"step_up": 12}),
        ("{reserved: {step_up: 10}}", 50, {"step_up": 4}),
        (
            "{partial: {step_up: 20, step_down: 60, shared: 45}}",
            124,
            {"step_up": 20, "step_down": 59, "shared": 45},
        ),
        (
            "{ring_fenced: {step_up: 20 %, step_down: 80 %}}",
            100,
            {"step_up": 0.2, "step_down": 0.8},
        ),
        ("{priority: [step_up, step_down]}", 100, {"step_up": 0, "step_down": 1}),
    ],
)
def test_every_policy_follows_the_capacity(
    small_file: Path, policy: str, capacity: int, expected: dict[str, float]
) -> None:
    text = small_file.read_text()
    small_file.write_text(text.replace("{ring_fenced: {step_up: 20, step_down: 105}}", policy))
    assert parts(load(small_file, sets={"pools.beds.capacity": capacity})) == expected


def test_later_changes_of_a_capacity_set_by_hand_are_dropped_with_a_notice(
    small_file: Path,
) -> None:
    dated = "[{places: 3}, {from: 2015-10-01, places: 5}, {from: 2016-01-01, places: 6}]"
    roster = "{daily 08:00-20:00: 3, daily 20:00-08:00: 1}"
    small_file.write_text(small_file.read_text().replace(roster, dated))
    changed = load(small_file, sets=["pools.staff.capacity=4"])
    assert len(changed.pools["staff"].capacity.dated) == 1
    assert changed.notices == (
        "pools.staff.capacity: set by hand; the changes from 2015-10-01 and 2016-01-01 are dropped",
    )


def test_places_by_hours_replaced_by_a_number_are_told(scenario: Scenario) -> None:
    changed = scenario.set("pools.staff.capacity", 4)
    assert changed.notices == (
        "pools.staff.capacity: set by hand; the places by hours are dropped",
    )
    # One line of the roster is no replacement.
    assert not scenario.set("pools.staff.capacity.daily 08:00-20:00", 4).notices


def test_one_pool_of_a_template_can_be_set(small_file: Path) -> None:
    text = small_file.read_text().replace("unit: staff\n", "unit: staff\n    per: locality\n")
    text = text.replace("in_place: true\n", "in_place: true\n    per: locality\n")
    locality = "attributes:\n  locality: {shares: {north: 0.6, south: 0.4}}\n"
    small_file.write_text(text.replace("attributes:\n", locality))
    changed = load(small_file, sets=["pools.staff[south].capacity=7"], check=False)
    by_value = dict(changed.pools["staff"].capacity.by_value)
    assert by_value["south"][0].places is not None
    assert by_value["south"][0].places.value == 7
    assert by_value["south"][0].places.provenance.quality == "by hand"
    assert [line.places.value for line in by_value["north"][0].roster] == [3, 1]
    twice = changed.pools["staff"].capacity
    assert twice.dated == ()
    assert "there is no 'staff' of 'east'; known are north and south" in refused(
        small_file, "pools.staff[east].capacity=7"
    )
    assert "only the capacity" in refused(small_file, "pools.staff[south].unit=beds")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("pools.bed.capacity=3", "pools.bed: there is no 'bed'; did you mean 'beds'?"),
        ("pols.beds.capacity=3", "pols: there is no 'pols'; did you mean 'pools'?"),
        ("pools.beds.capcity=3", "pools.beds.capcity: unknown field 'capcity'; did you mean"),
        ("pools.beds.capacity=-5", "cannot be negative, found -5"),
        ("pools.beds.capacity=many", "a whole number (or `unlimited`) is needed, found 'many'"),
        ("services.acute.next[3].to=home", "services.acute.next[3]"),
        ("services.spr.next[2].to=home", "there is no entry 2: entries are numbered 0 to 1"),
        ("services.ward.next.to=home", "`services.ward.next` is a single value and has no parts"),
        ("services.ward.stay=3", "services.ward.stay: a duration needs its unit"),
        ("services.ward.next=hoem", "unknown service 'hoem'; did you mean 'home'?"),
        ("services.ward.in_place=yes", "true or false is needed, found 'yes'; did you mean true?"),
        ("pools.beds[north].capacity=3", "there is no 'beds' of 'north': it has no `per`"),
        ("pools.bed[north].capacity=3", "there is no pool 'bed'; did you mean 'beds'?"),
        ("pools.beds.capacity", "a field and its value are needed"),
        ("=3", "a field and its value are needed"),
        ("pools..beds=3", "a field and its value are needed"),
        ("pools.beds.capacity={a: ", "is missing"),
        ("pools.beds.capacity=!x 3", "tags such as `!x`"),
    ],
)
def test_what_cannot_be_set_is_told_with_what_was_asked_for(
    small_file: Path, given: str, words: str
) -> None:
    said = refused(small_file, given)
    assert said.startswith(f"--set {given}: ")
    assert words in said


def test_all_that_cannot_be_set_is_told_at_once(small_file: Path) -> None:
    said = refused(small_file, "pools.bed.capacity=3", "pols.x=3", "services.wrd.stay=3 d")
    assert len(said.splitlines()) == 3


def test_sections_can_be_written_over(scenario: Scenario) -> None:
    changed = scenario.with_(clock={"length": "30 d"}, services={"ward": {"max_wait": None}})
    assert changed.clock.length.text == "30 d"
    assert changed.clock.start == scenario.clock.start
    assert changed.services["ward"].max_wait == ()
    with pytest.raises(ScenarioError, match=r"with_: clock\.length: a duration needs"):
        scenario.with_(clock={"length": 3})


def test_a_scenario_made_in_python_can_be_changed_too(scenario: Scenario) -> None:
    made = Scenario.model_validate(scenario.resolved())
    assert made.resolved() == scenario.resolved()
    assert made.hash() == scenario.hash()
    assert places(made.set("pools.beds.capacity", 100)) == 100
