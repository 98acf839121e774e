"""Tasks that need nothing but Python: ``python3 tasks.py demo|test|lint|docs|bench`` and others.

The Makefile is one line a target on top of this file, so that the same commands work on Windows,
which has no make. Every task first makes sure that ``.venv`` holds what ``requirements/lock.txt``
says, and installs only when the lock or ``pyproject.toml`` has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BENCH_VENV = ROOT / ".venv-bench"
RIVALS = ROOT / "benchmarks" / "requirements.txt"
LOCK = ROOT / "requirements" / "lock.txt"
PYPROJECT = ROOT / "pyproject.toml"
STAMP = VENV / "installed.sha256"
SITE = ROOT / "build" / "docs"
# Windows keeps a virtual environment's programs in another folder than everybody else.
PROGRAMS = VENV / ("Scripts" if os.name == "nt" else "bin")
OLDEST_PYTHON = (3, 11)
USAGE_ERROR = 2
# One process a core, a whole file to each, so that what a file prepares is prepared once.
SHARED_OUT = ("--numprocesses", "auto", "--dist", "loadfile")


class TaskError(Exception):
    """A task cannot be done; the message says what to do about it."""


def say(text: str) -> None:
    """Print one line at once, also when the output is a pipe."""
    print(text, flush=True)


def program(name: str) -> str:
    """Path of a program in the virtual environment."""
    return str(PROGRAMS / (f"{name}.exe" if os.name == "nt" else name))


def call(*command: str) -> int:
    """Run a command in the project's folder and return its exit code."""
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def fingerprint() -> str:
    """Digest of everything that decides what the environment holds."""
    digest = hashlib.sha256(f"{sys.version_info[:3]} {ROOT}".encode())
    for path in (LOCK, PYPROJECT):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def make_environment() -> None:
    """Create an empty ``.venv``, or say what to install first."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(str(part) for part in OLDEST_PYTHON)
        raise TaskError(f"carepath-sim needs Python {wanted} or newer; this is {version}.")
    # Debian and Ubuntu ship `venv` without `ensurepip` until python3-venv is installed.
    if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
        raise TaskError(
            "This Python cannot make virtual environments. On Debian or Ubuntu, run:\n"
            "    sudo apt install python3-venv\n"
            "then run this command again."
        )
    say(f"Making .venv with Python {version} ...")
    if VENV.exists():
        shutil.rmtree(VENV)
    if call(sys.executable, "-m", "venv", str(VENV)) != 0:
        raise TaskError(
            "Making .venv failed. On Debian or Ubuntu, run:\n    sudo apt install python3-venv"
        )


def environment_is_usable() -> bool:
    """Whether ``.venv`` is whole and of the Python that runs this file."""
    ask = "import pip, sys; print(*sys.version_info[:3])"
    try:
        answer = subprocess.run(
            (program("python"), "-c", ask), capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return tuple(int(part) for part in answer.stdout.split()) == sys.version_info[:3]


def setup() -> None:
    """Bring ``.venv`` in line with the lock; do nothing when it already is."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text(encoding="ascii") == wanted:
        return
    if not environment_is_usable():
        make_environment()
    # Without a stamp, an installation that is cut short is taken up again next time.
    STAMP.unlink(missing_ok=True)
    pip = (program("python"), "-m", "pip", "--disable-pip-version-check", "-qq", "install")
    say("Installing the locked dependencies (a minute or two, once) ...")
    # Two steps, because pip refuses an editable install and required hashes in one.
    if call(*pip, "--require-hashes", "-r", str(LOCK)) != 0:
        raise TaskError("Installing the locked dependencies failed; pip's message is above.")
    say("Installing carepath-sim itself ...")
    if call(*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)) != 0:
        raise TaskError("Installing carepath-sim failed; pip's message is above.")
    STAMP.write_text(wanted, encoding="ascii")
    say("Ready.")


