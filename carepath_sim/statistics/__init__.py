"""Statistics of replications, and the formulas of queueing theory that simulations are held to."""

from carepath_sim.statistics.intervals import (
    Interval,
    Intervals,
    PairedDifference,
    mean_interval,
    mean_intervals,
    paired_difference,
    ratio_interval,
    simultaneous_level,
    wilson_interval,
)

__all__ = [
    "Interval",
    "Intervals",
    "PairedDifference",
    "mean_interval",
    "mean_intervals",
    "paired_difference",
    "ratio_interval",
    "simultaneous_level",
    "wilson_interval",
]
