"""Families in closed form: how each set of parameters is read.

Nothing is guessed, because two readings of the same two numbers give different stays.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.plan.compound_laws import Mixture
from carepath_sim.plan.laws import Law
from carepath_sim.plan.smooth_laws import (
    Gamma,
    Lognormal,
    Normal,
    Triangular,
    Weibull,
    weibull_squared_variation,
)
from carepath_sim.plan.stepped_laws import Bins, Steps

Z90 = 1.2815515655446004
"""The 90th percentile of the standard normal law."""


class DistributionError(CarepathError, ValueError):
    """A distribution that cannot be understood, or that no quantile table can represent."""


def positive(family: str, **numbers: float) -> None:
    """Refuse numbers that are not above 0."""
    for name, number in numbers.items():
        if not number > 0:
            raise DistributionError(f"{family}: {name} must be above 0, found {number:g}")


def _above(family: str, high: str, low: str, numbers: tuple[float, float]) -> None:
    if not numbers[0] > numbers[1]:
        raise DistributionError(
            f"{family}: {high} must be above {low}, found {high} {numbers[0]:g}"
            f" and {low} {numbers[1]:g}"
        )


def _fixed(value: float) -> Law:
    return Steps(np.array([value]), np.array([1.0]))


def _exponential(mean: float) -> Law:
    positive("exponential", mean=mean)
    return Weibull(1.0, mean)


def _exponential_rate(rate: float) -> Law:
    positive("exponential", rate=rate)
    return Weibull(1.0, 1 / rate)


def _exponential_median(median: float) -> Law:
    positive("exponential", median=median)
    return Weibull(1.0, median / math.log(2))


def _lognormal_mean_sd(mean: float, sd: float) -> Law:
    positive("lognormal", mean=mean, sd=sd)
    variance = math.log1p((sd / mean) ** 2)
    return Lognormal(math.log(mean) - variance / 2, math.sqrt(variance))


def _lognormal_median_p90(median: float, p90: float) -> Law:
    positive("lognormal", median=median, p90=p90)
    _above("lognormal", "p90", "median", (p90, median))
    return Lognormal(math.log(median), math.log(p90 / median) / Z90)


def _lognormal_median_mean(median: float, mean: float) -> Law:
    positive("lognormal", median=median, mean=mean)
    _above("lognormal", "mean", "median", (mean, median))
    return Lognormal(math.log(median), math.sqrt(2 * math.log(mean / median)))


def _lognormal_median_sigma(median: float, sigma: float) -> Law:
    positive("lognormal", median=median, sigma=sigma)
    return Lognormal(math.log(median), sigma)


def _lognormal_mean_sigma(mean: float, sigma: float) -> Law:
    positive("lognormal", mean=mean, sigma=sigma)
    return Lognormal(math.log(mean) - sigma**2 / 2, sigma)


def _lognormal_mu_sigma(mu: float, sigma: float, mu_unit: float = 1.0) -> Law:
    """`mu` is the mean log of the value counted in units of `mu_unit` [ms]."""
    positive("lognormal", sigma=sigma, mu_unit=mu_unit)
    return Lognormal(mu + math.log(mu_unit), sigma)


def _lognormal_mean_p90(mean: float, p90: float) -> Law:
    """Of the two laws with this mean and p90, the one with the smaller sigma (below 1.28).

    From log(p90 / mean) = Z90 sigma - sigma^2 / 2.
    """
    positive("lognormal", mean=mean, p90=p90)
    _above("lognormal", "p90", "mean", (p90, mean))
    ratio = math.log(p90 / mean)
    if 2 * ratio > Z90**2:
        raise DistributionError(
            f"lognormal: p90 can be at most {math.exp(Z90**2 / 2):.4f} times the mean,"
            f" found {p90 / mean:.4g} times"
        )
    # Z90 - sqrt(Z90^2 - 2 ratio) without cancellation.
    return _lognormal_mean_sigma(mean, 2 * ratio / (Z90 + math.sqrt(Z90**2 - 2 * ratio)))


def _gamma_mean_sd(mean: float, sd: float) -> Law:
    positive("gamma", mean=mean, sd=sd)
    return Gamma((mean / sd) ** 2, sd**2 / mean)


def _gamma_shape_scale(shape: float, scale: float) -> Law:
    positive("gamma", shape=shape, scale=scale)
    return Gamma(shape, scale)


def _gamma_shape_mean(shape: float, mean: float) -> Law:
    positive("gamma", shape=shape, mean=mean)
    return Gamma(shape, mean / shape)


def _erlang(k: float, mean: float) -> Law:
    positive("erlang", k=k, mean=mean)
    if k != round(k):
        raise DistributionError(f"erlang: k must be a whole number, found {k:g}; or take gamma")
    return Gamma(k, mean / k)


def _weibull_shape_scale(shape: float, scale: float) -> Law:
    positive("weibull", shape=shape, scale=scale)
    if shape < 0.05:
        raise DistributionError(f"weibull: shape must be at least 0.05, found {shape:g}")
    return Weibull(shape, scale)


def weibull_mean_sd(mean: float, sd: float) -> Law:
    """The squared coefficient of variation falls with the shape: halve the interval on its log."""
    positive("weibull", mean=mean, sd=sd)
    wanted = (sd / mean) ** 2
    low, high = math.log(0.05), math.log(5000.0)
    for_low = weibull_squared_variation(math.exp(low))
    for_high = weibull_squared_variation(math.exp(high))
    if not for_high < wanted < for_low:
        raise DistributionError(
            f"weibull: sd must lie between {math.sqrt(for_high):.2g} and {math.sqrt(for_low):.2g}"
            f" times the mean, found {sd / mean:.4g} times"
        )
    for _ in range(80):
        middle = (low + high) / 2
        if weibull_squared_variation(math.exp(middle)) > wanted:
            low = middle
        else:
            high = middle
    shape = math.exp((low + high) / 2)
    return Weibull(shape, mean / math.gamma(1 + 1 / shape))


def _weibull_median_p90(median: float, p90: float) -> Law:
    """From x_p = scale (-log(1 - p))^(1/shape)."""
    positive("weibull", median=median, p90=p90)
    _above("weibull", "p90", "median", (p90, median))
    shape = math.log(math.log(10) / math.log(2)) / math.log(p90 / median)
    return _weibull_shape_scale(shape, median / math.log(2) ** (1 / shape))


def _uniform(min: float, max: float) -> Law:  # noqa: A002 - the scenario's words
    _above("uniform", "max", "min", (max, min))
    return Bins(np.array([min, max]), np.array([1.0]))


def _triangular(min: float, mode: float, max: float) -> Law:  # noqa: A002 - the scenario's words
    _above("triangular", "max", "min", (max, min))
    if not min <= mode <= max:
        raise DistributionError(
            f"triangular: mode must lie between min {min:g} and max {max:g}, found {mode:g}"
        )
    return Triangular(min, mode, max)


def _normal(mean: float, sd: float) -> Law:
    positive("normal", sd=sd)
    return Normal(mean, sd)


def balanced_hyperexponential(mean: float, sd: float) -> Law:
    """Two exponentials with balanced means.

    Whitt (1982), Operations Research 30, 125-147: p1 / rate1 = p2 / rate2.
    """
    positive("hyperexponential", mean=mean, sd=sd)
    _above("hyperexponential", "sd", "mean", (sd, mean))
    c2 = (sd / mean) ** 2
    more = math.sqrt((c2 - 1) / (c2 + 1))
    often, seldom = (1 + more) / 2, 1 / (c2 + 1) / (1 + more)
    parts = (Weibull(1.0, mean / (2 * often)), Weibull(1.0, mean / (2 * seldom)))
    return Mixture(np.array([often, seldom]), parts)


Reading = tuple[str, Callable[..., Law]]

READINGS: dict[str, tuple[Reading, ...]] = {
    "fixed": (("value", _fixed),),
    "exponential": (
        ("mean", _exponential),
        ("rate", _exponential_rate),
        ("median", _exponential_median),
    ),
    "lognormal": (
        ("mean, sd", _lognormal_mean_sd),
        ("median, p90", _lognormal_median_p90),
        ("median, mean", _lognormal_median_mean),
        ("median, sigma", _lognormal_median_sigma),
        ("mean, p90", _lognormal_mean_p90),
        ("mean, sigma", _lognormal_mean_sigma),
        ("mu, sigma", _lognormal_mu_sigma),
        ("mu, sigma, mu_unit", _lognormal_mu_sigma),
    ),
    "gamma": (
        ("mean, sd", _gamma_mean_sd),
        ("shape, scale", _gamma_shape_scale),
        ("shape, mean", _gamma_shape_mean),
    ),
    "erlang": (("k, mean", _erlang),),
    "weibull": (
        ("shape, scale", _weibull_shape_scale),
        ("mean, sd", weibull_mean_sd),
        ("median, p90", _weibull_median_p90),
    ),
    "uniform": (("min, max", _uniform),),
    "triangular": (("min, mode, max", _triangular),),
    "normal": (("mean, sd", _normal),),
}
"""Families in closed form: the sets of parameters each takes, and how each set is read."""
