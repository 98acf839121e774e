"""Sweeps: every point of a design, simulated into a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from carepath_sim.errors import ScenarioError
from carepath_sim.experiment.batch import Batch, OptionError
from carepath_sim.experiment.begun import how_many
from carepath_sim.experiment.crews import STOPPED, crew_of, said_more
from carepath_sim.experiment.evaluate import PointTasks, point_of
from carepath_sim.experiment.files import MANIFEST
from carepath_sim.experiment.identity import identity
from carepath_sim.experiment.points import Design, choices_of, grid, listed, once, ranges, sample
from carepath_sim.experiment.store.encoding import simulate_to_bytes
from carepath_sim.experiment.store.folder import StoreFolder, told_if_full
from carepath_sim.experiment.study import Study, read_sweep
from carepath_sim.experiment.writing import write_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd

    from carepath_sim.errors import Problem
    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.crews import Workforce
    from carepath_sim.experiment.evaluate import Settings
    from carepath_sim.experiment.store.encoding import Made
    from carepath_sim.experiment.store.folder import Identity
    from carepath_sim.scenario.model import Scenario

# Problems of points that somebody reads.
MOST_PROBLEMS = 20


def design_of(
    *,
    vary: Mapping[str, Any] | None = None,
    design: str | Path | pd.DataFrame | Iterable[Settings] | None = None,
    sampled: str | None = None,
    size: int | None = None,
    sample_seed: int = 1,
    with_base: bool = False,
) -> Design | None:
    """Return the design that is asked for, or None where nothing is; parameters as in `sweep`.

    Raises
    ------
    OptionError
        For options that contradict each other.
    """
    if vary and design is not None:
        raise OptionError("a design comes from fields that vary or from a list, not from both")
    if sampled is None and size is not None:
        raise OptionError("a number of points needs a way to draw them: --sample lhs or sobol")
    if not vary and design is None:
        if sampled is not None:
            raise OptionError("a sample needs ranges: --vary PATH=A:B")
        return None
    if sampled is not None:
        if vary:
            choices = choices_of(vary, sampled=True)
        elif isinstance(design, (str, Path)):
            choices = ranges(design)
        else:
            raise OptionError("a sample needs ranges, by field or as a CSV file")
        found = sample(choices, size, sampled, sample_seed)
    elif vary:
        found = grid(choices_of(vary, sampled=False))
    else:
        assert design is not None  # noqa: S101 - for the type checker
        found = listed(design)
    return once([{}, *found.points], found.notices) if with_base else found


def sweep(
    scenario: Scenario,
    *,
    vary: Mapping[str, Any] | None = None,
    design: str | Path | pd.DataFrame | Iterable[Settings] | None = None,
    sample: str | None = None,
    n: int | None = None,
    sample_seed: int = 1,
    with_base: bool = False,
    replications: int | None = None,
    seed: int = Batch.seed,
    engine: str = Batch.engine,
    workers: int | None = None,
    cluster: Given | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Simulate every point of a design with the same people and the same luck.

    Every replication is kept the moment it is finished. Whatever ends a sweep, Ctrl-C, a killed
    process, a full disk or a power cut: `resume` goes on with what is missing, and the end is the
    same to the last bit.

    Parameters
    ----------
    scenario
        The scenario whose fields are set.
    vary
        Field -> values: ``{"pools.community_beds.capacity": range(60, 161, 10)}``; also as text,
        ``"60:160:10"``. Several fields make a grid, the last one changing fastest. For a sample the
        two ends of a range, ``(60, 160)``, or a list of values; whole ends give whole numbers.
    design
        Points one by one instead: a CSV file with a column a field, a DataFrame, or mappings. For a
        sample a CSV file with the columns path, low, high.
    sample, n
        ``lhs`` (Latin hypercube) or ``sobol`` (scrambled Sobol sequence), and how many points.
    sample_seed
        Start of the luck of the sample.
    with_base
        Whether the scenario as it is comes before the points, as point 0.
    replications, seed, engine, workers, cluster
        As in `carepath_sim.run`. When a sweep is gone on with, it goes on to as many replications
        as it was begun with; more may be asked for.
    out
        Folder of the store; None: one that goes when the result goes.
    resume
        Whether to go on with the same sweep in `out`; its design need not be given again.
    progress
        Told how many replications are done, and of how many.

    Returns
    -------
        The study; `table()` is the place to begin.

    Raises
    ------
    OptionError
        For an option out of range, or a design that cannot be made.
    ScenarioError
        If points are no scenarios.
    FolderInUseError
        When `out` holds something else, or a sweep that differs; the message says in what.
    StoreInUseError
        When another process works on `out`.
    StoreError
        When the disk is full; what is finished is kept.
    WorkersDiedError
        When worker processes keep dying; what is finished is kept.
    ClusterError
        When the cluster cannot be reached, or would not give the same results.
    ClusterLostError
        When the scheduler is gone in the middle of the work; what is finished is kept.
    """
    wanted = design_of(
        vary=vary, design=design, sampled=sample, size=n, sample_seed=sample_seed,
        with_base=with_base,
    )  # fmt: skip
    if wanted is None and not (resume and out is not None):
        raise OptionError("nothing varies: say which field takes which values, or give a design")
    number = how_many(replications, Batch.replications, out, resume=resume)
    batch = Batch((scenario,), number, seed, engine, workers, cluster=cluster)
    passing = TemporaryDirectory(prefix="carepath-sweep-") if out is None else None
    path = Path(out if passing is None else passing.name)  # type: ignore[arg-type]
    # A cluster is looked at before a folder is taken.
    with crew_of(workers, cluster, [scenario]) as crew:
        _swept(path, batch, wanted, crew, progress, resume=resume, resumable=passing is None)
    study = replace(read_sweep(path), passing=passing)
    if passing is None:
        from carepath_sim.measures.headline import HEADLINE

        names = list(dict.fromkeys(name for name, _ in HEADLINE))
        with told_if_full(path):
            write_csv(path / "summary.csv", study.table(names))
    return study


