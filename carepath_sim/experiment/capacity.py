"""Capacity curves: what more or fewer places of one pool would do."""

from __future__ import annotations

import math
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pandas as pd

from carepath_sim.experiment.answers import AnswerFolder
from carepath_sim.experiment.batch import Batch, OptionError
from carepath_sim.experiment.begun import how_many
from carepath_sim.experiment.closed_form import ClosedForm, closed_form
from carepath_sim.experiment.each import each_capacity
from carepath_sim.experiment.evaluate import Evaluator
from carepath_sim.experiment.goal import MOST, search
from carepath_sim.experiment.lever import Lever
from carepath_sim.experiment.wanted import Target, Wanted
from carepath_sim.experiment.wanted import targets as read_targets
from carepath_sim.scenario.reading import nearest
from carepath_sim.statistics import paired_difference
from carepath_sim.statistics.knee import Knee, knee

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.goal import Goal
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario

OF_POOL: Final = ("occupancy_share", "p_full", "p_wait", "wait_mean", "wait_p90", "given_up")
"""Measures of the pool itself, or of the services that draw from it."""
OF_ALL: Final = ("diversions", "delayed_transfer_days", "emergency_admissions", "costs")
"""Measures of the whole system."""
KNEE_OF: Final = "p_wait"
"""Measure whose curve has the knee."""
FEWEST_FOR_A_KNEE: Final = 4

COLUMNS: Final = (
    "capacity",
    "measure",
    "stratum",
    "unit",
    "mean",
    "low",
    "high",
    "change",
    "change_low",
    "change_high",
    "variance_reduction",
    "closed_form",
    "replications",
)


class CapacityCurve(pd.DataFrame):
    """What each capacity does, one row a capacity and measure.

    Columns: capacity [units of the pool], measure, stratum, unit; mean with low and high; change
    from the next lower capacity with its paired interval, and how many times more replications
    independent luck would have needed for it (variance_reduction); closed_form, where queueing
    theory says something; replications.

    Attributes
    ----------
    label
        Name of the scenario.
    pool, unit
        The pool, and what its capacity counts.
    base
        Its capacity in the scenario.
    knee, knee_of
        Where the curve of a measure bends.
    closed
        What queueing theory says of the pool, or None.
    answer
        Smallest capacity that meets the targets, or that none does; None without targets.
    level
        Coverage of each interval.
    each
        What a capacity stands for where there is one pool for each locality; else nothing.
    seed, engine
        Start of all luck, and what simulated.
    runs
        The results, one a capacity.
    """

    _metadata = [  # noqa: RUF012 - pandas reads this list
        *("label", "pool", "unit", "base", "knee", "knee_of", "closed", "answer", "level", "each"),
        *("seed", "engine", "runs"),
    ]
    label: str
    pool: str
    # pandas takes attributes for columns unless they are told to it as above.
    unit: str
    base: float
    knee: Knee | None
    knee_of: str
    closed: ClosedForm | None
    answer: Goal | None
    level: float
    each: str
    seed: int
    engine: str
    runs: tuple[RunResult, ...]

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        """What a part of the table is: a plain table."""
        return pd.DataFrame

    def plot(  # type: ignore[override]
        self, *measures: str, ax: Axes | None = None, figure: Figure | None = None
    ) -> Axes | list[Axes]:
        """Draw the curve.

        Parameters
        ----------
        measures
            Which; none: all, each on axes of its own.
        ax
            Where to draw a single measure; None: a figure of its own.
        figure
            Where to draw several; None: a new one.

        Returns
        -------
            The axes; a list where there are several.
        """
        # Pictures are a room above this one: asked for by name.
        drawn = import_module("carepath_sim.report.levers").draw_curve(self, measures, ax, figure)
        return cast("Axes | list[Axes]", drawn)

    def figures(self) -> dict[str, pd.DataFrame]:
        """Return the rows of each figure by name: that of the measure, with the stratum if needed.

        Two figures of one measure are told apart as ``occupancy_p95[acute_beds]``.
        """
        found: dict[str, pd.DataFrame] = {}
        for (measure, stratum), rows in self.groupby(["measure", "stratum"], sort=False):
            name = str(measure) if measure not in found else f"{measure}[{stratum}]"
            found[name] = pd.DataFrame(rows)
        return found

    def wide(self) -> pd.DataFrame:
        """Return the means with one row a capacity and one column a figure."""
        return pd.DataFrame(
            {name: rows.set_index("capacity")["mean"] for name, rows in self.figures().items()}
        )

    def summary(self) -> dict[str, Any]:
        """Return what is not in the table, as plain values."""
        found = self.knee
        return {
            "scenario": self.label,
            "pool": self.pool,
            "unit": self.unit,
            "capacity_in_scenario": self.base,
            **({"each": self.each} if self.each else {}),
            "knee": None
            if found is None
            else {
                "measure": self.knee_of,
                "capacity": found.x,
                "low": found.low,
                "high": found.high,
                "share_of_resamples": found.share,
                "distance": found.distance,
                "reason": found.reason,
            },
            "closed_form": None
            if self.closed is None
            else {
                "name": self.closed.name,
                "exact": self.closed.exact,
                "load": self.closed.load,
                "reasons": list(self.closed.reasons),
            },
            "answer": None if self.answer is None else self.answer.summary(),
            "in_words": self.said(),
            "seed": self.seed,
            "engine": self.engine,
        }

    def said(self) -> str:
        """Return what the curve says, in words."""
        # What is told of an answer is a room above this one: asked for by name.
        return cast("str", import_module("carepath_sim.report.lever_words").curve_said(self))


