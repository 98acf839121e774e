"""Points of a design under common random numbers, each point and replication simulated once."""

from __future__ import annotations

import json
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias, overload

from carepath_sim.experiment.batch import Batch
from carepath_sim.experiment.crews import crew_of
from carepath_sim.experiment.results import RunResult
from carepath_sim.experiment.store.encoding import Made, decode, simulate_all_to_bytes
from carepath_sim.experiment.tasks import Packed, Replication, Task, pack, simulate_task
from carepath_sim.scenario.loader import build
from carepath_sim.scenario.model import Scenario
from carepath_sim.scenario.overrides import overrides_of

if TYPE_CHECKING:
    from types import TracebackType

    from carepath_sim.experiment.cluster.connection import Given

# A point of a design: field path -> value, as for `--set`; an empty one is the base.
Settings: TypeAlias = Mapping[str, Any]

# Workers go from point to point; only those at hand are kept ready to be sent.
POINTS_AT_HAND = 16


class Store(Protocol):
    """Somewhere to put replications, and to find those of an earlier time.

    Points have keys: what makes two of them one.
    """

    def ask(self, points: Sequence[tuple[str, Settings]], replications: int) -> None:
        """Note what is wanted of some points, all different, before it is simulated."""
        ...

    def finished(self, key: str) -> Mapping[int, Replication]:
        """Return the replications of a point that are there, by number."""
        ...

    def put(self, key: str, number: int, made: Made) -> None:
        """Put one replication of a point away."""
        ...


def point_of(base: Scenario, settings: Settings) -> Scenario:
    """Return the scenario of a point: the base with all settings made, then checked as a whole.

    Raises
    ------
    ScenarioError
        If what comes out is no scenario, with every problem that was found.
    """
    if not settings:
        return base
    return build(base.tree, base.name, overrides_of(settings), notices=base.notices)


def words_of(settings: Settings) -> str:
    """Return settings on one line.

    >>> words_of({"pools.community_beds.capacity": 140})
    'pools.community_beds.capacity=140'
    """
    return ", ".join(f"{path}={value}" for path, value in settings.items())


class PointTasks(Sequence[Task]):
    """Tasks of a design, made one by one: scenarios of a county are large when packed.

    Parameters
    ----------
    wanted
        What to simulate: point and replication.
    scenario
        Makes the scenario of a point.
    seed, engine, keep
        As in `Task`.
    """

    def __init__(
        self,
        wanted: Sequence[tuple[int, int]],
        scenario: Callable[[int], Scenario],
        *,
        seed: int,
        engine: str,
        keep: tuple[str, ...] = (),
    ) -> None:
        self.wanted = wanted
        self.scenario = scenario
        self.seed, self.engine, self.keep = seed, engine, keep
        self.packed: OrderedDict[int, Packed] = OrderedDict()

    def __len__(self) -> int:
        return len(self.wanted)

    @overload
    def __getitem__(self, position: int) -> Task: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[Task]: ...
    def __getitem__(self, position: int | slice) -> Task | Sequence[Task]:
        if isinstance(position, slice):
            return [self[k] for k in range(*position.indices(len(self)))]
        point, replication = self.wanted[position]
        if point not in self.packed:
            self.packed[point] = pack(self.scenario(point))
            if len(self.packed) > POINTS_AT_HAND:
                self.packed.popitem(last=False)
        return Task((self.packed[point],), self.seed, replication, self.engine, self.keep)

    def point(self, position: int) -> int:
        """Return the point of a task, by which workers keep to what they have compiled."""
        return self.wanted[position][0]


