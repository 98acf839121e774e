"""How many replications a precision needs, and intervals of shares and of unpaired differences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from carepath_sim.statistics import (
    mean_interval,
    paired_difference,
    ratio_interval,
    share_interval,
    unpaired_difference,
)
from carepath_sim.statistics.replications import looking_ahead, predicted, replications_needed

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.statistics import PairedDifference


def needed(ratios: list[float]) -> int | None:
    return replications_needed(lambda n: ratios[n - 1], done=len(ratios))


def test_precision_must_hold_for_five_more_replications() -> None:
    assert needed([math.nan, 9, 2, *[0.9] * 5]) is None
    assert needed([math.nan, 9, 2, *[0.9] * 6]) == 4
    assert needed([math.nan, 9, 2, 0.9, 0.9, 1.1, *[0.9] * 6]) == 7


def test_nothing_is_believed_before_the_third_replication() -> None:
    assert needed([0.1] * 8) == 3
    assert needed([0.1] * 7) is None


def test_an_undefined_precision_is_none() -> None:
    assert needed([math.nan] * 30) is None


def test_beyond_a_hundred_it_looks_ahead_by_five_per_cent() -> None:
    assert [looking_ahead(n) for n in (3, 100, 101, 200)] == [5, 5, 5, 10]
    assert needed([2.0] * 199 + [0.9] * 10) is None
    assert needed([2.0] * 199 + [0.9] * 11) == 200


def test_widths_shrink_with_the_root_of_the_number() -> None:
    assert predicted(10, 3.0) == 90
    assert predicted(10, 0.5) == 10


def test_the_number_agrees_with_the_textbook_formula() -> None:
    """For normal figures n is near (z sd / d)^2: here (1.96 x 10 / 2)^2 = 96; 40 trials."""
    found = []
    for trial in range(40):
        values = np.random.default_rng(trial).normal(100, 10, 400)

        def ratio(n: int, values: np.ndarray = values) -> float:
            return mean_interval(values[:n]).half_width / 2

        number = replications_needed(ratio, len(values))
        assert number is not None
        found.append(number)
    assert 85 < np.mean(found) < 105


def test_an_interval_of_a_share_stays_in_its_range() -> None:
    found = share_interval([10, 10, 8, 10], [10, 10, 10, 10])
    assert ratio_interval([10, 10, 8, 10], [10, 10, 10, 10]).high > 1
    assert found.mean == pytest.approx(0.95)
    assert 0 < found.low < 0.95 < found.high < 1
    assert found.half_width == pytest.approx((found.high - found.low) / 2)


def test_share_and_its_opposite_have_mirrored_intervals() -> None:
    yes, all_ = np.array([3, 0, 2, 5]), np.array([10, 9, 8, 12])
    one, other = share_interval(yes, all_), share_interval(all_ - yes, all_)
    assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low))


def test_in_the_middle_of_its_range_the_interval_is_that_of_a_ratio() -> None:
    """With a thousand people a replication the two agree to the third digit."""
    yes = np.array([500, 520, 480, 505, 490, 510])
    one, other = share_interval(yes, [1000] * 6), ratio_interval(yes, [1000] * 6)
    assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-3)


@pytest.mark.parametrize("yes", [[0, 0, 0], [5, 5, 5]])
def test_a_share_that_never_varies_has_no_width(yes: list[int]) -> None:
    found = share_interval(yes, [5, 5, 5])
    assert found.low == found.mean == found.high


def test_a_share_that_can_be_above_one_is_a_ratio_like_others() -> None:
    assert share_interval([12, 9, 8], [10, 10, 10]) == ratio_interval([12, 9, 8], [10, 10, 10])


def test_intervals_of_shares_near_one_cover_better_than_symmetric_ones() -> None:
    """1,500 experiments of ten replications with 95 % of some 200 people, who are correlated.

    Of the new intervals 93 to 97 % hold the truth, and more than of the symmetric ones.
    """
    rng = np.random.default_rng(5)
    truth, alike, hits, symmetric = 0.95, 66.0, 0, 0
    for _ in range(1500):
        people = rng.poisson(200, 10)
        yes = rng.binomial(people, rng.beta(truth * alike, (1 - truth) * alike, 10))
        hits += share_interval(yes, people).contains(truth)
        symmetric += ratio_interval(yes, people).contains(truth)
    assert 0.93 < hits / 1500 < 0.97
    assert hits > symmetric


def test_unpaired_difference_is_welch_s() -> None:
    base, other = np.array([3.0, 4.5, 2.0, 5.5, 4.0]), np.array([5.0, 9.0, 1.0, 7.0])
    expected = stats.ttest_ind(other, base, equal_var=False)
    low, high = expected.confidence_interval(0.95)
    found = unpaired_difference(base, other)
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))
    assert found.variance_reduction == 1.0
    # Both tails of the test beyond the estimate are twice one minus the probability of the sign.
    assert 2 * (1 - found.probability_positive) == pytest.approx(expected.pvalue)


def test_unpaired_differences_without_spread_are_certain() -> None:
    found = unpaired_difference([1.0, 1.0], [2.0, 2.0])
    assert (found.interval.low, found.interval.high) == (1.0, 1.0)
    assert found.probability_positive == 1.0


@pytest.mark.parametrize("difference", [paired_difference, unpaired_difference])
def test_several_comparisons_share_their_error(
    difference: Callable[..., PairedDifference],
) -> None:
    rng = np.random.default_rng(2)
    base, other = rng.normal(10, 1, 8), rng.normal(11, 1, 8)
    one, three = difference(base, other), difference(base, other, comparisons=3)
    assert three.interval.level == pytest.approx(1 - 0.05 / 3)
    assert three.interval.half_width > one.interval.half_width
    assert three.interval.mean == one.interval.mean
