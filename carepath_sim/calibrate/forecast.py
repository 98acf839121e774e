"""A forecast from today: how many will be where in the days to come, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from carepath_sim.calibrate.census import CensusImport, import_census
from carepath_sim.calibrate.forecast_folder import ForecastFolder, asked_of
from carepath_sim.calibrate.forecast_words import answers, at_once, unlike_the_scenario
from carepath_sim.calibrate.forecast_work import (
    Counted,
    Futures,
    count_future,
    count_to_bytes,
    decode,
)
from carepath_sim.engine import DEFAULT_ENGINE
from carepath_sim.experiment.batch import HEAD_START, Batch, OptionError
from carepath_sim.experiment.crews import STOPPED, Workforce, crew_of, said_more
from carepath_sim.experiment.posterior import Posterior
from carepath_sim.experiment.tasks import compiled, pack
from carepath_sim.measures.midnight import KINDS, Strata, strata_of
from carepath_sim.measures.midnight_pools import POOL_KINDS
from carepath_sim.scenario.reading import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.store.encoding import Made
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
    pools
        Units of pools, of shape `(replication, kind, day, pool)`: taken, capacity, waiting for.
    awaited
        People who are ready to leave by where they are and what they wait for, of shape
        `(replication, day, service, service)`.
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
    pools: Counts
    awaited: Counts
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
        found += [*at_once(self), *unlike_the_scenario(self)]
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

    @cached_property
    def full(self) -> NDArray[np.bool_]:
        """Whether no unit of a pool is free, of shape `(replication, day, pool)`."""
        taken, capacity, _ = np.moveaxis(self.pools, 1, 0)
        full: NDArray[np.bool_] = (capacity > 0) & (taken >= capacity)
        return full

    @property
    def shown_pools(self) -> list[int]:
        """Pools of which it is told how full they are: limited, open at night, and used.

        Staff who see people where they are hold nobody overnight, and are left out.
        """
        _, capacity, _ = np.moveaxis(self.pools, 1, 0)
        used = (capacity.max(axis=(0, 1)) > 0) & self.pools[:, [0, 2]].any(axis=(0, 1, 2))
        holding = {pool for one in self.plan.services if not one.in_place for pool in one.pools}
        return [
            k
            for k, one in enumerate(self.plan.pools)
            if used[k] and not one.unlimited and k in holding
        ]

    def answers(self, day: int | None = None) -> list[str]:
        """How full places will be, and who waits for what, in sentences.

        Parameters
        ----------
        day
            So many days ahead; None: the last.
        """
        at = self.days if day is None else day
        if not 0 <= at <= self.days:
            raise OptionError(f"the forecast reaches from day 0 to {self.days}, not to {at}")
        return answers(self, at)

    def places(self) -> pd.DataFrame:
        """How full each pool will be.

        Returns
        -------
            Columns day (0: the start), date, pool, title, unit, capacity (mean), taken (mean of
            units in use, booked or kept), low80, high80, low95, high95 (of that), waiting (mean
            of people who wait for a unit), waiting_low80, waiting_high80, free (mean), p_full
            (chance that no unit is free at that midnight), p_full_until (that so it is at some
            midnight from day 1 to that one), p_short (that more units are wanted than there are:
            taken and waited for together), replications.
        """
        import pandas as pd

        parts = []
        days = range(self.days + 1)
        for k in self.shown_pools:
            taken, capacity, waiting = (self.pools[:, one, :, k] for one in range(len(POOL_KINDS)))
            of, waits = summary(taken), summary(waiting)
            full = self.full[:, :, k]
            # The start is known: what is asked is whether it will be full.
            until = np.maximum.accumulate(full & (np.arange(self.days + 1) > 0), axis=1)
            info = self.plan.pools[k]
            parts.append(
                pd.DataFrame(
                    {
                        "day": list(days),
                        "date": [str(self.first + timedelta(days=day)) for day in days],
                        "pool": info.name,
                        "title": info.title or info.name,
                        "unit": info.unit,
                        "capacity": capacity.mean(axis=0),
                        "taken": of["mean"],
                        **{name: of[name] for name in ("low80", "high80", "low95", "high95")},
                        "waiting": waits["mean"],
                        "waiting_low80": waits["low80"],
                        "waiting_high80": waits["high80"],
                        "free": np.maximum(capacity - taken, 0).mean(axis=0),
                        "p_full": full.mean(axis=0),
                        "p_full_until": until.mean(axis=0),
                        "p_short": (taken + waiting > capacity).mean(axis=0),
                        "replications": self.replications,
                    }
                )
            )
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

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

    def plot_places(self) -> Figure:
        """Draw how full each pool will be; see `carepath_sim.report.forecast_places`."""
        figure: Figure = import_module("carepath_sim.report.forecast_places").figure(self)
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
    cluster: Given | None = None,
    out: str | Path | None = None,
    resume: bool = False,
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
    cluster
        Dask cluster that works in their place: an address, or a client.
    out
        Folder in which each future is kept from the moment it is finished, and the tables at the
        end; None: nothing is kept.
    resume
        Whether to go on with the same forecast in that folder.
    progress
        Told how many replications are done, and of how many.

    Returns
    -------
        The futures; `table()` and `plot()` are the places to begin.

    Raises
    ------
    OptionError
        For an option out of range.
    FolderInUseError
        When the folder holds something else.
    StoreError
        When the disk is full; what is finished is kept.
    ClusterError
        When the cluster will not do.
    LocalDataError
        If the file cannot be read or understood.
    ScenarioError
        If some draw makes a scenario that cannot be.
    """
    if not 1 <= days <= LONGEST:
        raise OptionError(f"a forecast reaches 1 to {LONGEST} days ahead, not {days}")
    if resume and out is None:
        raise OptionError("going on needs the folder in which something is kept (out)")
    wanted = tuple(by)
    if isinstance(census, (str, Path)):
        if as_of is None:
            raise OptionError("of which day is the census? Give as_of (--as-of DATE)")
        census = import_census(census, scenario, as_of=as_of, by=wanted, places=places)
    if census is not None:
        scenario, wanted = census.scenario, census.by
    ahead = scenario.with_(clock={"length": f"{days} d", "run_out": "0 d"})
    # Checks the options and gives one replication of one scenario the number of its seed.
    batch = Batch((ahead,), replications, seed, engine, workers, cluster=cluster)
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
    began = perf_counter()
    asked = asked_of(ahead, wanted, drawn, replications, seed, engine)
    # A cluster is looked at before a folder is taken.
    with crew_of(batch.workers, batch.cluster, (ahead,)) as crew:
        folder = None if out is None else ForecastFolder.claim(out, asked, resume=resume)
        work = _Work(batch, crew, folder, progress)
        futures = work.done_of(ahead, names, drawn)
    found = Forecast(
        ahead,
        census,
        days,
        seed,
        engine,
        perf_counter() - began,
        {name: np.stack([one.by[name] for one in futures]) for name in names},
        {name: strata_of(plan, name) for name in names},
        np.stack([one.pools for one in futures]),
        np.stack([one.awaited for one in futures]),
        plan,
        drawn,
    )
    if folder is not None:
        folder.finish(found)
    return found


