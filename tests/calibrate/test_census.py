"""A census: every row is taken or told, stays go on from where they are, and nobody is named."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typer.testing import CliRunner

import carepath_sim as cp
from carepath_sim.calibrate import census_rows
from carepath_sim.calibrate.census_rows import numbered
from carepath_sim.calibrate.local_tables import LocalDataError
from carepath_sim.cli.app import app
from carepath_sim.plan.names import hash_word

if TYPE_CHECKING:
    from carepath_sim.calibrate.census import CensusImport

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TODAY = EXAMPLES / "census-today.csv"
DAY = date(2024, 6, 30)
TOWN = """
carepath: 1
area: Test
variant: census
title: Two localities
clock: {start: 2024-01-01, length: 10 d, warm_up: 5 d}
start: {steady: [nursing], home_care: {count: 3}}
population:
  size: 400
  bands: {65-79: {share: 1, frailty: {fit: 0.6, severe: 0.4}}}
  hazards:
    fall: {rate: 2 per y, to: acute}
    death: {rate: 0.05 per y, to: died}
attributes:
  locality: {of: person, shares: {north: 0.5, south: 0.5}}
services:
  acute:
    {title: General hospital, setting: acute_bed, stay: {exponential: {mean: 8 d}}, next: nursing}
  nursing: {per: locality, setting: own_home, stay: 20 d, next: home_care}
  home_care: {setting: own_home, stay: 50 d, next: home}
  check: {in_place: true, stay: 1 h, next: home}
