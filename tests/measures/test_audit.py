"""Audits: what is seen at even intervals."""

from __future__ import annotations

from typing import Any

import pytest

from carepath_sim.engine.spells import NEVER
from carepath_sim.measures.audit import audit

HOUR = 3_600_000


def seen(world: Any, hours: int, **of: str) -> dict[int, tuple[int, int, int, int]]:
    """Return occupancy, booked, kept and waiting by hour of the look, where there is anything."""
    plan = world.plan
    found = audit(plan, world.record, hours * HOUR)
    ((key, name),) = of.items()
    number = (plan.pool_index if key == "pool" else plan.service_index)[name]
    rows = (found[key] == number).nonzero()[0]
    names = ("occupancy", "booked", "kept", "waiting")
    return {
        int(found["t"][k] // HOUR): figures
        for k in rows
        if any(figures := tuple(int(found[column][k]) for column in names))
    }


def test_a_stay_is_seen_from_its_start_and_no_more_when_it_has_left(world: Any) -> None:
    """From hour 6 to hour 12, looked at every 3 hours: at 6 and 9, not at 12."""
    world.spell(world.person(), "acute", 6 / 24, 12 / 24, asked=2 / 24, units=2)
    assert seen(world, 3, pool="acute_beds") == {6: (2, 0, 0, 0), 9: (2, 0, 0, 0), 3: (0, 0, 0, 1)}
    assert seen(world, 3, service="acute")[6] == (1, 0, 0, 0)
    assert seen(world, 5, service="acute") == {5: (0, 0, 0, 1), 10: (1, 0, 0, 0)}


def test_places_booked_and_kept_are_seen_apart(world: Any) -> None:
    """Granted at hour 1, there from 4 to 8, kept until 10."""
    world.spell(
        world.person(), "acute", 4 / 24, 8 / 24, granted=1 / 24, asked=1 / 24, kept_until=10 / 24
    )
    found = seen(world, 1, pool="acute_beds")
    assert {hour: row[:3] for hour, row in found.items()} == {
        **dict.fromkeys((1, 2, 3), (0, 1, 0)),
        **dict.fromkeys((4, 5, 6, 7), (1, 0, 0)),
        **dict.fromkeys((8, 9), (0, 0, 1)),
    }


def test_looks_lie_in_the_window_only(world: Any) -> None:
    world.spell(world.person(), "acute", -3, None, ready=None)
    found = audit(world.plan, world.record, 10 * 24 * HOUR)
    assert sorted(set(found["t"].tolist())) == [k * 240 * HOUR for k in range(7)]
    assert len(seen(world, 240, pool="acute_beds")) == 7
    assert all(len(column) == len(found["t"]) for column in found.values())
    assert NEVER not in found["t"]


@pytest.mark.parametrize("hours", [7, 61 * 24, 100 * 24])
def test_the_interval_need_not_divide_the_window(world: Any, hours: int) -> None:
    world.spell(world.person(), "acute", -3, None, ready=None)
    looks = seen(world, hours, pool="acute_beds")
    assert len(looks) == -(-61 * 24 // hours)