def capacity_curve(
    scenario: Scenario,
    *,
    pool: str,
    capacities: Iterable[int],
    targets: str | Target | Iterable[str | Target] = (),
    measures: Iterable[str] = (),
    replications: int | None = None,
    most: int = MOST,
    step: int = 1,
    confidence: float = 0.95,
    seed: int = Batch.seed,
    engine: str = Batch.engine,
    workers: int | None = None,
    cluster: Given | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> CapacityCurve:
    """Simulate a scenario with several capacities of one pool, the same people and luck in all.

    Parameters
    ----------
    scenario
        What is varied.
    pool
        Name of the pool.
    capacities
        In any order; at least two.
    targets
        Targets that the smallest capacity is looked for to meet, such as ``p_wait<=0.05``; a
        measure without a stratum is that of the pool.
    measures
        Further figures, such as ``occupancy_p95[acute_beds]``.
    replications
        Of each capacity. None: 10, or with `resume` as many as the folder was begun with.
    most
        Of each capacity that the search for the smallest looks at.
    step
        Between the capacities that are searched; 1: to the bed.
    confidence
        Coverage of each interval of the curve; confidence that all decisions of the search are
        right together.
    seed, engine, workers, cluster, progress
        As in `carepath_sim.run`.
    out
        Folder for the tables, and for every replication the moment it is finished.
    resume
        Whether to go on with the same question in `out`, after anything.

    Returns
    -------
        A DataFrame; `plot()` draws it, `said()` says what it says, `answer` is the smallest
        capacity.

    Raises
    ------
    OptionError
        If there is no such pool, a capacity is no whole number, or a target cannot be understood.
    ScenarioError
        If a capacity makes no scenario.
    FolderInUseError
        When `out` holds something else, or a question that differs; the message says in what.
    StoreInUseError
        When another process works on `out`.
    """
    replications = how_many(replications, Batch.replications, out, resume=resume)
    values = _checked(scenario, pool, capacities)
    wanted = read_targets(targets)
    lever = _lever(scenario, pool)
    further = [Wanted.parse(name) for name in measures]
    asked = {
        "pool": pool,
        "capacities": values,
        "targets": [str(one) for one in wanted],
        "measures": [str(one) for one in further],
        "replications": replications,
        "most": most,
        "step": step,
        "confidence": confidence,
    }
    with (
        AnswerFolder.claim(
            out, "capacity", scenario, asked, seed=seed, engine=engine, resume=resume
        ) as folder,
        Evaluator(
            scenario,
            seed=seed,
            engine=engine,
            workers=workers,
            cluster=cluster,
            progress=progress,
            store=folder.store,
        ) as evaluator,
    ):
        folder.where = evaluator.where()
        points = [lever.settings(value) for value in values]
        # Names are looked up before much is simulated.
        (trial,) = evaluator.results(points[:1], 1)
        figures = list(_figures(trial, pool, further))
        chosen = [target.on(trial, pool=pool) for target in wanted]
        runs = evaluator.results(points, replications)
        answer = None
        if chosen:
            line = lever.line(values[0], values[-1], step)
            probes = sorted({*(_place(line, one) for one in values), len(line) - 1})
            answer = search(
                evaluator,
                lever,
                line,
                chosen,
                probes=probes,
                pool=pool,
                first=replications,
                most=max(most, replications),
                level=confidence,
            )
        closed = closed_form(scenario, pool)
        table = CapacityCurve(
            list(_rows(values, runs, figures, closed, confidence)), columns=list(COLUMNS)
        )
        table.label, table.pool, table.base = scenario.name, pool, lever.base
        table.unit = scenario.pools[pool.partition("[")[0]].unit
        table.closed, table.answer, table.level, table.runs = closed, answer, confidence, runs
        table.seed, table.engine = seed, engine
        table.each = each_capacity(scenario, f"pools.{pool}.capacity", values[0] or 10)
        table.knee_of = KNEE_OF
        table.knee = _knee(values, runs, pool, confidence)
        _write(folder, table)
    return table


def _write(folder: AnswerFolder, curve: CapacityCurve) -> None:
    if folder.path is None:
        return
    tables = {"capacity": pd.DataFrame(curve)}
    if curve.answer is not None:
        tables["search"] = curve.answer.table()
    parts = [
        run.replications().assign(scenario=curve.label, capacity=capacity)
        for capacity, run in zip(dict.fromkeys(curve["capacity"]), curve.runs, strict=True)
    ]
    said = {key: value for key, value in curve.summary().items() if key != "scenario"}
    # What is told of an answer is a room above this one: asked for by name.
    import_module("carepath_sim.report.kept").keep_curve(folder.path, curve, folder.scenario)
    folder.finish(tables, said, replications=pd.concat(parts, ignore_index=True))


def _lever(scenario: Scenario, pool: str) -> Lever:
    """Return the capacity of a pool as a lever, whatever stands there now."""
    path = f"pools.{pool}.capacity"
    try:
        # What a capacity stands for is said of the whole curve.
        return replace(Lever.of(scenario, path), each="")
    except OptionError:
        # By hours, by date, by place, from staff: one number takes the place of all that.
        return Lever(path, "number", math.nan, (path,), None, whole=True)


def _checked(scenario: Scenario, pool: str, capacities: Iterable[int]) -> tuple[int, ...]:
    """Return capacities in order, once each.

    Raises
    ------
    OptionError
        If there is no such pool, or something is no capacity.
    """
    own = pool.partition("[")[0]
    if own not in scenario.pools:
        known = ", ".join(scenario.pools) or "none"
        hint = nearest(pool, scenario.pools)
        raise OptionError(f"{scenario.name} has no pool {pool!r}{hint or f'; it has: {known}'}")
    given = list(capacities)
    for one in given:
        if isinstance(one, bool) or one != int(one) or one < 0:
            raise OptionError(f"capacities are whole numbers from 0 on, found {one!r}")
    values = tuple(sorted({int(one) for one in given}))
    if len(values) < 2:
        raise OptionError("a curve needs at least two capacities")
    return values


def _place(line: Sequence[float], value: float) -> int:
    """Return the place on a line that is nearest to a value."""
    return min(range(len(line)), key=lambda k: abs(line[k] - value))


def _figures(trial: RunResult, pool: str, further: Sequence[Wanted]) -> Iterator[Wanted]:
    """Yield the figures of the curve that the scenario has."""
    for name in (*OF_POOL, *OF_ALL):
        text = f"{name}[{pool}]" if name in OF_POOL else name
        try:
            yield Wanted.parse(text).on(trial)
        except OptionError:
            continue  # no such figure here: no population, no costs, several services, ...
    for wanted in further:
        yield wanted.on(trial, pool=pool)


def _rows(
    values: Sequence[int],
    runs: Sequence[RunResult],
    figures: Sequence[Wanted],
    closed: ClosedForm | None,
    level: float,
) -> Iterator[tuple[Any, ...]]:
    theory = [closed.at(value) if closed is not None else {} for value in values]
    for wanted in figures:
        columns = [wanted.sums(run)[0] for run in runs]
        for k, (value, run) in enumerate(zip(values, runs, strict=True)):
            found = wanted.interval(run, level)
            change = (math.nan,) * 4
            if k:
                pair = paired_difference(columns[k - 1], columns[k], level)
                part = pair.interval
                change = (part.mean, part.low, part.high, pair.variance_reduction)
            yield (
                value,
                wanted.measure,
                wanted.stratum or "all",
                wanted.unit,
                found.mean,
                found.low,
                found.high,
                *change,
                theory[k].get(wanted.measure, math.nan) if wanted.measure in OF_POOL else math.nan,
                found.n,
            )


def _knee(values: Sequence[int], runs: Sequence[RunResult], pool: str, level: float) -> Knee | None:
    if len(values) < FEWEST_FOR_A_KNEE:
        return None
    try:
        wanted = Wanted.parse(f"{KNEE_OF}[{pool}]").on(runs[0])
    except OptionError:
        return None
    sums = [wanted.sums(run) for run in runs]
    weights = [weight for _, weight in sums if weight is not None]
    return knee(
        values,
        np.column_stack([value for value, _ in sums]),
        np.column_stack(weights) if len(weights) == len(sums) else None,
        level=level,
    )