"""


@pytest.fixture
def town(tmp_path: Path) -> cp.Scenario:
    path = tmp_path / "town.yaml"
    text = TOWN.replace("next: nursing}", "next: {to: {nursing: 0.9, check: 0.1}}}")
    path.write_text(text, encoding="utf-8")
    return cp.load(path)


def read(tmp_path: Path, scenario: cp.Scenario, *rows: str, **options: object) -> CensusImport:
    file = tmp_path / "census.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    return cp.import_census(file, scenario, **({"as_of": DAY} | options))  # type: ignore[arg-type]


def test_every_row_is_taken_or_told(tmp_path: Path, town: cp.Scenario) -> None:
    found = read(
        tmp_path,
        town,
        "Patient ID,Ward,Admitted,Waiting for,Referral date,Locality",
        "1,acute,20/06/2024,,,north",
        "2,General Hospital,2024-06-25,nursing,27/06/2024,South",
        "3,acute,25 Jun 2024,nursing,2,",
        "4,nursing,01/06/2024,,,north",
        "5,nursing,01/06/2024,,,",
        "6,acutte,01/06/2024,,,north",
        "7,acute,31/06/2024,,,east",
        "8,acute,01/07/2024,-,,north",
        "9,check,01/06/2024,,,",
        ",acute,29/06/2024,x-ray,,",
        "1,acute,28/06/2024,,,north",
        "2,General Hospital,2024-06-25,nursing,27/06/2024,South",
        "12,home,,home care,4,north",
        "13,,29/06/2024,,,",
        "14,acute,29/06/2024,home,12/06/2024,",
        "15,acute,20/06/2024,acute,,",
        "16,acute,20/06/2024,home_care,10/06/2024,",
    )
    rows = found.rows().set_index("line")
    assert list(rows.index) == list(range(2, 19))
    left = {5 + 1, 6 + 1, 9 + 1, 14 + 1} | {2, 13}  # what cannot be placed, and who is there twice
    assert set(rows.index[rows["status"] == "left out"]) == left
    assert len(found.taken) + len(left) == 17
    notes = rows["notes"]
    assert "which 'nursing'? The locality is not known" in notes[6]
    assert "did you mean 'acute'?" in notes[7]
    assert "there is no date 31/06/2024" in notes[8]
    assert "unknown locality 'east'" in notes[8]
    assert "2024-07-01 lies after the day of the list" in notes[9]
    assert "'check' is received in place" in notes[10]
    assert "it does not say who the person is" in notes[11]
    assert "x-ray" in notes[11]
    assert "the same person as line 12, whose later beginning is taken" in notes[2]
    assert "the same person as line 3, who is taken once" in notes[13]
    assert "it does not say where the person is" in notes[15]
    assert "longer than the stay of 10" in notes[18]
    # What is known of those who are taken.
    assert rows.loc[3, ["service", "days_so_far", "waiting_for", "days_waiting"]].tolist() == [
        "acute", 5, "nursing[south]", 3,
    ]  # fmt: skip
    assert rows.loc[5, "service"] == "nursing[north]"
    assert rows.loc[[8, 9], "status"].tolist() == ["taken with a doubt"] * 2
    assert rows.loc[14, ["service", "waiting_for"]].tolist() == ["home", "home_care"]
    # A person who waits for a template needs the attribute that it stands for.
    assert "unknown wait: which 'nursing'?" in notes[4]


def test_it_becomes_the_start(tmp_path: Path, town: cp.Scenario) -> None:
    """Covered services hold these people alone; others start steady, or as written, or empty."""
    rows = ("Ward,days", "acute,3", "acute,9.5")
    start = read(tmp_path, town, *rows).scenario.start
    assert [(r.service, r.so_far and r.so_far.value / 86_400_000) for r in start.census] == [
        ("acute", 3), ("acute", 9.5),
    ]  # fmt: skip
    assert start.steady is not None
    assert start.steady.services == ("nursing",)  # home_care has a count, acute is covered
    assert list(start.services) == ["home_care"]
    clock = read(tmp_path, town, *rows).scenario.clock
    assert (clock.start, clock.warm_up.value) == (DAY, 0)
    empty = read(tmp_path, town, *rows, rest="empty").scenario.start
    assert (empty.steady, dict(empty.services)) == (None, {})
    rows = ("Ward,days", "home care,3")
    written = read(tmp_path, town, *rows, rest="as written").scenario.start
    assert dict(written.services) == {}
    assert written.steady is not None
    assert written.steady.services == ("nursing",)


def test_instants_are_exact_where_times_are_known(tmp_path: Path, town: cp.Scenario) -> None:
    rows = ("Ward,Admitted", "acute,2024-06-29 20:00", "acute,2024-06-30 09:00")
    found = read(tmp_path, town, *rows, as_of=datetime(2024, 6, 30, 8))  # noqa: DTZ001
    assert found.people[0].days == 0.5
    assert found.people[1].days is None
    assert "lies after" in found.people[1].notes[0]


def test_remaining_stays_are_conditional(tmp_path: Path, town: cp.Scenario) -> None:
    """Of a fixed stay of 50 days, 42.5 have passed: home is reached after 7.5, always."""
    found = read(tmp_path, town, "Ward,days", "home care,42.5", rest="empty")
    one = found.scenario.with_(clock={"length": "30 d"}, population={"hazards": {"death": None}})
    spells = cp.run(one, replications=1, keep=("spells",), workers=1).spells()
    mine = spells[spells["service"] == "home_care"]
    (left,) = mine[mine["started"] < np.datetime64("2024-06-30")]["left"]
    assert left == np.datetime64("2024-07-07T12:00")


def test_the_same_start_can_be_pasted(tmp_path: Path) -> None:
    ward = cp.load(EXAMPLES / "ward.yaml")
    found = cp.import_census(
        TODAY, ward, as_of=DAY, admitted="Since", places={"Ward 7": "ward"}, by=["Council"]
    )
    assert found.by == ("council",)
    result = CliRunner().invoke(
        app,
        [
            "import-census", str(TODAY), "--scenario", str(EXAMPLES / "ward.yaml"),
            "--as-of", "30/06/2024", "--admitted", "Since", "--place", "Ward 7=ward",
            "--by", "Council", "--out", str(tmp_path / "out"),
        ],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    (tmp_path / "out" / "ward.yaml").write_text(
        (EXAMPLES / "ward.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    pasted = tmp_path / "out" / "today.yaml"
    text = (tmp_path / "out" / "start.yaml").read_text(encoding="utf-8")
    pasted.write_text(f"extends: ward.yaml\n{text}", encoding="utf-8")
    again = cp.load(pasted)
    assert again.clock.start == found.scenario.clock.start
    one = [(r.person, r.service, r.so_far and r.so_far.value) for r in again.start.census]
    assert one == [
        (r.person, r.service, r.so_far and r.so_far.value) for r in found.scenario.start.census
    ]


SECRETS = (
    "9434765919",
    "943 476 5919",
    "Featherstonehaugh",
    "Wilhelmina",
    "HP19 8FF",
    "14/02/1931",
)


def test_nobody_is_named_in_any_output(tmp_path: Path, town: cp.Scenario) -> None:
    """Names and numbers of people, wherever they stand by mistake, come into no output."""
    file = tmp_path / "wards.csv"
    rows = [
        "NHS No,Patient name,DOB,Postcode,Ward,Admitted,Waiting for,Referral date,Locality,Notes",
        "943 476 5919,Wilhelmina Featherstonehaugh,14/02/1931,HP19 8FF,acute,01/06/2024,,,north,x",
        "9434765919,W Featherstonehaugh,14/02/1931,HP19 8FF,acute,02/06/2024,,,north,x",
        "1,Wilhelmina X,14/02/1931,HP19 8FF,Featherstonehaugh,01/06/2024,,,north,9434765919",
        "2,Y,14/02/1931,HP19 8FF,9434765919,01/06/2024,,,HP19 8FF,Wilhelmina",
        "3,Y,14/02/1931,HP19 8FF,acute,9434765919,Wilhelmina,Featherstonehaugh,Wilhelmina,",
        "4,Y,14/02/1931,HP19 8FF,HP19 8FF,01/06/2024,nursing,HP19 8FF,north,",
        "5,Y,14/02/1931,HP19 8FF,acute,Wilhelmina,9434765919,14/02/1931,north,",
    ]
    file.write_text("\n".join(rows), encoding="utf-8")
    scenario = tmp_path / "town.yaml"
    shown = ""
    for extra in ([], ["--json"], ["--by", "NHS No"], ["--service", "Warrd"], ["--by", "Notes"]):
        out = tmp_path / f"out{len(shown)}"
        result = CliRunner().invoke(
            app,
            ["import-census", str(file), "--scenario", str(scenario), "--as-of", "2024-06-30",
             "--out", str(out), *extra],
        )  # fmt: skip
        shown += result.output
        if out.exists():
            shown += "".join(one.read_text(encoding="utf-8") for one in out.iterdir())
    assert "line 4: left out" in shown
    assert "may say who somebody is: it cannot be an attribute" in shown
    for secret in SECRETS[:-1]:
        assert secret not in shown
        assert secret.lower().replace(" ", "") not in shown.lower().replace(" ", "")


def test_one_person_however_their_number_is_written(tmp_path: Path, town: cp.Scenario) -> None:
    """A number that a spreadsheet has cut short is that of nobody: two of them are two people."""
    written = [
        "943 476 5919", "943-476-5919", "943.476.5919", '"=""9434765919"""', "NHS No: 9434765919",
        "943\u00a0476\u00a05919", "9434765919.0", "12/3", "1/23", "9.43477E+09", "9.43477E+09",
    ]  # fmt: skip
    rows = [f"{one},acute,{k + 1}" for k, one in enumerate(written)]
    found = read(tmp_path, town, "NHS Number,Ward,Days", *rows)
    taken = [one.line for one in found.people if one.status != census_rows.LEFT]
    assert taken == [2, 9, 10, 11, 12]
    assert "cut the number of the person short" in found.people[-1].notes[-1]


