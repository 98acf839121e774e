"""Engines: a plan in, a record of spells out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.engine.spells import NEVER, How, Outcome, Record

if TYPE_CHECKING:
    from carepath_sim.plan import Plan

__all__ = ["NEVER", "How", "Outcome", "Record", "simulate"]

ENGINES = ("simpy",)


def simulate(
    plan: Plan, *, seed: int, replication: int, engine: str = "simpy", story: str | None = None
) -> Record:
    """Run one replication of a plan.

    Parameters
    ----------
    seed, replication
        Key of the random numbers, 0 to 2**32 - 1 each.
    engine
        One of `ENGINES`.
    story
        Name of a story of the scenario to run alone, or None for the whole model.
    """
    if engine not in ENGINES:
        message = f"unknown engine {engine!r}: choose one of {', '.join(ENGINES)}"
        raise ValueError(message)
    from carepath_sim.engine import simpy_engine

    if story is None:
        return simpy_engine.simulate(plan, seed=seed, replication=replication)
    from carepath_sim.engine.told import story as tell

    alone, told = tell(plan, story)
    return simpy_engine.simulate(alone, seed=seed, replication=replication, told=told)
