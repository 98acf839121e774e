"""The first tutorial holds together: its pieces are the example, and its figures those of a run."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from carepath_sim import compare, load, run
from carepath_sim.calibrate.calibration import load_calibration
from carepath_sim.scenario.nodes import plain, read_yaml
from tests.docs.snippets import DOCS, EXAMPLES, blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "language/first-scenario.md"
AREA = "language/own-area.md"
LINES = {
    "Emergency admissions": ("emergency_admissions", "all"),
    "Delayed transfer days": ("delayed_transfer_days", "all"),
    "awaiting assessment": ("delayed_transfer_days", "reason:awaiting assessment"),
    "awaiting reablement": ("delayed_transfer_days", "reason:awaiting reablement"),
}
"""Lines of the printed table, and the figures that they show."""


def test_pieces_of_the_tutorial_are_the_example() -> None:
    """Whoever types all pieces one below the other has the file that is shipped."""
    pieces = [block for block in blocks() if block.page == PAGE and block.is_piece]
    typed = "\n".join(block.text for block in pieces)
    shipped = (EXAMPLES / f"{pieces[0].base}.yaml").read_bytes()
    assert plain(read_yaml(typed.encode(), "typed")) == plain(read_yaml(shipped, "shipped"))


@pytest.mark.slow
def test_printed_figures_are_those_of_a_run() -> None:
    """Readers who follow the tutorial see the figures that are explained to them.

    When the engine or a measure changes on purpose, the table of the page is printed anew.
    """
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    table = page.split("carepath run ward.yaml\n", 1)[1].split("```", 2)[1]
    summary = run(load(EXAMPLES / "ward.yaml"), workers=1).summary()
    means = summary.set_index(["measure", "stratum"])["mean"]
    for words, key in LINES.items():
        printed = re.search(rf"^ +{words} +([\d,.]+) ", table, re.MULTILINE)
        assert printed is not None, f"the table has no line {words!r}"
        assert float(printed[1].replace(",", "")) == pytest.approx(means[key], abs=0.5), words


def test_the_plan_of_the_area_is_the_file_beside_it() -> None:
    """Whoever copies what section 4 shows has the file that its figures come from."""
    shown = [one for one in blocks() if one.page == AREA and one.text.startswith("extends:")]
    shipped = (EXAMPLES / "area-to-be.yaml").read_bytes()
    assert [plain(read_yaml(one.text.encode(), "shown")) for one in shown] == [
        plain(read_yaml(shipped, "shipped"))
    ]


@pytest.mark.skipif(not os.environ.get("CAREPATH_NIGHTLY"), reason="a minute of a county")
def test_the_answer_of_the_area_is_that_of_a_run() -> None:
    """Figures in the prose of sections 3 and 4 are those that readers get."""
    page = (DOCS / AREA).read_text(encoding="utf-8")
    both = compare(load(EXAMPLES / "area.yaml"), load(EXAMPLES / "area-to-be.yaml"), workers=1)
    means = both.results[0].summary().set_index(["measure", "stratum"])["mean"]
    found = both.differences().set_index(["measure", "stratum"])
    delayed = found.loc["delayed_transfer_days", "all"]
    assert f"some {round(means['emergency_admissions', 'all'], -1):,.0f} admissions a year" in page
    assert f"{100 * means['readmissions_28_days', 'all']:.0f} % readmitted" in page
    assert f"({-delayed['difference']:,.0f}, give or take" in page
    waits = found.loc["delayed_transfer_days", "reason:awaiting assessment"]
    assert f"{-waits['difference']:,.0f} were" in " ".join(page.split())


def test_the_calibration_that_is_shown_can_be_read(tmp_path: Path) -> None:
    """Whoever copies the three files of the page has a calibration."""
    page = (DOCS / "guide/own-calibration.md").read_text(encoding="utf-8")
    shown = re.findall(r"`(\w+\.yaml)`:[^\n]*(?:\n[^\n`]+)*\n\n```\n(.*?)```", page, re.DOTALL)
    assert [name for name, _ in shown] == ["fit.yaml", "targets.yaml", "priors.yaml"]
    shutil.copy(EXAMPLES / "ward.yaml", tmp_path)
    for name, text in shown:
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = load_calibration(tmp_path)
    assert [one.use for one in found.targets].count("validate") == 1
    assert len(found.parameters) == 2
