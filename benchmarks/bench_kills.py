"""Kill work with a folder at random moments; its files must not know.

By default a sweep of 40 points x 20 replications, killed 20 times; with the names of other
commands those, each with a question of its own. Parents are killed with `kill -9`, and in every
third round a worker first. Prints how long the work took with and without, and ends with 1 when one
byte of a result differs. `python bench_kills.py [--kills N] [COMMAND...]`.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMANDS = ("sweep", "run", "comparison", "capacity", "goal", "bedmix", "sensitivity")
PROGRAM = """
import sys
import carepath_sim as cp
root, kind, out = sys.argv[1:4]
scenarios = root + "/tests/experiment/scenarios/"
county = cp.load(scenarios + "before.yaml").with_(
    clock={"length": "60 d", "warm_up": "0 d", "run_out": "0 d"})
ward = cp.load(scenarios + "ward.yaml")
ranges = cp.load(scenarios + "ranges.yaml")
ten = cp.load(root + "/docs/cookbook/sharing-policies.yaml").with_(
    clock={"length": "60 d", "warm_up": "5 d", "run_out": "2 d"})
same = dict(workers=2, out=out, resume=True, progress=lambda *now: print(*now, flush=True))
if kind == "sweep":
    cp.sweep(county, vary={"pools.community_beds.capacity": range(1, 41)}, replications=20, **same)
if kind == "run":
    cp.run(county, replications=300, keep=["spells", "events"], **same)
if kind == "comparison":
    cp.compare(county, county.set("pools.community_beds.capacity", 3), replications=150, **same)
if kind == "capacity":
    cp.capacity_curve(ward, pool="beds", capacities=range(3, 11), targets="p_wait<=0.3",
                      replications=20, most=60, **same)
if kind == "goal":
    cp.goal(ward, "demand", "p_wait[beds]<=0.3", low=0.5, high=2, step=0.05, replications=20,
            most=80, **same)
if kind == "bedmix":
    cp.bed_mix(ten, "community_beds", streams=("step_up", "step_down"), splits=(2, 4),
               replications=20, max_replications=60, **same)
if kind == "sensitivity":
    cp.sensitivity(ranges, "sobol", samples=16, measures=["bed_days[ward]"], replications=5, **same)
"""


def start(kind: str, out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(ROOT), kind, str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def results(out: Path) -> dict[str, bytes]:
    """Return all tables, with what was asked of a store, by name."""
    return {
        str(one.relative_to(out)): one.read_bytes()
        for one in out.rglob("*")
        if one.suffix in {".parquet", ".csv"} or one.name == "asked.json"
    }


def kill_a_worker(parent: int) -> bool:
    """Kill one of the children that work, where processes can be listed so."""
    found = subprocess.run(
        ["pgrep", "-P", str(parent), "-f", "spawn_main"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    if found:
        subprocess.run(["kill", "-9", found[0]], check=False)
    return bool(found)


def killed(kind: str, kills: int, folder: Path, luck: random.Random) -> bool:
    """Kill one command again and again, and tell whether its results are the same in the end."""
    whole, broken = folder / f"{kind}-whole", folder / f"{kind}-broken"
    began = time.perf_counter()
    lines = len(start(kind, whole).communicate()[0].splitlines())
    print(f"{kind}: uninterrupted {time.perf_counter() - began:.1f} s, {lines} replications told")
    began = time.perf_counter()
    parents = workers = 0
    for k in range(kills):
        process = start(kind, broken)
        assert process.stdout is not None
        # On average so much that the last round still finds something to do.
        steps = luck.uniform(0, 2 * lines / (kills + 1))
        while steps > 0 and process.stdout.readline():
            steps -= 1
        if k % 3 == 2:
            workers += kill_a_worker(process.pid)
        time.sleep(luck.random() * 0.2)
        if process.poll() is None:
            process.kill()
            parents += 1
        process.communicate()
    start(kind, broken).communicate()
    one, other = results(whole), results(broken)
    print(
        f"{kind}: {parents} parents and {workers} workers killed, "
        f"{time.perf_counter() - began:.1f} s, {len(one)} files, "
        f"{sum(map(len, one.values())) / 1e6:.1f} MB: "
        + ("the same, byte for byte" if one == other else "DIFFERENT"),
        flush=True,
    )
    return bool(one) and one == other


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commands", nargs="*", help=", ".join(COMMANDS))
    parser.add_argument("--kills", type=int, default=20)
    asked = parser.parse_args()
    if unknown := set(asked.commands) - set(COMMANDS):
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(COMMANDS)}")
    luck = random.Random(1)
    commands = asked.commands or COMMANDS[:1]
    with tempfile.TemporaryDirectory() as folder:
        same = [killed(kind, asked.kills, Path(folder), luck) for kind in commands]
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
