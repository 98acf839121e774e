"""What is to be as small, or as large, as possible: `minimise costs + 150 * admissions_caused`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.experiment import frames
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.wanted import Wanted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepath_sim.experiment.results import RunResult

_WAY: Final = re.compile(
    r"\s*(?P<way>minimi[sz]e|maximi[sz]e|min|max)\b[:\s]*(?P<rest>.*)", re.DOTALL
)
_TERM: Final = re.compile(
    r"\s*(?P<sign>[+\-−])?\s*(?:(?P<factor>\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)\s*[*x×]\s*)?"  # noqa: RUF001
    r"(?P<name>[A-Za-z_]\w*\s*(?:\[[^][]*(?:\[[^][]*\])?\])?)\s*"
)
_FORM: Final = (
    "minimise or maximise, then figures with factors are needed, such as "
    "'minimise delayed_transfer_days' or 'minimise costs + 150 * admissions_caused'"
)


@dataclass(frozen=True)
class Objective:
    """A weighted sum of figures that is to be small, or large.

    Attributes
    ----------
    terms
        Pairs of factor and figure.
    smaller
        Whether small is good.
    """

    terms: tuple[tuple[float, Wanted], ...]
    smaller: bool = True

    @classmethod
    def parse(cls, text: str) -> Objective:
        """Read an objective; without `minimise` or `maximise`, small is good.

        Raises
        ------
        OptionError
            If it has another form, or names a measure that there is not.
        """
        found = _WAY.fullmatch(text)
        rest = found["rest"] if found else text
        terms = []
        at = 0
        while at < len(rest):
            term = _TERM.match(rest, at)
            if term is None or (at > 0 and not term["sign"]):
                raise OptionError(f"{text.strip()!r} is no objective: {_FORM}")
            sign = -1.0 if term["sign"] in {"-", "−"} else 1.0  # noqa: RUF001
            factor = float((term["factor"] or "1").replace(",", ""))
            terms.append((sign * factor, Wanted.parse(term["name"])))
            at = term.end()
        if not terms:
            raise OptionError(f"{text.strip()!r} is no objective: {_FORM}")
        return cls(tuple(terms), smaller=not (found and found["way"].startswith("max")))

    @property
    def unit(self) -> str:
        """Unit of the sum: that of its figures where they share one."""
        units = {wanted.unit for _, wanted in self.terms}
        if len(self.terms) == 1 and abs(self.terms[0][0]) == 1:
            return units.pop()
        # With prices as factors a sum that holds money is money.
        return "GBP" if "GBP" in units else "points"

    @property
    def words(self) -> str:
        """The sum as it is written, without what is wanted of it."""
        parts = []
        for factor, wanted in self.terms:
            sign = "-" if factor < 0 else "+"
            times = "" if abs(factor) == 1 else f"{abs(factor):,.12g} * "
            parts.append(f"{sign} {times}{wanted}")
        return " ".join(parts).removeprefix("+ ")

    def possible(self, mean: float) -> tuple[float, float]:
        """Return between which values the sum can lie, as `Wanted.possible` does of a figure."""
        ranges = [wanted.possible(math.inf) for _, wanted in self.terms]
        if len(self.terms) == 1 and self.terms[0][0] == 1:
            return self.terms[0][1].possible(mean)
        positive = all(factor >= 0 for factor, _ in self.terms)
        return (0.0 if positive and all(low == 0 for low, _ in ranges) else -math.inf), math.inf

    def __str__(self) -> str:
        """Return the objective as it is written."""
        return f"{'minimise' if self.smaller else 'maximise'} {self.words}"

    def on(self, result: RunResult, *, pool: str = "") -> Objective:
        """Return the objective with its strata looked up in a result that is no base.

        Raises
        ------
        OptionError
            If the scenario has no such figure.
        """
        terms = tuple((factor, wanted.on(result, pool=pool)) for factor, wanted in self.terms)
        return replace(self, terms=terms)

    def values(self, result: RunResult) -> NDArray[np.float64]:
        """Return the sum, one value a replication, whose mean is the sum of the figures.

        Raises
        ------
        OptionError
            If a figure is not defined in a replication.

        Notes
        -----
        A share or a mean over people is a ratio of sums N/D over replications. Its value of a
        replication is taken as q + (n - q d) / mean(d) with q = N/D, whose mean is q and whose
        spread is that of the ratio, to the first order.
        """
        total = np.zeros(len(result.done))
        for factor, wanted in self.terms:
            total += factor * steady(result, wanted)
        return total


def steady(result: RunResult, wanted: Wanted) -> NDArray[np.float64]:
    """Return a figure, one value a replication, whose mean is the figure over all of them.

    Raises
    ------
    OptionError
        If it is not defined in a replication.
    """
    if frames.is_paired(wanted.measure) and not any(
        row.measure == wanted.measure for one in result.done for row in one.rows
    ):
        return np.zeros(len(result.done))  # the base, compared with itself
    values, weights = wanted.sums(result)
    if weights is not None and weights.sum() > 0:
        tops = np.where(weights > 0, values * weights, 0.0)
        ratio = float(tops.sum() / weights.sum())
        return np.asarray(ratio + (tops - ratio * weights) / weights.mean(), dtype=np.float64)
    if not np.isfinite(values).all():
        number = int(np.flatnonzero(~np.isfinite(values))[0])
        raise OptionError(
            f"{wanted} is not defined in replication {number} of {result.label}: nobody was "
            "counted; take another measure, or a longer window (clock.length)"
        )
    return values
