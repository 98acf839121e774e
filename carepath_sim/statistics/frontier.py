"""Frontier of two measures: the configurations that no other beats in both."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.statistics.selection import DRAWS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def on_frontier(first: ArrayLike, second: ArrayLike) -> NDArray[np.bool_]:
    """Tell which points are beaten by no other: smaller is better in both.

    Parameters
    ----------
    first, second
        The two measures, shape `(..., configuration)`.

    Returns
    -------
        False where another is at least as good in both, and better in one.

    Examples
    --------
    >>> on_frontier([1.0, 2.0, 3.0], [3.0, 4.0, 1.0]).tolist()
    [True, False, True]
    """
    one = np.asarray(first, dtype=np.float64)
    two = np.asarray(second, dtype=np.float64)
    no_worse = (one[..., None, :] <= one[..., :, None]) & (two[..., None, :] <= two[..., :, None])
    better = (one[..., None, :] < one[..., :, None]) | (two[..., None, :] < two[..., :, None])
    return np.asarray(~(no_worse & better).any(axis=-1))


def frontier_probabilities(
    first: ArrayLike, second: ArrayLike, *, draws: int = DRAWS // 4
) -> tuple[float, ...]:
    """Probability of each configuration of lying on the frontier of the true means.

    Parameters
    ----------
    first, second
        The two measures, shape `(configuration, replication)`; replications are paired.
    draws
        Draws of the posterior.

    Notes
    -----
    The posterior is that of `selection.best_probabilities`, of both measures jointly.
    """
    tables = [np.asarray(given, dtype=np.float64) for given in (first, second)]
    n = tables[0].shape[1]
    means = [table.mean(axis=1) for table in tables]
    if n < 2:
        return tuple(float(x) for x in on_frontier(*means))
    luck = np.random.default_rng(0)
    normal = luck.standard_normal((draws, n))
    scale = np.sqrt((n - 1) / luck.chisquare(n - 1, (draws, 1)))
    drawn = [
        mean + normal @ (table - mean[:, None]).T / math.sqrt(n * (n - 1)) * scale
        for table, mean in zip(tables, means, strict=True)
    ]
    return tuple(map(float, on_frontier(*drawn).mean(axis=0)))
