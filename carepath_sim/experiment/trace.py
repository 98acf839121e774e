"""One person's way through care, day by day: a pure function of the spells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim import __version__
from carepath_sim.errors import CarepathError
from carepath_sim.experiment.way import Way

if TYPE_CHECKING:
    from carepath_sim.engine.spells import Record
    from carepath_sim.experiment.timeline import Timeline
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Scenario


class UnknownPersonError(CarepathError):
    """A story or a person that a scenario does not have."""


def trace(
    scenario: Scenario,
    *,
    story: str | None = None,
    person: int | None = None,
    seed: int = 1,
    replication: int = 0,
    engine: str = "simpy",
) -> Timeline:
    """Follow one person.

    Parameters
    ----------
    scenario
        Where the person lives.
    story
        Name of a story of the scenario, which is told by itself; or
    person
        Number of a person in a replication of the whole model.
    seed, replication
        Of which replication the person is taken, and whose luck fills what a story leaves open.
    engine
        What simulates.

    Raises
    ------
    UnknownPersonError
        When there is no such story or person, or neither or both are asked for.
    """
    from carepath_sim.engine import simulate
    from carepath_sim.plan import compile_plan

    if (story is None) == (person is None):
        raise UnknownPersonError("a trace follows either a story or a person: name one of them")
    if story is not None and story not in scenario.stories:
        known = ", ".join(scenario.stories) or "none"
        raise UnknownPersonError(f"{scenario.name} has no story {story!r}; it has: {known}")
    plan = compile_plan(scenario)
    record = simulate(plan, seed=seed, replication=replication, engine=engine, story=story)
    if story is None:
        assert person is not None  # noqa: S101 - tested above
        title = f"Person {person} of {scenario.name}, seed {seed}, replication {replication}"
        way = timeline(plan, record, person, title=title)
        return replace(way, source=_source(scenario, f"person {person}", seed, replication))
    from carepath_sim.engine.told import story as tell

    alone, _ = tell(plan, story)
    told = scenario.stories[story]
    title = told.title or story.replace("_", " ")
    way = timeline(alone, record, 0, title=title, told=told.told)
    return replace(way, source=_source(scenario, f"story {story}", seed, replication))


def _others(record: Record, person: int) -> str:
    """Whom to ask for: the nearest numbers of people with a spell."""
    active = np.unique(record.spells["person"])
    if len(active) == 0:
        return "nor to anybody else"
    near = active[np.argsort(np.abs(active - person), kind="stable")[:4]]
    return f"something happens to {', '.join(map(str, sorted(near)))}, for example"


def _source(scenario: Scenario, who: str, seed: int, replication: int) -> str:
    return (
        f"Source: carepath-sim {__version__}, scenario {scenario.name}, {who}, seed {seed}, "
        f"replication {replication}."
    )


def timeline(
    plan: Plan, record: Record, person: int, *, title: str = "", told: tuple[str, ...] = ()
) -> Timeline:
    """Read one person's way from a record.

    Parameters
    ----------
    plan, record
        A replication with its plan.
    person
        Number of the person.
    title, told
        Heading, and what a document tells.

    Raises
    ------
    UnknownPersonError
        When the record has no row of this person.
    """
    rows = np.flatnonzero(record.spells["person"] == person)
    if len(rows) == 0:
        people = len(record.people["source"])
        raise UnknownPersonError(
            f"nothing happens to person {person} in this replication; {_others(record, person)}"
            if 0 <= person < people
            else f"there is no person {person}: they are numbered from 0 to {people - 1}"
        )
    return Way(plan, record, person, rows).timeline(title or f"Person {person}", told)
