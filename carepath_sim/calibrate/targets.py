"""Targets: what was observed, how exactly, and how far the model may be off."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from carepath_sim.calibrate.course import by_period, months_of
from carepath_sim.calibrate.forms import QUALITIES, number, one_of, records, words
from carepath_sim.calibrate.going_together import read_correlations
from carepath_sim.errors import CarepathError
from carepath_sim.experiment.amounts import amount
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.objective import Objective
from carepath_sim.scenario.reading import Flaws, known_keys, prose, shown, text, wrong

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from carepath_sim.calibrate.together import Correlations
    from carepath_sim.experiment.results import RunResult

USES: Final = ("fit", "validate")
LIKELIHOODS: Final = ("normal", "lognormal")
ERRORS: Final = ("se", "interval", "count", "binomial")
"""Ways to say how exactly something was observed; one of them is needed."""
FIELDS: Final = (
    *("title", "measure", "divided_by", "definition", "stratum", "period", "value", "series"),
    *ERRORS,
    *("likelihood", "discrepancy", "source", "quality", "use", "already_used", "note"),
)


@dataclass(frozen=True)
class Target:
    """One observed figure.

    Attributes
    ----------
    name, title
        Its name in the file, and in words.
    measure, divided_by
        Which figure of the model is held against it: a sum of figures, or one sum over another.
    definition, stratum, period
        What was counted, of whom, and when, in words.
    value
        As observed [unit]; of a series the mean of its periods.
    se
        Standard error [unit]: what luck in the period and rounding may have moved it.
    discrepancy
        By how much (standard deviation) the model may be off even at its best [unit].
    is_log
        Whether errors are relative (lognormal).
    unit
        Of the measure.
    source, quality
        Document and section, and how good it is.
    use
        fit, or validate: held out, and only looked at afterwards.
    already_used
        In which way the scenario as written had used the figure before; empty if it had not.
    note
        Anything else.
    series
        Months or quarters with what was observed in each, and its standard error [unit].
    whole, parts
        The record of shares of which it is one, and how many they are; empty for others.
    """

    name: str
    title: str
    measure: Objective
    divided_by: Objective | None
    definition: str
    stratum: str
    period: str
    value: float
    se: float
    discrepancy: float
    is_log: bool
    unit: str
    source: str
    quality: str
    use: str
    already_used: str = ""
    note: str = ""
    series: tuple[tuple[str, float, float], ...] = ()
    whole: str = ""
    parts: int = 0

    @property
    def words(self) -> str:
        """The figure as it is asked for."""
        over = f" / ({self.divided_by.words})" if self.divided_by else ""
        return f"{self.measure.words}{over}"

    @property
    def measures(self) -> frozenset[str]:
        """Names of the measures that it is made of."""
        sums = [self.measure, *([self.divided_by] if self.divided_by else [])]
        return frozenset(wanted.measure for one in sums for _, wanted in one.terms)

    def values(self, result: RunResult) -> NDArray[np.float64]:
        """Return the figure, one value a replication, whose mean is that over all of them.

        Notes
        -----
        Of a ratio of two sums N/D a replication has R + (N - RD) / mean(D), R the ratio of the
        means, as everywhere in this program.
        """
        if self.series:
            return self._of_series(result)
        top = self.measure.on(result).values(result)
        if self.divided_by is None:
            return top
        bottom = self.divided_by.on(result).values(result)
        mean = float(bottom.mean())
        if mean <= 0:
            return np.full(len(top), np.nan)
        ratio = float(top.mean()) / mean
        return np.asarray(ratio + (top - ratio * bottom) / mean, dtype=np.float64)

    @property
    def periods(self) -> tuple[str, ...]:
        """Months or quarters of the series."""
        return tuple(period for period, _, _ in self.series)

    def course(self, result: RunResult, periods: Sequence[str]) -> tuple[NDArray[np.float64], bool]:
        """Return the figure by month or quarter, as `by_period` does of a sum."""
        months = [months_of(one) for one in periods]
        values, adds_up = by_period(self.measure, result, months)
        if self.divided_by is None:
            return values, adds_up
        below, _ = by_period(self.divided_by, result, months)
        ratios = np.divide(values, below, out=np.full_like(values, np.nan), where=below > 0)
        return ratios, False

    def _of_series(self, result: RunResult) -> NDArray[np.float64]:
        found, _ = self.course(result, self.periods)
        if not np.isfinite(found).all():
            at = int(np.flatnonzero(~np.isfinite(found).all(axis=0))[0])
            raise OptionError(
                f"{self.name} is not defined in {self.periods[at]} of a simulation: nobody was "
                "counted; take quarters, or the figure of the whole window"
            )
        return np.asarray(found.mean(axis=1))

    def fitted(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values on the scale on which errors are normal."""
        return np.log(np.maximum(values, 1e-12)) if self.is_log else values

    def shown(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values of that scale in the unit of the measure."""
        return np.exp(values) if self.is_log else values

    @property
    def z(self) -> float:
        """The value on the scale on which errors are normal."""
        return math.log(self.value) if self.is_log else self.value

    @property
    def v_observed(self) -> float:
        """Variance of the observation on that scale."""
        return (self.se / self.value) ** 2 if self.is_log else self.se**2

    @property
    def v_discrepancy(self) -> float:
        """Variance of the discrepancy on that scale."""
        part = self.discrepancy / self.value if self.is_log else self.discrepancy
        return float(part**2)


class Targets(NamedTuple):
    """What a file of targets says."""

    targets: tuple[Target, ...]
    too_few: str
    correlations: Correlations
    table: str = ""


def read_targets(raw: object, folder: Path | None = None) -> Targets:
    """Return the targets of a file, and the words why there are too few, if there are.

    Parameters
    ----------
    folder
        Where tables of covariances lie.

    Raises
    ------
    Wrong
        With every flaw.
    """
    found, whole = records(raw, "targets", _record, ("too_few", "correlation", "covariance"))
    targets = tuple(one for record in found.values() for one in record)
    flaws = Flaws()
    too_few = flaws.read(prose, whole["too_few"], "too_few") if "too_few" in whole else ""
    if not found and not too_few:
        flaws.note("a target is needed, or `too_few:` with the reason why there is none")
    flaws.close()
    correlations = read_correlations(whole, targets, folder, flaws)
    flaws.close()
    return Targets(targets, too_few.strip(), correlations, str(whole.get("covariance", "")))


def _record(name: str, raw: Mapping[str, Any]) -> tuple[Target, ...]:
    """Return the target of a record, or those of a record of shares."""
    return _shares(name, raw) if "shares" in raw else (_target(name, raw),)


def _shares(name: str, raw: Mapping[str, Any]) -> tuple[Target, ...]:
    """Return targets of shares that add up to 1, but the largest, which follows from the others.

    Notes
    -----
    Counts of a sample give shares with the errors of the Dirichlet distribution with half a count
    more in each (Jeffreys): without them a count of 0 would have no error. Which share is left out
    makes no difference to a fit: the others tell all of it.
    """
    flaws = Flaws()
    given = raw["shares"]
    if not isinstance(given, Mapping) or len(given) < 2:
        raise wrong(f"two shares with counts are needed, found {shown(given)}", "shares")
    for key in ("measure", "divided_by", "value", "series", "likelihood", *ERRORS):
        if key in raw:
            flaws.note(f"a record of shares has no {key}: each share has measure and count", key)
    counts: dict[str, float] = {}
    for part, one in given.items():
        if not isinstance(one, Mapping) or {"measure", "count"} - set(one):
            flaws.note(f"measure and count are needed, found {shown(one)}", "shares", part)
            continue
        known_keys(one, ("measure", "count", "title"), flaws)
        flaws.attempt(_figure, one["measure"], "shares", part, "measure")
        count = flaws.attempt(number, one["count"], "shares", part, "count")
        if count is not None and count < 0:
            flaws.note("a count is not below 0", "shares", part, "count")
        counts[str(part)] = count or 0.0
    if not flaws.found and sum(counts.values()) <= 0:
        flaws.note("nobody was counted", "shares")
    flaws.close()
    n, more = sum(counts.values()), len(counts) / 2
    below = " + ".join(str(one["measure"]) for one in given.values())
    largest = max(counts, key=lambda part: counts[part])
    rest = {key: one for key, one in raw.items() if key != "shares"}
    made = []
    for part, one in given.items():
        if part == largest:
            continue
        middle = (counts[part] + 0.5) / (n + more)
        se = math.sqrt(middle * (1 - middle) / (n + more + 1))
        said = {"measure": one["measure"], "divided_by": below, "value": counts[part] / n, "se": se}
        title = {"title": str(one.get("title", f"{raw.get('title', name)}: {part}"))}
        target = _target(f"{name}.{part}", {**rest, **said, **title})
        made.append(replace(target, whole=name, parts=len(counts)))
    return tuple(made)


def _target(name: str, raw: Mapping[str, Any]) -> Target:
    flaws = Flaws()
    known_keys(raw, FIELDS, flaws)
    missing = [
        key
        for key in ("measure", "definition", "period", "value", "discrepancy", "source", "use")
        if raw.get(key) is None
        and not (key == "value" and ({"count", "binomial", "series"} & set(raw)))
        and not (key == "period" and "series" in raw)
    ]
    if missing:
        flaws.note(f"{' and '.join(missing)} must be given")
    if sum(key in raw for key in ERRORS) != 1:
        flaws.note(
            f"how exactly it was observed must be said in one way: {', '.join(ERRORS)}; without "
            "an error nothing can be fitted"
        )
    measure = flaws.attempt(_figure, raw.get("measure"), "measure") if "measure" in raw else None
    divided = (
        flaws.attempt(_figure, raw["divided_by"], "divided_by") if "divided_by" in raw else None
    )
    unit = "" if measure is None else measure.unit if divided is None else "share"
    series = _series(raw, unit, flaws) if "series" in raw else ()
    value, se = mean_of(series) if series else _observed(raw, unit, flaws)
    is_log = _read(flaws, one_of(*LIKELIHOODS), raw, "likelihood", "normal") == "lognormal"
    if is_log and value is not None and value <= 0:
        flaws.note("a lognormal value is above 0", "value")
    off = _amount(raw, "discrepancy", unit, flaws, of=value)
    if off is not None and off < 0:
        flaws.note("a standard deviation is not below 0", "discrepancy")
    made: dict[str, Any] = {
        "title": _read(flaws, text, raw, "title", name.replace("_", " ")),
        "definition": _read(flaws, words, raw, "definition", ""),
        "stratum": _read(flaws, words, raw, "stratum", ""),
        "period": _read(flaws, words, raw, "period", _span(series)),
        "source": _read(flaws, words, raw, "source", ""),
        "quality": _read(flaws, one_of(*QUALITIES), raw, "quality", ""),
        "use": _read(flaws, one_of(*USES), raw, "use", "fit"),
        "already_used": _read(flaws, prose, raw, "already_used", ""),
        "note": _read(flaws, prose, raw, "note", ""),
    }
    flaws.close()
    # Counts of months are not scaled to a year.
    unit = unit.removesuffix(" per y") if series else unit
    if measure is None or value is None or se is None or off is None:
        raise wrong("this target cannot be read")
    if se == 0 and off == 0:
        raise wrong("standard error and discrepancy cannot both be 0", "discrepancy")
    return Target(
        name=name, measure=measure, divided_by=divided, value=value, se=se, discrepancy=off,
        is_log=is_log, unit=unit, series=series, **made,
    )  # fmt: skip


def _read(flaws: Flaws, parse: Any, raw: Mapping[str, Any], key: str, default: str) -> str:
    return str(flaws.read(parse, raw[key], key)) if raw.get(key) is not None else default


def _figure(raw: object) -> Objective:
    if not isinstance(raw, str):
        raise wrong(f"a figure such as delayed_transfer_days is needed, found {shown(raw)}")
    try:
        return Objective.parse(raw)
    except CarepathError as error:
        raise wrong(str(error)) from None


def _observed(raw: Mapping[str, Any], unit: str, flaws: Flaws) -> tuple[float | None, float | None]:
    """Return a value with its standard error."""
    value = _amount(raw, "value", unit, flaws) if "value" in raw else None
    if "se" in raw:
        se = _amount(raw, "se", unit, flaws, of=value)
        if se is not None and se < 0:
            flaws.note("a standard error is not below 0", "se")
        return value, se
    if "interval" in raw:
        return value, _of_interval(raw["interval"], unit, flaws)
    if "count" in raw:
        count = flaws.attempt(number, raw["count"], "count")
        if count is not None and count <= 0:
            flaws.note("a count above 0 is needed", "count")
            return value, None
        # The luck of a count is the root of it (Poisson); a value beside it may be a rate of it.
        if count is None:
            return value, None
        level = count if value is None else value
        return level, level / math.sqrt(count)
    if "binomial" in raw:
        return _of_binomial(raw["binomial"], flaws)
    return value, None


def _series(
    raw: Mapping[str, Any], unit: str, flaws: Flaws
) -> tuple[tuple[str, float, float], ...]:
    """Return periods with values and standard errors; `se` is that of each."""
    given = raw["series"]
    if not isinstance(given, Mapping) or len(given) < 2:
        flaws.note(f"two months or quarters with values are needed, found {shown(given)}", "series")
        return ()
    if "value" in raw:
        flaws.note("a series is fitted by the mean of its periods, so it has no value", "value")
    if "se" not in raw and raw.get("count") != "each":
        flaws.note("a series has `se:` of each period, or `count: each` where each is a count")
    found, lengths = [], set()
    for period in given:
        months = months_of(str(period))
        lengths.add(len(months))
        if not months:
            flaws.note(
                f"a month such as 2014-04 or a quarter such as 2014-Q2 is needed, found {period!r}",
                "series",
                period,
            )
        value = _amount(given, period, unit, flaws, before=("series",))
        if value is None or not months:
            continue
        if "se" in raw:
            se = _amount(raw, "se", unit, flaws, of=value)
        elif value <= 0:
            flaws.note("of a count of 0 the luck is not known; give `se:`", "series", period)
            continue
        else:
            se = math.sqrt(value)
        if se is not None and se < 0:
            flaws.note("a standard error is not below 0", "se")
        found.append((str(period), value, se or 0.0))
    if len(lengths - {0}) > 1:
        flaws.note("months and quarters cannot stand in one series", "series")
    return tuple(sorted(found))


def mean_of(series: Sequence[tuple[str, float, float]]) -> tuple[float, float]:
    """Return the mean of the periods of a series, with its standard error.

    >>> mean_of([("2014-04", 10.0, 3.0), ("2014-05", 14.0, 4.0)])
    (12.0, 2.5)
    """
    values, errors = [one for _, one, _ in series], [one for _, _, one in series]
    return sum(values) / len(series), math.hypot(*errors) / len(series)


def _span(series: Sequence[tuple[str, float, float]]) -> str:
    return f"{series[0][0]} to {series[-1][0]}" if series else ""


def _of_interval(raw: object, unit: str, flaws: Flaws) -> float | None:
    from scipy.stats import norm

    if not isinstance(raw, Mapping) or {"low", "high"} - set(raw):
        flaws.note(f"low and high (and level) are needed, found {shown(raw)}", "interval")
        return None
    known_keys(raw, ("level", "low", "high"), flaws)
    level = flaws.attempt(number, raw.get("level", 0.95), "interval", "level")
    low = _amount(raw, "low", unit, flaws, before=("interval",))
    high = _amount(raw, "high", unit, flaws, before=("interval",))
    if level is None or low is None or high is None:
        return None
    if not (0 < level < 1 and low < high):
        flaws.note("low lies below high, and level between 0 and 1", "interval")
        return None
    return float((high - low) / (2 * norm.ppf(0.5 + level / 2)))


def _of_binomial(raw: object, flaws: Flaws) -> tuple[float | None, float | None]:
    if not isinstance(raw, Mapping) or {"x", "n"} - set(raw):
        flaws.note(f"x of n is needed, such as {{x: 86, n: 100}}, found {shown(raw)}", "binomial")
        return None, None
    x = flaws.attempt(number, raw["x"], "binomial", "x")
    n = flaws.attempt(number, raw["n"], "binomial", "n")
    if x is None or n is None:
        return None, None
    if not 0 <= x <= n or n <= 0:
        flaws.note("x lies between 0 and n", "binomial")
        return None, None
    # Agresti and Coull (1998), The American Statistician 52, 119-126: two more of each.
    middle = (x + 2) / (n + 4)
    return x / n, math.sqrt(middle * (1 - middle) / (n + 4))


def _amount(
    raw: Mapping[str, Any],
    key: str,
    unit: str,
    flaws: Flaws,
    *,
    of: float | None = None,
    before: tuple[str, ...] = (),
) -> float | None:
    """Return an amount in the unit of the measure; a share of the value where that is meant."""
    given = raw.get(key)
    if given is None:
        return None
    if of is not None and "share" not in unit and isinstance(given, str) and given.endswith("%"):
        part = given.removesuffix("%").strip()
        try:
            return abs(of) * float(part) / 100
        except ValueError:
            flaws.note(f"a percentage is needed, found {shown(given)}", *before, key)
            return None
    if isinstance(given, str):
        try:
            return amount(given, unit)
        except CarepathError as error:
            flaws.note(str(error), *before, key)
            return None
    return flaws.attempt(number, given, *before, key)
