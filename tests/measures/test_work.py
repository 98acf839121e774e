"""Staff time, booked and kept time, surges, ways to come by a place, time above capacity."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from carepath_sim.engine.spells import SURGE_CLOSED, SURGE_OPENED, How, Outcome
from carepath_sim.measures import headline
from carepath_sim.scenario.values import Case, Number, Visits

DAYS = 61


def team(world: Any, *, from_staff: Any = None, capacity: int = 600) -> int:
    """Add a service whose visits take minutes of a pool, and return the pool's number."""
    visits = Visits(Number(2.0), Number(30.0))
    pool = world.pool("minutes", capacity, "minutes_per_day")
    world.service("team", "own_home", pools=(pool,), visits=(visits,), organisation="Care Ltd")
    world.written["team"] = SimpleNamespace(visiting=(Case(visits),), waiting_room=None)
    world.staffed["minutes"] = SimpleNamespace(from_staff=from_staff, surge=None)
    return pool


def staff(**factors: float) -> Any:
    known = {"absence": 0.0, "contact_share": 1.0, "productivity": 1.0} | factors
    return SimpleNamespace(**{name: SimpleNamespace(value=v) for name, v in known.items()})


def test_visits_use_the_time_of_workers(world: Any) -> None:
    """10 days of 2 visits of 30 min are 600 min, of 600 min a day in 61 days."""
    team(world)
    world.spell(world.person(), "team", 5, 15, units=60)
    assert world.value("worker_utilisation", "pool:minutes") == pytest.approx(1 / DAYS)
    for stratum in ("all", "service:team", "pool:minutes", "organisation:Care Ltd"):
        assert world.value("visits", stratum) == pytest.approx(20)
        assert world.value("contact_hours", stratum) == pytest.approx(10)
    assert world.cells("paid_hours") == {}
    assert ("contact_of_paid_hours", "pool:*") not in headline(world.plan)


def test_paid_hours_hold_absence_and_time_without_people(world: Any) -> None:
    """600 min a day of contact are 1,500 paid where half is contact and a fifth is absent."""
    team(world, from_staff=staff(absence=0.2, contact_share=0.5))
    world.spell(world.person(), "team", 5, 15, units=60)
    assert world.value("paid_hours", "pool:minutes") == pytest.approx(1500 / 60 * DAYS)
    share = world.value("contact_of_paid_hours", "pool:minutes")
    assert share == pytest.approx(10 / (1500 / 60 * DAYS))
    assert ("contact_of_paid_hours", "pool:*") in headline(world.plan)


def test_staff_in_use_are_utilised(world: Any) -> None:
    """Two of four clinicians for 6.1 days are a twentieth of what there is."""
    pool = world.pool("clinicians", 4, "staff")
    world.service("triage", in_place=True, pools=(pool,))
    world.spell(world.person(), "triage", 1, 7.1, units=2)
    assert world.value("worker_utilisation", "pool:clinicians") == pytest.approx(0.05)
    assert ("worker_utilisation", "pool:clinicians", "window") not in world.cells("paid_hours")


def test_booked_and_kept_time_is_added_up(world: Any) -> None:
    """2 units granted a day and a half before the start; kept for 4 days, 3 of them in the window.

    The mean is the same divided by the 61 days.
    """
    pool = world.pool("places", 10)
    world.service("ward", "community_bed", pools=(pool,))
    world.spell(world.person(), "ward", 5, 9, granted=3.5, asked=3, units=2)
    world.spell(world.person(), "ward", 50, 58, kept_until=62)
    assert world.value("booked_days", "pool:places") == pytest.approx(3)
    assert world.value("kept_days", "pool:places") == pytest.approx(3)
    assert world.value("places_booked", "pool:places") == pytest.approx(3 / DAYS)


def test_time_above_capacity_counts_every_unit(world: Any) -> None:
    """3 people in places that fall from 3 to 1 on day 10, until days 12, 13 and 20."""
    pool = world.pool("places", [(-10, 3), (10, 1)])
    world.service("ward", "community_bed", pools=(pool,))
    for left in (12, 13, 20):
        world.spell(world.person(), "ward", 2, left)
    assert world.value("days_above_capacity", "pool:places") == pytest.approx(2 * 2 + 1)
    assert world.value("time_above_capacity", "pool:places") == pytest.approx(3 / DAYS)


