"""Pages about beds, places and people come out as they say; each test has the name of its page."""

from __future__ import annotations

import math
from calendar import month_abbr

import pytest

from carepath_sim.statistics import queueing
from tests.docs.cookbook import COOKBOOK, hold, run, stays

A_YEAR = 365.25
MONTH_NAMES = tuple(month_abbr)[1:]
DAYS = (31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MONTHS = dict(zip(MONTH_NAMES, DAYS, strict=True))

POLICIES = {
    "shared": ("shared", (0, 0), 0.063, 0.20),
    "ring_fenced": ("{ring_fenced: {step_up: 4, step_down: 6}}", (4, 6), 0.165, 0.99),
    "reserved": ("{reserved: {step_up: 2}}", (2, 0), 0.016, 3.08),
    "partial": ("{partial: {step_up: 3, step_down: 5, shared: 2}}", (3, 5), 0.102, 0.38),
    "priority": ("{priority: [step_up, step_down]}", (0, 0), 0.056, 0.26),
}


@pytest.mark.parametrize("word", POLICIES)
def test_sharing_policies(word: str) -> None:
    written, parts, share, days = POLICIES[word]
    ended, wait = queueing.shared_unit(queueing.Unit((0.2, 0.25), 14, 1, 10, word, parts))
    assert (round(ended, 3), round(wait, 2)) == (share, days)
    page = (COOKBOOK / "sharing-policies.md").read_text(encoding="utf-8")
    assert f"| `{written}` | {100 * share:.1f} % | {days:.2f} d |" in page
    hold(
        "sharing-policies.yaml",
        {
            ("diverted", "service:community_bed | stream:step_up"): ended,
            ("wait_mean", "service:community_bed | stream:step_down"): 24 * wait,
        },
        f"pools.community_beds.policy={written}",
        replications=6,
    )


def test_kept_bed() -> None:
    away = 10 / (A_YEAR + 10)
    assert round(200 * away, 1) == 5.3
    hold("kept-bed.yaml", {("places_kept", "pool:care_home_places"): 200 * away})
    plan, record = run("kept-bed.yaml")
    hospital = [s for s in stays(plan, record, "acute") if s["left"] > 0]
    assert hospital
    assert all(s["left"] == s["ready"] for s in hospital)


def test_virtual_ward() -> None:
    exact, more = queueing.loss_system(1, 6, 8), queueing.loss_system(1, 6, 10)
    assert (round(exact.p_lost, 3), round(exact.mean_occupancy, 2)) == (0.122, 5.27)
    assert (round(exact.lost_rate * A_YEAR, 1), round(more.p_lost, 3)) == (44.5, 0.043)
    visits = 2 * exact.mean_occupancy * A_YEAR
    assert (round(visits), round(30 * visits, -3)) == (3849, 115_000)
    assert round(exact.lost_rate * A_YEAR * 8 * 263, -3) == 94_000
    days = 365 + 366 + 365
    hold(
        "virtual-ward.yaml",
        {
            ("diverted", "service:virtual_ward"): exact.p_lost,
            ("occupancy_mean", "pool:virtual_beds"): exact.mean_occupancy,
            ("visits", "service:virtual_ward"): 2 * exact.mean_occupancy * days,
            ("admissions_after_diversion", "all"): exact.lost_rate * days,
        },
    )


def test_diverted() -> None:
    exact = queueing.loss_system(1.2, 7, 10)
    assert (round(exact.p_lost, 3), round(exact.utilisation, 2)) == (0.140, 0.72)
    assert round(10 * exact.lost_rate, 1) == 1.7
    assert [round(queueing.loss_system(1.2, 7, c).p_lost, 3) for c in (12, 14)] == [0.063, 0.023]
    hold(
        "diverted.yaml",
        {
            ("diverted", "service:stroke_unit"): exact.p_lost,
            ("occupancy_mean", "service:medical_ward"): 10 * exact.lost_rate,
            ("utilisation", "pool:stroke_beds"): exact.utilisation,
        },
    )


def test_readmission() -> None:
    exact = 1 - math.exp(-0.5 * (7 * 6 + 21 * 3) / A_YEAR)
    assert round(exact, 3) == 0.134
    assert round(1 - math.exp(-0.5 * 28 / A_YEAR), 3) == 0.038
    hold("readmission.yaml", {("readmissions_28_days", "all"): exact})


def test_winter() -> None:
    factors = dict.fromkeys(MONTHS, 1.0) | {
        "Dec": 1.2,
        "Jan": 1.4,
        "Feb": 1.2,
        "Jul": 0.8,
        "Aug": 0.8,
    }
    mean = sum(MONTHS[name] * factors[name] for name in MONTHS) / sum(MONTHS.values())
    rate = {name: 10 * factor / mean for name, factor in factors.items()}
    assert (round(mean, 4), round(rate["Jan"], 2)) == (1.0324, 13.56)

    def beds(month: str, before: str) -> float:
        # In the first eight days some of those present came in the month before.
        return 8 * rate[month] - (rate[month] - rate[before]) * 8**2 / 2 / 31

    assert (round(beds("Jan", "Dec"), 1), round(beds("Jul", "Jun"), 1)) == (106.5, 64.0)
    for month, exact in (("2016-01-01", beds("Jan", "Dec")), ("2015-07-01", beds("Jul", "Jun"))):
        sets = (f"clock.start={month}", "clock.length=31 d")
        hold("winter.yaml", {("occupancy_mean", "service:ward"): exact}, *sets, replications=10)


def test_locality_teams() -> None:
    exact = {"north": queueing.mmc(0.6, 8, 6), "south": queueing.mmc(0.4, 8, 4)}
    one = queueing.mmc(1, 8, 10)
    found = [(round(q.p_wait, 2), round(24 * q.mean_wait)) for q in (*exact.values(), one)]
    assert found == [(0.52, 83), (0.60, 143), (0.41, 39)]
    hold(
        "locality-teams.yaml",
        {("p_wait", f"service:team[{name}]"): queue.p_wait for name, queue in exact.items()}
        | {("wait_mean", f"service:team[{n}]"): 24 * queue.mean_wait for n, queue in exact.items()},
        replications=8,
    )
    hold(
        "locality-teams.yaml",
        {("p_wait", "service:team"): one.p_wait, ("wait_mean", "service:team"): 24 * one.mean_wait},
        "pools.places.per=null",
        "pools.places.capacity=10",
        "services.team.per=null",
        replications=8,
    )
