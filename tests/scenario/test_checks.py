"""Every check refuses what it is for, says what would be accepted, and leaves the rest alone."""

# ruff: noqa: E501 - a row of a table stays on one line

from __future__ import annotations

import copy
from typing import Any

import pytest

from carepath_sim.scenario import checks
from carepath_sim.scenario.model import Scenario

BASE: dict[str, Any] = {
    "carepath": 1,
    "area": "Testshire",
    "variant": "as-is",
    "title": "A small area in which nothing is wrong",
    "clock": {"start": "2015-04-01", "length": "1 y", "warm_up": "90 d"},
    "references": {"strategy": {"title": "A strategy"}},
    "attributes": {
        "locality": {"shares": {"north": 0.6, "south": 0.4}},
        "hospital": {"map": {"from": "locality", "north": "general", "south": "infirmary"}},
        "urgency": {"of": "episode", "shares": {"rapid": 0.25, "normal": 0.75}},
    },
    "population": {
        "size": 10_000,
        "bands": {
            "65-74": {"share": 0.6, "frailty": {"fit": 0.7, "severe": 0.3}},
            "75+": {
                "share": 0.4,
                "frailty": {
                    "women": {"fit": 0.5, "severe": 0.5},
                    "men": {"fit": 0.4, "severe": 0.6},
                },
            },
        },
        "hazards": {
            "fall": {"rate": "0.1 per y", "times": {"frailty": {"severe": 3}}, "to": "spr"},
            "death": {"rate": "0.03 per y", "to": "died"},
        },
    },
    "arrivals": {"wards": {"rate": "300 per y", "at": "spr", "planned": True}},
    "pools": {
        "clinicians": {"unit": "staff", "capacity": {"daily 07:00-22:00": 3}},
        "acute_beds": {"unit": "beds", "capacity": 200, "overflow": "unlimited"},
        "community_beds": {
            "unit": "beds",
            "capacity": 30,
            "policy": {"ring_fenced": {"step_up": 10, "step_down": 20}},
        },
        "teams": {"per": "locality", "unit": "places", "capacity": {"north": 40, "south": 30}},
    },
    "services": {
        "spr": {
            "in_place": True,
            "pool": "clinicians",
            "priority": {"by": "urgency", "rapid": 0, "normal": 1},
            "stay": {"lognormal": {"median": "12 min", "p90": "25 min"}},
            "next": [
                {"when": {"frailty": "severe"}, "to": {"acute": 0.5, "community_hospital": 0.5}},
                {"to": {"reablement": 0.9, "advice": 0.1}},
            ],
        },
        "acute": {
            "setting": "acute_bed",
            "pool": "acute_beds",
            "stay": {"lognormal": {"mean": "9 d", "sd": "9 d"}},
            "next": {
                "to": {"back": 0.5, "community_hospital": 0.3, "died": 0.2},
            },
        },
        "community_hospital": {
            "setting": "community_bed",
            "pool": "community_beds",
            "stream": {"from acute": "step_down", "else": "step_up"},
            "stay": {"lognormal": {"mean": "28 d", "sd": "18 d"}},
            "max_stay": "42 d",
            "max_wait": {"step_up": {"after": "24 h", "to": "acute", "cause": "no step-up bed"}},
            "next": [
                {"when": {"event": "max_stay"}, "to": "home"},
                {"to": {"all_of": ["health_check", "care_check"], "then": "reablement"}},
            ],
        },
        "health_check": {"in_place": True, "stay": "2 d"},
        "care_check": {"in_place": True, "stay": "3 d"},
        "reablement": {
            "setting": "own_home",
            "per": "locality",
            "pool": "teams",
            "stay": {"gamma": {"mean": "28 d", "sd": "14 d"}},
            "next": {"to": {"home": 0.7, "home_care": 0.3}},
        },
        "home_care": {"setting": "own_home", "residence": True, "keeps_place": "2 wk"},
    },
    "exits": ["advice"],
    "start": {"home_care": {"count": 400, "who": {"frailty": "severe"}}},
    "standards": {
        "rapid": {
            "when": {"urgency": "rapid"},
            "from": "spr.requested",
            "to": ["reablement.started", "acute.started"],
            "within": "3 h",
        }
    },
    "stories": {
        "reg": {
            "is": {"age": 77, "frailty": "severe", "locality": "south"},
            "at": "acute",
            "draws": {"acute.stay": "6 d", "acute.route": "community_hospital"},
        },
        "ethel": {"is": {"age": 81}, "at": "home", "crisis": "fall"},
    },
}


