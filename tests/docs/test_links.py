"""Links and commands of the documentation lead somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.snippets import DOCS, pages

if TYPE_CHECKING:
    from pathlib import Path

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_COMMAND = re.compile(r"(?:`|^    )carepath ([a-z]+(?:-[a-z]+)*)((?: [^\n`]*)?)", re.MULTILINE)


def anchor(heading: str) -> str:
    """Return the anchor of a heading as code hosts make it."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {anchor(heading) for heading in _HEADING.findall(text)}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(DOCS).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Every link of a page names a file of the project, and a heading in it."""
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith(("https://", "http://")):
            continue
        name, _, part = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{page.name}: there is no {target}"
        assert not part or part in anchors(file), f"{page.name}: there is no heading for {target}"


# Pages of areas are held to their scenarios by the tests of the areas.
GENERAL = [page for page in pages() if page.parent.name != "areas"]


@pytest.mark.parametrize("page", GENERAL, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_commands_exist(page: Path) -> None:
    """Every command that a page names can be called, with the options shown."""
    typer = pytest.importorskip("typer")
    from carepath_sim.cli.app import app

    known = typer.main.get_command(app).commands
    for name, rest in _COMMAND.findall(page.read_text(encoding="utf-8")):
        assert name in known, f"{page.name}: there is no command {name}"
        options = {option for parameter in known[name].params for option in parameter.opts}
        for option in re.findall(r"(?<!\S)--?[a-z-]+", rest):
            assert option in options, f"{page.name}: carepath {name} has no {option}"
