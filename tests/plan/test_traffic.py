"""Offered load against answers worked out by hand, against theory, and against a simulation."""

from __future__ import annotations

import copy
import math
import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from carepath_sim.plan import traffic
from carepath_sim.plan.traffic_flow import Network, _sources, _templates, _tests
from carepath_sim.plan.traffic_people import Crowd
from carepath_sim.plan.traffic_solve import groups
from carepath_sim.plan.traffic_stays import cut_short, lengths, mean_wait, until_moved
from carepath_sim.scenario.grammar_hours import hours
from carepath_sim.scenario.model import Scenario
from carepath_sim.scenario.values import Distribution

DAY = 86_400_000
BED = {"setting": "acute_bed", "stay": "5 d", "next": "home"}
TWO_A_DAY = {"people": {"rate": "2 per d", "at": "acute"}}


def scenario(services: dict[str, Any], **more: Any) -> Scenario:
    """Return a scenario with two arrivals a day at `acute`, and one pool for it."""
    raw = {
        "carepath": 1,
        "area": "Testshire",
        "variant": "as-is",
        "title": "A few services",
        "clock": {"start": "2015-04-01", "length": "1 y", "warm_up": "1 y"},
        "arrivals": TWO_A_DAY,
        "pools": {"beds": {"unit": "beds", "capacity": 20}},
        "services": services,
    }
    return Scenario.model_validate({**copy.deepcopy(raw), **more})


def flows(services: dict[str, Any], **more: Any) -> dict[str, float]:
    """Return people a day by service."""
    return traffic.flows(scenario(services, **more))


def stays(services: dict[str, Any], **more: Any) -> dict[str, float]:
    """Return mean stays by service [d]."""
    loads = traffic.service_loads(scenario(services, **more))
    return {load.service: load.mean_stay / DAY for load in loads}


def load(services: dict[str, Any], pool: str = "beds", **more: Any) -> traffic.PoolLoad:
    """Return the load of one pool."""
    found = traffic.offered_load(scenario(services, **more))
    return next(one for one in found if one.pool == pool)


def people(**hazards: Any) -> dict[str, Any]:
    """Return 36,525 people, three in ten of them severely frail."""
    band = {"share": 1, "frailty": {"fit": 0.7, "severe": 0.3}}
    return {"size": 36_525, "bands": {"65+": band}, "hazards": hazards}


# --- flows --------------------------------------------------------------------------------------


def test_half_of_those_who_leave_the_first_service_reach_the_second() -> None:
    services = {
        "acute": {**BED, "pool": "beds", "next": {"to": {"ward": 0.5, "home": 0.5}}},
        "ward": {**BED, "pool": "beds", "stay": {"lognormal": {"mean": "10 d", "sd": "8 d"}}},
    }
    assert flows(services) == pytest.approx({"acute": 2, "ward": 1})
    both = load(services)
    # 2 x 5 d + 1 x 10 d
    assert both.load == pytest.approx(20)
    assert (both.entries_per_day, both.mean_stay / DAY) == pytest.approx((3, 20 / 3))


def test_a_loop_is_gone_round_as_often_as_its_share_says() -> None:
    services = {"acute": {**BED, "next": {"to": {"acute": 0.25, "home": 0.75}}}}
    assert flows(services) == pytest.approx({"acute": 2 / 0.75})


def test_an_open_jackson_network_has_its_published_throughput() -> None:
    """Case jn_test of the validation suite (T. Monks, Jackson network, its three data files)."""
    rows = {"a": (0, 0.1, 0.4), "b": (0.6, 0, 0.4), "c": (0.3, 0.3, 0)}
    services = {
        name: {
            **BED,
            "next": {"to": {**dict(zip(rows, row, strict=True)), "home": 1 - sum(row)}},
        }
        for name, row in rows.items()
    }
    arrivals = {n: {"rate": f"{k} per d", "at": n} for n, k in (("a", 1), ("b", 4), ("c", 3))}
    expected = {"a": 8.4415584, "b": 7.6785714, "c": 9.4480519}
    assert flows(services, arrivals=arrivals) == pytest.approx(expected, rel=1e-7)


