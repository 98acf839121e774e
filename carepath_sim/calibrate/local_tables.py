"""Tables that people keep of their own patients: CSV files and Excel workbooks, row by row.

Such files hold names and numbers of people. What is read here stays in memory; a message names the
line, and shows what stood there only where it has the form of a date, a number of days or the name
of a place (see `carepath_sim.calibrate.local_secrets`).
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from carepath_sim.errors import CarepathError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_BYTES: Final = 100_000_000
"""Size of a file."""
MOST_ROWS: Final = 1_000_000
"""Rows of a table."""
BETWEEN: Final = ",;\t|"
"""Marks that stand between the cells of a CSV file."""

# What is only of this form is no heading: a date, a number as long as those of people, a postcode.
_OF_A_ROW: Final = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d{1,2}:?\d{2}(?::\d{2})?)?"
    r"|\d(?:[\W_]{0,3}\d){5,}"
    r"|[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}",
    re.IGNORECASE,
)
# How files begin that are no tables, and what they are.
_STRANGERS: Final = (
    (("<",), "a web page or XML, whatever it is called; open it in Excel and save it as .xlsx"),
    (("{", "["), "JSON, not a table; save it as CSV"),
    (("%PDF",), "a PDF; tables have to be copied out of it into a CSV file"),
)


class LocalDataError(CarepathError):
    """A file of local data that cannot be used; the message says which line."""


@dataclass(frozen=True)
class Line:
    """One row of a table.

    Attributes
    ----------
    number
        Line of the file, or row of the sheet, counted from 1 with the headings.
    cells
        What stands in each column, stripped; dates of a workbook as ISO text.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class LocalTable:
    """A table with headings.

    Attributes
    ----------
    name
        Name of the file, without its folder.
    columns
        The headings.
    lines
        The rows that are not empty.
    notes
        What had to be supposed to read the file.
    """

    name: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    def column(self, heading: str) -> tuple[str, ...]:
        """Return the cells of a column, in the order of the rows."""
        k = self.columns.index(heading)
        return tuple(line.cells[k] for line in self.lines)


def with_point(cell: str) -> str:
    """Return a cell with a decimal comma as a point; three digits behind it may be thousands.

    >>> with_point("3,5"), with_point("1,234")
    ('3.5', '1,234')
    """
    return re.sub(r"(?<=\d),(?=\d{1,2}(?!\d))", ".", cell)


