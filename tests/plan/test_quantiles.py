"""Quantile tables against SciPy, closed forms and sums done by hand."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from carepath_sim.errors import CarepathError
from carepath_sim.plan.distributions import DistributionError, DistributionSpec, accepted, law_of
from carepath_sim.plan.quantiles import (
    QuantileTable,
    _tabulated,
    residual,
    tabulate,
    unit_exponential,
)
from carepath_sim.plan.smooth_laws import Lognormal

DAY = 86_400_000.0
Z90 = stats.norm.ppf(0.9)
WEIBULL_SHAPE = math.log(math.log(10) / math.log(2)) / math.log(2.5)


def spec(family: str, **parameters: float) -> DistributionSpec:
    return DistributionSpec(family, parameters)


def mixture(*parts: tuple[float, DistributionSpec]) -> DistributionSpec:
    return DistributionSpec("mixture", parts=parts)


def engine_draw(table: QuantileTable, x: float) -> float:
    """The rule as the engines write it, one number at a time."""
    u, v = table.u, table.v
    i = min(int(np.searchsorted(u, x, side="right")) - 1, len(u) - 2)
    return float(v[i] + (v[i + 1] - v[i]) * ((x - u[i]) / (u[i + 1] - u[i])))


def assert_same(table: QuantileTable, exact: Any, *, tolerance: float = 1e-3) -> None:
    mean, variance = exact.stats(moments="mv")
    wanted = (float(mean), math.sqrt(variance), *exact.ppf([0.5, 0.9, 0.999]))
    found = table.implied
    assert (found.mean, found.sd, found.median, found.p90, found.p999) == pytest.approx(
        wanted, rel=tolerance
    )
    asked = table.asked
    assert (asked.mean, asked.sd, asked.median, asked.p90, asked.p999) == pytest.approx(
        wanted, rel=1e-6
    )


KNOWN = {
    "exponential mean": (spec("exponential", mean=3 * DAY), stats.expon(scale=3 * DAY)),
    "exponential rate": (spec("exponential", rate=0.5 / DAY), stats.expon(scale=2 * DAY)),
    "exponential median": (
        spec("exponential", median=math.log(2) * DAY),
        stats.expon(scale=DAY),
    ),
    "lognormal mean, sd": (
        spec("lognormal", mean=math.exp(0.5) * DAY, sd=math.sqrt(math.expm1(1) * math.e) * DAY),
        stats.lognorm(1, scale=DAY),
    ),
    "lognormal median, p90": (
        spec("lognormal", median=7 * DAY, p90=20 * DAY),
        stats.lognorm(math.log(20 / 7) / Z90, scale=7 * DAY),
    ),
    "lognormal median, mean": (
        spec("lognormal", median=7.7 * DAY, mean=9.3 * DAY),
        stats.lognorm(math.sqrt(2 * math.log(9.3 / 7.7)), scale=7.7 * DAY),
    ),
    "lognormal median, sigma": (
        spec("lognormal", median=DAY, sigma=0.8),
        stats.lognorm(0.8, scale=DAY),
    ),
    "lognormal mean, sigma": (
        spec("lognormal", mean=DAY, sigma=0.8),
        stats.lognorm(0.8, scale=DAY * math.exp(-0.32)),
    ),
    "lognormal mu, sigma of ms": (
        spec("lognormal", mu=math.log(DAY), sigma=0.8),
        stats.lognorm(0.8, scale=DAY),
    ),
    "lognormal mu, sigma of days": (
        spec("lognormal", mu=math.log(4), sigma=0.8, mu_unit=DAY),
        stats.lognorm(0.8, scale=4 * DAY),
    ),
    "lognormal mean, p90": (
        spec("lognormal", mean=DAY, p90=DAY * math.exp(0.7 * Z90 - 0.245)),
        stats.lognorm(0.7, scale=DAY * math.exp(-0.245)),
    ),
    "gamma mean, sd": (
        spec("gamma", mean=6 * DAY, sd=3 * DAY),
        stats.gamma(4, scale=1.5 * DAY),
    ),
    "gamma shape, scale": (
        spec("gamma", shape=0.4, scale=DAY),
        stats.gamma(0.4, scale=DAY),
    ),
    "gamma shape, mean": (
        spec("gamma", shape=50, mean=DAY),
        stats.gamma(50, scale=DAY / 50),
    ),
    "erlang": (spec("erlang", k=3, mean=6 * DAY), stats.gamma(3, scale=2 * DAY)),
    "weibull shape, scale": (
        spec("weibull", shape=0.6, scale=DAY),
        stats.weibull_min(0.6, scale=DAY),
    ),
    "weibull mean, sd": (
        spec(
            "weibull",
            mean=stats.weibull_min(1.7, scale=DAY).mean(),
            sd=stats.weibull_min(1.7, scale=DAY).std(),
        ),
        stats.weibull_min(1.7, scale=DAY),
    ),
    "weibull median, p90": (
        spec("weibull", median=2 * DAY, p90=5 * DAY),
        stats.weibull_min(WEIBULL_SHAPE, scale=2 * DAY / math.log(2) ** (1 / WEIBULL_SHAPE)),
    ),
    "uniform": (spec("uniform", min=DAY, max=3 * DAY), stats.uniform(DAY, 2 * DAY)),
    "triangular": (
        spec("triangular", min=DAY, mode=2 * DAY, max=5 * DAY),
        stats.triang(0.25, DAY, 4 * DAY),
    ),
    "triangular, mode at the start": (
        spec("triangular", min=DAY, mode=DAY, max=5 * DAY),
        stats.triang(0, DAY, 4 * DAY),
    ),
    "triangular, mode at the end": (
        spec("triangular", min=DAY, mode=5 * DAY, max=5 * DAY),
        stats.triang(1, DAY, 4 * DAY),
    ),
    "normal, conditional on being above 0": (
        DistributionSpec("normal", {"mean": DAY, "sd": DAY / 2}, truncate=(0, math.inf)),
        stats.truncnorm(-2, math.inf, loc=DAY, scale=DAY / 2),
    ),
    "scipy fisk": (
        DistributionSpec("scipy", {"c": 5.0, "scale": DAY}, name="fisk"),
        stats.fisk(5, scale=DAY),
    ),
    "scipy beta": (
        DistributionSpec("scipy", {"a": 0.5, "b": 2.0, "loc": DAY, "scale": DAY}, name="beta"),
        stats.beta(0.5, 2, loc=DAY, scale=DAY),
    ),
    "scipy pareto, shape 3": (
        DistributionSpec("scipy", {"b": 3.0, "scale": DAY}, name="pareto"),
        stats.pareto(3, scale=DAY),
    ),
    "scipy poisson": (
        DistributionSpec("scipy", {"mu": 4.5}, name="poisson"),
        stats.poisson(4.5),
    ),
    "scipy binom": (
        DistributionSpec("scipy", {"n": 5.0, "p": 0.3}, name="binom"),
        stats.binom(5, 0.3),
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_tables_have_the_moments_and_quantiles_that_scipy_gives(name: str) -> None:
    """Mean, sd, median, p90 and p99.9 agree within 0.1 %, for every reading of parameters."""
    described, exact = KNOWN[name]
    assert_same(tabulate(described), exact)


@pytest.mark.parametrize("name", KNOWN)
def test_the_distribution_function_is_close_everywhere(name: str) -> None:
    """No draw lies further than 0.002 in probability from where SciPy puts it."""
    described, exact = KNOWN[name]
    table = tabulate(described)
    x = (np.arange(2000) + 0.5) / 2000
    drawn = table.draw(x)
    slack = 1e-9 * drawn
    assert (exact.cdf(drawn - slack - 1e-12) <= x + 2e-3).all()
    assert (exact.cdf(drawn + slack) >= x - 2e-3).all()


@settings(max_examples=60, deadline=None)
@given(sigma=st.floats(0.1, 2.0), median=st.floats(1e3, 1e10))
def test_every_lognormal_up_to_sigma_2_is_within_a_thousandth(sigma: float, median: float) -> None:
    """Sigma 2 is a mean of 7.4 medians and an sd of 54: a heavier tail than any stay on record."""
    table = tabulate(spec("lognormal", median=median, sigma=sigma))
    assert_same(table, stats.lognorm(sigma, scale=median))
    assert 200 <= len(table.u) <= 1200


def test_no_silent_truncation_the_mean_of_a_heavy_tail_is_kept() -> None:
    """Sampling the table by strata gives the mean asked for, not a plausible smaller one."""
    table = tabulate(spec("lognormal", mean=18.1 * DAY, sd=60 * DAY))
    n = 2_000_000
    drawn = table.draw((np.arange(n) + 0.5) / n)
    assert drawn.mean() == pytest.approx(18.1 * DAY, rel=2e-3)
    assert table.implied.mean == pytest.approx(18.1 * DAY, rel=1e-3)
    assert table.implied.sd == pytest.approx(60 * DAY, rel=1e-3)


@pytest.mark.parametrize("name", KNOWN)
def test_tables_are_ordered_start_at_0_and_end_at_1(name: str) -> None:
    table = tabulate(KNOWN[name][0])
    assert table.u[0] == 0
    assert table.u[-1] == 1
    assert table.u[1] > 0
    assert table.u[-2] < 1
    assert (np.diff(table.u) >= 0).all()
    assert (np.diff(table.v) >= 0).all()
    assert (table.v >= 0).all()
    assert len(table.u) <= 4096
    assert table.top == table.v[-1]


def test_the_end_of_a_table_is_the_value_at_one_minus_a_billionth() -> None:
    table = tabulate(spec("lognormal", median=DAY, sigma=2))
    assert table.top == pytest.approx(stats.lognorm(2, scale=DAY).isf(1e-9), rel=1e-9)
    assert engine_draw(table, 1 - 2**-53) <= table.top


def test_tables_are_read_only_and_shared_between_equal_descriptions() -> None:
    one = tabulate(DistributionSpec("lognormal", {"mean": DAY, "sd": DAY}))
    other = tabulate(DistributionSpec("lognormal", (("sd", DAY), ("mean", DAY))))
    assert one is other
    with pytest.raises(ValueError, match="read-only"):
        one.v[0] = 1


def test_the_vector_draw_is_the_engines_rule() -> None:
    table = tabulate(mixture((0.25, spec("fixed", value=5)), (0.75, spec("exponential", mean=9))))
    x = np.random.default_rng(1).random(200)
    assert table.draw(x).tolist() == [engine_draw(table, float(y)) for y in x]


# --- fits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["lognormal", "weibull"])
def test_median_and_p90_come_out_as_stated(family: str) -> None:
    table = tabulate(spec(family, median=28 * DAY, p90=42 * DAY))
    assert table.implied.median == pytest.approx(28 * DAY, rel=1e-9)
    assert table.implied.p90 == pytest.approx(42 * DAY, rel=1e-9)
    assert engine_draw(table, 0.5) == pytest.approx(28 * DAY, rel=1e-9)


def test_mean_and_p90_of_a_lognormal_give_the_smaller_sigma() -> None:
    """Two laws share mean and p90; sigma and 2 x 1.2816 - sigma."""
    law = law_of(spec("lognormal", mean=DAY, p90=2 * DAY))
    assert law.mean == pytest.approx(DAY)
    assert float(law.sf(np.array([2 * DAY]))[0]) == pytest.approx(0.1)
    assert isinstance(law, Lognormal)
    assert law.sigma < Z90


@pytest.mark.parametrize("variation", [0.01, 0.3, 1.0, 2.0, 10.0])
def test_weibull_finds_the_shape_for_any_usual_variation(variation: float) -> None:
    law = law_of(spec("weibull", mean=DAY, sd=variation * DAY))
    assert law.mean == pytest.approx(DAY, rel=1e-9)
    assert math.sqrt(law.variance) == pytest.approx(variation * DAY, rel=1e-7)


def test_balanced_hyperexponential_has_mean_and_sd() -> None:
    table = tabulate(spec("hyperexponential", mean=DAY, sd=3 * DAY))
    assert table.asked.mean == pytest.approx(DAY, rel=1e-12)
    assert table.asked.sd == pytest.approx(3 * DAY, rel=1e-12)
    assert table.implied.sd == pytest.approx(3 * DAY, rel=1e-3)


# --- jumps ----------------------------------------------------------------------------------------


def test_a_fixed_value_is_two_knots() -> None:
    table = tabulate(spec("fixed", value=3_600_001))
    assert table.u.tolist() == [0, 1]
    assert table.v.tolist() == [3_600_001, 3_600_001]
    assert table.implied == table.asked
    assert table.implied.sd == 0


def test_a_stay_of_no_time_is_allowed() -> None:
    assert tabulate(spec("fixed", value=0)).v.tolist() == [0, 0]


def test_separate_values_are_steps_without_anything_in_between() -> None:
    """1 in half of the cases, 2 and 4 in a quarter each: never 3."""
    table = tabulate(DistributionSpec("histogram", values=(4, 1, 2, 1)))
    assert table.u.tolist() == [0, 0.5, 0.5, 0.75, 0.75, 1]
    assert table.v.tolist() == [1, 1, 2, 2, 4, 4]
    drawn = table.draw(np.array([0, 0.25, np.nextafter(0.5, 0), 0.5, 0.7, 0.75, 1 - 2**-53]))
    assert drawn.tolist() == [1, 1, 1, 2, 2, 4, 4]
    assert table.implied.mean == 2
    assert table.implied.sd == pytest.approx(math.sqrt(1.5))


def test_weights_of_values_are_counts_and_empty_values_vanish() -> None:
    table = tabulate(DistributionSpec("empirical", values=(1, 2, 9), weights=(30, 10, 0)))
    assert table.u.tolist() == [0, 0.75, 0.75, 1]
    assert table.v.tolist() == [1, 1, 2, 2]


def test_a_histogram_is_its_edges() -> None:
    """An empty bin is a jump."""
    table = tabulate(DistributionSpec("histogram", edges=(0, 1, 2, 5, 10), weights=(1, 2, 0, 1)))
    assert table.u.tolist() == [0, 0.25, 0.75, 0.75, 1]
    assert table.v.tolist() == [0, 1, 2, 5, 10]
    assert table.implied.mean == pytest.approx(0.25 * 0.5 + 0.5 * 1.5 + 0.25 * 7.5)
    second = (1 / 3 + 2 * 7 / 3 + 875 / 15) / 4
    assert table.implied.sd == pytest.approx(math.sqrt(second - table.implied.mean**2))


def test_poisson_numbers_are_whole() -> None:
    table = tabulate(DistributionSpec("scipy", {"mu": 4.5}, name="poisson"))
    drawn = table.draw(np.random.default_rng(2).random(1000))
    assert (drawn == np.round(drawn)).all()


# --- mixtures -------------------------------------------------------------------------------------


def test_a_mixture_of_lognormals_has_the_mixed_distribution_function() -> None:
    short, long = stats.lognorm(0.5, scale=DAY), stats.lognorm(1.0, scale=20 * DAY)
    table = tabulate(
        mixture(
            (0.7, spec("lognormal", median=DAY, sigma=0.5)),
            (0.3, spec("lognormal", median=20 * DAY, sigma=1)),
        )
    )
    u, v = table.u[1:-1], table.v[1:-1]
    assert 0.7 * short.cdf(v) + 0.3 * long.cdf(v) == pytest.approx(u, abs=1e-8)
    mean = 0.7 * short.mean() + 0.3 * long.mean()
    second = 0.7 * short.moment(2) + 0.3 * long.moment(2)
    assert table.implied.mean == pytest.approx(mean, rel=1e-3)
    assert table.implied.sd == pytest.approx(math.sqrt(second - mean**2), rel=1e-3)


def test_a_share_that_takes_no_time_is_exact() -> None:
    table = tabulate(mixture((0.3, spec("fixed", value=0)), (0.7, spec("exponential", mean=DAY))))
    assert (table.draw(np.linspace(0, 0.2999, 50)) == 0).all()
    assert engine_draw(table, 0.3 + 1e-9) == pytest.approx(1e-9 / 0.7 * DAY, rel=0.01)
    assert engine_draw(table, 0.65) == pytest.approx(math.log(2) * DAY, rel=1e-3)
    assert table.implied.mean == pytest.approx(0.7 * DAY, rel=1e-3)


def test_a_value_inside_a_continuous_part_keeps_its_share() -> None:
    """A quarter stays exactly a week, the others up to four weeks evenly."""
    table = tabulate(
        mixture((0.25, spec("fixed", value=7 * DAY)), (0.75, spec("uniform", min=0, max=28 * DAY)))
    )
    at_week = 0.75 / 4
    assert table.u.tolist() == pytest.approx([0, at_week, at_week + 0.25, 1])
    assert table.v.tolist() == [0, 7 * DAY, 7 * DAY, 28 * DAY]


def test_nobody_falls_into_the_gap_between_two_parts() -> None:
    gap = tabulate(
        mixture(
            (0.4, spec("triangular", min=0, mode=1 * DAY, max=2 * DAY)),
            (0.6, spec("triangular", min=5 * DAY, mode=6 * DAY, max=7 * DAY)),
        )
    )
    drawn = gap.draw(np.append(np.linspace(0, 1, 10_001)[:-1], [0.4, np.nextafter(0.4, 0)]))
    assert not ((drawn > 2.0001 * DAY) & (drawn < 4.9999 * DAY)).any()
    assert gap.implied.mean == pytest.approx((0.4 * 1 + 0.6 * 6) * DAY, rel=1e-3)


def test_mixtures_nest_and_parts_may_be_clipped() -> None:
    inner = mixture((0.5, spec("exponential", mean=DAY)), (0.5, spec("exponential", mean=9 * DAY)))
    clipped = DistributionSpec("normal", {"mean": 0.0, "sd": DAY}, at_least=0.0)
    table = tabulate(mixture((0.5, inner), (0.5, clipped)))
    assert table.implied.mean == pytest.approx(
        0.5 * 5 * DAY + 0.5 * DAY / math.sqrt(2 * math.pi), rel=1e-3
    )
    assert engine_draw(table, 0.2) == 0


def test_a_coxian_with_one_exit_is_an_erlang() -> None:
    chain = {"rate1": 3 / DAY, "onward1": 1.0, "rate2": 3 / DAY, "onward2": 1.0, "rate3": 3 / DAY}
    assert_same(tabulate(DistributionSpec("coxian", chain)), stats.gamma(3, scale=DAY / 3))


def test_a_coxian_with_early_exits_agrees_with_the_sum_over_its_paths() -> None:
    """Leave after phase 1 (0.8), or go through both phases (0.2)."""
    a, b = 1 / DAY, 0.1 / DAY
    law = law_of(DistributionSpec("coxian", {"rate1": a, "onward1": 0.2, "rate2": b}))
    x = np.array([1e-6, 0.01, 1, 10, 100, 200]) * DAY
    both = (a * np.exp(-b * x) - b * np.exp(-a * x)) / (a - b)
    assert law.sf(x) == pytest.approx(0.8 * np.exp(-a * x) + 0.2 * both, rel=1e-9)
    assert law.mean == pytest.approx(DAY + 0.2 * 10 * DAY)


# --- conditioning and clipping --------------------------------------------------------------------


def test_truncate_is_conditional_and_at_least_is_a_clip() -> None:
    """From an exponential of mean 1: conditional on [1, inf) the mean is 2, clipped 1 + 1/e."""
    conditional = tabulate(DistributionSpec("exponential", {"mean": 1}, truncate=(1, math.inf)))
    clipped = tabulate(DistributionSpec("exponential", {"mean": 1}, at_least=1))
    assert conditional.asked.mean == pytest.approx(2, rel=1e-9)
    assert conditional.asked.sd == pytest.approx(1, rel=1e-9)
    assert conditional.implied.mean == pytest.approx(2, rel=1e-3)
    assert clipped.asked.mean == pytest.approx(1 + math.exp(-1), rel=1e-9)
    assert clipped.implied.mean == pytest.approx(1 + math.exp(-1), rel=1e-3)
    assert engine_draw(clipped, 1 - math.exp(-1) - 1e-6) == 1
    assert conditional.v[0] == 1


def test_truncate_on_both_sides_agrees_with_numerical_integration() -> None:
    law, low, high = stats.lognorm(1.2, scale=5.0), 1.0, 30.0
    table = tabulate(
        DistributionSpec("lognormal", {"median": 5, "sigma": 1.2}, truncate=(low, high))
    )
    kept = law.cdf(high) - law.cdf(low)
    mean = integrate.quad(lambda x: x * law.pdf(x), low, high)[0] / kept
    second = integrate.quad(lambda x: x * x * law.pdf(x), low, high)[0] / kept
    assert table.asked.mean == pytest.approx(mean, rel=1e-8)
    assert table.asked.sd == pytest.approx(math.sqrt(second - mean**2), rel=1e-8)
    assert (table.v[0], table.top) == (low, high)


def test_truncate_keeps_the_bounds_and_cuts_atoms_outside() -> None:
    table = tabulate(DistributionSpec("histogram", values=(1, 2, 3, 4), truncate=(2, 3)))
    assert table.u.tolist() == [0, 0.5, 0.5, 1]
    assert table.v.tolist() == [2, 2, 3, 3]


def test_truncate_comes_before_at_least() -> None:
    table = tabulate(
        DistributionSpec("uniform", {"min": 0, "max": 10}, truncate=(0, 4), at_least=2)
    )
    assert table.u.tolist() == [0, 0.5, 1]
    assert table.v.tolist() == [2, 2, 4]


def test_a_tail_without_variance_may_be_cut_explicitly() -> None:
    table = tabulate(
        DistributionSpec("scipy", {"b": 1.5, "scale": DAY}, name="pareto", truncate=(0, 100 * DAY))
    )
    kept = 1 - 100**-1.5
    assert table.asked.mean == pytest.approx(3 * (1 - 100**-0.5) / kept * DAY, rel=1e-8)
    assert table.top <= 100 * DAY


# --- residual -------------------------------------------------------------------------------------


def test_the_residual_of_an_exponential_is_itself() -> None:
    table = residual(tabulate(spec("exponential", mean=DAY)))
    assert_same_loosely(table, stats.expon(scale=DAY))


def assert_same_loosely(table: QuantileTable, exact: Any) -> None:
    """A residual of a table, against the residual of the exact law."""
    x = np.linspace(0.001, 0.9999, 500)
    assert exact.cdf(table.draw(x)) == pytest.approx(x, abs=1e-4)
    assert table.implied.mean == pytest.approx(exact.mean(), rel=1e-3)
    assert table.implied.sd == pytest.approx(exact.std(), rel=2e-3)


@pytest.mark.parametrize("sigma", [0.3, 0.8, 1.2, 1.6])
def test_the_residual_of_a_lognormal_follows_its_closed_form(sigma: float) -> None:
    """F_e(t) = Phi((ln t - mu - sigma^2) / sigma) + t / mean x P(S > t)."""
    stay = stats.lognorm(sigma, scale=DAY)
    table = residual(tabulate(spec("lognormal", median=DAY, sigma=sigma)))
    x = np.linspace(0.001, 0.9999, 500)
    t = table.draw(x)
    closed = stats.norm.cdf((np.log(t / DAY) - sigma**2) / sigma) + t / stay.mean() * stay.sf(t)
    assert closed == pytest.approx(x, abs=2e-4)
    assert table.implied.mean == pytest.approx(stay.moment(2) / (2 * stay.mean()), rel=2e-3)


def test_the_residual_of_a_fixed_stay_is_uniform() -> None:
    table = residual(tabulate(spec("fixed", value=10 * DAY)))
    x = np.linspace(0, 0.999, 200)
    assert table.draw(x) == pytest.approx(x * 10 * DAY, abs=1.0)
    assert table.asked.mean == pytest.approx(5 * DAY)


def test_the_residual_of_steps_is_piecewise_linear() -> None:
    """Stays of 1 or 3: P(S > x) is 1 up to 1, then a half up to 3; both pieces weigh the same."""
    table = residual(tabulate(DistributionSpec("histogram", values=(1, 3))))
    assert table.draw(np.array([0.25, 0.5, 0.75])) == pytest.approx([0.5, 1, 2], abs=1e-3)
    assert table.asked.mean == pytest.approx((1 + 9) / 2 / (2 * 2))


def test_the_residual_of_a_stay_that_may_take_no_time_ignores_the_zeros() -> None:
    some = mixture((0.9, spec("fixed", value=0)), (0.1, spec("exponential", mean=DAY)))
    assert_same_loosely(residual(tabulate(some)), stats.expon(scale=DAY))


def test_stays_of_no_time_leave_no_residual() -> None:
    with pytest.raises(DistributionError, match="length 0"):
        residual(tabulate(spec("fixed", value=0)))


def test_the_unit_exponential_has_mean_one() -> None:
    table = unit_exponential()
    h, v = np.diff(table.u), table.v
    assert float(h @ (v[1:] + v[:-1])) / 2 == pytest.approx(1, abs=1e-6)
    assert table.implied.sd == pytest.approx(1, abs=1e-4)
    assert table.implied.p999 == pytest.approx(math.log(1000), rel=1e-4)
    x = np.linspace(0, 0.99999, 1000)
    assert table.draw(x) == pytest.approx(-np.log1p(-x), rel=2e-3, abs=1e-4)
    assert table is unit_exponential()


# --- refusals -------------------------------------------------------------------------------------

REFUSED = {
    "unknown family": (spec("lognorm", mean=1), "unknown family 'lognorm'; known are beta, coxian"),
    "unknown combination": (
        spec("lognormal", mean=1, mode=1),
        r"\{mean, sd\} or \{median, p90\} or .*found \{mean, mode\}",
    ),
    "too many parameters": (spec("gamma", mean=1, sd=1, shape=2), r"found \{mean, sd, shape\}"),
    "no parameters": (spec("exponential"), "found {nothing}"),
    "nan": (spec("exponential", mean=math.nan), "mean must be a finite number, found nan"),
    "infinite": (spec("lognormal", mean=math.inf, sd=1), "finite number, found inf"),
    "zero sd": (spec("lognormal", mean=1, sd=0), "sd must be above 0"),
    "p90 below median": (spec("lognormal", median=2, p90=1), "p90 must be above median"),
    "mean below median": (spec("lognormal", median=2, mean=1), "mean must be above median"),
    "p90 below mean": (spec("lognormal", mean=2, p90=1), "p90 must be above mean"),
    "p90 too far above mean": (spec("lognormal", mean=1, p90=3), "at most 2.27"),
    "overflow": (spec("lognormal", median=1, sigma=100), "must be finite, found mean inf"),
    "half an erlang phase": (spec("erlang", k=2.5, mean=1), "whole number"),
    "uniform backwards": (spec("uniform", min=2, max=1), "max must be above min"),
    "mode outside": (spec("triangular", min=1, mode=4, max=3), "mode must lie between"),
    "negative value": (spec("fixed", value=-1), "1 of the probability lies below 0"),
    "normal": (spec("normal", mean=2, sd=1), "0.023 of the probability lies below 0.*truncate"),
    "hyperexponential below 1": (spec("hyperexponential", mean=2, sd=1), "sd must be above mean"),
    "shares of a mixture": (mixture((0.5, spec("fixed", value=1))), "sum of 0.5"),
    "negative share": (
        mixture((1.5, spec("fixed", value=1)), (-0.5, spec("fixed", value=2))),
        "0 or more",
    ),
    "part of a mixture": (
        mixture((1.0, spec("gamma", mean=1))),
        r"gamma takes \{mean, sd\}",
    ),
    "mixture without parts": (DistributionSpec("mixture"), "mixture takes parts"),
    "weights missing": (
        DistributionSpec("histogram", edges=(0, 1, 2), weights=(1,)),
        "needs 2 weights .* found 1",
    ),
    "edges fall": (DistributionSpec("histogram", edges=(0, 2, 1), weights=(1, 1)), "must rise"),
    "all weights 0": (DistributionSpec("histogram", values=(1, 2), weights=(0, 0)), "not all 0"),
    "edges and values": (
        DistributionSpec("histogram", edges=(0, 1), values=(1,), weights=(1,)),
        "both edges and values",
    ),
    "edges of a gamma": (DistributionSpec("gamma", {"mean": 1, "sd": 1}, edges=(1,)), "no edges"),
    "coxian chain broken": (spec("coxian", rate1=1, rate2=1), "coxian takes {rate1, onward1"),
    "coxian dead end": (spec("coxian", rate1=1, onward1=0, rate2=1), "onward1 must be above 0"),
    "not in scipy": (DistributionSpec("scipy", {"a": 1}, name="gama"), "no distribution 'gama'"),
    "no distribution of scipy": (DistributionSpec("scipy", name="kstest"), "no distribution"),
    "scipy keyword": (DistributionSpec("scipy", {"shape": 1}, name="gamma"), "takes a, loc, scale"),
    "scipy value": (DistributionSpec("scipy", {"a": -1}, name="gamma"), "does not exist for a -1"),
    "pareto without variance": (
        DistributionSpec("scipy", {"b": 2.0}, name="pareto"),
        "finite, found mean 2 and variance inf",
    ),
    "cauchy": (
        DistributionSpec("scipy", name="cauchy", truncate=(0, math.inf)),
        "mean and variance must be finite",
    ),
    "half cauchy": (DistributionSpec("scipy", name="halfcauchy"), "must be finite"),
    "clipping does not help a tail": (
        DistributionSpec("scipy", {"b": 1.5}, name="pareto", at_least=2),
        "must be finite",
    ),
    "too heavy for a table": (
        DistributionSpec("scipy", {"b": 2.01}, name="pareto"),
        "tail is too heavy.*1 - 1e-9 .*truncate",
    ),
    "too many values": (
        DistributionSpec("scipy", {"mu": 1e6}, name="poisson"),
        "at most 2000 different values",
    ),
    "bounds the wrong way": (
        DistributionSpec("exponential", {"mean": 1}, truncate=(2, 1)),
        r"found \[2, 1\]",
    ),
    "nothing left": (
        DistributionSpec("exponential", {"mean": 1}, truncate=(100, 200)),
        "of the probability",
    ),
    "at_least nan": (DistributionSpec("exponential", {"mean": 1}, at_least=math.nan), "at_least"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_reason(name: str) -> None:
    described, reason = REFUSED[name]
    with pytest.raises(DistributionError, match=reason):
        tabulate(described)


def test_a_refusal_says_what_the_distribution_was_for() -> None:
    with pytest.raises(
        DistributionError, match=r"^acute\.stay: exponential: mean must be"
    ) as error:
        tabulate(spec("exponential", mean=-1), what="acute.stay")
    assert isinstance(error.value, CarepathError)
    assert isinstance(error.value, ValueError)


def test_every_family_says_what_it_takes() -> None:
    assert accepted("triangular") == ("{min, mode, max}", "{min, mean, max}")
    assert "{mean, p90}" in accepted("lognormal")
    assert accepted("scipy")
    assert accepted("nonsense") == ()


# --- cost -----------------------------------------------------------------------------------------


def test_common_families_do_not_load_scipy_stats() -> None:
    """`scipy.stats` takes most of a second."""
    code = """
