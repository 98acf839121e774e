"""Where a curve bends."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carepath_sim.statistics.knee import knee
from carepath_sim.statistics.queueing import erlang_b


def test_bend_of_two_straight_lines() -> None:
    """A curve of two straight pieces has its knee where they meet, rising or falling."""
    x = np.arange(0, 11)
    falling = np.where(x < 4, 100 - 22 * x, 16 - 2 * (x - 4))
    for curve in (falling, 100 - falling):
        found = knee(x, np.tile(curve, (6, 1)))
        assert (found.x, found.low, found.high, found.share) == (4, 4, 4, 1)


def test_knee_of_erlang_b_is_where_the_slope_is_that_of_the_chord() -> None:
    """The farthest point of a smooth curve: its slope is the mean slope."""
    beds = np.arange(20, 61)
    lost = np.array([erlang_b(35.0, int(one)) for one in beds])
    found = knee(beds, np.tile(lost, (3, 1)))
    chord = (lost[-1] - lost[0]) / (beds[-1] - beds[0])
    at = int(found.x) - 20
    assert lost[at] - lost[at - 1] <= chord <= lost[at + 1] - lost[at]


def test_uncertainty_is_that_of_the_replications() -> None:
    """Over 60 experiments with noise the 90 % interval holds the true knee, and has a width."""
    beds = np.arange(20, 61, 4)
    lost = np.array([erlang_b(35.0, int(one)) for one in beds])
    true = knee(beds, np.tile(lost, (3, 1))).x
    rng = np.random.default_rng(5)
    held, wide = 0, 0
    for k in range(60):
        noisy = lost + rng.normal(scale=0.03, size=(10, len(beds)))
        found = knee(beds, noisy, level=0.9, resamples=200, seed=k)
        held += found.low <= true <= found.high
        wide += found.low < found.high
    # The knee is one of few points, so that the interval holds it more often than it must.
    assert held >= 52
    assert wide >= 30


def test_shares_are_ratios_of_sums() -> None:
    """Weights count: replications in which nobody was counted change nothing."""
    x = [0, 1, 2, 3]
    values = [[0.8, 0.2, 0.1, 0.0], [math.nan] * 4, [0.9, 0.3, 0.1, 0.0]]
    weights = [[10.0] * 4, [0.0] * 4, [30.0] * 4]
    found = knee(x, values, weights)
    top = (0.8 * 10 + 0.9 * 30) / 40
    at_1 = (0.2 * 10 + 0.3 * 30) / 40
    assert found.x == 1
    assert found.distance == pytest.approx(1 - 1 / 3 - at_1 / top)


@pytest.mark.parametrize(
    ("curve", "words"),
    [
        ([1.0, 1.0, 1.0, 1.0], "does not change"),
        ([3.0, 2.0, 1.0, 0.0], "straight"),
        ([9.0, 8.5, 7.0, 0.0], "straight"),
    ],
)
def test_no_knee_is_said(curve: list[float], words: str) -> None:
    found = knee([0, 1, 2, 3], [curve] * 4)
    assert math.isnan(found.x)
    assert words in found.reason


def test_noise_has_no_knee() -> None:
    values = np.random.default_rng(7).normal(size=(10, 9))
    assert math.isnan(knee(np.arange(9), values).x)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="three points"):
        knee([0, 1], [[1.0, 2.0]])
