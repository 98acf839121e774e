"""Parts of variance, intervals without noise, and the worth of knowing: against formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from carepath_sim.statistics.uncertainty import (
    Curve,
    components,
    gain_of_certainty,
    gain_of_choice,
    spread,
    without_noise,
)


@pytest.fixture
def luck() -> np.random.Generator:
    return np.random.default_rng(20)


def test_components_by_hand() -> None:
    """Means 2, 6, 10: their variance is 16; within draws 2; so 16 - 2/2 = 15."""
    found = components([[1.0, 3.0], [5.0, 7.0], [9.0, 11.0]])
    assert (found.mean, found.parameters, found.chance) == (6.0, 15.0, 2.0)
    assert found.error == pytest.approx(math.sqrt(16 / 3))
    assert found.share == pytest.approx(15 / 17)
    assert not found.negative


def test_a_negative_component_is_0_and_said() -> None:
    found = components([[0.0, 4.0], [4.0, 0.0], [1.0, 3.0]])
    assert found.parameters == 0
    assert found.negative


def test_one_replication_tells_nothing_of_chance() -> None:
    found = components([[1.0], [3.0]])
    assert math.isnan(found.chance)
    assert math.isnan(found.share)


def test_draws_that_are_not_defined_are_left_out() -> None:
    assert components([[1.0, 3.0], [math.nan, 7.0], [9.0, 11.0]]).draws == 2


def test_components_are_unbiased(luck: np.random.Generator) -> None:
    """Parameters N(0, 4), chance N(0, 9), 3 replications: mean over 400 experiments."""
    found = [
        components(luck.normal(0, 2, (50, 1)) + luck.normal(0, 3, (50, 3))) for _ in range(400)
    ]
    for name, truth in (("parameters", 4.0), ("chance", 9.0)):
        values = np.array([getattr(one, name) for one in found])
        # Truncation at 0 is too rare here to bias the mean.
        assert abs(values.mean() - truth) < 4 * values.std() / 20


def test_without_noise_has_the_variance_of_the_parameters_and_of_the_mean(
    luck: np.random.Generator,
) -> None:
    values = luck.normal(5, 2, (80, 1)) + luck.normal(0, 3, (80, 3))
    part = components(values)
    found = without_noise(values)
    assert found.mean() == pytest.approx(part.mean)
    assert found.var(ddof=1) == pytest.approx(part.parameters + part.error**2)
    # Means 2, 2 and 3, chance 8, 8 and 2 of 2: more than all of their variance is chance.
    nothing = [[0.0, 4.0], [4.0, 0.0], [2.0, 4.0]]
    assert components(nothing).noise == 1
    assert without_noise(nothing).var(ddof=1) == pytest.approx(components(nothing).error ** 2)
    exact = np.repeat([[1.0], [2.0], [4.0]], 2, axis=1)
    assert without_noise(exact).tolist() == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.9])
def test_the_interval_of_the_share_covers_as_often_as_it_says(
    luck: np.random.Generator, share: float
) -> None:
    """2,000 experiments of normal values: within 4 binomial standard errors of 95 %.

    Without any effect it holds the truth, 0, unless the whole interval is above: 97.5 %.
    """
    sizes = math.sqrt(share), math.sqrt(1 - share)
    hits = 0
    for _ in range(2000):
        values = luck.normal(0, sizes[0], (32, 1)) + luck.normal(0, sizes[1], (32, 3))
        low, high = components(values).share_interval()
        hits += low <= share <= high
    wanted = 0.975 if share == 0 else 0.95
    assert abs(hits / 2000 - wanted) < 4 * math.sqrt(wanted * (1 - wanted) / 2000)


def test_without_chance_the_share_is_certain_and_without_both_there_is_none() -> None:
    assert components([[1.0, 1.0], [2.0, 2.0]]).share_interval() == (1.0, 1.0)
    nothing = components([[1.0, 1.0], [1.0, 1.0]])
    assert (nothing.parameters, nothing.chance) == (0.0, 0.0)
    assert math.isnan(nothing.share)
    assert math.isnan(nothing.share_interval()[0])


def covered(luck: np.random.Generator, chance: float, times: int) -> tuple[float, float]:
    """Return the mean part of N(0, 4) in the intervals of experiments, and its standard error."""
    parts = []
    for _ in range(times):
        values = luck.normal(0, 2, (256, 1)) + luck.normal(0, chance, (256, 3))
        low, high = spread(without_noise(values))
        parts.append(norm.cdf(high / 2) - norm.cdf(low / 2))
    return float(np.mean(parts)), float(np.std(parts)) / math.sqrt(times)


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_parameter_interval_covers_95_per_cent_where_chance_does_not_dominate(
    luck: np.random.Generator, chance: float
) -> None:
    mean, error = covered(luck, chance, 500)
    assert abs(mean - 0.95) < 4 * error


def test_parameter_interval_is_too_short_where_chance_dominates_as_the_guide_says() -> None:
    """Chance of 57 % of the variance of the means: 94 %, not 95; of 92 %: 78 %.

    The variance of the parameters is the difference of two that are nearly alike then. What is
    said of it is its share with an interval, and a notice.
    """
    luck = np.random.default_rng(21)
    some, error = covered(luck, 4.0, 2000)
    assert 0.93 < some < 0.95 - 2 * error
    much, _ = covered(luck, 12.0, 1000)
    assert 0.74 < much < 0.82


def test_worth_of_knowing_in_a_linear_model(luck: np.random.Generator) -> None:
    """y = 1 + 3 a + b: knowing a takes 9 of 10 parts; the gain is that of a normal choice."""
    n = 4096
    a, b, idle = luck.normal(0, 1, (3, n))
    gain = 1 + 3 * a + b + luck.normal(0, 1, n)
    by_name = {name: Curve(x, gain[:, None]) for name, x in (("a", a), ("b", b), ("i", idle))}
    truths = {"a": 9.0, "b": 1.0, "i": 0.0}
    for name, truth in truths.items():
        known = by_name[name].known(lambda fitted: float(fitted.var()))
        assert abs(known.worth - truth) < 4 * known.error + 0.02, name
    # E max(0, N(1, s)) - 1 = s phi(1/s) + Phi(1/s) - 1
    for name, s in (("a", 3.0), ("b", 1.0)):
        truth = s * norm.pdf(1 / s) + norm.cdf(1 / s) - 1
        known = by_name[name].known(gain_of_choice)
        assert abs(known.worth - truth) < 4 * known.error + 0.005, name
    assert by_name["i"].known(gain_of_choice).worth == pytest.approx(0, abs=0.01)
    assert by_name["a"].chance < 1e-6
    assert by_name["i"].chance > 1e-3


def test_worth_of_knowing_for_a_limit(luck: np.random.Generator) -> None:
    """With y ~ N(0, 10) and limit 0 one is right half the time; knowing a, E Phi(3 |a|)."""
    n = 4096
    a, b = luck.normal(0, 1, (2, n))
    curve = Curve(a, (3 * a + b)[:, None])
    found = gain_of_certainty(curve.fitted(), 0.0, 10.0)
    truth = 0.5 + math.atan(3) / math.pi - 0.5  # E Phi(c|Z|) = 1/2 + atan(c)/pi
    assert found == pytest.approx(truth, abs=0.02)


def test_a_curve_follows_a_bend_and_whole_numbers(luck: np.random.Generator) -> None:
    x = luck.integers(0, 3, 600).astype(float)
    y = (x - 1) ** 2 + luck.normal(0, 0.1, 600)
    assert Curve(x, y[:, None]).known(lambda f: float(f.var())).worth == pytest.approx(
        float(((x - 1) ** 2).var()), rel=0.05
    )
    same = Curve(np.ones(50), luck.normal(size=(50, 1)))
    assert same.known(lambda f: float(f.var())).worth == 0
