"""Points of a design: each simulated once, whoever asks, in whatever order, with what workers."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

import carepath_sim as cp
from carepath_sim.experiment import evaluate
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.evaluate import Evaluator, PointTasks
from carepath_sim.experiment.store.encoding import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario

CAPACITY = "pools.community_beds.capacity"


@pytest.fixture(scope="module")
def short(before: Scenario) -> Scenario:
    return before.with_(clock={"length": "10 d", "warm_up": "2 d", "run_out": "0 d"})


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[tuple[str, int]]]:
    """What is simulated in this process."""
    found: Counter[tuple[str, int]] = Counter()
    real = evaluate.simulate_task

    def simulate_task(task: Any) -> Any:
        found[task.scenarios[0].digest, task.replication] += 1
        return real(task)

    monkeypatch.setattr(evaluate, "simulate_task", simulate_task)
    return found


def figures(result: RunResult) -> list[Any]:
    """Repr, because what is not defined is not equal to itself."""
    return [repr((one.replication, one.rows)) for one in result.done]


def test_a_point_is_what_setting_the_fields_and_running_gives(short: Scenario) -> None:
    with Evaluator(short, seed=3, workers=1) as evaluator:
        (found,) = evaluator.results([{CAPACITY: 3, "pools.acute_beds.capacity": 15}], 2)
    asked = short.set(CAPACITY, 3).set("pools.acute_beds.capacity", 15)
    assert figures(found) == figures(cp.run(asked, seed=3, replications=2, workers=1))
    assert found.label == f"{short.name} {CAPACITY}=3, pools.acute_beds.capacity=15"


def test_nothing_is_simulated_twice(short: Scenario, counted: Counter[tuple[str, int]]) -> None:
    with Evaluator(short, workers=1) as evaluator:
        evaluator.results([{CAPACITY: 3}, {CAPACITY: 4}, {CAPACITY: 3}], 2)
        assert sum(counted.values()) == 4
        again = evaluator.results([{CAPACITY: 4}, short.set(CAPACITY, 3)], 3)
        fewer = evaluator.results([{CAPACITY: 4}], 1)
    assert sum(counted.values()) == 6
    assert set(counted.values()) == {1}
    assert [len(one.done) for one in (*again, *fewer)] == [3, 3, 1]


def test_results_depend_neither_on_order_nor_on_workers(short: Scenario) -> None:
    points: list[Any] = [{CAPACITY: 3}, short, {CAPACITY: 5}]
    with Evaluator(short, workers=1) as evaluator:
        alone = evaluator.results(points, 3)
    with Evaluator(short, workers=2) as evaluator:
        evaluator.results(points[:1], 1)
        turned = evaluator.results(points[::-1], 3)[::-1]
        assert len(multiprocessing.active_children()) == 2
    assert [figures(one) for one in alone] == [figures(one) for one in turned]
    assert multiprocessing.active_children() == []


def test_progress_counts_what_is_simulated_over_all_questions(short: Scenario) -> None:
    told: list[tuple[int, int]] = []
    with Evaluator(short, workers=1, progress=lambda *now: told.append(now)) as evaluator:
        evaluator.results([{}], 2)
        evaluator.results([{}, {CAPACITY: 1}], 2)
    assert told == [(0, 2), (1, 2), (2, 2), (2, 4), (3, 4), (4, 4)]


def test_a_store_is_asked_first_and_given_what_is_new(short: Scenario) -> None:
    class Kept(dict[str, dict[int, Any]]):
        asked: list[Any] = []  # noqa: RUF012 - there is one store in this test

        def ask(self, points: Any, replications: int) -> None:
            self.asked.append(([settings for _, settings in points], replications))

        def finished(self, key: str) -> dict[int, Any]:
            return self.get(key, {})

        def put(self, key: str, number: int, made: Any) -> None:
            self.setdefault(key, {})[number] = decode(made.content).replication(number)

    store = Kept()
    first = Evaluator(short, workers=1, store=store).results([{CAPACITY: 2}, {CAPACITY: 2}], 2)
    assert store.asked == [([{CAPACITY: 2}], 2)]
    evaluator = Evaluator(short, workers=1, store=store)
    again = evaluator.results([{CAPACITY: 2}], 2)
    assert evaluator.simulated == 0
    assert figures(first[0]) == figures(again[0])
    assert figures(first[0]) == figures(Evaluator(short, workers=1).results([{CAPACITY: 2}], 2)[0])


def test_a_scenario_is_packed_once_while_it_is_worked_on(short: Scenario) -> None:
    made: list[int] = []

    def scenario(point: int) -> Scenario:
        made.append(point)
        return short

    tasks = PointTasks([(0, 0), (0, 1), (1, 0)], scenario, seed=1, engine="simpy")
    assert [task.replication for task in tasks[:]] == [0, 1, 0]
    assert made == [0, 1]
    assert [tasks.point(k) for k in range(3)] == [0, 0, 1]


def test_what_makes_no_sense_is_refused(short: Scenario) -> None:
    with pytest.raises(OptionError, match="unknown engine"):
        Evaluator(short, engine="steam")
    with pytest.raises(OptionError, match="at least one replication"):
        Evaluator(short).results([{}], 0)
    with pytest.raises(cp.ScenarioError, match="there is no 'beds'"):
        Evaluator(short).results([{"pools.beds.capacity": 3}], 1)


def test_points_that_start_elsewhere_have_other_luck(short: Scenario) -> None:
    """Replications 2 and 3 are the same whether they are asked for first or as part of four."""
    with Evaluator(short, workers=1) as evaluator:
        first, later = evaluator.results([{}, {}], 2, starts=[0, 2])
        (whole,) = evaluator.results([{}], 4)
    numbers = [one.replication for one in (*first.done, *later.done)]
    assert numbers == [0, 1, 2, 3]
    assert figures(first) + figures(later) == figures(whole)
