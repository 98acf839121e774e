"""The report as a page: complete, readable by everybody, and in need of nothing."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

import carepath_sim as cp
from carepath_sim.cli.app import app
from carepath_sim.experiment.reopen import reopen
from carepath_sim.report.answer import change
from carepath_sim.report.bars import delays_table, standards_table
from carepath_sim.report.board import _assumptions, board
from carepath_sim.report.page import html, markdown
from carepath_sim.scenario.stated import stated

if TYPE_CHECKING:
    from carepath_sim.experiment.compare import Comparison

SCENARIOS = Path(__file__).parents[1] / "experiment" / "scenarios"
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """What is on a page, and whether its elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report") / "both"


@pytest.fixture(scope="module")
def comparison(folder: Path) -> Comparison:
    loaded = [cp.load(SCENARIOS / f"{name}.yaml") for name in ("before", "after")]
    return cp.compare(*loaded, replications=3, workers=1, engine="simpy", out=folder)


@pytest.fixture(scope="module")
def text(folder: Path, comparison: Comparison) -> str:
    return html([board(folder)])


def test_a_folder_gives_the_results_that_were_written(folder: Path, comparison: Comparison) -> None:
    for read, written in zip(reopen(folder), comparison.results, strict=True):
        assert read.scenario.hash() == written.scenario.hash()
        assert read.summary().equals(written.summary())
        assert read.daily().equals(written.daily())


def test_the_page_needs_nothing_from_anywhere(text: str) -> None:
    page = Page(text)
    assert not page.all("script", "link", "iframe", "img", "object", "embed", "base", "image")
    assert not re.search(r"https?://|@import|\bfile:|//[a-z]+\.[a-z]", text)
    assert all(one.startswith("#") for one in re.findall(r'(?:href|src)="([^"]*)"', text))
    assert all(one.startswith("#") for one in re.findall(r"url\(([^)]*)\)", text))
    assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]


def test_what_assistive_technology_needs_is_there(text: str) -> None:
    page = Page(text)
    assert page.all("html")[0]["lang"] == "en-GB"
    assert len(page.all("main")) == len(page.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [one["id"] for _, one in page.tags if "id" in one]
    assert len(ids) == len(set(ids))
    pictures = page.all("svg")
    assert len(pictures) == len(page.all("figure")) >= 3
    for one in pictures:
        assert one["role"] == "img"
        assert set(str(one["aria-labelledby"]).split()) <= set(ids)
    assert len(page.all("desc")) == len(pictures)
    assert len(page.all("caption")) == len(page.all("table"))
    assert all("scope" in one for one in page.all("th"))
    known = set(ids)
    references = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)
    assert {one for pair in references for one in pair if one} <= known


def test_words_stand_out_from_the_page(text: str) -> None:
    style = text[text.index("<style>") : text.index("</style>")]
    for colour in re.findall(r"[^-]color: (#[0-9a-f]{6})", style):
        # Against white and against the ground of the answer.
        assert _contrast(colour, "#ffffff") >= 4.5
        assert _contrast(colour, "#f0f4f8") >= 4.5


def test_the_same_run_gives_the_same_bytes(text: str, folder: Path, tmp_path: Path) -> None:
    assert html([board(folder)]) == text
    loaded = [cp.load(SCENARIOS / f"{name}.yaml") for name in ("before", "after")]
    cp.compare(*loaded, replications=3, workers=1, engine="simpy", out=tmp_path / "again")
    assert html([board(tmp_path / "again")]) == text


def test_reasons_sum_to_all_delayed_days(comparison: Comparison) -> None:
    table = delays_table(comparison.results)
    for result in comparison.results:
        rows = result.summary()
        rows = rows[(rows["measure"] == "delayed_transfer_days") & (rows["stratum"] == "all")]
        assert table[result.label].sum() == pytest.approx(float(rows["mean"].iloc[0]))
    axes = comparison.base.plot.delays()
    assert axes.get_title(loc="left")
    assert "days" in axes.get_xlabel()
    assert standards_table(comparison.results).empty