def demo(extra: Sequence[str]) -> int:
    """Compare Buckinghamshire as it is with Buckinghamshire as it is to be."""
    scenarios = ("buckinghamshire/as-is", "buckinghamshire/to-be")
    say(f"carepath compare {' '.join((*scenarios, *extra))}")
    return call(program("carepath"), "compare", *scenarios, *extra)


def lint(_extra: Sequence[str]) -> int:
    """Run every static check, also after one of them failed."""
    checks = {
        "ruff check": (program("ruff"), "check", "."),
        "ruff format": (program("ruff"), "format", "--check", "."),
        "mypy": (program("mypy"), "--strict", "carepath_sim"),
        "import-linter": (program("lint-imports"), "--no-logo"),
    }
    failed = []
    for name, command in checks.items():
        say(f"== {name}")
        if call(*command) != 0:
            failed.append(name)
    say(f"Static checks failed: {', '.join(failed)}." if failed else "Static checks are clean.")
    return 1 if failed else 0


def test(extra: Sequence[str]) -> int:
    """Run the static checks, then the tests; fail if either fails."""
    lint_code = lint(())
    say("== pytest")
    # Last, so that the closing line of the output is the count of the tests.
    return call(program("pytest"), *SHARED_OUT, *extra) or lint_code


def coverage(extra: Sequence[str]) -> int:
    """Run the tests and say which lines they leave out; it takes about twice as long."""
    return call(program("pytest"), "--cov=carepath_sim", *SHARED_OUT, *extra)


def docs(extra: Sequence[str]) -> int:
    """Build the documentation site into ``build/docs``; anything doubtful in it is an error."""
    python = program("python")
    # All pages are read anew: the margin of the front page depends on which pages there are.
    how = ("-E", "-W", "--keep-going", "-q", "-b", "html")
    code = call(python, "-m", "sphinx", *how, str(ROOT / "docs"), str(SITE), *extra)
    if code == 0:
        say(f"The site is made: open {SITE / 'index.html'}")
    return code


def make_rivals() -> None:
    """Bring ``.venv-bench``, with the libraries compared with, in line with what it should hold."""
    wanted = RIVALS.read_text(encoding="utf-8") + str(sys.version_info[:3])
    stamp = BENCH_VENV / "installed.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    say("Installing the libraries compared with into .venv-bench (once) ...")
    python = BENCH_VENV / PROGRAMS.name / ("python.exe" if os.name == "nt" else "python")
    made = call(sys.executable, "-m", "venv", str(BENCH_VENV)) == 0
    pip = (str(python), "-m", "pip", "--disable-pip-version-check", "-qq", "install")
    if made and call(*pip, "-r", str(RIVALS)) == 0:
        stamp.write_text(wanted, encoding="utf-8")
    else:
        say("They could not be installed; the benchmarks leave them out.")


def bench(extra: Sequence[str]) -> int:
    """Run every benchmark and report the worst exit code."""
    make_rivals()
    scripts = sorted((ROOT / "benchmarks").glob("bench_*.py"))
    if not scripts:
        say("There is no benchmark in benchmarks/ yet.")
    worst = 0
    for script in scripts:
        say(f"== {script.name}")
        worst = max(worst, abs(call(program("python"), str(script), *extra)))
    return min(worst, 1)


TASKS: dict[str, Callable[[Sequence[str]], int]] = {
    "demo": demo,
    "test": test,
    "coverage": coverage,
    "lint": lint,
    "docs": docs,
    "bench": bench,
    "setup": lambda _extra: 0,
}


def main() -> int:
    """Prepare the environment, then run the task named on the command line."""
    parser = argparse.ArgumentParser(description="Tasks of the carepath-sim project.")
    parser.add_argument("task", choices=sorted(TASKS), help="what to do")
    parser.add_argument("extra", nargs=argparse.REMAINDER, help="passed on to what the task runs")
    options = parser.parse_args()
    try:
        setup()
    except TaskError as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    try:
        return TASKS[options.task](options.extra)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
