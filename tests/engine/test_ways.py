"""Ways through the services: steps together, routes drawn early, attributes, templates, exits."""

from __future__ import annotations

from typing import Any

import pytest
from small import comes, run, scenario

from carepath_sim.engine import Outcome, simulate
from carepath_sim.engine.errors import EndlessInstantError
from carepath_sim.plan import compile_plan

BED = {"setting": "acute_bed", "stay": "1 d"}
CHECKS = {
    "acute": {**BED, "next": {"to": {"all_of": ["health", "council"], "then": "ward"}}},
    "health": {"in_place": True, "stay": "3 h"},
    "council": {"in_place": True, "pool": "council", "stay": "10 h"},
    "ward": {"setting": "community_bed", "stay": "2 d", "next": "home"},
}


def test_steps_asked_for_together_refer_on_when_the_last_is_done() -> None:
    """Asked at 24; the council's worker is busy till 30, her ten hours end at 40."""
    seen = run(
        pools={"council": {"unit": "staff", "capacity": 1}},
        arrivals={"ann": comes("council", 20), "bob": comes("acute", 0)},
        services={**CHECKS, "council": {**CHECKS["council"], "next": "home"}},
    )
    health, council, ward = (seen.one("bob", name) for name in ("health", "council", "ward"))
    assert (health.requested, health.started, health.left) == (24, 24, 27)
    assert (council.requested, council.started, council.left) == (24, 30, 40)
    assert (ward.requested, ward.started) == (40, 40)
    assert health.host == council.host == seen.one("bob", "acute").visit


def test_steps_together_may_be_planned_ahead() -> None:
    """Six hours before she is ready: the last is done at 28, four hours after the stay."""
    seen = run(
        pools={"council": {"unit": "staff", "capacity": 1}},
        arrivals={"bob": comes("acute", 0)},
        services={**CHECKS, "acute": {**CHECKS["acute"], "plan_ahead": "6 h"}},
    )
    ward = seen.one("bob", "ward")
    assert (ward.requested, ward.needed, ward.started) == (28, 28, 28)


def test_a_route_drawn_at_the_start_decides_the_length_of_stay() -> None:
    """`route_at: start`: who will go to the ward stays two days, who goes home one."""
    seen = run(
        arrivals={"people": {"every": "1 h", "count": 100, "at": "acute"}},
        services={
            "acute": {
                "setting": "acute_bed",
                "route_at": "start",
                "stay": [{"when": {"to": "ward"}, "fixed": "2 d"}, {"fixed": "1 d"}],
                "next": {"to": {"ward": 0.4, "home": 0.6}},
            },
            "ward": {"setting": "community_bed", "stay": "1 h", "next": "home"},
        },
    )
    found = {(row.left_to, row.left - row.started) for row in seen.rows(service="acute")}
    assert found == {("ward", 48), ("home", 24)}


def test_drawing_the_route_early_changes_when_it_is_known_and_nothing_else() -> None:
    """The same decision meets the same uniform: the same people go to the ward."""

    def to_ward(route_at: str) -> list[str]:
        seen = run(
            arrivals={"people": {"every": "1 h", "count": 50, "at": "acute"}},
            services={
                "acute": {**BED, "route_at": route_at, "next": {"to": {"ward": 0.4, "home": 0.6}}},
                "ward": {"setting": "community_bed", "stay": "1 h", "next": "home"},
            },
        )
        return [row.person for row in seen.rows(service="ward")]

    assert to_ward("start") == to_ward("end")
    assert 10 < len(to_ward("end")) < 30


def test_a_service_sets_an_attribute_when_people_are_ready() -> None:
    """What is set holds from then on, and routes may test it."""
    seen = run(
        attributes={"assessed": {"shares": {"no": 1, "yes": 0}}},
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {**BED, "set": {"assessed": "yes"}, "next": "ward"},
            "ward": {
                **BED,
                "next": [{"when": {"assessed": "yes"}, "to": "home"}, {"to": "acute"}],
            },
        },
    )
    assert seen.stays("ann") == [("acute", 0, 24), ("ward", 24, 48)]
    changes = seen.record.changes
    assert changes["t"].tolist() == [24 * 3_600_000]


@pytest.mark.parametrize(("lasts", "goes"), [("20 h", "late"), ("30 h", "early"), (None, "early")])
def test_an_attribute_may_be_set_for_a_time(lasts: str | None, goes: str) -> None:
    """Set at 24 for so long; the ward's route asks at 48."""
    flag: object = "yes" if lasts is None else {"value": "yes", "for": lasts}
    seen = run(
        attributes={"flag": {"shares": {"no": 1, "yes": 0}}},
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {**BED, "set": {"flag": flag}, "next": "ward"},
            "ward": {**BED, "next": [{"when": {"flag": "yes"}, "to": "early"}, {"to": "late"}]},
            "early": {"stay": "1 h", "next": "home"},
            "late": {"stay": "1 h", "next": "home"},
        },
    )
    assert seen.stays("ann")[-1] == (goes, 48, 49)


