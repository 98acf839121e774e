"""Errors that go together: against answers that are known in closed form, and refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from scipy.stats import norm

from carepath_sim.calibrate.calibration import load_calibration
from carepath_sim.calibrate.conflict import left_out
from carepath_sim.calibrate.fitting import Outcome, fit
from carepath_sim.calibrate.nroy import Sieve
from carepath_sim.calibrate.problem import Problem
from carepath_sim.calibrate.settings import FitSettings
from carepath_sim.calibrate.targets import Targets, read_targets
from carepath_sim.calibrate.together import Correlations, blocks, without_luck
from carepath_sim.errors import ScenarioError
from carepath_sim.scenario.reading import Wrong

from .test_samplers import CLERK, Formula

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WAYS = np.array([[1.0, 0.5], [0.4, 1.0]])
ERRORS = np.array([0.05, 0.08])
R = 0.8
OUTSIDE = np.outer(ERRORS, ERRORS) * np.array([[1.0, R], [R, 1.0]])


class Line(Formula):
    """Two figures, each a weighted sum of two numbers."""

    @staticmethod
    def means(u: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(u @ WAYS.T)


class Exact:
    """Stands for an emulator that knows the mean of a figure exactly."""

    def __init__(self, *weights: float) -> None:
        self.weights = np.array(weights)

    def predict(
        self, u: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the mean, and neither doubt nor luck."""
        return u @ self.weights, np.zeros(len(u)), np.zeros(len(u))


def sieve(of: Problem, *emulators: Exact) -> Sieve:
    """Return a wave with such emulators."""
    return Sieve(of, cast("Any", emulators), (0, 1), (0, 1), second=False)


def problem(r: float = R) -> Problem:
    observed = Correlations(np.array([[1.0, r], [r, 1.0]]), np.eye(2))
    return Problem(
        ("a", "b"), ("x", "y"), WAYS @ np.array([0.5, 0.45]), ERRORS**2, np.zeros(2),
        np.ones(2, bool), observed,
    )  # fmt: skip


@pytest.mark.parametrize("sampler", ["emulator", "abc"])
def test_a_posterior_with_errors_that_go_together_is_that_of_the_formula(sampler: str) -> None:
    """Of z = A u + e, e normal with covariance S, the posterior of u is normal.

    Its mean is A⁻¹ z and its covariance A⁻¹ S A⁻ᵀ; the unit square holds all but a thousandth of
    it. With independent errors the deviations were 0.09 and 0.11, and with these 0.04 and 0.07.
    """
    settings = FitSettings(
        "x", replications=4, prior_points=32, waves=2, wave_points=16, sampler=sampler,
        draws=400, population=150, predictive_draws=20, budget=10**6,
    )  # fmt: skip
    found = fit(problem(), Line(0.02), settings)
    back = np.linalg.inv(WAYS)
    spread = back @ OUTSIDE @ back.T
    deviation = np.sqrt(np.diag(spread))
    assert np.abs((found.u.mean(axis=0) - [0.5, 0.45]) / deviation).max() < 0.4
    assert (found.u.std(axis=0) / deviation).tolist() == pytest.approx([1, 1], abs=0.2)
    r = spread[0, 1] / deviation.prod()
    assert np.corrcoef(found.u, rowvar=False)[0, 1] == pytest.approx(r, abs=0.2)


def test_what_is_implausible_together_is_thrown_away_though_each_figure_is_near() -> None:
    """Two and a half deviations up and down at once: seldom with errors that rise together.

    With a correlation of 0.8 the distance in squares is 2 · 2.5² / (1 - 0.8) = 62.5.
    """
    gap = np.array([2.5, -2.5]) * ERRORS
    u = (np.array([0.5, 0.45]) + np.linalg.inv(WAYS) @ gap)[None]
    together = sieve(problem(), *(Exact(*row) for row in WAYS))
    # As improbable as so many deviations of one figure: chi-squared of two is exponential.
    expected = norm.isf(np.exp(-62.5 / 2) / 2)
    alone = replace(together, problem=problem(0.0))
    assert together.implausibility(u).shape == (1, 1)
    assert together.implausibility(u)[0, 0] == pytest.approx(expected)
    assert alone.implausibility(u)[0].tolist() == pytest.approx([2.5, 2.5])
    assert not together.keeps(u)[0]
    assert alone.keeps(u)[0]
    # One of the two may be wrong, so in a wave that leaves the worst out the point stays.
    assert replace(together, second=True).keeps(u)[0]


