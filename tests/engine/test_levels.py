"""Levels: what stays do to people when they leave, and the clock that moves them up."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from small import DAY, HOUR, Run, comes, run

from carepath_sim.engine.spells import ATTRIBUTE_SET
from carepath_sim.plan.states import chances, moved
from carepath_sim.scenario.grammar_states import changes_state

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVELS = {"walks": {"shares": {"well": 1, "badly": 0, "never": 0}}}
CLOCK = {"start": "2015-06-01", "length": "30 d", "run_out": "0 d"}


def ward(stay: str, **change: Any) -> dict[str, Any]:
    """Return a ward after which people rest for one day for each level they have lost."""
    by_level = [
        {"when": {"walks": "well"}, "fixed": "1 d"},
        {"when": {"walks": "badly"}, "fixed": "2 d"},
        {"fixed": "3 d"},
    ]
    return {
        "ward": {"setting": "acute_bed", "stay": stay, "next": "rest", "changes_state": change},
        "rest": {"setting": "own_home", "stay": by_level, "next": "home"},
    }


def moves(seen: Run, attribute: str = "walks") -> list[tuple[str, float, str]]:
    """Return who moved when [h] to which level, in the order in which it happened."""
    return list(_moves(seen, attribute))


def _moves(seen: Run, attribute: str) -> Iterator[tuple[str, float, str]]:
    c, people = seen.record.changes, seen._people()
    number = seen.plan.attribute_index[attribute]
    for k in range(len(c["t"])):
        if c["what"][k] == ATTRIBUTE_SET and c["name"][k] == number:
            value = seen.plan.attributes[number].values[c["value"][k]]
            yield people[c["person"][k]], int(c["t"][k]) / HOUR, value


def leaves(stay: str, move: dict[str, Any], **sections: Any) -> Run:
    """Run Ann through the ward."""
    return run(
        attributes=LEVELS,
        arrivals={"ann": comes("ward", 0)},
        services=ward(stay, walks=move),
        **sections,
    )


def test_a_level_moves_when_the_stay_is_left_before_the_next_begins() -> None:
    """Ann leaves after 72 h: the day of rest that follows is already that of the new level."""
    seen = leaves("3 d", {"up": "100 %"})
    assert moves(seen) == [("ann", 72, "badly")]
    assert seen.stays("ann") == [("ward", 0, 72), ("rest", 72, 120)]


def test_whole_days_beyond_the_first_count() -> None:
    """With certainty a day and two days free, 71 h change nothing and 72 h do."""
    move = {"up": "100 % per day", "after": "2 d"}
    assert moves(leaves("71 h", move)) == []
    assert moves(leaves("72 h", move)) == [("ann", 72, "badly")]


def test_a_chance_of_the_whole_stay_waits_for_the_time_without_effect() -> None:
    move = {"up": "100 %", "after": "2 d"}
    assert moves(leaves("47 h", move)) == []
    assert moves(leaves("48 h", move)) == [("ann", 48, "badly")]


def test_the_time_of_waiting_for_the_next_place_counts() -> None:
    """Ready after one day, Ann leaves after three: deconditioning goes on while she waits."""
    services = ward("1 d", walks={"up": "100 % per day", "after": "2 d"})
    services["rest"]["pool"] = "places"
    seen = run(
        attributes=LEVELS,
        pools={"places": {"capacity": [{"places": 0}, {"from": "2015-06-04", "places": 1}]}},
        arrivals={"ann": comes("ward", 0)},
        services=services,
    )
    assert moves(seen) == [("ann", 72, "badly")]


def test_several_levels_at_once_and_never_beyond_the_last() -> None:
    assert moves(leaves("1 d", {"up": "100 %", "levels": 2})) == [("ann", 24, "never")]
    assert moves(leaves("1 d", {"up": "100 %", "levels": 9})) == [("ann", 24, "never")]
    assert moves(leaves("1 d", {"down": "100 %"})) == []


def test_frailty_has_its_own_order_whatever_stands_first() -> None:
    """The codes are in the order of the file, the levels in that of the index."""
    assert moved("frailty", ["severe", "fit", "mild"], 1) == (0, 2, 0)
    assert moved("walks", ["well", "badly", "never"], 1) == (1, 2, 2)


def test_nobody_who_dies_moves() -> None:
    services = ward("3 d", walks={"up": "100 %"})
    services["ward"]["next"] = "died"
    del services["rest"]
    seen = run(attributes=LEVELS, arrivals={"ann": comes("ward", 0)}, services=services)
    assert moves(seen) == []
    assert seen.end("ann") == (1, 72)


def test_a_step_in_place_moves_people_when_it_ends() -> None:
    """The route of the step is chosen at the new level."""
    services = {
        "training": {
            "in_place": True,
            "stay": "6 h",
            "changes_state": {"walks": {"up": "100 %"}},
            "next": [{"when": {"walks": "well"}, "to": "advice"}, {"to": "rest"}],
        },
        "rest": {"setting": "own_home", "stay": "1 d", "next": "home"},
    }
    seen = run(
        attributes=LEVELS,
        exits=["advice"],
        arrivals={"ann": comes("training", 1)},
        services=services,
    )
    assert moves(seen) == [("ann", 7, "badly")]
    assert seen.stays("ann") == [("rest", 7, 31)]


def test_a_move_ends_what_was_set_for_a_time() -> None:
    """Set to badly for five days at 24 h, moved on to never at 48 h: nothing is put back."""
    services = ward("1 d", walks={"up": "0 %"})
    services["ward"]["set"] = {"walks": {"value": "badly", "for": "5 d"}}
    services["rest"] = {
        "setting": "own_home",
        "stay": "1 d",
        "next": "home",
        "changes_state": {"walks": {"up": "100 %"}},
    }
    seen = run(
        attributes=LEVELS,
        arrivals={"ann": comes("ward", 0, returns=True)},
        services=services,
    )
    assert moves(seen) == [("ann", 24, "badly"), ("ann", 48, "never")]


def test_a_crisis_ends_a_stay_and_its_effect_is_there() -> None:
    """Ann falls on her tenth day of reablement; she leaves it for the ward at a higher level."""
    weekday = dict.fromkeys(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), 0) | {"Wed": 1}
    hazards = {
        "fall": {
            "rate": "10000000 per y",
            "times": {"falls": {"no": 0}, "weekday": weekday},
            "to": "acute",
        }
    }
    seen = run(
        clock={"start": "2015-06-01", "length": "7 d", "run_out": "0 d"},
        attributes={**LEVELS, "falls": {"shares": {"no": 1, "yes": 0}}},
        population={
            "size": 1,
            "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
            "hazards": hazards,
        },
        arrivals={"ann": comes("training", 0, returns=True, **{"is": {"falls": "yes"}})},
        services={
            "training": {
                "setting": "own_home",
                "stay": "20 d",
                "next": "home",
                "changes_state": {"walks": {"up": "100 % per day"}},
            },
            "acute": {"setting": "acute_bed", "stay": "20 d", "next": "home"},
        },
    )
    ((who, hour, level),) = moves(seen)
    assert (who, level) == ("ann", "badly")
    assert hour == pytest.approx(48, abs=0.01)


@pytest.mark.parametrize("days", [0, 1, 7, 40])
def test_the_chance_compounds_by_whole_day(days: int) -> None:
    """1 - (1 - p)^days, reckoned exactly in fractions."""
    (change,) = changes_state({"frailty": {"up": "3 % per day"}})
    exact = 1 - (1 - Fraction(3, 100)) ** days
    assert chances(change, 60 * DAY)[days] == pytest.approx(float(exact), rel=1e-12)


def test_the_share_who_move_is_the_chance() -> None:
    """2,000 stays of 10 days, the first two free: 1 - 0.95^8 = 33.7 %, within 4 standard errors."""
    seen = run(
        attributes=LEVELS,
        arrivals={"people": {"every": "1 min", "count": 2000, "at": "ward"}},
        services=ward("10 d", walks={"up": "5 % per day", "after": "2 d"}),
    )
    p = 1 - 0.95**8
    share = len(moves(seen)) / 2000
    assert share == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 2000))


def test_two_services_of_two_scenarios_share_their_luck() -> None:
    """Whoever gets worse in the old ward with 20 % does so in the new one with 40 %.

    And all their other draws agree: length of stay, way on, patience.
    """

    def seen(name: str, chance: str, **more: Any) -> Run:
        service = {
            "setting": "acute_bed",
            "pool": "beds",
            "stay": {"exponential": {"mean": "5 d"}},
            "max_wait": {"after": {"exponential": {"mean": "2 h"}}, "to": "gave_up"},
            "next": {"to": {"rest": 0.5, "gave_up": 0.5}},
            "changes_state": {"walks": {"up": chance}},
            **more,
        }
        return run(
            attributes=LEVELS,
            exits=["gave_up"],
            pools={"beds": {"capacity": 30}},
            arrivals={"people": {"every": "4 h", "at": name}},
            services={
                name: service,
                "rest": {"setting": "own_home", "stay": "1 h", "next": "home"},
            },
            clock=CLOCK,
        )

    old, new = seen("ward", "20 %"), seen("hospital", "40 %", luck="ward")
    other = seen("hospital", "40 %")
    assert {who for who, _, _ in moves(old)} < {who for who, _, _ in moves(new)}
    facts = ("granted", "ready", "left", "left_to", "outcome")
    s, t, u = (one.record.spells for one in (old, new, other))
    assert (s["outcome"] == 3).any(), "somebody must have given up, or patience is not tested"
    assert all(np.array_equal(s[name], t[name]) for name in facts)
    assert not np.array_equal(s["ready"], u["ready"])


# --- the clock ---------------------------------------------------------------------------


def aged(rate: str, size: int, **sections: Any) -> Run:
    """Run a year of people who are all fit at first and move up at a rate."""
    shares = {"fit": 1, "mild": 0, "moderate": 0, "severe": 0}
    population = {
        "size": size,
        "bands": {"65+": {"share": 1, "frailty": shares}},
        "progression": {"rate": rate},
        **sections.pop("population", {}),
    }
    return run(
        clock={"start": "2015-06-01", "length": "1 y", "run_out": "0 d"},
        population=population,
        services={"gp": {"in_place": True, "stay": "10 min", "next": "home"}},
        arrivals={"nobody": comes("gp", 0)},
        **sections,
    )


def levels_at_end(seen: Run) -> list[int]:
    """Return how many of the population are fit, mild, moderate, severe at the end."""
    codes = seen.record.people["attribute.frailty"][: seen.plan.population].copy()
    c = seen.record.changes
    for person, value in zip(c["person"], c["value"], strict=True):
        assert value == codes[person] + 1, "one level at a time"
        codes[person] = value
    return np.bincount(codes, minlength=4).tolist()


def test_people_are_at_each_level_as_a_poisson_process_says() -> None:
    """After 366 days at 0.8 a year of 365.25 days: Poisson, the last level gathers the rest.

    10,000 people; each level within 4 standard errors (1 in 4,000 by chance).
    """
    found, mean = levels_at_end(aged("0.8 per y", 10_000)), 0.8 * 366 / 365.25
    expected = [math.exp(-mean) * mean**k / math.factorial(k) for k in range(3)]
    expected.append(1 - sum(expected))
    for count, p in zip(found, expected, strict=True):
        assert count / 10_000 == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 10_000))


def test_progression_runs_in_beds_as_at_home() -> None:
    """The same people move at the same instants, whether in hospital all year or at home."""
    services = {
        "gp": {"in_place": True, "stay": "10 min", "next": "home"},
        "ward": {"setting": "acute_bed", "stay": "3 y", "next": "home"},
    }
    sections = {
        "clock": {"start": "2015-06-01", "length": "1 y", "run_out": "0 d"},
        "population": {
            "size": 100,
            "bands": {"65+": {"share": 1, "frailty": {"fit": 0.5, "mild": 0.3, "severe": 0.2}}},
            "progression": {"rate": "1 per y", "times": {"sex": {"men": 2}}},
        },
        "arrivals": {"nobody": comes("gp", 0)},
    }
    services["gp"]["next"] = {"to": {"home": 0.999, "ward": 0.001}}
    at_home = run(services=services, **sections)
    in_bed = run(
        services=services,
        start={"ward": {"count": 100, "remaining": "fresh"}},
        **sections,
    )
    assert len(in_bed.record.changes["t"]) > 30
    for name in ("t", "person", "value"):
        assert np.array_equal(at_home.record.changes[name], in_bed.record.changes[name])


def test_without_progression_and_moves_nobody_changes() -> None:
    seen = aged("0 per y", 50)
    assert len(seen.record.changes["t"]) == 0


def test_frailer_people_fall_more_from_the_instant_of_the_move() -> None:
    """Only the mild fall, at once: every first fall lies within a minute of the first move."""
    population = {
        "hazards": {
            "fall": {
                "rate": "10000000 per y",
                "times": {"frailty": {"fit": 0, "severe": 0}},
                "to": "ward",
            }
        }
    }
    seen = run(
        clock={"start": "2015-06-01", "length": "1 y", "run_out": "0 d"},
        population={
            "size": 60,
            "bands": {"65+": {"share": 1, "frailty": {"fit": 1, "mild": 0, "severe": 0}}},
            "progression": {"rate": "1 per y"},
            **population,
        },
        services={"ward": {"setting": "acute_bed", "stay": "2 y", "next": "home"}},
    )
    c, e = seen.record.changes, seen.record.episodes
    first = {}
    for person, t in zip(c["person"].tolist(), c["t"].tolist(), strict=True):
        first.setdefault(person, t)
    assert len(first) > 20
    # Somebody may move in the last minute of the year, and fall after it.
    fell = dict(zip(e["person"].tolist(), e["began"].tolist(), strict=True))
    assert set(fell) <= set(first)
    assert len(fell) >= len(first) - 1
    assert all(0 <= t - first[person] < 60_000 for person, t in fell.items())
