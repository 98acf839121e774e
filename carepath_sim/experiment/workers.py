"""Processes that work through a list of tasks.

What comes back depends on the tasks alone: not on how many processes there are, nor on who
finishes first. Every task must therefore be a pure function of its argument.

Each worker has a pipe of its own. With the shared queues of `concurrent.futures` a worker that is
killed in the middle of a result, by the system or by Ctrl-C, leaves everybody waiting for ever.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from carepath_sim.errors import CarepathError
from carepath_sim.experiment.left import Left

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from multiprocessing.connection import Connection

T = TypeVar("T")
R = TypeVar("R")

# A task that takes its process down with it will do so again; an unlucky one will not.
TRIES = 3

# After so many results a process without a death, a dead one is replaced.
CALM = 5

# What Windows can wait for at once.
MOST_WORKERS = 61


class WorkersDiedError(CarepathError):
    """Worker processes ended before their tasks did, again and again."""


def default_workers() -> int:
    """Number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def work_through(
    function: Callable[[T], R],
    tasks: Sequence[T],
    *,
    workers: int,
    done: Callable[[int, R], None],
) -> None:
    """Call a function on every task and hand over each result as soon as it is there.

    One worker, or one task, works in this process. Otherwise fresh processes are started
    ("spawn", the same on every system). What a process had in hand when it died is done again by
    another one.

    Parameters
    ----------
    function
        Importable by name; a pure function of its task.
    tasks
        What to do; sent to the workers by pickle.
    workers
        Greatest number of processes.
    done
        Called in this process with the position of a task and its result, in order of completion.

    Raises
    ------
    WorkersDiedError
        When a task has killed its process three times, which mostly means that memory ran out.
    """
    with Crew(workers) as crew:
        crew.work(function, tasks, done)


@dataclass(eq=False)
class _Worker:
    """A process with the pipe to it, and the task that it has in hand (-1: none)."""

    process: SpawnProcess
    pipe: Connection[Any, Any]
    position: int = -1
    group: Hashable = None


class Crew:
    """Processes that stay for several lists of tasks, and keep what they have compiled.

    Use it in a `with` statement: at its end the processes go home. They are started when there is
    first something to share.

    Parameters
    ----------
    workers
        Greatest number of processes; one works in this process.
    """

    def __init__(self, workers: int) -> None:
        self.size = min(workers, MOST_WORKERS)
        self._staff: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prepare(self, engine: str) -> None:
        """Compile an engine that has to be compiled, before several processes need it at once."""
        from carepath_sim.engine import prepare

        prepare(engine)

    def where(self) -> dict[str, Any]:
        """Return where the work is done, for a manifest."""
        return {"workers": self.size}

    def close(self) -> None:
        """Send everybody home; the crew can be used again."""
        for worker in self._staff:
            if worker.position >= 0:
                worker.process.terminate()
            dismiss(worker)
        self._staff.clear()

    def work(
        self,
        function: Callable[[T], R],
        tasks: Sequence[T],
        done: Callable[[int, R], None],
        group: Callable[[int], Hashable] | None = None,
        head_start: float = 0.0,
    ) -> None:
        """Call a function on every task and hand over each result as soon as it is there.

        Parameters
        ----------
        function, tasks, done
            As in `work_through`. A task is taken from the sequence when its turn has come, so that
            a sequence can make its tasks one by one.
        group
            Group of a task by its position. A process keeps to its group while there is work in
            it, so that what all tasks of a group need is made once.
        head_start
            For how long [s] this process works alone before others are started: it takes them
            a second or two to be ready, and small work is done by then.

        Raises
        ------
        WorkersDiedError
            When a task has killed its process three times.
        """
        alone = self.size <= 1 or (len(tasks) <= 1 and not self._staff)
        first, began = 0, monotonic()
        while first < len(tasks) and (
            alone or (not self._staff and monotonic() - began < head_start)
        ):
            done(first, function(tasks[first]))
            first += 1
        if first == len(tasks):
            return
        shift = _Shift(function, tasks, done, Left(range(first, len(tasks)), group))
        try:
            shift.work(self._staff, self.size)
        except BaseException:
            # Nobody knows any more who has sent what: whatever happens, no process stays behind.
            self.close()
            raise


