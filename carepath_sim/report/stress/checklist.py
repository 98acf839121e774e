"""The whole checklist as Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from carepath_sim import __version__
from carepath_sim.report.stress.basis import read_basis
from carepath_sim.report.stress.card import model_card
from carepath_sim.report.stress.data import data
from carepath_sim.report.stress.experimentation import experimentation
from carepath_sim.report.stress.implementation import access, checked, implementation
from carepath_sim.report.stress.logic import logic
from carepath_sim.report.stress.objectives import objectives

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from carepath_sim.report.stress.items import Item

SECTIONS = (
    ("1. Objectives", objectives),
    ("2. Logic", logic),
    ("3. Data", data),
    ("4. Experimentation", experimentation),
    ("5. Implementation", implementation),
    ("6. Code access", access),
    ("7. Verification and validation (not part of STRESS-DES)", checked),
)
SOURCE = (
    "Monks T, Currie CSM, Onggo BS, Robinson S, Kunc M, Taylor SJE (2019). Strengthening the "
    "reporting of empirical simulation studies: introducing the STRESS guidelines. Journal of "
    "Simulation 13(1), 55-67."
)


@dataclass(frozen=True)
class Checklist:
    """STRESS-DES of a scenario or a run.

    Attributes
    ----------
    names
        Labels of the scenarios.
    sections
        Pairs of heading and items.
    card
        The model card.
    """

    names: tuple[str, ...]
    sections: tuple[tuple[str, tuple[Item, ...]], ...]
    card: str

    @property
    def items(self) -> tuple[Item, ...]:
        """All items."""
        return tuple(item for _, items in self.sections for item in items)

    @property
    def blanks(self) -> tuple[tuple[str, str], ...]:
        """What is missing: pairs of an item's number and a question."""
        return tuple((item.number, blank) for item in self.items for blank in item.blanks)

    def markdown(self) -> str:
        """Return the page."""
        parts = [
            f"# STRESS-DES: {', '.join(self.names)}",
            (
                f"Filled by carepath-sim {__version__} from the scenarios, the run and the code, "
                f"after: {SOURCE}"
            ),
            self._what_is_missing(),
        ]
        for heading, items in self.sections:
            parts.append(f"## {heading}")
            for item in items:
                parts += [f"### {item.number} {item.title}", item.text]
                parts += [f"> **BLANK** {blank}" for blank in item.blanks]
        parts += ["## Model card", self.card]
        return "\n\n".join(part for part in parts if part) + "\n"

    def _what_is_missing(self) -> str:
        if not self.blanks:
            return "Nothing is left blank."
        lines = [f"- {number}: {blank}" for number, blank in self.blanks]
        return "\n".join([f"**{len(lines)} left blank:**", "", *lines])


def stress(
    given: str | Path, *, sets: Sequence[str] = (), answers: str | Path | None = None
) -> Checklist:
    """Return the checklist STRESS-DES of a scenario, or of a run.

    Parameters
    ----------
    given
        Name or file of a scenario, or the folder of a run.
    sets
        Fields of the scenario set by hand, as texts ``PATH=VALUE``.
    answers
        YAML file with what only an author can know, by name.

    Raises
    ------
    OptionError
        When the folder holds no run, or the file something else than answers.
    """
    basis = read_basis(given, sets=sets, answers=answers)
    return Checklist(
        tuple(basis.scenarios),
        tuple((heading, tuple(section(basis))) for heading, section in SECTIONS),
        model_card(basis),
    )
