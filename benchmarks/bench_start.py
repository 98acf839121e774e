"""What somebody waits for first: commands that start, and one replication of a whole county.

Times are of this machine; beside each stands its ratio to `python -c pass`, which travels.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time

from measuring import machine, run_once

RUNS = 5


def replication(engine: str) -> dict[str, float]:
    """Simulate one year of Buckinghamshire; return CPU seconds, peak memory [MB] and spells."""
    from carepath_sim.engine import prepare, simulate
    from carepath_sim.plan import compile_plan
    from carepath_sim.scenario import load

    plan = compile_plan(load("buckinghamshire/as-is"))
    prepare(engine)
    began = time.process_time()
    record = simulate(plan, seed=1, replication=0, engine=engine)
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": spent, "MB": peak, "spells": float(len(record.spells["person"]))}


def start_up(*arguments: str) -> float:
    """Return the median wall time of a Python program [s]."""
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    print(machine())
    plain = start_up("-c", "pass")
    for name, arguments in {
        "carepath --help": ("--help",),
        "carepath list": ("list",),
        "carepath validate (to-be)": ("validate", "buckinghamshire/to-be"),
    }.items():
        spent = start_up("-m", "carepath_sim.cli", *arguments)
        print(f"{name:32} {spent:7.2f} s   {spent / plain:6.0f} x python")
    for engine in ("compiled", "simpy"):
        run = run_once([sys.executable, __file__, engine])
        print(
            f"Buckinghamshire, one year, {engine:9} {run['seconds']:7.1f} s CPU,"
            f" {run['MB']:,.0f} MB at the peak, {run['spells']:,.0f} spells"
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(replication(sys.argv[1])))
    else:
        main()
