"""Five sketches of areas say in full what the documents describe, without code of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from carepath_sim.engine import simulate
from carepath_sim.engine.checks import check
from carepath_sim.engine.spells import NEVER, Record
from carepath_sim.measures import evaluate
from carepath_sim.plan import Plan, compile_plan
from carepath_sim.scenario import load

DRAFTS = sorted((Path(__file__).parent / "drafts").glob("*.yaml"))
DAY = 86_400_000
SHORT = {"clock.length": "5 wk", "clock.warm_up": "2 wk", "clock.run_out": "1 wk"}


@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: path.stem)
def test_a_sketch_is_valid_runs_and_contradicts_itself_nowhere(path: Path) -> None:
    """The checks after the replication hold, and the measures can be reckoned."""
    plan = compile_plan(load(path, sets=SHORT))
    record = simulate(plan, seed=1, replication=0)
    check(plan, record)
    assert len(record.spells["person"]) > 100
    assert evaluate(plan, record)


def told(draft: str, story: str) -> tuple[Plan, Record]:
    """Return the record of a story."""
    plan = compile_plan(load(Path(__file__).parent / "drafts" / f"{draft}.yaml"))
    return plan, simulate(plan, seed=1, replication=0, story=story)


def stays(plan: Plan, record: Record) -> list[tuple[str, float, float]]:
    """Return where the person was, from which day to which; -1: to the end."""
    s = record.spells
    return [
        (
            plan.services[service].name,
            (start - plan.begin) / DAY,
            -1.0 if left == NEVER else (left - plan.begin) / DAY,
        )
        for service, start, left in zip(s["service"], s["started"], s["left"], strict=True)
        if start != NEVER and not plan.services[service].in_place
    ]


def test_reg_waited_from_team_to_team_before() -> None:
    """Fit on day 6; a bed till 11, ACHT till 28, Bucks Care till 91: 85 days to the package.

    10 days of ACHT end on day 21 and are held for 7; 42 days of reablement end on day 70 and are
    held for 7 and 14 days.
    """
    assert stays(*told("many-doors", "reg_before")) == [
        ("acute", 0, 6 + 5),
        ("acht", 11, 11 + 10 + 7),
        ("bucks_care", 28, 28 + 42 + 7 + 14),
        ("home_care", 91, -1),
    ]


def test_reg_waits_for_nothing_after() -> None:
    """Six days in hospital, 42 of reablement, and the package starts as reablement ends."""
    assert stays(*told("one-door", "reg_after")) == [
        ("acute", 0, 6),
        ("reablement", 6, 48),
        ("home_care", 48, -1),
    ]


def test_ethel_spent_46_days_before() -> None:
    """6 in hospital, 14 of ACHT, 5 of waiting, 21 of Bucks Care."""
    found = [row for row in stays(*told("many-doors", "ethel_before")) if row[0] != "home"]
    assert found == [("acute", 0, 6), ("acht", 6, 25), ("bucks_care", 25, 46)]


def test_ethel_is_nine_days_from_home_after_and_never_in_an_acute_bed() -> None:
    """Two days in a community bed and seven of reablement, after two hours on the way."""
    found = [row for row in stays(*told("one-door", "ethel_after")) if row[0] != "home"]
    assert [row[0] for row in found] == ["community_hospital", "reablement"]
    assert [row[2] - row[1] for row in found] == [2, 7]
    assert found[0][1] == pytest.approx(2 / 24, abs=1e-9)