def scenario(*changes: tuple[str, Any]) -> Scenario:
    """Return the base with some fields changed; a value of None removes the field."""
    raw = copy.deepcopy(BASE)
    for path, value in changes:
        keys = path.split("/")
        part = raw
        for key in keys[:-1]:
            part = part.setdefault(key, {})
        if value is None:
            del part[keys[-1]]
        else:
            part[keys[-1]] = value
    return Scenario.model_validate(raw)


def found(*changes: tuple[str, Any]) -> dict[str, str]:
    """Return the problems of the changed base, by path."""
    return _by_path(checks.problems(scenario(*changes)))


def warned(*changes: tuple[str, Any]) -> dict[str, str]:
    """Return the warnings of the changed base, by path."""
    changed = scenario(*changes)
    assert checks.problems(changed) == []
    return _by_path(checks.warnings(changed))


def _by_path(findings: list[Any]) -> dict[str, str]:
    written: dict[str, str] = {}
    for path, message in findings:
        key = "/".join(map(str, path))
        written[key] = f"{written[key]} | {message}" if key in written else message
    return written


def test_nothing_is_wrong_with_the_base() -> None:
    assert checks.problems(scenario()) == []
    assert checks.warnings(scenario()) == []


def test_all_problems_are_reported_at_once_in_one_list() -> None:
    problems = found(
        ("services/acute/next", {"to": "hime"}),
        ("services/acute/pool", "acute_bed"),
        ("arrivals/wards/at", "srp"),
    )
    assert {
        "services/acute/next/to/hime",
        "services/acute/pool",
        "arrivals/wards/at",
    } <= set(problems)


