"""Delayed transfers of care: nights, people, rates, and delays at other services."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def delayed(world: Any) -> Any:
    """Return a world with two delays in hospital and one in reablement.

    Person 0 is ready on day 6 at 12:00 and leaves the acute bed on day 10 at 12:00: four midnights,
    of days 6 to 9; 2.5 days for an assessment, 1.5 for home care.
    Person 1 is ready in a community bed on day 29 at 06:00 and leaves on day 31 at 18:00: two
    midnights (of 30 April and 1 May), waiting for reablement.
    Person 2 is ready in reablement on day 10 and waits for home care until day 13.
    """
    p = world.person()
    world.spell(p, "acute", 1, 10.5, ready=6.5, to="home_care")
    world.spell(p, "assessment", 6.5, 9, host=0)
    world.spell(p, "home_care", 10.5, None, asked=9, host=0, ready=None)
    p = world.person()
    world.spell(p, "community", 5, 31.75, ready=29.25, to="reablement")
    world.spell(p, "reablement", 31.75, 50, asked=29.25, host=0)
    p = world.person()
    world.spell(p, "reablement", 2, 13, ready=10, to="home_care")
    world.spell(p, "home_care", 13, None, asked=10, host=0, ready=None)
    return world


def test_delayed_days_are_midnights_in_hospital_beds(delayed: Any) -> None:
    cells = delayed.cells("delayed_transfer_days")
    assert cells["all", "window"] == 6
    assert cells["all", "2015-04"] == 5  # four of person 0, one of person 1
    assert cells["all", "2015-05"] == 1
    assert cells["setting:acute_bed", "window"] == 4
    assert cells["setting:community_bed", "window"] == 2


def test_delayed_days_by_reason_and_responsible_body_sum_to_all(delayed: Any) -> None:
    cells = delayed.cells("delayed_transfer_days")
    # The assessment ends on day 9 at 00:00: the midnights of days 6 and 7; those of 8 and 9 follow.
    assert cells["reason:awaiting assessment", "window"] == 2
    assert cells["reason:awaiting home_care", "window"] == 2
    assert cells["reason:awaiting reablement", "window"] == 2
    assert cells["reason:discharge hours", "window"] == 0
    assert cells["responsible:social", "window"] == 4
    assert cells["responsible:nhs", "window"] == 2
    assert cells["responsible:both", "window"] == 0
    assert cells["setting:acute_bed | reason:awaiting assessment", "window"] == 2


def test_delayed_people_are_delayed_days_by_midnights(delayed: Any) -> None:
    assert delayed.value("delayed_transfer_people") == pytest.approx(6 / 61)
    assert delayed.value("delayed_transfer_people", "all", "2015-04") == pytest.approx(5 / 30)


def test_delayed_time_is_clipped_but_not_rounded(delayed: Any) -> None:
    cells = delayed.cells("delayed_transfer_time")
    assert cells["all", "window"] == pytest.approx(4 + 2.5)
    assert cells["reason:awaiting assessment", "window"] == pytest.approx(2.5)
    assert cells["all", "2015-05"] == pytest.approx(1.75)


def test_the_rate_is_per_100_000_adults_and_year(delayed: Any) -> None:
    delayed.denominators = {"adults": 20_000}
    rate = delayed.value("delayed_transfer_days_per_100k_adults")
    assert rate == pytest.approx(6 * 5 * 365.25 / 61)
    assert delayed.value("delayed_transfer_days_per_100k_adults", "all", "2015-04") == 25


def test_the_rate_is_refused_without_adults(delayed: Any) -> None:
    assert delayed.cells("delayed_transfer_days_per_100k_adults") == {}


def test_the_share_is_of_occupied_nights(delayed: Any) -> None:
    # Nights in the acute bed: days 1 to 10 hold 10 midnights (one at its start on day 1, 00:00);
    # in the community bed from day 5, 00:00, to day 31, 18:00: 27.
    assert delayed.value("delayed_transfer_share") == pytest.approx(6 / 37)


def test_delays_elsewhere_are_by_service_and_reason(delayed: Any) -> None:
    cells = delayed.cells("delayed_time")
    assert cells["service:reablement", "window"] == pytest.approx(3)
    assert cells["service:reablement | reason:awaiting home_care", "window"] == pytest.approx(3)
    assert cells["service:acute", "window"] == pytest.approx(4)
    assert cells["service:home_care", "window"] == 0
    nights = delayed.cells("delayed_nights")
    # Ready on day 10, 00:00: the midnights of 9 (which it meets), 10 and 11.
    assert nights["service:reablement", "window"] == 3


def test_delay_that_runs_into_the_run_out_is_clipped(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 50, None, ready=58.5)
    world.spell(p, "reablement", None, None, asked=58.5, host=0, ready=None)
    assert world.value("delayed_transfer_time") == pytest.approx(2.5)
    assert world.value("delayed_transfer_days") == 3


def test_delay_that_began_in_the_warm_up_counts_from_the_window(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", -8, 2.5, ready=-4, to="reablement")
    world.spell(p, "reablement", 2.5, 20, asked=-4, host=0)
    assert world.value("delayed_transfer_time") == pytest.approx(2.5)
    assert world.value("delayed_transfer_days") == 2


def test_waiting_at_home_is_no_delayed_transfer(world: Any) -> None:
    p = world.person()
    world.spell(p, "home", 0, 20, ready=None, to="reablement")
    world.spell(p, "reablement", 20, 40, asked=5, host=0)
    assert world.value("delayed_transfer_days") == 0
    assert world.cells("delayed_time")["service:reablement", "window"] == 0


def test_people_delayed_on_the_last_thursday_are_counted_that_night(delayed: Any) -> None:
    """The last Thursdays are 30 April (person 1 alone is delayed at 24:00) and 28 May (nobody)."""
    cells = delayed.cells("delayed_transfer_people_last_thursday")
    assert cells["all", "2015-04"] == 1
    assert cells["all", "2015-05"] == 0
    assert cells["all", "window"] == 0.5
    assert cells["responsible:social", "2015-04"] == 1
    assert cells["responsible:nhs", "window"] == 0


def test_a_month_without_its_last_thursday_is_not_counted(delayed: Any) -> None:
    delayed.given["window"] = 30 * 86_400_000 - 1  # ends just before 24:00 of 30 April
    assert set(delayed.cells("delayed_transfer_people_last_thursday")) == {("all", "window")}
    delayed.given["window"] = 30 * 86_400_000
    assert delayed.cells("delayed_transfer_people_last_thursday")["all", "2015-04"] == 1
