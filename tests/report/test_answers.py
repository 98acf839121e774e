"""Reports of what sweeps, searches, selections and analyses found: from the folder alone."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import matplotlib as mpl
import pytest
from typer.testing import CliRunner

import carepath_sim as cp
from carepath_sim.cli.app import app
from carepath_sim.experiment.capacity import capacity_curve
from carepath_sim.report.board import board
from carepath_sim.report.kept import KeptAnswerError
from carepath_sim.report.page import html
from carepath_sim.report.workbook import write_workbook

if TYPE_CHECKING:
    from typing import Any

mpl.use("Agg")

HERE = Path(__file__).parents[1] / "experiment" / "scenarios"
TEN_BEDS = Path(__file__).parents[2] / "docs" / "cookbook" / "sharing-policies.yaml"
SHORT = {"clock.length": "60 d", "clock.warm_up": "0 d", "clock.run_out": "14 d"}
KINDS = ("sweep", "capacity", "goal", "bedmix", "sensitivity", "draws", "pair of draws")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the folder of each kind of answer."""
    made = tmp_path_factory.mktemp("answers")
    ward, ranges = (cp.load(HERE / f"{name}.yaml") for name in ("ward", "ranges"))
    few: dict[str, Any] = {"workers": 1, "engine": "simpy"}
    cp.sweep(ward, vary={"pools.beds.capacity": [4, 6]}, replications=2, out=made / "sweep", **few)
    capacity_curve(
        ward, pool="beds", capacities=[4, 6], targets="p_wait<=0.9", replications=3, most=3,
        out=made / "capacity", **few,
    )  # fmt: skip
    cp.goal(
        ward, "pools.beds.capacity", "p_wait[beds]<=0.9", low=3, high=8, replications=3, most=6,
        out=made / "goal", **few,
    )  # fmt: skip
    cp.bed_mix(
        cp.load(TEN_BEDS, sets=SHORT), "community_beds", streams=("step_up", "step_down"),
        policies=("priority",), replications=2, max_replications=2, out=made / "bedmix", **few,
    )  # fmt: skip
    cp.sensitivity(
        ranges, measures=("bed_days[ward]",), replications=2, out=made / "sensitivity", **few
    )
    of_ranges: dict[str, Any] = {"draws": 8, "replications": 2, "measures": ("bed_days[ward]",)}
    # Nothing comes near these limits.
    targets = ("bed_days[ward]<=100000", "p_wait[beds]<=100%", "bed_days[ward]<=1")
    cp.uncertainty(ranges, targets=targets, out=made / "draws", **of_ranges, **few)
    cp.uncertainty(
        ranges, ranges.set("pools.beds.capacity", 60), objective="minimise p_wait[beds]",
        out=made / "pair of draws", **of_ranges, **few,
    )  # fmt: skip
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_is_enough_for_a_page(kind: str, folders: Path) -> None:
    said = board(folders / kind, name="r7")
    page = html([said])
    assert said.question.endswith("?")
    assert said.answer
    assert said.headline.rows
    assert said.exhibits
    assert all(one.svg.count("<svg") == 1 for one in said.exhibits)
    assert not re.search(r"https?://|<script|<image|@import", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    asked = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page)
    labels = [one for found in re.findall(r'labelledby="([^"]+)"', page) for one in found.split()]
    assert {one for pair in asked for one in pair if one} | set(labels) <= set(ids)
    assert all(one.startswith("r7") for one in ids)
    assert html([board(folders / kind, name="r7")]) == page


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_is_enough_for_a_workbook(kind: str, folders: Path, tmp_path: Path) -> None:
    write_workbook(folders / kind, tmp_path / "one.xlsx")
    with ZipFile(tmp_path / "one.xlsx") as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) >= 3
        for name in sheets:
            tags = [one.tag for one in ET.fromstring(book.read(name)).iter()]  # noqa: S314 - ours
            assert not [one for one in tags if one.endswith("}f")]
        charts = [name for name in book.namelist() if name.startswith("xl/charts/chart")]
        assert kind.endswith("draws") or bool(charts) == (kind in {"sweep", "capacity"})


def test_fields_are_told_in_words_and_once_as_they_are_typed(folders: Path) -> None:
    """Who reads sees words; what is pasted back into a command stands with it, and in tables."""
    path, words = "pools.beds.capacity", "Capacity of beds"
    for kind in ("sweep", "goal", "sensitivity"):
        said = board(folders / kind)
        assert path not in said.question
        assert not any(path in one for one in said.answer)
        shown = [*said.headline.heads, *(row[0] for row in said.headline.rows)]
        assert {words, words.lower()} & set(shown)
        assert path in said.headline.caption
    assert path in (folders / "sweep" / "design.csv").read_text(encoding="utf-8")
    assert path in (folders / "sensitivity" / "table.csv").read_text(encoding="utf-8")
    write_workbook(folders / "sweep", folders / "points.xlsx")
    with ZipFile(folders / "points.xlsx") as book:
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "capacity of beds" in strings
    assert f"For --vary: {path} (capacity of beds)." in strings