def _swept(
    path: Path,
    batch: Batch,
    wanted: Design | None,
    crew: Workforce,
    progress: Callable[[int, int], None] | None,
    *,
    resume: bool,
    resumable: bool,
) -> None:
    """Simulate a design into a folder; `resumable` says whether somebody could go on with it."""
    (scenario,) = batch.scenarios
    began = datetime.now(UTC)
    fresh = wanted is not None and not (path / MANIFEST).exists()
    hashes = hashes_of(scenario, wanted.points) if fresh and wanted is not None else ()
    store = StoreFolder.claim(
        path,
        identity_of(batch),
        None if wanted is None else wanted.points,
        batch.replications,
        resume=resume,
        hashes=hashes,
    )
    where = crew.where()
    try:
        _fill(store, batch, crew, progress)
        seconds = (datetime.now(UTC) - began).total_seconds()
        store.finish(
            started=store.manifest.get("started", began.isoformat(timespec="seconds")),
            wall_time_s=round(store.manifest.get("wall_time_s", 0.0) + seconds, 3),
            where=where,
        )
    except STOPPED as error:
        if not resumable:
            raise
        done = store.total - _left(store)
        kept = f"{done} of {store.total} replications are kept in {store.path}"
        raise said_more(error, f"{kept}; --resume goes on with them") from None
    finally:
        store.close()


def _left(store: StoreFolder) -> int:
    return sum(store.left.values())


def _fill(
    store: StoreFolder,
    batch: Batch,
    crew: Workforce,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Simulate what is missing, point by point."""
    (scenario,) = batch.scenarios
    tasks = PointTasks(
        store.missing,
        lambda point: point_of(scenario, store.points[point]),
        seed=batch.seed,
        engine=batch.engine,
    )

    def tell() -> None:
        if progress is not None:
            progress(store.total - _left(store), store.total)

    def keep(position: int, made: Made) -> None:
        store.keep(*tasks.wanted[position], made)
        tell()

    tell()
    if store.missing:
        crew.prepare(batch.engine)
    crew.work(simulate_to_bytes, tasks, keep, group=tasks.point)


def identity_of(batch: Batch) -> Identity:
    """Return what decides the replications of a sweep, and so must not change while it lasts."""
    (scenario,) = batch.scenarios
    return identity(scenario, batch.labels()[0], batch.seed, batch.engine)


def hashes_of(scenario: Scenario, points: Sequence[Settings]) -> list[str]:
    """Return the hashes of the scenarios of points, each checked before anything is simulated.

    Raises
    ------
    ScenarioError
        With the problems of all points.
    """
    found: list[str] = []
    problems: list[Problem] = []
    for point in points:
        try:
            found.append(point_of(scenario, point).hash())
        except ScenarioError as error:
            problems += [problem for problem in error.problems if problem not in problems]
            if len(problems) >= MOST_PROBLEMS:
                break
    if problems:
        raise ScenarioError(problems[:MOST_PROBLEMS])
    return found
