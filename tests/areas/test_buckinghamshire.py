"""Buckinghamshire: volumes emerge, stories run to the day, every number has a source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from ruamel.yaml import YAML

from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.spells import NEVER, Record
from carepath_sim.plan import compile_plan
from carepath_sim.scenario.loader import load
from tests.areas.library import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from carepath_sim.plan.plan import Plan

HERE = Path(__file__).parents[2] / "scenarios" / "buckinghamshire"
DAY = 86_400_000
YEAR = 365 * DAY
HOSPITAL = ("acute_bed", "community_bed")


# ---------------------------------------------------------------- volumes


@dataclass(frozen=True)
class Run:
    """One replication with its plan."""

    plan: Plan
    record: Record

    def requests(self, name: str) -> np.ndarray:
        """Return the rows of the requests for a service, its copies by locality included."""
        services = [k for k, s in enumerate(self.plan.services) if name in (s.name, s.base)]
        spells = self.record.spells
        asked = (spells["requested"] >= 0) & (spells["requested"] < self.plan.window)
        return np.flatnonzero(np.isin(spells["service"], services) & asked)

    def referrals(self, name: str) -> int:
        """Return the requests for a service in the window."""
        return len(self.requests(name))

    def outside_hospital(self, name: str) -> int:
        """Return the requests for a service in episodes without a hospital stay before them."""
        spells = self.record.spells
        beds = [k for k, s in enumerate(self.plan.services) if s.setting in HOSPITAL]
        stays = np.flatnonzero(np.isin(spells["service"], beds) & (spells["started"] != NEVER))
        first: dict[tuple[int, int], int] = {}
        for k in stays:
            episode = (int(spells["person"][k]), int(spells["episode"][k]))
            first[episode] = min(first.get(episode, 2**62), int(spells["started"][k]))
        return sum(
            first.get((int(spells["person"][k]), int(spells["episode"][k])), 2**62)
            > int(spells["requested"][k])
            for k in self.requests(name)
        )


def run(name: str, sets: Mapping[str, object] | None = None) -> Run:
    """Run one replication of a variant."""
    plan = compile_plan(load(f"buckinghamshire/{name}", sets=sets or {}))
    return Run(plan, simulate(plan, seed=1, replication=0, engine=DEFAULT_ENGINE))


@pytest.fixture(scope="module")
def as_is() -> Run:
    """One replication of the county before integration, at full size."""
    return run("as-is")


@pytest.fixture(scope="module")
def to_be() -> Run:
    """One replication of the county after integration, at full size."""
    return run("to-be")


def for_rapid_response_and_reablement(as_is: Run) -> int:
    """Return referrals to the community teams that are not for district nursing."""
    return as_is.referrals("acht_access") - as_is.referrals("district_nursing")


@pytest.mark.slow
def test_seven_community_teams_are_asked_24_000_times_a_year(as_is: Run) -> None:
    """Strategy, Single Point of Referral: approximately 24,000 referrals to ACHT."""
    assert as_is.referrals("acht_access") == pytest.approx(24_000, rel=0.10)


@pytest.mark.slow
def test_a_third_of_them_are_for_rapid_response_and_reablement(as_is: Run) -> None:
    """Strategy: 33 % of ACHT referrals relate to rapid response and reablement."""
    share = for_rapid_response_and_reablement(as_is) / as_is.referrals("acht_access")
    assert share == pytest.approx(0.33, rel=0.10)


@pytest.mark.slow
def test_hospital_social_work_is_asked_4_500_times_a_year(as_is: Run) -> None:
    """Strategy: 4,500 to the Hospital Social Work teams."""
    assert as_is.referrals("hospital_social_work") == pytest.approx(4_500, rel=0.10)


@pytest.mark.slow
def test_600_people_reach_the_council_s_reablement_without_hospital(as_is: Run) -> None:
    """Strategy: 600 to Bucks Care (in addition to Hospital referrals)."""
    assert as_is.outside_hospital("bucks_care_assessment") == pytest.approx(600, rel=0.10)


@pytest.mark.slow
def test_old_doors_and_the_single_point_are_both_asked_13_000_times(as_is: Run, to_be: Run) -> None:
    """Strategy: the number of referrals to the SPR will be c. 13,000 per year."""
    old = (
        for_rapid_response_and_reablement(as_is)
        + as_is.referrals("hospital_social_work")
        + as_is.outside_hospital("bucks_care_assessment")
    )
    assert old == pytest.approx(13_000, rel=0.10)
    assert to_be.referrals("spr") == pytest.approx(13_000, rel=0.10)


@pytest.mark.slow
def test_the_same_people_have_the_same_first_crises(as_is: Run, to_be: Run) -> None:
    """Crises of the first week, before anybody was treated differently, agree one by one."""
    for cause in ("fall", "infection", "dehydration"):
        firsts = []
        for one in (as_is, to_be):
            episodes = one.record.episodes
            k = one.plan.cause_names.index(cause)
            early = (episodes["cause"] == k) & (episodes["number"] == 1)
            early &= episodes["began"] < one.plan.begin + 7 * DAY
            firsts.append(
                set(zip(episodes["person"][early], episodes["began"][early], strict=True))
            )
        assert firsts[0]
        assert len(firsts[0] ^ firsts[1]) <= 0.02 * len(firsts[0])


TENTH: dict[str, object] = {
    "population.size": 9308,
    "population.turning_65": "500 per y",
    "start.care_home.count": 142,
    "start.home_care.count": 90,
}
"""A tenth of the people, with the places of the whole county: nobody waits for one."""

HAZARDS = (
    "fall",
    "infection",
    "breathing_or_heart",
    "dehydration",
    "other_illness",
    "carer_breakdown",
    "nursing_need",
)


def test_volumes_fall_when_the_hazards_fall() -> None:
    """No referral is typed in: with half the hazards there is about half of every volume.

    A little less, as there are fewer readmissions too. The smallest volume is about 110, so that
    its ratio has a standard error of about 0.06.
    """
    raw = YAML(typ="safe").load(HERE / "as-is.yaml")["population"]["hazards"]
    rates = {name: float(raw[name]["rate"]["value"].split()[0]) for name in HAZARDS}
    halved = {f"population.hazards.{name}.rate": f"{rates[name] / 2} per y" for name in HAZARDS}
    before, after = run("as-is", TENTH), run("as-is", {**TENTH, **halved})
    for name in ("acht_access", "hospital_social_work", "bucks_care_assessment", "acute"):
        assert 0.25 < after.referrals(name) / before.referrals(name) < 0.65


def test_admissions_avoided_are_those_of_whom_the_gp_was_unsure() -> None:
    """Without anybody `unclear` the two variants admit alike, for no other effect is entered."""
    raw = YAML(typ="safe").load(HERE / "as-is.yaml")["attributes"]["needs"]["shares"]
    sure = dict(TENTH)
    for k, case in enumerate(raw):
        shares = {name: float(share["value"]) for name, share in case["shares"].items()}
        shares["hospital"] += shares.pop("unclear")
        sure[f"attributes.needs.shares.{k}.shares"] = {**shares, "unclear": 0}
    before, after = run("as-is", sure), run("to-be", sure)
    assert after.referrals("acute") == pytest.approx(before.referrals("acute"), rel=0.02)


# ---------------------------------------------------------------- stories


@dataclass(frozen=True)
class Row:
    """One request of a story, in days from its first event."""

    service: str
    requested: float
    started: float
    ready: float
    left: float

    @property
    def there(self) -> float:
        """How long the place was held [days]."""
        return self.left - self.started


def told(variant: str, name: str) -> dict[str, Row]:
    """Return the stays of a story by service; each service comes once in these stories."""
    plan = compile_plan(load(f"buckinghamshire/{variant}"))
    spells = simulate(plan, seed=1, replication=0, story=name).spells
    begin = int(spells["requested"].min())

    def days(instant: int) -> float:
        return float("nan") if instant == NEVER else (instant - begin) / DAY

    rows = {}
    for k in range(len(spells["person"])):
        service = plan.services[spells["service"][k]]
        if spells["started"][k] != NEVER:
            moments = (days(int(spells[c][k])) for c in ("requested", "started", "ready", "left"))
            rows[service.base or service.name] = Row(service.name, *moments)
    return rows


def test_reg_waits_five_days_and_holds_two_services_for_80_more() -> None:
    """Reg's story, before: 85 days from medically fit to the package."""
    rows = told("as-is", "reg")
    fit = rows["acute"].ready
    assert rows["acute"].left - fit == 5
    assert rows["acht_reablement"].started - fit == 5
    assert rows["acht_reablement"].ready - rows["acht_reablement"].started == 10
    assert rows["acht_reablement"].there == 17
    assert rows["bucks_care"].started - fit == 22
    assert rows["bucks_care"].there == 63
    assert rows["bucks_care"].left - rows["bucks_care"].ready == 21
    assert rows["crr_full_assessment"].started - fit == 64
    assert rows["care_package_brokerage"].started - fit == 71
    assert rows["home_care"].started - fit == 85


