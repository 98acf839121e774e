"""The scorecard: targets beside figures, totals in the target's period, months with their own."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from carepath_sim.engine import simulate
from carepath_sim.errors import CarepathError
from carepath_sim.experiment import scorecard as s
from carepath_sim.experiment.compare import Comparison
from carepath_sim.experiment.results import RunResult
from carepath_sim.experiment.tasks import Replication
from carepath_sim.measures import Row
from carepath_sim.plan import compile_plan
from carepath_sim.report.scorecard import scorecard_table
from carepath_sim.scenario.loader import load

if TYPE_CHECKING:
    from carepath_sim.plan import Plan
    from carepath_sim.scenario import Scenario

TARGETS = """
targets:
  emergency_admissions:
    {value: 1200, per: year, months: [101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112]}
  monthly: {measure: care_home_admissions, value: 4, per: month}
  rate: {measure: emergency_admissions_per_100k, value: 9000}
  in_quarters: {measure: emergency_admissions_per_100k, value: 2250, per: quarter}
  home: {measure: still_at_home_91_days, value: 86 %}
  beds: {measure: bed_days, of: "pool:acute_beds"}
  survey: {measure: none, value: 0.7}
  reason: {measure: delayed_transfer_days, of: "reason:transfer", value: 5}
denominators: {all_ages: 10000}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A town observed from 1 February to 31 March 2016: 29 + 31 days."""
    town = Path(__file__).parents[2] / "docs" / "examples" / "town.yaml"
    text = town.read_text(encoding="utf-8").replace("start: 2015-04-01", "start: 2016-02-01")
    path = tmp_path / "town.yaml"
    path.write_text(text.replace("length: 26 wk", "length: 2 month") + TARGETS, encoding="utf-8")
    return compile_plan(load(path))


def replication(number: int, february: float, march: float) -> Replication:
    """One replication with so many admissions a month, and nothing else."""
    year = 365.25 / 60
    both = february + march
    rows = (
        Row("emergency_admissions", "all", "window", both),
        Row("emergency_admissions", "all", "2016-02", february),
        Row("emergency_admissions", "all", "2016-03", march),
        Row("emergency_admissions", "cause:fall", "2016-03", 999.0),
        Row("emergency_admissions_per_100k", "all", "window", both * 10 * year),
        Row("emergency_admissions_per_100k", "all", "2016-02", february * 10),
        Row("emergency_admissions_per_100k", "all", "2016-03", march * 10),
        Row("still_at_home_91_days", "all", "window", 0.5 if number else 1.0, 8.0),
        Row("still_at_home_91_days", "all", "2016-02", 0.5, 8.0),
        Row("still_at_home_91_days", "all", "2016-03", math.nan, 0.0),
        Row("bed_days", "pool:acute_beds", "window", 60.0),
    )
    return Replication(number, rows, {}, {}, 0.0)


@pytest.fixture
def found(plan: Plan) -> dict[tuple[str, str], s.Score]:
    """Two replications with 80 and 100, and with 90 and 110 admissions."""
    done = [replication(0, 80, 100), replication(1, 90, 110)]
    return {(one.name, one.period): one for one in s.scores(plan, done)}


def test_totals_stand_in_the_period_of_the_target(found: dict[tuple[str, str], s.Score]) -> None:
    """190 admissions in 60 days are 190 x 365.25 / 60 a year."""
    one = found["emergency_admissions", "window"]
    assert one.target == 1200
    assert one.actual == pytest.approx(190 * 365.25 / 60)
    assert one.low < one.actual < one.high
    assert found["rate", "window"].actual == pytest.approx(1900 * 365.25 / 60)
    assert found["in_quarters", "window"].actual == pytest.approx(1900 * 365.25 / 60 / 4)
    assert found["beds", "window"].actual == 60


def test_months_have_their_own_targets_and_amounts(found: dict[tuple[str, str], s.Score]) -> None:
    """Targets begin with April: February is the eleventh, March the twelfth."""
    february, march = (found["emergency_admissions", f"2016-0{k}"] for k in (2, 3))
    assert (february.target, march.target) == (111, 112)
    assert (february.actual, march.actual) == (85, 105)
    assert found["emergency_admissions", "to date"].actual == 190
    assert found["emergency_admissions", "to date"].target == 223
    assert found["rate", "to date"].actual == pytest.approx(1900)
    assert math.isnan(found["rate", "2016-02"].target)
    assert found["monthly", "2016-02"].target == 4


def test_shares_are_pooled_and_have_no_sum(found: dict[tuple[str, str], s.Score]) -> None:
    """8 of 8 and 4 of 8 people are 12 of 16."""
    assert found["home", "window"].actual == pytest.approx(0.75)
    assert found["home", "2016-02"].actual == 0.5
    assert math.isnan(found["home", "2016-03"].actual)
    assert found["home", "2016-03"].target == 0.86
    assert ("home", "to date") not in found


def test_a_target_is_the_most_that_is_hoped_for_or_the_least(plan: Plan) -> None:
    """12 of 16 people at home, of whom 75 % would be enough and 76 % not; 190 admissions."""
    done = [replication(0, 80, 100), replication(1, 90, 110)]
    share, count = "still_at_home_91_days", "emergency_admissions"
    targets = {
        "reached": {"measure": share, "value": 0.75},
        "short": {"measure": share, "value": 0.76},
        "few": {"measure": count, "value": 190 * 365.25 / 60 + 1, "per": "year"},
        "many": {"measure": count, "value": 190 * 365.25 / 60 - 1, "per": "year"},
        "none": {"measure": count, "value": 0, "per": "year"},
        "busy": {"measure": "bed_days", "of": "pool:acute_beds"},
        "occupied": {"measure": "occupancy_mean", "of": "pool:acute_beds", "value": 5},
    }
    beds = Row("occupancy_mean", "pool:acute_beds", "window", 9.0)
    done = [replace(one, rows=(*one.rows, beds)) for one in done]
    with_targets = compile_plan(plan.scenario.with_(targets=targets))
    scores = [one for one in s.scores(with_targets, done) if one.period == "window"]
    assert {one.name: one.met for one in scores if one.name in targets} == {
        "reached": True,
        "short": False,
        "few": True,
        "many": False,
        "none": False,
        "busy": None,  # no target
        "occupied": None,  # neither way is good
    }
    signs = {score.name: sign for score, sign, _ in s.limits(with_targets)}
    assert (signs["reached"], signs["few"]) == (">=", "<=")


def test_the_picture_tells_met_from_missed_and_not_below_from_above(plan: Plan) -> None:
    """Half are at home, and half of the admissions happen: one is short of its target."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    from carepath_sim.report.scorecard_figure import scorecard_figure
    from carepath_sim.report.told import told

    targets = {
        "least": {"measure": "still_at_home_91_days", "value": 1.0},
        "most": {"measure": "emergency_admissions_per_100k", "value": 23133, "per": "year"},
        "neither": {"measure": "occupancy_mean", "of": "pool:acute_beds", "value": 40},
    }
    scenario = plan.scenario.with_(targets=targets)
    rows = (
        Row("still_at_home_91_days", "all", "window", 0.5, 8.0),
        Row("emergency_admissions_per_100k", "all", "window", 11566.5),
        Row("occupancy_mean", "pool:acute_beds", "window", 20.0),
    )
    done = tuple(Replication(k, rows, {}, {}, 0.0) for k in range(2))
    axes = scorecard_figure(RunResult("town", scenario, 1, "simpy", done, 0.0))
    said = told(axes)
    totals = [row[2] for row in said.grid.rows]
    names = [row[0] for row in said.grid.rows]
    at = [names.index(one) for one in ("Least", "Most", "Neither")]
    home, fewer, beds = (totals[k] for k in at)
    assert home == "50% (target at least 100%, missed)"
    assert fewer == "11.6k (target at most 23.1k, met)"
    assert beds == "20 (target 40)"
    seen = [text.get_text() for text in axes.texts]
    assert {"50%\n(≥100%)\nmissed", "11.6k\n(≤23.1k)\nmet", "20\n(40)"} <= set(seen)
    colours = np.asarray(axes.collections[0].get_array())
    red, _, blue = colours[at, 0].T
    assert red[0] > blue[0], "missed is orange"
    assert red[1] < blue[1], "met is blue"
    assert red[2] == blue[2], "neither is grey"
    plt.close("all")


