"""Where people can and cannot go: dead ends, islands, rings without time, waits in beds."""

from __future__ import annotations

from typing import Any

import pytest

from carepath_sim.scenario import checks
from carepath_sim.scenario.checks_flow import Request, requests
from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.model import Scenario

BED = {"setting": "acute_bed", "pool": "beds", "stay": "9 d", "next": "home"}
WARD = {"setting": "community_bed", "pool": "beds", "stay": "20 d", "next": "home"}
DESK = {"in_place": True, "stay": "10 min", "next": "acute"}


def scenario(services: dict[str, Any], **more: Any) -> Scenario:
    """Return a scenario in which arrivals ask for the first service."""
    raw = {
        "carepath": 1,
        "area": "Testshire",
        "variant": "as-is",
        "title": "A few services",
        "clock": {"start": "2015-04-01", "length": "1 y", "warm_up": "1 y"},
        "arrivals": {"people": {"rate": "1 per d", "at": next(iter(services))}},
        "pools": {"beds": {"unit": "beds", "capacity": 20}},
        "services": services,
    }
    return Scenario.model_validate({**raw, **more})


PEOPLE = {
    "size": 20,
    "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
    "hazards": {"fall": {"rate": "1 per y", "to": "acute"}},
}


def found(services: dict[str, Any], **more: Any) -> dict[str, str]:
    """Return problems by path."""
    return {"/".join(map(str, p)): m for p, m in checks.problems(scenario(services, **more))}


def warned(services: dict[str, Any], **more: Any) -> dict[str, str]:
    """Return warnings by path, of a scenario without problems."""
    made = scenario(services, **more)
    assert checks.problems(made) == []
    return {"/".join(map(str, p)): m for p, m in checks.warnings(made)}


def test_a_service_that_nobody_can_reach_is_refused() -> None:
    problems = found({"acute": BED, "ward": WARD, "annex": {**WARD, "next": "ward"}})
    assert problems == {
        "services/ward": "nobody can reach 'ward': it follows only annex,"
        " and nobody gets there either",
        "services/annex": "nobody can reach 'annex':"
        " no route, hazard, arrival, diversion or start leads here",
    }


def test_a_misspelt_route_makes_no_second_problem_of_what_it_leads_to() -> None:
    problems = found({"acute": {**BED, "next": "wrad"}, "ward": WARD})
    assert list(problems) == ["services/acute/next/to/wrad"]


def test_a_branch_with_a_share_of_0_leads_nowhere() -> None:
    problems = found({"acute": {**BED, "next": {"to": {"home": 1, "ward": 0}}}, "ward": WARD})
    assert set(problems) == {"services/ward"}


@pytest.mark.parametrize(
    "services",
    [
        {"acute": {**BED, "next": "ward"}, "ward": WARD},
        {"acute": {**BED, "max_wait": {"after": "4 h", "to": "ward"}}, "ward": WARD},
        {
            "acute": {**BED, "next": {"to": {"all_of": ["check"], "then": "ward"}}},
            "check": {"in_place": True, "stay": "1 d"},
            "ward": WARD,
        },
    ],
)
def test_routes_diversions_and_common_steps_lead_to_services(services: dict[str, Any]) -> None:
    assert found(services) == {}


def test_people_who_are_there_at_the_start_reach_a_service() -> None:
    start = {"ward": {"count": 3}}
    assert found({"acute": BED, "ward": WARD}, start=start, population=PEOPLE) == {}
    story = {"stories": {"reg": {"at": "ward"}}}
    assert found({"acute": BED, "ward": WARD}, **story) == {}


LEAVING = [
    ({"setting": "acute_bed", "stay": "9 d"}, "the stay ends, but nothing says where people go"),
    ({"setting": "acute_bed", "next": "home"}, "without `stay:` nobody is ever ready"),
    ({"setting": "acute_bed"}, "only for places where people live"),
    ({"in_place": True, "stay": "1 h"}, "nothing says what follows this step"),
    ({"in_place": True, "next": "home"}, "nothing says how long the step takes"),
]


