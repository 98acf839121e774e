"""Dated changes in a run, by hand. Instant 0 is Monday 1 June 2015; 3 June begins at hour 48."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small import Run, comes, run

from carepath_sim.engine import NEVER, Outcome

WARD = {"setting": "acute_bed", "pool": "beds", "stay": "1 d", "next": "home"}
ACUTE = {"setting": "acute_bed", "stay": "2 d", "next": "ward"}
BEDS = {"beds": {"unit": "beds", "capacity": 1}}
WINDOW = {"start": "2015-06-01", "length": "30 d", "run_out": "10 d"}


def change(**sets: Any) -> list[dict[str, Any]]:
    """Return changes from 3 June on; `__` stands for a dot."""
    return [{"from": "2015-06-03", "set": {k.replace("__", "."): v for k, v in sets.items()}}]


def same(one: Run, other: Run) -> bool:
    """Tell whether two runs left the same spells, bit for bit."""
    a, b = one.record.spells, other.record.spells
    return all(np.array_equal(a[name], b[name]) for name in a)


# --- what is decided after the date -----------------------------------------------------------


def test_drawn_stays_stand_and_later_ones_have_the_new_length() -> None:
    """Ann came before the change and stays a day; Bob came after it and stays two."""
    seen = run(
        pools={"beds": {"unit": "beds", "capacity": 9}},
        arrivals={"ann": comes("ward", 40), "bob": comes("ward", 48)},
        services={"ward": WARD},
        changes=change(services__ward__stay="2 d"),
    )
    assert seen.stays("ann") == [("ward", 40, 64)]
    assert seen.stays("bob") == [("ward", 48, 96)]


def test_the_way_on_is_the_one_of_the_instant_at_which_it_is_decided() -> None:
    """Ann is ready an hour before the change, Bob at its very instant."""
    seen = run(
        pools={"beds": {"unit": "beds", "capacity": 9}},
        arrivals={"ann": comes("ward", 23), "bob": comes("ward", 24)},
        services={"ward": WARD, "later": {"setting": "own_home", "stay": "1 h", "next": "home"}},
        changes=change(services__ward__next="later"),
    )
    assert seen.stays("ann") == [("ward", 23, 47)]
    assert seen.stays("bob") == [("ward", 24, 48), ("later", 48, 49)]


def test_beds_that_open_serve_the_queue_and_beds_that_close_put_nobody_out() -> None:
    arrivals = {name: comes("ward", 30) for name in ("ann", "bob", "cat")}
    opened = run(
        pools=BEDS,
        arrivals=arrivals,
        services={"ward": {**WARD, "stay": "10 d"}},
        changes=change(pools__beds__capacity=2),
    )
    assert [opened.stays(name)[0][1] for name in ("ann", "bob")] == [30, 48]
    closed = run(
        pools={"beds": {"unit": "beds", "capacity": 2}},
        arrivals=arrivals,
        services={"ward": {**WARD, "stay": "30 h"}},
        changes=change(pools__beds__capacity=1),
    )
    assert [closed.stays(name) for name in ("ann", "bob", "cat")] == [
        [("ward", 30, 60)],
        [("ward", 30, 60)],
        [("ward", 60, 90)],
    ]


def test_hours_change_from_the_midnight_of_the_day() -> None:
    """Ready at hour 70 of Wednesday 22:00: discharged at once before, from 09:00 on after."""
    seen = run(
        pools={"beds": {"unit": "beds", "capacity": 9}},
        arrivals={"ann": comes("ward", 10), "bob": comes("ward", 46)},
        services={"ward": {**WARD, "discharges": "daily 20:00-24:00"}},
        changes=change(services__ward__discharges="daily 09:00-10:00"),
    )
    assert seen.one("ann", "ward").left == 44  # ready at 34, Tuesday 10:00; before the change
    assert seen.one("bob", "ward").left == 81  # ready at 70, Wednesday 22:00; Thursday 09:00


def test_a_service_that_was_always_open_gets_hours_and_serves_its_queue_at_the_opening() -> None:
    seen = run(
        pools=BEDS,
        arrivals={"ann": comes("ward", 30), "bob": comes("ward", 49)},
        services={"ward": WARD},
        changes=change(services__ward__admits="daily 09:00-10:00"),
    )
    assert seen.stays("ann") == [("ward", 30, 54)]
    assert seen.stays("bob") == [("ward", 57, 81)]
    back = run(
        pools=BEDS,
        arrivals={"ann": comes("ward", 34), "bob": comes("ward", 35)},
        services={"ward": {**WARD, "admits": "daily 09:00-10:00"}},
        changes=change(services__ward__admits=None),
    )
    assert [back.stays(name)[0][1] for name in ("ann", "bob")] == [48, 72]


def test_patience_may_come_and_go_by_date() -> None:
    """Bob asked before there was a limit and waits; Cat asked after and gives up."""
    seen = run(
        pools=BEDS,
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 47), "cat": comes("ward", 49)},
        services={"ward": {**WARD, "stay": "6 d"}},
        changes=change(services__ward__max_wait="5 h"),
    )
    assert seen.one("bob", "ward").outcome != Outcome.GAVE_UP
    assert (seen.one("cat", "ward").left, seen.one("cat", "ward").outcome) == (54, Outcome.GAVE_UP)
    gone = run(
        pools=BEDS,
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 44), "cat": comes("ward", 49)},
        services={"ward": {**WARD, "stay": "6 d", "max_wait": "5 h"}},
        changes=change(services__ward__max_wait=None),
    )
    assert (gone.one("bob", "ward").left, gone.one("bob", "ward").outcome) == (49, Outcome.GAVE_UP)
    assert gone.one("cat", "ward").started == 144


def test_how_long_a_place_may_be_held_changes_for_requests_after_the_date() -> None:
    """Without holding, a place planned a day ahead is granted only when the person can move."""

    def granted(hour: int) -> float | None:
        seen = run(
            pools=BEDS,
            arrivals={"ann": comes("acute", hour)},
            services={
                "acute": {
                    "setting": "acute_bed",
                    "stay": "2 d",
                    "plan_ahead": "1 d",
                    "next": "ward",
                },
                "ward": {**WARD, "hold_up_to": "1 d"},
            },
            changes=change(services__ward__hold_up_to="0 d"),
        )
        return seen.one("ann", "ward").granted

    assert granted(0) == 24  # asked at 24, before the change
    assert granted(30) == 78  # asked at 54, ready at 78


def test_a_policy_may_change_its_kind() -> None:
    """Fences until Wednesday, then first come first served: Bob takes the bed that was fenced."""
    seen = run(
        pools={
            "beds": {
                "unit": "beds",
                "capacity": 2,
                "policy": {"ring_fenced": {"up": 1, "down": 1}},
            }
        },
        attributes={"way": {"of": "episode", "shares": {"up": 0.5, "down": 0.5}}},
        arrivals={
            "ann": comes("ward", 10, **{"is": {"way": "up"}}),
            "bob": comes("ward", 11, **{"is": {"way": "up"}}),
            "cat": comes("ward", 50, **{"is": {"way": "down"}}),
        },
        services={
            "ward": {
                **WARD,
                "stay": "5 d",
                "stream": [{"when": {"way": "up"}, "stream": "up"}, {"stream": "down"}],
            }
        },
        changes=change(pools__beds__policy="shared"),
    )
    assert [seen.stays(name)[0][1] for name in ("ann", "bob", "cat")] == [10, 48, 130]


def test_shares_of_episodes_change_for_episodes_after_the_date() -> None:
    seen = run(
        attributes={"way": {"of": "episode", "shares": {"a": 1, "b": 0}}},
        arrivals={"ann": comes("gate", 47), "bob": comes("gate", 48)},
        services={
            "gate": {
                "setting": "own_home",
                "stay": "1 h",
                "next": [{"when": {"way": "a"}, "to": "first"}, {"to": "second"}],
            },
            "first": {"setting": "own_home", "stay": "1 h", "next": "home"},
            "second": {"setting": "own_home", "stay": "1 h", "next": "home"},
        },
        changes=change(attributes__way__shares={"a": 0, "b": 1}),
    )
    assert [seen.stays(name)[-1][0] for name in ("ann", "bob")] == ["first", "second"]


# --- the same bits ------------------------------------------------------------------------------

BUSY: dict[str, Any] = {
    "clock": WINDOW,
    "pools": {"beds": {"unit": "beds", "capacity": 4, "policy": {"priority": ["up", "down"]}}},
    "attributes": {"way": {"of": "episode", "shares": {"a": 0.5, "b": 0.5}}},
    "population": {
        "size": 60,
        "bands": {"65+": {"share": 1, "frailty": {"fit": 0.5, "severe": 0.5}}},
        "hazards": {
            "fall": {"rate": "3 per y", "times": {"frailty": {"severe": 3}}, "to": "ward"},
            "death": {"rate": "0.2 per y", "to": "died"},
        },
    },
    "arrivals": {"people": {"rate": "1.5 per d", "at": "ward"}},
    "services": {
        "ward": {
            "setting": "acute_bed",
            "pool": "beds",
            "stay": {"exponential": {"mean": "2 d"}},
            "stream": [{"when": {"way": "a"}, "stream": "up"}, {"stream": "down"}],
            "discharges": "daily 09:00-17:00",
            "admits": "Mon-Fri 08:00-20:00",
            "max_wait": {"after": "3 d", "to": "home"},
            "next": {"to": {"home": 0.6, "care": 0.4}},
        },
        "care": {
            "setting": "own_home",
            "stay": {"gamma": {"mean": "4 d", "sd": "2 d"}},
            "next": "home",
        },
    },
}
NEW = {
    "services.ward.stay": {"exponential": {"mean": "3 d"}},
    "services.ward.next": {"to": {"home": 0.2, "care": 0.8}},
    "services.ward.discharges": "Mon-Fri 10:00-12:00",
    "services.ward.admits": None,
    "services.ward.max_wait": None,
    "services.ward.hold_up_to": "0 d",
    "services.care.max_stay": "3 d",
    "pools.beds.capacity": 5,
    "pools.beds.policy": "shared",
    "population.hazards.fall.rate": "9 per y",
    "population.hazards.fall.to": "care",
    "arrivals.people.rate": "2 per d",
    "attributes.way.shares": {"a": 0.1, "b": 0.9},
}


def written_so(sets: dict[str, Any]) -> dict[str, Any]:
    """Return the busy scenario with fields set from the start."""
    import copy

    raw = copy.deepcopy(BUSY)
    for path, value in sets.items():
        *way, last = path.split(".")
        at = raw
        for step in way:
            at = at[step]
        if value is None:
            del at[last]
        else:
            at[last] = value
    return raw


@pytest.mark.parametrize("day", ["2015-06-01", "2014-01-01"])
def test_a_change_at_the_beginning_is_the_scenario_written_so_from_the_start(day: str) -> None:
    """Every kind of field that can change, at the first instant of a run without warm-up."""
    changed = run(**BUSY, changes=[{"from": day, "set": NEW}])
    assert same(changed, run(**written_so(NEW)))
    assert not same(changed, run(**BUSY))


def value_of(path: str) -> Any:
    at: Any = BUSY
    for step in path.split("."):
        at = at.get(step)
        if at is None:
            return None
    return at


def test_a_change_that_sets_what_is_there_already_changes_no_bit() -> None:
    """In the middle of the run, all fields at once."""
    sets = {path: value_of(path) for path in NEW if value_of(path) is not None}
    sets["services.ward.hold_up_to"] = "1 d"
    assert len(sets) == 12
    assert same(run(**BUSY), run(**BUSY, changes=[{"from": "2015-06-10", "set": sets}]))


def until(seen: Run, day: int) -> list[tuple[int, ...]]:
    """Return what happened before an instant [ms], row by row; what comes later is not known.

    Time at home is left out: it is written only for those to whom something happens.
    """
    spells = seen.record.spells
    rows = np.flatnonzero((spells["requested"] < day) & (spells["service"] > 0))
    names = ("requested", "visit", "service", "stream", "granted", "started", "left")
    columns = [np.where(spells[name][rows] < day, spells[name][rows], NEVER) for name in names]
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


# Nobody plans ahead for the ward: what may be held there is tried above.
@pytest.mark.parametrize("path", [path for path in NEW if not path.endswith("hold_up_to")])
def test_before_its_day_a_change_changes_nothing(path: str) -> None:
    """Every kind of field makes a difference, and only to what happens from its day on."""
    base = run(**BUSY)
    seen = run(**BUSY, changes=[{"from": "2015-06-16", "set": {path: NEW[path]}}])
    day = 15 * 24 * 3_600_000
    assert until(base, day) == until(seen, day)
    assert not same(base, seen), "it makes a difference afterwards"


def test_a_rate_that_triples_brings_three_times_as_many() -> None:
    """Of 4,000 people, in thirty days each: 3 times 330 expected; five standard errors are 180."""
    people = {
        "size": 4000,
        "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
        "hazards": {"fall": {"rate": "1 per y", "to": "ward"}},
    }
    seen = run(
        clock={"start": "2015-06-01", "length": "60 d", "run_out": "0 d"},
        population=people,
        services={"ward": {"setting": "acute_bed", "stay": "1 h", "next": "home"}},
        changes=[{"from": "2015-07-01", "set": {"population.hazards.fall.rate": "3 per y"}}],
    )
    began = seen.record.episodes["began"]
    half = 30 * 24 * 3_600_000
    before, after = int((began < half).sum()), int((began >= half).sum())
    assert abs(before - 4000 * 30 / 365.25) < 5 * 330**0.5
    assert abs(after - 3 * 4000 * 30 / 365.25) < 5 * 990**0.5


# --- whom a change concerns ---------------------------------------------------------------------

PLACES: dict[str, Any] = {
    "attributes": {
        "town": {"shares": {"rye": 0.4, "bexhill": 0.3, "hastings": 0.3}},
        "side": {"map": {"from": "town", "rye": "east", "bexhill": "west", "hastings": "east"}},
    },
    "pools": {"team": {"unit": "staff", "per": "town", "capacity": 1}},
    "services": {
        "team": {
            "per": "town",
            "setting": "own_home",
            "pool": "team",
            "stay": "1 h",
            "next": "home",
        },
        "desk": {"setting": "own_home", "stay": "1 h", "next": "team"},
    },
    "arrivals": {
        name: comes("desk", 60, **{"is": {"town": name}}) for name in ("rye", "bexhill", "hastings")
    },
}


@pytest.mark.parametrize(
    ("where", "long"),
    [
        ({"town": ["rye"]}, {"rye"}),
        ({"town": ["rye", "bexhill"]}, {"rye", "bexhill"}),
        ({"side": "east"}, {"rye", "hastings"}),
        ({"side": "east", "town": ["rye", "bexhill"]}, {"rye"}),
    ],
)
def test_a_change_concerns_the_members_that_fit(where: dict[str, Any], long: set[str]) -> None:
    """Of a template over the attribute, or over the one from which it is mapped; both decided."""
    seen = run(
        **PLACES,
        changes=[
            {
                "from": "2015-06-03",
                "where": where,
                "set": {"services.team.stay": "5 h", "services.team.admits": "daily 14:00-20:00"},
            }
        ],
    )
    for name in ("rye", "bexhill", "hastings"):
        began, left = seen.stays(name)[-1][1:]
        expected = (62.0, 67.0) if name in long else (61.0, 62.0)
        assert (began, left) == expected


def test_where_nothing_is_a_template_a_change_concerns_people() -> None:
    seen = run(
        **PLACES,
        changes=[
            {"from": "2015-06-03", "where": {"side": "east"}, "set": {"services.desk.stay": "3 h"}}
        ],
    )
    lengths = {name: seen.one(name, "desk").left for name in ("rye", "bexhill", "hastings")}
    assert lengths == {"rye": 63, "bexhill": 61, "hastings": 63}


def test_of_two_changes_the_later_counts_for_those_whom_it_concerns() -> None:
    seen = run(
        **PLACES,
        changes=[
            {"from": "2015-06-02", "where": {"town": "rye"}, "set": {"services.desk.stay": "9 h"}},
            {"from": "2015-06-03", "where": {"side": "east"}, "set": {"services.desk.stay": "3 h"}},
            {"from": "2015-06-03", "set": {"pools.team.capacity": 2}},
        ],
    )
    assert [seen.one(name, "desk").left for name in ("rye", "bexhill", "hastings")] == [63, 61, 63]


# --- retirement ---------------------------------------------------------------------------------

RETIRED = [{"from": "2015-06-03", "retire": {"service": "old", "to": "new"}}]
TWO = {
    "old": {"setting": "acute_bed", "pool": "old", "stay": "5 d", "next": "home"},
    "new": {"setting": "acute_bed", "pool": "new", "stay": "1 d", "next": "home"},
}
TWO_BEDS = {"old": {"unit": "beds", "capacity": 1}, "new": {"unit": "beds", "capacity": 1}}


def test_those_who_wait_for_a_retired_service_move_with_their_joining_time() -> None:
    """Bob and Cat wait for the old ward; Dan, who asked for the new one, came before Cat."""
    seen = run(
        pools=TWO_BEDS,
        arrivals={
            "ann": comes("old", 0),
            "bob": comes("old", 30),
            "cat": comes("old", 40),
            "eve": comes("new", 31),
            "dan": comes("new", 35),
            "fay": comes("old", 60),
        },
        services=TWO,
        changes=RETIRED,
    )
    assert seen.stays("ann") == [("old", 0, 120)], "who is there stays till the drawn stay ends"
    wait = seen.one("bob", "old")
    assert (wait.left, wait.started, wait.outcome) == (48, None, Outcome.DIVERTED)
    # Eve leaves the new ward at 55; Bob joined at 30, Dan at 35, Cat at 40, Fay at 60.
    order = [(name, seen.stays(name)[0][1]) for name in ("eve", "bob", "dan", "cat", "fay")]
    assert order == [("eve", 31), ("bob", 55), ("dan", 79), ("cat", 103), ("fay", 127)]


def test_a_booked_place_of_a_retired_service_is_taken_up() -> None:
    """Ann's place is granted at hour 40, before the change; she moves at 56, after it."""
    seen = run(
        pools=TWO_BEDS,
        arrivals={"ann": comes("acute", 32), "bob": comes("acute", 40)},
        services={
            **TWO,
            "acute": {"setting": "acute_bed", "stay": "1 d", "plan_ahead": "16 h", "next": "old"},
        },
        changes=RETIRED,
    )
    assert [row[0] for row in seen.stays("ann")] == ["acute", "old"]
    assert seen.stays("ann")[1][1] == 56
    assert [row[0] for row in seen.stays("bob")] == ["acute", "new"]


