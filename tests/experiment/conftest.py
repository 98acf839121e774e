"""A small county before and after, loaded and simulated once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

import carepath_sim as cp

SCENARIOS = Path(__file__).parent / "scenarios"


@pytest.fixture(scope="session")
def before() -> cp.Scenario:
    return cp.load(SCENARIOS / "before.yaml")


@pytest.fixture(scope="session")
def after() -> cp.Scenario:
    return cp.load(SCENARIOS / "after.yaml")


@pytest.fixture(scope="session")
def result(before):
    return cp.run(before, replications=3, workers=1)


@pytest.fixture(scope="session")
def comparison(before, after):
    return cp.compare(before, after, replications=3, workers=1)
