"""Scenarios simulated for draws of their uncertain numbers, into a folder."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.experiment.answers import claimed, write_answer
from carepath_sim.experiment.batch import Batch, OptionError, worked
from carepath_sim.experiment.begun import how_many
from carepath_sim.experiment.crews import STOPPED, crew_of, said_more
from carepath_sim.experiment.draws import STRIDE, fill, impossible, read_figures
from carepath_sim.experiment.objective import Objective
from carepath_sim.experiment.posterior import Drawn
from carepath_sim.experiment.posterior_files import RANGES, PosteriorError
from carepath_sim.experiment.store.folder import Identity, StoreFolder, told_if_full
from carepath_sim.experiment.study import Study
from carepath_sim.experiment.sweep import identity_of
from carepath_sim.experiment.taking import (
    WAYS_BACK,
    moved_back,
    own_fields,
    said_of_impossible,
    taken_draws,
)
from carepath_sim.experiment.uncertain import Uncertainty, is_of_a_pair
from carepath_sim.experiment.wanted import Wanted
from carepath_sim.experiment.wanted import targets as read_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.draws import Figures
    from carepath_sim.experiment.posterior import Posterior
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario

KIND: Final = "uncertainty"
REPLICATIONS: Final = 3
"""Replications of a draw where nothing is said."""
HEADLINES: Final = ("emergency_admissions", "delayed_transfer_days", "costs")
"""What is looked at where nothing is named, as far as it happens."""


def uncertainty(
    scenario: Scenario,
    *others: Scenario,
    posterior: Posterior | str | Path = RANGES,
    draws: int | None = None,
    replications: int | None = None,
    parameters: Sequence[str] = (),
    measures: Sequence[str] = (),
    targets: str | Iterable[str] = (),
    objective: str | None = None,
    other_models: str = "refuse",
    impossible_draws: str = "refuse",
    seed: int = Batch.seed,
    engine: str = Batch.engine,
    workers: int | None = None,
    cluster: Given | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
    making: Callable[[int, int], None] | None = None,
) -> Uncertainty:
    """Simulate scenarios for draws of their uncertain numbers, and tell ignorance from luck.

    Within a draw all scenarios meet the same people and the same luck; each draw has luck of its
    own, so that chance shrinks in the mean with the number of draws.

    Parameters
    ----------
    scenario, others
        The scenario; with others it is the base that they are compared with.
    posterior
        The folder of a fit, a `Posterior`, or ``ranges``: the ranges of the scenarios.
    draws
        How many; None: 256.
    replications
        Of each draw; 2 to 5 are enough, more draws are better. None: 3, or with `resume` as many
        as the folder was begun with.
    parameters
        With ``ranges``: names or patterns of the numbers that vary; none: all.
    measures
        Figures to look at closely; none: emergency admissions, delayed days, costs.
    targets
        Such as ``p_wait[community_beds]<=0.05``.
    objective
        With several scenarios: such as ``minimise costs``.
    other_models
        ``refuse`` or ``accept`` a posterior of another scenario.
    impossible_draws
        ``refuse`` or ``leave out`` draws that make no scenario; how many there were is kept.
    seed, engine, workers, cluster, progress
        As in `carepath_sim.run`; the draws are taken with the same seed.
    making
        Told how many draws are made and checked, and of how many, before any is simulated.
    out
        Folder for the tables and the store of all replications.
    resume
        Whether to go on with the same work in `out`.

    Returns
    -------
        The answers; `figures()` or `differences()` is the place to begin.

    Raises
    ------
    PosteriorError
        For a posterior that cannot be read, is of another scenario, or has impossible draws.
    OptionError
        For an option that makes no sense.
    FolderInUseError
        When `out` holds something else.
    """
    scenarios = (scenario, *others)
    replications = how_many(replications, REPLICATIONS, out, resume=resume)
    batch = Batch(scenarios, replications, seed, engine, workers, cluster=cluster)
    _refuse_options(batch, other_models, impossible_draws)
    if out is None and resume:
        raise OptionError("going on needs the folder in which something is kept (out)")
    wanted = tuple(map(Wanted.parse, measures))
    asked = read_targets(targets)
    goal = Objective.parse(objective) if objective is not None else None
    if goal is not None and not others:
        raise OptionError("an objective chooses between scenarios; for one there are targets")
    taken, notices = taken_draws(scenarios, posterior, draws, seed, parameters, other_models)
    kept, words = own_fields(taken, scenarios)
    notices += words
    drawn = [Drawn(taken, one, but) for one, but in zip(scenarios, kept, strict=True)]
    wrong, hashes = impossible(drawn, range(len(taken)), making)
    moved = 0
    for _ in range(WAYS_BACK if taken.of_ranges else 0):
        back = moved_back(taken, wrong, scenarios)
        if not wrong or np.array_equal(back.draws, taken.draws):
            break
        taken, drawn = back, [Drawn(back, one) for one in scenarios]
        wrong, mended = impossible(drawn, wrong, making)
        hashes, moved = hashes | mended, moved + len(mended)
    if moved:
        notices.append(
            f"in {moved} of {len(taken)} draws numbers that cannot stand together, such as a "
            "median above the 90th percentile, were moved towards what is written"
        )
    if wrong:
        said = said_of_impossible(wrong, len(taken))
        if impossible_draws == "refuse":
            raise PosteriorError(
                f"{said}\nmend the ranges, take other numbers with --parameters, or leave these "
                "draws out with --leave-out-impossible"
            )
        notices.append(f"left out: {said}")
        taken = taken.without(list(wrong))
        drawn = [Drawn(taken, one, but) for one, but in zip(scenarios, kept, strict=True)]
    passing = TemporaryDirectory(prefix="carepath-draws-") if out is None else None
    path = Path(out if passing is None else passing.name)  # type: ignore[arg-type]
    question = {
        "scenarios": list(batch.labels()),
        "posterior": taken.source,
        "draws": len(taken),
        "parameters": list(parameters),
        "replications": replications,
        "measures": [str(one) for one in wanted],
        "targets": [str(one) for one in asked],
        "objective": objective,
        "impossible_draws": impossible_draws,
    }
    with crew_of(workers, cluster, scenarios) as crew:
        where = crew.where()
        head = {"seed": seed, "engine": engine, "options": question}
        with (
            nullcontext()
            if passing is not None
            else claimed(path, KIND, scenario, head, resume=resume)
        ):
            # One draw tells which figures there are, before all are simulated.
            trial = replace(batch, scenarios=tuple(one.scenario(0) for one in drawn))
            first = worked(trial, crew)
            _refuse_unknown(first, (*wanted, *(one.wanted for one in asked)), goal)
            wanted = wanted or _headlines(first)
            if goal is not None and not any(_happens(one, first) for _, one in goal.terms):
                notices.append(
                    f"{goal.words} is 0 in the first draw of all scenarios: none is better"
                )
            stores: list[StoreFolder] = []
            try:
                for k, one in enumerate(drawn):
                    points = [{"draw": j, **one.settings(j)} for j in range(len(taken))]
                    identity = _identity(batch, k, taken.source)
                    stores.append(
                        StoreFolder.claim(
                            path / f"scenario-{k}",
                            identity,
                            points,
                            replications,
                            resume=resume,
                            hashes=[hashes[j][k] for j in sorted(hashes)],
                        )
                    )
                fill(stores, drawn, seed=seed, engine=engine, crew=crew, progress=progress)
                for store in stores:
                    store.finish(where=where)
            except STOPPED as error:
                if passing is not None:
                    raise
                again = f"what is finished is kept in {path}; --resume goes on with it"
                raise said_more(error, again) from None
            finally:
                for store in stores:
                    store.close()
    labels = batch.labels()
    tables = tuple(
        _read(store, one, label, len(taken), replications)
        for store, one, label in zip(stores, scenarios, labels, strict=True)
    )
    left_out = tuple(
        (draw, f"{problems[0].path}: {problems[0].message}") for draw, problems in wrong.items()
    )
    found = Uncertainty(
        labels, taken, tables, wanted, asked, goal, left_out, tuple(notices), seed,
        engine,
    )  # fmt: skip
    if passing is not None:
        passing.cleanup()
    else:
        _write(path, scenarios, found, question)
    return found


def _refuse_options(batch: Batch, other_models: str, impossible_draws: str) -> None:
    if batch.replications > STRIDE:
        raise OptionError(f"at most {STRIDE} replications of a draw can be made; take more draws")
    for name, given, known in (
        ("other_models", other_models, ("refuse", "accept")),
        ("impossible_draws", impossible_draws, ("refuse", "leave out")),
    ):
        if given not in known:
            raise OptionError(f"{name} is {' or '.join(map(repr, known))}, not {given!r}")


def _refuse_unknown(
    results: Sequence[RunResult], wanted: Sequence[Wanted], goal: Objective | None
) -> None:
    """Refuse figures that a scenario has not.

    Raises
    ------
    OptionError
        With all of them.
    """
    problems: list[str] = []
    terms = [one for _, one in goal.terms] if goal is not None else []
    for one in (*wanted, *terms):
        for k, result in enumerate(results):
            # The base, compared with itself, has 0 of what compares.
            if is_of_a_pair(one) and k == 0 and len(results) > 1:
                continue
            try:
                one.on(result)
            except OptionError as error:
                problems.append(str(error))
    if problems:
        raise OptionError("\n".join(dict.fromkeys(problems)))


def _headlines(results: Sequence[RunResult]) -> tuple[Wanted, ...]:
    found = []
    for name in HEADLINES:
        one = Wanted.parse(name)
        if _happens(one, results):
            found.append(one)
    if not found:
        raise OptionError("nothing of what is looked at happens here; name a measure")
    return tuple(found)


def _happens(one: Wanted, results: Sequence[RunResult]) -> bool:
    """Tell whether a figure is anything but 0 in any scenario."""
    for result in results:
        try:
            if np.nan_to_num(one.sums(result)[0]).any():
                return True
        except OptionError:
            continue
    return False


def _identity(batch: Batch, k: int, source: str) -> Identity:
    of_one = identity_of(replace(batch, scenarios=(batch.scenarios[k],)))
    fixed = {**of_one.fixed, "posterior": source, "luck": "of each draw its own"}
    return replace(of_one, label=batch.labels()[k], fixed=fixed, kind="draws")


def _read(
    store: StoreFolder, scenario: Scenario, label: str, draws: int, replications: int
) -> Figures:
    study = Study(store.path, tuple(store.points), store.manifest)
    return read_figures(study, scenario, label, draws, replications)


def _write(
    path: Path,
    scenarios: Sequence[Scenario],
    found: Uncertainty,
    question: Mapping[str, object],
) -> None:
    several = len(found.names) > 1
    tables = {
        "figures": found.figures(),
        "summary": found.summary(),
        "draws": found.draws(),
        "targets": found.targets(),
        "knowing": found.knowing(),
        **({"differences": found.differences()} if several else {}),
        **({"best": found.best()} if found.objective is not None else {}),
    }
    said = {
        "names": list(found.names),
        "hashes": [one.hash() for one in scenarios],
        "scenarios": [one.resolved() for one in scenarios],
        "posterior": found.posterior.source,
        "draws": len(found.posterior),
        "replications": found.replications,
        "seed": found.seed,
        "engine": found.engine,
        "options": question,
        "notices": list(found.notices),
        "impossible": [{"draw": draw, "reason": why} for draw, why in found.impossible],
    }
    with told_if_full(path):
        import_module("carepath_sim.report.kept").keep_uncertainty(path, found)
    write_answer(path, KIND, scenarios[0], tables, said)
