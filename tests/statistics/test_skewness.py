"""Replications that are too skewed for their number: told by theory, seldom told wrongly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from carepath_sim.statistics.skewness import (
    CHANCE,
    LEAST,
    lost_coverage,
    replications_for_skewed,
)


def covered(n: int, experiments: int = 40_000) -> float:
    """Share of Student's intervals of exponential values that hold their mean, 1."""
    x = np.random.default_rng(3).exponential(size=(experiments, n))
    half = stats.t.ppf(0.975, n - 1) * x.std(axis=1, ddof=1) / np.sqrt(n)
    return float((np.abs(x.mean(axis=1) - 1) <= half).mean())


@pytest.mark.parametrize("n", [20, 30, 50])
def test_the_first_order_is_what_exponential_values_lose(n: int) -> None:
    """Skewness 2. The kurtosis of 6 gives back 0.1 / n of it, and the next order some 8 / n^2."""
    lost = 0.95 - covered(n)
    assert lost > 0.01
    assert 0 <= lost_coverage(2.0, n) - lost <= 0.1 / n + 10 / n**2


def test_symmetric_values_lose_nothing() -> None:
    assert lost_coverage(0.0, 10) == 0.0


def test_normal_values_are_seldom_accused() -> None:
    """No more often than the level of the test, but for chance (3 standard errors)."""
    rng = np.random.default_rng(4)
    accused = sum(replications_for_skewed(rng.standard_normal(10)) is not None for _ in range(1500))
    assert accused <= 1500 * CHANCE + 3 * np.sqrt(1500 * CHANCE)


def test_exponential_values_in_their_due_shares_are_accused() -> None:
    """Twenty quantiles of the law: the number that is asked for loses no more than 2 of 100."""
    values = stats.expon.ppf((np.arange(20) + 0.5) / 20)
    heavy = values**1.5
    needed = replications_for_skewed(heavy)
    assert needed is not None
    assert needed > 20
    skewness = float(stats.skew(heavy, bias=False))
    assert lost_coverage(skewness, needed) <= 0.02 < lost_coverage(skewness, needed - 11)
    # The unit and the sign change nothing, and so many of the same kind are enough.
    assert replications_for_skewed(-1000 * heavy + 5) == needed
    many = stats.expon.ppf((np.arange(400) + 0.5) / 400)
    assert replications_for_skewed(many) is None


@pytest.mark.parametrize(
    "values", [[], [3.0] * 20, [np.nan] * 20, [0.0] * (LEAST - 2) + [9.0], np.arange(12.0)]
)
def test_where_nothing_can_be_told_nothing_is(values: list[float]) -> None:
    assert replications_for_skewed(values) is None


def test_one_event_in_ten_replications_is_too_rare() -> None:
    assert replications_for_skewed([0.0] * 9 + [1.0]) == 130
