"""What is not known and what is chance: draws of parameters, each simulated some times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

GROUPS = 20
"""Groups of draws that are left out in turn for standard errors."""
MOST_BENDS = 4
"""Degrees of freedom of the smoothest curve that is tried last."""


@dataclass(frozen=True)
class Components:
    """Variance of one simulated value: of the parameters, and of chance.

    Attributes
    ----------
    mean
        Mean over draws and replications.
    error
        Its standard error, for the number of draws.
    parameters
        Variance of the true means of draws [square of the unit].
    chance
        Variance of a replication about the mean of its draw; nan with one replication.
    negative
        Whether the estimate of `parameters` was below 0, and is given as 0.
    draws, replications
        How many, and of each.
    ratio
        Mean square between draws by that within; nan with one replication.
    """

    mean: float
    error: float
    parameters: float
    chance: float
    negative: bool
    draws: int
    replications: int
    ratio: float = math.nan

    @property
    def share(self) -> float:
        """Share of the parameters in the variance of one simulated value."""
        total = self.parameters + self.chance
        return self.parameters / total if total > 0 else math.nan

    def share_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return an interval of the share of the parameters.

        Notes
        -----
        With F = MSB / MSW and quantiles f of its distribution without any effect, the ratio of the
        two variances lies between (F / f_high - 1) / n and (F / f_low - 1) / n; exact for normal
        values (Searle, Casella and McCulloch, Variance Components, section 3.6).
        """
        from scipy.stats import f

        if math.isinf(self.ratio):
            return 1.0, 1.0
        if not math.isfinite(self.ratio):
            return math.nan, math.nan
        degrees = self.draws - 1, self.draws * (self.replications - 1)
        tail = (1 - level) / 2
        ratios = [
            max(0.0, (self.ratio / float(f.ppf(q, *degrees)) - 1) / self.replications)
            for q in (1 - tail, tail)
        ]
        low, high = (ratio / (1 + ratio) for ratio in ratios)
        return low, high

    @property
    def noise(self) -> float:
        """Share of chance in the variance of the means of draws, at most all of it."""
        of_means = self.error**2 * self.draws
        return min(1.0, self.chance / self.replications / of_means) if of_means > 0 else math.nan


def components(values: ArrayLike) -> Components:
    """Part the variance of values over draws and over chance.

    Parameters
    ----------
    values
        Shape `(draw, replication)`, replications of every draw with luck of their own; draws with
        a nan are left out.

    Notes
    -----
    One-way random-effects analysis of variance: with the mean squares between and within draws,
    parameters = (MSB - MSW) / n, at least 0, and chance = MSW (O'Hagan, Stevenson and Madan 2007,
    Health Economics 16, 1009-1023).

    Examples
    --------
    >>> found = components([[1.0, 3.0], [5.0, 7.0]])
    >>> found.parameters, found.chance
    (7.0, 2.0)
    """
    table = np.asarray(values, dtype=np.float64)
    table = table[np.isfinite(table).all(axis=1)]
    draws, n = table.shape
    if draws < 2:
        mean = float(table.mean()) if draws else math.nan
        return Components(mean, math.nan, math.nan, math.nan, False, draws, n)  # noqa: FBT003
    means = table.mean(axis=1)
    between = float(means.var(ddof=1))
    error = math.sqrt(between / draws)
    if n < 2:
        # What is chance cannot be told: all is taken for the parameters.
        return Components(float(means.mean()), error, between, math.nan, False, draws, n)  # noqa: FBT003
    chance = float(((table - means[:, None]) ** 2).sum() / (draws * (n - 1)))
    parameters = between - chance / n
    # What rounding leaves of nothing is nothing.
    floor = 1e-24 * (1 + float(means.mean()) ** 2)
    chance = 0.0 if chance < floor else chance
    between = 0.0 if between < floor else between
    ratio = n * between / chance if chance > 0 else math.inf if between > 0 else math.nan
    least = max(0.0, parameters) if between > 0 else 0.0
    return Components(
        float(means.mean()), error, least, chance, parameters < -floor, draws, n, ratio
    )


def without_noise(values: ArrayLike) -> NDArray[np.float64]:
    """Return means of draws drawn together until their variance is that of what is not known.

    Parameters
    ----------
    values
        As for `components`; nan for draws that have one.

    Notes
    -----
    The means of n replications scatter more than the true means of draws, by chance / n. Shrinking
    each towards the common mean by the root of the share of the parameters gives a set of the right
    mean and variance, and the shape of the means (Louis 1984, Journal of the American Statistical
    Association 79, 393-398). What is not known is where the parameters lie, and, by the square of
    its standard error, the common mean: both variances are kept.
    """
    table = np.asarray(values, dtype=np.float64)
    means = table.mean(axis=1)
    found = components(table)
    if not found.noise > 0:
        return np.asarray(means)
    kept = min(1.0, 1 - found.noise + 1 / found.draws)
    middle = float(np.nanmean(means))
    return np.asarray(middle + (means - middle) * math.sqrt(kept))


