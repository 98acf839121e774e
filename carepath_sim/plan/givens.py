"""What is known of people beforehand: rows of a list with attributes and outcomes of decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from carepath_sim.plan import tables as tb
from carepath_sim.plan.build import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from carepath_sim.scenario.values import Number
    from carepath_sim.scenario.values_arrivals import Given


@dataclass
class GivenRows:
    """Collects rows; the first belongs to nobody, so that row numbers begin at 0 for each source.

    Attributes
    ----------
    attributes
        Numbers of the attributes by name.
    """

    attributes: tuple[str, ...]
    first: list[int] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    draw_first: list[int] = field(default_factory=lambda: [0])
    draw_decision: list[int] = field(default_factory=list)
    draw_occurrence: list[int] = field(default_factory=list)
    draw_value: list[int] = field(default_factory=list)

    def source(
        self,
        rows: Iterable[tuple[Given, ...]],
        encode: Callable[[dict[str, str]], list[int]],
        decide: Callable[[str, str | Number], tuple[int, int]],
    ) -> None:
        """Add the rows of the next source; most have none.

        Parameters
        ----------
        encode
            Returns codes of all attributes for the given values.
        decide
            Returns the number of a decision and the outcome as a number: a duration [ms], a target.
        """
        self.first.append(len(self.draw_first) - 1)
        for row in rows:
            said = {one.name: one.value for one in row}
            values = {name: str(v) for name, v in said.items() if name in self.attributes}
            self.codes.extend(encode(values))
            for name, value in said.items():
                if name not in self.attributes:
                    decision, outcome = decide(name, value)
                    self.draw_decision.append(decision)
                    self.draw_occurrence.append(0)
                    self.draw_value.append(outcome)
            self.draw_first.append(len(self.draw_value))

    def tables(self) -> tb.Givens:
        """Return the rows as columns."""
        return tb.Givens(
            source_first=whole([*self.first, len(self.draw_first) - 1]),
            codes=whole(self.codes),
            draw_first=whole(self.draw_first),
            draw_decision=whole(self.draw_decision),
            draw_occurrence=whole(self.draw_occurrence),
            draw_value=whole(self.draw_value),
        )


NO_GIVENS = GivenRows(()).tables()
"""Nothing is known of anybody."""
