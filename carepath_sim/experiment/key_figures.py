"""The figures in which ways to share a bed base differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.wanted import Wanted
from carepath_sim.measures.strata import parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from carepath_sim.experiment.configurations import BedBase
    from carepath_sim.experiment.results import RunResult

ADMISSIONS = "Admissions"
DELAYS = "Delayed days"
COSTS = "Costs"
MOST_REASONS = 4
"""Reasons of delay that are shown side by side; every one stands in `summary`."""


@dataclass(frozen=True)
class KeyFigure:
    """A figure that is shown for every configuration.

    Attributes
    ----------
    group
        Table in which it stands.
    words
        Head of its column.
    wanted
        The figure, with its strata.
    better
        -1 where small is good, 1 where large is, 0 where it is neither.
    """

    group: str
    words: str
    wanted: Wanted
    better: int


def key_figures(base: BedBase, results: Sequence[RunResult]) -> tuple[KeyFigure, ...]:
    """Return the figures that the scenario has, without those that are 0 everywhere.

    Of the reasons of delay, those in which the configurations differ most are taken.
    """
    found = []
    for group, words, name, better in _candidates(base, results[-1]):
        try:
            wanted = Wanted.parse(name).on(results[-1])
        except OptionError:
            continue
        if any(_is_something(result, wanted) for result in results):
            found.append(KeyFigure(group, words, wanted, better))
    reasons = [one for one in found if one.wanted.stratum.startswith("reason:")]
    # One reason alone is what stands under all.
    shown = sorted(reasons, key=lambda one: -_spread(results, one.wanted))[:MOST_REASONS]
    kept = shown if len(reasons) > 1 else []
    return tuple(one for one in found if one not in reasons or one in kept)


def _is_something(result: RunResult, wanted: Wanted) -> bool:
    # The base has no figures of a pair.
    has = any(row.measure == wanted.measure for one in result.done for row in one.rows)
    return has and bool(np.nan_to_num(wanted.sums(result)[0]).any())


def _spread(results: Sequence[RunResult], wanted: Wanted) -> float:
    return float(np.ptp([wanted.sums(result)[0].mean() for result in results]))


def _candidates(base: BedBase, result: RunResult) -> Iterator[tuple[str, str, str, int]]:
    pool = base.pool
    yield ADMISSIONS, "emergency admissions", "emergency_admissions", -1
    yield ADMISSIONS, "caused", "admissions_caused", -1
    yield ADMISSIONS, "avoided", "admissions_avoided", 1
    yield ADMISSIONS, "after diversion", "admissions_after_diversion", -1
    yield ADMISSIONS, "step-up admissions", "step_up_admissions", 0
    yield DELAYS, "all", "delayed_transfer_days", -1
    for reason in _reasons(result):
        yield DELAYS, reason, f"delayed_transfer_days[reason:{reason}]", -1
    for stream in base.streams:
        group = stream.replace("_", "-").capitalize()
        yield group, "had to wait", f"p_wait[{pool} | {stream}]", -1
        yield group, "mean wait", f"wait_mean[{pool} | {stream}]", -1
        yield group, "diverted", f"diverted[{pool} | {stream}]", -1
        yield group, "in beds", f"occupancy_mean[pool:{pool} | stream:{stream}]", 0
    yield "Pool", "occupied", f"occupancy_share[pool:{pool}]", 0
    yield "Pool", "full, share of time", f"p_full[pool:{pool}]", 0
    yield COSTS, "all", "costs", -1
    for payer in _values(result, "costs", "payer"):
        yield COSTS, payer, f"costs[payer:{payer}]", -1


def _reasons(result: RunResult) -> list[str]:
    return _values(result, "delayed_transfer_days", "reason")


def _values(result: RunResult, measure: str, key: str) -> list[str]:
    """Values of a key that alone makes a stratum of a measure."""
    rows = {row.stratum: None for row in result.done[0].rows if row.measure == measure}
    return [parts(name)[key] for name in rows if list(parts(name)) == [key]]
