"""A forecast from today: how many will be where in the days to come, with intervals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np

from carepath_sim.calibrate.census import CensusImport, import_census
from carepath_sim.engine import DEFAULT_ENGINE
from carepath_sim.experiment.batch import HEAD_START, Batch, OptionError
from carepath_sim.experiment.crews import crew_of
from carepath_sim.experiment.posterior import Posterior
from carepath_sim.experiment.tasks import Task, checked_record, compiled, pack
from carepath_sim.measures.midnight import KINDS, Strata, midnight_counts, strata_of
from carepath_sim.plan.traffic import service_loads
from carepath_sim.scenario.reading import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Scenario

    Counts = NDArray[np.int64]

LONGEST: Final = 366
"""Days of the longest forecast."""
ENOUGH: Final = 100
"""Replications from which on the ends of a 95 % interval rest on more than one or two of them."""
SHOWN_DAYS: Final = (0, 1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 70, 90, 120, 180, 270, 366)
"""Days that a short table shows."""
EVERYBODY: Final = ""
WORDS: Final = {
    "present": "there",
    "from_start": "there since the start",
    "waiting": "waiting for a place there",
    "delayed": "ready to leave",
    "came": "came that day",
    "left": "left that day",
}
"""What is counted, in words."""


@dataclass(frozen=True)
class _Asked:
    """One replication with what is to be counted."""

    task: Task
    by: tuple[str, ...]


def _forecast_task(asked: _Asked) -> dict[str, Counts]:
    """Simulate one replication and count people at midnights."""
    plan = compiled(asked.task.scenarios[0])
    return midnight_counts(plan, checked_record(plan, asked.task), asked.by)


class _Futures(Sequence[_Asked]):
    """The replications to simulate, made when their turn comes.

    Parameters
    ----------
    ahead
        The scenario.
    drawn
        Draws of uncertain numbers, one a replication; None: the scenario's numbers in all.
    """

    def __init__(
        self, ahead: Scenario, batch: Batch, by: tuple[str, ...], drawn: Posterior | None
    ) -> None:
        self._ahead, self._batch, self._by, self._drawn = ahead, batch, by, drawn
        self._packed = pack(ahead)

    def __len__(self) -> int:
        """Return how many futures there are."""
        return self._batch.replications

    @overload
    def __getitem__(self, k: int) -> _Asked: ...
    @overload
    def __getitem__(self, k: slice) -> Sequence[_Asked]: ...
    def __getitem__(self, k: int | slice) -> _Asked | Sequence[_Asked]:
        """Return a replication with its scenario."""
        if isinstance(k, slice):
            return [self[one] for one in range(*k.indices(len(self)))]
        if not 0 <= k < len(self):
            raise IndexError(k)
        packed = self._packed
        if self._drawn is not None:
            packed = pack(self._drawn.scenario(self._ahead, k))
        return _Asked(Task((packed,), self._batch.seed, k, self._batch.engine), self._by)


@dataclass(frozen=True, eq=False)
class Forecast:
    """Possible futures from today.

    Attributes
    ----------
    scenario
        What was simulated.
    census
        What was understood of the list, if one was given.
    days
        How many days ahead.
    seed, engine, seconds
        Of the simulation; wall time [s].
    counts
        By attribute (empty: everybody) people of shape `(replication, kind, day, service, group)`.
    strata
        By attribute the services and groups of these.
    plan
        The compiled scenario.
    drawn
        Draws of uncertain numbers, one a replication; None: the scenario's numbers in all.
    """

    scenario: Scenario
    census: CensusImport | None
    days: int
    seed: int
    engine: str
    seconds: float
    counts: Mapping[str, Counts]
    strata: Mapping[str, Strata]
    plan: Plan
    drawn: Posterior | None = None

    @property
    def replications(self) -> int:
        """How many futures there are."""
        return len(self.counts[EVERYBODY])

    @property
    def by(self) -> tuple[str, ...]:
        """Attributes by which it is broken down."""
        return tuple(name for name in self.counts if name != EVERYBODY)

    @property
    def first(self) -> date:
        """The day on which it begins."""
        return self.scenario.clock.start

    @property
    def understood(self) -> list[str]:
        """What was simulated, in sentences."""
        list_of = self.census.understood if self.census is not None else []
        futures = f"{self.replications} possible futures of {self.days} days from {self.first}"
        if self.drawn is not None:
            numbers = f"{len(self.drawn.names)} numbers from {self.drawn.source}"
            futures += f", each with values of its own of {numbers}"
        return [*list_of, *self.plan.start_said, f"{futures}, counted at midnight"]

    @property
    def warnings(self) -> list[str]:
        """What a reader should know before using it."""
        found = list(self.census.warnings) if self.census is not None else []
        found += [*self._at_once(), *self._unlike_the_scenario()]
        if self.replications < ENOUGH:
            found.append(
                f"{self.replications} replications: the ends of the intervals rest on very few of"
                f" them; take {ENOUGH} or more"
            )
        if self.drawn is None:
            found.append(
                "the intervals hold chance alone: the scenario's numbers are taken to be right"
                " (--posterior FIT or --ranges carries into them what is not known)"
            )
        else:
            found += self.drawn.said
        return found

    def _at_once(self) -> list[str]:
        """Say where people who wait on the list get a place as soon as the scenario begins."""
        if self.census is None:
            return []
        waiting = Counter(one.waiting_for for one in self.census.taken if one.waiting_for)
        services = self.strata[EVERYBODY].services
        still = self.counts[EVERYBODY][:, KINDS.index("waiting"), 0, :, 0].mean(axis=0)
        found = []
        for name, number in waiting.items():
            placed = number - (still[services.index(name)] if name in services else number)
            if placed >= 0.5:
                found.append(
                    f"of {number} on the list who wait for {name} {placed:.0f} get a place as soon"
                    " as the scenario begins: it has room there. Are its capacity, and the list of"
                    " those who are there, complete?"
                )
        return found

    def _unlike_the_scenario(self) -> list[str]:
        """Say where the list has far more or fewer people than the scenario has in the long run."""
        if self.census is None:
            return []
        there = Counter(one.service for one in self.census.taken)
        with np.errstate(all="ignore"):
            loads = {one.service: one.people for one in service_loads(self.scenario)}
        found = []
        for name, number in sorted(there.items()):
            usual = loads.get(name, math.nan)
            # Three standard deviations of a Poisson number, and a quarter.
            if abs(number - usual) > max(3 * math.sqrt(usual), usual / 4):
                found.append(
                    f"{name}: {number} on the list, {usual:,.0f} in the long run of the scenario"
                    " (without queues): the forecast leads from the one to the other, whatever is"
                    " true of the service. Are its arrivals and stays those of today?"
                )
        return found

    def table(self, *, every_day: bool = True) -> pd.DataFrame:
        """How many there will be.

        Parameters
        ----------
        every_day
            Whether all days are in it, or only some, fewer the farther away.

        Returns
        -------
            Columns day (0: the start), date (of the midnight: the day that begins then), what,
            service, title, by, group, mean, median, low80, high80, low95, high95, replications.
            Of the replications at least so many lie between low and high, ends included.
        """
        import pandas as pd

        chosen = np.array(
            [k for k in range(self.days + 1) if every_day or k in SHOWN_DAYS or k == self.days]
        )
        parts = [self._table(by, chosen) for by in self.counts]
        frame: pd.DataFrame = pd.concat(parts, ignore_index=True)
        return frame

    def _table(self, by: str, chosen: Counts) -> pd.DataFrame:
        import pandas as pd

        strata, counts = self.strata[by], self.counts[by][:, :, chosen]
        seen = counts.any(axis=(0, 2))  # kind, service, group
        kind, service, group = np.nonzero(seen)
        values = counts[:, kind, :, service, group]  # stratum, replication, day
        figures = summary(np.moveaxis(values, 1, 0))  # replication, stratum, day
        size = len(chosen)
        dates = [self.first + timedelta(days=int(k)) for k in chosen]
        columns: dict[str, object] = {
            "day": np.tile(chosen, len(kind)),
            "date": [str(d) for d in dates] * len(kind),
            "what": np.repeat(np.array(KINDS)[kind], size),
            "service": np.repeat(np.array(strata.services)[service], size),
            "title": np.repeat(np.array(strata.titles)[service], size),
            "by": by,
            "group": np.repeat(
                np.array([one or ("not known" if by else "") for one in strata.groups])[group], size
            ),
            **{name: one.reshape(-1) for name, one in figures.items()},
            "replications": self.replications,
        }
        frame = pd.DataFrame(columns)
        # Nobody comes or leaves before the start.
        return frame[(frame["day"] > 0) | ~frame["what"].isin(("came", "left"))]

    def plot(self, by: str = EVERYBODY, *, what: str = "present") -> Figure:
        """Draw fans by service, or by service and group; see `carepath_sim.report.forecasts`.

        Parameters
        ----------
        by
            An attribute that was asked for; empty: everybody.
        what
            present, from_start, waiting, delayed, came or left.
        """
        for word, known in ((by, tuple(self.counts)), (what, KINDS)):
            if word not in known:
                accepted = ", ".join(filter(None, known))
                raise OptionError(f"unknown '{word}'{nearest(word, known)}; accepted: {accepted}")
        # Pictures are a room above this one; see `RunResult.plot`.
        figure: Figure = import_module("carepath_sim.report.forecasts").figure(self, by, what)
        return figure


def summary(values: Counts) -> dict[str, NDArray[np.float64]]:
    """Return means and prediction intervals over the first axis.

    Ends are counts that occurred: between those of 80 % lie at least 80 % of the replications.
    """

    def at(share: float, method: Any) -> NDArray[np.float64]:
        found: NDArray[np.float64] = np.quantile(values, share, axis=0, method=method)
        return found

    return {
        "mean": values.mean(axis=0),
        "median": at(0.5, "linear"),
        "low80": at(0.1, "lower"),
        "high80": at(0.9, "higher"),
        "low95": at(0.025, "lower"),
        "high95": at(0.975, "higher"),
    }


def forecast(
    scenario: Scenario,
    census: str | Path | CensusImport | None = None,
    *,
    days: int = 10,
    as_of: date | None = None,
    by: Iterable[str] = (),
    places: Mapping[str, str] | None = None,
    posterior: Posterior | str | Path | None = None,
    ranges: bool = False,
    replications: int = ENOUGH,
    seed: int = 1,
    engine: str = DEFAULT_ENGINE,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Forecast:
    """Forecast who will be where, from today's census.

    Parameters
    ----------
    scenario
        How the services work; with no census, what it starts with itself.
    census
        A file, which needs `as_of`; or what `carepath_sim.import_census` made of one.
    days
        How many days ahead.
    as_of, by, places
        As for `import_census`; `by` also names attributes of a scenario without a census.
    posterior
        A fit, or its folder: each future has numbers of its own, drawn from it.
    ranges
        The same with numbers drawn from the ranges of the scenario.
    replications
        How many possible futures.
    seed
        Start of all luck.
    engine
        What simulates.
    workers
        Processes at work at once; None: one a processor.
    progress
        Told how many replications are done, and of how many.

    Returns
    -------
        The futures; `table()` and `plot()` are the places to begin.

    Raises
    ------
    OptionError
        For an option out of range.
    LocalDataError
        If the file cannot be read or understood.
    ScenarioError
        If some draw makes a scenario that cannot be.
    """
    if not 1 <= days <= LONGEST:
        raise OptionError(f"a forecast reaches 1 to {LONGEST} days ahead, not {days}")
    wanted = tuple(by)
    if isinstance(census, (str, Path)):
        if as_of is None:
            raise OptionError("of which day is the census? Give as_of (--as-of DATE)")
        census = import_census(census, scenario, as_of=as_of, by=wanted, places=places)
    if census is not None:
        scenario, wanted = census.scenario, census.by
    ahead = scenario.with_(clock={"length": f"{days} d", "run_out": "0 d"})
    # Checks the options and gives one replication of one scenario the number of its seed.
    batch = Batch((ahead,), replications, seed, engine, workers)
    packed = pack(ahead)
    plan = compiled(packed)
    known = [one.name for one in plan.attributes if one.of == "person"]
    for name in wanted:
        if name not in known:
            raise OptionError(
                f"--by {name}: no attribute of people{nearest(name, known)}"
                f" (attributes: {', '.join(known) or 'none'})"
            )
    names = (EVERYBODY, *wanted)
    drawn = _drawn(ahead, posterior, replications, seed, ranges=ranges)
    found: dict[int, dict[str, Counts]] = {}

    def one_more(position: int, counted: dict[str, Counts]) -> None:
        found[position] = counted
        if progress is not None:
            progress(len(found), replications)

    if progress is not None:
        progress(0, replications)
    began = perf_counter()
    with crew_of(batch.workers, None, (ahead,)) as crew:
        crew.prepare(engine)
        futures = _Futures(ahead, batch, names, drawn)
        crew.work(_forecast_task, futures, one_more, head_start=HEAD_START)
    return Forecast(
        ahead,
        census,
        days,
        seed,
        engine,
        perf_counter() - began,
        {name: np.stack([found[k][name] for k in range(replications)]) for name in names},
        {name: strata_of(plan, name) for name in names},
        plan,
        drawn,
    )


def _drawn(
    ahead: Scenario,
    posterior: Posterior | str | Path | None,
    size: int,
    seed: int,
    *,
    ranges: bool,
) -> Posterior | None:
    """Return one draw of the uncertain numbers for each future."""
    if posterior is not None and ranges:
        raise OptionError("draws come from a fit (--posterior) or from --ranges, not from both")
    if ranges:
        return Posterior.from_ranges(ahead, size, seed)
    if posterior is None:
        return None
    found = posterior if isinstance(posterior, Posterior) else Posterior.read(posterior)
    return found.resample(size, seed)
