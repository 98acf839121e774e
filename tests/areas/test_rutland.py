"""Rutland: the documents' figures come out where they must, and the variants differ as planned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.checks import check
from carepath_sim.engine.spells import NEVER, PROGRAMME_JOINED, How, Record
from carepath_sim.experiment.results import RunResult
from carepath_sim.experiment.scorecard import Score, scores
from carepath_sim.experiment.tasks import Replication
from carepath_sim.measures import Row, evaluate
from carepath_sim.plan import compile_plan
from carepath_sim.report.scorecard import scorecard_table
from carepath_sim.scenario.loader import load
from carepath_sim.statistics import wilson_interval
from tests.areas.library import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from carepath_sim.plan.plan import Plan

HERE = Path(__file__).parents[2] / "scenarios" / "rutland"
DAY = 86_400_000
HOUR = DAY // 24
VARIANTS = ("as-is", "to-be")
FILES = (*VARIANTS, "people-of-2037")
FOUR_SIGMA = 0.9999
"""Level at which a share may miss its document's by luck: one test in ten thousand."""


@dataclass(frozen=True)
class Run:
    """One replication with its plan and measures."""

    plan: Plan
    record: Record
    rows: Sequence[Row]

    def starts(self, name: str) -> np.ndarray:
        """Return the rows of stays that started at a service in the window, copies included."""
        services = [k for k, s in enumerate(self.plan.services) if name in (s.name, s.base)]
        spells = self.record.spells
        inside = (spells["started"] >= 0) & (spells["started"] < self.plan.window)
        new = spells["how"] != How.BACK
        return np.flatnonzero(np.isin(spells["service"], services) & inside & new)

    def by_hospital(self, *names: str) -> dict[str, int]:
        """Return the stays that started in each hospital, at services of some names."""
        count: dict[str, int] = {}
        for name in names:
            for k in self.record.spells["service"][self.starts(name)].tolist():
                hospital = self.plan.services[k].name.split("[")[1][:-1]
                count[hospital] = count.get(hospital, 0) + 1
        return count

    def figure(self, measure: str, stratum: str = "all", period: str = "window") -> float:
        """Return one figure of the measures; nothing counted is 0."""
        key = (measure, stratum, period)
        return next((r.value for r in self.rows if (r.measure, r.stratum, r.period) == key), 0.0)


def run(variant: str, sets: Mapping[str, object] | None = None) -> Run:
    """Run one replication of a variant, with the checks of a record."""
    plan = compile_plan(load(f"rutland/{variant}", sets=sets or {}))
    record = simulate(plan, seed=1, replication=0, engine=DEFAULT_ENGINE)
    check(plan, record)
    return Run(plan, record, evaluate(plan, record))


@pytest.fixture(scope="module")
def as_is() -> Run:
    """One replication of 2013/14, at full size."""
    return run("as-is")


@pytest.fixture(scope="module")
def to_be() -> Run:
    """One replication of the plan, at full size."""
    return run("to-be")


def raw(variant: str) -> dict[str, Any]:
    """Return a file as it is written."""
    found: dict[str, Any] = YAML(typ="safe").load(HERE / f"{variant}.yaml")
    return found


