"""`carepath assumptions` as a user calls it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result


def test_the_weakest_stand_first_and_the_file_has_all(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    text = carepath("assumptions", before, "--out", tmp_path / "log.csv").stdout
    assert "48 are assumptions" in text
    assert "22 more: --all" in text
    assert "Log is in" in text
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert lines[0].startswith("field,value,range,quality,source,note,assumed,effect")
    assert len(lines) == 53
    found = json.loads(carepath("assumptions", before, "--json").stdout)
    assert len(found["assumptions"]) == 52
    assert "more: --all" not in carepath("assumptions", before, "--all").stdout


def test_a_folder_that_tells_no_effects_is_refused(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    assert "holds no results" in carepath(
        "assumptions", before, "--effects", tmp_path, code=2
    ).stderr  # fmt: skip
