"""From a name or a file to a checked, frozen scenario; all problems are told at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from pydantic import ValidationError

from carepath_sim.errors import Problem, ScenarioError
from carepath_sim.scenario import catalogue, checks, checks_changes
from carepath_sim.scenario.extends import read_file
from carepath_sim.scenario.messages import found_in, located, python_names
from carepath_sim.scenario.model import Scenario
from carepath_sim.scenario.nodes import Node, plain
from carepath_sim.scenario.overrides import Override, apply, overrides_of
from carepath_sim.scenario.positions import written
from carepath_sim.scenario.reading import Path
from carepath_sim.scenario.recovery import misspelt
from carepath_sim.scenario.variants import problems_of, variants_of


def load(
    name_or_path: str | os.PathLike[str],
    *,
    sets: Mapping[str, object] | Sequence[str] = (),
    check: bool = True,
) -> Scenario:
    """Return a scenario.

    Parameters
    ----------
    name_or_path
        A bundled name such as ``buckinghamshire/to-be``, or the path of a YAML file.
    sets
        Fields set by hand: a mapping of path to value, or texts ``PATH=VALUE``.
    check
        Whether to look for contradictions between fields too (unknown names, places that nobody
        can reach or leave, ...).

    Returns
    -------
    :
        The frozen scenario, which remembers where each field was written.

    Raises
    ------
    ScenarioError
        With every problem that was found.
    """
    path, shown_as = catalogue.find(name_or_path)
    of_data: list[Problem] = []
    root = read_file(path, shown_as, of_data)
    name = catalogue.name_of(path, shown_as)
    try:
        scenario = build(root, name, overrides_of(sets), check=check)
    except ScenarioError as error:
        raise ScenarioError(sorted({*of_data, *error.problems})) from None
    if of_data:
        raise ScenarioError(sorted(of_data))
    return scenario


def build(
    root: Node,
    name: str,
    overrides: Iterable[Override] = (),
    *,
    notices: tuple[str, ...] = (),
    check: bool = True,
) -> Scenario:
    """Return the scenario that a tree of values describes.

    Raises
    ------
    ScenarioError
        With every problem that was found.
    """
    chosen = list(overrides)
    root, said = apply(root, chosen, _flawed)
    raw = plain(root)
    found = python_names(raw)
    try:
        scenario = Scenario.model_validate(raw)
    except ValidationError as error:
        found += found_in(error)
        found += misspelt(root, [one.path for one in found]) if check else []
        raise ScenarioError(located(found, root)) from None
    if found:
        raise ScenarioError(located(found, root))
    scenario.remember(root, name, (*notices, *said))
    problems = _checked(checks.problems, scenario) if check else []
    if scenario.changes:
        problems = sorted({*problems, *_changes(root, scenario, check=check)})
    if problems:
        raise ScenarioError(problems)
    return scenario


def _changes(root: Node, scenario: Scenario, *, check: bool) -> list[Problem]:
    """Return what is wrong with the dated changes of a scenario, which gets its variants."""
    variants, problems = variants_of(scenario, root)
    scenario.remember_variants(variants)
    if not check:
        return problems
    problems += _checked(checks_changes.changes, scenario)
    known = set(checks.problems(scenario))
    for variant in variants:
        found = [one for one in checks.problems(variant.scenario) if one not in known]
        reached = [one for one in found if not checks_changes.comes_and_goes(*one)]
        problems += problems_of(variant, reached)
    return problems


def _flawed(root: Node, path: Path) -> bool:
    """Return whether anything is wrong at or below a path."""
    try:
        Scenario.model_validate(plain(root))
    except ValidationError as error:
        return any(one.path[: len(path)] == path for one in found_in(error))
    return False


def validate(
    names_or_paths: Iterable[str | os.PathLike[str]],
    *,
    sets: Mapping[str, object] | Sequence[str] = (),
) -> tuple[list[Problem], list[Problem]]:
    """Return all problems and all warnings of several scenarios."""
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for given in names_or_paths:
        try:
            scenario = load(given, sets=sets)
        except ScenarioError as error:
            problems += [found for found in error.problems if found not in problems]
        else:
            warnings += _checked(checks.warnings, scenario)
    return problems, warnings


def _checked(
    look: Callable[[Scenario], Iterable[tuple[Path, str]]], scenario: Scenario
) -> list[Problem]:
    """Return the findings of checks, in the order of the file."""
    return sorted(
        Problem(*scenario.position(path), written(path), message)
        for path, message in look(scenario)
    )
