"""Pages about what changes while a scenario runs; each test has the name of its page."""

from __future__ import annotations

import pytest

from tests.docs.cookbook import COOKBOOK, DAY, hold, run, stays, values

A_YEAR = 365.25


def page(name: str) -> str:
    return (COOKBOOK / f"{name}.md").read_text(encoding="utf-8")


def test_winter_beds() -> None:
    plan, record = run("winter-beds.yaml")
    found = [(s["requested"] / DAY, s["started"] / DAY) for s in stays(plan, record, "ward")]
    assert found == [(1, 1), (2, 2), (3, 7), (4, 7), (5, 11), (6, 12)]
    got = values("winter-beds.yaml", replications=1)
    assert got["surge_openings", "pool:beds"] == [1]
    assert got["surge_days", "pool:beds"] == [13]
    assert got["surge_place_days", "pool:beds"] == [26]


def supported_in_july() -> float:
    """Return the mean number: half of those who leave, for two weeks each.

    Four a day leave, and eight on the days in which people of June and of July both do.
    """
    steps = [0.5 * (8 if 6 <= k / 100 < 8 else 4) / 100 for k in range(3100)]
    there = [sum(steps[max(0, k - 1400) : k]) + steps[k] / 2 for k in range(3100)]
    return sum(there) / 3100


@pytest.mark.parametrize(
    ("month", "days", "beds", "supported"),
    [("2015-06-01", 30, 32, 0), ("2015-07-01", 31, 25.8, 23.5), ("2015-09-01", 30, 24, 28)],
)
def test_starts_in_july(month: str, days: int, beds: float, supported: float) -> None:
    # July: up to day 6 nobody who came since has left, and until day 8 some of June are there.
    exact = {"2015-07-01": 4 * (8 * 6 + 14 + 6 * 23) / 31}.get(month, beds)
    assert round(exact, 1) == beds
    if month == "2015-07-01":
        assert round(supported_in_july(), 1) == supported
    assert f"| {beds:g} | {supported:g} |" in page("starts-in-july")
    hold(
        "starts-in-july.yaml",
        {
            ("occupancy_mean", "service:ward"): exact,
            ("occupancy_mean", "service:early_support"): {"2015-07-01": supported_in_july()}.get(
                month, supported
            ),
        },
        f"clock.start={month}",
        f"clock.length={days} d",
        replications=12,
    )


def test_closing_service() -> None:
    plan, record = run("closing-service.yaml")
    old, new = (
        {s["person"]: (s["started"] / DAY, s["left"] / DAY) for s in stays(plan, record, name)}
        for name in ("old_team", "new_team")
    )
    assert [old[person] for person in range(2)] == [(1, 7), (7, 13)]
    assert [new[person] for person in range(2, 5)] == [(9, 15), (10, 16), (15, 21)]


@pytest.mark.parametrize(("factor", "stated"), [(1, 1001), (0.7, 911), (0.5, 851)])
def test_prevention(factor: float, stated: int) -> None:
    def admissions(people: int, rate: float) -> float:
        # At home and in hospital for a day take turns.
        return people * rate / (1 + rate / A_YEAR)

    exact = (admissions(1400, 0.5) + admissions(600, 0.5 * factor)) * 366 / A_YEAR
    assert round(exact) == stated
    assert f"{stated:,}" in page("prevention")
    hold(
        "prevention.yaml",
        {("emergency_admissions", "all"): exact},
        f"programmes.falls_prevention.effect.fall={factor}",
        replications=10,
    )
