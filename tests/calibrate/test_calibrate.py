"""A small fit from end to end, resumed, and refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from carepath_sim.calibrate.calibration import TooFewTargetsError
from carepath_sim.calibrate.fit import calibrate

CLERK = Path(__file__).parent / "clerk"


def test_a_fit_that_is_resumed_simulates_nothing_again(tmp_path: Path) -> None:
    first = calibrate(CLERK, out=tmp_path / "fit", workers=1)
    again = calibrate(CLERK, out=tmp_path / "fit", resume=True, workers=1)
    assert first.simulated > 0
    assert again.simulated == 0
    assert first.summary() == again.summary()


def test_too_few_targets_are_an_answer() -> None:
    with pytest.raises(TooFewTargetsError, match="too few"):
        calibrate("east-sussex/as-is")
