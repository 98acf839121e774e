"""Step-up against step-down in one bed base: ways to share it side by side, and the best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.experiment import configurations as ways
from carepath_sim.experiment.amounts import amount
from carepath_sim.experiment.answers import AnswerFolder
from carepath_sim.experiment.batch import Batch, OptionError
from carepath_sim.experiment.begun import how_many
from carepath_sim.experiment.key_figures import KeyFigure, key_figures
from carepath_sim.experiment.objective import Objective, steady
from carepath_sim.experiment.paired import PairedPoints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.experiment.wanted import Wanted
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.statistics import Interval, PairedDifference, Selection

FIRST = 20
"""Replications of every configuration."""
MOST = 100
"""Replications of those that remain at which the choice ends, decided or not."""
STEP = 5
"""Replications between two looks at who remains."""
INDIFFERENT = 0.01
"""Difference that does not matter where none is named: this part of the base's objective."""
FRONTIER = ("emergency_admissions", "delayed_transfer_days")
"""Measures of the frontier where none are named."""

TABLE = (
    *("configuration", "policy", "split", "measure", "definition", "stratum", "unit"),
    *("mean", "low", "high", "difference", "difference_low", "difference_high"),
    *("variance_reduction", "replications"),
)
CHOICE = (
    *("configuration", "policy", "split", "objective", "unit", "mean", "low", "high"),
    *("difference_from_best", "difference_low", "difference_high"),
    *("probability_best", "probability_good", "ruled_out", "replications"),
)


class Pictures(Protocol):
    """Pictures of a bed mix; each returns the axes it drew on."""

    def heat_map(self, ax: Axes | None = None) -> Axes:
        """Draw every configuration against every figure."""
        ...

    def frontier(self, ax: Axes | None = None) -> Axes:
        """Draw two measures against each other."""
        ...


