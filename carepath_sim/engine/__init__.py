"""Engines: a plan in, a record of spells out."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from carepath_sim.engine.spells import NEVER, How, Outcome, Record

if TYPE_CHECKING:
    from carepath_sim.plan import Plan

__all__ = ["DEFAULT_ENGINE", "ENGINES", "NEVER", "How", "Outcome", "Record", "prepare", "simulate"]

ENGINES = ("compiled", "simpy")
DEFAULT_ENGINE = "compiled"


def simulate(
    plan: Plan, *, seed: int, replication: int, engine: str = "simpy", story: str | None = None
) -> Record:
    """Run one replication of a plan.

    Parameters
    ----------
    seed, replication
        Key of the random numbers, 0 to 2**32 - 1 each.
    engine
        One of `ENGINES`. Both write the same tables, bit for bit. Where Numba is missing, and for
        stories, the engine of SimPy does the work.
    story
        Name of a story of the scenario to run alone, or None for the whole model.
    """
    if engine not in ENGINES:
        message = f"unknown engine {engine!r}: choose one of {', '.join(ENGINES)}"
        raise ValueError(message)
    if engine == "compiled" and story is None and can_compile():
        from carepath_sim.engine import compiled_engine

        return compiled_engine.simulate(plan, seed=seed, replication=replication)
    from carepath_sim.engine import simpy_engine

    if story is None:
        return simpy_engine.simulate(plan, seed=seed, replication=replication)
    from carepath_sim.engine.told import story as tell

    alone, told = tell(plan, story)
    return simpy_engine.simulate(alone, seed=seed, replication=replication, told=told)


def prepare(engine: str) -> None:
    """Compile an engine that has to be compiled, before several processes need it at once."""
    if engine == "compiled" and can_compile():
        from carepath_sim.engine import preparing

        preparing.prepare()


@cache
def can_compile() -> bool:
    """Tell whether Numba is there; where it is not, say so once."""
    from multiprocessing import parent_process

    there = find_spec("numba") is not None
    if not there and parent_process() is None:
        message = "Numba is not installed: the SimPy engine runs instead, with the same results"
        sys.stderr.write(f"{message}\n")
    return there