UNKNOWN = [
    # changed field, value, path reported, what the message says
    ("services/acute/next", {"to": "reablment"}, "services/acute/next/to/reablment", "did you mean 'reablement'?"),
    ("services/acute/next", [{"when": {"age": "75+"}, "to": "acte"}, {"to": "home"}], "services/acute/next/0/to/acte", "unknown service 'acte'"),
    ("services/acute/next", {"to": {"back": 0.5, "advise": 0.5}}, "services/acute/next/to/advise", "did you mean 'advice'?"),
    ("services/acute/next", {"to": "outside"}, "services/acute/next/to/outside", "nobody can be sent to 'outside'"),
    ("services/acute/next", {"to": "reablement[east]"}, "services/acute/next/to/reablement[east]", "unknown value of locality in 'reablement[east]': 'east'; accepted: north and south"),
    ("services/acute/next", {"to": "home_care[north]"}, "services/acute/next/to/home_care[north]", "it has no `per`"),
    ("services/acute/next", {"to": {"all_of": ["heath_check"], "then": "home"}}, "services/acute/next/to/all_of/0", "did you mean 'health_check'?"),
    ("services/acute/next", {"to": {"all_of": ["health_check"], "then": "hme"}}, "services/acute/next/to/then/hme", "did you mean 'home'?"),
    ("services/acute/next", {"to": {"all_of": ["health_check", "acute"], "then": "home"}}, "services/acute/next/to/all_of/1", "must be `in_place: true`"),
    ("services/acute/next", {"to": {"all_of": ["health_check"] * 2, "then": "home"}}, "services/acute/next/to/all_of/1", "named twice"),
    ("services/acute/next", {"to": {"all_of": ["health_check"] * 9, "then": "home"}}, "services/acute/next/to/all_of", "9 steps are asked for together; accepted are at most 8"),
    ("services/community_hospital/max_wait", {"after": "24 h", "to": "acutee"}, "services/community_hospital/max_wait/to/acutee", "did you mean 'acute'?"),
    ("services/acute/pool", "acute_bets", "services/acute/pool", "unknown pool 'acute_bets'; did you mean 'acute_beds'?"),
    ("services/acute/pool", {"any_of": ["acute_beds", "acute_beds"]}, "services/acute/pool", "named twice"),
    ("services/acute/set", {"localty": "north"}, "services/acute/set/localty", "did you mean 'locality'?"),
    ("services/acute/set", {"locality": "east"}, "services/acute/set/locality", "declared with a share of 0"),
    ("services/acute/set", {"sex": "men"}, "services/acute/set/sex", "'sex' cannot be set"),
    ("services/reablement/hazard_factor", {"falls": 0.8}, "services/reablement/hazard_factor/falls", "did you mean 'fall'?"),
    ("services/community_hospital/stream", {"from acute": "step_down", "else": "stepup"}, "services/community_hospital/stream/1", "unknown stream of pool 'community_beds' 'stepup'; did you mean 'step_up'?"),
    ("population/hazards/fall/to", "srp", "population/hazards/fall/to", "did you mean 'spr'?"),
    ("population/hazards/fall/to", "home", "population/hazards/fall/to", "'home' cannot stand here"),
    ("population/hazards/fall/times", {"frailtee": {"severe": 2}}, "population/hazards/fall/times/frailtee", "did you mean 'frailty'?"),
    ("population/hazards/fall/times", {"frailty": {"sever": 2}}, "population/hazards/fall/times/frailty/sever", "did you mean 'severe'?"),
    ("population/hazards/fall/times", {"urgency": {"rapid": 2}}, "population/hazards/fall/times/urgency", "belongs to an episode"),
    ("population/hazards/fall/times", {"age": {"75+": 2}}, "population/hazards/fall/times/age/75+", "Use age_band"),
    ("arrivals/wards/at", "srp", "arrivals/wards/at", "did you mean 'spr'?"),
    ("arrivals/wards/at", "advice", "arrivals/wards/at", "'advice' cannot stand here"),
    ("arrivals/wards/is", {"urgency": "rapd"}, "arrivals/wards/is/urgency", "did you mean 'rapid'?"),
    ("arrivals/wards/is", {"age": "old"}, "arrivals/wards/is/age", "age takes whole years"),
    ("arrivals/wards/is", {"urgencee": "rapid"}, "arrivals/wards/is/urgencee", "did you mean 'urgency'?"),
    ("start", {"home_car": {"count": 3}}, "start/home_car", "did you mean 'home_care'?"),
    ("start", {"spr": {"count": 3}}, "start/spr", "received in place: nobody is there"),
    ("start/home_care/who", {"frailty": "frail"}, "start/home_care/who/frailty/frail", "unknown value of frailty 'frail'"),
    ("start/home_care/who", {"urgency": "rapid"}, "start/home_care/who/urgency", "belongs to an episode"),
    ("standards/rapid/from", "srp.requested", "standards/rapid/from", "did you mean 'spr'?"),
    ("standards/rapid/to", ["acute.started", "acuter.started"], "standards/rapid/to/1", "did you mean 'acute'?"),
    ("standards/rapid/when", {"urgncy": "rapid"}, "standards/rapid/when/urgncy", "did you mean 'urgency'?"),
    ("standards/rapid/when", {"from": "acute"}, "standards/rapid/when/from", "`from` has no answer here"),
    ("standards/rapid/when", {"cause": "fell"}, "standards/rapid/when/cause/fell", "did you mean 'fall'?"),
    ("stories/reg/at", "acuter", "stories/reg/at", "did you mean 'acute'?"),
    ("stories/ethel/crisis", "fell", "stories/ethel/crisis", "did you mean 'fall'?"),
    ("stories/ethel/crisis", None, "stories/ethel/at", "nothing happens to somebody at home without a crisis"),
    ("stories/reg/is", {"frailty": "frail"}, "stories/reg/is/frailty", "unknown value of frailty"),
    ("stories/reg/draws", {"acut.stay": "6 d"}, "stories/reg/draws/acut.stay", "did you mean 'acute'?"),
    ("stories/reg/draws", {"acute.rout": "home"}, "stories/reg/draws/acute.rout", "did you mean 'route'?"),
    ("stories/reg/draws", {"acute.route": "reablement"}, "stories/reg/draws/acute.route", "unknown target of acute 'reablement'"),
    ("stories/reg/draws", {"acute.route": "6 d"}, "stories/reg/draws/acute.route", "a route leads to a name; found '6 d'"),
    ("services/reablement/per", "loclity", "services/reablement/per", "did you mean 'locality'?"),
    ("services/reablement/per", "urgency", "services/reablement/per", "`per` needs an attribute `of: person`"),
    ("services/reablement/per", "frailty", "services/reablement/per", "declared under `attributes:`"),
    ("services/reablement/per", None, "services/reablement/pool", "one pool 'teams' for each value of locality"),
    ("services/reablement/per", "hospital", "services/reablement/pool", "is `per: hospital`"),
    ("pools/teams/capacity", {"north": 40, "suoth": 30}, "pools/teams/capacity/suoth", "did you mean 'south'?"),
    ("pools/teams/capacity", {"north": 40}, "pools/teams/capacity", "no capacity for south"),
    ("pools/acute_beds/capacity", {"north": 40, "south": 3}, "pools/acute_beds/capacity", "needs `per:`"),
    ("attributes/hospital/map", {"from": "localty", "north": "a"}, "attributes/hospital/map/from", "did you mean 'locality'?"),
    ("attributes/hospital/map", {"from": "locality", "north": "a"}, "attributes/hospital/map", "says nothing of south"),
    ("attributes/hospital/map", {"from": "locality", "north": "a", "south": "b", "est": "b"}, "attributes/hospital/map/est", "unknown value of locality 'est'"),
    ("attributes/hospital/map", {"from": "urgency", "rapid": "a", "normal": "b"}, "attributes/hospital/map/from", "write `of: episode`"),
    ("attributes/hospital/map", None, "attributes/hospital", "write `shares:` or `map:`"),
    ("attributes/hospital/shares", {"a": 1}, "attributes/hospital", "not both"),
    ("attributes/sex", {"shares": {"a": 1}}, "attributes/sex", "comes with the population"),
    ("attributes/cause", {"shares": {"a": 1}}, "attributes/cause", "built-in word"),
    ("services/spr/priority", {"by": "urgency", "rapid": 0}, "services/spr/priority", "nothing is said of normal"),
    ("exits", ["advice", "acute"], "exits/1", "'acute' is a service already"),
    ("exits", ["advice", "died"], "exits/1", "reserved name"),
    ("exits", ["advice", "advice"], "exits/1", "declared twice"),
    ("arrivals/turning_65", {"rate": "1 per d", "at": "spr"}, "arrivals/turning_65", "reserved name"),
    ("arrivals/wards/cause", "start", "arrivals/wards", "reserved cause"),
]  # fmt: skip