@dataclass(frozen=True)
class BedMix:
    """Ways to share one bed base, simulated with the same people and the same luck.

    Attributes
    ----------
    bed_base
        The pool and its streams.
    configurations
        The ways, the one that the scenario has first: differences are taken from it.
    results
        One a configuration; of those that were ruled out early there are fewer replications.
    objective
        What the best has least, or most, of.
    selection
        Which is the best; means are of the objective, negated where it is to be large.
    two
        The measures of the frontier.
    """

    bed_base: ways.BedBase
    configurations: tuple[ways.Configuration, ...]
    results: tuple[RunResult, ...]
    objective: Objective
    selection: Selection
    two: tuple[Objective, Objective]

    @property
    def best(self) -> ways.Configuration:
        """The configuration that is selected."""
        return self.configurations[self.selection.best]

    @property
    def figures(self) -> tuple[KeyFigure, ...]:
        """The figures that are shown side by side."""
        return key_figures(self.bed_base, self.results)

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Figures side by side: means, and paired differences from the scenario as written.

        All over the replications that everybody has, so that means and differences agree; those
        that were simulated on have more in `choice` and `summary`.

        Parameters
        ----------
        level
            Coverage of each interval of a mean, and of the intervals of the differences of one
            figure jointly.

        Returns
        -------
            Columns configuration, policy, split, measure, definition, stratum, unit, mean, low,
            high, difference, difference_low, difference_high, variance_reduction, replications.
        """
        import pandas as pd

        rows = [row for k in range(len(self.results)) for row in self._rows(k, level)]
        return pd.DataFrame(rows, columns=list(TABLE))

    def choice(self) -> pd.DataFrame:
        """The objective of every configuration, and its probability of being best.

        Returns
        -------
            Columns configuration, policy, split, objective, unit, mean, low, high,
            difference_from_best with its interval (all hold jointly), probability_best,
            probability_good (of being within the indifference zone of the best), ruled_out,
            replications. The best comes first, the others by how far they are from it.
        """
        import pandas as pd

        found = self.selection
        sign = 1.0 if self.objective.smaller else -1.0
        rows = []
        for k, (one, result) in enumerate(zip(self.configurations, self.results, strict=True)):
            mean = objective_interval(result, self.objective, found.level)
            low, middle, high = _turned(found.differences[k].interval, sign)
            rows.append(
                (
                    *(one.name, one.policy, one.split, str(self.objective), self.objective.unit),
                    *(mean.mean, mean.low, mean.high, middle, low, high),
                    *(found.probability_best[k], found.probability_good[k]),
                    *(k not in found.contenders, len(result.done)),
                )
            )
        frame = pd.DataFrame(rows, columns=list(CHOICE))
        # By the objective: few replications leave probabilities to how much each one varies.
        order = sorted(
            frame.index,
            key=lambda k: (
                k != found.best,
                sign * frame["difference_from_best"][k],
                -found.probability_best[k],
            ),
        )
        return frame.loc[order].reset_index(drop=True)

    def frontier(self) -> pd.DataFrame:
        """Two measures of every configuration, and who is beaten in both by another.

        Returns
        -------
            Columns configuration, policy, split, first and second (means, and differences from
            the scenario as written, with intervals), on_frontier, probability (of lying on it),
            replications. All are compared over the replications that everybody has.
        """
        import pandas as pd

        from carepath_sim.statistics import (
            frontier_probabilities,
            mean_interval,
            on_frontier,
            paired_difference,
        )

        n = self.common
        tables = [
            np.stack([measure.values(_first(result, n)) for result in self.results])
            for measure in self.two
        ]
        signed = [
            table if measure.smaller else -table
            for table, measure in zip(tables, self.two, strict=True)
        ]
        on = _not_beaten(on_frontier(*(table.mean(axis=1) for table in signed)), signed)
        chances = frontier_probabilities(*signed)
        rows = []
        for k, one in enumerate(self.configurations):
            ends: list[float] = []
            for table, measure in zip(tables, self.two, strict=True):
                mean = mean_interval(table[k])
                ends += _middle(mean.within(*measure.possible(mean.mean)))
                ends += _middle(paired_difference(table[0], table[k]).interval)
            rows.append((one.name, one.policy, one.split, *ends, bool(on[k]), chances[k], n))
        columns = [
            f"{which}{of}{end}"
            for which in ("first", "second")
            for of in ("", "_difference")
            for end in ("", "_low", "_high")
        ]
        names = ["configuration", "policy", "split", *columns]
        return pd.DataFrame(rows, columns=[*names, "on_frontier", "probability", "replications"])

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Every measure of every configuration; see `RunResult.summary`."""
        import pandas as pd

        parts = []
        for one, result in zip(self.configurations, self.results, strict=True):
            part = result.summary(level)
            part.insert(0, "configuration", one.name)
            parts.append(part)
        return pd.concat(parts, ignore_index=True)

    def replications(self) -> pd.DataFrame:
        """Every figure of every replication; see `RunResult.replications`."""
        import pandas as pd

        return pd.concat([one.replications() for one in self.results], ignore_index=True)

    @property
    def plot(self) -> Pictures:
        """Pictures: `.plot.heat_map()`, `.plot.frontier()`."""
        pictures: Pictures = import_module("carepath_sim.report.bed_mix_figures").Plots(self)
        return pictures

    @property
    def common(self) -> int:
        """Replications that everybody has."""
        return min(len(result.done) for result in self.results)

    def difference(
        self, k: int, wanted: Wanted, level: float = 0.95, most: int | None = None
    ) -> PairedDifference:
        """Return a figure of one configuration minus that of the scenario as written.

        Parameters
        ----------
        k
            Number of the configuration.
        wanted
            The figure, with its strata.
        level
            Coverage of the intervals of all configurations jointly.
        most
            How many replications to take; none: as many as both have.
        """
        from carepath_sim.statistics import paired_difference

        pair = (self.results[0], self.results[k])
        n = most or min(len(result.done) for result in pair)
        before, after = (defined(_first(result, n), wanted) for result in pair)
        return paired_difference(before, after, level, comparisons=len(self.results) - 1)

    def _rows(self, k: int, level: float) -> Iterator[tuple[Any, ...]]:
        from carepath_sim.experiment import frames

        one, n = self.configurations[k], self.common
        result = _first(self.results[k], n)
        for figure in self.figures:
            wanted = figure.wanted
            measure = frames.definition(wanted.measure)
            mean = figure_interval(result, wanted, level)
            pair = self.difference(k, wanted, level, n)
            apart = (*_middle(pair.interval), pair.variance_reduction)
            yield (
                *(one.name, one.policy, one.split, measure.name, measure.definition),
                *(" + ".join(wanted.strata), measure.unit, *_middle(mean)),
                *(apart if k else (np.nan,) * len(apart)),
                mean.n,
            )


