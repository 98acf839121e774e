"""`carepath sensitivity` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

RANGES = str(Path(__file__).parents[1] / "experiment" / "scenarios" / "ranges.yaml")
SMALL = (
    *("--parameters", "pools.*,services.home_visit.stay", "--replications", 2, "--workers", 1),
    *("--measure", "bed_days[ward]"),
)


def test_a_tornado_has_a_table_a_picture_and_files(
    carepath: Callable[..., Result], tmp_path: Path
) -> None:
    folder = tmp_path / "tornado"
    text = carepath("sensitivity", RANGES, *SMALL, "--out", folder).stdout
    shown = ("tornado over 2 numbers", "Bed days, ward [days]", "capacity of beds")
    for words in (*shown, "pools.beds.capacity"):
        assert words in text
    assert "1 without any effect" in text
    assert "due to the numbers" in text
    assert sorted(path.name for path in folder.iterdir()) == [
        "answer.json",
        *("design.csv", "effects-1.png", "effects-1.svg", "manifest.json", "noise.csv"),
        *("replications.parquet", "store", "table.csv"),
    ]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["kind"], manifest["points"]) == ("sensitivity", 5)


def test_json_has_the_table_and_the_noise(carepath: Callable[..., Result]) -> None:
    found = json.loads(carepath("sensitivity", RANGES, *SMALL, "--json").stdout)
    assert [row["parameter"] for row in found["table"]] == [
        "pools.beds.capacity",
        "services.home_visit.stay",
    ]
    assert found["noise"][0]["measure"] == "bed_days[ward]"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--method", "sobel"), "unknown method 'sobel'"),
        (("--parameters", "pool.*"), "no number with a range is called 'pool.*'"),
        (("--measure", "costs[nobody]"), "nobody"),
    ],
)
def test_wrong_options_end_with_a_sentence(
    carepath: Callable[..., Result], options: tuple[str, ...], words: str
) -> None:
    result = carepath("sensitivity", RANGES, *SMALL, *options, code=2)
    assert words in result.stderr
    assert "Traceback" not in result.output
