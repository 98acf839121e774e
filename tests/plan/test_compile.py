"""Compiling: what a scenario says stands in the plan, by number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from carepath_sim.errors import CarepathError
from carepath_sim.plan import Plan, compile_plan
from carepath_sim.plan import names as nm
from carepath_sim.plan import tables as tb
from carepath_sim.plan.tables import DAY, HOUR, NEVER, NOBODY
from carepath_sim.scenario.loader import build
from carepath_sim.scenario.nodes import Mark, planted

WARD = {"setting": "acute_bed", "stay": "3 d", "next": "home"}
PEOPLE = {"people": {"rate": "2 per d", "at": "ward"}}


def plan(**sections: Any) -> Plan:
    """Return the plan of a scenario with people who come to a ward."""
    raw: dict[str, Any] = {
        "carepath": 1,
        "area": "Testshire",
        "variant": "as-is",
        "title": "A few services",
        "clock": {"start": "2015-04-01", "length": "1 y", "warm_up": "30 d", "run_out": "10 d"},
        "arrivals": PEOPLE,
        "services": {"ward": WARD},
        **sections,
    }
    return compile_plan(build(planted(raw, Mark("test")), "test"))


def value(made: Plan, column: str, service: str) -> int:
    return int(getattr(made.tables, column)[made.service_index[service]])


def payloads(made: Plan, choice: int) -> list[int]:
    """Return what the cases of a choice give."""
    first, last = made.tables.choice_first[choice : choice + 2]
    return [int(x) for x in made.tables.case_payload[first:last]]


# --- time ------------------------------------------------------------------------------------


def test_the_window_is_added_by_calendar() -> None:
    """From 1 April 2015 a year has 366 days: 29 February 2016 lies in it."""
    made = plan()
    assert (made.begin, made.window, made.end) == (-30 * DAY, 366 * DAY, 376 * DAY)


def test_the_calendar_reaches_beyond_the_run() -> None:
    """No look-up of a month or a season falls off its end, however late its instant."""
    made = plan()
    assert made.tables.month_first[0] <= made.begin
    assert made.tables.month_first[-1] > made.end + 360 * DAY


# --- names and numbers -----------------------------------------------------------------------


def test_special_services_come_first_in_a_fixed_order() -> None:
    made = plan(
        exits=["advice", "gone"],
        services={"ward": {**WARD, "next": {"to": {"advice": 0.5, "gone": 0.5}}}},
    )
    assert [s.name for s in made.services] == ["home", "outside", "died", "advice", "gone", "ward"]
    assert [s.is_exit for s in made.services] == [False, False, False, True, True, False]
    assert made.tables.kind.tolist() == [tb.HOME, tb.OUTSIDE, tb.DIED, tb.EXIT, tb.EXIT, 0]
    assert made.services[0].setting == "own_home"


def test_pools_are_numbered_by_name() -> None:
    """Whatever the order in which they are written (ruling 9)."""
    services = {
        "ward": {**WARD, "pool": "zeta", "next": "annex"},
        "annex": {**WARD, "pool": "alpha"},
    }
    one = plan(pools={"zeta": {"capacity": 1}, "alpha": {"capacity": 2}}, services=services)
    other = plan(pools={"alpha": {"capacity": 2}, "zeta": {"capacity": 1}}, services=services)
    for made in (one, other):
        assert [pool.name for pool in made.pools] == ["alpha", "zeta"]
        assert made.services[made.service_index["ward"]].pools == (1,)


def test_sources_come_by_name_behind_the_population() -> None:
    """Ties between people go by source name, whatever the order in which sources are written."""
    made = plan(
        arrivals={"zoe": PEOPLE["people"], "amy": PEOPLE["people"]},
        population={"size": 5, "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}}},
    )
    assert made.source_names == ("population", "amy", "zoe")
    assert len({source.identity for source in made.sources}) == 3
    assert all(source.identity % 256 == 0 for source in made.sources), "room for the layer"


def test_a_template_has_a_member_for_every_value() -> None:
    made = plan(
        attributes={"town": {"shares": {"rye": 0.5, "hove": 0.5}}},
        pools={"beds": {"per": "town", "capacity": {"rye": 3, "hove": 4}}},
        services={"ward": {**WARD, "per": "town", "pool": "beds"}},
    )
    names = [s.name for s in made.services if s.base == "ward"]
    assert names == ["ward[rye]", "ward[hove]"]
    for town, places in (("rye", 3), ("hove", 4)):
        pool = made.services[made.service_index[f"ward[{town}]"]].pools
        assert [made.pools[k].name for k in pool] == [f"beds[{town}]"]
        assert made.capacity_steps(pool[0])[1].tolist() == [places]
    target = made.sources[1].target
    assert made.tables.target_kind[target] == tb.TO_OWN
    own = made.tables.own[made.tables.target_b[target] :][:2].tolist()
    assert [made.services[k].name for k in own] == ["ward[rye]", "ward[hove]"]


def test_two_decisions_with_the_same_hash_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their random numbers would be the same numbers (ruling 9)."""
    monkeypatch.setattr(nm, "hash_word", lambda name, bits=32: len(name) % 7)
    with pytest.raises(CarepathError, match=r"would share their luck .*; rename one"):
        plan()


