"""`carepath capacity` and `carepath goal`."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from carepath_sim.experiment.writing import read_parquet

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

WARD = Path(__file__).parents[1] / "experiment" / "scenarios" / "ward.yaml"
QUICK = ("--replications", 5, "--most", 5, "--workers", 1, "--engine", "simpy")
CURVE = ("capacity", WARD, "--pool", "beds", "--from", 4, "--to", 9, "--step", 2, *QUICK)


def test_capacity_prints_the_curve_and_the_answer(carepath: Callable[..., Result]) -> None:
    shown = carepath(*CURVE, "--target", "p_wait<=0.3, occupancy<=95%").stdout
    assert "Occupied" in shown
    assert "beds are the fewest with which at most 30 % wait for beds (" in shown
    assert "Knee of “Had to wait”" in shown
    assert not re.search(r"pools\.|p_wait", shown)
    assert "Erlang C holds exactly" in shown


def test_capacity_as_json_with_its_folder(carepath: Callable[..., Result], tmp_path: Path) -> None:
    folder = tmp_path / "curve"
    found = json.loads(
        carepath(*CURVE, "--target", "p_wait<=0.3", "--json", "--out", folder).stdout
    )
    # The last point is the end that was asked for, whatever the step.
    assert list(dict.fromkeys(one["capacity"] for one in found["curve"])) == [4, 6, 8, 9]
    assert found["answer"]["met"]
    assert found["answer"]["value"] == int(found["answer"]["value"])
    assert found["closed_form"]["exact"]
    assert {one["target"] for one in found["search"]} == {"p_wait[beds] <= 0.3"}
    names = {path.name for path in folder.iterdir()}
    assert names == {
        *("answer.json", "capacity.csv", "search.csv", "replications.parquet", "manifest.json"),
        *("capacity.png", "capacity.svg", "store"),
    }
    with (folder / "capacity.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(found["curve"])
    rows = read_parquet(folder / "replications.parquet")
    assert set(rows["capacity"]) == {4, 6, 8, 9}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["kind"], manifest["complete"]) == ("capacity", True)
    assert manifest["scenario"]["area"] == "Textbook"
    refused = carepath(*CURVE, "--out", folder, code=2)
    assert "holds another capacity" in refused.stderr.replace("\n", " ")
    assert "--resume" in refused.stderr


def test_what_cannot_be_met_is_exit_code_1(carepath: Callable[..., Result]) -> None:
    shown = carepath(*CURVE, "--target", "p_wait<=0.01%", code=1).stdout
    assert (
        "No capacity of beds from 4 beds to 9 beds meets the target: at most 0.01 % wait" in shown
    )
    shown = carepath(
        *("goal", WARD, "--lever", "services.ward.stay*", "--from", 1, "--to", 3, "--step", 1),
        *("--target", "p_wait[beds]<=1%", *QUICK, "--json"),
        code=1,
    ).stdout
    assert json.loads(shown)["met"] is False


def test_goal_prints_its_search(carepath: Callable[..., Result], tmp_path: Path) -> None:
    folder = tmp_path / "goal"
    shown = carepath(
        *("goal", WARD, "--lever", "demand", "--from", 0.5, "--to", 2, "--step", 0.5),
        *("--target", "p_wait[beds]<=0.3", *QUICK, "--out", folder),
    ).stdout
    assert "Values looked at (--lever demand)" in shown
    assert "is the largest with which at most 30 % wait for beds" in shown
    assert ", which misses: had to wait, beds = " in shown
    assert {path.name for path in folder.iterdir()} == {
        *("answer.json", "search.csv", "manifest.json", "goal.png", "goal.svg", "store"),
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--pool", "bed", "--from", 3, "--to", 5), "did you mean 'beds'"),
        (("--pool", "beds", "--from", 5, "--to", 3), "--from lies below --to"),
        (("--pool", "beds", "--from", 3, "--to", 5, "--target", "p_wait"), "is no target"),
    ],
)
def test_wrong_input_is_told(
    carepath: Callable[..., Result], arguments: tuple[object, ...], message: str
) -> None:
    assert message in carepath("capacity", WARD, *arguments, *QUICK, code=2).stderr


def test_a_board_is_told_in_a_sentence(carepath: Callable[..., Result]) -> None:
    ward = Path(__file__).parents[1] / "experiment" / "scenarios" / "ward.yaml"
    quick = ("-r", 5, "--most", 10, "--workers", 1, "--engine", "simpy")
    said = carepath(
        *("goal", ward, "--lever", "services.ward.stay*", "--from", 0.5, "--to", 1.5),
        *("--step", 0.5, "--target", "p_wait[beds]<=20%", *quick),
    ).output
    # Erlang C with six beds: 2 % wait at a load of 2, 28 % at one of 4.
    words = "Stay of ward 0.5 times (mean 0.5 d) is the largest with which at most 20 % wait"
    assert words in said
