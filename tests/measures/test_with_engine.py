"""Measures of a record that the engine wrote agree with each other and with its own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from carepath_sim.engine import simulate
from carepath_sim.engine.spells import NEVER
from carepath_sim.measures import daily, evaluate, levels, paired
from carepath_sim.measures.delays import OTHER, delayed_stays, pieces
from carepath_sim.measures.occupancy import BOOKED, KEPT, PRESENT, held, pool_course
from carepath_sim.measures.openings import first_opening
from carepath_sim.measures.places import present_at
from carepath_sim.measures.view import View, ended
from carepath_sim.plan import compile_plan
from carepath_sim.scenario.loader import load

if TYPE_CHECKING:
    from carepath_sim.measures.measure import Row


@pytest.fixture(scope="module")
def view() -> View:
    """Return three months of a small Buckinghamshire with three community beds."""
    sets = {
        "population.size": 1500,
        "clock.length": "3 month",
        "clock.warm_up": "30 d",
        "pools.community_beds.capacity": 3,
    }
    plan = compile_plan(load("buckinghamshire/as-is", sets=sets))
    return View(plan, simulate(plan, seed=1, replication=0))


@pytest.fixture(scope="module")
def rows(view: View) -> dict[tuple[str, str], Row]:
    found = evaluate(view.plan, view.record)
    return {(row.measure, row.stratum): row for row in found if row.period == "window"}


def test_pieces_sum_to_every_delay(view: View) -> None:
    cut, stays = view.once(pieces), view.once(delayed_stays)
    spent = np.zeros(len(view.spells["ready"]), dtype=np.int64)
    np.add.at(spent, cut.host, cut.end - cut.begin)
    assert len(stays) > 20
    assert np.array_equal(spent[stays], view.once(ended)[stays] - view.spells["ready"][stays])


def test_every_delay_has_a_reason_in_words(view: View) -> None:
    assert not np.any(view.once(pieces).kind == OTHER)


def test_units_held_by_spells_are_those_of_the_engines_own_account(view: View) -> None:
    """The engine keeps integrals of units and time beside the spells, over the whole run."""
    found = np.zeros(len(view.plan.pools), dtype=np.int64)
    for quantity, row, *times in held(view):
        assert quantity in {PRESENT, BOOKED, KEPT}
        begin, end = (np.clip(t, view.plan.begin, view.plan.end) for t in times)
        amount = view.spells["units"][row] * (end - begin)
        np.add.at(found, view.spells["pool"][row], amount)
    assert found.sum() > 0
    assert found.tolist() == view.record.audit["units_time"].tolist()


def test_delayed_time_in_hospital_is_that_of_its_services(
    rows: dict[tuple[str, str], Row], view: View
) -> None:
    beds = [s.name for s in view.plan.services if s.setting in {"acute_bed", "community_bed"}]
    by_service = sum(rows["delayed_time", f"service:{name}"].value for name in beds)
    assert rows["delayed_transfer_time", "all"].value == pytest.approx(by_service)
    for key in ("reason", "responsible", "setting"):
        parts = [
            row.value
            for (name, stratum), row in rows.items()
            if name == "delayed_transfer_days" and stratum.startswith(key) and "|" not in stratum
        ]
        assert sum(parts) == rows["delayed_transfer_days", "all"].value > 0


def test_occupancy_is_bed_days_by_time(rows: dict[tuple[str, str], Row], view: View) -> None:
    days = view.window / 86_400_000
    for pool in ("acute_beds", "community_beds"):
        mean = rows["occupancy_mean", f"pool:{pool}"].value
        assert rows["bed_days", f"pool:{pool}"].value == pytest.approx(mean * days)
        midnight = rows["occupancy_midnight", f"pool:{pool}"].value
        assert rows["bed_nights", f"pool:{pool}"].value == pytest.approx(midnight * days)
        assert rows["occupancy_p50", f"pool:{pool}"].value <= (
            rows["occupancy_p99", f"pool:{pool}"].value
        )
        assert rows["p_full", f"pool:{pool}"].value <= 1


def test_days_average_to_the_midnight_mean(rows: dict[tuple[str, str], Row], view: View) -> None:
    found = daily(view.plan, view.record)
    for k, pool in enumerate(view.plan.pools):
        mean = rows["occupancy_midnight", f"pool:{pool.name}"].value
        assert found["occupancy"][:, k].mean() == pytest.approx(mean)


def test_mean_occupancy_is_that_of_the_distribution(view: View) -> None:
    course = view.once(pool_course)
    means = levels.mean(course, course.level[PRESENT])
    for mean, found in zip(means, levels.distributions(course, PRESENT), strict=True):
        assert found.shares.sum() == pytest.approx(1)
        assert mean == pytest.approx(float(found.levels @ found.shares))


def test_first_openings_are_those_of_the_plan(view: View) -> None:
    t = np.arange(-500, 4000, 37, dtype=np.int64) * 3_600_000
    for which in ("admits", "decides", "discharges"):
        hours = np.flatnonzero(np.asarray(getattr(view.plan.tables, which)) >= 0)
        for service in hours.tolist():
            found = first_opening(view.plan, which, np.full(len(t), service), t)
            assert found.tolist() == [view.plan.next_opening(service, which, int(x)) for x in t]


def test_people_present_somewhere_are_found_there(view: View) -> None:
    spells = view.spells
    rows = present_at(view, spells["person"], spells["started"])
    in_place = np.array([info.in_place for info in view.plan.services])[spells["service"]]
    placed = (spells["started"] != NEVER) & ~in_place & (view.once(ended) > spells["started"])
    placed &= spells["service"] != view.plan.service_index["died"]
    assert np.array_equal(rows[placed], np.flatnonzero(placed))


def test_a_run_compared_with_itself_differs_in_nothing(view: View) -> None:
    found = paired(view.plan, view.record, view.plan, view.record)
    assert {row.value for row in found} == {0}
