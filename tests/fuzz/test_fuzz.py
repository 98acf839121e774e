"""Whatever happens to a file, it is read, or refused with a place; nothing else ever.

CAREPATH_FUZZ=10000 damages so many files; ``python tests/fuzz`` does the same and tells more.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from attempt import attempt, limited, read
from corpus import Base, corpus
from damage import BOMB, damaged
from typer.testing import CliRunner

from carepath_sim.cli.app import app
from carepath_sim.cli.validate import look_at

if TYPE_CHECKING:
    from pathlib import Path

COUNT = int(os.environ.get("CAREPATH_FUZZ", "320"))
PART = 40


@pytest.mark.parametrize("base", corpus(20), ids=lambda base: base.name)
def test_every_scenario_of_the_project_is_valid(base: Base, tmp_path: Path) -> None:
    """What is damaged below was in order before; it compiles, too."""
    assert read(base.write(tmp_path / "whole", base.text), base.text) == ("valid", "")


@pytest.mark.parametrize("first", range(0, COUNT, PART))
def test_a_damaged_scenario_is_read_or_refused_with_a_place(first: int, tmp_path: Path) -> None:
    outcomes = [attempt(number, 1, tmp_path) for number in range(first, first + PART)]
    faults = [outcome for outcome in outcomes if outcome.is_fault]
    assert faults == []
    # Damage that damages nothing would test nothing.
    assert sum(outcome.verdict == "refused" for outcome in outcomes) > PART / 2


def test_the_program_ends_with_two_and_no_traceback(tmp_path: Path) -> None:
    """What is refused in the process is refused on the command line, with exit code 2."""
    codes = []
    for number in range(25):
        attempt(number, 3, tmp_path)
        path = tmp_path / "fuzz" / "damaged.yaml"
        result = CliRunner().invoke(app, ["validate", str(path)])
        refused = attempt(number, 3, tmp_path).verdict == "refused"
        assert result.exit_code == (2 if refused else 0), (number, result.output)
        assert "Traceback" not in result.output
        assert "this is a fault of carepath" not in result.output
        codes.append(result.exit_code)
    assert 2 in codes


def test_ten_lines_that_stand_for_a_hundred_million_values_are_refused_at_once(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_text(BOMB, encoding="utf-8")
    with limited(5.0):
        assert read(path, BOMB.encode())[0] == "refused"


def test_the_same_number_does_the_same_damage() -> None:
    import random

    base = corpus(20)[0]
    texts = {damaged(base, random.Random(f"1:{7}"))[0] for _ in range(3)}
    assert len(texts) == 1


# --- what fuzzing found, and what it must not find again ----------------------------------------

WARD = """\
carepath: 1
area: Testshire
variant: as-is
title: One ward
clock: {{start: {start}, length: {length}}}
arrivals: {{gps: {{rate: 3 per d, at: ward}}}}
pools: {{beds: {{unit: beds, capacity: 4}}}}
services:
  ward: {{setting: community_bed, pool: beds, stay: {stay}, priority: {priority}, next: home}}
"""
GOOD = {"start": "2015-04-01", "length": "1 y", "stay": "3 d", "priority": "0"}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("start", "9999-12-31", "a year from 1800 to 2999"),
        ("length", "9999 y", "at most 1,000 y"),
        ("length", "1e-9 ms", "at least a millisecond"),
        ("stay", "99999999 y", "at most 1,000 y"),
        ("priority", "99999999999999999999", "a number between"),
        ("priority", "0.4", "a whole number is needed"),
        ("stay", "{coxian: {mean: 1 d, cv: 1e9}}", "needs more than 4096 knots"),
        ("stay", "{weibull: {shape: 1e18, scale: 9 d}}", "beyond what can be computed"),
    ],
)
def test_what_fuzzing_found_is_refused(field: str, value: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "ward.yaml"
    text = WARD.format(**{**GOOD, field: value})
    path.write_text(text, encoding="utf-8")
    verdict, said = read(path, text.encode())
    assert verdict == "refused"
    assert words in said


@pytest.mark.parametrize("cycle", ["1 ms", "1 s"])
def test_rates_that_change_all_the_time_are_refused_at_once(cycle: str, tmp_path: Path) -> None:
    """A cycle of a millisecond took all memory."""
    rates = f"rates: [{{from: 0 h, rate: 3 per d}}], cycle: {cycle}"
    text = WARD.format(**GOOD).replace("rate: 3 per d", rates)
    path = tmp_path / "ward.yaml"
    path.write_text(text, encoding="utf-8")
    with limited(5.0):
        verdict, said = read(path, text.encode())
    assert (verdict, "times in a run" in said) == ("refused", True)


@pytest.mark.parametrize("where", ["extends", "replay", "csv", "command"])
def test_a_file_name_that_no_file_can_have_is_refused(where: str, tmp_path: Path) -> None:
    """Asking the system for a name of more than 255 letters was an error without a place."""
    name = "a" * 300
    text = WARD.format(**GOOD)
    if where == "extends":
        text = f"extends: {name}.yaml\n"
    if where == "replay":
        text = text.replace("rate: 3 per d", f"replay: {name}.csv")
    if where == "csv":
        text = text.replace(
            "stay: 3 d", f"stay: {{csv: {{file: {name}.csv, column: days, unit: d}}}}"
        )
    path = tmp_path / (f"{name}.yaml" if where == "command" else "ward.yaml")
    if where == "command":
        problems, _ = look_at(str(path), ())
        assert "there is no such file" in problems[0].message
        return
    path.write_text(text, encoding="utf-8")
    verdict, said = read(path, text.encode())
    assert verdict == "refused"
    assert "there is no file 'aaaa" in said


def test_a_window_of_hours_is_validated(tmp_path: Path) -> None:
    """The mean capacity of a pool was divided by no days."""
    path = tmp_path / "ward.yaml"
    text = WARD.format(**{**GOOD, "length": "6 h"})
    path.write_text(text, encoding="utf-8")
    assert read(path, text.encode()) == ("valid", "")


def test_two_thousand_services_in_a_row_are_read_in_seconds(tmp_path: Path) -> None:
    """Whoever cannot leave a ring was looked for once for each pair of services."""
    lines = "".join(f"  s{k}: {{stay: 1 d, next: s{k + 1}}}\n" for k in range(2000))
    text = WARD.format(**GOOD).replace("at: ward", "at: s0") + lines
    text = text.replace("next: s2000", "next: ward")
    path = tmp_path / "ward.yaml"
    path.write_text(text, encoding="utf-8")
    with limited(20.0):
        assert read(path, text.encode())[0] == "valid"
