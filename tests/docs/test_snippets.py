"""Every snippet of the documentation is a scenario that loads, runs and adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.checks import check
from carepath_sim.plan import compile_plan
from carepath_sim.scenario import load
from tests.docs.snippets import EXAMPLES, Block, blocks

if TYPE_CHECKING:
    from pathlib import Path

    from carepath_sim.scenario.model import Scenario

# What the pages of the cookbook show are whole files beside them: `test_cookbook` runs these.
ALL = [b for b in blocks() if not b.is_piece and not b.page.startswith("cookbook/")]
SHORT = {"clock": {"length": "14 d", "warm_up": "14 d", "run_out": "7 d"}}


def run_shortly(scenario: Scenario) -> int:
    """Run a few weeks of a scenario; return how many spells were written."""
    short = scenario.with_(**SHORT)
    plan = compile_plan(short)
    record = simulate(plan, seed=1, replication=0, engine=DEFAULT_ENGINE)
    check(plan, record)
    return len(record.spells["person"])


@pytest.mark.parametrize("block", ALL, ids=str)
def test_snippet_loads_and_runs(block: Block, tmp_path: Path) -> None:
    """What stands in the documentation can be used as it stands."""
    assert block.is_whole or block.base, f"{block}: say over which example the snippet is written"
    assert run_shortly(load(block.write(tmp_path))) > 0


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_example_loads_and_runs(path: Path) -> None:
    """The files beside the documentation can be used as they are."""
    assert run_shortly(load(path)) > 0


def test_documentation_has_snippets() -> None:
    """The search for snippets finds them: at least those of the guide and the known answers."""
    assert {block.page for block in ALL} >= {"language/guide.md", "language/queues.md"}
    assert len(ALL) > 30
