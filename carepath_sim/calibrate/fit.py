"""Fitting a calibration, with its files and what must be known of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim import __version__
from carepath_sim.calibrate import cautions
from carepath_sim.calibrate.calibration import Calibration, load_calibration
from carepath_sim.calibrate.conflict import left_out, slopes
from carepath_sim.calibrate.fitting import Outcome, fit, quality_of
from carepath_sim.calibrate.foretold import LEVELS, Jointly, expected, foretold, jointly
from carepath_sim.calibrate.parameters import settings_of, values_at
from carepath_sim.calibrate.problem import Problem
from carepath_sim.calibrate.simulator import ModelSimulator
from carepath_sim.calibrate.targets import USES
from carepath_sim.experiment.batch import Batch
from carepath_sim.experiment.crews import STOPPED, crew_of, said_more
from carepath_sim.experiment.files import FolderInUseError
from carepath_sim.experiment.store.lock import Lock
from carepath_sim.experiment.writing import write_json, write_parquet
from carepath_sim.measures.periods import WINDOW

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from carepath_sim.calibrate.course import Course
    from carepath_sim.experiment.cluster.connection import Given


@dataclass(frozen=True)
class Fit:
    """A calibration that was fitted.

    Attributes
    ----------
    calibration, outcome
        What was asked, and found.
    simulated
        Replications that this fit simulated itself.
    conflicts
        What the other targets say of each fitted target.
    courses
        Of each target: its months, or the periods of its series, in the predictive check.
    """

    calibration: Calibration
    outcome: Outcome
    simulated: int
    conflicts: tuple[Mapping[str, float | str], ...] = ()
    courses: tuple[Course, ...] = ()

    def values(self) -> NDArray[np.float64]:
        """Return draws of the posterior, shape `(draw, parameter)` [unit of each]."""
        if not len(self.outcome.u):
            return np.empty((0, len(self.calibration.parameters)))
        return values_at(self.calibration.parameters, self.outcome.u)

    def posterior(self) -> pd.DataFrame:
        """Draws: columns draw, weight, and one a field, with values as `--set` takes them."""
        import pandas as pd

        rows = []
        for k, row in enumerate(self.values()):
            made = settings_of(self.calibration.parameters, row)
            cells = {
                path: json.dumps(one) if isinstance(one, (dict, list)) else one
                for path, one in made.items()
            }
            rows.append({"draw": k, "weight": 1 / len(self.outcome.u), **cells})
        return pd.DataFrame(rows)

    def parameters(self) -> pd.DataFrame:
        """What is known of each parameter, before and after."""
        import pandas as pd

        values, rows = self.values(), []
        for k, one in enumerate(self.calibration.parameters):
            prior = one.prior.at(np.array([0.1, 0.5, 0.9]))
            row: dict[str, Any] = {
                "parameter": one.name, "unit": one.unit, "written": one.written,
                "prior_p10": prior[0], "prior_median": prior[1], "prior_p90": prior[2],
                "frozen": k in self.outcome.frozen,
            }  # fmt: skip
            if len(values):
                found = np.quantile(values[:, k], [0.1, 0.5, 0.9])
                row |= dict(zip(("p10", "median", "p90"), map(float, found), strict=True))
                row["sd_ratio"] = float(one.prior.scale(values[:, k]).std() / one.prior.sd)
            rows.append(row)
        return pd.DataFrame(rows)

    def targets(self) -> pd.DataFrame:
        """Each target, observed and simulated with fresh luck, in the unit of its measure."""
        import pandas as pd

        rows = []
        for j, one in enumerate(self.calibration.targets):
            reach = self.outcome.reach[j]
            ends = one.shown(np.array([reach.low, reach.high]))
            row: dict[str, Any] = {
                "target": one.name, "use": one.use, "unit": one.unit, "observed": one.value,
                "se": one.se, "discrepancy": one.discrepancy, "reach_low": ends[0],
                "reach_high": ends[1], "reached": reach.is_reached,
                "already_used": one.already_used,
            }  # fmt: skip
            if len(self.outcome.predicted):
                made = self.outcome.predicted[:, :, j]
                low, middle, high = one.shown(np.quantile(expected(made), [0.025, 0.5, 0.975]))
                told = foretold(made, one.z, one.v_observed + one.v_discrepancy)
                row |= {"low": low, "simulated": middle, "high": high, "z": told.z}
                row |= {"pit": told.pit}
                for level, pair, held in zip(LEVELS, told.ends, told.holds(one.z), strict=True):
                    word = f"{level:.0%}".removesuffix("%")
                    row[f"low{word}"], row[f"high{word}"] = one.shown(np.array(pair)).tolist()
                    row[f"inside{word}"] = held
            rows.append(row)
        return pd.DataFrame(rows)

    def series(self, number: int) -> NDArray[np.float64]:
        """Return what is foretold of each period of a target that is a series.

        Returns
        -------
            Ends of the 95 % and 80 % envelopes, and medians, shape `(5, period)`: 2.5, 10, 50, 90
            and 97.5 % [unit of the target].
        """
        one = self.calibration.targets[number]
        simulated = np.asarray(self.courses[number].values)
        # What the model may be off by, as a part of the mean, it may be off by in each period.
        part_off = one.discrepancy / one.value if one.value else 0.0
        found = []
        for k, (_, value, se) in enumerate(one.series):
            off = part_off * value if part_off else one.discrepancy
            part = replace(one, value=value, se=se, discrepancy=off)
            made = part.fitted(simulated[:, :, k])
            told = foretold(made, part.z, part.v_observed + part.v_discrepancy)
            (low80, high80), (low95, high95) = told.ends
            ends = np.array([low95, low80, told.median, high80, high95])
            found.append(part.shown(ends))
        return np.column_stack(found)

    def together(self, use: str = "fit") -> Jointly | None:
        """How far the targets of a use lie from what is foretold of them all; None below two."""
        chosen = [k for k, one in enumerate(self.calibration.targets) if one.use == use]
        if len(chosen) < 2 or not len(self.outcome.predicted):
            return None
        problem = problem_of(self.calibration)
        made = [self.outcome.predicted[:, :, j] for j in chosen]
        return jointly(made, problem.z[chosen], problem.outside(chosen))

    def predictive(self) -> pd.DataFrame:
        """What draws of the posterior gave when they were simulated again.

        Returns
        -------
            Columns draw, replication, period (``window``, or a month or quarter), target, and
            value [unit of the target; counts of a month are not scaled to a year].
        """
        import pandas as pd

        parts = []
        for j, one in enumerate(self.calibration.targets):
            whole = one.shown(self.outcome.predicted[:, :, j])[:, :, None]
            tables: list[tuple[tuple[str, ...], NDArray[np.float64]]] = [((WINDOW,), whole)]
            if self.courses:
                course = self.courses[j]
                tables.append((course.periods, np.asarray(course.values)))
            for periods, values in tables:
                size = values.shape
                index = np.indices(size).reshape(3, -1)
                named = {"draw": index[0], "replication": index[1]}
                named["period"] = np.array(periods)[index[2]]
                parts.append(pd.DataFrame({**named, "target": one.name, "value": values.ravel()}))
        return pd.concat(parts, ignore_index=True)

    def warnings(self) -> tuple[str, ...]:
        """What must be known before the posterior is used, each with its number."""
        return tuple(_warnings(self))

    @property
    def is_done(self) -> bool:
        """Whether there is a posterior."""
        return len(self.outcome.u) > 0

    def summary(self) -> dict[str, Any]:
        """Return everything but the draws, as JSON values."""
        parts = {"parameters": self.parameters(), "targets": self.targets()}
        tables = {k: json.loads(v.to_json(orient="records")) for k, v in parts.items()}
        return {
            "calibration": self.calibration.name,
            "scenario": self.calibration.scenario.name,
            "hash": self.calibration.scenario.hash(),
            "seed": self.calibration.settings.seed,
            "done": self.is_done,
            "sampler": self.outcome.sampler,
            "worth": self.outcome.worth,
            "waves": self.outcome.waves,
            **tables,
            "together": {
                use: asdict(told) for use in USES if (told := self.together(use)) is not None
            },
            "conflicts": [dict(one) for one in self.conflicts],
            "warnings": list(self.warnings()),
        }


def _warnings(found: Fit) -> Iterator[str]:
    outcome, targets = found.outcome, found.calibration.targets
    for one, reach in zip(targets, outcome.reach, strict=True):
        if not reach.is_reached:
            yield f"out of reach: {one.name}"
    if outcome.waves:
        last = outcome.waves[-1]
        yield from cautions.nothing_left(float(last["left"]))
        for one, quality in zip(found.calibration.fitted, quality_of(last), strict=True):
            yield from cautions.poorly_emulated(one.name, quality)
    if found.is_done:
        yield from _of_posterior(found)


def _of_posterior(found: Fit) -> Iterator[str]:
    outcome, last = found.outcome, found.outcome.sieves[-1]
    names = [one.name for one in found.calibration.parameters]
    free = list(last.free)
    free_names = [names[k] for k in free]
    for row in found.parameters().itertuples():
        yield from cautions.uninformed(str(row.parameter), float(str(row.sd_ratio)))
    yield from cautions.only_together(free_names, outcome.u[:, free])
    yield from cautions.unseen(free_names, slopes(last.problem, outcome))
    for k in free:
        yield from cautions.at_an_end(names[k], outcome.u[:, k])
    yield from cautions.worth_little(outcome.worth)
    for row in found.targets().itertuples():
        yield from cautions.missed(
            str(row.target), float(str(row.z)), held_out=str(row.use) == "validate"
        )
    for j, emulator in zip(last.targets, last.emulators, strict=True):
        one = found.calibration.targets[j]
        _, doubt, luck = emulator.predict(outcome.u[:, free])
        others = one.v_observed + float((doubt + luck).mean())
        yield from cautions.vacuous(one.name, one.v_discrepancy, others)
    for use, what in zip(USES, ("fitted", "held-out"), strict=True):
        if (all_of_them := found.together(use)) is not None:
            yield from cautions.missed_together(what, all_of_them.chance)
    for told in found.conflicts:
        yield from cautions.in_conflict(str(told["target"]), float(told["z"]))


def calibrate(
    calibration: str | os.PathLike[str] | Calibration,
    *,
    out: str | Path | None = None,
    resume: bool = False,
    workers: int | None = None,
    cluster: Given | None = None,
    seed: int | None = None,
    budget: int | None = None,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Fit:
    """Fit a calibration: its name, or its folder.

    Parameters
    ----------
    calibration
        Bundled name, such as ``buckinghamshire/as-is``, a folder, or one that was read.
    out
        Folder of the fit; None: nothing is written.
    resume
        Whether to go on with an interrupted fit: nothing that is finished is simulated again.
    workers
        Processes at work at once; results do not depend on it.
    cluster
        Dask cluster that works in their place; see `carepath_sim.run`.
    seed, budget
        In place of those of `fit.yaml`.
    force
        Whether to go on although a target is out of reach.
    progress
        Told how many replications are done, and how many there may be at most.

    Raises
    ------
    ScenarioError
        With every problem of the files.
    TooFewTargetsError
        If there is too little to fit anything.
    FolderInUseError
        If the folder holds something else.
    ClusterError, ClusterLostError
        If the cluster will not do, or goes away; what is finished is kept in `out`.
    """
    given = calibration if isinstance(calibration, Calibration) else load_calibration(calibration)
    given = given.with_(seed=seed, budget=budget)
    Batch((given.scenario,), 1, workers=workers, cluster=cluster)  # refuses what makes no sense
    # A cluster is looked at before a folder is taken.
    crew_of(workers, cluster, [given.scenario]).close()
    folder = Path(out) if out is not None else None
    lock = _claim(folder, given, resume=resume) if folder is not None else None
    try:
        ledger = folder / "runs.jsonl" if folder is not None else None
        simulator = ModelSimulator(given, workers, ledger, cluster, progress)
        problem = problem_of(given)
        outcome = fit(problem, simulator, given.settings, force=force)
        conflicts = left_out(problem, outcome, given.settings.seed) if len(outcome.u) else []
        found = Fit(given, outcome, simulator.simulated, tuple(conflicts), simulator.courses())
        if folder is not None:
            design, runs = simulator.tables()
            write_parquet(folder / "design.parquet", design)
            write_parquet(folder / "runs.parquet", runs)
            _write(folder, found)
    except STOPPED as error:
        if folder is None:
            raise
        words = f"what is finished is kept in {folder}; --resume goes on with it"
        raise said_more(error, words) from None
    finally:
        if lock is not None:
            lock.release()
    return found


def problem_of(given: Calibration) -> Problem:
    """Return a calibration as numbers."""
    return Problem(
        tuple(one.name for one in given.parameters),
        tuple(one.name for one in given.targets),
        np.array([one.z for one in given.targets]),
        np.array([one.v_observed for one in given.targets]),
        np.array([one.v_discrepancy for one in given.targets]),
        np.array([one.use == "fit" for one in given.targets]),
        given.correlations,
    )


def _identity(given: Calibration) -> dict[str, Any]:
    scenario = {"name": given.scenario.name, "hash": given.scenario.hash()}
    settings = given.settings
    said = {"seed": settings.seed, "budget": settings.budget}
    return {
        "kind": "fit",
        "calibration": given.name,
        "scenario": scenario,
        **said,
        "files": given.hashes,
    }


def _claim(folder: Path, given: Calibration, *, resume: bool) -> Lock:
    folder.mkdir(parents=True, exist_ok=True)
    manifest, identity = folder / "manifest.json", _identity(given)
    if manifest.exists():
        earlier = json.loads(manifest.read_text(encoding="utf-8"))
        if not resume or any(earlier.get(key) != one for key, one in identity.items()):
            raise FolderInUseError(f"{folder} holds another fit; resume it, or name another folder")
    elif any(folder.glob("*.*")):
        raise FolderInUseError(f"{folder} is not empty; give a folder of its own")
    write_json(manifest, {"program": "carepath-sim", **identity, "complete": False})
    return Lock(folder)


def _write(folder: Path, found: Fit) -> None:
    """Write what was found; the manifest says so when all the rest is there."""
    if found.is_done:
        write_parquet(folder / "posterior.parquet", found.posterior())
        write_parquet(folder / "posterior_predictive.parquet", found.predictive())
    write_json(folder / "waves.json", found.outcome.waves)
    write_json(folder / "summary.json", found.summary())
    versions = {one: import_module(one).__version__ for one in ("numpy", "scipy", "sklearn")}
    said = {"program": "carepath-sim", **_identity(found.calibration), "complete": True}
    write_json(folder / "manifest.json", {**said, "version": __version__, "versions": versions})
