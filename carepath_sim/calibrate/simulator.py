"""Points of the unit cube simulated by the real model, each kept the moment it is finished."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from carepath_sim.calibrate.course import Course, months_of
from carepath_sim.calibrate.parameters import settings_of, values_at
from carepath_sim.calibrate.problem import PREDICTIVE, seed_of
from carepath_sim.experiment.evaluate import Evaluator
from carepath_sim.measures.periods import month_days, month_names
from carepath_sim.plan import compile_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from carepath_sim.calibrate.calibration import Calibration
    from carepath_sim.calibrate.targets import Target
    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.evaluate import Settings
    from carepath_sim.experiment.results import RunResult

AT_ONCE = 16
Told: TypeAlias = "dict[str, Any]"
"""A course as it is kept in a file."""
Asked: TypeAlias = tuple[str, "NDArray[np.float64]", list[str]]
"""A stage, values of the parameters at its points, and under which keys the answers are kept."""


class ModelSimulator:
    """Simulates points of a calibration.

    Parameters
    ----------
    calibration
        What is fitted.
    workers
        Processes at work at once.
    cluster
        Dask cluster that works in their place.
    ledger
        File of what is finished, from which an interrupted fit goes on; None: in memory only.
    progress
        Told how many replications are done, and how many there may be at most.
    """

    def __init__(
        self,
        calibration: Calibration,
        workers: int | None,
        ledger: Path | None,
        cluster: Given | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.calibration = calibration
        self.workers, self.cluster = workers, cluster
        self.ledger = ledger
        self.progress = progress
        self.spent = 0
        self.simulated = 0
        self.asked: list[Asked] = []
        self.kept: dict[str, list[list[float]]] = {}
        self.by_period: dict[str, list[Told]] = {}
        if ledger is not None and ledger.exists():
            for line in ledger.read_text(encoding="utf-8").splitlines(keepends=True):
                # The last line of a fit that was killed may be half a line.
                if line.endswith("\n"):
                    key, self.kept[key], *told = json.loads(line)
                    if told:
                        self.by_period[key] = told[0]

    def values(
        self, points: NDArray[np.float64], replications: int, stage: str, *, first: int = 0
    ) -> NDArray[np.float64]:
        """Return figures, shape `(point, replication, target)`; see `Simulator`."""
        made = values_at(self.calibration.parameters, points)
        settings = [settings_of(self.calibration.parameters, row) for row in made]
        begins = [first + k * replications for k in range(len(points))]
        keys = [
            _key(stage, replications, at, dict(one))
            for at, one in zip(begins, settings, strict=True)
        ]
        missing = [k for k, key in enumerate(keys) if key not in self.kept]
        self.spent += len(points) * replications
        if missing:
            wanted = [(keys[k], begins[k], settings[k]) for k in missing]
            self._simulate(wanted, replications, stage)
        self._tell(self.spent)
        self.asked.append((stage, made, keys))
        return np.array([self.kept[key] for key in keys])

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return everything that was asked for.

        Returns
        -------
            The points, one row each, with the values of the parameters; and the replications of
            each point, with the figures that are held against the targets [unit of each].
        """
        import pandas as pd

        names = [one.name for one in self.calibration.parameters]
        points: list[dict[str, object]] = []
        runs: list[dict[str, object]] = []
        for stage, made, keys in self.asked:
            for row, key in zip(made, keys, strict=True):
                number = len(points)
                points.append(
                    {"point": number, "stage": stage, **dict(zip(names, row, strict=True))}
                )
                for replication, figures in enumerate(self.kept[key]):
                    shown = {
                        one.name: float(one.shown(np.array([value]))[0])
                        for one, value in zip(self.calibration.targets, figures, strict=True)
                    }
                    runs.append({"point": number, "replication": replication, **shown})
        return pd.DataFrame(points), pd.DataFrame(runs)

    @cached_property
    def _days(self) -> dict[str, float]:
        """Months of the window, and how many days of each lie in it."""
        plan = compile_plan(self.calibration.scenario)
        return dict(zip(month_names(plan), month_days(plan), strict=True))

    def courses(self) -> tuple[Course, ...]:
        """Return the course of each target in the predictive check; none before there is one."""
        keys = [key for stage, _, mine in self.asked if stage == PREDICTIVE for key in mine]
        told = [self.by_period[key] for key in keys if key in self.by_period]
        if not told or len(told) < len(keys):
            return ()
        return tuple(
            Course(
                tuple(one["periods"]), tuple(one["days"]), one["adds_up"],
                np.array([at[j]["values"] for at in told], dtype=np.float64),
            )
            for j, one in enumerate(told[0])
        )  # fmt: skip

    def _tell(self, done: int) -> None:
        if self.progress is not None:
            self.progress(done, max(self.calibration.settings.budget, done))

    def _simulate(
        self, wanted: list[tuple[str, int, Settings]], replications: int, stage: str
    ) -> None:
        seed = seed_of(self.calibration.settings.seed, stage)
        before = self.spent - len(wanted) * replications
        targets = self.calibration.targets
        with Evaluator(
            self.calibration.scenario, seed=seed, workers=self.workers, cluster=self.cluster
        ) as evaluator:
            for at in range(0, len(wanted), AT_ONCE):
                part = wanted[at : at + AT_ONCE]
                starts, points = [at for _, at, _ in part], [one for _, _, one in part]
                results = evaluator.results(points, replications, starts=starts)
                lines = []
                for (key, _, _), result in zip(part, results, strict=True):
                    columns = [one.fitted(one.values(result)) for one in targets]
                    self.kept[key] = np.column_stack(columns).tolist()
                    line: list[object] = [key, self.kept[key]]
                    if stage == PREDICTIVE:
                        self.by_period[key] = [_course(one, result, self._days) for one in targets]
                        line.append(self.by_period[key])
                    lines.append(json.dumps(line) + "\n")
                self.simulated += len(part) * replications
                self._tell(before + (at + len(part)) * replications)
                if self.ledger is not None:
                    with self.ledger.open("a", encoding="utf-8") as file:
                        file.writelines(lines)
                evaluator.forget()


def _course(target: Target, result: RunResult, days: Mapping[str, float]) -> Told:
    """Return the course of a target in a result: of its series, or by month."""
    periods = target.periods or tuple(days)
    values, adds_up = target.course(result, periods)
    return {
        "periods": periods,
        "days": [sum(days[month] for month in months_of(one)) for one in periods],
        "adds_up": adds_up,
        "values": values.tolist(),
    }


def _key(stage: str, replications: int, start: int, settings: object) -> str:
    text = json.dumps([stage, replications, start, settings], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
