"""Excel workbooks (.xlsx) read with what Python has: a ZIP file of XML files (ECMA-376).

What is read are the values of the first visible sheet, formulas by the value that was stored with
them. Cells merged over several rows hold their value in each; rows that a filter hides count, and
it is said. A file that unpacks to more than it should, or that defines entities, is refused:
such files are made to exhaust a computer, never by a spreadsheet program.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from carepath_sim.calibrate.local_tables import MOST_ROWS, LocalDataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_UNPACKED: Final = 400_000_000
"""Size of one part when unpacked [bytes]."""
MOST_COLUMNS: Final = 500
"""Columns of a sheet."""
MOST_CHARACTERS: Final = 200_000_000
"""Characters of all shared texts together."""

EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - civil time, as spreadsheets have it
"""Day 0 of Excel's calendar, whose 1900 has a 29 February: right from 1 March 1900 on."""
LATER_EPOCH: Final = datetime(1904, 1, 1)  # noqa: DTZ001
"""Day 0 of workbooks made on old Macintosh computers."""

# Built-in number formats that are dates or times (ECMA-376 part 1, 18.8.30).
_DATES: Final = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")

Rows = list[tuple[int, list[str]]]


def sheet_rows(source: bytes, name: str) -> tuple[Rows, list[str]]:
    """Return the rows of the first visible sheet with their numbers, and what was supposed.

    Raises
    ------
    LocalDataError
        If it is no workbook, damaged, protected, or too large.
    """
    try:
        with zipfile.ZipFile(BytesIO(source)) as archive:
            return _Workbook(archive, name).rows()
    except zipfile.BadZipFile:
        raise LocalDataError(f"{name} is no Excel workbook, or damaged") from None
    except (expat.ExpatError, ValueError, KeyError, NotImplementedError, RuntimeError) as error:
        raise LocalDataError(f"{name} is damaged ({type(error).__name__})") from None


@dataclass
class _Workbook:
    archive: zipfile.ZipFile
    name: str
    notes: list[str] = field(default_factory=list)

    def rows(self) -> tuple[Rows, list[str]]:
        path, later = self._first_sheet()
        known = set(self.archive.namelist())
        texts = self._texts() if "xl/sharedStrings.xml" in known else []
        dates = self._date_styles() if "xl/styles.xml" in known else set()
        reader = _Sheet(texts, dates, LATER_EPOCH if later else EPOCH, self.name)
        self._parse(path, reader.start, reader.end, reader.text)
        if reader.hidden:
            self.notes.append(
                f"hidden rows (filtered away?), read like the others: {reader.hidden}"
            )
        if reader.fill_merged():
            self.notes.append("cells merged over several rows count for each of them")
        if reader.drop_upper_headings():
            self.notes.append("of headings over several rows the last row is taken")
        return reader.rows, self.notes

    def _parse(
        self,
        path: str,
        start: Callable[[str, Mapping[str, str]], None],
        end: Callable[[str], None] = lambda _tag: None,
        text: Callable[[str], None] = lambda _data: None,
    ) -> None:
        """Read a part of the file, without entities and without anything from elsewhere."""
        try:
            info = self.archive.getinfo(path)
        except KeyError:
            raise LocalDataError(
                f"{self.name} is no Excel workbook of the kind .xlsx: {path} is missing; open it"
                " and save it as .xlsx or CSV"
            ) from None
        if info.file_size > MOST_UNPACKED:
            raise LocalDataError(f"{self.name} unpacks to more than {MOST_UNPACKED:,} bytes")
        parser = expat.ParserCreate()
        parser.buffer_text = True

        def refuse(*_: object) -> None:
            raise LocalDataError(f"{self.name} defines a document type, as no workbook does")

        parser.StartDoctypeDeclHandler = refuse
        parser.EntityDeclHandler = refuse
        parser.StartElementHandler = lambda tag, given: start(tag.rpartition(":")[2], given)
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
        parser.CharacterDataHandler = text
        read = 0
        with self.archive.open(info) as part:
            while piece := part.read(1 << 20):
                read += len(piece)
                # The size in the directory of the file may be a lie.
                if read > MOST_UNPACKED:
                    raise LocalDataError(
                        f"{self.name} unpacks to more than {MOST_UNPACKED:,} bytes"
                    )
                parser.Parse(piece, False)  # noqa: FBT003 - as expat has it
        parser.Parse(b"", True)  # noqa: FBT003

    def _first_sheet(self) -> tuple[str, bool]:
        """Return the part that holds the first visible sheet, and whether days count from 1904."""
        sheets: list[tuple[str, str, str]] = []
        later = [False]

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "workbookPr":
                later[0] = given.get("date1904") in {"1", "true"}
            elif tag == "sheet":
                identity = next((v for k, v in given.items() if k.endswith(":id")), "")
                sheets.append((given.get("name", ""), identity, given.get("state", "visible")))

        self._parse("xl/workbook.xml", start)
        targets: dict[str, str] = {}

        def relation(tag: str, given: Mapping[str, str]) -> None:
            if tag == "Relationship":
                targets[given.get("Id", "")] = given.get("Target", "")

        self._parse("xl/_rels/workbook.xml.rels", relation)
        sheets = [one for one in sheets if "chartsheets/" not in targets.get(one[1], "")]
        visible = [one for one in sheets if one[2] == "visible"] or sheets
        if not visible:
            raise LocalDataError(f"{self.name} has no sheet")
        if len(sheets) > 1:
            self.notes.append(f"of {len(sheets)} sheets the first visible one was read")
        target = targets.get(visible[0][1], "worksheets/sheet1.xml")
        return target.lstrip("/") if target.startswith("/") else f"xl/{target}", later[0]

    def _texts(self) -> list[str]:
        texts: list[str] = []
        state = {"in": False, "phonetic": False}
        size = [0]

        def start(tag: str, _given: Mapping[str, str]) -> None:
            if tag == "si":
                texts.append("")
            elif tag == "rPh":
                state["phonetic"] = True
            elif tag == "t":
                state["in"] = not state["phonetic"]

        def end(tag: str) -> None:
            if tag == "t":
                state["in"] = False
            elif tag == "rPh":
                state["phonetic"] = False

        def text(data: str) -> None:
            if state["in"] and texts:
                size[0] += len(data)
                if size[0] > MOST_CHARACTERS:
                    raise LocalDataError(f"{self.name} holds too much text")
                texts[-1] += data

        self._parse("xl/sharedStrings.xml", start, end, text)
        return texts

    def _date_styles(self) -> set[int]:
        """Return the numbers of the cell styles that show a date or a time."""
        custom: dict[int, bool] = {}
        formats: list[int] = []
        inside = [False]

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "numFmt":
                custom[int(given["numFmtId"])] = _is_date(given.get("formatCode", ""))
            elif tag == "cellXfs":
                inside[0] = True
            elif tag == "xf" and inside[0]:
                formats.append(int(given.get("numFmtId", "0")))

        def end(tag: str) -> None:
            if tag == "cellXfs":
                inside[0] = False

        self._parse("xl/styles.xml", start, end)
        return {k for k, one in enumerate(formats) if custom.get(one, one in _DATES)}


