"""Capacity from staff: the sum, its forms, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from carepath_sim.errors import ScenarioError
from carepath_sim.plan import compile_plan
from carepath_sim.scenario import Scenario, load
from carepath_sim.scenario.staffing import sums

if TYPE_CHECKING:
    from pathlib import Path

TEAM = """\
carepath: 1
area: Testshire
variant: as-is
title: One team
clock: {start: 2015-04-06, length: 60 d, run_out: 0 d}
attributes:
  side: {shares: {north: 0.6, south: 0.4}}
arrivals:
  calls: {rate: 1 per d, at: care}
pools:
  team:
    unit: UNIT
    from_staff: STAFF
services:
  care: {setting: own_home, pool: team, visits: 1 per day of 30 min, stay: 5 d, next: done}
exits: [done]
"""


def team(folder: Path, staff: str, *sets: str, unit: str = "minutes_per_day") -> Scenario:
    """Return the scenario with a team of these staff."""
    path = folder / "team.yaml"
    path.write_text(TEAM.replace("STAFF", staff).replace("UNIT", unit), encoding="utf-8")
    return load(path, sets=sets)


def steps(scenario: Scenario) -> list[float]:
    """Return the capacities of the team in order of time."""
    return [s.places.value for s in scenario.pools["team"].capacity.dated if s.places is not None]


def why(folder: Path, staff: str, *sets: str, unit: str = "minutes_per_day") -> str:
    """Return why a team of these staff is refused."""
    with pytest.raises(ScenarioError) as caught:
        team(folder, staff, *sets, unit=unit)
    return str(caught.value)


def test_minutes_are_the_product_of_all_factors(tmp_path: Path) -> None:
    """14 fte x 5/7 x 0.9 x 0.5 x 0.8 x 1.1 x 450 min = 1782 minutes a day, in the head."""
    staff = (
        "{fte: 14, days_per_week: 5, absence: 10 %, share: 50 %, contact_share: 0.8,"
        " productivity: 1.1, minutes_per_fte_day: 450}"
    )
    assert steps(team(tmp_path, staff)) == [1782]


def test_factors_that_are_not_written_change_nothing(tmp_path: Path) -> None:
    assert steps(team(tmp_path, "{fte: 2, minutes_per_fte_day: 450}")) == [900]


def test_staff_are_counted_without_minutes(tmp_path: Path) -> None:
    """14 x 5/7 = 10 on a mean day; a tenth of them away: 9."""
    staff = "{fte: 14, days_per_week: 5, absence: 10 %}"
    assert steps(team(tmp_path, staff, unit="staff")) == [9]
    assert steps(team(tmp_path, staff, unit="places")) == [9]


@pytest.mark.parametrize(
    ("fte", "units"), [("0.5", 1), ("1.49", 1), ("1.5", 2), ("2.5", 3), ("{value: 3.5}", 4)]
)
def test_halves_are_rounded_upwards(tmp_path: Path, fte: str, units: int) -> None:
    assert steps(team(tmp_path, f"{{fte: {fte}}}", unit="staff")) == [units]


def test_a_half_is_a_half_although_binary_fractions_are_not(tmp_path: Path) -> None:
    """1.13 x 0.5 x 100 = 56.5 exactly, 56.49999... in binary."""
    assert 1.13 * 0.5 * 100 < 56.5
    staff = "{fte: 1.13, contact_share: 0.5, minutes_per_fte_day: 100}"
    assert steps(team(tmp_path, staff)) == [57]


def test_those_in_post_count_unless_the_budget_is_chosen(tmp_path: Path) -> None:
    staff = "{fte: {budget: 10, actual: 8}, minutes_per_fte_day: 100}"
    assert steps(team(tmp_path, staff)) == [800]
    assert steps(team(tmp_path, staff, "pools.team.from_staff.use=budget")) == [1000]


def test_recruitment_comes_by_date(tmp_path: Path) -> None:
    staff = "{fte: [{fte: 5}, {from: 2015-05-01, fte: {budget: 9, actual: 7}}]}"
    plan = compile_plan(team(tmp_path, staff, unit="staff"))
    t, capacity = plan.capacity_steps(0)
    day = 86_400_000
    assert (t.tolist(), capacity.tolist()) == ([0, 25 * day], [5, 7])


def test_members_of_a_template_have_their_own_staff_or_their_part(tmp_path: Path) -> None:
    """By value: 12 and 8. By population: 22 fte = 22 places, 0.6 and 0.4 of them: 13.2 and 8.8."""

    def by(fte: str) -> dict[str, int]:
        text = f"{{fte: {fte}}}\n    per: side"
        made = team(tmp_path, text, "services.care.per=side", unit="places")
        plan = compile_plan(made)
        return {p.name: int(plan.capacity_steps(k)[1][0]) for k, p in enumerate(plan.pools)}

    assert by("{north: 12, south: 8}") == {"team[north]": 12, "team[south]": 8}
    assert by("{split: population, total: 22}") == {"team[north]": 13, "team[south]": 9}


def test_the_sum_is_said_with_budget_and_rounding(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "{fte: {budget: 10, actual: 7}, days_per_week: 5, absence: 10 %, minutes_per_fte_day: 450}",
    )
    (said,) = sums(made.pools["team"])
    factors = "7 fte (in post; budget 10) x 5/7 days x (1 - 10 % absence) x 450 min"
    assert said == ("", f"{factors} = 2,025 minutes a day")
    (rounded,) = sums(team(tmp_path, "{fte: 2.6}", unit="staff").pools["team"])
    assert rounded == ("", "2.6 fte = 2.6, rounded to 3 staff")


@pytest.mark.parametrize(
    ("staff", "unit", "field", "said"),
    [
        ("{fte: 3}", "minutes_per_day", "minutes_per_fte_day", "is missing"),
        ("{fte: 3, contact_share: 0.5}", "staff", "contact_share", "has no effect"),
        ("{fte: 3, minutes_per_fte_day: 450}", "staff", "minutes_per_fte_day", "has no effect"),
        ("{fte: 3}", "beds", "", "beds are counted"),
        ("{fte: 3, days_per_week: 8}", "staff", "days_per_week", "at most 7 days"),
        ("{fte: 3, days_per_week: 0}", "staff", "days_per_week", "more than 0"),
        ("{fte: 3, use: budget}", "staff", "use", "has no effect without budget and actual"),
        ("{fte: {budget: 3}}", "staff", "fte", "`actual` is missing"),
        ("{fte: []}", "staff", "fte", "an empty list"),
        ("{fte: [{from: 2015-05-01, fte: 1}, {fte: 2}]}", "staff", "fte[1]", "only the first"),
        (
            "{fte: [{from: 2015-05-01, fte: 1}, {from: 2015-04-01, fte: 2}]}",
            "staff",
            "fte[1].from",
            "dates must rise",
        ),
        ("{fte: {north: 3, south: 2}}", "staff", "fte", "needs `per:`"),
        ("{fte: {split: area, total: 2}}", "staff", "fte.split", "`population` is needed"),
        ("{absence: 5 %}", "staff", "fte", "is missing"),
        ("{fte: 3, absense: 5 %}", "staff", "absense", "did you mean 'absence'"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_place(
    tmp_path: Path, staff: str, unit: str, field: str, said: str
) -> None:
    message = why(tmp_path, staff, unit=unit)
    assert f"pools.team.from_staff{'.' if field else ''}{field}: " in message
    assert said in message
    assert "team.yaml:" in message


def test_a_pool_has_one_capacity(tmp_path: Path) -> None:
    both = why(tmp_path, "{fte: 3}\n    capacity: 4", unit="staff")
    assert "pools.team.from_staff: the pool has a `capacity` too" in both
    neither = why(tmp_path, "{fte: 3}", "pools.team.from_staff=")
    assert "pools.team.capacity: this is missing" in neither


def test_a_capacity_by_hand_replaces_the_staff_with_a_notice(tmp_path: Path) -> None:
    made = team(tmp_path, "{fte: 10}", "pools.team.capacity=12", unit="staff")
    assert (steps(made), made.pools["team"].from_staff) == ([12], None)
    assert made.notices == ("pools.team.from_staff: replaced by the capacity set by hand",)


def test_staff_set_by_hand_are_marked_and_drop_later_dates(tmp_path: Path) -> None:
    staff = "{fte: [{fte: 5}, {from: 2015-05-01, fte: 7}]}"
    made = team(tmp_path, staff, "pools.team.from_staff.fte=6", unit="staff")
    given: Any = made.pools["team"].from_staff
    assert (steps(made), given.fte.dated[0].actual.provenance.quality) == ([6], "by hand")
    assert made.notices == (
        "pools.team.from_staff.fte: set by hand; the changes from 2015-05-01 are dropped",
    )


@pytest.mark.parametrize("by", ["capacity=12", "from_staff.fte=12"])
def test_parts_of_a_policy_follow_the_capacity(tmp_path: Path, by: str) -> None:
    """6 and 4 of 10 places become 7 and 5 of 12: 7.2 and 4.8 by largest remainder."""
    policy = "{fte: 10}\n    policy: {ring_fenced: {up: 6, down: 4}}"
    stream = ("services.care.stream={from outside: up, else: down}",)
    sets = (*stream, f"pools.team.{by}")
    made = team(tmp_path, policy, *sets, unit="places")
    assert [part.value for _, part in made.pools["team"].policy.parts] == [7, 5]


def test_parts_that_do_not_fit_the_staff_are_refused(tmp_path: Path) -> None:
    policy = "{fte: 10.6}\n    policy: {ring_fenced: {up: 6, down: 4}}"
    stream = "services.care.stream={from outside: up, else: down}"
    assert "6 + 4 = 10, but the capacity is 11" in why(tmp_path, policy, stream, unit="places")


def test_source_of_the_whole_counts_for_each_number(tmp_path: Path) -> None:
    staff = "{fte: {budget: 3, actual: 2}, absence: 10 %, quality: poor}"
    given: Any = team(tmp_path, staff, unit="staff").pools["team"].from_staff
    qualities = {n.provenance.quality for n in (given.fte.dated[0].budget, given.absence)}
    assert qualities == {"poor"}
