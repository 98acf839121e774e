"""What the first page says that the demonstration prints is what it prints."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from carepath_sim.cli.app import app
from tests.docs.snippets import DOCS

if TYPE_CHECKING:
    from collections.abc import Iterable

README = (DOCS.parent / "README.md").read_text(encoding="utf-8")
TASKS = (DOCS.parent / "tasks.py").read_text(encoding="utf-8")


def bare(lines: Iterable[str]) -> list[str]:
    """Return lines that say something, whatever the width of the terminal."""
    words = [" ".join(one.split()) for one in lines]
    return [one for one in words if one not in {"", "..."} and set(one) != {"─"}]


@pytest.mark.skipif("CAREPATH_NIGHTLY" not in os.environ, reason="ten years of a county, twice")
def test_the_demonstration_prints_what_the_first_page_shows() -> None:
    found = re.search(r"^```text\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    scenarios = re.search(r'scenarios = \("([^"]+)", "([^"]+)"\)', TASKS)
    assert found is not None
    assert scenarios is not None
    said = CliRunner().invoke(app, ["compare", *scenarios.groups()])
    assert said.exit_code == 0
    printed = bare(said.stdout.splitlines())
    shown = bare(found[1].splitlines())
    assert len(shown) > 10
    places = [printed.index(one) for one in shown]
    assert places == sorted(places)