def test_names_are_hashed_as_ever() -> None:
    """The hash of a name is part of every result: BLAKE2b, 8 bytes, the first bits."""
    import hashlib

    digest = hashlib.blake2b(b"acute.stay|fall", digest_size=8).hexdigest()
    assert nm.hash_word("acute.stay|fall") == int(digest[:8], 16)
    assert nm.hash_word("population", 24) == int(
        hashlib.blake2b(b"population", digest_size=8).hexdigest()[:6], 16
    )


def test_decision_keys_stand_by_decision_and_cause() -> None:
    made = plan()
    keys = made.tables.decision_key.reshape(len(made.decision_names), len(made.cause_names))
    for d, decision in enumerate(made.decision_names):
        for c, cause in enumerate(made.cause_names):
            assert keys[d, c] == nm.hash_word(f"{decision}|{cause}")


def test_luck_gives_a_service_the_decisions_of_another_name() -> None:
    made = plan(services={"ward": {**WARD, "luck": "old_ward"}})
    name = made.decision_names[value(made, "decision_stay", "ward")]
    assert name == "old_ward.stay"


# --- services --------------------------------------------------------------------------------


def test_what_a_service_says_is_found_under_its_number() -> None:
    made = plan(
        attributes={"class": {"shares": {"a": 0.5, "b": 0.5}}},
        pools={"beds": {"capacity": 9}},
        services={
            "ward": {
                **WARD,
                "pool": "beds",
                "units": [{"when": {"class": "a"}, "value": 2}, 3],
                "priority": {"by": "class", "a": 4, "b": 7},
                "max_stay": "10 d",
                "plan_ahead": "36 h",
                "hold_up_to": "6 h",
                "keeps_place": "2 d",
                "keeps_turn": True,
                "admits": "daily 09:00-17:00",
            }
        },
    )
    assert payloads(made, value(made, "units", "ward")) == [2, 3]
    assert payloads(made, value(made, "priority", "ward")) == [4, 7]
    assert payloads(made, value(made, "max_stay", "ward")) == [10 * DAY]
    assert payloads(made, value(made, "plan_ahead", "ward")) == [36 * HOUR]
    assert value(made, "hold_up_to", "ward") == 6 * HOUR
    assert value(made, "keeps_place", "ward") == 2 * DAY
    assert value(made, "keeps_turn", "ward") == 1
    assert value(made, "discharges", "ward") == value(made, "decides", "ward") == NOBODY
    calendar = value(made, "admits", "ward")
    first, last = made.tables.hours_first[calendar : calendar + 2]
    assert last - first == 7
    assert made.tables.hours_from[first] == 9 * HOUR


def test_the_whole_week_is_no_calendar() -> None:
    """24/7 is the same as no hours."""
    assert value(plan(services={"ward": {**WARD, "admits": "24/7"}}), "admits", "ward") == NOBODY


def test_hold_up_to_is_a_day_unless_stated() -> None:
    assert value(plan(), "hold_up_to", "ward") == DAY


