"""Greenwich, Sunderland, Torbay and the community beds: the mechanism, from the text alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carepath_sim.engine.spells import NEVER
from carepath_sim.scenario.loader import load
from tests.areas.library import DAY, HOUR, Run, bad_ranges, numbers, run, sources, written

BEDS = "buckinghamshire/community-beds"
HUB, DAY_AND_NIGHT = "sunderland/hub", "sunderland/day-and-night"
TEAMS, NO_JET = "greenwich/three-teams", "greenwich/without-jet"
REGISTRATION, ADDRESS = "torbay/by-registration", "torbay/by-address"
ALL = (BEDS, HUB, DAY_AND_NIGHT, TEAMS, NO_JET, REGISTRATION, ADDRESS)
BASE = {HUB: HUB, DAY_AND_NIGHT: HUB, TEAMS: TEAMS, NO_JET: TEAMS, BEDS: BEDS} | dict.fromkeys(
    (REGISTRATION, ADDRESS), REGISTRATION
)
SIGMA = 4
"""How many standard deviations of chance a count may lie from what is expected."""


@pytest.fixture(scope="module", params=ALL)
def name(request: pytest.FixtureRequest) -> str:
    """One of the scenarios."""
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    """One year of each, checked against itself."""
    return {name: run(name, {}) for name in ALL}


def in_window(one: Run, rows: np.ndarray, what: str = "requested") -> np.ndarray:
    """Return those of some spells that were requested, or started, within the year."""
    at = one.column(rows, what)
    found: np.ndarray = rows[(at >= 0) & (at < one.plan.window)]
    return found


def asked(one: Run, *names: str) -> int:
    """Return the requests of a year."""
    return len(in_window(one, one.rows(*names)))


def episodes(one: Run, rows: np.ndarray) -> set[tuple[int, int]]:
    """Return the episodes of spells, as person and number."""
    return set(
        zip(
            one.column(rows, "person").tolist(),
            one.column(rows, "episode").tolist(),
            strict=True,
        )
    )


def hours(one: Run, *names: str) -> np.ndarray:
    """Return the hours of the day at which spells began."""
    found: np.ndarray = one.column(one.started(*names), "started") % DAY / HOUR
    return found


# ---------------------------------------------------------------- all of them


def test_every_number_has_a_source_or_is_an_assumption_with_a_range(name: str) -> None:
    """No number stands alone, none outside its range, and sources are references."""
    raw = written(name)
    found = list(numbers(raw))
    assert found or name == NO_JET, "only that one takes away and adds nothing"
    assert [where for where, known in found if not known] == []
    references = written(BASE[name])["references"]
    assert isinstance(references, dict)
    assert set(sources(raw)) <= set(references)
    assert list(bad_ranges(raw)) == []


# ---------------------------------------------------------------- community beds


def test_beds_stay_and_admissions_make_73_percent_and_not_85(runs: dict[str, Run]) -> None:
    """Little's law: 1,185 a year x 28 days = 91 beds.

    The yearly mean of the beds in use has a standard deviation of about
    sqrt(2 x 91 x 28 / 365 x 0.6) = 2.9 at the most.
    """
    one = runs[BEDS]
    rows = one.started("community_bed")
    start, left = (one.column(rows, c).astype(float) for c in ("started", "left"))
    left[left == NEVER] = math.inf
    days = (np.minimum(left, one.plan.window) - np.maximum(start, 0)).clip(0).sum()
    expected = 1185 / 365.25 * 28
    assert expected / 125 == pytest.approx(0.727, abs=1e-3)
    assert days / one.plan.window == pytest.approx(expected, abs=SIGMA * 2.9)


def test_nobody_waits_and_stays_are_28_days_and_six_weeks_at_most(runs: dict[str, Run]) -> None:
    one = runs[BEDS]
    rows = one.started("community_bed")
    assert (one.column(rows, "started") == one.column(rows, "requested")).all()
    stay = (one.column(rows, "ready") - one.column(rows, "started"))[
        one.column(rows, "ready") != NEVER
    ] / DAY
    assert stay.max() <= 42
    assert stay.mean() == pytest.approx(28, abs=SIGMA * (42 - 14) / 12**0.5 / len(stay) ** 0.5)


# ---------------------------------------------------------------- Sunderland


def test_the_hub_handles_400_to_500_referrals_a_month_of_which_74_percent_are_step_down(
    runs: dict[str, Run],
) -> None:
    """Strategy, Single Point of Referral (Sunderland), give or take chance."""
    one = runs[HUB]
    rows = in_window(one, one.rows("hub"))
    assert 400 < len(rows) / 12 < 500
    wards = len(episodes(one, rows) & episodes(one, one.rows("ward")))
    sigma = (0.74 * 0.26 / len(rows)) ** 0.5
    assert wards / len(rows) == pytest.approx(0.74, abs=SIGMA * sigma)


def test_the_hub_closes_at_eight_in_the_evening_on_seven_days(runs: dict[str, Run]) -> None:
    for service in ("hub", "hub_nurse", "hub_social_care"):
        at = hours(runs[HUB], service)
        assert (at >= 8).all()
        assert (at < 20).all()
        assert set(runs[HUB].weekdays(runs[HUB].started(service)).tolist()) == set(range(7))
    assert (hours(runs[DAY_AND_NIGHT], "hub") < 8).sum() > 100


def test_at_night_only_the_hub_day_and_night_keeps_people_at_home(runs: dict[str, Run]) -> None:
    """With the hub closed from 20:00, whoever calls before 04:00 cannot wait four hours."""
    assert asked(runs[DAY_AND_NIGHT], "admission") == 0
    one = runs[HUB]
    turned = one.column(one.started("admission"), "started") % DAY / HOUR
    assert len(turned) > 50
    closed = (turned >= 23.9) | (turned <= 8.1)
    assert closed.mean() > 0.98, "four hours after a call between 20:00 and 04:00"


# ---------------------------------------------------------------- Greenwich


def test_the_hospital_team_works_from_eight_to_eight(runs: dict[str, Run]) -> None:
    """Strategy: a presence in A&E and AMU, 8am-8pm, 7 days."""
    at = hours(runs[TEAMS], "jet_hospital")
    assert (at >= 8).all()
    assert (at < 20).all()
    days = runs[TEAMS].weekdays(runs[TEAMS].started("jet_hospital"))
    assert set(days.tolist()) == set(range(7))


@pytest.mark.parametrize(("service", "printed"), [("jet_visit", 147), ("jet_hospital", 172)])
def test_as_many_are_kept_out_of_hospital_as_were_counted(
    runs: dict[str, Run], service: str, printed: int
) -> None:
    """147 and 172 in a quarter are inputs in another form: here they come out again."""
    one = runs[TEAMS]
    kept_out = episodes(one, in_window(one, one.rows("jet_care")))
    count = len(kept_out & episodes(one, one.rows(service)))
    assert count / 4 == pytest.approx(printed, abs=SIGMA * (4 * printed) ** 0.5 / 4)


def test_without_the_team_they_are_admitted(runs: dict[str, Run]) -> None:
    """The same people come; those whom the team kept out are the difference."""
    before, after = runs[NO_JET], runs[TEAMS]
    assert asked(before, "emergency_department") == asked(after, "emergency_department")
    fewer = asked(before, "acute") - asked(after, "acute")
    assert fewer == pytest.approx(asked(after, "jet_care"), abs=10)


def test_64_percent_need_nothing_after_the_pathway(runs: dict[str, Run]) -> None:
    one = runs[TEAMS]
    ended = len(in_window(one, one.started("car_home", "car_bed"), "left"))
    onward = asked(one, "home_care", "care_home")
    share = 1 - onward / ended
    assert share == pytest.approx(0.64, abs=SIGMA * (0.64 * 0.36 / ended) ** 0.5)


# ---------------------------------------------------------------- Torbay


def test_teams_are_by_registration_and_not_by_address(runs: dict[str, Run]) -> None:
    """Whoever is asked is the team of the practice's zone; in the foil it is that of the home."""
    for scenario, of in ((REGISTRATION, "practice_zone"), (ADDRESS, "home_zone")):
        one = runs[scenario]
        people = one.record.people
        zone = next(a for a in one.plan.attributes if a.name == of).values
        for member in one.members("care_at_home"):
            who = one.column(one.rows(member), "person")
            rows = np.searchsorted(people["person"], who)
            found = {zone[k] for k in people[f"attribute.{of}"][rows].tolist()}
            assert found == {member.split("[")[1].rstrip("]")}


def test_one_in_five_lives_in_another_zone_and_is_passed_on(runs: dict[str, Run]) -> None:
    one = runs[ADDRESS]
    calls = asked(one, "gp") + asked(one, "ward")
    sigma = (0.2 * 0.8 / calls) ** 0.5
    assert asked(one, "passed_on") / calls == pytest.approx(0.2, abs=SIGMA * sigma + 0.005)
    assert "passed_on" not in load(REGISTRATION).services


def test_the_same_work_and_staff_in_both() -> None:
    """Only allocation, contact and funding differ: stays, volumes and capacities agree."""
    ours, foil = load(REGISTRATION), load(ADDRESS)
    assert ours.arrivals == foil.arrivals
    assert ours.attributes == foil.attributes
    assert {n: p.capacity for n, p in ours.pools.items()} == {
        n: p.capacity for n, p in foil.pools.items()
    }
    for service in ("gp", "ward", "care_at_home"):
        assert ours.services[service].stay == foil.services[service].stay
