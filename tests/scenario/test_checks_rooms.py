"""What validate says of waiting rooms, transfer, services alongside and common steps."""

from __future__ import annotations

from typing import Any

import pytest

from carepath_sim.errors import ScenarioError
from carepath_sim.plan.traffic import offered_load
from carepath_sim.scenario import checks
from carepath_sim.scenario.loader import build
from carepath_sim.scenario.nodes import Mark, planted

WARD = {"setting": "acute_bed", "pool": "beds", "stay": "5 d", "next": "home"}
NURSE = {"in_place": True, "pool": "nurses"}


def scenario(services: dict[str, Any], **more: Any) -> Any:
    """Return a scenario whose people arrive at the ward."""
    raw = {
        "carepath": 1,
        "area": "Testshire",
        "variant": "as-is",
        "title": "A few services",
        "clock": {"start": "2015-06-01", "length": "30 d", "warm_up": "30 d"},
        "arrivals": {"people": {"rate": "2 per d", "at": "ward"}},
        "pools": {"beds": {"capacity": 30}, "nurses": {"capacity": 30, "unit": "staff"}},
        "services": {"ward": WARD, **services},
        **more,
    }
    return build(planted(raw, Mark("small")), "small")


def refused(services: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong, by path."""
    with pytest.raises(ScenarioError) as error:
        scenario(services)
    return {problem.path: problem.message for problem in error.value.problems}


def alongside(nurse: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a ward with a nurse alongside."""
    return {"ward": {**WARD, "alongside": ["nurse"]}, "nurse": {**NURSE, **nurse}, **more}


@pytest.mark.parametrize(
    ("services", "path", "says"),
    [
        ({"ward": {**WARD, "waiting_room": {}}}, "ward.waiting_room", "how many may wait"),
        ({"ward": {**WARD, "waiting_room": 5}}, "ward.waiting_room", "a map such as"),
        (
            {"ward": {**WARD, "waiting_room": {"from_outside": -1}}},
            "ward.waiting_room.from_outside",
            "negative",
        ),
        (
            {"ward": {**WARD, "waiting_room": {"from_outsid": 1}}},
            "ward.waiting_room.from_outsid",
            "from_outside",
        ),
        (
            {"ward": {**WARD, "waiting_room": {"from_outside": 1, "setting": "own_hom"}}},
            "ward.waiting_room.setting",
            "did you mean 'own_home'",
        ),
        (
            {"ward": {**WARD, "waiting_room": {"from_outside": 1, "when_full": "gone"}}},
            "ward.waiting_room.when_full",
            "`lost` or",
        ),
        (
            {"ward": {**WARD, "waiting_room": {"from_outside": 1, "when_full": {"to": "wart"}}}},
            "ward.waiting_room.when_full.to.wart",
            "did you mean 'ward'",
        ),
        (
            {"ward": {**WARD, "waiting_room": {"from_outside": 0, "when_full": {"to": "ward"}}}},
            "ward.waiting_room",
            "a ring of routes and diversions that takes no time: ward -> ward",
        ),
        (
            {"ward": {**WARD, "next": "nurse"}, "nurse": {**NURSE, "stay": "1 h", "next": "home",
             "waiting_room": {"from_inside": 2}}},
            "nurse.waiting_room.from_inside",
            "stays in that place",
        ),
        (
            {"ward": {**WARD, "next": "nurse"},
             "nurse": {**NURSE, "stay": "1 h", "next": "home", "transfer": "1 h"}},
            "nurse.transfer",
            "where the person is",
        ),
        ({"ward": {**WARD, "alongside": ["nurs"]}, "nurse": NURSE}, "ward.alongside", "nurse"),
        ({"ward": {**WARD, "alongside": ["ward"]}}, "ward.alongside", "a place of its own"),
        ({"ward": {**WARD, "alongside": []}}, "ward.alongside", "empty list"),
        (alongside({"next": "home"}), "nurse.next", "the stay does"),
        (alongside({"decides": "daily 09:00-10:00"}), "nurse.decides", "decides nothing"),
        (
            alongside({"stay": "1 h"}, ward={**WARD, "alongside": ["nurse"], "next": {
                "to": {"all_of": ["nurse"], "then": "home"}}}),
            "nurse",
            "a step on somebody's way as well",
        ),
        (alongside({"max_wait": {"after": "1 h", "to": "home"}}), "nurse.max_wait.to", "received"),
        (
            {"ward": {**WARD, "alongside": [{"service": "nurse", "when": {"fraily": "mild"}}]},
             "nurse": NURSE},
            "ward.alongside.when.fraily",
            "fraily",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_where_it_stands(
    services: dict[str, Any], path: str, says: str
) -> None:
    found = refused(services)
    assert f"services.{path}" in found, found
    assert says in found[f"services.{path}"]


def test_a_room_without_a_pool_is_a_warning() -> None:
    ward = {key: value for key, value in WARD.items() if key != "pool"}
    found = dict(checks.warnings(scenario({"ward": {**ward, "waiting_room": {"from_outside": 3}}})))
    assert "without a pool" in found["services", "ward", "waiting_room"]


def test_what_is_reached_only_by_those_turned_away_or_alongside_can_be_reached() -> None:
    """No service is called lonely, and nothing else is said."""
    room = {"from_outside": 3, "when_full": {"to": "other", "cause": "full"}}
    ward = {**WARD, "waiting_room": room, "alongside": "nurse"}
    scenario({"ward": ward, "nurse": NURSE, "other": {**WARD, "pool": "beds"}})


def test_the_offered_load_knows_the_way_and_what_comes_alongside() -> None:
    """Little's law by hand: 2 a day; 5 d in the first bed, 3 d in the second, half a day between.

    First 2 x 5.5 = 11, second 2 x 3.5 = 7. The nurse comes to the second stay for as long as it
    lasts: 2 x 3 = 6; a therapist for a day of it: 2.
    """
    second = {
        "setting": "community_bed",
        "pool": "others",
        "stay": "3 d",
        "transfer": "12 h",
        "alongside": ["nurse", "therapist"],
        "next": "home",
    }
    pools = {name: {"capacity": 30} for name in ("beds", "others", "nurses", "therapists")}
    found = scenario(
        {
            "ward": {**WARD, "next": "second"},
            "second": second,
            "nurse": NURSE,
            "therapist": {"in_place": True, "pool": "therapists", "stay": "1 d"},
        },
        pools=pools,
    )
    assert [load.load for load in offered_load(found)] == pytest.approx([11, 7, 6, 2])
