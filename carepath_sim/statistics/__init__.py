"""Statistics of replications, and the formulas of queueing theory that simulations are held to."""

from carepath_sim.statistics.frontier import frontier_probabilities, on_frontier
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
from carepath_sim.statistics.selection import Selection, best_probabilities, select_best

__all__ = [
    "Interval",
    "Intervals",
    "PairedDifference",
    "Selection",
    "best_probabilities",
    "frontier_probabilities",
    "mean_interval",
    "mean_intervals",
    "on_frontier",
    "paired_difference",
    "ratio_interval",
    "select_best",
    "simultaneous_level",
    "wilson_interval",
]
