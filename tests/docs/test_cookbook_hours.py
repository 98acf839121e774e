"""Pages about hours and planning come out as they say; each test has the name of its page."""

from __future__ import annotations

import pytest

from carepath_sim.statistics import mean_interval
from tests.docs.cookbook import DAY, HOUR, hold, run, stays, values


def test_night_closed() -> None:
    hold(
        "night-closed.yaml",
        {("wait_mean", "service:clinic"): 16 / 24 * 8, ("p_wait", "service:clinic"): 0},
    )
    hold(
        "night-closed.yaml",
        {("wait_mean", "service:clinic"): 12 / 24 * 6},
        "services.clinic.admits=daily 08:00-20:00",
    )
    plan, record = run("night-closed.yaml")
    begun = [s["started"] % DAY for s in stays(plan, record, "clinic") if s["started"] > 0]
    assert all(9 * HOUR <= t < 17 * HOUR for t in begun)


def test_duty_desk() -> None:
    plan, record = run("duty-desk.yaml")
    monday = 7 * DAY
    half = HOUR // 2
    friday = 4 * DAY + 16 * HOUR + 50 * 60_000
    assert [(s["started"], s["left"]) for s in stays(plan, record, "desk")] == [
        (friday, friday + half),
        (monday + 9 * HOUR, monday + 9 * HOUR + half),
        (monday + 9 * HOUR + half, monday + 10 * HOUR),
    ]


@pytest.mark.parametrize(("ahead", "delay"), [(0, 4), (1, 3), (3, 1), (4, 0), (5, 0)])
def test_plan_ahead(ahead: int, delay: int) -> None:
    sets = (f"services.ward.plan_ahead={ahead} d",)
    hold("plan-ahead.yaml", {("delay_of_leaving_mean", "service:ward"): delay}, *sets)
    hold("plan-ahead.yaml", {("occupancy_mean", "service:ward"): 7 + delay}, *sets)


def test_three_assessments() -> None:
    longest = 2 * (1 + 1 / 2 + 1 / 3)
    assert round(longest, 2) == 3.67
    hold("three-assessments.yaml", {("delay_of_leaving_mean", "service:ward"): longest})
    hold(
        "three-assessments.yaml",
        {("delay_of_leaving_mean", "service:ward"): 6},
        "services.ward.next=health",
        "services.health.next=social_care",
        "services.social_care.next=housing",
    )


def test_discharge_rounds() -> None:
    lag = 22 / 24 * 11 / 24
    assert round(lag * 24, 1) == 10.1
    hold(
        "discharge-rounds.yaml",
        {
            ("delay_of_leaving_mean", "service:ward"): lag,
            ("occupancy_mean", "service:ward"): 4 * (6 + lag),
        },
    )
    found = values("discharge-rounds.yaml")
    rounds = found["delayed_time", "service:ward | reason:decision round"]
    assert mean_interval(rounds, 0.999).contains(366 * 4 * lag)
