"""The network in Ciw: nodes without waiting room block who would move there (type I blocking)."""

from __future__ import annotations

import json
import sys
import time

import ciw
from network import CAPACITY, POOL, REFERRALS, ROUTES, STAYS


def main(hours: float) -> None:
    """Run the network and print events and seconds."""
    names = list(STAYS)
    infinite = float("inf")
    shares = [[0.0] * len(names) for _ in names]
    for name, (targets, chances) in ROUTES.items():
        for target, chance in zip(targets, chances, strict=True):
            if target is not None:
                shares[names.index(name)][names.index(target)] = chance
    network = ciw.create_network(
        arrival_distributions=[
            ciw.dists.Exponential(REFERRALS) if name == "desk" else None for name in names
        ],
        service_distributions=[ciw.dists.Lognormal(*STAYS[name]) for name in names],
        number_of_servers=[CAPACITY[POOL[n]] if n in POOL else infinite for n in names],
        queue_capacities=[0 if n in POOL and n != "desk" else infinite for n in names],
        routing=shares,
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    began = time.process_time()
    simulation.simulate_until_max_time(hours)
    spent = time.process_time() - began
    records = simulation.get_all_records()
    people = sum(node.number_accepted_individuals for node in simulation.nodes[:1])
    ends = sum(record.record_type == "service" for record in records)
    print(json.dumps({"events": ends + people, "seconds": spent}))


if __name__ == "__main__":
    main(float(sys.argv[1]))
