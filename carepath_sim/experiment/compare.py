"""Comparing scenarios: the same people, the same luck, other care."""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

from carepath_sim.engine import DEFAULT_ENGINE
from carepath_sim.experiment import frames
from carepath_sim.experiment.batch import MOST, Batch, OptionError, carry_out
from carepath_sim.experiment.begun import how_many
from carepath_sim.experiment.files import write_comparison
from carepath_sim.experiment.precision import precisions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes

    from carepath_sim.experiment.cluster.connection import Given
    from carepath_sim.experiment.precision import Asked
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
    "probability_negative",
    "level",
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

    def differences(
        self, level: float = 0.95, *, by: str | None = None, measures: Iterable[str] = ()
    ) -> pd.DataFrame:
        """Paired differences from the base: other minus base within each replication.

        Never compare two intervals of `summary` by eye: scenarios share their luck, so that the
        interval of the difference is mostly much narrower. Where several scenarios are compared
        with the base, the intervals of one figure hold together (Bonferroni).

        Parameters
        ----------
        level
            Coverage of all intervals of one figure together.
        by
            Key of the strata that are wanted, such as ``pool``, ``stream``, ``service``, ``cause``
            or ``payer``; None: all of them.
        measures
            Names of the measures that are wanted; none: all.

        Returns
        -------
            Columns scenario, measure, definition, stratum, unit, base, other (means over
            replications), difference with low and high (paired Student t), variance_reduction
            (how many times more replications independent luck would have needed),
            probability_positive and probability_negative (of the true difference), level (of the
            interval by itself), and replications.

        Raises
        ------
        OptionError
            When no measure has such strata, or there is no measure of a name.
        """
        import pandas as pd

        base = frames.Figures(self.base.done)
        compared = frames.Compared(len(self.others), self.base.common_random_numbers)
        rows = [
            row
            for other in self.others
            for row in _differences(base, frames.Figures(other.done), other.label, compared, level)
        ]
        found = pd.DataFrame(rows, columns=list(DIFFERENCES))
        return _of_measures(_by(found, by), measures)

    def precision(self) -> pd.DataFrame:
        """What has become of the precision that was wanted of differences.

        Returns
        -------
            Columns as in `RunResult.precision`; a row a figure and scenario.
        """
        from carepath_sim.experiment.precision import reached, table

        return table(reached(self.results, self.base.wanted))

    def plot(
        self, *, by: str | None = None, measures: Iterable[str] = (), ax: Axes | None = None
    ) -> Axes:
        """Draw the differences with their intervals, as shares of the mean of the base.

        Parameters
        ----------
        by, measures
            As in `differences`; with neither the headline figures.
        ax
            Where to draw; None: a figure of its own.
        """
        # Pictures are a room above this one; see `RunResult.plot`.
        axes: Axes = import_module("carepath_sim.report.forest").forest(
            self, by=by, measures=measures, ax=ax
        )
        return axes

    def targets(self, level: float = 0.95) -> pd.DataFrame:
        """Targets of change (`change: true`) beside the changes from the base.

        The change is the ratio of the sums over replications less 1, with a jackknife interval.

        Parameters
        ----------
        level
            Coverage of the intervals of one target, of all scenarios together.

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
        return differing(self.base.scenario, {one.label: one.scenario for one in self.others})


def differing(base: Scenario, others: Mapping[str, Scenario]) -> pd.DataFrame:
    """Return what differs between scenarios; columns as in `Comparison.changed`.

    Parameters
    ----------
    base
        The scenario that the others are held against.
    others
        The others by label.
    """
    import pandas as pd

    from carepath_sim.scenario.diff import difference

    rows = [
        (label, *change, _kind(change.path))
        for label, other in others.items()
        for change in difference(base, other)
    ]
    return pd.DataFrame(rows, columns=["scenario", "path", "base", "other", "kind"])


def compare(
    base: Scenario,
    *others: Scenario,
    replications: int | None = None,
    precision: Asked = (),
    max_replications: int = MOST,
    common_random_numbers: bool = True,
    seed: int = 1,
    engine: str = DEFAULT_ENGINE,
    workers: int | None = None,
    cluster: Given | None = None,
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
    precision
        Half the length of the intervals of some differences, until which replications are added;
        a percentage is of the mean of the base. See `carepath_sim.run`.
    max_replications
        Where that ends, reached or not; `Comparison.precision` tells.
    common_random_numbers
        Whether all scenarios meet the same people and the same chances, replication by
        replication. Without it there is nothing to compare person by person, and intervals are
        those of independent samples (Welch): only to see what common random numbers bring.
    replications, seed, engine, workers, cluster, keep, out, resume, progress
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
    wanted = precisions(precision)
    batch = Batch(
        (base, *others),
        how_many(replications, Batch.replications, out, resume=resume, precise=bool(wanted)),
        seed,
        engine,
        workers,
        tuple(keep),
        wanted,
        max_replications,
        common_random_numbers,
        cluster,
    )

    def write(folder: Path, results: tuple[RunResult, ...]) -> None:
        write_comparison(folder, Comparison(results[0], results[1:]))

    results = carry_out(batch, write, out=out, resume=resume, progress=progress)
    return Comparison(results[0], results[1:])


def _differences(
    base: frames.Figures,
    other: frames.Figures,
    label: str,
    compared: frames.Compared,
    level: float,
) -> Iterator[tuple[Any, ...]]:
    known = dict.fromkeys((*base.keys(), *other.keys()))
    for key in known:
        measure = frames.definition(key[0])
        pair = compared.difference(base.values(key), other.values(key), measure.unit, level)
        if pair.interval.n == 0:
            continue  # nothing to compare: the stratum exists in one of the two only
        positive = math.nan if pair.interval.n < 2 else pair.probability_positive
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
            positive,
            1 - positive,
            pair.interval.level,
            pair.interval.n,
        )


def _by(found: pd.DataFrame, key: str | None) -> pd.DataFrame:
    """Return the rows whose stratum has a key."""
    from carepath_sim.measures import parts

    if key is None:
        return found
    keys = {stratum: parts(stratum).keys() for stratum in found["stratum"].unique()}
    known = dict.fromkeys(one for strata in keys.values() for one in strata)
    if key not in known:
        raise OptionError(
            f"nothing is counted by {key!r}{_near(key, known)}; known are {', '.join(known)}"
        )
    return found[[key in keys[stratum] for stratum in found["stratum"]]].reset_index(drop=True)


def _of_measures(found: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Return the rows of some measures, in the order in which they are named."""
    import pandas as pd

    from carepath_sim.experiment.wanted import Wanted

    chosen = [Wanted.parse(name).measure for name in names]
    if not chosen:
        return found
    absent = [name for name in chosen if name not in set(found["measure"])]
    if absent:
        known = ", ".join(found["measure"].unique())
        raise OptionError(f"{absent[0]} has no such figures here; those that have: {known}")
    return pd.concat([found[found["measure"] == name] for name in chosen], ignore_index=True)


def _near(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _kind(path: str) -> str:
    """Tell what a field decides: how many people need care, or what care they get."""
    return "demand" if path.startswith(DEMAND) else "care"
