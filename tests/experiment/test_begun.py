"""Going on need not be told again how many replications there are to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import carepath_sim as cp
from carepath_sim.experiment.begun import how_many, there
from carepath_sim.experiment.files import FolderInUseError

if TYPE_CHECKING:
    from pathlib import Path

TINY = {"length": "2 d", "warm_up": "1 d", "run_out": "1 d"}
QUICK: dict[str, Any] = {"workers": 1, "engine": "simpy"}
BEDS = {"pools.beds.capacity": [4, 6]}


@pytest.fixture
def tiny(ward: cp.Scenario) -> cp.Scenario:
    return ward.with_(clock=TINY)


def test_a_run_goes_on_with_as_many_as_it_was_begun_with(tiny: cp.Scenario, tmp_path: Path) -> None:
    cp.run(tiny, replications=2, out=tmp_path, **QUICK)
    assert len(cp.run(tiny, out=tmp_path, resume=True, **QUICK).done) == 2
    assert len(cp.run(tiny, replications=3, out=tmp_path, resume=True, **QUICK).done) == 3


def test_a_sweep_goes_on_with_as_many_as_it_was_begun_with(
    tiny: cp.Scenario, tmp_path: Path
) -> None:
    cp.sweep(tiny, vary=BEDS, replications=2, out=tmp_path, **QUICK)
    study = cp.sweep(tiny, out=tmp_path, resume=True, **QUICK)
    assert study.manifest["replications"] == 2
    assert [len(one.done) for one in study.results()] == [2, 2]


def test_a_curve_goes_on_with_as_many_as_it_was_begun_with(
    tiny: cp.Scenario, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {"pool": "beds", "capacities": [4, 6], "out": tmp_path, **QUICK}
    cp.capacity_curve(tiny, replications=3, **asked)
    assert set(cp.capacity_curve(tiny, resume=True, **asked)["replications"]) == {3}
    with pytest.raises(FolderInUseError, match="replications: 3 there, 4 now"):
        cp.capacity_curve(tiny, replications=4, resume=True, **asked)


def test_what_is_said_counts_and_a_folder_only_when_it_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"replications": 4}', encoding="utf-8")
    assert there(tmp_path) == 4
    assert how_many(None, 10, tmp_path, resume=True) == 4
    assert how_many(7, 10, tmp_path, resume=True) == 7
    assert how_many(None, 10, tmp_path, resume=False) == 10
    assert how_many(None, 10, tmp_path / "none", resume=True) == 10
    # A precision may have taken a folder far beyond the number with which it began.
    (tmp_path / "manifest.json").write_text('{"replications": 40}', encoding="utf-8")
    assert how_many(None, 10, tmp_path, resume=True, precise=True) == 10
