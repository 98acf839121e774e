"""What a fit needs to know of the world: targets as numbers, and somebody who simulates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
    """

    parameters: tuple[str, ...]
    targets: tuple[str, ...]
    z: NDArray[np.float64]
    v_observed: NDArray[np.float64]
    v_discrepancy: NDArray[np.float64]
    is_fitted: NDArray[np.bool_]

    @property
    def v_outside(self) -> NDArray[np.float64]:
        """Variance that no simulation can take away."""
        return self.v_observed + self.v_discrepancy


def seed_of(seed: int, stage: str) -> int:
    """Return the seed of a stage, far from those of the others.

    >>> seed_of(1, "wave 1") == seed_of(1, "wave 1"), seed_of(1, "wave 1") == seed_of(2, "wave 1")
    (True, False)
    """
    return int.from_bytes(hashlib.sha256(f"{seed}:{stage}".encode()).digest()[:4], "big")
