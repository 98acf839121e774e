"""The predictive check: against the normal distribution, and the course of figures."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML
from scipy.stats import norm

import carepath_sim as cp
from carepath_sim.calibrate.course import by_period, months_of
from carepath_sim.calibrate.fit import Fit, calibrate
from carepath_sim.calibrate.foretold import expected, foretold, jointly
from carepath_sim.calibrate.targets import read_targets
from carepath_sim.experiment.objective import Objective
from carepath_sim.experiment.wanted import figure
from carepath_sim.report.fit_page import fit_page

from .test_samplers import CLERK

EVEN = norm.ppf((np.arange(2000) + 0.5) / 2000)


def with_luck(sd: float, luck: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return draws whose expectations vary by `sd`, each simulated twice with luck."""
    rng = np.random.default_rng(1)
    return np.asarray(3 + sd * EVEN[:, None] + luck * rng.standard_normal((2000, 2)))


@pytest.mark.parametrize("luck", [0.0, 1.0])
def test_pit_and_envelopes_are_those_of_the_normal_distribution(luck: float) -> None:
    """Draws N(3, 0.6²), error and discrepancy 0.8²: foretold is N(3, 1), whatever the luck was."""
    found = foretold(with_luck(0.6, luck), 4.0, 0.64)
    assert found.pit == pytest.approx(norm.cdf(1), abs=0.01)
    assert found.z == pytest.approx(1, abs=0.05)
    assert found.median == pytest.approx(3, abs=0.05)
    for (low, high), level in zip(found.ends, (0.8, 0.95), strict=True):
        half = norm.ppf(0.5 + level / 2)
        assert (low, high) == pytest.approx((3 - half, 3 + half), abs=0.06)
    assert found.holds(4.0) == (True, True)
    assert found.holds(4.5) == (False, True)
    assert found.holds(5.2) == (False, False)


def test_luck_of_the_simulation_is_taken_out_and_never_more_than_there_is() -> None:
    assert expected(with_luck(0.6, 1.0)).std() == pytest.approx(0.6, abs=0.05)
    assert expected(with_luck(0.0, 1.0)).std() < 0.15
    one = np.arange(5.0)[:, None]
    assert expected(one).tolist() == one[:, 0].tolist()


def test_figures_together_lie_as_far_out_as_their_covariance_says() -> None:
    still = np.zeros((50, 2))
    spread = np.array([[1.0, 0.8], [0.8, 1.0]])
    found = jointly([still, still], np.array([2.5, -2.5]), spread)
    assert found.distance == pytest.approx(2 * 2.5**2 / 0.2)
    assert found.chance == pytest.approx(np.exp(-found.distance / 2))  # chi-squared of two


def test_months_make_the_window_and_quarters_their_months() -> None:
    """Counts add up; what is used of beds is the mean of days, and others have weights."""
    given = {"clock.start": "2015-04-01", "clock.length": "91 d"}
    result = cp.run(cp.load(CLERK / "ward.yaml", sets=given), replications=2, workers=1)
    months = ["2015-04", "2015-05", "2015-06"]

    def of(name: str, *periods: str) -> tuple[list[list[float]], bool]:
        sums = Objective.parse(name)
        values, adds_up = by_period(sums, result, [months_of(one) for one in periods])
        return values.tolist(), adds_up

    starts, adds_up = of("starts[ward]", *months)
    quarter, _ = of("starts[ward]", "2015-Q2")
    yearly = figure(result, "starts[ward]")
    assert adds_up
    assert np.sum(starts, axis=1) == pytest.approx(np.ravel(quarter))
    assert np.ravel(quarter) * 365.25 / 91 == pytest.approx(yearly)
    people, adds_up = of("episodes_per_day[Sun]", "2015-Q2")
    assert not adds_up
    assert np.ravel(people) == pytest.approx(figure(result, "episodes_per_day[Sun]"))
    used, adds_up = of("occupancy_mean[beds]", "2015-Q2")
    assert not adds_up
    assert np.ravel(used) == pytest.approx(figure(result, "occupancy_mean[beds]"))
    window_only, _ = of("utilisation[beds]", "2015-Q2")
    assert np.isnan(window_only).all()


def test_targets_of_the_guide_can_be_read() -> None:
    text = (Path(__file__).parents[2] / "docs" / "guide" / "calibration.md").read_text("utf-8")
    blocks = re.findall(r"^```\n(targets:\n.*?)^```", text, re.MULTILINE | re.DOTALL)
    series, shares = (YAML(typ="safe").load(block) for block in blocks)
    shares["targets"] |= series["targets"]
    names = [one.name for one in read_targets(shares).targets]
    assert names == ["after_hospital.care_home", "after_hospital.died", "admissions"]


def fitted(folder: Path) -> Fit:
    """Fit the ward to two months of starts and to how people leave."""
    for file in CLERK.iterdir():
        (folder / file.name).write_text(file.read_text("utf-8"), encoding="utf-8")
    text = (CLERK / "fit.yaml").read_text(encoding="utf-8").replace("waves: 2", "waves: 1")
    text += "set: {clock.start: 2015-04-01, clock.length: 61 d, clock.warm_up: 2 d}\n"
    (folder / "fit.yaml").write_text(text, encoding="utf-8")
    said = "definition: d, period: spring, source: made up"
    (folder / "targets.yaml").write_text(
        "correlation: [{between: [starts, busy], observed: 0.3}]\n"
        "targets:\n"
        f"  starts: {{measure: 'starts[ward]', series: {{2015-04: 118, 2015-05: 131}}, "
        f"count: each, discrepancy: 3 %, use: fit, {said}}}\n"
        f"  busy: {{measure: 'occupancy_mean[beds]', value: 4, se: 0.2, discrepancy: 0.1, "
        f"use: fit, {said}}}\n"
        "  ways: {shares: {well: {measure: 'ends[ward]', count: 90}, "
        "ill: {measure: 'starts[ward]', count: 88}}, discrepancy: 0.02, use: validate, "
        f"{said}}}\n",
        encoding="utf-8",
    )
    return calibrate(folder, workers=1)


def test_a_series_is_fitted_by_its_mean_and_drawn_with_its_months(tmp_path: Path) -> None:
    found = fitted(tmp_path)
    starts = found.targets().set_index("target").loc["starts"]
    assert starts["observed"] == 124.5
    assert starts["se"] == pytest.approx(np.sqrt(118 + 131) / 2)
    assert starts["low80"] < 124.5 < starts["high80"]
    tall = found.predictive()
    mine = tall[tall["target"] == "starts"]
    by_draw = mine.pivot_table(index=["draw", "replication"], columns="period", values="value")
    assert list(by_draw) == ["2015-04", "2015-05", "window"]
    assert by_draw["window"].to_numpy() == pytest.approx(
        by_draw[["2015-04", "2015-05"]].mean(axis=1).to_numpy()
    )
    cuts = found.series(0)
    assert cuts.shape == (5, 2)
    assert (np.diff(cuts, axis=0) > 0).all()
    page = fit_page(found)
    assert page.count("<svg") == 6
    page = re.sub(r"</?span[^>]*>", "", page)
    for words in ("Of the 2 periods of starts", "All fitted figures together"):
        assert words in page
    assert found.summary()["together"]["fit"]["figures"] == 2
