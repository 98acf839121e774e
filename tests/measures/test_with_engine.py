"""Measures of a record that the engine wrote agree with each other and with its own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.spells import NEVER, How, Outcome
from carepath_sim.measures import daily, evaluate, levels, paired
from carepath_sim.measures.audit import audit
from carepath_sim.measures.delays import (
    ADMISSION,
    DECISION,
    DISCHARGE,
    ONWARD,
    OTHER,
    RETURN,
    STEP,
    delayed_stays,
    pieces,
)
from carepath_sim.measures.occupancy import BOOKED, KEPT, PRESENT, held, pool_course
from carepath_sim.measures.openings import first_opening
from carepath_sim.measures.places import present_at
from carepath_sim.measures.view import View, ended
from carepath_sim.plan import compile_plan
from carepath_sim.scenario.loader import load

if TYPE_CHECKING:
    from carepath_sim.measures.measure import Row


AREA = """
carepath: 1
area: Testshire
variant: as-is
title: A little of everything that measures look at
clock: {start: 2015-04-01, length: 3 month, warm_up: 30 d, run_out: 91 d}
attributes:
  needs: {of: episode, shares: {simple: 0.6, complex: 0.4}}
population:
  size: 1500
  bands:
    65-79: {share: 0.7, frailty: {fit: 0.6, mild: 0.4}}
    80+: {share: 0.3, frailty: {fit: 0.3, mild: 0.7}}
  hazards:
    fall: {rate: 0.6 per y, to: desk}
    death: {rate: 0.05 per y, to: died}
arrivals:
  ward: {rate: 60 per y, at: acute, planned: true}
pools:
  clinicians: {unit: staff, capacity: {daily 08:00-20:00: 2, daily 20:00-08:00: 1}}
  assessors: {unit: staff, capacity: 2}
  acute_beds: {unit: beds, capacity: 20, overflow: unlimited}
  community_beds: {unit: beds, capacity: 4, policy: {ring_fenced: {step_up: 1, step_down: 3}}}
  packages: {unit: places, capacity: 30}
exits: [advice]
services:
  desk:
    in_place: true
    pool: clinicians
    stay: {fixed: 30 min}
    next: {to: {acute: 0.5, community: 0.2, advice: 0.3}}
  acute:
    setting: acute_bed
    pool: acute_beds
    organisation: Trust
    stay: {exponential: {mean: 6 d}}
    decides: daily 09:00-10:00
    discharges: daily 10:00-18:00
    next:
      - {when: {needs: complex}, to: {all_of: [assessment, notice], then: home_care}}
      - {to: {back: 0.5, community: 0.2, reablement: 0.2, died: 0.1}}
  community:
    setting: community_bed
    pool: community_beds
    stream: {from acute: step_down, else: step_up}
    stay: {exponential: {mean: 12 d}}
    max_wait: {step_up: {after: 24 h, to: acute, cause: no step-up bed}}
    admits: daily 08:00-20:00
    discharges: daily 10:00-17:00
    next: {to: {back: 0.6, reablement: 0.4}}
  assessment:
    in_place: true
    pool: assessors
    role: [assessment]
    organisation: Council
    responsible: social
    stay: {fixed: 3 d}
  notice: {in_place: true, responsible: social, stay: {fixed: 2 d}}
  reablement:
    setting: own_home
    role: [reablement]
    stay: {exponential: {mean: 20 d}}
    admits: Mon-Fri 09:00-17:00
    next: {to: {home: 0.7, home_care: 0.3}}
  home_care:
    setting: own_home
    residence: true
    pool: packages
    keeps_place: 2 wk
    stay: {exponential: {mean: 60 d}}
    next: {to: home}
"""


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    """Return a run in which people queue, are diverted, go back to kept places and die."""
    path = tmp_path_factory.mktemp("area") / "testshire.yaml"
    path.write_text(AREA, encoding="utf-8")
    plan = compile_plan(load(str(path)))
    return View(plan, simulate(plan, seed=1, replication=0, engine=DEFAULT_ENGINE))


def test_the_run_has_something_of_everything(view: View) -> None:
    """What the other tests hold for is there to be looked at."""
    assert set(view.spells["outcome"].tolist()) >= {
        Outcome.MOVED, Outcome.DIVERTED, Outcome.INTERRUPTED, Outcome.DIED, Outcome.STILL_THERE
    }  # fmt: skip
    assert {How.WAITED, How.AT_ONCE, How.BACK} <= set(view.spells["how"].tolist())
    assert np.any(view.spells["kept_until"] != NEVER)
    kinds = set(view.once(pieces).kind.tolist())
    assert {STEP, ONWARD, DISCHARGE, ADMISSION, DECISION, RETURN} <= kinds


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


def test_looks_every_hour_average_to_the_mean_over_time(
    view: View, rows: dict[tuple[str, str], Row]
) -> None:
    """Whoever is not seen at one look is seen at another: 2,184 looks in 91 days."""
    found = audit(view.plan, view.record, 3_600_000)
    for name in ("acute_beds", "packages"):
        mine = found["pool"] == view.plan.pool_index[name]
        mean = rows["occupancy_mean", f"pool:{name}"].value
        assert found["occupancy"][mine].mean() == pytest.approx(mean, rel=0.02)


def test_looks_at_midnight_are_those_of_the_days(view: View) -> None:
    """The look at 00:00 is the count at 24:00 of the day before."""
    found, days = audit(view.plan, view.record, 86_400_000), daily(view.plan, view.record)
    for k in range(len(view.plan.pools)):
        mine = found["pool"] == k
        assert found["occupancy"][mine][1:].tolist() == days["occupancy"][:-1, k].tolist()
        assert found["waiting"][mine][1:].tolist() == days["waiting"][:-1, k].tolist()


def test_ways_to_a_place_and_episodes_make_up_their_wholes(
    rows: dict[tuple[str, str], Row], view: View
) -> None:
    """Grants by way sum to those of the pool; episodes of each cause to all episodes."""
    for pool in view.plan.pools:
        parts = [
            row.value
            for (name, stratum), row in rows.items()
            if name == "grants" and stratum.startswith(f"pool:{pool.name} | ")
        ]
        assert sum(parts) == pytest.approx(rows["grants", f"pool:{pool.name}"].value)
    whole = rows["hand_offs", "all"]
    parts = [row for (name, s), row in rows.items() if name == "hand_offs" and s != "all"]
    assert sum(row.weight or 0 for row in parts) == whole.weight
    assert sum((row.weight or 0) * row.value for row in parts) == pytest.approx(
        (whole.weight or 0) * whole.value
    )


def test_staff_in_use_are_the_share_of_their_capacity(rows: dict[tuple[str, str], Row]) -> None:
    for name in ("clinicians", "assessors"):
        share = rows["occupancy_share", f"pool:{name}"].value
        assert rows["worker_utilisation", f"pool:{name}"].value == pytest.approx(share)
    assert ("worker_utilisation", "pool:acute_beds") not in rows


def test_booked_and_kept_days_are_their_means_by_time(
    rows: dict[tuple[str, str], Row], view: View
) -> None:
    days = view.window / 86_400_000
    for pool in ("community_beds", "packages"):
        for word in ("booked", "kept"):
            mean = rows[f"places_{word}", f"pool:{pool}"].value
            assert rows[f"{word}_days", f"pool:{pool}"].value == pytest.approx(mean * days)
    assert rows["kept_days", "pool:packages"].value > 0
