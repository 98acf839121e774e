"""What the page on all that is not known shows can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import carepath_sim as cp
from tests.docs.snippets import blocks
from tests.docs.test_bed_mix import SHORT, run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PAGE = "guide/uncertainty.md"


def test_the_python_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = (block for block in blocks() if block.page == PAGE)
    ward = cp.load(block.write(tmp_path), sets=SHORT)
    full = cp.uncertainty
    monkeypatch.setattr(cp, "uncertainty", lambda *a, **k: full(*a, **{**k, "draws": 6}))
    made = run(PAGE, monkeypatch, ward)
    assert len(made["found"].posterior.names) == 3
    assert made["found"].figures()["figure"].tolist() == ["p_wait[beds]"]
    assert made["axes"].get_yticklabels()
    assert made["log"]["assumed"].any()