ACCEPTED = [
    ("population/hazards/fall/times", {"month": {"Dec": 2}, "age_band": {"75+": 2}, "sex": {"men": 0.9}}),
    ("population/hazards/fall/to", "advice"),
    ("services/acute/next", [{"when": {"via": "spr", "holds": "home_care", "cause": ["fall", "wards"], "sex": "men", "age": "75+", "weekday": "Sun", "hospital": "general"}, "to": "home"}, {"to": {"back": 0.5, "community_hospital": 0.5}}]),
    ("services/acute/set", {"locality": "north", "urgency": {"value": "rapid", "for": "9 d"}}),
    ("services/reablement/hazard_factor", {"fall": 0.8, "death": 1, "else": 0.9}),
    ("stories/reg/draws", {"acute.stay": ["6 d", "3 d"], "spr.route": "advice", "community_hospital.max_wait": "2 d"}),
    ("standards/rapid/to", "advice.started"),
    ("start", {"reablement[north]": {"count": 3}}),
    ("arrivals/wards/is", {"age": 80, "sex": "men", "urgency": "rapid"}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), ACCEPTED)
def test_names_that_exist_are_accepted(field: str, value: Any) -> None:
    assert found((field, value)) == {}


@pytest.mark.parametrize(("field", "value", "path", "says"), UNKNOWN)
def test_a_name_that_does_not_exist_is_refused(
    field: str, value: Any, path: str, says: str
) -> None:
    assert says in found((field, value)).get(path, "nothing reported")


@pytest.mark.parametrize("name", ["home", "outside", "back", "died", "hazard"])
def test_reserved_names_are_no_services(name: str) -> None:
    assert (
        "reserved name"
        in found((f"services/{name}", BASE["services"]["home_care"]))[f"services/{name}"]
    )


def test_a_route_may_name_one_service_of_a_template() -> None:
    assert (
        found(
            ("services/acute/next", {"to": {"reablement[north]": 0.5, "community_hospital": 0.5}})
        )
        == {}
    )


def test_attributes_that_depend_on_each_other_are_refused() -> None:
    ring = {"map": {"from": "hospital", "general": "north", "infirmary": "south"}}
    message = found(("attributes/locality", ring))["attributes/locality"]
    assert "locality and hospital depend on each other" in message


