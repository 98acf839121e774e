"""Intervals over replications."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from carepath_sim.statistics import (
    mean_interval,
    mean_intervals,
    paired_difference,
    ratio_interval,
    simultaneous_level,
    wilson_interval,
)


def test_mean_interval_is_students_t() -> None:
    """Agrees with SciPy's t distribution, at another level than the default too."""
    values = np.array([3.1, 4.7, 2.2, 5.9, 4.4])
    interval = mean_interval(values, level=0.9)
    low, high = stats.t.interval(0.9, 4, loc=values.mean(), scale=stats.sem(values))
    assert interval.mean == pytest.approx(values.mean())
    assert (interval.low, interval.high) == pytest.approx((low, high))
    assert interval.n == 5
    assert interval.contains(values.mean())
    assert interval.relative_half_width == pytest.approx((high - low) / 2 / values.mean())


def test_undefined_replications_are_left_out() -> None:
    """A replication in which nobody waited has no mean wait; it must not poison the others."""
    assert mean_interval([1.0, math.nan, 3.0]) == mean_interval([1.0, 3.0])


@pytest.mark.parametrize(("values", "mean"), [([], math.nan), ([math.nan], math.nan), ([4.0], 4.0)])
def test_fewer_than_two_replications_have_no_interval(values: list[float], mean: float) -> None:
    """One replication tells a mean and nothing about its error."""
    interval = mean_interval(values)
    assert interval.mean == pytest.approx(mean, nan_ok=True)
    assert math.isnan(interval.half_width)
    assert not interval.contains(4.0)


def test_equal_replications_have_an_interval_of_no_width() -> None:
    interval = mean_interval([2.0, 2.0, 2.0])
    assert (interval.low, interval.high) == (2.0, 2.0)


def test_columns_agree_with_one_at_a_time() -> None:
    """Rows are replications; a column without values does not disturb its neighbours."""
    table = np.array([[1.0, 5.0, math.nan], [2.0, math.nan, math.nan], [4.0, 7.0, math.nan]])
    columns = mean_intervals(table)
    for column in range(3):
        alone = mean_interval(table[:, column])
        assert columns.mean[column] == pytest.approx(alone.mean, nan_ok=True)
        assert columns.half_width[column] == pytest.approx(alone.half_width, nan_ok=True)
    assert columns.n.tolist() == [3, 2, 0]


