"""Whoever works: processes of this machine, or an existing cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from carepath_sim.experiment.cluster.errors import ClusterError, ClusterLostError
from carepath_sim.experiment.workers import Crew, WorkersDiedError, default_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.scenario.model import Scenario

T = TypeVar("T")
R = TypeVar("R")


# What can end work in the middle through no fault of the work.
STOPPED = (KeyboardInterrupt, WorkersDiedError, ClusterError, ClusterLostError)


def said_more(error: BaseException, words: str) -> BaseException:
    """Return one of `STOPPED` that also says what has become of the work."""
    return type(error)("; ".join([*map(str, error.args), words]))


class Workforce(Protocol):
    """What a list of tasks is worked through by; see `Crew`."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def close(self) -> None:
        """Send everybody home; it can be used again."""
        ...

    def prepare(self, engine: str) -> None:
        """Compile an engine that has to be compiled."""
        ...

    def where(self) -> dict[str, Any]:
        """Return where the work is done, for a manifest."""
        ...

    def work(
        self,
        function: Callable[[T], R],
        tasks: Sequence[T],
        done: Callable[[int, R], None],
        group: Callable[[int], Hashable] | None = None,
        head_start: float = 0.0,
    ) -> None:
        """Call a function on every task and hand over each result as soon as it is there."""
        ...


def crew_of(workers: int | None, cluster: Given | None, scenarios: Iterable[Scenario]) -> Workforce:
    """Return who works.

    Parameters
    ----------
    workers
        Processes of this machine; None: one a processor.
    cluster
        A cluster in their place; None: this machine.
    scenarios
        What will be simulated; a cluster has to read it as this process does.

    Raises
    ------
    ClusterError
        If the cluster cannot be reached, or would not give the same results.
    """
    if cluster is None:
        return Crew(workers or default_workers())
    # Dask takes half a second to load.
    from carepath_sim.experiment.cluster.crew import ClusterCrew
    from carepath_sim.experiment.tasks import pack

    return ClusterCrew(cluster, [pack(scenario) for scenario in scenarios])
