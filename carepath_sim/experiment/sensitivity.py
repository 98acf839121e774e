"""Which of the uncertain numbers of a scenario matter: tornado, Morris, Sobol."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from carepath_sim.errors import ScenarioError
from carepath_sim.experiment.answers import AnswerFolder
from carepath_sim.experiment.batch import Batch, OptionError
from carepath_sim.experiment.begun import how_many
from carepath_sim.experiment.designs import (
    LEVELS,
    METHODS,
    morris_design,
    morris_indices,
    sobol_design,
    sobol_result,
)
from carepath_sim.experiment.evaluate import Evaluator
from carepath_sim.experiment.objective import Objective
from carepath_sim.scenario.ranged import Ranged, ranged, varied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.evaluate import Settings
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario

DUMMY = "(dummy)"
"""A parameter that does nothing, in every design of Morris and Sobol."""
MEASURES = ("emergency_admissions", "delayed_transfer_days", "costs")
"""What is looked at where nothing is named, as far as the scenario has it."""
AT_ONCE = 24
"""Points in memory at a time."""

TORNADO = (
    *("measure", "unit", "parameter", "low", "written", "high", "quality", "base"),
    *("at_low", "at_high"),
    *("low_difference", "low_difference_low", "low_difference_high"),
    *("high_difference", "high_difference_low", "high_difference_high"),
    *("swing", "beyond_luck", "replications"),
)
MORRIS = (
    *("measure", "unit", "parameter", "low", "written", "high", "quality"),
    *("mu_star", "mu_star_low", "mu_star_high", "mu", "sigma", "mu_star_luck", "beyond_luck"),
)
SOBOL = (
    *("measure", "unit", "parameter", "low", "written", "high", "quality"),
    *("total", "total_low", "total_high", "total_luck"),
    *("first", "first_low", "first_high", "first_luck", "beyond_luck"),
)


class Pictures(Protocol):
    """Pictures of a sensitivity analysis; each returns the axes it drew on."""

    def effects(self, measure: str = "", ax: Axes | None = None, most: int = 15) -> Axes:
        """Draw what each parameter does to a measure, the strongest on top."""
        ...


@dataclass(frozen=True)
class Sensitivity:
    """Values of measures at the points of a design over uncertain numbers of a scenario.

    Attributes
    ----------
    method
        tornado, morris or sobol.
    name
        Name of the scenario.
    parameters
        The numbers that were varied.
    left_out
        Numbers with a range that could not be varied, with the reason.
    measures
        What was looked at.
    design
        Points in the unit cube, 0 for the low end of a range and 1 for the high one, shape
        `(point, parameter)`; for Morris and Sobol with the dummy as last parameter; of a tornado
        nan where a number is as written.
    values
        Shape `(point, measure, replication)` [unit of the measure].
    seed, engine
        As in `carepath_sim.run`; the design is drawn with the same seed.
    """

    method: str
    name: str
    parameters: tuple[Ranged, ...]
    left_out: tuple[tuple[str, str], ...]
    measures: tuple[Objective, ...]
    design: NDArray[np.float64] = field(repr=False)
    values: NDArray[np.float64] = field(repr=False)
    seed: int
    engine: str

    @property
    def replications(self) -> int:
        """Replications of every point."""
        return int(self.values.shape[2])

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """What every parameter does to every measure, the strongest first.

        Parameters
        ----------
        level
            Coverage of the intervals; of a tornado all of one measure hold jointly.

        Returns
        -------
            Columns measure, unit, parameter, low, written, high, quality, and those of the method.

            tornado: base, at_low, at_high (means), low_difference and high_difference (paired, from
            the base) with intervals, swing (largest of the three differences between base and
            ends), replications.

            morris: mu_star (mean size of the effect of the whole range) with an interval over
            trajectories, mu (with sign), sigma (how much it depends on the others),
            mu_star_luck (standard error of mu_star by luck).

            sobol: total and first (shares of the variance of means that vanish with, and are due to
            it alone) with intervals over the design, total_luck and first_luck.

            beyond_luck says whether luck alone can hardly be behind it.
        """
        import pandas as pd

        makers = {"tornado": self._tornado, "morris": self._morris, "sobol": self._sobol}
        columns = {"tornado": TORNADO, "morris": MORRIS, "sobol": SOBOL}[self.method]
        strength = {"tornado": "swing", "morris": "mu_star", "sobol": "total"}[self.method]
        parts = []
        for k in range(len(self.measures)):
            rows = pd.DataFrame(list(makers[self.method](k, level)), columns=list(columns))
            rows = rows.sort_values(strength, ascending=False, kind="stable", na_position="last")
            parts.append(rows)
        return pd.concat(parts, ignore_index=True)

    def noise(self) -> pd.DataFrame:
        """How much of what varies is luck.

        Returns
        -------
            Columns measure, unit, points, replications; parameters, luck, both (shares of the
            variance of a single replication: due to the parameters, to luck that all points have
            in common, and to luck that differs from point to point), noise (share of the last in
            the variance of the means over replications), dummy (strength of a parameter that does
            nothing: must be 0; nan for a tornado), dummy_without_common_luck (what its strength
            would be about if every point had luck of its own: swing, mu_star or total index).
        """
        import pandas as pd

        from carepath_sim.statistics.luck import parts_of_variance

        names = ("parameters", "luck", "both", "noise")
        strength = {"morris": "mu_star", "sobol": "total"}.get(self.method)
        table = self.table() if strength else None
        rows = []
        for k, measure in enumerate(self.measures):
            parts = parts_of_variance(self.values[:, k])
            dummy = np.nan
            if table is not None:
                of = table[(table["measure"] == measure.words) & (table["parameter"] == DUMMY)]
                dummy = float(of[strength].iloc[0])
            shares = [getattr(parts, name) for name in names]
            head = (measure.words, measure.unit, len(self.values), self.replications)
            rows.append((*head, *shares, dummy, self._of_luck(k, parts.luck_alone)))
        columns = ("measure", "unit", "points", "replications", *names)
        return pd.DataFrame(rows, columns=[*columns, "dummy", "dummy_without_common_luck"])

    def _of_luck(self, k: int, variance: float) -> float:
        """Strength of a parameter that does nothing, if every point had luck of its own."""
        of_means = variance / self.replications
        if self.method == "sobol":
            return of_means / (of_means + float(self.values[:, k].mean(axis=1).var()))
        # Mean size of the difference of two normal means, over the length of a step.
        step = LEVELS / (2 * (LEVELS - 1)) if self.method == "morris" else 1.0
        return float(np.sqrt(2 / np.pi) * np.sqrt(2 * of_means)) / step

    def points(self) -> pd.DataFrame:
        """The design with the means of the measures.

        Returns
        -------
            One row a point: its number, one column a parameter (value in its own unit; shares
            that sum to the whole are brought to do so), one column a measure (mean).
        """
        import pandas as pd

        columns: dict[str, Any] = {"point": np.arange(len(self.design))}
        for k, one in enumerate(self.parameters):
            parts = self.design[:, k]
            columns[one.name] = [one.value if np.isnan(u) else one.at(float(u)) for u in parts]
        for k, measure in enumerate(self.measures):
            columns[measure.words] = self.values[:, k].mean(axis=1)
        return pd.DataFrame(columns)

    def replicated(self) -> pd.DataFrame:
        """Every value, in long form: columns point, measure, unit, replication, value."""
        import pandas as pd

        points, _, n = self.values.shape
        index = pd.MultiIndex.from_product(
            [range(points), [one.words for one in self.measures], range(n)],
            names=["point", "measure", "replication"],
        )
        frame = pd.DataFrame({"value": self.values.reshape(-1)}, index=index).reset_index()
        return frame.assign(unit=frame["measure"].map({m.words: m.unit for m in self.measures}))

    @property
    def plot(self) -> Pictures:
        """Pictures: `.plot.effects()`."""
        pictures: Pictures = import_module("carepath_sim.report.sensitivity_figures").Plots(self)
        return pictures

    def _tornado(self, k: int, level: float) -> Iterator[tuple[Any, ...]]:
        from carepath_sim.statistics import paired_difference

        values, number = self.values[:, k], len(self.parameters)
        base = values[0]
        for p, one in enumerate(self.parameters):
            ends = [values[1 + 2 * p + end] for end in (0, 1)]
            pairs = [
                paired_difference(base, end, level, comparisons=2 * number).interval for end in ends
            ]
            means = [0.0, *(pair.mean for pair in pairs)]
            yield (
                *self._head(k, one),
                *(float(base.mean()), *(float(end.mean()) for end in ends)),
                *(x for pair in pairs for x in (pair.mean, pair.low, pair.high)),
                *(max(means) - min(means), any(p.low > 0 or p.high < 0 for p in pairs)),
                self.replications,
            )

    def _morris(self, k: int, level: float) -> Iterator[tuple[Any, ...]]:
        from carepath_sim.statistics.indices import elementary_effects
        from carepath_sim.statistics.luck import error_by_luck

        def strength(means: NDArray[np.float64]) -> NDArray[np.float64]:
            size: NDArray[np.float64] = np.abs(elementary_effects(self.design, means))
            return np.asarray(size.mean(axis=0))

        found = morris_indices(self.design, self.values[:, k].mean(axis=1), level, self.seed)
        luck = error_by_luck(self.values[:, k], strength)
        for p, one in enumerate((*self.parameters, None)):
            star, half = found["mu_star"][p], found["mu_star_conf"][p]
            yield (
                *self._head(k, one),
                *(star, max(0.0, star - half), star + half, found["mu"][p], found["sigma"][p]),
                *(luck[p], _beyond(star, luck[p])),
            )

    def _sobol(self, k: int, level: float) -> Iterator[tuple[Any, ...]]:
        from carepath_sim.statistics.indices import sobol_indices
        from carepath_sim.statistics.luck import error_by_luck

        number = len(self.parameters) + 1
        found = sobol_result(number, self.values[:, k].mean(axis=1), level, self.seed)
        luck = error_by_luck(self.values[:, k], lambda means: sobol_indices(means, number))
        for p, one in enumerate((*self.parameters, None)):
            cells: list[float] = []
            for row, name in ((1, "total"), (0, "first")):
                index, half = found[name][p], found[f"{name}_conf"][p]
                cells += [index, index - half, index + half, luck[row, p]]
            yield (*self._head(k, one), *cells, _beyond(cells[0], luck[1, p]))

    def _head(self, k: int, one: Ranged | None) -> tuple[Any, ...]:
        measure = self.measures[k]
        if one is None:
            return (measure.words, measure.unit, DUMMY, "", "", "", "")
        ends = (str(one.said(one.low)), one.text, str(one.said(one.high)))
        return (measure.words, measure.unit, one.name, *ends, one.quality or "")


def sensitivity(
    scenario: Scenario,
    method: str = "tornado",
    *,
    measures: Sequence[str | Objective] = (),
    parameters: Sequence[str] = (),
    trajectories: int = 10,
    samples: int = 64,
    replications: int | None = None,
    seed: int = Batch.seed,
    engine: str = Batch.engine,
    workers: int | None = None,
    cluster: Given | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Sensitivity:
    """Vary the numbers of a scenario over their ranges, and see what it does to measures.

    All points share their random numbers, so that luck mostly cancels; what it leaves is reported
    apart.

    Parameters
    ----------
    scenario
        The scenario; its numbers with a `range` are varied.
    method
        ``tornado``: one at a time to either end of its range, the others as written. ``morris``:
        screening, along trajectories through all ranges. ``sobol``: shares of variance.
    measures
        Figures, or sums of figures, such as ``delayed_transfer_days`` and ``p_wait[beds]``; none:
        emergency admissions, delayed days, and costs.
    parameters
        Names, or patterns with ``*``, such as ``pools.*``; none: all.
    trajectories
        For Morris.
    samples
        For Sobol, a power of 2; the design has (parameters + 2) times as many points.
    replications
        Of every point. None: 10, or with `resume` as many as the folder was begun with.
    seed, engine, workers, cluster, progress
        As in `carepath_sim.run`.
    out
        Folder for the tables, and for every replication the moment it is finished; None: nothing
        is written.
    resume
        Whether to go on with the same question in `out`, after anything.

    Returns
    -------
        The analysis; `table()` and `noise()` are the places to begin.

    Raises
    ------
    OptionError
        For an option that makes no sense, or a scenario without such numbers.
    ScenarioError
        If a point of the design is no scenario.
    FolderInUseError
        When `out` holds something else, or a question that differs; the message says in what.
    StoreInUseError
        When another process works on `out`.
    """
    if method not in METHODS:
        raise OptionError(f"unknown method {method!r}; known: {', '.join(METHODS)}")
    replications = how_many(replications, Batch.replications, out, resume=resume)
    numbers, left_out = chosen(scenario, parameters)
    wanted = tuple(one if isinstance(one, Objective) else Objective.parse(one) for one in measures)
    number = len(numbers) + 1
    if method == "tornado":
        design = _one_at_a_time(len(numbers))
    elif method == "morris":
        design = morris_design(number, _at_least_2(trajectories), seed)
    else:
        design = sobol_design(number, samples, seed)
    runs = _Runs(scenario, numbers, design[:, : len(numbers)])
    asked = {
        "method": method,
        "measures": [one.words for one in wanted],
        "parameters": [one.name for one in numbers],
        "replications": replications,
        **({"trajectories": trajectories} if method == "morris" else {}),
        **({"samples": samples} if method == "sobol" else {}),
    }
    with (
        AnswerFolder.claim(
            out,
            "sensitivity",
            scenario,
            asked,
            seed=seed,
            engine=engine,
            resume=resume,
            libraries=() if method == "tornado" else ("SALib",),
        ) as folder,
        Evaluator(
            scenario,
            seed=seed,
            engine=engine,
            workers=workers,
            cluster=cluster,
            progress=runs.told(progress, replications),
            store=folder.store,
        ) as evaluator,
    ):
        folder.where = evaluator.where()
        values, wanted = runs.values(evaluator, wanted, replications, may_fail=method == "tornado")
        if runs.refused:
            design, values, numbers = runs.without_refused(design, values)
            left_out += tuple((one.name, why) for one, why in runs.refused.items())
        found = Sensitivity(
            method, scenario.name, numbers, left_out, wanted, design, values, seed, engine
        )
        _write(folder, found)
    return found


class _Runs:
    """The points of a design as scenarios, made when their turn comes.

    Parameters
    ----------
    base
        The scenario.
    parameters
        What is varied.
    design
        Points in the unit cube, without the dummy; nan for a number as written.
    """

    def __init__(
        self, base: Scenario, parameters: tuple[Ranged, ...], design: NDArray[np.float64]
    ) -> None:
        self.base = base
        self.parameters = parameters
        self.design = design
        self.refused: dict[Ranged, str] = {}
        # Points at which only the dummy differs are one.
        _, same = np.unique(np.nan_to_num(design, nan=-1.0), axis=0, return_inverse=True)
        self.same = same.reshape(-1)
        first = {int(key): k for k, key in reversed(list(enumerate(self.same)))}
        self.distinct = sorted(first.values())

    def told(
        self, progress: Callable[[int, int], None] | None, replications: int
    ) -> Callable[[int, int], None] | None:
        """Return who is told of the progress of the whole design, not of a part."""
        if progress is None:
            return None
        total = len(self.distinct) * replications
        return lambda done, _: progress(done, total)

    def values(
        self,
        evaluator: Evaluator,
        wanted: tuple[Objective, ...],
        replications: int,
        *,
        may_fail: bool,
    ) -> tuple[NDArray[np.float64], tuple[Objective, ...]]:
        """Return values, shape `(point, measure, replication)`, and measures with their strata."""
        found: dict[int, NDArray[np.float64]] = {}
        measures: tuple[Objective, ...] = ()
        for at in range(0, len(self.distinct), AT_ONCE):
            made = {
                k: scenario
                for k in self.distinct[at : at + AT_ONCE]
                if (scenario := self.scenario(k, may_fail=may_fail)) is not None
            }
            results = evaluator.results(
                list(made.values()), replications, settings=[self.settings(k) for k in made]
            )
            measures = measures or _looked_up(wanted, results[0])
            for k, result in zip(made, results, strict=True):
                found[int(self.same[k])] = np.stack([one.values(result) for one in measures])
            evaluator.forget()
        nothing = np.full((len(measures), replications), np.nan)
        return np.stack([found.get(int(key), nothing) for key in self.same]), measures

    def moved(self, k: int) -> dict[Ranged, float]:
        """Return the numbers that are not as written at a point, with their values."""
        return {
            one: one.at(float(part))
            for one, part in zip(self.parameters, self.design[k], strict=True)
            if not np.isnan(part)
        }

    def settings(self, k: int) -> Settings:
        """Return what a store says of a point: values by the name of the parameter."""
        return {one.name: value for one, value in self.moved(k).items()}

    def scenario(self, k: int, *, may_fail: bool) -> Scenario | None:
        """Return the scenario of a point; None where it is none and that may be."""
        moved = self.moved(k)
        if not moved:
            return self.base
        try:
            return varied(self.base, moved)
        except ScenarioError as error:
            if not may_fail:
                raise
            self.refused.update(dict.fromkeys(moved, error.problems[0].message))
            return None

    def without_refused(
        self, design: NDArray[np.float64], values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[Ranged, ...]]:
        """Return a tornado without the numbers that do not fit at an end of their range."""
        kept = [k for k, one in enumerate(self.parameters) if one not in self.refused]
        if not kept:
            one, why = next(iter(self.refused.items()))
            raise OptionError(f"no number can be varied alone: {one.name}: {why}")
        rows = [0, *(row for k in kept for row in (1 + 2 * k, 2 + 2 * k))]
        return design[np.ix_(rows, kept)], values[rows], tuple(self.parameters[k] for k in kept)


def _looked_up(wanted: Sequence[Objective], result: RunResult) -> tuple[Objective, ...]:
    if wanted:
        return tuple(one.on(result) for one in wanted)
    found = []
    for name in MEASURES:
        try:
            one = Objective.parse(name).on(result)
        except OptionError:
            continue
        if one.values(result).any():
            found.append(one)
    if not found:
        raise OptionError("nothing of what is looked at happens here; name a measure")
    return tuple(found)


def chosen(
    scenario: Scenario, patterns: Sequence[str]
) -> tuple[tuple[Ranged, ...], tuple[tuple[str, str], ...]]:
    """Return the numbers with a range that are meant, and those that cannot be varied with why.

    Raises
    ------
    OptionError
        If there is none, or a name is not known.
    """
    known, left_out = ranged(scenario)
    if not known:
        raise OptionError(
            f"{scenario.name} has no number with a range; write it as `{{value: 28 d, range: "
            "[20 d, 34 d]}`"
        )
    if not patterns:
        return known, left_out
    for pattern in patterns:
        if not any(_fits(pattern, one.name) for one in known):
            raise OptionError(_unknown(pattern, known))
    meant = [one for one in known if any(_fits(pattern, one.name) for pattern in patterns)]
    asked = [one for one in left_out if any(_fits(pattern, one[0]) for pattern in patterns)]
    return tuple(meant), tuple(asked)


def _fits(pattern: str, name: str) -> bool:
    # Brackets are numbers of entries here, not sets of letters.
    return pattern == name or fnmatchcase(name, pattern.replace("[", "[[]"))


def _unknown(pattern: str, known: Sequence[Ranged]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(pattern, [one.name for one in known], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; {known[0].name!r} is one of {len(known)}"
    return f"no number with a range is called {pattern!r}{hint}"


def _one_at_a_time(number: int) -> NDArray[np.float64]:
    """Return the design of a tornado: as written, then each number at either end of its range."""
    design = np.full((1 + 2 * number, number), np.nan)
    for k in range(number):
        design[1 + 2 * k, k], design[2 + 2 * k, k] = 0.0, 1.0
    return design


def _beyond(strength: float, luck: float) -> bool:
    """Tell whether luck alone can hardly be behind an effect: more than two standard errors."""
    return bool(strength > 2 * luck) if np.isfinite(luck) else False


def _at_least_2(trajectories: int) -> int:
    if trajectories < 2:
        raise OptionError(f"Morris needs at least 2 trajectories, not {trajectories}")
    return trajectories


def _write(folder: AnswerFolder, found: Sensitivity) -> None:
    if folder.path is None:
        return
    said = {
        "method": found.method,
        "measures": [str(one.words) for one in found.measures],
        "parameters": [one.name for one in found.parameters],
        "left_out": [{"parameter": name, "reason": why} for name, why in found.left_out],
        "points": len(found.design),
        "replications": found.replications,
    }
    tables = {"table": found.table(), "noise": found.noise(), "design": found.points()}
    # What is told of an answer is a room above this one: asked for by name.
    told = import_module("carepath_sim.report.kept")
    told.keep_sensitivity(folder.path, found, folder.scenario)
    folder.finish(tables, said, replications=found.replicated())
