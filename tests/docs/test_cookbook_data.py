"""Pages about staff, tables, the calendar and people who change; each test has its page's name."""

from __future__ import annotations

import math

import numpy as np

from carepath_sim.engine.spells import NEVER
from carepath_sim.statistics import queueing
from tests.docs.cookbook import COOKBOOK, DAY, HOUR, hold, run, stays

A_YEAR = 365.25


def page(name: str) -> str:
    return (COOKBOOK / f"{name}.md").read_text(encoding="utf-8")


def test_working_days() -> None:
    plan, record = run("working-days.yaml")
    rows = {s["requested"] // DAY: s for s in stays(plan, record, "ward")}
    # Days from Monday, 30 March; all are ready at ten.
    out = {0: 2, 2: 8, 3: 9, 4: 10 - 10 / 24, 8: 10, 11: 15}
    for day, left in out.items():
        assert rows[day]["ready"] == day * DAY + 10 * HOUR
        assert rows[day]["left"] == round(left * DAY) + 10 * HOUR
    assert round(rows[4]["left"] / DAY - 4 - 10 / 24, 2) == 5.58
    assert "5.58" in page("working-days")


def test_staff_minutes() -> None:
    for use, people, minutes, share, wait in (
        ("actual", 51, 2314, 0.27, 1.24),
        ("budget", 57, 2571, 0.05, 0.12),
    ):
        exact = queueing.mmc(1.6, 28, people)
        assert minutes // 45 == people
        assert (round(exact.p_wait, 2), round(exact.mean_wait, 2)) == (share, wait)
        hold(
            "staff-minutes.yaml",
            {
                ("capacity_mean", "pool:visit_minutes"): minutes,
                ("p_wait", "service:reablement"): exact.p_wait,
                ("wait_mean", "service:reablement"): 24 * exact.mean_wait,
            },
            f"pools.visit_minutes.from_staff.use={use}",
        )


def test_tapering() -> None:
    first, third = (28 * -math.expm1(-days / 28) for days in (7, 21))
    minutes = 120 * first + 60 * (third - first) + 30 * (28 - third)
    assert round(minutes) == 1655
    assert (round(first, 1), round(third - first, 1), round(28 - third, 1)) == (6.2, 8.6, 13.2)
    hold("tapering.yaml", {("occupancy_mean", "pool:visit_minutes"): minutes})


def test_own_stays() -> None:
    table = (COOKBOOK / "own-stays.csv").read_text(encoding="utf-8")
    assert f"```text\n{table}```" in page("own-stays")
    rows = [line.split(",") for line in table.splitlines()[1:] if line.startswith("A")]
    days, people = (np.array([float(row[k]) for row in rows]) for k in (1, 2))
    mean = float(days @ people / people.sum())
    assert mean == 4.75
    assert people[days <= 2].sum() >= 50
    hold(
        "own-stays.yaml",
        {
            ("length_of_stay_mean", "service:ward"): mean,
            ("occupancy_mean", "service:ward"): 3 * mean,
        },
    )


def test_spreadsheet_demand() -> None:
    shown = page("spreadsheet-demand")
    for name in ("day-rates.csv", "list.csv"):
        lines = (COOKBOOK / name).read_text(encoding="utf-8").splitlines()
        assert all(line in shown for line in lines)
    a_day = 0.5 * 8 + 2 * 4 + 3 * 6 + 1 * 6
    assert a_day == 36
    hold("spreadsheet-demand.yaml", {("requests", "service:desk"): a_day * A_YEAR})
    for replication in (0, 1):
        plan, record = run("spreadsheet-list.yaml", replication=replication)
        times = [
            (s["started"] // 60_000, s["left"] // 60_000) for s in stays(plan, record, "visit")
        ]
        nine = 9 * 60
        assert times == [
            (nine + 30, nine + 75),
            (nine + 95, nine + 125),
            (nine + 75, nine + 95),
            (24 * 60 + 14 * 60, 24 * 60 + 15 * 60),
        ]


def test_frailer() -> None:
    for days, share, words in ((10, 1 - 0.99**8, "7.7 %"), (6, 1 - 0.99**4, "3.9 %")):
        assert f"{100 * share:.1f} %" == words
        assert words in page("frailer")
        plan, record = run("frailer.yaml", [f"services.acute.stay={days} d"])
        ended = sum(s["left"] != NEVER for s in stays(plan, record, "acute"))
        moved = len(record.changes["t"])
        # Would fail by chance once in a thousand choices of seed.
        assert abs(moved - ended * share) < 3.3 * math.sqrt(ended * share * (1 - share))


def test_todays_census() -> None:
    table = (COOKBOOK / "census.csv").read_text(encoding="utf-8")
    assert f"```text\n{table}```" in page("todays-census")
    plan, record = run("todays-census.yaml")
    ward, reablement = (
        {s["person"]: s["left"] / DAY for s in stays(plan, record, name)}
        for name in ("ward", "reablement")
    )
    ways = sorted((ward.get(person, 0), left) for person, left in reablement.items())
    assert ways == [(0, 5), (5, 19), (19, 33), (33, 47)]
