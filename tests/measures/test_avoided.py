"""Admissions avoided and caused between two runs with the same people."""

from __future__ import annotations

from typing import Any

from carepath_sim.measures import avoided_and_caused, evaluate, paired


def run(world: Any, ways: list[tuple[int, str, str]]) -> Any:
    """Fill a world with episodes of persons: (person, cause, service started)."""
    for _ in range(4):
        world.person()
    for k, (person, cause, service) in enumerate(ways):
        world.episode(person, cause, 3 + k)
        world.spell(person, service, 3 + k, 4 + k)
    return world


def test_episodes_are_matched_by_person_cause_and_number(worlds: Any) -> None:
    base = run(
        worlds(),
        [
            (0, "fall", "acute"),  # avoided
            (0, "fall", "acute"),  # the same in both
            (1, "infection", "community"),  # caused
            (2, "fall", "acute"),  # has no match
        ],
    )
    other = run(
        worlds(),
        [
            (0, "fall", "community"),
            (0, "fall", "acute"),
            (1, "infection", "acute"),
            (3, "fall", "acute"),  # has no match
            (3, "fall", "acute"),  # nor this
        ],
    )
    rows = avoided_and_caused(base.plan, base.record, other.record)
    found = {(row.measure, row.stratum): row.value for row in rows}
    assert found["admissions_avoided", "all"] == 1
    assert found["admissions_caused", "all"] == 1
    assert found["admissions_only_in_base", "all"] == 1
    assert found["admissions_only_here", "all"] == 2
    assert found["admissions_net", "all"] == 1
    assert found["admissions_caused", "cause:infection"] == 1
    assert found["admissions_caused", "cause:fall"] == 0
    assert found["admissions_net", "cause:infection"] == 1


def test_the_net_difference_is_that_of_emergency_admissions(worlds: Any) -> None:
    base = run(worlds(), [(0, "fall", "acute"), (1, "fall", "acute")])
    other = run(worlds(), [(0, "fall", "community"), (1, "fall", "reablement")])
    rows = paired(base.plan, base.record, other.plan, other.record)
    net = {row.stratum: row.value for row in rows if row.measure == "admissions_net"}
    difference = other.value("emergency_admissions") - base.value("emergency_admissions")
    assert net["all"] == difference == -2


def test_plans_may_number_their_causes_differently(worlds: Any) -> None:
    base = run(worlds(), [(0, "fall", "acute")])
    other = worlds()
    other.causes = ("start", "infection", "fall", "ward")
    run(other, [(0, "fall", "acute")])
    rows = avoided_and_caused(base.plan, base.record, other.record, other_plan=other.plan)
    assert {row.value for row in rows} == {0}


def test_two_equal_runs_differ_in_nothing(worlds: Any) -> None:
    base = run(worlds(), [(0, "fall", "acute"), (1, "infection", "community")])
    rows = avoided_and_caused(base.plan, base.record, base.record)
    assert {row.value for row in rows} == {0}


def test_measures_of_pairs_are_not_evaluated_alone(worlds: Any) -> None:
    base = run(worlds(), [(0, "fall", "acute")])
    names = {row.measure for row in evaluate(base.plan, base.record)}
    assert "admissions_net" not in names
    assert evaluate(base.plan, base.record, ["admissions_net"]) == ()
