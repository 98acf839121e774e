"""Conflict of targets: each left out in turn, and foretold by the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.calibrate.nroy import Sieve, first_cloud, kept_by_all
from carepath_sim.calibrate.tempering import log_likelihood, tempered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepath_sim.calibrate.fitting import Outcome
    from carepath_sim.calibrate.problem import Problem


def left_out(problem: Problem, outcome: Outcome, seed: int) -> list[dict[str, float | str]]:
    """Return what the other targets say of each fitted target.

    Returns
    -------
        For each fitted target: its name, the mean and deviation that emulators foretell of it when
        it is not fitted, and z, the distance of the observed value in deviations of all that
        separates the two; empty for a single target.
    """
    if not outcome.sieves or len(outcome.sieves[-1].targets) < 2:
        return []
    rng = np.random.default_rng([seed, 17])
    found: list[dict[str, float | str]] = []
    for j in outcome.sieves[-1].targets:
        sieves = [_without(one, j) for one in outcome.sieves]

        def keeps(u: NDArray[np.float64], all_of: list[Sieve] = sieves) -> NDArray[np.bool_]:
            return kept_by_all(all_of, u)

        last = sieves[-1]
        free = list(last.free)
        cloud, _ = first_cloud(keeps, len(problem.parameters), free, rng)
        if not len(cloud):
            continue
        log_of = log_likelihood(problem, last.emulators, last.targets, free)
        u, _ = tempered(cloud, log_of, keeps, free, rng)
        whole = outcome.sieves[-1]
        mean, doubt, _ = whole.emulators[whole.targets.index(j)].predict(u[:, free])
        others = np.column_stack([one.predict(u[:, free])[0] for one in last.emulators])
        error, variance = _error_by_others(problem, j, last.targets, others)
        spread = float((mean + error).var() + doubt.mean())
        mean = mean + error
        z = float((problem.z[j] - mean.mean()) / np.sqrt(spread + variance))
        made = {"mean": float(mean.mean()), "deviation": float(np.sqrt(spread)), "z": z}
        found.append({"target": problem.targets[j], **made})
    return found


def slopes(problem: Problem, outcome: Outcome) -> NDArray[np.float64]:
    """Return what each free parameter does to each fitted target.

    Returns
    -------
        Shape `(fitted target, free parameter)`: mean change over the draws if a parameter went
        through its whole prior, in standard deviations of observation and discrepancy; where
        those are correlated, of what a target says beyond those before it.
    """
    last = outcome.sieves[-1]
    free = list(last.free)
    u = outcome.u[:200, free]
    step = 0.01
    found = np.zeros((len(last.targets), len(free)))
    for k in range(len(free)):
        up, down = u.copy(), u.copy()
        up[:, k], down[:, k] = np.minimum(u[:, k] + step, 1), np.maximum(u[:, k] - step, 0)
        apart = up[:, k] - down[:, k]
        for row, emulator in enumerate(last.emulators):
            change = emulator.predict(up)[0] - emulator.predict(down)[0]
            found[row, k] = (change / apart).mean()
    return np.asarray(np.linalg.solve(np.linalg.cholesky(problem.outside(last.targets)), found))


def _error_by_others(
    problem: Problem, target: int, others: tuple[int, ...], means: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return what the errors of other targets say of that of one, and the variance left to it."""
    spread = problem.outside([target, *others])
    gain = np.linalg.solve(spread[1:, 1:], spread[1:, 0])
    gaps = problem.z[list(others)] - means
    return np.asarray(gaps @ gain), float(spread[0, 0] - spread[0, 1:] @ gain)


def _without(one: Sieve, target: int) -> Sieve:
    kept = [k for k, j in enumerate(one.targets) if j != target]
    emulators = tuple(one.emulators[k] for k in kept)
    targets = tuple(one.targets[k] for k in kept)
    return Sieve(one.problem, emulators, targets, one.free, second=one.second)
