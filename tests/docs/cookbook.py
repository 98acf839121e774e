"""The pages of the cookbook, their scenarios, and ways to hold a page to what it says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.checks import check
from carepath_sim.measures import evaluate
from carepath_sim.plan import compile_plan
from carepath_sim.scenario import load
from carepath_sim.statistics import mean_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from carepath_sim.engine.spells import Record
    from carepath_sim.plan import Plan

COOKBOOK = Path(__file__).parents[2] / "docs" / "cookbook"
FILES = sorted(COOKBOOK.glob("*.yaml"))
PAGES = sorted(path for path in COOKBOOK.glob("*.md") if path.name != "README.md")

HOUR = 3_600_000
DAY = 24 * HOUR


def run(
    file: str, sets: Sequence[str] = (), seed: int = 3, replication: int = 0
) -> tuple[Plan, Record]:
    """Simulate one replication of a scenario of the cookbook, and check that it adds up."""
    plan = compile_plan(load(COOKBOOK / file, sets=list(sets)))
    record = simulate(plan, seed=seed, replication=replication, engine=DEFAULT_ENGINE)
    check(plan, record)
    return plan, record


@cache
def values(
    file: str,
    sets: tuple[str, ...] = (),
    replications: int = 5,
    seed: int = 3,
) -> dict[tuple[str, str], list[float]]:
    """Return every measure of the window over replications, by name and stratum."""
    found: dict[tuple[str, str], list[float]] = {}
    plan = compile_plan(load(COOKBOOK / file, sets=list(sets)))
    for replication in range(replications):
        record = simulate(plan, seed=seed, replication=replication, engine=DEFAULT_ENGINE)
        check(plan, record)
        for row in evaluate(plan, record):
            if row.period == "window":
                found.setdefault((row.measure, row.stratum), []).append(row.value)
    return found


def hold(
    file: str,
    exact: Mapping[tuple[str, str], float],
    *sets: str,
    replications: int = 5,
    seed: int = 3,
) -> None:
    """Hold a scenario to exact answers: its 99.9 % intervals hold them."""
    found = values(file, sets, replications, seed)
    for key, answer in exact.items():
        interval = mean_interval(found[key], 0.999)
        close = interval.contains(answer) or abs(interval.mean - answer) < 1e-6 * max(1, answer)
        said = f"{interval.low:.5f} to {interval.high:.5f}"
        assert close, f"{file} {key}: {said}, stated {answer}"


def stays(plan: Plan, record: Record, service: str) -> list[dict[str, int]]:
    """Return the spells at a service, in the order in which they were asked for."""
    names = list(record.spells)
    rows = np.column_stack([record.spells[name] for name in names]).tolist()
    found = [dict(zip(names, row, strict=True)) for row in rows]
    number = plan.service_index[service]
    return sorted((s for s in found if s["service"] == number), key=lambda s: s["requested"])
