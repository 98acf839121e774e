"""A small fit from end to end, resumed, and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from carepath_sim.calibrate.calibration import TooFewTargetsError
from carepath_sim.calibrate.fit import calibrate
from carepath_sim.cli.app import app

CLERK = Path(__file__).parent / "clerk"


def test_a_fit_that_is_resumed_simulates_nothing_again(tmp_path: Path) -> None:
    first = calibrate(CLERK, out=tmp_path / "fit", workers=1)
    again = calibrate(CLERK, out=tmp_path / "fit", resume=True, workers=1)
    assert first.simulated > 0
    assert again.simulated == 0
    assert first.summary() == again.summary()
    design = pd.read_parquet(tmp_path / "fit" / "design.parquet")
    runs = pd.read_parquet(tmp_path / "fit" / "runs.parquet")
    assert len(runs) == first.simulated
    assert set(runs["point"]) == set(design["point"])
    assert {"wave 1", "predictive"} <= set(design["stage"])
    assert {one.name for one in first.calibration.targets} <= set(runs.columns)


def test_too_few_targets_are_an_answer() -> None:
    with pytest.raises(TooFewTargetsError, match="too few"):
        calibrate("east-sussex/as-is")


def test_the_page_of_a_fit_tells_everything_and_needs_nothing(tmp_path: Path) -> None:
    """From the command line, with warnings, tables and pictures inside."""
    given = ["calibrate", str(CLERK), "--out", str(tmp_path / "fit"), "--workers", "1"]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0, done.output
    page = (tmp_path / "fit" / "report.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org", "")
    assert page.count("<svg") == 4
    for words in ("The data tell something of arrivals, stay", "Parameters", "Conflict", "made up"):
        assert words in page
    summary = json.loads((tmp_path / "fit" / "summary.json").read_text(encoding="utf-8"))
    assert all(words in page for words in summary["warnings"])
    assert all(words in done.output.replace("\n", " ") for words in ("arrivals", "busy"))