def read_local(path: str | Path) -> LocalTable:
    """Read a CSV file or the first sheet of a workbook.

    Raises
    ------
    LocalDataError
        If it cannot be read, is too large, or has no rows.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        if not file.is_file():
            raise LocalDataError(f"{file} is no file")
        if size > MOST_BYTES:
            raise LocalDataError(f"{file} has more than {MOST_BYTES:,} bytes")
        source = file.read_bytes()
    except OSError as error:
        raise LocalDataError(f"{file} cannot be read: {error.strerror or error}") from None
    if file.suffix.lower() in {".xlsx", ".xlsm"} or source[:4] == b"PK\x03\x04":
        from carepath_sim.calibrate.local_workbooks import sheet_rows

        rows, notes = sheet_rows(source, file.name)
    elif source[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise LocalDataError(
            f"{file.name} is an Excel file of the old kind (.xls), or protected by a password;"
            " save it as .xlsx or CSV"
        )
    else:
        rows, notes = _csv_rows(source, file.name)
    return table_of(file.name, rows, notes)


def table_of(
    name: str, rows: Sequence[tuple[int, Sequence[str]]], notes: Sequence[str] = ()
) -> LocalTable:
    """Return numbered rows as a table: the first that has two filled cells, or any, is the heading.

    Raises
    ------
    LocalDataError
        If there is no heading or no row, or two columns have one heading.
    """
    filled = [(number, cells) for number, cells in rows if any(cell.strip() for cell in cells)]
    if not filled:
        raise LocalDataError(f"{name} is empty: its first row names the columns")
    widest = max(len(cells) for _, cells in filled[:50])
    # Titles above the table stand in one cell; the headings fill at least half of the columns.
    first = next(
        (k for k, (_, cells) in enumerate(filled[:20]) if 2 * sum(map(bool, cells)) > widest), 0
    )
    said = list(notes)
    if first:
        said.append(f"the headings stand on line {filled[first][0]}; what stands above is left out")
    head = [cell.strip() for cell in filled[first][1]]
    if any(map(_OF_A_ROW.fullmatch, head)):
        raise LocalDataError(
            f"{name}: line {filled[first][0]} looks like a row, not like headings: the first row"
            " has to name the columns"
        )
    while head and not head[-1]:
        head.pop()
    names = tuple(cell or f"column {k}" for k, cell in enumerate(head, 1))
    twice = sorted({cell for cell in names if names.count(cell) > 1})
    if twice:
        raise LocalDataError(
            f"{name}: line {filled[first][0]}: the column '{twice[0]}' is there twice; give each a"
            " name of its own, and leave one row of headings"
        )
    lines, again = [], []
    for number, cells in filled[first + 1 :]:
        if [cell.strip() for cell in cells][: len(head)] == head and not any(cells[len(head) :]):
            again.append(str(number))
            continue
        if any(cell.strip() for cell in cells[len(names) :]):
            raise LocalDataError(
                f"{name}: line {number} has {len(cells)} cells, but {len(names)} columns are named;"
                " a comma within a cell needs quotes"
            )
        padded = [cell.strip() for cell in cells[: len(names)]]
        lines.append(Line(number, tuple(padded + [""] * (len(names) - len(padded)))))
    if not lines:
        raise LocalDataError(f"{name} has headings, but no rows")
    if again:
        which = ", ".join(again[:5]) + (", ..." if len(again) > 5 else "")
        said.append(f"the headings again, left out: line {which}")
    return LocalTable(name, names, tuple(lines), tuple(said))


def _csv_rows(source: bytes, name: str) -> tuple[list[tuple[int, list[str]]], list[str]]:
    notes = []
    encoding = "utf-16" if source[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    for second, name_of in enumerate(("utf-16-be", "utf-16-le")):
        # Text of two bytes a letter without its mark: every other byte of a heading is 0.
        if len(source) > 3 and not any(source[second:40:2]):
            encoding = name_of
    try:
        text = source.decode(encoding)
    except UnicodeDecodeError:
        # Excel on Windows writes "CSV" so, unless "CSV UTF-8" is chosen.
        text = source.decode("cp1252", errors="replace")
        notes.append("the file is not UTF-8; it was read as Windows text (cp1252)")
    if "\0" in text:
        raise LocalDataError(
            f"{name} is no CSV file: it holds bytes that no text has; save it as CSV UTF-8 or .xlsx"
        )
    for signs, what in _STRANGERS:
        if text.lstrip().startswith(signs):
            raise LocalDataError(f"{name} is {what}")
    head = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(BETWEEN, key=lambda one: (head.count(one), one == ","))
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    ends = 0
    try:
        for number, cells in _numbered(reader):
            rows.append((number, cells))
            ends = reader.line_num
            if len(rows) > MOST_ROWS:
                raise LocalDataError(f"{name} has more than {MOST_ROWS:,} rows")
    except csv.Error as error:
        why = (
            "a quotation mark that opens here is never closed"
            if "unexpected end" in str(error)
            else "a quotation mark stands within a cell; write it twice, with the cell in quotes"
            if "expected after" in str(error)
            else str(error)
        )
        raise LocalDataError(f"{name}: line {ends + 1}: {why}") from None
    return rows, notes


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with the line on which each begins."""
    begins = 1
    for cells in reader:
        yield begins, cells
        begins = reader.line_num + 1  # type: ignore[attr-defined]
