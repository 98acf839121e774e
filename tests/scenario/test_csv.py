"""Local data in a CSV file beside the scenario: read, checked, part of the scenario."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from carepath_sim.errors import ScenarioError
from carepath_sim.plan.build import spec_of
from carepath_sim.plan.quantiles import tabulate
from carepath_sim.scenario import load
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from pathlib import Path

    from carepath_sim.scenario import Scenario
    from carepath_sim.scenario.values import Distribution

DATA = "ward,days,patients\nA,1,30\nA,2.5,12\nB,7,4\nA,1,3\n"
STAY = "    stay: 28 d\n"


def written(folder: Path, small: str, csv: str, *, data: str | bytes | None = DATA) -> Path:
    """Write a scenario whose ward has a stay of data; return where."""
    assert STAY in small
    path = folder / "scenario.yaml"
    path.write_text(small.replace(STAY, f"    stay: {{csv: {csv}}}\n"), encoding="utf-8")
    if data is not None:
        content = data.encode() if isinstance(data, str) else data
        (folder / "stays.csv").write_bytes(content)
    return path


def stay(scenario: Scenario) -> Distribution:
    return scenario.services["ward"].stay[0].value


def refused(path: Path) -> list[tuple[str, int, int, str, str]]:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return [
        (p.file.rpartition("/")[2], p.line, p.column, p.path, p.message)
        for p in caught.value.problems
    ]


def test_every_row_counts_once(small: str, tmp_path: Path) -> None:
    """Days 1, 2.5, 7 and 1: half of all stays take a day."""
    law = stay(load(written(tmp_path, small, "{file: stays.csv, column: days, unit: d}")))
    assert law.values == (DAY, 2.5 * DAY, 7 * DAY)
    assert law.weights == (2, 1, 1)
    table = tabulate(spec_of(law))
    assert table.u.tolist() == [0, 0.5, 0.5, 0.75, 0.75, 1]
    assert law.text == "3 values of stays.csv, days"


def test_weights_and_groups(small: str, tmp_path: Path) -> None:
    csv = (
        "{file: stays.csv, column: days, unit: d, weight: patients,"
        " group: {column: ward, value: A}, smooth: true}"
    )
    law = stay(load(written(tmp_path, small, csv)))
    assert (law.values, law.weights, law.smooth) == ((DAY, 2.5 * DAY), (33, 12), True)
    assert law.text == "2 values of stays.csv, days where ward is A, smoothed"


def test_a_group_may_hold_several_values(small: str, tmp_path: Path) -> None:
    csv = "{file: stays.csv, column: days, unit: wk, group: {column: ward, value: [A, B]}}"
    assert stay(load(written(tmp_path, small, csv))).values == (7 * DAY, 17.5 * DAY, 49 * DAY)


def test_values_are_rounded_only_where_it_is_said(small: str, tmp_path: Path) -> None:
    """2.5 rounds up to 4 in steps of 2, 1 to 2, and 7 to 8: halves go up."""
    csv = "{file: stays.csv, column: days, unit: d, round: 2}"
    law = stay(load(written(tmp_path, small, csv)))
    assert (law.values, law.weights) == ((2 * DAY, 8 * DAY), (3, 1))


@pytest.mark.parametrize(
    "data",
    [
        "days\r\n1\r\n2.5\r\n",
        "\ufeffdays\n1\n\n2.5",
        'ward;days\n"a;b";"1"\nc; 2.5 \n',
        "ward\tdays\nx\t1\ny\t2.5\n",
        '"days","the ""ward"""\n1,x\n2.5,\n',
    ],
)
def test_the_usual_ways_to_save_a_table_are_read(small: str, tmp_path: Path, data: str) -> None:
    csv = "{file: stays.csv, column: days, unit: d}"
    assert stay(load(written(tmp_path, small, csv, data=data))).values == (DAY, 2.5 * DAY)


def test_what_was_read_is_part_of_the_scenario(small: str, tmp_path: Path) -> None:
    """The hash follows the data; what `resolved` gives needs no file and is the same scenario."""
    path = written(tmp_path, small, "{file: stays.csv, column: days, unit: d}")
    before = load(path)
    text = io.StringIO()
    YAML().dump(json.loads(json.dumps(before.resolved())), text)
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "scenario.yaml").write_text(text.getvalue(), encoding="utf-8")
    again = load(alone / "scenario.yaml")
    assert stay(again) == stay(before)
    assert again.hash() == before.hash()
    (tmp_path / "stays.csv").write_text(DATA.replace("2.5", "2.6"), encoding="utf-8")
    assert load(path).hash() != before.hash()
    assert (
        before.set("pools.staff.capacity", 2).services["ward"].stay == before.services["ward"].stay
    )


def test_a_file_that_another_extends_reads_from_its_own_folder(small: str, tmp_path: Path) -> None:
    inner = tmp_path / "base"
    inner.mkdir()
    written(inner, small, "{file: stays.csv, column: days, unit: d}")
    over = tmp_path / "over.yaml"
    over.write_text("extends: base/scenario.yaml\ntitle: Over\n", encoding="utf-8")
    assert len(stay(load(over)).values) == 3


def test_bad_rows_are_told_with_file_line_and_column(small: str, tmp_path: Path) -> None:
    data = "ward,days\nA,1\nA,x\nA,\nA,-3\nA,nan\nB,1e999\n"
    path = written(tmp_path, small, "{file: stays.csv, column: days, unit: d}", data=data)
    said = "a number of 0 or more is needed, found "
    assert refused(path) == [
        ("stays.csv", 3, 3, "", said + "'x'"),
        ("stays.csv", 4, 3, "", said + "nothing"),
        ("stays.csv", 5, 3, "", said + "'-3'"),
        ("stays.csv", 6, 3, "", said + "'nan'"),
        ("stays.csv", 7, 3, "", said + "'1e999'"),
    ]


