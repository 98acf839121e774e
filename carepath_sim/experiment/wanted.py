"""Figures that are asked for by name, and targets for them: `p_wait[community_beds]<=0.05`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.experiment import frames
from carepath_sim.experiment.amounts import amount
from carepath_sim.experiment.batch import OptionError
from carepath_sim.measures.periods import WINDOW
from carepath_sim.measures.strata import ALL, parts, stratum

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from carepath_sim.experiment.results import RunResult
    from carepath_sim.statistics import Interval

ALIASES: Final = {
    "admissions": "emergency_admissions",
    "step_up": "step_up_admissions",
    "readmissions": "readmissions_28_days",
    "delayed_days": "delayed_transfer_days",
    "delayed_people": "delayed_transfer_people",
    "occupancy": "occupancy_share",
    "time_full": "p_full",
    "p_delay": "p_wait",
    "wait": "wait_mean",
    "length_of_stay": "length_of_stay_mean",
    "cost": "costs",
}
"""Short names of measures."""

_NAME: Final = re.compile(r"\s*(?P<measure>[\w]+)\s*(?:\[(?P<stratum>[^][]*(?:\[[^][]*\])?)\])?\s*")
_TARGET: Final = re.compile(r"(?P<name>[^<>=≤≥]*)(?P<sign><=|>=|<|>|≤|≥|=<|=>)(?P<limit>[^<>=≤≥]*)")
_AT_MOST: Final = frozenset({"<=", "<", "≤", "=<"})
_MORE_THAN_ALL: Final = frozenset({"occupancy_share", "utilisation", "worker_utilisation"})
# Quantiles of several services together do not follow from those of each.
_QUANTILE: Final = re.compile(r".*_(?:median|p\d\d|max)")


@dataclass(frozen=True)
class Wanted:
    """A figure by name.

    Attributes
    ----------
    measure
        Name of a registered measure.
    stratum
        As written: a whole name (``service:acute | reason:transfer``), values alone (``acute``,
        ``community_beds | step_up``), or nothing for everything together.
    strata
        The strata whose rows make the figure, once they were looked up in a result; several for a
        pool of which the measure speaks by service, or of which there is one a locality.
    """

    measure: str
    stratum: str = ""
    strata: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Wanted:
        """Read ``name`` or ``name[stratum]``.

        Raises
        ------
        OptionError
            If it has another form, or there is no such measure.
        """
        found = _NAME.fullmatch(text)
        if found is None:
            raise OptionError(
                f"{text.strip()!r} is no figure; such as 'p_wait[community_beds]' is accepted"
            )
        name = ALIASES.get(found["measure"], found["measure"])
        known = _known()
        if name not in known:
            near = get_close_matches(name, [*known, *ALIASES], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise OptionError(f"there is no measure {name!r}{hint}")
        return cls(name, (found["stratum"] or "").strip())

    def __str__(self) -> str:
        """Return the figure as it is asked for."""
        return f"{self.measure}[{self.stratum}]" if self.stratum else self.measure

    @property
    def unit(self) -> str:
        """Unit of the figure."""
        return frames.definition(self.measure).unit

    def on(self, result: RunResult, *, pool: str = "") -> Wanted:
        """Return the figure with its strata looked up in a result.

        Parameters
        ----------
        pool
            Pool that is meant where no stratum is written and there is no figure of everything.

        Raises
        ------
        OptionError
            If the scenario has no such figure.
        """
        if self.strata:
            return self
        known = _strata(result, self.measure)
        if not known:
            raise OptionError(_why_none(result, self.measure))
        if not self.stratum and ALL not in known and pool:
            return replace(replace(self, stratum=pool).on(result), stratum=pool)
        return replace(self, strata=_looked_up(self, known, result))

    def sums(self, result: RunResult) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return the figure and what it is divided by, one value a replication each.

        Returns
        -------
            Values [unit of the measure], nan where not defined; weights, None for counts and
            totals.
        """
        wanted = set(self.on(result).strata)
        missing = 0.0 if frames.definition(self.measure).absent_is_zero else np.nan
        values = np.full(len(result.done), missing)
        weights: NDArray[np.float64] | None = None
        for k, one in enumerate(result.done):
            rows = [
                row
                for row in one.rows
                if row.measure == self.measure and row.stratum in wanted and row.period == WINDOW
            ]
            if not rows:
                continue
            if any(row.weight is None for row in rows):
                values[k] = sum(row.value for row in rows)
                continue
            weights = np.zeros(len(result.done)) if weights is None else weights
            weights[k] = sum(row.weight or 0.0 for row in rows)
            total = sum(row.value * row.weight for row in rows if row.weight)
            values[k] = total / weights[k] if weights[k] else np.nan
        return values, weights

    def possible(self, mean: float) -> tuple[float, float]:
        """Return between which values the figure can lie.

        Parameters
        ----------
        mean
            What was found: of shares that can be above 1, such as beds beside a full ward, it may.
        """
        least = -math.inf if frames.definition(self.measure).signed else 0.0
        return least, 1.0 if self.unit == frames.SHARE and not mean > 1 else math.inf

    def interval(self, result: RunResult, level: float) -> Interval:
        """Mean over replications; for shares and means over people the ratio of their sums."""
        values, weights = self.sums(result)
        signed = frames.definition(self.measure).signed
        return frames.estimate(values, weights, self.unit, level, signed=signed)


