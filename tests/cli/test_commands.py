"""Each command, on a scenario that is simulated in a moment."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import carepath_sim as cp
from carepath_sim import verification
from carepath_sim.verification.verdict import Verdict, exactly, not_said, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result


BUNDLED = "buckinghamshire/to-be"
WARD = Path(__file__).parents[2] / "docs" / "examples" / "ward.yaml"


def test_list_names_the_bundled_scenarios(carepath: Callable[..., Result]) -> None:
    assert BUNDLED in carepath("list").stdout


def test_list_as_json(carepath: Callable[..., Result]) -> None:
    found = json.loads(carepath("list", "--json").stdout)
    assert all(set(one) == {"name", "area", "variant", "title"} for one in found)
    assert any(
        (one["name"], one["area"], one["variant"]) == (BUNDLED, "Buckinghamshire", "to-be")
        for one in found
    )


def test_valid_files_are_ok(carepath: Callable[..., Result], before: str, after: str) -> None:
    lines = carepath("validate", before, after).stdout.splitlines()
    assert [line.split(",")[0] for line in lines] == [f"{before}: ok", f"{after}: ok"]


def test_every_problem_of_every_file_is_told_at_once(
    carepath: Callable[..., Result], tmp_path: Path, before: str
) -> None:
    one = tmp_path / "one.yaml"
    one.write_text("carepath: 1\narea: A\nvariant: b\ntitle: C\nclok: {}\nservices: {}\n")
    two = tmp_path / "two.yaml"
    two.write_text("carepath: 1\narea: A\nvariant: b\n")
    result = carepath("validate", one, before, two, code=2)
    assert f"{one}:5:1: clok: " in result.stderr
    assert "did you mean 'clock'" in result.stderr
    assert str(two) in result.stderr
    assert f"{before}: ok" in result.stdout
    assert f"{one}: 2 problems" in result.stdout or f"{one}: 3 problems" in result.stdout


def test_a_problem_of_a_shared_file_is_told_once(
    carepath: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "base.yaml").write_text("carepath: 1\narea: A\nnonsense: 1\n")
    for name in ("x", "y"):
        (tmp_path / f"{name}.yaml").write_text(f"extends: base.yaml\nvariant: {name}\n")
    result = carepath("validate", tmp_path / "x.yaml", tmp_path / "y.yaml", code=2)
    assert result.stderr.count("nonsense: ") == 1


def test_an_overloaded_pool_is_a_warning_with_the_sum(
    carepath: Callable[..., Result], before: str
) -> None:
    result = carepath("validate", before, "--set", "pools.community_beds.capacity=1")
    assert ": warning: pools.community_beds" in result.stderr
    assert "referrals a day" in result.stderr
    assert "warning" in result.stdout


def test_show_prints_tables_and_the_pathway(carepath: Callable[..., Result], before: str) -> None:
    text = carepath("show", before).stdout
    for words in ("reserved: step_up 1", "Offered load by pool", "flowchart TD", "at_home ==>"):
        assert words in text


@pytest.mark.parametrize(
    ("staff", "capacity", "share"), [(2, "0.48", "26%"), (5, "1.2", "10%"), (21, "5", "2%")]
)
def test_small_loads_and_capacities_are_not_rounded_away(
    carepath: Callable[..., Result], staff: int, capacity: str, share: str
) -> None:
    """Staff of 40 of the 168 hours of a week; 1.5 assessments of two hours a day are 0.125."""
    week = f"pools.assessors.capacity={{Mon-Fri 09:00-17:00: {staff}}}"
    text = carepath("show", WARD, "--set", week).stdout
    (row,) = re.findall(r"^ assessors +(\S+) +(\S+) +(\S+) +1.5 referrals", text, re.MULTILINE)
    assert row == ("0.12", capacity, share)
    (beds,) = re.findall(r"^ beds +(\S+) +(\S+) +\S+ +5 referrals", text, re.MULTILINE)
    # Three in ten keep their bed for the two hours of an assessment after six days.
    assert beds == (f"{5 * (6 + 0.3 * 2 / 24):.1f}", "45")


def test_show_mermaid_alone_can_be_piped(carepath: Callable[..., Result], before: str) -> None:
    assert carepath("show", before, "--mermaid").stdout.startswith("flowchart TD\n")


def test_show_as_json_is_the_resolved_scenario(carepath: Callable[..., Result], after: str) -> None:
    found = json.loads(carepath("show", after, "--json").stdout)
    assert found == cp.load(after).resolved()
    assert found["pools"]["community_beds"]["unit"] == "beds"  # from the file it extends


def test_show_draws_the_pathway(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    carepath("show", before, "--svg", tmp_path / "pathway.svg")
    assert (tmp_path / "pathway.svg").read_text(encoding="utf-8").count("<path") > 50


@pytest.mark.parametrize(
    ("command", "option"), [(["show"], "--svg"), (["trace", "--story", "reg"], "--picture")]
)
def test_a_picture_in_an_unknown_form_is_wrong_input(
    carepath: Callable[..., Result], before: str, tmp_path: Path, command: Any, option: str
) -> None:
    result = carepath(*command, before, option, tmp_path / "picture.xyz", code=2)
    assert "png, svg or pdf" in result.stderr


def test_run_prints_the_headline_table(carepath: Callable[..., Result], before: str) -> None:
    text = carepath("run", before, "--replications", "2", "--workers", "1").stdout
    assert "95% interval" in text
    assert "Delayed transfer days" in text
    assert "2 replications, seed 1, engine compiled" in text


def test_run_as_json_writes_nothing_else(carepath: Callable[..., Result], before: str) -> None:
    result = carepath("run", before, "--replications", "2", "--workers", "1", "--json")
    found = json.loads(result.stdout)
    assert (found["seed"], found["replications"], found["engine"]) == (1, 2, "compiled")
    assert found["hash"] == cp.load(before).hash()
    assert set(found["summary"][0]) == {
        *("measure", "definition", "stratum", "unit", "mean", "low", "high", "replications")
    }
    assert "NaN" not in result.stdout
    assert result.stderr == ""


def test_run_writes_its_tables(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    arguments = ("run", before, "-r", "1", "-w", "1", "--out", out, "--keep", "spells, events")
    assert str(out) in carepath(*arguments).stdout
    assert {path.name for path in out.iterdir()} == {
        *("manifest.json", "summary.csv", "replications.parquet", "daily.parquet"),
        *("spells.parquet", "events.csv"),
    }
    refused = carepath(*arguments, code=2)
    assert "holds another run" in refused.stderr
    carepath(*arguments, "--resume")


@pytest.mark.parametrize("options", [["--keep", "spells"], ["--resume"]])
@pytest.mark.parametrize("command", ["run", "compare"])
def test_tables_need_a_folder(
    carepath: Callable[..., Result], before: str, command: str, options: list[str]
) -> None:
    files = [before, before] if command == "compare" else [before]
    assert "needs a folder" in carepath(command, *files, *options, code=2).stderr


def test_a_field_set_by_hand_changes_the_run(carepath: Callable[..., Result], before: str) -> None:
    def beds(*options: Any) -> float:
        result = carepath("run", before, "-r", "1", "-w", "1", "--json", *options)
        rows = json.loads(result.stdout)["summary"]
        return next(
            one["mean"]
            for one in rows
            if (one["measure"], one["stratum"]) == ("utilisation", "pool:community_beds")
        )

    assert beds("--set", "pools.community_beds.capacity=60") < 0.5 < beds()


def test_what_a_field_set_by_hand_changes_besides_is_said(
    carepath: Callable[..., Result], before: str
) -> None:
    result = carepath(
        *("run", before, "-r", "1", "-w", "1", "--json"),
        *("--set", "pools.community_beds.capacity=60"),
    )
    assert "pools.community_beds.policy" in result.stderr
    json.loads(result.stdout)


def test_compare_prints_scenarios_side_by_side(
    carepath: Callable[..., Result], before: str, after: str
) -> None:
    text = carepath("compare", before, after, "-r", "2", "-w", "1").stdout
    for words in ("before", "after", "Difference", "Net change", "What differs"):
        assert words in text


def test_compare_as_json(carepath: Callable[..., Result], before: str, after: str) -> None:
    result = carepath("compare", before, after, "-r", "2", "-w", "1", "--json")
    found = json.loads(result.stdout)
    assert found["base"].endswith("before")
    row = next(one for one in found["differences"] if one["measure"] == "emergency_admissions")
    assert row["other"] - row["base"] == pytest.approx(row["difference"])
    assert row["low"] <= row["difference"] <= row["high"]
    assert "pools.community_beds.capacity" in {one["path"] for one in found["changed"]}


def test_compare_writes_its_tables(
    carepath: Callable[..., Result], before: str, after: str, tmp_path: Path
) -> None:
    carepath("compare", before, after, "-r", "2", "-w", "1", "--out", tmp_path / "c")
    with (tmp_path / "c" / "differences.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {"scenario", "measure", "difference", "low", "high", "variance_reduction"} <= set(
        rows[0]
    )


def test_problems_of_all_compared_files_are_told_at_once(
    carepath: Callable[..., Result], tmp_path: Path, before: str
) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("carepath: 1\narea: A\n")
    result = carepath("compare", before, tmp_path / "one.yaml", tmp_path / "two.yaml", code=2)
    assert "one.yaml" in result.stderr
    assert "two.yaml" in result.stderr


def test_compare_needs_two_scenarios(carepath: Callable[..., Result], before: str) -> None:
    carepath("compare", before, code=2)


def test_trace_tells_a_story(carepath: Callable[..., Result], before: str, tmp_path: Path) -> None:
    picture = tmp_path / "reg.png"
    text = carepath("trace", before, "--story", "reg", "--picture", picture).stdout
    assert "awaiting ACHT" in text
    assert "From medically fit to the end of the way" in text
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_trace_as_json(carepath: Callable[..., Result], before: str) -> None:
    found = json.loads(carepath("trace", before, "--story", "reg", "--json").stdout)
    assert found["total_days"] == 77
    assert found["steps"][1]["reason"] == "awaiting ACHT"


def test_trace_follows_a_person(carepath: Callable[..., Result], before: str) -> None:
    first = json.loads(carepath("trace", before, "--person", "0", "--json").stdout)
    other = json.loads(carepath("trace", before, "--person", "0", "--seed", "2", "--json").stdout)
    assert first["person"] != other["person"] or first["steps"] != other["steps"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--story", "mary"], "no story 'mary'; it has: reg"),
        (["--person", "999999"], "no person 999999"),
        ([], "either a story or a person"),
    ],
)
def test_who_is_not_there_is_wrong_input(
    carepath: Callable[..., Result], before: str, options: list[str], words: str
) -> None:
    assert words in carepath("trace", before, *options, code=2).stderr


def test_the_schema_accepts_the_scenarios_it_is_for(
    carepath: Callable[..., Result], before: str
) -> None:
    import jsonschema

    schema = json.loads(carepath("schema").stdout)
    jsonschema.validate(cp.load(before).resolved(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"carepath": 1, "clok": {}}, schema)


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch) -> list[Verdict]:
    """Put a verification pack of three claims in place of the real one, which takes its time."""
    verdicts = [
        within("loss [1]", "share lost", 1 / 3, (0.334, 0.33, 0.338), "Erlang 1917"),
        exactly("conservation", "people lost", 0.0, 0.0, "each has one place"),
        not_said("batches", "mean queue", "Kleinrock 1975", "arrivals in batches"),
    ]
    monkeypatch.setattr(verification, "run_pack", lambda **_options: tuple(verdicts))
    return verdicts


def test_verify_prints_claim_expected_got_and_verdict(
    carepath: Callable[..., Result], pack: list[Verdict]
) -> None:
    text = carepath("verify").stdout
    for words in ("loss [1]", "share lost", "0.33333", "0.334", "0.33 to 0.338", "holds"):
        assert words in text
    assert "2 of 2 claims hold; 1 cannot be said in the language yet" in text


def test_a_claim_that_fails_is_exit_code_1(
    carepath: Callable[..., Result], pack: list[Verdict]
) -> None:
    pack.append(exactly("flow", "people through", 10.0, 12.0, "Little 1961"))
    result = carepath("verify", code=1)
    assert "FAILS" in result.stdout
    assert "2 of 3 claims hold" in result.stdout


def test_verify_as_json(carepath: Callable[..., Result], pack: list[Verdict]) -> None:
    found = json.loads(carepath("verify", "--json").stdout)
    assert found[0]["expected"] == pytest.approx(1 / 3)
    assert [one["ok"] for one in found] == [True, True, None]


SMALL = ("--set", "clock.length=14 d", "--set", "clock.run_out=1 d", "--set", "population.size=150")


def test_run_until_a_precision(carepath: Callable[..., Result], before: str) -> None:
    wish = ("--precision", "admissions=25%", "--replications", 4, "--workers", 1)
    found = json.loads(carepath("run", before, *SMALL, *wish, "--json").stdout)
    (row,) = found["precision"]
    assert row["reached"] is True
    assert found["replications"] == row["replications"] >= row["needed"] + 5
    text = carepath("run", before, *SMALL, *wish).stdout
    assert "Precision reached: Emergency admissions: interval" in text


def test_a_precision_that_is_not_reached_is_said(
    carepath: Callable[..., Result], before: str
) -> None:
    few = ("--replications", 2, "--max-replications", 4, "--workers", 1)
    text = carepath("run", before, *SMALL, *few, "--precision", "admissions=0.1%").stdout
    assert "Precision NOT reached" in text
    assert "are needed" in text


def test_a_precision_of_nothing_known_is_wrong_input(
    carepath: Callable[..., Result], before: str
) -> None:
    result = carepath("run", before, *SMALL, "--precision", "admisions=1%", code=2)
    assert "did you mean 'admissions'" in result.stderr


def test_compare_by_stratum(carepath: Callable[..., Result], before: str, after: str) -> None:
    few = (before, after, *SMALL, "--replications", 2, "--workers", 1)
    text = carepath("compare", *few, "--by", "pool", "--measure", "utilisation").stdout
    assert "Community beds" in text
    assert "P(more)" in text
    assert "Emergency admissions" not in text
    found = json.loads(carepath("compare", *few, "--by", "stream", "--json").stdout)
    assert all("stream:" in row["stratum"] for row in found["differences"])
    result = carepath("compare", *few, "--by", "pol", code=2)
    assert "did you mean 'pool'" in result.stderr


def test_compare_without_common_random_numbers(
    carepath: Callable[..., Result], before: str, after: str
) -> None:
    few = (before, after, *SMALL, "--replications", 2, "--workers", 1)
    text = carepath("compare", *few, "--independent").stdout
    assert "random numbers of their own" in text
    assert "Admissions avoided" not in text


def test_compare_draws_the_differences(
    carepath: Callable[..., Result], before: str, after: str, tmp_path: Path
) -> None:
    few = (before, after, *SMALL, "--replications", 3, "--workers", 1)
    picture = tmp_path / "d.svg"
    carepath("compare", *few, "--plot", picture, "--by", "pool", "--measure", "utilisation")
    assert "<svg" in picture.read_text(encoding="utf-8")
    assert "png, svg or pdf" in carepath("compare", *few, "--plot", "d.txt", code=2).stderr


def test_warmup_prints_a_table_and_draws(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    few = (before, "--days", 120, "--replications", 3, "--workers", 1, *SMALL)
    picture, out = tmp_path / "w.svg", tmp_path / "out"
    text = carepath("warmup", *few, "--plot", picture, "--out", out).stdout
    assert "MSER-5" in text
    assert "<svg" in picture.read_text(encoding="utf-8")
    with (out / "warm_up.csv").open(encoding="utf-8") as file:
        assert {row["count"] for row in csv.DictReader(file)} >= {"occupancy", "delayed"}
    assert (out / "warm_up_daily.csv").exists()
    assert "already holds" in carepath("warmup", *few, "--out", out, code=2).stderr


def test_warmup_as_json_says_when_nothing_settles(
    carepath: Callable[..., Result], before: str
) -> None:
    full = ("--set", "pools.community_beds.capacity=2")
    few = (before, "--days", 120, "--replications", 2, "--workers", 1, *SMALL, *full)
    found = json.loads(carepath("warmup", *few, "--json").stdout)
    assert found["steady"] is False
    assert found["enough"] is False
    assert "queues grow without end" in found["unsteady"][0]


def test_run_warns_of_a_short_warm_up(carepath: Callable[..., Result], before: str) -> None:
    few = (before, *SMALL, "--replications", 1, "--workers", 1)
    assert "The warm-up of 20 d is too short" in carepath("run", *few).stdout
    assert "too short" in json.loads(carepath("run", *few, "--json").stdout)["warnings"][0]


def test_animate_writes_a_page(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    pytest.importorskip("vidigi")
    page = tmp_path / "film.html"
    said = carepath("animate", before, "--days", "1", "--service", "acute", "--out", page).stdout
    assert str(page) in said
    assert "seed 1, replication 0, from day 0" in page.read_text(encoding="utf-8")


def test_animate_takes_scenario_and_seed_from_a_run(
    carepath: Callable[..., Result], before: str, after: str, tmp_path: Path
) -> None:
    pytest.importorskip("vidigi")
    both, page = tmp_path / "both", tmp_path / "film.html"
    carepath("compare", before, after, "-r", 1, "--seed", 7, "-w", 1, "--out", both)
    told = carepath("animate", both, "--out", page, code=2).stderr
    assert "name one of them" in told
    name = json.loads((both / "manifest.json").read_text(encoding="utf-8"))["names"][1]
    carepath("animate", both, "--name", name, "--days", 1, "--service", "acute", "--out", page)
    assert f"{name}, seed 7" in page.read_text(encoding="utf-8")


def test_animate_refuses_what_it_cannot_write(
    carepath: Callable[..., Result], before: str, tmp_path: Path
) -> None:
    told = carepath("animate", before, "--out", tmp_path / "no" / "film.html", code=2).stderr
    assert "name a file in a folder that exists" in told
