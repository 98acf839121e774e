"""The inverse question: the value of one lever that meets a target, or that none does."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

from carepath_sim.experiment.answers import AnswerFolder
from carepath_sim.experiment.batch import Batch, OptionError
from carepath_sim.experiment.begun import how_many
from carepath_sim.experiment.evaluate import Evaluator
from carepath_sim.experiment.lever import Lever
from carepath_sim.experiment.search import Search, probes_of
from carepath_sim.experiment.wanted import Target, targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.experiment.search import Found, Seek, Verdict
    from carepath_sim.scenario.model import Scenario

MOST: Final = 100
"""Replications of one value at most."""
COLUMNS: Final = (
    "lever",
    "value",
    "target",
    "unit",
    "mean",
    "low",
    "high",
    "probability_met",
    "decided",
    "replications",
)


@dataclass(frozen=True)
class Goal:
    """Which value of a lever meets targets.

    Attributes
    ----------
    label
        Name of the scenario.
    lever
        What was varied.
    line
        The values among which was looked.
    targets
        What was to be met.
    found
        What the search found; values are numbered by their place on the line.
    level
        Confidence that was aimed at.
    seed, engine
        Start of all luck, and what simulated.
    """

    label: str
    lever: Lever
    line: tuple[float, ...]
    targets: tuple[Target, ...]
    found: Found
    level: float
    seed: int
    engine: str

    @property
    def met(self) -> bool:
        """Whether some value meets all targets."""
        return self.found.answer is not None

    @property
    def value(self) -> float | None:
        """The value that meets all targets, or None."""
        return None if self.found.answer is None else self._value(self.found.answer)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Values between which the true answer lies with the confidence aimed at."""
        if not self.met:
            return None
        return self._value(self.found.low), self._value(self.found.high)

    @property
    def replications(self) -> int:
        """Replications of all values together."""
        return self.found.replications

    def said(self) -> str:
        """Return the answer in words."""
        # What is told of an answer is a room above this one: asked for by name.
        return cast("str", import_module("carepath_sim.report.lever_words").goal_said(self))

    def __str__(self) -> str:
        """Return the answer in words."""
        return self.said()

    def table(self) -> pd.DataFrame:
        """Return what was found of every value looked at.

        Returns
        -------
            Columns lever, value, target, unit, mean with low and high (intervals that hold
            together, at every look), probability_met, decided, replications.
        """
        import pandas as pd

        rows = [
            (
                self.lever.path,
                self.line[k],
                str(target),
                target.wanted.unit,
                *estimate(target, verdict),
                verdict.probability,
                verdict.decided,
                len(verdict.excess),
            )
            for k, verdicts in self.found.verdicts.items()
            for target, verdict in zip(self.targets, verdicts, strict=True)
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def plot(self, ax: Axes | None = None, target: int = 0) -> Axes:
        """Draw the figure of a target over the values looked at, with the limit and the answer."""
        # Pictures are a room above this one: asked for by name.
        drawn = import_module("carepath_sim.report.levers").draw_goal(self, ax, target)
        return cast("Axes", drawn)

    def summary(self) -> dict[str, Any]:
        """Return the answer as plain values."""
        found = self.found
        return {
            "scenario": self.label,
            "lever": self.lever.path,
            "unit": self.lever.unit,
            "targets": [str(target) for target in self.targets],
            "met": self.met,
            "seek": found.seek,
            "value": self.value,
            "interval": None if self.interval is None else list(self.interval),
            "beyond": None if found.beyond is None else self._value(found.beyond),
            "confidence": self.level,
            "certain": found.certain,
            "probability": found.probability,
            "replications": self.replications,
            "values_looked_at": len(found.verdicts),
            "not_monotone": [str(self.targets[k]) for k, _ in found.turns],
            "in_words": self.said(),
            "seed": self.seed,
            "engine": self.engine,
        }

    def _value(self, number: int) -> float:
        value = self.line[number]
        return int(value) if self.lever.whole else value


def goal(
    scenario: Scenario,
    lever: str,
    target: str | Target | Iterable[str | Target],
    *,
    low: float | str | None = None,
    high: float | str | None = None,
    step: float | str | None = None,
    seek: Seek | None = None,
    replications: int | None = None,
    most: int = MOST,
    confidence: float = 0.95,
    seed: int = Batch.seed,
    engine: str = Batch.engine,
    workers: int | None = None,
    cluster: Given | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Goal:
    """Find the value of one lever that meets targets, or that none does.

    Values are halved in on, with the same people and the same luck for all of them; a value is
    simulated until it is clear on which side it lies.

    Parameters
    ----------
    scenario
        What is varied.
    lever
        A field with one number (``pools.beds.capacity``), a share, an opening hour
        (``services.x.admits.closes``), anything times a factor (``services.x.stay*``), or
        ``demand``.
    target
        One or several, such as ``p_wait[community_beds]<=0.05``.
    low, high, step
        The values looked among; see `Lever.line`.
    seek
        ``smallest`` or ``largest`` value that meets; None: where small values miss the targets the
        smallest, else the largest.
    replications
        Of each value at first. None: 10, or with `resume` as many as the folder was begun with.
    most
        Of each value at most: what cannot be told by then is estimated, and said to be.
    confidence
        That all decisions of the search are right together.
    seed, engine, workers, cluster, progress
        As in `carepath_sim.run`.
    out
        Folder for the tables, and for every replication the moment it is finished.
    resume
        Whether to go on with the same question in `out`, after anything.

    Returns
    -------
        The answer; print it.

    Raises
    ------
    OptionError
        If the lever or a target cannot be understood.
    ScenarioError
        If a value makes no scenario.
    FolderInUseError
        When `out` holds something else, or a question that differs; the message says in what.
    StoreInUseError
        When another process works on `out`.
    """
    replications = how_many(replications, Batch.replications, out, resume=resume)
    found = Lever.of(scenario, lever)
    line = found.line(low, high, step)
    wanted = targets(target)
    asked = {
        "lever": lever,
        "targets": [str(one) for one in wanted],
        "from": low,
        "to": high,
        "step": step,
        "seek": seek,
        "replications": replications,
        "most": most,
        "confidence": confidence,
    }
    with (
        AnswerFolder.claim(
            out, "goal", scenario, asked, seed=seed, engine=engine, resume=resume
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
        answer = search(
            evaluator,
            found,
            line,
            wanted,
            probes=probes_of(len(line)),
            pool=_pool_of(lever),
            seek=seek,
            first=replications,
            most=most,
            level=confidence,
        )
        if folder.path is not None:
            said = {key: value for key, value in answer.summary().items() if key != "scenario"}
            # What is told of an answer is a room above this one: asked for by name.
            told = import_module("carepath_sim.report.kept")
            told.keep_goal(folder.path, answer, scenario)
            folder.finish({"search": answer.table()}, said)
    return answer


def search(
    evaluator: Evaluator,
    lever: Lever,
    line: Sequence[float],
    wanted: Sequence[Target],
    *,
    probes: Sequence[int],
    pool: str = "",
    seek: Seek | None = None,
    first: int,
    most: int,
    level: float,
) -> Goal:
    """Search a line of values; see `goal`.

    Parameters
    ----------
    probes
        Places on the line that are looked at first.
    pool
        Pool that is meant by targets that name none.
    """
    if not wanted:
        raise OptionError("a target is needed, such as 'p_wait[community_beds]<=0.05'")
    if not 0 < level < 1:
        raise OptionError(f"a confidence lies between 0 and 1, for example 0.95, not {level}")
    if most < first:
        raise OptionError(f"at most {most} replications is fewer than {first} at first")
    if seek not in {None, "smallest", "largest"}:
        raise OptionError(f"seek smallest or largest, not {seek!r}")

    def simulate(numbers: Sequence[int], replications: int) -> Sequence[RunResult]:
        return evaluator.results([lever.settings(line[k]) for k in numbers], replications)

    # Names are looked up before much is simulated.
    (trial,) = simulate([probes[0]], 1)
    chosen = tuple(target.on(trial, pool=pool) for target in wanted)
    found = Search(simulate, len(line), chosen, tuple(probes), first, most, level).find(seek)
    return Goal(
        evaluator.base.name,
        lever,
        tuple(line),
        chosen,
        found,
        level,
        evaluator.seed,
        evaluator.engine,
    )


def estimate(target: Target, verdict: Verdict) -> tuple[float, float, float]:
    """Return the figure of a target at a value, with the ends of its interval."""
    found = verdict.sequential
    sign = 1.0 if target.at_most else -1.0
    ends = sorted((target.limit + sign * found.low, target.limit + sign * found.high))
    mean = target.limit + sign * found.mean
    least, most = target.wanted.possible(mean)
    return mean, max(ends[0], least), min(ends[1], most)


def _pool_of(lever: str) -> str:
    """Return the pool that a lever is about, or nothing."""
    from carepath_sim.scenario.positions import parsed

    steps = parsed(lever.rstrip("*")) or ()
    return str(steps[1]) if len(steps) > 1 and steps[0] == "pools" else ""
