"""Steady states of queues, against printed values of queueing theory."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath_sim.statistics import queueing as q

EIGHT_DIGITS = 5e-8


@pytest.mark.parametrize(
    ("rate", "mean", "servers", "p_wait", "mean_wait", "mean_queue", "q50", "q90", "q95"),
    [
        (0.8, 1.0, 1, 0.8, 4.0, 3.2, 2.3500181, 10.397208, 13.862944),
        (2.5, 1.0, 3, 0.70224719, 1.4044944, 3.511236, 0.67935474, 3.8982306, 5.2845249),
        (18, 1.0, 20, 0.550769, 0.2753845, 4.956921, 0.048353697, 0.85307265, 1.1996462),
        (4.5, 2.0, 10, 0.66873152, 1.337463, 6.0185837, 0.58154914, 3.800425, 5.1867193),
    ],
)
def test_mmc(
    rate: float,
    mean: float,
    servers: int,
    p_wait: float,
    mean_wait: float,
    mean_queue: float,
    q50: float,
    q90: float,
    q95: float,
) -> None:
    """Erlang C and what follows from it, to the digits printed."""
    queue = q.mmc(rate, mean, servers)
    assert queue.p_wait == pytest.approx(p_wait, rel=EIGHT_DIGITS)
    assert queue.mean_wait == pytest.approx(mean_wait, rel=EIGHT_DIGITS)
    assert queue.mean_queue == pytest.approx(mean_queue, rel=EIGHT_DIGITS)
    assert queue.mean_time_in_system == pytest.approx(mean_wait + mean, rel=EIGHT_DIGITS)
    assert queue.utilisation == pytest.approx(rate * mean / servers)
    quantiles = [queue.wait_quantile(share) for share in (0.5, 0.9, 0.95)]
    assert quantiles == pytest.approx([q50, q90, q95], rel=EIGHT_DIGITS)


def test_wait_quantile_undoes_the_tail() -> None:
    queue = q.mmc(2.5, 1.0, 3)
    assert queue.p_wait_longer(queue.wait_quantile(0.9)) == pytest.approx(0.1)
    assert queue.p_wait_longer(-1.0) == 1
    assert queue.p_wait_longer(0.0) == queue.p_wait


def test_most_do_not_wait_where_few_do() -> None:
    assert q.mmc(1.0, 1.0, 10).wait_quantile(0.5) == 0


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_quantiles_are_taken_at_shares(share: float) -> None:
    with pytest.raises(ValueError, match="quantile"):
        q.mmc(0.5, 1.0, 1).wait_quantile(share)
    with pytest.raises(ValueError, match="quantile"):
        q.mginf(0.5, 1.0).quantile(share)


@pytest.mark.parametrize(
    ("sd", "mean_wait"),
    [(1.5, 3.7916667), (0.0, 1.1666667), (math.sqrt(1 / 12), 1.2638889), (0.5, 1.4583333)],
)
def test_mg1_needs_only_two_moments(sd: float, mean_wait: float) -> None:
    """Lognormal, fixed, uniform (0.5 to 1.5) and gamma service at a utilisation of 0.7."""
    queue = q.mg1(0.7, 1.0, sd)
    assert queue.mean_wait == pytest.approx(mean_wait, rel=EIGHT_DIGITS)
    assert queue.mean_queue == pytest.approx(0.7 * mean_wait, rel=EIGHT_DIGITS)
    assert queue.mean_time_in_system == pytest.approx(1 + mean_wait, rel=EIGHT_DIGITS)
    assert queue.p_wait == queue.utilisation == 0.7


def test_occupancy_without_a_limit_is_poisson() -> None:
    """Three arrivals a day, staying seven days on average."""
    occupancy = q.mginf(3.0, 7.0)
    assert occupancy.mean == occupancy.variance == 21
    assert occupancy.pmf(21) == pytest.approx(0.086711592, rel=EIGHT_DIGITS)
    tails = [occupancy.p_above(people) for people in (21, 26, 31)]
    assert tails == pytest.approx([0.44231404, 0.11743496, 0.015166426], rel=EIGHT_DIGITS)
    assert [occupancy.quantile(share) for share in (0.5, 0.95, 0.99)] == [21, 29, 32]
    assert occupancy.pmf(-1) == 0
    assert occupancy.p_above(-1) == 1


@pytest.mark.parametrize(
    ("rate", "stay", "beds", "p_lost", "mean_occupancy"),
    [
        (2.1, 7.0, 15, 0.17055226, 12.192882),
        (1.0, 4.5, 5, 0.243021, 3.4064055),
        (5.14, 3.3, 20, 0.085005806, 15.520132),
    ],
)
def test_loss_system(
    rate: float, stay: float, beds: int, p_lost: float, mean_occupancy: float
) -> None:
    """Erlang B; the stroke model's probability of delay is the same number."""
    wards = q.loss_system(rate, stay, beds)
    assert wards.p_lost == pytest.approx(p_lost, rel=EIGHT_DIGITS)
    assert wards.mean_occupancy == pytest.approx(mean_occupancy, rel=EIGHT_DIGITS)
    assert wards.utilisation == pytest.approx(mean_occupancy / beds, rel=EIGHT_DIGITS)
    assert wards.lost_rate == pytest.approx(rate * p_lost, rel=EIGHT_DIGITS)
    assert q.mginf(rate, stay).p_delay(beds) == pytest.approx(wards.p_lost)


