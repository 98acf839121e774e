"""The YAML blocks of the documentation, and the way to run them."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = DOCS / "examples"

_BLOCK = re.compile(
    r"^```yaml\n(?P<text>.*?)^```\n(?:<!-- (?P<way>over|piece of): (?P<base>\w+) -->\n)?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A YAML block of a page.

    Attributes
    ----------
    page, line
        Where it stands.
    text
        What it says.
    base
        Example file that it changes, without the ending; empty for a whole scenario.
    is_piece
        Whether it is a part of that file instead, as tutorials have it.
    """

    page: str
    line: int
    text: str
    base: str
    is_piece: bool

    def __str__(self) -> str:
        """Return where the block stands."""
        return f"{self.page}:{self.line}"

    @property
    def is_whole(self) -> bool:
        """Whether it is a scenario by itself."""
        return self.text.startswith("carepath: 1")

    @property
    def head(self) -> str:
        """What has to stand before it so that it can be loaded."""
        ready = self.is_whole or self.text.startswith("extends: ")
        return "" if ready else f"extends: {self.base}.yaml\n"

    def write(self, folder: Path) -> Path:
        """Write the block as a file that can be loaded, beside the examples."""
        for example in EXAMPLES.glob("*.yaml"):
            shutil.copy(example, folder)
        path = folder / "snippet.yaml"
        path.write_text(self.head + self.text, encoding="utf-8")
        return path


def pages() -> list[Path]:
    """Return every page of the documentation that is written by hand."""
    return sorted(DOCS.rglob("*.md"))


def blocks() -> Iterator[Block]:
    """Yield every YAML block of every page."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        name = page.relative_to(DOCS).as_posix()
        for found in _BLOCK.finditer(text):
            line = text[: found.start()].count("\n") + 1
            is_piece = found["way"] == "piece of"
            yield Block(name, line, found["text"], found["base"] or "", is_piece)


def sections(page: str) -> Iterator[tuple[str, str]]:
    """Yield the sections of a page with their headings."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for part in re.split(r"^(?=##+ )", text, flags=re.MULTILINE)[1:]:
        yield part.split("\n", 1)[0].lstrip("# "), part
