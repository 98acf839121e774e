"""The page about the pack names every case, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from carepath_sim.verification.pack import FAMILIES

PAGE = Path(__file__).parents[2] / "docs" / "verification.md"


def test_the_page_names_every_case_of_every_family() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = {
        module: re.findall(r"`([^`]+)`", line)
        for module, line in re.findall(r"^Module `(\w+)`, \d+ cases?: (.+)\.$", text, re.MULTILINE)
    }
    assert named == {f.__name__.split(".")[-1]: [c.name for c in f.CASES] for f in FAMILIES}