@given(st.floats(0.01, 200.0), st.integers(1, 300))
def test_one_server_more_loses_less(load: float, servers: int) -> None:
    assert 0 <= q.erlang_b(load, servers) <= q.erlang_b(load, servers - 1) <= 1


def test_loss_where_beds_abound_is_nil() -> None:
    """The recursion passes the range of floats and ends at zero."""
    assert q.erlang_b(1e-3, 500) == 0
    assert q.mmc_fixed_patience(1e-3, 1.0, 500, 1.0).p_abandon == 0


@pytest.mark.parametrize(
    ("rate", "mean", "servers", "room", "p_lost", "mean_queue", "mean_wait", "occupancy"),
    [
        (4.0, 1.0, 3, 5, 0.27954036, 3.0323577, 1.0522302, 2.8818386),
        (2.2, 10.0, 20, 5, 0.14005353, 1.8629004, 0.98468093, 18.918822),
    ],
)
def test_finite_waiting_room(
    rate: float,
    mean: float,
    servers: int,
    room: int,
    p_lost: float,
    mean_queue: float,
    mean_wait: float,
    occupancy: float,
) -> None:
    queue = q.mmck(rate, mean, servers, room)
    assert queue.p_lost == pytest.approx(p_lost, rel=EIGHT_DIGITS)
    assert queue.mean_queue == pytest.approx(mean_queue, rel=EIGHT_DIGITS)
    assert queue.mean_wait == pytest.approx(mean_wait, rel=EIGHT_DIGITS)
    assert queue.mean_occupancy == pytest.approx(occupancy, rel=EIGHT_DIGITS)


def test_a_large_waiting_room_is_no_limit() -> None:
    limited, unlimited = q.mmck(2.5, 1.0, 3, 400), q.mmc(2.5, 1.0, 3)
    assert limited.p_wait == pytest.approx(unlimited.p_wait)
    assert limited.mean_wait == pytest.approx(unlimited.mean_wait)


@pytest.mark.parametrize(
    ("loads", "beds", "lost", "means"),
    [
        ((8.0, 9.5), (11, 11, 4), (0.014691537, 0.031315674), (7.8824677, 9.2025011)),
        ((5.0, 5.0), (4, 4, 2), (0.23779943, 0.23779943), (3.8110029, 3.8110029)),
    ],
)
def test_pooled_loss(
    loads: tuple[float, float],
    beds: tuple[int, int, int],
    lost: tuple[float, float],
    means: tuple[float, float],
) -> None:
    """Product form of two streams with shared overflow beds."""
    pool = q.pooled_loss(*loads, dedicated_a=beds[0], dedicated_b=beds[1], shared=beds[2])
    assert (pool.p_lost_a, pool.p_lost_b) == pytest.approx(lost, rel=EIGHT_DIGITS)
    assert (pool.mean_a, pool.mean_b) == pytest.approx(means, rel=EIGHT_DIGITS)


def test_without_shared_beds_streams_are_apart() -> None:
    pool = q.pooled_loss(3.0, 5.0, dedicated_a=4, dedicated_b=6, shared=0)
    assert pool.p_lost_a == pytest.approx(q.erlang_b(3.0, 4))
    assert pool.p_lost_b == pytest.approx(q.erlang_b(5.0, 6))


def test_priority_that_waits_its_turn() -> None:
    """Cobham, for exponential classes and for a lognormal with a fixed one."""
    alike = q.mg1_priority([0.2, 0.6], [1.0, 1.0], [1.0, 1.0])
    assert alike.mean_waits == pytest.approx((1.0, 5.0))
    assert alike.mean_times_in_system == pytest.approx((2.0, 6.0))
    mixed = q.mg1_priority([0.3, 0.4], [0.8, 1.2], [0.4, 0.0])
    assert mixed.mean_waits == pytest.approx((0.53684211, 1.9172932), rel=EIGHT_DIGITS)
    assert mixed.utilisation == pytest.approx(0.72)


def test_priority_among_several_servers() -> None:
    queue = q.mmc_priority([1.0, 1.5], 1.0, 3)
    assert queue.mean_waits == pytest.approx((0.3511236, 2.1067416), rel=EIGHT_DIGITS)
    assert queue.mean_times_in_system[0] == pytest.approx(1.3511236)


def test_priority_does_not_change_the_mean_of_all() -> None:
    """Kleinrock's conservation law: with equal services, order only redistributes the waits."""
    queue = q.mmc_priority([1.0, 1.5], 1.0, 3)
    mean = (1.0 * queue.mean_waits[0] + 1.5 * queue.mean_waits[1]) / 2.5
    assert mean == pytest.approx(q.mmc(2.5, 1.0, 3).mean_wait)


