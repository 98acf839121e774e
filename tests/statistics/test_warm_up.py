"""Welch's method, MSER-5, and the law by which empty places fill."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from carepath_sim.statistics.warm_up import (
    averaged,
    drift,
    fills_in,
    half_width_of,
    mser5,
    mser5_beyond_chance,
    settled_by_welch,
    smoothed,
)


def planted(seed: int, tau: float, phi: float = 0.5, days: int = 1500) -> np.ndarray:
    """Ten replications that rise to 100 as 1 - exp(-day / tau), with AR(1) noise of sd 5."""
    shocks = np.random.default_rng(seed).normal(0, 5 * np.sqrt(1 - phi**2), (10, days))
    noise = np.zeros((10, days))
    for day in range(1, days):
        noise[:, day] = phi * noise[:, day - 1] + shocks[:, day]
    rise: np.ndarray = 100 * (1 - np.exp(-np.arange(days) / tau)) + noise
    return rise


def test_the_moving_average_is_welch_s() -> None:
    """By hand for w = 2: days 1 and 2 have windows of 1 and 3, from day 3 on of 5."""
    series = [2.0, 4.0, 9.0, 1.0, 4.0, 7.0, 3.0]
    expected = [2.0, 15 / 3, 20 / 5, 25 / 5, 24 / 5]
    assert smoothed(series, 2) == pytest.approx(expected)


@pytest.mark.parametrize("tau", [20, 40, 100])
def test_both_methods_find_a_planted_rise(tau: float) -> None:
    """The rise is within 5 % of its end after 3 tau; neither cuts off before, nor far after."""
    series = averaged(planted(1, tau))
    welch, mser = settled_by_welch(series, half_width_of(len(series))), mser5(series)
    assert welch is not None
    assert mser is not None
    assert 2.5 * tau <= welch <= 3 * tau + half_width_of(len(series))
    assert 2.5 * tau <= mser <= 6 * tau


def test_a_series_that_is_settled_needs_no_warm_up() -> None:
    flat = np.random.default_rng(3).normal(50, 2, (10, 600))
    assert settled_by_welch(averaged(flat), 10) == 0
    found = mser5(averaged(flat))
    assert found is not None
    assert found < 200
    assert mser5(np.full(600, 7.0)) == 0


def test_a_series_that_keeps_growing_has_no_tail() -> None:
    growing = np.arange(1000.0) + np.random.default_rng(4).normal(0, 3, (10, 1000))
    assert mser5(averaged(growing)) is None
    assert settled_by_welch(averaged(growing), half_width_of(1000)) is None


def test_mser_is_the_smallest_of_all_cuts_in_its_formula() -> None:
    series = averaged(planted(7, 30, days=400))
    z = series.reshape(80, 5).mean(axis=1)
    cuts = [np.sum((z[d:] - z[d:].mean()) ** 2) / (80 - d) ** 2 for d in range(75)]
    assert int(np.argmin(cuts)) < 40
    assert mser5(series) == 5 * int(np.argmin(cuts))


def seldom(seed: int) -> np.ndarray:
    """A queue that seldom forms: waves of some weeks, in one replication of ten at a time."""
    rng = np.random.default_rng(seed)
    found = np.zeros((10, 730))
    for row in found:
        for start in rng.integers(0, 730, 5):
            row[start : start + int(rng.integers(5, 40))] += rng.integers(1, 10)
    return found


def test_waves_of_a_queue_that_seldom_forms_are_no_warm_up() -> None:
    """MSER-5 by itself cuts behind some wave, or finds no end, in a quarter of these series."""
    plain = [mser5(averaged(seldom(seed))) for seed in range(40)]
    mended = [mser5_beyond_chance(seldom(seed)) for seed in range(40)]
    late = sum(found is None or found > 100 for found in plain)
    assert late >= 10
    # Of 99 % tests at many cuts, one in ten series may show something.
    assert sum(found is None or found > 100 for found in mended) <= late / 3


@pytest.mark.parametrize("seed", range(4))
def test_an_empty_beginning_is_cut_as_before(seed: int) -> None:
    """Where everybody starts empty, what is left out differs beyond doubt."""
    series = planted(seed, 30)
    assert mser5_beyond_chance(series) == mser5(averaged(series))


def test_growth_has_no_tail_beyond_chance_too() -> None:
    rng = np.random.default_rng(4)
    growing = np.arange(1000.0) / 100 + rng.normal(0, 3, (10, 1000))
    assert mser5_beyond_chance(growing) is None


def test_one_replication_is_taken_as_it_is() -> None:
    series = planted(1, 30)[:1]
    assert mser5_beyond_chance(series) == mser5(averaged(series))


def test_few_days_have_no_tail() -> None:
    assert mser5(np.ones(95)) is None


def test_drift_is_seen_beyond_chance_only() -> None:
    rng = np.random.default_rng(5)
    flat, rising = rng.normal(50, 5, (10, 400)), rng.normal(50, 5, (10, 400))
    rising = rising + np.arange(400) / 40
    assert drift(flat).contains(0.0)
    # From the middle of the third quarter to that of the last are 100 days.
    assert drift(rising).contains(2.5)
    assert drift(rising).low > 0


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95, 0.99])
def test_lognormal_stays_fill_by_their_closed_form(share: float) -> None:
    """F_e(t) = Phi((ln t - mu - s^2) / s) + t / mean x P(stay > t) for lognormal stays."""
    sigma = np.sqrt(np.log(1 + 0.8**2))
    law = stats.lognorm(sigma, scale=24 / np.exp(sigma**2 / 2))
    times = np.concatenate((np.linspace(0, 200, 20_000), np.geomspace(201, 1e5, 2000)))
    t = fills_in(law.sf(times), times, share)
    mu = np.log(24) - sigma**2 / 2
    filled = stats.norm.cdf((np.log(t) - mu - sigma**2) / sigma) + t / 24 * law.sf(t)
    assert filled == pytest.approx(share, abs=2e-4)


def test_fixed_stays_fill_in_a_straight_line() -> None:
    times = np.array([0.0, 10.0, 10.0, 20.0])
    assert fills_in(np.array([1.0, 1.0, 0.0, 0.0]), times, 0.95) == pytest.approx(9.5)


def test_windows_are_whole_weeks() -> None:
    for days in (120, 365, 800, 1825):
        assert (2 * half_width_of(days) + 1) % 7 == 0
        assert half_width_of(days) <= days / 4


def test_a_series_needs_replications() -> None:
    with pytest.raises(ValueError, match="a row a replication"):
        averaged([1.0, 2.0])
