"""Days: occupancy, waiting and delayed at 24:00 by pool."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.spells import Outcome
from carepath_sim.measures import daily


def test_each_day_shows_its_last_midnight(world: Any) -> None:
    p = world.person()
    world.spell(p, "acute", 1.5, 5.5, ready=3.5, to="community", units=2)
    world.spell(p, "community", 5.5, None, asked=3.5, host=0, ready=None)
    world.spell(world.person(), "acute", -3, 1)
    found = daily(world.plan, world.record)
    acute, community = 0, 1
    assert found["occupancy"].shape == (61, 2)
    # The stay of the warm-up leaves at the very midnight of day 0, and is not seen.
    assert found["occupancy"][:7, acute].tolist() == [0, 2, 2, 2, 2, 0, 0]
    assert found["occupancy"][:7, community].tolist() == [0, 0, 0, 0, 0, 1, 1]
    assert found["occupancy"][-1, community] == 1
    assert found["waiting"][:7, community].tolist() == [0, 0, 0, 1, 1, 0, 0]
    assert found["delayed"][:7, acute].tolist() == [0, 0, 0, 1, 1, 0, 0]
    assert found["delayed"][:, community].sum() == 0


def test_who_never_got_a_place_waits_for_the_first_pool_of_the_service(world: Any) -> None:
    world.spell(world.person(), "community", None, 4.5, asked=2.5, pool=-1, outcome=Outcome.GAVE_UP)
    found = daily(world.plan, world.record)
    assert found["waiting"][:6, 1].tolist() == [0, 0, 1, 1, 0, 0]