CONDITIONS = [
    ({"frailtee": "severe"}, "frailtee", "unknown attribute 'frailtee'; did you mean 'frailty'?"),
    ({"frailty": ["severe", "sevre"]}, "frailty/sevre", "did you mean 'severe'?"),
    ({"sex": "female"}, "sex/female", "accepted: women and men"),
    ({"age_band": "65-75"}, "age_band/65-75", "did you mean '65-74'?"),
    ({"from": "spr"}, "from/spr", "test `via: spr` instead"),
    ({"from": "nowhere"}, "from/nowhere", "unknown present place"),
    ({"via": "acute"}, "via/acute", "test `from: acute` instead"),
    ({"via": "home_care"}, "via/home_care", "test `from: home_care` instead"),
    ({"via": "sprr"}, "via/sprr", "did you mean 'spr'?"),
    ({"holds": "acute"}, "holds/acute", "it has no `keeps_place`"),
    ({"holds": "home_cre"}, "holds/home_cre", "did you mean 'home_care'?"),
    ({"open": "spr"}, "open/spr", "always open"),
    ({"open": "sprr"}, "open/sprr", "did you mean 'spr'?"),
    ({"cause": "falls"}, "cause/falls", "did you mean 'fall'?"),
    ({"to": "home"}, "to", "`route_at: start`"),
    ({"event": "max_stays"}, "event/max_stays", "did you mean 'max_stay'?"),
    ({"event": "max_stay"}, "event/max_stay", "has no `max_stay`"),
    ({"stream": "step_up"}, "stream/step_up", "unknown stream of this service"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "path", "says"), CONDITIONS)
def test_a_condition_tests_only_what_exists(when: dict[str, Any], path: str, says: str) -> None:
    route = [{"when": when, "to": "home"}, {"to": {"back": 0.5, "community_hospital": 0.5}}]
    assert says in found(("services/acute/next", route)).get(
        f"services/acute/next/0/when/{path}", ""
    )


@pytest.mark.parametrize(
    ("field", "value", "path", "says"),
    [
        ("stay", [{"when": {"event": "max_stay"}, "fixed": "1 d"}, {"fixed": "2 d"}], "event", "only in `next`"),
        ("stream", [{"when": {"stream": "step_up"}, "stream": "step_up"}, {"stream": "step_down"}], "stream", "not known here"),
    ],
)  # fmt: skip
def test_a_condition_tests_only_what_is_known_where_it_stands(
    field: str, value: Any, path: str, says: str
) -> None:
    at = f"services/community_hospital/{field}"
    assert says in found((at, value))[f"{at}/0/when/{path}"]


def test_a_stay_may_test_the_way_on_where_the_route_is_drawn_at_the_start() -> None:
    stay = [{"when": {"to": "died"}, "fixed": "3 d"}, {"fixed": "9 d"}]
    assert found(("services/acute/stay", stay), ("services/acute/route_at", "start")) == {}
    stay[0]["when"] = {"to": "diead"}
    problems = found(("services/acute/stay", stay), ("services/acute/route_at", "start"))
    assert "did you mean 'died'?" in problems["services/acute/stay/0/when/to/diead"]


def test_age_needs_people_of_known_age() -> None:
    changes: list[tuple[str, Any]] = [
        ("population", None),
        ("start", None),
        ("attributes/frailty", {"shares": {"fit": 0.5, "severe": 0.5}}),
        ("stories", None),
        ("standards/rapid/when", {"age": "75+"}),
    ]
    assert "known only where there is a `population`" in found(*changes)["standards/rapid/when/age"]
    assert found(*changes, ("arrivals/wards/is", {"age": 80})) == {}


def test_shares_of_an_attribute_may_test_only_what_a_person_has() -> None:
    shares = [{"when": {"urgency": "rapid"}, "north": 1}, {"north": 0.5, "south": 0.5}]
    problems = found(("attributes/locality/shares", shares))
    assert "belongs to an episode" in problems["attributes/locality/shares/0/when/urgency"]


BANDS = [
    ({"65-74": 0.6, "75+": 0.5}, "", "must sum to 1, found 0.6 + 0.5 = 1.1"),
    ({"65-74": 0.6, "74+": 0.4}, "/74+", "overlaps '65-74'"),
    ({"65-74": 0.6, "76+": 0.4}, "/76+", "leaves a gap after '65-74': nobody is 75"),
    ({"75+": 0.4, "65-74": 0.6}, "/65-74", "from the youngest to the oldest"),
    ({"74-65": 0.6, "75+": 0.4}, "/74-65", "ends before it begins"),
    ({"young": 0.6, "75+": 0.4}, "/young", "such as 65-74 or 85+"),
    ({"65-74": 0.6, "75-130": 0.4}, "/75-130", "beyond the ages"),
]


