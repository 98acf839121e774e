"""`carepath bedmix` as a user calls it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

TEN_BEDS = str(Path(__file__).parents[2] / "docs" / "cookbook" / "sharing-policies.yaml")
SMALL = (
    *("--set", "clock.length=60 d", "--set", "clock.warm_up=20 d", "--set", "clock.run_out=14 d"),
    *("--pool", "community_beds", "--streams", "step_up,step_down", "--workers", 1),
    *("--policies", "ring_fenced,shared", "--splits", "2,4"),
    *("--replications", 4, "--max-replications", 4),
)


def test_the_answer_comes_in_words_and_tables(
    carepath: Callable[..., Result], tmp_path: Path
) -> None:
    folder = tmp_path / "mix"
    text = carepath("bedmix", TEN_BEDS, *SMALL, "--out", folder).stdout
    for words in (
        "To minimise delayed_transfer_days: ",
        "probability of being best",
        "P(within",
        "ring-fenced 2/8",
        "Delayed days",
        "Frontier: ",
    ):
        assert words in text
    files = sorted(path.name for path in folder.iterdir())
    assert files == [
        *("answer.json", "choice.csv", "frontier.csv", "frontier.png", "frontier.svg"),
        *("heat-map.png", "heat-map.svg", "manifest.json", "replications.parquet", "store"),
        *("summary.csv", "table.csv"),
    ]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["kind"] == "bedmix"
    assert [one["name"] for one in manifest["configurations"]] == [
        *("as written", "ring-fenced 2/8", "ring-fenced 4/6"),
    ]
    with (folder / "choice.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["configuration"] == manifest["best"]
    again = carepath("bedmix", TEN_BEDS, *SMALL, "--out", folder, code=2)
    assert "holds another bedmix" in again.stderr.replace("\n", " ")


def test_json_has_the_choice_with_its_probabilities(carepath: Callable[..., Result]) -> None:
    found = json.loads(carepath("bedmix", TEN_BEDS, *SMALL, "--json").stdout)
    assert found["pool"] == "community_beds"
    assert sum(row["probability_best"] for row in found["choice"]) == pytest.approx(1)
    assert found["choice"][0]["configuration"] == found["best"]
    assert {row["configuration"] for row in found["frontier"]} == {
        row["configuration"] for row in found["table"]
    }
    assert found["answer"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--splits", "20"), "has 10 beds"),
        (("--objective", "minimise"), "is no objective"),
        (("--frontier", "costs"), "two measures"),
        (("--policies", "sharing"), "there is no policy 'sharing'"),
        (("--common", "many"), "is no amount"),
    ],
)
def test_wrong_options_end_with_a_sentence(
    carepath: Callable[..., Result], options: tuple[str, ...], words: str
) -> None:
    result = carepath("bedmix", TEN_BEDS, *SMALL, *options, code=2)
    assert words in result.stderr
    assert "Traceback" not in result.output