def test_priority_that_interrupts() -> None:
    """The first class sees a queue of its own."""
    queue = q.mg1_preemptive_resume([0.3, 0.4], [1.0, 1.0], [1.0, 1.0])
    assert queue.mean_times_in_system == pytest.approx((1.4285714, 4.7619048), rel=EIGHT_DIGITS)
    assert queue.mean_waits[0] == pytest.approx(q.mg1(0.3, 1.0, 1.0).mean_wait)


def test_exponential_patience() -> None:
    """Erlang A at the load at which nobody would ever catch up without reneging."""
    queue = q.erlang_a(10, 1.0, 10, 2.0)
    assert queue.p_abandon == pytest.approx(0.10391321, rel=EIGHT_DIGITS)
    assert queue.p_delayed == pytest.approx(0.61965523, rel=EIGHT_DIGITS)
    assert queue.mean_queue == pytest.approx(2.0782642, rel=EIGHT_DIGITS)
    assert queue.mean_wait == pytest.approx(0.20782642, rel=EIGHT_DIGITS)
    assert queue.mean_occupancy == pytest.approx(8.9608679, rel=EIGHT_DIGITS)
    assert queue.abandon_rate == pytest.approx(1.0391321, rel=EIGHT_DIGITS)


@pytest.mark.parametrize(
    ("rate", "mean", "patience", "p_abandon", "p_delayed", "mean_wait"),
    [
        (5.0, 0.5, 6.0, 0.6, 1.0, 5.8666667),
        (0.9, 1.0, 2.0, 0.21876373, 0.70311265, 0.90574216),
        # Arrivals as fast as the server, so that the density is flat up to the patience: uniform
        # on (0, 3), tail of mass 1 and atom of mass 1, all relative to 5.
        (1.0, 1.0, 3.0, 0.2, 0.8, 1.5),
    ],
)
def test_fixed_patience(
    rate: float, mean: float, patience: float, p_abandon: float, p_delayed: float, mean_wait: float
) -> None:
    queue = q.mmc_fixed_patience(rate, mean, 1, patience)
    assert queue.p_abandon == pytest.approx(p_abandon, rel=EIGHT_DIGITS)
    assert queue.p_delayed == pytest.approx(p_delayed, rel=EIGHT_DIGITS)
    assert queue.mean_wait == pytest.approx(mean_wait, rel=EIGHT_DIGITS)


def test_endless_patience_is_mmc() -> None:
    patient, queue = q.mmc_fixed_patience(2.5, 1.0, 3, 200.0), q.mmc(2.5, 1.0, 3)
    assert patient.mean_wait == pytest.approx(queue.mean_wait)
    assert patient.p_delayed == pytest.approx(queue.p_wait)
    assert q.erlang_a(2.5, 1.0, 3, 1e7 / 2.5).p_delayed == pytest.approx(queue.p_wait, rel=1e-4)


def test_long_overload_stays_in_range() -> None:
    """Ten times more arrivals than can be served: nine in ten give up."""
    assert q.mmc_fixed_patience(100.0, 1.0, 10, 1000.0).p_abandon == pytest.approx(0.9)
    assert q.erlang_a(100.0, 1.0, 10, 100.0).p_abandon == pytest.approx(0.9)


@pytest.mark.parametrize("rate", [1.0, 1.5])
def test_overload_has_no_steady_state(rate: float) -> None:
    with pytest.raises(ValueError, match="No steady state"):
        q.mmc(rate, 1.0, 1)
    with pytest.raises(ValueError, match="No steady state"):
        q.mg1(rate, 1.0, 0.0)
    with pytest.raises(ValueError, match="No steady state"):
        q.mg1_priority([rate / 2, rate / 2], [1.0, 1.0], [0.0, 0.0])


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan])
def test_rates_are_above_zero(bad: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        q.mmc(bad, 1.0, 1)
    with pytest.raises(ValueError, match="above zero"):
        q.mginf(1.0, bad)
    with pytest.raises(ValueError, match="above zero"):
        q.erlang_a(1.0, 1.0, 1, bad)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="servers"):
        q.erlang_b(1.0, -1)
    with pytest.raises(ValueError, match="service_sd"):
        q.mg1(0.5, 1.0, -1.0)
    with pytest.raises(ValueError, match="waiting_room"):
        q.mmck(1.0, 1.0, 1, -1)
    with pytest.raises(ValueError, match="beds"):
        q.pooled_loss(1.0, 1.0, dedicated_a=1, dedicated_b=-1, shared=1)
    with pytest.raises(ValueError, match="class"):
        q.mg1_priority([1.0], [0.1, 0.2], [0.0])
    with pytest.raises(ValueError, match="deviation"):
        q.mg1_priority([1.0], [0.1], [-0.1])