import sys
from carepath_sim.plan.quantiles import tabulate, unit_exponential, residual
from carepath_sim.plan.distributions import DistributionSpec as S
assert not any(m.startswith("scipy") for m in sys.modules), "importing loads SciPy"
unit_exponential()
one = S("lognormal", {"mean": 9.0, "sd": 5.0})
residual(tabulate(one))
for s in (S("gamma", {"mean": 9.0, "sd": 5.0}), S("weibull", {"mean": 9.0, "sd": 5.0}),
          S("mixture", parts=((0.5, one), (0.5, S("fixed", {"value": 0.0})))),
          S("coxian", {"rate1": 1.0, "onward1": 0.5, "rate2": 0.1}),
          S("normal", {"mean": 9.0, "sd": 5.0}, at_least=0.0)):
    tabulate(s)
assert "scipy.stats" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_lognormal_takes_a_few_milliseconds() -> None:
    """The best of several runs, so that a busy machine does not fail it; usually about 1 ms."""
    tabulate(spec("lognormal", median=DAY, sigma=0.99))
    best = math.inf
    for k in range(10):
        one = spec("lognormal", median=DAY, sigma=1 + k / 1000)
        _tabulated.cache_clear()
        start = time.perf_counter()
        tabulate(one)
        best = min(best, time.perf_counter() - start)
    assert best < 0.010


@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("weibull", {"shape": 1e18, "scale": 1e9}),
        ("weibull", {"shape": 1e15, "scale": 1e-9}),
        ("weibull", {"shape": 1e12, "scale": 1e-300}),
        ("lognormal", {"mean": 1e9, "cv": 1e-300}),
        ("erlang", {"k": 1e300, "mean": 1e6}),
        ("gamma", {"shape": 1e-300, "scale": 1e-30}),
        ("coxian", {"mean": 1e-9, "cv": 1e300}),
        ("coxian", {"mean": 1e9, "cv": 1e300}),
    ],
)
def test_a_law_that_leaves_the_range_of_numbers_is_refused_in_words(
    family: str, parameters: dict[str, float]
) -> None:
    """A variance of 0 was divided by, and one below 0 had its root taken."""
    with pytest.raises(DistributionError, match="beyond what can be computed"):
        tabulate(DistributionSpec(family, parameters))
