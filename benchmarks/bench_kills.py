"""Kill a sweep of 40 points x 20 replications at 20 random moments; its files must not know.

Parents are killed, and in every third round a worker first. Prints how long book-keeping and
interruptions took, and ends with 1 when one byte differs. Arguments: points, replications, kills.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = Path(__file__).parents[1] / "tests" / "experiment" / "scenarios" / "before.yaml"
PROGRAM = """
import sys
import carepath_sim as cp
scenario = cp.load(sys.argv[1]).with_(clock={"length": "60 d", "warm_up": "0 d", "run_out": "0 d"})
points, replications = int(sys.argv[3]), int(sys.argv[4])
cp.sweep(scenario, vary={"pools.community_beds.capacity": range(1, points + 1)}, workers=2,
         replications=replications, out=sys.argv[2], resume=True,
         progress=lambda *now: print(*now, flush=True))
"""


def start(out: Path, points: int, replications: int) -> subprocess.Popen[str]:
    arguments = [str(SCENARIO), str(out), str(points), str(replications)]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def files(out: Path) -> dict[str, bytes]:
    return {
        one.name: one.read_bytes() for one in out.iterdir() if one.suffix in {".parquet", ".csv"}
    }


def kill_a_worker(parent: int) -> None:
    """Where processes can be listed so."""
    found = subprocess.run(
        ["pgrep", "-P", str(parent), "-f", "spawn_main"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    if found:
        subprocess.run(["kill", "-9", found[0]], check=False)


def main(points: int = 40, replications: int = 20, kills: int = 20) -> int:
    luck = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        whole, broken = Path(folder, "whole"), Path(folder, "broken")
        began = time.perf_counter()
        start(whole, points, replications).communicate()
        print(f"uninterrupted: {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        done = 0
        for k in range(kills):
            process = start(broken, points, replications)
            assert process.stdout is not None
            # The last round shall still find something to do.
            share = points * replications * (k + 1) / (kills + 1)
            while done < share * luck.uniform(0.8, 1.0):
                line = process.stdout.readline()
                if not line:
                    break
                done = int(line.split()[0])
            if k % 3 == 2:
                kill_a_worker(process.pid)
            time.sleep(luck.random() * 0.2)
            process.kill()
            process.communicate()
            print(f"killed at {done} of {points * replications}")
        start(broken, points, replications).communicate()
        same = files(whole) == files(broken)
        print(f"with {kills} kills: {time.perf_counter() - began:.1f} s, "
              f"{'the same, byte for byte' if same else 'DIFFERENT'}")  # fmt: skip
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
