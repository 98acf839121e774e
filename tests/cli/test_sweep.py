"""`carepath sweep`: a design typed as one line, a table, a folder, and going on with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

SHORT = ("--set", "clock.length=10 d", "--set", "clock.warm_up=0 d", "--set", "clock.run_out=0 d",
         "-r", 2, "-w", 1)  # fmt: skip
VARY = ("--vary", "pools.community_beds.capacity=2:4:1")


def test_a_sweep_is_a_table_of_its_points(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    out = tmp_path / "study"
    said = carepath("sweep", before, *SHORT, *VARY, "--out", out)
    assert "3 points of pools.community_beds.capacity, 2 replications each, seed 1" in said.output
    assert "Differences from point 0" in said.output
    assert f"Tables are in {out}" in said.output.replace("\n", "")
    for suffix in ("png", "svg"):
        assert (out / f"curve-utilisation-community-beds.{suffix}").stat().st_size > 5000
    # Neither design nor figures need be said again.
    again = carepath("sweep", before, *SHORT, "--resume", "--out", out, "--json")
    found = json.loads(again.output)
    assert [row["pools.community_beds.capacity"] for row in found["design"]] == [2, 3, 4]
    assert {row["point"] for row in found["table"]} == {0, 1, 2}
    odd = carepath(
        "sweep", before, *SHORT, "--resume", "--out", out, "--measure", "utilisation[moon]", code=2
    )  # fmt: skip
    assert "Differences from point 0" in odd.output
    assert "utilisation has no stratum 'moon'" in odd.output
    other = carepath("sweep", before, *SHORT, *VARY, "-s", 2, "--resume", "--out", out, code=2)
    assert "seed: 1 there, 2 now" in other.output


def test_samples_and_lists_are_designs_too(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    said = carepath(
        "sweep", before, *SHORT, "--vary", "pools.community_beds.capacity=1:9", "--sample", "lhs",
        "-n", 3, "--with-base", "--measure", "bed_days[community_beds]", "--json",
    )  # fmt: skip
    found = json.loads(said.stdout)
    assert len(found["design"]) == 4
    assert found["design"][0]["pools.community_beds.capacity"] is None
    assert {row["figure"] for row in found["figures"]} == {"bed_days[community_beds]"}
    file = tmp_path / "points.csv"
    file.write_text("services.gp.stay\n1 h\n2 h\n", encoding="utf-8")
    assert "2 points of services.gp.stay" in carepath(
        "sweep", before, *SHORT, "--design", file
    ).output  # fmt: skip


def test_what_is_wrong_is_told_in_a_sentence(carepath: Callable[..., Result], before: str) -> None:
    for options, words in (
        ((), "nothing varies"),
        (("--vary", "pools.community_beds.capacity"), "a field and its values are needed"),
        (("--vary", "pools.comunity_beds.capacity=1,2"), "community_beds"),
        (("--vary", "pools.community_beds.capacity=1:9"), "has no step"),
        ((*VARY, "--resume"), "--resume needs a folder"),
        ((*VARY, "--measure", "bed_day"), "did you mean 'bed_days'"),
        ((*VARY, "--design", "x.csv"), "not from both"),
    ):
        said = carepath("sweep", before, *SHORT, *options, code=2)
        assert words in said.output.replace("\n", " "), options
