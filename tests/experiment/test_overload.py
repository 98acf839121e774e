"""What `validate` warns of stands beside the figures too."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import carepath_sim as cp
from carepath_sim.experiment.overload import overloaded
from carepath_sim.report.tables import run_table


@pytest.fixture(scope="module")
def wards() -> cp.Scenario:
    return cp.load(Path(__file__).parent / "scenarios" / "two-wards.yaml")


def test_a_pool_that_holds_what_is_asked_is_not_mentioned(wards: cp.Scenario) -> None:
    assert overloaded(wards) == ""


def test_a_pool_of_which_more_is_asked_is_named_once_beneath_the_figures(
    wards: cp.Scenario,
) -> None:
    short = wards.set("pools.beds.capacity", {"north": 3, "south": 6})
    said = overloaded(short)
    assert "offered load 4 beds reaches the mean capacity of 3 beds" in said
    assert "referrals a day" not in said
    console = Console(width=400, file=StringIO(), record=True)
    console.print(run_table(cp.run(short, replications=1, workers=1, engine="simpy")))
    assert console.export_text().count("offered load") == 1


def test_people_who_are_sent_on_stand_beside_the_waits_that_leave_them_out(
    wards: cp.Scenario,
) -> None:
    """Nobody waits for long where everybody who does is sent on."""
    sent_on = wards.set("pools.beds.capacity", {"north": 1, "south": 6}).set(
        "services.ward.max_wait", {"after": "1 h", "to": "well"}
    )
    console = Console(width=400, file=StringIO(), record=True)
    console.print(run_table(cp.run(sent_on, replications=2, workers=1, engine="simpy")))
    text = console.export_text()
    assert "Diverted (in no mean wait) [%]" in text
    assert "Given up" not in text  # 0 throughout
