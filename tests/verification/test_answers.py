"""The answers of the pack are those of the formulas, which are written elsewhere and apart."""

from __future__ import annotations

import math
from typing import Any

import pytest

from carepath_sim.statistics import queueing as q
from carepath_sim.verification.answers import answer, answers
from carepath_sim.verification.lines import LINES
from carepath_sim.verification.losses import BEDS, POOLED
from carepath_sim.verification.patience import QUEUES as IMPATIENT
from carepath_sim.verification.priorities import CLASSES
from carepath_sim.verification.queues import QUEUES
from carepath_sim.verification.rooms import ROOMS
from carepath_sim.verification.stroke import GAPS, VARIANTS
from carepath_sim.verification.unlimited import WARDS

PRINTED = 6e-7  # seven digits or more are printed


def same(found: object, known: object) -> bool:
    return found == pytest.approx(known, rel=PRINTED, abs=PRINTED)


@pytest.mark.parametrize(
    ("case", "mean"),
    [
        ("mmc_l0.8_m1_c1", 1.0),
        ("mmc_l2.5_m1_c3", 1.0),
        ("mmc_l18_m1_c20", 1.0),
        ("mmc_l4.5_m0.5_c10", 2.0),
    ],
)
def test_queues_with_exponential_service(case: str, mean: float) -> None:
    expected, queue = answer(case).expected, QUEUES[case]
    found = q.mmc(queue.rate, mean, queue.servers)
    for name in ("p_wait", "mean_wait", "mean_queue", "mean_time_in_system", "utilisation"):
        assert same(getattr(found, name), expected[name])
    for name, share in (("wait_q50", 0.5), ("wait_q90", 0.9), ("wait_q95", 0.95)):
        assert same(found.wait_quantile(share), expected[name])


@pytest.mark.parametrize(
    ("case", "mean", "sd"),
    [
        ("mg1_lognormal_0.7", 1.0, 1.5),
        ("mg1_deterministic_0.7", 1.0, 0.0),
        ("mg1_uniform_0.7", 1.0, 1 / math.sqrt(12)),
        ("mg1_gamma_0.7", 1.0, 0.5),
        ("mg1_triangular_0.1", 22 / 3, math.sqrt((25 + 49 + 100 - 35 - 50 - 70) / 18)),
    ],
)
def test_queues_with_any_service(case: str, mean: float, sd: float) -> None:
    expected = answer(case).expected
    found = q.mg1(QUEUES[case].rate, mean, sd)
    for name in ("p_wait", "mean_wait", "mean_queue", "utilisation"):
        assert same(getattr(found, name), expected[name])


@pytest.mark.parametrize("case", WARDS)
def test_occupancies_without_a_limit(case: str) -> None:
    expected, ward = answer(case).expected, WARDS[case]
    found = q.mginf(ward.rate, ward.mean)
    assert same(found.mean, expected["mean_occupancy"])
    assert same(found.pmf(round(found.mean)), expected["occ_pmf_at_mean"])
    for beds, share in expected["p_occ_gt"].items():
        assert same(found.p_above(int(beds)), share)


@pytest.mark.parametrize("case", BEDS)
def test_losses_without_a_queue(case: str) -> None:
    expected, beds = answer(case).expected, BEDS[case]
    found = q.loss_system(beds.rate, beds.mean, beds.beds)
    assert same(found.p_lost, expected["p_lost"])
    assert same(found.mean_occupancy, expected["mean_occupancy"])


@pytest.mark.parametrize("case", POOLED)
def test_losses_of_streams_with_shared_beds(case: str) -> None:
    expected, pooled = answer(case).expected, POOLED[case]
    a, b, both = pooled.parts
    found = q.pooled_loss(*pooled.loads, dedicated_a=a, dedicated_b=b, shared=both)
    for name, value in expected.items():
        assert same(getattr(found, name), value)


@pytest.mark.parametrize(
    ("case", "means", "sds"),
    [("mg1_prio_2exp", (1, 1), (1, 1)), ("mg1_prio_2mix", (0.8, 1.2), (0.4, 0))],
)
def test_queues_with_priorities(
    case: str, means: tuple[float, ...], sds: tuple[float, ...]
) -> None:
    expected = answer(case).expected
    found = q.mg1_priority(CLASSES[case].rates, means, sds)
    assert same(list(found.mean_waits), expected["mean_wait_by_class"])
    assert same(list(found.mean_times_in_system), expected["mean_time_by_class"])


