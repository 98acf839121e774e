"""Figures whose errors go together: correlations, and distances that know of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEAST: Final = 1e-9
"""Least eigenvalue of a correlation matrix with which anything can be worked out."""


@dataclass(frozen=True)
class Correlations:
    """How errors of targets go together, in the order of the targets.

    Attributes
    ----------
    observed
        Correlations of the errors of observation.
    discrepancy
        Correlations of what the model may be off by.
    """

    observed: NDArray[np.float64]
    discrepancy: NDArray[np.float64]

    @classmethod
    def none(cls, size: int) -> Correlations:
        """Return those of targets that have nothing to do with each other."""
        return cls(np.eye(size), np.eye(size))

    def of(self, order: Sequence[int]) -> Correlations:
        """Return those of some targets, in another order."""
        chosen = np.ix_(list(order), list(order))
        return Correlations(self.observed[chosen], self.discrepancy[chosen])

    def outside(
        self, v_observed: NDArray[np.float64], v_discrepancy: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the covariance of all that no simulation can take away."""
        found = np.zeros_like(self.observed)
        for matrix, variances in (
            (self.observed, v_observed), (self.discrepancy, v_discrepancy),
        ):  # fmt: skip
            sd = np.sqrt(variances)
            found += matrix * np.outer(sd, sd)
        return found


def bearable(matrix: NDArray[np.float64]) -> float:
    """Return by what all correlations must be multiplied to be possible; 1: they are.

    >>> bearable(np.array([[1.0, 0.5], [0.5, 1.0]]))
    1.0
    >>> round(bearable(np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])), 2)
    0.56

    Notes
    -----
    With a factor s the least eigenvalue l of a correlation matrix becomes 1 - s (1 - l).
    """
    least = float(np.linalg.eigvalsh(matrix)[0])
    return 1.0 if least > LEAST else 1 / (1 - least)


def blocks(matrix: NDArray[np.float64]) -> list[list[int]]:
    """Return groups of targets whose errors have to do with each other, in order.

    >>> blocks(np.array([[1, 0, 0.3], [0, 1, 0], [0.3, 0, 1]]))
    [[0, 2], [1]]
    """
    left, found = set(range(len(matrix))), []
    while left:
        group, new = set[int](), {min(left)}
        while new:
            group |= new
            new = {k for j in new for k in np.flatnonzero(matrix[j]).tolist()} - group
        left -= group
        found.append(sorted(group))
    return found


def distances(
    gaps: NDArray[np.float64], outside: NDArray[np.float64], own: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return Mahalanobis distances in squares.

    Parameters
    ----------
    gaps
        Shape `(point, target)`.
    outside
        Covariance that all points share.
    own
        Variances that each point adds, shape `(point, target)`.
    """
    spread = outside + own[:, :, None] * np.eye(len(outside))
    solved = np.linalg.solve(spread, gaps[:, :, None])[:, :, 0]
    return np.asarray((gaps * solved).sum(axis=1))


def as_deviations(squares: NDArray[np.float64], figures: int) -> NDArray[np.float64]:
    """Return for distances of several figures those of one that are as improbable.

    >>> as_deviations(np.array([9.0]), 1).tolist(), as_deviations(np.array([9.0]), 3).round(2)
    ([3.0], array([2.18]))
    """
    from scipy.stats import chi2, norm

    roots = np.sqrt(squares)
    if figures == 1:
        return np.asarray(roots)
    found = norm.isf(chi2.sf(squares, figures) / 2)
    # So far out that the chance is no number any more, the distance itself says enough.
    return np.asarray(np.where(np.isfinite(found), np.maximum(found, 0.0), roots))


def without_luck(outside: NDArray[np.float64], luck: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a covariance less that of luck, but in no direction less than half of it."""
    root = np.linalg.cholesky(outside)
    inner = np.linalg.solve(root, np.linalg.solve(root, luck).T)
    sizes, directions = np.linalg.eigh((inner + inner.T) / 2)
    turned = root @ directions
    return np.asarray((turned * np.maximum(1 - sizes, 0.5)) @ turned.T)
