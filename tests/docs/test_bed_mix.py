"""What the page on bed mixes shows can be done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import carepath_sim as cp
from tests.docs.snippets import DOCS, EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SHORT = {"clock.length": "60 d", "clock.warm_up": "20 d", "clock.run_out": "7 d"}
FEW = {"replications": 3, "max_replications": 6, "workers": 1}


def python_of(page: str) -> str:
    """Return the Python of a page."""
    found = re.search(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def run(page: str, monkeypatch: pytest.MonkeyPatch, scenario: cp.Scenario) -> dict[str, Any]:
    """Run the Python of a page on a short scenario."""
    monkeypatch.setattr(cp, "load", lambda _name: scenario)
    names: dict[str, Any] = {}
    exec(python_of(page), names)  # noqa: S102 - our own page
    return names


def test_the_python_of_the_bed_mix_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    ten = cp.load(DOCS / "cookbook" / "sharing-policies.yaml", sets=SHORT)
    whole = cp.bed_mix
    monkeypatch.setattr(cp, "bed_mix", lambda *given, **asked: whole(*given, **asked | FEW))
    made = run("guide/bed-mix.md", monkeypatch, ten)
    assert set(made["choice"]["configuration"]) == {
        *("as written", "ring-fenced 2/8", "ring-fenced 4/6", "three kept free"),
    }
    assert made["axes"].get_yticklabels()


def test_the_python_of_the_sensitivity_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = (DOCS / "guide" / "sensitivity.md").read_text(encoding="utf-8")
    snippet = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert snippet is not None
    (tmp_path / "ward.yaml").write_text((EXAMPLES / "ward.yaml").read_text(encoding="utf-8"))
    (tmp_path / "ranges.yaml").write_text(f"extends: ward.yaml\n{snippet[1]}", encoding="utf-8")
    made = run("guide/sensitivity.md", monkeypatch, cp.load(tmp_path / "ranges.yaml", sets=SHORT))
    assert list(made["table"]["parameter"].sort_values()) == [
        *("pools.beds.capacity", "services.ward.next.to.home", "services.ward.stay.lognormal.mean"),
    ]
    assert made["axes"].get_xlabel().startswith("Delayed transfer days")
