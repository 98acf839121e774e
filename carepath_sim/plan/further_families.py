"""More ways to say the parameters of a family, and the families with heavy tails or two bounds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.beta_law import Beta
from carepath_sim.plan.families import (
    DistributionError,
    Reading,
    positive,
    weibull_mean_sd,
)
from carepath_sim.plan.heavy_laws import Loglogistic, Lomax, Pareto
from carepath_sim.plan.smooth_laws import (
    Gamma,
    Lognormal,
    Normal,
    SciPyLaw,
    Triangular,
    Weibull,
)
from carepath_sim.plan.stepped_laws import Bins

if TYPE_CHECKING:
    from carepath_sim.plan.laws import Law


def _between(family: str, low: float, middle: float, high: float, name: str) -> None:
    if not low < high:
        raise DistributionError(
            f"{family}: max must be above min, found min {low:g} and max {high:g}"
        )
    if not low <= middle <= high:
        raise DistributionError(
            f"{family}: {name} must lie between min {low:g} and max {high:g}, found {middle:g}"
        )


def _finite_variance(family: str, shape: float) -> None:
    if not shape > 2:
        raise DistributionError(
            f"{family}: the variance is finite only for a shape above 2, found {shape:g}"
        )


# --- lognormal ------------------------------------------------------------------------------------


def _log_sd(cv: float) -> float:
    """Sigma from sd over mean, cv^2 = exp(sigma^2) - 1."""
    return math.sqrt(math.log1p(cv * cv))


def _lognormal_mean_cv(mean: float, cv: float) -> Law:
    positive("lognormal", mean=mean, cv=cv)
    sigma = _log_sd(cv)
    return Lognormal(math.log(mean) - sigma * sigma / 2, sigma)


def _lognormal_median_cv(median: float, cv: float) -> Law:
    positive("lognormal", median=median, cv=cv)
    return Lognormal(math.log(median), _log_sd(cv))


def _lognormal_median_sd(median: float, sd: float) -> Law:
    """With y = exp(sigma^2): sd^2 = median^2 y (y - 1)."""
    positive("lognormal", median=median, sd=sd)
    ratio = sd / median
    more = 2 * ratio * ratio / (1 + math.sqrt(1 + 4 * ratio * ratio))
    return Lognormal(math.log(median), math.sqrt(math.log1p(more)))


def _gsd(gsd: float) -> float:
    if not gsd > 1:
        raise DistributionError(f"lognormal: gsd must be above 1, found {gsd:g}")
    return math.log(gsd)


def _lognormal_median_gsd(median: float, gsd: float) -> Law:
    positive("lognormal", median=median)
    return Lognormal(math.log(median), _gsd(gsd))


def _lognormal_mean_gsd(mean: float, gsd: float) -> Law:
    positive("lognormal", mean=mean)
    return Lognormal(math.log(mean) - _gsd(gsd) ** 2 / 2, _gsd(gsd))


# --- gamma, Erlang, Weibull -----------------------------------------------------------------------


def _gamma_mean_cv(mean: float, cv: float) -> Law:
    positive("gamma", mean=mean, cv=cv)
    return Gamma(1 / cv**2, mean * cv**2)


def _gamma_shape_rate(shape: float, rate: float) -> Law:
    positive("gamma", shape=shape, rate=rate)
    return Gamma(shape, 1 / rate)


def _gamma_shape_median(shape: float, median: float) -> Law:
    positive("gamma", shape=shape, median=median)
    unit = float(Gamma(shape, 1.0).quantile(np.array([0.5]), np.array([0.5]))[0])
    if not unit > 0:
        raise DistributionError(f"gamma: half of all values are next to 0 with a shape {shape:g}")
    return Gamma(shape, median / unit)


def _erlang_k_rate(k: float, rate: float) -> Law:
    positive("erlang", k=k, rate=rate)
    if k != round(k):
        raise DistributionError(f"erlang: k must be a whole number, found {k:g}; or take gamma")
    return Gamma(k, 1 / rate)


def _weibull_shape(shape: float) -> None:
    positive("weibull", shape=shape)
    if shape < 0.05:
        raise DistributionError(f"weibull: shape must be at least 0.05, found {shape:g}")


def _weibull_shape_mean(shape: float, mean: float) -> Law:
    positive("weibull", mean=mean)
    _weibull_shape(shape)
    return Weibull(shape, mean / math.gamma(1 + 1 / shape))


def _weibull_shape_median(shape: float, median: float) -> Law:
    positive("weibull", median=median)
    _weibull_shape(shape)
    return Weibull(shape, median / math.log(2) ** (1 / shape))


def _weibull_mean_cv(mean: float, cv: float) -> Law:
    positive("weibull", mean=mean, cv=cv)
    return weibull_mean_sd(mean, mean * cv)


# --- bounded --------------------------------------------------------------------------------------


def _uniform_mean_sd(mean: float, sd: float) -> Law:
    positive("uniform", sd=sd)
    half = math.sqrt(3) * sd
    return Bins(np.array([mean - half, mean + half]), np.array([1.0]))


def _triangular_mean(min: float, mean: float, max: float) -> Law:  # noqa: A002 - the scenario's words
    mode = 3 * mean - min - max
    if not min <= mode <= max or not min < max:
        raise DistributionError(
            f"triangular: with min {min:g} and max {max:g} the mean lies between"
            f" {(2 * min + max) / 3:g} and {(min + 2 * max) / 3:g}, found {mean:g}"
        )
    return Triangular(min, mode, max)


def _pert(min: float, mode: float, max: float) -> Law:  # noqa: A002 - the scenario's words
    """Mean (min + 4 mode + max) / 6; Malcolm et al. (1959), Operations Research 7, 646-669."""
    _between("pert", min, mode, max, "mode")
    width = max - min
    return Beta(1 + 4 * (mode - min) / width, 1 + 4 * (max - mode) / width, min, max)


def _pert_mean(min: float, mean: float, max: float) -> Law:  # noqa: A002 - the scenario's words
    mode = (6 * mean - min - max) / 4
    if not min <= mode <= max or not min < max:
        raise DistributionError(
            f"pert: with min {min:g} and max {max:g} the mean lies between"
            f" {(5 * min + max) / 6:g} and {(min + 5 * max) / 6:g}, found {mean:g}"
        )
    return _pert(min, mode, max)


def _beta_mean_sd(min: float, max: float, mean: float, sd: float) -> Law:  # noqa: A002 - the scenario's words
    positive("beta", sd=sd)
    _between("beta", min, mean, max, "mean")
    at = (mean - min) / (max - min)
    spread = (sd / (max - min)) ** 2
    if not 0 < spread < at * (1 - at):
        most = math.sqrt(at * (1 - at)) * (max - min)
        raise DistributionError(
            f"beta: with these bounds and this mean sd lies below {most:g}, found {sd:g}"
        )
    both = at * (1 - at) / spread - 1
    return Beta(at * both, (1 - at) * both, min, max)


def _beta_shapes(min: float, max: float, alpha: float, beta: float) -> Law:  # noqa: A002 - the scenario's words
    positive("beta", alpha=alpha, beta=beta)
    _between("beta", min, min, max, "min")
    return Beta(alpha, beta, min, max)


def _normal_mean_cv(mean: float, cv: float) -> Law:
    positive("normal", mean=mean, cv=cv)
    return Normal(mean, mean * cv)


# --- heavy tails ----------------------------------------------------------------------------------


def _loglogistic_shape_scale(shape: float, scale: float) -> Law:
    positive("loglogistic", shape=shape, scale=scale)
    _finite_variance("loglogistic", shape)
    return Loglogistic(shape, scale)


def _loglogistic_shape_median(shape: float, median: float) -> Law:
    return _loglogistic_shape_scale(shape, median)


def _loglogistic_shape_mean(shape: float, mean: float) -> Law:
    positive("loglogistic", shape=shape, mean=mean)
    _finite_variance("loglogistic", shape)
    b = math.pi / shape
    return Loglogistic(shape, mean * math.sin(b) / b)


def _loglogistic_mean_cv(mean: float, cv: float) -> Law:
    """With b = pi / shape: cv^2 + 1 = tan b / b, which rises from 1 at 0 without end at pi/2."""
    positive("loglogistic", mean=mean, cv=cv)
    low, high = 0.0, math.pi / 2
    for _ in range(100):
        b = (low + high) / 2
        if math.tan(b) / b - 1 < cv * cv:
            low = b
        else:
            high = b
    b = (low + high) / 2
    return _loglogistic_shape_mean(math.pi / b, mean)


def _loglogistic_mean_sd(mean: float, sd: float) -> Law:
    positive("loglogistic", mean=mean, sd=sd)
    return _loglogistic_mean_cv(mean, sd / mean)


def _lomax_shape_scale(shape: float, scale: float) -> Law:
    positive("lomax", shape=shape, scale=scale)
    _finite_variance("lomax", shape)
    return Lomax(shape, scale)


def _lomax_shape_mean(shape: float, mean: float) -> Law:
    positive("lomax", mean=mean)
    _finite_variance("lomax", shape)
    return Lomax(shape, mean * (shape - 1))


def _lomax_mean_cv(mean: float, cv: float) -> Law:
    """From cv^2 = shape / (shape - 2)."""
    positive("lomax", mean=mean, cv=cv)
    if not cv > 1:
        raise DistributionError(f"lomax: sd must be above the mean, found {cv:.4g} times the mean")
    return _lomax_shape_mean(2 * cv * cv / (cv * cv - 1), mean)


def _lomax_mean_sd(mean: float, sd: float) -> Law:
    positive("lomax", mean=mean, sd=sd)
    return _lomax_mean_cv(mean, sd / mean)


def _pareto_shape_min(shape: float, min: float) -> Law:  # noqa: A002 - the scenario's words
    positive("pareto", min=min)
    _finite_variance("pareto", shape)
    return Pareto(shape, min)


def _pareto_min_mean(min: float, mean: float) -> Law:  # noqa: A002 - the scenario's words
    positive("pareto", min=min, mean=mean)
    if not min < mean < 2 * min:
        raise DistributionError(
            f"pareto: the variance is finite only for a mean between min and twice the min,"
            f" found min {min:g} and mean {mean:g}"
        )
    return Pareto(mean / (mean - min), min)


def _inverse_gaussian(mean: float, cv: float) -> Law:
    """With shape parameter mean / cv^2; SciPy counts in units of it."""
    from scipy import stats

    positive("inverse_gaussian", mean=mean, cv=cv)
    return SciPyLaw(stats.invgauss(cv * cv, scale=mean / (cv * cv)))


def _inverse_gaussian_sd(mean: float, sd: float) -> Law:
    positive("inverse_gaussian", mean=mean, sd=sd)
    return _inverse_gaussian(mean, sd / mean)


FURTHER: dict[str, tuple[Reading, ...]] = {
    "lognormal": (
        ("mean, cv", _lognormal_mean_cv),
        ("median, cv", _lognormal_median_cv),
        ("median, sd", _lognormal_median_sd),
        ("median, gsd", _lognormal_median_gsd),
        ("mean, gsd", _lognormal_mean_gsd),
    ),
    "gamma": (
        ("mean, cv", _gamma_mean_cv),
        ("shape, rate", _gamma_shape_rate),
        ("shape, median", _gamma_shape_median),
    ),
    "erlang": (("k, rate", _erlang_k_rate),),
    "weibull": (
        ("shape, mean", _weibull_shape_mean),
        ("shape, median", _weibull_shape_median),
        ("mean, cv", _weibull_mean_cv),
    ),
    "uniform": (("mean, sd", _uniform_mean_sd),),
    "triangular": (("min, mean, max", _triangular_mean),),
    "normal": (("mean, cv", _normal_mean_cv),),
    "pert": (("min, mode, max", _pert), ("min, mean, max", _pert_mean)),
    "beta": (("min, max, mean, sd", _beta_mean_sd), ("min, max, alpha, beta", _beta_shapes)),
    "loglogistic": (
        ("shape, scale", _loglogistic_shape_scale),
        ("shape, mean", _loglogistic_shape_mean),
        ("shape, median", _loglogistic_shape_median),
        ("mean, sd", _loglogistic_mean_sd),
        ("mean, cv", _loglogistic_mean_cv),
    ),
    "lomax": (
        ("shape, scale", _lomax_shape_scale),
        ("shape, mean", _lomax_shape_mean),
        ("mean, sd", _lomax_mean_sd),
        ("mean, cv", _lomax_mean_cv),
    ),
    "pareto": (("shape, min", _pareto_shape_min), ("min, mean", _pareto_min_mean)),
    "inverse_gaussian": (("mean, sd", _inverse_gaussian_sd), ("mean, cv", _inverse_gaussian)),
}
"""Families in closed form beyond `READINGS`, and further sets of parameters of those."""