def test_the_stroke_units_of_a_published_model_have_their_exact_occupancy() -> None:
    """Monks et al. (2016), BMC Health Services Research 16:530: stays by class and destination."""
    los = {"rehab": (7.4, 8.61), "esd": (4.6, 4.8), "other": (7.0, 8.7)}
    stay = [
        {"when": {"class": "stroke", "to": to}, "lognormal": {"mean": f"{m} d", "sd": f"{s} d"}}
        for to, (m, s) in los.items()
    ]
    stay += [
        {"when": {"class": "tia"}, "lognormal": {"mean": "1.8 d", "sd": "2.3 d"}},
        {"when": {"class": "neuro"}, "lognormal": {"mean": "4 d", "sd": "5 d"}},
        {"lognormal": {"mean": "3.8 d", "sd": "5.2 d"}},
    ]
    shares = {
        "stroke": (0.24, 0.13, 0.63),
        "tia": (0.01, 0.01, 0.98),
        "neuro": (0.11, 0.05, 0.84),
        "other": (0.05, 0.10, 0.85),
    }
    route = [
        {"when": {"class": name}, "to": dict(zip(los, row, strict=True))}
        for name, row in shares.items()
    ]
    route[-1].pop("when")
    rehab_stay = [
        {"when": {"class": "stroke", "to": "esd"}, "lognormal": {"mean": "30.3 d", "sd": "23.1 d"}},
        {"when": {"class": "stroke"}, "lognormal": {"mean": "28.4 d", "sd": "27.2 d"}},
        {"when": {"class": "tia"}, "lognormal": {"mean": "18.7 d", "sd": "23.5 d"}},
        {"when": {"class": "neuro"}, "lognormal": {"mean": "27.6 d", "sd": "28.4 d"}},
        {"lognormal": {"mean": "16.1 d", "sd": "14.1 d"}},
    ]
    rehab_route = [
        {"when": {"class": "stroke"}, "to": {"esd": 0.4, "other": 0.6}},
        {"to": "other"},
    ]
    to_asu = {"stroke": 1.2, "tia": 9.3, "neuro": 3.6, "other": 3.2}
    to_rehab = {"stroke": 21.8, "neuro": 31.7, "other": 28.6}
    arrivals = {
        f"{unit}_{name}": {"rate": f"{1 / gap} per d", "at": unit, "is": {"class": name}}
        for unit, gaps in (("asu", to_asu), ("rehab", to_rehab))
        for name, gap in gaps.items()
    }
    loads = traffic.service_loads(
        scenario(
            {
                "asu": {"setting": "acute_bed", "route_at": "start", "stay": stay, "next": route},
                "rehab": {
                    "setting": "community_bed",
                    "route_at": "start",
                    "stay": rehab_stay,
                    "next": rehab_route,
                },
            },
            arrivals=arrivals,
            attributes={"class": {"of": "episode", "shares": dict.fromkeys(to_asu, 0.25)}},
            exits=["esd", "other"],
        )
    )
    assert loads[0].people == pytest.approx(8.145492831541219, rel=1e-9)
    assert loads[1].people == pytest.approx(9.718217562619024, rel=1e-9)
    assert loads[1].entries_per_day == pytest.approx(0.35963816029574347, rel=1e-9)


def test_who_takes_a_way_is_remembered_at_the_next_service() -> None:
    """A quarter is rapid. Half of these reach the ward, nobody else: there everybody is rapid."""
    services = {
        "acute": {
            **BED,
            "next": [
                {"when": {"class": "rapid"}, "to": {"ward": 0.5, "home": 0.5}},
                {"to": "home"},
            ],
        },
        "ward": {**BED, "next": [{"when": {"class": "rapid"}, "to": "annex"}, {"to": "home"}]},
        "annex": BED,
    }
    attributes = {"class": {"of": "episode", "shares": {"rapid": 0.25, "normal": 0.75}}}
    assert flows(services, attributes=attributes) == pytest.approx(
        {"acute": 2, "ward": 0.25, "annex": 0.25}
    )


def test_shares_that_depend_on_another_attribute_are_followed() -> None:
    services = {
        "acute": {
            **BED,
            "next": [{"when": {"alone": "yes", "class": "rapid"}, "to": "ward"}, {"to": "home"}],
        },
        "ward": BED,
    }
    attributes = {
        "class": {"of": "episode", "shares": {"rapid": 0.25, "normal": 0.75}},
        "alone": {
            "of": "episode",
            "shares": [
                {"when": {"class": "rapid"}, "yes": 0.8, "no": 0.2},
                {"yes": 0.1, "no": 0.9},
            ],
        },
        "town": {"map": {"from": "area", "a": "east", "b": "east", "c": "west"}},
        "area": {"shares": {"a": 0.1, "b": 0.2, "c": 0.7}},
    }
    assert flows(services, attributes=attributes)["ward"] == pytest.approx(2 * 0.25 * 0.8)
    services["acute"]["next"][0]["when"] = {"town": "east"}
    assert flows(services, attributes=attributes)["ward"] == pytest.approx(2 * 0.3)


def test_what_arrivals_are_is_not_drawn() -> None:
    services = {
        "acute": {**BED, "next": [{"when": {"age": "80+"}, "to": "ward"}, {"to": "home"}]},
        "ward": BED,
    }
    young_and_old = {
        "young": {"rate": "3 per d", "at": "acute", "is": {"age": 70}},
        "old": {"rate": "1 per d", "at": "acute", "is": {"age": 80}},
    }
    assert flows(services, arrivals=young_and_old)["ward"] == pytest.approx(1)


def test_ages_of_a_band_are_equally_common() -> None:
    services = {
        "acute": {**BED, "next": [{"when": {"age": "72+"}, "to": "ward"}, {"to": "home"}]},
        "ward": BED,
    }
    bands = {
        "65-74": {"share": 0.5, "frailty": {"fit": 1}},
        "75+": {"share": 0.5, "frailty": {"fit": 1}},
    }
    population = {"size": 100, "bands": bands}
    # 72, 73 and 74 are three of the ten years from 65 to 74.
    assert flows(services, population=population)["ward"] == pytest.approx(2 * (0.5 + 0.5 * 0.3))


