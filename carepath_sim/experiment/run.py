"""Running one scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.engine import DEFAULT_ENGINE
from carepath_sim.experiment.batch import MOST, Batch, carry_out
from carepath_sim.experiment.begun import how_many
from carepath_sim.experiment.files import write_run
from carepath_sim.experiment.precision import precisions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.precision import Asked
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario


def run(
    scenario: Scenario,
    *,
    replications: int | None = None,
    precision: Asked = (),
    max_replications: int = MOST,
    seed: int = 1,
    engine: str = DEFAULT_ENGINE,
    workers: int | None = None,
    cluster: Given | None = None,
    keep: Iterable[str] = (),
    out: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> RunResult:
    """Simulate a scenario.

    The result depends on the scenario, the seed and the replications asked for alone: not on the
    number of workers, nor on the machine.

    Parameters
    ----------
    scenario
        What to simulate; see `carepath_sim.load`.
    replications
        How often, each time with other luck; with a precision, how many to begin with. None: 10,
        or with `resume` as many as the folder was begun with.
    precision
        Half the length of the 95 % intervals of some figures, until which replications are added:
        ``"admissions=1%"`` (of the mean), ``"p_wait[community_beds]=2pp"``,
        ``{"delayed_days": 50}``.
    max_replications
        Where that ends, reached or not; `RunResult.precision` tells.
    seed
        Start of all luck, 0 to 2**32 - 1.
    engine
        What simulates: ``simpy``.
    workers
        Processes at work at once; None: one a processor.
    cluster
        Dask cluster that works in their place: the address of its scheduler, a
        `carepath_sim.Cluster` with certificates, or a client or cluster of Dask.
    keep
        Large tables to keep in the result and in `out`: spells, people, episodes, changes, events.
    out
        Folder for the tables of the run; None: nothing is written.
    resume
        Whether to go on with the same run in `out`: only what is missing is simulated.
    progress
        Told how many replications are done, and of how many.

    Returns
    -------
        The result; `summary()` is the place to begin.

    Raises
    ------
    OptionError
        For an option out of range.
    FolderInUseError
        When `out` holds another run.
    ClusterError
        When the cluster cannot be reached, or would not give the same results.
    ClusterLostError
        When the scheduler is gone in the middle of the work; what is done is kept in `out`.
    CheckFailedError
        When a replication contradicts itself; this is a fault of the program.
    """
    wanted = precisions(precision)
    batch = Batch(
        (scenario,),
        how_many(replications, Batch.replications, out, resume=resume, precise=bool(wanted)),
        seed,
        engine,
        workers,
        tuple(keep),
        wanted,
        max_replications,
        cluster=cluster,
    )
    (result,) = carry_out(batch, write_run, out=out, resume=resume, progress=progress)
    return result