@pytest.mark.parametrize("variant", FILES)
def test_both_engines_tell_the_same(variant: str) -> None:
    """A few weeks of each file, every table bit for bit."""
    short = {"clock.length": "5 wk", "clock.warm_up": "2 wk", "clock.run_out": "1 wk"}
    plan = compile_plan(load(f"rutland/{variant}", sets=short))
    one, other = (
        simulate(plan, seed=2, replication=0, engine=engine) for engine in ("simpy", "compiled")
    )
    for name in ("spells", "people", "episodes", "changes"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert list(mine) == list(theirs)
        for column in mine:
            assert np.array_equal(mine[column], theirs[column], equal_nan=False), (name, column)


# ---------------------------------------------------------------- people


def test_ages_and_sexes_are_those_of_the_table(as_is: Run) -> None:
    """Plan, Table 1: people by band and sex in mid-2012, each share within its interval."""
    table = {
        "65-69": (1320, 1238),
        "70-74": (986, 934),
        "75-79": (777, 737),
        "80-84": (633, 490),
        "85+": (737, 392),
    }
    everybody = sum(map(sum, table.values()))
    assert everybody == 7115 + 1129
    population = as_is.plan.scenario.population
    assert population is not None
    size = int(population.size.value)
    people = as_is.record.people
    bands, sexes = people["attribute.age_band"][:size], people["attribute.sex"][:size]
    names = list(population.bands)
    women = next(a for a in as_is.plan.attributes if a.name == "sex").values.index("women")
    for name, (female, male) in table.items():
        codes = [k for k, band in enumerate(names) if band == name or int(band[:2]) >= 85]
        codes = codes if name == "85+" else [names.index(name)]
        here = np.isin(bands, codes)
        assert wilson_interval(here.sum(), size, FOUR_SIGMA).contains((female + male) / everybody)
        of_women = wilson_interval((sexes[here] == women).sum(), here.sum(), FOUR_SIGMA)
        assert of_women.contains(female / (female + male))


def test_the_number_of_people_follows_the_projection(as_is: Run) -> None:
    """Plan, Table 16: 8,900 people in mid-2014.

    Give or take four standard deviations of those who join and die, some 1,400 in 19 months.
    """
    assert as_is.plan.end - as_is.plan.window == 91 * DAY, "the run ends at midnight, 30 June 2014"
    there = (as_is.record.people["ended"] == NEVER).sum()
    assert there == pytest.approx(8900, abs=4 * np.sqrt(1400))


def test_the_people_of_2037_are_those_of_the_projection() -> None:
    """Plan, Table 16: 10,600 people aged 65 to 84 and 3,600 aged 85 and over in 2037."""
    population = load("rutland/people-of-2037").population
    assert population is not None
    shares = {name: band.share.value for name, band in population.bands.items()}
    assert sum(shares.values()) == pytest.approx(1)
    oldest = sum(share for name, share in shares.items() if int(name[:2]) >= 85)
    assert oldest == pytest.approx(3600 / 14_200, abs=1e-3)


# ---------------------------------------------------------------- demand by hospital


def test_emergency_attendances_by_hospital_are_those_counted(as_is: Run) -> None:
    """Plan, 3: 56 % Peterborough and Stamford, 16 % Leicester, 11 % Kettering."""
    count = as_is.by_hospital("ed")
    total = sum(count.values())
    for hospital, share in {"peterborough": 0.56, "leicester": 0.16, "kettering": 0.11}.items():
        assert wilson_interval(count[hospital], total, FOUR_SIGMA).contains(share)


def test_inpatients_by_hospital_are_those_counted(as_is: Run) -> None:
    """Plan, 3: 40 % Leicester, 37 % Peterborough; emergencies, planned stays and day cases."""
    count = as_is.by_hospital("acute", "planned_stay", "day_case")
    total = sum(count.values())
    for hospital, share in {"leicester": 0.40, "peterborough": 0.37}.items():
        assert wilson_interval(count[hospital], total, FOUR_SIGMA).contains(share)


def test_non_elective_admissions_of_all_ages_are_the_baseline(as_is: Run) -> None:
    """Plan, 5b: 103 / 3.5 % = 2,943, give or take four times the root of the simulated."""
    rate = as_is.figure("emergency_admissions_rate")
    assert rate * 37_015 / 1e5 == pytest.approx(103 / 0.035, abs=4 * np.sqrt(1073))


def test_planned_stays_and_day_cases_keep_their_ratio(as_is: Run) -> None:
    """Plan, 3: 3,894 planned admissions, of which 3,163 are day cases."""
    cases, stays = (len(as_is.starts(name)) for name in ("day_case", "planned_stay"))
    assert wilson_interval(cases, cases + stays, FOUR_SIGMA).contains(3163 / 3894)


def test_delayed_days_lie_between_the_national_count_and_the_true_one(as_is: Run) -> None:
    """No number in the documents: England's rate is 1,107 a year, the true delay 2.3 times it."""
    assert 1107 < as_is.figure("delayed_transfer_days") < 2.3 * 1107


# ---------------------------------------------------------------- the plan


def test_there_are_never_more_than_eight_in_virtual_beds(as_is: Run, to_be: Run) -> None:
    """Business case, 5.2: 8 of the 48 virtual beds."""
    for one in (as_is, to_be):
        assert 4 <= one.figure("occupancy_max", "pool:virtual_beds") <= 8


def test_twenty_people_a_month_are_found_and_fit_the_rule(to_be: Run) -> None:
    """Plan, 7d: 20 a month, over 60, three conditions, five medicines, no treatment of cancer."""
    joins = to_be.figure("programme_joins", "programme:case_management")
    lost = to_be.figure("programme_lost_finds", "programme:case_management")
    assert joins + lost == pytest.approx(240, abs=1)
    assert to_be.figure("caseload_mean", "programme:case_management") <= 284
    changes, people = to_be.record.changes, to_be.record.people
    number = [one.name for one in to_be.plan.programmes].index("case_management")
    joined = (changes["what"] == PROGRAMME_JOINED) & (changes["name"] == number)
    members = np.isin(people["person"], changes["person"][joined])
    assert members.sum() > 240
    for name, allowed in {
        "conditions": ("3", "4"),
        "repeat_medicines": ("five_or_more",),
        "cancer_treatment": ("none_now",),
    }.items():
        values = next(a for a in to_be.plan.attributes if a.name == name).values
        found = {values[k] for k in people[f"attribute.{name}"][members].tolist()}
        assert found <= set(allowed)


def test_somebody_comes_within_two_hours_day_and_night(as_is: Run, to_be: Run) -> None:
    """Plan, 2a and 7b; with two responders and few calls nearly nobody waits longer."""
    before, after = (
        r.figure("standard_met", "standard:seen_within_two_hours") for r in (as_is, to_be)
    )
    assert before < 0.75
    assert after > 0.98
    hours = to_be.record.spells["started"][to_be.starts("icrs_visit")] % DAY // HOUR
    assert ((hours < 7) | (hours >= 22)).sum() > 10


def test_admissions_avoided_are_mostly_those_who_could_have_stayed_at_home() -> None:
    """Without anybody `stay_at_home` only those are left for whom nobody came at night.

    They are those whom the crisis response of social care and the virtual beds did not take; with
    5 % `stay_at_home` some 70 to 90 admissions are avoided.
    """
    sure: dict[str, object] = {}
    for k, case in enumerate(raw("as-is")["attributes"]["needs"]["shares"]):
        shares = {name: float(share["value"]) for name, share in case["shares"].items()}
        shares["hospital"] += shares.pop("stay_at_home")
        sure[f"attributes.needs.shares.{k}.shares"] = {**shares, "stay_at_home": 0}
    before, after = run("as-is", sure), run("to-be", sure)
    turned = len(diverted(before))
    fewer = len(before.starts("acute")) - len(after.starts("acute"))
    assert turned > 0
    assert -15 <= fewer <= turned + 15


def diverted(one: Run) -> np.ndarray:
    """Return the requests at which nobody came, and the emergency department was asked instead."""
    names = ("council_crisis", "ics")
    services = [k for k, s in enumerate(one.plan.services) if s.name in names]
    spells = one.record.spells
    rows = np.isin(spells["service"], services) & (spells["started"] == NEVER)
    return np.flatnonzero(rows & (spells["requested"] >= 0) & (spells["cause"] != NEVER))


# ---------------------------------------------------------------- stories


def told(variant: str, name: str) -> dict[str, tuple[float, float, float]]:
    """Return by service when a stay of a story began, was ready and was left [days]."""
    plan = compile_plan(load(f"rutland/{variant}"))
    spells = simulate(plan, seed=1, replication=0, story=name).spells
    begin = int(spells["requested"].min())
    return {
        plan.services[spells["service"][k]].base or plan.services[spells["service"][k]].name: tuple(
            float("nan") if spells[c][k] == NEVER else (int(spells[c][k]) - begin) / DAY
            for c in ("started", "ready", "left")
        )
        for k in range(len(spells["person"]))
        if spells["started"][k] != NEVER
    }


@pytest.mark.parametrize(
    ("hospital", "after"), [("peterborough", 1 / 24), ("leicester", 2 + 1 / 24)]
)
def test_the_link_worker_begins_before_the_patient_is_ready(hospital: str, after: float) -> None:
    """Two days of planning and a quarter for the reablement team, then an hour on the way.

    After, one assessment serves; at Peterborough the two days are over when the patient is ready.
    """
    before = told("as-is", f"from_{hospital}")["acute"]
    assert before[2] - before[1] == pytest.approx(2 + 6 / 24 + 1 / 24)
    then = told("to-be", f"from_{hospital}")["acute"]
    assert then[2] - then[1] == pytest.approx(after)


def test_who_could_have_stayed_at_home_stays_there() -> None:
    """The ambulance at 2 hours and six days in a bed, or a visit then and two days of care."""
    assert told("as-is", "could_stay")["acute"][1] == pytest.approx((2 + 3) / 24 + 6)
    after = told("to-be", "could_stay")
    assert "acute" not in after
    assert after["icrs"][2] == pytest.approx((2 + 1.5) / 24 + 2)
    assert after["night_nursing"][0] == after["icrs"][0]


# ---------------------------------------------------------------- payment and scorecard


def test_payment_is_the_document_s(as_is: Run, to_be: Run) -> None:
    """Plan, 5b: up to 103 x 1,490 pounds, half of what is lost borne by each."""
    for one in (as_is, to_be):
        count = one.figure("emergency_admissions_rate") * 37_015 / 1e5
        released = 1490 * min(103.0, max(0.0, 2943 - count))
        assert one.figure("payment_released", "payment:pay_for_performance") == pytest.approx(
            released
        )
        for payer in ("council", "ccg"):
            lost = one.figure("payment_lost", f"payment:pay_for_performance | payer:{payer}")
            assert lost == pytest.approx((153_470 - released) / 2)


def result(one: Run) -> RunResult:
    """Return a run of two equal replications."""
    done = tuple(Replication(k, tuple(one.rows), {}, {}, 0.0) for k in range(2))
    return RunResult("rutland/to-be", one.plan.scenario, 1, "simpy", done, 0.0)


@pytest.fixture(scope="module")
def card(to_be: Run) -> dict[tuple[str, str], Score]:
    """The scorecard of the plan, by target and period."""
    made = result(to_be)
    return {(one.name, one.period): one for one in scores(to_be.plan, made.done)}


def test_the_scorecard_has_the_document_s_targets(card: Mapping[tuple[str, str], Score]) -> None:
    """2,943 less 103 admissions of 37,015 people; what the draft leaves open stays open."""
    rate = card["non_elective_rate", "window"]
    assert rate.target == pytest.approx((2943 - 103) / 37_015 * 1e5, abs=1)
    assert card["non_elective_rate", "to date"].target == rate.target
    assert card["case_management_starts", "to date"].target == 240
    assert {card[name, "window"].target for name in ("fewer_non_elective_admissions",)} == {-0.035}
    assert card["fewer_delayed_days", "window"].target == -0.084
    assert card["fewer_avoidable_admissions", "window"].target == -0.024
    for name in ("care_home_admissions", "at_home_after_91_days", "delayed_days"):
        assert np.isnan(card[name, "window"].target)


def test_the_sitrep_has_every_month(card: Mapping[tuple[str, str], Score], to_be: Run) -> None:
    """Attendances by hospital month by month add up to those of the year."""
    months = [f"2013-{k:02}" for k in range(4, 13)] + [f"2014-{k:02}" for k in range(1, 4)]
    count = to_be.by_hospital("ed")
    for hospital in ("peterborough", "leicester", "kettering", "other"):
        by_month = [card[f"sitrep_ed_{hospital}", month].actual for month in months]
        assert sum(by_month) == count[hospital]
        assert card[f"sitrep_ed_{hospital}", "to date"].actual == count[hospital]


def test_the_printed_scorecard_says_who_is_counted(to_be: Run) -> None:
    from rich.console import Console

    console = Console(width=150, record=True)
    console.print(scorecard_table(result(to_be)))
    text = console.export_text()
    for words in ("37,015 of all ages", "28,378 adults", "8,500 aged 65+", "YTD", "One run"):
        assert words in text
    assert re.search(r"Target +7673 +640 +639", text)


# ---------------------------------------------------------------- what differs, and where from


def test_the_plan_changes_services_and_nobody_s_luck() -> None:
    """People, crises, money and denominators stand in as-is.yaml alone, and no effect in either."""
    written = raw("to-be")
    others = {"population", "arrivals", "attributes", "start", "clock"}
    assert not (others | {"payments", "denominators", "background"}) & set(written)
    for programme in written["programmes"].values():
        assert all(effect["value"] == 1 for effect in programme["effect"].values())


def test_no_length_of_stay_or_assessment_is_shortened() -> None:
    """Services that both variants have take equally long in both."""
    before, after = (load(f"rutland/{variant}").services for variant in VARIANTS)
    common = set(before) & set(after)
    assert len(common) > 12
    for name in common:
        assert before[name].stay == after[name].stay, name
        assert before[name].max_stay == after[name].max_stay, name


@pytest.mark.parametrize("variant", FILES)
def test_every_number_has_a_source_or_is_an_assumption_with_a_range(variant: str) -> None:
    """No number stands alone in the file."""
    found = list(numbers(raw(variant)))
    assert len(found) > 10
    assert [where for where, known in found if not known] == []


@pytest.mark.parametrize("variant", FILES)
def test_sources_are_references(variant: str) -> None:
    """Every source begins with the key of a reference."""
    references = raw("as-is")["references"]
    text = (HERE / f"{variant}.yaml").read_text(encoding="utf-8")
    for source in re.findall(r'source: (?:"([^"]*)"|([\w ]+))', text):
        for part in (source[0] or source[1]).split("; "):
            assert part.split(",")[0].strip() in references, part
