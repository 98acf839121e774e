"""Items of the checklist, and the Markdown that they are written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from carepath_sim.report.fitting import Fitted
    from carepath_sim.report.stress.basis import Basis


@dataclass(frozen=True)
class Item:
    """An item of the checklist.

    Attributes
    ----------
    number, title
        As in the checklist.
    text
        What is known, as Markdown.
    blanks
        What is missing, each as a question.
    """

    number: str
    title: str
    text: str
    blanks: tuple[str, ...] = ()


def asked(basis: Basis, name: str, question: str) -> tuple[str, tuple[str, ...]]:
    """Return the author's words, or the question that is left open."""
    words = basis.said.get(name, "")
    return (words, ()) if words else ("", (f"{question} (answer `{name}`)",))


def joined(*parts: str) -> str:
    """Return paragraphs, without the empty ones."""
    return "\n\n".join(part for part in parts if part)


def bullets(lines: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {line}" for line in lines)


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""Return a table; empty without rows.

    >>> print(markdown_table(["a", "b"], [("x|y", 1)]))
    | a | b |
    |---|---|
    | x\|y | 1 |
    """
    lines = [_row(row) for row in rows]
    if not lines:
        return ""
    return "\n".join([_row(heads), "|" + "---|" * len(heads), *lines])


def frame_table(frame: pd.DataFrame) -> str:
    """Return a table of results."""
    return markdown_table([str(name) for name in frame.columns], frame.to_numpy().tolist())


def from_terminal(table: Fitted) -> str:
    """Return a table of the terminal."""
    from rich.text import Text

    columns = [
        [cell if isinstance(cell, str) else str(cell) for cell in column.cells]
        for column in table.columns
    ]
    rows = [[Text.from_markup(cell).plain for cell in row] for row in zip(*columns, strict=True)]
    return markdown_table([str(column.header) for column in table.columns], rows)


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(cell: object) -> str:
    return " ".join(str(cell).split()).replace("|", "\\|").replace("<", "&lt;")