def test_rows_of_other_groups_are_not_looked_at(small: str, tmp_path: Path) -> None:
    data = "ward,days\nA,1\nB,?\n"
    csv = "{file: stays.csv, column: days, unit: d, group: {column: ward, value: A}}"
    assert stay(load(written(tmp_path, small, csv, data=data))).values == (DAY,)


def test_many_bad_rows_are_counted(small: str, tmp_path: Path) -> None:
    data = "days\n" + "x\n" * 500
    path = written(tmp_path, small, "{file: stays.csv, column: days, unit: d}", data=data)
    found = refused(path)
    assert len(found) == 21
    assert found[-1][1] == 22
    assert found[-1][4] == "480 more rows cannot be read"


REFUSED = {
    "missing file": ("{file: stay.csv, column: days, unit: d}", "file", "did you mean 'stays.csv'"),
    "folder above": ("{file: ../stays.csv, column: days, unit: d}", "file", "scenario's folder"),
    "absolute": ("{file: /etc/passwd, column: days, unit: d}", "file", "scenario's folder"),
    "folder": ("{file: ., column: days, unit: d}", "file", "scenario's folder"),
    "no column": ("{file: stays.csv, column: day, unit: d}", "column", "did you mean 'days'"),
    "no weight": ("{file: stays.csv, column: days, unit: d, weight: n}", "weight", "there are: w"),
    "no group": (
        "{file: stays.csv, column: days, unit: d, group: {column: ward, value: C}}",
        "group",
        "has no 'C' in this column",
    ),
    "half a group": (
        "{file: stays.csv, column: days, unit: d, group: A}",
        "group",
        "`{column: ward, value: A}`",
    ),
    "unit": ("{file: stays.csv, column: days, unit: dayz}", "unit", "did you mean 'day'"),
    "no unit": ("{file: stays.csv, column: days}", "", "`unit` is missing"),
    "round": ("{file: stays.csv, column: days, unit: d, round: 0}", "round", "above 0"),
    "smooth": ("{file: stays.csv, column: days, unit: d, smooth: yes}", "smooth", "true or false"),
    "unknown": ("{file: stays.csv, colum: days, unit: d}", "colum", "did you mean 'column'"),
    "list of files": ("{file: [a.csv], column: days, unit: d}", "file", "a name is needed"),
    "text": ("stays.csv", "", "csv takes `{file: stays.csv"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_refused_where_it_stands(
    small: str, tmp_path: Path, name: str
) -> None:
    csv, what, words = REFUSED[name]
    path = written(tmp_path, small, csv)
    field = f"services.ward.stay.csv.{what}".rstrip(".")
    found = [p for p in refused(path) if p[3] == field and words in p[4]]
    assert found, refused(path)
    assert found[0][:2] == ("scenario.yaml", 58)


DAMAGED = {
    "binary": (b"days\n\xff\xfe\n", 2, "byte 0xff"),
    "empty": (b"", 1, "the file is empty"),
    "cells": (b"ward,days\nA,1\nB\n", 3, "2 cells are needed, as in the first line, found 1"),
    "quotes": (b'ward,days\n"A,1\n', 2, "quotes are not closed"),
    "large": (b"days\n" + b"1\n" * 1_000_000, 0, "more than 2,000,000 bytes"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_told_with_its_place(small: str, tmp_path: Path, name: str) -> None:
    data, line, words = DAMAGED[name]
    path = written(tmp_path, small, "{file: stays.csv, column: days, unit: d}", data=data)
    [(file, at, _, _, said)] = refused(path)
    assert (file, at) == ("stays.csv", line)
    assert words in said


def test_headings_alone_hold_no_data(small: str, tmp_path: Path) -> None:
    path = written(tmp_path, small, "{file: stays.csv, column: days, unit: d}", data="days\n")
    assert "has no number" in refused(path)[0][4]


def test_too_many_different_values_need_rounding(small: str, tmp_path: Path) -> None:
    data = "days\n" + "".join(f"{k / 100}\n" for k in range(2001))
    path = written(tmp_path, small, "{file: stays.csv, column: days, unit: d}", data=data)
    assert "2,001 different values here, at most 2,000" in refused(path)[0][4]
    path = written(
        tmp_path, small, "{file: stays.csv, column: days, unit: d, round: 0.5}", data=data
    )
    assert len(stay(load(path)).values) == 41


def test_a_link_to_a_file_elsewhere_is_refused(small: str, tmp_path: Path) -> None:
    inner = tmp_path / "area"
    inner.mkdir()
    (tmp_path / "secret.csv").write_text(DATA, encoding="utf-8")
    (inner / "stays.csv").symlink_to(tmp_path / "secret.csv")
    path = written(inner, small, "{file: stays.csv, column: days, unit: d}", data=None)
    assert "scenario's folder" in refused(path)[0][4]


def test_what_is_wrong_with_the_data_hides_nothing_else(small: str, tmp_path: Path) -> None:
    path = written(tmp_path, small, "{file: stays.csv, column: day, unit: d}")
    path.write_text(path.read_text().replace("next: home\n", "next: hom\n"), encoding="utf-8")
    assert [p[3] for p in refused(path)] == [
        "services.ward.stay.csv.column",
        "services.ward.next.to.hom",
    ]


def test_a_file_can_be_named_only_in_a_file(small: str, tmp_path: Path) -> None:
    scenario = load(written(tmp_path, small, "{file: stays.csv, column: days, unit: d}"))
    with pytest.raises(ScenarioError, match="only in a scenario that is itself a file"):
        scenario.set("services.spr.stay", {"csv": {"file": "a.csv", "column": "b", "unit": "d"}})
