"""What all tests share: the engine is compiled once, before several processes need it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Compile the engine in the process that hands out the tests."""
    hands_out = bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")
    if hands_out:
        from carepath_sim.engine import prepare

        prepare("compiled")