def test_a_target_is_foretold_by_the_error_of_another() -> None:
    """One figure observed twice, two errors apart: of errors that go together this is much."""
    errors = Correlations(np.array([[1.0, 0.9], [0.9, 1.0]]), np.eye(2))
    given = Problem(
        ("a", "b"), ("x", "y"), np.array([0.5, 0.6]), np.full(2, 0.05**2), np.zeros(2),
        np.ones(2, bool), errors,
    )  # fmt: skip
    found = Outcome([], sieves=[sieve(given, Exact(1, 0), Exact(1, 0))])
    told = left_out(given, found, seed=1)
    # y - x = e_y - e_x, with a variance of 2 (1 - 0.9) 0.05²
    expected = 0.1 / np.sqrt(0.2 * 0.05**2)
    assert [abs(float(row["z"])) for row in told] == pytest.approx([expected] * 2, rel=0.1)


def test_luck_is_taken_off_in_every_direction_and_by_half_at_most() -> None:
    outside, luck = np.diag([4.0, 1.0]), np.diag([1.0, 3.0])
    assert without_luck(outside, luck) == pytest.approx(np.diag([3.0, 0.5]))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    turned = without_luck(turn @ outside @ turn.T, turn @ luck @ turn.T)
    assert turned == pytest.approx(turn @ np.diag([3.0, 0.5]) @ turn.T)


def target(**changes: Any) -> dict[str, Any]:
    """Return a record of a target."""
    said = {"definition": "d", "period": "p", "discrepancy": 0.1, "source": "s", "use": "fit"}
    return {"measure": "starts[ward]", "value": 10, "se": 2, **said, **changes}


def three(**others: Any) -> dict[str, Any]:
    """Return a file of three targets."""
    return {"targets": {name: target() for name in "abc"}, **others}


def test_correlations_are_read_by_pairs_and_by_a_table(tmp_path: Path) -> None:
    pairs = [{"between": ["a", "c"], "observed": 0.5, "discrepancy": -0.2}]
    read = read_targets(three(correlation=pairs))
    (tmp_path / "errors.csv").write_text(",c,a\nc,4,2\na,2,4\n", encoding="utf-8")
    table = read_targets(three(covariance="errors.csv"), tmp_path)
    for one in (read, table):
        assert one.correlations.observed[0].tolist() == [1, 0, 0.5]
    assert read.correlations.discrepancy[0].tolist() == [1, 0, -0.2]
    assert blocks(read.correlations.outside(np.ones(3), np.ones(3))) == [[0, 2], [1]]
    # 2² · 0.5 of the observation, and 0.1² · -0.2 of the discrepancy
    outside = read.correlations.outside(np.full(3, 4.0), np.full(3, 0.01))
    assert outside[0, 2] == pytest.approx(1.998)


def test_shares_of_a_whole_go_together_without_being_told() -> None:
    """Counts 60, 30 and 10: the largest follows from the others, which are correlated.

    Dirichlet with half a count more in each: of 101.5 the second has 30.5, and its variance is
    p (1 - p) / 102.5; the correlation of the others is -sqrt(0.3 · 0.1 / (0.7 · 0.9)).
    """
    shares = {
        part: {"measure": f"exits[{part}]", "count": n}
        for part, n in {"home": 60, "bed": 30, "care": 10}.items()
    }
    record = {key: one for key, one in target().items() if key not in {"measure", "value", "se"}}
    read = read_targets({"targets": {"ways": {**record, "shares": shares}}})
    assert [one.name for one in read.targets] == ["ways.bed", "ways.care"]
    bed, care = read.targets
    assert (bed.value, care.value) == (0.3, 0.1)
    assert bed.se == pytest.approx(np.sqrt(30.5 / 101.5 * 71 / 101.5 / 102.5))
    assert bed.words.endswith("/ (exits[home] + exits[bed] + exits[care])")
    r = -np.sqrt(0.3 * 0.1 / (0.7 * 0.9))
    assert read.correlations.observed[0, 1] == pytest.approx(r)
    assert read.correlations.discrepancy[0, 1] == -0.5


