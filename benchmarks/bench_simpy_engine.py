"""The SimPy engine beside an idiomatic SimPy model of the same network, as a ratio in one run.

One event is one arrival or one end of a stay. Runs are interleaved, each in a fresh process, and
medians are compared; absolute figures belong to the machine, ratios travel. Besides, the memory of
a one-year Buckinghamshire replication and the time that commands take to start are printed.
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
RUNS = 3


def idiomatic() -> dict[str, float]:
    """Run the network as a SimPy tutorial would write it."""
    import math
    import random

    import simpy

    rng = random.Random(1)
    env = simpy.Environment()
    pools = {
        "desk": simpy.PriorityResource(env, 6),
        "acute": simpy.PriorityResource(env, 260),
        "community": simpy.PriorityResource(env, 190),
        "reablement": simpy.PriorityResource(env, 700),
    }

    def by_median(median: float, p90: float) -> tuple[float, float]:
        return math.log(median), math.log(p90 / median) / 1.2815515655446004

    def by_mean(mean: float, sd: float) -> tuple[float, float]:
        sigma2 = math.log(1 + (sd / mean) ** 2)
        return math.log(mean) - sigma2 / 2, math.sqrt(sigma2)

    stays = {
        "desk": by_median(0.5, 1),
        "triage": by_median(2, 6),
        "visit": by_median(4, 12),
        "acute": by_mean(9 * 24, 8 * 24),
        "community": by_mean(28 * 24, 18 * 24),
        "reablement": by_mean(21 * 24, 10 * 24),
        "check": by_median(24, 72),
        "follow_up": by_median(72, 216),
    }
    routes = {
        "desk": (["triage", None], [0.8, 0.2]),
        "triage": (["acute", "visit"], [0.55, 0.45]),
        "visit": (["reablement", None], [0.7, 0.3]),
        "acute": (["community", "reablement", "check"], [0.25, 0.3, 0.45]),
        "community": (["reablement", "check"], [0.6, 0.4]),
        "reablement": (["check"], [1.0]),
        "check": (["follow_up", None], [0.3, 0.7]),
        "follow_up": ([None], [1.0]),
    }
    spells: list[tuple[int, str, float, float, float, float]] = []

    def person(number: int):  # noqa: ANN202 - as a tutorial has it
        service = "desk"
        held = None
        while service is not None:
            requested = env.now
            place = None
            if service in pools:
                place = pools[service].request(priority=0)
                yield place
            if held is not None:  # the old place is blocked until the new one is there
                held[0].release(held[1])
            held = None if place is None else (pools[service], place)
            started = env.now
            yield env.timeout(rng.lognormvariate(*stays[service]))
            ready = env.now
            targets, shares = routes[service]
            onward = rng.choices(targets, shares)[0]
            if service == "desk" and held is not None:
                held[0].release(held[1])
                held = None
            spells.append((number, service, requested, started, ready, env.now))
            service = onward
        if held is not None:
            held[0].release(held[1])

    def arrivals():  # noqa: ANN202 - as a tutorial has it
        number = 0
        while True:
            yield env.timeout(rng.expovariate(20_000 / (365.25 * 24)))
            number += 1
            env.process(person(number))

    env.process(arrivals())
    began = time.process_time()
    env.run(until=366 * 24)
    spent = time.process_time() - began
    return {"events": len(spells) * 1.0 + len({row[0] for row in spells}), "seconds": spent}


def journeys() -> dict[str, float]:
    """Run the network by the SimPy engine, from YAML."""
    import numpy as np

    from carepath_sim.engine import NEVER, simulate
    from carepath_sim.plan import compile_plan
    from carepath_sim.scenario import load

    plan = compile_plan(load(str(HERE / "network.yaml")))
    simulate(plan, seed=1, replication=0)  # once before, so that nothing is compiled in the timing
    began = time.process_time()
    record = simulate(plan, seed=1, replication=1)
    spent = time.process_time() - began
    ends = int(np.sum((record.spells["ready"] != NEVER) & (record.spells["ready"] < plan.end)))
    return {"events": ends + float(len(record.people["person"])), "seconds": spent}


def buckinghamshire() -> dict[str, float]:
    """Run one replication of Buckinghamshire; return seconds and peak memory [MB]."""
    import resource

    from carepath_sim.engine import simulate
    from carepath_sim.plan import compile_plan
    from carepath_sim.scenario import load

    plan = compile_plan(load("buckinghamshire/as-is"))
    began = time.process_time()
    record = simulate(plan, seed=1, replication=0)
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": spent, "MB": peak, "spells": float(len(record.spells["person"]))}


def fresh(name: str) -> dict[str, float]:
    """Run one of these functions in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, name], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def start_up(*arguments: str) -> float:
    """Return the median wall time of a command [s]."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        command = [sys.executable, "-m", "carepath_sim.cli", *arguments]
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    print(f"{platform.machine()}, Python {platform.python_version()}, {platform.system()}")
    rates: dict[str, list[float]] = {"idiomatic": [], "journeys": []}
    for _ in range(RUNS):
        for name, found in rates.items():
            run = fresh(name)
            found.append(run["events"] / run["seconds"])
    plain, ours = (statistics.median(found) for found in rates.values())
    print(f"idiomatic SimPy model          {plain:9,.0f} events/s")
    print(f"SimPy engine, from YAML        {ours:9,.0f} events/s   ratio {ours / plain:.2f}")
    run = fresh("buckinghamshire")
    print(
        f"Buckinghamshire as-is, one year {run['seconds']:7.1f} s CPU, {run['MB']:,.0f} MB at the"
        f" peak, {run['spells']:,.0f} spells"
    )
    print(f"carepath --help                 {start_up('--help'):7.2f} s")
    validate = start_up("validate", "buckinghamshire/to-be")
    print(f"carepath validate (to-be)       {validate:7.2f} s")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(globals()[sys.argv[1]]()))
    else:
        main()
