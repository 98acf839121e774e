"""Laws of lengths of stay that are fitted to data: families with free parameters, in days.

Parameters of a fit have no bounds that matter: positive ones stand as logarithms, shares as
log-odds. Each family says what its parameters mean in the words of the scenario language.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import optimize, special

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LONGEST: Final = 1e6
"""Days beyond which no quantile is looked for."""


@dataclass(frozen=True)
class Part:
    """One component of a law.

    Attributes
    ----------
    cdf, pdf
        Of an array of lengths above 0 [d].
    mean, second
        First and second moment [d, d2]; infinite where there is none.
    """

    cdf: Callable[[Floats], Floats]
    pdf: Callable[[Floats], Floats]
    mean: float
    second: float


@dataclass(frozen=True)
class Law:
    """A law of lengths above 0: a weighted sum of components.

    Attributes
    ----------
    parts
        Weight and component; weights sum to 1 (those of phases in a row may be negative).
    """

    parts: tuple[tuple[float, Part], ...]

    def cdf(self, days: Floats) -> Floats:
        """Share of stays that are over by then; 0 for what is not above 0."""
        at = np.maximum(days, 1e-12)
        total = sum(weight * part.cdf(at) for weight, part in self.parts)
        return np.where(days > 0, np.clip(total, 0.0, 1.0), 0.0)

    def pdf(self, days: Floats) -> Floats:
        """Density [1/d]."""
        at = np.maximum(days, 1e-12)
        total = sum(weight * part.pdf(at) for weight, part in self.parts)
        return np.maximum(total, 0.0)

    @property
    def mean(self) -> float:
        """Mean [d]."""
        return float(sum(weight * part.mean for weight, part in self.parts))

    @property
    def sd(self) -> float:
        """Standard deviation [d]."""
        second = sum(weight * part.second for weight, part in self.parts)
        return math.sqrt(max(second - self.mean**2, 0.0)) if math.isfinite(second) else math.inf

    def quantile(self, share: float) -> float:
        """Days within which that share of stays is over."""
        if float(self.cdf(np.array([1e-9]))[0]) >= share:
            return 0.0
        high = 1.0
        while high < LONGEST and float(self.cdf(np.array([high]))[0]) < share:
            high *= 2
        if high >= LONGEST:
            return math.inf
        return float(
            optimize.brentq(lambda x: float(self.cdf(np.array([x]))[0]) - share, 0.0, high)
        )

    def beyond(self, days: float) -> float:
        """Share of the mean that comes from the part of stays beyond that many days.

        The integral of the survival function from there on, over the mean.
        """
        grid = np.linspace(0.0, days, 2001)
        within = float(np.trapezoid(1 - self.cdf(grid), grid))
        return max(0.0, 1 - within / self.mean) if math.isfinite(self.mean) else 1.0


def exponential(mean: float) -> Part:
    """Exponential component."""
    return Part(
        lambda x: -np.expm1(-x / mean),
        lambda x: np.exp(-x / mean) / mean,
        mean,
        2 * mean**2,
    )


def lognormal(mu: float, sigma: float) -> Part:
    """Lognormal component; mu is the logarithm of the median [d]."""

    def density(x: Floats) -> Floats:
        z = (np.log(x) - mu) / sigma
        found: Floats = np.exp(-0.5 * z * z) / (x * sigma * math.sqrt(2 * math.pi))
        return found

    return Part(
        lambda x: special.ndtr((np.log(x) - mu) / sigma),
        density,
        _exp(mu + sigma**2 / 2),
        _exp(2 * mu + 2 * sigma**2),
    )


def gamma(shape: float, scale: float) -> Part:
    """Gamma component."""

    def density(x: Floats) -> Floats:
        log = (shape - 1) * np.log(x / scale) - x / scale - special.gammaln(shape)
        found: Floats = np.exp(log) / scale
        return found

    def share(x: Floats) -> Floats:
        found: Floats = np.asarray(special.gammainc(shape, x / scale), dtype=np.float64)
        return found

    return Part(
        share,
        density,
        shape * scale,
        shape * (shape + 1) * scale**2,
    )


def weibull(shape: float, scale: float) -> Part:
    """Weibull component."""

    def density(x: Floats) -> Floats:
        log = (shape - 1) * np.log(x / scale) - (x / scale) ** shape
        found: Floats = np.exp(log) * shape / scale
        return found

    moments = (scale**k * _exp(float(special.gammaln(1 + k / shape))) for k in (1, 2))
    return Part(lambda x: -np.expm1(-((x / scale) ** shape)), density, *moments)


def loglogistic(shape: float, scale: float) -> Part:
    """Log-logistic component; the scale is the median [d]."""

    def density(x: Floats) -> Floats:
        share = special.expit(shape * np.log(x / scale))
        found: Floats = share * (1 - share) * shape / x
        return found

    def moment(k: int) -> float:
        angle = k * math.pi / shape
        return scale**k * angle / math.sin(angle) if shape > k else math.inf

    return Part(lambda x: special.expit(shape * np.log(x / scale)), density, moment(1), moment(2))


def inverse_gaussian(mean: float, shape: float) -> Part:
    """Inverse Gaussian component; its variance is mean cubed over shape [d2]."""

    def density(x: Floats) -> Floats:
        log = -shape * (x - mean) ** 2 / (2 * mean**2 * x)
        found: Floats = np.sqrt(shape / (2 * math.pi * x**3)) * np.exp(log)
        return found

    def share(x: Floats) -> Floats:
        root: Floats = np.sqrt(shape / x)
        second = 2 * shape / mean + special.log_ndtr(-root * (x / mean + 1))
        found: Floats = special.ndtr(root * (x / mean - 1)) + np.exp(second)
        return found

    return Part(share, density, mean, mean**2 + mean**3 / shape)


def _exp(x: float) -> float:
    return math.exp(x) if x < 700 else math.inf


# --- families --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Family:
    """A family of laws with free parameters.

    Attributes
    ----------
    name
        In words.
    names
        Names of the free parameters as the scenario language has them.
    law
        The law of some parameters, as a fit moves them.
    starts
        Where fits begin, from mean [d] and coefficient of variation of the data.
    natural
        Parameters as the scenario language has them, from those of a fit.
    """

    name: str
    names: tuple[str, ...]
    law: Callable[[Floats], Law]
    starts: Callable[[float, float], list[list[float]]]
    natural: Callable[[Floats], tuple[float, ...]]


def _single(make: Callable[..., Part]) -> Callable[[Floats], Law]:
    return lambda theta: Law(((1.0, make(*np.exp(theta))),))


def _all_exp(theta: Floats) -> tuple[float, ...]:
    return tuple(float(x) for x in np.exp(theta))


def _odds(x: float) -> float:
    return float(special.expit(x))


def _two_exponentials(theta: Floats) -> Law:
    share = _odds(theta[0])
    low, high = math.exp(theta[1]), math.exp(theta[1]) + math.exp(theta[2])
    return Law(((share, exponential(low)), (1 - share, exponential(high))))


def _coxian(theta: Floats) -> Law:
    """Two phases: e^a days on average, then with a share on to e^b days on average."""
    first, onward, second = math.exp(theta[0]), _odds(theta[1]), math.exp(theta[2])
    if abs(first - second) < 1e-6 * first:
        second = first * (1 + 1e-6)
    # The sum of two exponentials is a weighted difference of the two.
    weight = onward * second / (second - first)
    return Law(((1 - weight, exponential(first)), (weight, exponential(second))))


def _exponential_lognormal(theta: Floats) -> Law:
    share = _odds(theta[0])
    return Law(
        (
            (share, exponential(math.exp(theta[1]))),
            (1 - share, lognormal(float(theta[2]), math.exp(theta[3]))),
        )
    )


def _two_lognormals(theta: Floats) -> Law:
    share = _odds(theta[0])
    first = float(theta[1])
    return Law(
        (
            (share, lognormal(first, math.exp(theta[3]))),
            (1 - share, lognormal(first + math.exp(theta[2]), math.exp(theta[4]))),
        )
    )


def _sigma(cv: float) -> float:
    return math.sqrt(math.log1p(max(cv, 0.1) ** 2))


FAMILIES: Final = (
    Family(
        "exponential",
        ("mean",),
        _single(exponential),
        lambda m, _: [[math.log(m)]],
        _all_exp,
    ),
    Family(
        "lognormal",
        ("median", "sigma"),
        lambda t: Law(((1.0, lognormal(float(t[0]), math.exp(t[1]))),)),
        lambda m, cv: [[math.log(m) - _sigma(cv) ** 2 / 2, math.log(_sigma(cv))]],
        _all_exp,
    ),
    Family(
        "gamma",
        ("shape", "scale"),
        _single(gamma),
        lambda m, cv: [[-2 * math.log(cv), math.log(m) + 2 * math.log(cv)]],
        _all_exp,
    ),
    Family(
        "weibull",
        ("shape", "scale"),
        _single(weibull),
        lambda m, cv: [[-math.log(cv), math.log(m)]],
        _all_exp,
    ),
    Family(
        "loglogistic",
        ("shape", "scale"),
        _single(loglogistic),
        lambda m, cv: [[math.log(1.8 / _sigma(cv)), math.log(m) - _sigma(cv) ** 2 / 2]],
        _all_exp,
    ),
    Family(
        "inverse_gaussian",
        ("mean", "sd"),
        _single(inverse_gaussian),
        lambda m, cv: [[math.log(m), math.log(m) - 2 * math.log(cv)]],
        lambda t: (math.exp(t[0]), math.exp(1.5 * t[0] - 0.5 * t[1])),
    ),
    Family(
        "hyperexponential",
        ("share", "mean1", "mean2"),
        _two_exponentials,
        lambda m, _: [
            [0.0, math.log(m / 3), math.log(1.5 * m)],
            [2.0, math.log(m / 2), math.log(4 * m)],
        ],
        lambda t: (_odds(t[0]), math.exp(t[1]), math.exp(t[1]) + math.exp(t[2])),
    ),
    Family(
        "coxian",
        ("mean1", "onward1", "mean2"),
        _coxian,
        lambda m, _: [
            [math.log(m / 2), 0.0, math.log(m)],
            [math.log(m / 3), 2.0, math.log(m / 1.5)],
        ],
        lambda t: (math.exp(t[0]), _odds(t[1]), math.exp(t[2])),
    ),
    Family(
        "exponential and lognormal",
        ("share", "mean", "median", "sigma"),
        _exponential_lognormal,
        lambda m, _: [
            [0.0, math.log(m / 3), math.log(m), math.log(0.6)],
            [-1.0, math.log(2 * m), math.log(m / 2), math.log(0.6)],
        ],
        lambda t: (_odds(t[0]), math.exp(t[1]), math.exp(t[2]), math.exp(t[3])),
    ),
    Family(
        "two lognormals",
        ("share", "median1", "median2", "sigma1", "sigma2"),
        _two_lognormals,
        lambda m, _: [
            [0.0, math.log(m / 3), math.log(1.5), math.log(0.7), math.log(0.6)],
            [1.0, math.log(m / 2), math.log(2.5), math.log(0.8), math.log(0.4)],
        ],
        lambda t: (
            _odds(t[0]),
            math.exp(t[1]),
            math.exp(t[1] + math.exp(t[2])),
            math.exp(t[3]),
            math.exp(t[4]),
        ),
    ),
)
"""Families in the order in which the simpler one is taken when two fit alike."""


def with_zero(family: Family) -> Family:
    """Return a family in which a share of stays takes no time at all."""

    def law(theta: Floats) -> Law:
        zero = _odds(theta[0])
        rest = family.law(theta[1:]).parts
        return Law(((zero, NO_TIME), *(((1 - zero) * w, part) for w, part in rest)))

    return Family(
        f"{family.name}, some 0",
        ("zero", *family.names),
        law,
        lambda m, cv: [[-1.0, *start] for start in family.starts(1.3 * m, cv)],
        lambda theta: (_odds(theta[0]), *family.natural(theta[1:])),
    )


NO_TIME: Final = Part(np.ones_like, np.zeros_like, 0.0, 0.0)
"""Component of stays that take no time."""
SIMPLE: Final = ("exponential", "lognormal", "gamma", "weibull")
"""Families that are tried with a share that takes no time."""
