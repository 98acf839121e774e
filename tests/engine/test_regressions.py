"""Scenarios on which the engine once went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from invariants import broken

from carepath_sim.engine import simulate
from carepath_sim.engine.checks import check
from carepath_sim.plan import compile_plan
from carepath_sim.scenario import load

FILES = sorted((Path(__file__).parents[1] / "regressions").glob("*.yaml"))


def test_there_are_regressions() -> None:
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_once_went_wrong_keeps_the_rules(path: Path) -> None:
    """Each file says at its top what was wrong."""
    plan = compile_plan(load(path))
    for replication in range(3):
        record = simulate(plan, seed=1, replication=replication)
        check(plan, record)
        assert broken(plan, record) == []
