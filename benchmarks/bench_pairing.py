"""What common random numbers bring: reduction of variance in the bundled comparisons.

For every figure of the headline table, the variance of two scenarios with luck of their own over
the variance of their difference with shared luck: so many times more replications independent seeds
would need. Prints a line a comparison with the median over its figures, and ends with 1 when the
median of these is below 5. Figures that are the same in every replication of both are left out:
pairing takes away all of their variance, and that says nothing.

Arguments: replications (20), length of the window (180 d), workers (1).
"""

from __future__ import annotations

import sys
import time

import numpy as np
from measuring import machine

import carepath_sim as cp
from carepath_sim.report.forest import of_headline

PAIRS = (
    ("buckinghamshire/as-is", "buckinghamshire/to-be"),
    ("east-sussex/as-is", "east-sussex/to-be"),
    ("plymouth/as-is", "plymouth/to-be"),
    ("rutland/as-is", "rutland/to-be"),
    ("greenwich/without-jet", "greenwich/three-teams"),
    ("sunderland/hub", "sunderland/day-and-night"),
    ("torbay/by-address", "torbay/by-registration"),
)
GOAL = 5.0


def reductions(
    base: str, other: str, replications: int, length: str, workers: int
) -> tuple[np.ndarray, int]:
    """Reductions of the headline figures that vary, and how many of them vary alike in both."""
    pair = [cp.load(name, sets=(f"clock.length={length}",)) for name in (base, other)]
    comparison = cp.compare(*pair, replications=replications, workers=workers)
    found = of_headline(comparison, comparison.differences())
    # Admissions avoided and the like are differences already.
    values = found.loc[found["base"].notna(), "variance_reduction"].to_numpy(dtype=float)
    return values[np.isfinite(values)], int(np.isinf(values).sum())


def main(replications: int = 20, length: str = "180 d", workers: int = 1) -> int:
    """Print the table."""
    print(f"{machine()}\n{replications} replications of {length} each\n")
    print(f"{'':52} median  10 % to 90 %  figures   same      s")
    medians, everything = [], []
    for base, other in PAIRS:
        began = time.perf_counter()
        found, same = reductions(base, other, replications, length, workers)
        low, middle, high = np.quantile(found, (0.1, 0.5, 0.9))
        medians.append(middle)
        everything.extend(found)
        print(
            f"{base + ' : ' + other:52} {middle:6.1f} {low:6.1f} to {high:<6.0f} {len(found):4}"
            f" {same:6} {time.perf_counter() - began:6.0f}",
            flush=True,
        )
    middle = float(np.median(medians))
    print(
        f"\nmedian over the comparisons {middle:.1f} (goal: at least {GOAL:g}); over all "
        f"{len(everything)} figures {np.median(everything):.1f}"
    )
    return 0 if middle >= GOAL else 1


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(*map(int, given[:1]), *given[1:2], *map(int, given[2:3])))