def spread(values: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Return the quantiles between which the middle part of some values lies.

    Those between which one more value lies as often as the level says, on average (Weibull's
    plotting positions, k / (n + 1)).
    """
    known = np.asarray(values, dtype=np.float64).reshape(-1)
    known = known[np.isfinite(known)]
    if known.size < 2:
        return math.nan, math.nan
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2], method="weibull")
    return float(low), float(high)


@dataclass(frozen=True)
class Known:
    """What would follow from knowing one parameter.

    Attributes
    ----------
    worth
        Variance that would go, or what a decision would gain [unit of what was asked].
    error
        Its standard error.
    chance
        Probability that a parameter without any effect seems to have as much.
    """

    worth: float
    error: float
    chance: float


class Curve:
    """Regression of answers on one parameter.

    Parameters
    ----------
    parameter
        One value a draw.
    answers
        Means of draws, shape `(draw, answer)`.

    Notes
    -----
    The mean answer given one parameter by regression of all draws on it (Strong, Oakley and Brennan
    2014, Medical Decision Making 34, 311-326): natural cubic splines of one to four degrees of
    freedom (Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 5.2.1),
    of which Akaike's criterion for small samples takes one. Fitted values scatter too much by the
    noise that they follow; they are drawn together until their variance is the explained one, as in
    an adjusted R squared.
    """

    def __init__(self, parameter: ArrayLike, answers: ArrayLike) -> None:
        self.x = np.asarray(parameter, dtype=np.float64)
        self.y = np.asarray(answers, dtype=np.float64)
        self.basis = self._chosen()

    @property
    def chance(self) -> float:
        """Probability of so good a fit of the first answer without any effect (F test)."""
        from scipy.stats import f

        y = self.y[:, 0]
        n, k = self.basis.shape
        rest = float(((y - self._raw(self.basis, self.y)[:, 0]) ** 2).sum())
        total = float(((y - y.mean()) ** 2).sum())
        if k < 2 or n <= k or total <= 0:
            return 1.0
        if rest <= 1e-14 * total:
            return 0.0
        return float(f.sf((total - rest) / (k - 1) / (rest / (n - k)), k - 1, n - k))

    def fitted(self, rows: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        """Return the mean answers given the parameter, without the noise that was followed."""
        basis, y = (self.basis, self.y) if rows is None else (self.basis[rows], self.y[rows])
        n, k = basis.shape
        middle = y.mean(axis=0)
        if k < 2:
            return np.broadcast_to(middle, y.shape)
        raw = self._raw(basis, y)
        fit = ((raw - middle) ** 2).sum(axis=0)
        rest = ((y - raw) ** 2).sum(axis=0) / max(n - k, 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            kept = np.where(fit > 0, np.maximum(0.0, 1 - (k - 1) * rest / fit), 0.0)
        return np.asarray(middle + (raw - middle) * np.sqrt(kept))

    def known(self, worth: Callable[[NDArray[np.float64]], float]) -> Known:
        """Return what a function of the fitted answers comes to, with its standard error.

        Notes
        -----
        Jackknife by groups of draws that follow one another: every n-th draw of a Sobol sequence
        would lie in one part of the range, and repeated draws of a posterior stand together. The
        basis stays.
        """
        if self.basis.shape[1] < 2:
            return Known(0.0, 0.0, self.chance)
        n = len(self.x)
        groups = min(GROUPS, n)
        member = np.arange(n) * groups // n
        left = [worth(self.fitted(member != g)) for g in range(groups)]
        error = math.sqrt((groups - 1) * float(np.var(left)))
        return Known(worth(self.fitted()), error, self.chance)

    def _chosen(self) -> NDArray[np.float64]:
        n, values = len(self.x), np.unique(self.x)
        best, found = math.inf, np.ones((n, 1))
        scale = self.y.var(axis=0)
        if values.size < 2 or not (scale > 0).any():
            return found
        for bends in range(1, min(MOST_BENDS, values.size - 1, n - 3) + 1):
            basis = _natural(self.x, bends)
            k = basis.shape[1] + 1
            rest = ((self.y - self._raw(basis, self.y)) ** 2).mean(axis=0)[scale > 0]
            relative = np.maximum(rest / scale[scale > 0], 1e-12)
            score = n * float(np.log(relative).sum()) + relative.size * (
                2 * k + 2 * k * (k + 1) / max(n - k - 1, 1)
            )
            if score < best - 1e-9:
                best, found = score, basis
        return found

    @staticmethod
    def _raw(basis: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        found, *_ = np.linalg.lstsq(basis, y, rcond=None)
        return np.asarray(basis @ found)


def gain_of_choice(fitted: NDArray[np.float64]) -> float:
    """Return what choosing when a parameter is known gains over choosing now.

    Parameters
    ----------
    fitted
        Mean gains over the base given the parameter, shape `(draw, other)`; large is good.
    """
    knowing = np.maximum(0.0, fitted.max(axis=1)).mean()
    return float(max(0.0, knowing - max(0.0, float(fitted.mean(axis=0).max()))))


def gain_of_certainty(fitted: NDArray[np.float64], limit: float, variance: float) -> float:
    """Return how much more often one would be right about whether a limit is kept.

    Parameters
    ----------
    fitted
        Mean excess given the parameter, shape `(draw, 1)`.
    limit
        The limit.
    variance
        Variance of the parameters, of which knowing one leaves a part, taken for normal.
    """
    from scipy.special import ndtr

    left = math.sqrt(max(0.0, variance - float(fitted.var())))
    apart = limit - fitted[:, 0]
    kept = ndtr(apart / left) if left > 0 else (apart >= 0).astype(np.float64)
    now = float(kept.mean())
    return float(np.maximum(kept, 1 - kept).mean() - max(now, 1 - now))


def _natural(x: NDArray[np.float64], bends: int) -> NDArray[np.float64]:
    """Return a natural cubic spline basis with a constant; one bend is a straight line."""
    z = (x - x.mean()) / x.std()
    columns = [np.ones_like(z), z]
    if bends > 1:
        knots = np.unique(np.quantile(z, np.linspace(0, 1, bends + 1)))
        last, before = knots[-1], knots[-2]

        def part(knot: float) -> NDArray[np.float64]:
            cubes = np.maximum(z - knot, 0) ** 3 - np.maximum(z - last, 0) ** 3
            return np.asarray(cubes / (last - knot))

        columns += [part(float(knot)) - part(float(before)) for knot in knots[:-2]]
    return np.column_stack(columns)
