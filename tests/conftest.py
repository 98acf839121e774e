"""What all tests share: the engine is compiled once, before several processes need it at once.

Each test works in one process and in one thread unless it asks for more: several processes test at
once, and threads that wait for each other cost as much as threads that work.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Read when NumPy and SciPy are loaded, which is later than this.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the engine in the process that hands out the tests."""
    hands_out = bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")
    if hands_out:
        from carepath_sim.engine import prepare

        prepare("compiled")


@pytest.fixture(autouse=True, scope="session")
def _one_process() -> Iterator[None]:
    """Simulate in the process of the test where no number of workers is asked for."""
    from carepath_sim.experiment import crews, workers

    with pytest.MonkeyPatch.context() as patch:
        for module in (crews, workers):
            patch.setattr(module, "default_workers", lambda: 1)
        yield


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
