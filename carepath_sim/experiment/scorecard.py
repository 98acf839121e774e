"""The scorecard: targets of the documents beside what a run gives, month by month.

A row a measure and period. Amounts stand as the target has them (a year's, a quarter's, a month's);
a month has its own amount, and `to date` is the sum of the months of the window. Shares, means and
lengths of time have no sum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.experiment.frames import SHARE, Figures, definition
from carepath_sim.measures import Row
from carepath_sim.measures.aims import better
from carepath_sim.measures.periods import WINDOW, month_names
from carepath_sim.scenario.measure_names import COUNTS, LEVELS, NOT_SIMULATED
from carepath_sim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from carepath_sim.experiment.results import RunResult
    from carepath_sim.experiment.tasks import Replication
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Target

TO_DATE = "to date"
COLUMNS = (
    "name",
    "title",
    "measure",
    "stratum",
    "unit",
    "per",
    "period",
    "target",
    "actual",
    "low",
    "high",
    "single_low",
    "single_high",
)
APRIL = 4
PARTS_OF_A_YEAR = {"year": 1, "quarter": 4, "month": 12}


@dataclass(frozen=True)
class Score:
    """One figure of the scorecard with what it is held against.

    Attributes
    ----------
    name, title
        Of the target.
    measure, stratum, unit
        Of the figure; an empty measure is not simulated.
    per
        Period that the total is for: year, quarter, month; empty: the window.
    period
        ``window``, a month such as ``2015-04``, or ``to date``.
    target, actual, low, high
        In the unit of the measure; nan where there is none.
    single_low, single_high
        Between them one further run lies, which is what small numbers scatter by; the interval of
        the mean, `low` to `high`, is narrower the more replications there are.
    """

    name: str
    title: str
    measure: str
    stratum: str
    unit: str
    per: str
    period: str
    target: float = math.nan
    actual: float = math.nan
    low: float = math.nan
    high: float = math.nan
    single_low: float = math.nan
    single_high: float = math.nan

    @property
    def met(self) -> bool | None:
        """Whether the figure keeps its target; None without both, or where neither way is good."""
        way = better(self.measure)
        if not way or math.isnan(self.target) or math.isnan(self.actual):
            return None
        return self.actual >= self.target if way > 0 else self.actual <= self.target


def scores(plan: Plan, done: Sequence[Replication], level: float = 0.95) -> Iterator[Score]:
    """Yield the figures of all targets, in the order in which they are written."""
    months = month_names(plan)
    wanted = {_measure(name, target) for name, target in plan.scenario.targets.items()}
    some = _only(done, wanted)
    by_period = {period: Figures(some, period) for period in (WINDOW, *months)}
    sums = Figures([replace(one, rows=_summed(one)) for one in some], TO_DATE)
    for name, target in plan.scenario.targets.items():
        measure = _measure(name, target)
        first = _total(name, target)
        if measure == NOT_SIMULATED or target.change:
            yield first
            continue
        factor = 1.0 if measure in LEVELS else _factor(measure, target.per, plan.window)
        yield _with_actual(first, by_period[WINDOW], level, factor)
        for month in months:
            one = replace(first, period=month, target=_of_month(target, month, measure))
            yield _with_actual(one, by_period[month], level, 1.0)
        if measure not in LEVELS:
            so_far = [_of_month(target, month, measure) for month in months]
            one = replace(first, period=TO_DATE, target=math.fsum(so_far))
            yield _with_actual(one, sums, level, 1.0)


def limits(plan: Plan) -> Iterator[tuple[Score, str, float | None]]:
    """Yield targets that are simulated, with their sign and what turns a figure into theirs.

    The last is None for changes from a base. Standards for waits come last.
    """
    for name, target in plan.scenario.targets.items():
        measure = _measure(name, target)
        if measure == NOT_SIMULATED:
            continue
        score = _total(name, target)
        if target.change:
            yield score, ">=" if score.target > 0 else "<=", None
            continue
        factor = 1.0 if measure in LEVELS else _factor(measure, target.per, plan.window)
        yield score, ">=" if better(measure) > 0 else "<=", factor
    for name, standard in plan.scenario.standards.items():
        if standard.target is not None:
            title = standard.title or name.replace("_", " ").capitalize()
            stratum, limit = f"standard:{name}", standard.target.value
            yield Score(name, title, "standard_met", stratum, "share", "", WINDOW, limit), ">=", 1.0


def scorecard(plan: Plan, done: Sequence[Replication], level: float = 0.95) -> pd.DataFrame:
    """Return the scorecard as a table; see `Score` for its columns."""
    import pandas as pd

    rows = [[getattr(one, column) for column in COLUMNS] for one in scores(plan, done, level)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


CHANGES = (
    "scenario",
    "name",
    "title",
    "measure",
    "stratum",
    "base",
    "other",
    "target",
    "actual",
    "low",
    "high",
)


def changes(base: RunResult, others: Sequence[RunResult], level: float = 0.95) -> pd.DataFrame:
    """Return targets of change beside the changes from a base; see `Comparison.targets`."""
    import pandas as pd

    from carepath_sim.statistics import simultaneous_level

    each = simultaneous_level(level, len(others))
    rows = [row for other in others for row in _changes(base, other, each)]
    return pd.DataFrame(rows, columns=list(CHANGES))


def _changes(base: RunResult, other: RunResult, level: float) -> Iterator[tuple[object, ...]]:
    from carepath_sim.statistics import ratio_interval

    targets = {name: one for name, one in other.scenario.targets.items() if one.change}
    wanted = {_measure(name, target) for name, target in targets.items()}
    before, after = (Figures(_only(result.done, wanted)) for result in (base, other))
    for name, target in targets.items():
        first = _total(name, target)
        key = (first.measure, first.stratum)
        if not first.measure or key not in (*before.keys(), *after.keys()):
            figures = (math.nan, math.nan, first.target, math.nan, math.nan, math.nan)
        else:
            found = ratio_interval(after.values(key), before.values(key), level)
            means = (before.interval(key, level).mean, after.interval(key, level).mean)
            figures = (*means, first.target, found.mean - 1, found.low - 1, found.high - 1)
        yield (other.label, name, first.title, first.measure, first.stratum, *figures)


def _only(done: Sequence[Replication], measures: set[str]) -> list[Replication]:
    """Return replications with the rows of some measures."""
    return [replace(one, rows=tuple(r for r in one.rows if r.measure in measures)) for one in done]


def _measure(name: str, target: Target) -> str:
    return target.measure or name


def _total(name: str, target: Target) -> Score:
    measure = _measure(name, target)
    simulated = measure != NOT_SIMULATED
    yearly = simulated and not target.change and measure not in (*COUNTS, *LEVELS)
    unit = definition(measure).unit if simulated else ""
    return Score(
        name=name,
        title=target.title or name.replace("_", " ").capitalize(),
        measure=measure if simulated else "",
        stratum=target.of or "all",
        unit="share" if target.change else unit,
        per=target.per or ("year" if yearly else ""),
        period=WINDOW,
        target=math.nan if target.value is None else target.value.value,
    )


def _factor(measure: str, per: str | None, window: int) -> float:
    """Return what turns a figure of the window into one of the target's period."""
    if measure in COUNTS:
        return YEAR / window / PARTS_OF_A_YEAR[per] if per else 1.0
    return 1 / PARTS_OF_A_YEAR[per or "year"]


