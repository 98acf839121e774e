"""Counts of days as a Poisson regression, with scatter beyond chance.

The mean of a day is ``exp(x . b)``: McCullagh & Nelder (1989), *Generalized Linear Models*, chapter
6, fitted by iteratively reweighted least squares. Standard errors and tests are widened by the
dispersion (their chapter 9). The scatter of a gamma factor with mean 1 and coefficient of variation
c makes the variance ``m + c^2 m^2``; c is where Pearson's statistic meets its expectation
(Breslow 1984, Applied Statistics 33, 38-44).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_STEPS: Final = 60
LARGEST_CV: Final = 3.0
"""Largest coefficient of variation that the scenario language takes."""


@dataclass(frozen=True)
class CountFit:
    """A Poisson regression.

    Attributes
    ----------
    beta, covariance
        Coefficients, and their covariance without the dispersion.
    mean
        Fitted mean of each day.
    counts
        What was counted.
    """

    beta: Floats
    covariance: Floats
    mean: Floats
    counts: Floats

    @property
    def freedom(self) -> int:
        """Days less coefficients."""
        return len(self.counts) - len(self.beta)

    @property
    def deviance(self) -> float:
        """Twice the distance of the log-likelihood to a perfect fit."""
        y, m = self.counts, self.mean
        log = np.log(np.where(y > 0, y, 1.0) / np.where(y > 0, m, 1.0))
        return float(2 * np.sum(y * log - (y - m)))

    def pearson(self, cv: float = 0.0) -> float:
        """Return Pearson's statistic where days vary with this coefficient of variation."""
        m = self.mean
        return float(np.sum((self.counts - m) ** 2 / (m + (cv * m) ** 2)))

    @property
    def dispersion(self) -> float:
        """Variance over mean, given the fit; 1 for Poisson counts."""
        return self.pearson() / self.freedom


def fit_counts(design: Floats, counts: Floats) -> CountFit:
    """Fit counts by a design of shape `(day, coefficient)`, whose first column is 1.

    Raises
    ------
    ValueError
        If nothing was counted at all.
    """
    y = np.asarray(counts, dtype=float)
    if y.sum() <= 0:
        raise ValueError("nothing was counted")
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(y.mean())
    for _ in range(MOST_STEPS):
        mean = np.exp(np.clip(design @ beta, -30, 30))
        information = design.T @ (mean[:, None] * design)
        step = np.linalg.lstsq(information, design.T @ (y - mean), rcond=None)[0]
        # A step may be too long where some level was never seen.
        beta = beta + step * min(1.0, 4.0 / max(float(np.abs(step).max()), 1e-300))
        if float(np.abs(step).max()) < 1e-10:
            break
    mean = np.exp(np.clip(design @ beta, -30, 30))
    information = design.T @ (mean[:, None] * design)
    covariance = np.asarray(np.linalg.pinv(information, hermitian=True), dtype=np.float64)
    return CountFit(beta, covariance, mean, y)


def chance_of_no_effect(whole: CountFit, without: CountFit) -> float:
    """Return the chance of so large an improvement if what was left out had no effect (F test)."""
    from scipy.stats import f

    extra = without.freedom - whole.freedom
    scale = max(1.0, whole.dispersion)
    return float(f.sf((without.deviance - whole.deviance) / extra / scale, extra, whole.freedom))


@dataclass(frozen=True)
class DayVariation:
    """Scatter of days beyond chance.

    Attributes
    ----------
    cv, low, high
        Coefficient of variation of a day's rate with about a 95 % interval.
    p
        Chance of so much scatter if there were none beyond Poisson's.
    """

    cv: float
    low: float
    high: float
    p: float


def day_variation(fit: CountFit) -> DayVariation:
    """Return how much days vary beyond chance and beyond what the fit explains."""
    from scipy.stats import chi2

    # The interval holds those values at which the statistic would be no surprise.
    return DayVariation(
        _cv_at(fit, fit.freedom),
        _cv_at(fit, float(chi2.ppf(0.975, fit.freedom))),
        _cv_at(fit, float(chi2.ppf(0.025, fit.freedom))),
        float(chi2.sf(fit.pearson(), fit.freedom)),
    )


def _cv_at(fit: CountFit, level: float) -> float:
    """Return the coefficient of variation at which Pearson's statistic has a value; it falls."""
    if fit.pearson() <= level:
        return 0.0
    low, high = 0.0, LARGEST_CV
    if fit.pearson(high) > level:
        return high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if fit.pearson(middle) > level else (low, middle)
    return (low + high) / 2


def runs_together(fit: CountFit) -> float:
    """Return the correlation of neighbouring days' residuals."""
    rest = (fit.counts - fit.mean) / np.sqrt(fit.mean)
    rest = rest - rest.mean()
    square = float(rest @ rest)
    return float(rest[1:] @ rest[:-1]) / square if square > 0 else 0.0
