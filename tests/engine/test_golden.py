"""What the bundled scenarios write does not drift."""

from __future__ import annotations

import json

import pytest
from golden import KEPT, bundled, digest_of

GOLDEN = json.loads(KEPT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", bundled())
def test_a_bundled_scenario_writes_what_it_wrote(name: str) -> None:
    again = "python tests/engine/golden.py writes the digests anew"
    assert name in GOLDEN, f"{name} has no digest yet: {again}"
    assert digest_of(name) == GOLDEN[name], f"{name} writes other tables: if so meant, {again}"


def test_no_digest_is_of_a_scenario_that_is_gone() -> None:
    assert sorted(GOLDEN) == bundled()