def test_the_answer_is_the_one_that_was_given(folders: Path) -> None:
    manifest = json.loads((folders / "goal" / "manifest.json").read_text(encoding="utf-8"))
    said = board(folders / "goal").answer
    assert said[0].startswith("5 beds are the fewest with which ")
    assert "\n".join(said).split() == manifest["in_words"].split()


def test_doubt_is_told_in_words_with_what_it_rests_on(folders: Path) -> None:
    """Limits that nothing comes near are met in every draw; what is not luck is not known."""
    said = board(folders / "draws")
    words = " ".join(said.answer)
    assert words.count("is met with a probability of >99 % (>99 % in a single run)") == 2
    assert re.search(r"Bed days, ward: \d+ on average\. Four in five runs lie between", words)
    # The two kinds of doubt are the whole, in the words and in the table.
    parts = re.search(r"of one run (\d+) % is for want of knowledge, (\d+) % is luck", words)
    assert parts is not None
    assert sum(map(int, parts.groups())) == pytest.approx(100, abs=1)
    assert said.headline.rows[0][-1].startswith(f"{parts[1]} % (")
    assert any("8 draws are few" in one for one in said.limits)
    assert not any("how far luck moves the means" in one for one in said.limits)
    assert ("Replications", "2 of each draw") in said.how
    unlike = [one for one in said.limits if "in nearly every draw" in one]
    assert len(unlike) == 1
    assert "misses “Bed days, ward: at most 1.0” in nearly every draw" in unlike[0]


def test_a_pair_is_told_by_its_difference(folders: Path) -> None:
    """Of 60 beds not one is waited for, in any draw; of 4 to 9 some are, in some draws."""
    said = board(folders / "pair of draws")
    best = next(one for one in said.answer if one.startswith("By the objective"))
    assert "scenarios/ranges (2) is best with a probability of" in best
    assert said.headline.heads[-1] == "Probability that it is less"
    assert len([row for row in said.headline.rows if " less " in row[0]]) == 1
    assert said.differs is not None
    assert all(row[0].startswith("capacity of beds") for row in said.differs.rows)
    assert len(said.qualities.heads) == 3


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"manifest.json": '{"kind": "fit"}', "report.html": ""}, "its page is"),
        ({"manifest.json": '{"kind": "fit"}'}, "`calibrate --resume` writes its page"),
        ({"stays.yaml": "", "fits.png": ""}, "`carepath fit-los` fitted, not a run: stays.yaml"),
        ({"arrivals.yaml": ""}, "`carepath fit-arrivals` fitted, not a run: arrivals.yaml"),
    ],
)
@pytest.mark.parametrize("form", ["html", "xlsx"])
def test_what_has_a_page_of_its_own_is_named(
    files: dict[str, str], words: str, form: str, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    out = tmp_path / f"one.{form}"
    done = CliRunner().invoke(app, ["report", str(tmp_path), "--out", str(out)])
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())
    assert not out.exists()


def test_several_answers_stand_on_one_page(folders: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.html"
    made = [str(folders / kind) for kind in KINDS]
    done = CliRunner().invoke(app, ["report", *made, "--out", str(out)])
    assert done.exit_code == 0, done.output
    ids = re.findall(r'\bid="([^"]+)"', out.read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "bad",
    [
        "<svg><script>alert(1)</script></svg>",
        '<svg><image href="data:,x"/></svg>',
        '<svg><g onclick="x"/></svg>',
        '<svg><use href="other.svg#a"/></svg>',
        '<svg><style>@import "x"</style></svg>',
        "<!DOCTYPE svg><svg/>",
        "<svg><g></svg>",
    ],
)
def test_a_picture_that_was_changed_is_refused(bad: str, folders: Path, tmp_path: Path) -> None:
    shutil.copytree(folders / "goal", tmp_path / "goal")
    path = tmp_path / "goal" / "answer.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    found["exhibits"][0]["svg"] = bad
    path.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(KeptAnswerError, match="is not what carepath-sim writes"):
        board(tmp_path / "goal")


def test_a_folder_without_its_words_says_what_to_do(folders: Path, tmp_path: Path) -> None:
    shutil.copytree(folders / "goal", tmp_path / "goal")
    (tmp_path / "goal" / "answer.json").unlink()
    done = CliRunner().invoke(app, ["report", str(tmp_path / "goal"), "--out", "x.html"])
    assert done.exit_code == 2
    assert "--resume" in " ".join(done.output.split())
