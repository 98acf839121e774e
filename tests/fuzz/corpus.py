"""What is damaged: every scenario of the project, and random ones over the whole language."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from random_scenarios import scenarios
from ruamel.yaml import YAML
from snippets import DOCS, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDERS = ("scenarios", "docs", "tests", "benchmarks", "carepath_sim")

STAYS = "ward,days,patients\nA,1,30\nA,2.5,12\nB,7,4\n"
WITH_DATA = """\
carepath: 1
area: Testshire
variant: as-is
title: Stays of a file
clock: {start: 2015-04-01, length: 1 y}
arrivals:
  gps: {rate: 3 per d, at: ward}
services:
  ward:
    setting: community_bed
    stay:
      csv:
        {file: stays.csv, column: days, unit: d, weight: patients, group: {column: ward, value: A}}
    next: home
"""


@dataclass(frozen=True)
class Base:
    """A valid scenario.

    Attributes
    ----------
    name
        Where it comes from.
    text
        What the file says.
    beside
        Files that lie in the same folder, by name.
    """

    name: str
    text: bytes
    beside: dict[str, bytes] = field(default_factory=dict, hash=False)

    def write(self, folder: Path, text: bytes, beside: dict[str, bytes] | None = None) -> Path:
        """Write another text with the same files beside it; return where."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, content in {**self.beside, **(beside or {})}.items():
            (folder / name).write_bytes(content)
        path = folder / "damaged.yaml"
        path.write_bytes(text)
        return path


def files() -> Iterator[Base]:
    """Yield every scenario file of the project."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.yaml")):
            text = path.read_bytes()
            if b"carepath: 1" in text or b"extends:" in text:
                yield Base(path.relative_to(ROOT).as_posix(), text, neighbours(path.parent))


def neighbours(folder: Path) -> dict[str, bytes]:
    """Return the files that a scenario of a folder may name."""
    found = [*folder.glob("*.yaml"), *folder.glob("*.csv")]
    return {path.name: path.read_bytes() for path in sorted(found)}


def snippets() -> Iterator[Base]:
    """Yield every YAML block of the documentation as a file."""
    examples = neighbours(DOCS / "examples")
    for block in blocks():
        beside = {**examples, **neighbours((DOCS / block.page).parent)}
        if not block.is_piece and (block.is_whole or block.base):
            yield Base(str(block), (block.head + block.text).encode(), beside)


def thrown(count: int) -> Iterator[Base]:
    """Yield random scenarios, the same ones every time."""
    raws: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios())
    def collect(raw: Any) -> None:
        raws.append(raw)

    collect()
    for k, raw in enumerate(raws):
        text = io.StringIO()
        YAML().dump(raw, text)
        yield Base(f"random {k}", text.getvalue().encode())


@cache
def corpus(randoms: int = 60) -> tuple[Base, ...]:
    """Return everything that is damaged."""
    data = Base("stays of a file", WITH_DATA.encode(), {"stays.csv": STAYS.encode()})
    # As many times as there are few of them: files of data are damaged too.
    return (*files(), *snippets(), *thrown(randoms), *[data] * 6)
