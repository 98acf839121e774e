"""Everything that can go wrong because of what a user wrote or asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class CarepathError(Exception):
    """Something that the user can put right; the message says what and where."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with a scenario, and where.

    Attributes
    ----------
    file
        The file as the user would name it; ``--set`` for values set by hand; empty if none.
    line, column
        Counted from 1; 0 where there is no line.
    path
        The field, such as ``services.acute.next[1].to``; empty for the file as a whole.
    message
        What is wrong, what was found, what is accepted, and the nearest known name.
    """

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        """Return ``file.yaml:LINE:COLUMN: path: message``, without the parts that are not known."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.message) if part)


class ScenarioError(CarepathError):
    """A scenario that cannot be used, with every problem found in it.

    Parameters
    ----------
    problems
        The problems, at least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        # One argument, from which copies of the error in other processes are rebuilt.
        super().__init__(self.problems)

    def __str__(self) -> str:
        """Return the problems, one a line."""
        return "\n".join(map(str, self.problems))
