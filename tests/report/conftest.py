"""The small county of the experiment tests, loaded and compared once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import carepath_sim as cp

if TYPE_CHECKING:
    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.scenario.model import Scenario


SCENARIOS = Path(__file__).parents[1] / "experiment" / "scenarios"


@pytest.fixture(scope="package")
def before() -> Scenario:
    return cp.load(SCENARIOS / "before.yaml")


@pytest.fixture(scope="package")
def after() -> Scenario:
    return cp.load(SCENARIOS / "after.yaml")


@pytest.fixture(scope="package")
def comparison(before: Scenario, after: Scenario) -> Comparison:
    return cp.compare(before, after, replications=2, workers=1)
