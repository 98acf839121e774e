"""Why a scenario has no steady state, as far as its text tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan import traffic
from carepath_sim.scenario.positions import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.scenario.model import Scenario

ENDLESS = "queues grow without end"


def unsteady(scenario: Scenario) -> tuple[str, ...]:
    """Return why a scenario never settles: load beyond capacity, growth, dated changes.

    Returns
    -------
        A sentence a reason; none for a scenario that may settle.
    """
    return tuple(_reasons(scenario))


def drifting(scenario: Scenario) -> tuple[str, ...]:
    """Return why levels move slowly, over years: people who die, join, age or grow frailer."""
    return tuple(_of_people(scenario))


def cycles(scenario: Scenario) -> tuple[str, ...]:
    """Return what goes round with the year: the long run is a cycle there, not a level."""
    found = [
        f"arrivals.{name} differ by month"
        for name, source in scenario.arrivals.items()
        if source.profile.month
    ]
    found += [f"the hazard {name} differs by month" for name in seasonal_hazards(scenario)]
    return tuple(found)


def seasonal_hazards(scenario: Scenario) -> tuple[str, ...]:
    """Return the hazards that differ by month."""
    if scenario.population is None:
        return ()
    return tuple(
        name
        for name, hazard in scenario.population.hazards.items()
        if any(key == "month" for key, _ in hazard.times)
    )


def _reasons(scenario: Scenario) -> Iterator[str]:
    with np.errstate(all="ignore"):
        for path, message in traffic.warnings(scenario):
            if ENDLESS in message:
                yield f"{written(path)}: {message}"
    yield from (
        f"the scenario changes on {change.from_.isoformat()}" for change in scenario.changes
    )
    for name, pool in scenario.pools.items():
        dates = sorted({one.start for one in pool.capacity.dated if one.start is not None})
        if dates:
            yield f"pools.{name}: the capacity changes on {dates[0].isoformat()}"
    for name, source in scenario.arrivals.items():
        if source.growth is not None and source.growth.value:
            yield f"arrivals.{name} grow ({source.growth.text})"
        elif source.rates is not None and source.cycle is None:
            yield f"arrivals.{name} follow a table of rates by date"
        elif source.replay is not None:
            yield f"arrivals.{name} are a list of people"
        elif source.count is not None:
            yield f"arrivals.{name} end after {source.count.text} people"


def _of_people(scenario: Scenario) -> Iterator[str]:
    people = scenario.population
    if people is None:
        return
    if people.projection is not None:
        yield "population: the number of people follows a projection"
    if people.growth is not None and people.growth.value:
        yield f"population: those who join grow ({people.growth.text})"
    if people.progression is not None:
        yield "population: people grow frailer"
    if people.ageing:
        yield "population: people grow older"
    dies = any(hazard.to == "died" for hazard in people.hazards.values())
    if dies and people.turning_65 is None and people.projection is None:
        yield "population: people die and nobody takes their place"
