"""Families from their quantiles: one for an exponential, two of any level for the others."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.families import DistributionError, positive
from carepath_sim.plan.heavy_laws import Loglogistic
from carepath_sim.plan.smooth_laws import Gamma, Lognormal, Normal, Weibull

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from carepath_sim.plan.laws import Law

Point = tuple[float, float]
"""A level between 0 and 1, and the value there."""


def level_of(name: str) -> float | None:
    """The level of a quantile by its name, or None where the name is no quantile.

    Examples
    --------
    >>> level_of("median"), level_of("p90"), level_of("p99.9"), level_of("mean")
    (0.5, 0.9, 0.9990000000000001, None)
    """
    if name == "median":
        return 0.5
    number = name[1:]
    if name[:1] != "p" or not number.replace(".", "", 1).isdecimal():
        return None
    level = float(number) / 100
    return level if 0 < level < 1 else None


def points_of(given: Mapping[str, float]) -> tuple[Point, ...] | None:
    """The quantiles by level, if nothing but quantiles is given."""
    found = [(level_of(name), value) for name, value in given.items()]
    points = tuple(sorted((level, value) for level, value in found if level is not None))
    return points if len(points) == len(found) else None


def _normal_score(level: float) -> float:
    return NormalDist().inv_cdf(level)


def _hazard(level: float) -> float:
    """The unit exponential's quantile."""
    return -math.log1p(-level)


def _exponential(point: Point) -> Law:
    return Weibull(1.0, point[1] / _hazard(point[0]))


def _lognormal(low: Point, high: Point) -> Law:
    sigma = math.log(high[1] / low[1]) / (_normal_score(high[0]) - _normal_score(low[0]))
    return Lognormal(math.log(low[1]) - sigma * _normal_score(low[0]), sigma)


def _normal(low: Point, high: Point) -> Law:
    sigma = (high[1] - low[1]) / (_normal_score(high[0]) - _normal_score(low[0]))
    return Normal(low[1] - sigma * _normal_score(low[0]), sigma)


def _weibull(low: Point, high: Point) -> Law:
    """From x_p = scale (-log(1 - p))^(1/shape)."""
    shape = math.log(_hazard(high[0]) / _hazard(low[0])) / math.log(high[1] / low[1])
    if shape < 0.05:
        raise DistributionError(
            f"weibull: these quantiles lie too far apart, found {high[1] / low[1]:.3g} times"
        )
    return Weibull(shape, low[1] / _hazard(low[0]) ** (1 / shape))


def _loglogistic(low: Point, high: Point) -> Law:
    """From x_p = scale (p / (1 - p))^(1/shape)."""
    odds = [level / (1 - level) for level, _ in (low, high)]
    shape = math.log(odds[1] / odds[0]) / math.log(high[1] / low[1])
    if shape <= 2:
        raise DistributionError(
            f"loglogistic: these quantiles need a shape of {shape:.3g}; the variance is finite"
            " only above 2"
        )
    return Loglogistic(shape, low[1] / odds[0] ** (1 / shape))


def _gamma(low: Point, high: Point) -> Law:
    """The ratio of two quantiles falls with the shape: halve the interval on its log."""
    wanted = math.log(high[1] / low[1])
    least, most = math.log(0.02), math.log(1e6)
    if not _gamma_ratio(most, low[0], high[0]) < wanted < _gamma_ratio(least, low[0], high[0]):
        raise DistributionError(
            f"gamma: no shape between 0.02 and a million has these quantiles, of which one is"
            f" {high[1] / low[1]:.6g} times the other"
        )
    for _ in range(80):
        middle = (least + most) / 2
        if _gamma_ratio(middle, low[0], high[0]) > wanted:
            least = middle
        else:
            most = middle
    shape = math.exp((least + most) / 2)
    # The upper one decides the scale: with small shapes the lower one is next to nothing.
    return Gamma(shape, high[1] / _gamma_quantile(shape, high[0]))


def _gamma_quantile(shape: float, level: float) -> float:
    at = Gamma(shape, 1.0).quantile(np.array([level]), np.array([1 - level]))
    return float(at[0])


def _gamma_ratio(log_shape: float, low: float, high: float) -> float:
    """Logarithm of the ratio of two quantiles."""
    shape = math.exp(log_shape)
    below, above = _gamma_quantile(shape, low), _gamma_quantile(shape, high)
    return math.log(above / below) if below > 0 else math.inf


FITS: dict[str, Callable[[Point, Point], Law]] = {
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": _weibull,
    "loglogistic": _loglogistic,
    "normal": _normal,
}
"""Families that two quantiles decide."""

WORDS = "two quantiles such as {p25, p75}"
"""What these families take, in words."""


def fitted(family: str, points: tuple[Point, ...]) -> Law | None:
    """The law of a family with given quantiles, or None where they do not decide it.

    Parameters
    ----------
    family
        Name of the family.
    points
        Levels and values, by level.

    Raises
    ------
    DistributionError
        If values do not rise with their level, or no member of the family has them.
    """
    if family == "exponential" and len(points) == 1:
        positive(family, quantile=points[0][1])
        return _exponential(points[0])
    if family not in FITS or len(points) != 2:
        return None
    low, high = points
    if family != "normal":
        positive(family, quantile=low[1])
    if not low[0] < high[0] or not low[1] < high[1]:
        raise DistributionError(
            f"{family}: quantiles must rise with their level, found {low[1]:g} at {low[0]:.4g}"
            f" and {high[1]:g} at {high[0]:.4g}"
        )
    return FITS[family](low, high)