def test_a_desk_sends_people_on_by_where_they_are() -> None:
    services = {
        "acute": {**BED, "next": "desk"},
        "desk": {
            "in_place": True,
            "stay": "1 h",
            "next": [
                {"when": {"from": "acute"}, "to": "home"},
                {"to": {"acute": 0.5, "home": 0.5}},
            ],
        },
    }
    calls = {"calls": {"rate": "2 per d", "at": "desk"}}
    assert flows(services, arrivals=calls) == pytest.approx({"desk": 3, "acute": 1})


def test_a_stream_is_known_by_the_step_that_referred() -> None:
    services = {
        "acute": {**BED, "next": {"to": {"ward": 0.5, "desk": 0.5}}},
        "desk": {"in_place": True, "stay": "1 h", "next": "ward"},
        "ward": {**BED, "pool": "beds", "stream": {"via desk": "step_up", "else": "step_down"}},
    }
    arrivals = {**TWO_A_DAY, "calls": {"rate": "3 per d", "at": "desk"}}
    streams = dict(load(services, arrivals=arrivals).by_stream)
    assert streams == pytest.approx({"step_down": 5 * 1, "step_up": 5 * 4})


def test_steps_asked_for_together_are_each_asked_for_once() -> None:
    services = {
        "acute": {**BED, "next": {"to": {"all_of": ["x", "y"], "then": "ward"}}},
        "x": {"in_place": True, "stay": "2 d"},
        "y": {"in_place": True, "stay": "3 d", "next": "acute"},
        "ward": BED,
    }
    assert flows(services) == pytest.approx({"acute": 2, "x": 2, "y": 2, "ward": 2})


def test_an_attribute_that_is_set_changes_what_follows() -> None:
    services = {
        "acute": {
            **BED,
            "set": {"seen": "yes"},
            "next": [{"when": {"seen": "no"}, "to": "ward"}, {"to": {"desk": 0.5, "home": 0.5}}],
        },
        "desk": {
            "in_place": True,
            "stay": "1 h",
            "next": [{"when": {"seen": "yes"}, "to": "acute"}, {"to": "ward"}],
        },
        "ward": BED,
    }
    attributes = {"seen": {"shares": {"yes": 0, "no": 1}}}
    calls = {"calls": {"rate": "1 per d", "at": "desk"}, **TWO_A_DAY}
    # Calls are not seen yet and go to the ward; from acute half come back by the desk.
    found = flows(services, attributes=attributes, arrivals=calls)
    assert found == pytest.approx({"acute": 4, "desk": 1 + 2, "ward": 1})


def test_conditions_of_the_clock_share_out_the_time() -> None:
    night, weekend = {"hour": "22:00-06:00"}, {"weekday": ["Sat", "Sun"]}
    services = {
        "acute": {
            **BED,
            "next": [
                {"when": night, "to": "a"},
                {"when": {"hour": "06:00-22:00", **weekend}, "to": "b"},
                {"when": {"date": "from 2015-10-01"}, "to": "c"},
                {"when": {"month": ["Apr", "May", "Jun", "Jul", "Aug", "Sep"]}, "to": "d"},
                {"to": "home"},
            ],
        },
        **dict.fromkeys("abcd", BED),
    }
    found = flows(services)
    # 183 of the 366 days from 2015-04-01 lie before October.
    rest = 2 / 3 * 5 / 7
    assert found["a"] == pytest.approx(2 / 3)
    assert found["b"] == pytest.approx(2 * 2 / 3 * 2 / 7)
    assert found["c"] == pytest.approx(2 * rest / 2)
    assert found["d"] == pytest.approx(2 * rest / 2 * 183 / 365.25)


def test_an_open_service_is_open_for_its_share_of_the_week() -> None:
    services = {
        "acute": {**BED, "next": [{"when": {"open": "ward"}, "to": "ward"}, {"to": "home"}]},
        "ward": {**BED, "admits": "Mon-Fri 09:00-17:00"},
    }
    assert flows(services)["ward"] == pytest.approx(2 * 40 / 168)


def test_arrivals_at_fixed_intervals_come_as_often_as_their_interval_says() -> None:
    people = {"at": "acute", "every": "6 h"}
    assert flows({"acute": BED}, arrivals={"p": people})["acute"] == pytest.approx(4)
    # 731 days of warm-up (365.25) and window (366) for 1,000 people.
    found = flows({"acute": BED}, arrivals={"p": {**people, "count": 1000}})["acute"]
    assert found == pytest.approx(1000 / 731.25)


# --- hazards ------------------------------------------------------------------------------------


def test_crises_come_at_the_rate_of_all_people_times_their_factors() -> None:
    fall = {"rate": "0.1 per y", "to": "acute", "times": {"frailty": {"severe": 3}}}
    seasonal = {"month": {"Dec": 2}, "hour": {"08:00-20:00": 3}}
    found = flows({"acute": BED}, population=people(fall=fall), arrivals={})
    # 36,525 x 0.1 a year / 365.25 = 10 a day for the fit; 0.7 + 0.3 x 3 = 1.6 times as many
    assert found["acute"] == pytest.approx(16)
    fall["times"] |= seasonal
    found = flows({"acute": BED}, population=people(fall=fall), arrivals={})
    assert found["acute"] == pytest.approx(16)


