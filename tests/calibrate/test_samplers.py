"""Both samplers against a posterior that is known exactly, and the luck of points."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import carepath_sim as cp
from carepath_sim.calibrate.calibration import load_calibration
from carepath_sim.calibrate.conflict import left_out, slopes
from carepath_sim.calibrate.fitting import fit
from carepath_sim.calibrate.problem import Problem, seed_of
from carepath_sim.calibrate.settings import FitSettings
from carepath_sim.calibrate.simulator import ModelSimulator

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLERK = Path(__file__).parent / "clerk"
OBSERVED = np.array([0.9, 0.35])
ERROR = 0.05


class Formula:
    """A simulator of two figures of two numbers, with luck about them."""

    def __init__(self, luck: float, seed: int = 5) -> None:
        self.luck, self.seed = luck, seed
        self.spent = 0

    @staticmethod
    def means(u: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([u[:, 0] + 0.5 * u[:, 1], u[:, 1] - 0.3 * u[:, 0] ** 2])

    def values(
        self, points: NDArray[np.float64], replications: int, stage: str, *, first: int = 0
    ) -> NDArray[np.float64]:
        self.spent += len(points) * replications
        rng = np.random.default_rng([seed_of(self.seed, stage), first])
        luck = self.luck * rng.standard_normal((len(points), replications, 2))
        return np.asarray(self.means(points)[:, None, :] + luck)


class Twice(Formula):
    """One figure, observed twice."""

    @staticmethod
    def means(u: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([u[:, 0], u[:, 0]])


def problem() -> Problem:
    variance = np.full(2, ERROR**2)
    return Problem(("a", "b"), ("x", "y"), OBSERVED, variance, np.zeros(2), np.ones(2, bool))


def exact() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return posterior means and standard deviations, by summing over a fine grid."""
    line = (np.arange(400) + 0.5) / 400
    u = np.stack(np.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2)
    logs = -0.5 * (((Formula.means(u) - OBSERVED) / ERROR) ** 2).sum(axis=1)
    weights = np.exp(logs) / np.exp(logs).sum()
    mean = weights @ u
    return mean, np.sqrt(weights @ (u - mean) ** 2)


@pytest.mark.parametrize("sampler", ["emulator", "abc"])
def test_a_posterior_is_that_of_the_formula(sampler: str) -> None:
    """The prior is even on the unit square, so a sum over a grid is the truth.

    Of 200 draws worth at least 100 the mean has a standard error of a tenth of a standard
    deviation; half of one is allowed, for what the emulator does not know.
    """
    settings = FitSettings(
        "x", replications=8, prior_points=64, waves=2, wave_points=32, sampler=sampler,
        draws=400, population=200, predictive_draws=20, budget=10**6,
    )  # fmt: skip
    found = fit(problem(), Formula(0.05), settings)
    mean, deviation = exact()
    assert found.sampler == sampler
    assert found.worth > 100
    assert np.abs((found.u.mean(axis=0) - mean) / deviation).max() < 0.5
    assert (found.u.std(axis=0) / deviation).tolist() == pytest.approx([1, 1], abs=0.25)


def test_auto_takes_the_simulator_where_the_budget_allows_and_the_emulator_where_not() -> None:
    chosen = [
        fit(
            problem(),
            Formula(0.05),
            FitSettings(
                "x",
                replications=2,
                prior_points=32,
                waves=1,
                population=50,
                draws=100,
                predictive_draws=20,
                budget=budget,
            ),
        )
        for budget in (400, 4000)
    ]
    assert [one.sampler for one in chosen] == ["emulator", "abc"]
    assert all(len(one.u) == 100 for one in chosen)


def test_abc_ends_with_its_budget() -> None:
    """It is then worth less, and says so; it never spends more than it was given."""
    simulator = Formula(0.05)
    settings = FitSettings(
        "x", replications=2, prior_points=32, waves=1, sampler="abc", population=50, draws=100,
        predictive_draws=20, predictive_replications=1, budget=500,
    )  # fmt: skip
    found = fit(problem(), simulator, settings)
    assert simulator.spent <= 500
    assert 0 < found.worth < 50


