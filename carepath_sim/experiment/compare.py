"""Comparing scenarios: the same people, the same luck, other care."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from carepath_sim.experiment import frames
from carepath_sim.experiment.batch import Batch, OptionError, carry_out
from carepath_sim.experiment.files import write_comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pandas as pd

    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario

DIFFERENCES = (
    "scenario",
    "measure",
    "definition",
    "stratum",
    "unit",
    "base",
    "other",
    "difference",
    "low",
    "high",
    "variance_reduction",
    "probability_positive",
    "replications",
)

# Sections that say who needs care, and when.
DEMAND = ("population", "arrivals", "attributes")


@dataclass(frozen=True)
class Comparison:
    """A base and the scenarios that are compared with it, replication by replication.

    Attributes
    ----------
    base
        Result of the base.
    others
        Results of the others.
    """

    base: RunResult
    others: tuple[RunResult, ...]

    @property
    def results(self) -> tuple[RunResult, ...]:
        """All results, the base first."""
        return (self.base, *self.others)

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Means with intervals of every scenario, below one another.

        Returns
        -------
            Columns scenario, and those of `RunResult.summary`.
        """
        import pandas as pd

        parts = []
        for result in self.results:
            part = result.summary(level)
            part.insert(0, "scenario", result.label)
            parts.append(part)
        return pd.concat(parts, ignore_index=True)

    def replications(self) -> pd.DataFrame:
        """Every figure of every replication of every scenario; see `RunResult.replications`."""
        import pandas as pd

        return pd.concat([one.replications() for one in self.results], ignore_index=True)

    def daily(self) -> pd.DataFrame:
        """Counts by day and pool of every scenario; see `RunResult.daily`."""
        import pandas as pd

        return pd.concat([one.daily() for one in self.results], ignore_index=True)

    def differences(self, level: float = 0.95) -> pd.DataFrame:
        """Paired differences from the base: other minus base within each replication.

        Never compare two intervals of `summary` by eye: scenarios share their luck, so that the
        interval of the difference is mostly much narrower.

        Parameters
        ----------
        level
            Coverage of each interval.

        Returns
        -------
            Columns scenario, measure, definition, stratum, unit, base, other (means over
            replications), difference with low and high (paired Student t), variance_reduction
            (how many times more replications independent luck would have needed),
            probability_positive, and replications.
        """
        import pandas as pd

        base = frames.Figures(self.base.done)
        rows = [
            row
            for other in self.others
            for row in _differences(base, frames.Figures(other.done), other.label, level)
        ]
        return pd.DataFrame(rows, columns=list(DIFFERENCES))

    def targets(self, level: float = 0.95) -> pd.DataFrame:
        """Targets of change (`change: true`) beside the changes from the base.

        The change is the ratio of the sums over replications less 1, with a jackknife interval.

        Parameters
        ----------
        level
            Coverage of each interval.

        Returns
        -------
            Columns scenario, name, title, measure, stratum, base, other (means), target, actual,
            low, high (shares of the base).
        """
        from carepath_sim.experiment.scorecard import changes

        return changes(self.base, self.others, level)

    def changed(self) -> pd.DataFrame:
        """What differs between the files, and so may be behind the differences.

        Returns
        -------
            Columns scenario, path, base, other (as written; ``-`` where nothing is), and kind:
            ``demand`` for people, hazards and arrivals, which scenarios should share, else
            ``care``.
        """
        import pandas as pd

        from carepath_sim.scenario.diff import difference

        rows = [
            (other.label, *change, _kind(change.path))
            for other in self.others
            for change in difference(self.base.scenario, other.scenario)
        ]
        return pd.DataFrame(rows, columns=["scenario", "path", "base", "other", "kind"])


def compare(
    base: Scenario,
    *others: Scenario,
    replications: int = 10,
    seed: int = 1,
    engine: str = "simpy",
    workers: int | None = None,
    keep: Iterable[str] = (),
    out: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Simulate scenarios with the same people and the same luck, and compare them with the first.

    Parameters
    ----------
    base
        What the others are compared with.
    others
        At least one scenario.
    replications, seed, engine, workers, keep, out, resume, progress
        As in `carepath_sim.run`.

    Returns
    -------
        The comparison; `differences()` is the place to begin.

    Raises
    ------
    OptionError
        For an option out of range, or when there is nothing to compare with.
    FolderInUseError
        When `out` holds another run.
    """
    if not others:
        raise OptionError("a comparison needs a base and at least one other scenario")
    batch = Batch((base, *others), replications, seed, engine, workers, tuple(keep))

    def write(folder: Path, results: tuple[RunResult, ...]) -> None:
        write_comparison(folder, Comparison(results[0], results[1:]))

    results = carry_out(batch, write, out=out, resume=resume, progress=progress)
    return Comparison(results[0], results[1:])


def _differences(
    base: frames.Figures, other: frames.Figures, label: str, level: float
) -> Iterator[tuple[Any, ...]]:
    from carepath_sim.statistics import paired_difference

    known = dict.fromkeys((*base.keys(), *other.keys()))
    for key in known:
        pair = paired_difference(base.values(key), other.values(key), level)
        if pair.interval.n == 0:
            continue  # nothing to compare: the stratum exists in one of the two only
        measure = frames.definition(key[0])
        yield (
            label,
            key[0],
            measure.definition,
            key[1],
            measure.unit,
            math.nan if frames.is_paired(key[0]) else base.interval(key, level).mean,
            other.interval(key, level).mean,
            pair.interval.mean,
            pair.interval.low,
            pair.interval.high,
            pair.variance_reduction,
            math.nan if pair.interval.n < 2 else pair.probability_positive,
            pair.interval.n,
        )


def _kind(path: str) -> str:
    """Tell what a field decides: how many people need care, or what care they get."""
    return "demand" if path.startswith(DEMAND) else "care"
