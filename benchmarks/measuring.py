"""What the benchmarks share: fresh processes in turn, medians, and the machine that is named."""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Path(__file__).parent
ROOT = HERE.parent
RIVALS = HERE / "rivals"
NETWORK = HERE / "network.yaml"
HOURS_A_YEAR = 365.25 * 24

Result = dict[str, float]


def machine() -> str:
    """Return one line on the machine and on how busy it is."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    busy = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{model}, {os.cpu_count()} CPUs, {system}{busy}"


def rivals_python() -> str | None:
    """Return the Python that has the other libraries; None before `python3 tasks.py bench`."""
    name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    path = ROOT.joinpath(".venv-bench", *name)
    return str(path) if path.exists() else None


def compiler() -> str | None:
    """Return a C compiler, or None."""
    return next((found for name in ("gcc", "cc", "clang") if (found := shutil.which(name))), None)


def build_c(folder: Path) -> Path | None:
    """Compile the reference in C, or return None where nothing can."""
    found = compiler()
    if found is None:
        return None
    program = folder / "network"
    source = str(RIVALS / "network.c")
    subprocess.run([found, "-O3", "-o", str(program), source, "-lm"], check=True)
    return program


def rscript_with_simmer() -> str | None:
    """Return the program of R where simmer is installed, or None."""
    found = shutil.which("Rscript")
    if found is None:
        return None
    ask = [found, "-e", "quit(status = !requireNamespace('simmer', quietly = TRUE))"]
    return found if subprocess.run(ask, capture_output=True, check=False).returncode == 0 else None


def run_once(command: Sequence[str]) -> Result:
    """Run a program that prints its figures as JSON on the last line."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        message = f"{' '.join(command)} failed:\n{done.stderr}"
        raise RuntimeError(message)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def medians(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, Result]:
    """Run commands in turn, each time in a fresh process, and return the medians of their figures.

    In turn, so that a machine that is busy for a while is busy for all of them.
    """
    found: dict[str, list[Result]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(run_once(command))
    return {
        name: {key: statistics.median(one[key] for one in results) for key in results[0]}
        for name, results in found.items()
    }


def ours(years: float, engine: str = "compiled", *sets: str) -> list[str]:
    """Return the command that runs the network by one of our engines."""
    program = str(HERE / "one_run.py")
    return [sys.executable, program, str(NETWORK), engine, f"clock.length={years} y", *sets]
