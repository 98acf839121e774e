"""First openings, asked for many instants at once, are those of the plan asked one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from carepath_sim.measures.openings import first_opening
from carepath_sim.units import HOUR, WEEK


@settings(max_examples=60, deadline=None)
@given(
    edges=st.sets(st.integers(0, 168), min_size=2, max_size=8),
    times=st.lists(st.integers(-300, 600), min_size=1, max_size=20),
)
def test_first_openings_are_those_of_the_plan(
    worlds: Any, edges: set[int], times: list[int]
) -> None:
    world = worlds()
    cuts = sorted(edges)[: len(edges) // 2 * 2]
    windows = [(a * HOUR, b * HOUR) for a, b in zip(cuts[::2], cuts[1::2], strict=True)]
    world.hours["admits", "acute"] = windows
    plan = world.plan
    t = np.array(times, dtype=np.int64) * (HOUR // 2)
    acute, home = world.index("acute"), world.index("home")
    found = first_opening(plan, "admits", np.full(len(t), acute), t)
    assert found.tolist() == [plan.next_opening(acute, "admits", int(x)) for x in t]
    assert first_opening(plan, "admits", np.full(len(t), home), t).tolist() == t.tolist()
    assert np.all(found - t < WEEK)
