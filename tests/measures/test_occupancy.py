"""Occupancy of pools and services over time and at midnight."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepath_sim.engine.spells import How, Outcome
from carepath_sim.measures import Distribution, evaluate, occupancy_distribution

DAYS = 61


@pytest.fixture
def ward(world: Any) -> Any:
    """Return a world with a pool of four beds: 1 in use for 20 days, 3 for 10, 5 for one day."""
    world.spell(world.person(), "acute", 0, 20)
    world.spell(world.person(), "acute", 20, 31, units=2)
    world.spell(world.person(), "acute", 20, 31)
    world.spell(world.person(), "acute", 30, 31, units=2)
    return world


def test_the_mean_is_over_time_and_in_units(ward: Any) -> None:
    cells = ward.cells("occupancy_mean")
    # 20 x 1 + 10 x 3 + 1 x 5 = 55 bed days in units; people: 20 + 11 x 2 + 1 = 43.
    assert cells["pool:acute_beds", "window"] == pytest.approx(55 / DAYS)
    assert cells["pool:acute_beds", "2015-04"] == pytest.approx((20 + 30) / 30)
    assert cells["service:acute", "window"] == pytest.approx(43 / DAYS)
    assert cells["pool:community_beds", "window"] == 0


def test_percentiles_are_levels_not_exceeded_for_that_share_of_time(ward: Any) -> None:
    # Levels over time: 0 for 30 days, 1 for 20, 3 for 10, 5 for 1: shares .49, .82, .984, 1.
    for word, level in (("p50", 1), ("p90", 3), ("p95", 3), ("p99", 5), ("max", 5)):
        assert ward.value(f"occupancy_{word}", "pool:acute_beds") == level


def test_shares_of_capacity(ward: Any) -> None:
    assert ward.value("occupancy_share", "pool:acute_beds") == pytest.approx(55 / (4 * DAYS))
    assert ward.value("utilisation", "pool:acute_beds") == pytest.approx(55 / (4 * DAYS))
    assert ward.value("capacity_mean", "pool:acute_beds") == pytest.approx(4)


def test_full_means_no_unit_free_and_above_means_more_than_there_are(ward: Any) -> None:
    assert ward.value("p_full", "pool:acute_beds") == pytest.approx(1 / DAYS)
    assert ward.value("time_above_capacity", "pool:acute_beds") == pytest.approx(1 / DAYS)
    assert ward.value("units_above_capacity", "pool:acute_beds") == pytest.approx(1 / DAYS)


def test_midnights_are_counted_at_24_00(ward: Any) -> None:
    # Midnights of days 0 to 18 see 1 (the stay leaves at the one of day 19, which sees 3),
    # days 19 to 28 see 3, day 29 sees 5 (started at it), day 30: all gone.
    expected = (19 * 1 + 10 * 3 + 1 * 5) / DAYS
    assert ward.value("occupancy_midnight", "pool:acute_beds") == pytest.approx(expected)


def test_booked_and_kept_units_count_against_capacity_and_are_reported_apart(world: Any) -> None:
    # Booked from day 4, in the bed from day 6 to 10, kept until day 13.
    world.spell(world.person(), "community", 6, 10, asked=2, granted=4, kept_until=13)
    # Booked for a day and never taken: the person died.
    world.spell(world.person(), "community", None, 21, asked=18, granted=20, outcome=Outcome.DIED)
    cells = {
        name: world.value(name, "pool:community_beds")
        for name in ("occupancy_mean", "places_booked", "places_kept", "utilisation", "p_full")
    }
    assert cells["occupancy_mean"] == pytest.approx(4 / DAYS)
    assert cells["places_booked"] == pytest.approx(3 / DAYS)
    assert cells["places_kept"] == pytest.approx(3 / DAYS)
    assert cells["utilisation"] == pytest.approx(10 / (2 * DAYS))
    assert cells["p_full"] == 0


def test_who_moves_within_a_pool_or_comes_back_holds_no_second_place(world: Any) -> None:
    for how in (How.WITHIN_POOL, How.BACK):
        world.spell(world.person(), "community", 6, 10, asked=2, granted=4, how=how)
    assert world.value("places_booked", "pool:community_beds") == 0


def test_an_in_place_step_holds_its_place_until_it_is_ready(world: Any) -> None:
    world.service("desk", in_place=True, pools=(world.pool("desk", 2),))
    world.spell(world.person(), "desk", 6, 10, ready=7)  # its decision comes on day 10
    assert world.value("occupancy_mean", "pool:desk") == pytest.approx(1 / DAYS)


def test_capacity_by_roster_and_date(world: Any) -> None:
    pool = world.pool("desk", [(-10, 2), (0.5, 0), (1, 1), (30, 3)], unit="staff")
    world.service("desk", in_place=True, pools=(pool,))
    world.spell(world.person(), "desk", 0.25, 1.5)
    assert world.value("capacity_mean", "pool:desk") == pytest.approx((1 + 29 + 93) / DAYS)
    # No unit free while one of one is taken, day 1 to 1.5; closed hours (no capacity) do not count.
    assert world.value("p_full", "pool:desk") == pytest.approx(0.5 / (DAYS - 0.5))
    # In use after the desk closed: half a day above capacity 0.
    assert world.value("time_above_capacity", "pool:desk") == pytest.approx(0.5 / DAYS)


def test_a_pool_without_limit_has_no_share_of_capacity(world: Any) -> None:
    pool = world.pool("places", 2**40, unlimited=True)
    world.service("virtual", "own_home", pools=(pool,))
    world.spell(world.person(), "virtual", 0, 61)
    assert world.value("occupancy_mean", "pool:places") == 1
    for name in ("utilisation", "p_full", "capacity_mean", "units_above_capacity"):
        assert ("pool:places", "window") not in world.cells(name)


def test_streams_of_a_pool_are_told_apart(world: Any) -> None:
    world.spell(world.person(), "community", 0, 6.1, stream="step_up")
    world.spell(world.person(), "community", 0, 12.2, stream="step_down")
    cells = world.cells("occupancy_mean")
    assert cells["pool:community_beds | stream:step_up", "window"] == pytest.approx(0.1)
    assert cells["pool:community_beds | stream:step_down", "window"] == pytest.approx(0.2)


def test_a_place_that_changes_hands_at_an_instant_makes_no_peak(world: Any) -> None:
    world.spell(world.person(), "community", 1, 5)
    world.spell(world.person(), "community", 5, 9)
    assert world.value("occupancy_max", "pool:community_beds") == 1


def test_people_there_before_and_after_the_window_count_within_it(world: Any) -> None:
    world.spell(world.person(), "acute", -9, None, ready=None)
    assert world.value("occupancy_mean", "pool:acute_beds") == 1
    assert world.value("occupancy_midnight", "pool:acute_beds") == 1


def test_the_distribution_gives_the_chance_of_delay(ward: Any) -> None:
    found = occupancy_distribution(ward.plan, ward.record, pool="acute_beds")
    assert found.levels.tolist() == [0, 1, 3, 5]
    assert found.shares == pytest.approx(np.array([30, 20, 10, 1]) / DAYS)
    # P(N = 3) / P(N <= 3) = 10 / 60; at a level that never occurs nobody is delayed.
    assert found.p_delay(3) == pytest.approx(10 / 60)
    assert found.p_delay(2) == 0
    assert occupancy_distribution(ward.plan, ward.record, service="acute").cumulative(2) == (
        pytest.approx(60 / 61)
    )


def test_the_chance_of_delay_of_a_poisson_occupancy_is_erlang_b() -> None:
    """P(N = n) / P(N <= n) of a Poisson number is Erlang's loss formula (Monks et al. 2016)."""
    load = 8.0
    levels = np.arange(60)
    weights = np.cumprod(np.append(1.0, load / levels[1:]))
    found = Distribution(levels, weights / weights.sum())
    erlang = 1.0
    for n in range(1, 15):
        erlang = load * erlang / (n + load * erlang)
        assert found.p_delay(n) == pytest.approx(erlang)


