"""The scorecard as a user asks for it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

TARGETS = """
targets:
  emergency_admissions: {title: Emergency admissions, value: 300, per: year}
  fewer: {title: Fewer admissions, measure: emergency_admissions, value: -3.5 %, change: true}
"""


def with_targets(before: str, folder: Path) -> Path:
    """Return the small county with two targets."""
    text = Path(before).read_text(encoding="utf-8")
    path = folder / "county.yaml"
    path.write_text(text + TARGETS, encoding="utf-8")
    return path


def test_a_scorecard_is_printed_and_written(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    path, out = with_targets(before, tmp_path), tmp_path / "out"
    result = carepath("run", path, "-r", 1, "-w", 1, "--scorecard", "--out", out)
    lines = result.stdout.splitlines()
    assert any(line.split()[:3] == ["Emergency", "admissions", "Target"] for line in lines)
    with (out / "scorecard.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["target"] == "300.0"
    assert {row["name"] for row in rows} == {"emergency_admissions", "fewer"}


def test_a_scorecard_as_json_says_null_where_nothing_is_known(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    path = with_targets(before, tmp_path)
    found = json.loads(carepath("run", path, "-r", 1, "-w", 1, "--scorecard", "--json").stdout)
    fewer = next(row for row in found["scorecard"] if row["name"] == "fewer")
    assert fewer["target"] == -0.035
    assert fewer["actual"] is None


def test_without_targets_there_is_no_scorecard(
    carepath: Callable[..., Result], before: str
) -> None:
    assert "no `targets:`" in carepath("run", before, "--scorecard", code=2).stderr


def test_a_comparison_prints_hopes_for_a_change(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    path = with_targets(before, tmp_path)
    other = tmp_path / "other.yaml"
    other.write_text("extends: county.yaml\nvariant: other\n", encoding="utf-8")
    result = carepath("compare", path, other, "-r", 2, "-w", 1, "--out", tmp_path / "out")
    line = next(line for line in result.stdout.splitlines() if "Fewer admissions" in line)
    assert line.split()[2:4] == ["-3.5%", "+0.0%"]
    assert (tmp_path / "out" / "targets.csv").exists()
