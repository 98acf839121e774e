"""Screening: parameters that move no target are frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL: Final = 0.01
"""Chance with which something that moves nothing passes, over all targets together."""


@dataclass(frozen=True)
class Effect:
    """What a parameter does to a target over the first design.

    Attributes
    ----------
    share
        Of the variance of the target that goes when the parameter is left out.
    p
        Chance of as much by luck alone (F test).
    """

    share: float
    p: float


def effects(u: NDArray[np.float64], means: NDArray[np.float64]) -> list[list[Effect]]:
    """Return what each parameter does to each target: a list a parameter.

    Notes
    -----
    Partial F test of all terms of a parameter in a quadratic regression (Myers and Montgomery,
    Response Surface Methodology); products of parameters are in it where there are at least three
    points for each term.
    """
    from scipy.stats import f as f_law

    n, d = u.shape
    x = 2 * u - 1
    owners: list[set[int]] = [set()]
    columns = [np.ones(n)]
    for k in range(d):
        columns += [x[:, k], x[:, k] ** 2]
        owners += [{k}, {k}]
    if n >= 3 * (len(columns) + d * (d - 1) // 2):
        for k in range(d):
            for j in range(k):
                columns.append(x[:, j] * x[:, k])
                owners.append({j, k})
    terms = np.column_stack(columns)
    found: list[list[Effect]] = []
    for k in range(d):
        without = terms[:, [k not in owner for owner in owners]]
        gone = terms.shape[1] - without.shape[1]
        row = []
        for j in range(means.shape[1]):
            y = means[:, j]
            total = float(((y - y.mean()) ** 2).sum())
            full, less = _residual(terms, y), _residual(without, y)
            if total <= 1e-18 * (1 + float((y**2).sum())):
                row.append(Effect(0.0, 1.0))
                continue
            left = max(full / (n - terms.shape[1]), 1e-15 * total)
            row.append(
                Effect(
                    (less - full) / total,
                    float(f_law.sf((less - full) / gone / left, gone, n - terms.shape[1])),
                )
            )
        found.append(row)
    return found


def moves(row: list[Effect]) -> bool:
    """Tell whether a parameter moves any of some targets beyond luck (Bonferroni)."""
    return any(one.p < LEVEL / len(row) for one in row)


def _residual(terms: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    solved, *_ = np.linalg.lstsq(terms, y, rcond=None)
    return float(((y - terms @ solved) ** 2).sum())
