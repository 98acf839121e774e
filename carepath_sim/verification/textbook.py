"""Systems of textbooks, written from the documentation alone and held to their formulas.

Each is a scenario file as anybody would write it, a few measures, and what theory says of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from carepath_sim.verification.case import Case
from carepath_sim.verification.trials import Claim, sample, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from carepath_sim.verification.trials import Effort, Observation, Seen
    from carepath_sim.verification.verdict import Verdict


class Figure(NamedTuple):
    """A measure of the window, for what, in words, and its exact value."""

    measure: str
    stratum: dict[str, str]
    words: str
    exact: float


@dataclass(frozen=True)
class System:
    """A system with known answers.

    Attributes
    ----------
    name
        Its name in the pack.
    scenario
        Its file, without the ending.
    figures
        Works out what is claimed of it.
    source
        Where the formula comes from.
    sets
        Fields set to the numbers of the system.
    replications
        Replications of the full pack.
    quick
        Whether it belongs to the quick pack.
    """

    name: str
    scenario: str
    figures: Callable[[], tuple[Figure, ...]]
    source: str
    sets: Mapping[str, object] = field(default_factory=dict)
    replications: int = 12
    quick: bool = False

    def case(self) -> Case:
        """Return the case of the pack."""
        return Case(self.name, partial(_work, self), self.quick)


def _work(system: System, effort: Effort) -> tuple[Verdict, ...]:
    figures = {f"{k}": figure for k, figure in enumerate(system.figures())}

    def look(seen: Seen) -> dict[str, Observation | float]:
        return {key: seen.figure(f.measure, **f.stratum) for key, f in figures.items()}

    count = effort.replications(system.replications)
    found = sample(system.scenario, system.sets, count, effort.luck(system.name), look)
    claims = [Claim(key, f.words, f.exact) for key, f in figures.items()]
    return verdicts(system.name, found, claims, system.source)
