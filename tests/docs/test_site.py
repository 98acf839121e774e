"""The documentation site: built without a doubt, and sufficient in itself."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from tests.docs.snippets import DOCS, pages

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

# What a browser loads of itself, and the attribute that says from where.
LOADED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
    "use": "href",
    "image": "href",
}
# Kinds of `<link>` at which a browser does not look unless somebody asks.
NOT_LOADED = {"search", "index", "next", "prev", "canonical", "author", "copyright"}
ELSEWHERE = re.compile(r"\s*(?:[a-z]+:)?//", re.IGNORECASE)


class Page(HTMLParser):
    """What a page loads, its headings, and its pictures without words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.headings: list[int] = []
        self.silent: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in one tag."""
        said = {name: value or "" for name, value in attrs}
        if tag in LOADED:
            self.loads.append(said.get(LOADED[tag], ""))
        elif tag == "link" and not NOT_LOADED & set(said.get("rel", "").split()):
            self.loads.append(said.get("href", ""))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img" and not said.get("alt", "").strip():
            self.silent.append(said.get("src", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `python3 tasks.py docs` builds it."""
    pytest.importorskip("sphinx")
    pytest.importorskip("furo")
    pytest.importorskip("myst_parser")
    folder = tmp_path_factory.mktemp("site")
    how = ("-E", "-W", "--keep-going", "-q", "-b", "html")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *how, str(DOCS), str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def read(site: Path) -> dict[str, Page]:
    """Every page of the site, by name."""
    return {
        path.relative_to(site).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in site.rglob("*.html")
    }


def written(read: dict[str, Page]) -> dict[str, Page]:
    """Return the pages that somebody wrote, without those for the search and the index."""
    made = {page.relative_to(DOCS).with_suffix(".html").as_posix() for page in pages()}
    return {name: page for name, page in read.items() if name in made}


def test_every_page_is_in_the_site(read: dict[str, Page]) -> None:
    """That the build has no warning also says that each of them stands in the margin."""
    assert len(written(read)) == len(pages())


def test_pages_load_nothing_from_elsewhere(read: dict[str, Page]) -> None:
    """No font, script, style or picture comes from another host."""
    assert sum(len(page.loads) for page in read.values()) > len(read)
    far = {(name, to) for name, page in read.items() for to in page.loads if ELSEWHERE.match(to)}
    assert not far


def test_styles_load_nothing_from_elsewhere(site: Path) -> None:
    """Nor do the styles ask for anything."""
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        asked = re.findall(r"(?:url\(|@import\s+)\s*[\"']?([^\"')\s;]+)", text)
        assert not [to for to in asked if ELSEWHERE.match(to)], path.name


def test_headings_are_in_order(read: dict[str, Page]) -> None:
    """One heading of the first rank, and no rank left out, so that a page can be heard."""
    for name, page in written(read).items():
        assert page.headings.count(1) == 1, name
        for above, below in zip(page.headings, page.headings[1:], strict=False):
            assert below <= above + 1, f"{name}: rank {below} after rank {above}"


def test_every_picture_says_in_words_what_it_shows(read: dict[str, Page]) -> None:
    assert not {(name, picture) for name, page in read.items() for picture in page.silent}


def test_every_public_name_is_explained(site: Path) -> None:
    """Every function and class, and every option of a function, stands on the page of Python."""
    import inspect

    import carepath_sim

    text = (site / "reference" / "api.html").read_text(encoding="utf-8")
    for name in carepath_sim.__all__:
        one = getattr(carepath_sim, name)
        if not callable(one):
            continue
        start = text.find(f'id="{one.__module__}.{one.__name__}"')
        assert start > 0, name
        if not inspect.isclass(one):
            own = text[start : text.find('<dl class="py', start)]
            missing = {p for p in inspect.signature(one).parameters if f"{p}</strong>" not in own}
            assert not missing, f"{name}: say in the docstring what these are"


def test_every_command_is_explained(site: Path) -> None:
    """Every command and every option stands on the page of the commands."""
    from carepath_sim.cli.reference import commands

    text = (site / "reference" / "cli.html").read_text(encoding="utf-8")
    for name, command in commands().items():
        start = text.find(f'id="carepath-{name}"')
        own = text[start : text.find("</section>", start)]
        assert start > 0, name
        for one in command.params:
            assert one.help, f"carepath {name} does not explain {one.opts[0]}"
            written = one.metavar if one.param_type_name == "argument" else one.opts[0]
            assert f'pre">{written}' in own, (name, written)
