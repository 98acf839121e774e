"""How the cost of an event grows with the run, with demand and with the number of services.

Run with `python benchmarks/bench_growth.py [RUNS]`. All runs take turns in fresh processes; besides
the cost of an event, the peak memory of the process is printed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measuring import NETWORK, machine, medians, ours

RUNS = 3
YEARS = (1, 5, 20)
TIMES = (1, 4, 16)
COPIES = (1, 4, 16)
CAPACITIES = {"clinicians": 6, "acute_beds": 260, "community_beds": 190, "reablement": 700}


def larger(times: int) -> list[str]:
    """Return a year with so many times the demand and the capacity."""
    sets = [f"pools.{name}.capacity={size * times}" for name, size in CAPACITIES.items()]
    return ours(1, "compiled", f"arrivals.referrals.rate={20_000 * times} per y", *sets)


def side_by_side(copies: int, folder: Path) -> list[str]:
    """Return five years of so many networks in one scenario, which share the same demand."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe")
    raw = yaml.load(NETWORK)

    def renamed(value: object, k: int) -> object:
        names = {*raw["services"], *raw["pools"]}
        if isinstance(value, dict):
            return {
                f"{key}_{k}" if key in names else key: part
                if key in ("stay", "unit", "setting")
                else renamed(part, k)
                for key, part in value.items()
            }
        return f"{value}_{k}" if isinstance(value, str) and value in names else value

    made = {**raw, "services": {}, "pools": {}, "arrivals": {}}
    for k in range(copies):
        made["pools"] |= {
            f"{name}_{k}": {**pool, "capacity": -(-pool["capacity"] // copies)}
            for name, pool in raw["pools"].items()
        }
        made["services"] |= {
            f"{name}_{k}": renamed(one, k) for name, one in raw["services"].items()
        }
        rate = f"{20_000 // copies} per y"
        made["arrivals"][f"referrals_{k}"] = {"rate": rate, "at": f"desk_{k}"}
    path = folder / f"copies-{copies}.yaml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(made, file)
    command = ours(5)
    command[2] = str(path)
    return command


def main() -> None:
    """Print the tables."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        rows = {
            **{f"{years} years": ours(years) for years in YEARS},
            **{f"demand x {times}, 1 year": larger(times) for times in TIMES},
            **{f"{8 * k} services, 5 years": side_by_side(k, Path(name)) for k in COPIES},
        }
        found = medians(rows, runs)
    heads = ("ns/event", "against first", "peak MB")
    print(f"{'medians of ' + str(runs):26} {'events':>11}" + "".join(f"{h:>15}" for h in heads))
    names = list(rows)
    for row, label in enumerate(names):
        one, first = found[label], found[names[row - row % 3]]
        cost = one["seconds"] / one["events"] * 1e9
        ratio = cost / (first["seconds"] / first["events"] * 1e9)
        print(f"{label:26} {one['events']:11,.0f}{cost:15,.0f}{ratio:15.2f}{one['MB']:15,.0f}")


if __name__ == "__main__":
    main()
