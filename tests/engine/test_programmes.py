"""Programmes: whom they find when, how long they last, and what they do to hazards."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small import HOUR, Run, comes, run

from carepath_sim.engine.checks import CheckFailedError, check
from carepath_sim.engine.spells import FIND_LOST, PROGRAMME_JOINED, PROGRAMME_LEFT

NEEDS = {"need": {"shares": {"none": 1, "low": 0, "mid": 0, "high": 0}}}
FALLS = {"rate": "0.01 per y", "times": {"need": {"none": 0, "mid": 2, "high": 3}}, "to": "gp"}
SERVICES = {
    "gp": {"in_place": True, "stay": "10 min", "next": "home"},
    "ward": {"setting": "acute_bed", "stay": "4 d", "next": "home"},
    "care_home": {"setting": "care_home", "residence": True},
}
ONE_A_DAY = {"rate": "1 per d"}


def person(need: str, hour: float = 0, at: str = "gp") -> dict[str, Any]:
    """Return somebody who comes and then lives at home."""
    return comes(at, hour, returns=True, **{"is": {"need": need}})


def week(
    people: dict[str, Any],
    *,
    hazards: dict[str, Any] | None = None,
    population: dict[str, Any] | None = None,
    days: int = 7,
    **programmes: Any,
) -> Run:
    """Run a week in which somebody without needs lives, and others come."""
    services = {**SERVICES}
    services["ward"] = {**SERVICES["ward"], "next": {"to": {"home": 0.999999, "care_home": 1e-6}}}
    return run(
        clock={"start": "2015-06-01", "length": f"{days} d", "run_out": "0 d"},
        attributes=NEEDS,
        population={
            "size": 1,
            "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
            "hazards": {"fall": FALLS} if hazards is None else hazards,
            **(population or {}),
        },
        arrivals={**people, "to_ward": comes("ward", 1000), "to_home": comes("care_home", 1000)},
        services=services,
        programmes=programmes,
    )


def events(seen: Run, name: str | None = None) -> list[tuple[float, str, str, int]]:
    """Return what programmes did: hour, joined, left or lost, who, and the value of the row."""
    c, people = seen.record.changes, seen._people()
    words = {PROGRAMME_JOINED: "joined", PROGRAMME_LEFT: "left", FIND_LOST: "lost"}
    names = [info.name for info in seen.plan.programmes]
    return [
        (
            int(c["t"][k]) / HOUR,
            words[c["what"][k]],
            people[c["person"][k]] if c["person"][k] >= 0 else "",
            int(c["value"][k]),
        )
        for k in range(len(c["t"]))
        if c["what"][k] in words and name in (None, names[c["name"][k]])
    ]


THREE = {"ann": person("low"), "bob": person("mid"), "cat": person("high")}


def test_finds_come_evenly_and_take_the_highest_risk_first() -> None:
    """One a day from hour 24 on: Cat, Bob, Ann; then there is nobody who may join."""
    seen = week(THREE, prevent={"finds": ONE_A_DAY, "who": {"need": ["low", "mid", "high"]}})
    assert events(seen) == [
        (24, "joined", "cat", 1),
        (48, "joined", "bob", 1),
        (72, "joined", "ann", 1),
        (96, "lost", "", 0),
        (120, "lost", "", 0),
        (144, "lost", "", 0),
    ]


def test_coordinators_multiply_the_rate() -> None:
    finds = {"rate": "1 per d", "coordinators": 3}
    seen = week(THREE, prevent={"finds": finds, "who": {"need": "mid"}}, days=1)
    assert [row[:3] for row in events(seen)] == [(8, "joined", "bob"), (16, "lost", "")]


def test_a_full_caseload_loses_the_find() -> None:
    """Cat stays 60 hours: the finds at 48 and 72 are lost, at 96 she is found again."""
    prevent = {"finds": ONE_A_DAY, "who": {"need": "high"}, "caseload": 1, "lasts": "60 h"}
    assert events(week(THREE, days=5, prevent=prevent)) == [
        (24, "joined", "cat", 1),
        (48, "lost", "", 1),
        (72, "lost", "", 1),
        (84, "left", "cat", 0),
        (96, "joined", "cat", 1),
    ]


def test_who_leaves_makes_room_for_the_find_of_that_instant() -> None:
    prevent = {"finds": ONE_A_DAY, "who": {"need": ["mid", "high"]}, "caseload": 1, "lasts": "1 d"}
    seen = week({"bob": person("mid"), "cat": person("high")}, days=3, prevent=prevent)
    assert events(seen) == [
        (24, "joined", "cat", 1),
        (48, "left", "cat", 0),
        (48, "joined", "cat", 1),
    ]


def test_nobody_is_found_away_from_home() -> None:
    """Cat is in hospital till hour 96; the find of that very instant comes after her return."""
    people = {"bob": person("mid"), "cat": person("high", at="ward")}
    prevent = {"finds": {"rate": "0.5 per d"}, "who": {"need": ["mid", "high"]}}
    seen = week(people, prevent=prevent)
    assert [row[:3] for row in events(seen)] == [
        (48, "joined", "bob"),
        (96, "joined", "cat"),
        (144, "lost", ""),
    ]


def test_ties_go_to_the_lower_number() -> None:
    """Sources stand in the order of their names."""
    people = {"zoe": person("mid"), "amy": person("mid")}
    prevent = {"finds": ONE_A_DAY, "who": {"need": "mid"}}
    seen = week(people, days=3, prevent=prevent)
    assert [row[2] for row in events(seen)] == ["amy", "zoe"]


def test_first_in_line_looks_at_no_risk() -> None:
    finds = {**ONE_A_DAY, "rule": "first in line"}
    seen = week(THREE, days=4, prevent={"finds": finds, "who": {"need": ["mid", "high", "low"]}})
    assert [row[2] for row in events(seen)] == ["ann", "bob", "cat"]


def many(rule: str, **more: Any) -> list[int]:
    """Return whom a programme finds among 50 people, in order."""
    seen = run(
        clock={"start": "2015-06-01", "length": "31 d", "run_out": "0 d"},
        population={
            "size": 50,
            "bands": {
                "65-84": {"share": 0.5, "frailty": {"fit": 1}},
                "85+": {"share": 0.5, "frailty": {"fit": 1}},
            },
            "hazards": {"fall": {"rate": "0.001 per y", "to": "gp", **more}},
        },
        services={"gp": SERVICES["gp"]},
        programmes={"prevent": {"finds": {**ONE_A_DAY, "rule": rule}}},
    )
    c = seen.record.changes
    return c["person"][c["what"] == PROGRAMME_JOINED].tolist()


def test_at_random_finds_the_same_people_whatever_their_risk() -> None:
    old = {"times": {"age_band": {"85+": 9}}}
    assert many("at random") == many("at random", **old)
    assert many("highest risk") != many("highest risk", **old)
    assert many("at random") != sorted(many("at random"))
    assert len(set(many("at random"))) == 30


def test_time_since_discharge_counts_as_risk() -> None:
    """Ann came home from hospital at hour 96; for ten days her risk is five times that of low."""
    people = {"ann": person("low", at="ward"), "bob": person("mid"), "cat": person("high")}
    prevent = {"finds": {"rate": "0.2 per d"}, "who": {"need": ["low", "mid", "high"]}}
    soon = week(
        people, population={"after_discharge": {"10 d": {"times": 5}}}, days=16, prevent=prevent
    )
    assert [row[2] for row in events(soon)] == ["ann", "cat", "bob"]
    late = week(
        people, population={"after_discharge": {"12 h": {"times": 5}}}, days=16, prevent=prevent
    )
    assert [row[2] for row in events(late)] == ["cat", "bob", "ann"]


WEDNESDAY = {
    "rate": "10000000 per y",
    "times": {
        "need": {"none": 0, "low": 0, "mid": 0},
        "weekday": {**dict.fromkeys(("Mon", "Tue", "Thu", "Fri", "Sat", "Sun"), 0), "Wed": 1},
    },
    "to": "ward",
}


def test_the_effect_lasts_as_long_as_the_programme() -> None:
    """Cat would fall on Wednesday at 48 h. Found at 24 h, she is safe; she leaves at 60 h."""
    people = {"cat": person("high")}
    prevent = {"finds": ONE_A_DAY, "who": {"need": "high"}, "caseload": 1, "lasts": "36 h"}
    without = week(people, hazards={"fall": WEDNESDAY}, prevent=prevent)
    ((_, fell, _),) = [e for e in without.episodes("cat") if e[0] == "fall"]
    assert fell == pytest.approx(48, abs=0.01)
    safe = week(people, hazards={"fall": WEDNESDAY}, prevent={**prevent, "effect": {"fall": 0}})
    ((_, fell, _),) = [e for e in safe.episodes("cat") if e[0] == "fall"]
    assert fell == pytest.approx(60, abs=0.01)


def test_death_and_leaving_end_a_programme() -> None:
    deadly = {**WEDNESDAY, "to": "died"}
    seen = week(
        {"cat": person("high")},
        hazards={"fall": FALLS, "death": deadly},
        days=3,
        prevent={"finds": ONE_A_DAY, "who": {"need": "high"}},
    )
    joined, lost, left = events(seen)
    assert (joined, lost) == ((24, "joined", "cat", 1), (48, "lost", "", 0))
    assert left[1:] == ("left", "cat", 1)
    assert left[0] == pytest.approx(48, abs=0.01)


def test_a_move_to_a_named_service_ends_a_programme() -> None:
    """Found at 24 h; on Wednesday (48 h) she falls and moves to a care home."""
    hazards = {"fall": {**WEDNESDAY, "to": "care_home"}}
    prevent = {"finds": ONE_A_DAY, "who": {"need": "high"}, "caseload": 1}
    people = {"cat": person("high")}
    stays = week(people, hazards=hazards, days=4, prevent=prevent)
    assert [row[1] for row in events(stays)] == ["joined", "lost", "lost"]
    ends = week(people, hazards=hazards, days=3, prevent={**prevent, "ends_at": "care_home"})
    # The find at 48 h comes before the fall, a few seconds later.
    joined, lost, left = events(ends)
    assert (joined[1], lost[1], left[1:]) == ("joined", "lost", ("left", "cat", 3))
    assert left[0] == pytest.approx(48, abs=0.01)


def test_a_programme_begins_on_its_day() -> None:
    """From 3 June (hour 48) on, the first find a day later."""
    prevent = {"finds": ONE_A_DAY, "who": {"need": "high"}, "from": "2015-06-03"}
    assert events(week(THREE, days=4, prevent=prevent)) == [(72, "joined", "cat", 1)]


def test_routes_see_who_is_on_a_programme() -> None:
    """Both fall on Wednesday; only Cat, who was found before, goes on to respite care."""
    both = {"need": {"none": 0, "low": 0}, "weekday": WEDNESDAY["times"]["weekday"]}
    seen = run(
        clock={"start": "2015-06-01", "length": "3 d", "run_out": "0 d"},
        attributes=NEEDS,
        population={
            "size": 1,
            "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
            "hazards": {"fall": {**WEDNESDAY, "times": both}},
        },
        arrivals={"bob": person("mid"), "cat": person("high")},
        services={
            "gp": SERVICES["gp"],
            "ward": {
                "setting": "acute_bed",
                "stay": "1 h",
                "next": [{"when": {"programme": "prevent"}, "to": "respite"}, {"to": "home"}],
            },
            "respite": {"setting": "elsewhere", "stay": "20 d", "next": "home"},
        },
        programmes={"prevent": {"finds": ONE_A_DAY, "who": {"need": "high"}}},
    )
    assert len(seen.rows("cat", "respite")) == 1
    assert seen.rows("bob", "ward")
    assert not seen.rows("bob", "respite")


# --- at the start, by locality -------------------------------------------------------------


def town(size: int, days: int = 30, **sections: Any) -> Run:
    """Run people who fall at a constant rate and are seen for ten minutes each time."""
    population = {
        "size": size,
        "bands": {"65+": {"share": 1, "frailty": {"fit": 0.5, "severe": 0.5}}},
        "hazards": {"fall": {"rate": "4 per y", "times": {"frailty": {"severe": 2}}, "to": "gp"}},
        **sections.pop("population", {}),
    }
    return run(
        clock={"start": "2015-06-01", "length": f"{days} d", "run_out": "0 d"},
        population=population,
        services={"gp": {"in_place": True, "stay": "10 min", "next": "home"}},
        **sections,
    )


def falls(seen: Run) -> np.ndarray:
    """Return how often each of the population fell."""
    e = seen.record.episodes
    fell = [seen.plan.cause_names[k] == "fall" for k in e["cause"].tolist()]
    return np.bincount(e["person"][fell], minlength=seen.plan.population)


def test_people_on_it_at_the_start_are_those_at_highest_risk() -> None:
    seen = town(40, programmes={"prevent": {"start": {"caseload": 10}}})
    c, frailty = seen.record.changes, seen.record.people["attribute.frailty"]
    assert c["t"].tolist() == [0] * 10
    assert c["value"].tolist() == [0] * 10
    severe = np.flatnonzero(frailty == 1)
    assert c["person"].tolist() == severe[:10].tolist()


def test_remaining_time_at_the_start_is_length_biased_and_stays_end() -> None:
    """All of 400 leave within their year; the mean left is half of it, within 4 errors."""
    start = {"start": {"caseload": 400}, "lasts": "1 y"}
    seen = town(400, days=366, programmes={"prevent": start})
    c = seen.record.changes
    left = c["t"][c["what"] == PROGRAMME_LEFT] / (365.25 * 24 * HOUR)
    assert len(left) == 400
    assert left.mean() == pytest.approx(0.5, abs=4 / math.sqrt(12 * 400))


def test_each_locality_has_a_programme_of_its_own() -> None:
    """One find a day in each: people of the north only in the north."""
    seen = town(
        60,
        days=5,
        attributes={"place": {"shares": {"north": 0.5, "south": 0.5}}},
        programmes={"prevent": {"finds": ONE_A_DAY, "per": "place", "caseload": 3}},
    )
    assert [info.name for info in seen.plan.programmes] == ["prevent[north]", "prevent[south]"]
    c, place = seen.record.changes, seen.record.people["attribute.place"]
    joined = c["what"] == PROGRAMME_JOINED
    assert np.array_equal(place[c["person"][joined]], c["name"][joined])
    assert joined.sum() == 6


def test_numbers_of_needs_are_compared_as_numbers() -> None:
    """`3+` are those with 3, 4, or 5 or more."""
    shares = {"0": 0.2, "1": 0.2, "2": 0.2, "3": 0.2, "4": 0.1, "5+": 0.1}
    seen = town(
        60,
        attributes={"conditions": {"shares": shares}},
        programmes={"prevent": {"finds": {"rate": "4 per d"}, "who": {"conditions": "3+"}}},
    )
    c, many_needs = seen.record.changes, seen.record.people["attribute.conditions"] >= 3
    joined = c["person"][c["what"] == PROGRAMME_JOINED]
    assert sorted(joined.tolist()) == np.flatnonzero(many_needs).tolist()


# --- what it does ------------------------------------------------------------------------


ALL = {"start": {"caseload": 2000}}


def test_an_effect_of_one_changes_no_bit_but_the_rows_of_changes() -> None:
    plain = town(300, days=90)
    prevent = {"finds": {"rate": "2 per d"}, "lasts": "20 d", "effect": {"crisis": 1}}
    seen = town(300, days=90, programmes={"prevent": prevent})
    assert (seen.record.changes["what"] == PROGRAMME_LEFT).sum() > 50
    assert len(plain.record.changes["t"]) == 0
    for table in ("spells", "people", "episodes", "audit"):
        mine, theirs = getattr(plain.record, table), getattr(seen.record, table)
        assert all(np.array_equal(mine[name], theirs[name]) for name in mine)


def test_at_half_the_speed_people_fall_as_often_in_twice_the_time() -> None:
    """Person by person, exactly: nothing is redrawn, the clock only runs slower."""
    plain = falls(town(2000, days=60))
    half = falls(town(2000, days=120, programmes={"prevent": {**ALL, "effect": {"fall": 0.5}}}))
    assert plain.sum() > 1000
    assert np.array_equal(plain, half)


def test_half_the_hazard_is_half_the_falls() -> None:
    """4 a year, 8 for half of them: 2,000 people for 120 days, Poisson; within 4 errors."""
    seen = town(
        2000,
        days=120,
        population={"bands": {"65+": {"share": 1, "frailty": {"fit": 1, "severe": 0}}}},
        programmes={"prevent": {**ALL, "effect": {"crisis": 0.5}}},
    )
    expected = 2000 * 4 * 0.5 * 120 / 365.25
    assert falls(seen).sum() == pytest.approx(expected, abs=4 * math.sqrt(expected))


def test_only_those_on_it_fall_less() -> None:
    """The others have the very same falls at the very same instants."""
    plain = town(400, days=120)
    some = town(
        400,
        days=120,
        programmes={"prevent": {"start": {"caseload": 100}, "effect": {"crisis": 0.25}}},
    )
    on = np.zeros(400, dtype=bool)
    on[some.record.changes["person"]] = True
    assert on.sum() == 100
    assert np.array_equal(falls(plain)[~on], falls(some)[~on])
    assert falls(some)[on].sum() < 0.4 * falls(plain)[on].sum()


def test_effects_of_several_programmes_multiply() -> None:
    two = {"a": {**ALL, "effect": {"fall": 0.5}}, "b": {**ALL, "effect": {"crisis": 0.5}}}
    one = {"c": {**ALL, "effect": {"fall": 0.25}}}
    assert np.array_equal(falls(town(2000, programmes=two)), falls(town(2000, programmes=one)))


def test_a_programme_can_slow_frailty() -> None:
    """With effect 0 on progression nobody moves; the falls are those of people who stay fit."""
    population = {"progression": {"rate": "2 per y"}}
    grows = town(200, days=90, population=population)
    stays = town(
        200, days=90, population=population, programmes={"p": {**ALL, "effect": {"progression": 0}}}
    )
    assert (grows.record.changes["what"] == 0).sum() > 20
    assert (stays.record.changes["what"] == 0).sum() == 0
    assert np.array_equal(falls(stays), falls(town(200, days=90)))


def test_what_is_said_of_a_cause_counts_before_its_group() -> None:
    named = {"p": {**ALL, "effect": {"crisis": 0, "fall": 1}}}
    assert np.array_equal(falls(town(100, programmes=named)), falls(town(100)))


# --- the checks can fail -----------------------------------------------------------------


def tampered(seen: Run, k: int, **fields: int) -> Run:
    """Return a run whose row k of changes says something else."""
    changes = {name: column.copy() for name, column in seen.record.changes.items()}
    for name, value in fields.items():
        changes[name][k] = value
    return replace(seen, record=replace(seen.record, changes=changes))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"what": PROGRAMME_JOINED, "person": 1, "value": 0}, "on a caseload of"),
        ({"what": PROGRAMME_LEFT, "person": 0}, "join or leave twice"),
        ({"t": 5}, "finds where"),
    ],
)
def test_a_record_that_lies_is_found_out(fields: dict[str, int], words: str) -> None:
    prevent = {"finds": ONE_A_DAY, "who": {"need": ["low", "mid", "high"]}, "caseload": 3}
    seen = week(THREE, prevent=prevent)
    lost = events(seen).index((96, "lost", "", 1))
    wrong = tampered(seen, lost, **fields)
    with pytest.raises(CheckFailedError, match=words):
        check(wrong.plan, wrong.record)


def test_a_programme_for_everybody_finds_who_came_from_outside() -> None:
    """Two have come and live on, one was here: a find a day takes all three."""
    came = {"a": person("mid", 1), "b": person("high", 2)}
    seen = week(came, agents={"finds": ONE_A_DAY, "caseload": 5, "lasts": "1 y"})
    found = [who for _, what, who, _ in events(seen) if what == "joined"]
    assert sorted(found) == ["a", "b", "population"]
