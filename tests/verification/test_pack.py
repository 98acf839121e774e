"""The quick pack holds, names what it does not say, and notices engines that are wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from carepath_sim.engine.spells import NEVER
from carepath_sim.scenario.loader import validate
from carepath_sim.verification import Verdict, lines, queues, run_pack, traces, unsaid
from carepath_sim.verification.answers import answers
from carepath_sim.verification.pack import cases
from carepath_sim.verification.replay import differing
from carepath_sim.verification.trials import SCENARIOS, Effort, Seen, replications

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRESS: list[tuple[int, int]] = []


@pytest.fixture(scope="module")
def verdicts() -> tuple[Verdict, ...]:
    return run_pack(quick=True, progress=lambda done, total: PROGRESS.append((done, total)))


def test_every_claim_of_the_quick_pack_holds(verdicts: tuple[Verdict, ...]) -> None:
    wrong = [verdict for verdict in verdicts if verdict.ok is False]
    assert not wrong


def test_what_is_not_said_says_why(verdicts: tuple[Verdict, ...]) -> None:
    silent = [verdict for verdict in verdicts if verdict.ok is None]
    assert {verdict.case for verdict in silent} == set(unsaid.UNSAID)
    assert all(verdict.note.startswith("not said yet: ") for verdict in silent)


def test_every_verdict_has_a_source_and_a_claim(verdicts: tuple[Verdict, ...]) -> None:
    assert all(verdict.source and verdict.claim for verdict in verdicts)


def test_progress_counts_the_cases(verdicts: tuple[Verdict, ...]) -> None:
    total = len(cases(quick=True))
    assert [(k, total) for k in range(1, total + 1)] == PROGRESS


def test_every_known_answer_has_a_case() -> None:
    named = {name.split(" ")[0] for name in cases()}
    # This one is judged by the runs of a case of the same queue.
    assert set(answers()) - named == {"prio_literature"}


def test_all_traces_are_in_the_quick_pack() -> None:
    assert {case.name for case in traces.CASES} <= set(cases(quick=True))


def test_the_same_seed_gives_the_same_verdicts() -> None:
    case = cases()["erlangB_1.0_4.5_5 deterministic"]
    few = Effort(3, 0.1)
    assert case.work(few) == case.work(few)
    assert case.work(few) != case.work(replace(few, seed=4))


def test_scenarios_of_the_pack_are_without_fault() -> None:
    # Warnings are allowed: some of these queues are meant to be overloaded.
    problems, _ = validate(sorted(SCENARIOS.glob("*.yaml")))
    assert not problems


@pytest.mark.parametrize("case", traces.TRACES)
def test_trace(case: str) -> None:
    """Person by person as printed by another simulator."""
    (verdict,) = next(c for c in traces.CASES if c.name == case).work(Effort())
    assert verdict.ok, verdict.note


def test_a_trace_that_differs_by_a_millisecond_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = traces.TRACES["det_mc"]
    late = trace.sets | {"services.service.stay": "156001 ms"}
    monkeypatch.setitem(traces.TRACES, "det_mc", trace._replace(sets=late))
    (verdict,) = next(c for c in traces.CASES if c.name == "det_mc").work(Effort())
    assert verdict.ok is False
    assert "first row that is not there" in verdict.note


def test_a_tenth_more_work_than_assumed_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "mg1_deterministic_0.7"
    slower = queues.QUEUES[name]._replace(service="66 min", replications=8)
    monkeypatch.setitem(queues.QUEUES, name, slower)
    found = cases()[name].work(Effort())
    held = {verdict.claim: verdict.ok for verdict in found}
    assert held["share of servers busy"] is False
    # The replay has the same services, and is not deceived by them.
    assert held["starts that a replay of the queue sees differently"] is True


def one_run(scenario: str, sets: dict[str, object]) -> Seen:
    (seen,) = replications(scenario, {"clock.length": "5 d", **sets}, 1, 1)
    return seen


def overtaking(seen: Seen) -> Seen:
    """The same record, in which the last of the first crowd was served as its first."""
    spells = {name: column.copy() for name, column in seen.spells.items()}
    rows = np.flatnonzero((spells["started"] != NEVER) & (spells["started"] > spells["requested"]))
    a, b = rows[0], rows[1]
    spells["started"][[a, b]] = spells["started"][[b, a]]
    return Seen(seen.plan, replace(seen.record, spells=spells))


def test_the_replay_notices_who_is_served_out_of_turn() -> None:
    seen = one_run("queue", {})
    assert differing(seen, "service", 1) == 0
    assert differing(overtaking(seen), "service", 1) > 0


def test_the_replay_notices_a_server_too_many() -> None:
    assert differing(one_run("queue", {"pools.servers.capacity": 2}), "service", 1) > 0


@pytest.mark.parametrize("room", [0, 1])
def test_the_recursion_of_lines_notices_room_that_should_not_be_there(room: int) -> None:
    stay = {"exponential": {"mean": "1 h"}}
    seen = one_run("line", lines.line_sets([stay, stay], (room,)))
    assert lines.differing(seen, lines.Line((1, 1), (room,))) == 0
    assert lines.differing(seen, lines.Line((1, 1), (1 - room,))) > 0


def _swap(seen: Seen, change: Callable[[dict[str, np.ndarray]], None]) -> Seen:
    spells = {name: column.copy() for name, column in seen.spells.items()}
    change(spells)
    return Seen(seen.plan, replace(seen.record, spells=spells))


def test_people_there_are_counted_between_start_and_end() -> None:
    seen = one_run("queue", {"arrivals.people": {"every": "2 h", "count": 2, "at": "service"}})
    hour = 3_600_000
    stays = seen.at("service")

    def fixed(spells: dict[str, np.ndarray]) -> None:
        spells["requested"][:2] = (0, hour)
        spells["started"][:2] = (0, 2 * hour)
        spells["left"][:2] = (2 * hour, 3 * hour)

    two = _swap(seen, fixed)
    assert [two.present(stays, k * hour) for k in range(4)] == [1, 1, 1, 0]
    assert [two.present(stays, k * hour, "requested") for k in range(4)] == [1, 2, 1, 0]
    begin, end = two.spells["started"], two.until
    assert two.time_share(begin, end, (0, 6 * hour)) == pytest.approx(0.5)
