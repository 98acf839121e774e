"""Arrivals fitted: month, weekday, hour, trend, and how much days vary beyond chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.calibrate.arrivals_parts import (
    AT_WEEKENDS,
    LEVEL,
    Factor,
    Part,
    holiday_part,
    hours_part,
    weekend_parts,
)
from carepath_sim.calibrate.arrivals_reading import ArrivalData, days_of, read_arrivals
from carepath_sim.calibrate.arrivals_words import ON_TOP, as_yaml, understood, warnings_of
from carepath_sim.calibrate.local_tables import LocalDataError, read_local
from carepath_sim.calibrate.stays_reading import ALL
from carepath_sim.plan.calendar import MONTH_DAYS, MONTHS, WEEKDAYS
from carepath_sim.statistics.daily_counts import (
    CountFit,
    DayVariation,
    chance_of_no_effect,
    day_variation,
    fit_counts,
    runs_together,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_DAYS: Final = 14
"""Days below which nothing is fitted."""
NEEDED: Final = {"month": 365, "weekday": 28, "trend": 730}
"""Days from which on a part can be told from the others: trend and season need two whole years."""
YEAR: Final = 365.25


@dataclass(frozen=True, eq=False)
class FittedArrivals:
    """What was fitted to one group.

    Attributes
    ----------
    group
        Value of the group's column, or ``all``.
    days, hours
        Arrivals by day of the period, and by hour of the day.
    parts
        Month, weekday, hour, trend, hours of weekdays and of weekends, and bank holidays, taken or
        not.
    fit
        The regression with what was taken.
    variation
        How much days vary beyond chance and beyond that.
    runs
        Correlation of what is left on neighbouring days.
    rate, rate_low, rate_high
        Mean rate [per day] on `at`, with a 95 % interval.
    at
        The day on which that rate holds; with no trend it holds on all.
    """

    group: str
    days: Floats
    hours: Floats
    parts: tuple[Part, ...]
    fit: CountFit
    variation: DayVariation
    runs: float
    rate: float
    rate_low: float
    rate_high: float
    at: date

    def part(self, name: str) -> Part:
        """Return a part by its name."""
        return next(one for one in self.parts if one.name == name)

    @property
    def two_weeks(self) -> bool:
        """Whether weekdays and weekends have profiles of the day of their own."""
        return self.part(AT_WEEKENDS).taken

    @property
    def growth(self) -> float:
        """Growth a year; 0 where no trend was taken."""
        trend = self.part("trend")
        return trend.factors[0].value - 1 if trend.taken else 0.0

    @property
    def label(self) -> str:
        """The group in words."""
        return "arrivals" if self.group == ALL else self.group


@dataclass(frozen=True, eq=False)
class ArrivalFits:
    """What was fitted to a file of arrivals.

    Attributes
    ----------
    data
        What was read.
    groups
        Fits by group.
    """

    data: ArrivalData
    groups: tuple[FittedArrivals, ...]

    @property
    def understood(self) -> list[str]:
        """What was taken from the file, in sentences."""
        return understood(self.data)

    @property
    def note(self) -> str:
        """What is to be known before any fit is pasted into a scenario with demand of its own."""
        return ON_TOP

    @property
    def warnings(self) -> list[str]:
        """What a reader should know before using the fits."""
        return [
            (f"{one.label}: " if len(self.groups) > 1 else "") + warning
            for one in self.groups
            for warning in warnings_of(one, self.data)
        ]

    def table(self) -> pd.DataFrame:
        """Every number that was fitted.

        Returns
        -------
            Columns group, part (rate, variation, trend, month, weekday, hour, hour on weekdays,
            hour at weekends, bank holiday), level, value, low, high, unit, arrivals, p, taken,
            why_not.
        """
        import pandas as pd

        rows: list[tuple[object, ...]] = []
        for one in self.groups:
            total, scatter = float(one.days.sum()), one.variation
            rate = (one.rate, one.rate_low, one.rate_high, "per day", total, None, True, "")
            rows.append((one.group, "rate", str(one.at), *rate))
            cv = (scatter.cv, scatter.low, scatter.high, "sd/mean", total, scatter.p)
            varies = scatter.p <= LEVEL
            why = "" if varies else "no more than chance"
            rows.append((one.group, "variation", "", *cv, varies, why))
            for part in one.parts:
                said = (part.p, part.taken, part.why_not)
                unit = "times a year" if part.name == "trend" else "times"
                rows += [
                    (one.group, part.name, f.name, f.value, f.low, f.high, unit, f.count, *said)
                    for f in part.factors
                ] or [(one.group, part.name, "", None, None, None, unit, total, *said)]
        head = "group part level value low high unit arrivals p taken why_not"
        return pd.DataFrame(rows, columns=head.split())

    def rows(self) -> pd.DataFrame:
        """Rows that were left out, or taken with something to know: line, status, reason."""
        import pandas as pd

        found = [(one.line, one.status, one.reason) for one in self.data.rows]
        return pd.DataFrame(found, columns=["line", "status", "reason"])

    def yaml(self, service: str | None = None) -> str:
        """Return what to paste into a scenario.

        Parameters
        ----------
        service
            The service that these people are referred to.
        """
        return as_yaml(self, service)

    def plot(self) -> Figure:
        """Draw the days, the profiles and the scatter; see `carepath_sim.report.arrival_fits`."""
        # Pictures are a room above this one; see `RunResult.plot`.
        figure: Figure = import_module("carepath_sim.report.arrival_fits").figure(self)
        return figure


def fit_arrivals(
    file: str | Path,
    *,
    date: str | None = None,
    time: str | None = None,
    group: str | None = None,
    count: str | None = None,
    first: date | None = None,
    last: date | None = None,
    at: date | None = None,
    dates: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ArrivalFits:
    """Fit arrivals by month, weekday, hour and trend, and how much days vary beyond chance.

    Parameters
    ----------
    file
        CSV or Excel file with a row an arrival, or a row a day with `count`.
    date, time
        Headings of the dates, and of times of day in a column of their own; None: guessed.
    group
        Heading by whose values arrivals are fitted apart.
    count
        Heading of how many arrivals a row stands for.
    first, last
        The days that the file covers; None: those of its first and last date.
    at
        The day on which the rate is to hold (`clock.start`); None: the day after the last.
    dates
        ``dmy`` (British) or ``mdy``, where the file leaves a doubt.
    progress
        Told how many groups are done, and of how many.

    Returns
    -------
        The fits; `table()`, `yaml()` and `plot()` are the places to begin.

    Raises
    ------
    LocalDataError
        If the file cannot be read or understood; nothing in it that says who somebody is appears
        in the message.
    """
    data = read_arrivals(
        read_local(file),
        columns={"date": date, "hour": time, "group": group, "count": count},
        first=first,
        last=last,
        dates=dates,
    )
    if data.size < FEWEST_DAYS:
        raise LocalDataError(
            f"{data.table.name}: {data.size} days, from {data.first} to {data.last}: at least"
            f" {FEWEST_DAYS} are needed"
        )
    holds = at or data.last + timedelta(days=1)
    groups = []
    for done, (name, counts) in enumerate(data.groups.items()):
        if progress is not None:
            progress(done, len(data.groups))
        groups.append(fitted(name, days_of(data), counts.days, counts.hours, holds))
    if progress is not None:
        progress(len(data.groups), len(data.groups))
    return ArrivalFits(data, tuple(groups))


def fitted(group: str, days: list[date], counts: Floats, hours: Floats, at: date) -> FittedArrivals:
    """Return the fit of one group.

    Parameters
    ----------
    days
        The days that were counted.
    counts, hours
        Arrivals by day, and by day and hour.
    at
        The day on which the rate is to hold.
    """
    blocks = _blocks(days, at)
    possible = [name for name in blocks if len(days) >= NEEDED[name]]
    whole = fit_counts(_design(blocks, possible), counts)
    chances = {
        name: chance_of_no_effect(
            whole, fit_counts(_design(blocks, [k for k in possible if k != name]), counts)
        )
        for name in possible
    }
    taken = [name for name in possible if chances[name] <= LEVEL]
    fit = fit_counts(_design(blocks, taken), counts)
    parts = []
    for name in ("month", "weekday", "trend"):
        if name not in possible:
            why = f"{len(days)} days cannot tell it: {NEEDED[name]} are needed"
            parts.append(Part(name, float("nan"), why))
            continue
        # What was not taken is shown as the whole regression has it.
        of, names = (fit, taken) if name in taken else (whole, possible)
        factors = _factors(of, name, names, days, counts)
        why = "" if name in taken else "the days do not tell it from chance"
        parts.append(Part(name, chances[name], why, factors))
    weekday = np.array([day.weekday() for day in days])
    of_day, of_weeks = hours_part(hours), weekend_parts(hours, weekday)
    if of_weeks[0].taken:
        of_day = replace(of_day, why_not="weekdays and weekends have days of their own")
    parts.insert(2, of_day)
    parts += of_weeks
    parts.append(holiday_part(days, _design(blocks, taken), fit, counts))
    rate, low, high = _rate(fit, taken)
    return FittedArrivals(
        group,
        counts,
        hours.sum(axis=0),
        tuple(parts),
        fit,
        day_variation(fit),
        runs_together(fit),
        rate,
        low,
        high,
        at,
    )


def _blocks(days: list[date], at: date) -> dict[str, Floats]:
    """Return the columns of each part; the first month and Monday are what others are held to."""
    month = np.array([day.month - 1 for day in days])
    weekday = np.array([day.weekday() for day in days])
    since = np.array([(day - at).days / YEAR for day in days])
    return {
        "month": (month[:, None] == np.arange(1, 12)).astype(float),
        "weekday": (weekday[:, None] == np.arange(1, 7)).astype(float),
        "trend": since[:, None],
    }


def _design(blocks: dict[str, Floats], names: list[str]) -> Floats:
    size = len(blocks["trend"])
    return np.hstack([np.ones((size, 1)), *(blocks[name] for name in names)])


_WIDTH: Final = {"month": 11, "weekday": 6, "trend": 1}


def _where(name: str, names: list[str]) -> slice:
    """Return the coefficients of a part."""
    begin = 1 + sum(_WIDTH[one] for one in names[: names.index(name)])
    return slice(begin, begin + _WIDTH[name])


def _weights(name: str) -> Floats:
    """Return how much each month or weekday counts in the mean of its cycle, as in a plan."""
    weights = np.array(MONTH_DAYS if name == "month" else (1.0,) * 7, dtype=float)
    share: Floats = weights / weights.sum()
    return share


def _spread(fit: CountFit) -> Floats:
    """Return the covariance of the coefficients with what days vary beyond chance."""
    return fit.covariance * max(1.0, fit.dispersion)


def _factors(
    fit: CountFit, name: str, names: list[str], days: list[date], counts: Floats
) -> tuple[Factor, ...]:
    at = _where(name, names)
    covariance = _spread(fit)[at, at]
    if name == "trend":
        slope, error = float(fit.beta[at][0]), float(np.sqrt(covariance[0, 0]))
        low, high = float(np.exp(slope - 1.96 * error)), float(np.exp(slope + 1.96 * error))
        return (Factor("growth", float(np.exp(slope)), low, high, float(counts.sum())),)
    weights = _weights(name)
    log = np.concatenate(([0.0], fit.beta[at]))
    share = weights * np.exp(log)
    share /= share.sum()
    log -= np.log(weights @ np.exp(log))
    # The mean of the factors is fixed, so that each moves against all (delta method).
    turn = (np.eye(len(log)) - share)[:, 1:]
    error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", turn, covariance, turn), 0.0))
    labels = MONTHS if name == "month" else WEEKDAYS
    number = np.array([day.month - 1 if name == "month" else day.weekday() for day in days])
    return tuple(
        Factor(
            labels[k],
            float(np.exp(log[k])),
            float(np.exp(log[k] - 1.96 * error[k])),
            float(np.exp(log[k] + 1.96 * error[k])),
            float(counts[number == k].sum()),
        )
        for k in range(len(labels))
    )


def _rate(fit: CountFit, names: list[str]) -> tuple[float, float, float]:
    """Return the mean rate on the day of reference: profiles at their mean, no growth yet."""
    log, gradient = float(fit.beta[0]), np.zeros(len(fit.beta))
    gradient[0] = 1.0
    for name in ("month", "weekday"):
        if name in names:
            at = _where(name, names)
            share = _weights(name) * np.exp(np.concatenate(([0.0], fit.beta[at])))
            log += float(np.log(share.sum()))
            gradient[at] = share[1:] / share.sum()
    error = float(np.sqrt(gradient @ _spread(fit) @ gradient))
    return (
        float(np.exp(log)),
        float(np.exp(log - 1.96 * error)),
        float(np.exp(log + 1.96 * error)),
    )
