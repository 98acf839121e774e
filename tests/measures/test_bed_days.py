"""Bed days as time, bed nights as midnights."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def occupied(world: Any) -> Any:
    world.spell(world.person(), "acute", 1.5, 3.25)  # midnights of days 1 and 2
    world.spell(world.person(), "acute", -5, 2)  # in the window: 2 days; midnight of day 0
    world.spell(world.person(), "community", 60.5, 90)  # half a day; midnight of day 60
    world.spell(world.person(), "care_home", 10, None, ready=None)  # 51 days
    world.spell(world.person(), "reablement", 1, 20)
    return world


def test_bed_days_are_time_in_beds(occupied: Any) -> None:
    cells = occupied.cells("bed_days")
    assert cells["service:acute", "window"] == pytest.approx(3.75)
    assert cells["service:community", "window"] == pytest.approx(0.5)
    assert cells["service:care_home", "window"] == pytest.approx(51)
    assert cells["service:care_home", "2015-04"] == pytest.approx(20)
    assert cells["pool:acute_beds", "window"] == pytest.approx(3.75)
    assert cells["setting:acute_bed", "window"] == pytest.approx(3.75)
    assert cells["setting:care_home", "window"] == pytest.approx(51)
    assert ("service:reablement", "window") not in cells


def test_bed_nights_are_midnights_in_beds(occupied: Any) -> None:
    cells = occupied.cells("bed_nights")
    assert cells["service:acute", "window"] == 3
    assert cells["pool:community_beds", "window"] == 1
    # From day 10, 00:00: the midnights of days 9 to 60.
    assert cells["service:care_home", "window"] == 52


def test_a_pool_of_beds_makes_bed_days_whatever_the_setting(world: Any) -> None:
    world.service("hospice", pools=(world.pool("hospice_beds", 3),))
    world.spell(world.person(), "hospice", 2, 5)
    assert world.value("bed_days", "service:hospice") == pytest.approx(3)


def test_person_days_cover_every_service_and_in_place_steps(occupied: Any) -> None:
    p = occupied.person()
    occupied.spell(p, "home", 0, None, ready=None)
    occupied.spell(p, "assessment", 4, 6, host=0)
    cells = occupied.cells("person_days")
    assert cells["service:assessment", "window"] == pytest.approx(2)
    assert cells["service:reablement", "window"] == pytest.approx(19)
    assert ("service:home", "window") not in cells
