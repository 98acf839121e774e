"""East Sussex: thirteen teams from one template, phases by date, every number with its source."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from carepath_sim.engine.spells import NEVER
from carepath_sim.scenario.loader import load
from tests.areas.library import (
    DAY,
    Run,
    bad_ranges,
    numbers,
    run,
    sources,
    told,
    written,
)

AS_IS, TO_BE = "east-sussex/as-is", "east-sussex/to-be"

SMALL: dict[str, object] = {
    "population.size": 4000,
    "population.turning_65": "200 per y",
    "start.care_home.count": 60,
    "start.home_care.count": 100,
    "clock.warm_up": "6 wk",
    "clock.run_out": "2 wk",
}
"""A thirtieth of the people, with the places of the whole county: nobody waits for a place."""


@pytest.fixture(scope="module")
def summer() -> tuple[Run, Run]:
    """Both variants from July 2012 till the middle of November."""
    sets = SMALL | {"clock.length": "20 wk"}
    return run(AS_IS, sets), run(TO_BE, sets)


@pytest.fixture(scope="module")
def spring() -> Run:
    """The plan from February to July 2013, over the start of phase 3."""
    return run(TO_BE, SMALL | {"clock.start": date(2013, 2, 1), "clock.length": "24 wk"})


# ---------------------------------------------------------------- structure


def test_thirteen_teams_come_from_one_template() -> None:
    """`Likely to be 13`: written once, and one desk, meeting, triage and caseload for each."""
    scenario = load(TO_BE)
    teams = [value for value, _ in scenario.attributes["neighbourhood"].shares[0].value]
    assert len(teams) == 13
    for name in ("nst_access", "joint_meeting", "joint_triage", "district_nursing"):
        assert scenario.services[name].per == "neighbourhood"
    raw = written(TO_BE)
    parts = str(raw["services"]) + str(raw["programmes"]) + str(raw["changes"]).replace("_", "")
    assert not [name for name in teams if name in parts.replace("leweshavens", "")], "written apart"


def test_thirteen_teams_see_people(spring: Run) -> None:
    """Everybody's own team answers, and each of the thirteen has work."""
    rows = spring.started("nst_access")
    used = {spring.plan.services[k].name for k in spring.column(rows, "service")}
    assert used == set(spring.members("nst_access"))
    assert len(used) == 13


def test_three_localities_of_rehabilitation() -> None:
    """Eastbourne; Hastings and Rother; Lewes, Havens and High Weald."""
    mapped = load(AS_IS).attributes["jcr_locality"].map
    assert mapped is not None
    assert {to for _, to in mapped.pairs} == {
        "eastbourne",
        "hastings_rother",
        "lewes_havens_high_weald",
    }
    assert len(mapped.pairs) == 13


def test_phases_begin_on_the_days_of_the_plan() -> None:
    """October 2012, April 2013; two localities with dates of their own."""
    changes = load(TO_BE).changes
    assert [c.from_ for c in changes] == [
        *[date(2012, 10, 1)] * 2,
        *[date(2013, 3, 1)] * 2,
        *[date(2013, 4, 1)] * 8,
    ]
    own = [c.where[0] for c in changes if c.where]
    assert [(test.key, test.values) for test in own] == [
        ("jcr_locality", ("hastings_rother",)),
        ("jcr_locality", ("lewes_havens_high_weald",)),
    ]


def test_the_plan_changes_no_person_and_no_length_of_care() -> None:
    """People, needs and hazards stand in the first file alone; services of both are alike."""
    raw = written(TO_BE)
    assert not {"population", "arrivals", "attributes", "start", "clock", "exits"} & set(raw)
    before, after = load(AS_IS), load(TO_BE)
    assert before.population == after.population
    assert before.attributes == after.attributes
    for name, service in before.services.items():
        assert after.services[name] == service
    assert set(after.services) - set(before.services) == set(raw["services"])
    differing = [name for name in before.pools if before.pools[name] != after.pools[name]]
    assert differing == ["nhs_rehabilitation"]


ALIKE = {
    "nst_access": "district_nursing_referral",
    "nst_access_returned": "district_nursing_referral_returned",
    "nst_nurse_assessment": "district_nursing_assessment",
    "nst_practitioner_assessment": "practitioner_assessment",
    "nst_mental_health_assessment": "mental_health_assessment",
    "nst_therapist_assessment": "jcr_assessment",
    "nst_social_care_assessment": "social_care_assessment",
}


