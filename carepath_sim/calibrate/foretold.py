"""The posterior predictive check: what draws of the posterior foretell, and what was observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEVELS: Final = (0.8, 0.95)
"""Of the envelopes that are looked at."""
FINE: Final = 199
"""Quantiles that stand for the normal error about each draw."""


@dataclass(frozen=True)
class Foretold:
    """What the posterior foretells of one figure that is observed with error.

    Attributes
    ----------
    z
        Distance of the observed value from the mean, in standard deviations.
    pit
        Probability that what is foretold lies below the observed value (probability integral
        transform): evenly spread over many figures that the model foretells as it should.
    median
        Of what is foretold.
    ends
        For each of `LEVELS` the ends of the envelope.
    """

    z: float
    pit: float
    median: float
    ends: tuple[tuple[float, float], ...]

    def holds(self, value: float) -> tuple[bool, ...]:
        """Tell for each of `LEVELS` whether a value lies in the envelope."""
        return tuple(low <= value <= high for low, high in self.ends)


@dataclass(frozen=True)
class Jointly:
    """How far several figures lie from what is foretold of all of them together.

    Attributes
    ----------
    figures
        How many.
    distance
        Mahalanobis distance in squares; `figures` on average where all is well.
    chance
        That it is at least as large by luck.
    """

    figures: int
    distance: float
    chance: float


def expected(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the model expects at each draw, without the luck of its replications.

    Parameters
    ----------
    values
        Shape `(draw, replication)`.

    Notes
    -----
    Means of replications vary by parameters and by luck. A target's error holds the luck of the
    world already, so that of the simulation is taken out and not counted twice: deviations from
    the mean are shortened by the share of luck in their variance (one-way random effects).
    """
    means: NDArray[np.float64] = values.mean(axis=1)
    number = values.shape[1]
    if number < 2 or len(means) < 2:
        return means
    luck = float(values.var(axis=1, ddof=1).mean()) / number
    all_of_it = float(means.var(ddof=1))
    share = max(0.0, 1 - luck / all_of_it) if all_of_it > 0 else 0.0
    middle = float(means.mean())
    return np.asarray(middle + np.sqrt(share) * (means - middle))


def foretold(values: NDArray[np.float64], z: float, variance: float) -> Foretold:
    """Hold an observed value against what the posterior foretells.

    Parameters
    ----------
    values
        Simulated, shape `(draw, replication)`.
    z
        As observed.
    variance
        Of its error and of the discrepancy together.

    Notes
    -----
    Foretold is what the model expects at each draw, with a normal error of that variance about
    it. PIT and its use: Gneiting, Balabdaoui and Raftery (2007), Journal of the Royal Statistical
    Society B 69, 243-268.
    """
    from scipy.stats import norm

    middle, sd = expected(values), float(np.sqrt(variance))
    errors = norm.ppf((np.arange(FINE) + 0.5) / FINE)
    spread = middle[:, None] + sd * errors
    cuts = [cut for level in LEVELS for cut in ((1 - level) / 2, (1 + level) / 2)]
    median, *ends = np.quantile(spread, [0.5, *cuts]).tolist()
    apart = float((z - middle.mean()) / np.sqrt(middle.var() + variance))
    pit = float(norm.cdf((z - middle) / sd).mean())
    return Foretold(apart, pit, median, tuple(zip(ends[::2], ends[1::2], strict=True)))


def jointly(
    values: Sequence[NDArray[np.float64]], z: NDArray[np.float64], outside: NDArray[np.float64]
) -> Jointly:
    """Hold several observed values against what is foretold of them together.

    Parameters
    ----------
    values
        Simulated, shape `(draw, replication)` for each figure.
    z
        As observed.
    outside
        Covariance of errors and discrepancies.
    """
    from scipy.stats import chi2

    middle = np.column_stack([expected(one) for one in values])
    spread = np.atleast_2d(np.cov(middle, rowvar=False, ddof=0)) + outside
    gap = z - middle.mean(axis=0)
    distance = float(gap @ np.linalg.solve(spread, gap))
    return Jointly(len(z), distance, float(chi2.sf(distance, len(z))))
