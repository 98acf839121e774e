"""Plymouth: one number day and night, cases that are kept, and hopes that are targets."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.spells import NEVER, NOBODY, How
from carepath_sim.plan import compile_plan
from carepath_sim.scenario.loader import load
from tests.areas.library import DAY, HOUR, Run, bad_ranges, numbers, run, sources, told, written

AS_IS, TO_BE = "plymouth/as-is", "plymouth/to-be"

SMALL: dict[str, object] = {
    "population.size": 4000,
    "population.turning_65": "210 per y",
    "start.care_home.count": 60,
    "start.home_care.count": 80,
    "clock.length": "26 wk",
    "clock.warm_up": "6 wk",
    "clock.run_out": "2 wk",
}
"""A tenth of the people, with the places of the whole city: nobody waits for a place."""


@pytest.fixture(scope="module")
def as_is() -> Run:
    """Half a year before."""
    return run(AS_IS, SMALL)


@pytest.fixture(scope="module")
def to_be() -> Run:
    """Half a year after."""
    return run(TO_BE, SMALL)


# ---------------------------------------------------------------- structure


def test_the_plan_changes_no_person_and_no_length_of_care() -> None:
    """People, needs and hazards stand in the first file alone; stays and caseloads agree."""
    raw = written(TO_BE)
    assert not {"population", "arrivals", "attributes", "start", "clock", "targets"} & set(raw)
    before, after = load(AS_IS), load(TO_BE)
    assert before.population == after.population
    assert before.attributes == after.attributes
    for name in ("acute", "emergency_department", "intermediate_care", "home_care", "care_home"):
        assert before.services[name].stay == after.services[name].stay
        assert before.services[name].pool == after.services[name].pool


def test_a_case_of_the_locality_lasts_as_long_as_with_the_team_before() -> None:
    """By need: therapy, mental health, and nursing for the rest."""
    before, after = load(AS_IS).services, load(TO_BE).services
    teams = ("community_therapy", "mental_health_team", "district_nursing")
    assert [case.value.parameters for case in after["locality_case"].stay] == [
        before[team].stay[0].value.parameters for team in teams
    ]
    kept = {before[team].keeps_place.value for team in teams}
    assert kept == {after["locality_case"].keeps_place.value}


HOURS = {
    "daily 08:00-20:00": 84,
    "daily 20:00-08:00": 84,
    "daily 08:00-18:00": 70,
    "Mon-Fri 09:00-17:00": 40,
    "Mon-Fri 08:00-18:00": 50,
    "Sat,Sun 10:00-16:00": 12,
}


def hours_a_week(name: str, localities: int) -> float:
    """Return the hours a week of all pools of staff with a roster."""
    found = 0.0
    for pool in written(name)["pools"].values():
        if pool and pool.get("unit") == "staff":
            times = localities if "per" in pool else 1
            found += times * sum(HOURS[k] * v["value"] for k, v in pool["capacity"].items())
    return found


def test_the_plan_adds_no_staff() -> None:
    """Desks and first visits have the same hours before and after, and caseloads their places."""
    before, after = hours_a_week(AS_IS, 1), hours_a_week(TO_BE, 4)
    assert (before, after) == (1226, 1228)
    a, b = written(AS_IS)["pools"], written(TO_BE)["pools"]
    teams = ("district_nursing", "community_therapy", "mental_health")
    places = sum(a[team]["capacity"]["value"] for team in teams)
    assert places == b["locality_team"]["capacity"]["total"]["value"]


# ---------------------------------------------------------------- runs


def test_desks_of_five_days_are_closed_at_weekends(as_is: Run) -> None:
    """Nurses on seven days, the three others on five."""
    for name in ("therapy_duty", "social_care_duty", "mental_health_duty"):
        rows = as_is.started(name)
        assert len(rows) > 20
        assert as_is.weekdays(rows).max() == 4
    assert as_is.weekdays(as_is.started("nursing_duty")).max() == 6


def test_one_number_answers_day_and_night(to_be: Run) -> None:
    """At every part of the day and on every day of the week, within an hour."""
    rows = to_be.started("city_access")
    start = to_be.column(rows, "started")
    assert set((start // HOUR % 24) // 6) == {0, 1, 2, 3}
    assert set(to_be.weekdays(rows)) == set(range(7))
    assert (start - to_be.column(rows, "needed")).max() < HOUR


def sent_away(one: Run) -> int:
    """Return how many more came to the emergency department than were admitted."""
    return len(one.started("emergency_department")) - len(one.started("acute"))


def test_a_closed_desk_sends_people_to_the_emergency_department(as_is: Run, to_be: Run) -> None:
    """Before, some who need no hospital come there and leave again; after, nobody does."""
    assert sent_away(as_is) > 5
    assert abs(sent_away(to_be)) <= 3, "but for who is under way at the end, or dies there"


def test_who_has_a_case_comes_back_to_it_from_hospital_unassessed(as_is: Run, to_be: Run) -> None:
    """The locality takes the person back from the bed; before, the team is asked on the way."""
    teams = ("district_nursing", "community_therapy", "mental_health_team")
    for one, places in ((as_is, teams), (to_be, ("locality_case", "second_profession"))):
        services = [s.name for s in one.plan.services]
        rows = one.started(*places)
        back = rows[one.column(rows, "how") == int(How.BACK)]
        bed = back[one.column(back, "entered_from") == services.index("acute")]
        asked = one.column(bed, "via")
        assert len(bed) > 3
        if one is to_be:
            assert set(asked) == {NOBODY}
        else:
            assert set(asked) == {services.index("handing_back")}


def test_before_the_team_is_asked_and_looks_anew(as_is: Run) -> None:
    """Handing back stands between hospital and the team of before; it takes a working day."""
    rows = as_is.started("handing_back")
    assert len(rows) >= 5
    over = as_is.column(rows, "ready") != NEVER
    lasted = (as_is.column(rows, "ready") - as_is.column(rows, "started"))[over] / DAY
    assert lasted.min() >= 1
    assert as_is.weekdays(rows).max() == 4


def test_the_same_people_have_the_same_first_crises(as_is: Run, to_be: Run) -> None:
    """Crises of the first week agree one by one, whatever becomes of them."""
    firsts = []
    for one in (as_is, to_be):
        episodes = one.record.episodes
        early = (episodes["number"] == 1) & (episodes["began"] < one.plan.begin + 3 * DAY)
        firsts.append(set(zip(episodes["person"][early], episodes["began"][early], strict=True)))
    assert firsts[0]
    assert len(firsts[0] ^ firsts[1]) <= 0.02 * len(firsts[0])


@pytest.mark.parametrize("name", [AS_IS, TO_BE])
def test_hopes_move_nothing(name: str) -> None:
    """Without the stated reductions every spell is the same: they are no inputs."""
    tiny = SMALL | {"population.size": 600, "clock.length": "6 wk", "clock.warm_up": "2 wk"}
    targets = load(name).targets
    wished = {key: t.value.value for key, t in targets.items() if t.value is not None}
    assert wished == pytest.approx(
        {
            "fewer_admissions": -0.03,
            "fewer_care_home_admissions": -0.06,
            "fewer_readmissions": -0.035,
            "fewer_delayed_days": -0.46,
        }
    )
    hoped = simulate(
        compile_plan(load(name, sets=tiny)), seed=1, replication=0, engine=DEFAULT_ENGINE
    )
    without = {f"targets.{key}": None for key in targets} | {
        f"background.{key}": None for key in load(name).background
    }
    plain = simulate(
        compile_plan(load(name, sets=tiny | without)), seed=1, replication=0, engine=DEFAULT_ENGINE
    )
    for column, values in hoped.spells.items():
        assert np.array_equal(values, plain.spells[column])


def test_46_per_cent_is_what_the_two_rates_say() -> None:
    """1,572 to 843.3 per 100,000 is the printed 46 %."""
    background = written(AS_IS)["background"]
    before = background["delayed_days_before"]["value"]
    after = background["delayed_days_hoped_for"]["value"]
    assert round(100 * (after / before - 1)) == -46


# ---------------------------------------------------------------- stories


def test_arthur_s_nurses_look_anew_before() -> None:
    """Ready after six days in a bed, home on the seventh: one day of delay."""
    rows = told(AS_IS, "arthur")
    bed, nurses = rows["acute"][0], rows["district_nursing"]
    assert bed.started == pytest.approx(6 / 24)
    assert bed.ready == pytest.approx(6 / 24 + 6)
    assert bed.left == pytest.approx(6 / 24 + 7)
    assert rows["handing_back"][0].there == pytest.approx(1)
    assert nurses[-1].started == bed.left
    assert nurses[-1].left == pytest.approx(40), "the clock of the case runs on"


def test_arthur_s_locality_takes_him_back_on_the_day_after() -> None:
    """The case is kept: no referral, no assessment, no delay."""
    rows = told(TO_BE, "arthur")
    bed, case = rows["acute"][0], rows["locality_case"]
    assert bed.left == bed.ready == case[-1].started == pytest.approx(6 / 24 + 6)
    assert case[-1].left == pytest.approx(40)
    assert not [name for name in rows if "assessment" in name or "access" in name]


def test_iris_tells_her_story_three_times_before() -> None:
    """2 h, a day at the wrong desk, 4 d, 1 d; 30 d of care and 11 d more till the package."""
    rows = told(AS_IS, "iris")
    care = rows["intermediate_care"][0]
    assert rows["social_care_assessment"][0].started == pytest.approx(2 / 24 + 1)
    assert care.started == pytest.approx(2 / 24 + 1 + 4 + 1)
    assert care.there == pytest.approx(30 + 4 + 7)
    assert rows["home_care"][0].started == pytest.approx(2 / 24 + 6 + 41)
    told_again = [
        "social_care_assessment",
        "intermediate_care_assessment",
        "long_term_assessment",
    ]
    assert all(len(rows[name]) == 1 for name in told_again)
    assert len(rows["social_care_duty"]) == 2


def test_iris_is_seen_within_hours_after() -> None:
    """2 h and a visit of 2 h, 4 d; care of the same length, without the two referrals."""
    rows = told(TO_BE, "iris")
    care = rows["intermediate_care"][0]
    assert rows["rapid_response"][0].started == pytest.approx(2 / 24)
    assert care.started == pytest.approx(4 / 24 + 4)
    assert care.there == pytest.approx(30 + 4 + 7)
    assert rows["locality_social_care_assessment"][0].service == (
        "locality_social_care_assessment[north]"
    )
    assert "locality_access" not in rows
    assert not math.isinf(rows["home_care"][0].started)


# ---------------------------------------------------------------- sources


@pytest.mark.parametrize("name", [AS_IS, TO_BE])
def test_every_number_has_a_source_or_is_an_assumption_with_a_range(name: str) -> None:
    """The report gives four hopes and three numbers of staff; each other number says what it is."""
    found = list(numbers(written(name)))
    assert len(found) > 20
    assert [where for where, known in found if not known] == []


@pytest.mark.parametrize("name", [AS_IS, TO_BE])
def test_sources_are_references_and_values_lie_in_their_ranges(name: str) -> None:
    """Every source begins with the key of a reference."""
    references = set(written(AS_IS)["references"])
    assert set(sources(written(name))) <= references
    assert list(bad_ranges(written(name))) == []


def test_the_year_is_that_of_the_plan() -> None:
    """Integration from April 2015."""
    assert load(TO_BE).clock.start == date(2015, 4, 1)