def test_equal_distributions_share_a_table() -> None:
    law = {"gamma": {"mean": "5 d", "sd": "2 d"}}
    made = plan(
        services={
            "ward": {**WARD, "stay": law, "next": "annex"},
            "annex": {**WARD, "stay": law, "next": "lodge"},
            "lodge": WARD,
        }
    )
    tables = [payloads(made, value(made, "stay", name))[0] for name in ("ward", "annex", "lodge")]
    assert tables[0] == tables[1] != tables[2]


def test_shares_become_cumulative_in_written_order() -> None:
    made = plan(
        services={
            "ward": {**WARD, "next": {"to": {"annex": 0.2, "died": 0.3, "home": 0.5}}},
            "annex": WARD,
        }
    )
    (branches,) = payloads(made, value(made, "route", "ward"))
    first, last = made.tables.branch_first[branches : branches + 2]
    assert made.tables.branch_upto[first:last] == pytest.approx([0.2, 0.5, 1.0])
    targets = made.tables.branch_target[first:last].tolist()
    assert [made.target_names[k] for k in targets] == ["annex", "died", "home"]
    assert made.tables.branch_upto[last - 1] == 1.0, "exactly: no uniform falls behind the last"


def test_visits_are_units_only_in_a_pool_of_minutes() -> None:
    visits = {"visits": "3 per day of 30 min", "pool": "care"}
    for unit, units in (("minutes_per_day", [90]), ("places", [1])):
        made = plan(
            pools={"care": {"unit": unit, "capacity": 500}}, services={"ward": {**WARD, **visits}}
        )
        choice = value(made, "units", "ward")
        assert (payloads(made, choice) if choice != NOBODY else [1]) == units


def test_streams_without_a_reserve_take_part_with_a_reserve_of_0() -> None:
    made = plan(
        attributes={"class": {"shares": {"a": 0.5, "b": 0.5}}},
        pools={"beds": {"capacity": 9, "policy": {"reserved": {"up": 2}}}},
        services={
            "ward": {
                **WARD,
                "pool": "beds",
                "stream": [{"when": {"class": "a"}, "value": "up"}, "down"],
            }
        },
    )
    P = made.pool_tables
    assert (P.streams[0], P.lines[0]) == (2, 2)
    local = {name: int(P.local[k]) for k, name in enumerate(made.stream_names)}
    first = P.part_first[0]
    assert {name: int(P.parts[first + k]) for name, k in local.items()} == {"up": 2, "down": 0}


# --- conditions ------------------------------------------------------------------------------


def test_an_age_range_accepts_its_years_and_no_other() -> None:
    made = plan(
        arrivals={"people": {**PEOPLE["people"], "is": {"age": "70"}}},
        services={"ward": {**WARD, "next": [{"when": {"age": "65-74"}, "to": "home"}, "died"]}},
    )
    T = made.tables
    (test,) = [k for k, v in enumerate(T.test_variable) if v == made.attribute_index["age"]]
    row = T.accepted[T.test_first[test] :][: T.test_length[test]]
    assert np.flatnonzero(row).tolist() == list(range(65, 75))


def test_a_date_becomes_a_half_open_span() -> None:
    """`2015-04-01 to 2015-07-01` is accepted from the one instant up to the other."""
    made = plan(
        services={
            "ward": {
                **WARD,
                "next": [{"when": {"date": "2015-04-01 to 2015-07-01"}, "to": "home"}, "died"],
            }
        }
    )
    T = made.tables
    (test,) = np.flatnonzero(T.test_variable == tb.DATE_TEST)
    assert T.accepted[T.test_first[test] :][:2].tolist() == [0, 91 * DAY]


# --- people ----------------------------------------------------------------------------------

BANDS = {
    "65-74": {"share": 0.75, "women": 0.5, "frailty": {"fit": 0.8, "severe": 0.2}},
    "75+": {"share": 0.25, "women": 0.6, "frailty": {"women": {"fit": 1}, "men": {"severe": 1}}},
}


def crowd(made: Plan) -> dict[str, np.ndarray]:
    """Return the attributes of the population as words."""
    from carepath_sim.engine import simulate

    people = simulate(made, seed=1, replication=0).people
    mine = people["source"] == 0
    return {
        a.name: np.array(a.values)[people[f"attribute.{a.name}"][mine]]
        for a in made.attributes
        if a.of == "person"
    }


