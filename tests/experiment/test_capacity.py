"""Capacity curves of a ward that is simulated in a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import carepath_sim as cp
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.capacity import CapacityCurve, capacity_curve
from carepath_sim.experiment.wanted import figure
from carepath_sim.statistics import mean_interval
from carepath_sim.statistics.queueing import erlang_c

if TYPE_CHECKING:
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario

mpl.use("Agg")


@pytest.fixture(scope="module")
def curve(ward: Scenario) -> CapacityCurve:
    return capacity_curve(
        ward, pool="beds", capacities=[9, 3, 5, 7, 5], targets="p_wait<=0.2",
        measures=["occupancy_p95[beds]"], replications=8, most=8, workers=1, engine="simpy",
    )  # fmt: skip


def run_with(ward: Scenario, beds: int) -> RunResult:
    return cp.run(ward.set("pools.beds.capacity", beds), replications=8, workers=1, engine="simpy")


def test_it_is_a_table_in_long_form(curve: CapacityCurve) -> None:
    assert isinstance(curve, pd.DataFrame)
    assert list(dict.fromkeys(curve["capacity"])) == [3, 5, 7, 9]
    assert {"occupancy_share", "p_full", "p_wait", "wait_mean", "costs", "occupancy_p95"} <= set(
        curve["measure"]
    )
    assert type(curve[curve["measure"] == "p_wait"]) is pd.DataFrame
    wide = curve.wide()
    assert list(wide.index) == [3, 5, 7, 9]
    assert wide["p_wait"].is_monotonic_decreasing


def test_figures_are_those_of_runs(ward: Scenario, curve: CapacityCurve) -> None:
    """A row is the summary of a run with that capacity; changes are paired."""
    runs = {beds: run_with(ward, beds) for beds in (5, 7)}
    names = (("occupancy_share", "pool:beds"), ("costs", "all"), ("p_wait", "service:ward"))
    for measure, stratum in names:
        row = curve[(curve["measure"] == measure) & (curve["capacity"] == 7)].iloc[0]
        summary = runs[7].summary()
        same = summary[(summary["measure"] == measure) & (summary["stratum"] == stratum)].iloc[0]
        assert list(row[["mean", "low", "high"]]) == pytest.approx(
            list(same[["mean", "low", "high"]])
        )
        name = f"{measure}[{stratum}]"
        change = mean_interval(figure(runs[7], name) - figure(runs[5], name))
        assert row["change"] == pytest.approx(change.mean)
        assert row["change_low"] == pytest.approx(change.low)
    assert row["variance_reduction"] > 1


def test_theory_stands_beside_it(curve: CapacityCurve) -> None:
    """Erlang C where the queue is stable; simulated within the interval, give or take."""
    assert curve.closed is not None
    assert curve.closed.exact
    rows = curve[curve["measure"] == "p_wait"].set_index("capacity")
    assert np.isnan(rows.loc[3, "closed_form"])
    for beds in (5, 7, 9):
        assert rows.loc[beds, "closed_form"] == pytest.approx(erlang_c(4.0, beds))
        width = rows.loc[beds, "high"] - rows.loc[beds, "low"]
        assert abs(rows.loc[beds, "mean"] - rows.loc[beds, "closed_form"]) < width + 0.01


def test_smallest_capacity_is_that_of_looking_at_all(ward: Scenario, curve: CapacityCurve) -> None:
    """With as many replications for each, the search finds what trying every capacity finds."""
    every = {beds: figure(run_with(ward, beds), "p_wait[beds]") for beds in range(4, 9)}
    assert curve.answer is not None
    assert curve.answer.value == min(beds for beds, found in every.items() if found.mean() <= 0.2)
    fewest = f"{curve.answer.value} beds are the fewest with which at most 20 % wait for beds"
    assert fewest in curve.said()


def test_knee_lies_on_the_curve(curve: CapacityCurve) -> None:
    assert curve.knee is not None
    assert curve.knee.x in {5, 7}
    assert "Knee of “Had to wait”" in curve.said()


def test_pictures(curve: CapacityCurve) -> None:
    axes = curve.plot()
    assert isinstance(axes, list)
    assert len(axes) >= 6
    single = curve.plot("occupancy")
    assert not isinstance(single, list)
    assert single.get_title(loc="left").startswith("Occupancy by capacity of ")
    with pytest.raises(OptionError, match="the curve has no 'nonsense'"):
        curve.plot("nonsense")
    mpl.pyplot.close("all")


def test_capacity_by_hours_is_replaced(before: Scenario) -> None:
    """A pool with another kind of capacity has a curve, but no value of today in it."""
    by_hours = before.set(
        "pools.acht_places.capacity", {"daily 08:00-20:00": 12, "daily 20:00-08:00": 2}
    )
    found = capacity_curve(
        by_hours, pool="acht_places", capacities=[4, 8], replications=1, workers=1, engine="simpy"
    )
    assert np.isnan(found.base)
    assert found.closed is None or not found.closed.exact


def test_a_yardstick_is_told_in_one_sentence_with_one_reason(before: Scenario) -> None:
    found = capacity_curve(
        before, pool="community_beds", capacities=[4, 8, 10], replications=1, workers=1
    )
    assert found.closed is not None
    first, *others = found.closed.reasons
    (said,) = (line for line in found.said().splitlines() if "yardstick" in line)
    assert first in said
    assert f"and {len(others)} more" in said
    assert not any(reason in said for reason in others)
    axes = found.plot("occupancy")
    assert not isinstance(axes, list)
    assert list(axes.get_xticks()) == [4, 8, 10]
    mpl.pyplot.close("all")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pool": "bed"}, "has no pool 'bed'; did you mean 'beds'"),
        ({"capacities": [5]}, "at least two"),
        ({"capacities": [5, 6.5]}, "whole numbers"),
        ({"capacities": [5, -1]}, "whole numbers"),
        ({"targets": "p_wate<=1"}, "did you mean 'p_wait'"),
        ({"targets": "p_wait[word]<=0.1"}, "has no stratum"),
        ({"measures": ["p_full[nowhere]"]}, "has no stratum"),
    ],
)
def test_wrong_options_are_told(ward: Scenario, options: dict[str, object], message: str) -> None:
    given: dict[str, object] = {
        "pool": "beds", "capacities": [5, 6], "replications": 1, "workers": 1,
        "engine": "simpy", **options,
    }  # fmt: skip
    with pytest.raises(OptionError, match=message):
        capacity_curve(ward, **given)  # type: ignore[arg-type]
