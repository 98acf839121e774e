"""A small county for the page, and a desk of its own for each test."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from carepath_sim.web.desk import LIVE, Desk
from carepath_sim.web.limits import Limits
from carepath_sim.web.sharing import quick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.web.desk import Look
    from carepath_sim.web.request import Request

SMALL = str(Path(__file__).parents[1] / "experiment" / "scenarios" / "before.yaml")


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk(Limits(workers=1, papers=False))
    yield made
    made.close()


@pytest.fixture
def asked() -> Callable[..., Request]:
    """Return what makes requests of the small county; the seed tells them apart."""

    def make(seed: int = 1, replications: int = 2) -> Request:
        streams = ("step_up", "step_down")
        return quick(
            SMALL, "community_beds", streams, 6, (2,), replications=replications, seed=seed
        )

    return make


@pytest.fixture
def until() -> Callable[..., Look]:
    """Return what waits until a run is over, and its papers are written."""

    def wait(desk: Desk, who: str, key: str, *, papers: bool = False) -> Look:
        ends = time.monotonic() + 240
        while True:
            look = desk.look(who, key)
            if look.state not in LIVE and (look.papers or not papers or look.state != "done"):
                return look
            assert time.monotonic() < ends, look
            time.sleep(0.05)

    return wait
