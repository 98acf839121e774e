"""What a Dask cluster costs against processes of this machine: one sweep, two workers each way.

The sweep of Buckinghamshire is done four times, on processes, cluster, cluster, processes, so that
whatever else slows the machine down meanwhile hits both alike. Prints times by the clock and of
the processors, and ends with 1 when one byte differs. Arguments: points, replications.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import psutil
from measuring import machine

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "experiment"))

from scheduler import Scheduler  # noqa: E402

import carepath_sim as cp  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

WAYS = ("processes", "cluster", "cluster", "processes")


def of_processors(cluster: Scheduler) -> float:
    """Return the time [s] of this process, of those that it had, and of the cluster."""
    mine = psutil.Process().cpu_times()
    theirs = [psutil.Process(one.pid).cpu_times() for one in cluster.processes]
    return (
        mine.children_user + mine.children_system + sum(t.user + t.system for t in (mine, *theirs))
    )


def timed(work: Callable[[], object], cluster: Scheduler) -> tuple[float, float]:
    """Return how long work took [s], by the clock and of the processors."""
    clock, processors = time.perf_counter(), of_processors(cluster)
    work()
    return time.perf_counter() - clock, of_processors(cluster) - processors


def main(points: int = 6, replications: int = 8) -> int:
    scenario = cp.load("buckinghamshire/to-be")
    beds = {"pools.community_beds.capacity": range(100, 100 + 5 * points, 5)}
    took: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    print(f"{machine()}; {points} points x {replications} replications")
    with tempfile.TemporaryDirectory() as name, Scheduler(Path(name), idle="1h") as cluster:
        cluster.worker()
        cluster.worker()
        cluster.wait(2)
        # Neither pays for the first loading of the engine.
        cp.run(scenario, replications=2, cluster=cluster.address)
        files: list[dict[str, bytes]] = []
        for number, way in enumerate(WAYS):
            who = {"workers": 2} if way == "processes" else {"cluster": cluster.address}
            out = Path(name, f"{number}")

            def work(who: dict[str, object] = who, out: Path = out) -> None:
                cp.sweep(scenario, vary=beds, replications=replications, out=out, **who)

            took[way].append(timed(work, cluster))
            clock, processors = took[way][-1]
            print(f"{way:10} {clock:7.1f} s by the clock, {processors:7.1f} s of processors")
            files.append({one.name: one.read_bytes() for one in sorted(out.glob("*-*.parquet"))})
    for which, words in enumerate(("by the clock", "of processors")):
        here, there = (mean(one[which] for one in took[way]) for way in ("processes", "cluster"))
        print(f"a cluster costs {there / here - 1:+.1%} {words}")
    same = all(one == files[0] for one in files)
    print("the same, byte for byte" if same else "DIFFERENT")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
