"""Crises and deaths: what they break off, what is kept, and where people live."""

from __future__ import annotations

from typing import Any

import pytest
from small import Run, comes, run

from carepath_sim.engine import How, Outcome

CRISIS = pytest.approx(34, abs=0.01)
"""Tuesday 10:00: the hazards below fire within seconds."""
ATTRIBUTES = {name: {"shares": {"no": 1, "yes": 0}} for name in ("falls", "ill", "dies")}
BED = {"setting": "acute_bed", "stay": "1 d"}
FALLS = {"returns": True, "is": {"falls": "yes"}}


def fires(on: str, who: str, to: str, rate: str = "1000000 per y") -> dict[str, Any]:
    """Return a hazard of those whose attribute `who` is yes, on a day at 10:00 for an hour."""
    weekdays = dict.fromkeys(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), 0) | {on: 1}
    times = {who: {"no": 0}, "hour": {"10:00-11:00": 1, "11:00-10:00": 0}, "weekday": weekdays}
    return {"rate": rate, "times": times, "to": to}


def week(
    services: dict[str, Any],
    *,
    falls_to: str = "acute",
    falls: str = "1000000 per y",
    **sections: Any,
) -> Run:
    """Run one week with people who fall, fall ill, or die at given hours."""
    hazards = {
        "fall": fires("Tue", "falls", falls_to, falls),
        "illness": fires("Mon", "ill", falls_to, "300 per y"),
        "death": fires("Tue", "dies", "died"),
    }
    population = {
        "size": 1,
        "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
        "hazards": hazards,
    }
    given = {"population": population, "attributes": ATTRIBUTES, **sections}
    clock = {"start": "2015-06-01", "length": "7 d", "run_out": "0 d"}
    return run(clock=clock, services=services, **given)


REABLEMENT = {
    "setting": "own_home",
    "pool": "reablement",
    "stay": "20 d",
    "next": "home",
}
ONE = {"reablement": {"capacity": 1}, "package": {"capacity": 1}}


def test_a_crisis_ends_reablement_at_once_and_begins_an_episode() -> None:
    """Outcome interrupted, with the cause; the place is free for Sam at that instant."""
    seen = week(
        {"reablement": REABLEMENT, "acute": {**BED, "next": "home"}},
        pools={"reablement": {"capacity": 1}},
        arrivals={"rose": comes("reablement", 0, **FALLS), "sam": comes("reablement", 5)},
    )
    stay, bed = seen.one("rose", "reablement"), seen.one("rose", "acute")
    assert (stay.left, stay.outcome, stay.cause) == (CRISIS, Outcome.INTERRUPTED, "fall")
    assert stay.ready is None, "she was never ready"
    assert (bed.requested, bed.started, bed.episode) == (stay.left, stay.left, 1)
    assert [cause for cause, _, _ in seen.episodes("rose")] == ["rose", "fall"]
    assert seen.one("sam", "reablement").started == stay.left
    home = seen.rows("rose", "home")[-1]
    assert (home.started, home.left) == (bed.left, None)
    assert seen.episodes("rose")[1][2] == bed.left


def test_a_crisis_withdraws_the_open_request() -> None:
    seen = week(
        {
            "reablement": {**REABLEMENT, "plan_ahead": "20 d", "next": "package"},
            "acute": {**BED, "next": "home"},
            "package": {"pool": "package", "stay": "5 d", "next": "home"},
        },
        pools=ONE,
        arrivals={"pat": comes("package", 0), "rose": comes("reablement", 0, **FALLS)},
    )
    request = seen.one("rose", "package")
    assert (request.requested, request.started, request.left) == (0, None, CRISIS)
    assert (request.outcome, request.cause) == (Outcome.WITHDRAWN, "fall")


@pytest.mark.parametrize(("keeps", "first"), [(True, "rose"), (False, "sam")])
def test_a_withdrawn_request_keeps_its_turn_only_where_the_service_says_so(
    keeps: bool, first: str
) -> None:
    """Rose joined at 0, withdrew at 34 and asked again at 58; Sam joined at 40."""
    seen = week(
        {
            "reablement": {**REABLEMENT, "plan_ahead": "20 d", "next": "package"},
            "acute": {**BED, "next": "package"},
            "package": {"pool": "package", "stay": "5 d", "next": "home", "keeps_turn": keeps},
        },
        pools=ONE,
        arrivals={
            "pat": comes("package", 0),
            "rose": comes("reablement", 0, **FALLS),
            "sam": comes("package", 40),
        },
    )
    assert seen.rows("rose", "package")[-1].requested == pytest.approx(58, abs=0.01)
    started = {row.person: row.started for row in seen.rows(service="package")}
    assert started[first] == 120


