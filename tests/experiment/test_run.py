"""Running one scenario."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import carepath_sim as cp
from carepath_sim.engine import simulate
from carepath_sim.experiment import frames
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.frames import Figures, definition
from carepath_sim.experiment.tasks import Replication
from carepath_sim.measures import Row, all_measures, evaluate
from carepath_sim.plan import compile_plan

if TYPE_CHECKING:
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario


def test_results_do_not_depend_on_the_number_of_workers(
    before: Scenario, result: RunResult
) -> None:
    other = cp.run(before, replications=3, workers=3)
    pd.testing.assert_frame_equal(other.replications(), result.replications())
    pd.testing.assert_frame_equal(other.daily(), result.daily())
    pd.testing.assert_frame_equal(other.summary(), result.summary())


def test_the_seed_decides_the_luck(before: Scenario, result: RunResult) -> None:
    again = cp.run(before, replications=1, workers=1)
    other = cp.run(before, replications=1, workers=1, seed=2)
    first = result.replications().query("replication == 0").reset_index(drop=True)
    pd.testing.assert_frame_equal(again.replications(), first)
    assert not other.replications()["value"].equals(first["value"])


def test_replications_are_those_of_the_engine(before: Scenario, result: RunResult) -> None:
    plan = compile_plan(before)
    rows = evaluate(plan, simulate(plan, seed=1, replication=2))
    found = result.replications().query("replication == 2")
    assert found["value"].fillna(-1).tolist() == [
        -1 if math.isnan(row.value) else row.value for row in rows
    ]
    assert found["measure"].tolist() == [row.measure for row in rows]


def test_a_count_is_averaged_over_replications(result: RunResult) -> None:
    summary = result.summary().set_index(["measure", "stratum"])
    long = result.replications()
    chosen = (long["measure"] == "emergency_admissions") & (long["stratum"] == "all")
    values = long[chosen & (long["period"] == "window")]["value"].tolist()
    row = summary.loc[("emergency_admissions", "all")]
    assert row["mean"] == pytest.approx(statistics.mean(values))
    # t of 2 degrees of freedom at 97.5 % is 4.3027.
    half = 4.302653 * statistics.stdev(values) / math.sqrt(3)
    assert row["high"] - row["mean"] == pytest.approx(half, rel=1e-6)
    assert row["replications"] == 3


def test_a_share_is_the_ratio_of_sums(result: RunResult) -> None:
    long = result.replications()
    chosen = (long["measure"] == "readmissions_28_days") & (long["stratum"] == "all")
    part = long[chosen & (long["period"] == "window")]
    expected = (part["value"] * part["weight"]).sum() / part["weight"].sum()
    summary = result.summary().set_index(["measure", "stratum"])
    assert summary.loc[("readmissions_28_days", "all"), "mean"] == pytest.approx(expected)


def test_every_figure_has_a_definition_and_a_unit(result: RunResult) -> None:
    summary = result.summary()
    assert list(summary.columns) == [
        *("measure", "definition", "stratum", "unit", "mean", "low", "high", "replications")
    ]
    assert (summary["definition"].str.len() > 10).all()
    assert (summary["unit"].str.len() > 0).all()


def test_days_are_those_of_the_window(result: RunResult) -> None:
    daily = result.daily()
    assert daily["date"].min() == pd.Timestamp("2015-04-01")
    assert daily["date"].max() == pd.Timestamp("2015-05-30")
    assert len(daily) == 3 * 60 * 3  # replications x days x pools
    assert set(daily["pool"]) == {"acute_beds", "community_beds", "acht_places"}


def test_spells_that_were_not_kept_are_simulated_again_to_the_same_end(before: Scenario) -> None:
    kept = cp.run(before, replications=2, workers=1, keep=["spells", "people"])
    not_kept = cp.run(before, replications=2, workers=1)
    pd.testing.assert_frame_equal(not_kept.spells(), kept.spells())
    pd.testing.assert_frame_equal(not_kept.people(), kept.people())


def test_spells_have_names_and_instants(before: Scenario) -> None:
    spells = cp.run(before, replications=1, workers=1, keep=["spells"]).spells()
    acute = spells[spells["service"] == "acute"]
    assert len(acute) > 10
    assert set(acute["pool"].dropna()) == {"acute_beds"}
    assert acute["started"].min() >= pd.Timestamp("2015-03-12")  # 20 days of warm-up
    stayed = acute["left"].notna() & acute["ready"].notna()
    assert (acute["left"] >= acute["ready"])[stayed & (acute["outcome"] == "moved")].all()


def test_progress_counts_to_the_end(before: Scenario) -> None:
    told = []
    cp.run(before, replications=2, workers=1, progress=lambda done, of: told.append((done, of)))
    assert told == [(0, 2), (1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"replications": 0}, "at least one replication"),
        ({"seed": -1}, "between 0 and"),
        ({"engine": "steam"}, "unknown engine 'steam'"),
        ({"keep": ["spels"]}, "unknown table 'spels'"),
        ({"workers": 0}, "at least one worker"),
    ],
)
def test_options_out_of_range_are_refused_before_any_work(
    before: Scenario, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(OptionError, match=words):
        cp.run(before, **options)


def test_a_stratum_that_a_replication_does_not_name_is_zero_only_where_that_is_so() -> None:
    """A reason that nobody waited for is 0 days; a share of nobody is nothing at all."""
    named = Row("delayed_transfer_days", "reason:x", "window", 4.0)
    share = Row("readmissions_28_days", "all", "window", 0.5, 10.0)
    done = [Replication(0, (named, share), {}, {}, 0.0), Replication(1, (), {}, {}, 0.0)]
    figures = Figures(done)
    assert definition("delayed_transfer_days").absent_is_zero
    assert figures.interval(("delayed_transfer_days", "reason:x"), 0.95).mean == 2.0
    assert figures.interval(("readmissions_28_days", "all"), 0.95).mean == 0.5
    assert math.isnan(figures.values(("readmissions_28_days", "all"))[1])


@pytest.mark.parametrize(
    ("values", "weights", "unit", "signed", "ends"),
    [
        # Student's t with 2 degrees of freedom: 1 ± 4.30
        ([0.0, 0.0, 3.0], None, "admissions", False, (0.0, 5.303)),
        ([0.0, 0.0, 3.0], None, "admissions", True, (-3.303, 5.303)),
        ([10.0, 11.0, 12.0], None, "d", False, (8.516, 13.484)),
        # A mean wait is a ratio: 30 hours of 10 people.
        ([0.0, 0.0, 3.0], [1.0, 1.0, 8.0], "h", False, (0.0, math.inf)),
        ([1.0, 1.0, 0.98], [50.0, 50.0, 50.0], "share", False, (0.0, 1.0)),
    ],
)
def test_no_interval_holds_what_cannot_be(
    values: list[float],
    weights: list[float] | None,
    unit: str,
    signed: bool,
    ends: tuple[float, float],
) -> None:
    over = None if weights is None else np.array(weights)
    found = frames.estimate(np.array(values), over, unit, 0.95, signed=signed)
    if weights is None:
        assert (found.low, found.high) == pytest.approx(ends, abs=1e-3)
    assert ends[0] - 1e-3 <= found.low < found.mean < found.high <= ends[1] + 1e-3


def test_what_is_cut_changes_no_precision() -> None:
    whole = frames.estimate(np.array([0.0, 0.0, 3.0]), None, "days", 0.95, signed=True)
    cut = frames.estimate(np.array([0.0, 0.0, 3.0]), None, "days", 0.95)
    assert cut.low == 0 > whole.low
    assert (cut.half_width, cut.mean, cut.high) == (whole.half_width, whole.mean, whole.high)


def test_only_net_numbers_can_be_below_nothing() -> None:
    signed = {name for name, one in all_measures().items() if one.signed}
    assert signed == {"admissions_net"}


def test_every_interval_of_a_run_is_possible(result: RunResult) -> None:
    summary = result.summary().dropna(subset=["low"])
    assert (summary["low"] >= 0).all()
    below = summary[(summary["unit"] == "share") & (summary["mean"] <= 1)]
    assert (below["high"] <= 1).all()
    scores = result.scorecard()
    assert not (scores[["low", "single_low"]] < 0).any().any()
