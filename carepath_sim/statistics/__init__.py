"""Statistics of replications, and the formulas of queueing theory that simulations are held to."""

from carepath_sim.statistics.frontier import frontier_probabilities, on_frontier
from carepath_sim.statistics.intervals import (
    Interval,
    Intervals,
    PairedDifference,
    mean_interval,
    mean_intervals,
    paired_difference,
    prediction_interval,
    ratio_interval,
    simultaneous_level,
    wilson_interval,
)
from carepath_sim.statistics.selection import Selection, best_probabilities, select_best
from carepath_sim.statistics.shares import share_interval
from carepath_sim.statistics.unpaired import unpaired_difference

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
    "prediction_interval",
    "ratio_interval",
    "select_best",
    "share_interval",
    "simultaneous_level",
    "unpaired_difference",
    "wilson_interval",
]