def test_a_booked_place_is_free_again_at_the_instant_of_a_crisis() -> None:
    """Booked from hour 24 for hour 48; Tom, waiting since hour 30, has it at hour 34."""
    seen = week(
        {
            "reablement": {
                **REABLEMENT,
                "stay": "2 d",
                "plan_ahead": "1 d",
                "next": "package",
            },
            "acute": {**BED, "next": "home"},
            "package": {"pool": "package", "stay": "1 d", "next": "home"},
        },
        pools=ONE,
        arrivals={"rose": comes("reablement", 0, **FALLS), "tom": comes("package", 30)},
    )
    request = seen.one("rose", "package")
    assert (request.granted, request.started, request.left) == (24, None, CRISIS)
    assert request.outcome == Outcome.WITHDRAWN
    assert seen.one("tom", "package").started == request.left


def test_a_crisis_ends_a_step_in_place_and_frees_its_staff() -> None:
    seen = week(
        {
            "package": {"residence": True, "setting": "own_home", "stay": "33 h", "next": "visit"},
            "visit": {"in_place": True, "pool": "nurse", "stay": "10 h", "next": "back"},
            "acute": {**BED, "next": "home"},
        },
        pools={"nurse": {"unit": "staff", "capacity": 1}},
        arrivals={"rose": comes("package", 0, **FALLS), "sam": comes("visit", 33.5)},
    )
    step = seen.one("rose", "visit")
    assert (step.started, step.left, step.outcome) == (33, CRISIS, Outcome.INTERRUPTED)
    assert step.cause == "fall"
    assert seen.one("sam", "visit").started == step.left


def test_somebody_who_dies_while_waiting_leaves_the_queue() -> None:
    """The row of the request ends with the death; nothing is open afterwards."""
    seen = week(
        {"ward": {"setting": "community_bed", "pool": "package", "stay": "9 d", "next": "home"}},
        falls_to="ward",
        pools={"package": {"capacity": 1}},
        attributes={
            **ATTRIBUTES,
            "ill": {"shares": {"no": 0, "yes": 1}},
            "dies": {"shares": {"no": 0, "yes": 1}},
        },
        arrivals={"ann": comes("ward", 0, **{"is": {"ill": "no", "dies": "no"}})},
    )
    assert seen.end("population") == (1, CRISIS)
    last = seen.rows("population", "ward")[-1]
    assert (last.started, last.left, last.outcome) == (None, CRISIS, Outcome.WITHDRAWN)
    assert seen.rows("population", "home")[-1].outcome == Outcome.DIED


def test_death_frees_the_bed_at_once() -> None:
    seen = week(
        {"ward": {"setting": "acute_bed", "pool": "package", "stay": "9 d", "next": "home"}},
        falls_to="ward",
        pools={"package": {"capacity": 1}},
        arrivals={
            "rose": comes("ward", 0, **{"returns": True, "is": {"dies": "yes"}}),
            "sam": comes("ward", 5),
        },
    )
    row = seen.one("rose", "ward")
    assert (row.left, row.outcome, row.left_to) == (CRISIS, Outcome.DIED, "died")
    assert seen.end("rose") == (1, row.left)
    assert seen.one("sam", "ward").started == row.left


def test_where_a_service_routes_to_death_the_hazard_of_death_does_not_run() -> None:
    seen = week(
        {
            "ward": {
                "setting": "acute_bed",
                "stay": "4 d",
                "next": {"to": {"died": 0.0001, "home": 0.9999}},
            }
        },
        falls_to="ward",
        arrivals={"rose": comes("ward", 0, **{"returns": True, "is": {"dies": "yes"}})},
    )
    assert seen.one("rose", "ward").left == 96
    assert seen.end("rose") == (0, None)


def test_nobody_falls_in_a_hospital_bed() -> None:
    """Crises run while the present place is an own home or a care home."""
    seen = week(
        {"ward": {**BED, "stay": "4 d", "next": "home"}},
        falls_to="ward",
        arrivals={"rose": comes("ward", 0, **FALLS)},
    )
    assert seen.one("rose", "ward").left == 96
    assert [cause for cause, _, _ in seen.episodes("rose")] == ["rose"]


# --- kept places ---------------------------------------------------------------------------

PACKAGE = {"residence": True, "setting": "own_home", "pool": "package"}


def with_package(keeps: str | None, **more: Any) -> Run:
    """Run a week in which Rose's package is interrupted at hour 34; Sam waits from hour 35."""
    package = {**PACKAGE, "keeps_place": keeps} if keeps else PACKAGE
    services = {
        "package": {**package, **more.pop("package", {})},
        "acute": {**BED, "next": "back", **more.pop("acute", {})},
    }
    arrivals = {
        "rose": comes("package", 0, **{"returns": True, "is": more.pop("rose", {"falls": "yes"})}),
        "sam": comes("package", 35, returns=True),
    }
    return week(services, pools={"package": {"capacity": 1}}, arrivals=arrivals, **more)


