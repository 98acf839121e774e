"""Networks, blocking lines and Markov chains, against printed values of queueing theory."""

import numpy as np
import pytest

from carepath_sim.statistics import queueing as q


@pytest.mark.parametrize(
    ("rates", "buffers", "throughput", "blocked", "starved"),
    [
        # Two stations: (b + 2) / (b + 3); three and more: Hillier and Boling (1967).
        ([1, 1], [0], 2 / 3, [1 / 3, 0], [0, 1 / 3]),
        ([1, 1], [1], 3 / 4, [1 / 4, 0], [0, 1 / 4]),
        ([1, 1], [4], 6 / 7, [1 / 7, 0], [0, 1 / 7]),
        ([1, 1, 1], [0, 0], 22 / 39, [0.43589744, 0.23076923, 0], [0, 0.20512821, 0.43589744]),
        (
            [1, 1, 1, 1, 1],
            [0, 0, 0, 0],
            0.48579812,
            [0.51420188, 0.3832298, 0.28180238, 0.17033533, 0],
            [0, 0.13097208, 0.2323995, 0.34386655, 0.51420188],
        ),
        (
            [1, 1.2, 0.9],
            [0, 2],
            0.66328477,
            [0.33671523, 0.12585604, 0],
            [0, 0.32140665, 0.26301692],
        ),
    ],
)
def test_blocking_after_service(
    rates: list[float],
    buffers: list[int],
    throughput: float,
    blocked: list[float],
    starved: list[float],
) -> None:
    line = q.saturated_line(rates, buffers)
    assert line.throughput == pytest.approx(throughput, rel=5e-8)
    assert line.blocked == pytest.approx(blocked, rel=5e-8, abs=1e-12)
    assert line.starved == pytest.approx(starved, rel=5e-8, abs=1e-12)


def test_several_servers_in_front_of_a_ward() -> None:
    """Two stations are a birth-death chain of people past the first service, blocked included."""
    first, second, buffer = 4, 3, 2
    rate_first, rate_second = 0.5, 0.8
    room = second + buffer
    past = np.arange(room + first + 1)
    held = np.maximum(past - room, 0)
    busy = np.minimum(past, second)
    share = q.birth_death(((first - held) * rate_first)[:-1], (busy * rate_second)[1:])
    line = q.saturated_line([rate_first, rate_second], [buffer], servers=[first, second])
    assert line.throughput == pytest.approx(share @ busy * rate_second)
    assert line.blocked == pytest.approx((share @ held / first, 0.0))
    assert line.starved == pytest.approx((0.0, 1 - share @ busy / second), abs=1e-12)


def test_what_enters_a_line_leaves_it() -> None:
    """The work done at every station has the same throughput."""
    rates, servers = [0.4, 1.0, 0.7], [3, 1, 2]
    line = q.saturated_line(rates, [1, 0], servers)
    flows = [
        rate * count * (1 - blocked - starved)
        for rate, count, blocked, starved in zip(
            rates, servers, line.blocked, line.starved, strict=True
        )
    ]
    assert flows == pytest.approx([line.throughput] * 3)


def test_a_line_of_one_station_never_stops() -> None:
    line = q.saturated_line([2.0], [], servers=[3])
    assert line.throughput == pytest.approx(6.0)
    assert (line.blocked, line.starved) == ((0.0,), (0.0,))


def test_lines_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="buffers"):
        q.saturated_line([1.0, 1.0], [])
    with pytest.raises(ValueError, match="buffer"):
        q.saturated_line([1.0, 1.0], [-1])
    with pytest.raises(ValueError, match="above zero"):
        q.saturated_line([1.0, 0.0], [0])


def test_jackson_network() -> None:
    """Three stations with feedback (Monks, Jackson network exercise)."""
    network = q.jackson(
        [[0, 0.1, 0.4], [0.6, 0, 0.4], [0.3, 0.3, 0]], [1, 4, 3], [1, 2, 1], [10, 10, 10]
    )
    arrivals = [station.arrival_rate for station in network.stations]
    assert arrivals == pytest.approx([8.4415584, 7.6785714, 9.4480519], rel=5e-8)
    waits = [station.mean_wait for station in network.stations]
    assert waits == pytest.approx([0.54166667, 0.017288453, 1.7117647], rel=5e-8)
    numbers = [station.mean_number for station in network.stations]
    assert numbers == pytest.approx([5.4166667, 0.90060776, 17.117647], rel=5e-8)
    assert network.mean_number == pytest.approx(23.434921, rel=5e-8)
    assert network.mean_sojourn == pytest.approx(2.9293652, rel=5e-8)


def test_networks_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="never leaves"):
        q.jackson([[1.0]], [0.5], [1], [1.0])
    with pytest.raises(ValueError, match="stations"):
        q.jackson([[0.0]], [0.5, 0.5], [1, 1], [1.0, 1.0])
    with pytest.raises(ValueError, match="Shares"):
        q.jackson([[1.5]], [0.5], [1], [1.0])


def test_general_chain_agrees_with_birth_and_death() -> None:
    """M/M/2/5, once by each solver."""

    def moves(people: int) -> list[tuple[float, int]]:
        up = [(1.5, people + 1)] if people < 5 else []
        down = [(min(people, 2) * 1.0, people - 1)] if people else []
        return up + down

    general = q.stationary_distribution(0, moves)
    special = q.birth_death([1.5] * 5, [1.0, 2.0, 2.0, 2.0, 2.0])
    assert [general[people] for people in range(6)] == pytest.approx(special)


def test_a_chain_that_stays_where_it_is() -> None:
    assert q.stationary_distribution("here", lambda _: []) == {"here": 1.0}


def test_hundreds_of_beds_stay_in_range() -> None:
    """Both far below and far above what floats can hold before they are scaled."""
    share = q.birth_death(np.full(2000, 900.0), np.arange(1, 2001))
    assert share.sum() == pytest.approx(1)
    assert share @ np.arange(2001) == pytest.approx(900)
