"""A posterior by the simulator alone: approximate Bayesian computation in populations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from carepath_sim.calibrate.nroy import Keeps
    from carepath_sim.calibrate.problem import Problem, Simulator

BATCH: Final = 64
"""Candidates at a time: fixed, so that results do not depend on who simulates them."""
LEAST_ACCEPTED: Final = 0.02


@dataclass(frozen=True)
class Population:
    """A population of ABC.

    Attributes
    ----------
    u, weights
        Points with weights that sum to 1.
    worth
        How many equal draws they are worth (Kish).
    steps
        For each population the tolerance, the candidates, and the accepted.
    """

    u: NDArray[np.float64]
    weights: NDArray[np.float64]
    worth: float
    steps: tuple[tuple[float, int, int], ...]


def abc_smc(
    problem: Problem,
    simulator: Simulator,
    cloud: NDArray[np.float64],
    keeps: Keeps,
    free: Sequence[int],
    *,
    luck: NDArray[np.float64],
    population: int,
    replications: int,
    budget: int,
    seed: int,
) -> Population:
    """Return the posterior of points by simulation.

    Parameters
    ----------
    cloud
        Evenly spread over what is kept: the first population.
    luck
        Variance of the mean of the replications, shape `(target,)`.
    budget
        Replications that may be spent.

    Notes
    -----
    Populations of narrowing tolerance (Beaumont and others 2009, Biometrika 96, 983-990) with the
    distance in standard deviations of observation, discrepancy and luck. Candidates come in
    batches of fixed size and are accepted in their order. The last population gets the weight
    exp(-d²/2) of the error of observation and discrepancy, with which the posterior is that of the
    model with this error (Wilkinson 2013, Statistical Applications in Genetics 12, 129-141), the
    luck of the mean counted once: it is in the simulations.
    """
    from scipy.stats import chi2

    fitted = np.flatnonzero(problem.is_fitted)
    axes = list(free)
    scale = np.sqrt(problem.v_outside[fitted] + luck[fitted])
    last = float(np.sqrt(chi2.ppf(0.999, len(fitted))))
    u = cloud[:population].copy()
    weights = np.full(len(u), 1 / len(u))
    began = simulator.spent
    values = simulator.values(u, replications, "abc").mean(axis=1)[:, fitted]
    gaps = (values - problem.z[fitted]) / scale
    distance = np.sqrt((gaps**2).sum(axis=1))
    steps: list[tuple[float, int, int]] = [(float("inf"), len(u), len(u))]
    tolerance = float("inf")
    number = 0
    while tolerance > last:
        tolerance = max(float(np.quantile(distance, 0.5)), last)
        number += 1
        root = _root(u[:, axes], weights)
        kept_u: list[NDArray[np.float64]] = []
        kept_gaps: list[NDArray[np.float64]] = []
        tried, batch = 0, 0
        while len(kept_u) < population:
            room = (budget - (simulator.spent - began)) // replications
            if room < BATCH or (tried >= 20 * BATCH and len(kept_u) < LEAST_ACCEPTED * tried):
                break
            rng = np.random.default_rng([seed, number, batch])
            batch += 1
            made = u[rng.choice(len(u), BATCH, p=weights)].copy()
            made[:, axes] += rng.standard_normal((BATCH, len(axes))) @ root.T
            inside: NDArray[np.bool_] = np.asarray(((made >= 0) & (made <= 1)).all(axis=1))
            inside[inside] = keeps(made[inside]) if inside.any() else inside[inside]
            made = made[inside]
            tried += BATCH
            if not len(made):
                continue
            found = simulator.values(made, replications, "abc").mean(axis=1)[:, fitted]
            apart = (found - problem.z[fitted]) / scale
            for k in np.flatnonzero(np.sqrt((apart**2).sum(axis=1)) <= tolerance):
                kept_u.append(made[k])
                kept_gaps.append(apart[k])
        steps.append((tolerance, tried, len(kept_u)))
        if len(kept_u) < population:
            break
        new = np.array(kept_u[:population])
        weights = _weights(new[:, axes], u[:, axes], weights, root)
        u, gaps = new, np.array(kept_gaps[:population])
        distance = np.sqrt((gaps**2).sum(axis=1))
    # The gaps without the luck in their scale, for the weight of the error outside the model.
    outside = gaps * scale / np.sqrt(problem.v_outside[fitted])
    exponent = -0.5 * (outside**2).sum(axis=1)
    weights = weights * np.exp(exponent - exponent.max())
    weights /= weights.sum()
    return Population(u, weights, float(1 / (weights**2).sum()), tuple(steps))


def _root(points: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the root of twice the covariance."""
    spread = np.atleast_2d(np.cov(points, rowvar=False, aweights=weights))
    return np.asarray(np.linalg.cholesky(2 * spread + 1e-10 * np.eye(points.shape[1])))


def _weights(
    new: NDArray[np.float64],
    old: NDArray[np.float64],
    weights: NDArray[np.float64],
    root: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return importance weights: the prior is even, so they are one over the proposal."""
    flat = np.linalg.solve(root, new.T).T[:, None, :] - np.linalg.solve(root, old.T).T[None]
    exponent = -0.5 * (flat**2).sum(axis=2)
    top = exponent.max(axis=1, keepdims=True)
    density = (np.exp(exponent - top) @ weights) * np.exp(top[:, 0] - top.max())
    found = 1 / np.maximum(density, 1e-300)
    return np.asarray(found / found.sum())
