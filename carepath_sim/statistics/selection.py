"""Selecting the best of several configurations from paired replications.

The smallest mean is the best; where the largest is wanted, negate. Replications share their random
numbers, so that everything rests on the differences within replications, whose variances may differ
from pair to pair.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from carepath_sim.statistics.intervals import DEFAULT_LEVEL, PairedDifference, paired_difference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Simulate = Callable[[tuple[int, ...], int], NDArray[np.float64]]

FIRST = 10
"""Replications of everybody before the first is left out; fewer tell too little of variances."""
MOST = 200
"""Replications at which the procedure stops, decided or not."""
DRAWS = 20_000
"""Draws of the posterior; the probability of being best is right to about 0.004."""


@dataclass(frozen=True)
class Selection:
    """Which of several configurations is the best, and how sure that is.

    Attributes
    ----------
    best
        Number of the configuration that is selected.
    decided
        Whether the procedure came to its end: with the probability aimed at the selected one is the
        best, or less than the indifference zone from it. Otherwise replications ran out.
    contenders
        Those that were not ruled out, the selected one among them.
    means
        Means over the replications of each [unit of the measure].
    replications
        How many of each were simulated.
    differences
        Each minus the selected one, over the replications of both; intervals hold jointly.
    probability_best
        Probability of each of having the smallest mean; they sum to 1. Equal ones share theirs.
    probability_good
        Probability of each of being within the indifference zone of the best.
    zone
        The indifference zone [unit of the measure].
    level
        Probability of a correct selection that was aimed at.
    """

    best: int
    decided: bool
    contenders: tuple[int, ...]
    means: tuple[float, ...]
    replications: tuple[int, ...]
    differences: tuple[PairedDifference, ...]
    probability_best: tuple[float, ...]
    probability_good: tuple[float, ...]
    zone: float
    level: float


def select_best(
    simulate: Simulate,
    number: int,
    *,
    zone: float,
    level: float = DEFAULT_LEVEL,
    first: int = FIRST,
    most: int = MOST,
    step: int = 1,
) -> Selection:
    """Select the configuration with the smallest mean, one after another being ruled out.

    Parameters
    ----------
    simulate
        Gives the values of some configurations, in the order asked for, shape
        `(configuration, replication)`, from the first replication to as many as asked for. The
        same replication of two configurations shares its random numbers.
    number
        How many configurations there are.
    zone
        Indifference zone: a smaller difference does not matter [unit of the measure].
    level
        Probability of a correct selection, whenever the best is better than every other by the
        zone or more.
    first
        Replications of everybody before anybody is ruled out.
    most
        Replications at which it stops, decided or not.
    step
        Replications between two looks. Looking less often never makes a mistake more likely.

    Returns
    -------
        What was selected, with its probability of being best.

    Raises
    ------
    ValueError
        For fewer than two configurations, no zone, or fewer than two replications.

    Notes
    -----
    Two rules share the error that is allowed, 1 - level, half and half.

    The fully sequential procedure of Kim and Nelson (2001), ACM Transactions on Modeling and
    Computer Simulation 11, pages 251-273, with c = 1: variances of differences are estimated from
    the first stage and may be unequal, and common random numbers are allowed.

    It is slow against those that are far worse and vary much. So at `first`, 2 x `first`, 4 x
    `first`, ... replications paired t tests leave out those that are worse than another beyond
    doubt, with half, a quarter, an eighth ... of the other half of the error; the bound is
    Bonferroni's. Screening before an indifference-zone procedure is the idea of Nelson, Swann,
    Goldsman and Song (2001), Operations Research 49, pages 950-963.

    Both assume that replications are independent and their differences about normal. The
    probability of being best is that of `best_probabilities`.
    """
    _check(number, zone, level, first, most)
    everybody = tuple(range(number))
    rows = list(simulate(everybody, first))
    half = (1 + level) / 2
    constant = screening_constant(number, first, half)
    spread = pair_variances(np.stack(rows))
    alive = np.ones(number, dtype=bool)
    done, looks = first, 0
    decided = False
    while True:
        means = np.array([row[:done].mean() if len(row) >= done else np.inf for row in rows])
        if done >= first * 2**looks:
            looks += 1
            now = pair_variances(np.stack([rows[k] for k in np.flatnonzero(alive)]))
            error = (1 - half) / 2**looks / (number - 1)
            alive[alive] = not_far_worse(means[alive], done, now, error=error)
        alive = still_in(means, done, alive, spread, constant=constant, zone=zone)
        # Beyond the longest margin only equal ones are left, of which any may be taken.
        longest = float(spread[np.ix_(alive, alive)].max()) * constant / zone**2
        decided = int(alive.sum()) == 1 or done >= longest
        if decided or done >= most:
            break
        done = min(done + step, most)
        left = tuple(int(k) for k in np.flatnonzero(alive))
        for k, row in zip(left, simulate(left, done), strict=True):
            rows[k] = np.asarray(row, dtype=np.float64)
    best = int(np.argmin(np.where(alive, means, np.inf)))
    chances, good = best_probabilities(rows, best, zone=zone)
    return Selection(
        best=best,
        decided=decided,
        contenders=tuple(int(k) for k in np.flatnonzero(alive)),
        means=tuple(float(row.mean()) for row in rows),
        replications=tuple(len(row) for row in rows),
        differences=tuple(_against(rows[best], row, level, number - 1) for row in rows),
        probability_best=chances,
        probability_good=good,
        zone=zone,
        level=level,
    )


def screening_constant(number: int, first: int, level: float) -> float:
    """Return h² of Kim and Nelson: how far apart two must be before one is ruled out.

    Parameters
    ----------
    number
        Configurations.
    first
        Replications of the first stage.
    level
        Probability of a correct selection.

    Examples
    --------
    Two configurations, ten replications, 95 %: 9 x (0.1 ^ (-2/9) - 1)

    >>> round(screening_constant(2, 10, 0.95), 3)
    6.013
    """
    degrees = first - 1
    eta = (math.pow(2 * (1 - level) / (number - 1), -2 / degrees) - 1) / 2
    return 2 * eta * degrees


def pair_variances(values: ArrayLike) -> NDArray[np.float64]:
    """Variances of the differences of each two configurations.

    Parameters
    ----------
    values
        Shape `(..., configuration, replication)` [unit of the measure].

    Returns
    -------
        Shape `(..., configuration, configuration)` [square of that unit].
    """
    table = np.asarray(values, dtype=np.float64)
    centred = table - table.mean(axis=-1, keepdims=True)
    # Of variances and covariances, because the differences of all pairs would take much room.
    together = centred @ centred.swapaxes(-1, -2) / (table.shape[-1] - 1)
    own = np.diagonal(together, axis1=-2, axis2=-1)
    apart = own[..., :, None] + own[..., None, :] - 2 * together
    # What rounding leaves where two are the same.
    noise = 1e-12 * (own[..., :, None] + own[..., None, :])
    return np.asarray(np.where(apart > noise, apart, 0.0))


def still_in(
    means: NDArray[np.float64],
    done: int,
    alive: NDArray[np.bool_],
    spread: NDArray[np.float64],
    *,
    constant: float,
    zone: float,
) -> NDArray[np.bool_]:
    """Tell which configurations are not ruled out after some replications.

    Parameters
    ----------
    means
        Means over these replications, shape `(..., configuration)` [unit of the measure].
    done
        How many replications there are.
    alive
        Those that were left before, of the same shape.
    spread
        Variances of differences of the first stage (`pair_variances`).
    constant
        `screening_constant`.
    zone
        Indifference zone [unit of the measure].

    Returns
    -------
        Those that are left: no other that was left is better by more than the margin, which
        shrinks to 0 as replications come in.
    """
    margin = np.maximum(0.0, zone / (2 * done) * (constant * spread / zone**2 - done))
    # Of those ruled out before, the means are of no account.
    rival = np.where(alive, means, np.inf)
    with np.errstate(invalid="ignore"):
        beaten = means[..., :, None] > rival[..., None, :] + margin
    return np.asarray(alive & ~beaten.any(axis=-1))


def not_far_worse(
    means: NDArray[np.float64], done: int, spread: NDArray[np.float64], *, error: float
) -> NDArray[np.bool_]:
    """Tell which configurations no other is better than beyond doubt.

    Parameters
    ----------
    means
        Means over the replications, shape `(..., configuration)` [unit of the measure].
    done
        How many replications there are.
    spread
        Variances of differences over these replications (`pair_variances`).
    error
        Probability of leaving out the best because of one other.
    """
    margin = special.stdtrit(done - 1, 1 - error) * np.sqrt(spread / done)
    beaten = means[..., :, None] > means[..., None, :] + margin
    return np.asarray(~beaten.any(axis=-1))


def best_probabilities(
    rows: Sequence[NDArray[np.float64]], reference: int, *, zone: float, draws: int = DRAWS
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Probabilities of having the smallest mean, and of coming within a zone of it.

    Parameters
    ----------
    rows
        Values of each configuration, from the first replication on; some may have fewer [unit of
        the measure].
    reference
        The configuration to which differences are taken; one with the most replications.
    zone
        Indifference zone [unit of the measure].
    draws
        Draws of the posterior.

    Returns
    -------
        The two probabilities of each configuration.

    Notes
    -----
    Posterior of the means of normal differences with a flat prior, in the form in which every
    single difference has Student's t with n - 1 degrees of freedom (Geisser and Cornfield 1963,
    Journal of the Royal Statistical Society B 25, pages 368-376): with two configurations it is
    the `probability_positive` of their paired difference. A posterior does not depend on the rule
    by which sampling was stopped.

    Examples
    --------
    One that is better in every replication by just as much is the best for certain:

    >>> low, high = np.array([1.0, 5.0, 3.0]), np.array([2.0, 6.0, 4.0])
    >>> best_probabilities([low, high], 0, zone=0.5)
    ((1.0, 0.0), (1.0, 0.0))
    """
    # The same draws in every call: probabilities of one table do not depend on who asks.
    luck = np.random.default_rng(0)
    lengths = sorted({len(row) for row in rows})
    normal = luck.standard_normal((draws, lengths[-1]))
    scale = _scales(lengths, draws, luck)
    gaps = np.zeros((draws, len(rows)))
    for k, row in enumerate(rows):
        if k == reference:
            continue
        n = len(row)
        apart = row - rows[reference][:n]
        mean = float(apart.mean())
        noise = normal[:, :n] @ (apart - mean) / math.sqrt(n * (n - 1))
        gaps[:, k] = mean + noise * scale[n]
    lowest = gaps.min(axis=1, keepdims=True)
    equal = gaps <= lowest
    shares = equal / equal.sum(axis=1, keepdims=True)
    good = (gaps <= lowest + zone).mean(axis=0)
    return tuple(map(float, shares.mean(axis=0))), tuple(map(float, good))


def _scales(
    lengths: Sequence[int], draws: int, luck: np.random.Generator
) -> dict[int, NDArray[np.float64]]:
    """What draws of a normal are multiplied by to become Student's t, by number of replications."""
    found = {}
    squares = np.zeros(draws)
    before = 1
    for n in lengths:
        squares = squares + luck.chisquare(n - before, draws)
        before = n
        found[n] = np.sqrt((n - 1) / squares)
    return found


def _against(
    base: NDArray[np.float64], other: NDArray[np.float64], level: float, comparisons: int
) -> PairedDifference:
    n = min(len(base), len(other))
    return paired_difference(base[:n], other[:n], level, comparisons=comparisons)


def _check(number: int, zone: float, level: float, first: int, most: int) -> None:
    if number < 2:
        raise ValueError(f"There must be two configurations to choose from; got {number}.")
    if not (zone > 0 and math.isfinite(zone)):
        raise ValueError(f"The indifference zone must be above 0; got {zone}.")
    if not 1 / number < level < 1:
        raise ValueError(f"The level must lie between 1/{number} and 1; got {level}.")
    if not 2 <= first <= most:
        raise ValueError(f"At least 2 replications come first, at most {most}; got {first}.")
