"""Tables of a run in words: changes, looks, and how they are distributed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from carepath_sim.engine.spells import (
    ATTRIBUTE_SET,
    FIND_LOST,
    PROGRAMME_JOINED,
    SURGE_CLOSED,
    SURGE_OPENED,
)
from carepath_sim.experiment.changes import in_words
from carepath_sim.experiment.run import run
from carepath_sim.scenario.loader import load

TOWN = Path(__file__).parents[2] / "docs" / "examples" / "town.yaml"


def test_a_change_is_told_by_what_changed() -> None:
    """The same number 1 is an attribute, a programme or a pool."""
    plan: Any = SimpleNamespace(
        attributes=[
            SimpleNamespace(name="sex", values=("women", "men")),
            SimpleNamespace(name="frailty", values=("fit", "mild")),
        ],
        pools=[SimpleNamespace(name="ward"), SimpleNamespace(name="escalation")],
        programmes=[SimpleNamespace(name="agents"), SimpleNamespace(name="falls")],
    )
    what = [ATTRIBUTE_SET, PROGRAMME_JOINED, FIND_LOST, SURGE_OPENED, SURGE_CLOSED]
    columns = {
        "t": np.arange(5),
        "what": np.array(what),
        "name": np.ones(5, dtype=np.int64),
        "value": np.array([1, 0, 0, 12, 12]),
    }
    found = in_words(plan, columns)
    assert found["what"].tolist() == [
        "attribute set", "programme joined", "find lost", "surge opened", "surge closed"
    ]  # fmt: skip
    assert found["name"].tolist() == ["frailty", "falls", "falls", "escalation", "escalation"]
    assert found["value"].tolist() == ["mild", "0", "0", "12", "12"]


def test_looks_are_kept_where_the_scenario_asks_for_them(tmp_path: Path) -> None:
    """13 weeks, a look every 12 hours, 3 pools and 4 services, 2 replications."""
    scenario = load(TOWN, sets={"clock.length": "13 wk", "population.size": 300, "audit": "12 h"})
    result = run(scenario, replications=2, workers=1, out=tmp_path / "run")
    looks = result.audit()
    assert len(looks) == 2 * (13 * 14) * (3 + 4)
    assert looks["pool"].isna().sum() == 2 * 13 * 14 * 4
    assert looks["t"].min() == pd.Timestamp("2015-04-01")
    shares = result.distribution()
    care_home = shares[shares["pool"] == "care_home_places"]
    assert care_home["share"].sum() == pytest.approx(1)
    mean = (care_home["level"] * care_home["share"]).sum()
    mine = looks[looks["pool"] == "care_home_places"]
    assert mean == pytest.approx(mine["occupancy"].mean())
    written = pd.read_csv(tmp_path / "run" / "distribution.csv")
    assert len(written) == len(shares)
    assert written["share"].sum() == pytest.approx(3 + 4)


def test_without_asking_no_looks_are_kept() -> None:
    scenario = load(TOWN, sets={"clock.length": "2 wk", "population.size": 200})
    result = run(scenario, replications=1, workers=1)
    assert "audit" not in result.done[0].kept
    # Asked for afterwards, it is looked once a day.
    assert len(result.audit()) == 14 * (3 + 4)
