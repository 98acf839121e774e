"""Levels of attributes that people move along: frailty that grows, stays that change it."""

from __future__ import annotations

from collections.abc import Iterator

from carepath_sim.scenario.checks_names import factors
from carepath_sim.scenario.checks_people import FRAILTY
from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, listed, unknown


def progression(names: Vocabulary) -> Iterator[Finding]:
    """Yield a progression of something that has no levels, and factors that mean nothing."""
    population = names.scenario.population
    if population is None or population.progression is None:
        return
    found, path = population.progression, ("population", "progression")
    yield from _levels(names, (*path, "of"), found.of)
    for key, pairs in found.times:
        yield from factors(names, (*path, "times", key), key, [value for value, _ in pairs])
    if "progression" in population.hazards:
        message = "'progression' is a reserved name where frailty grows; give the hazard another"
        yield ("population", "hazards", "progression"), message


def states(names: Vocabulary) -> Iterator[Finding]:
    """Yield stays that move people along something that has no levels, or by no level."""
    for name, service in names.services.items():
        for change in service.changes_state:
            path: Path = ("services", name, "changes_state", change.attribute)
            yield from _levels(names, path, change.attribute)
            if change.levels.value < 1:
                yield (*path, "levels"), "a move is by one level or more; found 0"


def _levels(names: Vocabulary, path: Path, attribute: str) -> Iterator[Finding]:
    declared = names.scenario.attributes
    able = [
        name
        for name in names.attributes
        if name == "frailty" or (name in declared and declared[name].of == "person")
    ]
    if attribute not in names.attributes:
        yield path, unknown("attribute", attribute, able)
    elif attribute not in able:
        message = (
            f"'{attribute}' has no levels that people move along; accepted are frailty and"
            f" declared attributes `of: person`: {listed(able)}"
        )
        yield path, message
    elif len(names.attributes[attribute]) < 2:
        yield path, f"'{attribute}' has one value only; nobody can move to another level"


def levels_left_out(names: Vocabulary) -> Iterator[Finding]:
    """Yield moves along frailty that step over levels which the population does not name."""
    population = names.scenario.population
    if population is None:
        return
    missing = [level for level in FRAILTY if level not in names.attributes["frailty"]]
    places: list[Path] = [
        ("services", name, "changes_state", "frailty")
        for name, service in names.services.items()
        if any(change.attribute == "frailty" for change in service.changes_state)
    ]
    if population.progression is not None and population.progression.of == "frailty":
        places.append(("population", "progression"))
    for path in places if missing else ():
        message = (
            f"nobody is ever {listed(missing, 'or')}: the bands name no such level, so that a move"
            " steps over it; write it with a share of 0 to have it"
        )
        yield path, message


def ageing_alone(names: Vocabulary) -> Iterator[Finding]:
    """Yield people who grow older while nobody follows them."""
    population = names.scenario.population
    if population is None or not population.ageing or population.projection is not None:
        return
    if population.turning_65 is None:
        message = (
            "people grow older and nobody follows: the youngest band empties from below;"
            " write `turning_65:`, such as `turning_65: 5000 per y`"
        )
        yield ("population", "ageing"), message
