"""Who joins the population: one rate, a table by year, or a projection that is followed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, figure
from carepath_sim.scenario.model import Clock
from carepath_sim.scenario.values import Number
from carepath_sim.scenario.years import at_end_of_june, between
from carepath_sim.units import DAY

FAR_OFF = 0.02
"""How far the number of people may lie from the projection at the start of the run, as a share."""


def inflow(names: Vocabulary) -> Iterator[Finding]:
    """Yield fields that cannot stand together, and projections that nothing can follow."""
    population = names.scenario.population
    if population is None:
        return
    joining, path = population.turning_65, ("population",)
    if population.projection is not None:
        if joining is not None:
            message = (
                "found both of `turning_65:` and `projection:`; with a projection it follows how"
                " many people turn 65: leave out one (`turning_65: null` in a file that extends)"
            )
            yield (*path, "turning_65"), message
        if not any(one.to == "died" and one.rate.value > 0 for one in population.hazards.values()):
            message = (
                "needs a hazard with `to: died`: how many people turn 65 is reckoned from the"
                " projection and from the people who die"
            )
            yield (*path, "projection"), message
    if population.growth is not None and not isinstance(joining, Number):
        if joining is not None:
            message = "belongs to `turning_65:` as a rate; a table by year says how it grows itself"
        elif population.projection is not None:
            message = "belongs to `turning_65:` as a rate; a projection says how the number grows"
        else:
            message = (
                "grows the number of people who turn 65: write `turning_65:` too, such as"
                " `turning_65: 5000 per y`"
            )
        yield (*path, "growth"), f"`growth:` {message}"


def without_effect(names: Vocabulary) -> Iterator[Finding]:
    """Yield tables of which no change lies in the run."""
    population = names.scenario.population
    if population is None:
        return
    begin, last = _run(names.scenario.clock)
    joining = population.turning_65
    run = f"the run from {begin} to {last}"
    if joining is not None and not isinstance(joining, Number):
        years = [year for year, _ in joining]
        if len(years) > 1 and (years[-1] <= begin.year or years[0] >= last.year):
            kept = years[-1] if years[-1] <= begin.year else years[0]
            yield ("population", "turning_65"), f"in all of {run} the number of {kept} holds"
    if population.projection is not None:
        path: Path = ("population", "projection")
        first, end = (at_end_of_june(population.projection[k][0]) for k in (0, -1))
        if end <= begin or first > last:
            yield path, f"nothing of it lies in {run}: the number of people stays as it is"
        elif first > begin:
            yield path, f"begins later than {run}; before it the number stays as it is"
        elif end <= last:
            yield path, f"ends earlier than {run}; after it the number stays as it is"


def another_number(names: Vocabulary) -> Iterator[Finding]:
    """Yield a population of another size than its projection says at the start of the run."""
    population = names.scenario.population
    if population is None or population.projection is None:
        return
    begin, _ = _run(names.scenario.clock)
    said, size = between(population.projection, begin), population.size.value
    if abs(said - size) > FAR_OFF * size:
        message = (
            f"{figure(size)} people, but the projection says {figure(round(said))} on {begin}, when"
            " the run begins: the number of people approaches it only as slowly as people die"
        )
        yield ("population", "size"), message


def _run(clock: Clock) -> tuple[date, date]:
    """Return the first and the last day of a run, warm-up and run-out included."""
    begin = clock.start - timedelta(days=clock.warm_up.value // DAY)
    end = clock.length.end(clock.start) + clock.run_out.value
    return begin, clock.start + timedelta(days=(end - 1) // DAY)
