"""Processes that work through a list of tasks.

What comes back depends on the tasks alone: not on how many processes there are, nor on who
finishes first. Every task must therefore be a pure function of its argument.
"""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from carepath_sim.errors import CarepathError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")

# A task that takes its process down with it will do so again; an unlucky neighbour will not.
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
    ("spawn", the same on every system), and those that die are replaced: only what is missing
    is done again.

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
        When processes keep dying, which mostly means that memory ran out.
    """
    if workers <= 1 or len(tasks) <= 1:
        for position, task in enumerate(tasks):
            done(position, function(task))
        return
    missing = dict(enumerate(tasks))
    crew = min(workers, len(tasks), MOST_WORKERS)
    for _ in range(TRIES):
        _one_crew(function, missing, crew, done)
        if not missing:
            return
        # Fewer at a time need less memory, the most frequent reason of a sudden death.
        crew = max(1, min(crew // 2, len(missing)))
    raise WorkersDiedError(
        f"worker processes ended unexpectedly {TRIES} times with {len(missing)} tasks left; "
        "mostly this means that memory ran out: try fewer workers, or keep fewer tables"
    )


def _one_crew(
    function: Callable[[T], R],
    missing: dict[int, T],
    workers: int,
    done: Callable[[int, R], None],
) -> None:
    """Work through what is missing until all is done or a process dies."""
    context = _QuietContext()
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts)
    try:
        futures = {executor.submit(function, task): key for key, task in missing.items()}
        for future in as_completed(futures):
            try:
                result = future.result()
            except BrokenProcessPool:
                continue
            done(futures[future], result)
            del missing[futures[future]]
    except BrokenProcessPool:
        # A process died while tasks were still being handed out.
        return
    except BaseException:
        # An error or Ctrl-C: nobody waits for tasks whose results will not be read.
        executor.shutdown(wait=False, cancel_futures=True)
        for process in context.processes:
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Let the parent alone answer Ctrl-C, which the terminal sends to the whole group.

    Where interrupts could not be held back at the start, that is.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class _QuietProcess(SpawnProcess):
    """A process that does not run the user's script again.

    A spawned process imports the parent's main module, so that a script without
    ``if __name__ == "__main__":`` would start itself over and over. Workers need this package
    only, so they are told of an empty main module.
    """

    def start(self) -> None:
        with _empty_main(), _interrupts_held():
            super().start()


class _QuietContext(SpawnContext):
    """Spawns quiet processes and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.processes: list[_QuietProcess] = []

    def Process(self, *args: Any, **options: Any) -> _QuietProcess:  # type: ignore[override] # noqa: N802
        process = _QuietProcess(*args, **options)
        self.processes.append(process)
        return process


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
