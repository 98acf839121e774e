"""The network in salabim: a component a person, a resource a pool."""

from __future__ import annotations

import json
import random
import sys
import time

import salabim as sim
from network import CAPACITY, POOL, REFERRALS, ROUTES, STAYS

sim.yieldless(False)  # noqa: FBT003 - so the library has it
counts = {"ends": 0, "arrivals": 0}
pools: dict[str, sim.Resource] = {}


class Person(sim.Component):
    """Somebody on the way through the network."""

    def process(self):  # noqa: ANN201 - as the manual has it
        service = "desk"
        held = None
        while service is not None:
            place = pools.get(POOL.get(service, ""))
            if place is not None:
                yield self.request(place)
            if held is not None:
                self.release(held)
            held = place
            yield self.hold(random.lognormvariate(*STAYS[service]))
            counts["ends"] += 1
            targets, shares = ROUTES[service]
            onward = random.choices(targets, shares)[0]
            if service == "desk":
                self.release(held)
                held = None
            service = onward
        if held is not None:
            self.release(held)


class Referrals(sim.Component):
    """Who refers people."""

    def process(self):  # noqa: ANN201 - as the manual has it
        while True:
            yield self.hold(random.expovariate(REFERRALS))
            counts["arrivals"] += 1
            Person()


def main(hours: float) -> None:
    """Run the network and print events and seconds."""
    env = sim.Environment(trace=False)
    random.seed(1)
    pools.update({name: sim.Resource(name, capacity=size) for name, size in CAPACITY.items()})
    Referrals()
    began = time.process_time()
    env.run(till=hours)
    print(json.dumps({"events": sum(counts.values()), "seconds": time.process_time() - began}))


if __name__ == "__main__":
    main(float(sys.argv[1]))