def test_planned_ahead_attributes_are_set_when_the_stay_ends_not_before() -> None:
    seen = run(
        attributes={"flag": {"shares": {"no": 1, "yes": 0}}},
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {**BED, "plan_ahead": "6 h", "set": {"flag": "yes"}, "next": "ward"},
            "ward": {**BED, "next": "home"},
        },
    )
    assert seen.record.changes["t"].tolist() == [24 * 3_600_000]


def test_a_template_sends_everybody_to_their_own() -> None:
    """One team and one caseload for each locality; Ann of the north does not meet Bob."""
    seen = run(
        attributes={"locality": {"shares": {"north": 0.5, "south": 0.5}}},
        pools={"team": {"per": "locality", "capacity": {"north": 1, "south": 2}}},
        arrivals={
            name: comes("visit", hour, **{"is": {"locality": place}})
            for name, hour, place in (
                ("ann", 0, "north"),
                ("bob", 0, "south"),
                ("cat", 0, "north"),
                ("dan", 0, "south"),
            )
        },
        services={"visit": {"per": "locality", "pool": "team", "stay": "1 d", "next": "home"}},
    )
    got = {row.person: (row.service, row.pool, row.started) for row in seen.rows()}
    assert got == {
        "ann": ("visit[north]", "team[north]", 0),
        "bob": ("visit[south]", "team[south]", 0),
        "cat": ("visit[north]", "team[north]", 24),
        "dan": ("visit[south]", "team[south]", 0),
    }


def test_a_total_is_shared_out_by_population() -> None:
    plan = compile_plan(
        scenario(
            attributes={"locality": {"shares": {"north": 0.75, "south": 0.25}}},
            pools={"team": {"per": "locality", "capacity": {"split": "population", "total": 10}}},
            arrivals={"ann": comes("visit", 0)},
            services={"visit": {"per": "locality", "pool": "team", "stay": "1 d", "next": "home"}},
        )
    )
    got = {pool.name: plan.capacity_steps(k)[1].tolist() for k, pool in enumerate(plan.pools)}
    # 7.5 and 2.5: the remainders are equal, the first written has the tenth place.
    assert got == {"team[north]": [8], "team[south]": [2]}


def test_an_exit_ends_the_episode_and_sends_residents_back() -> None:
    """A resident goes home; somebody from outside leaves the model."""
    seen = run(
        exits=["advice"],
        arrivals={"ann": comes("desk", 0, returns=True), "bob": comes("desk", 1)},
        services={"desk": {"in_place": True, "stay": "1 h", "next": "advice"}},
    )
    assert seen.end("ann") == (0, None)
    assert seen.stays("ann") == [("home", 1, None)]
    assert seen.episodes("ann") == [("ann", 0, 1)]
    assert seen.end("bob") == (2, 2)


def test_a_stay_at_home_runs_beside_a_wait_without_being_cut() -> None:
    """Somebody who lives here waits at home: the row of home goes on till they move."""
    seen = run(
        exits=["advice"],
        pools={"ward": {"capacity": 1}},
        arrivals={"ann": comes("ward", 0), "bob": comes("home_visit", 1, returns=True)},
        services={
            "home_visit": {"setting": "own_home", "stay": "1 h", "next": "home"},
            "ward": {"pool": "ward", "stay": "1 d", "next": "home"},
        },
    )
    assert seen.stays("bob") == [("home_visit", 1, 2), ("home", 2, None)]


def test_conditions_see_where_people_came_from_and_by_which_step() -> None:
    """`from` is where they were when they asked, `via` the last step in place."""
    seen = run(
        arrivals={"ann": comes("desk", 0), "bob": comes("acute", 0), "cat": comes("ward", 0)},
        services={
            "desk": {"in_place": True, "stay": "1 h", "next": "ward"},
            "acute": {**BED, "next": "ward"},
            "ward": {
                "stay": [
                    {"when": {"via": "desk"}, "fixed": "3 h"},
                    {"when": {"from": "acute"}, "fixed": "5 h"},
                    {"fixed": "7 h"},
                ],
                "next": "home",
            },
        },
    )
    rows = {row.person: (row.via, row.left - row.started) for row in seen.rows(service="ward")}
    assert rows == {"ann": ("desk", 3), "bob": (None, 5), "cat": (None, 7)}