@pytest.mark.parametrize(("service", "says"), LEAVING)
def test_a_service_that_nobody_can_leave_is_refused(service: dict[str, Any], says: str) -> None:
    assert says in found({"acute": service})["services/acute"]


@pytest.mark.parametrize(
    "service",
    [
        {"setting": "own_home", "residence": True},
        {"setting": "own_home", "max_stay": "6 wk", "next": "home"},
    ],
)
def test_stays_that_end_by_a_crisis_death_or_the_longest_stay_are_accepted(
    service: dict[str, Any],
) -> None:
    assert found({"acute": service}) == {}


def test_a_ring_without_a_way_out_is_refused_once() -> None:
    services = {
        "acute": {**BED, "next": {"to": {"home": 0.5, "ward": 0.5}}},
        "ward": {**WARD, "next": "annex"},
        "annex": {**WARD, "next": {"to": {"ward": 1, "home": 0}}},
    }
    problems = found(services)
    assert set(problems) == {"services/ward/next"}
    assert "nobody can leave ward and annex" in problems["services/ward/next"]


def test_a_ring_of_residences_is_left_by_death() -> None:
    services = {
        "nursing": {
            "setting": "care_home",
            "residence": True,
            "stay": "1 y",
            "next": "residential",
        },
        "residential": {
            "setting": "care_home",
            "residence": True,
            "stay": "1 y",
            "next": "nursing",
        },
    }
    assert found(services) == {}


def test_a_closed_network_of_those_who_start_in_it_is_accepted() -> None:
    services = {
        "acute": BED,
        "ward": {**WARD, "next": "annex"},
        "annex": {**WARD, "next": "ward"},
    }
    assert found(services, start={"ward": {"count": 10}}, population=PEOPLE) == {}
    assert found(services, start={"ward": {"count": 10}}) == {}


def test_a_ring_of_routes_that_takes_no_time_is_refused() -> None:
    services = {
        "desk": {"in_place": True, "stay": "0 min", "next": {"to": {"triage": 0.5, "home": 0.5}}},
        "triage": {"in_place": True, "stay": "0 min", "next": {"to": {"desk": 0.5, "home": 0.5}}},
    }
    problems = found(services)
    assert list(problems) == ["services/desk/next"]
    assert (
        "ring of routes that takes no time: desk -> triage -> desk"
        in problems["services/desk/next"]
    )
    services["triage"]["stay"] = "1 ms"
    assert found(services) == {}


def test_a_ring_of_diversions_that_takes_no_time_is_refused() -> None:
    services = {
        "acute": {**BED, "max_wait": {"after": "0 h", "to": "ward"}},
        "ward": {**WARD, "max_wait": {"after": "0 h", "to": "acute"}},
    }
    problems = found(services)
    assert (
        "diversions that takes no time: acute -> ward -> acute"
        in problems["services/acute/max_wait"]
    )
    services["ward"]["max_wait"]["after"] = "1 h"
    assert found(services) == {}


@pytest.mark.parametrize("way", ["back", "advice"])
def test_a_ring_by_way_of_where_people_live_is_refused_when_nobody_waits(way: str) -> None:
    """Who lives there asks for it anew when an episode ends, and is sent on at once."""
    home = {"setting": "care_home", "residence": True, "pool": "beds"}
    services = {
        "acute": {**BED, "next": {"to": {"flat": 0.5, "home": 0.5}}},
        "flat": {**home, "max_wait": {"after": "0 h", "to": "desk"}},
        "desk": {"setting": "own_home", "stay": "0 h", "next": way},
    }
    problems = found(services, exits=["advice"])
    assert "takes no time: flat -> desk -> flat" in problems["services/flat/max_wait"]
    services["desk"]["stay"] = "1 h"
    assert found(services, exits=["advice"]) == {}


def test_a_ring_through_steps_asked_for_together_is_refused_when_none_takes_time() -> None:
    again = {"to": {"all_of": ["a", "b"], "then": "desk"}}
    services = {
        "desk": {
            "in_place": True,
            "stay": "0 h",
            "next": [{"when": {"hour": "09:00-17:00"}, **again}, {"to": "home"}],
        },
        "a": {"in_place": True, "stay": "0 h"},
        "b": {"in_place": True, "stay": "0 h"},
    }
    assert "desk -> desk" in found(services)["services/desk/next"]
    assert found({**services, "b": {"in_place": True, "stay": "1 d"}}) == {}