def test_intervals_cover_as_often_as_they_say() -> None:
    """20,000 intervals of 5 normal values cover at 95 %; by chance fails once in 15,000 seeds."""
    values = np.random.default_rng(1).normal(10.0, 3.0, size=(5, 20_000))
    columns = mean_intervals(values)
    covered = ((columns.low <= 10) & (columns.high >= 10)).mean()
    assert covered == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 20_000))


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, math.nan])
def test_a_level_is_a_share(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        mean_interval([1.0, 2.0], level=level)


def test_a_table_is_no_row_of_replications() -> None:
    with pytest.raises(ValueError, match="shape"):
        mean_interval([[1.0, 2.0]])
    with pytest.raises(ValueError, match="single number"):
        mean_intervals(1.0)


def test_paired_difference_is_the_paired_t_test() -> None:
    """The probability of the sign is one minus the one-sided p-value."""
    rng = np.random.default_rng(7)
    base = rng.normal(100.0, 10.0, size=12)
    other = base - rng.normal(2.0, 3.0, size=12)
    shift = paired_difference(base, other)
    reference = stats.ttest_rel(other, base)
    expected = reference.confidence_interval(0.95)
    assert (shift.interval.low, shift.interval.high) == pytest.approx((expected.low, expected.high))
    assert shift.probability_of_sign == pytest.approx(1 - reference.pvalue / 2)
    assert (shift.probability_positive < 0.5) == (shift.interval.mean < 0)
    apart = base.var(ddof=1) + other.var(ddof=1)
    assert shift.variance_reduction == pytest.approx(apart / (other - base).var(ddof=1))


def test_pairs_with_a_gap_are_left_out_as_pairs() -> None:
    shift = paired_difference([1.0, math.nan, 3.0, 4.0], [2.0, 3.0, math.nan, 6.0])
    assert shift == paired_difference([1.0, 4.0], [2.0, 6.0])


def test_a_constant_difference_is_certain() -> None:
    """Three beds more in every replication: no spread is left after pairing."""
    shift = paired_difference([1.0, 2.0, 5.0], [4.0, 5.0, 8.0])
    assert shift.interval.half_width == 0
    assert math.isinf(shift.variance_reduction)
    assert shift.probability_positive == shift.probability_of_sign == 1
    assert paired_difference([4.0, 5.0], [1.0, 2.0]).probability_positive == 0


def test_no_difference_has_no_sign() -> None:
    assert math.isnan(paired_difference([1.0, 2.0], [1.0, 2.0]).probability_positive)


def test_one_pair_tells_no_spread() -> None:
    shift = paired_difference([1.0], [3.0])
    assert shift.interval.mean == 2
    assert math.isnan(shift.variance_reduction)


def test_pairs_must_be_pairs() -> None:
    with pytest.raises(ValueError, match="equally long"):
        paired_difference([1.0, 2.0], [1.0, 2.0, 3.0])


def test_joint_intervals_are_wider() -> None:
    """Five comparisons at 95 % jointly are one at 99 %."""
    base, other = [1.0, 2.0, 3.0, 5.0], [2.0, 2.5, 3.0, 7.0]
    joint = paired_difference(base, other, comparisons=5)
    alone = paired_difference(base, other, level=0.99)
    assert joint.interval.half_width == pytest.approx(alone.interval.half_width)
    assert simultaneous_level(0.95, 1) == pytest.approx(0.95)
    with pytest.raises(ValueError, match="comparison"):
        simultaneous_level(0.95, 0)


def test_ratio_counts_people_not_replications() -> None:
    """30 days over 10 people, not the mean of 2, 0 and 5 days."""
    assert ratio_interval([10, 0, 20], [5, 1, 4]).mean == 3


def test_ratio_with_equal_denominators_is_a_mean() -> None:
    """The jackknife of a mean is the usual standard error."""
    tops = [4.0, 6.0, 11.0, 3.0]
    ratio = ratio_interval(tops, [2.0] * 4)
    mean = mean_interval(np.array(tops) / 2)
    assert ratio.half_width == pytest.approx(mean.half_width)
    assert ratio.mean == pytest.approx(mean.mean)


def test_ratio_intervals_cover_a_ratio_of_means() -> None:
    """2,000 intervals of 20 replications; by chance below 93 % in fewer than one seed in 1,000."""
    rng = np.random.default_rng(3)
    people = rng.poisson(50.0, size=(2_000, 20)).astype(float)
    days = people * 4 + rng.normal(0.0, 20.0, size=people.shape)
    hits = [ratio_interval(d, p).contains(4.0) for d, p in zip(days, people, strict=True)]
    assert 0.93 <= np.mean(hits) <= 0.97


@pytest.mark.parametrize(
    ("tops", "bottoms", "mean"),
    [([], [], math.nan), ([1.0, 2.0], [0.0, 0.0], math.nan), ([3.0, 3.0], [2.0, 0.0], 3.0)],
)
def test_ratio_without_enough_has_no_interval(
    tops: list[float], bottoms: list[float], mean: float
) -> None:
    """Where all people are in one replication, leaving it out leaves nothing to divide by."""
    ratio = ratio_interval(tops, bottoms)
    assert ratio.mean == pytest.approx(mean, nan_ok=True)
    assert math.isnan(ratio.half_width)


def test_ratio_needs_pairs() -> None:
    with pytest.raises(ValueError, match="equally long"):
        ratio_interval([1.0], [1.0, 2.0])


def test_wilson_agrees_with_scipy() -> None:
    expected = stats.binomtest(7, 50).proportion_ci(0.9, method="wilson")
    interval = wilson_interval(7, 50, level=0.9)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))
    assert interval.mean == pytest.approx(0.14)


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.5, 0.999))
def test_wilson_stays_within_zero_and_one(some: int, others: int, level: float) -> None:
    interval = wilson_interval(some, some + others, level)
    assert 0 <= interval.low <= interval.high <= 1
    assert some + others == 0 or interval.low <= interval.mean <= interval.high


def test_no_trials_tell_nothing() -> None:
    interval = wilson_interval(0, 0)
    assert math.isnan(interval.mean)
    assert (interval.low, interval.high) == (0, 1)


@pytest.mark.parametrize(("successes", "trials"), [(-1, 5), (6, 5), (0, -1)])
def test_there_are_no_more_successes_than_trials(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="successes"):
        wilson_interval(successes, trials)