def figure(result: RunResult, name: str | Wanted) -> NDArray[np.float64]:
    """Return a figure, one value a replication.

    Parameters
    ----------
    result
        A result with that measure.
    name
        ``name`` or ``name[stratum]``. A pool may stand where the measure speaks of services: those
        that draw from it count together.

    Returns
    -------
        Shape `(replication,)` [unit of the measure]; nan where the figure is not defined.

    Raises
    ------
    OptionError
        If there is no such measure, or the scenario has no such stratum.
    """
    wanted = name if isinstance(name, Wanted) else Wanted.parse(name)
    return wanted.sums(result)[0]


@dataclass(frozen=True)
class Target:
    """A limit for a figure.

    Attributes
    ----------
    wanted
        The figure.
    at_most
        Whether the limit is the most that is allowed, or the least that is wanted.
    limit
        The limit [unit of the measure].
    """

    wanted: Wanted
    at_most: bool
    limit: float

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read one target, such as ``p_wait[community_beds]<=5%``.

        Raises
        ------
        OptionError
            If it has another form, or names what is not known.
        """
        found = _TARGET.fullmatch(text)
        if found is None or not found["name"].strip() or not found["limit"].strip():
            raise OptionError(
                f"{text.strip()!r} is no target; a figure, <= or >=, and a limit are needed, such "
                "as 'p_wait[community_beds]<=0.05'"
            )
        wanted = Wanted.parse(found["name"])
        try:
            limit = amount(found["limit"], wanted.unit)
        except CarepathError as error:
            raise OptionError(f"target {text.strip()!r}: {error}") from None
        if wanted.unit == "share" and limit > 1 and wanted.measure not in _MORE_THAN_ALL:
            raise OptionError(
                f"target {text.strip()!r}: {wanted.measure} is a share between 0 and 1; "
                f"{limit:g} in a hundred is written {limit:g}%"
            )
        return cls(wanted, found["sign"] in _AT_MOST, limit)

    def __str__(self) -> str:
        """Return the target as it is written, with its limit in the unit of the measure."""
        return f"{self.wanted} {'<=' if self.at_most else '>='} {self.limit:g}"

    def on(self, result: RunResult, *, pool: str = "") -> Target:
        """Return the target with its strata looked up in a result; see `Wanted.on`."""
        return replace(self, wanted=self.wanted.on(result, pool=pool))

    def met(self, values: ArrayLike) -> bool:
        """Tell whether the mean over replications keeps the limit; never where nothing is known."""
        known = np.asarray(values, dtype=np.float64)
        known = known[np.isfinite(known)]
        if not known.size:
            return False
        mean = float(known.mean())
        return mean <= self.limit if self.at_most else mean >= self.limit

    def excess(self, result: RunResult) -> NDArray[np.float64]:
        """Return by how much the target is missed, one value a replication.

        Returns
        -------
            Shape `(replication,)` [unit of the measure]; above 0 is missed, below is room to
            spare.

        Notes
        -----
        A share of people is a ratio R of two sums over replications, N/D; the mean of the shares
        of replications would be another figure. Its excess over a limit q in a replication is
        R - q + (N - RD) / mean(D): their mean is R - q, and their spread that of R (the usual
        linear approximation of a ratio; Law, Simulation Modeling and Analysis, 5th edition,
        section 9.5). A replication in which nobody was counted has the mean itself.
        """
        values, weights = self.wanted.sums(result)
        sign = 1.0 if self.at_most else -1.0
        if weights is None:
            return sign * (values - self.limit)
        total = float(weights.sum())
        if not total:
            return np.full(len(values), np.nan)
        known = np.where(weights > 0, values, 0.0)
        ratio = float(known @ weights) / total
        apart = weights * (known - ratio) / weights.mean()
        return np.asarray(sign * (ratio - self.limit + apart), dtype=np.float64)


def targets(texts: str | Target | Iterable[str | Target]) -> tuple[Target, ...]:
    """Read targets: one text, or several, each with one or more of them between commas.

    Raises
    ------
    OptionError
        As `Target.parse`.

    Examples
    --------
    >>> [str(one) for one in targets("p_wait[beds]<=5%, occupancy[beds] >= 80 %")]
    ['p_wait[beds] <= 0.05', 'occupancy_share[beds] >= 0.8']
    """
    given = [texts] if isinstance(texts, str | Target) else list(texts)
    found: list[Target] = []
    for one in given:
        if isinstance(one, Target):
            found.append(one)
        else:
            # Commas within brackets belong to names of strata.
            found += [
                Target.parse(part) for part in re.split(r",(?![^\[]*\])", one) if part.strip()
            ]
    return tuple(found)


def _known() -> Sequence[str]:
    from carepath_sim.measures import all_measures

    return list(all_measures())


def _strata(result: RunResult, measure: str) -> list[str]:
    """Return the strata of a measure in any replication, in order."""
    rows = (row for one in result.done for row in one.rows)
    return list(
        dict.fromkeys(
            row.stratum for row in rows if row.measure == measure and row.period == WINDOW
        )
    )


def _looked_up(wanted: Wanted, known: Sequence[str], result: RunResult) -> tuple[str, ...]:
    """Return the strata that are meant."""
    text = wanted.stratum or ALL
    if text in known:
        return (text,)
    tokens = [token.strip() for token in text.split("|")]
    fitting = [name for name in known if _fits(tokens, name)]
    if len(fitting) == 1:
        return tuple(fitting)
    if len(fitting) > 1:
        raise OptionError(f"{wanted} can mean {', '.join(fitting)}; write one of these in full")
    if found := _of_pool(wanted, tokens, known, result):
        return found
    if frames.definition(wanted.measure).absent_is_zero and all(":" in token for token in tokens):
        return (text,)
    raise OptionError(_unknown(wanted, known))


def _fits(tokens: Sequence[str], name: str) -> bool:
    """Tell whether each part of a stratum is meant by one word, and no word is left."""
    pairs = parts(name).items()
    return len(tokens) == len(pairs) and all(
        any(token in {value, f"{key}:{value}"} for token in tokens) for key, value in pairs
    )


def _of_pool(
    wanted: Wanted, tokens: Sequence[str], known: Sequence[str], result: RunResult
) -> tuple[str, ...]:
    """Return the strata of the services that draw from a pool, or of the pools of a template."""
    plan = result.plan
    name = tokens[0].removeprefix("pool:")
    meant = {k for full, k in plan.pool_index.items() if name in {full, full.partition("[")[0]}}
    if not meant:
        return ()
    stream = {"stream": tokens[1].removeprefix("stream:")} if len(tokens) == 2 else {}
    of_pools = [stratum(pool=plan.pools[k].name, **stream) for k in sorted(meant)]
    of_services = [
        stratum(service=one.name, **stream) for one in plan.services if meant & {*one.pools}
    ]
    # A measure that speaks of both would count everybody twice.
    found = tuple(one for one in of_pools if one in known)
    found = found or tuple(one for one in of_services if one in known)
    if len(found) > 1 and _QUANTILE.fullmatch(wanted.measure):
        raise OptionError(
            f"{wanted.measure} of pool {name!r} does not follow from its parts; write one of them: "
            f"{', '.join(found)}"
        )
    return found


def _unknown(wanted: Wanted, known: Sequence[str]) -> str:
    words = {value: name for name in known for value in parts(name).values()}
    near = get_close_matches(wanted.stratum, [*known, *words], n=1)
    if not wanted.stratum:
        return f"{wanted.measure} needs a stratum; known are {_some(known, wanted.measure)}"
    hint = f"; did you mean '{wanted.measure}[{near[0]}]'?" if near else ""
    return (
        f"{wanted.measure} has no stratum {wanted.stratum!r}{hint}; known are "
        f"{_some(known, wanted.measure)}"
    )


def _some(known: Sequence[str], measure: str, most: int = 6) -> str:
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(f"{measure}[{name}]" for name in known[:most]) + more


def _why_none(result: RunResult, measure: str) -> str:
    reason = frames.definition(measure).refusal(result.plan)
    return f"{result.label} has no {measure}" + (f": {reason}" if reason else "")
