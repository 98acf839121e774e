"""Intervals that hold at every look."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from carepath_sim.statistics.intervals import mean_interval
from carepath_sim.statistics.sequential import (
    probability_below,
    sequential_interval,
    sign_of_mean,
)


def bayes_factor(values: np.ndarray, mean: float, spread: float) -> float:
    """Bayes factor of a mean that differs from one, by numerical integration over effect sizes."""
    n = len(values)
    t = (values.mean() - mean) / (values.std(ddof=1) / math.sqrt(n))
    likely = integrate.quad(
        lambda effect: (
            stats.nct.pdf(t, n - 1, effect * math.sqrt(n))
            * stats.norm.pdf(effect, scale=math.sqrt(spread))
        ),
        -6,
        6,
        limit=200,
    )[0]
    return float(likely / stats.t.pdf(t, n - 1))


@pytest.mark.parametrize("n", [8, 15, 40])
@pytest.mark.parametrize("spread", [0.3, 1.0])
def test_ends_are_where_the_bayes_factor_reaches_its_bound(n: int, spread: float) -> None:
    """The closed form agrees with the definition, integrated numerically."""
    values = np.random.default_rng(n).normal(3, 2, size=n)
    found = sequential_interval(values, 0.9, spread=spread)
    for end in (found.low, found.high):
        assert bayes_factor(values, end, spread) == pytest.approx(10, rel=1e-4)


def test_holds_at_all_looks_together() -> None:
    """Looked at after each of 5 to 150 values, it fails in at most 10 % of 2,000 series.

    Student's interval fails far more often: that is what it is for. By chance the first would fail
    this test less than once in a thousand.
    """
    series = np.random.default_rng(2).standard_normal((2000, 150))
    ever_wrong = np.zeros(len(series), dtype=bool)
    student = np.zeros(len(series), dtype=bool)
    n = np.arange(1, 151)
    mean = series.cumsum(axis=1) / n
    deviation = np.sqrt((np.square(series).cumsum(axis=1) / n - mean**2) * n / np.maximum(n - 1, 1))
    for k in range(4, 150, 5):
        # The width is the deviation times what it is for values of deviation 1.
        unit = np.resize([1.0, -1.0], k + 1)
        unit = (unit - unit.mean()) / unit.std(ddof=1)
        half = sequential_interval(unit, 0.9).half_width * deviation[:, k]
        ever_wrong |= np.abs(mean[:, k]) > half
        student |= np.abs(mean[:, k]) > stats.t.ppf(0.95, k) * deviation[:, k] / math.sqrt(k + 1)
    assert ever_wrong.mean() <= 0.12
    assert student.mean() > 0.25


def test_wider_than_a_single_look_and_never_without_need() -> None:
    values = np.random.default_rng(3).normal(size=60)
    once = mean_interval(values, 0.95).half_width
    assert once < sequential_interval(values, 0.95).half_width < 2.2 * once


def test_signs() -> None:
    assert sign_of_mean([3.0, 3.1, 2.9, 3.0, 3.1, 2.9]) == 1
    assert sign_of_mean([-3.0, -3.1, -2.9, -3.0, -3.1, -2.9]) == -1
    assert sign_of_mean([-3.0, 3.1, -2.9, 3.0]) == 0
    assert sign_of_mean([1.0]) == 0
    assert sign_of_mean([2.0] * 6) == 1
    assert sign_of_mean([math.nan] * 6) == 0


def test_probability_below_is_students() -> None:
    values = np.array([1.0, 2.0, 3.0, 2.5])
    assert probability_below(values) == pytest.approx(
        stats.ttest_1samp(values, 0, alternative="greater").pvalue
    )
    assert probability_below([0.0, 0.0]) == 1.0
    assert probability_below([1.0, 1.0]) == 0.0
    assert math.isnan(probability_below([1.0]))


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        sequential_interval([1.0, 2.0], 1.0)
    with pytest.raises(ValueError, match="shape"):
        sequential_interval([[1.0, 2.0]])