def test_steps_asked_for_together_go_to_the_step_in_place_of_a_retired_one() -> None:
    """The queue of a retired step moves to the other; the person goes on when both are done."""
    step = {"in_place": True, "pool": "old", "stay": "2 h"}
    seen = run(
        pools={"old": {"unit": "staff", "capacity": 1}, "new": {"unit": "staff", "capacity": 1}},
        arrivals={"ann": comes("ward", 0), "bob": comes("ward", 1), "cat": comes("ward", 50)},
        services={
            "ward": {
                "setting": "acute_bed",
                "stay": "20 h",
                "next": {"to": {"all_of": ["first", "other"], "then": "home"}},
            },
            "first": {**step, "stay": "40 h"},
            "second": {**step, "pool": "new"},
            "other": {"in_place": True, "stay": "1 h"},
        },
        changes=[{"from": "2015-06-03", "retire": {"service": "first", "to": "second"}}],
    )
    assert [(r.service, r.started, r.left) for r in seen.rows("bob") if r.service != "ward"] == [
        ("first", None, 48),
        ("other", 21, 22),
        ("second", 48, 50),
    ]
    assert seen.end("ann") == (2, 60), "a step that is being received goes on"
    assert [r.service for r in seen.rows("cat")] == ["ward", "second", "other"]


def test_members_of_a_template_may_be_retired_one_by_one() -> None:
    seen = run(
        attributes={"town": {"shares": {"rye": 0.5, "bexhill": 0.5}}},
        arrivals={name: comes("old", 60, **{"is": {"town": name}}) for name in ("rye", "bexhill")},
        services={
            "old": {"per": "town", "setting": "own_home", "stay": "1 h", "next": "home"},
            "new": {"setting": "own_home", "stay": "1 h", "next": "home"},
        },
        changes=[
            {
                "from": "2015-06-03",
                "where": {"town": "rye"},
                "retire": {"service": "old", "to": "new"},
            }
        ],
    )
    assert [seen.stays(name)[0][0] for name in ("rye", "bexhill")] == ["new", "old[bexhill]"]


def test_a_service_retired_from_the_beginning_is_never_asked_for() -> None:
    seen = run(
        pools=TWO_BEDS,
        arrivals={"ann": comes("old", 0), "bob": comes("new", 0)},
        services=TWO,
        changes=[{**RETIRED[0], "from": "2015-06-01"}],
    )
    assert not seen.rows(service="old")
    assert seen.stays("ann")[0][0] == "new"
