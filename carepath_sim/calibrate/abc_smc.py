"""A posterior by the simulator alone: approximate Bayesian computation in populations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.calibrate.together import distances, without_luck

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
        For each population the tolerance (0: accepted by chance), the candidates, the accepted.
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
        Covariance of the means of the replications, shape `(fitted target, fitted target)`.
    budget
        Replications that may be spent.

    Notes
    -----
    Populations of narrowing tolerance (Beaumont and others 2009, Biometrika 96, 983-990) with the
    Mahalanobis distance by the covariance of observation, discrepancy and luck. In the last
    population a candidate is accepted with the chance exp(-d²/2), with which the posterior is that
    of the model with an error of that scale (Wilkinson 2013, Statistical Applications in Genetics
    12, 129-141). The scale is that of observation and discrepancy less the luck of the means of
    the replications, which is in the simulations already (but at least half of it, in squares, in
    every direction). Where the budget
    ends before, the last full population gets those chances as weights.
    """
    from scipy.stats import chi2

    chain = _Chain(problem, simulator, keeps, list(free), luck, population, replications, seed)
    chain.last_run = simulator.spent + budget
    last = float(np.sqrt(chi2.ppf(0.999, len(chain.fitted))))
    chain.begin(cloud[:population])
    tolerance = float("inf")
    while tolerance > last:
        tolerance = max(float(np.quantile(chain.distances(), 0.5)), last)
        if not chain.step(tolerance):
            break
    weights = chain.weights * chain.chances(chain.gaps)
    weights /= weights.sum()
    if tolerance <= last and len(chain.u) == population:
        before = chain.u, chain.weights
        chain.weights = weights
        if chain.step(0.0):
            return Population(chain.u, chain.weights, _worth(chain.weights), tuple(chain.steps))
        chain.u, chain.weights = before
    return Population(chain.u, weights, _worth(weights), tuple(chain.steps))


class _Chain:
    """A population on its way."""

    def __init__(
        self,
        problem: Problem,
        simulator: Simulator,
        keeps: Keeps,
        axes: list[int],
        luck: NDArray[np.float64],
        population: int,
        replications: int,
        seed: int,
    ) -> None:
        self.problem, self.simulator, self.keeps, self.axes = problem, simulator, keeps, axes
        self.population, self.replications, self.seed = population, replications, seed
        self.fitted = np.flatnonzero(problem.is_fitted)
        outside = problem.outside(self.fitted.tolist())
        self.outside, self.scale = without_luck(outside, luck), outside + luck
        self.last_run = 0
        self.simulated = 0
        self.u = np.empty((0, 0))
        self.weights = np.empty(0)
        self.gaps = np.empty((0, 0))
        self.steps: list[tuple[float, int, int]] = []

    def begin(self, u: NDArray[np.float64]) -> None:
        """Simulate the first population."""
        self.u = u.copy()
        self.weights = np.full(len(u), 1 / len(u))
        self.gaps = self._apart(self.u)
        self.steps.append((float("inf"), len(u), len(u)))

    def distances(self) -> NDArray[np.float64]:
        """Return distances in standard deviations of observation, discrepancy and luck."""
        return self._length(self.gaps)

    def chances(self, gaps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return chances of acceptance by the error that the simulations lack."""
        return np.asarray(np.exp(-0.5 * distances(gaps, self.outside, np.zeros_like(gaps))))

    def step(self, tolerance: float) -> bool:
        """Go on to the next population; tell whether it was filled.

        Parameters
        ----------
        tolerance
            Largest distance; 0: accepted with the chance of the error outside the model.
        """
        number = len(self.steps)
        root = _root(self.u[:, self.axes], self.weights)
        kept_u: list[NDArray[np.float64]] = []
        kept_gaps: list[NDArray[np.float64]] = []
        tried, batch = 0, 0
        while len(kept_u) < self.population:
            room = (self.last_run - self.simulator.spent) // self.replications
            few = tried >= 20 * BATCH and len(kept_u) < LEAST_ACCEPTED * tried
            if room < BATCH or few:
                break
            rng = np.random.default_rng([self.seed, number, batch])
            batch, tried = batch + 1, tried + BATCH
            made = self.u[rng.choice(len(self.u), BATCH, p=self.weights)].copy()
            made[:, self.axes] += rng.standard_normal((BATCH, len(self.axes))) @ root.T
            chance = rng.random(BATCH)
            inside: NDArray[np.bool_] = np.asarray(((made >= 0) & (made <= 1)).all(axis=1))
            inside[inside] = self.keeps(made[inside]) if inside.any() else inside[inside]
            if not inside.any():
                continue
            made, chance = made[inside], chance[inside]
            gaps = self._apart(made)
            if tolerance > 0:
                accepted = self._length(gaps) <= tolerance
            else:
                accepted = chance < self.chances(gaps)
            kept_u += list(made[accepted])
            kept_gaps += list(gaps[accepted])
        self.steps.append((tolerance, tried, len(kept_u)))
        if len(kept_u) < self.population:
            return False
        new = np.array(kept_u[: self.population])
        self.weights = _weights(new[:, self.axes], self.u[:, self.axes], self.weights, root)
        self.u, self.gaps = new, np.array(kept_gaps[: self.population])
        return True

    def _apart(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Simulate points, each with luck of its own; return simulated less observed."""
        made = self.simulator.values(u, self.replications, "abc", first=self.simulated)
        self.simulated += len(u) * self.replications
        return np.asarray(made.mean(axis=1)[:, self.fitted] - self.problem.z[self.fitted])

    def _length(self, gaps: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.sqrt(distances(gaps, self.scale, np.zeros_like(gaps))))


def _worth(weights: NDArray[np.float64]) -> float:
    return float(1 / (weights**2).sum())


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