def test_a_wait_in_a_bed_that_ends_nowhere_is_refused() -> None:
    services = {
        "acute": {**BED, "next": {"to": {"ward": 0.5, "home": 0.5}}},
        "ward": {**WARD, "max_wait": "3 d"},
    }
    problems = found(services)
    assert "some wait in a bed (acute)" in problems["services/ward/max_wait"]
    services["ward"]["max_wait"] = {"after": "3 d", "to": "home"}
    assert found(services) == {}


def test_a_wait_at_home_or_outside_may_end_where_people_are() -> None:
    services = {
        "reablement": {"setting": "own_home", "stay": "28 d", "next": "ward"},
        "ward": {**WARD, "max_wait": "3 d"},
    }
    assert found(services) == {}


def test_a_step_received_in_place_keeps_the_bed_while_people_wait() -> None:
    services = {
        "acute": {**BED, "next": "desk"},
        "desk": {**DESK, "next": "ward"},
        "ward": {**WARD, "max_wait": "3 d"},
    }
    assert "bed (acute)" in found(services)["services/ward/max_wait"]


def test_patience_of_a_stream_that_comes_from_home_only_needs_no_way_out() -> None:
    services = {
        "acute": {**BED, "next": {"to": {"ward": 0.5, "home": 0.5}}},
        "desk": {**DESK, "next": "ward"},
        "ward": {
            **WARD,
            "stream": {"from acute": "step_down", "else": "step_up"},
            "max_wait": {"step_up": "1 d"},
        },
    }
    arrivals = {
        "people": {"rate": "1 per d", "at": "acute"},
        "calls": {"rate": "1 per d", "at": "desk"},
    }
    assert found(services, arrivals=arrivals) == {}
    services["ward"]["max_wait"] = {"step_down": "1 d"}
    assert set(found(services, arrivals=arrivals)) == {"services/ward/max_wait"}


def test_a_place_that_is_kept_can_be_asked_for_again_from_a_bed() -> None:
    home = {"setting": "care_home", "residence": True, "keeps_place": "6 wk", "pool": "rooms"}
    services = {
        "acute": {**BED, "next": {"to": {"back": 0.5, "care_home": 0.5}}},
        "care_home": {**home, "max_wait": {"after": "9 d", "to": "home"}},
    }
    pools = {"beds": {"capacity": 20}, "rooms": {"capacity": 20}}
    assert found(services, pools=pools) == {}
    services["care_home"]["max_wait"] = "9 d"
    assert "bed (acute)" in found(services, pools=pools)["services/care_home/max_wait"]


def test_requests_follow_the_present_place_and_the_referring_step() -> None:
    services = {
        "desk": {**DESK, "next": [{"when": {"from": "acute"}, "to": "home"}, {"to": "acute"}]},
        "acute": {**BED, "next": "desk"},
    }
    assert requests(Vocabulary(scenario(services))) == {
        Request("desk", "outside"),
        Request("acute", "outside", "desk"),
        Request("desk", "acute"),
    }


def test_a_test_of_where_people_come_from_that_nobody_meets_is_a_warning() -> None:
    services = {
        "desk": DESK,
        "acute": {**BED, "next": "ward"},
        "ward": {**WARD, "units": [{"when": {"from": "home"}, "units": 2}, {"units": 1}]},
    }
    warning = warned(services)["services/ward/units/0/when/from"]
    assert warning == "nobody asks for 'ward' from home; they ask from acute"
    services["ward"]["units"][0]["when"] = {"from": "acute"}
    assert warned(services) == {}