def bed_mix(
    scenario: Scenario,
    pool: str,
    *,
    streams: Sequence[str] = (),
    policies: Sequence[str] = ways.POLICIES,
    splits: Sequence[str | int] = (),
    reserves: Sequence[str | int] = (),
    common: float = ways.COMMON,
    also: Mapping[str, ways.Value] | None = None,
    objective: str | Objective = "",
    indifference: float | str | None = None,
    frontier: tuple[str, str] = FRONTIER,
    level: float = 0.95,
    replications: int | None = None,
    max_replications: int | None = None,
    seed: int = Batch.seed,
    engine: str = Batch.engine,
    workers: int | None = None,
    cluster: Given | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> BedMix:
    """Compare ways to share one bed base between streams, and select the best.

    Parameters
    ----------
    scenario
        The base; the way in which it shares the pool is the first configuration.
    pool
        Name of the pool, such as ``community_beds``.
    streams
        Its streams, the one that splits speak of first; none: as the scenario has them.
    policies
        Kinds to try: ring_fenced, shared, reserved, partial, priority.
    splits
        Parts by stream of `ring_fenced` and `partial`: ``20`` (of the first stream, the rest is
        the other's), ``"20/105"``, ``"15%"``; none: 10, 20, 30 and 40 %.
    reserves
        Beds kept free under `reserved`: ``3`` for the first stream, ``"0/3"`` for the second;
        none: 2 and 5 % of the beds for the first.
    common
        Part of each stream's beds that all may use under `partial`.
    also
        Further configurations: a name, and what stands under `policy` of the pool.
    objective
        What the best has least or most of, such as ``minimise costs + 150 * admissions_caused``;
        none: least costs, or where the scenario has no costs, fewest delayed days.
    indifference
        A difference of the objective that does not matter [unit of the objective], or as text
        (``£5k``, ``2%`` of the scenario as written); none: 1 %.
    frontier
        Two objectives whose frontier is shown.
    level
        Probability of a correct selection that is aimed at.
    replications
        How often every configuration is simulated. None: 20, or with `resume` as often as the
        folder was begun with.
    max_replications
        Those that are not ruled out are simulated on, at most so often; None: 100, or as often as
        everybody is.
    seed, engine, workers, cluster, progress
        As in `carepath_sim.run`.
    out
        Folder for the tables, and for every replication the moment it is finished; None: nothing
        is written.
    resume
        Whether to go on with the same question in `out`, after anything.

    Returns
    -------
        The configurations side by side; `choice()` and `table()` are the places to begin.

    Raises
    ------
    OptionError
        For an option that makes no sense.
    ScenarioError
        If a configuration does not fit the scenario.
    FolderInUseError
        When `out` holds something else, or a question that differs; the message says in what.
    StoreInUseError
        When another process works on `out`.
    """
    replications = how_many(replications, FIRST, out, resume=resume)
    max_replications = max_replications or max(MOST, replications)
    _check(level, replications, max_replications)
    base = ways.BedBase.of(scenario, pool, streams)
    tried = ways.configurations(
        base,
        policies=policies,
        splits=tuple(map(str, splits)),
        reserves=tuple(map(str, reserves)),
        common=common,
        also=also or {},
    )
    wanted = _objective(scenario, objective)
    two = (Objective.parse(frontier[0]), Objective.parse(frontier[1]))
    scenarios = [
        scenario if one.value is None else scenario.set(f"pools.{pool}.policy", one.value)
        for one in tried
    ]
    asked = {
        "pool": pool,
        "streams": base.streams,
        "configurations": [[one.name, one.value] for one in tried],
        "objective": str(wanted),
        "indifference": indifference,
        "frontier": [str(one) for one in two],
        "level": level,
        "replications": replications,
        "max_replications": max_replications,
    }
    with (
        AnswerFolder.claim(
            out, "bedmix", scenario, asked, seed=seed, engine=engine, resume=resume
        ) as folder,
        PairedPoints(
            scenarios,
            [one.name for one in tried],
            seed=seed,
            engine=engine,
            workers=workers,
            cluster=cluster,
            progress=progress,
            store=folder.store,
            settings=[
                {} if one.value is None else {f"pools.{pool}.policy": one.value} for one in tried
            ],
        ) as points,
    ):
        folder.where = points.where()
        # Names are looked up before much is simulated.
        trial = points.results((0, 1), 1)
        wanted = wanted.on(trial[1], pool=pool)
        two = (two[0].on(trial[1], pool=pool), two[1].on(trial[1], pool=pool))
        _zone(indifference, wanted, trial)
        results = points.results(range(len(tried)), replications)
        zone = _zone(indifference, wanted, results)
        selection = _selected(points, wanted, zone, level, replications, max_replications)
        results = tuple(points.most(k) for k in range(len(tried)))
        found = BedMix(base, tried, results, wanted, selection, two)
        _write(folder, found)
    return found


def _selected(
    points: PairedPoints, wanted: Objective, zone: float, level: float, first: int, most: int
) -> Selection:
    from carepath_sim.statistics import select_best

    sign = 1.0 if wanted.smaller else -1.0

    def simulate(which: tuple[int, ...], replications: int) -> NDArray[np.float64]:
        return np.stack(
            [sign * wanted.values(result) for result in points.results(which, replications)]
        )

    number = len(points.scenarios)
    return select_best(simulate, number, zone=zone, level=level, first=first, most=most, step=STEP)


def _objective(scenario: Scenario, given: str | Objective) -> Objective:
    if isinstance(given, Objective):
        return given
    if given:
        return Objective.parse(given)
    paid = any(service.cost for service in scenario.services.values())
    return Objective.parse("costs" if paid else "delayed_transfer_days")


def _zone(given: float | str | None, wanted: Objective, results: Sequence[RunResult]) -> float:
    """Return the indifference zone [unit of the objective]."""
    base = abs(float(wanted.values(results[0]).mean()))
    text = str(given).strip() if given is not None else f"{INDIFFERENT:.0%}"
    if text.endswith("%") and "share" not in wanted.unit:
        zone = amount(text, "share") * base
        if zone <= 0 and given is None:
            # Of a base without any there is no part; of the mean of all there is.
            zone = INDIFFERENT * float(np.mean([abs(wanted.values(r).mean()) for r in results]))
        if zone <= 0:
            zone = 1.0 if given is None else 0.0
    else:
        try:
            zone = amount(text, wanted.unit)
        except CarepathError as error:
            raise OptionError(f"indifference: {error}") from None
    if not zone > 0:
        raise OptionError(f"the indifference zone must be above 0, found {text}")
    return zone


def objective_interval(result: RunResult, wanted: Objective, level: float) -> Interval:
    """Return the mean of an objective with its interval."""
    from carepath_sim.statistics import mean_interval

    found = mean_interval(wanted.values(result), level)
    return found.within(*wanted.possible(found.mean))


def figure_interval(result: RunResult, wanted: Wanted, level: float) -> Interval:
    """Return the mean of a figure with its interval; nan where it is not defined."""
    from carepath_sim.statistics import mean_interval

    found = mean_interval(defined(result, wanted), level)
    return found.within(*wanted.possible(found.mean))


def defined(result: RunResult, wanted: Wanted) -> NDArray[np.float64]:
    """Return a figure, one value a replication; nan throughout where it is not defined."""
    try:
        return steady(result, wanted)
    except OptionError:
        return np.full(len(result.done), np.nan)


def _not_beaten(on: NDArray[np.bool_], signed: Sequence[NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Leave out who is worse in one for certain, and in the other no better than by luck.

    Means hardly ever agree: a lead of half an admission of thousands is none.
    """
    from carepath_sim.statistics import paired_difference

    def beaten(k: int, j: int) -> bool:
        gaps = [paired_difference(table[j], table[k]).interval for table in signed]
        return any(gap.low > 0 for gap in gaps) and not any(gap.high < 0 for gap in gaps)

    if signed[0].shape[1] < 2:
        return on
    some = [int(k) for k in np.flatnonzero(on)]
    left = on.copy()
    left[[k for k in some if any(beaten(k, j) for j in some if j != k)]] = False
    return left if left.any() else on


def _first(result: RunResult, n: int) -> RunResult:
    """Return a result with its first replications alone."""
    return replace(result, done=result.done[:n])


def _middle(interval: Interval) -> tuple[float, float, float]:
    return interval.mean, interval.low, interval.high


def _turned(interval: Interval, sign: float) -> tuple[float, float, float]:
    ends = sorted((sign * interval.low, sign * interval.high))
    return ends[0], sign * interval.mean + 0.0, ends[1]


def _check(level: float, first: int, most: int) -> None:
    if not 0.5 <= level < 1:
        raise OptionError(f"the level lies between 0.5 and 1, not {level:g}")
    if first < 2:
        raise OptionError(f"a choice needs at least 2 replications of everybody, not {first}")
    if most < first:
        raise OptionError(f"at most {most} replications are fewer than the first {first}")


def _write(folder: AnswerFolder, found: BedMix) -> None:
    if folder.path is None:
        return
    selection = found.selection
    said = {
        "pool": found.bed_base.pool,
        "streams": list(found.bed_base.streams),
        "configurations": [
            {
                "name": one.name,
                "policy": one.value or "as written",
                "replications": len(result.done),
            }
            for one, result in zip(found.configurations, found.results, strict=True)
        ],
        "objective": str(found.objective),
        "indifference": selection.zone,
        "level": selection.level,
        "best": found.best.name,
        "decided": selection.decided,
        "probability_best": selection.probability_best[selection.best],
        "frontier": [str(one) for one in found.two],
    }
    tables = {
        "table": found.table(),
        "choice": found.choice(),
        "frontier": found.frontier(),
        "summary": found.summary(),
    }
    # What is told of an answer is a room above this one: asked for by name.
    import_module("carepath_sim.report.kept").keep_mix(folder.path, found)
    folder.finish(tables, said, replications=found.replications())