def test_what_is_wrong_is_said_at_once(tmp_path: Path, town: cp.Scenario) -> None:
    with pytest.raises(LocalDataError, match="did you mean 'acute'"):
        read(tmp_path, town, "Ward", "acute", places={"A": "acte"})
    with pytest.raises(LocalDataError, match=r"--by counsil.*did you mean 'Council'"):
        read(tmp_path, town, "Ward,Council", "acute,A", by=["counsil"])
    with pytest.raises(LocalDataError, match="nobody could be placed"):
        read(tmp_path, town, "Ward", "Ward 99")
    with pytest.raises(LocalDataError, match="which column says where people are"):
        read(tmp_path, town, "Where,When", "acute,1")
    wrong = CliRunner().invoke(
        app,
        ["import-census", str(tmp_path / "census.csv"), "--scenario", str(tmp_path / "town.yaml"),
         "--as-of", "31/02/2024"],
    )  # fmt: skip
    assert wrong.exit_code == 2
    assert "--as-of takes a date" in wrong.output


def test_workbooks_are_read(tmp_path: Path, town: cp.Scenario) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "wards.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Ward", "Admitted", "Locality"])
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write(1, 0, "acute")
        sheet.write_datetime(1, 1, date(2024, 6, 20), day)
        sheet.write(1, 2, "north")
    (one,) = cp.import_census(path, town, as_of=DAY).people
    assert (one.service, one.days, one.known) == ("acute", 10, (("locality", "north"),))
    said = CliRunner().invoke(
        app,
        ["import-census", str(path), "--scenario", str(tmp_path / "town.yaml"), "--as-of",
         "2024-06-30", "--json"],
    )  # fmt: skip
    assert json.loads(said.stdout)["taken"] == 1


def test_no_two_people_share_their_luck(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan refuses names with one hash: they are changed until no two have."""
    assert len({hash_word(f"census|{name}") for name in numbered(20_000)}) == 20_000
    monkeypatch.setattr(census_rows, "hash_word", len)
    assert numbered(3) == ["P1", "P2x", "P3xx"]