@pytest.mark.parametrize("new", ALIKE)
def test_a_joint_assessment_takes_as_long_and_the_same_staff(new: str) -> None:
    """Nothing gets faster by decree: lengths, pools and hours are those of what is replaced."""
    services = load(TO_BE).services
    old = services[ALIKE[new]]
    assert services[new].pool == old.pool
    assert services[new].admits == old.admits
    assert [case.value.parameters for case in services[new].stay] == [
        case.value.parameters for case in old.stay
    ]


def test_risk_stratification_has_no_effect_but_a_range() -> None:
    """No effect of a policy is an input."""
    effect = load(TO_BE).programmes["risk_stratification"].effect
    assert [number.value for _, number in effect] == [1.0]


# ---------------------------------------------------------------- runs


def spells_before(one: Run, day: date) -> np.ndarray:
    """Return person, service and instants of all requests before a day."""
    spells, until = one.record.spells, one.instant(day)
    rows = np.flatnonzero(spells["requested"] < until)
    names = np.array([one.plan.services[k].name for k in spells["service"][rows]])
    table = [spells["person"][rows].astype(str), names]
    for column in ("requested", "started"):
        instants = spells[column][rows]
        table.append(np.where(instants < until, instants, -1).astype(str))
    return np.array(sorted(map(tuple, np.array(table).T)))


def test_before_october_2012_nothing_differs(summer: tuple[Run, Run]) -> None:
    """Till the first date of the plan every person does the same in both variants."""
    before, after = (spells_before(one, date(2012, 10, 1)) for one in summer)
    assert len(before) > 500
    assert np.array_equal(before, after)


def test_rehabilitation_begins_at_weekends_from_october(summer: tuple[Run, Run]) -> None:
    """Seven-day working begins: October 2012."""
    names = ("jcr", "nhs_rehabilitation", "asc_reablement")
    for one, seven in zip(summer, (False, True), strict=True):
        rows = one.started(*names)
        start = one.column(rows, "started")
        late = start >= one.instant(date(2012, 10, 1))
        weekend = one.weekdays(rows) >= 5
        returns = one.column(rows, "requested") == start  # back to a place that was kept
        assert not np.any(weekend & ~late & ~returns)
        assert np.any(weekend & late & ~returns) == seven


def test_eastbourne_has_one_service_from_the_first_day(summer: tuple[Run, Run]) -> None:
    """Jointly allocating since July 2012; the two other localities hand over from team to team."""
    one = summer[0]
    for name in ("nhs_rehabilitation", "asc_reablement"):
        used = {one.plan.services[k].name for k in one.column(one.started(name), "service")}
        assert used == {f"{name}[hastings_rother]", f"{name}[lewes_havens_high_weald]"}
    used = {one.plan.services[k].name for k in one.column(one.started("jcr"), "service")}
    assert used == {"jcr[eastbourne]"}
    assert len(one.started("handing_over")) > 0


def test_all_three_localities_are_one_service_from_march_2013(spring: Run) -> None:
    """Nobody is allocated to a separate team after the dates of the two later localities."""
    assessed = spring.rows("nhs_rehabilitation_assessment")
    late = spring.column(assessed, "requested") >= spring.instant(date(2013, 3, 1))
    assert len(assessed) > 0
    assert not late.any()
    assert {spring.plan.services[k].name for k in spring.column(spring.rows("jcr"), "service")} == {
        "jcr[eastbourne]",
        "jcr[hastings_rother]",
        "jcr[lewes_havens_high_weald]",
    }


def test_old_doors_are_closed_from_april_2013(spring: Run) -> None:
    """Single referral route: nobody is referred to an old door, and the new one opens that day."""
    phase_3 = spring.instant(date(2013, 4, 1))
    old = ("district_nursing_referral", "practitioner_referral", "mental_health_referral")
    for name in (*old, "jcr_referral", "social_care_assessment"):
        asked = spring.column(spring.rows(name), "requested")
        assert len(asked) > 0
        assert asked.max() <= phase_3
    assert spring.column(spring.rows("nst_access"), "requested").min() >= phase_3


def test_who_has_a_key_worker_is_assessed_once(spring: Run) -> None:
    """A second need is seen to by the key worker, not by a second assessor."""
    kinds = ("nurse", "practitioner", "mental_health", "therapist", "social_care")
    rows = spring.started(*(f"nst_{kind}_assessment" for kind in kinds))
    done = rows[spring.column(rows, "ready") == spring.column(rows, "left")]
    _, times = np.unique(spring.column(done, "person"), return_counts=True)
    assert times.max() == 1
    assert len(spring.started("key_worker_review")) > 10


