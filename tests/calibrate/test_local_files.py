"""Files as they come by mail: each is read, or refused in one clear message that names nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import carepath_sim as cp
from carepath_sim.calibrate.arrivals_reading import read_arrivals
from carepath_sim.calibrate.local_columns import choose
from carepath_sim.calibrate.local_secrets import Secrets, is_nhs_number
from carepath_sim.calibrate.local_tables import LocalDataError, LocalTable, read_local
from carepath_sim.calibrate.stays_reading import read_stays

if TYPE_CHECKING:
    from pathlib import Path

NUMBER = "9434765919"


def table(tmp_path: Path, content: str | bytes) -> LocalTable:
    file = tmp_path / "list.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_local(file)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("\n ,,\n", "is empty"),
        ("Ward,Days\n", "has headings, but no rows"),
        (f"{NUMBER},Jo Smith,ward,5\n{NUMBER},Jo Smith,ward,5\n", "looks like a row, not like"),
        ("Jo Smith,ward,01/02/2024\nAl Smith,ward,02/02/2024\n", "looks like a row, not like"),
        ("<html><td>Jo Smith</td></html>", "web page or XML"),
        (f'[{{"nhs": "{NUMBER}"}}]', "is JSON"),
        ("%PDF-1.4\nJo Smith", "is a PDF"),
        (bytes(range(256)), "bytes that no text has"),
        ('Ward,Days\nA,1\n"Jo Smith,2\nB,3\n', "line 3: a quotation mark that opens here is never"),
        ('Ward,Days\n"Jo" Smith,2\n', "line 2: a quotation mark stands within a cell"),
        ("Ward,Days\nA,1,Jo Smith\n", "line 2 has 3 cells"),
    ],
)
def test_no_table_is_told_without_names(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(LocalDataError) as told:
        table(tmp_path, content)
    assert words in str(told.value)
    assert "Smith" not in str(told.value)
    assert NUMBER not in str(told.value)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_however_it_was_saved(tmp_path: Path, encoding: str, mark: str) -> None:
    rows = ["Café,Days", "Zoë,1", "", ",,", "Café,Days", "B,2"]
    found = table(tmp_path, "\r\n".join(rows).replace(",", mark).encode(encoding))
    assert found.columns == ("Café", "Days")
    # Line 5 has the headings once more, as lists with pages do.
    assert [(line.number, line.cells) for line in found.lines] == [
        (2, ("Zoë", "1")),
        (6, ("B", "2")),
    ]
    assert any("the headings again, left out: line 5" in note for note in found.notes)


def test_a_name_in_the_column_of_places_is_not_shown(tmp_path: Path) -> None:
    rows = [
        "Ward",
        *["Mary Brown", "SMITH, John", "Mrs Jones", "Ward 7B", "Oak Lodge"],
        *["Elm View"] * 2,
    ]
    found = table(tmp_path, "\n".join(rows).replace("SMITH, John", '"SMITH, John"'))
    secrets = Secrets.of(found, ["Ward"])
    shown = [cell for cell in found.column("Ward") if secrets.may_be_a_place(cell)]
    assert shown == ["Ward 7B", "Oak Lodge", "Elm View", "Elm View"]


@pytest.mark.parametrize("between", [".", "/", "_", " - ", "\u2011", "\u00a0"])
def test_a_number_of_a_person_is_not_shown_however_it_is_written(between: str) -> None:
    number = between.join([NUMBER[:3], NUMBER[3:6], NUMBER[6:]])
    nobody = Secrets(frozenset(), frozenset())
    assert not nobody.may_show(number)
    assert not nobody.may_be_a_place(f"bed {number}")
    assert nobody.may_show("Ward 7, beds 1-12")
    assert is_nhs_number(number)


def test_what_a_workbook_hides_or_merges_is_told(tmp_path: Path) -> None:
    """Two rows of headings, a ward merged over its people, rows of a filter, a chart in front."""
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "wards.xlsx"
    with xlsxwriter.Workbook(path) as book:
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=list!$C$3:$C$6"})
        book.add_chartsheet("picture").set_chart(chart)
        sheet = book.add_worksheet("list")
        sheet.merge_range(0, 0, 1, 0, "Ward")
        sheet.merge_range(0, 1, 0, 2, "Stay")
        sheet.write_row(1, 1, ["Admitted", "Days"])
        sheet.merge_range(2, 0, 4, 0, "acute")
        for row, days in enumerate(["1", "2", "3"], start=2):
            sheet.write_row(row, 1, ["", days])
        sheet.write_row(5, 0, ["nursing", "", "4"])
        sheet.set_row(3, None, None, {"hidden": True})
    found = read_local(path)
    assert found.columns == ("Ward", "Admitted", "Days")
    assert found.column("Ward") == ("acute", "acute", "acute", "nursing")
    assert found.column("Days") == ("1", "2", "3", "4")
    said = "; ".join(found.notes)
    for words in ("read like the others: 1", "merged over several rows", "headings over several"):
        assert words in said


def test_a_decimal_comma_is_no_thousand(tmp_path: Path) -> None:
    stays = read_stays(table(tmp_path, "LOS;\n3,5;\n7-13,25;\n1,234;\n1.234,5;\n8;\n"), columns={})
    assert [one.line for one in stays.rows] == [4, 5]
    assert stays.taken == 3


def test_numbers_of_people_in_columns_of_numbers(tmp_path: Path) -> None:
    """They are neither taken as numbers nor repeated."""
    days = "".join(f"{n}\n" for n in [NUMBER, f"-{NUMBER}", *range(1, 20)])
    stays = read_stays(table(tmp_path, f"LOS\n{days}"), columns={})
    assert (stays.taken, [one.line for one in stays.rows]) == (19, [2, 3])
    assert all(NUMBER not in one.reason for one in stays.rows)
    counts = table(tmp_path, f"Date,N\n01/03/2024,{NUMBER}\n02/03/2024,4\n01/01/2999,1\n")
    chosen = {"date": "Date", "hour": None, "group": None, "count": "N"}
    data = read_arrivals(counts, columns=chosen)
    assert [(one.line, one.status) for one in data.rows] == [(2, "left out"), (4, "left out")]
    assert "lies in the future" in data.rows[1].reason
    assert data.groups["all"].days.tolist() == [4]


def test_turned_columns_are_told(tmp_path: Path) -> None:
    file = tmp_path / "stays.csv"
    rows = [f"{k:02d}/02/2024,{k:02d}/01/2024" for k in range(1, 20)]
    file.write_text(
        "\n".join(["Admitted,Discharged", *rows, "01/01/2024,03/01/2024"]), encoding="utf-8"
    )
    assert any("the other way round" in one for one in cp.fit_los(file).warnings)
    assert choose(read_local(file), {}, ("admitted",)).get("admitted") == "Admitted"
