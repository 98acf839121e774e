"""How much faster two processes are than one: replications of Buckinghamshire, in turn.

Each round runs the same replications with one worker process and with two, and the results must be
the same. Prints the wall time of each, start of the processes included, the median ratio, and the
load of the machine before each run: with others at work the ratio says little. Ends with 1 when the
ratio is below 1.7.

Processes take some three seconds to start, to load and to compile the plan, whatever there is to
do; this one has done that before the first round, and so is timed without. A run of half a minute
shows mostly that start; the judged one takes a minute on one processor, as a small sweep does.

Arguments: replications (60), length of the window (1 y), rounds (3).
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from typing import TYPE_CHECKING

from measuring import machine

import carepath_sim as cp

if TYPE_CHECKING:
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario

GOAL = 1.7


def timed(scenario: Scenario, replications: int, workers: int) -> tuple[float, RunResult]:
    """Return the wall time of a run [s] with its result."""
    began = time.perf_counter()
    result = cp.run(scenario, replications=replications, workers=workers)
    return time.perf_counter() - began, result


def main(replications: int = 60, length: str = "1 y", rounds: int = 3) -> int:
    """Print the table."""
    scenario = cp.load("buckinghamshire/to-be", sets=(f"clock.length={length}",))
    print(f"{machine()}\n{replications} replications of {length}\n\none [s]  two [s]  ratio  loads")
    ratios = []
    for _ in range(rounds):
        times, loads, results = [], [], []
        for workers in (1, 2):
            loads.append(os.getloadavg()[0])
            spent, result = timed(scenario, replications, workers)
            times.append(spent)
            results.append(result.summary())
        if not results[0].equals(results[1]):
            print("DIFFERENT results")
            return 1
        ratios.append(times[0] / times[1])
        print(
            f"{times[0]:7.1f} {times[1]:8.1f} {ratios[-1]:6.2f}  {loads[0]:.1f}, {loads[1]:.1f}",
            flush=True,
        )
    middle = statistics.median(ratios)
    print(f"\nmedian {middle:.2f}; goal: at least {GOAL}")
    return 0 if middle >= GOAL else 1


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(*map(int, given[:1]), *given[1:2], *map(int, given[2:3])))