def test_a_distribution_is_of_one_pool_or_one_service(ward: Any) -> None:
    with pytest.raises(ValueError, match="a pool or of a service"):
        occupancy_distribution(ward.plan, ward.record)


STAYS = st.lists(
    st.tuples(
        st.integers(-200, 1500),
        st.integers(0, 700),
        st.integers(1, 3),
        st.sampled_from(["acute", "community"]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(stays=STAYS)
def test_time_weighted_figures_equal_sampling_every_hour(
    worlds: Any, stays: list[tuple[int, int, int, str]]
) -> None:
    """Stays begin and end on whole hours, so looking in at every half hour sees everything."""
    world = worlds()
    for begin, length, units, service in stays:
        p = world.person()
        world.spell(p, service, begin / 24, (begin + length) / 24, units=units)
    percentiles = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
    names = [f"occupancy_{word}" for word in ("mean", "max", *percentiles)]
    rows = evaluate(world.plan, world.record, [*names, "p_full", "units_above_capacity"])
    found = {(row.measure, row.stratum): row.value for row in rows if row.period == "window"}
    for service, pool, capacity in (("acute", "acute_beds", 4), ("community", "community_beds", 2)):
        seen = np.zeros(DAYS * 24, dtype=np.int64)
        for begin, length, units, name in stays:
            if name == service:
                seen[max(begin, 0) : max(begin + length, 0)] += units
        stratum = f"pool:{pool}"
        assert found["occupancy_mean", stratum] == pytest.approx(seen.mean())
        assert found["occupancy_max", stratum] == seen.max()
        assert found["p_full", stratum] == pytest.approx((seen >= capacity).mean())
        excess = np.maximum(seen - capacity, 0)
        assert found["units_above_capacity", stratum] == pytest.approx(excess.mean())
        for word, share in percentiles.items():
            expected = np.quantile(seen, share, method="inverted_cdf")
            assert found[f"occupancy_{word}", stratum] == expected
        spread = occupancy_distribution(world.plan, world.record, pool=pool)
        levels, counts = np.unique(seen, return_counts=True)
        assert spread.levels.tolist() == levels.tolist()
        assert spread.shares == pytest.approx(counts / len(seen))
