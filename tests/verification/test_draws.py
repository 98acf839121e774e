"""The gap between a sample and a law is that of Kolmogorov and Smirnov."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from carepath_sim.verification.draws import (
    GREATEST_CORRELATION,
    GREATEST_GAP,
    correlation,
    greatest_gap,
)


def test_the_gap_is_the_statistic_of_scipy() -> None:
    values = np.random.default_rng(7).exponential(size=300)
    expected = stats.kstest(values, "expon").statistic * np.sqrt(300)
    assert greatest_gap(values, stats.expon().cdf) == pytest.approx(expected)


def test_a_wrong_law_shows() -> None:
    values = np.random.default_rng(7).exponential(1.1, size=3000)
    assert greatest_gap(values, stats.expon().cdf) > GREATEST_GAP


def test_neighbours_that_hang_together_show() -> None:
    values = np.random.default_rng(7).normal(size=3001)
    assert abs(correlation(values[:-1], values[1:])) < GREATEST_CORRELATION
    assert correlation(values[:-1], values[:-1] + 3 * values[1:]) > GREATEST_CORRELATION


def test_one_sample_in_a_thousand_has_a_greater_gap() -> None:
    assert special.kolmogorov(GREATEST_GAP) == pytest.approx(0.001, rel=0.02)
    assert 2 * special.ndtr(-GREATEST_CORRELATION) == pytest.approx(0.001, rel=0.01)
