"""What a run found, small enough to keep: figures of each way, replication by replication."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.experiment.bed_mix import defined
from carepath_sim.experiment.configurations import BedBase
from carepath_sim.experiment.key_figures import COSTS, key_figures
from carepath_sim.report.bars import delays_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from carepath_sim.experiment.capacity import CapacityCurve
    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.experiment.key_figures import KeyFigure
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.web.request import Request

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
    years
        Length of the time counted [years].
    points, knee
        The points of a capacity curve, and where it bends.
    seconds
        Wall time [s].
    """

    request: Request
    labels: tuple[str, ...]
    hashes: tuple[str, ...]
    title: str
    area: str
    series: tuple[Series, ...]
    years: float
    points: tuple[CurvePoint, ...] = ()
    knee: str = ""
    seconds: float = 0.0

    @property
    def replications(self) -> int:
        """How often each way was simulated."""
        return self.request.replications

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
        years=years_of(first),
        seconds=seconds,
    )


def outcome_of_curve(request: Request, curve: CapacityCurve, seconds: float = 0.0) -> Outcome:
    """Return what a capacity curve found."""
    points = tuple(
        CurvePoint(
            int(str(capacity)),
            tuple(
                (str(row.measure), str(row.unit), *(float(str(one)) for one in ends))
                for row in rows.itertuples()
                for ends in [(row.mean, row.low, row.high)]
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
        years=years_of(first),
        points=points,
        knee="" if curve.knee is None else f"{curve.knee.capacity:.0f}",
        seconds=seconds,
    )


def years_of(result: RunResult) -> float:
    """Length of the time counted [years]."""
    plan = result.plan
    return float(plan.length / (365.25 * 86_400_000))


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
    except Exception:  # noqa: BLE001 - a pool that nobody shares has no streams to speak of
        base = BedBase(pool, (), None, scenario.pools[pool].policy)
    return key_figures(base, results)


def _delays(results: Sequence[RunResult]) -> Iterator[Series]:
    """Every reason of delay, whatever the key figures show."""
    from carepath_sim.experiment.wanted import Wanted

    table = delays_table(results)
    for reason in table.index:
        name = f"delayed_transfer_days[reason:{reason}]"
        wanted = Wanted.parse(name).on(results[-1])
        values = np.stack([defined(result, wanted) for result in results])
        yield Series(
            "Delays by reason", str(reason), wanted.measure, wanted.stratum, "d", -1, values
        )


__all__ = ["COSTS", "CurvePoint", "Outcome", "Series", "outcome_of", "outcome_of_curve"]
