"""Reach: which targets the model can come to at all, wherever its parameters lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepath_sim.calibrate.problem import Problem

Z99: Final = 2.5758293035489004


@dataclass(frozen=True)
class Reach:
    """The prior predictive range of a target.

    Attributes
    ----------
    low, high
        Ends of the 99 % range of what would be observed, on the scale of errors.
    is_reached
        Whether the observed value lies in it.
    """

    low: float
    high: float
    is_reached: bool


def reaches(problem: Problem, values: NDArray[np.float64]) -> list[Reach]:
    """Return the prior predictive range of every target.

    Parameters
    ----------
    values
        Of the first design, shape `(point, replication, target)`.

    Notes
    -----
    Half a per cent is left out at either end of the simulated means; the range is then widened by
    2.58 standard deviations of observation, discrepancy and luck of the mean.
    """
    means = values.mean(axis=1)
    luck = values.var(axis=1, ddof=1).mean(axis=0) / values.shape[1]
    half = Z99 * np.sqrt(problem.v_outside + luck)
    found = []
    for j, z in enumerate(problem.z):
        low, high = np.quantile(means[:, j], [0.005, 0.995])
        ends = float(low - half[j]), float(high + half[j])
        found.append(Reach(*ends, bool(ends[0] <= z <= ends[1])))
    return found
