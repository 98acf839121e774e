"""One replication as a worker runs it: from scenarios to rows small enough to send back."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass, field, replace
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING

from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from carepath_sim.engine.spells import Record
    from carepath_sim.measures import Row
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Scenario

# Tables of a record that can be kept, beside the event log made from them.
RECORD_TABLES = ("spells", "people", "episodes", "changes")
KEEPABLE = (*RECORD_TABLES, "events", "audit")

# As many plans as a comparison of variants has; a plan of a county takes some megabytes.
PLANS_KEPT = 8


@dataclass(frozen=True)
class Packed:
    """A scenario on its way to a worker.

    Attributes
    ----------
    digest
        Hash of the content, by which a worker knows a plan that it has compiled.
    content
        The pickled scenario.
    """

    digest: str
    content: bytes = field(compare=False, repr=False)


@dataclass(frozen=True)
class Task:
    """One replication of one or more scenarios that share their random numbers.

    The first scenario is the base that the others are compared with, person by person. Without
    common luck each has random numbers of its own, and there is nobody to compare in pairs.
    """

    scenarios: tuple[Packed, ...]
    seed: int
    replication: int
    engine: str
    keep: tuple[str, ...] = ()
    common_random_numbers: bool = True

    def seed_of(self, position: int) -> int:
        """Return the seed of one of the scenarios.

        Without common luck seeds are far apart (Knuth's multiplicative hash, The Art of Computer
        Programming 3, section 6.4), because analysts try seeds that follow one another.
        """
        return (
            self.seed if self.common_random_numbers else (self.seed + position * 2654435761) % 2**32
        )


@dataclass(frozen=True)
class Replication:
    """What is kept of one replication of one scenario.

    Attributes
    ----------
    replication
        Its number, from 0.
    rows
        Measures; for a scenario that is compared with a base, also those of the pair.
    daily
        Columns by day and pool.
    kept
        Tables that were asked for, by name.
    seconds
        Wall time of the simulation with its measures [s].
    """

    replication: int
    rows: tuple[Row, ...]
    daily: Mapping[str, np.ndarray]
    kept: Mapping[str, Mapping[str, np.ndarray]]
    seconds: float


def pack(scenario: Scenario) -> Packed:
    """Return a scenario ready to be sent to workers."""
    content = pickle.dumps(scenario)
    return Packed(hashlib.sha256(content).hexdigest(), content)


def simulate_task(task: Task) -> tuple[Replication, ...]:
    """Simulate one replication of every scenario of a task, and measure it.

    Raises
    ------
    CheckFailedError
        When a replication breaks a law that every replication obeys.
    """
    from carepath_sim.measures import paired

    results = []
    base: tuple[Plan, Record] | None = None
    for position, packed in enumerate(task.scenarios):
        started = perf_counter()
        plan = compiled(packed)
        record = checked_record(plan, replace(task, seed=task.seed_of(position)))
        rows = measure(plan, record)
        if base is None:
            base = (plan, record)
        elif task.common_random_numbers:
            rows += tuple(paired(*base, plan, record))
        results.append(_condensed(plan, record, rows, task, started))
    return tuple(results)


@lru_cache(maxsize=PLANS_KEPT)
def compiled(packed: Packed) -> Plan:
    """Compile a packed scenario, once in each worker."""
    from carepath_sim.plan import compile_plan

    # Only this package packs scenarios, in the process that started the worker.
    return compile_plan(pickle.loads(packed.content))  # noqa: S301


def checked_record(plan: Plan, task: Task) -> Record:
    """Simulate one replication and hold it to the laws of conservation."""
    from carepath_sim.engine import simulate
    from carepath_sim.engine.checks import check

    record = simulate(plan, seed=task.seed, replication=task.replication, engine=task.engine)
    check(plan, record)
    return record


def measure(plan: Plan, record: Record) -> tuple[Row, ...]:
    """Evaluate every registered measure."""
    from carepath_sim.measures import evaluate

    return tuple(evaluate(plan, record))


def _condensed(
    plan: Plan, record: Record, rows: Sequence[Row], task: Task, started: float
) -> Replication:
    from carepath_sim.experiment.events import event_log
    from carepath_sim.measures import daily
    from carepath_sim.measures.audit import audit

    kept: dict[str, Mapping[str, np.ndarray]] = {
        name: getattr(record, name) for name in RECORD_TABLES if name in task.keep
    }
    if "events" in task.keep:
        kept["events"] = event_log(plan, record)
    if plan.scenario.audit is not None or "audit" in task.keep:
        kept["audit"] = audit(plan, record, looks_every(plan))
    return Replication(
        replication=task.replication,
        rows=tuple(rows),
        daily=daily(plan, record),
        kept=kept,
        seconds=perf_counter() - started,
    )


def looks_every(plan: Plan) -> int:
    """Return the interval at which occupancy is looked at [ms]: a day, unless the scenario says."""
    given = plan.scenario.audit
    return DAY if given is None else round(given.value)