class _Shift:
    """One list of tasks, worked through by a staff that stays afterwards."""

    def __init__(
        self,
        function: Callable[[T], R],
        tasks: Sequence[T],
        done: Callable[[int, R], None],
        left: Left,
    ) -> None:
        self.function = function
        self.tasks = tasks
        self.done: Callable[[int, Any], None] = done
        self.left = left
        self.deaths: Counter[int] = Counter()
        self.since_death = 0

    def work(self, staff: list[_Worker], size: int) -> None:
        """Work until nothing is left."""
        self.staff = staff
        size = min(size, len(self.left))
        # All are started before any is spoken to, so that they load at the same time.
        while len(staff) < size:
            self.start()
        for worker in staff:
            worker.group = None
        self.employ()
        while busy := [worker for worker in staff if worker.position >= 0]:
            ready = wait([worker.pipe for worker in busy])
            for worker in [one for one in busy if one.pipe in ready]:
                self.receive(worker)
            if len(staff) < size and self.left and self.since_death > CALM * size:
                self.start()
                self.employ()

    def employ(self) -> None:
        """Give whoever has nothing to do something to do."""
        while self.left:
            idle = next((worker for worker in self.staff if worker.position < 0), None)
            if idle is None:
                return
            self.hand_out(idle)

    def start(self) -> _Worker:
        """Start a process."""
        ours, theirs = Pipe()
        process = _QuietProcess(target=_serve, args=(theirs,), daemon=True)
        process.start()
        # With this end closed here, the death of the process is the end of the pipe.
        theirs.close()
        worker = _Worker(process, ours)
        self.staff.append(worker)
        return worker

    def hand_out(self, worker: _Worker) -> None:
        """Give a worker the next task, if there is one."""
        worker.position = -1
        if not self.left:
            return
        worker.position = self.left.take(worker)
        task = self.tasks[worker.position]
        try:
            worker.pipe.send((self.function, task))
        except OSError:
            self.bury(worker)

    def receive(self, worker: _Worker) -> None:
        """Take a result from a worker, or learn of its death."""
        try:
            answer = worker.pipe.recv_bytes()
        except (EOFError, OSError):
            self.bury(worker)
            return
        result = result_of(answer)
        position = worker.position
        self.since_death += 1
        # The next task is under way while the result is put away; what has come is never lost.
        try:
            self.hand_out(worker)
        finally:
            self.done(position, result)

    def bury(self, worker: _Worker) -> None:
        """Put back what a dead worker had in hand.

        The others go on without it for a while, because fewer at a time need less memory, the most
        frequent reason of a sudden death. The last one is replaced at once.
        """
        self.staff.remove(worker)
        dismiss(worker)
        position = worker.position
        self.since_death = 0
        self.left.put_back(position)
        self.deaths[position] += 1
        if self.deaths[position] >= TRIES:
            others = sum(one.position >= 0 for one in self.staff)
            raise WorkersDiedError(
                f"worker processes ended unexpectedly {TRIES} times over one task, with "
                f"{len(self.left) + others} tasks left; mostly this means that memory ran "
                "out: try fewer workers, or keep fewer tables"
            )
        if not self.staff:
            self.start()
        self.employ()


def dismiss(worker: _Worker) -> None:
    """Close the pipe, at which a worker ends, and wait for that."""
    worker.pipe.close()
    worker.process.join()


def answered(function: Callable[[T], R], task: T) -> bytes:
    """Return what a worker sends back: the result of a task, or its error."""
    answer: tuple[Exception | None, R | None]
    try:
        answer = (None, function(task))
    except Exception as error:  # noqa: BLE001 - the parent raises it
        answer = (error, None)
    try:
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        return pickle.dumps((RuntimeError(f"cannot be sent back: {answer!r:.200}: {error}"), None))


def result_of(answer: bytes) -> Any:
    """Return the result that a worker sent back, or raise its error."""
    # From a worker that this process started, or that the user trusts with a cluster.
    error, result = pickle.loads(answer)  # noqa: S301
    if error is not None:
        raise error
    return result


def _serve(pipe: Connection[Any, Any]) -> None:
    """Do tasks until the pipe is closed; this is all that a worker does."""
    # Where interrupts could not be held back at the start, that is.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            function, task = pipe.recv()
        except (EOFError, OSError):
            return
        answer = answered(function, task)
        try:
            pipe.send_bytes(answer)
        except OSError:  # the parent is gone
            return


class _QuietProcess(SpawnProcess):
    """A process that does not run the user's script again, and leaves Ctrl-C to its parent.

    A spawned process imports the parent's main module, so that a script without
    ``if __name__ == "__main__":`` would start itself over and over. Workers need this package
    only, so they are told of an empty main module.
    """

    def start(self) -> None:
        with _empty_main(), _interrupts_held():
            super().start()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back meanwhile; a process that is started inherits that for good.

    It would otherwise answer with a traceback while it is still loading.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _empty_main() -> Iterator[None]:
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
