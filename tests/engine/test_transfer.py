"""Transfer: the way to the next place takes time, and both places are held meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from small import HOUR, Run, comes, run
from test_crises import ATTRIBUTES, FALLS, fires

from carepath_sim.engine import Outcome
from carepath_sim.measures.delays import pieces
from carepath_sim.measures.view import View


def moves(**more: Any) -> Run:
    """Run people from an acute ward to a community ward, two hours away."""
    community = {
        "setting": "community_bed",
        "pool": "community",
        "stay": "9 h",
        "next": "home",
        "transfer": "2 h",
        **more.pop("community", {}),
    }
    acute = {"setting": "acute_bed", "pool": "acute", "stay": "10 h", "next": "community"}
    return run(
        pools={"acute": {"capacity": 1}, "community": {"capacity": 1}},
        services={"acute": {**acute, **more.pop("acute", {})}, "community": community},
        **more,
    )


def reasons(seen: Run, person: str) -> list[tuple[float, float, str]]:
    """Return the pieces of delay of a person's stay in the acute ward [h]."""
    cut = View(seen.plan, seen.record).once(pieces)
    row = seen.rows().index(seen.one(person, "acute"))
    return [
        (int(a) / HOUR, int(b) / HOUR, cut.reasons[r])
        for host, a, b, r in zip(cut.host, cut.begin, cut.end, cut.reason, strict=True)
        if host == row
    ]


def test_between_grant_and_start_both_places_are_held() -> None:
    """Granted at 10, there at 12; only then is the first bed free for Bob."""
    seen = moves(arrivals={"ann": comes("acute", 0), "bob": comes("acute", 1)})
    first, second = seen.one("ann", "acute"), seen.one("ann", "community")
    assert (second.requested, second.granted, second.started) == (10, 10, 12)
    assert (first.ready, first.left) == (10, 12)
    assert seen.one("bob", "acute").started == 12
    assert reasons(seen, "ann") == [(10, 12, "transfer")]


def test_the_way_begins_when_the_person_is_released() -> None:
    """Asked for at the start, granted at once, over at 14 by discharge hours, there at 16."""
    seen = moves(
        acute={"plan_ahead": "10 h", "discharges": "daily 14:00-18:00"},
        arrivals={"ann": comes("acute", 0)},
    )
    second = seen.one("ann", "community")
    assert (second.requested, second.granted, second.started) == (0, 0, 16)
    assert reasons(seen, "ann") == [(10, 14, "discharge hours"), (14, 16, "transfer")]


def test_who_arrives_out_of_hours_starts_when_the_service_opens() -> None:
    """Granted at 16:00, on the way till 18:00; the doors open at 9:00 the next day."""
    seen = moves(
        acute={"stay": "16 h"},
        community={"admits": "daily 09:00-17:00"},
        arrivals={"ann": comes("acute", 0)},
    )
    second = seen.one("ann", "community")
    assert (second.granted, second.started) == (16, 33)
    assert reasons(seen, "ann") == [(16, 18, "transfer"), (18, 33, "admission hours")]


def test_who_waited_has_the_wait_first_and_then_the_way() -> None:
    """Bob is ready at 22, when Ann has the bed till 21+... she leaves at 40: 18 h of waiting."""
    seen = moves(
        community={"stay": "28 h"}, arrivals={"ann": comes("acute", 0), "bob": comes("acute", 1)}
    )
    assert seen.one("ann", "community").left == 40
    assert seen.one("bob", "acute").ready == 22
    assert seen.one("bob", "community").started == 42
    assert reasons(seen, "bob") == [(22, 40, "awaiting community"), (40, 42, "transfer")]


def test_cases_are_decided_when_the_place_is_asked_for() -> None:
    """From the acute ward two hours; from outside none."""
    cases = [{"when": {"from": "acute"}, "value": "2 h"}, {"value": "0 h"}]
    seen = moves(
        community={"transfer": cases},
        arrivals={"ann": comes("acute", 0), "cy": comes("community", 30)},
    )
    assert seen.one("ann", "community").started == 12
    assert seen.one("cy", "community").started == 30


def test_a_service_without_a_pool_is_as_far_away() -> None:
    seen = run(
        arrivals={"ann": comes("ward", 0)},
        services={
            "ward": {"setting": "acute_bed", "stay": "5 h", "next": "virtual"},
            "virtual": {"setting": "own_home", "stay": "1 d", "transfer": "3 h", "next": "home"},
        },
    )
    assert seen.stays("ann") == [("ward", 0, 8), ("virtual", 8, 32)]


def test_a_step_down_within_one_pool_takes_no_transfer() -> None:
    seen = run(
        pools={"beds": {"capacity": 2}},
        arrivals={"ann": comes("ward", 0)},
        services={
            "ward": {"setting": "acute_bed", "pool": "beds", "stay": "5 h", "next": "rehab"},
            "rehab": {
                "setting": "acute_bed",
                "pool": "beds",
                "stay": "6 h",
                "transfer": "3 h",
                "next": "home",
            },
        },
    )
    assert seen.stays("ann") == [("ward", 0, 5), ("rehab", 5, 11)]


def crisis(reablement: dict[str, Any], **more: Any) -> Run:
    """Run Rose, who falls on Tuesday at 10:00 (hour 34), with a package in her home."""
    return run(
        clock={"start": "2015-06-01", "length": "7 d", "run_out": "0 d"},
        attributes=ATTRIBUTES,
        population={
            "size": 1,
            "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
            "hazards": {"fall": fires("Tue", "falls", "acute")},
        },
        services={
            "reablement": {"setting": "own_home", "pool": "reablement", "next": "home"}
            | reablement,
            "acute": {"setting": "acute_bed", "stay": "1 d", "next": "back"},
            **more.pop("services", {}),
        },
        **more,
    )


def test_a_crisis_on_the_way_frees_both_places() -> None:
    """Ready at 33, granted, on the way till 36; the fall at 34 frees both for Sam and Tom."""
    seen = crisis(
        {"stay": "33 h", "next": "package"},
        services={
            "package": {
                "setting": "own_home",
                "pool": "package",
                "stay": "5 d",
                "transfer": "3 h",
                "next": "home",
            }
        },
        pools={"reablement": {"capacity": 1}, "package": {"capacity": 1}},
        arrivals={
            "rose": comes("reablement", 0, **FALLS),
            "sam": comes("reablement", 20),
            "tom": comes("package", 33.5),
        },
    )
    fall = pytest.approx(34, abs=0.01)
    row = seen.one("rose", "package")
    assert (row.granted, row.started, row.left) == (33, None, fall)
    assert (row.outcome, row.cause) == (Outcome.WITHDRAWN, "fall")
    assert seen.one("sam", "reablement").started == fall
    assert seen.one("tom", "package").granted == fall


def test_the_way_back_to_a_kept_place_takes_its_time() -> None:
    """Kept during the day in hospital; the way back is two hours, and is transfer."""
    seen = crisis(
        {"stay": "5 d", "keeps_place": "3 d", "transfer": "2 h"},
        pools={"reablement": {"capacity": 1}},
        arrivals={"rose": comes("reablement", 0, **FALLS)},
    )
    first, second = seen.rows("rose", "reablement")
    back = pytest.approx(60, abs=0.01)
    assert (second.requested, second.started) == (pytest.approx(58, abs=0.01), back)
    assert first.kept_until == second.started
    assert (first.started, first.ready) == (2, None)
    assert second.ready == 122, "the clock of the stay ran on: from hour 2 for five days"
    assert [reason for *_, reason in reasons(seen, "rose")] == ["transfer"]
    assert seen.one("rose", "acute").left == second.started