def test_people_in_a_crisis_are_frailer_than_people_are() -> None:
    fall = {"rate": "0.1 per y", "to": "acute", "times": {"frailty": {"severe": 3}}}
    services = {
        "acute": {**BED, "next": [{"when": {"frailty": "severe"}, "to": "ward"}, {"to": "home"}]},
        "ward": BED,
    }
    found = flows(services, population=people(fall=fall), arrivals={})
    assert found["ward"] == pytest.approx(10 * 0.3 * 3)


def test_routes_by_cause_follow_the_hazard_that_fired() -> None:
    services = {
        "acute": {**BED, "next": [{"when": {"cause": "fall"}, "to": "ward"}, {"to": "home"}]},
        "ward": BED,
    }
    population = people(
        fall={"rate": "0.1 per y", "to": "acute"}, flu={"rate": "0.3 per y", "to": "acute"}
    )
    assert flows(services, population=population)["ward"] == pytest.approx(10)


def test_a_stay_at_home_is_cut_short_by_the_next_crisis() -> None:
    population = people(fall={"rate": "1 per y", "to": "care"})
    care = {"setting": "own_home", "stay": {"exponential": {"mean": "1 y"}}, "next": "ward"}
    services = {"care": care, "ward": BED}
    # Two exponential times of a year: half a year together, and each ends first half of the time.
    found = traffic.service_loads(scenario(services, population=population, arrivals={}))
    assert found[0].mean_stay / DAY == pytest.approx(365.25 / 2)
    assert found[1].entries_per_day == pytest.approx(100 / 2)
    kept = {**services, "care": {**care, "keeps_place": "6 wk"}}
    assert stays(kept, population=population, arrivals={})["care"] == pytest.approx(365.25)
    spared = {**services, "care": {**care, "hazard_factor": 0}}
    assert stays(spared, population=population, arrivals={})["care"] == pytest.approx(365.25)
    in_bed = {**services, "care": {**care, "setting": "community_bed"}}
    assert stays(in_bed, population=population, arrivals={})["care"] == pytest.approx(365.25)


def test_visitors_run_no_hazards() -> None:
    population = people(fall={"rate": "1 per y", "to": "ward"})
    care = {"setting": "own_home", "stay": {"exponential": {"mean": "1 y"}}, "next": "home"}
    arrivals = {"visitors": {"rate": "1 per d", "at": "care"}}
    services = {"care": care, "ward": BED}
    found = stays(services, population=population, arrivals=arrivals)
    assert found["care"] == pytest.approx(365.25)
    arrivals["visitors"]["returns"] = True
    found = stays(services, population=population, arrivals=arrivals)
    assert found["care"] == pytest.approx(365.25 / 2)


def test_people_live_at_a_residence_until_they_die() -> None:
    death = {"rate": "0.2 per y", "to": "died", "times": {"frailty": {"severe": 4}}}
    move = {"rate": "0.1 per y", "to": "home_care", "times": {"frailty": {"fit": 0}}}
    services = {"home_care": {"setting": "own_home", "residence": True, "keeps_place": "6 wk"}}
    found = stays(services, population=people(death=death, move=move), arrivals={})
    # Only the severely frail move, and die at 0.8 a year.
    assert found["home_care"] == pytest.approx(365.25 / 0.8)


def test_the_hazard_of_leaving_gives_mean_and_survival_of_common_stays() -> None:
    mean, rate = 10.0, 0.05
    for square, survives in ((2 * mean**2, 1 / (1 + rate * mean)), (mean**2, math.exp(-0.5))):
        shorter, ends = cut_short(np.array(mean), np.array(square), np.array(rate))
        assert float(ends) == pytest.approx(survives, rel=1e-6)
        assert float(shorter) == pytest.approx((1 - survives) / rate, rel=1e-6)


# --- stays --------------------------------------------------------------------------------------


def test_a_longest_stay_cuts_an_exponential_one() -> None:
    stay = Distribution("exponential", (("mean", 10.0),))
    mean, square, late = lengths(stay, 10.0)
    assert mean == pytest.approx(10 * (1 - math.exp(-1)))
    assert square == pytest.approx(200 * (1 - 2 * math.exp(-1)))
    assert late == pytest.approx(math.exp(-1))


def test_a_longest_stay_cuts_stays_of_a_few_lengths() -> None:
    stay = Distribution("histogram", values=(1.0, 3.0, 8.0), weights=(0.5, 0.25, 0.25))
    # 0.5 x 1 + 0.25 x 3 + 0.25 x 4
    assert lengths(stay, 4.0) == pytest.approx((2.25, 0.5 + 2.25 + 4, 0.25))


