"""The compiled engine writes the same tables as the SimPy engine, bit for bit."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from golden import bundled
from hypothesis import HealthCheck, assume, given, settings
from random_scenarios import Raw, scenarios, typed
from ruamel.yaml import YAML

from carepath_sim import engine
from carepath_sim.engine import NEVER, Record, compiled_engine, compiling, simpy_engine, simulate
from carepath_sim.engine.errors import EndlessInstantError, NoWayOnError
from carepath_sim.engine.kernel import kept
from carepath_sim.plan import compile_plan
from carepath_sim.plan.families import DistributionError
from carepath_sim.scenario import load

if TYPE_CHECKING:
    from carepath_sim.plan import Plan

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "tests" / "regressions" / "unequal.yaml"
"""Where the smallest scenario is kept in which the engines differ."""
NIGHTLY = bool(os.environ.get("CAREPATH_NIGHTLY"))
"""Whether there is time for some thousands of random scenarios."""
FILES = [
    *sorted((ROOT / "docs" / "cookbook").glob("*.yaml")),
    *sorted((ROOT / "tests" / "regressions").glob("*.yaml")),
]
TABLES = ("spells", "people", "episodes", "changes", "audit")


def differences(a: Record, b: Record) -> list[str]:
    """Return the columns in which two records differ."""
    found = []
    for table in TABLES:
        ours, theirs = getattr(a, table), getattr(b, table)
        if list(ours) != list(theirs):
            found.append(f"{table}: other columns")
        found += [
            f"{table}.{name}"
            for name in ours
            if name in theirs and not np.array_equal(ours[name], theirs[name])
        ]
    return found


def outcome(plan: Plan, name: str, replication: int) -> Record | str:
    """Return a record, or what an engine said went wrong."""
    try:
        return simulate(plan, seed=3, replication=replication, engine=name)
    except (EndlessInstantError, NoWayOnError) as error:
        return f"{type(error).__name__}: {error}"


def assert_equal(plan: Plan, replication: int = 1) -> None:
    """Hold that both engines do the same."""
    a, b = outcome(plan, "simpy", replication), outcome(plan, "compiled", replication)
    if isinstance(a, Record) and isinstance(b, Record):
        assert differences(a, b) == []
    else:
        assert a == b


def small(name: str) -> tuple[str, ...]:
    """Return what makes a bundled scenario small enough for the slower engine."""
    found = load(name)
    sets = ["clock.length=60 d", "clock.warm_up=30 d", "clock.run_out=20 d"]
    if found.population is not None:
        sets.append("population.size=1500")
        fewer = {"care_home": 20, "home_care": 15}
        there = found.resolved().get("start") or {}
        sets += [f"start.{k}.count={n}" for k, n in fewer.items() if k in there]
    return tuple(sets)


@pytest.mark.parametrize("name", bundled())
def test_a_bundled_scenario_is_the_same(name: str) -> None:
    plan = compile_plan(load(name, sets=small(name)))
    record = simulate(plan, seed=1, replication=0, engine="compiled")
    assert int(np.sum(record.spells["started"] != NEVER)) > 150
    assert differences(simulate(plan, seed=1, replication=0), record) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_the_documents_run_is_the_same(path: Path) -> None:
    assert_equal(compile_plan(load(path)))


def compare_random(raw: Raw) -> None:
    """Hold that both engines do the same in a scenario that is thrown together."""
    try:
        plan = compile_plan(typed(raw))
    except DistributionError:
        assume(False)
    try:
        assert_equal(plan)
    except AssertionError as error:  # the last one that fails is the smallest
        YAML().dump(raw, KEPT)
        error.add_note(f"{KEPT.name} in tests/regressions holds the scenario: give it a name")
        raise


def tried(examples: int) -> settings:
    """Return settings: the same examples every time."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@tried(1500 if NIGHTLY else 120)
@given(scenarios(coarse=False))
def test_random_scenarios_are_the_same(raw: Raw) -> None:
    compare_random(raw)


@tried(1000 if NIGHTLY else 80)
@given(scenarios(coarse=True))
def test_random_scenarios_in_which_much_happens_at_once_are_the_same(raw: Raw) -> None:
    compare_random(raw)


def test_tables_that_begin_tiny_grow_and_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = compile_plan(load(ROOT / "docs" / "cookbook" / "prevention.yaml"))
    usual = simulate(plan, seed=1, replication=0, engine="compiled")
    monkeypatch.setattr(compiled_engine, "plan_size", lambda _: 1)
    kept.forget()
    assert differences(simulate(plan, seed=1, replication=0, engine="compiled"), usual) == []


def test_tables_kept_from_another_scenario_change_nothing() -> None:
    """What one replication has written into the tables that are kept is not met by the next."""
    plan = compile_plan(load(ROOT / "docs" / "cookbook" / "prevention.yaml"))
    # Larger, and with other attributes, so that some tables fit the other scenario and some do not.
    small = ("population.size=1500", "start.care_home.count=20", "start.home_care.count=15")
    other = compile_plan(load("buckinghamshire/as-is", sets=(*small, "clock.length=60 d")))
    kept.forget()
    alone = simulate(plan, seed=1, replication=0, engine="compiled")
    for _ in range(2):
        simulate(other, seed=1, replication=0, engine="compiled")
        after = simulate(plan, seed=1, replication=0, engine="compiled")
        assert differences(after, alone) == []


def test_a_plan_is_left_as_it_was() -> None:
    """A second replication of the same plan meets nothing that the first has left behind."""
    plan = compile_plan(load(ROOT / "docs" / "cookbook" / "closing-service.yaml"))
    first = simulate(plan, seed=1, replication=0, engine="compiled")
    simulate(plan, seed=1, replication=1, engine="compiled")
    assert differences(simulate(plan, seed=1, replication=0, engine="compiled"), first) == []


def test_stories_are_told_by_the_other_engine() -> None:
    plan = compile_plan(load("buckinghamshire/as-is"))
    told = [simulate(plan, seed=1, replication=0, engine=e, story="reg") for e in engine.ENGINES]
    assert differences(*told) == []


def test_without_numba_the_other_engine_runs_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda _: None)
    monkeypatch.setattr(compiled_engine, "simulate", None)
    plan = compile_plan(load(ROOT / "docs" / "cookbook" / "one-desk.yaml"))
    engine.can_compile.cache_clear()
    try:
        found = [simulate(plan, seed=1, replication=k, engine="compiled") for k in range(2)]
        engine.prepare("compiled")
    finally:
        engine.can_compile.cache_clear()
    assert differences(found[0], simpy_engine.simulate(plan, seed=1, replication=0)) == []
    assert capsys.readouterr().err.count("Numba is not installed") == 1


def test_what_is_compiled_depends_on_the_kernel_and_on_the_tables_it_reads() -> None:
    """Compiled code knows tables by their place: a new column must never meet old code."""
    names = {path.relative_to(compiling.PACKAGE).as_posix() for path in compiling.sources()}
    assert {"engine/kernel/loop.py", "engine/rules.py", "plan/tables.py"} <= names


def test_the_engine_is_compiled_without_simpy() -> None:
    import subprocess

    code = "import sys, carepath_sim.engine.compiled_engine; print('simpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_command_line_and_the_functions_have_the_same_default() -> None:
    from carepath_sim.cli import options

    assert options.DEFAULT_ENGINE == engine.DEFAULT_ENGINE == "compiled"
