"""A steady start: how many people are where in the long run, and who they are.

The numbers are those of the traffic equations (`carepath_sim.plan.traffic`, which says what they
leave out): by Little's law (Little 1961) entries a day times the mean time there. No queue is
reckoned with: a pool of which more is asked than it holds starts full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.capacity import largest_remainder
from carepath_sim.plan.traffic import LongRun, long_run
from carepath_sim.plan.traffic_people import CAUSE, LIVES, NOWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from carepath_sim.plan.laws import Array
    from carepath_sim.plan.traffic_people import Crowd
    from carepath_sim.scenario.model import Scenario

MOST_CLASSES = 60
"""Classes of people told apart in a steady start of one service."""
ALIKE = 0.02
"""Attributes whose shares among those there differ from everybody's by less are not told apart."""


@dataclass(frozen=True)
class SteadyGroup:
    """The people at one service.

    Attributes
    ----------
    service
        Name, ``nst[bexhill]`` for one of a template.
    load
        Mean number there in the long run.
    count
        How many start there.
    attributes
        Attributes by which they are told apart.
    classes
        Share of each class, with the accepted values of each of these attributes.
    """

    service: str
    load: float
    count: int
    attributes: tuple[str, ...]
    classes: tuple[tuple[float, tuple[tuple[str, ...], ...]], ...]


def steady_groups(scenario: Scenario, capacity: Mapping[str, float]) -> list[SteadyGroup]:
    """Return who starts where.

    Parameters
    ----------
    scenario
        A scenario that asks for a steady start.
    capacity
        Units of each pool when the run starts, infinite without limit, less what others take who
        are there from the start.
    """
    found = long_run(scenario)
    names = _wanted(scenario, found)
    counts = _counts(found, names, capacity)
    groups = []
    for name in names:
        load = float(found.people[name].sum())
        attributes, classes = _classes(scenario, found.crowd, found.people[name])
        groups.append(SteadyGroup(name, load, counts[name], attributes, classes))
    return groups


def _wanted(scenario: Scenario, found: LongRun) -> list[str]:
    """Return the services that start steady: those named, or all that can and have no count."""
    steady = scenario.start.steady
    wanted = steady.services if steady is not None else ()
    counted = {name.partition("[")[0] for name, s in scenario.start.services.items() if s.count}
    names = []
    for name, there in found.people.items():
        base = name.partition("[")[0]
        if scenario.services[base].in_place or not 0 < float(there.sum()) < np.inf:
            continue
        if base in wanted or (not wanted and base not in counted):
            names.append(name)
    return names


def _counts(found: LongRun, names: list[str], capacity: Mapping[str, float]) -> dict[str, int]:
    """Return whole numbers of people, no more than there is room for."""
    loads = {name: float(found.people[name].sum()) for name in names}
    # Services that share pools share their room, in proportion.
    shared: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        shared.setdefault(found.pools[name], []).append(name)
    counts: dict[str, int] = {}
    for pools, group in shared.items():
        units = sum(loads[name] * found.units[name] for name in group)
        room = max(0.0, sum(capacity[pool] for pool in pools)) if pools else np.inf
        scale = min(1.0, room / units) if units > 0 else 1.0
        wanted = [loads[name] * scale for name in group]
        total = int(sum(wanted) + 0.5) if scale >= 1 else int(sum(wanted) + 1e-9)
        parts = largest_remainder(total, wanted) if total else [0] * len(group)
        counts.update(zip(group, parts, strict=True))
    return counts


def _classes(
    scenario: Scenario, crowd: Crowd, people: Array
) -> tuple[tuple[str, ...], tuple[tuple[float, tuple[tuple[str, ...], ...]], ...]]:
    """Return the classes of the people there with their shares.

    Attributes of the person only: those by which the people there differ most from everybody, as
    many as give no more than a few dozen classes.
    """
    axes = list(crowd.group)
    everybody = crowd.people()
    chosen: list[tuple[float, int]] = []
    for k, name in enumerate(axes):
        declared = scenario.attributes.get(name)
        ours = name not in {CAUSE, LIVES} and (declared is None or declared.of == "person")
        if name == "age" and scenario.population is None:
            continue
        if not ours or people.shape[k] < 2:
            continue
        here, all_of_them = _margin(people, k), _margin(everybody, k)
        distance = float(np.abs(here - all_of_them).sum()) / 2
        if distance >= ALIKE:
            chosen.append((-distance, k))
    kept: list[int] = []
    for _, k in sorted(chosen):
        if np.prod([people.shape[j] for j in [*kept, k]]) <= MOST_CLASSES:
            kept.append(k)
    kept.sort()
    if not kept:
        return (), ()
    amounts = people.sum(axis=tuple(k for k in range(len(axes)) if k not in kept))
    amounts = amounts / amounts.sum()
    levels = [_values_by_level(crowd.group[axes[k]]) for k in kept]
    classes = tuple(
        (float(amounts[cell]), tuple(levels[j][level] for j, level in enumerate(cell)))
        for cell in np.ndindex(*amounts.shape)
        if amounts[cell] > 0
    )
    return tuple(axes[k] for k in kept), classes


def _margin(amounts: Array, axis: int) -> Array:
    found: Array = amounts.sum(axis=tuple(k for k in range(amounts.ndim) if k != axis))
    return found / max(float(found.sum()), 1e-300)


def _values_by_level(group: dict[str, int]) -> list[tuple[str, ...]]:
    """Return the values that share each level."""
    size = max(group.values()) + 1
    return [
        tuple(value for value, level in group.items() if level == k and value != NOWHERE)
        for k in range(size)
    ]
