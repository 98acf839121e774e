"""The page about the tables of a run: its trace, and every column and word of the spells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carepath_sim.engine import NEVER, simulate
from carepath_sim.engine.spells import SPELL_COLUMNS, TAPER_COLUMNS, How, Outcome
from carepath_sim.experiment.tasks import KEEPABLE
from carepath_sim.plan import compile_plan
from carepath_sim.scenario import load
from tests.docs.snippets import DOCS, blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "language/spells.md"
TEXT = (DOCS / PAGE).read_text(encoding="utf-8")


def words(heading: str) -> set[str]:
    """Return what the first column of a table names."""
    table = TEXT.split(f"| {heading} |")[-1].split("\n\n")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_every_column_of_the_spells_is_explained() -> None:
    assert words("column") == {"scenario", "replication", *SPELL_COLUMNS, *TAPER_COLUMNS}


def test_every_outcome_and_way_to_a_place_is_explained() -> None:
    for heading, members in (("`outcome`", Outcome), ("`how`", How)):
        known = {member.name.lower().replace("_", " ") for member in members}
        assert words(heading) == known


def test_every_table_that_can_be_kept_is_explained() -> None:
    assert words("`--keep`") == set(KEEPABLE)


def test_the_trace_goes_as_stated(tmp_path: Path) -> None:
    """Person by person: asks, starts, ends."""
    (block,) = [block for block in blocks() if block.page == PAGE]
    spells = simulate(compile_plan(load(block.write(tmp_path))), seed=1, replication=0).spells

    def clock(t: int) -> str:
        return "-" if t == NEVER else f"{t // 3_600_000:02}:{t // 60_000 % 60:02}"

    got = []
    for k, person in enumerate(spells["person"].tolist()):
        instants = [clock(int(spells[c][k])) for c in ("requested", "started", "left")]
        gave_up = spells["outcome"][k] == Outcome.GAVE_UP
        got.append([str(person), *instants, "gave up" if gave_up else "served"])
    stated = re.findall(r"^\| (\d) \| (.+) \|$", TEXT, re.MULTILINE)
    assert got == [[number, *row.split(" | ")] for number, row in stated]