def test_during_a_stay_from_is_where_people_came_from() -> None:
    services = {
        "acute": {**BED, "next": "ward"},
        "ward": {**WARD, "stay": [{"when": {"from": "acute"}, "fixed": "10 d"}, {"fixed": "20 d"}]},
    }
    assert warned(services) == {}
    services["ward"]["stay"][0]["when"] = {"from": "ward"}
    warning = warned(services)["services/ward/stay/0/when/from"]
    assert warning == "nobody asks for 'ward' from ward; they ask from acute"


WARNINGS = [
    ({"acute": {"stay": "9 d", "next": "home"}}, "services/acute/setting", "`elsewhere` is taken"),
    (
        {"acute": {**BED, "pool": "nurses"}},
        "services/acute/pool",
        "somebody would be held for the whole stay",
    ),
    ({"acute": {**BED, "pool": "minutes"}}, "services/acute/pool", "one minute a day is taken"),
    (
        {"acute": {**BED, "pool": "minutes", "visits": "1 per day of 9 min", "units": 4}},
        "services/acute/units",
        "has no effect: the minutes of the visits are taken",
    ),
    (
        {"desk": {**DESK, "discharges": "daily 09:00-10:00"}, "acute": BED},
        "services/desk/discharges",
        "nobody is discharged from a step",
    ),
    (
        {"acute": {**BED, "keeps_place": "2 d"}},
        "services/acute/keeps_place",
        "none happens in setting",
    ),
    (
        {"acute": {**BED, "pool": "beds"}, "desk": {**DESK, "max_wait": "3 d"}},
        "services/desk/max_wait",
        "granted at once",
    ),
    (
        {"acute": {**BED, "cost": {"per_visit": "30 GBP", "payer": "nhs"}}},
        "services/acute/cost",
        "never paid",
    ),
    (
        {"acute": {**BED, "next": "ward"}, "ward": {**WARD, "luck": "acute"}},
        "services/ward/luck",
        "tied",
    ),
    ({"acute": {**BED, "hazard_factor": 0.5}}, "services/acute/hazard_factor", "no hazards"),
]


@pytest.mark.parametrize(("services", "path", "says"), WARNINGS)
def test_what_is_probably_not_meant_is_a_warning(
    services: dict[str, Any], path: str, says: str
) -> None:
    more = {
        "pools": {
            "beds": {"unit": "beds", "capacity": 20},
            "nurses": {"unit": "staff", "capacity": 20},
            "minutes": {"unit": "minutes_per_day", "capacity": 20},
        },
        "arrivals": {n: {"rate": "1 per d", "at": n} for n in services if n != "ward"},
    }
    assert says in warned(services, **more)[path]


def test_a_pool_that_nobody_draws_on_is_a_warning() -> None:
    pools = {"beds": {"capacity": 20}, "spare": {"capacity": 20}}
    assert warned({"acute": BED}, pools=pools) == {
        "pools/spare": "no service draws on pool 'spare'"
    }


def test_a_capacity_after_the_end_of_the_run_is_a_warning() -> None:
    steps = [{"places": 20}, {"from": "2016-04-01", "places": 30}]
    warning = warned({"acute": BED}, pools={"beds": {"capacity": steps}})["pools/beds/capacity"]
    assert warning.startswith("the capacity from 2016-04-01 never counts")


def test_people_cannot_live_on_with_hazards_that_do_not_exist() -> None:
    arrivals = {"people": {"rate": "1 per d", "at": "acute", "returns": True}}
    assert "has no effect" in warned({"acute": BED}, arrivals=arrivals)["arrivals/people/returns"]


def test_denominators_hold_each_other() -> None:
    warning = warned({"acute": BED}, denominators={"adults": 1000, "over_65": 2000})
    assert warning == {"denominators/over_65": "2000 (over_65) are more than 1000 (adults)"}


def test_a_number_names_a_document_that_is_listed() -> None:
    acute = {**BED, "stay": {"fixed": "9 d", "source": "stratgy, page 3"}}
    references = {"strategy": {"title": "A strategy"}}
    warning = warned({"acute": acute}, references=references)["services/acute/stay"]
    assert "unknown reference 'stratgy'; did you mean 'strategy'?" in warning
    acute["stay"]["source"] = "strategy, page 3"
    assert warned({"acute": acute}, references=references) == {}
