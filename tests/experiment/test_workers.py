"""Processes: what comes back depends on the tasks alone."""

from __future__ import annotations

import math
import multiprocessing
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from carepath_sim.experiment.workers import Crew, WorkersDiedError, work_through

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


SCENARIOS = Path(__file__).parent / "scenarios"

# Workers import their function by name; builtins have one everywhere.


def collected(function: Callable[[Any], Any], tasks: Sequence[Any], workers: int) -> dict[int, Any]:
    found = {}
    work_through(function, tasks, workers=workers, done=found.__setitem__)
    return found


def test_every_task_comes_back_with_its_own_result() -> None:
    tasks = [9, 1, 4, 25]
    assert collected(math.sqrt, tasks, workers=2) == {0: 3.0, 1: 1.0, 2: 2.0, 3: 5.0}


def test_one_worker_works_in_this_process() -> None:
    assert set(collected(eval, ["__import__('os').getpid()"] * 2, workers=1).values()) == {
        os.getpid()
    }


def test_several_workers_are_other_processes() -> None:
    found = collected(eval, ["__import__('os').getpid()"] * 2, workers=2)
    assert os.getpid() not in found.values()


def test_an_error_of_a_task_is_the_error_of_the_whole() -> None:
    with pytest.raises(ValueError, match=r"math domain|nonnegative"):
        collected(math.sqrt, [1, -1, 4], workers=2)


def test_a_worker_that_dies_once_is_replaced(tmp_path: Path) -> None:
    """The task dies the first time it is tried, by leaving a mark for the second."""
    mark = str(tmp_path / "tried")
    dies_once = (
        f"7 if __import__('os').path.exists({mark!r}) "
        f"else [open({mark!r}, 'w').close(), __import__('os')._exit(1)]"
    )
    assert collected(eval, ["1 + 1", dies_once, "2 + 2"], workers=2) == {0: 2, 1: 7, 2: 4}


def test_a_task_that_always_kills_its_worker_is_told() -> None:
    with pytest.raises(WorkersDiedError, match="memory"):
        collected(os._exit, [1, 1], workers=2)


def test_a_script_without_main_guard_runs_once(tmp_path: Path) -> None:
    """A spawned process would otherwise run the script again, which starts processes, which ..."""
    script = tmp_path / "study.py"
    script.write_text(
        textwrap.dedent(
            """
            import math
            from carepath_sim.experiment.workers import work_through
            print("script")
            found = {}
            work_through(math.sqrt, [4, 9], workers=2, done=found.__setitem__)
            print(sorted(found.items()))
            """
        )
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.splitlines() == ["script", "[(0, 2.0), (1, 3.0)]"], done.stderr


def test_a_worker_loads_no_tables_and_no_pictures() -> None:
    """They would cost every worker half a second, and nothing there needs them."""
    code = textwrap.dedent(
        f"""
        import sys
        import carepath_sim as cp
        from carepath_sim.experiment.tasks import Task, pack, simulate_task
        packed = pack(cp.load({str(SCENARIOS / "before.yaml")!r}))
        simulate_task(Task((packed, packed), 1, 0, "simpy", ("spells", "events")))
        print(*sorted({{name.split(".")[0] for name in sys.modules}}))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    loaded = set(done.stdout.split())
    assert "simpy" in loaded
    assert not loaded & {"pandas", "matplotlib", "duckdb", "rich", "typer"}


def test_results_larger_than_a_pipe_come_back_whole() -> None:
    """A megabyte each; a pipe holds 64 kB."""
    found = collected(bytes, [10**6, 2 * 10**6, 10**6], workers=2)
    assert {key: len(value) for key, value in found.items()} == {0: 10**6, 1: 2 * 10**6, 2: 10**6}


def test_an_interruption_while_results_arrive_leaves_no_process() -> None:
    def interrupt(_position: int, _result: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work_through(bytes, [10**7] * 8, workers=3, done=interrupt)
    assert multiprocessing.active_children() == []


def test_what_cannot_be_sent_back_is_an_error_not_a_death() -> None:
    with pytest.raises(RuntimeError, match="cannot be sent back"):
        collected(eval, ["lambda: 1", "2"], workers=2)


def test_a_crew_keeps_its_processes_from_list_to_list() -> None:
    ask = ["__import__('os').getpid()"] * 4
    found: dict[int, int] = {}
    again: dict[int, int] = {}
    with Crew(2) as crew:
        crew.work(eval, ask, found.__setitem__)
        crew.work(eval, ask, again.__setitem__)
        assert set(again.values()) <= set(found.values())
    assert multiprocessing.active_children() == []


def test_a_process_keeps_to_its_group_and_helps_when_nothing_is_left() -> None:
    """Two groups, two processes; the first to finish its own group takes from the other."""
    tasks = ["__import__('time').sleep(0.02) or __import__('os').getpid()"] * 12
    found: dict[int, int] = {}
    with Crew(2) as crew:
        crew.work(eval, tasks, found.__setitem__, group=lambda position: position // 6)
    first, second = ({found[k] for k in range(6)}, {found[k] for k in range(6, 12)})
    assert len(found) == 12
    assert min(len(first), len(second)) == 1


def test_a_process_that_died_between_two_lists_is_replaced() -> None:
    found: dict[int, int] = {}
    with Crew(2) as crew:
        crew.work(eval, ["__import__('os').getpid()"] * 2, found.__setitem__)
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        again: dict[int, int] = {}
        crew.work(math.sqrt, [4, 9, 16], again.__setitem__)
    assert again == {0: 2.0, 1: 3.0, 2: 4.0}


def test_a_result_is_handed_over_although_the_next_task_cannot_be_made() -> None:
    class Tasks(list[Any]):
        def __getitem__(self, position: Any) -> Any:
            if position >= 2:
                raise ValueError("no such task")
            return super().__getitem__(position)

    found: dict[int, float] = {}
    with pytest.raises(ValueError, match="no such task"), Crew(2) as crew:
        crew.work(math.sqrt, Tasks([4, 9, 16]), found.__setitem__)
    assert len(found) == 1
    assert multiprocessing.active_children() == []


def test_small_work_is_done_before_other_processes_are_started() -> None:
    """They take a second or two; what takes longer is shared out from where this one stopped."""
    tasks = ["__import__('time').sleep(0.2) or __import__('os').getpid()"] * 4
    found: dict[int, int] = {}
    with Crew(2) as crew:
        crew.work(eval, tasks, found.__setitem__, head_start=60.0)
        assert set(found.values()) == {os.getpid()}
        crew.work(eval, tasks, found.__setitem__, head_start=0.1)
    assert found[0] == os.getpid()
    assert os.getpid() not in [found[k] for k in (1, 2, 3)]
