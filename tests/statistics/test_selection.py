"""Selecting the best: how often that is right, over many repetitions of the whole procedure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from carepath_sim.statistics import paired_difference
from carepath_sim.statistics.frontier import frontier_probabilities, on_frontier
from carepath_sim.statistics.selection import (
    best_probabilities,
    not_far_worse,
    pair_variances,
    screening_constant,
    select_best,
    still_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Draw = Callable[[np.random.Generator, int, int], NDArray[np.float64]]

MACRO = 2_000
LEVEL = 0.95
ZONE = 1.0
FIRST = 10
# Above this the true probability is below 95 % in one of a thousand experiments only.
LEAST = LEVEL - 3.1 * math.sqrt(LEVEL * (1 - LEVEL) / MACRO)


def correct(means: list[float], draw: Draw, *, most: int, seed: int) -> float:
    """Share of macro-replications in which the first, the best, is the one that is left."""
    values = draw(np.random.default_rng(seed), len(means), most) + np.array(means)[:, None]
    spread = pair_variances(values[..., :FIRST])
    half = (1 + LEVEL) / 2
    constant = screening_constant(len(means), FIRST, half)
    sums = values.cumsum(axis=-1)
    alive = np.ones(values.shape[:2], dtype=bool)
    looks = 0
    for done in range(FIRST, most + 1):
        found = sums[..., done - 1] / done
        if done == FIRST * 2**looks:
            looks += 1
            error = (1 - half) / 2**looks / (len(means) - 1)
            now = pair_variances(values[..., :done])
            alive &= not_far_worse(np.where(alive, found, np.inf), done, now, error=error)
        alive = still_in(found, done, alive, spread, constant=constant, zone=ZONE)
    return float((alive[:, 0] & (alive.sum(axis=1) == 1)).mean())


def test_the_loop_of_the_tests_is_the_procedure() -> None:
    """What the macro-replications do all at once ends where the procedure itself does."""
    luck = np.random.default_rng(9)
    for _ in range(20):
        table = luck.normal(0, 2, (4, 150)) + np.array([0.0, 1.0, 1.0, 4.0])[:, None]
        found = select_best(of(table), 4, zone=ZONE, level=LEVEL, first=FIRST, most=150)
        share = correct([0.0] * 4, lambda *_, table=table: table[None], most=150, seed=0)
        assert found.decided == (len(found.contenders) == 1)
        assert share == float(found.contenders == (0,))


def normal(deviations: list[float], common: float) -> Draw:
    """Normal values with a correlation between configurations, and their own deviations."""

    def draw(luck: np.random.Generator, k: int, n: int) -> NDArray[np.float64]:
        shared = luck.standard_normal((MACRO, 1, n)) * math.sqrt(common)
        own = luck.standard_normal((MACRO, k, n)) * math.sqrt(1 - common)
        return (shared + own) * np.array(deviations)[:, None]

    return draw


def skewed(luck: np.random.Generator, k: int, n: int) -> NDArray[np.float64]:
    """Sums of four exponentials: the skewness of a year of a small service."""
    return luck.gamma(4.0, 0.5, (MACRO, k, n)) - 2.0


@pytest.mark.parametrize(
    ("deviations", "common", "most"),
    [
        pytest.param([1.5] * 5, 0.0, 250, id="independent"),
        pytest.param([3.0] * 5, 0.8, 250, id="common random numbers"),
        pytest.param([3.0, 1.0, 1.0, 1.0, 1.0], 0.3, 400, id="the best varies most"),
        pytest.param([0.5, 1.0, 1.5, 2.0, 2.5], 0.0, 400, id="the worst vary most"),
        pytest.param([2.0, 0.5], 0.5, 150, id="two of unequal variance"),
        pytest.param([1.2] * 10, 0.4, 200, id="ten"),
    ],
)
def test_the_best_is_selected_as_often_as_promised(
    deviations: list[float], common: float, most: int
) -> None:
    """All others are worse by just the indifference zone: nothing is harder."""
    means = [0.0] + [ZONE] * (len(deviations) - 1)
    found = correct(means, normal(deviations, common), most=most, seed=1)
    assert found >= LEAST


def test_skewed_values_do_not_break_the_promise() -> None:
    assert correct([0.0, 1.0, 1.0, 1.0], skewed, most=120, seed=2) >= LEAST


def test_taking_the_smallest_mean_of_the_first_replications_would_break_it() -> None:
    """The test above can fail: without the procedure the best is missed much more often."""
    deviations = [3.0, 1.0, 1.0, 1.0, 1.0]
    values = normal(deviations, 0.3)(np.random.default_rng(1), 5, FIRST)
    values += np.array([0.0, 1.0, 1.0, 1.0, 1.0])[:, None]
    assert (values.mean(axis=-1).argmin(axis=1) == 0).mean() < 0.8


def of(table: NDArray[np.float64]) -> Callable[[tuple[int, ...], int], NDArray[np.float64]]:
    return lambda which, n: table[list(which), :n]


def test_only_contenders_are_simulated_on() -> None:
    luck = np.random.default_rng(3)
    table = luck.standard_normal((4, 200)) + np.array([0.0, 0.3, 15.0, 19.0])[:, None]
    asked: list[tuple[tuple[int, ...], int]] = []

    def simulate(which: tuple[int, ...], n: int) -> NDArray[np.float64]:
        asked.append((which, n))
        return table[list(which), :n]

    found = select_best(simulate, 4, zone=0.2, first=10, most=200, step=5)
    assert asked[0] == ((0, 1, 2, 3), 10)
    assert all(set(later) <= {0, 1} for later, _ in asked[1:])
    assert found.best == 0
    assert found.replications[2:] == (10, 10)
    assert found.probability_best[0] > 0.8
    assert sum(found.probability_best) == pytest.approx(1)
    assert found.differences[3].interval.low > 0


def test_who_is_far_worse_is_left_out_at_once() -> None:
    """Whatever the zone: beyond doubt is beyond doubt."""
    luck = np.random.default_rng(10)
    table = luck.normal(0, 5, (3, 40)) + np.array([0.0, 0.1, 60.0])[:, None]
    found = select_best(of(table), 3, zone=0.001, first=10, most=40, step=5)
    assert found.replications == (40, 40, 10)
    assert found.contenders == (0, 1)


def test_when_replications_run_out_it_says_so() -> None:
    table = np.random.default_rng(4).standard_normal((3, 20)) * 10
    found = select_best(of(table), 3, zone=0.01, first=10, most=20)
    assert not found.decided
    assert len(found.contenders) > 1
    assert found.best in found.contenders
    assert max(found.replications) == 20


def test_equal_configurations_end_it_and_share_their_probability() -> None:
    """Two that come out alike in every replication cannot be told apart, nor need they be."""
    row = np.random.default_rng(5).standard_normal(50)
    found = select_best(of(np.stack([row + 3, row, row])), 3, zone=0.5, first=10, most=50)
    assert found.decided
    assert found.best == 1
    assert found.contenders == (1, 2)
    assert found.replications == (10, 10, 10)
    assert found.probability_best == (0.0, 0.5, 0.5)


def test_the_probability_of_two_is_that_of_their_paired_difference() -> None:
    luck = np.random.default_rng(6)
    low, high = luck.normal(0, 1, 12), luck.normal(0.3, 2, 12)
    chances, _ = best_probabilities([low, high], 0, zone=0.1)
    exact = paired_difference(low, high).probability_positive
    assert chances[0] == pytest.approx(exact, abs=0.01)


def test_the_probability_of_being_best_is_calibrated() -> None:
    """Where true means come from a wide law, claims of p come true in a share p of cases.

    Of 1,500 cases with claims of about 0.8 the share right lies within 0.04 of the mean claim in
    all but one of a thousand experiments.
    """
    luck = np.random.default_rng(7)
    claims, right = [], []
    for _ in range(1_500):
        means = luck.normal(0, 2, 4)
        shared = luck.normal(0, 3, 12)
        deviations = np.array([0.5, 1, 2, 3])[:, None]
        rows = means[:, None] + shared + luck.normal(0, 1, (4, 12)) * deviations
        best = int(rows.mean(axis=1).argmin())
        chances, _ = best_probabilities(list(rows), best, zone=0.1, draws=400)
        claims.append(chances[best])
        right.append(means.argmin() == best)
    assert 0.6 < np.mean(claims) < 0.95
    assert np.mean(right) == pytest.approx(np.mean(claims), abs=0.04)
    sure = np.array(claims) > 0.9
    assert np.array(right)[sure].mean() == pytest.approx(np.array(claims)[sure].mean(), abs=0.04)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"number": 1, "zone": 1.0}, "two configurations"),
        ({"number": 3, "zone": 0.0}, "indifference zone"),
        ({"number": 3, "zone": 1.0, "first": 1}, "2 replications"),
        ({"number": 3, "zone": 1.0, "level": 0.2}, "between 1/3 and 1"),
    ],
)
def test_nonsense_is_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        select_best(of(np.zeros((3, 9))), **options)  # type: ignore[arg-type]


def test_the_frontier_is_what_no_other_beats() -> None:
    first = [1.0, 1.0, 2.0, 3.0, 3.0]
    second = [5.0, 4.0, 4.0, 1.0, 1.0]
    # The first is beaten by the second, the third too; equal ones do not beat each other.
    assert on_frontier(first, second).tolist() == [False, True, False, True, True]


def test_the_probability_of_the_frontier_says_how_sure_it_is() -> None:
    luck = np.random.default_rng(8)
    shared = luck.normal(0, 5, 40)
    first = np.stack([shared, shared + 1, shared + 2]) + luck.normal(0, 0.1, (3, 40))
    second = np.stack([shared + 3, shared + 4, shared]) + luck.normal(0, 0.1, (3, 40))
    found = frontier_probabilities(first, second)
    # The second is worse than the first in both, by far more than luck in the difference.
    assert found[0] > 0.99
    assert found[1] < 0.01
    assert found[2] > 0.99