def test_what_is_not_simulated_and_what_never_happened(
    found: dict[tuple[str, str], s.Score],
) -> None:
    assert found["survey", "window"].target == 0.7
    assert math.isnan(found["survey", "window"].actual)
    assert not found["survey", "window"].measure
    assert found["reason", "window"].actual == 0
    assert math.isnan(found["monthly", "window"].actual)


def test_a_run_writes_and_prints_its_scorecard(plan: Plan, tmp_path: Path) -> None:
    import pandas as pd
    from rich.console import Console

    from carepath_sim.experiment.run import run

    scenario = plan.scenario.set("population.size", 300)
    result = run(scenario, replications=2, workers=1, out=tmp_path / "run")
    frame = pd.read_csv(tmp_path / "run" / "scorecard.csv")
    assert list(frame.columns) == list(s.COLUMNS)
    assert set(frame["name"]) == set(scenario.targets)
    total = result.summary().query("measure == 'emergency_admissions' and stratum == 'all'")
    mine = frame.query("name == 'emergency_admissions' and period == 'to date'")
    assert mine["actual"].item() == pytest.approx(total["mean"].item())
    console = Console(width=120, record=True)
    console.print(scorecard_table(result))
    text = console.export_text()
    assert "Survey (not simulated)" in text
    assert "Feb" in text
    assert "YTD" in text


