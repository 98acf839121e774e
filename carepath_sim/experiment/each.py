"""Pools of which there is one for each locality: what a number of places then stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.pool_overrides import is_capacity
from carepath_sim.scenario.positions import parsed

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario

FEW = 4
"""Names that are all said."""


def values_of(scenario: Scenario, pool: str) -> tuple[str, ...]:
    """Return for which values there is a pool each; none where there is one pool alone."""
    given = scenario.pools.get(pool)
    if given is None or given.per is None:
        return ()
    return Vocabulary(scenario).attributes.get(given.per, ())


def each_of_pool(scenario: Scenario, pool: str, what: str) -> str:
    """Say that something is said of each of several pools; nothing where there is one alone.

    Parameters
    ----------
    what
        What is said, such as ``every capacity here is that of each``.
    """
    values = values_of(scenario, pool)
    if len(values) < 2:
        return ""
    some = ", ".join(values[:FEW]) + (f" and {len(values) - FEW} more" if len(values) > FEW else "")
    return f"{pool}: one for each {scenario.pools[pool].per} ({some}); {what}"


def each_capacity(scenario: Scenario, path: str, places: int = 10) -> str:
    """Say what a capacity set by hand stands for; nothing where there is one pool alone.

    Parameters
    ----------
    path
        The field; of another one than a capacity there is nothing to be said.
    places
        The number with which it is explained.
    """
    steps = parsed(path) or ()
    if not is_capacity(steps):
        return ""
    pool = str(steps[1])
    values = values_of(scenario, pool)
    unit = scenario.pools[pool].unit.replace("_", " ") if values else ""
    return each_of_pool(
        scenario,
        pool,
        f"a capacity is that of each: {places} means {places * len(values)} {unit} in all. "
        f"{pool}[{next(iter(values), '')}] names one of them",
    )
