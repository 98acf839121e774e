"""Which numbers matter, on two lines of beds that have nothing to do with one another."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import carepath_sim as cp
from carepath_sim.errors import ScenarioError
from carepath_sim.experiment import designs
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.sensitivity import DUMMY
from carepath_sim.report.sensitivity import noise_words
from carepath_sim.scenario.ranged import ranged, varied
from carepath_sim.statistics.indices import elementary_effects, sobol_indices
from carepath_sim.statistics.luck import error_by_luck, parts_of_variance

if TYPE_CHECKING:
    from carepath_sim.experiment.sensitivity import Sensitivity

FILE = Path(__file__).parent / "scenarios" / "ranges.yaml"
RATE, BEDS, STAY = (
    *("arrivals.first.rate", "pools.beds.capacity", "services.ward.stay.exponential.mean"),
)
HOME, AWAY = "services.ward.next.to.home", "services.ward.next.to.away"
PRICE, IDLE = "services.ward.cost.per_day", "services.home_visit.stay"
# With these the ward's bed days can only be moved by who comes, for how long, and by the beds.
SILENT = (HOME, AWAY, PRICE, IDLE)


@pytest.fixture(scope="module")
def wards() -> cp.Scenario:
    return cp.load(FILE)


@pytest.fixture(scope="module")
def tornado(wards: cp.Scenario) -> Sensitivity:
    return cp.sensitivity(wards, measures=("bed_days[ward]", "costs"), replications=5, workers=1)


def of(found: Sensitivity, measure: str) -> Any:
    table = found.table()
    return table[table["measure"] == measure].set_index("parameter")


def test_every_number_with_a_range_is_found(wards: cp.Scenario) -> None:
    known, left_out = ranged(wards)
    assert [one.name for one in known] == [RATE, BEDS, STAY, HOME, AWAY, PRICE, IDLE]
    assert left_out == ()
    by_name = {one.name: one for one in known}
    assert (by_name[RATE].low, by_name[RATE].value, by_name[RATE].high) == (0.3, 0.5, 0.7)
    assert by_name[RATE].quality == "assumption"
    assert by_name[BEDS].whole
    assert by_name[BEDS].at(0.3) == 6
    assert by_name[HOME].group == (
        ("services", "ward", "next", "to", "away"),
        ("services", "ward", "next", "to", "died"),
    )


def test_the_county_can_be_varied_throughout() -> None:
    """Each number of the bundled scenario is found in its own unit; shares know their group."""
    known, left_out = ranged(cp.load("buckinghamshire/to-be"))
    assert len(known) > 200
    assert left_out == ()
    for one in known:
        assert one.low <= one.value <= one.high, one.name
        assert one.low < one.high, one.name
    by_name = {one.name: one for one in known}
    assert len(by_name["population.bands.75-84.share"].group) == 4
    assert len(by_name["services.acute.stay.mixture[0].share"].group) == 1
    assert by_name["attributes.needs.shares[0].shares.unclear"].group
    assert by_name["pools.community_beds.capacity"].whole
    assert not by_name["services.reablement.visits.per_day"].whole
    assert by_name["services.gp_surgery.stay"].unit == "min"
    assert by_name["services.gp_surgery.stay"].high == 24 * 60


def test_one_share_is_had_exactly_and_the_others_give_way(wards: cp.Scenario) -> None:
    by_name = {one.name: one for one in ranged(wards)[0]}
    to = varied(wards, {by_name[HOME]: 0.9}).resolved()["services"]["ward"]["next"]["to"]
    assert to == pytest.approx({"home": 0.9, "away": 0.2 / 3, "died": 0.1 / 3})
    both = varied(wards, {by_name[HOME]: 0.9, by_name[AWAY]: 0.4})
    to = both.resolved()["services"]["ward"]["next"]["to"]
    assert sum(to.values()) == pytest.approx(1, abs=1e-12)
    weights = (0.9 * 0.3 / 0.1, 0.4 * 0.8 / 0.6, 0.1)
    assert list(to.values()) == pytest.approx([one / sum(weights) for one in weights])


def test_values_are_written_in_their_unit(wards: cp.Scenario) -> None:
    by_name = {one.name: one for one in ranged(wards)[0]}
    found = varied(wards, {by_name[STAY]: 9.25, by_name[BEDS]: 8.4, by_name[PRICE]: 90}).resolved()
    ward = found["services"]["ward"]
    assert ward["stay"]["exponential"]["mean"] == "9.25 d"
    assert ward["cost"]["per_day"] == "90 GBP"
    assert found["pools"]["beds"]["capacity"] == 8
    # A note stays, the range goes: the value may lie at or beyond its end.
    assert varied(wards, {by_name[IDLE]: 3}).resolved()["services"]["home_visit"]["stay"] == {
        "value": "3 d",
        "note": "changes nothing in the ward",
        "quality": "by hand",
    }


def test_what_changes_nothing_changes_exactly_nothing(tornado: Sensitivity) -> None:
    """Common luck: the home visits of others cannot move one bed day of the ward."""
    found = of(tornado, "bed_days[ward]")
    assert (found.loc[list(SILENT), "swing"] == 0).all()
    assert not found.loc[list(SILENT), "beyond_luck"].any()
    assert of(tornado, "costs").loc[PRICE, "swing"] > 0
    assert of(tornado, "costs").loc[IDLE, "swing"] == 0


def test_a_tornado_is_as_many_comparisons(tornado: Sensitivity, wards: cp.Scenario) -> None:
    low = cp.run(wards.set(STAY, "6 d"), replications=5, workers=1).summary()
    base = cp.run(wards, replications=5, workers=1).summary()
    names = ["measure", "stratum"]
    mean = [one.set_index(names)["mean"]["bed_days", "service:ward"] for one in (base, low)]
    row = of(tornado, "bed_days[ward]").loc[STAY]
    assert row["base"] == pytest.approx(mean[0])
    assert row["at_low"] == pytest.approx(mean[1])
    assert row["low_difference"] == pytest.approx(mean[1] - mean[0])
    assert row["low_difference_low"] < row["low_difference"] < row["low_difference_high"]


def test_prices_multiply_costs(tornado: Sensitivity) -> None:
    row = of(tornado, "costs").loc[PRICE]
    assert row["at_low"] == pytest.approx(0.8 * row["base"])
    assert row["at_high"] == pytest.approx(1.3 * row["base"])


def test_the_strongest_comes_first_and_the_best_known_effects_have_their_sign(
    tornado: Sensitivity,
) -> None:
    table = tornado.table()
    first = table[table["measure"] == "bed_days[ward]"]
    assert first["swing"].is_monotonic_decreasing
    assert first["parameter"].iloc[0] == RATE
    row = of(tornado, "bed_days[ward]").loc[RATE]
    assert row["low_difference"] < 0 < row["high_difference"]


def test_a_number_that_does_not_fit_is_left_out_and_said(wards: cp.Scenario) -> None:
    """Beside the 90th percentile of 9 d a median cannot be 10 d."""
    stay = {"lognormal": {"median": {"value": "6 d", "range": ["5 d", "10 d"]}, "p90": "9 d"}}
    odd = wards.set("services.ward.stay", stay)
    found = cp.sensitivity(
        odd,
        measures=("bed_days[ward]",),
        parameters=("services.ward.stay*", "arrivals.*"),
        replications=2,
        workers=1,
    )
    assert [one.name for one in found.parameters] == [RATE]
    assert found.left_out[0][0] == "services.ward.stay.lognormal.median"
    assert found.design.shape == (3, 1)
    with pytest.raises(OptionError, match="no number can be varied alone"):
        cp.sensitivity(odd, parameters=("services.ward.stay*",), replications=1, workers=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "sobel"}, "known: tornado, morris, sobol"),
        ({"parameters": ["pools.bed.capacity"]}, "did you mean 'pools.beds.capacity'"),
        ({"parameters": ["nothing.*"]}, "is one of 7"),
        ({"measures": ["bed_dys"]}, "did you mean 'bed_days'"),
        ({"method": "morris", "trajectories": 1}, "at least 2"),
    ],
)
def test_wrong_options_are_refused_in_words(
    wards: cp.Scenario, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        cp.sensitivity(wards, replications=1, workers=1, **options)


def test_a_scenario_without_ranges_has_no_sensitivity(after: cp.Scenario) -> None:
    with pytest.raises(OptionError, match="no number with a range"):
        cp.sensitivity(after)


def test_without_the_package_its_name_is_told(
    wards: cp.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(designs, "import_module", absent)
    with pytest.raises(OptionError, match="pip install"):
        cp.sensitivity(wards, "morris")


@pytest.mark.parametrize(
    ("method", "options"), [("morris", {"trajectories": 3}), ("sobol", {"samples": 4})]
)
def test_screening_and_shares_of_variance_know_what_does_nothing(
    wards: cp.Scenario, method: str, options: dict[str, int]
) -> None:
    pytest.importorskip("SALib")
    found = cp.sensitivity(
        wards,
        method,
        measures=("bed_days[ward]", "costs"),
        parameters=(STAY, IDLE, RATE),
        replications=3,
        workers=1,
        **options,
    )
    strength = {"morris": "mu_star", "sobol": "total"}[method]
    for measure in ("bed_days[ward]", "costs"):
        table = of(found, measure)
        assert table.loc[IDLE, strength] == 0
        assert table.loc[DUMMY, strength] == 0
        assert not table.loc[[IDLE, DUMMY], "beyond_luck"].any()
        assert table.loc[[STAY, RATE], strength].min() > 0
    noise = found.noise().set_index("measure")
    assert (noise["dummy"] == 0).all()
    assert (noise["dummy_without_common_luck"] > 0).all()
    assert noise[["parameters", "luck", "both"]].sum(axis=1).to_list() == pytest.approx([1, 1])
    assert len(list(noise_words(found))) == 2
    # Points at which only the dummy moves are not simulated twice.
    assert len(found.points()) == len(found.design)
    assert found.replicated()["value"].notna().all()
    assert found.plot.effects("costs").get_xlabel()


def ishigami(x: np.ndarray) -> np.ndarray:
    """The usual test function on the unit cube (Ishigami and Homma 1990), a = 7, b = 0.1."""
    one, two, three = (2 * np.pi * x - np.pi).T
    return np.asarray(np.sin(one) + 7 * np.sin(two) ** 2 + 0.1 * three**4 * np.sin(one))


def exact() -> tuple[list[float], list[float]]:
    """Its indices by the formulas of the book (Saltelli and others 2008, section 4.5)."""
    a, b, pi = 7.0, 0.1, math.pi
    first = 0.5 * (1 + b * pi**4 / 5) ** 2
    second = a**2 / 8
    both = b**2 * pi**8 * (1 / 18 - 1 / 50)
    whole = first + second + both
    return [first / whole, second / whole, 0.0], [
        (first + both) / whole,
        second / whole,
        both / whole,
    ]


def test_sobol_indices_of_a_known_function_are_found() -> None:
    pytest.importorskip("SALib")
    design = designs.sobol_design(3, 4096, seed=1)
    first, total = sobol_indices(ishigami(design), 3)
    assert first == pytest.approx(exact()[0], abs=0.03)
    assert total == pytest.approx(exact()[1], abs=0.03)
    found = designs.sobol_result(3, ishigami(design), 0.95, seed=1)
    # Our formulas, of which luck is reckoned, are those of the package.
    assert first == pytest.approx(found["first"], abs=1e-9)
    assert total == pytest.approx(found["total"], abs=1e-9)
    assert (abs(total - exact()[1]) < 3 * found["total_conf"]).all()


def test_morris_of_a_plane_is_its_slopes() -> None:
    pytest.importorskip("SALib")
    design = designs.morris_design(3, 6, seed=2)
    plane = design @ np.array([3.0, -2.0, 0.0])
    found = designs.morris_indices(design, plane, 0.95, seed=2)
    assert found["mu"] == pytest.approx([3, -2, 0])
    assert found["mu_star"] == pytest.approx([3, 2, 0])
    assert found["sigma"] == pytest.approx([0, 0, 0], abs=1e-9)
    bent = design[:, 0] * design[:, 1]
    ours = elementary_effects(design, bent)
    theirs = designs.morris_indices(design, bent, 0.95, seed=2)
    assert np.abs(ours).mean(axis=0) == pytest.approx(theirs["mu_star"])
    assert ours.std(axis=0, ddof=1) == pytest.approx(theirs["sigma"])


def test_a_sample_that_is_no_power_of_two_is_refused() -> None:
    with pytest.raises(OptionError, match="power of 2, such as 64, not 60"):
        designs.sobol_design(3, 60, seed=1)


def test_parts_of_variance_are_found_again() -> None:
    """Planted: 4 by the point, 9 by common luck, 1 by luck of the point."""
    luck = np.random.default_rng(11)
    points, n = 400, 300
    values = luck.normal(0, 2, (points, 1)) + luck.normal(0, 3, n) + luck.normal(0, 1, (points, n))
    parts = parts_of_variance(values)
    assert parts.parameters == pytest.approx(4 / 14, abs=0.05)
    assert parts.luck == pytest.approx(9 / 14, abs=0.06)
    assert parts.both == pytest.approx(1 / 14, abs=0.01)
    assert parts.noise == pytest.approx((1 / n) / (4 + 1 / n), rel=0.25)


def test_the_error_by_luck_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(12).normal(0, 1, (5, 20))
    found = error_by_luck(values, lambda means: means)
    assert found == pytest.approx(values.std(axis=1, ddof=1) / math.sqrt(20))
    assert np.isnan(error_by_luck(values[:, :1], lambda means: means)).all()


def test_a_point_that_is_no_scenario_ends_a_screening_with_its_reason(wards: cp.Scenario) -> None:
    by_name = {one.name: one for one in ranged(wards)[0]}
    with pytest.raises(ScenarioError):
        varied(wards, {by_name[STAY]: -3.0})


@pytest.mark.skipif(
    not os.environ.get("CAREPATH_NIGHTLY"),
    reason="by day `test_evaluate` holds it for whatever evaluates points",
)
def test_workers_change_nothing(wards: cp.Scenario) -> None:
    options: dict[str, Any] = {"measures": ("costs",), "parameters": (BEDS,), "replications": 2}
    one = cp.sensitivity(wards, workers=1, **options)
    two = cp.sensitivity(wards, workers=2, **options)
    assert (one.values == two.values).all()
