"""Dated changes as they are written: what is refused, where it is said, and setting by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from carepath_sim.errors import ScenarioError
from carepath_sim.report.changes import changed
from carepath_sim.scenario import checks, load
from carepath_sim.scenario.changeable import FIELDS
from carepath_sim.scenario.model import Arrival, Attribute, Hazard, Pool, Service

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
carepath: 1
area: Testshire
variant: as-is
title: A ward that changes
clock: {start: 2015-04-01, length: 1 y}
attributes:
  town: {shares: {rye: 0.5, bexhill: 0.5}}
  drawn: {of: episode, shares: {a: 1, b: 0}}
population:
  size: 100
  bands: {65+: {share: 1, frailty: {fit: 0.5, severe: 0.5}}}
  hazards:
    fall: {rate: 1 per y, times: {frailty: {severe: 2}}, to: ward}
arrivals:
  people: {rate: 1 per d, at: ward}
pools:
  beds: {unit: beds, capacity: 10}
services:
  ward: {setting: acute_bed, pool: beds, stay: 6 d, next: home}
  care: {setting: own_home, stay: 2 wk, next: home}
changes:
"""


def said(tmp_path: Path, changes: str, **sets: Any) -> list[str]:
    """Return the problems of a scenario with changes, with their lines."""
    path = tmp_path / "changing.yaml"
    path.write_text(BASE + changes)
    try:
        load(path, sets=sets)
    except ScenarioError as error:
        return [f"{p.line}: {p.path}: {p.message}" for p in error.problems]
    return []


TO_CARE = "  - {from: 2015-06-01, set: {services.ward.next: care}}\n"


def test_a_service_reached_only_after_a_change_is_no_island(tmp_path: Path) -> None:
    assert said(tmp_path, TO_CARE) == []
    [found] = said(tmp_path, "  - {from: 2015-06-01, set: {services.ward.stay: 5 d}}\n")
    assert "nobody can reach 'care'" in found


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        ("set: {services.ward.sty: 5 d}", 23, "did you mean 'stay'"),
        ("set: {services.wrad.stay: 5 d}", 23, "did you mean 'ward'"),
        ("set: {services.ward.stay: 5}", 23, "a duration needs its unit"),
        ("set: {services.ward.next: hoem}", 23, "did you mean 'home'"),
        ("set: {services.ward.in_place: true}", 23, "`in_place` cannot change by date"),
        ("set: {services.ward.setting: own_home}", 23, "`setting` cannot change by date"),
        ("set: {services.ward.pool: beds}", 23, "declare a second service and retire this one"),
        ("set: {services.ward: {stay: 3 d}}", 23, "name a field of it"),
        ("set: {clock.length: 2 y}", 23, "it describes the run as a whole"),
        ("set: {population.size: 90}", 23, "`size` cannot change by date"),
        ("set: {attributes.town.shares: {rye: 1, bexhill: 0}}", 23, "drawn once a person"),
        ("set: {attributes.drawn.shares: {a: 0.5, c: 0.5}}", 23, "the values of 'drawn'"),
        ("set: {population.hazards.fall.times: {frailty: {severe: 3}}}", 23, "factors by frailty"),
        ("set: {pools.beds.policy: {ring_fenced: {up: 4, down: 5}}}", 23, "parts must sum"),
        ("where: {twon: rye}, set: {services.ward.stay: 5 d}", 23, "did you mean 'town'"),
        ("where: {town: ryde}, set: {services.ward.stay: 5 d}", 23, "did you mean 'rye'"),
        ("where: {town: rye}, set: {pools.beds.capacity: 9}", 23, "is one for everybody"),
        ("where: {town: rye}, set: {services.ward.admits: daily}", 23, "is one for everybody"),
        ("retire: {service: wrad, to: care}", 23, "did you mean 'ward'"),
        ("retire: {service: ward, to: ward}", 23, "cannot take the place of itself"),
        ("where: {town: rye}, retire: {service: ward, to: care}", 23, "retired for everybody"),
        ("note: nothing", 23, "nothing changes"),
        ("set: 5", 23, "a map of fields"),
    ],
)
def test_what_cannot_change_is_refused_where_it_is_written(
    tmp_path: Path, change: str, line: int, message: str
) -> None:
    found = said(tmp_path, f"{TO_CARE}  - {{from: 2015-07-01, {change}}}\n")
    assert found
    assert any(one.startswith(f"{line}: ") and message in one for one in found), found


def test_what_is_wrong_after_a_change_names_its_date(tmp_path: Path) -> None:
    """The pool of the change has no place for two units."""
    change = "  - {from: 2015-07-01, set: {pools.beds.capacity: 1, services.ward.units: 2}}\n"
    found = said(tmp_path, TO_CARE + change)
    assert found
    assert all("with the change from 2015-07-01" in one for one in found)


def test_services_are_not_retired_to_each_other(tmp_path: Path) -> None:
    """Whoever is referred to one of them would be sent round for ever."""
    there = "  - {from: 2015-07-01, retire: {service: ward, to: care}}\n"
    back = "  - {from: 2015-08-01, retire: {service: care, to: ward}}\n"
    assert said(tmp_path, TO_CARE + there) == []
    [found] = said(tmp_path, TO_CARE + there + back)
    assert found.startswith("24: changes[2].retire.to: 'ward' leads back to 'care' at once")
    assert "care -> ward -> care. What is retired does not open again" in found