def _of_month(target: Target, month: str, measure: str) -> float:
    """Return the target of a month; nan where the document gives none."""
    if target.months:
        return target.months[(int(month[5:]) - APRIL) % 12]
    constant = measure in LEVELS or target.per == "month"
    return target.value.value if constant and target.value is not None else math.nan


def _with_actual(one: Score, figures: Figures, level: float, factor: float) -> Score:
    key = (one.measure, one.stratum)
    if key not in figures.keys():  # noqa: SIM118 - not a mapping
        # Nothing counted is 0; a measure that is not taken by month has no figure there.
        named = (measure for measure, _ in figures.keys())  # noqa: SIM118 - not a mapping
        taken = one.period == WINDOW or one.measure in named
        zero = taken and definition(one.measure).absent_is_zero
        return replace(one, actual=0.0, low=0.0, high=0.0) if zero else one
    from carepath_sim.statistics import prediction_interval

    found, values = figures.interval(key, level), figures.values(key)
    measure = definition(one.measure)
    shares = measure.unit == SHARE and not np.nanmax(values, initial=0.0) > 1
    single = prediction_interval(values, level).within(
        -math.inf if measure.signed else 0.0, 1.0 if shares else math.inf
    )
    return replace(
        one,
        actual=found.mean * factor,
        low=found.low * factor,
        high=found.high * factor,
        single_low=single.low * factor,
        single_high=single.high * factor,
    )


def _summed(one: Replication) -> tuple[Row, ...]:
    """Return the sums of months of the amounts of a replication, as rows of their own period."""
    sums: dict[tuple[str, str], float] = {}
    for row in one.rows:
        if row.period != WINDOW and row.measure not in LEVELS:
            key = (row.measure, row.stratum)
            sums[key] = sums.get(key, 0.0) + row.value
    return tuple(Row(*key, TO_DATE, value) for key, value in sums.items())
