"""The page of distributions shows every family, and all that it shows can be drawn from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from carepath_sim.plan import compile_plan
from carepath_sim.report.stays import stays
from carepath_sim.scenario import load
from carepath_sim.scenario.grammar_distributions import CSV, FAMILIES
from carepath_sim.scenario.nodes import plain, read_yaml
from tests.docs.snippets import EXAMPLES, sections

if TYPE_CHECKING:
    from pathlib import Path

TEXT = dict(sections("language/distributions.md"))


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table of a section, without its head."""
    lines = [line for line in TEXT[heading].split("\n") if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


WRITTEN = [code for row in rows("Which one") for code in re.findall(r"`([^`]+)`", row[1])]


def test_every_family_is_in_the_table() -> None:
    """Nothing that the grammar takes is missing from the page."""
    assert {row[0] for row in rows("All families")} == set(FAMILIES) - {"fixed"}


def test_every_word_on_a_file_of_data_is_in_the_table() -> None:
    assert {row[0].strip("`") for row in rows("Your own data")} == set(CSV)


@pytest.mark.parametrize("stay", [stay for stay in WRITTEN if not stay.startswith("{csv")])
def test_what_you_write_can_be_drawn_from(stay: str) -> None:
    written = plain(read_yaml(stay.encode(), "stay"))
    compile_plan(load(EXAMPLES / "ward.yaml").set("services.reablement.stay", written))


def test_the_example_of_data_gives_what_the_page_says(tmp_path: Path) -> None:
    """1 day in 30 of 42 cases, and 2.5 days in 12: a mean of 60 / 42 days."""
    page = TEXT["Your own data"]
    data = re.search(r"```text\n(.*?)```", page, re.DOTALL)
    stay = re.search(r"So `([^`]+)`", page)
    assert data is not None
    assert stay is not None
    (tmp_path / "stays.csv").write_text(data[1], encoding="utf-8")
    (tmp_path / "ward.yaml").write_text((EXAMPLES / "ward.yaml").read_text(), encoding="utf-8")
    (tmp_path / "own.yaml").write_text(
        f"extends: ward.yaml\nservices:\n  ward:\n    stay: {stay[1]}\n", encoding="utf-8"
    )
    lines = {line.text: line for line in stays(load(tmp_path / "own.yaml"))}
    line = lines["2 values of stays.csv, days where ward is A"]
    assert line.drawn.mean == pytest.approx((30 * 1 + 12 * 2.5) / 42 * 86_400_000)