@pytest.mark.parametrize(("bands", "path", "says"), BANDS)
def test_bands_cover_everybody_once(bands: dict[str, float], path: str, says: str) -> None:
    written = {
        name: {"share": share, "frailty": {"fit": 0.5, "severe": 0.5}}
        for name, share in bands.items()
    }
    assert says in found(("population/bands", written))[f"population/bands{path}"]


def test_frailty_has_the_four_levels_of_the_index() -> None:
    band = {"share": 0.4, "frailty": {"fit": 0.5, "severe": 0.3, "medium": 0.2}}
    problems = found(("population/bands/75+", band))
    message = problems["population/bands/75+/frailty/medium"]
    assert message == "unknown frailty 'medium'; accepted: fit, mild, moderate and severe"


ARRIVALS = [
    ({"at": "spr"}, "", "found neither of `rate:` and `every:`"),
    ({"at": "spr", "rate": "1 per d", "every": "1 d"}, "", "found both"),
    ({"at": "spr", "every": "0 d"}, "/every", "longer than 0"),
    ({"at": "spr", "rate": "1 per d", "count": 3}, "/count", "`count:` belongs to arrivals at a fixed interval"),
    ({"at": "spr", "every": "1 d", "profile": {"weekday": {"Sun": 0}}}, "/profile", "have none"),
]  # fmt: skip


@pytest.mark.parametrize(("arrival", "path", "says"), ARRIVALS)
def test_arrivals_come_at_one_rate(arrival: dict[str, Any], path: str, says: str) -> None:
    assert says in found(("arrivals/wards", arrival))[f"arrivals/wards{path}"]


def test_nobody_starts_twice() -> None:
    message = found(("start/reablement", {"count": 4900}))["start"]
    # 4,900 in each of the two localities, and 400 with home care.
    assert message == "400 + 9800 = 10200 people start at services, of a population of 10000"


POOLS = [
    ("pools/community_beds/capacity", 31, "policy/ring_fenced", "10 + 20 = 30, but the capacity is 31"),
    ("pools/community_beds/capacity", [{"places": 30}, {"from": "2015-10-01", "places": 25}], "policy/ring_fenced", "the capacity is 25 from 2015-10-01"),
    ("pools/community_beds/capacity", {"Mon-Fri 09:00-17:00": 30, "Sat,Sun 09:00-17:00": 15}, "policy/ring_fenced", "the capacity is 15"),
    ("pools/community_beds/capacity", "unlimited", "policy/ring_fenced", "has nothing to divide"),
    ("pools/community_beds/policy", {"partial": {"step_up": 10, "step_down": 10, "shared": 9}}, "policy/partial", "10 + 10 + 9 = 29, but the capacity is 30"),
    ("pools/community_beds/policy", {"reserved": {"step_up": 31}}, "policy/reserved", "31 are reserved, but there are 30 places"),
    ("pools/community_beds/policy", {"reserved": {"step_up": "60 %", "step_down": "50 %"}}, "policy/reserved", "0.6 + 0.5 = 1.1"),
    ("pools/community_beds/policy", {"ring_fenced": {"step_up": 5, "step_down": 20, "planned": 5}}, "policy/ring_fenced/planned", "no service that draws on 'community_beds' has the stream 'planned'"),
    ("pools/community_beds/policy", {"priority": ["step_down"]}, "", "unknown stream of pool 'community_beds' 'step_up'"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "path", "says"), POOLS)
def test_the_parts_of_a_policy_fit_the_capacity(
    field: str, value: Any, path: str, says: str
) -> None:
    problems = found((field, value))
    where = f"pools/community_beds/{path}" if path else "services/community_hospital/stream/1"
    assert says in problems.get(where, str(problems))


