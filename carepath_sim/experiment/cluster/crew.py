"""Workers of a Dask cluster in the place of processes of this machine."""

from __future__ import annotations

import pickle
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from carepath_sim.experiment.cluster.checks import check_cluster, check_workers
from carepath_sim.experiment.cluster.connection import Connection, connect, quiet
from carepath_sim.experiment.cluster.errors import ClusterError, ClusterLostError
from carepath_sim.experiment.cluster.remote import pledge, serve
from carepath_sim.experiment.left import Left
from carepath_sim.experiment.workers import WorkersDiedError, result_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.tasks import Packed

T = TypeVar("T")
R = TypeVar("R")

# Bundles that a worker has at a time, so that it need not wait for the next. What is under way is
# all that the parent and the scheduler hold, however long the list of tasks is.
AHEAD = 2

# Short tasks travel together, so many that a bundle is about this much work [s].
BUNDLE = 0.25
MOST_TOGETHER = 64

# How often [s] the parent looks who is there, and how long [s] it waits when nobody is.
LOOK = 2.0
NOBODY = 60.0

# How long [s] a result may be on its way, and how often in a row it is asked for again.
ON_ITS_WAY = 60.0
AGAIN = 3


@dataclass(eq=False)
class _Desk:
    """A worker as the parent sees it: its group of tasks, and how many bundles it has."""

    address: str
    group: Hashable = None
    bundles: int = 0