def test_the_longest_stay_is_an_event_that_routes_may_test() -> None:
    services = {
        "acute": {
            **BED,
            "stay": {"exponential": {"mean": "10 d"}},
            "max_stay": "10 d",
            "next": [{"when": {"event": "max_stay"}, "to": "ward"}, {"to": "home"}],
        },
        "ward": BED,
    }
    assert flows(services)["ward"] == pytest.approx(2 * math.exp(-1))
    assert stays(services)["acute"] == pytest.approx(10 * (1 - math.exp(-1)))


def test_a_bed_is_held_through_the_steps_received_in_it() -> None:
    services = {
        "acute": {**BED, "next": {"to": {"x": 0.5, "home": 0.5}}},
        "x": {"in_place": True, "stay": "4 d", "next": "y"},
        "y": {"in_place": True, "stay": "2 d", "next": "ward"},
        "ward": BED,
    }
    found = stays(services)
    assert found["acute"] == pytest.approx(5 + 0.5 * 6)
    assert (found["x"], found["y"]) == (4, 2)


def test_of_steps_asked_for_together_the_longest_holds_the_bed() -> None:
    services = {
        "acute": {**BED, "next": {"to": {"all_of": ["x", "y"], "then": "z"}}},
        "x": {"in_place": True, "stay": "4 d"},
        "y": {"in_place": True, "stay": "2 d"},
        "z": {"in_place": True, "stay": "1 d", "next": "home"},
    }
    assert stays(services)["acute"] == pytest.approx(5 + 4 + 1)


@pytest.mark.parametrize(("ahead", "held"), [("2 d", 9), ("4 d", 7), ("9 d", 6)])
def test_what_is_planned_ahead_holds_no_bed(ahead: str, held: float) -> None:
    """A stay of 5 d and steps of 6 d: at the earliest, steps begin with the stay."""
    services = {
        "acute": {**BED, "plan_ahead": ahead, "next": "x"},
        "x": {"in_place": True, "stay": "6 d", "next": "home"},
    }
    assert stays(services)["acute"] == pytest.approx(held)


def test_hours_hold_a_bed_till_they_come_round() -> None:
    # From a random instant, one hour open a day: half the square of 23 h in every 24.
    wait = 23 * 23 / 2 / 24 / 24
    assert mean_wait(hours("daily 10:00-11:00")) / DAY == pytest.approx(wait)
    services = {"acute": {**BED, "discharges": "daily 10:00-11:00"}}
    assert stays(services)["acute"] == pytest.approx(5 + wait, abs=0.01)
    rounds = {**BED, "decides": "daily 09:00-10:00", "discharges": "daily 09:00-17:00"}
    assert stays({"acute": rounds})["acute"] == pytest.approx(5 + wait, abs=0.01)
    services = {"acute": {**BED, "next": "ward"}, "ward": {**BED, "admits": "daily 10:00-11:00"}}
    assert stays(services)["acute"] == pytest.approx(5 + wait, abs=0.01)


def test_the_dead_wait_for_no_discharge_hours() -> None:
    services = {"acute": {**BED, "discharges": "daily 10:00-11:00", "next": "died"}}
    assert stays(services)["acute"] == pytest.approx(5)


def test_weekends_count_in_the_wait_for_a_round() -> None:
    # Mon-Fri 09:00-10:00: four gaps of 23 h and one of 71 h.
    wait = (4 * 23**2 + 71**2) / 2 / 168
    rounds = hours("Mon-Fri 09:00-10:00")
    assert mean_wait(rounds) / 3_600_000 == pytest.approx(wait)
    assert until_moved(rounds, None, None, 0, 0) / 3_600_000 == pytest.approx(wait, rel=0.01)


# --- pools --------------------------------------------------------------------------------------


def test_minutes_of_visits_are_asked_of_a_pool_of_minutes() -> None:
    pools = {"care": {"unit": "minutes_per_day", "capacity": 1000}}
    acute = {"setting": "own_home", "pool": "care", "stay": "5 d", "next": "home"}
    found = load({"acute": {**acute, "visits": "3 per day of 30 min"}}, "care", pools=pools)
    assert found.load == pytest.approx(2 * 5 * 90)
    assert found.sum_shown == "2 referrals a day x 5 d x 90 minutes a day"


def test_units_by_class_go_with_the_stay_of_the_class() -> None:
    """A quarter takes two units for 20 d, the others one unit for 5 d."""
    when = {"when": {"class": "rapid"}}
    acute = {
        **BED,
        "pool": "beds",
        "units": [{**when, "units": 2}, {"units": 1}],
        "stay": [{**when, "fixed": "20 d"}, {"fixed": "5 d"}],
    }
    attributes = {"class": {"of": "episode", "shares": {"rapid": 0.25, "normal": 0.75}}}
    found = load({"acute": acute}, attributes=attributes)
    assert found.load == pytest.approx(2 * (0.25 * 2 * 20 + 0.75 * 5))
    assert found.mean_units == pytest.approx(1.25)
    assert found.entries_per_day * found.mean_units * found.mean_stay / DAY == pytest.approx(
        found.load
    )