class Evaluator:
    """Simulates points of a design with the same people and the same luck.

    What has been simulated is remembered: asking again, or for more replications, simulates only
    what is missing, and equal points are simulated once. Processes stay from one question to the
    next, with the plans that they have compiled. Results do not depend on the order in which
    points are asked for, nor on the number of workers.

    Parameters
    ----------
    base
        The scenario whose fields the points set.
    seed, engine, workers, cluster
        As in `carepath_sim.run`.
    progress
        Told how many replications are done, and of how many, over all questions so far.
    store
        Where replications are kept and looked for; None: in memory only.

    Raises
    ------
    OptionError
        For an option out of range.
    """

    def __init__(
        self,
        base: Scenario,
        *,
        seed: int = Batch.seed,
        engine: str = Batch.engine,
        workers: int | None = None,
        cluster: Given | None = None,
        progress: Callable[[int, int], None] | None = None,
        store: Store | None = None,
    ) -> None:
        Batch((base,), 1, seed, engine, workers, cluster=cluster)  # refuses what makes no sense
        self.base = base
        self.seed = seed
        self.engine = engine
        self.simulated = 0
        self._progress = progress
        self._store = store
        self._crew = crew_of(workers, cluster, [base])
        # Processes go home with the evaluator, however it ends.
        self._home = weakref.finalize(self, self._crew.close)
        self._scenarios: dict[str, Scenario] = {}
        self._done: dict[str, dict[int, Replication]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Send the processes home; a further question starts new ones."""
        self._crew.close()

    def where(self) -> dict[str, Any]:
        """Return where the work is done, for a manifest."""
        return self._crew.where()

    def forget(self) -> None:
        """Forget what was simulated: a design of many points need not be in memory as a whole."""
        self._scenarios.clear()
        self._done.clear()

    def scenario(self, point: Settings | Scenario) -> Scenario:
        """Return the scenario of a point.

        Raises
        ------
        ScenarioError
            If what comes out is no scenario.
        """
        if isinstance(point, Scenario):
            return point
        words = json.dumps(dict(point), sort_keys=False, default=str)
        if words not in self._scenarios:
            self._scenarios[words] = point_of(self.base, point)
        return self._scenarios[words]

    def results(
        self,
        points: Sequence[Settings | Scenario],
        replications: int,
        *,
        settings: Sequence[Settings] = (),
        starts: Sequence[int] | None = None,
    ) -> tuple[RunResult, ...]:
        """Return the results of points, in their order.

        Parameters
        ----------
        points
            Settings by field, such as ``{"pools.community_beds.capacity": 140}``, or scenarios.
        replications
            How many of each, numbered from 0; those that are there are not simulated again.
        settings
            What the store is to say of the points, where they are scenarios; none: nothing.
        starts
            The number of the first replication of each point, where points shall not share their
            luck; None: all start with 0, and share it.

        Raises
        ------
        OptionError
            For a number of replications below 1.
        ScenarioError
            If a point is no scenario.
        """
        Batch((self.base,), replications)
        began = perf_counter()
        scenarios = [self.scenario(point) for point in points]
        keys = [scenario.hash() for scenario in scenarios]
        first = {key: k for k, key in reversed(list(enumerate(keys)))}
        if self._store is not None:
            said = settings or [_settings(point) for point in points]
            asked = [(key, said[k]) for k, key in enumerate(keys) if first[key] == k]
            self._store.ask(asked, replications)
        numbers = [range(at, at + replications) for at in (starts or [0] * len(points))]
        for key in first:
            if key not in self._done:
                kept = self._store.finished(key) if self._store is not None else {}
                self._done[key] = dict(kept)
        new: dict[tuple[str, int], int] = {}
        for k, key in enumerate(keys):
            for number in numbers[k]:
                if number not in self._done[key]:
                    new.setdefault((key, number), k)
        wanted = [(k, number) for (_, number), k in new.items()]
        tasks = PointTasks(wanted, scenarios.__getitem__, seed=self.seed, engine=self.engine)
        total = self.simulated + len(wanted)

        def one_more(position: int, one: Replication) -> None:
            k, number = wanted[position]
            self._done[keys[k]][number] = one
            self.simulated += 1
            self._tell(total)

        def put(position: int, made: tuple[Made, ...]) -> None:
            k, number = wanted[position]
            assert self._store is not None  # noqa: S101 - for the type checker
            self._store.put(keys[k], number, made[0])
            # As it comes back from the store, so that going on makes no difference.
            one_more(position, decode(made[0].content).replication(number))

        self._tell(total)
        if wanted:
            self._crew.prepare(self.engine)
        if self._store is None:
            self._crew.work(
                simulate_task, tasks, lambda k, made: one_more(k, made[0]), group=tasks.point
            )
        else:
            self._crew.work(simulate_all_to_bytes, tasks, put, group=tasks.point)
        seconds = perf_counter() - began
        return tuple(
            RunResult(
                self._label(point),
                scenario,
                self.seed,
                self.engine,
                tuple(self._done[key][number] for number in mine),
                seconds,
            )
            for point, scenario, key, mine in zip(points, scenarios, keys, numbers, strict=True)
        )

    def _tell(self, total: int) -> None:
        if self._progress is not None:
            self._progress(self.simulated, total)

    def _label(self, point: Settings | Scenario) -> str:
        if isinstance(point, Scenario):
            return point.name
        return f"{self.base.name} {words_of(point)}".strip()


def _settings(point: Settings | Scenario) -> Settings:
    return {} if isinstance(point, Scenario) else point
