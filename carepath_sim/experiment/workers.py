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
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from carepath_sim.errors import CarepathError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

T = TypeVar("T")
R = TypeVar("R")

# A task that takes its process down with it will do so again; an unlucky one will not.
TRIES = 3

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
    if workers <= 1 or len(tasks) <= 1:
        for position, task in enumerate(tasks):
            done(position, function(task))
        return
    _Crew(function, tasks, done).work(min(workers, len(tasks), MOST_WORKERS))


@dataclass(eq=False)
class _Worker:
    """A process with the pipe to it, and the task that it has in hand."""

    process: SpawnProcess
    pipe: Connection[Any, Any]
    position: int = -1


class _Crew:
    """Workers with the tasks that are left."""

    def __init__(
        self, function: Callable[[T], R], tasks: Sequence[T], done: Callable[[int, R], None]
    ) -> None:
        self.function = function
        self.tasks = tasks
        self.done: Callable[[int, Any], None] = done
        self.left = deque(range(len(tasks)))
        self.deaths: Counter[int] = Counter()
        self.busy: list[_Worker] = []

    def work(self, size: int) -> None:
        """Work until nothing is left; whatever happens, no process stays behind."""
        try:
            # All are started before any is spoken to, so that they load at the same time.
            for worker in [self.start() for _ in range(size)]:
                self.hand_out(worker)
            while self.busy:
                ready = wait([worker.pipe for worker in self.busy])
                for worker in [one for one in self.busy if one.pipe in ready]:
                    self.receive(worker)
        finally:
            for worker in self.busy:
                worker.process.terminate()
                self.dismiss(worker)

    def start(self) -> _Worker:
        """Start a process."""
        ours, theirs = Pipe()
        process = _QuietProcess(target=_serve, args=(theirs, self.function), daemon=True)
        process.start()
        # With this end closed here, the death of the process is the end of the pipe.
        theirs.close()
        worker = _Worker(process, ours)
        self.busy.append(worker)
        return worker

    def hand_out(self, worker: _Worker) -> None:
        """Give a worker the next task, or send it home."""
        if not self.left:
            self.busy.remove(worker)
            self.dismiss(worker)
            return
        worker.position = self.left.popleft()
        try:
            worker.pipe.send(self.tasks[worker.position])
        except OSError:
            self.bury(worker)

    def receive(self, worker: _Worker) -> None:
        """Take a result from a worker, or learn of its death."""
        try:
            error, result = worker.pipe.recv()
        except (EOFError, OSError):
            self.bury(worker)
            return
        if error is not None:
            raise error
        self.done(worker.position, result)
        self.hand_out(worker)

    def bury(self, worker: _Worker) -> None:
        """Put back what a dead worker had in hand.

        The others go on without it, because fewer at a time need less memory, the most frequent
        reason of a sudden death. The last one is replaced.
        """
        self.busy.remove(worker)
        self.dismiss(worker)
        self.left.append(worker.position)
        self.deaths[worker.position] += 1
        if self.deaths[worker.position] >= TRIES:
            raise WorkersDiedError(
                f"worker processes ended unexpectedly {TRIES} times over one task, with "
                f"{len(self.left) + len(self.busy)} tasks left; mostly this means that memory ran "
                "out: try fewer workers, or keep fewer tables"
            )
        if not self.busy:
            self.hand_out(self.start())

    @staticmethod
    def dismiss(worker: _Worker) -> None:
        """Close the pipe, at which a worker ends, and wait for that."""
        worker.pipe.close()
        worker.process.join()


def _serve(pipe: Connection[Any, Any], function: Callable[[Any], object]) -> None:
    """Do tasks until the pipe is closed; this is all that a worker does."""
    # Where interrupts could not be held back at the start, that is.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        answer: tuple[Exception | None, object]
        try:
            answer = (None, function(task))
        except Exception as error:  # noqa: BLE001 - the parent raises it
            answer = (error, None)
        try:
            pipe.send(answer)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            pipe.send((RuntimeError(f"cannot be sent back: {answer!r:.200}: {error}"), None))


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
