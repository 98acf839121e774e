"""`--posterior` and `--ranges` of `carepath run` and `carepath compare` as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

RANGES = str(Path(__file__).parents[1] / "experiment" / "scenarios" / "ranges.yaml")
FEW = ("--ranges", "--draws", 5, "--replications", 2, "--workers", 1, "--measure", "p_wait[ward]")


def test_a_run_with_ranges_has_tables_and_pictures(
    carepath: Callable[..., Result], tmp_path: Path
) -> None:
    folder = tmp_path / "u"
    text = carepath(
        "run", RANGES, *FEW, "--target", "p_wait[ward]<=20%", "--out", folder
    ).stdout  # fmt: skip
    for words in (
        "5 draws of 7 numbers from ranges, 2 replications each",
        "5 draws are few",
        "Had to wait, ward [%]",
        "at most 20.0",
        "What it is worth to know a number",
    ):
        assert words in text
    names = {path.name for path in folder.iterdir()}
    assert {"figures.csv", "knowing.csv", "targets.csv", "bands-1.png", "bands-1.svg"} <= names
    again = carepath(
        "run", RANGES, *FEW, "--target", "p_wait[ward]<=20%", "--out", folder, "--resume", "--json"
    )
    found = json.loads(again.stdout)
    assert (found["draws"], found["replications"]) == (5, 2)
    assert found["figures"][0]["figure"] == "p_wait[ward]"
    assert 0 <= found["targets"][0]["probability"] <= 1


def test_a_comparison_with_ranges_says_which_is_best(carepath: Callable[..., Result]) -> None:
    given = ("--objective", "minimise costs", "--parameters", "pools.*,arrivals.*")
    found = json.loads(carepath("compare", RANGES, RANGES, *FEW, *given, "--json").stdout)
    assert found["differences"][0]["mean"] == 0
    assert [row["probability_best"] for row in found["best"]] == [0.5, 0.5]
    text = carepath("compare", RANGES, RANGES, *FEW, *given).stdout
    for words in ("Differences from", "P(less)", "Best by: minimise costs"):
        assert words in text


def test_a_draw_has_three_replications_where_nothing_is_said(
    carepath: Callable[..., Result],
) -> None:
    given = ("--ranges", "--draws", 2, "--workers", 1, "--parameters", "pools.*", "--json")
    assert json.loads(carepath("run", RANGES, *given).stdout)["replications"] == 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--draws", 5), "--draws: only with --posterior FIT or --ranges"),
        (("--ranges", "--posterior", "x"), "not both"),
        (("--ranges", "--scorecard"), "--scorecard: not with --posterior or --ranges"),
        (("--posterior", "nowhere"), "nowhere: there is no such fit"),
        (("--ranges", "--measure", "waits"), "there is no measure 'waits'"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    carepath: Callable[..., Result], given: tuple[object, ...], words: str
) -> None:
    assert words in carepath("run", RANGES, *given, code=2).stderr
