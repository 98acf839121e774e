"""Five sketches of areas say in full what the documents describe, without code of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from carepath_sim.engine import DEFAULT_ENGINE, simulate
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
    record = simulate(plan, seed=1, replication=0, engine=DEFAULT_ENGINE)
    check(plan, record)
    assert len(record.spells["person"]) > 100
    assert evaluate(plan, record)


def told(draft: str, story: str) -> tuple[Plan, Record]:
    """Return the record of a story."""
    plan = compile_plan(load(Path(__file__).parent / "drafts" / f"{draft}.yaml"))
    return plan, simulate(plan, seed=1, replication=0, story=story)


def stays(plan: Plan, record: Record) -> list[tuple[str, float]]:
    """Return where the person was, and from which day of the story on."""
    s = record.spells
    in_place = [service.in_place for service in plan.services]
    rows = [k for k, service in enumerate(s["service"]) if not in_place[service]]
    begin = s["started"][rows[0]]
    return [
        (plan.services[s["service"][k]].name, float((s["started"][k] - begin) / DAY))
        for k in rows
        if s["started"][k] != NEVER
    ]


def test_reg_waited_from_team_to_team_before() -> None:
    """Fit on day 6; a bed till 11, ACHT till 28, Bucks Care till 91: 85 days to the package.

    10 days of ACHT end on day 21 and are held for 7; 42 days of reablement end on day 70 and are
    held for 7 and 14 days.
    """
    assert stays(*told("many-doors", "reg_before"))[:4] == [
        ("acute", 0),
        ("acht", 6 + 5),
        ("bucks_care", 11 + 10 + 7),
        ("home_care", 28 + 42 + 7 + 14),
    ]


def test_reg_waits_for_nothing_after() -> None:
    """Six days in hospital, 42 of reablement, and the package starts as reablement ends."""
    assert stays(*told("one-door", "reg_after"))[:3] == [
        ("acute", 0),
        ("reablement", 6),
        ("home_care", 6 + 42),
    ]


def test_ethel_spent_46_days_before() -> None:
    """6 in hospital, 14 of ACHT, 5 of waiting, 21 of Bucks Care."""
    assert stays(*told("many-doors", "ethel_before")) == [
        ("home", 0),
        ("acute", 0),
        ("acht", 6),
        ("bucks_care", 6 + 14 + 5),
        ("home", 25 + 21),
    ]


def test_ethel_is_nine_days_from_home_after_and_never_in_an_acute_bed() -> None:
    """Two days in a community bed and seven of reablement, after two hours on the way."""
    way = 2 / 24
    assert stays(*told("one-door", "ethel_after")) == [
        ("home", 0),
        ("community_hospital", pytest.approx(way)),
        ("reablement", pytest.approx(way + 2)),
        ("home", pytest.approx(way + 2 + 7)),
    ]
