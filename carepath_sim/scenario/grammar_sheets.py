"""Sheets: tables of rows with named columns, from a CSV text or a list of maps."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from carepath_sim.scenario.reading import (
    Flaws,
    Path,
    Step,
    cell,
    listed,
    nearest,
    shown,
    wrong,
)

T = TypeVar("T")

MOST_ROWS: Final = 50_000
"""Rows of a sheet."""

_HEAD = re.compile(r"\s*([^\[\]]+?)\s*(?:\[\s*([^\[\]]+?)\s*\])?\s*")


@dataclass(frozen=True)
class Row:
    """One row of a sheet.

    Attributes
    ----------
    cells
        What stands under each name; empty cells are left out.
    units
        Units that the head of a column gives, by name.
    at
        Way from the field to the row.
    where
        Way from the field to each cell.
    """

    cells: Mapping[str, object]
    units: Mapping[str, str]
    at: Path
    where: Mapping[str, Path]

    def read(self, flaws: Flaws, name: str, parse: Callable[[Any], T]) -> T | None:
        """Return a cell as read, or None where it is empty or flawed."""
        if name not in self.cells:
            return None
        raw, unit = self.cells[name], self.units.get(name)
        if unit and isinstance(raw, (int, float, str)) and _is_number(raw):
            raw = f"{raw} {unit}"
        return flaws.attempt(parse, raw, *self.where[name])


@dataclass(frozen=True)
class Sheet:
    """Rows with named columns.

    Attributes
    ----------
    columns
        Names of the columns with the way to each; of a list of maps, every name in it.
    """

    columns: Mapping[str, Path]
    rows: Sequence[Row] = field(default=())


def sheet(raw: object, what: str) -> Sheet:
    """Return a table.

    Parameters
    ----------
    what
        What is needed, for messages: "a CSV file or a list of ...".

    Raises
    ------
    Wrong
        If it is none; every bad row is named.
    """
    if isinstance(raw, str):
        return _from_text(raw, what)
    if not isinstance(raw, list) or not raw:
        raise wrong(f"{what} is needed, found {shown(raw)}")
    flaws = Flaws()
    columns: dict[str, Path] = {}
    rows = []
    for k, entry in enumerate(raw):
        if not isinstance(entry, Mapping) or not entry:
            flaws.note(f"a map with the columns as names is needed, found {shown(entry)}", k)
            continue
        for name in entry:
            columns.setdefault(str(name), (k, name))
        given = {str(name): value for name, value in entry.items() if value is not None}
        rows.append(Row(given, {}, (k,), {name: (k, name) for name in given}))
    flaws.close()
    return Sheet(columns, rows)


def _from_text(text: str, what: str) -> Sheet:
    if "\n" not in text:
        raise wrong(
            f"{what} is needed, found {shown(text)}; a file is read where a scenario file names it,"
            " never from a value set by hand"
        )
    lines = [
        (number, line)
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise wrong("the table is empty: its first row names the columns", cell(1, 1))
    number, head = lines[0]
    between = next((mark for mark in (",", ";", "\t") if mark in head), ",")
    flaws = Flaws()
    columns: dict[str, Path] = {}
    units: dict[str, str] = {}
    names: list[str] = []
    for column, written in _cells(head, between):
        found = _HEAD.fullmatch(written)
        name = found[1] if found else ""
        where: Step = cell(number, column)
        if not name:
            flaws.note("a name is missing at the head of this column", where)
        elif name in columns:
            flaws.note(f"the column '{name}' is given twice", where)
        columns[name] = (where,)
        names.append(name)
        if found and found[2]:
            units[name] = found[2]
    if len(lines) - 1 > MOST_ROWS:
        flaws.note(f"more than {MOST_ROWS:,} rows", cell(lines[MOST_ROWS + 1][0], 1))
    rows = []
    for number, line in lines[1 : MOST_ROWS + 1]:
        found_cells = _cells(line, between)
        if len(found_cells) > len(names):
            extra = cell(number, found_cells[len(names)][0])
            flaws.note(f"{len(found_cells)} cells, but {len(names)} columns are named", extra)
            continue
        given = [
            (name, column, value)
            for name, (column, value) in zip(names, found_cells, strict=False)
            if value
        ]
        rows.append(
            Row(
                {name: value for name, _, value in given},
                units,
                (cell(number, found_cells[0][0]),),
                {name: (cell(number, column),) for name, column, _ in given},
            )
        )
    flaws.close()
    return Sheet(columns, rows)


def _cells(line: str, between: str) -> list[tuple[int, str]]:
    """Return the cells of a line with the columns at which they begin, counted from 1.

    >>> _cells('a, "b,c",', ",")
    [(1, 'a'), (4, 'b,c'), (10, '')]
    """
    found: list[tuple[int, str]] = []
    at = 0
    while True:
        begin = at + len(line[at:]) - len(line[at:].lstrip(" "))
        if line[begin : begin + 1] == '"':
            end = begin + 1
            while end < len(line) and (line[end] != '"' or line[end + 1 : end + 2] == '"'):
                end += 2 if line[end] == '"' else 1
            value = line[begin + 1 : end].replace('""', '"').strip()
            after = line.find(between, end)
        else:
            after = line.find(between, at)
            value = line[at : len(line) if after < 0 else after].strip()
        found.append((begin + 1, value))
        if after < 0:
            return found
        at = after + 1


def _is_number(raw: float | str) -> bool:
    try:
        float(raw)
    except ValueError:
        return False
    return True


def known_columns(found: Sheet, known: Sequence[str], needed: Sequence[str], flaws: Flaws) -> None:
    """Note columns that nobody knows, and those that are missing."""
    for name, where in found.columns.items():
        if name not in known:
            message = f"unknown column '{name}'; known are {listed(known, 'and')}"
            flaws.note(f"{message}{nearest(name, known)}", *where)
    for name in needed:
        if name not in found.columns:
            where = next(iter(found.columns.values()), ())
            flaws.note(f"the column '{name}' is missing", *where)