def test_a_service_is_not_retired_to_one_that_diverts_to_it_at_once(tmp_path: Path) -> None:
    """Who finds its waiting room full would be sent to the retired one, and back."""
    text = BASE.replace(
        "  care: {setting: own_home,",
        "  care: {pool: flats, waiting_room: {from_outside: 3, when_full: {to: ward}},"
        " setting: own_home,",
    ).replace("pools:\n", "pools:\n  flats: {unit: beds, capacity: 2}\n")
    path = tmp_path / "full.yaml"
    path.write_text(text + TO_CARE)
    load(path)
    path.write_text(text + TO_CARE + "  - {from: 2015-07-01, retire: {service: ward, to: care}}\n")
    with pytest.raises(ScenarioError, match="ward -> care -> ward"):
        load(path)


@pytest.mark.parametrize(
    ("where", "refused"), [("", 1), ("where: {town: rye}, ", 1), ("where: {town: bexhill}, ", 0)]
)
def test_members_of_a_template_are_retired_in_a_ring_value_by_value(
    tmp_path: Path, where: str, refused: int
) -> None:
    """Rye's first service leads to its second: only Rye's second may not lead back."""
    member = "{per: town, setting: own_home, stay: 1 d, next: "
    text = (
        BASE.replace("services:\n", f"services:\n  one: {member}two}}\n  two: {member}ward}}\n")
        .replace("at: ward", "at: one")
        .replace("stay: 6 d, next: home", "stay: 6 d, next: care")
        + "  - {from: 2015-07-01, where: {town: rye}, retire: {service: one, to: two}}\n"
        + f"  - {{from: 2015-08-01, {where}retire: {{service: two, to: one}}}}\n"
    )
    path = tmp_path / "members.yaml"
    path.write_text(text)
    problems = []
    try:
        load(path)
    except ScenarioError as error:
        problems = [problem.message for problem in error.problems]
    assert len(problems) == refused
    assert all("leads back to 'two'" in message for message in problems)


def test_changes_stand_in_order_of_time(tmp_path: Path) -> None:
    change = "  - {from: 2015-05-01, set: {services.ward.stay: 5 d}}\n"
    [found] = said(tmp_path, TO_CARE + change)
    assert found.startswith("23: changes[1].from: changes stand in order of time")


def test_a_change_after_the_run_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "late.yaml"
    path.write_text(BASE + TO_CARE + "  - {from: 2018-01-01, set: {services.ward.stay: 5 d}}\n")
    warnings = checks.warnings(load(path))
    assert (("changes", 1, "from"), "has no effect: the run ends on 2016-07-01") in warnings


def test_setting_a_field_by_hand_drops_its_later_changes(tmp_path: Path) -> None:
    path = tmp_path / "changing.yaml"
    path.write_text(
        BASE
        + TO_CARE
        + "  - {from: 2015-07-01, set: {pools.beds.capacity: 8, services.ward.stay: 5 d}}\n"
        + "  - {from: 2015-08-01, set: {pools.beds.capacity: 6}}\n"
    )
    by_hand = load(path, sets={"pools.beds.capacity": 12})
    assert [[text for text, _ in change.set] for change in by_hand.changes] == [
        ["services.ward.next"],
        ["services.ward.stay"],
    ]
    assert [n for n in by_hand.notices if "dropped" in n] == [
        "pools.beds.capacity: set by hand; the change from 2015-07-01 is dropped",
        "pools.beds.capacity: set by hand; the change from 2015-08-01 is dropped",
    ]
    other = load(path, sets={"services.care.stay": "1 wk"})
    assert len(other.changes) == 3
    assert not [n for n in other.notices if "dropped" in n]


def test_changes_are_shown_with_what_stood_there_before(tmp_path: Path) -> None:
    path = tmp_path / "changing.yaml"
    path.write_text(
        BASE
        + TO_CARE
        + "  - {from: 2015-07-01, set: {pools.beds.capacity: 8}, source: plan, quality: fair}\n"
        + "  - {from: 2015-08-01, where: {town: rye}, retire: {service: ward, to: care}}\n"
        + "  - {from: 2015-08-01, set: {pools.beds.capacity: 6}}\n"
    )
    rows = [row[2:] for row in changed(load(path, check=False))]
    assert rows == [
        ("services.ward.next", "home", "care", ""),
        ("pools.beds.capacity", "10", "8", "plan, fair"),
        ("services.ward", "in use", "retired to care", ""),
        ("pools.beds.capacity", "8", "6", ""),
    ]


def test_every_field_that_can_change_is_a_field_of_the_language() -> None:
    """A name in the list that the model has not would never be set."""
    sections = {
        "services": Service,
        "pools": Pool,
        "hazards": Hazard,
        "arrivals": Arrival,
        "attributes": Attribute,
    }
    for section, names in FIELDS.items():
        assert set(names) <= set(sections[section].model_fields)
