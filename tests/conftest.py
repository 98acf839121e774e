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


NOT_MEASURED = (
    "areas/test_",
    "docs/test_answers.py",
    "docs/test_cookbook",
    "engine/test_compiled.py",
    "engine/test_features.py",
    "engine/test_properties.py",
    "fuzz/test_",
    "measures/test_random.py",
    "verification/test_",
)
"""Long runs of what other tests go through step by step: coverage makes them four times as long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take the coverage of the long runs by the short ones."""
    for item in items:
        place = item.path.as_posix().rpartition("/tests/")[2]
        if place.startswith(NOT_MEASURED):
            item.add_marker("no_cover")
