"""Replications as pandas tables in long form."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.experiment.changes import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from carepath_sim.engine.spells import Columns
    from carepath_sim.experiment.tasks import Replication
    from carepath_sim.measures import Measure
    from carepath_sim.plan import Plan
    from carepath_sim.statistics import Interval, PairedDifference

SUMMARY = ("measure", "definition", "stratum", "unit", "mean", "low", "high", "replications")
LONG = ("scenario", "replication", "measure", "stratum", "period", "value", "weight", "unit")

Key = tuple[str, str]

SHARE = "share"
"""Unit of measures between 0 and 1."""


class Figures:
    """Figures of one scenario over its replications, for one period.

    Parameters
    ----------
    done
        The replications, in order.
    period
        ``window``, or a month such as ``2015-04``.
    """

    def __init__(self, done: Sequence[Replication], period: str = "window") -> None:
        self.size = len(done)
        self._values: dict[Key, NDArray[np.float64]] = {}
        self._weights: dict[Key, NDArray[np.float64]] = {}
        for k, one in enumerate(done):
            for row in one.rows:
                if row.period != period:
                    continue
                key = (row.measure, row.stratum)
                if key not in self._values:
                    self._values[key] = self._empty(row.measure)
                self._values[key][k] = row.value
                if row.weight is not None:
                    self._weights.setdefault(key, np.zeros(self.size))[k] = row.weight

    def keys(self) -> tuple[Key, ...]:
        """Measures with strata, in the order in which they were counted."""
        return tuple(self._values)

    def values(self, key: Key) -> NDArray[np.float64]:
        """One value a replication [unit of the measure]; nan where it is not defined."""
        found = self._values.get(key)
        return self._empty(key[0]) if found is None else found

    def interval(self, key: Key, level: float) -> Interval:
        """Mean over replications; for shares and means over people the ratio of their sums."""
        measure = definition(key[0])
        values, weights = self.values(key), self._weights.get(key)
        return estimate(values, weights, measure.unit, level, signed=measure.signed)

    def _empty(self, measure: str) -> NDArray[np.float64]:
        """Values of a stratum that a replication does not name."""
        return np.full(self.size, 0.0 if definition(measure).absent_is_zero else math.nan)


def estimate(
    values: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
    unit: str,
    level: float,
    *,
    signed: bool = False,
) -> Interval:
    """Return a mean over replications with its interval, whose ends are values that can be.

    Parameters
    ----------
    values
        One value a replication [unit of the measure]; nan where it is not defined.
    weights
        What each was divided by; None for counts and totals.
    unit
        Unit of the measure; the interval of a share stays between 0 and 1.
    level
        Coverage.
    signed
        Whether the measure can lie below 0; otherwise the interval does not.
    """
    from carepath_sim.statistics import mean_interval, ratio_interval, share_interval

    least = -math.inf if signed else 0.0
    if weights is None and unit != SHARE:
        return mean_interval(values, level).within(least)
    if weights is None:
        ones = np.where(np.isfinite(values), 1.0, math.nan)
        return share_interval(values, ones, level).within(least)
    # A replication in which nobody was counted adds nothing to either sum.
    tops = np.where(weights > 0, values * weights, 0.0)
    found = (share_interval if unit == SHARE else ratio_interval)(tops, weights, level)
    return found.within(least)


@dataclass(frozen=True)
class Compared:
    """How scenarios are compared with their base.

    Attributes
    ----------
    comparisons
        How many scenarios are compared at once; their intervals hold together.
    common_random_numbers
        Whether replications of the same number share their random numbers.
    """

    comparisons: int
    common_random_numbers: bool

    def difference(
        self,
        base: NDArray[np.float64],
        other: NDArray[np.float64],
        unit: str,
        level: float,
    ) -> PairedDifference:
        """Return other minus base with its interval, one value a replication given each."""
        from carepath_sim.statistics import paired_difference, unpaired_difference

        found = (paired_difference if self.common_random_numbers else unpaired_difference)(
            base, other, level, comparisons=self.comparisons
        )
        interval = found.interval
        if unit != SHARE or abs(interval.mean) > 1 or not interval.half_width > 0:
            return found
        if np.nanmax(np.abs(np.concatenate((base, other)))) > 1:
            return found
        # No difference of shares is larger than 1: what lies beyond is left out, and the coverage
        # is the same.
        low, high = max(-1.0, interval.low), min(1.0, interval.high)
        cut = replace(interval, low=low, high=high, half_width=(high - low) / 2)
        return replace(found, interval=cut)


@cache
def _measures() -> dict[str, Measure]:
    from carepath_sim.measures import all_measures

    return all_measures()


def definition(name: str) -> Measure:
    """Return the registered measure of a name, with its definition and unit."""
    return _measures()[name]


def is_paired(name: str) -> bool:
    """Tell whether a measure compares a run with its base, and so says nothing of the base."""
    from carepath_sim.measures.avoided import MEASURES

    return any(measure.name == name for measure in MEASURES)


def summary(done: Sequence[Replication], level: float) -> pd.DataFrame:
    """Means with intervals over the whole window; see `RunResult.summary`."""
    import pandas as pd

    figures = Figures(done)
    return pd.DataFrame(_summary_rows(figures, level), columns=list(SUMMARY))


def _summary_rows(figures: Figures, level: float) -> Iterator[tuple[Any, ...]]:
    for key in figures.keys():  # noqa: SIM118 - not a mapping
        measure = definition(key[0])
        estimate = figures.interval(key, level)
        yield (
            key[0],
            measure.definition,
            key[1],
            measure.unit,
            estimate.mean,
            estimate.low,
            estimate.high,
            estimate.n,
        )


def long_rows(label: str, done: Iterable[Replication]) -> pd.DataFrame:
    """Every figure of every replication; see `RunResult.replications`."""
    import pandas as pd

    rows = [
        (label, one.replication, *row[:4], math.nan if row.weight is None else row.weight)
        for one in done
        for row in one.rows
    ]
    frame = pd.DataFrame(rows, columns=list(LONG[:-1]))
    units = {name: definition(name).unit for name in frame["measure"].unique()}
    return frame.assign(unit=frame["measure"].map(units).astype("str"))


def daily(label: str, plan: Plan, done: Iterable[Replication]) -> pd.DataFrame:
    """Counts by day and pool; see `RunResult.daily`."""
    import pandas as pd

    pools = [pool.name for pool in plan.pools]
    parts = []
    for one in done:
        days = len(next(iter(one.daily.values()))) if one.daily else 0
        dates = pd.date_range(plan.start_date, periods=days, freq="D", unit="s")
        index = pd.MultiIndex.from_product(
            [[label], [one.replication], dates, pools],
            names=["scenario", "replication", "date", "pool"],
        )
        columns = {name: np.asarray(table).reshape(-1) for name, table in one.daily.items()}
        parts.append(pd.DataFrame(columns, index=index).reset_index())
    return pd.concat(parts, ignore_index=True)


def kept_table(name: str, label: str, plan: Plan, done: Iterable[Replication]) -> pd.DataFrame:
    """Return one of the large tables, with names for numbers and instants for milliseconds."""
    import pandas as pd

    parts = []
    for one in done:
        frame = _decoded(name, plan, dict(one.kept[name]))
        frame.insert(0, "replication", one.replication)
        frame.insert(0, "scenario", label)
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def distribution(audits: pd.DataFrame) -> pd.DataFrame:
    """Return the share of looks at which there were so many; see `RunResult.distribution`."""
    of = ["scenario", "pool", "service"]
    looks = audits.groupby(of, observed=True, dropna=False)["occupancy"]
    shares = looks.value_counts(normalize=True).rename("share").reset_index()
    shares = shares.rename(columns={"occupancy": "level"})
    return shares.sort_values([*of, "level"], ignore_index=True)[[*of, "level", "share"]]


# Columns of instants; there are none of lengths.
INSTANTS = frozenset(
    {
        *("requested", "needed", "granted", "started", "ready", "over", "left", "kept_until"),
        "taper_from",
        *("began", "ended", "t"),
    }
)


def _decoded(name: str, plan: Plan, columns: Columns) -> pd.DataFrame:
    import pandas as pd

    if name == "events":
        return pd.DataFrame(columns)
    if name == "changes":
        columns = in_words(plan, columns)
    codes = _names_of(name, plan)
    made: dict[str, Any] = {}
    for column, values in columns.items():
        if column in codes:
            known = codes[column]
            outside = (values < 0) | (values >= len(known))
            numbers = np.where(outside, -1, values).astype(np.int32)
            made[column] = pd.Categorical.from_codes(numbers, categories=pd.Index(list(known)))
        elif column in INSTANTS:
            made[column] = _instants(plan, values)
        else:
            made[column] = values
    renamed = {column: column.removeprefix("attribute.") for column in made}
    return pd.DataFrame(made).rename(columns=renamed)


def _instants(plan: Plan, values: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Instants of the calendar; missing ones are not a time, as NEVER is NumPy's mark for that."""
    return np.datetime64(plan.start_date, "ms") + values.astype("timedelta64[ms]")


def _names_of(table: str, plan: Plan) -> dict[str, Sequence[str]]:
    """Names behind the numbers of a table's columns."""
    from carepath_sim.engine.spells import How, Outcome

    services = [service.name for service in plan.services]
    attributes: dict[str, Sequence[str]] = {
        f"attribute.{attribute.name}": attribute.values  # noqa: PD011 - not a DataFrame
        for attribute in plan.attributes
    }
    if table == "spells":
        return {
            "service": services,
            "via": services,
            "waited_at": services,
            "entered_from": services,
            "left_to": services,
            "pool": [pool.name for pool in plan.pools],
            "stream": plan.stream_names,
            "cause": plan.cause_names,
            "outcome": [_words(one) for one in Outcome],
            "how": [_words(one) for one in How],
        }
    if table == "people":
        return attributes | {
            "source": plan.source_names,
            "end_state": ["in the model", "died", "left"],
            "end_service": services,
        }
    if table == "audit":
        return {"service": services, "pool": [pool.name for pool in plan.pools]}
    return attributes | {"cause": plan.cause_names}


def _words(member: Any) -> str:
    return str(member.name).lower().replace("_", " ")
