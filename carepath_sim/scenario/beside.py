"""Files beside a scenario: their text is taken into it, so that it stays whole wherever it goes.

A field that may name a file holds the text of the file afterwards; line and column of everything
in it are those of the file.
"""

from __future__ import annotations

import pathlib
from dataclasses import replace
from typing import Final

from carepath_sim.errors import Problem, ScenarioError
from carepath_sim.scenario.catalogue import is_there
from carepath_sim.scenario.nodes import Mark, Node
from carepath_sim.scenario.positions import written
from carepath_sim.scenario.reading import Path, nearest

FIELDS: Final = (("arrivals", "*", "rates"), ("arrivals", "*", "replay"), ("start", "census"))
"""Fields that may name a file."""
MOST_TEXT: Final = 750_000
"""Size of the files of one scenario together [bytes]; with them it can still be saved and read."""


def taken_in(root: Node, path: pathlib.Path, shown_as: str) -> Node:
    """Return a scenario with the text of the files that it names.

    Parameters
    ----------
    path, shown_as
        The scenario's own file, and how it is called in messages.

    Raises
    ------
    ScenarioError
        With every file that cannot be read, is too large, or lies outside the folder.
    """
    reader = _Reader(path, shown_as)
    for field in FIELDS:
        root = reader.replaced(root, field, ())
    if reader.problems:
        raise ScenarioError(sorted(reader.problems))
    return root


class _Reader:
    """Reads the files of one scenario."""

    def __init__(self, path: pathlib.Path, shown_as: str) -> None:
        self.folder = path.parent
        self.shown_in = pathlib.PurePath(shown_as).parent
        self.problems: list[Problem] = []
        self.size = 0

    def replaced(self, node: Node, field: tuple[str, ...], done: Path) -> Node:
        """Return a node in which the file named at a field has become its text."""
        if not field:
            return self.text(node, done) if _names_file(node) else node
        if not isinstance(node.value, dict):
            return node
        keys = list(node.value) if field[0] == "*" else [field[0]]
        inside = dict(node.value)
        for key in keys:
            if key in inside:
                inside[key] = self.replaced(inside[key], field[1:], (*done, key))
        return replace(node, value=inside)

    def text(self, node: Node, at: Path) -> Node:
        """Return the text of a file, with the file as its place."""
        name = str(node.value)

        def refuse(message: str) -> Node:
            self.problems.append(Problem(*node.mark, written(at), message))
            return node

        folder = self.folder.resolve()
        if "\0" in name:
            return refuse("a file name cannot contain this character")
        target = (self.folder / name).resolve()
        if pathlib.PurePath(name).is_absolute() or folder not in target.parents:
            return refuse(
                f"only files in the scenario's own folder, or below it, can be read, found '{name}'"
            )
        if not is_there(target):
            known = sorted(p.relative_to(folder).as_posix() for p in folder.glob("**/*.csv"))
            others = "; there are: " + (", ".join(known[:8]) or "no CSV files")
            return refuse(
                f"there is no file '{name}' beside the scenario{nearest(name, known) or others}"
            )
        try:
            with target.open("rb") as file:
                source = file.read(MOST_TEXT + 1)
        except OSError as error:
            return refuse(f"'{name}' cannot be read: {error.strerror or error}")
        self.size += len(source)
        if self.size > MOST_TEXT:
            return refuse(f"the files of a scenario have more than {MOST_TEXT:,} bytes together")
        try:
            content = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = source[: error.start].count(b"\n") + 1
            return refuse(f"'{name}' is not UTF-8 text (line {line}); save it as UTF-8")
        content = content.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
        return Node(content, Mark((self.shown_in / name).as_posix(), 1, 1))


def _names_file(node: Node) -> bool:
    return isinstance(node.value, str) and "\n" not in node.value and bool(node.value.strip())