def test_a_template_divides_its_load_by_the_shares_of_its_attribute() -> None:
    more = {
        "attributes": {"town": {"shares": {"east": 0.75, "west": 0.25}}},
        "pools": {"teams": {"per": "town", "capacity": {"east": 4, "west": 8}}},
    }
    services = {"acute": {**BED, "per": "town", "pool": "teams"}}
    loads = traffic.offered_load(scenario(services, **more))
    found = {one.pool: (one.load, one.capacity) for one in loads}
    assert found["teams[east]"] == pytest.approx((7.5, 4))
    assert found["teams[west]"] == pytest.approx((2.5, 8))
    more["pools"]["teams"]["capacity"] = {"split": "population", "total": 12}
    found = {one.pool: one.capacity for one in traffic.offered_load(scenario(services, **more))}
    assert found == {"teams[east]": 9, "teams[west]": 3}
    assert flows(services, **more) == pytest.approx({"acute[east]": 1.5, "acute[west]": 0.5})


def test_pools_that_stand_in_for_each_other_share_the_load_by_size() -> None:
    pools = {"a": {"capacity": 30}, "b": {"capacity": 10}}
    services = {"acute": {**BED, "pool": {"any_of": ["a", "b"]}}}
    assert load(services, "a", pools=pools).load == pytest.approx(7.5)
    assert load(services, "b", pools=pools).load == pytest.approx(2.5)


CAPACITIES = [
    (20, 20),
    ("unlimited", math.inf),
    ({"Mon-Fri 09:00-17:00": 21, "Sat,Sun 09:00-13:00": 42}, (21 * 40 + 42 * 8) / 168),
    ([{"places": 20}, {"from": "2015-10-01", "places": 10}], 15),  # 183 of 366 days each
    ([{"from": "2014-01-01", "places": 20}, {"from": "2016-04-01", "places": 10}], 20),
]


@pytest.mark.parametrize(("capacity", "mean"), CAPACITIES)
def test_capacity_is_averaged_over_the_window(capacity: Any, mean: float) -> None:
    services = {"acute": {**BED, "pool": "beds"}}
    assert load(services, pools={"beds": {"capacity": capacity}}).capacity == pytest.approx(mean)


def test_where_nobody_comes_nothing_is_asked() -> None:
    services = {
        "acute": {**BED, "per": "town", "pool": "beds", "next": "ward"},
        "ward": {**BED, "next": [{"when": {"frailty": "severe"}, "to": "home"}, {"to": "acute"}]},
    }
    attributes = {"town": {"shares": {"east": 0.75, "west": 0.25}}}
    more = {"attributes": attributes, "arrivals": {}, "start": {"ward": {"count": 3}}}
    assert load(services, population=people(), **more).load == 0


# --- classes ------------------------------------------------------------------------------------


def _crowd(of: Scenario, most: int) -> Crowd:
    tests = {name: _tests(service) for name, service in of.services.items()}
    return Crowd(of, tests, frozenset(_templates(of)), list(_sources(of)), most=most)


MANY = {
    "acute": {
        **BED,
        "next": [
            {"when": {"class": "rapid"}, "to": "a"},
            {"when": {"class": "fast", "frailty": "severe"}, "to": "b"},
            {"to": "home"},
        ],
    },
    "a": {**BED, "next": [{"when": {"town": ["n1", "n2"]}, "to": "b"}, {"to": "home"}]},
    "b": BED,
}
MANY_MORE = {
    "attributes": {
        "class": {
            "of": "episode",
            "shares": [
                {"when": {"frailty": "severe"}, "rapid": 0.5, "fast": 0.3, "normal": 0.2},
                {"rapid": 0.2, "fast": 0.3, "normal": 0.5},
            ],
        },
        "town": {"shares": {f"n{k}": 0.1 for k in range(10)}},
    },
    "population": people(
        fall={"rate": "0.1 per y", "to": "acute", "times": {"frailty": {"severe": 3}}}
    ),
    "arrivals": {},
}


def test_values_that_no_test_tells_apart_share_a_class() -> None:
    crowd = _crowd(scenario(MANY, **MANY_MORE), most=20_000)
    sizes = dict(zip(crowd.group, crowd.shape, strict=True))
    assert {name: n for name, n in sizes.items() if n > 1} == {"frailty": 2, "class": 3, "town": 2}


