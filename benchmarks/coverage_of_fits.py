"""Known truths fitted a hundred times: how often posterior intervals hold them.

For each fit two numbers of a small ward are drawn from their priors, the ward is simulated with
them, and what comes out is taken as observed, with its standard error. Each figure is observed in
replications of its own, since a fit takes the errors of its targets as independent.

    python benchmarks/coverage_of_fits.py --fits 100
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from carepath_sim.calibrate.calibration import load_calibration
from carepath_sim.calibrate.fitting import fit
from carepath_sim.calibrate.problem import Problem
from carepath_sim.calibrate.simulator import ModelSimulator

CLERK = Path(__file__).parents[1] / "tests" / "calibrate" / "clerk"
LEVELS = (0.8, 0.95)
OBSERVED = 4
"""Replications of which the mean is observed."""
FOR_ERRORS = 40
"""Replications by which its standard error is known."""


def main() -> int:
    """Print how often intervals hold the truth; exit code 1 where it is not as often as stated."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--fits", type=int, default=100)
    options.add_argument("--sampler", default="emulator")
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    began, rows = time.process_time(), []
    for number in range(given.fits):
        rows.append(one_fit(number, given.sampler))
        if given.out is not None:
            given.out.write_text("\n".join(map(str, rows)) + "\n", encoding="utf-8")
    held = np.array([row[0] for row in rows])  # fit, level, parameter
    well = True
    for k, level in enumerate(LEVELS):
        counts = held[:, k].sum(axis=0)
        error = 2.58 * np.sqrt(given.fits * level * (1 - level))
        well &= bool((np.abs(counts - level * given.fits) <= error).all())
        print(
            f"{level:.0%} intervals hold {counts.tolist()} of {given.fits} truths (± {error:.0f})"
        )
    first, last = (sum(row[k] for row in rows) for k in (1, 2))
    print(f"ruled out in the first wave: {first}; in any wave: {last}")
    print(f"{(time.process_time() - began) / given.fits:.1f} s of a processor a fit")
    return 0 if well and not first else 1


def one_fit(number: int, sampler: str) -> tuple[list[list[bool]], bool, bool]:
    """Return which intervals hold the truth, and whether it was ruled out at first and at all."""
    calibration = load_calibration(CLERK)
    settings = replace(
        calibration.settings, seed=1000 + number, replications=4, prior_points=32, waves=2,
        wave_points=16, sampler=sampler, draws=500, population=100, predictive_draws=20,
        predictive_replications=1, budget=400 if sampler == "emulator" else 20_000,
    )  # fmt: skip
    simulator = ModelSimulator(replace(calibration, settings=settings), 1, None)
    truth = np.random.default_rng([11, number]).random((1, len(calibration.parameters)))
    size = len(calibration.targets)
    made = simulator.values(truth, OBSERVED * size + FOR_ERRORS, "truth")[0]
    errors = made[OBSERVED * size :].std(axis=0, ddof=1) / np.sqrt(OBSERVED)
    z = np.array([made[j * OBSERVED : (j + 1) * OBSERVED, j].mean() for j in range(size)])
    problem = Problem(
        tuple(one.name for one in calibration.parameters),
        tuple(one.name for one in calibration.targets),
        z, errors**2, np.zeros(size), np.ones(size, dtype=bool),
    )  # fmt: skip
    simulator.spent = 0
    found = fit(problem, simulator, settings, force=True)
    first = bool(found.sieves[0].keeps(truth)[0])
    at_all = all(bool(one.keeps(truth)[0]) for one in found.sieves)
    held = []
    for level in LEVELS:
        ends = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.quantile(found.u, ends, axis=0) if len(found.u) else (truth[0] + 1, truth[0])
        held.append(((low <= truth[0]) & (truth[0] <= high)).tolist())
    return held, not first, not at_all


if __name__ == "__main__":
    sys.exit(main())