def test_reg_goes_home_at_once_and_his_package_starts_as_reablement_ends() -> None:
    """Reg's story, after: no waiting on the reablement place."""
    rows = told("to-be", "reg")
    fit = rows["acute"].ready
    assert rows["acute"].left == fit
    assert rows["reablement"].started == fit
    assert rows["reablement"].left == rows["reablement"].ready == rows["home_care"].started
    assert rows["reablement"].there == 42
    assert rows["long_term_assessment"].started < rows["reablement"].ready
    assert "first_response_nurse" not in rows, "assessed at home, not on the ward"


def test_ethel_is_46_days_in_care_of_which_six_in_hospital() -> None:
    """Ethel's story, before."""
    rows = told("as-is", "ethel")
    call = rows["gp_or_999"].requested
    assert rows["acute"].started == call == 0
    assert rows["acute"].there == 6
    assert rows["acht_reablement"].started - call == 6
    assert rows["acht_reablement"].ready - call == 20
    assert rows["bucks_care"].started - call == 25
    assert rows["bucks_care"].there == 21
    assert rows["bucks_care"].left - call == 46
    assert "home_care" not in rows


def test_ethel_sees_no_hospital_and_is_well_within_nine_days() -> None:
    """Ethel's story, after: one day in the bed, seven of reablement."""
    rows = told("to-be", "ethel")
    assert "acute" not in rows
    assert rows["first_response_nurse"].started - rows["spr"].requested < 3 / 24
    assert rows["community_hospital"].there == 1
    assert rows["reablement"].there == 7
    assert rows["reablement"].left <= 9


