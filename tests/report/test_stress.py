"""The checklist is filled from what is known, and says what is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

import carepath_sim as cp
from carepath_sim.cli.app import app
from carepath_sim.experiment.batch import OptionError
from carepath_sim.report.numbers import given
from carepath_sim.report.stress import stress
from carepath_sim.report.stress.basis import AUTHOR

if TYPE_CHECKING:
    from pathlib import Path

    from carepath_sim.report.stress import Checklist
    from carepath_sim.scenario.model import Scenario

ITEMS = (
    *("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4"),
    *("2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5"),
    *("3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1"),
)
"""The 24 rows of STRESS-DES."""


@pytest.fixture(scope="module")
def folder(before: Scenario, after: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("stress") / "run"
    cp.compare(before, after, replications=2, workers=1, engine="simpy", out=made)
    return made


@pytest.fixture(scope="module")
def filled(folder: Path) -> Checklist:
    return stress(folder)


def answers(folder: Path) -> Path:
    path = folder / "study.yaml"
    lines = [f"{name}: What the author says of {name}." for name in AUTHOR]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_every_item_of_the_checklist_is_there_in_order(filled: Checklist) -> None:
    numbers = [item.number for item in filled.items]
    assert tuple(numbers[: len(ITEMS)]) == ITEMS


def test_a_comparison_leaves_blank_only_what_an_author_knows(filled: Checklist) -> None:
    asked = [words for _, words in filled.blanks]
    assert sorted(asked) == sorted(f"{words} (answer `{name}`)" for name, words in AUTHOR.items())


def test_a_bundled_scenario_needs_the_author_and_a_run() -> None:
    """Five blanks only an author can fill; the other two go with a run."""
    blanks = stress("rutland/to-be").blanks
    by_run = [number for number, words in blanks if "after a run" in words]
    assert (len(blanks) - len(by_run), by_run) == (len(AUTHOR), ["4.3", "5.4"])


def test_what_is_not_blank_says_something(filled: Checklist) -> None:
    assert [item.number for item in filled.items if not item.text and not item.blanks] == []


def test_answers_fill_the_blanks(folder: Path, tmp_path: Path) -> None:
    found = stress(folder, answers=answers(tmp_path))
    assert found.blanks == ()
    assert all(f"What the author says of {name}." in found.markdown() for name in AUTHOR)


def test_the_manifest_is_told(folder: Path, filled: Checklist) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    page = filled.markdown()
    assert f"Seed: {manifest['seed']}." in page
    assert "2 independent replications" in page
    assert all(hash_ in page for hash_ in manifest["hashes"])


def test_what_differs_between_the_scenarios_is_told(filled: Checklist) -> None:
    (item,) = [item for item in filled.items if item.number == "2.3"]
    assert "| pools.community_beds.capacity | 6 | 12 |" in item.text


def test_the_same_folder_gives_the_same_page(folder: Path, filled: Checklist) -> None:
    assert stress(folder).markdown() == filled.markdown()


def test_cells_do_not_break_a_table(before: Scenario, tmp_path: Path) -> None:
    cp.run(
        before.set("title", "One | two"),
        replications=1,
        workers=1,
        engine="simpy",
        out=tmp_path / "run",
    )
    assert "One \\| two" in stress(tmp_path / "run").markdown()


def test_numbers_are_those_of_the_file(before: Scenario) -> None:
    found = {one.field: one.text for one in given(before)}
    assert found["pools.community_beds.capacity"] == "6"
    assert found["services.acute.next.acht_referral"] == "0.3"
    assert "services.acht_referral.next.acht" not in found  # the only way on


def test_ranges_are_in_the_unit_of_the_number(before: Scenario) -> None:
    changed = before.with_(
        services={"council_referral": {"stay": {"value": "7 d", "range": ["2 d", "3 wk"]}}}
    )
    (one,) = [one for one in given(changed) if one.field == "services.council_referral.stay"]
    assert one.span == "2 to 21 d"
    share = before.set(
        "services.gp.next", {"to": {"acute": {"value": 0.4, "range": [0.2, 0.5]}, "home": 0.6}}
    )
    (two,) = [one for one in given(share) if one.field == "services.gp.next.acute"]
    assert two.span == "0.2 to 0.5"


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"holds no manifest\.json"):
        stress(tmp_path)


def test_a_misspelt_answer_is_told_with_the_nearest(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("purpos: to know\n", encoding="utf-8")
    with pytest.raises(OptionError, match="do you mean 'purpose'"):
        stress(folder, answers=path)


@pytest.mark.parametrize(("complete", "code"), [(False, 1), (True, 0)])
def test_strict_fails_on_blanks_only(
    folder: Path, tmp_path: Path, *, complete: bool, code: int
) -> None:
    more = ["--answers", str(answers(tmp_path))] if complete else []
    out = tmp_path / "stress.md"
    result = CliRunner().invoke(app, ["stress", str(folder), "--strict", "--out", str(out), *more])
    assert result.exit_code == code
    assert out.read_text(encoding="utf-8").startswith("# STRESS-DES")


def test_json_names_the_blanks(folder: Path) -> None:
    result = CliRunner().invoke(app, ["stress", str(folder), "--json"])
    found = json.loads(result.stdout)
    assert {one["item"] for one in found["blanks"]} == {"1.1", "1.3", "3.2", "6.1", "7.2"}