def test_one_form_in_seven_comes_back_after_two_working_days(summer: tuple[Run, Run]) -> None:
    """15 % of the forms; a binomial count leaves four standard deviations once in 16,000."""
    one = summer[0]
    doors = ("district_nursing_referral", "jcr_referral")
    asked = len(one.started(*doors))
    returned = one.started(*(f"{door}_returned" for door in doors))
    assert asked > 300
    assert abs(len(returned) - 0.15 * asked) < 4 * np.sqrt(0.15 * 0.85 * asked)
    over = returned[one.column(returned, "ready") != NEVER]
    lasted = (one.column(over, "left") - one.column(over, "started")) / DAY
    # Two days, four over a weekend, six over the four days of the Jubilee in June 2012.
    assert np.median(lasted) == pytest.approx(2)
    assert lasted.max() <= 6


def test_vacant_posts_are_filled_in_april_2013(spring: Run) -> None:
    """Recruitment was late: 75 therapists till then, 83 from then on."""
    scenario = spring.plan.scenario
    staff = scenario.pools["nhs_rehabilitation"].from_staff
    assert staff is not None
    late = written(TO_BE)["pools"]["nhs_rehabilitation"]["from_staff"]["fte"]
    assert sum(steps[0]["fte"]["value"] for steps in late.values()) == 75
    assert sum(steps[1]["fte"]["value"] for steps in late.values()) == 83
    assert {steps[1]["from"] for steps in late.values()} == {date(2013, 4, 1)}


# ---------------------------------------------------------------- the story

TWO_HOURS = 2 / 24


def test_joan_waits_from_team_to_team_before() -> None:
    """2 h, a form that comes back (2 d), 1 d; 20 d + 3 d held + 1 d held; 30 d + 12 d held."""
    rows = told(AS_IS, "joan")
    rehabilitation, reablement = rows["nhs_rehabilitation"][0], rows["asc_reablement"][0]
    assert len(rows["jcr_referral"]) == 2
    assert rehabilitation.started == pytest.approx(TWO_HOURS + 2 + 1)
    assert rehabilitation.there == pytest.approx(20 + 3 + 1)
    assert reablement.started == pytest.approx(TWO_HOURS + 3 + 24)
    assert reablement.there == pytest.approx(30 + 5 + 7)
    assert rows["home_care"][0].started == pytest.approx(TWO_HOURS + 3 + 24 + 42)
    assessed = [name for name in rows if name.endswith("assessment")]
    assert len(assessed) == 3


def test_joan_has_one_team_and_her_package_starts_as_it_ends_after() -> None:
    """The form still comes back; fifty days with one team, and nothing is held."""
    rows = told(TO_BE, "joan", {"clock.start": date(2013, 10, 7)})
    one_team = rows["jcr"][0]
    assert len(rows["nst_access"]) == 2
    assert rows["nst_access"][0].service == "nst_access[hastings_1]"
    assert one_team.started == pytest.approx(TWO_HOURS + 2 + 1)
    assert one_team.service == "jcr[hastings_rother]"
    assert one_team.there == pytest.approx(50)
    assert one_team.left == one_team.ready == rows["home_care"][0].started
    assert "asc_reablement" not in rows


def test_joan_told_in_july_2012_is_the_same_in_both_variants() -> None:
    """The plan changes nothing before its dates."""
    assert told(AS_IS, "joan") == told(TO_BE, "joan")


# ---------------------------------------------------------------- sources


@pytest.mark.parametrize("name", [AS_IS, TO_BE])
def test_every_number_has_a_source_or_is_an_assumption_with_a_range(name: str) -> None:
    """The report gives hardly a number, so each of the others says what it is."""
    found = list(numbers(written(name)))
    assert len(found) > 20
    assert [where for where, known in found if not known] == []


@pytest.mark.parametrize("name", [AS_IS, TO_BE])
def test_sources_are_references_and_values_lie_in_their_ranges(name: str) -> None:
    """Every source begins with the key of a reference."""
    references = set(written(AS_IS)["references"])
    assert set(sources(written(name))) <= references
    assert list(bad_ranges(written(name))) == []


def test_hopes_are_targets() -> None:
    """56 % and 27 % are held against results; nothing reads them."""
    targets = load(TO_BE).targets
    assert targets["no_ongoing_support"].value.value == pytest.approx(0.56)
    assert targets["fewer_bed_days"].change
