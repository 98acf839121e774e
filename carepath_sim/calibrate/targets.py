"""Targets: what was observed, how exactly, and how far the model may be off."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from carepath_sim.calibrate.forms import QUALITIES, number, one_of, records, words
from carepath_sim.errors import CarepathError
from carepath_sim.experiment.amounts import amount
from carepath_sim.experiment.objective import Objective
from carepath_sim.scenario.reading import Flaws, known_keys, prose, shown, text, wrong

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepath_sim.experiment.results import RunResult

USES: Final = ("fit", "validate")
LIKELIHOODS: Final = ("normal", "lognormal")
ERRORS: Final = ("se", "interval", "count", "binomial")
"""Ways to say how exactly something was observed; one of them is needed."""
FIELDS: Final = (
    *("title", "measure", "divided_by", "definition", "stratum", "period", "value", *ERRORS),
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
        As observed [unit].
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
        top = self.measure.on(result).values(result)
        if self.divided_by is None:
            return top
        bottom = self.divided_by.on(result).values(result)
        mean = float(bottom.mean())
        if mean <= 0:
            return np.full(len(top), np.nan)
        ratio = float(top.mean()) / mean
        return np.asarray(ratio + (top - ratio * bottom) / mean, dtype=np.float64)

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


def read_targets(raw: object) -> tuple[tuple[Target, ...], str]:
    """Return the targets of a file, and the words why there are too few, if there are.

    Raises
    ------
    Wrong
        With every flaw.
    """
    found, whole = records(raw, "targets", _target, ("too_few",))
    flaws = Flaws()
    too_few = flaws.read(prose, whole["too_few"], "too_few") if "too_few" in whole else ""
    if not found and not too_few:
        flaws.note("a target is needed, or `too_few:` with the reason why there is none")
    flaws.close()
    return tuple(found.values()), too_few.strip()


def _target(name: str, raw: Mapping[str, Any]) -> Target:
    flaws = Flaws()
    known_keys(raw, FIELDS, flaws)
    missing = [
        key
        for key in ("measure", "definition", "period", "value", "discrepancy", "source", "use")
        if raw.get(key) is None and not (key == "value" and ("count" in raw or "binomial" in raw))
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
    value, se = _observed(raw, unit, flaws)
    is_log = _read(flaws, one_of(*LIKELIHOODS), raw, "likelihood", "normal") == "lognormal"
    if is_log and value is not None and value <= 0:
        flaws.note("a lognormal value is above 0", "value")
    off = _amount(raw, "discrepancy", unit, flaws, of=value)
    if off is not None and off < 0:
        flaws.note("a standard deviation is not below 0", "discrepancy")
    made = {
        "title": _read(flaws, text, raw, "title", name.replace("_", " ")),
        "definition": _read(flaws, words, raw, "definition", ""),
        "stratum": _read(flaws, words, raw, "stratum", ""),
        "period": _read(flaws, words, raw, "period", ""),
        "source": _read(flaws, words, raw, "source", ""),
        "quality": _read(flaws, one_of(*QUALITIES), raw, "quality", ""),
        "use": _read(flaws, one_of(*USES), raw, "use", "fit"),
        "already_used": _read(flaws, prose, raw, "already_used", ""),
        "note": _read(flaws, prose, raw, "note", ""),
    }
    flaws.close()
    if measure is None or value is None or se is None or off is None:
        raise wrong("this target cannot be read")
    if se == 0 and off == 0:
        raise wrong("standard error and discrepancy cannot both be 0", "discrepancy")
    return Target(
        name=name, measure=measure, divided_by=divided, value=value, se=se, discrepancy=off,
        is_log=is_log, unit=unit, **made,
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