@pytest.fixture
def surging(world: Any) -> Any:
    """A pool of 4 with 2 more from day 10 to 13, and from day 58 on; full from day 9 to 14."""
    pool = world.pool("surging", 4)
    world.service("ward", "community_bed", pools=(pool,))
    world.staffed["surging"] = SimpleNamespace(surge=object(), from_staff=None)
    for t, what in ((10, SURGE_OPENED), (13, SURGE_CLOSED), (58, SURGE_OPENED)):
        world.change(t, -1, pool, 2, what)
    world.spell(world.person(), "ward", 9, 14, units=4)
    return world


def test_surges_are_counted_in_openings_days_and_places(surging: Any) -> None:
    assert surging.value("surge_openings", "pool:surging") == 2
    assert surging.value("surge_days", "pool:surging") == pytest.approx(3 + 3)
    assert surging.value("surge_place_days", "pool:surging") == pytest.approx(12)
    months = surging.cells("surge_openings")
    assert months["pool:surging", "2015-04"] == 1
    assert months["pool:surging", "2015-05"] == 1
    assert ("surge_days", "pool:*") in headline(surging.plan)


def test_surge_places_are_capacity_while_they_are_open(surging: Any) -> None:
    assert surging.value("capacity_mean", "pool:surging") == pytest.approx(4 + 12 / DAYS)
    assert surging.value("p_full", "pool:surging") == pytest.approx(2 / DAYS)
    assert surging.value("utilisation", "pool:surging") == pytest.approx(20 / (4 * DAYS + 12))


def test_without_surges_nothing_is_said_of_them(world: Any) -> None:
    assert world.cells("surge_days") == {}
    assert ("surge_days", "pool:*") not in headline(world.plan)


def test_transfers_within_a_pool_stand_apart_from_circles_and_grants(world: Any) -> None:
    """Who was there at the start was granted nothing."""
    pool = world.pool("places", 10)
    world.service("ward", "community_bed", pools=(pool,))
    ways = [How.AT_ONCE, How.AT_ONCE, How.WAITED, How.CIRCLE, How.WITHIN_POOL, How.BACK, How.START]
    for how in ways:
        world.spell(world.person(), "ward", 3, 6, how=how)
    year = 365.25 / DAYS
    assert world.value("grants", "pool:places") == pytest.approx(6 * year)
    found = {stratum: value / year for (stratum, _), value in world.cells("grants").items()}
    assert found["pool:places | how:at once"] == pytest.approx(2)
    for how in ("waited", "circle", "within pool", "back"):
        assert found[f"pool:places | how:{how}"] == pytest.approx(1)
    assert "pool:places | how:start" not in found


def test_requests_that_came_to_nothing_are_counted_by_service_and_cause(world: Any) -> None:
    world.written["ward"] = SimpleNamespace(waiting_room=object(), visiting=(), max_stay=())
    for cause, outcome in (
        ("fall", Outcome.TURNED_AWAY),
        ("fall", Outcome.TURNED_AWAY),
        ("infection", Outcome.TURNED_AWAY),
        ("fall", Outcome.GAVE_UP),
    ):
        p = world.person()
        world.episode(p, cause, 4)
        world.spell(p, "community", None, 5, asked=4, outcome=outcome)
    late = world.person()
    world.episode(late, "fall", 70)
    world.spell(late, "community", None, 71, asked=70, outcome=Outcome.TURNED_AWAY)
    year = 365.25 / DAYS
    assert world.value("turned_away_requests") == pytest.approx(3 * year)
    assert world.value("turned_away_requests", "service:community") == pytest.approx(3 * year)
    pair = world.value("turned_away_requests", "service:community | cause:fall")
    assert pair == pytest.approx(2 * year)
    assert world.value("given_up_requests", "service:community") == pytest.approx(year)
    assert world.value("turned_away", "service:community") == pytest.approx(3 / 4)
