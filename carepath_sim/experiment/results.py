"""What a run gives: tables of its replications, and their means with intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from carepath_sim.experiment import frames

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from carepath_sim.experiment.precision import Precision
    from carepath_sim.experiment.tasks import Replication
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Scenario


class Pictures(Protocol):
    """Pictures of a result; each returns the axes it drew on."""

    def occupancy(self, pool: str, ax: Axes | None = None) -> Axes:
        """Draw how full a pool is, day by day."""
        ...

    def delays(self, ax: Axes | None = None) -> Axes:
        """Draw delayed transfer days by reason."""
        ...

    def standards(self, ax: Axes | None = None) -> Axes:
        """Draw waits against standards."""
        ...

    def flows(self, ax: Axes | None = None) -> Axes:
        """Draw the pathway with flows to scale."""
        ...

    def arrivals(
        self, ax: Axes | None = None, *, measure: str = "emergency_admissions_per_day"
    ) -> Axes:
        """Draw who comes by month and weekday."""
        ...

    def scorecard(self, ax: Axes | None = None) -> Axes:
        """Draw targets and actual figures by month."""
        ...

    def pathway(self) -> Axes:
        """Draw services and the ways between them."""
        ...

    def timeline(
        self,
        person: int | None = None,
        ax: Axes | None = None,
        *,
        story: str | None = None,
        replication: int = 0,
    ) -> Axes:
        """Draw one person's way."""
        ...


@dataclass(frozen=True)
class RunResult:
    """The replications of one scenario.

    Attributes
    ----------
    label
        Name of the scenario, such as ``buckinghamshire/to-be``; the column `scenario` of tables.
    scenario
        What was simulated.
    seed, engine
        Start of all luck, and what simulated.
    done
        The replications, by number.
    seconds
        Wall time [s].
    wanted
        Precision that was wanted of some figures.
    common_random_numbers
        Whether scenarios that were simulated together share their random numbers.
    """

    label: str
    # Notebooks show what a cell ends with: neither a whole scenario nor all that was counted.
    scenario: Scenario = field(repr=False)
    seed: int
    engine: str
    done: tuple[Replication, ...] = field(repr=False)
    seconds: float
    wanted: tuple[Precision, ...] = ()
    common_random_numbers: bool = True

    @cached_property
    def plan(self) -> Plan:
        """The compiled scenario, with names and titles of services and pools."""
        from carepath_sim.plan import compile_plan

        return compile_plan(self.scenario)

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Means over replications with intervals, one row a measure and stratum.

        Parameters
        ----------
        level
            Coverage of each interval.

        Returns
        -------
            Columns measure, definition, stratum, unit, mean, low, high, replications.
        """
        return frames.summary(self.done, level)

    def figures(self, names: str | Iterable[str], level: float = 0.95) -> pd.DataFrame:
        """Figures by name, as targets name them, with their intervals.

        Parameters
        ----------
        names
            Such as ``p_wait[community_beds]``; a pool may stand where a measure speaks of services.
        level
            Coverage of each interval.

        Returns
        -------
            Columns figure (as it was asked for), unit, mean, low, high, replications.

        Raises
        ------
        OptionError
            If there is no such figure.
        """
        import pandas as pd

        from carepath_sim.experiment.wanted import Wanted

        rows = []
        for name in [names] if isinstance(names, str) else names:
            wanted = Wanted.parse(name).on(self)
            found = wanted.interval(self, level)
            rows.append((name, wanted.unit, found.mean, found.low, found.high, found.n))
        return pd.DataFrame(rows, columns=["figure", "unit", "mean", "low", "high", "replications"])

    def precision(self) -> pd.DataFrame:
        """What has become of the precision that was wanted.

        Returns
        -------
            Columns scenario, measure, stratum, unit, wanted (as written), mean, half_width,
            wanted_half_width, reached, replications, and needed: after how many replications it
            was reached and held, or how many it will probably take.
        """
        from carepath_sim.experiment.precision import reached, table

        return table(reached((self,), self.wanted))

    def replications(self) -> pd.DataFrame:
        """Every measure of every replication, by stratum and period, in long form.

        Returns
        -------
            Columns scenario, replication, measure, stratum, period, value, weight, unit.
        """
        return frames.long_rows(self.label, self.done)

    def scorecard(self, level: float = 0.95) -> pd.DataFrame:
        """Targets of the scenario beside what the run gives, by month.

        Parameters
        ----------
        level
            Coverage of each interval.

        Returns
        -------
            Columns name, title, measure, stratum, unit, per, period, target, actual, low and high
            (of the mean), single_low and single_high (of one further run).
        """
        from carepath_sim.experiment.scorecard import scorecard

        return scorecard(self.plan, self.done, level)

    def daily(self) -> pd.DataFrame:
        """Occupancy, people waiting and people delayed by day and pool.

        Returns
        -------
            Columns scenario, replication, date, pool, and one a count [people, or units of the
            pool].
        """
        return frames.daily(self.label, self.plan, self.done)

    def spells(self) -> pd.DataFrame:
        """One row a request or stay, with names and instants.

        Replications whose spells were not kept are simulated again, to the same end.
        """
        return self._table("spells")

    def people(self) -> pd.DataFrame:
        """One row a person, with attributes and end state."""
        return self._table("people")

    def episodes(self) -> pd.DataFrame:
        """One row an episode, with its cause and attributes."""
        return self._table("episodes")

    def changes(self) -> pd.DataFrame:
        """One row a change of an attribute."""
        return self._table("changes")

    def audit(self) -> pd.DataFrame:
        """What was seen at each look: a row a pool and instant, and one a service and instant.

        Returns
        -------
            Columns scenario, replication, t, pool, service, occupancy, booked, kept, waiting.
        """
        return self._table("audit")

    def distribution(self) -> pd.DataFrame:
        """How occupancy is distributed over the looks of all replications.

        Returns
        -------
            Columns scenario, pool, service, level [units of the pool, or people], share.
        """
        return frames.distribution(self.audit())

    @property
    def plot(self) -> Pictures:
        """Pictures of the result, such as `.plot.occupancy("community_beds")`."""
        # Pictures are a room above this one: it is asked for by name, so that rooms import only
        # what lies below them.
        pictures: Pictures = import_module("carepath_sim.report.figures").Plots(self)
        return pictures

    def _table(self, name: str) -> pd.DataFrame:
        return frames.kept_table(name, self.label, self.plan, self._with(name))

    def _with(self, name: str) -> Sequence[Replication]:
        """Replications with a table, simulated again where it was not kept."""
        from carepath_sim.experiment.tasks import Task, pack, simulate_task
        from carepath_sim.experiment.workers import default_workers, work_through

        missing = [one.replication for one in self.done if name not in one.kept]
        if not missing:
            return self.done
        packed = pack(self.scenario)
        tasks = [Task((packed,), self.seed, number, self.engine, (name,)) for number in missing]
        again: dict[int, Replication] = {}

        def done(_position: int, results: tuple[Replication, ...]) -> None:
            again[results[0].replication] = results[0]

        work_through(simulate_task, tasks, workers=default_workers(), done=done)
        return [again.get(one.replication, one) for one in self.done]