class ClusterCrew:
    """Workers of an existing cluster, used as a `Crew` is.

    Parameters
    ----------
    given
        The cluster.
    scenarios
        What will be simulated: every worker has to read it as this process does.

    Raises
    ------
    ClusterError
        If the cluster cannot be reached, or would not give the same results.
    """

    def __init__(self, given: Given, scenarios: Sequence[Packed]) -> None:
        self.given = given
        self.scenarios = tuple(scenarios)
        self.desks: dict[str, _Desk] = {}
        self.prepared: set[str] = set()
        self.looked = 0.0
        self.connection: Connection | None = None
        self.open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> Connection:
        """Return the connection; it is made, and the cluster looked at, when there is none."""
        if self.connection is None:
            connection = connect(self.given)
            try:
                threads = check_cluster(connection, self.scenarios)
            except BaseException:
                connection.close()
                raise
            self.connection = connection
            self.desks = {address: _Desk(address) for address in threads}
            self.looked = monotonic()
        return self.connection

    def close(self) -> None:
        """Let the cluster go; the crew can be used again."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def prepare(self, engine: str) -> None:
        """Compile an engine that has to be compiled, once on each machine of the cluster."""
        from carepath_sim.engine import prepare

        if engine in self.prepared:
            return
        self.open()
        hosts = {urlsplit(address).hostname: address for address in reversed(self.desks)}
        places = list(hosts.values())

        def ready(_position: int, _result: None) -> None:
            """Nothing comes back."""

        _Round(self, prepare, [engine] * len(places), ready, group=None).work(places)
        self.prepared.add(engine)

    def where(self) -> dict[str, Any]:
        """Return where the work is done, for a manifest."""
        address = self.connection.address if self.connection is not None else str(self.given)
        return {"cluster": address, "workers": len(self.desks)}

    def work(
        self,
        function: Callable[[T], R],
        tasks: Sequence[T],
        done: Callable[[int, R], None],
        group: Callable[[int], Hashable] | None = None,
        head_start: float = 0.0,  # noqa: ARG002 - everything is done there
    ) -> None:
        """Call a function on every task and hand over each result as soon as it is there.

        Parameters
        ----------
        function, tasks, done, group
            As in `Crew.work`.
        head_start
            Not used: nothing is done in this process.

        Raises
        ------
        WorkersDiedError
            When a task has killed as many workers as the scheduler allows.
        ClusterLostError
            When the scheduler is gone, or all workers are, for a minute.
        """
        if len(tasks):
            self.open()
            _Round(self, function, tasks, done, group).work()

    def look(self) -> None:
        """See who is there: newcomers are checked, and the tasks of the dead come elsewhere.

        Raises
        ------
        ClusterError
            If somebody has come who would not give the same results.
        ClusterLostError
            If the scheduler does not answer.
        """
        connection = self.open()
        self.looked = monotonic()
        try:
            threads: Mapping[str, int] = connection.client.nthreads(callback_timeout=30)
            new = {address: n for address, n in threads.items() if address not in self.desks}
            problems = check_workers(connection, self.scenarios, new) if new else []
        except (OSError, TimeoutError, RuntimeError):
            raise self.lost() from None
        if problems:
            raise ClusterError(
                f"workers have joined the cluster at {connection.address} that would not give "
                "the same results:\n  " + "\n  ".join(problems)
            )
        self.desks = {
            address: self.desks.get(address) or _Desk(address) for address in sorted(threads)
        }

    def lost(self) -> ClusterLostError:
        """Return what is said when the scheduler is gone."""
        address = self.connection.address if self.connection is not None else self.given
        return ClusterLostError(f"the scheduler at {address} is gone")


@dataclass(eq=False)
class _Bundle:
    """Tasks that travel together: their name at the scheduler, where they went, which they are."""

    key: str
    address: str
    positions: list[int]
    ended: float | None = None


class _Round:
    """One list of tasks, worked through by a cluster."""

    def __init__(
        self,
        crew: ClusterCrew,
        function: Callable[[T], R],
        tasks: Sequence[T],
        done: Callable[[int, R], None],
        group: Callable[[int], Hashable] | None,
    ) -> None:
        self.crew = crew
        self.function = function
        self.tasks = tasks
        self.done: Callable[[int, Any], None] = done
        self.left = Left(range(len(tasks)), group)
        self.client = crew.open().client
        # Not pure: equal tasks are not one.
        self.executor = self.client.get_executor(pure=False)
        self.pledge = pledge()
        self.under_way: dict[Future[Any], _Bundle] = {}
        self.asked_again = 0
        self.finished, self.seconds = 0, 0.0
        self.nobody_since: float | None = None

    def work(self, places: Sequence[str] | None = None) -> None:
        """Work until nothing is left.

        Parameters
        ----------
        places
            Where the tasks are to be done, one each; None: wherever there is room.
        """
        for desk in self.crew.desks.values():
            desk.group, desk.bundles = None, 0
        try:
            with quiet():
                for place in places or ():
                    self.submit(place, [self.left.take(self.crew.desks[place])])
                self.fill()
                while self.under_way or self.left:
                    self.receive()
                    self.look()
                    self.fill()
        except BaseException:
            self.cancel()
            raise

    def fill(self) -> None:
        """Give everybody something to do, first of all those who have nothing."""
        for depth in range(AHEAD):
            for desk in self.crew.desks.values():
                if self.left and desk.bundles <= depth:
                    number = min(self.together(), len(self.left))
                    self.submit(desk.address, [self.left.take(desk) for _ in range(number)])

    def together(self) -> int:
        """Return how many tasks travel together: fewer at the end, where all shall have some."""
        if not self.finished:
            return 1
        each = max(self.seconds / self.finished, 1e-6)
        share = len(self.left) // (2 * AHEAD * len(self.crew.desks))
        return max(1, min(MOST_TOGETHER, int(BUNDLE / each), share))

    def submit(self, address: str, positions: list[int]) -> None:
        """Send tasks to a worker; should it be gone, another one does them."""
        key = f"carepath-{uuid4().hex}"
        content = pickle.dumps(
            (self.function, [self.tasks[k] for k in positions]), pickle.HIGHEST_PROTOCOL
        )
        try:
            future = self.executor.submit(
                serve,
                self.pledge,
                content,
                key=key,
                workers=[address],
                allow_other_workers=True,
            )
        except (OSError, RuntimeError):
            raise self.crew.lost() from None
        self.under_way[future] = _Bundle(key, address, positions)
        if address in self.crew.desks:
            self.crew.desks[address].bundles += 1

    def receive(self) -> None:
        """Take what has come; the good first, then the first error."""
        if not self.under_way:
            sleep(LOOK / 4)
            return
        come, _ = wait(self.under_way, timeout=LOOK / 2, return_when=FIRST_COMPLETED)
        errors: dict[int, Exception] = {}
        for future in come:
            positions = self.let_go(future).positions
            try:
                seconds, answers = future.result()
            except CancelledError:
                errors[positions[0]] = self.crew.lost()
                continue
            except Exception as error:  # noqa: BLE001 - raised below
                # What Dask says at the end of a scheduler depends on the moment.
                alive = self.crew.open().is_alive
                errors[positions[0]] = self.words(error) if alive else self.crew.lost()
                continue
            self.asked_again = 0
            self.finished, self.seconds = self.finished + len(answers), self.seconds + seconds
            for position, answer in zip(positions, answers, strict=True):
                try:
                    result = result_of(answer)
                except Exception as error:  # noqa: BLE001 - raised below
                    errors[position] = error
                else:
                    self.done(position, result)
        if errors:
            raise errors[min(errors)]

    def let_go(self, future: Future[Any]) -> _Bundle:
        """Return the tasks of a future, which is waited for no longer."""
        bundle = self.under_way.pop(future)
        if bundle.address in self.crew.desks:
            self.crew.desks[bundle.address].bundles -= 1
        return bundle

    def ask_again(self) -> None:
        """Do again what has ended long ago, but never came.

        Dask's executor forgets a future whose result is lost between scheduler and client.
        """
        late = []
        for future, bundle in self.under_way.items():
            state = self.client.futures.get(bundle.key)
            if state is not None and state.status == "pending":
                bundle.ended = None
                continue
            bundle.ended = bundle.ended or monotonic()
            if monotonic() - bundle.ended > ON_ITS_WAY:
                late.append(future)
        if not late:
            return
        # Results are fetched many at a time, and so lost many at a time.
        self.asked_again += 1
        if self.asked_again > AGAIN:
            raise ClusterLostError(
                f"results do not arrive from the scheduler at {self.crew.open().address}"
            )
        for future in late:
            for position in self.let_go(future).positions:
                self.left.put_back(position)

    def look(self) -> None:
        """See who is there, now and then."""
        if not self.crew.open().is_alive:
            raise self.crew.lost()
        if monotonic() - self.crew.looked < LOOK:
            return
        self.crew.look()
        self.ask_again()
        if self.crew.desks:
            self.nobody_since = None
            return
        self.nobody_since = self.nobody_since or monotonic()
        if monotonic() - self.nobody_since > NOBODY:
            raise ClusterLostError(
                f"no worker has been left for {NOBODY:.0f} s at {self.crew.open().address}"
            )

    def words(self, error: Exception) -> Exception:
        """Return an error of Dask in words of ours."""
        from distributed.scheduler import KilledWorker

        if not isinstance(error, KilledWorker):
            return error
        left = len(self.left) + sum(len(one.positions) for one in self.under_way.values())
        return WorkersDiedError(
            f"workers of the cluster ended unexpectedly {error.allowed_failures + 1} times over "
            f"one task, with {left} tasks left; mostly this means that memory ran out: try fewer "
            "workers a machine, or keep fewer tables"
        )

    def cancel(self) -> None:
        """Tell the cluster to forget what it has not done yet."""
        if self.crew.connection is not None and self.crew.connection.is_alive:
            with quiet(), suppress(Exception):
                self.executor.shutdown(wait=False)
