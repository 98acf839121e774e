"""Every way to say the parameters of a family, over a grid, against SciPy."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from carepath_sim.plan.distributions import CLOSED, DistributionError, DistributionSpec, law_of
from carepath_sim.plan.quantile_fits import FITS
from carepath_sim.plan.quantiles import tabulate

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 86_400_000.0


def exact_laws() -> Iterator[tuple[str, str, Any, dict[str, float]]]:
    """Yield family, name, the law of SciPy, and the shape numbers that only this family has."""
    for scale in (DAY / 100, 9 * DAY):
        for sigma in (0.1, 0.6, 1.5):
            law = stats.lognorm(sigma, scale=scale)
            own = {"sigma": sigma, "gsd": math.exp(sigma), "mu": math.log(scale)}
            yield "lognormal", f"{sigma}", law, own
        for shape in (0.3, 1.0, 4.0, 80.0):
            own = {"shape": shape, "scale": scale, "rate": 1 / scale}
            yield "gamma", f"{shape}", stats.gamma(shape, scale=scale), own
        for k in (1, 2, 7):
            own = {"k": k, "rate": 1 / scale}
            yield "erlang", f"{k}", stats.gamma(k, scale=scale), own
        for shape in (0.5, 1.0, 3.0):
            own = {"shape": shape, "scale": scale}
            yield "weibull", f"{shape}", stats.weibull_min(shape, scale=scale), own
        for shape in (3.5, 8.0):
            own = {"shape": shape, "scale": scale}
            yield "loglogistic", f"{shape}", stats.fisk(shape, scale=scale), own
            yield "lomax", f"{shape}", stats.lomax(shape, scale=scale), own
            own = {"shape": shape, "min": scale}
            yield "pareto", f"{shape}", stats.pareto(shape, scale=scale), own
        for mu in (0.1, 1.0, 4.0):
            yield "inverse_gaussian", f"{mu}", stats.invgauss(mu, scale=scale / mu), {}
        yield "exponential", "", stats.expon(scale=scale), {"rate": 1 / scale}
        yield (
            "uniform",
            "",
            stats.uniform(scale, 2 * scale),
            {"min": scale, "max": 3 * scale},
        )
        for c in (0.0, 0.25, 1.0):
            ends = {"min": scale, "mode": scale * (1 + 4 * c), "max": 5 * scale}
            yield "triangular", f"{c}", stats.triang(c, scale, 4 * scale), ends
            yield "pert", f"{c}", stats.beta(1 + 4 * c, 5 - 4 * c, scale, 4 * scale), ends
        for a, b in ((0.5, 0.7), (2.0, 6.0)):
            own = {"min": scale, "max": 5 * scale, "alpha": a, "beta": b}
            yield "beta", f"{a} {b}", stats.beta(a, b, scale, 4 * scale), own


def readings() -> Iterator[Any]:
    """Yield every set of parameters of every law of the grid."""
    for family, name, law, own in exact_laws():
        mean, variance = map(float, law.stats(moments="mv"))
        sd = math.sqrt(variance)
        known = {
            "mean": mean,
            "sd": sd,
            "cv": sd / mean,
            "median": float(law.ppf(0.5)),
            "p90": float(law.ppf(0.9)),
            **own,
        }
        for names, _ in CLOSED[family]:
            if "mu_unit" in names:
                continue
            # Of the two laws with one mean and p90 the narrower one is meant.
            if names == "mean, p90" and own["sigma"] > 1.28:
                continue
            given = {one: known[one] for one in names.split(", ")}
            yield pytest.param(family, given, law, id=f"{family} {name} {names} of {mean:.3g}")
        if family in FITS:
            for low, high in ((0.25, 0.75), (0.05, 0.995)):
                given = {f"p{100 * q:.10g}": float(law.ppf(q)) for q in (low, high)}
                yield pytest.param(family, given, law, id=f"{family} {name} {low} of {mean:.3g}")


@pytest.mark.parametrize(("family", "given", "law"), list(readings()))
def test_every_reading_gives_the_law_within_a_thousandth(
    family: str, given: dict[str, float], law: Any
) -> None:
    """Mean, sd and 99.9th percentile of the table are those of SciPy within 0.1 %."""
    mean, variance = map(float, law.stats(moments="mv"))
    quantiles = law.ppf([0.5, 0.9, 0.999])
    table = tabulate(DistributionSpec(family, given))
    wanted = (mean, math.sqrt(variance), *map(float, quantiles))
    asked, drawn = table.asked, table.implied
    assert (asked.mean, asked.sd, asked.median, asked.p90, asked.p999) == pytest.approx(
        wanted, rel=1e-6
    )
    # Where a quarter of all values are next to nothing, the lowest quantiles do not matter.
    assert (drawn.mean, drawn.sd, drawn.median, drawn.p90, drawn.p999) == pytest.approx(
        wanted, rel=1e-3
    )


def test_the_grid_holds_every_family_and_every_set_of_parameters() -> None:
    tried = {(case.values[0], frozenset(case.values[1])) for case in readings()}
    for family, sets in CLOSED.items():
        for names, _ in sets:
            if family not in {"fixed", "normal"} and "mu" not in names:
                assert (family, frozenset(names.split(", "))) in tried, (family, names)


@pytest.mark.parametrize("level", [0.01, 0.5, 0.9, 0.999])
def test_an_exponential_from_any_quantile(level: float) -> None:
    name = "median" if level == 0.5 else f"p{level * 100:g}"
    value = float(stats.expon(scale=3 * DAY).ppf(level))
    assert tabulate(DistributionSpec("exponential", {name: value})).asked.mean == pytest.approx(
        3 * DAY, rel=1e-9
    )


@pytest.mark.parametrize(
    "given", [{"mean": 10.0, "sd": 3.0}, {"mean": 10.0, "cv": 0.3}, {"p10": 6.155345, "p50": 10.0}]
)
def test_a_normal_law_needs_a_word_on_what_lies_below_zero(given: dict[str, float]) -> None:
    with pytest.raises(DistributionError, match="truncate"):
        tabulate(DistributionSpec("normal", given))
    table = tabulate(DistributionSpec("normal", given, truncate=(0, 40)))
    exact = stats.truncnorm(-10 / 3, 10, loc=10, scale=3)
    assert table.implied.mean == pytest.approx(exact.mean(), rel=1e-3)
    assert table.implied.sd == pytest.approx(exact.std(), rel=1e-3)


@pytest.mark.parametrize("cv", [math.sqrt(0.5), 0.8, 1.0, 1.5, 4.0])
def test_two_phases_have_the_mean_and_cv_and_share_the_work(cv: float) -> None:
    """The first phase takes half of the mean, the second the other half on average."""
    law: Any = law_of(DistributionSpec("coxian", {"mean": DAY, "cv": cv}))
    assert law.mean == pytest.approx(DAY, rel=1e-12)
    assert math.sqrt(law.variance) == pytest.approx(cv * DAY, rel=1e-9)
    assert 1 / law.rates[0] == pytest.approx(DAY / 2)
    assert law.onward[0] / law.rates[1] == pytest.approx(DAY / 2)


def test_phases_by_their_means_or_rates_are_one_law() -> None:
    """1 day; three in ten go on for 20 more: a mean of 7, a variance of 1 + 0.3 x 800 - 36."""
    by_mean = DistributionSpec("coxian", {"mean1": DAY, "onward1": 0.3, "mean2": 20 * DAY})
    by_rate = DistributionSpec("coxian", {"rate1": 1 / DAY, "onward1": 0.3, "rate2": 0.05 / DAY})
    one, other = law_of(by_mean), law_of(by_rate)
    assert one.mean == pytest.approx(7 * DAY)
    assert one.variance == pytest.approx((1 + 0.3 * 800 - 36) * DAY**2)
    assert (other.mean, other.variance) == pytest.approx((one.mean, one.variance))


def test_ramps_join_values_and_keep_their_mean() -> None:
    """Shares 1/2, 1/4, 1/4 of 1, 2, 6: ramps a quarter wide stand around 0.5 and 0.75.

    1 up to 0.375, then up to 2 at 0.625, at once on to 6 at 0.875, and 6 to the end.
    """
    table = tabulate(DistributionSpec("empirical", values=(1, 1, 2, 6), smooth=True))
    x = np.array([0.0, 0.37, 0.5, 0.625, 0.75, 0.88, 0.99])
    assert table.draw(x) == pytest.approx([1, 1, 1.5, 2, 4, 6, 6], abs=1e-9)
    assert table.implied.mean == pytest.approx(2.5, rel=1e-12)


@pytest.mark.parametrize(
    "weights", [(), (1, 2, 3, 4, 5), (5, 0.1, 7, 0, 2), (1, 1, 1, 1, 1)], ids=str
)
def test_ramps_keep_the_mean_for_any_weights(weights: tuple[float, ...]) -> None:
    values = (0.0, 1.0, 4.0, 4.5, 30.0)
    table = tabulate(DistributionSpec("empirical", values=values, weights=weights, smooth=True))
    assert table.implied.mean == pytest.approx(np.average(values, weights=weights or None))
    assert table.v[0] == 0
    assert table.top == 30


def test_a_single_value_has_nothing_to_be_joined_with() -> None:
    table = tabulate(DistributionSpec("empirical", values=(3, 3), smooth=True))
    assert table.v.tolist() == [3, 3]


REFUSED = {
    "three quantiles": ("gamma", {"p25": 1, "p50": 2, "p75": 3}, "two quantiles such as"),
    "one quantile": ("gamma", {"p25": 1}, "two quantiles such as"),
    "quantile and mean": ("weibull", {"p25": 1, "mean": 2}, "found {mean, p25}"),
    "quantiles fall": ("weibull", {"p25": 2, "p75": 1}, "must rise with their level"),
    "too far apart for a variance": ("loglogistic", {"p25": 1, "p75": 9}, "shape of 1"),
    "lomax without variance": ("lomax", {"shape": 2, "scale": 1}, "shape above 2, found 2"),
    "lomax of small sd": ("lomax", {"mean": 2, "sd": 1}, "sd must be above the mean"),
    "pareto without variance": ("pareto", {"min": 1, "mean": 2}, "between min and twice the min"),
    "coxian too even": ("coxian", {"mean": 1, "cv": 0.5}, "at least 0.7071 times"),
    "gsd of 1": ("lognormal", {"median": 1, "gsd": 1}, "gsd must be above 1"),
    "beta too wide": ("beta", {"min": 0, "max": 1, "mean": 0.5, "sd": 0.6}, "sd lies below 0.5"),
    "pert mean": ("pert", {"min": 0, "mean": 5.5, "max": 6}, "between 1 and 5, found 5.5"),
    "triangular mean": ("triangular", {"min": 0, "mean": 5, "max": 6}, "between 2 and 4, found 5"),
    "uniform below 0": ("uniform", {"mean": 1, "sd": 1}, "lies below 0"),
    "three of a gamma": ("gamma", {"mean": 1, "sd": 1, "shape": 1}, "found {mean, sd, shape}"),
    "beta backwards": ("beta", {"min": 2, "max": 1, "alpha": 1, "beta": 1}, "max must be above"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_impossible_parameters_are_refused_with_the_reason(name: str) -> None:
    family, given, words = REFUSED[name]
    with pytest.raises(DistributionError, match=words):
        tabulate(DistributionSpec(family, given))


LIMITS = list(itertools.product([None, (0.0, 40 * DAY), (2 * DAY, 15 * DAY)], [None, 0.0, 3 * DAY]))


@pytest.mark.parametrize(("truncate", "at_least"), LIMITS)
@pytest.mark.parametrize(
    "spec",
    [
        DistributionSpec("lognormal", {"median": 6 * DAY, "gsd": 2.0}),
        DistributionSpec("gamma", {"p25": 3 * DAY, "p75": 9 * DAY}),
        DistributionSpec("loglogistic", {"median": 5 * DAY, "shape": 4.0}),
        DistributionSpec("beta", {"min": 0, "max": 20 * DAY, "alpha": 2.0, "beta": 3.0}),
        DistributionSpec("empirical", values=(DAY, 3 * DAY, 9 * DAY), smooth=True),
    ],
    ids=lambda spec: spec.family,
)
def test_limits_condition_first_and_raise_then(
    spec: DistributionSpec, truncate: tuple[float, float] | None, at_least: float | None
) -> None:
    """200,000 even draws of the law without limits, conditioned and raised by hand."""
    limited = tabulate(
        DistributionSpec(
            spec.family,
            spec.parameters,
            values=spec.values,
            smooth=spec.smooth,
            truncate=truncate,
            at_least=at_least,
        )
    )
    drawn = tabulate(spec).draw((np.arange(200_000) + 0.5) / 200_000)
    if truncate:
        drawn = drawn[(drawn >= truncate[0]) & (drawn <= truncate[1])]
    if at_least is not None:
        drawn = np.maximum(drawn, at_least)
    assert limited.implied.mean == pytest.approx(drawn.mean(), rel=2e-3)
    assert limited.implied.sd == pytest.approx(drawn.std(), rel=5e-3)