def test_several_servers_with_priorities() -> None:
    found = q.mmc_priority(CLASSES["mmc_prio_2_3"].rates, 1.0, 3)
    assert same(list(found.mean_waits), answer("mmc_prio_2_3").expected["mean_wait_by_class"])


def test_the_queue_of_the_other_simulator_is_one_of_ours() -> None:
    ours = answer("mg1_prio_2exp").expected["mean_time_by_class"]
    assert answer("prio_literature").expected["time_in_system"] == ours


@pytest.mark.parametrize("case", IMPATIENT)
def test_queues_with_patience(case: str) -> None:
    expected, queue = answer(case).expected, IMPATIENT[case]
    if isinstance(queue.patience, str):
        hours = float(queue.patience.split()[0])
        found = q.mmc_fixed_patience(queue.rate, queue.mean, queue.servers, hours)
        assert same(found.mean_wait, expected["mean_wait_all"])
    else:
        found = q.erlang_a(queue.rate, queue.mean, queue.servers, 2.0)
        assert same(found.mean_queue, expected["mean_queue"])
        assert same(found.mean_occupancy, expected["mean_occupancy"])
    assert same(found.p_abandon, expected["p_abandon"])
    assert same(found.p_delayed, expected["p_delayed"])


@pytest.mark.parametrize("case", ROOMS)
def test_queues_with_a_waiting_room(case: str) -> None:
    expected, room = answer(case).expected, ROOMS[case]
    found = q.mmck(room.rate, room.mean, room.servers, 5)
    assert same(found.p_lost, expected["p_lost"])
    assert same(found.mean_queue, expected["mean_queue"])
    assert same(found.mean_wait, expected["mean_wait_accepted"])
    assert same(found.mean_occupancy, expected["mean_occupancy"])


@pytest.mark.parametrize("case", LINES)
def test_lines_that_block(case: str) -> None:
    expected, line = answer(case).expected, LINES[case]
    found = q.saturated_line(line.rates, line.rooms)
    assert same(found.throughput, expected["throughput"])
    assert same(list(found.blocked), expected["p_blocked"])
    assert same(list(found.starved), expected["p_starved"])


def test_the_network_of_three_desks() -> None:
    expected = answer("jackson_jn_test").expected
    routing = [[0, 0.1, 0.4], [0.6, 0, 0.4], [0.3, 0.3, 0]]
    found = q.jackson(routing, [1, 4, 3], [1, 2, 1], [10, 10, 10])
    assert same(found.mean_number, expected["mean_in_network"])
    assert same(found.mean_sojourn, expected["mean_sojourn"])
    for node, station in zip(expected["nodes"], found.stations, strict=True):
        assert same(station.p_wait, node["p_wait"])
        assert same(station.mean_wait, node["mean_wait"])


def test_the_queue_that_starts_empty() -> None:
    expected = answer("mmc_transient_empty").expected
    times = [float(t) for t in expected["mean_number_at_t"]]
    found = q.mmc_transient(2.7, 1.0, 3, times)
    assert same(list(found.mean_number), list(expected["mean_number_at_t"].values()))
    assert same(list(found.mean_queue), list(expected["mean_queue_at_t"].values()))


@pytest.mark.parametrize("variant", VARIANTS)
def test_delays_in_acute_stroke_care_are_erlang_losses(variant: str) -> None:
    expected: dict[str, Any] = answer("monks_stroke").expected[variant]
    for unit in ("asu", "rehab"):
        found = q.mginf(expected[f"mean_{unit}_occupancy"], 1.0)
        for beds, share in expected["p_delay"][unit].items():
            assert same(found.p_delay(int(beds)), share)


def test_admissions_to_the_stroke_unit_are_what_arrives() -> None:
    came = sum(1 / GAPS[name] for name in ("stroke", "tia", "neuro", "other"))
    for variant, factor in VARIANTS.items():
        found = came * factor - (1 / GAPS["neuro"] if variant == "no_neuro" else 0)
        assert same(found, answer("monks_stroke").expected[variant]["asu_admissions_per_day"])


def test_every_answer_names_its_source() -> None:
    assert all(known.source and known.title for known in answers().values())
