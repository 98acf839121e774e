"""A measure: a name, what it means, and the function that works it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan


class Row(NamedTuple):
    """One figure of one replication.

    Attributes
    ----------
    measure
        Name of the measure.
    stratum
        ``all``, or pairs of key and value (`strata`).
    period
        ``window``, or a month such as ``2015-04``.
    value
        The figure, in the unit of the measure; nan where it is not defined (0/0).
    weight
        For shares and means: how many (or how much) it was divided by, so that replications can
        be pooled as a ratio of sums; None for counts and totals.
    """

    measure: str
    stratum: str
    period: str
    value: float
    weight: float | None = None


class Cell(NamedTuple):
    """A figure that does not know yet which measure it belongs to; fields as in `Row`."""

    stratum: str
    period: str
    value: float
    weight: float | None = None


def nothing(_plan: Plan) -> str:
    """Say nothing of any plan."""
    return ""


@dataclass(frozen=True)
class Measure:
    """A measure under its name.

    Attributes
    ----------
    definition
        What is counted, in one or two sentences.
    unit
        Unit of the value.
    denominator
        What the value is divided by; empty for counts and totals.
    version
        Version of the definition, with the national one it follows, because those change.
    cells
        The function that works it out.
    refusal
        Why the measure has no value for a plan, or an empty text.
    remark
        What a reader should know of it for a plan, or an empty text.
    absent_is_zero
        Whether a stratum without a row means 0: fine strata (a reason in a service) are listed
        only where something was counted.
    signed
        Whether the value can lie below 0; amounts, times, shares and numbers of people cannot.
    """

    name: str
    definition: str
    unit: str
    denominator: str
    version: str
    cells: Callable[[View], Iterable[Cell]]
    refusal: Callable[[Plan], str] = nothing
    remark: Callable[[Plan], str] = nothing
    absent_is_zero: bool = False
    signed: bool = False

    def rows(self, view: View) -> Iterator[Row]:
        """Yield the rows of one replication; none where the measure is refused."""
        if not self.refusal(view.plan):
            for cell in self.cells(view):
                yield Row(self.name, *cell)


def measure(
    *,
    name: str,
    definition: str,
    unit: str,
    denominator: str = "",
    version: str = "1",
    refusal: Callable[[Plan], str] = nothing,
    remark: Callable[[Plan], str] = nothing,
    absent_is_zero: bool = False,
) -> Callable[[Callable[[View], Iterable[Cell]]], Measure]:
    """Turn a function from a view to cells into a measure."""

    def register(cells: Callable[[View], Iterable[Cell]]) -> Measure:
        return Measure(
            name, definition, unit, denominator, version, cells, refusal, remark, absent_is_zero
        )

    return register