def test_a_hoped_for_change_is_held_against_the_base(plan: Plan) -> None:
    """From 190 and 210 admissions to 180 and 200 is a change of 380/400 - 1, or -5 %."""
    hope = {"measure": "emergency_admissions", "value": "-3.5 %", "change": True}
    scenario = plan.scenario.with_(targets={"fewer": hope, "survey": {"change": True}})

    def result(label: str, *done: Replication) -> RunResult:
        return RunResult(label, scenario, 1, "simpy", done, 0.0)

    base = result("as-is", replication(0, 90, 100), replication(1, 100, 110))
    other = result("to-be", replication(0, 80, 100), replication(1, 90, 110))
    table = Comparison(base, (other,)).targets().set_index("name")
    fewer = table.loc["fewer"]
    assert fewer["target"] == pytest.approx(-0.035)
    assert fewer["actual"] == pytest.approx(-0.05)
    assert fewer["low"] < fewer["actual"] < fewer["high"]
    assert (fewer["base"], fewer["other"]) == (200, 190)
    assert math.isnan(table.loc["survey", "actual"])
    scores = {(one.name, one.period): one for one in s.scores(plan_of(scenario), other.done)}
    assert scores["fewer", "window"].target == pytest.approx(-0.035)
    assert math.isnan(scores["fewer", "window"].actual)
    assert ("fewer", "2016-02") not in scores


def plan_of(scenario: Scenario) -> Plan:
    return compile_plan(scenario)


def test_what_results_are_held_against_changes_no_stay(plan: Plan) -> None:
    held_against = {"targets": None, "denominators": None}
    other = compile_plan(plan.scenario.with_(**held_against).set("population.size", 400))
    one = compile_plan(plan.scenario.set("population.size", 400))
    records = [simulate(each, seed=1, replication=0) for each in (one, other)]
    assert records[0].spells["person"].size > 50
    for name, column in records[0].spells.items():
        assert np.array_equal(column, records[1].spells[name])


WRONG = [
    ("bed_days", "{value: -3 %, change: true, per: year}", "has no period"),
    ("emergency_admision", "{value: 3}", "did you mean 'emergency_admissions'"),
    ("bed_days", "{value: 3, months: [1, 2]}", "12 values are needed"),
    ("p_full", "{value: 3, per: year}", "does not grow with time"),
    ("bed_days", "{value: 3, of: 'pool:acute_bed'}", "did you mean 'acute_beds'"),
    ("bed_days", "{value: 3, of: beds}", "a name such as `pool:community_beds`"),
]


@pytest.mark.parametrize(("name", "target", "message"), WRONG)
def test_targets_that_nothing_can_be_held_against_are_refused(
    name: str, target: str, message: str, tmp_path: Path
) -> None:
    town = Path(__file__).parents[2] / "docs" / "examples" / "town.yaml"
    path = tmp_path / "town.yaml"
    path.write_text(town.read_text(encoding="utf-8") + f"\ntargets: {{{name}: {target}}}\n")
    with pytest.raises(CarepathError) as refused:
        load(path)
    assert message in str(refused.value)


MORE = [
    ("payments: {p: {baseline: 9, up_to: 10, unit: 1 GBP}}", "cannot be"),
    ("payments: {p: {baseline: 9, up_to: 1, unit: 1 GBP, loss: {a: 0.4}}}", "must sum to 1"),
    ("payments: {p: {measure: costs, baseline: 9, up_to: 1, unit: 1 GBP}}", "unknown count"),
    ("payments: {p: {baseline: 9, up_to: 1, unit: 5}}", "an amount needs its currency"),
    ("background: {a: {value: 3, adds_to: emergency_admissions}}", "`per` is needed"),
    ("background: {a: {value: 3, per: year, adds_to: admissions}}", "unknown count"),
    ("background: {a: {value: 3, per: yaer}}", "did you mean 'year'"),
    ("background: {a: {value: 3, per: year, adds_to: delayed_transfer_days}}", "denominators"),
    (
        "standards: {a: {from: gp.ready, to: gp.left, within: 1 h, by: frailt}}",
        "did you mean 'frailty'",
    ),
]


@pytest.mark.parametrize(("section", "message"), MORE)
def test_what_cannot_be_paid_added_or_split_is_refused(
    section: str, message: str, tmp_path: Path
) -> None:
    town = Path(__file__).parents[2] / "docs" / "examples" / "town.yaml"
    path = tmp_path / "town.yaml"
    path.write_text(town.read_text(encoding="utf-8") + f"\n{section}\n", encoding="utf-8")
    with pytest.raises(CarepathError) as refused:
        load(path)
    assert message in str(refused.value)
