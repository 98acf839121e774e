"""Lengths of stay fitted: which law of the scenario language describes local data, and how well."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from carepath_sim.calibrate.local_tables import LocalDataError, read_local
from carepath_sim.calibrate.stays_reading import (
    ALL,
    DELAY,
    ROUNDINGS,
    STAY,
    TREATMENT,
    StayData,
    read_stays,
)
from carepath_sim.calibrate.stays_words import as_yaml, refusal, warnings_of
from carepath_sim.statistics.length_fits import LengthFit, Lengths, fit_family
from carepath_sim.statistics.length_laws import FAMILIES, SIMPLE, Family, with_zero
from carepath_sim.statistics.one_thread import one_thread
from carepath_sim.statistics.survival import Goodness, Survival, goodness, kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from pathlib import Path

    import pandas as pd
    from matplotlib.figure import Figure

FEWEST: Final = 10
"""Stays that ended, below which nothing is fitted."""
ALIKE: Final = 0.5
"""Difference of AIC below which the simpler law is taken."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """One family fitted to one group.

    Attributes
    ----------
    fit
        The fit.
    goodness
        How far it agrees with the data.
    refused
        Why the scenario language cannot take it; empty if it can.
    """

    fit: LengthFit
    goodness: Goodness
    refused: str

    @property
    def usable(self) -> bool:
        """Whether it can stand in a scenario, and the data tell all its parameters."""
        return not self.why_not

    @property
    def why_not(self) -> str:
        """Why it cannot be used; empty if it can."""
        return self.refused or ("a parameter is not told by the data" if self.fit.at_bound else "")


@dataclass(frozen=True, eq=False)
class FittedGroup:
    """The candidates of one group and part of the stay.

    Attributes
    ----------
    group, part
        Value of the group's column, or ``all``; ``stay``, ``treatment`` or ``delay``.
    data
        The lengths.
    candidates
        Families by rising AIC; empty where there are too few stays.
    """

    group: str
    part: str
    data: Lengths
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate | None:
        """The usable candidate with the least AIC; of those within 0.5 of it the simplest."""
        usable = [one for one in self.candidates if one.usable]
        if not usable:
            return None
        least = usable[0].fit.aic
        near = [one for one in usable if one.fit.aic <= least + ALIKE]
        return min(near, key=lambda one: len(one.fit.theta))

    @cached_property
    def seen(self) -> Survival:
        """Share of stays that are longer than so many days, as it was seen."""
        return kaplan_meier(self.data)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know before using the fit."""
        return warnings_of(self)

    @property
    def label(self) -> str:
        """Group and part in words."""
        words = {STAY: "stays", TREATMENT: "treatment times", DELAY: "delays"}[self.part]
        return words if self.group == ALL else f"{self.group}: {words}"