def _is_date(code: str) -> bool:
    """Tell whether a number format shows a date.

    >>> _is_date("dd/mm/yyyy hh:mm"), _is_date('0.0 "days"'), _is_date("[Red]0.00")
    (True, False, False)
    """
    return bool(re.search("[dmyhs]", _QUOTED.sub("", code).split(";")[0], re.IGNORECASE))


class _Sheet:
    """Collects the cells of a sheet while it is read."""

    def __init__(self, texts: list[str], dates: set[int], epoch: datetime, name: str) -> None:
        self.rows: Rows = []
        self.hidden = 0
        self._merged: list[tuple[int, int, int]] = []
        self._texts, self._dates, self._epoch, self._name = texts, dates, epoch, name
        self._kind, self._style, self._column, self._data = "", 0, 0, ""
        self._taking = False

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "row":
            number = int(given.get("r", "0")) or (self.rows[-1][0] + 1 if self.rows else 1)
            if len(self.rows) >= MOST_ROWS:
                raise LocalDataError(f"{self._name} has more than {MOST_ROWS:,} rows")
            self.rows.append((number, []))
            self.hidden += given.get("hidden") in {"1", "true"}
        elif tag == "mergeCell":
            found = _RANGE.fullmatch(given.get("ref", ""))
            if found is not None and int(found[2]) < int(found[4]):
                self._merged.append((_column(found[1]), int(found[2]), int(found[4])))
        elif tag == "c" and self.rows:
            found = _REFERENCE.fullmatch(given.get("r", ""))
            self._column = _column(found[1]) if found else len(self.rows[-1][1])
            self._kind = given.get("t", "n")
            self._style = int(given.get("s", "0"))
            self._data = ""
        elif tag in {"v", "t"}:
            self._taking = True

    def end(self, tag: str) -> None:
        if tag in {"v", "t"}:
            self._taking = False
        elif tag == "c" and self.rows and self._data:
            if self._column >= MOST_COLUMNS:
                raise LocalDataError(f"{self._name} has more than {MOST_COLUMNS} columns")
            cells = self.rows[-1][1]
            cells += [""] * (self._column + 1 - len(cells))
            cells[self._column] = self._value()

    def text(self, data: str) -> None:
        if self._taking:
            self._data += data

    def fill_merged(self) -> bool:
        """Put the value of merged cells into each of their rows; tell whether there were any.

        Only down: a heading over several columns is no heading of each.
        """
        by_number = {number: cells for number, cells in self.rows if any(cells)}
        filled = False
        for column, first, last in self._merged:
            value = (by_number.get(first) or [])[column : column + 1]
            for number in range(first + 1, min(last, max(by_number, default=0)) + 1):
                cells = by_number.get(number)
                if cells is None or not value or not value[0]:
                    continue
                cells += [""] * (column + 1 - len(cells))
                if not cells[column]:
                    cells[column], filled = value[0], True
        return filled

    def drop_upper_headings(self) -> bool:
        """Leave out rows of groups of headings, beside which others are merged down."""
        top = next((number for number, cells in self.rows if any(cells)), 0)
        last = max((last for _, first, last in self._merged if first == top), default=top)
        self.rows = [row for row in self.rows if row[0] >= last]
        return last > top

    def _value(self) -> str:
        if self._kind == "s":
            return self._texts[int(self._data)]
        if self._kind == "b":
            return "true" if self._data == "1" else "false"
        if self._kind == "e":
            return ""
        if self._kind == "n":
            number = float(self._data)
            if self._style in self._dates and 0 <= number < 2_958_466:
                return iso_of(number, self._epoch)
            return f"{number:.0f}" if number == int(number) else self._data
        return self._data


def iso_of(number: float, epoch: datetime = EPOCH) -> str:
    """Return a day number of Excel as ISO text, a whole one as a date.

    >>> iso_of(45352), iso_of(45352.5)
    ('2024-03-01', '2024-03-01 12:00:00')
    """
    # To the second: a clock time has no exact binary fraction.
    seconds = round(number * 86_400)
    when = epoch + timedelta(seconds=seconds)
    return when.date().isoformat() if seconds % 86_400 == 0 else when.isoformat(" ")


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
