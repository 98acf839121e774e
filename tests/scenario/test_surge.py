"""Surge: how it is written, what is refused, and what is only strange."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from carepath_sim.errors import ScenarioError
from carepath_sim.plan import compile_plan, traffic
from carepath_sim.scenario import Scenario, load
from carepath_sim.scenario.grammar_surge import close, when
from carepath_sim.scenario.reading import Wrong

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400_000

WARD = """\
carepath: 1
area: Testshire
variant: as-is
title: One ward
clock: {start: 2015-04-06, length: 60 d, warm_up: 30 d, run_out: 0 d}
arrivals:
  wards: {rate: 1 per d, at: ward}
pools:
  beds:
    unit: beds
    capacity: 10
    surge: SURGE
services:
  ward: {setting: community_bed, pool: beds, stay: 5 d, next: done}
exits: [done]
"""
RULE = "{when: 10 waiting for 2 d, add: 4, close: when empty for 5 d}"


def ward(folder: Path, surge: str = RULE, *sets: str) -> Scenario:
    """Return the scenario with this rule of surge."""
    path = folder / "ward.yaml"
    path.write_text(WARD.replace("SURGE", surge), encoding="utf-8")
    return load(path, sets=sets)


def why(folder: Path, surge: str = RULE, *sets: str) -> str:
    """Return why a rule is refused."""
    with pytest.raises(ScenarioError) as caught:
        ward(folder, surge, *sets)
    return str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "10 waiting for 2 d",
        "10 people waiting for 48 h",
        {"waiting": 10, "for": "2 d"},
        {"waiting": {"value": 10, "quality": "assumption"}, "for": {"value": 2, "unit": "d"}},
    ],
)
def test_the_opening_is_said_in_words_or_as_a_record(written: Any) -> None:
    found = when(written)
    assert (found.waiting.value, found.lasting.value) == (10, 2 * DAY)


@pytest.mark.parametrize(
    ("written", "empty"),
    [
        ("when 12 empty for 5 d", 12),
        ("12 empty for 5 d", 12),
        ("when empty for 5 d", None),
        ({"empty": 12, "for": "5 d"}, 12),
        ({"for": "5 d"}, None),
    ],
)
def test_the_closing_is_said_in_words_or_as_a_record(written: Any, empty: int | None) -> None:
    found = close(written)
    assert (None if found.empty is None else found.empty.value) == empty
    assert found.lasting.value == 5 * DAY


@pytest.mark.parametrize(
    "written",
    [
        "10 for 2 d",
        "ten waiting for 2 d",
        "0 waiting for 2 d",
        "10 waiting for 0 d",
        "10 waiting for long",
        10,
        {"waiting": 10},
        {"waiting": 10, "for": "2"},
    ],
)
def test_an_opening_that_cannot_be_meant_is_refused(written: Any) -> None:
    with pytest.raises(Wrong):
        when(written)


@pytest.mark.parametrize("written", ["when full for 2 d", "0 empty for 2 d", {"empty": 3}, "5 d"])
def test_a_closing_that_cannot_be_meant_is_refused(written: Any) -> None:
    with pytest.raises(Wrong):
        close(written)


def test_the_plan_holds_the_rule_in_whole_numbers(tmp_path: Path) -> None:
    """Without a number, as many must be empty as were added."""
    surges = compile_plan(ward(tmp_path, RULE, "pools.beds.surge.lead=6 h")).surges
    assert [int(column[0]) for column in surges] == [10, 2 * DAY, 4, 4, 5 * DAY, DAY // 4]


def test_numbers_of_a_rule_can_be_set_by_hand(tmp_path: Path) -> None:
    rule = "{when: {waiting: 10, for: 2 d}, add: 4, close: when empty for 5 d}"
    sets = ("pools.beds.surge.add=6", "pools.beds.surge.when.waiting=8")
    found = ward(tmp_path, rule, *sets).pools["beds"].surge
    assert found is not None
    assert (found.add.value, found.when.waiting.value) == (6, 8)
    assert found.add.provenance.quality == "by hand"


@pytest.mark.parametrize(
    ("surge", "sets", "said"),
    [
        (RULE, ["pools.beds.overflow=unlimited"], "beds.surge: has no effect: the pool overflows"),
        (RULE, ["pools.beds.capacity=unlimited"], "beds.surge: has no effect: the pool has no lim"),
        (RULE.replace("add: 4", "add: 0"), [], "beds.surge.add: more than 0 is needed"),
        (RULE.replace("add: 4, ", ""), [], "beds.surge.add: this is missing"),
        (RULE.replace("add", "ad"), [], "did you mean 'add'"),
        (
            RULE.replace("}", ", cost: {per_visit: 5 GBP, payer: nhs}}"),
            [],
            "found per_visit",
        ),
    ],
)
def test_a_surge_that_can_change_nothing_is_refused(
    tmp_path: Path, surge: str, sets: list[str], said: str
) -> None:
    assert said in why(tmp_path, surge, *sets)


def test_closing_over_people_is_warned_of(tmp_path: Path) -> None:
    rule = RULE.replace("when empty", "when 2 empty")
    (found,) = traffic.warnings(ward(tmp_path, rule))
    assert found[0] == ("pools", "beds", "surge", "close")
    assert "the 4 places are closed when 2 are empty" in found[1]


def test_an_overload_is_what_surge_cannot_hold_either(tmp_path: Path) -> None:
    """Stays of five days: 2.4 a day ask for 12 of 10 + 4 places, 3 a day for 15."""
    assert traffic.warnings(ward(tmp_path, RULE, "arrivals.wards.rate=2.4 per d")) == []
    (found,) = traffic.warnings(ward(tmp_path, RULE, "arrivals.wards.rate=3 per d"))
    assert "offered load 15 beds" in found[1]
