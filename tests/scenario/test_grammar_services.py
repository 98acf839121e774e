"""Distributions, routes, pools and the other fields of services are read as written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from carepath_sim.scenario import grammar_people as people
from carepath_sim.scenario import grammar_pools as pools
from carepath_sim.scenario import grammar_services as services
from carepath_sim.scenario.grammar_cases import cases
from carepath_sim.scenario.grammar_costs import of_stays
from carepath_sim.scenario.grammar_distributions import distribution
from carepath_sim.scenario.grammar_numbers import count
from carepath_sim.scenario.grammar_routes import route
from carepath_sim.scenario.grammar_visits import visit_cases
from carepath_sim.scenario.reading import Wrong
from carepath_sim.scenario.values import AllOf, Case, DatedCapacity, Number
from carepath_sim.scenario.values import Test as Condition

D = 86_400_000.0
H = D / 24
MIN = H / 60


@pytest.mark.parametrize(
    ("raw", "family", "parameters"),
    [
        ("21 d", "fixed", {"value": 21 * D}),
        ({"fixed": "21 d"}, "fixed", {"value": 21 * D}),
        ({"value": 21, "unit": "d"}, "fixed", {"value": 21 * D}),
        ({"exponential": {"mean": "2 d"}}, "exponential", {"mean": 2 * D}),
        ({"exponential": {"rate": "2 per d"}}, "exponential", {"rate": 2 / D}),
        (
            {"lognormal": {"mean": "28 d", "sd": "18 d"}},
            "lognormal",
            {"mean": 28 * D, "sd": 18 * D},
        ),
        ({"lognormal": {"median": "1 h", "sigma": 0.5}}, "lognormal", {"median": H, "sigma": 0.5}),
        ({"gamma": {"shape": 2, "scale": "1 d"}}, "gamma", {"shape": 2, "scale": D}),
        ({"weibull": {"shape": 2, "scale": "1 d"}}, "weibull", {"shape": 2, "scale": D}),
        ({"uniform": {"min": "0 d", "max": "1 d"}}, "uniform", {"min": 0, "max": D}),
        (
            {"triangular": {"min": "1 d", "mode": "1 d", "max": "3 d"}},
            "triangular",
            {"min": D, "mode": D, "max": 3 * D},
        ),
        ({"erlang": {"k": 3, "mean": "1 d"}}, "erlang", {"k": 3, "mean": D}),
        ({"scipy": {"name": "burr12", "c": 2, "scale": "4 d"}}, "scipy", {"c": 2, "scale": 4 * D}),
        (
            {"coxian": {"rate1": "1 per d", "onward1": "50 %", "rate2": "2 per d"}},
            "coxian",
            {"rate1": 1 / D, "onward1": 0.5, "rate2": 2 / D},
        ),
    ],
)
def test_distributions_are_in_milliseconds(
    raw: object, family: str, parameters: dict[str, float]
) -> None:
    found = distribution(raw)
    assert found.family == family
    assert dict(found.parameters) == pytest.approx(parameters)


def test_a_distribution_carries_its_source_and_limits() -> None:
    found = distribution(
        {
            "lognormal": {"median": "1 d", "p90": {"value": "3 d", "range": ["2 d", "4 d"]}},
            "truncate": ["1 h", "9 d"],
            "at_least": "2 h",
            "source": "strategy",
            "quality": "poor",
        }
    )
    assert (found.truncate, found.at_least) == ((H, 9 * D), 2 * H)
    assert (found.provenance.source, found.provenance.quality) == ("strategy", "poor")
    assert found.text == "lognormal, median 1 d, p90 3 d, truncate 1 h to 9 d, at_least 2 h"


def test_mixtures_and_histograms_are_kept_in_parts() -> None:
    mixed = distribution(
        {
            "mixture": [
                {"share": 0.25, "fixed": "1 d"},
                {"share": 0.75, "exponential": {"mean": "2 d"}},
            ]
        }
    )
    assert [(weight, part.family) for weight, part in mixed.parts] == [
        (0.25, "fixed"),
        (0.75, "exponential"),
    ]
    bins = distribution({"histogram": {"edges": ["0 d", "1 d", "7 d"], "weights": [3, 1]}})
    assert (bins.edges, bins.weights) == ((0, D, 7 * D), (3, 1))
    values = distribution({"empirical": {"values": ["3 d", "1 d", "3 d"]}})
    assert (values.values, values.weights) == ((3 * D, D, 3 * D), ())


@pytest.mark.parametrize(
    "raw",
    [
        *(None, [], {}, 21, "21", {"fixed": 21}, {"fixed": "1 d", "exponential": {"mean": "1 d"}}),
        *({"exponential": {}}, {"exponential": "2 d"}, {"exponential": {"mean": "0 d"}}),
        {"lognormal": {"mean": "1 d"}},
        {"lognormal": {"mean": "1 d", "sd": "1 d", "median": "1 d"}},
        {"lognormal": {"median": "2 d", "mean": "2 d"}},
        {"uniform": {"min": "2 d", "max": "2 d"}},
        {"triangular": {"min": "2 d", "mode": "1 d", "max": "3 d"}},
        {"erlang": {"k": 1.5, "mean": "1 d"}},
        {"mixture": [{"share": 1}]},
        {"mixture": [{"share": 0.5, "fixed": "1 d"}]},
        {"histogram": {"edges": ["0 d", "1 d"], "values": ["1 d"], "weights": [1]}},
        {"histogram": {"edges": ["0 d", "1 d"], "weights": [1, 2]}},
        {"histogram": {"edges": ["0 d", "1 d"], "weights": [0]}},
        {"coxian": {"rate1": "1 per d", "rate2": "1 per d"}},
        {"fixed": "1 d", "truncate": ["2 d", "1 d"]},
        {"fixed": "1 d", "range": ["1 d", "2 d"]},
    ],
)
def test_what_is_no_distribution_is_refused(raw: object) -> None:
    with pytest.raises(Wrong):
        distribution(raw)


def test_cases_are_tried_in_order_and_the_last_always_holds() -> None:
    read = cases(count)
    assert read(3) == (Case(Number(3.0, "3")),)
    found = read([{"when": {"frailty": "severe"}, "value": 2, "source": "s"}, {"value": 1}])
    assert [case.value.value for case in found] == [2, 1]
    assert found[0].when == (Condition("frailty", ("severe",)),)
    assert found[0].value.provenance.source == "s"
    assert read([{"when": {"age": "80+"}, "value": 2}, 1])[1] == Case(Number(1.0, "1"))


@pytest.mark.parametrize(
    "raw",
    [
        *([], [{"when": {"a": "b"}, "value": 1}], [1, 2], {"when": {"a": "b"}, "value": 1}),
        *([{"when": {}, "value": 1}, 2], [{"when": {"a": "b"}}, 1]),
    ],
)
def test_cases_that_never_or_not_always_hold_are_refused(raw: object) -> None:
    with pytest.raises(Wrong):
        cases(count)(raw)


def targets(raw: object) -> list[tuple[float, object]]:
    """Return shares and targets of the first case of a route."""
    return [(branch.share.value, branch.to) for branch in route(raw)[0].value]


def test_routes_are_a_name_shares_or_steps_together() -> None:
    assert targets("home") == targets({"to": "home"}) == [(1.0, "home")]
    assert targets({"to": {"a": 0.25, "b": "rest"}}) == [(0.25, "a"), (0.75, "b")]
    assert targets({"a": 0.25, "b": 0.75}) == [(0.25, "a"), (0.75, "b")]
    together = AllOf(("chc", "council"), "nursing_home")
    assert targets({"to": {"all_of": ["chc", "council"], "then": "nursing_home"}}) == [
        (1, together)
    ]
    assert targets(
        {
            "to": [
                {"share": 0.3, "all_of": ["chc", "council"], "then": "nursing_home"},
                {"share": 0.7, "to": "home"},
            ]
        }
    ) == [(0.3, together), (0.7, "home")]


def test_a_case_of_a_route_says_where_its_shares_come_from() -> None:
    found = route(
        [
            {"when": {"frailty": "severe"}, "to": {"a": 0.5, "b": 0.5}, "source": "audit"},
            {"to": "home"},
        ]
    )
    assert {branch.share.provenance.source for branch in found[0].value} == {"audit"}
    assert [len(case.when) for case in found] == [1, 0]


@pytest.mark.parametrize(
    "raw",
    [
        *(None, 3, True, {}, [], {"to": None}, {"to": {}}, {"to": {"a": 0.5}}, {"too": "a"}),
        *({"to": {"all_of": [], "then": "a"}}, {"to": {"all_of": ["a"]}}, {"to": [{"to": "a"}]}),
        *({"to": [{"share": 0.5, "to": "a"}]}, {"to": "a", "x": 1}),
    ],
)
def test_what_is_no_route_is_refused(raw: object) -> None:
    with pytest.raises(Wrong):
        route(raw)


def steps(raw: object) -> list[tuple[date | None, object]]:
    """Return dates and places (or rosters) of a capacity."""
    return [
        (
            step.start,
            step.places.value
            if step.places is not None
            else [(line.hours.text, line.places.value) for line in step.roster],
        )
        for step in pools.capacity(raw).dated
    ]


def test_capacities_are_numbers_rosters_or_dated_lists() -> None:
    roster = {"daily 07:00-22:00": 3, "daily 22:00-07:00": {"value": 1, "quality": "poor"}}
    lines = [("daily 07:00-22:00", 3), ("daily 22:00-07:00", 1)]
    assert steps(125) == steps({"value": 125, "source": "s"}) == [(None, 125)]
    assert steps("unlimited") == [(None, float("inf"))]
    assert steps(roster) == [(None, lines)]
    assert steps([{"places": 5}, {"from": "2015-10-01", "places": roster}]) == [
        (None, 5),
        (date(2015, 10, 1), lines),
    ]


def test_a_template_has_a_capacity_by_value_or_by_population() -> None:
    found = pools.capacity({"north": 3, "south": {"daily 08:00-20:00": 2}, "source": "plan"})
    assert [name for name, _ in found.by_value] == ["north", "south"]
    [north] = dict(found.by_value)["north"]
    assert north == DatedCapacity(None, north.places)
    assert north.places is not None
    assert north.places.provenance.source == "plan"
    split = pools.capacity({"split": "population", "total": 60}).split_total
    assert split is not None
    assert split.value == 60


@pytest.mark.parametrize(
    "raw",
    [
        *(None, True, -1, 1.5, "many", [], {}, {"daily": -1}, {"split": "people", "total": 3}),
        *({"split": "population"}, {"daily 08:00-10:00": 1, "Mon 09:00-11:00": 2}, [{"from": "x"}]),
        [{"places": 1}, {"places": 2}],
        [{"from": "2015-10-01", "places": 1}, {"from": "2015-10-01", "places": 2}],
        [5, 6],
    ],
)
def test_what_is_no_capacity_is_refused(raw: object) -> None:
    with pytest.raises(Wrong):
        pools.capacity(raw)


def test_policies_give_counts_shares_or_ranks() -> None:
    def parts(raw: object) -> tuple[str, bool, dict[str, float]]:
        found = pools.policy(raw)
        return found.kind, found.is_share, {name: part.value for name, part in found.parts}

    assert parts("shared") == ("shared", False, {})
    assert parts({"ring_fenced": {"a": 20, "b": 105}}) == (
        "ring_fenced",
        False,
        {"a": 20, "b": 105},
    )
    assert parts({"ring_fenced": {"a": "15 %", "b": "85 %"}}) == (
        "ring_fenced",
        True,
        {"a": 0.15, "b": 0.85},
    )
    assert parts({"reserved": {"a": "10 %"}}) == ("reserved", True, {"a": 0.1})
    assert parts({"partial": {"a": 2, "shared": 4}}) == ("partial", False, {"a": 2, "shared": 4})
    assert parts({"priority": ["a", "b"]}) == ("priority", False, {"a": 0, "b": 1})


@pytest.mark.parametrize(
    "raw",
    [
        *(
            None,
            3,
            "fair",
            "reserved",
            {},
            {"ring_fenced": {}},
            {"ring_fenced": {"a": 1, "b": "9 %"}},
        ),
        *({"ring_fenced": {"a": "15 %", "b": "80 %"}}, {"partial": {"a": 3}}, {"priority": "a"}),
        *({"priority": ["a", "a"]}, {"reserved": {"a": 0.15}}, {"reserved": {"a": 1}, "shared": 1}),
    ],
)
def test_what_is_no_policy_is_refused(raw: object) -> None:
    with pytest.raises(Wrong):
        pools.policy(raw)


def test_streams_go_by_where_people_come_from() -> None:
    assert services.name_cases("step_up") == (Case("step_up"),)
    assert services.name_cases({"from acute": "down", "via spr": "up", "else": "up"}) == (
        Case("down", (Condition("from", ("acute",)),)),
        Case("up", (Condition("via", ("spr",)),)),
        Case("up"),
    )
    with pytest.raises(Wrong, match="else"):
        services.name_cases({"from acute": "down"})


def test_priorities_go_by_an_attribute() -> None:
    found = services.priority_cases({"by": "urgency", "rapid": 0, "normal": 2, "else": 3})
    assert [(case.value.value, case.when) for case in found] == [
        (0, (Condition("urgency", ("rapid",)),)),
        (2, (Condition("urgency", ("normal",)),)),
        (3, ()),
    ]


def test_patience_is_one_or_goes_by_stream() -> None:
    [one] = services.patience_cases("24 h")
    assert (dict(one.value.after.parameters), one.value.to) == ({"value": D}, None)
    [full] = services.patience_cases({"after": "24 h", "to": "acute", "cause": "no bed"})
    assert (full.value.to, full.value.cause) == ("acute", "no bed")
    up, rest = services.patience_cases(
        {"step_up": {"after": {"exponential": {"mean": "1 h"}}, "to": "acute"}, "else": "9 d"}
    )
    assert (up.when, rest.when) == ((Condition("stream", ("step_up",)),), ())
    assert up.value.after.family == "exponential"
    [drawn] = services.patience_cases({"exponential": {"mean": "1 h"}})
    assert drawn.value.after.family == "exponential"
    # A case that is not named waits without limit.
    assert len(services.patience_cases([{"when": {"age": "80+"}, "after": "1 h"}])) == 1


def test_visits_are_so_many_a_day_of_so_many_minutes() -> None:
    for raw in (
        "3 per day of 30 min",
        "3 visits a day of 0.5 h",
        {"per_day": 3, "of": "30 min"},
        {"value": "3 per d of 30 min", "quality": "poor"},
    ):
        [case] = visit_cases(raw)
        assert (case.value.per_day.value, case.value.minutes.value) == (3, 30)


def test_costs_by_week_become_costs_by_day() -> None:
    [day, stay] = of_stays(
        [
            {"per_week": "700 GBP", "payer": "council", "source": "s"},
            {"per_stay": "£50", "payer": "nhs"},
        ]
    )
    assert (day.amount.value, day.per, day.payer) == (100, "day", "council")
    assert day.amount.provenance.source == "s"
    assert (stay.amount.value, stay.per, stay.payer) == (50, "stay", "nhs")
    with pytest.raises(Wrong, match="payer"):
        of_stays({"per_day": "1 GBP"})


def test_attributes_are_set_for_good_or_for_a_time() -> None:
    found = services.sets({"assessed": True, "flag": {"value": "up", "for": "28 d"}})
    assert found[0] == ("assessed", "true", None)
    assert found[1][:2] == ("flag", "up")
    assert found[1][2] is not None
    assert found[1][2].value == 28 * D


def test_a_hazard_factor_holds_for_all_causes_or_by_cause() -> None:
    assert services.hazard_factors(0.8) == (("*", Number(0.8, "0.8")),)
    assert dict(services.hazard_factors({"fall": 0.5, "else": 1})).keys() == {"fall", "*"}


def test_shares_of_attributes_may_depend_on_others() -> None:
    found = people.attribute_shares(
        [
            {"when": {"age": "80+"}, "shares": {"yes": 0.5, "no": 0.5}, "source": "census"},
            {"shares": {"yes": 0.3, "no": 0.7}},
        ]
    )
    assert [dict(case.value)["yes"].value for case in found] == [0.5, 0.3]
    assert dict(found[0].value)["yes"].provenance.source == "census"


def test_frailty_is_for_all_or_by_sex() -> None:
    assert [sex for sex, _ in people.frailty_shares({"fit": 1})] == [None]
    both = {"women": {"fit": 0.5, "mild": 0.5}, "men": {"fit": 1}}
    assert [sex for sex, _ in people.frailty_shares(both)] == ["women", "men"]
    with pytest.raises(Wrong, match="`men` is missing"):
        people.frailty_shares({"women": {"fit": 1}})


def test_stories_give_lengths_names_or_lists_of_them() -> None:
    found: dict[str, Any] = dict(
        people.story_draws({"acute.stay": ["6 d", "2 d"], "acute.route": "home"})
    )
    assert [number.value for number in found["acute.stay"]] == [6 * D, 2 * D]
    assert found["acute.route"] == ("home",)
    with pytest.raises(Wrong, match="needs its unit"):
        people.story_draws({"acute.stay": 6})


def test_standards_name_an_instant_of_a_stay() -> None:
    assert people.standard_end(["a.started", "b.started"]) == ("a.started", "b.started")
    refused: list[object] = ["a", "a.stopped", ".started", 3, []]
    for raw in refused:
        with pytest.raises(Wrong):
            people.standard_end(raw)


def test_other_attributes_map_to_one_another() -> None:
    found = people.value_map({"from": "nst", "bexhill": "east", "rye": "east"})
    assert (found.from_, found.pairs) == ("nst", (("bexhill", "east"), ("rye", "east")))
    refused: list[object] = [{"bexhill": "east"}, {"from": "nst"}, None]
    for raw in refused:
        with pytest.raises(Wrong):
            people.value_map(raw)
