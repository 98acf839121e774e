"""The way of one person, checked against days worked out by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import carepath_sim as cp
from carepath_sim.engine import simulate
from carepath_sim.experiment.trace import UnknownPersonError, timeline
from carepath_sim.plan import compile_plan

if TYPE_CHECKING:
    from carepath_sim.experiment.timeline import Timeline
    from carepath_sim.scenario.model import Scenario


def table(way: Timeline) -> list[tuple[str, str, float, float | None]]:
    return [(one.kind, one.service, one.begin, one.end) for one in way.steps]


def test_reg_before_waits_for_each_service_in_turn(before: Scenario) -> None:
    """The days follow from the fixed lengths in the file alone.

    Six days in hospital, five waiting for ACHT, ten with ACHT, seven waiting for the council,
    42 of reablement; the package takes 21 days, of which the last 14 of reablement are used.
    """
    way = cp.trace(before, story="reg")
    assert table(way) == [
        ("stay", "acute", 0, 6),
        ("wait", "acute", 6, 11),
        ("stay", "acht", 11, 21),
        ("wait", "acht", 21, 28),
        ("stay", "reablement", 28, 70),
        ("meanwhile", "package", 56, 77),
        ("wait", "reablement", 70, 77),
        ("stay", "home_care", 77, None),
    ]


def test_reg_after_waits_for_nothing_in_reablement(after: Scenario) -> None:
    """Planned 21 days ahead, the package starts as reablement ends."""
    way = cp.trace(after, story="reg")
    assert way.days_at("reablement").held == 42
    assert way.days_at("reablement").waiting == 0
    assert way.total_days == 70


def test_the_sums_of_reg_before(before: Scenario) -> None:
    way = cp.trace(before, story="reg")
    assert (way.total_days, way.days_from_fit) == (77, 71)
    assert (way.acute_days, way.delayed_acute_days, way.admissions) == (11, 5, 1)
    acht, reablement = way.days_at("acht"), way.days_at("reablement")
    assert (acht.held, acht.waiting) == (17, 7)
    assert (reablement.held, reablement.waiting) == (49, 7)
    assert way.days_at("community_hospital").held == 0
    assert way.assessed_by == ("ACHT", "Council")
    assert way.assessed_after_hospital == ("ACHT", "Council")
    assert way.visits == 17 * 3 + 49 * 2  # visits go on while he waits
    assert ("age", "77") in way.person


def test_days_count_from_the_first_time_medically_fit(before: Scenario) -> None:
    way = cp.trace(before, story="reg")
    assert [one.fit for one in way.steps] == [None, 0, 5, 15, 22, 50, 64, 71]


def test_each_wait_has_its_reason_and_what_is_waited_for(before: Scenario) -> None:
    waits = [one for one in cp.trace(before, story="reg").steps if one.kind == "wait"]
    assert [(one.place, one.reason, one.waiting_for) for one in waits] == [
        ("Acute hospital", "awaiting ACHT", "Referral to ACHT"),
        (
            "Community healthcare team",
            "awaiting referral to the council",
            "Referral to the council",
        ),
        ("Council reablement", "awaiting care package", "Care package arranged"),
    ]


def test_the_way_as_text(before: Scenario) -> None:
    assert str(cp.trace(before, story="reg")).splitlines()[:3] == [
        "Reg",
        "day 0-6: Acute hospital",
        "day 6-11: Acute hospital: awaiting ACHT",
    ]


def test_a_way_has_no_gap_and_ends_where_the_next_begins(before: Scenario) -> None:
    """Stays and waits of everybody follow each other without a gap, whatever happened."""
    plan = compile_plan(before)
    record = simulate(plan, seed=1, replication=0)
    followed = 0
    for person in np.unique(record.spells["person"]).tolist():
        way = timeline(plan, record, person)
        places = [one for one in way.steps if one.kind in {"stay", "wait"}]
        ends = [one.end for one in places[:-1]]
        assert ends == pytest.approx([one.begin for one in places[1:]]), person
        assert places[0].begin == 0
        followed += len(places)
    assert followed > 400


def test_days_at_places_are_those_of_the_spells(before: Scenario) -> None:
    plan = compile_plan(before)
    record = simulate(plan, seed=1, replication=0)
    spells = record.spells
    acute = plan.service_index["acute"]
    stays = (spells["service"] == acute) & (spells["started"] >= 0) & (spells["left"] > 0)
    person = int(spells["person"][np.flatnonzero(stays)[0]])
    mine = stays & (spells["person"] == person)
    expected = (spells["left"][mine] - spells["started"][mine]).sum() / 86_400_000
    assert timeline(plan, record, person).acute_days == pytest.approx(expected)


def test_a_person_is_found_in_the_whole_model(before: Scenario) -> None:
    plan = compile_plan(before)
    record = simulate(plan, seed=3, replication=1)
    person = int(record.spells["person"][0])
    way = cp.trace(before, person=person, seed=3, replication=1)
    assert way.steps == timeline(plan, record, person).steps


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"story": "ethel"}, "no story 'ethel'; it has: reg"),
        ({"person": 10**6}, "no person 1000000: they are numbered from 0 to"),
        ({}, "either a story or a person"),
        ({"story": "reg", "person": 1}, "either a story or a person"),
    ],
)
def test_who_is_not_there_is_told(before: Scenario, asked: dict[str, Any], words: str) -> None:
    with pytest.raises(UnknownPersonError, match=words):
        cp.trace(before, **asked)


def test_of_whom_nothing_happens_it_is_said_whom_to_ask_for(before: Scenario) -> None:
    """Those who are named have a way of their own, and nobody nearer has."""
    plan = compile_plan(before.set("clock.length", "30 d"))
    record = simulate(plan, seed=1, replication=0)
    active = set(record.spells["person"].tolist())
    people = len(record.people["source"])
    silent = next(one for one in range(people // 2, people) if one not in active)
    with pytest.raises(UnknownPersonError) as told:
        timeline(plan, record, silent)
    words = f"nothing happens to person {silent} in this replication; something happens to "
    assert str(told.value).startswith(words)
    named = [int(one) for one in re.findall(r"\d+", str(told.value).removeprefix(words))]
    assert named == sorted(named)
    assert set(named) <= active
    assert len(named) == 4
    far = max(abs(one - silent) for one in named)
    assert {one for one in active if abs(one - silent) < far} <= set(named)
    assert all(timeline(plan, record, one).steps for one in named)
    empty = {name: column[:0] for name, column in record.spells.items()}
    with pytest.raises(UnknownPersonError, match="nor to anybody else"):
        timeline(plan, replace(record, spells=empty), silent)
