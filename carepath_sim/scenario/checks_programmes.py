"""Programmes: whom they can reach, and what their effects mean."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta

from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, figure, listed, unknown
from carepath_sim.scenario.model import Programme
from carepath_sim.units import DAY

GROUPS = ("crisis", "death", "progression")
"""What an effect can name besides single hazards."""

MOST_PROGRAMMES = 60
"""Programmes of a scenario, each of a template counted."""


def programmes(names: Vocabulary) -> Iterator[Finding]:
    """Yield programmes that nobody can be on, and effects on what does not exist."""
    scenario = names.scenario
    if scenario.programmes and scenario.population is None:
        yield ("programmes",), "people on programmes live in a `population`; there is none"
    count = 0
    for name, programme in scenario.programmes.items():
        path: Path = ("programmes", name)
        count += max(1, len(names.attributes.get(programme.per or "", ())))
        yield from _effects(names, (*path, "effect"), programme)
        yield from _ends(names, (*path, "ends_at"), programme)
        start, most = programme.start, programme.caseload
        if start is not None and most is not None and start.caseload.value > most.value:
            message = (
                f"{figure(start.caseload.value)} are on it at the start, more than the"
                f" {figure(most.value)} of `caseload`"
            )
            yield (*path, "start", "caseload"), message
    if count > MOST_PROGRAMMES:
        message = f"{count} programmes, a template counted for each value; at most are accepted"
        yield ("programmes",), f"{message} {MOST_PROGRAMMES}"


def _effects(names: Vocabulary, path: Path, programme: Programme) -> Iterator[Finding]:
    population = names.scenario.population
    hazards = population.hazards if population is not None else {}
    for cause, _ in programme.effect:
        here = (*path, cause)
        if cause in hazards:
            continue
        if cause not in GROUPS:
            yield here, unknown("hazard", cause, [*hazards, *GROUPS])
        elif cause == "progression" and (population is None or population.progression is None):
            yield here, "nothing progresses here; write `progression:` under `population:`"
        elif cause == "death" and not any(h.to == "died" for h in hazards.values()):
            yield here, "there is no hazard that leads to `died`"
        elif cause == "crisis" and all(h.to == "died" for h in hazards.values()):
            yield here, "there is no hazard but those that lead to `died`"


def _ends(names: Vocabulary, path: Path, programme: Programme) -> Iterator[Finding]:
    for place in programme.ends_at:
        base = names.base(place)
        known = [name for name in names.places if name in names.services]
        if base is None:
            yield path, unknown("service", place, known)
        elif base in names.in_place:
            message = (
                f"'{place}' is received in place: nobody moves there; accepted: {listed(known)}"
            )
            yield path, message


def without_effect(names: Vocabulary) -> Iterator[Finding]:
    """Yield programmes that nobody joins, or whose rule has nothing to go by."""
    scenario = names.scenario
    for name, programme in scenario.programmes.items():
        path: Path = ("programmes", name)
        finds = programme.finds
        starts = programme.start is not None and programme.start.caseload.value > 0
        if finds is None or not finds.rate.value * finds.coordinators.value:
            if not starts:
                yield path, "nobody ever joins: write `finds:`, or who is there with `start:`"
        elif programme.caseload is not None and programme.caseload.value == 0:
            yield (*path, "caseload"), "nobody ever joins: there is room for nobody"
        population = scenario.population
        if population is None:
            continue
        if (finds is None or finds.rule == "highest risk") and all(
            hazard.to == "died" for hazard in population.hazards.values()
        ):
            message = "nobody has a crisis here, so that all have the same risk: the lowest numbers"
            yield path, f"{message} are found first"
        yield from _dates(names, path, programme)


def _dates(names: Vocabulary, path: Path, programme: Programme) -> Iterator[Finding]:
    clock = names.scenario.clock
    if programme.from_ is not None:
        run_out = timedelta(days=math.ceil(clock.run_out.value / DAY))
        if programme.from_ >= clock.length.last(clock.start) + run_out:
            day = programme.from_.isoformat()
            yield (*path, "from"), f"{day} lies after the end of the run: nobody is found"
