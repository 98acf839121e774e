"""The compiled engine beside the SimPy engine, as a ratio in one run.

Both run the same replications of the same plans in turn, in one process after the kernel has been
compiled, and must write the same tables. Absolute figures belong to the machine, ratios travel.

Run with `python benchmarks/bench_engines.py [SCENARIO ...]`; without names the network of the other
benchmark and Buckinghamshire as it is are run.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from carepath_sim.engine import Record, prepare, simulate
from carepath_sim.plan import compile_plan
from carepath_sim.scenario import load

RUNS = 3
TABLES = ("spells", "people", "episodes", "changes", "audit")


def same(a: Record, b: Record) -> bool:
    """Tell whether two records are equal bit for bit."""
    return all(
        np.array_equal(getattr(a, table)[name], getattr(b, table)[name])
        for table in TABLES
        for name in getattr(a, table)
    )


def measure(name: str) -> None:
    """Print one line of the table."""
    plan = compile_plan(load(name))
    spent: dict[str, list[float]] = {"simpy": [], "compiled": []}
    for replication in range(RUNS):
        records = []
        for engine, seconds in spent.items():
            began = time.process_time()
            records.append(simulate(plan, seed=1, replication=replication, engine=engine))
            seconds.append(time.process_time() - began)
        if not same(*records):
            sys.exit(f"{name}, replication {replication}: the engines differ")
    plain, fast = (statistics.median(seconds) for seconds in spent.values())
    print(f"{Path(name).stem:24} {plain:8.2f} s {fast:8.2f} s   ratio {plain / fast:5.1f}")


def main() -> None:
    """Print the table."""
    print(f"{platform.machine()}, Python {platform.python_version()}, {platform.system()}")
    began = time.process_time()
    prepare("compiled")
    print(f"compiled, or read from the cache, in {time.process_time() - began:.0f} s")
    print(f"{'CPU, medians':24} {'simpy':>10} {'compiled':>10}")
    network = str(Path(__file__).parent / "network.yaml")
    for name in sys.argv[1:] or (network, "buckinghamshire/as-is"):
        measure(name)


if __name__ == "__main__":
    main()
