"""Whether counts by hour have one profile on all days, or another on some of them.

Given how many came on a day, the hours at which they came are multinomial if people come
independently. Homogeneity is tested by Pearson's chi-squared statistic of the two-way table, held
against how much single days scatter around the profile of their kind (the dispersion of a
quasi-likelihood: McCullagh & Nelder 1989, *Generalized Linear Models*, sections 5.5 and 9.2):
people who come together, by one bus or from one surgery, make hours scatter more than chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Homogeneity:
    """What tells two or more profiles apart.

    Attributes
    ----------
    p
        Chance of so large a difference without any.
    dispersion
        Variance over that of independent people; 1 or more.
    """

    p: float
    dispersion: float


def dispersion(kinds: Sequence[Floats]) -> tuple[float, int]:
    """Return how much days scatter around the profile of their kind, and the degrees of freedom.

    Parameters
    ----------
    kinds
        Counts of shape `(day, step)`, one table a kind of day.
    """
    statistic, freedom = 0.0, 0
    for table in kinds:
        total = table.sum(axis=1)
        there = table[total > 0][:, table.sum(axis=0) > 0]
        if len(there) < 2 or there.shape[1] < 2:
            continue
        share = there.sum(axis=0) / there.sum()
        expected = there.sum(axis=1, keepdims=True) * share
        statistic += float(((there - expected) ** 2 / expected).sum())
        freedom += (len(there) - 1) * (there.shape[1] - 1)
    return (max(1.0, statistic / freedom) if freedom else 1.0), freedom


def homogeneity(kinds: Sequence[Floats]) -> Homogeneity:
    """Test whether kinds of days have one profile.

    Parameters
    ----------
    kinds
        Counts of shape `(day, step)`, one table a kind of day.
    """
    from scipy.stats import f

    table = np.stack([one.sum(axis=0) for one in kinds])
    table = table[:, table.sum(axis=0) > 0]
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    extra = (table.shape[0] - 1) * (table.shape[1] - 1)
    scale, freedom = dispersion(kinds)
    if not extra or not freedom:
        return Homogeneity(1.0, scale)
    return Homogeneity(float(f.sf(statistic / extra / scale, extra, freedom)), scale)