@dataclass(frozen=True, eq=False)
class LosFits:
    """What was fitted to a file of lengths of stay.

    Attributes
    ----------
    data
        What was read.
    groups
        Fits by group and part.
    """

    data: StayData
    groups: tuple[FittedGroup, ...]

    @property
    def understood(self) -> list[str]:
        """What was taken from the file, in sentences."""
        data = self.data
        left = len({one.line for one in data.rows if one.status == "left out"})
        total = len(data.table.lines)
        how = ROUNDINGS[data.rounding]
        return [
            *data.chosen.said(),
            f"lengths are counted as {data.rounding} ({how})"
            + ("; guessed, say --rounding if not" if data.guessed_rounding else ""),
            f"{data.taken} of {total} rows taken, {left} left out",
            *data.table.notes,
        ]

    @property
    def warnings(self) -> list[str]:
        """What a reader should know before using the fits."""
        found = [f"{one.label}: {warning}" for one in self.groups for warning in one.warnings]
        turned = sum("before the admission" in one.reason for one in self.data.rows)
        if turned > self.data.taken:
            found.append(
                f"{turned} of {len(self.data.table.lines)} rows end before they begin: are the"
                " columns of admission and discharge the other way round?"
            )
        if not self.data.splits:
            found.append(
                "These stays include any delay after people were ready. A scenario adds the delay"
                " of waiting for places on top: with such stays it counts delay twice. Give the"
                " date on which people were ready (--ready COLUMN) where it is known."
            )
        return found

    def table(self) -> pd.DataFrame:
        """Every candidate of every group.

        Returns
        -------
            Columns group, part, family, stays, ended, parameters (names with values and standard
            errors), mean, mean_se, sd, median, p90 [d], log_likelihood, aic, delta_aic, bic,
            p (chi-squared), distance, usable, chosen, why_not.
        """
        import pandas as pd

        rows = []
        for group in self.groups:
            least = group.candidates[0].fit.aic if group.candidates else 0.0
            for one in group.candidates:
                fit, law = one.fit, one.fit.law
                errors = fit.errors
                rows.append(
                    {
                        "group": group.group,
                        "part": group.part,
                        "family": fit.family.name,
                        "stays": group.data.size,
                        "ended": group.data.completed,
                        "parameters": "; ".join(
                            f"{name} {value:.4g} (se {errors[name]:.2g})"
                            for name, value in fit.parameters.items()
                        ),
                        "mean": law.mean,
                        "mean_se": fit.mean_error(),
                        "sd": law.sd,
                        "median": law.quantile(0.5),
                        "p90": law.quantile(0.9),
                        "log_likelihood": fit.log_likelihood,
                        "aic": fit.aic,
                        "delta_aic": fit.aic - least,
                        "bic": fit.bic,
                        "p": one.goodness.p,
                        "distance": one.goodness.distance,
                        "usable": one.usable,
                        "chosen": one is group.best,
                        "why_not": one.why_not,
                    }
                )
        return pd.DataFrame(rows)

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
            Name of the service where there are no groups; with groups each is a service, named
            after the group.
        """
        return as_yaml(self, service)

    def plot(self) -> Figure:
        """Draw what was seen beside the fitted laws; see `carepath_sim.report.stay_fits`."""
        # Pictures are a room above this one; see `RunResult.plot`.
        figure: Figure = import_module("carepath_sim.report.stay_fits").figure(self)
        return figure


def fit_los(
    file: str | Path,
    *,
    admitted: str | None = None,
    discharged: str | None = None,
    days: str | None = None,
    ready: str | None = None,
    group: str | None = None,
    count: str | None = None,
    as_of: date | None = None,
    rounding: str | None = None,
    dates: str | None = None,
    families: Iterable[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> LosFits:
    """Fit laws of the scenario language to lengths of stay.

    Parameters
    ----------
    file
        CSV or Excel file with a row a stay.
    admitted, discharged, ready
        Headings of the dates (with or without times); None: guessed from the headings.
    days
        Heading of the lengths [d], instead of dates: ``7``, ``7-13`` (a band), ``28+`` (longer).
    group
        Heading by whose values stays are fitted apart.
    count
        Heading of how many stays a row stands for, with `days`.
    as_of
        Last day that the file knows of: who has no discharge date was still there then.
    rounding
        What a whole number of days means: exact, nights, days, nearest, down, up.
    dates
        ``dmy`` (British) or ``mdy``, where the file leaves a doubt.
    families
        Names of the families to try; none: all.
    progress
        Told how many fits are done, and of how many.

    Returns
    -------
        The fits; `table()`, `yaml()` and `plot()` are the places to begin.

    Raises
    ------
    LocalDataError
        If the file cannot be read or understood; nothing in it that says who somebody is appears
        in the message.
    """
    data = read_stays(
        read_local(file),
        columns={
            "admitted": admitted,
            "discharged": discharged,
            "ready": ready,
            "days": days,
            "group": group,
            "count": count,
        },
        rounding=rounding,
        as_of=as_of,
        dates=dates,
    )
    wanted = tuple(families)
    known = [one.name for one in FAMILIES]
    for name in wanted:
        if name not in known:
            raise LocalDataError(f"unknown family '{name}'; accepted: {', '.join(known)}")
    if not data.parts:
        some = "\n".join(f"line {one.line}: {one.reason}" for one in data.rows[:10])
        raise LocalDataError(f"{data.table.name}: no row can be used\n{some}")
    order = {STAY: 0, TREATMENT: 1, DELAY: 2}
    keys = sorted(data.parts, key=lambda key: (key[0].lower(), order[key[1]]))
    groups = []
    for done, key in enumerate(keys):
        if progress is not None:
            progress(done, len(keys))
        with one_thread():
            groups.append(_fitted(*key, data.parts[key], wanted))
    if progress is not None:
        progress(len(keys), len(keys))
    return LosFits(data, tuple(groups))


def _fitted(group: str, part: str, data: Lengths, wanted: tuple[str, ...]) -> FittedGroup:
    if data.completed < FEWEST:
        return FittedGroup(group, part, data, ())
    found = []
    for family in _families(part, data, wanted):
        fit = fit_family(family, data)
        found.append(Candidate(fit, goodness(fit, data), refusal(fit)))
    found.sort(key=lambda one: one.fit.aic)
    return FittedGroup(group, part, data, tuple(found))


def _families(part: str, data: Lengths, wanted: tuple[str, ...]) -> list[Family]:
    chosen = [one for one in FAMILIES if not wanted or one.name in wanted]
    zeros = bool(((data.low == 0) & (data.high == 0) & ~data.nights).any())
    with_zeros = [with_zero(one) for one in chosen if one.name in SIMPLE]
    if zeros:
        return with_zeros or chosen
    return [*chosen, *with_zeros] if part == DELAY else chosen


def slug(name: str) -> str:
    """Return a name that a service can have.

    >>> slug("Ward 7 (East)"), slug("7B")
    ('ward_7_east', 'ward_7b')
    """
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"ward_{plain}".rstrip("_")


def quick(values: dict[str, Any]) -> dict[str, Any]:
    """Return numbers rounded to what they are worth, for JSON."""
    return {
        key: float(f"{value:.6g}") if isinstance(value, float) else value
        for key, value in values.items()
    }
