"""``python tests/fuzz --count 10000`` damages so many files and tells what the program did.

Every case has a number: ``--only 4711`` shows it again.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

for beside in ("", "docs"):
    sys.path.insert(0, str(Path(__file__).parents[1] / beside))

from attempt import Outcome, attempt

MEMORY = 3 * 2**30
"""Address space that reading may take [bytes]."""


def main() -> int:
    """Run the cases; return how many faults were found, at most 100."""
    reader = argparse.ArgumentParser(prog="python tests/fuzz", description=__doc__)
    reader.add_argument("--count", type=int, default=10_000, help="How many files.")
    reader.add_argument("--seed", type=int, default=1, help="Which series.")
    reader.add_argument("--first", type=int, default=0, help="Number of the first.")
    reader.add_argument("--only", type=int, help="One case: its file stays, its outcome is told.")
    chosen = reader.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if chosen.only is not None:
        folder = Path(tempfile.mkdtemp())
        print(attempt(chosen.only, chosen.seed, folder), f"\nThe file is in {folder}/fuzz")
        return 0
    begun = time.perf_counter()
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(chosen.first, chosen.first + chosen.count):
            outcome = attempt(number, chosen.seed, Path(folder))
            outcomes.append(outcome)
            if outcome.is_fault:
                print(
                    f"--- {number} ({outcome.base}): {outcome.verdict}\n{outcome.said}", flush=True
                )
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{chosen.count} files in {time.perf_counter() - begun:.0f} s: "
        + ", ".join(f"{n} {verdict}" for verdict, n in verdicts.most_common())
        + f"; slowest {slowest.seconds:.1f} s (number {slowest.number}); memory {peak:.0f} MB"
    )
    return min(100, sum(outcome.is_fault for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
