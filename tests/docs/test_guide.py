"""The tables of the guide say what the program does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from carepath_sim.engine.interpreted import rules
from carepath_sim.plan import compile_plan
from carepath_sim.plan.tables import as_lists
from carepath_sim.scenario import load
from carepath_sim.scenario.grammar_quantity import QUALITIES
from carepath_sim.scenario.messages import LATER
from carepath_sim.scenario.nodes import plain, read_yaml
from tests.docs.snippets import EXAMPLES, sections

if TYPE_CHECKING:
    from pathlib import Path

TEXT = dict(sections("language/guide.md"))


def table(heading: str) -> list[list[str]]:
    """Return the cells of the first table of a section, without its head."""
    lines = TEXT[heading].split("\n")
    start = next(k for k, line in enumerate(lines) if line.startswith("|--"))
    rows = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


def code(cell: str) -> str:
    """Return the first piece of code in a cell."""
    found = re.search(r"`([^`]+)`", cell)
    assert found is not None, cell
    return found[1]


STAYS = [code(row[1]) for row in table("How long a stay lasts")]


@pytest.mark.parametrize("stay", STAYS)
def test_distribution_of_the_table_can_be_drawn_from(stay: str) -> None:
    """Every form of a length of stay that the guide shows becomes a quantile table."""
    written = plain(read_yaml(stay.encode(), "stay"))
    compile_plan(load(EXAMPLES / "ward.yaml").set("services.reablement.stay", written))


def test_every_quality_is_named() -> None:
    """The guide names all words for how good a number is."""
    assert all(f"`{word}`" in TEXT["Numbers and where they come from"] for word in QUALITIES)


POLICIES = [
    (code(row[0]), row[2].startswith("yes"), row[3].startswith(("yes", "only")))
    for row in table("Several streams share one pool")
]


@pytest.mark.parametrize(("policy", "step_up", "step_down"), POLICIES)
def test_worked_example_of_a_policy_holds(
    policy: str, step_up: bool, step_down: bool, tmp_path: Path
) -> None:
    """With 2 beds used by step-up and 7 by step-down, of 10, these are admitted and those not.

    Under `priority` a bed fits both; who has it is a matter of the line.
    """
    path = tmp_path / "beds.yaml"
    path.write_text(
        f"""
carepath: 1
area: Example
variant: policy
title: Ten beds
clock: {{start: 2015-04-06, length: 7 d, run_out: 0 d}}
arrivals:
  up: {{rate: 1 per d, at: up}}
  down: {{rate: 1 per d, at: down}}
pools:
  beds: {{unit: beds, capacity: 10, policy: {policy}}}
services:
  up: {{setting: community_bed, pool: beds, stream: step_up, stay: 1 d, next: home}}
  down: {{setting: community_bed, pool: beds, stream: step_down, stay: 1 d, next: home}}
""",
        encoding="utf-8",
    )
    plan = compile_plan(load(path))
    tables = as_lists(plan.pool_tables)
    local = {name: tables.local[k] for k, name in enumerate(plan.stream_names)}
    used = [0] * tables.streams[0]
    used[local["step_up"]] += 2
    used[local["step_down"]] += 7

    def admitted(stream: str) -> bool:
        return bool(rules.fits(tables, 0, 0, used, 0, 9, local[stream], 1))

    assert (admitted("step_up"), admitted("step_down")) == (step_up, step_down)


def test_conditions_of_the_table_are_read() -> None:
    """Every key of a condition that the guide lists is known to the grammar and the checks."""
    from carepath_sim.scenario.checks_vocabulary import SPECIAL
    from carepath_sim.scenario.grammar_conditions import test as read_test

    rows = table("Conditions")
    keys = [code(row[0]) for row in rows if row[0].startswith("`")]
    assert set(keys) == set(SPECIAL)
    for row in rows:
        if row[0] in {"`age`", "`hour`", "`weekday`", "`month`", "`date`"}:
            for example in re.findall(r"`([^`]+)`", row[1]):
                read_test(code(row[0]), plain(read_yaml(example.encode(), "test")))


def test_what_cannot_be_said_is_refused_with_that_message(tmp_path: Path) -> None:
    """A word of a later version is refused as such, not as a spelling mistake."""
    for word in sorted(LATER):
        path = tmp_path / f"{word}.yaml"
        text: Any = (EXAMPLES / "ward.yaml").read_text(encoding="utf-8")
        path.write_text(text + f"\n{word}: 1\n", encoding="utf-8")
        with pytest.raises(Exception, match="not in this version"):
            load(path)
