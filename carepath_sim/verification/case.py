"""A case of the pack: a name, and the work that comes to its verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.verification.trials import Effort
    from carepath_sim.verification.verdict import Verdict


@dataclass(frozen=True)
class Case:
    """One case.

    Attributes
    ----------
    name
        Its name, as in `answers.json`.
    work
        Simulates, and returns the verdicts.
    quick
        Whether it belongs to the quick pack.
    """

    name: str
    work: Callable[[Effort], tuple[Verdict, ...]]
    quick: bool = False