# ---------------------------------------------------------------- sources


def test_a_bare_number_is_found() -> None:
    """The walk sees a number without a source, also beside one that has its own."""
    bare = {"stay": {"lognormal": {"median": {"value": "3 d", "range": ["1 d", "4 d"]}}}}
    routes = {
        "to": {"home": 0.5, "acute": {"value": 0.5, "quality": "assumption", "range": [0, 1]}}
    }
    assert list(numbers(bare)) == [("stay.lognormal.median.value", False)]
    assert [where for where, known in numbers(routes) if not known] == ["to.home"]


@pytest.mark.parametrize("variant", ["as-is", "to-be"])
def test_every_number_has_a_source_or_is_an_assumption_with_a_range(variant: str) -> None:
    """No number stands alone in the file."""
    raw = YAML(typ="safe").load(HERE / f"{variant}.yaml")
    found = list(numbers(raw))
    assert len(found) > 40
    assert [where for where, known in found if not known] == []


@pytest.mark.parametrize("variant", ["as-is", "to-be"])
def test_sources_are_references(variant: str) -> None:
    """Every source begins with the key of a reference."""
    references = YAML(typ="safe").load(HERE / "as-is.yaml")["references"]
    for source in re.findall(
        r'source: (?:"([^"]*)"|([\w ]+))', (HERE / f"{variant}.yaml").read_text()
    ):
        for part in (source[0] or source[1]).split("; "):
            assert part.split(",")[0].strip() in references, part


def test_only_the_first_file_says_who_lives_there() -> None:
    """Population, crises, arrivals and attributes stand in as-is.yaml alone."""
    raw = YAML(typ="safe").load(HERE / "to-be.yaml")
    assert not {"population", "arrivals", "attributes", "start", "clock"} & set(raw)
