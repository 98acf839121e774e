"""Figures of small runs whose every number can be reckoned by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.checks import check
from carepath_sim.measures import View, evaluate
from carepath_sim.measures.delays import OTHER, delayed_stays, pieces
from carepath_sim.measures.places import hospital_stays
from carepath_sim.measures.view import ended
from carepath_sim.plan import compile_plan
from carepath_sim.scenario.loader import build
from carepath_sim.scenario.nodes import Mark, planted

if TYPE_CHECKING:
    from collections.abc import Mapping


class Figures:
    """A run of fixed lengths of time, and its measures."""

    def __init__(self, length: str, **sections: Any) -> None:
        clock = {"start": "2015-04-06", "length": length, "run_out": "91 d"}
        head = {"carepath": 1, "area": "Town", "variant": "as-is", "title": "By hand"}
        scenario = build(planted({**head, "clock": clock, **sections}, Mark("by hand")), "by hand")
        self.plan = compile_plan(scenario)
        self.record = simulate(self.plan, seed=1, replication=0, engine=DEFAULT_ENGINE)
        check(self.plan, self.record)
        self.view = View(self.plan, self.record)
        rows = evaluate(self.plan, self.record)
        self.rows = {(r.measure, r.stratum): r.value for r in rows if r.period == "window"}

    def __getitem__(self, key: tuple[str, str]) -> float:
        return self.rows[key]

    def delays_add_up(self) -> bool:
        """Tell whether the pieces of every delay are left - ready, each with a reason."""
        cut, stays = self.view.once(pieces), self.view.once(delayed_stays)
        spent = np.zeros(len(self.view.spells["ready"]), dtype=np.int64)
        np.add.at(spent, cut.host, cut.end - cut.begin)
        delay = self.view.once(ended)[stays] - self.view.spells["ready"][stays]
        return bool(np.array_equal(spent[stays], delay)) and not np.any(cut.kind == OTHER)


def arrivals(service: str, every: str, count: int, first: str = "1 d") -> Mapping[str, Any]:
    return {"ward": {"every": every, "first": first, "count": count, "at": service}}


def test_visits_that_taper_are_counted_and_paid_step_by_step() -> None:
    """120 min for 7 days, 60 for 14, 30 for 7: 1,890 min or 63 visits each, of 10 people.

    10 staff x 80 % x 0.5 x 450 min are 1,800 min a day, and 7,500 h paid in 100 days.
    """
    staff = {"fte": 10, "absence": "20 %", "contact_share": 0.5, "minutes_per_fte_day": 450}
    run = Figures(
        "100 d",
        arrivals=arrivals("team", "2 d", 10),
        pools={"staff": {"unit": "minutes_per_day", "from_staff": staff}},
        services={
            "team": {
                "setting": "own_home",
                "organisation": "Council",
                "pool": "staff",
                "taper": {"120 min": "7 d", "60 min": "14 d", "30 min": "rest"},
                "stay": "28 d",
                "cost": {"per_visit": "14 GBP", "payer": "council"},
                "next": "home",
            }
        },
    )
    for stratum in ("all", "service:team", "organisation:Council", "pool:staff"):
        assert run["visits", stratum] == 630
        assert run["contact_hours", stratum] == 315
    assert run["costs", "all"] == 630 * 14
    assert run["occupancy_mean", "pool:staff"] == pytest.approx(18_900 / 100)
    assert run["worker_utilisation", "pool:staff"] == pytest.approx(18_900 / 180_000)
    assert run["paid_hours", "pool:staff"] == pytest.approx(7500)
    assert run["contact_of_paid_hours", "pool:staff"] == pytest.approx(315 / 7500)


def test_while_people_wait_the_last_step_of_visits_goes_on_and_is_paid() -> None:
    """14 days of reablement, then 10 of delay: 7 x 4 + 17 x 1 visits, where they go on."""
    for goes_on, visits in ((True, 7 * 4 + 17), (False, 7 * 4 + 7)):
        run = Figures(
            "60 d",
            arrivals=arrivals("team", "1 d", 1),
            services={
                "team": {
                    "setting": "own_home",
                    "visits": {"4 per day of 30 min": "7 d", "1 per day of 30 min": "rest"},
                    "visits_while_waiting": goes_on,
                    "stay": "14 d",
                    "cost": {"per_visit": "10 GBP", "payer": "council"},
                    "next": "brokerage",
                },
                "brokerage": {"in_place": True, "stay": "10 d", "next": "home"},
            },
        )
        assert run["visits", "all"] == visits
        assert run["costs", "all"] == visits * 10
        assert run["delayed_time", "service:team"] == 10
        assert run.delays_add_up()


def test_surge_places_are_counted_and_paid_while_they_are_open() -> None:
    """One bed; three people at hours 24 to 26 for ten days each.

    Two wait from hour 26, so a place opens at 50, and the second has it until 290. The first
    leaves at 264, the third follows. From 290 one of two places is free; at 338 it is closed.
    """
    surge = {
        "when": "2 waiting for 1 d",
        "add": 1,
        "close": "when 1 empty for 2 d",
        "cost": {"per_place_day": "100 GBP", "payer": "nhs"},
    }
    run = Figures(
        "40 d",
        arrivals=arrivals("ward", "1 h", 3),
        pools={"beds": {"unit": "beds", "capacity": 1, "surge": surge}},
        services={"ward": {"setting": "acute_bed", "pool": "beds", "stay": "10 d", "next": "home"}},
    )
    assert run["surge_openings", "pool:beds"] == 1
    assert run["surge_days", "pool:beds"] == 12
    assert run["surge_place_days", "pool:beds"] == 12
    assert run["costs", "all"] == pytest.approx(1200)
    assert run["costs", "payer:nhs"] == pytest.approx(1200)
    assert run["capacity_mean", "pool:beds"] == pytest.approx(1 + 12 / 40)
    assert run["utilisation", "pool:beds"] == pytest.approx(30 / (40 + 12))
    assert run["time_above_capacity", "pool:beds"] == 0


def test_who_finds_the_waiting_room_full_is_counted_once_and_costs_nothing() -> None:
    """One bed, one chair, ten hours: of people at hours 1 to 4 two are treated, two turned away."""
    ward = {
        "setting": "acute_bed",
        "pool": "beds",
        "stay": "10 h",
        "next": "home",
        "waiting_room": {"from_outside": 1},
        "cost": {"per_day": "240 GBP", "payer": "nhs"},
    }
    run = Figures(
        "10 d",
        arrivals=arrivals("ward", "1 h", 4, first="1 h"),
        pools={"beds": {"unit": "beds", "capacity": 1}},
        services={"ward": ward},
    )
    year = 365.25 / 10
    assert run["requests", "service:ward"] == pytest.approx(4 * year)
    assert run["starts", "service:ward"] == pytest.approx(2 * year)
    assert run["turned_away_requests", "service:ward"] == pytest.approx(2 * year)
    assert run["turned_away_requests", "service:ward | cause:ward"] == pytest.approx(2 * year)
    assert run["turned_away", "service:ward"] == 0.5
    # Of four only the first had a bed at once.
    assert run["p_wait", "service:ward"] == 0.75
    assert run["wait_mean", "service:ward"] == pytest.approx(9 / 2)
    assert run["waiting_people", "service:ward"] == pytest.approx(9 / 240)
    assert run["bed_days", "pool:beds"] == pytest.approx(20 / 24)
    assert run["costs", "all"] == pytest.approx(200)
    assert run["emergency_admissions", "all"] == 2
    assert run.delays_add_up()


def test_who_waits_in_a_room_between_two_beds_blocks_neither() -> None:
    """Acute 2 days, community 5, one bed each, one chair between them; people on days 1, 1, 1.

    a: acute 1-3, community 3-8. b: acute 3-5, chair 5-8, community 8-13. c: acute 5-7, kept there
    until the chair is free on day 8, community 13-18.
    """
    beds = {"unit": "beds", "capacity": 1}
    run = Figures(
        "40 d",
        arrivals=arrivals("acute", "1 min", 3),
        pools={"acute_beds": beds, "community_beds": beds},
        services={
            "acute": {
                "setting": "acute_bed",
                "pool": "acute_beds",
                "stay": "2 d",
                "next": "community",
            },
            "community": {
                "setting": "community_bed",
                "pool": "community_beds",
                "stay": "5 d",
                "waiting_room": {"from_inside": 1},
                "next": "home",
            },
        },
    )
    assert run["bed_days", "pool:acute_beds"] == pytest.approx(2 + 2 + 3)
    assert run["bed_days", "pool:community_beds"] == pytest.approx(15)
    assert run["delayed_transfer_time", "all"] == pytest.approx(1)
    assert run["delayed_transfer_time", "reason:awaiting community"] == pytest.approx(1)
    assert run["wait_mean", "service:community"] == pytest.approx((0 + 3 + 6) / 3 * 24)
    assert run["emergency_admissions", "all"] == 3
    # From an acute bed by way of a chair is no step up, and no discharge.
    assert run["step_up_admissions", "all"] == 0
    stays = run.view.once(hospital_stays)
    assert [(e - b) / 86_400_000 for b, e in zip(stays.began, stays.ended, strict=True)] == (
        pytest.approx([2 + 5, 2 + 3 + 5, 2 + 1 + 5 + 5], abs=0.01)
    )
    assert run.delays_add_up()


@pytest.mark.parametrize(("lasts", "days"), [("6 d", 6), ("30 d", 14)])
def test_services_alongside_are_counted_as_long_as_they_last(lasts: str, days: int) -> None:
    """A stay of 10 days, 4 more for a package; nursing beside it, of its own length at the most."""
    run = Figures(
        "60 d",
        arrivals=arrivals("team", "1 d", 1),
        services={
            "team": {
                "setting": "own_home",
                "stay": "10 d",
                "alongside": "nursing",
                "cost": {"per_day": "50 GBP", "payer": "council"},
                "next": "brokerage",
            },
            "nursing": {
                "in_place": True,
                "organisation": "Trust",
                "visits": "2 per day of 20 min",
                "stay": lasts,
                "cost": {"per_visit": "5 GBP", "payer": "nhs"},
            },
            "brokerage": {"in_place": True, "stay": "4 d", "next": "home"},
        },
    )
    assert run["costs", "payer:council"] == pytest.approx(14 * 50)
    assert run["costs", "payer:nhs"] == pytest.approx(days * 2 * 5)
    assert run["visits", "service:nursing"] == pytest.approx(days * 2)
    assert run["contact_hours", "organisation:Trust"] == pytest.approx(days * 2 / 3)
    assert run["delayed_time", "service:team"] == pytest.approx(4)
    assert run["delayed_time", "service:team | reason:awaiting brokerage"] == pytest.approx(4)
    assert run["hand_offs", "all"] == 0
    assert run.delays_add_up()


def test_who_is_turned_away_to_a_ward_is_an_admission_after_that() -> None:
    """One rapid response at a time, nobody waits: the second of two goes to the ward instead."""
    run = Figures(
        "10 d",
        arrivals=arrivals("response", "1 h", 2),
        pools={"team": {"unit": "staff", "capacity": 1}},
        services={
            "response": {
                "setting": "own_home",
                "pool": "team",
                "stay": "1 d",
                "waiting_room": {
                    "from_outside": 0,
                    "when_full": {"to": "ward", "cause": "no response"},
                },
                "next": "home",
            },
            "ward": {"setting": "acute_bed", "stay": "2 d", "next": "home"},
        },
    )
    assert run["admissions_after_diversion", "all"] == 1
    assert run["admissions_after_diversion", "cause:no response"] == 1
    assert run["turned_away", "service:response"] == 0.5
    assert run["emergency_admissions", "all"] == 1


def test_visits_and_places_that_change_by_date_are_counted_as_they_were() -> None:
    """People on days 1 and 11 for 10 days each; from day 6 two visits instead of one, 3 places.

    The first keeps one visit a day, the second has two. Capacity is 5 for 6 days, then 3 for 34.
    """
    team = {
        "setting": "own_home",
        "pool": "places",
        "stay": "10 d",
        "visits": "1 per day of 30 min",
        "cost": {"per_visit": "10 GBP", "payer": "council"},
        "next": "home",
    }
    change = {"services.team.visits": "2 per day of 30 min", "pools.places.capacity": 3}
    run = Figures(
        "40 d",
        arrivals=arrivals("team", "10 d", 2),
        pools={"places": {"capacity": 5}},
        services={"team": team},
        changes=[{"from": "2015-04-12", "set": change}],
    )
    assert run["visits", "service:team"] == pytest.approx(10 + 20)
    assert run["costs", "all"] == pytest.approx(300)
    assert run["capacity_mean", "pool:places"] == pytest.approx((5 * 6 + 3 * 34) / 40)
    assert run["occupancy_mean", "pool:places"] == pytest.approx(20 / 40)


def test_time_on_the_way_holds_both_places_and_is_told_as_such() -> None:
    """2 days on a ward, a day on the way to a care bed that is free: booked, and a delay."""
    run = Figures(
        "20 d",
        arrivals=arrivals("ward", "1 d", 1),
        pools={"beds": {"unit": "beds", "capacity": 1}, "places": {"capacity": 1}},
        services={
            "ward": {"setting": "acute_bed", "pool": "beds", "stay": "2 d", "next": "rehab"},
            "rehab": {
                "setting": "own_home",
                "pool": "places",
                "transfer": "1 d",
                "stay": "5 d",
                "next": "home",
            },
        },
    )
    assert run["bed_days", "pool:beds"] == pytest.approx(3)
    assert run["booked_days", "pool:places"] == pytest.approx(1)
    assert run["utilisation", "pool:places"] == pytest.approx(6 / 20)
    assert run["delayed_transfer_time", "reason:transfer"] == pytest.approx(1)
    assert run["delayed_transfer_time", "all"] == pytest.approx(1)
    assert run.delays_add_up()


def test_programmes_cost_the_days_that_people_are_on_them() -> None:
    """A find a day, room for three: people join on days 1, 2, 3; finds of days 4 to 9 are lost."""
    run = Figures(
        "10 d",
        population={
            "size": 50,
            "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
            "hazards": {"death": {"rate": "0 per y", "to": "died"}},
        },
        programmes={
            "agents": {
                "finds": {"rate": "1 per d"},
                "caseload": 3,
                "lasts": "1 y",
                "cost": {"per_day": "2 GBP", "payer": "council"},
            }
        },
        services={"gp": {"in_place": True, "stay": "1 h", "next": "home"}},
        arrivals={"gp": {"rate": "1 per y", "at": "gp"}},
    )
    assert run["costs", "payer:council"] == pytest.approx(2 * (9 + 8 + 7))
    assert run["caseload_mean", "programme:agents"] == pytest.approx(24 / 10)
    assert run["programme_joins", "programme:agents"] == pytest.approx(3 * 365.25 / 10)
    assert run["programme_lost_finds", "programme:agents"] == pytest.approx(6 * 365.25 / 10)


def test_ways_out_are_counted_for_those_who_come_and_those_who_live_here() -> None:
    """Five calls from outside end by advice; of 50 people nobody has a crisis, then each has.

    Whoever lives here goes home by way of an exit, and is counted too.
    """
    call = {"in_place": True, "stay": "1 h", "next": "advice"}
    away = Figures(
        "10 d", services={"call": call}, exits=["advice"], arrivals=arrivals("call", "1 d", 5)
    )
    assert away["exits", "exit:advice"] == pytest.approx(5 * 365.25 / 10)
    living = Figures(
        "10 d",
        population={
            "size": 50,
            "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
            "hazards": {"fall": {"rate": "30 per y", "to": "call"}},
        },
        services={"call": call},
        exits=["advice"],
    )
    s, e = living.record.spells, living.record.episodes
    answered = (s["service"] == living.plan.service_index["call"]) & (s["ready"] >= 0)
    inside = int((answered & (s["ready"] < living.plan.window)).sum())
    assert inside > 20
    assert living["exits", "exit:advice"] == pytest.approx(inside * 365.25 / 10)
    assert set(e["exit"][e["ended"] >= 0].tolist()) <= {-1, living.plan.service_index["advice"]}
