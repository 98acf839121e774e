"""A file that extends another says only what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from carepath_sim.errors import ScenarioError
from carepath_sim.scenario import load

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "extends: small.yaml\nvariant: to-be\n"


def variant(small_file: Path, text: str, name: str = "to-be.yaml") -> Path:
    """Return a file beside the small scenario that extends it."""
    path = small_file.parent / name
    path.write_text(HEAD + text)
    return path


def message(path: Path) -> str:
    """Return what is wrong with a file."""
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return str(caught.value)


def test_maps_merge_key_by_key(small_file: Path) -> None:
    path = variant(small_file, "services: {ward: {setting: elsewhere}}\nclock: {length: 30 d}\n")
    base, other = load(small_file), load(path)
    assert (other.variant, other.clock.length.text) == ("to-be", "30 d")
    assert other.clock.start == base.clock.start
    assert other.services["ward"].setting == "elsewhere"
    assert other.services["ward"].next == base.services["ward"].next
    assert other.services["acute"] == base.services["acute"]
    assert list(other.services) == list(base.services)


def test_free_maps_merge_deep_inside(small_file: Path) -> None:
    path = variant(small_file, "population: {hazards: {fall: {times: {frailty: {fit: 2}}}}}\n")
    population = load(path).population
    assert population is not None
    frailty = dict(population.hazards["fall"].times)["frailty"]
    assert {name: number.value for name, number in frailty} == {"severe": 3.2, "fit": 2}


def test_routes_policies_and_stays_are_replaced_whole(small_file: Path) -> None:
    """Half of a route, of a policy or of a distribution would mean nothing."""
    path = variant(
        small_file,
        "services:\n"
        "  acute: {stay: {exponential: {mean: 5 d}}, next: {to: {home: 1.0}}}\n"
        "  ward: {max_wait: {step_down: 9 d}, stream: step_down}\n"
        "pools:\n"
        "  beds: {capacity: {value: 90}, policy: {ring_fenced: {step_down: 90}}}\n",
    )
    scenario = load(path)
    assert scenario.services["acute"].stay[0].value.family == "exponential"
    assert [branch.to for branch in scenario.services["acute"].next[0].value] == ["home"]
    assert [case.when[0].values for case in scenario.services["ward"].max_wait] == [("step_down",)]
    assert [name for name, _ in scenario.pools["beds"].policy.parts] == ["step_down"]
    places = scenario.pools["beds"].capacity.dated[0].places
    assert places is not None
    assert (places.value, places.provenance.source) == (90, None)


def test_a_new_value_does_not_keep_the_old_source(small_file: Path) -> None:
    new = load(variant(small_file, "population: {size: {value: 2000, quality: poor}}\n"))
    assert new.population is not None
    assert (new.population.size.value, new.population.size.provenance.source) == (2000, None)
    noted = load(variant(small_file, "population: {size: {note: counted}}\n"))
    assert noted.population is not None
    size = noted.population.size
    assert (size.value, size.provenance.source, size.provenance.note) == (
        1000,
        "strategy",
        "counted",
    )


def test_null_removes(small_file: Path) -> None:
    path = variant(small_file, "services: {ward: {max_wait: null}}\nreferences: {strategy: null}\n")
    scenario = load(path)
    assert scenario.services["ward"].max_wait == ()
    assert scenario.references == {}


def test_what_is_removed_and_still_needed_is_told(small_file: Path) -> None:
    path = variant(small_file, "pools: {staff: null}\nclock: {start: null}\n")
    assert "clock.start: this is missing" in message(path)
    assert f"{small_file}:43:11: services.spr.pool: unknown pool 'staff'" in message(path)


def test_problems_name_the_file_in_which_they_are_written(small_file: Path) -> None:
    small_file.write_text(small_file.read_text().replace("value: 125", "value: -125"))
    path = variant(small_file, "services:\n  ward:\n    next: hoem\n    stay: 3\n")
    lines = message(path).splitlines()
    assert any(line.startswith(f"{small_file}:34:23: pools.beds.capacity.value") for line in lines)
    assert any(line.startswith(f"{path}:6:11: services.ward.stay") for line in lines)


def test_yaml_that_cannot_be_read_is_told_of_the_file_it_is_in(small_file: Path) -> None:
    small_file.write_text(small_file.read_text() + "\tx: 1\n")
    assert message(variant(small_file, "")).startswith(f"{small_file}:62:1: a tab stands here")


def test_a_chain_of_files_is_followed_to_its_end(small_file: Path) -> None:
    variant(small_file, "clock: {length: 30 d}\n", "middle.yaml")
    last = small_file.parent / "last.yaml"
    last.write_text("extends: middle.yaml\nvariant: last\nclock: {warm_up: 0 d}\n")
    scenario = load(last)
    assert (scenario.clock.length.text, scenario.clock.warm_up.value) == ("30 d", 0)
    assert scenario.position("clock.length").file == str(small_file.parent / "middle.yaml")


def test_files_that_extend_each_other_in_a_circle_are_refused(small_file: Path) -> None:
    folder = small_file.parent
    (folder / "a.yaml").write_text("extends: b.yaml\n")
    (folder / "b.yaml").write_text("carepath: 1\nextends: a.yaml\n")
    expected = f"{folder}/b.yaml:2:10: extends: the files extend each other in a circle: "
    assert message(folder / "a.yaml") == expected + "a.yaml -> b.yaml -> a.yaml"
    (folder / "self.yaml").write_text("extends: self.yaml\n")
    assert "self.yaml -> self.yaml" in message(folder / "self.yaml")


@pytest.mark.parametrize("outside", ["../small.yaml", "/etc/passwd", "x/../../small.yaml"])
def test_only_files_in_the_same_folder_can_be_extended(small_file: Path, outside: str) -> None:
    inner = small_file.parent / "inner"
    inner.mkdir()
    path = inner / "x.yaml"
    path.write_text(f"extends: {outside}\n")
    assert "only files in the scenario's own folder can be extended" in message(path)


def test_a_link_does_not_lead_out_of_the_folder(small_file: Path) -> None:
    inner = small_file.parent / "inner"
    inner.mkdir()
    (inner / "link.yaml").symlink_to(small_file)
    (inner / "x.yaml").write_text("extends: link.yaml\n")
    assert "only files in the scenario's own folder" in message(inner / "x.yaml")


@pytest.mark.parametrize("given", ["3", "[small.yaml]", "''"])
def test_extends_names_one_file(small_file: Path, given: str) -> None:
    path = small_file.parent / "x.yaml"
    path.write_text(f"extends: {given}\n")
    assert f"{path}:1:10: extends: the name of a file in the same folder is needed" in message(path)


def test_a_misspelt_file_is_told_with_the_nearest(small_file: Path) -> None:
    path = small_file.parent / "x.yaml"
    path.write_text("extends: smal.yaml\n")
    assert "there is no file 'smal.yaml' in the same folder; did you mean 'small.yaml'?" in message(
        path
    )