def test_abc_on_the_ward_agrees_with_its_emulators(tmp_path: Path) -> None:
    """Two ways to the same posterior: medians lie within each other's middle four fifths."""
    fits = []
    for sampler, budget in (("emulator", 400), ("abc", 600)):
        folder = tmp_path / sampler
        folder.mkdir()
        for file in CLERK.iterdir():
            text = file.read_text(encoding="utf-8").replace(
                "sampler: emulator", f"sampler: {sampler}"
            )
            text = text.replace("budget: 400", f"budget: {budget}\npopulation: 50")
            text = text.replace("se: 0.03", "se: 0.1").replace("se: 60", "se: 250")
            (folder / file.name).write_text(text, encoding="utf-8")
        fits.append(cp.calibrate(folder, workers=1))
    by_emulator, by_abc = (one.parameters() for one in fits)
    assert [one.outcome.sampler for one in fits] == ["emulator", "abc"]
    assert (by_abc["median"] > by_emulator["p10"]).all()
    assert (by_abc["median"] < by_emulator["p90"]).all()
    assert (by_emulator["median"] > by_abc["p10"]).all()
    assert (by_emulator["median"] < by_abc["p90"]).all()


def test_points_have_luck_of_their_own_and_do_not_depend_on_company() -> None:
    """The same point twice in a stage gives two answers; the third alone gives its own again."""
    u = np.array([[0.5, 0.5], [0.5, 0.5], [0.2, 0.7]])
    together = ModelSimulator(load_calibration(CLERK), 1, None).values(u, 2, "wave 1")
    alone = ModelSimulator(load_calibration(CLERK), 1, None).values(u[2:], 2, "wave 1", first=4)
    other = ModelSimulator(load_calibration(CLERK), 1, None).values(u[2:], 2, "wave 2", first=4)
    assert (together[0] != together[1]).all()
    assert (together[2] == alone[0]).all()
    assert (alone != other).all()


def test_the_public_name_is_the_function_whatever_was_imported_before() -> None:
    """In a fresh program that imports a module of the room of the same name first."""
    words = (
        "import carepath_sim.calibrate.priors, carepath_sim as cp; import inspect; "
        "from carepath_sim.calibrate import priors; assert priors.Prior; "
        "assert inspect.isfunction(cp.calibrate), cp.calibrate"
    )
    subprocess.run([sys.executable, "-c", words], check=True)
    with pytest.raises(cp.CarepathError, match="no calibration"):
        cp.calibrate("nowhere/at-all")


@pytest.mark.parametrize(("observed", "is_left"), [((0.5, 0.75), True), ((0.4, 0.9), False)])
def test_targets_that_contradict_each_other_are_found(
    observed: tuple[float, float], *, is_left: bool
) -> None:
    """One figure observed twice, five or ten errors apart.

    Five are 3.5 deviations of a difference of two, and each lies 2.5 from their middle: something
    is left, and each is missed by what the other says. Of ten nothing is left.
    """
    settings = FitSettings(
        "x", replications=8, prior_points=32, waves=1, draws=100, predictive_draws=20, budget=400
    )
    given = replace(problem(), z=np.array(observed))
    found = fit(given, Twice(0.01), settings, force=True)
    assert (found.waves[-1]["left"] > 0) == is_left
    if is_left:
        told = left_out(given, found, seed=1)
        assert [abs(float(row["z"])) for row in told] == pytest.approx([3.5, 3.5], abs=0.3)


def test_targets_that_agree_are_in_no_conflict() -> None:
    settings = FitSettings(
        "x", replications=8, prior_points=32, waves=1, draws=100, predictive_draws=20, budget=700,
    )  # fmt: skip
    found = fit(problem(), Formula(0.05), settings)
    told = left_out(problem(), found, seed=1)
    assert [row["target"] for row in told] == ["x", "y"]
    assert all(abs(float(row["z"])) < 3 for row in told)
    assert slopes(problem(), found).shape == (2, 2)
    # x = a + b/2, over the whole of a one, over the whole of b a half, by an error of 0.05
    assert slopes(problem(), found)[0].tolist() == pytest.approx([20, 10], rel=0.2)
