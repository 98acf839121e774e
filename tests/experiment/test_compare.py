"""Comparing scenarios with the same people and the same luck."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import carepath_sim as cp
from carepath_sim.experiment.batch import OptionError

if TYPE_CHECKING:
    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario


def window(frame: pd.DataFrame, scenario: str, measure: str, stratum: str = "all") -> list[float]:
    chosen = (frame["scenario"] == scenario) & (frame["measure"] == measure)
    part = frame[chosen & (frame["stratum"] == stratum) & (frame["period"] == "window")]
    return part["value"].tolist()


def test_a_scenario_compared_with_itself_differs_in_nothing(before: Scenario) -> None:
    same = cp.compare(before, before, replications=2, workers=1)
    differences = same.differences()
    assert len(differences) > 50
    assert (differences["difference"] == 0).all()
    # What is defined in one of two replications only has no interval.
    assert (differences["low"].dropna() == 0).all()
    assert (differences["high"].dropna() == 0).all()
    assert differences["low"].notna().mean() > 0.9
    assert same.changed().empty


def test_differences_are_paired(comparison: Comparison) -> None:
    long = comparison.replications()
    base = window(long, comparison.base.label, "delayed_transfer_days")
    other = window(long, comparison.others[0].label, "delayed_transfer_days")
    gaps = [b - a for a, b in zip(base, other, strict=True)]
    row = comparison.differences().set_index(["measure", "stratum"]).loc["delayed_transfer_days"]
    row = row.loc["all"]
    assert row["difference"] == pytest.approx(statistics.mean(gaps))
    half = 4.302653 * statistics.stdev(gaps) / math.sqrt(3)
    assert row["high"] - row["difference"] == pytest.approx(half, rel=1e-6)
    reduction = (statistics.variance(base) + statistics.variance(other)) / statistics.variance(gaps)
    assert row["variance_reduction"] == pytest.approx(reduction)


def test_the_base_of_a_comparison_is_the_run_of_it_alone(
    result: RunResult, comparison: Comparison
) -> None:
    pd.testing.assert_frame_equal(comparison.base.replications(), result.replications())


def test_net_admissions_are_the_difference_of_admissions(comparison: Comparison) -> None:
    found = comparison.differences().set_index(["measure", "stratum"])["difference"]
    assert found["admissions_net", "all"] == pytest.approx(found["emergency_admissions", "all"])
    balance = found["admissions_caused", "all"] - found["admissions_avoided", "all"]
    new = found["admissions_only_here", "all"] - found["admissions_only_in_base", "all"]
    # An episode can have more than one admission, so that this holds nearly only.
    assert balance + new == pytest.approx(found["admissions_net", "all"], abs=5)


def test_paired_measures_say_nothing_of_the_base(comparison: Comparison) -> None:
    found = comparison.differences().set_index(["measure", "stratum"])
    assert math.isnan(found.loc[("admissions_avoided", "all"), "base"])
    assert "admissions_avoided" not in set(comparison.base.summary()["measure"])


def test_what_differs_between_the_files_is_listed(comparison: Comparison) -> None:
    changed = comparison.changed().set_index("path")
    assert changed.loc["pools.community_beds.capacity", "base"] == "6"
    assert changed.loc["pools.community_beds.capacity", "other"] == "12"
    assert set(changed["kind"]) == {"care"}


def test_a_change_of_demand_is_named(before: Scenario) -> None:
    more = before.set("population.hazards.fall.rate", "2 per y")
    changed = cp.compare(before, more, replications=1, workers=1).changed()
    assert changed["kind"].tolist() == ["demand"]


def test_equal_names_are_told_apart(before: Scenario) -> None:
    same = cp.compare(before, before, before, replications=1, workers=1)
    labels = [result.label for result in same.results]
    assert labels == [before.name, f"{before.name} (2)", f"{before.name} (3)"]
    assert same.summary()["scenario"].unique().tolist() == labels


def test_a_comparison_needs_somebody_to_compare_with(before: Scenario) -> None:
    with pytest.raises(OptionError, match="at least one other"):
        cp.compare(before)
