"""A small county before and after, loaded and simulated once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import carepath_sim as cp

if TYPE_CHECKING:
    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario


SCENARIOS = Path(__file__).parent / "scenarios"


@pytest.fixture(scope="package")
def before() -> cp.Scenario:
    return cp.load(SCENARIOS / "before.yaml")


@pytest.fixture(scope="package")
def after() -> cp.Scenario:
    return cp.load(SCENARIOS / "after.yaml")


@pytest.fixture(scope="package")
def ward() -> cp.Scenario:
    return cp.load(SCENARIOS / "ward.yaml")


@pytest.fixture(scope="package")
def result(before: Scenario) -> RunResult:
    return cp.run(before, replications=3, workers=1)


@pytest.fixture(scope="package")
def comparison(before: Scenario, after: Scenario) -> Comparison:
    return cp.compare(before, after, replications=3, workers=1)
