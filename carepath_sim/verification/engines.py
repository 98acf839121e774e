"""Both engines on every scenario of the pack: the same tables, bit for bit.

Theory holds the compiled engine, which users run; this holds the engine of SimPy to the same.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine import ENGINES, simulate
from carepath_sim.plan import compile_plan
from carepath_sim.scenario import load
from carepath_sim.verification.case import Case
from carepath_sim.verification.trials import SCENARIOS
from carepath_sim.verification.verdict import Verdict, exactly

if TYPE_CHECKING:
    from carepath_sim.engine.spells import Record
    from carepath_sim.verification.trials import Effort

TABLES = ("spells", "people", "episodes", "changes", "audit")
SHORT = ("clock.length=40 d", "clock.warm_up=5 d", "clock.run_out=5 d")
"""As much as the slower engine does in a moment."""
GROUPS = 6
QUICK = 1


def columns_that_differ(a: Record, b: Record) -> int:
    """Return the number of columns of the tables of two records that are not equal."""
    found = 0
    for table in TABLES:
        ours, theirs = getattr(a, table), getattr(b, table)
        names = dict.fromkeys((*ours, *theirs))
        found += sum(
            name not in ours or name not in theirs or not np.array_equal(ours[name], theirs[name])
            for name in names
        )
    return found


def _compare(effort: Effort, group: int) -> tuple[Verdict, ...]:
    names = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))[group::GROUPS]
    return tuple(
        exactly(
            f"engines_{group + 1}",
            f"{name.replace('_', ' ')}: columns in which the engines differ",
            0,
            columns_that_differ(*_by_both(name, effort)),
            "the meaning is one, whoever carries it out",
        )
        for name in names
    )


def _by_both(name: str, effort: Effort) -> list[Record]:
    plan = compile_plan(load(SCENARIOS / f"{name}.yaml", sets=SHORT))
    return [
        simulate(plan, seed=effort.luck(name), replication=0, engine=engine) for engine in ENGINES
    ]


CASES = tuple(
    Case(f"engines_{group + 1}", partial(_compare, group=group), quick=group < QUICK)
    for group in range(GROUPS)
)
