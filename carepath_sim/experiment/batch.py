"""A batch of replications of one or more scenarios: what is asked for, done, and kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from carepath_sim.engine import DEFAULT_ENGINE, ENGINES
from carepath_sim.errors import CarepathError
from carepath_sim.experiment.crews import STOPPED, crew_of, said_more
from carepath_sim.experiment.results import RunResult
from carepath_sim.experiment.run_folder import RunFolder
from carepath_sim.experiment.store.encoding import decode, simulate_all_to_bytes
from carepath_sim.experiment.tasks import KEEPABLE, Task, pack, simulate_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.crews import Workforce
    from carepath_sim.experiment.files import Write
    from carepath_sim.experiment.precision import Precision
    from carepath_sim.experiment.store.encoding import Made
    from carepath_sim.experiment.tasks import Replication
    from carepath_sim.scenario.model import Scenario

# Seeds are one 32-bit word of the key of the random numbers.
SEEDS = 2**32

# Replications at which a precision is given up, unless told otherwise.
MOST = 500


# For how long [s] a batch is worked on alone before other processes are started.
HEAD_START = 0.5


class OptionError(CarepathError):
    """An option of a run that makes no sense."""


@dataclass(frozen=True)
class Batch:
    """What is to be simulated.

    Attributes
    ----------
    scenarios
        The scenarios, the base first where there are several.
    replications
        How many replications of each, numbered from 0; the first of them where a precision is
        wanted.
    seed
        Start of all luck, 0 to 2**32 - 1; scenarios with the same seed share it.
    engine
        What simulates.
    workers
        Processes at work at once; None: one a processor.
    keep
        Large tables to keep, of `KEEPABLE`.
    precision
        Precision of figures until which replications are added.
    max_replications
        Replications at which that ends, reached or not.
    common_random_numbers
        Whether replications of the same number share their random numbers.
    cluster
        Dask cluster that works in the place of processes of this machine.
    """

    scenarios: tuple[Scenario, ...]
    replications: int = 10
    seed: int = 1
    engine: str = DEFAULT_ENGINE
    workers: int | None = None
    keep: tuple[str, ...] = ()
    precision: tuple[Precision, ...] = ()
    max_replications: int = MOST
    common_random_numbers: bool = True
    cluster: Given | None = None

    def __post_init__(self) -> None:
        _refuse_unless(
            self.replications >= 1, f"at least one replication is needed, not {self.replications}"
        )
        _refuse_unless(
            0 <= self.seed < SEEDS, f"a seed lies between 0 and {SEEDS - 1}, not {self.seed}"
        )
        _refuse_unless(
            self.workers is None or self.workers >= 1,
            f"at least one worker is needed, not {self.workers}",
        )
        _refuse_unless(
            self.workers is None or self.cluster is None,
            "a cluster has workers of its own: name a cluster or a number of workers, not both",
        )
        _refuse_unless(
            self.engine in ENGINES, f"unknown engine {self.engine!r}; known: {', '.join(ENGINES)}"
        )
        _refuse_unless(
            not self.precision or self.max_replications >= self.replications,
            f"at most {self.max_replications} replications cannot begin with {self.replications}",
        )
        for name in self.keep:
            _refuse_unless(
                name in KEEPABLE, f"unknown table {name!r}; can be kept: {', '.join(KEEPABLE)}"
            )

    def labels(self) -> tuple[str, ...]:
        """Names of the scenarios, each different."""
        found: list[str] = []
        for scenario in self.scenarios:
            again = sum(other.split(" (")[0] == scenario.name for other in found)
            found.append(f"{scenario.name} ({again + 1})" if again else scenario.name)
        return tuple(found)


def carry_out(
    batch: Batch,
    write: Write,
    *,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[RunResult, ...]:
    """Simulate a batch, and keep what is done in a folder.

    A replication is on the disk the moment it is finished, and no end of the work, not even that of
    this process, costs it. Where the work ends early by an error or Ctrl-C, tables of what is
    finished are written as well.

    Parameters
    ----------
    batch
        What to simulate.
    write
        Writes the tables of results into a folder.
    out
        The folder; None: nothing is written.
    resume
        Whether to go on with an equal batch in that folder.
    progress
        Told how many replications are done, and of how many.

    Returns
    -------
        One result a scenario.

    Raises
    ------
    FolderInUseError
        When the folder holds another run.
    StoreInUseError
        When another process works on the folder.
    StoreError
        When the disk is full; what is finished is kept.
    WorkersDiedError
        When worker processes keep dying.
    ClusterError, ClusterLostError
        When the cluster will not do, or is gone.
    """
    # A cluster is looked at before a folder is taken.
    with crew_of(batch.workers, batch.cluster, batch.scenarios) as crew:
        return _carried_out(_Work(batch, crew, progress), write, out, resume=resume)


def worked(batch: Batch, crew: Workforce) -> tuple[RunResult, ...]:
    """Simulate a batch with processes that are there, and keep nothing."""
    return _Work(batch, crew, None).until_enough()


def _carried_out(
    work: _Work, write: Write, out: str | Path | None, *, resume: bool
) -> tuple[RunResult, ...]:
    batch = work.batch
    if out is None:
        return work.until_enough()
    folder = RunFolder.claim(Path(out), batch, resume=resume)
    try:
        work.folder = folder
        work.done.update(folder.finished(batch))
        finished = work.until_enough()
    except BaseException as error:
        kept = work.kept()
        folder.leave(work.batch, work.results(kept) if kept else (), write, work.where)
        if isinstance(error, STOPPED) and kept:
            words = f"{len(kept)} of {work.batch.replications} replications are kept"
            raise said_more(
                error, f"{words} in {folder.path}; --resume goes on with them"
            ) from None
        raise
    folder.finish(work.batch, finished, write, work.where)
    return finished


class _Work:
    """The replications of a batch: which are done, and how many there are to be."""

    def __init__(
        self, batch: Batch, crew: Workforce, progress: Callable[[int, int], None] | None
    ) -> None:
        self.batch = batch
        self.crew = crew
        # As it was at the beginning: at the end a cluster may be gone.
        self.where = crew.where()
        self.progress = progress
        self.began = perf_counter()
        self.packed = tuple(pack(scenario) for scenario in batch.scenarios)
        self.done: dict[int, tuple[Replication, ...]] = {}
        self.folder: RunFolder | None = None

    def until_enough(self) -> tuple[RunResult, ...]:
        """Simulate what is missing, and more of it until the wanted precision is reached.

        How many follow is worked out from the figures of those before, which are the same whoever
        did them: so the last number depends neither on workers nor on interruptions. Replications
        of an earlier run that asked for more are not thrown away.
        """
        while True:
            self._simulate()
            results = self.results(range(self.batch.replications))
            if not self.batch.precision:
                return results
            from carepath_sim.experiment.precision import next_number

            number = next_number(results, self.batch.precision, self.batch.max_replications)
            if number == self.batch.replications:
                return self.results(self.kept())
            self.batch = replace(self.batch, replications=number)

    def kept(self) -> list[int]:
        """Return which replications are done."""
        return sorted(self.done)

    def results(self, numbers: Iterable[int]) -> tuple[RunResult, ...]:
        """Return results in order of replications, whoever finished first."""
        batch, seconds = self.batch, perf_counter() - self.began
        rows: Iterable[Sequence[Replication]] = zip(*(self.done[k] for k in numbers), strict=True)
        return tuple(
            RunResult(
                label,
                scenario,
                batch.seed,
                batch.engine,
                tuple(replications),
                seconds,
                batch.precision,
                batch.common_random_numbers,
            )
            for label, scenario, replications in zip(
                batch.labels(), batch.scenarios, rows, strict=True
            )
        )

    def _simulate(self) -> None:
        """Simulate every replication of the batch that is missing."""
        batch = self.batch
        missing = [number for number in range(batch.replications) if number not in self.done]
        tasks = [
            Task(
                self.packed,
                batch.seed,
                number,
                batch.engine,
                batch.keep,
                batch.common_random_numbers,
            )
            for number in missing
        ]

        def one_more(_position: int, replications: tuple[Replication, ...]) -> None:
            self.done[replications[0].replication] = replications
            self._tell()

        def put(position: int, made: tuple[Made, ...]) -> None:
            assert self.folder is not None  # noqa: S101 - for the type checker
            number = missing[position]
            self.folder.add(number, made)
            # As it comes back from the folder, so that going on makes no difference.
            one_more(position, tuple(decode(one.content).replication(number) for one in made))

        self._tell()
        if missing:
            self.crew.prepare(batch.engine)
        head_start = HEAD_START if batch.engine == DEFAULT_ENGINE else 0.0
        if self.folder is None:
            self.crew.work(simulate_task, tasks, one_more, head_start=head_start)
        else:
            self.crew.work(simulate_all_to_bytes, tasks, put, head_start=head_start)

    def _tell(self) -> None:
        if self.progress is not None:
            total = self.batch.replications
            self.progress(sum(number < total for number in self.done), total)


def _refuse_unless(holds: bool, message: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise OptionError(message)
