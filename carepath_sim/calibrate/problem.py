"""What a fit needs to know of the world: targets as numbers, and somebody who simulates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

PREDICTIVE: Final = "predictive"
"""The stage in which draws of the posterior are simulated again."""

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from carepath_sim.calibrate.together import Correlations


class Simulator(Protocol):
    """Somebody who simulates points of the unit cube."""

    spent: int
    """Replications asked for so far, whether simulated now or earlier."""

    def values(
        self, points: NDArray[np.float64], replications: int, stage: str, *, first: int = 0
    ) -> NDArray[np.float64]:
        """Return figures, shape `(point, replication, target)`, on the scale of their errors.

        Each point of each stage has luck of its own.

        Parameters
        ----------
        first
            How many replications of the stage are taken already.
        """
        ...


@dataclass(frozen=True)
class Problem:
    """Targets of a fit as numbers.

    Attributes
    ----------
    parameters, targets
        Names.
    z, v_observed, v_discrepancy
        Observed values with variances, shape `(target,)`.
    is_fitted
        Which targets are fitted; the others are held out.
    correlations
        How errors of targets go together; None: not at all.
    """

    parameters: tuple[str, ...]
    targets: tuple[str, ...]
    z: NDArray[np.float64]
    v_observed: NDArray[np.float64]
    v_discrepancy: NDArray[np.float64]
    is_fitted: NDArray[np.bool_]
    correlations: Correlations | None = None

    @property
    def v_outside(self) -> NDArray[np.float64]:
        """Variance that no simulation can take away."""
        return self.v_observed + self.v_discrepancy

    def outside(self, targets: Sequence[int]) -> NDArray[np.float64]:
        """Return the covariance of some targets that no simulation can take away."""
        if self.correlations is None:
            return np.diag(self.v_outside[list(targets)])
        whole = self.correlations.outside(self.v_observed, self.v_discrepancy)
        return whole[np.ix_(list(targets), list(targets))]

    def is_correlated(self, targets: Sequence[int]) -> bool:
        """Tell whether the errors of some targets have to do with each other."""
        found = self.outside(targets)
        return bool(np.any(found != np.diag(np.diag(found))))


def seed_of(seed: int, stage: str) -> int:
    """Return the seed of a stage, far from those of the others.

    >>> seed_of(1, "wave 1") == seed_of(1, "wave 1"), seed_of(1, "wave 1") == seed_of(2, "wave 1")
    (True, False)
    """
    return int.from_bytes(hashlib.sha256(f"{seed}:{stage}".encode()).digest()[:4], "big")
