"""How many random examples a test tries, and what becomes of one that fails or never ends.

Each test names the few that every run of the tests affords: the same ones every time, so that a
change of the program is the only reason for another outcome. CAREPATH_NIGHTLY=1 tries 2,000 of
each instead, others every time; CAREPATH_EXAMPLES=500 so many. What fails is shown as it was
found; CAREPATH_SHRINK=1 looks for a smaller example first, which takes many minutes.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import SearchStrategy

NIGHTLY = 2000
LONGEST = 60.0
"""Time that one example may take [s]; the slowest ones take one or two."""


def examples(few: int) -> int:
    """Return how many to try, where every run of the tests affords a few."""
    if asked := int(os.environ.get("CAREPATH_EXAMPLES", "0")):
        return asked
    return NIGHTLY if is_set("CAREPATH_NIGHTLY") else few


def is_set(name: str) -> bool:
    """Tell whether a switch of the environment is on."""
    return os.environ.get(name, "0") not in {"", "0"}


def tried(few: int, *drawn: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Return a decorator that tries a test with random values.

    Parameters
    ----------
    few
        How many examples every run of the tests affords.
    drawn
        What is drawn, one strategy for each argument.
    """
    usual = examples(few) == few
    phases = [Phase.explicit, Phase.generate]
    if is_set("CAREPATH_SHRINK"):
        phases.append(Phase.shrink)

    def decorate(test: Callable[..., None]) -> Any:
        @wraps(test)
        def in_time(*args: Any, **named: Any) -> None:
            with at_most(LONGEST):
                test(*args, **named)

        return settings(
            max_examples=examples(few),
            derandomize=usual,
            database=None,
            deadline=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )(given(*drawn)(in_time))

    return decorate


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Break off what never ends, by the time of the processor, where the system has alarms."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: Any) -> None:
        raise TimeoutError(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