def test_a_population_has_the_shares_that_are_stated() -> None:
    """4,000 people: each share within 4.5 standard deviations (by chance: one seed in 30,000)."""
    made = plan(
        population={"size": 4000, "bands": BANDS},
        attributes={
            "town": {
                "shares": [
                    {"when": {"frailty": "severe"}, "shares": {"rye": 1}},
                    {"shares": {"rye": 0.1, "hove": 0.9}},
                ]
            },
            "county": {"map": {"from": "town", "rye": "east", "hove": "west"}},
        },
        clock={"start": "2015-04-01", "length": "1 d", "run_out": "0 d"},
    )
    found = crowd(made)
    old, women = found["age_band"] == "75+", found["sex"] == "women"

    def near(rows: np.ndarray, share: float) -> bool:
        return abs(rows.mean() - share) < 4.5 * np.sqrt(share * (1 - share) / len(rows))

    assert near(old, 0.25)
    assert near(women[old], 0.6)
    assert near(found["frailty"][~old] == "severe", 0.2)
    assert set(found["frailty"][old & women]) == {"fit"}
    assert set(found["frailty"][old & ~women]) == {"severe"}
    ages = found["age"].astype(int)
    assert (ages[~old].min(), ages[~old].max()) == (65, 74)
    assert (ages[old].min(), ages[old].max()) == (75, 99)
    severe = found["frailty"] == "severe"
    assert set(found["town"][severe]) == {"rye"}
    assert near(found["town"][~severe] == "hove", 0.9)
    assert ((found["county"] == "east") == (found["town"] == "rye")).all()


def test_hazards_run_where_people_live_and_death_everywhere_else_too() -> None:
    """The factor of each hazard at each service."""
    made = plan(
        population={
            "size": 1,
            "bands": {"65+": {"share": 1, "frailty": {"fit": 1, "severe": 0}}},
            "hazards": {
                "fall": {"rate": "0.5 per y", "times": {"frailty": {"severe": 3}}, "to": "ward"},
                "death": {"rate": "0.1 per y", "to": "died"},
            },
        },
        services={
            "ward": {**WARD, "next": "lodge"},
            "lodge": {**WARD, "setting": "own_home", "hazard_factor": 0.5, "next": "hospice"},
            "hospice": {**WARD, "next": {"to": {"died": 0.9, "home": 0.1}}},
        },
    )
    exposure = made.hazards.exposure.reshape(len(made.services), 2)
    got = {s.name: tuple(exposure[k]) for k, s in enumerate(made.services)}
    assert got == {
        "home": (1, 1),
        "outside": (0, 0),
        "died": (0, 0),
        "ward": (0, 1),
        "lodge": (0.5, 1),
        "hospice": (0, 0),
    }
    assert made.hazards.rate == pytest.approx([0.5 / 365.25 / DAY, 0.1 / 365.25 / DAY])
    assert made.hazards.factor.tolist() == [1.0, 3.0]
    assert made.hazards.deadly.tolist() == [0, 1]


def test_a_clockwork_source_counts_from_the_beginning_of_the_run() -> None:
    """`first` is the time from the start, warm-up included; default one interval."""
    every = {"every": "2 h", "at": "ward"}
    made = plan(arrivals={"one": every, "two": {**every, "first": "0 h", "count": 5}})
    one, two = made.sources[1:]
    assert (one.every, one.first, one.count) == (2 * HOUR, -30 * DAY + 2 * HOUR, -1)
    assert (two.every, two.first, two.count) == (2 * HOUR, -30 * DAY, 5)


def test_given_attributes_are_codes_of_the_source() -> None:
    """An age brings its age band with it."""
    made = plan(
        population={"size": 1, "bands": BANDS},
        arrivals={"people": {**PEOPLE["people"], "is": {"age": "80"}}},
    )
    fixed = made.draws.fixed.reshape(len(made.sources), len(made.attributes))[1]
    given = {a.name: a.values[k] for a, k in zip(made.attributes, fixed, strict=True) if k >= 0}
    assert given == {"age": "80", "age_band": "75+"}


def test_missing_instants_are_far_from_every_run() -> None:
    made = plan()
    assert made.begin > NEVER
    assert made.end < tb.FAR
