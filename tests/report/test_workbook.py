"""A workbook opens, holds the tables of the run, and nothing in it is a formula."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from typer.testing import CliRunner

import carepath_sim as cp
from carepath_sim.cli.app import app
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.writing import FORMULA_SIGNS
from carepath_sim.report.workbook import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from carepath_sim.scenario.model import Scenario

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
BAD = '=HYPERLINK("x","y")'
"""A title that a spreadsheet would run."""


@pytest.fixture(scope="module")
def folder(before: Scenario, after: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("workbook") / "run"
    evil = before.set("title", BAD).set("services.acute.title", BAD)
    cp.compare(evil, after, replications=2, workers=1, engine="simpy", out=made)
    return made


@pytest.fixture(scope="module")
def book(folder: Path) -> Path:
    write_workbook(folder, folder / "report.xlsx")
    return folder / "report.xlsx"


def parts(book: Path, start: str) -> dict[str, ET.Element]:
    with zipfile.ZipFile(book) as file:
        names = [name for name in file.namelist() if name.startswith(start) and name.endswith("l")]
        return {name: ET.fromstring(file.read(name)) for name in names}  # noqa: S314


def names(book: Path) -> list[str]:
    (root,) = parts(book, "xl/workbook.xml").values()
    return [str(one.get("name")) for one in root.iter(f"{MAIN}sheet")]


def cells(book: Path, sheet: str) -> list[list[str]]:
    """Return the texts and numbers of a sheet, row by row."""
    (strings,) = parts(book, "xl/sharedStrings.xml").values()
    texts = ["".join(t.text or "" for t in one.iter(f"{MAIN}t")) for one in strings]
    path = f"xl/worksheets/sheet{names(book).index(sheet) + 1}.xml"
    rows = []
    for row in parts(book, path)[path].iter(f"{MAIN}row"):
        found = [(cell.get("t"), cell.findtext(f"{MAIN}v") or "") for cell in row]
        rows.append([texts[int(value)] if kind == "s" else value for kind, value in found])
    return rows


def test_every_part_is_well_formed(book: Path) -> None:
    with zipfile.ZipFile(book) as file:
        assert file.testzip() is None
    assert len(parts(book, "xl/worksheets/")) == len(names(book))


def test_the_sheets_are_those_of_a_comparison(book: Path) -> None:
    assert names(book) == [
        *("About", "Headline", "Occupancy 1", "Occupancy 2"),
        *("Differences", "What differs", "All figures", "Assumptions"),
    ]


def test_no_cell_is_a_formula_or_starts_one(book: Path) -> None:
    sheets = parts(book, "xl/worksheets/sheet")
    assert [name for name, root in sheets.items() if list(root.iter(f"{MAIN}f"))] == []
    texts = [cell for sheet in names(book) for row in cells(book, sheet) for cell in row]
    assert any("HYPERLINK" in text for text in texts)
    (strings,) = parts(book, "xl/sharedStrings.xml").values()
    words = ["".join(t.text or "" for t in one.iter(f"{MAIN}t")) for one in strings]
    assert [one for one in words if one.startswith(FORMULA_SIGNS)] == []


def test_heads_are_frozen_on_every_sheet(book: Path) -> None:
    for name, root in parts(book, "xl/worksheets/sheet").items():
        (pane,) = root.iter(f"{MAIN}pane")
        assert pane.get("state") == "frozen", name


def test_numbers_are_those_of_the_run(book: Path, folder: Path) -> None:
    rows = cells(book, "All figures")
    at = rows[1].index("mean")
    expected = pd.read_csv(folder / "summary.csv")["mean"].iloc[:20]
    assert [float(row[at]) for row in rows[2:22]] == pytest.approx(list(expected), rel=1e-12)


def test_every_figure_has_a_unit(book: Path) -> None:
    rows = cells(book, "Headline")
    at = rows[1].index("unit")
    assert len(rows) > 10
    assert all(row[at] for row in rows[2:])


def test_assumptions_say_value_source_and_quality(book: Path) -> None:
    rows = cells(book, "Assumptions")
    assert rows[1][:6] == ["scenario", "field", "value", "range", "quality", "source"]
    assert any("pools.community_beds.capacity" in row and "story Appendix 1" in row for row in rows)


def test_charts_are_native_and_described(book: Path) -> None:
    assert len(parts(book, "xl/charts/chart")) == 3
    with zipfile.ZipFile(book) as file:
        drawings = [file.read(n).decode() for n in file.namelist() if "drawings/drawing" in n]
    assert all('descr="' in text for text in drawings if "<xdr:graphicFrame" in text)


def test_the_same_folder_gives_the_same_bytes(book: Path, folder: Path, tmp_path: Path) -> None:
    write_workbook(folder, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == book.read_bytes()


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="no folder of a run"):
        write_workbook(tmp_path / "nowhere", tmp_path / "report.xlsx")
    with pytest.raises(OptionError, match="holds no manifest"):
        write_workbook(tmp_path, tmp_path / "report.xlsx")


def test_the_report_command_writes_the_same_workbook(
    book: Path, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report.xlsx"
    assert CliRunner().invoke(app, ["report", str(folder), "--out", str(out)]).exit_code == 0
    assert out.read_bytes() == book.read_bytes()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_finds_every_sheet(book: Path, tmp_path: Path) -> None:
    """What it reads and writes again has the same sheets and figures, and no error in a cell."""
    command = [
        *("soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"),
        *("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "again")),
        str(book),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    again = tmp_path / "again" / book.name
    assert again.exists(), done.stderr
    assert names(again) == names(book)
    read, written = (
        [cell for row in cells(one, "Headline")[2:] for cell in row] for one in (again, book)
    )
    # LibreOffice writes fifteen digits.
    assert [_fifteen(cell) for cell in read] == [_fifteen(cell) for cell in written]
    assert not [cell for row in cells(again, "All figures") for cell in row if cell[:1] == "#"]
    assert len(parts(again, "xl/charts/chart")) == len(parts(book, "xl/charts/chart")) > 0


def test_names_of_bars_stand_beside_them(book: Path) -> None:
    """The axis of names is turned, so that the first is on top; that of numbers is not."""
    chart = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
    bars = [
        one for one in parts(book, "xl/charts/chart").values() if list(one.iter(f"{chart}barChart"))
    ]
    assert bars
    for one in bars:
        for axis, turned in (("catAx", "maxMin"), ("valAx", "minMax")):
            (found,) = one.iter(f"{chart}{axis}")
            assert [o.get("val") for o in found.iter(f"{chart}orientation")] == [turned]


def _fifteen(cell: str) -> str:
    try:
        return f"{float(cell):.13g}"
    except ValueError:
        return cell
