"""A posterior by emulators: particles that go from the prior to the posterior by degrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.calibrate.together import distances

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from carepath_sim.calibrate.emulators import Emulator
    from carepath_sim.calibrate.nroy import Keeps
    from carepath_sim.calibrate.problem import Problem

    LogLikelihood = Callable[[NDArray[np.float64]], NDArray[np.float64]]

MOVES: Final = 8
"""Moves after each degree; of about a quarter that are accepted, two a particle."""


def log_likelihood(
    problem: Problem,
    emulators: Sequence[Emulator],
    targets: Sequence[int],
    free: Sequence[int],
) -> LogLikelihood:
    """Return the log of a synthetic likelihood.

    Notes
    -----
    The observed value is normal about the emulated mean, with the variances of observation,
    discrepancy and emulator (Wood 2010, Nature 466, 1102-1104). The luck of the replications is in
    what the emulator does not know; that of the world is in the error of the observation. Errors
    that are correlated enter with their covariance.
    """
    outside, axes = problem.outside(targets), list(free)

    def jointly(u: NDArray[np.float64]) -> NDArray[np.float64]:
        gaps, own = np.empty((2, len(u), len(targets)))
        for k, (target, emulator) in enumerate(zip(targets, emulators, strict=True)):
            mean, doubt, _ = emulator.predict(u[:, axes])
            gaps[:, k], own[:, k] = problem.z[target] - mean, doubt
        spread = outside + own[:, :, None] * np.eye(len(outside))
        logs = np.linalg.slogdet(spread)[1]
        return np.asarray(-0.5 * (distances(gaps, outside, own) + logs))

    def of(u: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.zeros(len(u))
        for target, emulator in zip(targets, emulators, strict=True):
            mean, doubt, _ = emulator.predict(u[:, axes])
            variance = doubt + problem.v_outside[target]
            total -= 0.5 * ((problem.z[target] - mean) ** 2 / variance + np.log(variance))
        return total

    return jointly if problem.is_correlated(targets) else of


def tempered(
    cloud: NDArray[np.float64],
    log_of: LogLikelihood,
    keeps: Keeps,
    free: Sequence[int],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], float]:
    """Return particles of the posterior, all of one weight, and how many they are worth.

    Parameters
    ----------
    cloud
        Evenly spread over what is kept.

    Notes
    -----
    Del Moral, Doucet and Jasra (2006), Journal of the Royal Statistical Society B 68, 411-436:
    the next degree is that at which half of the particles would be left; systematic resampling;
    random walks with the covariance of the particles.
    """
    particles = cloud.copy()
    axes = list(free)
    logs = log_of(particles)
    degree, worth = 0.0, float(len(particles))
    while degree < 1.0:
        step = _next(logs, 1.0 - degree)
        degree = 1.0 if degree + step > 1 - 1e-9 else degree + step
        weights = np.exp(step * (logs - logs.max()))
        weights /= weights.sum()
        chosen = _systematic(weights, rng)
        particles, logs = particles[chosen], logs[chosen]
        root = _root(particles[:, axes])
        for k in range(MOVES):
            factor = 1.0 if k % 2 == 0 else 0.4
            moved = particles.copy()
            moved[:, axes] += factor * rng.standard_normal((len(moved), len(axes))) @ root.T
            chance = np.log(rng.random(len(moved)))
            inside = ((moved >= 0) & (moved <= 1)).all(axis=1)
            where = np.flatnonzero(inside)
            where = where[keeps(moved[where])] if where.size else where
            if not where.size:
                continue
            found = log_of(moved[where])
            taken = chance[where] < degree * (found - logs[where])
            particles[where[taken]] = moved[where[taken]]
            logs[where[taken]] = found[taken]
        worth = float(len(np.unique(particles, axis=0)))
    return particles, worth


def _next(logs: NDArray[np.float64], left: float) -> float:
    """Return the largest step after which half of the particles are worth something."""
    wanted = len(logs) / 2

    def worth(step: float) -> float:
        weights = np.exp(step * (logs - logs.max()))
        return float(weights.sum() ** 2 / (weights**2).sum())

    if worth(left) >= wanted:
        return left
    low, high = 0.0, left
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(middle) >= wanted else (low, middle)
    return max(low, 1e-6)


def _systematic(weights: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.intp]:
    places = (rng.random() + np.arange(len(weights))) / len(weights)
    return np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1)


def _root(points: NDArray[np.float64]) -> NDArray[np.float64]:
    number = points.shape[1]
    matrix = np.atleast_2d(np.cov(points, rowvar=False)) + 1e-10 * np.eye(number)
    return np.asarray(np.linalg.cholesky(matrix) * 2.38 / np.sqrt(number))
