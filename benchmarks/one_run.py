"""One replication of a scenario in a process of its own; prints its figures as JSON.

Run with `python benchmarks/one_run.py SCENARIO ENGINE [FIELD=VALUE ...] [--warm]`. One event is one
arrival or one end of a stay. The plan is made, and the kernel read from the cache, before the clock
starts.
With `--warm` the replication is run after another of the same process, as most are.
"""

from __future__ import annotations

import json
import sys
import time


def peak() -> float:
    """Return the most memory that this process has held [MB]; 0 where it cannot be known."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def main(name: str, engine: str, *sets: str) -> None:
    """Run it and print the figures."""
    import numpy as np

    from carepath_sim.engine import NEVER, prepare, simulate
    from carepath_sim.plan import compile_plan
    from carepath_sim.scenario import load

    warm = "--warm" in sets
    sets = tuple(one for one in sets if one != "--warm")
    plan = compile_plan(load(name, sets=sets))
    prepare(engine)
    if warm:
        simulate(plan, seed=1, replication=1, engine=engine)
    first = compile_plan(load(name, sets=(*sets, "clock.length=1 d")))
    simulate(first, seed=1, replication=0, engine=engine)  # nothing is compiled within the timing
    before = peak()
    began = time.process_time()
    record = simulate(plan, seed=1, replication=0, engine=engine)
    spent = time.process_time() - began
    ready = record.spells["ready"]
    ends = int(np.sum((ready != NEVER) & (ready < plan.end)))
    came = int(np.sum(record.people["source"] > 0))
    print(
        json.dumps(
            {
                "events": ends + came,
                "seconds": spent,
                "spells": len(ready),
                "MB": peak(),
                "MB_before": before,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
