"""The program called as a user calls it, on the small county of the experiment tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from carepath_sim.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result


SCENARIOS = Path(__file__).parents[1] / "experiment" / "scenarios"


@pytest.fixture
def before() -> str:
    return str(SCENARIOS / "before.yaml")


@pytest.fixture
def after() -> str:
    return str(SCENARIOS / "after.yaml")


@pytest.fixture
def carepath() -> Callable[..., Result]:
    """Return a function that calls the program and gives what it wrote and its exit code."""
    runner = CliRunner()

    def call(*arguments: Any, code: int = 0) -> Result:
        result = runner.invoke(app, [str(one) for one in arguments], prog_name="carepath")
        assert result.exit_code == code, result.output
        return result

    return call
