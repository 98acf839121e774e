"""History matching: what is left of the prior when implausible points are thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.calibrate.together import as_deviations, blocks, distances

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from carepath_sim.calibrate.emulators import Emulator
    from carepath_sim.calibrate.problem import Problem

    Keeps = Callable[[NDArray[np.float64]], NDArray[np.bool_]]

CUT: Final = 3.0
"""No unimodal distribution has more than a twentieth of its mass farther out (Pukelsheim 1994)."""
CLOUD: Final = 1024
LOOKS: Final = 8192
STEPS: Final = 20


@dataclass(frozen=True)
class Sieve:
    """Emulators of one wave, and how severe it is.

    Attributes
    ----------
    emulators
        One a fitted target, in the order of `targets`.
    targets
        Numbers of the fitted targets.
    free
        Numbers of the parameters that were not frozen.
    second
        Whether one target, the worst, is left out of account, so that a wrong one does not decide.
    """

    problem: Problem
    emulators: tuple[Emulator, ...]
    targets: tuple[int, ...]
    free: tuple[int, ...]
    second: bool

    def implausibility(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return implausibilities, shape `(point, group)`.

        A group is a target, or several whose errors are correlated.

        Notes
        -----
        The distance of observed and emulated mean in standard deviations of all that keeps them
        apart: emulator, luck of the replications, observation, discrepancy (Vernon, Goldstein and
        Bower 2010, Bayesian Analysis 5, 619-669). The distance
        of several is told as that of one which is as improbable, so that all have one cut.
        """
        return self._both(u)[0]

    def keeps(self, u: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points are not implausible."""
        whole, less = self._both(u)
        if not self.second or len(self.targets) < 2:
            return np.asarray(whole.max(axis=1) <= CUT)
        # The target that is left out lies in the worst group; the others count in full.
        order = np.sort(whole, axis=1)
        second = order[:, -2] if whole.shape[1] > 1 else np.zeros(len(u))
        worst = np.take_along_axis(less, whole.argmax(axis=1)[:, None], axis=1)[:, 0]
        return np.asarray(np.maximum(second, worst) <= CUT)

    def _both(self, u: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return implausibilities of groups: in full, and without the target that helps most."""
        gaps, own = np.empty((2, len(u), len(self.targets)))
        for k, (target, emulator) in enumerate(zip(self.targets, self.emulators, strict=True)):
            mean, doubt, luck = emulator.predict(u[:, self.free])
            gaps[:, k], own[:, k] = self.problem.z[target] - mean, doubt + luck
        outside = self.problem.outside(self.targets)

        def of(group: Sequence[int]) -> NDArray[np.float64]:
            chosen = list(group)
            if not chosen:
                return np.zeros(len(u))
            if len(chosen) == 1:
                total = outside[chosen[0], chosen[0]] + own[:, chosen[0]]
                return np.asarray(np.abs(gaps[:, chosen[0]]) / np.sqrt(total))
            squares = distances(gaps[:, chosen], outside[np.ix_(chosen, chosen)], own[:, chosen])
            return as_deviations(squares, len(chosen))

        groups = blocks(outside)
        whole = np.column_stack([of(group) for group in groups])
        less = np.column_stack(
            [
                np.min([of([k for k in group if k != out]) for out in group], axis=0)
                for group in groups
            ]
        )
        return whole, less

    def doubt_share(self, u: NDArray[np.float64]) -> float:
        """Return the largest share that the emulators have in what keeps points undecided."""
        worst = 0.0
        for target, emulator in zip(self.targets, self.emulators, strict=True):
            _, doubt, luck = emulator.predict(u[:, self.free])
            worst = max(worst, float((doubt / (luck + self.problem.v_outside[target])).mean()))
        return worst


def kept_by_all(sieves: Sequence[Sieve], u: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points no wave has thrown away."""
    keep = np.ones(len(u), dtype=bool)
    for sieve in sieves:
        where = np.flatnonzero(keep)
        if not where.size:
            break
        keep[where] = sieve.keeps(u[where])
    return keep


def first_cloud(
    keeps: Keeps, size: int, free: Sequence[int], rng: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """Return points that are kept, evenly spread, and the share of the cube that they stand for.

    Frozen parameters lie at their prior medians. The cloud is empty where nothing is kept.
    """
    from scipy.stats import qmc

    looked, kept = 0, np.empty((0, size))
    sobol = qmc.Sobol(d=max(len(free), 1), scramble=True, rng=rng)
    for _ in range(4):
        u = np.full((LOOKS, size), 0.5)
        u[:, list(free)] = sobol.random(LOOKS)[:, : len(free)]
        kept = np.concatenate([kept, u[keeps(u)]])
        looked += LOOKS
        if len(kept) >= CLOUD // 2:
            break
    share = len(kept) / looked
    return (filled(kept, keeps, free, rng) if len(kept) else kept), share


def filled(
    kept: NDArray[np.float64], keeps: Keeps, free: Sequence[int], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return a full cloud: drawn from the kept points, then moved about within what is kept."""
    if len(kept) >= CLOUD:
        return kept[rng.permutation(len(kept))[:CLOUD]]
    cloud = kept[rng.integers(0, len(kept), CLOUD)].copy()
    axes = list(free)
    spread = np.cov(kept[:, axes], rowvar=False) if len(kept) > 2 * len(axes) else None
    root = _root(spread, len(axes))
    for step in range(STEPS):
        # Large steps cross the region, small ones fill its corners.
        factor = 2.0 if step % 2 == 0 else 0.5
        moved = cloud.copy()
        moved[:, axes] += factor * rng.standard_normal((len(cloud), len(axes))) @ root.T
        inside: NDArray[np.bool_] = np.asarray(((moved >= 0) & (moved <= 1)).all(axis=1))
        inside[inside] = keeps(moved[inside]) if inside.any() else inside[inside]
        cloud[inside] = moved[inside]
    return cloud


def spread_out(cloud: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return points of a cloud that lie far from one another (greedily, the farthest first)."""
    chosen = [int(np.argmin(((cloud - cloud.mean(axis=0)) ** 2).sum(axis=1)))]
    distance = ((cloud - cloud[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < min(size, len(cloud)):
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, ((cloud - cloud[chosen[-1]]) ** 2).sum(axis=1))
    return cloud[chosen]


def _root(spread: NDArray[np.float64] | None, number: int) -> NDArray[np.float64]:
    if spread is None:
        return np.eye(number) * 0.05
    matrix = np.atleast_2d(spread) + 1e-10 * np.eye(number)
    return np.asarray(np.linalg.cholesky(matrix) / np.sqrt(number))