@pytest.mark.parametrize(
    ("test", "goes"),
    [
        ({"hour": "10:00-12:00"}, "day"),
        ({"hour": "11:00-12:00"}, "night"),
        ({"weekday": "Mon-Tue"}, "day"),
        ({"weekday": "Wed"}, "night"),
        ({"month": "Jun"}, "day"),
        ({"month": ["May", "Jul"]}, "night"),
        ({"date": "from 2015-06-02"}, "day"),
        ({"date": "before 2015-06-02"}, "night"),
        ({"date": "2015-06-01 to 2015-06-02"}, "night"),
        ({"cause": "ann"}, "day"),
        ({"age": "75+"}, "day"),
        ({"age": "<80"}, "night"),
        ({"age": "65-80"}, "day"),
        ({"open": "clinic"}, "day"),
        ({"open": "lunch"}, "night"),
    ],
)
def test_routes_may_test_the_clock_the_cause_the_age_and_what_is_open(
    test: dict[str, Any], goes: str
) -> None:
    """Ann, aged 80, is ready on Tuesday 2 June at 10:00."""
    seen = run(
        arrivals={"ann": comes("acute", 10, **{"is": {"age": "80"}})},
        services={
            "acute": {**BED, "next": [{"when": test, "to": "day"}, {"to": "night"}]},
            "day": {"stay": "1 h", "next": {"to": {"clinic": 0.5, "lunch": 0.5}}},
            "night": {"stay": "1 h", "next": "day"},
            "clinic": {"stay": "1 h", "next": "home", "admits": "Tue 09:00-11:00"},
            "lunch": {"stay": "1 h", "next": "home", "admits": "daily 11:00-13:00"},
        },
    )
    assert seen.one("ann", "acute").left_to == goes


def test_an_instant_that_never_ends_is_refused_with_its_services() -> None:
    """A ring of stays without length stops with the names, instead of hanging."""
    plan = compile_plan(
        scenario(
            checked=False,
            arrivals={"ann": comes("here", 1)},
            services={
                "here": {"stay": "0 d", "next": "there"},
                "there": {"stay": "0 d", "next": "here"},
            },
        )
    )
    with pytest.raises(EndlessInstantError, match=r"'(here|there)'.*'(here|there)'"):
        simulate(plan, seed=1, replication=0)


def test_stays_without_length_fall_back_to_the_earlier_phases_of_their_instant() -> None:
    """The bed that Ann passes through at hour 5 admits Bob at hour 5, and he passes too."""
    seen = run(
        pools={"beds": {"capacity": 1}},
        arrivals={"ann": comes("ward", 5), "bob": comes("ward", 5), "cat": comes("ward", 5)},
        services={"ward": {"pool": "beds", "stay": "0 d", "next": "home"}},
    )
    assert [(row.started, row.left) for row in seen.rows()] == [(5, 5)] * 3


def test_people_are_followed_to_the_end_and_stay_in_the_table() -> None:
    """Whoever is in a bed or in a queue at the end has an open row."""
    seen = run(
        pools={"beds": {"capacity": 1}},
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 1)},
        services={"ward": {"pool": "beds", "stay": "2 y", "next": "home"}},
    )
    ann, bob = seen.rows()
    assert (ann.started, ann.left, ann.outcome) == (0, None, Outcome.STILL_THERE)
    assert ann.ready == 2 * 365.25 * 24, "known, although it lies beyond the end"
    assert (bob.requested, bob.started, bob.left, bob.outcome) == (1, None, None, 0)


def test_an_attribute_set_anew_lasts_from_the_second_time() -> None:
    """Set at 24 and at 34, for 20 hours each: it holds till 54, then it is as it was at first."""
    seen = run(
        attributes={"flag": {"shares": {"no": 1, "yes": 0}}},
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {**BED, "set": {"flag": {"value": "yes", "for": "20 h"}}, "next": "ward"},
            "ward": {
                **BED,
                "stay": "10 h",
                "set": {"flag": {"value": "yes", "for": "20 h"}},
                "next": "hotel",
            },
            "hotel": {"stay": "5 d", "next": "home"},
        },
    )
    changes = seen.record.changes
    found = zip((changes["t"] // 3_600_000).tolist(), changes["value"].tolist(), strict=True)
    assert list(found) == [(24, 1), (54, 0)]


def test_what_is_set_for_good_ends_what_was_set_for_a_time() -> None:
    seen = run(
        attributes={"flag": {"shares": {"no": 1, "yes": 0}}},
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {**BED, "set": {"flag": {"value": "yes", "for": "20 h"}}, "next": "ward"},
            "ward": {**BED, "stay": "10 h", "set": {"flag": "yes"}, "next": "hotel"},
            "hotel": {"stay": "5 d", "next": "home"},
        },
    )
    assert seen.record.changes["t"].tolist() == [24 * 3_600_000]
