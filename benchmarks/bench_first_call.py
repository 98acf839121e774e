"""The first call of the command line: with an empty cache, and with a full one.

Run with `python benchmarks/bench_first_call.py`. The command runs one replication of one day of the
network; wall time, and CPU time of the command with its helpers where the system tells it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

from measuring import NETWORK, ROOT, machine

CACHED_RUNS = 5


def call(cache: str) -> tuple[float, float]:
    """Run the command with a cache of its own; return wall and CPU time [s]."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    command = [sys.executable, "-m", "carepath_sim.cli", "run", str(NETWORK)]
    command += ["--replications", "1", "--set", "clock.length=1 d"]
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(done.stderr)
    spent, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system
    return spent, cpu - before.children_user - before.children_system


def main() -> None:
    """Print both times."""
    print(machine())
    with tempfile.TemporaryDirectory() as cache:
        wall, cpu = call(cache)
        print(f"cold    {wall:7.1f} s wall {cpu:7.1f} s CPU")
        cached = [call(cache) for _ in range(CACHED_RUNS)]
    wall, cpu = (statistics.median(column) for column in zip(*cached, strict=True))
    print(f"cached  {wall:7.2f} s wall {cpu:7.2f} s CPU   median of {CACHED_RUNS}")


if __name__ == "__main__":
    main()
