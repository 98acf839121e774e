"""What is drawn: gaps between arrivals and lengths of stay follow the distributions asked for.

Every other case rests on this. The greatest gap between the distribution of a sample and the one
asked for, times the square root of the sample's size, exceeds 1.95 once in a thousand samples
(Kolmogorov and Smirnov); the correlation of neighbours, times the same root, 3.29.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.units import HOUR
from carepath_sim.verification.case import Case
from carepath_sim.verification.trials import replications
from carepath_sim.verification.verdict import Verdict, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from carepath_sim.verification.trials import Effort

    Law = Callable[[NDArray[np.float64]], NDArray[np.float64]]

GREATEST_GAP = 1.949
GREATEST_CORRELATION = 3.291

STAYS: dict[str, object] = {
    "exponential": {"exponential": {"mean": "1 h"}},
    "lognormal": {"lognormal": {"mean": "1 h", "sd": "1.5 h"}},
    "gamma": {"gamma": {"mean": "1 h", "sd": "0.5 h"}},
    "weibull": {"weibull": {"shape": 1.5, "scale": "1 h"}},
    "uniform": {"uniform": {"min": "0.5 h", "max": "1.5 h"}},
    "triangular": {"triangular": {"min": "0.5 h", "mode": "0.7 h", "max": "1 h"}},
    "erlang": {"erlang": {"k": 3, "mean": "1 h"}},
}


def laws() -> dict[str, Law]:
    """Return distribution functions of the stays, of lengths in hours, from SciPy."""
    from scipy import stats

    variance = np.log1p(1.5**2)
    frozen = {
        "exponential": stats.expon(),
        "lognormal": stats.lognorm(np.sqrt(variance), scale=np.exp(-variance / 2)),
        "gamma": stats.gamma(4, scale=0.25),
        "weibull": stats.weibull_min(1.5),
        "uniform": stats.uniform(0.5, 1),
        "triangular": stats.triang(0.4, 0.5, 0.5),
        "erlang": stats.gamma(3, scale=1 / 3),
    }
    return {name: law.cdf for name, law in frozen.items()}


def greatest_gap(values: NDArray[np.float64], law: Law) -> float:
    """Return the greatest gap of a sample's distribution from a law, times the root of its size."""
    n = len(values)
    at = law(np.sort(values))
    steps = np.arange(n + 1) / n
    return float(max((steps[1:] - at).max(), (at - steps[:-1]).max()) * np.sqrt(n))


def correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the correlation of the ranks of pairs, times the root of their number."""
    one, other = (np.argsort(np.argsort(values)).astype(np.float64) for values in (first, second))
    return float(np.corrcoef(one, other)[0, 1] * np.sqrt(len(first)))


def _work(family: str, effort: Effort) -> tuple[Verdict, ...]:
    name = f"draws {family}"
    sets = {
        "arrivals.people.rate": "2 per h",
        "pools.servers.capacity": "unlimited",
        "services.service.stay": STAYS[family],
        "clock.length": f"{max(30, round(120 * effort.share))} d",
    }
    (seen,) = replications("queue", sets, 1, effort.luck(name))
    spells = seen.spells
    rows = np.flatnonzero(seen.at("service") & seen.begun)
    rows = rows[np.argsort(spells["requested"][rows])]
    gaps = np.diff(spells["requested"][rows]) / (HOUR / 2)
    stays = (spells["ready"] - spells["started"])[rows] / HOUR
    source = "the distribution asked for, by SciPy"
    note = f"{len(rows)} people"

    def gap(claim: str, values: NDArray[np.float64], law: str) -> Verdict:
        got = greatest_gap(values, laws()[law])
        interval = (got, max(0.0, got - GREATEST_GAP), got + GREATEST_GAP)
        return within(name, f"{claim}: greatest gap, scaled", 0.0, interval, source, note)

    def correlated(claim: str, first: NDArray[np.float64], second: NDArray[np.float64]) -> Verdict:
        got = correlation(first, second)
        interval = (got, got - GREATEST_CORRELATION, got + GREATEST_CORRELATION)
        return within(name, f"{claim}: correlation, scaled", 0.0, interval, "independence", note)

    return (
        gap("times between arrivals are exponential", gaps, "exponential"),
        gap(f"stays are {family}", stays, family),
        correlated("neighbouring gaps", gaps[:-1], gaps[1:]),
        correlated("neighbouring stays", stays[:-1], stays[1:]),
        correlated("gaps and stays", gaps, stays[1:]),
    )


CASES = tuple(Case(f"draws {name}", partial(_work, name), name == "lognormal") for name in STAYS)
