"""The engines beside other libraries and a program in C, on one open network, as ratios.

Everything runs in turn, each time in a fresh process; medians are compared. One event is one
arrival or one end of a stay; the time is CPU time of the run alone, without imports and plan.
Absolute figures belong to the machine, ratios travel.

Run with `python benchmarks/bench_network.py [RUNS]` (3 unless told), after `python3 tasks.py bench`
has made `.venv-bench`; what is not installed is left out with a word.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measuring import (
    HOURS_A_YEAR,
    RIVALS,
    build_c,
    machine,
    medians,
    ours,
    rivals_python,
    rscript_with_simmer,
)

RUNS = 3
YEARS = 5
"""Years of the fast ones and of SimPy; the others run for one, their cost grows with the run."""


def commands(folder: Path) -> dict[str, list[str]]:
    """Return what can be run here, by the name in the table."""
    hours, one_year = str(HOURS_A_YEAR * YEARS), str(HOURS_A_YEAR)
    found = {
        "carepath, compiled": ours(YEARS),
        "carepath, compiled, further replications": [*ours(YEARS), "--warm"],
        "carepath, SimPy": ours(1, "simpy"),
    }
    python = rivals_python()
    if python is None:
        print("SimPy, Ciw and salabim left out: there is no .venv-bench (python3 tasks.py bench)")
    else:
        found["SimPy, idiomatic"] = [python, str(RIVALS / "simpy_network.py"), hours]
        found["salabim"] = [python, str(RIVALS / "salabim_network.py"), one_year]
        found["Ciw"] = [python, str(RIVALS / "ciw_network.py"), one_year]
    rscript = rscript_with_simmer()
    if rscript is None:
        print("simmer left out: R with the package simmer is not installed")
    else:
        script = str(RIVALS / "simmer_network.R")
        found["simmer, idiomatic"] = [rscript, script, one_year]
        found["simmer, fastest"] = [rscript, script, hours, "fast"]
    program = build_c(folder)
    if program is None:
        print("C left out: there is no compiler")
    else:
        found["C, for this network alone"] = [str(program), hours]
    return found


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        found = medians(commands(Path(folder)), runs)
    rates = {name: one["events"] / one["seconds"] for name, one in found.items()}
    plain, limit = rates.get("SimPy, idiomatic"), rates.get("C, for this network alone")
    print(f"{'medians of ' + str(runs):42} {'events/s':>11} {'of SimPy':>9} {'of C':>6}")
    for name, rate in sorted(rates.items(), key=lambda pair: -pair[1]):
        of_simpy = f"{rate / plain:9.2f}" if plain else f"{'':9}"
        of_c = f"{rate / limit:6.3f}" if limit else ""
        print(f"{name:42} {rate:11,.0f} {of_simpy} {of_c}")


if __name__ == "__main__":
    main()
