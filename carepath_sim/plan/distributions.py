"""From the description of a distribution to its exact law.

Every family says which sets of parameters it takes; nothing is guessed and no parameter is ignored,
because two readings of the same two numbers give different stays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.compound_laws import Clipped, Coxian, Mixture, Truncated
from carepath_sim.plan.families import (
    READINGS,
    DistributionError,
    balanced_hyperexponential,
    positive,
)
from carepath_sim.plan.further_families import FURTHER
from carepath_sim.plan.laws import Array, Law, floats
from carepath_sim.plan.quantile_fits import FITS, WORDS, fitted, points_of
from carepath_sim.plan.smooth_laws import SciPyLaw
from carepath_sim.plan.stepped_laws import Bins, Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from carepath_sim.plan.families import Reading

__all__ = ["DistributionError", "DistributionSpec", "accepted", "checked_law", "law_of"]

END = 1e-9
"""Probability above the end of every quantile table."""

MOST_VALUES = 2000
"""Largest number of separate values that a quantile table holds."""

CLOSED: dict[str, tuple[Reading, ...]] = {
    family: READINGS.get(family, ()) + FURTHER.get(family, ()) for family in {**READINGS, **FURTHER}
}
"""Every family in closed form, with the sets of parameters that it takes."""


@dataclass(frozen=True)
class DistributionSpec:
    """A distribution as a scenario describes it, in plain values.

    Parameters
    ----------
    family
        ``fixed``, ``exponential``, ``lognormal``, ``gamma``, ``weibull``, ``uniform``,
        ``triangular``, ``normal``, ``erlang``, ``pert``, ``beta``, ``loglogistic``, ``lomax``,
        ``pareto``, ``inverse_gaussian``, ``hyperexponential``, ``coxian``, ``mixture``,
        ``histogram``, ``empirical`` or ``scipy``.
    parameters
        Numbers by name, as a mapping or as pairs; kept as pairs in the order of the names.
        Durations in milliseconds, rates per millisecond, shapes, sigmas and probabilities without
        unit.
    parts
        Mixture, hyperexponential: (share, distribution) of each part.
    edges
        Histogram: bounds of the bins [ms].
    weights
        Histogram: weights of the bins; with `values`, weights of the values (none: equal).
    values
        Histogram, empirical: separate values [ms] instead of bins.
    smooth
        Histogram, empirical with values: ramps between neighbouring values, which keep the mean.
    name
        Family ``scipy``: the name in `scipy.stats`; `parameters` are its keywords.
    truncate
        Condition: the value lies in [a, b], both included [ms].
    at_least
        Values below are raised to it [ms]; applied after `truncate`.

    Examples
    --------
    >>> DistributionSpec("lognormal", {"sd": 5.0, "mean": 9.0}).parameters
    (('mean', 9.0), ('sd', 5.0))
    """

    family: str
    parameters: Mapping[str, float] | tuple[tuple[str, float], ...] = ()
    parts: tuple[tuple[float, DistributionSpec], ...] = ()
    edges: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    smooth: bool = False
    name: str = ""
    truncate: tuple[float, float] | None = None
    at_least: float | None = None

    def __post_init__(self) -> None:
        pairs = tuple(sorted((k, float(v)) for k, v in dict(self.parameters).items()))
        object.__setattr__(self, "parameters", pairs)

    @property
    def given(self) -> dict[str, float]:
        """The parameters by name."""
        return dict(self.parameters)


def law_of(spec: DistributionSpec) -> Law:
    """The exact law that a description means.

    Parameters
    ----------
    spec
        The description.

    Returns
    -------
    :
        The law, with `truncate` and `at_least` applied in this order.

    Raises
    ------
    DistributionError
        If the family is unknown, its parameters are not a set it takes, or a number is impossible.
    """
    if spec.family in CLOSED:
        _refuse_lists(spec, ())
        law = _closed_form(spec)
    elif spec.family in STRUCTURED:
        law = STRUCTURED[spec.family](spec)
    else:
        known = ", ".join(sorted([*CLOSED, *STRUCTURED]))
        raise DistributionError(f"unknown family '{spec.family}'; known are {known}")
    if spec.truncate is not None:
        law = _truncated(law, *spec.truncate)
    if spec.at_least is not None:
        if not math.isfinite(spec.at_least):
            raise DistributionError(f"at_least must be a finite number, found {spec.at_least:g}")
        law = Clipped(law, spec.at_least)
    return law


def _truncated(law: Law, low: float, high: float) -> Law:
    if not low < high or math.isinf(low):
        raise DistributionError(
            f"truncate takes a lower and a higher bound, found [{low:g}, {high:g}]"
        )
    truncated = Truncated(law, low, high)
    if not truncated.kept > 1e-9:
        raise DistributionError(
            f"truncate: [{low:g}, {high:g}] holds {max(truncated.kept, 0.0):.2g} of the probability"
        )
    return truncated


def accepted(family: str) -> tuple[str, ...]:
    """The sets of parameters that a family takes, in words.

    Parameters
    ----------
    family
        Name of the family.

    Returns
    -------
    :
        One text for each set; empty for an unknown family.

    Examples
    --------
    >>> accepted("erlang")
    ('{k, mean}', '{k, rate}')
    """
    if family in CLOSED:
        sets = tuple(f"{{{names}}}" for names, _ in CLOSED[family])
        return (*sets, WORDS) if family in FITS else sets
    return SHAPES.get(family, ())


def _wrong(spec: DistributionSpec) -> DistributionError:
    found = ", ".join(spec.given) or "nothing"
    return DistributionError(
        f"{spec.family} takes {' or '.join(accepted(spec.family))}; found {{{found}}}"
    )


def _closed_form(spec: DistributionSpec) -> Law:
    given = spec.given
    try:
        for names, read in CLOSED[spec.family]:
            if set(names.split(", ")) == set(given):
                _refuse_infinite(spec.family, given)
                return read(**given)
        points = points_of(given)
        if points:
            _refuse_infinite(spec.family, given)
            law = fitted(spec.family, points)
            if law is not None:
                return law
    except (OverflowError, ZeroDivisionError):
        raise DistributionError(
            f"{spec.family}: the parameters lead beyond the largest number"
        ) from None
    raise _wrong(spec)


def _refuse_infinite(family: str, given: Mapping[str, float]) -> None:
    for name, number in given.items():
        if not math.isfinite(number):
            raise DistributionError(f"{family}: {name} must be a finite number, found {number:g}")


def _refuse_lists(spec: DistributionSpec, taken: tuple[str, ...]) -> None:
    for name in ("parts", "edges", "weights", "values", "name"):
        if name not in taken and getattr(spec, name):
            raise DistributionError(f"{spec.family} takes no {name}")


# --- families with parts, bins or phases ----------------------------------------------------------


def _mixture(spec: DistributionSpec) -> Law:
    _refuse_lists(spec, ("parts",))
    if spec.given or not spec.parts:
        raise _wrong(spec)
    shares = floats([share for share, _ in spec.parts])
    total = float(shares.sum())
    if not (shares >= 0).all() or not abs(total - 1) <= 1e-6:
        raise DistributionError(
            f"{spec.family}: shares must be 0 or more and sum to 1, found a sum of {total:g}"
        )
    kept = [(share, part) for share, part in spec.parts if share > 0]
    laws = tuple(law_of(part) for _, part in kept)
    if len(laws) == 1:
        return laws[0]
    return Mixture(floats([share for share, _ in kept]) / total, laws)


def _hyperexponential(spec: DistributionSpec) -> Law:
    if not spec.parts:
        _refuse_lists(spec, ())
        mean, sd = _mean_and_sd(spec)
        return balanced_hyperexponential(mean, sd)
    for _, part in spec.parts:
        if part.family != "exponential":
            raise DistributionError(
                f"hyperexponential: parts must be exponential, found {part.family}; or take mixture"
            )
    return _mixture(spec)


def _mean_and_sd(spec: DistributionSpec) -> tuple[float, float]:
    """Mean and sd, of which the second may be given as cv."""
    given = spec.given
    if set(given) not in ({"mean", "sd"}, {"mean", "cv"}):
        raise _wrong(spec)
    _refuse_infinite(spec.family, given)
    positive(spec.family, **given)
    return given["mean"], given["sd"] if "sd" in given else given["mean"] * given["cv"]


def _two_phases(mean: float, sd: float) -> Law:
    """Two phases with this mean and sd; of all such pairs, the one whose phases share the work.

    Marie (1980), Performance Evaluation Review 9(2), 117-125: rate1 = 2 / mean, onward1 =
    1 / (2 cv^2), rate2 = 1 / (mean cv^2).
    """
    squared = (sd / mean) ** 2
    if squared < 0.5 - 1e-12:
        raise DistributionError(
            f"coxian: two phases have an sd of at least 0.7071 times the mean, found"
            f" {sd / mean:.4g} times; take gamma or erlang"
        )
    squared = max(squared, 0.5)
    rates = floats([2 / mean, 1 / (mean * squared)])
    return Coxian(rates, floats([1 / (2 * squared)]))


def _coxian(spec: DistributionSpec) -> Law:
    _refuse_lists(spec, ())
    given = spec.given
    if "mean" in given:
        return _two_phases(*_mean_and_sd(spec))
    means = sorted(name for name in given if name.startswith("mean"))
    positive("coxian", **{name: given[name] for name in means})
    given = {
        f"rate{name[4:]}" if name in means else name: 1 / number if name in means else number
        for name, number in given.items()
    }
    if len(given) != len(spec.given):
        raise _wrong(spec)
    phases = sum(name.startswith("rate") for name in given)
    rates = [f"rate{i + 1}" for i in range(phases)]
    onward = [f"onward{i + 1}" for i in range(phases - 1)]
    if not phases or set(given) != {*rates, *onward}:
        raise _wrong(spec)
    _refuse_infinite(spec.family, given)
    positive("coxian", **{name: given[name] for name in rates})
    for name in onward:
        if not 0 < given[name] <= 1:
            raise DistributionError(
                f"coxian: {name} must be above 0 and at most 1, found {given[name]:g}"
            )
    return Coxian(floats([given[n] for n in rates]), floats([given[n] for n in onward]))


def _shares(family: str, weights: tuple[float, ...], count: int) -> list[float]:
    if len(weights) != count:
        raise DistributionError(
            f"{family}: needs {count} weights (one a bin or value), found {len(weights)}"
        )
    total = math.fsum(weights)
    if not all(0 <= weight < math.inf for weight in weights) or not 0 < total < math.inf:
        raise DistributionError(f"{family}: weights must be 0 or more, and not all 0")
    return [weight / total for weight in weights]


def _histogram(spec: DistributionSpec) -> Law:
    _refuse_lists(spec, ("edges", "weights", "values"))
    if spec.given or bool(spec.edges) == bool(spec.values):
        raise DistributionError(
            f"{spec.family} takes {' or '.join(accepted(spec.family))};"
            f" found {'both edges and values' if spec.edges else 'neither edges nor values'}"
            f"{''.join(f', and {name}' for name in spec.given)}"
        )
    if not all(math.isfinite(x) for x in spec.edges + spec.values):
        raise DistributionError(f"{spec.family}: edges and values must be finite numbers")
    if spec.values:
        shares = _shares(spec.family, spec.weights or (1.0,) * len(spec.values), len(spec.values))
        steps = _steps(spec.family, floats(spec.values), floats(shares))
        return ramps(steps) if spec.smooth else steps
    if spec.smooth:
        raise DistributionError(f"{spec.family}: bins are smooth already; `smooth` needs values")
    shares = _shares(spec.family, spec.weights, len(spec.edges) - 1)
    if any(b <= a for a, b in zip(spec.edges, spec.edges[1:], strict=False)):
        raise DistributionError(f"{spec.family}: edges must rise")
    if len(shares) > MOST_VALUES:
        raise DistributionError(
            f"{spec.family}: at most {MOST_VALUES} bins, found {len(shares)}; take wider bins"
        )
    return Bins(floats(spec.edges), floats(shares))


def _steps(family: str, values: Array, shares: Array) -> Steps:
    distinct, which = np.unique(values, return_inverse=True)
    summed = np.bincount(which, weights=shares)
    distinct, summed = distinct[summed > 0], summed[summed > 0]
    if len(distinct) > MOST_VALUES:
        raise DistributionError(
            f"{family}: at most {MOST_VALUES} different values, found {len(distinct)};"
            " take bins instead"
        )
    return Steps(floats(distinct), floats(summed))


def ramps(steps: Steps) -> Law:
    """Values joined by ramps: half the smaller share on either side of each step becomes even.

    Parameters
    ----------
    steps
        The values with their shares.

    Returns
    -------
    :
        A law with the very mean of the values: what a ramp takes from its lower end it takes from
        its upper end too. With equal shares it is linear between the middles of the shares.

    Examples
    --------
    >>> law = ramps(Steps(floats([1, 2, 6]), floats([0.5, 0.25, 0.25])))
    >>> law.mean, law.quantile(floats([0.375, 0.5, 0.95]), floats([0.625, 0.5, 0.05])).tolist()
    (2.5, [1.0, 1.5, 6.0])
    """
    values, shares = steps.values, steps.shares
    if len(values) == 1:
        return steps
    moved = np.minimum(shares[1:], shares[:-1])
    kept = shares.copy()
    kept[1:] -= moved / 2
    kept[:-1] -= moved / 2
    total = float(moved.sum())
    left = np.maximum(kept, 0.0)
    bins = Bins(values, moved / total)
    stays = left > 1e-15
    if not stays.any():
        return bins
    atoms = Steps(values[stays], left[stays] / float(left[stays].sum()))
    return Mixture(floats([1 - total, total]), (atoms, bins))


def _scipy(spec: DistributionSpec) -> Law:
    from scipy import stats

    _refuse_lists(spec, ("name",))
    _refuse_infinite("scipy", spec.given)
    known = getattr(stats, spec.name, None)
    if not isinstance(known, (stats.rv_continuous, stats.rv_discrete)):
        raise DistributionError(f"scipy.stats has no distribution '{spec.name}'")
    try:
        frozen = known(**spec.given)
        support = [float(x) for x in frozen.support()]
    except TypeError as error:
        shapes = ", ".join(filter(None, [known.shapes, "loc"]))
        scale = "" if isinstance(known, stats.rv_discrete) else ", scale"
        raise DistributionError(f"scipy.stats.{spec.name} takes {shapes}{scale}: {error}") from None
    if any(math.isnan(x) for x in support):
        text = ", ".join(f"{name} {number:g}" for name, number in spec.given.items())
        raise DistributionError(f"scipy.stats.{spec.name} does not exist for {text}")
    if isinstance(known, stats.rv_continuous):
        return SciPyLaw(frozen)
    low = support[0] if math.isfinite(support[0]) else float(frozen.ppf(1e-12))
    high = support[1] if math.isfinite(support[1]) else float(frozen.isf(END / 1000))
    if not high - low < MOST_VALUES:
        low, high = max(low, float(frozen.ppf(1e-12))), min(high, float(frozen.isf(END / 1000)))
    if not high - low < MOST_VALUES:
        raise DistributionError(
            f"scipy.stats.{spec.name}: at most {MOST_VALUES} different values,"
            f" found {high - low + 1:g}"
        )
    moments = [float(moment) for moment in frozen.stats(moments="mv")]
    if not all(math.isfinite(moment) for moment in moments):
        raise DistributionError(_NO_MOMENTS.format(*moments))
    values = np.arange(low, high + 0.5)
    shares = floats(known.pmf(values, **spec.given))
    return _steps("scipy", values, shares / shares.sum())


_NO_MOMENTS = "mean and variance must be finite, found mean {:g} and variance {:g}"

STRUCTURED: dict[str, Callable[[DistributionSpec], Law]] = {
    "mixture": _mixture,
    "hyperexponential": _hyperexponential,
    "coxian": _coxian,
    "histogram": _histogram,
    "empirical": _histogram,
    "scipy": _scipy,
}
"""Families made of parts, phases, bins or values, and the border to SciPy."""

SHAPES: dict[str, tuple[str, ...]] = {
    "mixture": ("parts of (share, distribution)",),
    "hyperexponential": ("{mean, sd}", "{mean, cv}", "parts of (share, exponential)"),
    "coxian": (
        "{rate1, onward1, rate2, onward2, ..., rateN}",
        "{mean1, onward1, mean2, onward2, ..., meanN}",
        "{mean, sd}",
        "{mean, cv}",
    ),
    "histogram": ("edges with weights", "values with or without weights"),
    "empirical": ("values with or without weights", "edges with weights"),
    "scipy": ("name with the keywords of scipy.stats",),
}
"""What the structured families take, in words."""


def checked_law(spec: DistributionSpec) -> Law:
    """The law of a description, if a quantile table can represent it.

    Parameters
    ----------
    spec
        The description.

    Returns
    -------
    :
        A law on [0, inf) with finite mean and variance.

    Raises
    ------
    DistributionError
        If the description is wrong, values may be negative, or mean or variance is not finite.
    """
    law = law_of(spec)
    zero = np.array([0.0])
    below = float((law.cdf(zero) - law.atom(zero))[0])
    if not below <= 0:
        raise DistributionError(
            f"{below:.2g} of the probability lies below 0;"
            " say what becomes of it: `truncate: [0, ..]` (on condition of being above)"
            " or `at_least: 0` (raised to 0)"
        )
    try:
        mean, variance = law.mean, law.variance
    except OverflowError:
        mean = variance = math.inf
    if not (math.isfinite(mean) and math.isfinite(variance)):
        raise DistributionError(_NO_MOMENTS.format(mean, variance))
    return law
