"""Pages about waiting rooms and services alongside come out as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from carepath_sim.statistics import queueing
from tests.docs.cookbook import COOKBOOK, hold


@pytest.mark.parametrize("lines", [4, 6, 8, 12])
def test_telephone_lines(lines: int) -> None:
    exact = queueing.mmck(12, 9 / 60, 2, lines - 2)
    page = (COOKBOOK / "telephone-lines.md").read_text(encoding="utf-8")
    assert f"| {lines} | {100 * exact.p_lost:.1f} % | {60 * exact.mean_wait:.1f} min |" in page
    more = queueing.mmck(12, 9 / 60, 3, 4)
    assert (round(100 * more.p_lost, 1), round(60 * more.mean_wait)) == (1.9, 2)
    hold(
        "telephone-lines.yaml",
        {
            ("turned_away", "service:line"): exact.p_lost,
            ("wait_mean", "service:line"): exact.mean_wait,
        },
        f"services.line.waiting_room.from_outside={lines - 2}",
    )


def test_alongside() -> None:
    there = np.arange(100)
    share = stats.poisson(6).pmf(there)
    for places, without in ((5, 1.5), (8, 0.3)):
        with_nurse = float(np.minimum(there, places) @ share)
        assert round(6 - with_nurse, 1) == without
        hold(
            "alongside.yaml",
            {
                ("occupancy_mean", "service:virtual_ward"): 6,
                ("occupancy_mean", "pool:nurses"): with_nurse,
                ("waiting_people", "service:nursing"): 6 - with_nurse,
            },
            f"pools.nurses.capacity={places}",
        )
