"""How distributions are written: complete sets of parameters, quantiles, parts; no number more."""

from __future__ import annotations

import pytest

from carepath_sim.plan.distributions import CLOSED
from carepath_sim.scenario.grammar_distributions import FORMS, QUANTILES, distribution
from carepath_sim.scenario.reading import Wrong
from carepath_sim.units import DAY


@pytest.mark.parametrize(
    ("raw", "parameters"),
    [
        ({"lognormal": {"p25": "3 d", "p75": "9 d"}}, {"p25": 3.0, "p75": 9.0}),
        ({"lognormal": {"p50": "3 d", "p90": "9 d"}}, {"median": 3.0, "p90": 9.0}),
        ({"gamma": {"median": "3 d", "p99.9": "9 d"}}, {"median": 3.0, "p99.9": 9.0}),
        ({"weibull": {"quantiles": {"25 %": "3 d", "0.9": "9 d"}}}, {"p25": 3.0, "p90": 9.0}),
        ({"gamma": {"quantiles": {"90 %": "9 d"}, "p25": "3 d"}}, {"p25": 3.0, "p90": 9.0}),
        ({"exponential": {"p90": "9 d"}}, {"p90": 9.0}),
    ],
)
def test_quantiles_of_any_level(raw: object, parameters: dict[str, float]) -> None:
    found = distribution(raw)
    assert {k: v / DAY for k, v in found.parameters} == parameters


@pytest.mark.parametrize(
    ("raw", "path", "words"),
    [
        ({"gamma": {"p25": "1 d"}}, "gamma", "two quantiles such as `{p25, p75}`, found p25"),
        (
            {"gamma": {"p25": "1 d", "p50": "2 d", "p75": "3 d"}},
            "gamma",
            "found p25, p50 and p75; for more of them take `histogram`",
        ),
        ({"gamma": {"p25": "3 d", "p75": "2 d"}}, "gamma.p75", "above the 25 % quantile 3 d"),
        ({"gamma": {"p25": "0 d", "p75": "2 d"}}, "gamma.p25", "must be above 0, found 0 d"),
        ({"gamma": {"p0": "1 d", "p75": "2 d"}}, "gamma.p0", "above 0 and below 100"),
        ({"gamma": {"p100": "1 d", "p75": "2 d"}}, "gamma.p100", "unknown parameter"),
        ({"gamma": {"p50": "1 d", "median": "2 d"}}, "gamma.median", "given twice"),
        (
            {"gamma": {"quantiles": {"120 %": "1 d", "50 %": "2 d"}}},
            "gamma.quantiles.120 %",
            "between 0 and 1",
        ),
        ({"gamma": {"quantiles": ["1 d", "2 d"]}}, "gamma.quantiles", "found a list of 2"),
        ({"gamma": {"mean": "1 d", "p75": "2 d"}}, "gamma", "found mean and p75"),
        ({"lomax": {"p25": "1 d", "p75": "2 d"}}, "lomax.p25", "unknown parameter; lomax takes"),
        ({"exponential": {"mean": "1 d", "p75": "2 d"}}, "exponential", "found mean and p75"),
        ({"lognormal": {"mean": "3 d", "sd": "1 d", "cv": 0.3}}, "lognormal", "mean, sd and cv"),
        ({"lognormal": {"median": "3 d", "gsd": 1}}, "lognormal.gsd", "must be above 1"),
        ({"lomax": {"shape": 2, "scale": "1 d"}}, "lomax.shape", "variance is not finite"),
        ({"pareto": {"min": "0 d", "shape": 3}}, "pareto.min", "must be above 0"),
        ({"pert": {"min": "3 d", "mode": "2 d", "max": "4 d"}}, "pert.mode", "above min 3 d"),
        ({"triangular": {"min": "1 d", "mean": "9 d", "max": "4 d"}}, "triangular.max", "mean 9 d"),
        ({"coxian": {"mean": "3 d"}}, "coxian", "`{mean, sd}` or `{mean, cv}`, found mean"),
        (
            {"coxian": {"mean1": "1 d", "onward1": 1.2, "mean2": "1 d"}},
            "coxian.onward1",
            "between 0 and 1",
        ),
        ({"coxian": {"mean1": "1 d", "mean2": "1 d"}}, "coxian", "found mean1 and mean2"),
        (
            {"hyperexponential": [{"share": 0.7, "mean": "1 d"}, {"share": 0.2, "mean": "1 d"}]},
            "hyperexponential",
            "0.7 + 0.2 = 0.9",
        ),
        ({"hyperexponential": [{"share": 1}]}, "hyperexponential.0", "{share: 0.7, mean: 2 d}"),
        ({"zero_inflated": {"zero": 0.2}}, "zero_inflated", "`otherwise` is missing"),
        (
            {"zero_inflated": {"zero": 1.2, "otherwise": {"gamma": {"mean": "1 d"}}}},
            "zero_inflated.zero",
            "between 0 and 1",
        ),
        (
            {"zero_inflated": {"zero": 0.2, "otherwise": {"gamma": {"mean": "1 d"}}}},
            "zero_inflated.otherwise.gamma",
            "gamma takes",
        ),
        (
            {"histogram": {"edges": ["0 d", "1 d"], "weights": [1], "smooth": True}},
            "histogram.smooth",
            "even inside already",
        ),
        ({"empirical": {"values": ["1 d"], "smooth": 1}}, "empirical.smooth", "true or false"),
    ],
)
def test_too_many_too_few_or_impossible_parameters_are_refused(
    raw: object, path: str, words: str
) -> None:
    with pytest.raises(Wrong) as caught:
        distribution(raw)
    found = [(".".join(map(str, flaw.path)), flaw.message) for flaw in caught.value.flaws]
    assert any(where == path and words in said for where, said in found), found


def test_no_time_for_some_is_a_mixture_with_zero() -> None:
    found = distribution({"zero_inflated": {"zero": "20 %", "otherwise": "3 d"}})
    [(zero, nothing), (rest, fixed)] = found.parts
    assert (zero, rest) == pytest.approx((0.2, 0.8))
    assert (nothing.parameters, fixed.parameters) == ((("value", 0.0),), (("value", 3.0 * DAY),))
    assert found.text == "20 % no time, otherwise 3 d"


def test_what_the_grammar_takes_the_laws_take() -> None:
    """Every set of parameters of a file is one that the plan reads, and the other way round."""
    for family, forms in FORMS.items():
        if family == "hyperexponential":
            continue
        read = {frozenset(names.split(", ")) for names, _ in CLOSED[family]}
        written = {frozenset(form) for form in forms}
        quantiles = {frozenset({"median", "p90"})} if family in QUANTILES else set()
        unit = {frozenset({"mu", "sigma"})}
        assert written - quantiles == read - quantiles - unit, family
