"""Queues that are not Markov, closed networks and finite sources, against known special cases."""

from __future__ import annotations

import math

import pytest

from carepath_sim.statistics import queueing as q


def test_one_server_with_fixed_services_is_that_of_pollaczek_and_khinchine() -> None:
    found = q.mdc(0.7, 1, 1)
    assert found.mean_wait == pytest.approx(q.mg1(0.7, 1, 0).mean_wait)
    assert found.p_wait == pytest.approx(0.7)


def test_several_servers_with_fixed_services_wait_a_little_more_than_half_as_long() -> None:
    """Kingman: in heavy traffic fixed services halve the wait of exponential ones."""
    ratio = q.mdc(9.8, 1, 10).mean_wait / q.mmc(9.8, 1, 10).mean_wait
    assert 0.5 < ratio < 0.53


def test_exponential_gaps_are_those_of_one_line() -> None:
    found, known = q.gim1(lambda s: 0.8 / (0.8 + s), 1), q.mmc(0.8, 1, 1)
    assert (found.p_wait, found.mean_wait) == pytest.approx((known.p_wait, known.mean_wait))


def test_fixed_gaps_solve_their_equation() -> None:
    share = q.gim1(lambda s: math.exp(-2 * s), 1).p_wait
    assert share == pytest.approx(math.exp(-2 * (1 - share)))
    assert share == pytest.approx(0.2032, abs=5e-5)


def test_a_closed_network_of_two_desks_is_a_line_with_limited_room() -> None:
    """The second desk serves whom the first lets go: M/M/1 with room for all but one."""
    network = q.closed_network([1, 1], [1, 0.5], 4)
    line = q.mmck(1, 0.5, 1, 3)
    assert network.throughput == pytest.approx(1 * (1 - line.p_lost))
    assert sum(network.mean_numbers) == pytest.approx(4)


def test_a_finite_source_with_places_for_all_is_binomial() -> None:
    shares = q.finite_source(5, 0.25, 2, 5)
    there = 0.5 / 1.5
    binomial = [math.comb(5, k) * there**k * (1 - there) ** (5 - k) for k in range(6)]
    assert shares == pytest.approx(binomial)


def test_without_a_difference_of_streams_a_shared_unit_is_one_queue() -> None:
    """With endless patience of the first stream both wait as in M/M/c."""
    unit = q.Unit((0.05, 0.15), 14, 1e9, 5, "shared")
    _, wait = q.shared_unit(unit)
    assert wait == pytest.approx(q.mmc(0.2, 14, 5).mean_wait, rel=0.01)


def test_priority_takes_from_one_what_it_gives_the_other() -> None:
    first, second = 0.05, 0.15
    unit = q.Unit((first, second), 14, 1e9, 5, "priority")
    waits = q.mmc_priority([first, second], 14, 5).mean_waits
    assert q.shared_unit(unit)[1] == pytest.approx(waits[1], rel=0.01)
