"""Scenarios are found by name or path and remember where they come from."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from carepath_sim.errors import Problem, ScenarioError
from carepath_sim.scenario import Scenario, bundled, catalogue, difference, load, validate

BUNDLED = [found.name for found in bundled()]


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_scenario_loads_by_name(name: str) -> None:
    scenario = load(name)
    assert scenario.name == name
    assert scenario.position("services").line > 0


def test_the_catalogue_says_what_the_files_say() -> None:
    for found in bundled():
        scenario = load(found.name, check=False)
        assert (found.area, found.variant) == (scenario.area, scenario.variant)
        assert found.title == scenario.title


def test_heads_are_read_without_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    area = tmp_path / "area"
    area.mkdir()
    (area / "as-is.yaml").write_text(
        "carepath: 1\narea: 'Here: there'  # a comment\nvariant: as-is\ntitle: >-\n  Two\n  lines\n"
    )
    (area / "to-be.yml").write_text("extends: as-is.yaml\nvariant: to-be # not yet\nx: [broken\n")
    monkeypatch.setattr(catalogue, "folder", lambda: tmp_path)
    assert bundled() == [
        catalogue.Bundled("area/as-is", "Here: there", "as-is", "Two lines"),
        catalogue.Bundled("area/to-be", "Here: there", "to-be", "Two lines"),
    ]


def test_fields_remember_where_they_are_written(small_file: Path) -> None:
    scenario = load(small_file)
    file = str(small_file)
    assert scenario.position("services.spr.next[1].to.ward") == (file, 47, 21)
    assert scenario.position(("services", "spr", "next", 1, "to")) == (file, 47, 14)
    assert scenario.position("services.ward") == (file, 54, 3)
    # What is not written has the place of what it is missing in.
    assert scenario.position("services.ward.admits") == (file, 54, 3)
    assert scenario.set("clock.length", "2 y").position("clock.length").line == 0


def test_a_scenario_can_be_sent_to_another_process(small_file: Path) -> None:
    scenario = load(small_file, sets=["pools.beds.capacity=140"])
    copy = pickle.loads(pickle.dumps(scenario))  # noqa: S301 - our own bytes
    assert copy == scenario
    assert (copy.hash(), copy.name, copy.notices) == (
        scenario.hash(),
        scenario.name,
        scenario.notices,
    )
    assert copy.set("clock.length", "2 y").clock.length.months == 24


def test_errors_can_be_sent_to_another_process() -> None:
    error = ScenarioError([Problem("a.yaml", 3, 5, "clock", "is wrong")])
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert copy.problems == error.problems
    assert str(copy) == "a.yaml:3:5: clock: is wrong"


def test_nothing_of_a_scenario_can_be_changed_in_place(small_file: Path) -> None:
    scenario = load(small_file)
    with pytest.raises(ValueError, match="frozen"):
        scenario.title = "x"  # type: ignore[misc]


def test_what_is_resolved_is_the_same_scenario(small_file: Path, tmp_path: Path) -> None:
    import json

    scenario = load(small_file, sets=["pools.beds.capacity=140"])
    path = tmp_path / "resolved.yaml"
    path.write_text(json.dumps(scenario.resolved()))
    again = load(path)
    assert again.model_dump() == scenario.model_dump()
    assert again.hash() == scenario.hash()


def test_the_hash_depends_on_content_and_order_only(small_file: Path) -> None:
    text = small_file.read_text()
    before = load(small_file).hash()
    small_file.write_text("# a comment\n\n" + text.replace("urgency:\n", "urgency:  # drawn\n"))
    assert load(small_file).hash() == before
    small_file.write_text(text.replace("{rapid: 0.2, fast: 0.3,", "{fast: 0.3, rapid: 0.2,"))
    assert load(small_file).hash() != before


def test_source_and_quality_of_a_section_hold_for_its_numbers(small_file: Path) -> None:
    text = small_file.read_text()
    small_file.write_text(
        text.replace("    of: episode\n", "    of: episode\n    quality: assumption\n").replace(
            "75+: {share: 0.4,", "75+: {source: strategy, share: {value: 0.4, quality: good},"
        )
    )
    scenario = load(small_file)
    shares = scenario.attributes["urgency"].shares
    assert shares is not None
    assert {share.provenance.quality for _, share in shares[0].value} == {"assumption"}
    assert scenario.population is not None
    band = scenario.population.bands["75+"]
    assert (band.share.provenance.source, band.share.provenance.quality) == (None, "good")
    assert {share.provenance.source for _, share in band.frailty[0][1]} == {"strategy"}
    # What is not written has no source.
    assert band.women.provenance.source is None


def test_a_bundled_name_does_not_hide_a_file(
    small_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small_file.parent)
    scenario = load("small.yaml")
    assert (scenario.name, scenario.position("clock").file) == ("small", "small.yaml")
    assert load(small_file).name == f"{small_file.parent.name}/small"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("{}/smal.yaml", "did you mean '{}/small.yaml'?"),
        ("{}/small", "did you mean '{}/small.yaml'?"),
        ("{}", "this is a folder; name a file in it: small.yaml"),
        ("{}/none/x.yaml", "there is no such file or bundled scenario"),
        ("", "the name of a scenario or file is needed"),
        ("a\0b", "cannot contain"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(
    small_file: Path, given: str, words: str
) -> None:
    folder = str(small_file.parent)
    with pytest.raises(ScenarioError) as caught:
        load(given.replace("{}", folder))
    assert words.replace("{}", folder) in str(caught.value)


@pytest.mark.skipif("buckinghamshire/to-be" not in BUNDLED, reason="needs its scenarios")
def test_a_misspelt_bundled_name_is_told_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'buckinghamshire/to-be'"):
        load("buckinghamshire/tobe")


def test_all_files_are_validated_at_once(small_file: Path) -> None:
    other = small_file.parent / "other.yaml"
    other.write_text(small_file.read_text().replace("next: home\n", "next: hoem\n"))
    third = small_file.parent / "third.yaml"
    third.write_text("extends: other.yaml\n")
    problems, warnings = validate([small_file, other, third, small_file.parent / "none.yaml"])
    assert [(Path(found.file).name, found.line) for found in problems] == [
        ("other.yaml", 61),
        ("none.yaml", 0),
    ]
    assert all(found.file == str(small_file) for found in warnings)


def test_loading_needs_none_of_the_heavy_libraries(small_file: Path) -> None:
    heavy = "numpy pandas scipy matplotlib numba simpy duckdb typer rich"
    code = (
        "import sys; from carepath_sim.scenario import load; load(sys.argv[1]);"
        f"print([name for name in {heavy.split()!r} if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(small_file)], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_listing_needs_neither_pydantic_nor_yaml() -> None:
    code = (
        "import sys; from carepath_sim.scenario import bundled; bundled();"
        "print([name for name in ('pydantic', 'ruamel.yaml') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_differences_are_told_field_by_field(small_file: Path) -> None:
    base = load(small_file)
    other = base.with_(
        clock={"length": "2 y"},
        services={"ward": {"admits": "daily"}, "acute": {"next": {"to": {"home": 1.0}}}},
        pools={"beds": {"capacity": {"value": 125, "quality": "good"}}},
        title="Another title",
    ).set("services.ward.stay", "30 d")
    assert [tuple(found) for found in difference(base, other)] == [
        ("clock.length", "1 y", "2 y"),
        ("pools.beds.capacity.source", "strategy", "-"),
        ("pools.beds.capacity.quality", "poor", "good"),
        ("pools.beds.capacity.range", "[100, 140]", "-"),
        ("services.acute.next", "{to: {ward: 0.4, home: 0.5, died: 0.1}}", "{to: {home: 1.0}}"),
        ("services.ward.stay", "28 d", "30 d"),
        ("services.ward.admits", "-", "daily"),
    ]
    assert difference(base, base) == []


def test_scenarios_are_equal_when_they_say_the_same(small_file: Path) -> None:
    assert isinstance(load(small_file), Scenario)
    assert load(small_file) == load(small_file)
