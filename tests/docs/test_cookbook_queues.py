"""Pages about lines of people come out as they say; each test has the name of its page.

Exact answers come from queueing theory. With fixed seeds and intervals of 99.9 %.
"""

from __future__ import annotations

import pytest
from scipy import stats

from carepath_sim.statistics import queueing
from tests.docs.cookbook import hold, values

A_YEAR = 365.25


def test_one_desk() -> None:
    rho, service = 0.8, 0.2
    wait = rho * service / (1 - rho)
    assert wait == pytest.approx(0.8)
    hold(
        "one-desk.yaml",
        {
            ("utilisation", "pool:clerk"): rho,
            ("p_wait", "service:desk"): rho,
            ("wait_mean", "service:desk"): wait,
            ("waiting_people", "service:desk"): 4 * wait,
        },
    )
    assert queueing.mmc(4, service, 2).mean_wait * 60 == pytest.approx(2.3, abs=0.05)
    assert queueing.mg1(4, service, 0).mean_wait * 60 == pytest.approx(24)
    assert queueing.mmc(4.5, service, 1).mean_wait == pytest.approx(1.8)
    hold(
        "one-desk.yaml",
        {("wait_mean", "service:desk"): 0.4},
        "services.desk.stay=12 min",
        replications=4,
    )


def test_lost_when_full() -> None:
    exact = queueing.loss_system(2, 4, 10)
    assert (round(exact.p_lost, 3), round(exact.utilisation, 2)) == (0.122, 0.70)
    assert queueing.loss_system(2, 4, 13).p_lost == pytest.approx(0.031, abs=5e-4)
    hold(
        "lost-when-full.yaml",
        {
            ("given_up", "service:ward"): exact.p_lost,
            ("utilisation", "pool:beds"): exact.utilisation,
        },
    )


def test_unlimited_beds() -> None:
    busy = stats.poisson(21).ppf([0.95, 0.99])
    assert list(busy) == [29, 32]
    assert stats.poisson(18).ppf(0.95) == 25
    hold("unlimited-beds.yaml", {("occupancy_mean", "pool:beds"): 21})
    found = values("unlimited-beds.yaml")
    assert sum(found["occupancy_p95", "pool:beds"]) / 5 == pytest.approx(29, abs=1)
    assert sum(found["occupancy_p99", "pool:beds"]) / 5 == pytest.approx(32, abs=1.2)


def test_two_teams() -> None:
    one, two = queueing.mmc(10, 0.3, 4), queueing.mmc(5, 0.3, 2)
    assert (round(one.p_wait, 2), round(one.mean_wait, 3)) == (0.51, 0.153)
    assert (round(two.p_wait, 2), round(two.mean_wait, 3)) == (0.64, 0.386)
    for queue, sets in (
        (one, ()),
        (two, ("pools.clinicians.policy={ring_fenced: {hospital: 2, gp: 2}}",)),
    ):
        for line in ("hospital_line", "gp_line"):
            hold(
                "two-teams.yaml",
                {
                    ("p_wait", f"service:{line}"): queue.p_wait,
                    ("wait_mean", f"service:{line}"): queue.mean_wait,
                },
                *sets,
                replications=4,
            )


def test_two_in_a_row() -> None:
    for file, room, sets in (
        ("two-in-a-row.yaml", 0, ()),
        ("two-in-a-row-lounge.yaml", 1, ()),
        ("two-in-a-row-lounge.yaml", 4, ("pools.lounge.capacity=4",)),
    ):
        share = (room + 2) / (room + 3)
        assert queueing.saturated_line([1, 1], [room]).throughput == pytest.approx(share)
        hold(file, {("ends", "service:transport_bay"): share * 24 * A_YEAR}, *sets)


def test_giving_up() -> None:
    exact = queueing.erlang_a(20, 0.2, 4, 0.25)
    assert round(exact.p_abandon, 3) == 0.185
    assert round(exact.p_delayed, 2) == 0.59
    assert round(exact.mean_queue, 2) == 0.92
    hold(
        "giving-up.yaml",
        {
            ("given_up", "service:line"): exact.p_abandon,
            ("p_wait", "service:line"): exact.p_delayed,
            ("waiting_people", "service:line"): exact.mean_queue,
        },
    )


def test_urgent_first() -> None:
    urgent, routine = queueing.mmc_priority([3, 6], 0.25, 3).mean_waits
    assert (round(urgent, 3), round(routine, 3)) == (0.063, 0.252)
    assert queueing.mmc(9, 0.25, 3).mean_wait == pytest.approx((urgent + 2 * routine) / 3)
    assert round((urgent + 2 * routine) / 3, 3) == 0.189
    hold(
        "urgent-first.yaml",
        {
            ("wait_mean", "service:line | stream:urgent"): urgent,
            ("wait_mean", "service:line | stream:routine"): routine,
        },
    )
