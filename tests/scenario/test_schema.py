"""The JSON Schema accepts what the loader accepts, and marks what editors should mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from carepath_sim.scenario import bundled, catalogue, json_schema
from carepath_sim.scenario.nodes import plain, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def content(path: Path) -> Any:
    """Return what stands in a file, without what it extends."""
    return plain(read_yaml(path.read_bytes(), path.name))


def wrong(text: str) -> list[str]:
    """Return the paths of what the schema marks in a text, from the outside in."""
    return [
        error.json_path for error in VALIDATOR.iter_errors(plain(read_yaml(text.encode(), "x")))
    ]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_reference_leads_somewhere() -> None:
    def references(schema: object) -> set[str]:
        if isinstance(schema, dict):
            own = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
            return own.union(*map(references, schema.values()))
        return set().union(*map(references, schema)) if isinstance(schema, list) else set()

    known = {f"#/$defs/{name}" for name in SCHEMA["$defs"]}
    assert references(SCHEMA) <= known


def test_fields_are_explained_and_have_the_names_of_the_file() -> None:
    hazard = SCHEMA["$defs"]["Hazard"]["properties"]
    assert hazard["rate"]["description"].startswith("Events per person and year")
    assert {"from", "to", "within"} <= SCHEMA["$defs"]["Standard"]["properties"].keys()
    assert "is" in SCHEMA["$defs"]["Arrival"]["properties"]


@pytest.mark.parametrize("name", [found.name for found in bundled()])
def test_bundled_scenarios_fit_the_schema(name: str) -> None:
    path, _ = catalogue.find(name)
    assert [error.message[:300] for error in VALIDATOR.iter_errors(content(path))] == []


def test_the_small_scenario_fits_the_schema(small: str) -> None:
    assert wrong(small) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("    title: S", "    titel: S", "$.services.spr"),
        ("in_place: true", "in_place: yes", "$.services.spr.in_place"),
        ("setting: acute_bed", "setting: acut_bed", "$.services.acute.setting"),
        ("length: 1 y", "length: 1", "$.clock.length"),
        ("length: 1 y", "length: 1 dayz", "$.clock.length"),
        ("start: 2015-04-01", "start: April", "$.clock.start"),
        ("0.05 per y", "0.05", "$.population.hazards.fall.rate"),
        ("rapid: 0.2", "rapid: 2", "$.attributes.urgency.shares"),
        ("263 GBP", "263", "$.services.acute.cost"),
        ("value: 125", "valu: 125", "$.pools.beds.capacity"),
        ("ring_fenced", "ringfenced", "$.pools.beds.policy"),
        ("{lognormal: {median: 12 min", "{lognorm: {median: 12 min", "$.services.spr.stay"),
        ("carepath: 1", "carepath: 2", "$.carepath"),
    ],
)
def test_what_the_loader_refuses_is_marked(small: str, old: str, new: str, where: str) -> None:
    assert old in small
    [path] = wrong(small.replace(old, new, 1))
    assert path == where


def test_a_file_must_be_complete_unless_it_extends_another() -> None:
    assert wrong("carepath: 1\n") != []
    assert wrong("extends: a.yaml\nservices: {ward: null, spr: {stay: null}}\n") == []
    assert (
        wrong("extends: a.yaml\npopulation: {hazards: {fall: {times: {frailty: {a: null}}}}}") == []
    )
    assert wrong("extends: a.yaml\nservices: {ward: {stae: 3 d}}\n") != []
