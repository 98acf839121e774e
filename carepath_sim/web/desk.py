"""Where runs are handed in: a queue with bounds, a process a run, and everybody's own answer.

The figures follow from the request alone, so that people who ask the same are given one run
together. It ends early only when the last of them has gone.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING, Literal

from carepath_sim.experiment.batch import OptionError
from carepath_sim.web.limits import Limits
from carepath_sim.web.work import OUTCOME, REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.web.outcome import Outcome
    from carepath_sim.web.request import Request

State = Literal["waiting", "working", "done", "failed", "ended"]
LIVE = ("waiting", "working")
CANCELLED = "it was cancelled"
TICK = 0.2
"""Time between two looks at what is going on [s]."""

# The package is found wherever this one found it, without being put before anything else.
_START = (
    "import sys; sys.path.append(sys.argv.pop(1)); from carepath_sim.web.work import main; main()"
)


class FullError(OptionError):
    """More runs wait than may."""


@dataclass(frozen=True)
class Look:
    """What a person sees of a run.

    Attributes
    ----------
    state
        How it stands.
    done, of
        Replications that are done, and how many there are to be; 0 while nobody knows.
    ahead
        Runs that come first.
    seconds
        Since it was handed in, or how long it took [s].
    words
        Why it failed or ended.
    papers
        Whether the report and the workbook are written, too.
    """

    state: State
    done: int = 0
    of: int = 0
    ahead: int = 0
    seconds: float = 0.0
    words: str = ""
    papers: bool = False


@dataclass(eq=False)
class Job:
    """A run, and the people who wait for it with when each was last heard of [s]."""

    request: Request
    folder: Path
    people: dict[str, float]
    began: float = field(default_factory=monotonic)
    started: float = 0.0
    took: float = 0.0
    state: State = "waiting"
    done: int = 0
    of: int = 0
    words: str = ""
    papers: bool = False
    process: subprocess.Popen[bytes] | None = None


class Desk:
    """Takes requests and has them worked on, a few at a time, in the order in which they came.

    Parameters
    ----------
    limits
        How much may be asked for.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._jobs: dict[str, Job] = {}
        self._change = Condition()
        self._closed = False
        self._folder = Path(tempfile.mkdtemp(prefix="carepath-web-"))
        atexit.register(self.close)
        Thread(target=self._keep_going, daemon=True, name="carepath-desk").start()

    def hand_in(self, who: str, request: Request) -> str:
        """Take a request, and return the key of its run.

        A person who asks for something else gives up the run that he is waiting for.

        Raises
        ------
        OptionError
            If it is more than anybody may ask for.
        FullError
            If too many wait.
        """
        request.check(self.limits)
        key = request.key
        with self._change:
            for other, job in self._jobs.items():
                if other != key and who in job.people and job.state in LIVE:
                    self._give_up(job, who)
            job_ = self._jobs.get(key)
            if job_ is not None and job_.state in {*LIVE, "done"}:
                job_.people[who] = monotonic()
                return key
            if sum(job.state == "waiting" for job in self._jobs.values()) >= self.limits.waiting:
                raise FullError(
                    f"{self.limits.waiting} runs wait already; try again in a few minutes"
                )
            # A name that nobody had before: what was ended may still be writing into its own.
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            (folder / REQUEST).write_text(request.as_json(), encoding="utf-8")
            self._jobs.pop(key, None)
            self._jobs[key] = Job(request, folder, {who: monotonic()})
            self._change.notify_all()
            return key

    def join(self, who: str, key: str) -> Request | None:
        """Let somebody wait for a run, or have what it found; None where there is none."""
        with self._change:
            job = self._jobs.get(key)
            if job is None or job.state not in {*LIVE, "done"}:
                return None
            job.people[who] = monotonic()
            return job.request

    def look(self, who: str, key: str) -> Look:
        """Return how a run stands; whoever looks is still there."""
        with self._change:
            job = self._jobs.get(key)
            if job is None or (who not in job.people and job.state in LIVE):
                return Look("ended", words=CANCELLED)
            if who in job.people:
                job.people[who] = monotonic()
            before = list(self._jobs.values())[: list(self._jobs).index(key)]
            ahead = sum(one.state in LIVE for one in before) if job.state == "waiting" else 0
            seconds = job.took or monotonic() - job.began
            return Look(job.state, job.done, job.of, ahead, seconds, job.words, job.papers)

    def cancel(self, who: str, key: str) -> None:
        """Give up a run; it goes on if others wait for it."""
        with self._change:
            job = self._jobs.get(key)
            if job is not None and job.state in LIVE:
                self._give_up(job, who)

    def outcome(self, key: str) -> Outcome:
        """Return what a run found."""
        with self._change:
            path = self._jobs[key].folder / OUTCOME
        # Written by our own process, into our own folder.
        found: Outcome = pickle.loads(path.read_bytes())  # noqa: S301
        return found

    def file(self, key: str, name: str) -> bytes | None:
        """Return a file of a run, or None where it is not there (any more)."""
        with self._change:
            job = self._jobs.get(key)
            path = None if job is None else job.folder / name
        try:
            return None if path is None else path.read_bytes()
        except OSError:
            return None

    def close(self) -> None:
        """End everything that is under way, and clear up."""
        with self._change:
            self._closed = True
            for job in self._jobs.values():
                self._end(job, "the page was closed")
            self._change.notify_all()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _give_up(self, job: Job, who: str) -> None:
        job.people.pop(who, None)
        if not job.people:
            self._end(job, CANCELLED)

    def _end(self, job: Job, words: str, state: State = "ended") -> None:
        if job.state in LIVE:
            job.state, job.words, job.took = state, words, monotonic() - job.began
        if job.process is not None:
            end_group(job.process)

    def _keep_going(self) -> None:
        """Start what waits, and end what nobody waits for or what takes too long."""
        while True:
            with self._change:
                if self._closed:
                    return
                self._end_forgotten()
                # Whose answer is there writes its papers beside the next one, and steps back.
                at_work = sum(_busy(job) and job.state != "done" for job in self._jobs.values())
                for job in self._jobs.values():
                    if at_work >= self.limits.slots:
                        break
                    if job.state == "waiting":
                        self._start(job)
                        at_work += 1
                self._tidy()
                self._change.wait(TICK)

    def _end_forgotten(self) -> None:
        now = monotonic()
        for job in self._jobs.values():
            if job.state in LIVE:
                for who in list(job.people):
                    if now - job.people[who] > self.limits.silence:
                        self._give_up(job, who)
            late = now - job.started > self.limits.minutes * 60
            if _busy(job) and late and job.started:
                words = (
                    f"it took more than {self.limits.minutes:g} minutes. Ask for fewer "
                    "replications, or for so many with the commands, which have no such limit"
                )
                self._end(job, words, "failed")

    def _start(self, job: Job) -> None:
        job.state, job.started = "working", monotonic()
        package = str(Path(__file__).resolve().parents[2])
        given = (job.folder, self.limits.workers, int(self.limits.papers))
        job.process = subprocess.Popen(  # noqa: S603 - no word of anybody's is in it
            [sys.executable, "-c", _START, package, *map(str, given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(job.folder / "errors.txt").open("wb"),
            cwd=job.folder,
            start_new_session=True,
        )
        Thread(target=self._listen, args=(job, job.process), daemon=True).start()

    def _listen(self, job: Job, process: subprocess.Popen[bytes]) -> None:
        """Take down what the process of a run tells."""
        for told in _lines(process):
            with self._change:
                if job.state != "working":
                    job.papers = job.papers or bool(told.get("papers"))
                elif "error" in told:
                    job.state, job.words = "failed", str(told["error"])
                elif "outcome" in told:
                    job.state, job.took = "done", monotonic() - job.began
                elif "of" in told:
                    job.done, job.of = int(str(told["done"])), int(str(told["of"]))
        code = process.wait()
        if process.stdin is not None:
            process.stdin.close()
        with self._change:
            if job.state == "working":
                job.state, job.words = "failed", _last_words(job.folder, code)
            self._change.notify_all()

    def _tidy(self) -> None:
        """Forget the oldest runs that are over, with their files."""
        over = [key for key, job in self._jobs.items() if job.state not in LIVE and not _busy(job)]
        for key in over[: max(0, len(over) - self.limits.finished)]:
            shutil.rmtree(self._jobs.pop(key).folder, ignore_errors=True)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it has started."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.stdin is not None:
        # At this it ends, and its workers with the next thing that they tell it.
        process.stdin.close()
        process.kill()


def _busy(job: Job) -> bool:
    return job.process is not None and job.process.poll() is None


def _lines(process: subprocess.Popen[bytes]) -> Iterator[dict[str, object]]:
    if process.stdout is None:
        return
    for line in process.stdout:
        with contextlib.suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, dict):
                yield found


def _last_words(folder: Path, code: int) -> str:
    try:
        lines = (folder / "errors.txt").read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    last = next((line for line in reversed(lines) if line.strip()), "")
    return f"the process ended with code {code}" + (f": {last}" if last else "")
