"""Levels and programmes: what `validate` says of them, and where."""

from __future__ import annotations

from typing import Any

import pytest

from carepath_sim.errors import ScenarioError
from carepath_sim.scenario import checks
from carepath_sim.scenario.effects import unfounded
from carepath_sim.scenario.loader import build
from carepath_sim.scenario.nodes import Mark, planted

BANDS = {"65+": {"share": 1, "frailty": {"fit": 0.5, "mild": 0.3, "moderate": 0.1, "severe": 0.1}}}


def scenario(
    population: dict[str, Any] | None = None, service: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Return a small scenario as plain values."""
    return {
        "carepath": 1,
        "area": "Testshire",
        "variant": "as-is",
        "title": "People who change",
        "clock": {"start": "2015-06-01", "length": "30 d"},
        "attributes": {"flag": {"of": "episode", "shares": {"a": 1}}, "one": {"shares": {"x": 1}}},
        "population": {
            "size": 10,
            "bands": BANDS,
            "hazards": {"fall": {"rate": "1 per y", "to": "ward"}},
            **(population or {}),
        },
        "services": {
            "ward": {"setting": "acute_bed", "stay": "2 d", "next": "home", **(service or {})}
        },
        **more,
    }


def problems(raw: dict[str, Any]) -> str:
    """Return what a scenario is refused for."""
    with pytest.raises(ScenarioError) as refused:
        build(planted(raw, Mark("x")), "x")
    return str(refused.value)


@pytest.mark.parametrize(
    ("population", "words"),
    [
        ({"progression": {"rate": "1 per y", "of": "frality"}}, "did you mean 'frailty'"),
        ({"progression": {"rate": "1 per y", "of": "age"}}, "'age' has no levels"),
        ({"progression": {"rate": "1 per y", "of": "flag"}}, "'flag' has no levels"),
        ({"progression": {"rate": "1 per y", "of": "one"}}, "one value only"),
        ({"progression": {"rate": "1 per y", "times": {"sx": {"a": 1}}}}, "unknown attribute 'sx'"),
        ({"progression": {"rate": "0.08"}}, "a rate"),
        ({"progression": {"rate": "-1 per y"}}, "cannot be negative"),
        ({"ageing": "yes"}, "ageing"),
    ],
)
def test_a_progression_that_means_nothing_is_refused(
    population: dict[str, Any], words: str
) -> None:
    assert words in problems(scenario(population))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"frailty": {"up": "1 % per week"}}, "a chance such as"),
        ({"frailty": {"up": 2}}, "between 0 and 1"),
        ({"frailty": {"up": "1 %", "down": "1 %"}}, "found both"),
        ({"frailty": {"after": "2 d"}}, "found neither"),
        ({"frailty": {"up": "1 %", "levels": 0}}, "one level or more"),
        ({"frailty": {"up": "1 %", "level": 2}}, "did you mean 'levels'"),
        ({"sex": {"up": "1 %"}}, "'sex' has no levels"),
        ({"fralty": {"up": "1 %"}}, "did you mean 'frailty'"),
    ],
)
def test_a_move_that_means_nothing_is_refused(change: dict[str, Any], words: str) -> None:
    assert words in problems(scenario(service={"changes_state": change}))


def warnings(raw: dict[str, Any]) -> list[str]:
    """Return the warnings of a scenario with their paths."""
    found = checks.warnings(build(planted(raw, Mark("x")), "x"))
    return [".".join(map(str, path)) + ": " + message for path, message in found]


def test_levels_that_nobody_can_have_are_named() -> None:
    bands = {"65+": {"share": 1, "frailty": {"fit": 0.5, "severe": 0.5}}}
    raw = scenario({"bands": bands, "progression": {"rate": "1 per y"}})
    (message,) = [m for m in warnings(raw) if "progression" in m]
    assert "nobody is ever mild or moderate" in message
    assert not [m for m in warnings(scenario({"progression": {"rate": "1 per y"}})) if "ever" in m]


def test_who_grows_older_must_be_followed() -> None:
    alone = warnings(scenario({"ageing": True}))
    assert [m for m in alone if m.startswith("population.ageing: people grow older")]
    both = warnings(scenario({"ageing": True, "turning_65": "1 per y"}))
    assert not [m for m in both if "ageing" in m]


def test_chances_keep_their_source() -> None:
    raw = scenario(
        service={
            "changes_state": {
                "frailty": {"up": {"value": 1, "unit": "% per day", "quality": "assumption"}}
            }
        }
    )
    ((change,),) = [s.changes_state for s in build(planted(raw, Mark("x")), "x").services.values()]
    assert (change.chance.value, change.per_day) == (0.01, True)
    assert change.chance.provenance.quality == "assumption"


# --- programmes ----------------------------------------------------------------------------


def with_programme(**fields: Any) -> dict[str, Any]:
    """Return a scenario with one programme."""
    programme = {"finds": {"rate": "20 per month"}, "caseload": 5, **fields}
    population = {
        "hazards": {
            "fall": {"rate": "1 per y", "to": "ward"},
            "death": {"rate": "0.1 per y", "to": "died"},
        }
    }
    return scenario(population, programmes={"prevent": programme})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"effect": {"fal": 0.8}}, "did you mean 'fall'"),
        ({"effect": {"progression": 0.8}}, "nothing progresses here"),
        ({"effect": {"crisis": -1}}, "cannot be negative"),
        ({"effect": 0.8}, "a map of factors"),
        ({"who": {"frality": "severe"}}, "did you mean 'frailty'"),
        ({"who": {"flag": "a"}}, "belongs to an episode"),
        ({"who": {"hour": "08:00-12:00"}}, "has no answer here"),
        ({"who": {"frailty": "sever"}}, "did you mean 'severe'"),
        ({"finds": {"rate": "20"}}, "a rate"),
        ({"finds": {"rate": "20 per month", "rule": "by age"}}, "highest risk"),
        ({"finds": {"coordinators": 2}}, "rate"),
        ({"caseload": 2.5}, "a whole number"),
        ({"caseload": 5, "start": {"caseload": 6}}, "more than the 5"),
        ({"lasts": "1"}, "unit"),
        ({"ends_at": "wart"}, "did you mean 'ward'"),
        ({"per": "age"}, "is built in"),
        ({"cost": {"per_stay": "2 GBP", "payer": "nhs"}}, "known are per_place_day"),
        ({"coordinator": 2}, "coordinator"),
    ],
)
def test_a_programme_that_means_nothing_is_refused(fields: dict[str, Any], words: str) -> None:
    assert words in problems(with_programme(**fields))


def test_programmes_need_people_who_live_there() -> None:
    raw = with_programme()
    del raw["population"]
    raw["arrivals"] = {"people": {"rate": "1 per d", "at": "ward"}}
    assert "there is none" in problems(raw)


def test_a_condition_names_a_programme_that_exists() -> None:
    way = [{"when": {"programme": "prvent"}, "to": "home"}, {"to": "home"}]
    raw = with_programme()
    raw["services"]["ward"]["next"] = way
    assert "did you mean 'prevent'" in problems(raw)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"finds": None}, "nobody ever joins"),
        ({"caseload": 0}, "room for nobody"),
        ({"from": "2016-01-01"}, "lies after the end"),
    ],
)
def test_programmes_without_effect_are_named(fields: dict[str, Any], words: str) -> None:
    assert [m for m in warnings(with_programme(**fields)) if words in m]
    assert not [m for m in warnings(with_programme()) if words in m]


def test_effects_that_were_put_in_are_said_beside_the_results() -> None:
    """A factor of 1 says nothing; one with a document behind it needs no word."""
    effect = {
        "fall": {"value": 0.8, "quality": "by hand", "range": [0.7, 1]},
        "death": {"value": 0.9, "source": "a trial", "quality": "document"},
        "crisis": 1,
    }
    made = build(planted(with_programme(effect=effect), Mark("x")), "x")
    (said,) = unfounded(made)
    assert said.endswith("programme prevent: fall x 0.8 (by hand, range 0.7 to 1)")
