"""How long a scenario has to run before its figures say nothing of how it began."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.experiment.batch import Batch, OptionError, carry_out
from carepath_sim.experiment.filling import fillings
from carepath_sim.experiment.steadiness import cycles, drifting, seasonal_hazards, unsteady
from carepath_sim.statistics.warm_up import (
    averaged,
    drift,
    half_width_of,
    mser5_beyond_chance,
    settled_by_welch,
)
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from carepath_sim.experiment.results import RunResult
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.statistics import Interval

    Floats = NDArray[np.float64]

COLUMNS = (
    "series",
    "title",
    "count",
    "unit",
    "settled_mean",
    "welch",
    "mser5",
    "floor",
    "warm_up",
    "drift",
    "drift_low",
    "drift_high",
    "growing",
)

SHORTEST, LONGEST = 365, 5 * 365
"""Days of a pilot run, unless it is told."""
FEWEST: Final = 0.2
"""Mean over the second half below which a series says nothing."""
MATTERS: Final = 0.05
"""Change from one quarter to the next that counts as drift, as a share of the level."""


@dataclass(frozen=True, eq=False)
class Series:
    """What is counted at each midnight of a pilot run, from its first instant.

    Attributes
    ----------
    name
        Pool or service: ``pool:community_beds``, ``service:home_care``.
    title
        In words.
    count
        occupancy, waiting or delayed.
    unit
        Unit of the count.
    values
        Shape `(replication, day)`.
    floor
        Days that filling takes where it starts empty; 0 where it starts with people.
    """

    name: str
    title: str
    count: str
    unit: str
    values: Floats = field(repr=False)
    floor: float

    @cached_property
    def mean(self) -> Floats:
        """Mean over replications, shape `(day,)`."""
        return averaged(self.values)

    @property
    def half_width(self) -> int:
        """Days on either side of Welch's moving average."""
        return half_width_of(len(self.mean))

    @property
    def settled(self) -> float:
        """Mean of the second half."""
        return float(self.mean[len(self.mean) // 2 :].mean())

    def reached(self, day: float) -> float:
        """Return the mean of the fortnight after a day, as a share of where the series settles."""
        first = math.ceil(day)
        fortnight = self.mean[first : first + 14]
        return float(fortnight.mean()) / self.settled if len(fortnight) else math.nan

    def over(self, day: float, days: float) -> float:
        """Return the mean of the days after a day, as a share of where the series settles.

        Days beyond the end of the pilot run are taken to be settled.
        """
        first = math.ceil(day)
        length = max(1, math.ceil(days))
        seen = self.mean[first : first + length]
        return float(seen.sum() / self.settled + length - len(seen)) / length

    @cached_property
    def welch(self) -> int | None:
        """Days to leave out by Welch's method; None when it does not settle."""
        return settled_by_welch(self.mean, self.half_width)

    @cached_property
    def mser5(self) -> int | None:
        """Days to leave out by MSER-5; None when there is no stationary tail."""
        return mser5_beyond_chance(self.values)

    @property
    def warm_up(self) -> float:
        """The longest of the three [d]; infinite when one finds no end."""
        if self.welch is None or self.mser5 is None:
            return math.inf
        return max(float(self.welch), float(self.mser5), self.floor)


@dataclass(frozen=True, eq=False)
class WarmUp:
    """What a pilot run from the first instant tells of the warm-up.

    Attributes
    ----------
    label
        Name of the scenario.
    series
        What was counted.
    own
        The scenario's own warm-up [d].
    window
        Length of what the scenario counts after it [d].
    days
        Length of the pilot run [d].
    replications, seed, engine
        Of the pilot run.
    unsteady
        Why there is no steady state; empty when there may be one.
    drifting
        Why levels move slowly, over years.
    cycles
        What goes round with the year.
    """

    label: str
    series: tuple[Series, ...]
    own: float
    window: float
    days: int
    replications: int
    seed: int
    engine: str
    unsteady: tuple[str, ...]
    drifting: tuple[str, ...]
    cycles: tuple[str, ...]

    @property
    def growing(self) -> tuple[Series, ...]:
        """Series that still rise or fall at the end of the pilot run, beyond chance."""
        return tuple(one for one in self.series if self._moves(one))

    @property
    def recommended(self) -> float:
        """Days of warm-up that every series needs; infinite when one finds no end."""
        days = [one.warm_up for one in self.series]
        return float(np.ceil(max(days, default=0.0)))

    @property
    def late(self) -> tuple[Series, ...]:
        """Series that need more than the scenario's own warm-up."""
        return tuple(one for one in self.series if one.warm_up > self.own)

    @property
    def late_with_queues(self) -> tuple[Series, ...]:
        """Those of them that others feel: queues, delays, and places that people wait for."""
        waited = {one.name for one in self.series if one.count == "waiting"}
        return tuple(one for one in self.late if one.count != "occupancy" or one.name in waited)

    @property
    def enough(self) -> bool:
        """Whether the scenario's own warm-up is long enough, for a system that settles."""
        return not self.unsteady and self.recommended <= self.own

    def table(self) -> pd.DataFrame:
        """Days of warm-up by series and method.

        Returns
        -------
            Columns series, title, count, unit, settled_mean, welch, mser5, floor [days each; nan
            where the method finds no end], warm_up (the longest), drift with its interval (last
            quarter less the one before), and growing.
        """
        import pandas as pd

        rows = []
        for one in self.series:
            change = self._drift(one)
            days = [math.nan if day is None else float(day) for day in (one.welch, one.mser5)]
            rows.append(
                (
                    *(one.name, one.title, one.count, one.unit, one.settled),
                    *(*days, one.floor, one.warm_up),
                    *(change.mean, change.low, change.high, self._moves(one)),
                )
            )
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def daily(self) -> pd.DataFrame:
        """Series averaged over replications.

        Returns
        -------
            Columns series, count, day (from 1), mean, smoothed (Welch; nan at the end) and
            cumulative_mean.
        """
        import pandas as pd

        from carepath_sim.statistics.warm_up import cumulative_mean, smoothed

        parts = []
        for one in self.series:
            curve = smoothed(one.mean, one.half_width)
            rest = np.full(len(one.mean) - len(curve), np.nan)
            parts.append(
                pd.DataFrame(
                    {
                        "series": one.name,
                        "count": one.count,
                        "day": np.arange(1, len(one.mean) + 1),
                        "mean": one.mean,
                        "smoothed": np.concatenate((curve, rest)),
                        "cumulative_mean": cumulative_mean(one.mean),
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)

    def plot(self, most: int = 12) -> Figure:
        """Draw the series with their moving average and the days that are left out.

        Parameters
        ----------
        most
            Series in the picture: those that need the longest warm-up.
        """
        # Pictures are a room above this one; see `RunResult.plot`.
        figure: Figure = import_module("carepath_sim.report.warm_up").figure(self, most)
        return figure

    def _drift(self, one: Series) -> Interval:
        return drift(one.values, comparisons=len(self.series))

    def _moves(self, one: Series) -> bool:
        change = self._drift(one)
        beyond_chance = change.low > 0 or change.high < 0
        return beyond_chance and abs(change.mean) > MATTERS * max(one.settled, 1e-12)


def warm_up(
    scenario: Scenario,
    *,
    days: int | None = None,
    replications: int = 10,
    seed: int = 1,
    engine: str = Batch.engine,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> WarmUp:
    """Find out how long a scenario has to warm up, from a long pilot run without any.

    The pilot run begins where the scenario begins, with its starting state, and everything is
    counted from there: people in each pool and service, waiting and delayed.

    Parameters
    ----------
    scenario
        What to look at.
    days
        Length of the pilot run [d]; None: four times as long as services take to fill, at least
        one year and twice the scenario's warm-up, at most five years or that.
    replications, seed, engine, workers, progress
        As in `carepath_sim.run`.

    Returns
    -------
        What it tells; `table()` and `plot()` are the places to begin.

    Raises
    ------
    OptionError
        For an option out of range.
    """
    floors = {one.service: one.days for one in fillings(scenario)}
    own = scenario.clock.warm_up.value / DAY
    length = _length(floors, own) if days is None else days
    if length < 60:
        raise OptionError(f"a pilot run takes 60 days at least, not {length}")
    pilot = _pilot(scenario, length)
    batch = Batch((pilot,), replications, seed, engine, workers, ("audit",))
    (result,) = carry_out(batch, lambda _folder, _results: None, progress=progress)
    return WarmUp(
        label=scenario.name,
        series=tuple(_series(result, floors)),
        own=own,
        window=scenario.clock.length.end(scenario.clock.start) / DAY,
        days=length,
        replications=replications,
        seed=seed,
        engine=engine,
        unsteady=unsteady(scenario),
        drifting=drifting(scenario),
        cycles=cycles(scenario),
    )


def _length(floors: dict[str, float], own: float) -> int:
    slowest = max((day for day in floors.values() if math.isfinite(day)), default=0.0)
    least = max(SHORTEST, math.ceil(2 * own))
    return max(least, min(LONGEST, math.ceil(4 * slowest)))


def _pilot(scenario: Scenario, days: int) -> Scenario:
    """Return the scenario with its window from the first instant of the run.

    The window begins as many whole days earlier as the warm-up is long, so that the calendar is
    that of the run, as are weekdays and dated changes. Seasons are left out: a yearly wave would be
    taken for a rise, and the way to the wave is as long as that to its mean.
    """
    earlier = math.ceil(scenario.clock.warm_up.value / DAY)
    start = scenario.clock.start - timedelta(days=earlier)
    clock = {
        "start": start.isoformat(),
        "warm_up": "0 d",
        "length": f"{days} d",
        "run_out": "1 d",
    }
    seasons: dict[str, object] = {}
    sources = [name for name, one in scenario.arrivals.items() if one.profile.month]
    if sources:
        seasons["arrivals"] = {name: {"profile": {"month": None}} for name in sources}
    if hazards := seasonal_hazards(scenario):
        without = {name: {"times": {"month": None}} for name in hazards}
        seasons["population"] = {"hazards": without}
    return scenario.with_(clock=clock, audit="1 d", **seasons)


def _series(result: RunResult, floors: dict[str, float]) -> list[Series]:
    """Return every series of a pilot run that has something in it."""
    plan = result.plan
    audits = [one.kept["audit"] for one in result.done]
    found = []
    for k, pool in enumerate(plan.pools):
        users = [floors.get(one.name, 0.0) for one in plan.services if k in one.pools]
        floor = max((day for day in users if math.isfinite(day)), default=0.0)
        for count, unit in (
            ("occupancy", pool.unit),
            ("waiting", "people"),
            ("delayed", "people"),
        ):
            values = np.stack([np.asarray(one.daily[count])[:, k] for one in result.done])
            found.append(
                Series(f"pool:{pool.name}", pool.title, count, unit, values.astype(float), floor)
            )
    for code, name, title in _without_pool(plan):
        values = np.stack(
            [np.asarray(audit["occupancy"])[audit["service"] == code] for audit in audits]
        )
        floor = floors.get(name, 0.0)
        kept = floor if math.isfinite(floor) else 0.0
        found.append(
            Series(f"service:{name}", title, "occupancy", "people", values.astype(float), kept)
        )
    return [one for one in found if one.settled >= FEWEST]


def _without_pool(plan: Plan) -> list[tuple[int, str, str]]:
    """Return number, name and title of services where people are and that draw on no pool."""
    services = plan.scenario.services
    return [
        (code, one.name, one.title)
        for code, one in enumerate(plan.services)
        if not len(one.pools)
        and one.name.partition("[")[0] in services
        and not services[one.name.partition("[")[0]].in_place
    ]
