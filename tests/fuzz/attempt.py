"""One damaged file, read as `carepath validate` reads it, and what must hold of the outcome."""

from __future__ import annotations

import contextlib
import random
import signal
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus import corpus
from damage import damaged

from carepath_sim.cli.validate import look_at
from carepath_sim.errors import CarepathError
from carepath_sim.plan import compile_plan
from carepath_sim.scenario import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from carepath_sim.errors import Problem

LONGEST = 20.0
"""Time of the processor in which a file must be read [s]; the slowest take about seven."""


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    Attributes
    ----------
    number
        Number of the case.
    base
        What was damaged.
    verdict
        refused, valid, or what is wrong with the program: error, hang, place, compile.
    said
        The first problem, or the traceback.
    seconds
        Time that it took [s].
    """

    number: int
    base: str
    verdict: str
    said: str
    seconds: float

    @property
    def is_fault(self) -> bool:
        """Whether the program is at fault."""
        return self.verdict not in {"refused", "valid"}


class Late(BaseException):
    """A file takes too long."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer, in time of the processor: others may be at work too."""

    def ring(*_: object) -> None:
        raise Late

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def attempt(number: int, seed: int, folder: Path) -> Outcome:
    """Damage a scenario and read it; the same number and seed do the same damage.

    Parameters
    ----------
    number, seed
        Which case, of which series.
    folder
        Where the files are written; what lies there is lost.
    """
    rng = random.Random(f"{seed}:{number}")
    base = rng.choice(corpus())
    text, beside = damaged(base, rng)
    path = base.write(folder / "fuzz", text, beside)
    begun = time.perf_counter()
    try:
        with limited(LONGEST):
            verdict, said = read(path, text)
    except Late:
        verdict, said = "hang", f"more than {LONGEST:g} s"
    except Exception:  # noqa: BLE001 - whatever it is, it is a fault
        verdict, said = "error", traceback.format_exc()
    return Outcome(number, base.name, verdict, said, time.perf_counter() - begun)


def read(path: Path, text: bytes) -> tuple[str, str]:
    """Return what becomes of a file, and what is said of it."""
    problems, _ = look_at(str(path), ())
    if not problems:
        try:
            compile_plan(load(path))
        except CarepathError as error:
            return "compile", f"validates, but: {error}"
        return "valid", ""
    lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    for problem in problems:
        if (why := misplaced(problem, path, lines)) or not problem.message.strip():
            return "place", f"{why}: {problem}"
    return "refused", str(problems[0])


def misplaced(problem: Problem, path: Path, lines: int) -> str:
    """Return why the place of a problem cannot be right, or ""."""
    if not problem.file:
        return "no file"
    if "bytes" in problem.message and "more than" in problem.message:
        return ""
    if problem.line < 1 or problem.column < 1:
        return "no line"
    # YAML breaks lines at other characters too; so a few lines may be more.
    if problem.file == str(path) and problem.line > lines > 1:
        return "a line beyond the end"
    return ""
