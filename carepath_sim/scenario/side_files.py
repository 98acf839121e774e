"""Local data beside a scenario: `{csv: {file: stays.csv, column: days, unit: d}}` takes it in.

What is read is put into the tree as values with their weights, so that a scenario that is written
out again, and its hash, hold the data and need the file no longer.
"""

from __future__ import annotations

import math
import pathlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from carepath_sim.errors import Problem
from carepath_sim.scenario.nodes import Mark, Node, planted
from carepath_sim.scenario.positions import written
from carepath_sim.scenario.reading import Path, nearest, shown
from carepath_sim.units import NUMBER

MOST_BYTES: Final = 2_000_000
"""Size of a file of data."""
MOST_VALUES: Final = 2_000
"""Different values in one column; as many as a quantile table can hold."""
MOST_READ: Final = 100
"""Columns and groups that one scenario reads."""
MOST_TOLD: Final = 20
"""Bad rows that are told of one column."""

_NUMBER = re.compile(NUMBER)


class Cell(NamedTuple):
    """What stands in a row under a heading, and the column of the text at which it begins."""

    text: str
    column: int


class Row(NamedTuple):
    """A line of a file."""

    line: int
    cells: tuple[Cell, ...]


class Refused(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """A file of data that cannot be used, with every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(problems)


@dataclass
class SideFiles:
    """The data that one scenario file names.

    Attributes
    ----------
    path
        The scenario file.
    shown_as
        How it is called in messages.
    problems
        What is wrong with the data; filled while `taken_in` runs.
    """

    path: pathlib.Path
    shown_as: str
    problems: list[Problem]
    _path: Path = ()
    _rows: dict[pathlib.Path, list[Row]] = field(default_factory=dict)
    _read: dict[tuple[str, ...], dict[str, Node]] = field(default_factory=dict)

    def taken_in(self, node: Node, path: Path = ()) -> Node:
        """Return a tree with the data put in wherever it is named.

        Parameters
        ----------
        path
            The way to `node` from the root of the scenario.
        """
        if isinstance(node.value, list):
            entries = [self.taken_in(entry, (*path, k)) for k, entry in enumerate(node.value)]
            same = all(a is b for a, b in zip(entries, node.value, strict=True))
            return node if same else replace(node, value=entries)
        if not isinstance(node.value, dict):
            return node
        # What stands in the background is for the reader.
        inside = {
            key: value if (*path, key) == ("background",) else self.taken_in(value, (*path, key))
            for key, value in node.value.items()
        }
        named = inside.get("csv")
        if named is not None and isinstance(named.value, dict) and "values" not in named.value:
            self._path = (*path, "csv")
            inside["csv"] = replace(named, value=named.value | self._found(named.value, named.mark))
        same = all(inside[key] is value for key, value in node.value.items())
        return node if same else replace(node, value=inside)

    def _found(self, asked: dict[str, Node], mark: Mark) -> dict[str, Node]:
        """Return the values and weights of a column."""
        wanted = {key: _plain(node) for key, node in asked.items()}
        if not all(isinstance(wanted.get(key), str) for key in ("file", "column")):
            # The grammar says what is missing.
            return {} if {"file", "column"} - set(wanted) else self._stand_in(asked, mark)
        key = tuple(f"{k}={v}" for k, v in sorted(wanted.items()) if k not in {"unit", "smooth"})
        if key not in self._read:
            try:
                values, weights = self._column(asked)
            except Refused as refused:
                self.problems += [one for one in refused.problems if one not in self.problems]
                values, weights = [1.0], [1.0]
            equal = len(set(weights)) == 1
            self._read[key] = {"values": planted([_short(v) for v in values], mark, mark)}
            if not equal:
                counted = planted([_short(w) for w in weights], mark, mark)
                self._read[key]["weights"] = counted
        return self._read[key]

    def _stand_in(self, asked: dict[str, Node], mark: Mark) -> dict[str, Node]:
        for key in ("file", "column"):
            raw = _plain(asked[key])
            if not isinstance(raw, str):
                said = f"a name is needed, found {shown(raw)}"
                self.problems += self._refusal(asked[key], key, said).problems
        return {"values": planted([1], mark, mark)}

    # --- one column of one file ----------------------------------------------------------------

    def _column(self, asked: dict[str, Node]) -> tuple[list[float], list[float]]:
        if len(self._read) >= MOST_READ:
            raise self._refusal(asked["file"], "file", f"more than {MOST_READ} columns are read")
        target = self._target(asked["file"])
        if target not in self._rows:
            self._rows[target] = self._lines(target, asked["file"])
        name = self._name(target)
        heads, *rows = self._rows[target]
        which = self._heading(heads, asked["column"], name)
        weighed = (
            self._heading(heads, asked["weight"], name, "weight") if "weight" in asked else None
        )
        step = self._step(asked)
        kept = self._group(heads, asked, name)
        counts: dict[float, float] = {}
        bad: list[Problem] = []
        for row in rows:
            if kept is not None and _cell(row, kept[0]).text not in kept[1]:
                continue
            value = _amount(row, which, name, bad)
            weight = 1.0 if weighed is None else _amount(row, weighed, name, bad)
            if value is not None and weight is not None:
                if step:
                    value = math.floor(value / step + 0.5) * step
                counts[value] = counts.get(value, 0.0) + weight
        if len(bad) > MOST_TOLD:
            last = bad[MOST_TOLD]
            more = f"{len(bad) - MOST_TOLD} more rows cannot be read"
            bad = [*bad[:MOST_TOLD], replace(last, message=more)]
        if bad:
            raise Refused(bad)
        values = sorted(value for value, weight in counts.items() if weight > 0)
        self._enough(values, asked, name, grouped=kept is not None)
        return values, [counts[value] for value in values]

    def _enough(
        self, values: list[float], asked: dict[str, Node], name: str, *, grouped: bool
    ) -> None:
        if not values:
            which = "group" if grouped else "column"
            raise self._refusal(asked[which], which, f"{name} has no number for this")
        if len(values) > MOST_VALUES:
            raise self._refusal(
                asked["column"],
                "column",
                f"{name} has {len(values):,} different values here, at most {MOST_VALUES:,} can be"
                " held; say `round: 0.5` (in the unit of the column) or write a histogram",
            )

    def _target(self, named: Node) -> pathlib.Path:
        given = str(named.value)
        folder = self.path.resolve().parent
        if "\0" in given:
            raise self._refusal(named, "file", "a file name cannot contain this character")
        try:
            target = (self.path.parent / given).resolve()
            absolute = pathlib.PurePath(given).is_absolute()
            if absolute or folder not in target.parents:
                raise self._refusal(
                    named, "file", f"only files in the scenario's folder are read, found '{given}'"
                )
            found = target if target.is_file() else None
        except (OSError, RuntimeError):
            found = None
        if found is None:
            known = sorted(path.name for path in folder.glob("*.csv"))
            hint = nearest(given, known) or f"; there are: {', '.join(known[:20]) or 'none'}"
            raise self._refusal(named, "file", f"there is no file '{shown(given)[1:-1]}'{hint}")
        return found

    def _name(self, target: pathlib.Path) -> str:
        """Return how a file of data is called in messages: beside the scenario."""
        inside = target.relative_to(self.path.resolve().parent)
        return (pathlib.PurePath(self.shown_as).parent / inside).as_posix()

    def _lines(self, target: pathlib.Path, named: Node) -> list[Row]:
        name = self._name(target)
        try:
            with target.open("rb") as file:
                source = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise self._refusal(
                named, "file", f"{name} cannot be read: {error.strerror or error}"
            ) from None
        if len(source) > MOST_BYTES:
            raise Refused([Problem(name, 0, 0, "", f"the file has more than {MOST_BYTES:,} bytes")])
        try:
            text = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = source[: error.start].count(b"\n") + 1
            column = error.start - source.rfind(b"\n", 0, error.start)
            said = f"the file is not UTF-8 text: byte 0x{source[error.start]:02x}; save it as UTF-8"
            raise Refused([Problem(name, line, column, "", said)]) from None
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        separator = next((one for one in ",;\t" if one in lines[0]), ",")
        rows: list[Row] = []
        bad: list[Problem] = []
        for number, row in enumerate(lines, start=1):
            if not row.strip():
                continue
            cells = _cells(row, separator)
            if isinstance(cells, int):
                said = "quotes are not closed, or something follows them"
                bad.append(Problem(name, number, cells, "", said))
            elif rows and len(cells) != len(rows[0].cells):
                wanted = len(rows[0].cells)
                said = f"{wanted} cells are needed, as in the first line, found {len(cells)}"
                bad.append(Problem(name, number, 1, "", said))
            else:
                rows.append(Row(number, cells))
        if bad:
            raise Refused(bad[:MOST_TOLD])
        if not rows:
            raise Refused([Problem(name, 1, 1, "", "the file is empty; it begins with headings")])
        return rows

    def _heading(self, heads: Row, named: Node, name: str, what: str = "column") -> int:
        wanted = str(_plain(named))
        known = [cell.text for cell in heads.cells]
        if known.count(wanted) == 1:
            return known.index(wanted)
        if wanted in known:
            raise self._refusal(named, what, f"{name} has the heading '{wanted}' twice")
        others = "; there are: " + ", ".join(shown(one)[1:-1] for one in known[:20])
        hint = nearest(wanted, known) or others
        raise self._refusal(named, what, f"{name} has no column {shown(wanted)}{hint}")

    def _step(self, asked: dict[str, Node]) -> float | None:
        if "round" not in asked:
            return None
        raw = _plain(asked["round"])
        if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not 0 < raw < math.inf:
            said = f"a number above 0 in the unit of the column is needed, found {shown(raw)}"
            raise self._refusal(asked["round"], "round", said)
        return float(raw)

    def _group(
        self, heads: Row, asked: dict[str, Node], name: str
    ) -> tuple[int, frozenset[str]] | None:
        if "group" not in asked:
            return None
        group = asked["group"].value
        accepted = "`{column: ward, value: A}` is needed (the value may be a list)"
        if not isinstance(group, dict) or set(group) != {"column", "value"}:
            found = shown(_plain(asked["group"]))
            raise self._refusal(asked["group"], "group", f"{accepted}, found {found}")
        which = self._heading(heads, group["column"], name, "group")
        listed = group["value"].value
        nodes = listed if isinstance(listed, list) else [group["value"]]
        words = [_word(node.value) for node in nodes]
        known = {_cell(row, which).text for row in self._rows_of(asked)}
        for node, word in zip(nodes, words, strict=True):
            if word is None or word not in known:
                hint = nearest(word or "", known)
                said = f"{name} has no {shown(_plain(node))} in this column{hint}"
                raise self._refusal(node, "group", said)
        return which, frozenset(word for word in words if word is not None)

    def _rows_of(self, asked: dict[str, Node]) -> list[Row]:
        return self._rows[self._target(asked["file"])][1:]

    def _refusal(self, node: Node, what: str, message: str) -> Refused:
        return Refused([Problem(*node.mark, written((*self._path, what)), message)])


def _plain(node: Node) -> object:
    value = node.value
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _word(value: object) -> str | None:
    """Return a value as it would stand in a cell."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None or isinstance(value, (Mapping, list)) else str(value)


def _cells(line: str, separator: str) -> tuple[Cell, ...] | int:
    """Return the cells of a line, or the column of the text at which it makes no sense."""
    cells: list[Cell] = []
    at = 0
    while True:
        rest = line[at:]
        indent = len(rest) - len(rest.lstrip(" "))
        begin = at + indent
        if line[begin : begin + 1] == '"':
            end = begin + 1
            while True:
                end = line.find('"', end)
                if end < 0:
                    return begin + 1
                if line[end + 1 : end + 2] != '"':
                    break
                end += 2
            text = line[begin + 1 : end].replace('""', '"')
            after = end + 1
            while line[after : after + 1] == " ":
                after += 1
            if after < len(line) and line[after] != separator:
                return after + 1
        else:
            after = line.find(separator, at)
            after = len(line) if after < 0 else after
            text = line[at:after]
        cells.append(Cell(text.strip(), begin + 1))
        if after >= len(line):
            return tuple(cells)
        at = after + 1


def _cell(row: Row, which: int) -> Cell:
    return row.cells[which]


def _amount(row: Row, which: int, name: str, bad: list[Problem]) -> float | None:
    cell = _cell(row, which)
    if _NUMBER.fullmatch(cell.text) and len(cell.text) <= 30:
        value = float(cell.text)
        if 0 <= value < 1e300:
            return value
    what = shown(cell.text) if cell.text else "nothing"
    message = f"a number of 0 or more is needed, found {what}"
    bad.append(Problem(name, row.line, cell.column, "", message))
    return None


def _short(value: float) -> float | int:
    return int(value) if value == math.floor(value) and abs(value) < 1e15 else value
