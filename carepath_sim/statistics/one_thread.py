"""One thread for linear algebra on small numbers, where a second one only waits."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module


def one_thread() -> AbstractContextManager[object]:
    """Hold libraries of linear algebra to one thread, where threadpoolctl is installed.

    A quasi-Newton step of three parameters takes microseconds; on a busy machine the threads that
    it wakes take milliseconds to find a processor. It comes with scikit-learn; without it nothing
    changes but the time.

    >>> with one_thread():
    ...     pass
    """
    try:
        limits = import_module("threadpoolctl").threadpool_limits
    except ImportError:
        return nullcontext()
    found: AbstractContextManager[object] = limits(limits=1)
    return found
