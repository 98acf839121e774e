"""What a run found, small enough to keep: figures of each way, replication by replication."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.bed_mix import defined
from carepath_sim.experiment.configurations import BedBase
from carepath_sim.experiment.key_figures import key_figures
from carepath_sim.experiment.wanted import Wanted
from carepath_sim.measures.strata import parts
from carepath_sim.report.lines import measure_words
from carepath_sim.web.dials import LENGTHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from carepath_sim.experiment.capacity import CapacityCurve
    from carepath_sim.experiment.key_figures import KeyFigure
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.web.request import Request

REASONS = "Delays by reason"
OF_A_PAIR = ("admissions_caused", "admissions_avoided")
"""Measures that a base has none of."""


@dataclass(frozen=True)
class Series:
    """One figure.

    Attributes
    ----------
    group
        Table in which it stands.
    words
        What it is.
    measure, stratum, unit
        Which figure; the unit is that of the measure.
    better
        -1 where small is good, 1 where large is, 0 where it is neither.
    values
        Shape `(way, replication)`.
    """

    group: str
    words: str
    measure: str
    stratum: str
    unit: str
    better: int
    values: NDArray[np.float64]


@dataclass(frozen=True)
class CurvePoint:
    """One capacity of a curve with some of its figures: name, unit, mean, low, high."""

    capacity: int
    figures: tuple[tuple[str, str, float, float, float], ...]


@dataclass(frozen=True)
class Outcome:
    """What a run found.

    Attributes
    ----------
    request
        What was asked for.
    labels, hashes
        Names of the ways, and hashes of their scenarios.
    title, area
        Of the scenario.
    series
        Figures.
    window
        The time counted, in words: ``One year from 1 April 2015``.
    points, knee
        The points of a capacity curve, and where it bends, in words.
    replications
        How often each way was simulated.
    seconds
        Wall time [s].
    """

    request: Request
    labels: tuple[str, ...]
    hashes: tuple[str, ...]
    title: str
    area: str
    series: tuple[Series, ...]
    window: str
    replications: int
    points: tuple[CurvePoint, ...] = ()
    knee: str = ""
    seconds: float = 0.0

    def one(self, measure: str, stratum: str = "all") -> Series | None:
        """Return one figure, or None where there is none."""
        for series in self.series:
            if (series.measure, series.stratum) == (measure, stratum):
                return series
        return None

    def of(self, group: str) -> tuple[Series, ...]:
        """Return the figures of a table."""
        return tuple(one for one in self.series if one.group == group)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(dict.fromkeys(one.group for one in self.series))


def outcome_of(request: Request, results: Sequence[RunResult], seconds: float = 0.0) -> Outcome:
    """Return what a comparison found."""
    first = results[0]
    return Outcome(
        request=request,
        labels=tuple(way.label for way in request.ways),
        hashes=tuple(one.scenario.hash() for one in results),
        title=first.scenario.title or first.label,
        area=first.scenario.area or "",
        series=tuple(_series(request, results)),
        window=window_of(first),
        replications=len(first.done),
        seconds=seconds,
    )


def outcome_of_curve(request: Request, curve: CapacityCurve, seconds: float = 0.0) -> Outcome:
    """Return what a capacity curve found."""
    points = tuple(
        CurvePoint(
            int(str(capacity)),
            tuple(
                (str(row.measure), str(row.unit), *_three(row.mean, row.low, row.high))
                for row in rows.itertuples()
            ),
        )
        for capacity, rows in curve.groupby("capacity", sort=True)
    )
    first = curve.runs[0]
    return Outcome(
        request=request,
        labels=tuple(way.label for way in request.ways),
        hashes=(first.scenario.hash(),),
        title=first.scenario.title or first.label,
        area=first.scenario.area or "",
        series=(),
        window=window_of(first),
        replications=len(first.done),
        points=points,
        knee=_bend(curve),
        seconds=seconds,
    )


def _bend(curve: CapacityCurve) -> str:
    """Return where a curve bends, in words."""
    found = curve.knee
    if found is None:
        return ""
    what = f'The curve of "{measure_words(curve.knee_of).lower()}"'
    if found.reason:
        return f"{what} has no bend in this range: {found.reason}."
    ends = f", {found.low:g} to {found.high:g} with {100 * found.level:g} % confidence"
    return (
        f"{what} bends at {found.x:g} {curve.unit}{ends if found.low < found.high else ''}. Below, "
        "each place fewer costs much more than each further one brings beyond. It depends on the "
        "range looked at."
    )


def _three(*given: object) -> tuple[float, float, float]:
    mean, low, high = (float(str(one)) for one in given)
    return mean, low, high


def window_of(result: RunResult) -> str:
    """Return the time counted, in words."""
    clock = result.scenario.clock
    start = f"{clock.start.day} {clock.start:%B %Y}"
    number, _, unit = clock.length.text.partition(" ")
    unit = LENGTHS.get(unit, unit)
    length = f"{number} {unit}" if number != "1" else f"One {unit.removesuffix('s')}"
    return f"{length} from {start}"


def _series(request: Request, results: Sequence[RunResult]) -> Iterator[Series]:
    for figure in _figures(request, results):
        values = np.stack(
            [
                # Nobody is brought to hospital, or kept from it, by what the base is itself.
                np.zeros(len(result.done))
                if k == 0 and figure.wanted.measure in OF_A_PAIR
                else defined(result, figure.wanted)
                for k, result in enumerate(results)
            ]
        )
        stratum = " + ".join(figure.wanted.strata) or figure.wanted.stratum
        yield Series(
            figure.group,
            figure.words,
            figure.wanted.measure,
            stratum,
            figure.wanted.unit,
            figure.better,
            values,
        )
    yield from _delays(results)


def _figures(request: Request, results: Sequence[RunResult]) -> tuple[KeyFigure, ...]:
    scenario = results[0].scenario
    pool = request.pool or next(iter(scenario.pools), "")
    if not pool:
        return ()
    try:
        base = BedBase.of(scenario, pool)
    except OptionError:  # a pool that nobody shares has no streams to speak of
        base = BedBase(pool, (), None, scenario.pools[pool].policy)
    return key_figures(base, results)


def _delays(results: Sequence[RunResult]) -> Iterator[Series]:
    """Yield every reason of delay, that of most days first; the key figures show the foremost."""
    measure = "delayed_transfer_days"
    reasons = dict.fromkeys(
        found["reason"]
        for result in results
        for one in result.done
        for row in one.rows
        if row.measure == measure and (found := parts(row.stratum)).keys() == {"reason"}
    )
    made = []
    for reason in reasons:
        wanted = Wanted.parse(f"{measure}[reason:{reason}]").on(results[-1])
        values = np.stack([defined(result, wanted) for result in results])
        made.append(Series(REASONS, reason, measure, wanted.stratum, wanted.unit, -1, values))
    yield from sorted(made, key=lambda one: -float(one.values.mean()))
