"""Draws of a posterior, simulated for several scenarios into stores, and read as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.errors import ScenarioError
from carepath_sim.experiment import frames
from carepath_sim.experiment.evaluate import PointTasks
from carepath_sim.experiment.reading import finished_replications_of
from carepath_sim.experiment.results import RunResult
from carepath_sim.experiment.store.encoding import simulate_all_to_bytes
from carepath_sim.experiment.tasks import Packed, Task, pack

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import NDArray

    from carepath_sim.errors import Problem
    from carepath_sim.experiment.crews import Workforce
    from carepath_sim.experiment.posterior import Drawn
    from carepath_sim.experiment.store.encoding import Made
    from carepath_sim.experiment.store.folder import StoreFolder
    from carepath_sim.experiment.study import Study
    from carepath_sim.experiment.wanted import Wanted
    from carepath_sim.scenario.model import Scenario

STRIDE = 1000
"""Numbers of replications from one draw to the next, so that each has luck of its own."""


@dataclass(frozen=True)
class Figures:
    """Figures of one scenario by draw and replication, over the whole window.

    Attributes
    ----------
    first
        The first draw as a run, in which names are looked up.
    keys
        Measure and stratum of each column.
    counts, weights
        Values and what they are divided by, nan for counts; shape `(draw, replication, column)`
        [unit of the measure].
    """

    first: RunResult
    keys: dict[tuple[str, str], int]
    counts: NDArray[np.float64]
    weights: NDArray[np.float64]

    def column(
        self, key: tuple[str, str]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return the figure of one measure and stratum, and what it is divided by."""
        k = self.keys[key]
        return joined(self.counts[:, :, k : k + 1], self.weights[:, :, k : k + 1])

    def of(self, wanted: Wanted) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return a figure and what it is divided by, shape `(draw, replication)` each."""
        found = wanted.on(self.first)
        columns = [self.keys[key] for s in found.strata if (key := (found.measure, s)) in self.keys]
        if not columns:
            zero = frames.definition(found.measure).absent_is_zero
            return np.full(self.counts.shape[:2], 0.0 if zero else np.nan), None
        return joined(self.counts[:, :, columns], self.weights[:, :, columns])


def joined(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Return the figure of several strata together."""
    if np.isnan(weights).any():
        return values.sum(axis=-1), None
    total = weights.sum(axis=-1)
    top = np.where(weights > 0, values * weights, 0.0).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, top / total, np.nan), total


def steady(values: NDArray[np.float64], weights: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return values whose mean over the replications of a draw is the figure of that draw.

    A share or mean over people is a ratio of sums q = N/D; a replication counts with
    q + (n - q d) / mean(d), as in comparisons.
    """
    if weights is None:
        return values
    tops = np.where(weights > 0, values * weights, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = tops.sum(axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True)
        apart = (tops - ratio * weights) / weights.mean(axis=1, keepdims=True)
    return np.asarray(ratio + apart)


def read_figures(
    study: Study, scenario: Scenario, label: str, draws: int, replications: int
) -> Figures:
    """Return the figures in the store of one scenario."""
    keys: dict[tuple[str, str], int] = {}
    parts = []
    # A few draws at a time: a county has millions of rows, and names take most of their memory.
    for draw, part in study.every():
        column = np.array([keys.setdefault(key, len(keys)) for key in part.keys], dtype=np.int64)
        kept = [k for k, number in enumerate(part.numbers) if number < replications]
        rows = np.array(part.numbers, dtype=np.int64)[kept]
        parts.append((draw, rows, column, part.values[kept], part.weights[kept]))
    zero = np.array([frames.definition(measure).absent_is_zero for measure, _ in keys], bool)
    shape = (draws, replications, len(keys))
    values = np.broadcast_to(np.where(zero, 0.0, np.nan), shape).copy()
    weights = np.full(shape, np.nan)
    while parts:
        draw, rows, column, found, of_found = parts.pop()
        at = (draw, rows[:, None], column)
        values[at], weights[at] = found, of_found
    # Where a measure has weights at all, a replication without a row counted nobody.
    for k in range(len(keys)):
        of_one, known = weights[:, :, k], np.isfinite(weights[:, :, k])
        if known.any():
            of_one[~known] = 0.0
    done = finished_replications_of(study.replications([0]), study.daily([0]))
    seed, engine = study.manifest["seed"], study.manifest["engine"]
    first = RunResult(label, scenario, seed, engine, done, 0.0)
    return Figures(first, keys, values, weights)


def impossible(
    drawn: Sequence[Drawn],
    draws: Collection[int],
    making: Callable[[int, int], None] | None = None,
) -> tuple[dict[int, tuple[Problem, ...]], dict[int, tuple[str, ...]]]:
    """Return the draws that make no scenario with why, and the hashes of those that do.

    Each scenario is made, looked at and dropped; workers get it again when its turn comes.
    """
    wrong: dict[int, tuple[Problem, ...]] = {}
    hashes: dict[int, tuple[str, ...]] = {}
    for done, k in enumerate(draws, start=1):
        try:
            hashes[k] = tuple(one.scenario(k).hash() for one in drawn)
        except ScenarioError as error:
            wrong[k] = tuple(error.problems)
        if making is not None:
            making(done, len(draws))
    return wrong, hashes


class _Tasks(PointTasks):
    """Tasks of draws: all scenarios with the same luck, another for each draw."""

    def __init__(
        self, wanted: Sequence[tuple[int, int]], drawn: Sequence[Drawn], seed: int, engine: str
    ) -> None:
        super().__init__(wanted, drawn[0].scenario, seed=seed, engine=engine)
        self.drawn = drawn
        self.at_hand: dict[int, tuple[Packed, ...]] = {}

    def __getitem__(self, position: int | slice) -> Task | Sequence[Task]:  # type: ignore[override]
        if isinstance(position, slice):
            return [self._task(k) for k in range(*position.indices(len(self)))]
        return self._task(position)

    def _task(self, position: int) -> Task:
        draw, replication = self.wanted[position]
        if draw not in self.at_hand:
            if len(self.at_hand) > 16:
                self.at_hand.pop(next(iter(self.at_hand)))
            self.at_hand[draw] = tuple(pack(one.scenario(draw)) for one in self.drawn)
        number = draw * STRIDE + replication
        return Task(self.at_hand[draw], self.seed, number, self.engine)


def fill(
    stores: Sequence[StoreFolder],
    drawn: Sequence[Drawn],
    *,
    seed: int,
    engine: str,
    crew: Workforce,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Simulate what is missing in any of the stores."""
    missing = [set(store.missing) for store in stores]
    wanted = sorted(set().union(*missing))
    tasks = _Tasks(wanted, drawn, seed, engine)
    total = stores[0].total
    done = total - len(wanted)

    def tell() -> None:
        if progress is not None:
            progress(done, total)

    def keep(position: int, made: tuple[Made, ...]) -> None:
        nonlocal done
        pair = wanted[position]
        for store, open_, one in zip(stores, missing, made, strict=True):
            if pair in open_:
                store.keep(*pair, one)
        done += 1
        tell()

    tell()
    if wanted:
        crew.prepare(engine)
    crew.work(simulate_all_to_bytes, tasks, keep, group=tasks.point)
