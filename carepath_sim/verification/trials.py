"""Replications of a small scenario, each looked at once and forgotten."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.checks import check
from carepath_sim.engine.spells import NEVER
from carepath_sim.measures.registry import all_measures
from carepath_sim.measures.strata import stratum
from carepath_sim.measures.view import View
from carepath_sim.plan import compile_plan
from carepath_sim.scenario import load
from carepath_sim.statistics import Interval, ratio_interval
from carepath_sim.verification.verdict import LEVEL, Verdict, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from carepath_sim.engine.spells import Record
    from carepath_sim.plan import Plan

SCENARIOS = Path(__file__).with_name("scenarios")
"""Where the scenarios of the pack lie; each can be run by itself, too."""

# Fewer observations give intervals at this level that nothing would miss.
LEAST_REPLICATIONS = 5


@dataclass(frozen=True)
class Effort:
    """How much luck a case is given.

    Attributes
    ----------
    seed
        Start of all luck; every case makes a seed of its own from it, so that a streak of bad luck
        in one is not seen again in the others.
    share
        Replications as a share of those of the full pack.
    """

    seed: int = 1
    share: float = 1.0

    def replications(self, full: int) -> int:
        """Return how many replications to make of so many in the full pack."""
        return max(LEAST_REPLICATIONS, round(full * self.share))

    def luck(self, case: str) -> int:
        """Return the seed of a case."""
        return crc32(f"{case}/{self.seed}".encode())


class Observation(NamedTuple):
    """What one replication says of a figure: a sum, and what it is divided by.

    Means over people come from sums over all replications, because the mean of the replications'
    means would be biased.
    """

    top: float
    bottom: float = 1.0


class Seen:
    """One replication, with short ways to its figures."""

    def __init__(self, plan: Plan, record: Record) -> None:
        self.plan = plan
        self.record = record
        self.spells = record.spells
        self._view = View(plan, record)
        self._cells: dict[str, dict[str, Observation]] = {}

    def figure(self, measure: str, **where: str) -> Observation:
        """Return a measure of the window, such as ``figure("p_wait", service="ward")``."""
        if measure not in self._cells:
            rows = all_measures()[measure].rows(self._view)
            self._cells[measure] = {
                row.stratum: Observation(row.value)
                if row.weight is None
                else Observation(row.value * row.weight if row.weight else 0.0, row.weight)
                for row in rows
                if row.period == "window"
            }
        return self._cells[measure][stratum(**where)]

    def at(self, service: str) -> NDArray[np.bool_]:
        """Tell which rows are requests for a service."""
        found: NDArray[np.bool_] = self.spells["service"] == self.plan.service_index[service]
        return found

    def coming_from(self, source: str) -> NDArray[np.bool_]:
        """Tell which rows belong to people of a source of arrivals."""
        number = self.plan.source_names.index(source)
        people = self.record.people
        mine = np.zeros(int(people["person"].max(initial=-1)) + 1, dtype=np.bool_)
        mine[people["person"][people["source"] == number]] = True
        return mine[self.spells["person"]]

    @cached_property
    def until(self) -> NDArray[np.int64]:
        """When each row ended [ms]; the end of the run for those that have not."""
        left = self.spells["left"]
        return np.where(left == NEVER, self.plan.end, left)

    @cached_property
    def begun(self) -> NDArray[np.bool_]:
        """Which rows are stays, not only waits."""
        found: NDArray[np.bool_] = self.spells["started"] != NEVER
        return found

    def asked_in(self, begin: int, end: int) -> NDArray[np.bool_]:
        """Tell which requests were made at or after `begin` and before `end` [ms]."""
        requested = self.spells["requested"]
        return (requested >= begin) & (requested < end)

    def asked(self, service: str) -> NDArray[np.bool_]:
        """Tell which rows are requests for a service made in the window."""
        return self.at(service) & self.asked_in(0, self.plan.window)

    def share(self, counted: NDArray[np.bool_], among: NDArray[np.bool_]) -> Observation:
        """Return how many of the rows `among` are counted."""
        return Observation(float((counted & among).sum()), float(among.sum()))

    def mean(self, values: NDArray[np.int64], among: NDArray[np.bool_], unit: int) -> Observation:
        """Return the mean of times [ms] over rows, in a unit [ms]."""
        return Observation(float(values[among].sum()) / unit, float(among.sum()))

    @property
    def waits(self) -> NDArray[np.int64]:
        """How long each request waited [ms], granted or not."""
        started = np.where(self.begun, self.spells["started"], self.until)
        return started - self.spells["needed"]

    def present(
        self,
        rows: NDArray[np.bool_],
        t: int,
        begin: str = "started",
    ) -> float:
        """Return how many rows are there at an instant [ms], from `started` or `requested` on."""
        since = self.spells[begin]
        return float((rows & (since != NEVER) & (since <= t) & (self.until > t)).sum())

    def time_share(
        self,
        begin: NDArray[np.int64],
        end: NDArray[np.int64],
        window: tuple[int, int] | None = None,
    ) -> float:
        """Return the mean number over time of intervals [ms] in the window, or another one."""
        first, last = (0, self.plan.window) if window is None else window
        overlap = np.minimum(end, last) - np.maximum(begin, first)
        return float(np.maximum(overlap, 0).sum()) / (last - first)


class Claim(NamedTuple):
    """A claim of a case: the name of a figure, words for it, and the expected value."""

    figure: str
    words: str
    expected: float
    error: float = 0.0
    """Standard error of the expected value, where it is itself an estimate."""


def replications(
    scenario: str, sets: Mapping[str, object], count: int, seed: int
) -> Iterator[Seen]:
    """Simulate a scenario of the pack, and check every record as every run does.

    Parameters
    ----------
    scenario
        Name of a file in `SCENARIOS`.
    sets
        Fields set to the numbers of the case.
    """
    plan = compile_plan(load(SCENARIOS / f"{scenario}.yaml", sets=sets))
    for number in range(count):
        record = simulate(plan, seed=seed, replication=number, engine=DEFAULT_ENGINE)
        check(plan, record)
        yield Seen(plan, record)


class Sample:
    """Observations of figures over replications."""

    def __init__(self) -> None:
        self._seen: dict[str, list[Observation]] = defaultdict(list)

    def add(self, figures: Mapping[str, Observation | float]) -> None:
        """Add the figures of a replication."""
        for name, value in figures.items():
            found = value if isinstance(value, Observation) else Observation(value)
            self._seen[name].append(found)

    def interval(self, figure: str) -> Interval:
        """Return the interval of a figure."""
        seen = self._seen[figure]
        return ratio_interval([o.top for o in seen], [o.bottom for o in seen], LEVEL)


def sample(
    scenario: str,
    sets: Mapping[str, object],
    count: int,
    seed: int,
    look: Callable[[Seen], Mapping[str, Observation | float]],
) -> Sample:
    """Simulate a scenario and gather the figures that `look` takes from each replication."""
    found = Sample()
    for seen in replications(scenario, sets, count, seed):
        found.add(look(seen))
    return found


def verdicts(
    case: str, found: Sample, claims: Iterable[Claim], source: str, note: str = ""
) -> tuple[Verdict, ...]:
    """Return the verdicts on the claims of a case."""
    return tuple(_verdict(case, found.interval(c.figure), c, source, note) for c in claims)


def _verdict(case: str, found: Interval, claim: Claim, source: str, note: str) -> Verdict:
    half = found.half_width
    if claim.error:
        # The expected value is an estimate too: its error belongs to the difference of the two.
        quantile = _quantile(found.n)
        half = quantile * float(np.hypot(half / quantile, claim.error))
    width = (found.mean, found.mean - half, found.mean + half)
    said = f"{found.n} replications" + (f"; {note}" if note else "")
    return within(case, claim.words, claim.expected, width, source, said)


def _quantile(n: int) -> float:
    from scipy import special

    return float(special.stdtrit(n - 1, (1 + LEVEL) / 2))
