"""A base and other scenarios replication by replication: also what happens to the same people."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

from carepath_sim.experiment.batch import Batch
from carepath_sim.experiment.crews import crew_of
from carepath_sim.experiment.results import RunResult
from carepath_sim.experiment.store.encoding import Made, decode, simulate_all_to_bytes
from carepath_sim.experiment.tasks import PLANS_KEPT, Replication, Task, pack, simulate_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.evaluate import Settings, Store
    from carepath_sim.scenario.model import Scenario

# Others beside the base that a worker simulates at a time: it keeps the plans of all of them.
TOGETHER = PLANS_KEPT - 1


class PairedPoints:
    """Simulates scenarios beside a base, each replication of each once.

    Admissions avoided and caused compare the same person in two runs, which must be at hand
    together; so the base is simulated again with every few of the others.

    Parameters
    ----------
    scenarios
        The base, and the others.
    labels
        What their results are called.
    seed, engine, workers, cluster
        As in `carepath_sim.run`.
    progress
        Told how many replications are done, and of how many, over all questions so far.
    store
        Where replications are kept and looked for; None: in memory only.
    settings
        What the store is to say of the scenarios.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        labels: Sequence[str],
        *,
        seed: int = Batch.seed,
        engine: str = Batch.engine,
        workers: int | None = None,
        cluster: Given | None = None,
        progress: Callable[[int, int], None] | None = None,
        store: Store | None = None,
        settings: Sequence[Settings] = (),
    ) -> None:
        self.scenarios = tuple(scenarios)
        # It refuses what makes no sense.
        Batch(self.scenarios, 1, seed, engine, workers, cluster=cluster)
        self.labels = tuple(labels)
        self.seed, self.engine = seed, engine
        self._progress = progress
        self._packed = tuple(map(pack, self.scenarios))
        self._crew = crew_of(workers, cluster, self.scenarios)
        self._store = store
        self._settings = settings or [{}] * len(self.scenarios)
        # Equal scenarios are points of their own: what is paired with the base tells them apart.
        self._keys = [f"{k} {one.hash()}" for k, one in enumerate(self.scenarios)]
        self._done: tuple[dict[int, Replication], ...] = tuple({} for _ in self.scenarios)
        self._looked: set[int] = set()
        self._seconds = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._crew.close()

    def where(self) -> dict[str, Any]:
        """Return where the work is done, for a manifest."""
        return self._crew.where()

    def results(self, which: Iterable[int], replications: int) -> tuple[RunResult, ...]:
        """Return the results of some of the scenarios, the base being number 0.

        Parameters
        ----------
        which
            Their numbers.
        replications
            How many, numbered from 0; those that are there are not simulated again.
        """
        wanted = tuple(which)
        began = perf_counter()
        self._look(wanted, replications)
        tasks, numbers = self._missing(wanted, replications)
        before = sum(map(len, self._done))
        new = sum(len(of) for of in numbers)

        def one_more(position: int, made: tuple[Replication, ...]) -> None:
            for k, one in zip(numbers[position], made, strict=True):
                self._done[k][one.replication] = one
            if self._progress is not None:
                self._progress(sum(map(len, self._done)), before + new)

        def put(position: int, made: tuple[Made, ...]) -> None:
            number = tasks[position].replication
            for k, one in zip(numbers[position], made, strict=True):
                # The base comes with every few of the others.
                if self._store is not None and number not in self._done[k]:
                    self._store.put(self._keys[k], number, one)
            one_more(position, tuple(decode(one.content).replication(number) for one in made))

        if tasks:
            self._crew.prepare(self.engine)
        if self._store is None:
            self._crew.work(simulate_task, tasks, one_more, group=numbers.__getitem__)
        else:
            self._crew.work(simulate_all_to_bytes, tasks, put, group=numbers.__getitem__)
        self._seconds += perf_counter() - began
        return tuple(self._result(k, replications) for k in wanted)

    def _look(self, wanted: Sequence[int], replications: int) -> None:
        """Note what is wanted, the base among it, and find what is there."""
        if self._store is None:
            return
        asked = sorted({0, *wanted})
        self._store.ask([(self._keys[k], self._settings[k]) for k in asked], replications)
        for k in set(asked) - self._looked:
            self._done[k].update(self._store.finished(self._keys[k]))
            self._looked.add(k)

    def most(self, number: int) -> RunResult:
        """Return the result of one scenario with every replication that was simulated."""
        return self._result(number, len(self._done[number]))

    def _missing(
        self, wanted: Sequence[int], replications: int
    ) -> tuple[list[Task], list[tuple[int, ...]]]:
        """Return tasks, and the numbers of the scenarios of each."""
        tasks, numbers = [], []
        for number in range(replications):
            lacking = [k for k in wanted if k and number not in self._done[k]]
            parts = [lacking[at : at + TOGETHER] for at in range(0, len(lacking), TOGETHER)]
            # A store may have lost the base alone, which comes with the others otherwise.
            of_base = 0 in wanted or self._store is not None
            if not parts and of_base and number not in self._done[0]:
                parts = [[]]
            for part in parts:
                together = (0, *part)
                packed = tuple(self._packed[k] for k in together)
                tasks.append(Task(packed, self.seed, number, self.engine))
                numbers.append(together)
        return tasks, numbers

    def _result(self, k: int, replications: int) -> RunResult:
        done = tuple(self._done[k][number] for number in range(replications))
        return RunResult(
            self.labels[k], self.scenarios[k], self.seed, self.engine, done, self._seconds
        )
