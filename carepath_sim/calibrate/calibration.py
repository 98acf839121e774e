"""A calibration: a scenario, what was observed, what is uncertain, and how it is fitted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from carepath_sim.calibrate.catalogue import FIT, PRIORS, TARGETS, find
from carepath_sim.calibrate.course import months_of, whole_months
from carepath_sim.calibrate.forms import located, parsed_as, read_file
from carepath_sim.calibrate.parameters import Parameter, overlaps, tied
from carepath_sim.calibrate.priors import read_priors
from carepath_sim.calibrate.settings import FitSettings, read_settings
from carepath_sim.calibrate.targets import Target, read_targets
from carepath_sim.errors import CarepathError, Problem, ScenarioError
from carepath_sim.plan import compile_plan
from carepath_sim.scenario.loader import load as load_scenario
from carepath_sim.scenario.reading import Wrong

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from carepath_sim.calibrate.together import Correlations
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.nodes import Node
    from carepath_sim.scenario.reading import Path as FieldPath

T = TypeVar("T")


class TooFewTargetsError(CarepathError):
    """An area whose documents give too little to fit anything; this is an answer."""


@dataclass(frozen=True)
class Calibration:
    """All that a fit rests on.

    Attributes
    ----------
    name
        Such as ``buckinghamshire/as-is``.
    scenario
        With the fields that `fit.yaml` sets.
    targets
        Those that are fitted first, then those that are held out.
    parameters
        What is fitted.
    settings
        How.
    hashes
        SHA-256 of the three files.
    correlations
        How errors of the targets go together, in their order.
    """

    name: str
    scenario: Scenario
    targets: tuple[Target, ...]
    parameters: tuple[Parameter, ...]
    settings: FitSettings
    hashes: dict[str, str]
    correlations: Correlations

    @property
    def fitted(self) -> tuple[Target, ...]:
        """Targets that are fitted."""
        return tuple(one for one in self.targets if one.use == "fit")

    def with_(self, *, seed: int | None = None, budget: int | None = None) -> Calibration:
        """Return the calibration with another seed or budget."""
        settings = self.settings
        settings = replace(settings, seed=settings.seed if seed is None else seed)
        settings = replace(settings, budget=settings.budget if budget is None else budget)
        return replace(self, settings=settings)


def load_calibration(name_or_path: str | os.PathLike[str]) -> Calibration:
    """Read a calibration, and hold its parts against each other.

    Raises
    ------
    NoCalibrationError
        If there is none of that name.
    ScenarioError
        With every problem of its files.
    TooFewTargetsError
        If its file of targets says that there are too few.
    """
    folder, name = find(name_or_path)
    problems: list[Problem] = []

    def read(file: str, parse: Callable[[object], T]) -> tuple[T | None, Node | None]:
        try:
            root = read_file(folder / file, f"{name}/{file}")
        except ScenarioError as error:
            problems.extend(error.problems)
            return None, None
        found, flaws = parsed_as(root, parse)
        problems.extend(flaws)
        return found, root

    found, targets_root = read(TARGETS, partial(read_targets, folder=folder))
    if found is not None:
        _enough(name, found.targets, found.too_few)
    settings, fit_root = read(FIT, read_settings)
    priors, priors_root = read(PRIORS, read_priors)
    scenario = _scenario(folder, settings, fit_root, problems)
    parameters: list[Parameter] = []
    if scenario is not None and priors is not None and priors_root is not None:
        for one in priors:
            try:
                parameters.append(tied(scenario, one))
            except Wrong as refused:
                flaws = [
                    (("parameters", one.name, *flaw.path), flaw.message) for flaw in refused.flaws
                ]
                problems += located(priors_root, flaws)
        clashes = [(("parameters", who), what) for who, what in overlaps(parameters)]
        problems += located(priors_root, clashes)
    if scenario is not None and found is not None and targets_root is not None:
        problems += located(targets_root, _outside_window(scenario, found.targets))
    if problems or scenario is None or settings is None or found is None:
        raise ScenarioError(sorted(problems))
    targets = found.targets
    order = sorted(range(len(targets)), key=lambda k: targets[k].use != "fit")
    hashes = {
        file: hashlib.sha256((folder / file).read_bytes()).hexdigest()
        for file in (TARGETS, PRIORS, FIT)
    }
    if found.table:
        hashes[found.table] = hashlib.sha256((folder / found.table).read_bytes()).hexdigest()
    return Calibration(
        name, scenario, tuple(targets[k] for k in order), tuple(parameters), settings, hashes,
        found.correlations.of(order),
    )  # fmt: skip


def _enough(name: str, targets: tuple[Target, ...], too_few: str) -> None:
    if any(one.use == "fit" for one in targets) and not too_few:
        return
    why = too_few or "no target is marked `use: fit`"
    raise TooFewTargetsError(f"{name}: too few observed figures, so nothing is fitted: {why}")


def _outside_window(
    scenario: Scenario, targets: tuple[Target, ...]
) -> Iterator[tuple[FieldPath, str]]:
    """Yield periods of series that the scenario does not simulate as a whole."""
    if not any(one.series for one in targets):
        return
    there = whole_months(compile_plan(scenario))
    said = f"{there[0]} to {there[-1]}" if there else "none"
    for one in targets:
        for period in one.periods:
            if not set(months_of(period)) <= set(there):
                words = f"the scenario does not simulate all of {period}; its whole months are"
                words = f"{words} {said} (`set: {{clock.start: ...}}` in fit.yaml moves them)"
                yield ("targets", one.name, "series", period), words


def _scenario(
    folder: Path, settings: FitSettings | None, root: Node | None, problems: list[Problem]
) -> Scenario | None:
    """Return the scenario that a fit names: a bundled one, or a file beside."""
    if settings is None or root is None:
        return None
    beside = folder / settings.scenario
    given = beside if beside.suffix in {".yaml", ".yml"} and beside.is_file() else settings.scenario
    try:
        return load_scenario(given, sets=settings.sets)
    except ScenarioError as error:
        problems += error.problems
        return None
