"""Every scenario of the cookbook is without fault and runs; every page shows it and is tested."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from carepath_sim.scenario import load
from carepath_sim.scenario.loader import validate
from tests.docs.cookbook import COOKBOOK, FILES, PAGES
from tests.docs.test_snippets import run_shortly

if TYPE_CHECKING:
    from pathlib import Path

INDEX = (COOKBOOK / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```yaml\n(.*?)^```\n\nThis is \[`(.+?)`\]", re.MULTILINE | re.DOTALL)
_RUN = re.compile(r"^    carepath (?:run|compare|validate|show|trace) .+$", re.MULTILINE)
_FILE = re.compile(r"docs/cookbook/([\w-]+\.yaml)")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario_has_no_fault_and_runs(path: Path) -> None:
    problems, _ = validate([path])
    assert not problems
    assert run_shortly(load(path)) > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_shows_its_scenarios_as_they_are(page: Path) -> None:
    """What is printed on the page is the file that the commands run."""
    text = page.read_text(encoding="utf-8")
    shown = {name: block for block, name in _BLOCK.findall(text)}
    assert shown
    for name, block in shown.items():
        assert block == (COOKBOOK / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_has_its_parts(page: Path) -> None:
    """A question, a command on a file that exists, what comes out, and what to change."""
    text = page.read_text(encoding="utf-8")
    assert "?" in text.splitlines()[0]
    assert _RUN.search(text)
    assert all((COOKBOOK / name).exists() for name in _FILE.findall(text))
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["What comes out", "What to change"]


def test_every_page_stands_in_the_index() -> None:
    listed = re.findall(r"\]\(([\w-]+)\.md\)", INDEX)
    assert sorted(listed) == sorted(page.stem for page in PAGES)


def test_every_scenario_is_shown_on_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert {path.name for path in FILES} == {name for _, name in _BLOCK.findall(text)}


def test_every_page_is_held_to_what_it_says() -> None:
    """For each page there is a test of its name."""
    here = COOKBOOK.parents[1] / "tests" / "docs"
    code = "".join(path.read_text(encoding="utf-8") for path in here.glob("test_cookbook_*.py"))
    tested = set(re.findall(r"^def test_(\w+?)\(", code, re.MULTILINE))
    missing = {page.stem for page in PAGES if page.stem.replace("-", "_") not in tested}
    assert not missing