def test_a_kept_place_waits_for_the_person() -> None:
    """Kept for four days: she is back after one, without queueing; Sam still waits."""
    seen = with_package("4 d")
    first, second = seen.rows("rose", "package")
    back = pytest.approx(58, abs=0.01)
    assert (first.left, first.kept_until, first.outcome) == (CRISIS, back, Outcome.INTERRUPTED)
    assert (second.granted, second.started, second.left) == (back, back, None)
    assert second.how == How.BACK
    assert seen.one("sam", "package").started is None


def test_a_place_is_kept_no_longer_than_stated() -> None:
    """Twelve hours: Sam has it at 46; Rose asks anew and waits in her hospital bed."""
    seen = with_package("12 h")
    first, second = seen.rows("rose", "package")
    end = pytest.approx(46, abs=0.01)
    assert (first.left, first.kept_until) == (CRISIS, end)
    assert seen.one("sam", "package").started == first.kept_until
    assert (second.requested, second.started) == (pytest.approx(58, abs=0.01), None)
    assert second.waited_at == "acute"


def test_without_keeping_the_place_is_free_at_once() -> None:
    seen = with_package(None)
    first = seen.rows("rose", "package")[0]
    assert (first.left, first.kept_until) == (CRISIS, None)
    assert seen.one("sam", "package").started == 35, "free when he asked"


def test_a_stay_whose_time_ends_during_the_absence_frees_its_place_then() -> None:
    """Kept for four days, but the stay would have been over at hour 40."""
    seen = with_package("4 d", package={"stay": "40 h", "next": "home"})
    assert seen.rows("rose", "package")[0].kept_until == 40
    assert seen.one("sam", "package").started == 40


def test_death_frees_a_kept_place() -> None:
    """She dies in the hospital, on the day after her fall."""
    seen = with_package(
        "5 d", acute={"stay": "6 h", "next": "died"}, rose={"falls": "yes", "dies": "no"}
    )
    ended = pytest.approx(40, abs=0.01)
    assert seen.end("rose") == (1, ended)
    assert seen.rows("rose", "package")[0].kept_until == ended
    assert seen.one("sam", "package").started == ended


def test_a_route_may_ask_whether_a_place_is_kept() -> None:
    """`holds: package`: back to it while it is kept, to the ward afterwards."""
    route = {"next": [{"when": {"holds": "package"}, "to": "back"}, {"to": "died"}]}
    assert with_package("4 d", acute=route).end("rose") == (0, None)
    assert with_package("12 h", acute=route).end("rose") == (1, pytest.approx(58, abs=0.01))


def test_going_home_gives_up_the_care_home() -> None:
    """`home` is the own home: the kept place is free, and the next `back` leads home."""
    seen = with_package(
        "6 d", acute={"next": "home"}, package={"setting": "care_home", "permanent": True}
    )
    first = seen.rows("rose", "package")[0]
    at_home = pytest.approx(58, abs=0.01)
    assert first.kept_until == at_home
    assert seen.stays("rose")[-1] == ("home", at_home, None)
    assert seen.one("sam", "package").started == at_home


def test_back_leads_to_the_residence_where_no_place_was_kept() -> None:
    """The care home has room: she returns by a new request, granted at once."""
    seen = week(
        {
            "care_home": {"residence": True, "setting": "care_home", "pool": "rooms"},
            "acute": {**BED, "next": "back"},
        },
        pools={"rooms": {"capacity": 5}},
        arrivals={"rose": comes("care_home", 0, **FALLS)},
    )
    second = seen.rows("rose", "care_home")[1]
    assert second.requested == second.started == pytest.approx(58, abs=0.01)
    assert second.how == How.WAITED


def test_a_crisis_met_at_the_residence_does_not_end_the_stay_there() -> None:
    """A visit answers it: the package goes on, and the episode ends with the visit."""
    seen = week(
        {"package": PACKAGE, "visit": {"in_place": True, "stay": "2 h", "next": "back"}},
        falls_to="visit",
        pools={"package": {"capacity": 1}},
        arrivals={"rose": comes("package", 0, **FALLS)},
        falls="300 per y",
    )
    assert [(row.started, row.left) for row in seen.rows("rose", "package")] == [(0, None)]
    cause, began, ended = seen.episodes("rose")[-1]
    assert cause == "fall"
    assert ended == pytest.approx(began + 2)
    assert seen.rows("rose", "visit")[-1].host == seen.one("rose", "package").visit


def test_the_clock_of_a_stay_runs_on_during_the_absence() -> None:
    """Kept for four days of a stay of six: back on day three, over on day six."""
    seen = with_package("4 d", package={"stay": "6 d", "next": "home"})
    second = seen.rows("rose", "package")[1]
    assert (second.started, second.ready) == (pytest.approx(58, abs=0.01), 144)
    assert second.left == 144
