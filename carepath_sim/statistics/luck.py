"""How much of what varies over a design is luck: the same replications at every point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class PartsOfVariance:
    """Parts of the variance of a single replication at a point of a design taken at random.

    Attributes
    ----------
    parameters
        Share that the point decides: the variance of true means.
    luck
        Share of luck that is the same at every point, and cancels when points are compared.
    both
        Share of luck that differs from point to point: the noise of comparisons.
    noise
        Share of `both` in the variance of means over all replications: what is not to be read as
        an effect of parameters.
    total
        The variance that is parted [square of the unit of the measure].
    """

    parameters: float
    luck: float
    both: float
    noise: float
    total: float

    @property
    def luck_alone(self) -> float:
        """Variance of a single replication by luck of either kind [square of the unit]."""
        return (self.luck + self.both) * self.total


def parts_of_variance(values: ArrayLike) -> PartsOfVariance:
    """Part the variance over points and replications that share their random numbers.

    Parameters
    ----------
    values
        Shape `(point, replication)` [unit of the measure].

    Returns
    -------
        Shares; nan throughout where nothing varies, nan but for `parameters` and `noise` with one
        replication.

    Notes
    -----
    The two-way random-effects analysis of variance without repetition: mean squares of points, of
    replications and of the rest; see Searle, Casella and McCulloch, Variance Components (1992),
    chapter 4. Negative components count as 0.

    Examples
    --------
    Replications that differ by the same at every point are luck that cancels:

    >>> parts_of_variance([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    PartsOfVariance(parameters=0.88..., luck=0.11..., both=0.0, noise=0.0, total=4.5)
    """
    table = np.asarray(values, dtype=np.float64)
    points, n = table.shape
    if points < 2 or n < 2:
        return PartsOfVariance(*[math.nan] * 5)
    mean = table.mean()
    by_point = table.mean(axis=1)
    by_luck = table.mean(axis=0)
    rest = table - by_point[:, None] - by_luck[None, :] + mean
    both = float((rest**2).sum() / ((points - 1) * (n - 1)))
    of_points = max(0.0, float(by_point.var(ddof=1)) - both / n)
    of_luck = max(0.0, float(by_luck.var(ddof=1)) - both / points)
    total = of_points + of_luck + both
    # What rounding leaves of no variance at all.
    if total <= 1e-24 * (1 + mean**2):
        return PartsOfVariance(*[math.nan] * 5)
    both = 0.0 if both < 1e-24 * (1 + mean**2) else both
    of_means = of_points + both / n
    noise = both / n / of_means if of_means > 0 else math.nan
    return PartsOfVariance(of_points / total, of_luck / total, both / total, noise, total)


def error_by_luck(
    values: ArrayLike, statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Standard error of a statistic of means over replications: other luck, the same design.

    Parameters
    ----------
    values
        Shape `(point, replication)` [unit of the measure].
    statistic
        Takes means, shape `(point,)`, and returns what is wanted of them.

    Returns
    -------
        Of the shape of the statistic; nan with fewer than two replications.

    Notes
    -----
    Jackknife over replications (Miller 1974, Biometrika 61): for a mean it is the standard error of
    the mean.
    """
    table = np.asarray(values, dtype=np.float64)
    n = table.shape[1]
    if n < 2:
        return np.full_like(statistic(table[:, 0]), np.nan)
    left = (table.sum(axis=1, keepdims=True) - table) / (n - 1)
    found = np.stack([statistic(left[:, k]) for k in range(n)])
    return np.asarray(np.sqrt((n - 1) * found.var(axis=0)))