@dataclass
class _Work:
    """The futures of a forecast: which are done, and where they are kept."""

    batch: Batch
    crew: Workforce
    folder: ForecastFolder | None
    progress: Callable[[int, int], None] | None

    def done_of(
        self, ahead: Scenario, names: tuple[str, ...], drawn: Posterior | None
    ) -> list[Counted]:
        """Simulate what is missing, and return all futures in order."""
        total, done = self.batch.replications, dict[int, Counted]()
        folder = self.folder

        def one_more(number: int, counted: Counted) -> None:
            done[number] = counted
            if self.progress is not None:
                self.progress(len(done), total)

        try:
            if folder is not None:
                folder.where = self.crew.where()
                done.update(folder.finished(total))
            missing = [k for k in range(total) if k not in done]
            if self.progress is not None:
                self.progress(len(done), total)
            futures = Futures(ahead, self.batch, names, drawn, missing)
            if missing:
                self.crew.prepare(self.batch.engine)
            if folder is None:
                self.crew.work(
                    count_future,
                    futures,
                    lambda k, one: one_more(missing[k], one),
                    head_start=HEAD_START,
                )
            else:

                def put(k: int, made: Made) -> None:
                    folder.add(missing[k], made)
                    # As it comes back from the folder, so that going on makes no difference.
                    one_more(missing[k], decode(made.content))

                self.crew.work(count_to_bytes, futures, put, head_start=HEAD_START)
        except BaseException as error:
            if folder is None:
                raise
            folder.leave(len(done))
            if isinstance(error, STOPPED) and done:
                words = f"{len(done)} of {total} futures are kept in {folder.path}"
                raise said_more(error, f"{words}; --resume goes on with them") from None
            raise
        return [done[k] for k in range(total)]


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
