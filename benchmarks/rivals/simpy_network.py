"""The network as a SimPy tutorial would write it: a process a person, a `Resource` a pool."""

from __future__ import annotations

import json
import random
import sys
import time

import simpy
from network import CAPACITY, POOL, REFERRALS, ROUTES, STAYS


def main(hours: float) -> None:
    """Run the network and print events and seconds."""
    rng = random.Random(1)
    env = simpy.Environment()
    pools = {name: simpy.Resource(env, capacity) for name, capacity in CAPACITY.items()}
    spells: list[tuple[int, str, float, float, float, float]] = []
    ends = arrived = 0

    def person(number: int):  # noqa: ANN202 - as a tutorial has it
        nonlocal ends
        service: str | None = "desk"
        held = None
        while service is not None:
            requested = env.now
            place = None
            if service in POOL:
                place = pools[POOL[service]].request()
                yield place
            if held is not None:  # the old place is blocked until the new one is there
                held[0].release(held[1])
            held = None if place is None else (pools[POOL[service]], place)
            started = env.now
            yield env.timeout(rng.lognormvariate(*STAYS[service]))
            ends += 1
            targets, shares = ROUTES[service]
            onward = rng.choices(targets, shares)[0]
            if service == "desk" and held is not None:
                held[0].release(held[1])
                held = None
            spells.append((number, service, requested, started, env.now, env.now))
            service = onward
        if held is not None:
            held[0].release(held[1])

    def arrivals():  # noqa: ANN202 - as a tutorial has it
        nonlocal arrived
        while True:
            yield env.timeout(rng.expovariate(REFERRALS))
            arrived += 1
            env.process(person(arrived))

    env.process(arrivals())
    began = time.process_time()
    env.run(until=hours)
    print(json.dumps({"events": ends + arrived, "seconds": time.process_time() - began}))


if __name__ == "__main__":
    main(float(sys.argv[1]))