@pytest.mark.parametrize(
    ("capacity", "policy"),
    [
        (30, {"reserved": {"step_up": 10}}),  # step_down reserves nothing and takes part
        (30, {"partial": {"step_up": 10, "step_down": 10, "shared": 10}}),
        (31, {"ring_fenced": {"step_up": "15 %", "step_down": "85 %"}}),
        (30, {"priority": ["step_up", "step_down"]}),
        ({"Mon-Fri 09:00-17:00": 30}, {"ring_fenced": {"step_up": 10, "step_down": 20}}),
        ("unlimited", "shared"),
    ],
)
def test_policies_that_fit_are_accepted(capacity: Any, policy: Any) -> None:
    assert (
        found(("pools/community_beds/capacity", capacity), ("pools/community_beds/policy", policy))
        == {}
    )


def test_counts_cannot_divide_pools_of_different_size() -> None:
    problems = found(
        ("pools/teams/capacity", {"split": "population", "total": 70}),
        ("pools/teams/policy", {"ring_fenced": {"a": 35, "b": 35}}),
        ("services/reablement/stream", [{"when": {"sex": "men"}, "stream": "a"}, {"stream": "b"}]),
    )
    assert "write them as shares" in problems["pools/teams/policy/ring_fenced"]


def test_a_policy_needs_to_know_the_stream_of_everybody() -> None:
    problems = found(("services/community_hospital/stream", None))
    assert "say with `stream:`" in problems["services/community_hospital"]


REQUESTS = [
    (30, "shared", 31, "30"),
    ([{"places": 30}, {"from": "2015-10-01", "places": 40}], "shared", 41, "40"),
    ({"daily 08:00-20:00": 5}, "shared", 6, "5"),
    (30, {"ring_fenced": {"step_up": 10, "step_down": 20}}, 21, "20"),
    (30, {"partial": {"step_up": 5, "step_down": 15, "shared": 10}}, 26, "25"),
    (30, {"reserved": {"step_up": 10}}, 31, "30"),
    (0, "shared", 1, "0"),
]


@pytest.mark.parametrize(("capacity", "policy", "units", "most"), REQUESTS)
def test_a_request_larger_than_the_pool_can_ever_hold_is_refused(
    capacity: Any, policy: Any, units: int, most: str
) -> None:
    changes = [
        ("pools/community_beds/capacity", capacity),
        ("pools/community_beds/policy", policy),
        ("services/community_hospital/units", units),
    ]
    message = found(*changes)["services/community_hospital/units"]
    assert f"takes {units} beds" in message
    assert f"can never grant more than {most} at once" in message
    changes[2] = ("services/community_hospital/units", units - 1)
    if units > 1:
        assert found(*changes) == {}


def test_visits_are_what_is_asked_of_a_pool_of_minutes() -> None:
    problems = found(
        ("pools/teams/unit", "minutes_per_day"),
        ("services/reablement/visits", "3 per day of 11 min"),
    )
    message = problems["services/reablement/visits"]
    assert "takes 33 minutes a day, but teams can never grant more than 30" in message


def test_the_largest_of_several_pools_counts() -> None:
    both = {"any_of": ["community_beds", "acute_beds"]}
    changes = [
        ("services/community_hospital/pool", both),
        ("services/community_hospital/units", 150),
    ]
    assert found(*changes) == {}


def test_pools_that_stand_in_for_each_other_have_one_unit() -> None:
    both = {"any_of": ["acute_beds", "clinicians"]}
    message = found(("services/acute/pool", both))["services/acute/pool"]
    assert message == "pools that stand in for each other have one unit; found beds and staff"


def test_a_pool_of_steps_and_stays_is_refused() -> None:
    message = found(("services/health_check/pool", "community_beds"))["pools/community_beds"]
    assert "(health_check) and by stays (community_hospital)" in message


IN_PLACE = [
    ("residence", True, "nobody lives at a step received in place"),
    ("permanent", True, "nobody moves"),
    ("keeps_place", "2 d", "no place to come back to"),
    ("plan_ahead", "2 d", "refers on when it is done"),
]


@pytest.mark.parametrize(("field", "value", "says"), IN_PLACE)
def test_a_step_received_in_place_is_no_place(field: str, value: Any, says: str) -> None:
    assert says in found((f"services/spr/{field}", value))[f"services/spr/{field}"]


def test_a_residence_is_no_hospital() -> None:
    problems = found(("services/home_care/setting", "community_bed"))
    assert "nobody lives in setting community_bed" in problems["services/home_care/setting"]


def test_a_permanent_move_leads_to_a_residence() -> None:
    problems = found(("services/reablement/permanent", True))
    assert "write `residence: true` too" in problems["services/reablement/permanent"]
