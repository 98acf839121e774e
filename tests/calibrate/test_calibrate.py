"""A small fit from end to end, resumed, and refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from carepath_sim.calibrate.calibration import TooFewTargetsError
from carepath_sim.calibrate.catalogue import FIT, folder, names
from carepath_sim.calibrate.fit import calibrate
from carepath_sim.calibrate.forms import parsed_as, read_file
from carepath_sim.calibrate.settings import read_settings
from carepath_sim.cli.app import app
from carepath_sim.scenario.catalogue import bundled

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


@pytest.mark.parametrize(
    ("calibration", "why"),
    [
        ("east-sussex/as-is", "not one admission"),
        ("plymouth/as-is", "has no period"),
        ("rutland/as-is", "of all ages"),
        ("greenwich/three-teams", "inputs of the scenario"),
        ("sunderland/hub", "what comes in"),
        ("torbay/by-registration", "without level, period or control"),
    ],
)
def test_too_few_targets_are_an_answer(calibration: str, why: str) -> None:
    with pytest.raises(TooFewTargetsError, match=f"^{calibration}: too few.*{why}"):
        calibrate(calibration)


def test_every_area_says_what_it_can_be_fitted_to() -> None:
    """Each has a calibration, and each calibration names a scenario that is there."""
    scenarios = {one.name for one in bundled()}
    fitted = {name: _scenario_of(name) for name in names()}
    assert set(fitted.values()) <= scenarios
    areas = {name.partition("/")[0] for name in scenarios}
    assert areas == {name.partition("/")[0] for name in fitted.values()}


def test_the_guide_lists_every_calibration() -> None:
    page = (Path(__file__).parents[2] / "docs" / "guide" / "calibration.md").read_text("utf-8")
    listed = re.findall(r"^\| `([a-z-]+/[a-z-]+)` \|", page, re.MULTILINE)
    assert sorted(listed) == names()


def _scenario_of(name: str) -> str:
    read, flaws = parsed_as(read_file(folder() / name / FIT, name), read_settings)
    assert read is not None
    assert not flaws
    return read.scenario


def test_the_page_of_a_fit_tells_everything_and_needs_nothing(tmp_path: Path) -> None:
    """From the command line, with warnings, tables and pictures inside."""
    given = ["calibrate", str(CLERK), "--out", str(tmp_path / "fit"), "--workers", "1"]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0, done.output
    page = (tmp_path / "fit" / "report.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org", "")
    assert page.count("<svg") == 5
    for words in ("The data tell something of arrivals, stay", "Parameters", "Conflict", "made up"):
        assert words in page
    summary = json.loads((tmp_path / "fit" / "summary.json").read_text(encoding="utf-8"))
    # Numbers are in spans, so that no line breaks within them.
    read = re.sub(r"</?span[^>]*>", "", page)
    assert all(words in read for words in summary["warnings"])
    assert all(words in done.output.replace("\n", " ") for words in ("arrivals", "busy"))