@pytest.mark.parametrize("most", [1, 3, 6, 20_000])
def test_what_one_service_asks_for_is_averaged_over_without_loss(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carepath_sim.plan.traffic_people.MOST_CLASSES", most)
    made = scenario(MANY, **MANY_MORE)
    monkeypatch.setattr(
        "carepath_sim.plan.traffic_flow.Crowd", lambda *given: Crowd(*given, most=most)
    )
    assert math.prod(Network(made).crowd.shape) <= max(most, 1)
    # 7 fit and 9 severe falls a day; rapid: 7 x 0.2 + 9 x 0.5; n1 or n2: a fifth of them
    rapid = 7 * 0.2 + 9 * 0.5
    expected = {"acute": 16, "a": rapid, "b": 9 * 0.3 + rapid * 0.2}
    if most > 1:
        assert traffic.flows(made) == pytest.approx(expected)
    else:
        # Class and frailty averaged apart lose only that the fast are the frailer.
        assert traffic.flows(made)["a"] == pytest.approx(rapid)


def test_stations_that_lead_to_each_other_are_solved_together() -> None:
    links = {"d": [], "a": ["b", "d"], "b": ["c"], "c": ["a"], "e": ["a", "e"]}
    found = groups(links)
    assert sorted(map(sorted, found)) == [["a", "b", "c"], ["d"], ["e"]]
    assert (
        found.index(["e"]) < next(k for k, g in enumerate(found) if "a" in g) < found.index(["d"])
    )


# --- warnings -----------------------------------------------------------------------------------


def warned(services: dict[str, Any], **more: Any) -> dict[str, str]:
    """Return warnings by path."""
    found = traffic.warnings(scenario(services, **more))
    return {"/".join(map(str, path)): message for path, message in found}


def test_an_overloaded_pool_is_warned_of_with_the_sum_shown() -> None:
    acute = {**BED, "pool": "beds", "stay": "54.4 d"}
    arrivals = {"people": {"rate": "2.41 per d", "at": "acute"}}
    pools = {"beds": {"unit": "beds", "capacity": 125}}
    assert warned({"acute": acute}, arrivals=arrivals, pools=pools) == {
        "pools/beds/capacity": "offered load 131.1 beds (2.41 referrals a day x 54.4 d) reaches"
        " the mean capacity of 125 beds: queues grow without end"
    }
    pools["beds"]["capacity"] = 132
    assert warned({"acute": acute}, arrivals=arrivals, pools=pools) == {}
    pools["beds"] |= {"capacity": 100, "overflow": "unlimited"}
    assert warned({"acute": acute}, arrivals=arrivals, pools=pools) == {}


def test_a_full_waiting_room_turns_people_away_instead_of_growing() -> None:
    """Only a limit on those from outside does; people from inside wait in their beds."""
    arrivals = {"people": {"rate": "2.41 per d", "at": "acute"}}
    pools = {"beds": {"unit": "beds", "capacity": 5}}
    for room, said in (
        ({"from_outside": 3}, "turned away"),
        ({"from_inside": 3}, "queues grow without end"),
    ):
        acute = {**BED, "pool": "beds", "waiting_room": room}
        found = warned({"acute": acute}, arrivals=arrivals, pools=pools)
        assert found["pools/beds/capacity"].endswith(said)


def test_a_load_equal_to_the_capacity_is_too_much() -> None:
    services = {"acute": {**BED, "pool": "beds"}}
    assert "pools/beds/capacity" in warned(services, pools={"beds": {"capacity": 10}})


def test_where_everybody_has_patience_queues_do_not_grow() -> None:
    services = {"acute": {**BED, "pool": "beds", "max_wait": "0 h"}}
    message = warned(services, pools={"beds": {"capacity": 5}})["pools/beds/capacity"]
    assert message.endswith("whoever cannot be admitted in time is diverted or gives up")


def test_a_ring_fenced_part_can_be_overloaded_alone() -> None:
    services = {
        "desk": {"in_place": True, "stay": "1 h", "next": "acute"},
        "acute": {
            **BED,
            "pool": "beds",
            "stream": {"from outside": "step_up", "else": "step_down"},
            "next": {"to": {"desk": 0.1, "home": 0.9}},
        },
    }
    policy = {"ring_fenced": {"step_up": 9, "step_down": 11}}
    pools = {"beds": {"unit": "beds", "capacity": 20, "policy": policy}}
    found = warned(services, pools=pools)
    assert found["pools/beds/policy/ring_fenced/step_up"].startswith(
        "offered load of the stream step_up, 10 beds, reaches its part of 9"
    )


def test_people_who_never_leave_are_a_load_without_end() -> None:
    services = {"acute": {"setting": "care_home", "residence": True, "pool": "beds"}}
    message = warned(services)["pools/beds/capacity"]
    assert message.startswith("people come for places that nobody ever gives back")


@pytest.mark.parametrize("sets", [{}, {"seen": "yes"}])
def test_people_who_go_round_for_ever_are_a_load_without_end(sets: dict[str, str]) -> None:
    """Nobody dies here, so that two care homes fill for ever."""
    home = {"setting": "care_home", "residence": True, "stay": "1 y", "pool": "beds"}
    services = {
        "acute": {**BED, "next": {"to": {"nursing": 0.5, "ward": 0.5}}},
        "nursing": {**home, "next": "residential"},
        "residential": {**home, "next": "nursing", **({"set": sets} if sets else {})},
        "ward": {
            **BED,
            "next": [
                {"when": {"seen": "yes"}, "to": {"ward": 0.5, "home": 0.5}},
                {"to": "home"},
            ],
        },
    }
    attributes = {"seen": {"shares": {"yes": 0.5, "no": 0.5}}}
    found = flows(services, attributes=attributes)
    assert found["nursing"] == found["residential"] == math.inf
    # Half of the ward's people come back once and again: 1 x (0.5 + 0.5 / 0.5).
    assert found["ward"] == pytest.approx(1.5)
    assert load(services, attributes=attributes).load == math.inf


def test_no_time_of_people_beyond_counting_is_no_time() -> None:
    """People who go round for ever and are moved at once are a load without end, and no more."""
    by_day = {"decides": "daily 09:00-17:00", "pool": "beds"}
    home = {"setting": "care_home", "residence": True, "stay": "5 d", **by_day}
    services = {"acute": {**home, "next": "other"}, "other": {**home, "next": "acute"}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load(services).load == math.inf
        crowd = SimpleNamespace(crowd=SimpleNamespace(shape=(2,)))
        entries, amount = np.array([math.inf, 2.0]), np.array([0.0, 5.0])
        found = Network._mean(crowd, amount, SimpleNamespace(entries=entries))  # type: ignore[arg-type]
        assert found == 0
        entries = np.array([3.0, 2.0])
        found = Network._mean(crowd, amount, SimpleNamespace(entries=entries))  # type: ignore[arg-type]
        assert found == 2


def test_a_loop_after_an_endless_ring_is_endless_too() -> None:
    home = {"setting": "care_home", "residence": True, "stay": "1 y"}
    services = {
        "acute": {**home, "next": {"to": {"acute": 0.5, "care": 0.5}}},
        "care": {**home, "next": {"to": {"acute": 0.5, "care": 0.5}}},
    }
    assert flows(services) == {"acute": math.inf, "care": math.inf}


def test_a_stay_longer_than_the_warm_up_needs_a_start() -> None:
    services = {"acute": {**BED, "stay": "400 d"}}
    message = warned(services, pools={})["services/acute"]
    assert "the mean stay of 400 d is longer than the warm-up of 365.2 d" in message
    assert "needs `start: {acute: {count: 800}}`" in message
    assert warned(services, pools={}, start={"acute": {"count": 800}}) == {}


def test_a_run_that_starts_empty_is_warned_of_once() -> None:
    clock = {"start": "2015-04-01", "length": "1 y"}
    services = {"acute": {**BED, "next": "ward"}, "ward": BED}
    assert list(warned(services, pools={}, clock=clock)) == ["clock/warm_up"]


def test_a_distribution_that_cannot_be_drawn_from_is_a_problem() -> None:
    stay = {"scipy": {"name": "pareto", "b": 1.5, "scale": "1 d"}}
    found = traffic.problems(scenario({"acute": {**BED, "stay": stay}}))
    assert [path for path, _ in found] == [("services", "acute", "stay")]
    assert "mean and variance must be finite" in found[0][1]


# --- against a simulation -----------------------------------------------------------------------


@pytest.mark.slow
def test_the_load_three_steps_from_a_crisis_is_that_of_an_unlimited_simulation() -> None:
    """Within 10 %, more than four standard deviations of the mean of a year with 135 beds in use
    (2 % over seeds): fewer than one seed in 10,000 would fail by chance.
    """
    pytest.importorskip("simpy")
    engine = pytest.importorskip("carepath_sim.engine")
    from carepath_sim.plan import compile_plan

    services = {
        "spr": {
            "in_place": True,
            "stay": {"lognormal": {"median": "12 min", "p90": "25 min"}},
            "next": [
                {"when": {"frailty": "severe"}, "to": {"acute": 0.8, "home": 0.2}},
                {"to": {"acute": 0.3, "home": 0.7}},
            ],
        },
        "acute": {
            "setting": "acute_bed",
            "stay": {"lognormal": {"median": "7.7 d", "mean": "9.3 d"}},
            "decides": "Mon-Fri 09:00-11:00",
            "discharges": "daily 10:00-18:00",
            "next": [
                {"when": {"frailty": "severe"}, "to": {"check": 0.6, "home": 0.4}},
                {"to": {"check": 0.2, "home": 0.8}},
            ],
        },
        "check": {"in_place": True, "stay": "2 d", "next": "community"},
        "community": {
            "setting": "community_bed",
            "pool": "beds",
            "stay": {"gamma": {"mean": "28 d", "sd": "18 d"}},
            "max_stay": "42 d",
            "plan_ahead": "7 d",
            "next": {"to": {"package": 0.5, "home": 0.5}},
        },
        "package": {"in_place": True, "stay": "14 d", "next": "home"},
    }
    made = scenario(
        services,
        arrivals={},
        population={
            **people(fall={"rate": "0.05 per y", "to": "spr", "times": {"frailty": {"severe": 3}}}),
            "size": 73_050,
        },
        pools={"beds": {"unit": "beds", "capacity": "unlimited"}},
        clock={"start": "2015-04-01", "length": "1 y", "warm_up": "120 d", "run_out": "0 d"},
    )
    plan = compile_plan(made)
    record = engine.simulate(plan, seed=1, replication=0)
    spells = record.spells
    there = spells["service"] == plan.service_index["community"]
    started = np.clip(spells["started"], 0, plan.window)[there]
    left = spells["left"][there]
    left = np.clip(np.where(left == engine.NEVER, plan.window, left), 0, plan.window)
    simulated = (
        float((left - started)[spells["started"][there] != engine.NEVER].sum()) / plan.window
    )
    (expected,) = traffic.offered_load(made)
    assert expected.load == pytest.approx(simulated, rel=0.1)