def test_markdown_has_the_same_answer(text: str, folder: Path) -> None:
    said = board(folder)
    written = markdown([said])
    # On the page figures stand in elements of their own, so that they break at no end of a line.
    plain = unescape(text.replace('<span class="n">', "").replace("</span>", ""))
    assert written.startswith(f"# {said.question}\n")
    for line in said.answer:
        assert f"- {line}\n" in written
        assert line in plain
        assert line not in text, "a figure may break"


def test_key_figures_stack_on_a_phone_with_the_words_of_their_columns(text: str) -> None:
    """One child a cell, or each figure in it would become a column of its own."""
    table = text[text.index('<table class="stacks"') :]
    table = table[: table.index("</table>")]
    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)<', table)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table)[1:]
    assert len(rows) > 5
    for row in rows:
        cells = re.findall(r'<td role="cell" data-head="([^"]*)">(.*?)</td>', row)
        assert [head for head, _ in cells] == heads[1:]
        for _, cell in cells:
            assert not cell or re.fullmatch(
                r"<span>(?:[^<]|<span class=\"n\">[^<]*</span>)*</span>", cell
            )
    assert text.count('<table class="stacks"') == 1


def test_an_interval_that_holds_nothing_is_no_change() -> None:
    given = ("emergency_admissions", "admissions", 200.0)
    assert "fall by 20.0, from 200 to 180" in str(change(*given, 180.0, -20.0, -30.0, -10.0))
    assert "no clear change" in str(change(*given, 198.0, -2.0, -9.0, 5.0))
    assert "the same in both" in str(change(*given, 200.0, 0.0, 0.0, 0.0))
    assert "one replication" in str(change(*given, 180.0, -20.0, float("nan"), float("nan")))
    assert change(*given, float("nan"), float("nan"), 0.0, 0.0) is None


def test_words_of_the_author_are_no_markup(folder: Path, comparison: Comparison) -> None:
    asked = html([board(folder, question="<script>alert(1)</script> & more")])
    assert "<script" not in asked
    assert "&lt;script&gt;" in asked


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere is not there"),
        (["{here}"], "has no manifest.json"),
        (["{run}", "--format", "pdf"], "accepted are: html, md"),
        (["{run}", "--out", "{here}"], "is a folder"),
    ],
)
def test_what_cannot_be_reported_is_said(
    arguments: list[str], said: str, folder: Path, comparison: Comparison, tmp_path: Path
) -> None:
    assert comparison.base.done
    filled = [one.format(here=tmp_path, run=folder) for one in arguments]
    result = CliRunner().invoke(app, ["report", *filled])
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_the_command_writes_the_page(text: str, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    result = CliRunner().invoke(app, ["report", str(folder), "--out", str(file)])
    assert result.exit_code == 0, result.output
    assert file.read_text(encoding="utf-8") == text


def _contrast(one: str, other: str) -> float:
    """Contrast of two colours (WCAG 2.1, relative luminance)."""
    lights = sorted(_light(colour) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _light(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_what_a_report_rests_on_is_what_the_log_of_assumptions_says(
    folder: Path, comparison: Comparison
) -> None:
    made = board(folder)
    for k, result in enumerate(comparison.results, start=1):
        log = cp.assumptions(result.scenario)
        tally = {row[0]: int(row[k]) for row in made.qualities.rows}
        assert sum(tally.values()) == len(log)
        supposed = ("nothing said", "assumption", "by hand")
        assert sum(tally.get(one, 0) for one in supposed) == log["assumed"].sum() > 0
        listed = {row[0] for row in made.weakest.rows}
        unsaid = log[(log["quality"] == "not said") & (log["source"] == "")]["field"]
        assert len(unsaid) > 0
        assert set(unsaid[:10]) <= listed


def test_what_is_so_by_definition_is_not_among_the_weakest() -> None:
    numbers = stated(cp.load("buckinghamshire/as-is"))
    sure = [one for one in numbers if one.by_definition]
    assert {one.text for one in sure} == {"0", "1"}
    _, weakest = _assumptions({"as-is": cp.load("buckinghamshire/as-is")})
    assert weakest.rows
    assert not {one.field for one in sure} & {row[0] for row in weakest.rows}
