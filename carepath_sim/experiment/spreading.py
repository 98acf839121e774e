"""Points spread evenly over many ranges at once, none of which hangs together with another."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALIKE: Final = 0.05
"""Probability with which independent numbers hang together as much, over all pairs."""


def spread_evenly(n: int, numbers: int, seed: int) -> NDArray[np.float64]:
    """Return points of the unit cube, each of its sides evenly filled.

    A scrambled Sobol sequence, where it has points enough. Of few points in many dimensions some of
    its sides are nearly copies of one another, so that the effect of one number would seem to be
    that of another; then a Latin hypercube, whose sides are put together at random.

    Returns
    -------
        Shape `(n, numbers)`, the same for the same seed.

    Notes
    -----
    Owen (1998), Journal of Complexity 14, 466-489; Joe & Kuo (2008), SIAM Journal on Scientific
    Computing 30, 2635-2654, on projections of Sobol sequences; McKay, Beckman & Conover (1979),
    Technometrics 21, 239-245.
    """
    from scipy.stats import qmc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of sizes that are no power of two
        points = qmc.Sobol(d=numbers, scramble=True, rng=seed).random(n)
    if hang_together(points):
        points = qmc.LatinHypercube(d=numbers, rng=seed).random(n)
    return np.asarray(points, dtype=np.float64)


def hang_together(points: NDArray[np.float64]) -> bool:
    """Tell whether two columns are more alike than any two independent ones would be."""
    from scipy.stats import norm

    n, numbers = points.shape
    pairs = numbers * (numbers - 1) / 2
    if n < 3 or not pairs:
        return False
    found = np.asarray(np.corrcoef(points, rowvar=False)) - np.eye(numbers)
    limit = norm.isf(ALIKE / (2 * pairs)) / np.sqrt(n)
    return bool(np.abs(found).max() > limit)
