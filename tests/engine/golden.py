"""Digests of what the bundled scenarios write: a guard against drift between versions and machines.

They are copied from our own output on purpose: theory and the equality of the engines say what is
right, these say that it has not changed unnoticed. After a change that is meant to change results,
``python tests/engine/golden.py`` writes them anew; the changelog then says what changed and why.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from carepath_sim.engine import simulate
from carepath_sim.plan import compile_plan
from carepath_sim.scenario import load

if TYPE_CHECKING:
    from carepath_sim.engine import Record

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).with_suffix(".json")
TABLES = ("spells", "people", "episodes", "changes", "audit")
SHORT = ("clock.length=60 d", "clock.warm_up=30 d", "clock.run_out=20 d")
"""Whole areas with all their people, for some weeks."""


def bundled() -> list[str]:
    """Return the names of all scenarios that come with the package."""
    root = ROOT / "scenarios"
    return sorted(
        path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*.yaml")
    )


def digest(record: Record) -> str:
    """Return a digest of every table, column by column."""
    found = hashlib.sha256()
    for table in TABLES:
        for name, column in getattr(record, table).items():
            found.update(f"{table}.{name}:{column.dtype.str}:".encode())
            found.update(column.tobytes())
    return found.hexdigest()[:24]


def digest_of(name: str) -> str:
    """Return the digest of the first weeks of a scenario."""
    plan = compile_plan(load(name, sets=SHORT))
    return digest(simulate(plan, seed=1, replication=0, engine="compiled"))


if __name__ == "__main__":
    new = {name: digest_of(name) for name in bundled()}
    KEPT.write_text(json.dumps(new, indent=2) + "\n", encoding="utf-8")
