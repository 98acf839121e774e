"""A batch of replications of one or more scenarios: what is asked for, done, and kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from carepath_sim.engine import ENGINES
from carepath_sim.errors import CarepathError
from carepath_sim.experiment.files import RunFolder
from carepath_sim.experiment.results import RunResult
from carepath_sim.experiment.tasks import KEEPABLE, Task, pack, simulate_task
from carepath_sim.experiment.workers import default_workers, work_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from carepath_sim.experiment.files import Write
    from carepath_sim.experiment.tasks import Replication
    from carepath_sim.scenario.model import Scenario

# Seeds are one 32-bit word of the key of the random numbers.
SEEDS = 2**32


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
        How many replications of each, numbered from 0.
    seed
        Start of all luck, 0 to 2**32 - 1; scenarios with the same seed share it.
    engine
        What simulates.
    workers
        Processes at work at once; None: one a processor.
    keep
        Large tables to keep, of `KEEPABLE`.
    """

    scenarios: tuple[Scenario, ...]
    replications: int = 10
    seed: int = 1
    engine: str = "simpy"
    workers: int | None = None
    keep: tuple[str, ...] = ()

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
            self.engine in ENGINES, f"unknown engine {self.engine!r}; known: {', '.join(ENGINES)}"
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

    Whatever ends the work early, an error or Ctrl-C, the replications that are finished are
    written first.

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
    WorkersDiedError
        When worker processes keep dying.
    """
    began = perf_counter()
    packed = tuple(pack(scenario) for scenario in batch.scenarios)
    done: dict[int, tuple[Replication, ...]] = {}
    folder = RunFolder.claim(Path(out), batch, resume=resume) if out is not None else None
    if folder is not None:
        done.update(folder.finished(batch))
    missing = [number for number in range(batch.replications) if number not in done]
    tasks = [Task(packed, batch.seed, number, batch.engine, batch.keep) for number in missing]

    def results() -> tuple[RunResult, ...]:
        return _results(batch, done, perf_counter() - began)

    def one_more(_position: int, replications: tuple[Replication, ...]) -> None:
        done[replications[0].replication] = replications
        if progress is not None:
            progress(len(done), batch.replications)

    try:
        if progress is not None:
            progress(len(done), batch.replications)
        workers = batch.workers or default_workers()
        work_through(simulate_task, tasks, workers=workers, done=one_more)
    except BaseException as error:
        if folder is not None:
            folder.close(batch, results() if done else (), write)
        if isinstance(error, KeyboardInterrupt) and folder is not None and done:
            kept = f"{len(done)} of {batch.replications} replications are kept in {folder.path}"
            raise KeyboardInterrupt(f"{kept}; --resume goes on with them") from None
        raise
    finished = results()
    if folder is not None:
        folder.close(batch, finished, write)
    return finished


def _results(
    batch: Batch, done: dict[int, tuple[Replication, ...]], seconds: float
) -> tuple[RunResult, ...]:
    """Results in order of replications, whoever finished first."""
    rows: Iterable[Sequence[Replication]] = zip(*(done[k] for k in sorted(done)), strict=True)
    return tuple(
        RunResult(label, scenario, batch.seed, batch.engine, tuple(replications), seconds)
        for label, scenario, replications in zip(batch.labels(), batch.scenarios, rows, strict=True)
    )


def _refuse_unless(holds: bool, message: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise OptionError(message)