def refused(read: dict[str, Any], folder: Path | None = None) -> str:
    """Return with which words a file of targets is refused."""
    with pytest.raises(Wrong) as error:
        read_targets(read, folder)
    return "; ".join(flaw.message for flaw in error.value.flaws)


def test_impossible_correlations_are_refused_and_what_would_be_possible_is_said() -> None:
    pairs = [
        {"between": two, "observed": r}
        for two, r in ((["a", "b"], 0.9), (["b", "c"], 0.9), (["a", "c"], -0.9))
    ]
    said = refused(three(correlation=pairs))
    assert said == (
        "no errors can be correlated so (observed: a, b, c): the matrix is not positive definite; "
        "with all of its correlations times 0.55 it would be"
    )
    for pair in pairs:
        pair["observed"] *= 0.55  # type: ignore[operator]  # a number
    assert isinstance(read_targets(three(correlation=pairs)), Targets)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"correlation": [{"between": ["a", "d"], "observed": 0.5}]}, "there is no target 'd'"),
        ({"correlation": [{"between": ["a", "b"], "observed": 1}]}, "between -1 and 1, found 1"),
        ({"correlation": [{"between": ["a", "a"], "observed": 0.5}]}, "two targets are needed"),
        ({"correlation": [{"between": ["a", "b"]}]}, "observed (or discrepancy) are needed"),
        ({"correlation": {"a": "b"}}, "a list of pairs is needed"),
        ({"covariance": "none.csv"}, "none.csv cannot be read"),
        ({"covariance": "wrong.csv"}, "the variance of a is 9, and by the file of targets"),
        ({"covariance": "bent.csv"}, "the same read across and down"),
        ({"covariance": "names.csv"}, "a square table is needed"),
    ],
)
def test_flawed_correlations_are_told(given: dict[str, Any], why: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_text(",a,b\na,9,1\nb,1,4\n", encoding="utf-8")
    (tmp_path / "bent.csv").write_text(",a,b\na,4,1\nb,2,4\n", encoding="utf-8")
    (tmp_path / "names.csv").write_text(",a,b\nb,4,1\na,1,4\n", encoding="utf-8")
    assert why in refused(three(**given), tmp_path)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"series": {"2014-04": 10, "2014-05": 12}}, "so it has no value"),
        ({"value": None, "se": None, "series": {"2014-04": 1, "2014-05": 2}}, "`count: each`"),
        ({"value": None, "series": {"2014-04": 10}}, "two months or quarters"),
        ({"value": None, "series": {"2014": 10, "2014-05": 1}}, "2014-04 or a quarter such as"),
        ({"value": None, "series": {"2014-04": 1, "2014-Q3": 1}}, "cannot stand in one series"),
    ],
)
def test_flawed_series_are_told(changes: dict[str, Any], why: str) -> None:
    made = {key: one for key, one in target(**changes).items() if one is not None}
    assert why in refused({"targets": {"a": made}})


def test_a_series_must_lie_in_what_is_simulated(tmp_path: Path) -> None:
    for file in CLERK.iterdir():
        (tmp_path / file.name).write_text(file.read_text("utf-8"), encoding="utf-8")
    text = (CLERK / "targets.yaml").read_text(encoding="utf-8")
    text = text.replace("value: 1461, se: 60", "series: {2015-04: 9, 2015-05: 9}, count: each")
    (tmp_path / "targets.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="does not simulate all of 2015-05; its whole months"):
        load_calibration(tmp_path)
