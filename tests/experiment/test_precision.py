"""Replications until a wanted precision."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import carepath_sim as cp
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.precision import Precision, precisions

if TYPE_CHECKING:
    from pathlib import Path

    from carepath_sim.scenario.model import Scenario

SMALL: dict[str, Any] = {
    "clock": {"length": "20 d", "warm_up": "5 d", "run_out": "2 d"},
    "population": {"size": 200},
}


@pytest.fixture(scope="module")
def small(before: Scenario) -> Scenario:
    return before.with_(**SMALL)


@pytest.fixture(scope="module")
def bigger(after: Scenario) -> Scenario:
    return after.with_(**SMALL).set("pools.community_beds.capacity", 8)


def test_percentages_are_relative_points_and_amounts_are_not() -> None:
    found = precisions("admissions=1%, p_wait[a | b,c]=2pp, wait_mean[acute]=0.5 d")
    assert [(one.figure.measure, one.figure.stratum) for one in found] == [
        ("emergency_admissions", ""),
        ("p_wait", "a | b,c"),
        ("wait_mean", "acute"),
    ]
    assert [one.size for one in found] == pytest.approx([0.01, 0.02, 12.0])
    assert [one.relative for one in found] == [True, False, False]
    assert found[0].half_width(-300.0) == pytest.approx(3.0)
    assert found[2].half_width(300.0) == pytest.approx(12.0)


def test_wishes_can_be_given_in_several_ways() -> None:
    texts = precisions(["admissions=1%", "costs=£2k"])
    assert precisions({"admissions": "1%", "costs": 2000}) == texts
    assert precisions(texts) == texts
    assert precisions(()) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("admissions", "is no precision"),
        ("admissions=0", "above 0"),
        ("admissions=1.2.3%", "could not convert"),
        ("admissions=2pp", "percentage points are for shares"),
        ("admisions=1%", "did you mean 'admissions'"),
        ("wait_mean=1 GBP", "the measure is in h"),
    ],
)
def test_a_wish_that_cannot_be_understood_is_refused(text: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        Precision.parse(text)


def test_replications_are_added_until_the_precision_holds(small: Scenario) -> None:
    result = cp.run(small, replications=5, precision="admissions=15%", workers=1)
    (row,) = result.precision().to_dict("records")
    assert row["reached"]
    assert row["half_width"] <= row["wanted_half_width"]
    assert row["wanted_half_width"] == pytest.approx(0.15 * row["mean"])
    # It held for five more, and the replication before the first of them was not precise enough.
    assert 5 < row["needed"] + 5 <= row["replications"] == len(result.done)
    shorter = cp.run(small, replications=int(row["needed"]) - 1, workers=1).summary()
    before = shorter[shorter["measure"] == "emergency_admissions"].iloc[0]
    assert before["high"] - before["mean"] > 0.15 * before["mean"]


def test_the_number_does_not_depend_on_workers(small: Scenario) -> None:
    one, two = (
        cp.run(
            small,
            replications=1,
            precision="admissions=1%",
            max_replications=6,
            workers=workers,
        )
        for workers in (1, 2)
    )
    pd.testing.assert_frame_equal(one.replications(), two.replications())
    assert len(one.done) == 6


def test_a_budget_that_runs_out_is_said(small: Scenario) -> None:
    result = cp.run(small, replications=4, precision="admissions=1%", max_replications=7, workers=1)
    (row,) = result.precision().to_dict("records")
    assert not row["reached"]
    assert row["replications"] == 7
    assert row["needed"] > 100


def test_precision_of_a_comparison_is_that_of_the_difference(
    small: Scenario, bigger: Scenario
) -> None:
    """Capacities do not vary: their difference is known exactly at once."""
    found = cp.compare(
        small,
        bigger,
        replications=8,
        precision="capacity_mean[community_beds]=1%, utilisation[community_beds]=5pp",
        max_replications=60,
        workers=1,
    )
    rows = found.precision().set_index("measure")
    assert rows.loc["capacity_mean", "half_width"] == 0.0
    assert rows.loc["capacity_mean", "needed"] == 3
    assert rows["reached"].all()
    differences = found.differences(measures=["utilisation"]).set_index("stratum")
    row = differences.loc["pool:community_beds"]
    half = rows.loc["utilisation", "half_width"]
    assert (row["high"] - row["low"]) / 2 == pytest.approx(half)
    assert half <= 0.05


def test_an_interrupted_run_goes_on_to_the_same_end(small: Scenario, tmp_path: Path) -> None:
    wish = {"precision": "admissions=15%", "workers": 1}
    whole = cp.run(small, replications=5, out=tmp_path / "whole", **wish)

    def stop(done: int, _of: int) -> None:
        if done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="8 of 10 replications are kept"):
        cp.run(small, replications=5, out=tmp_path / "part", progress=stop, **wish)
    told: list[tuple[int, int]] = []
    again = cp.run(
        small,
        replications=5,
        out=tmp_path / "part",
        resume=True,
        progress=lambda done, of: told.append((done, of)),
        **wish,
    )
    # What was finished is not simulated again, in whichever round it was.
    assert told[:3] == [(5, 5), (8, 10), (9, 10)]
    pd.testing.assert_frame_equal(whole.replications(), again.replications())
    manifest = json.loads((tmp_path / "part" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["complete"]
    assert manifest["replications"] == len(whole.done)
    assert manifest["precision"][0]["reached"] is True


def test_more_replications_of_an_earlier_run_are_kept(small: Scenario, tmp_path: Path) -> None:
    earlier = cp.run(small, replications=9, out=tmp_path / "run", workers=1)
    wish = "capacity_mean[community_beds]=1%"
    more = cp.run(
        small, replications=8, precision=wish, out=tmp_path / "run", resume=True, workers=1
    )
    pd.testing.assert_frame_equal(more.replications(), earlier.replications())


def test_nonsense_is_refused_before_anything_is_simulated(small: Scenario) -> None:
    with pytest.raises(OptionError, match="cannot begin with 10"):
        cp.run(small, precision="admissions=1%", max_replications=5)


def test_a_figure_that_does_not_exist_is_named(small: Scenario) -> None:
    with pytest.raises(OptionError, match="utilisation has no stratum 'comunity_beds'; did you"):
        cp.run(small, replications=1, precision="utilisation[comunity_beds]=1%", workers=1)


def test_shares_in_a_summary_stay_in_their_range(small: Scenario) -> None:
    summary = cp.run(small, replications=4, workers=1).summary()
    shares = summary[(summary["unit"] == "share") & (summary["mean"] <= 1)]
    assert len(shares) > 20
    assert (shares["low"].dropna() >= 0).all()
    assert (shares["high"].dropna() <= 1).all()


def test_several_scenarios_get_intervals_that_hold_together(
    small: Scenario, bigger: Scenario
) -> None:
    one = cp.compare(small, bigger, replications=4, workers=1).differences()
    two = cp.compare(small, bigger, small, replications=4, workers=1).differences()
    assert one["level"].unique() == pytest.approx([0.95])
    assert two["level"].unique() == pytest.approx([0.975])
    of_bigger = two[two["scenario"] == bigger.name].reset_index(drop=True)
    width = (of_bigger["high"] - of_bigger["low"]) / (one["high"] - one["low"])
    # Quantiles of Student's t with three degrees of freedom at 98.75 % and at 97.5 %.
    assert width.dropna().to_numpy() == pytest.approx(4.176535 / 3.182446)


def test_differences_can_be_taken_by_stratum(small: Scenario, bigger: Scenario) -> None:
    found = cp.compare(small, bigger, replications=3, workers=1)
    by_stream = found.differences(by="stream")
    assert by_stream["stratum"].str.contains("stream:").all()
    chosen = found.differences(by="pool", measures=["utilisation", "bed_days"])
    assert chosen["measure"].unique().tolist() == ["utilisation", "bed_days"]
    with pytest.raises(OptionError, match="did you mean 'pool'"):
        found.differences(by="pol")
    with pytest.raises(OptionError, match="no such figures here"):
        found.differences(by="pool", measures=["admissions"])


def test_probabilities_of_both_signs_add_up(small: Scenario, bigger: Scenario) -> None:
    found = cp.compare(small, bigger, replications=4, workers=1).differences()
    both = (found["probability_positive"] + found["probability_negative"]).dropna()
    assert both.to_numpy() == pytest.approx(1.0)
    beds = found.set_index(["measure", "stratum"]).loc[("utilisation", "pool:community_beds")]
    assert beds["probability_negative"] > 0.99


def test_without_common_random_numbers_pairing_brings_nothing(
    small: Scenario, bigger: Scenario
) -> None:
    apart = cp.compare(small, bigger, replications=4, workers=1, common_random_numbers=False)
    base = cp.run(small, replications=4, workers=1)
    pd.testing.assert_frame_equal(apart.base.replications(), base.replications())
    alone = cp.run(bigger, replications=4, workers=1)
    assert not apart.others[0].replications()["value"].equals(alone.replications()["value"])
    found = apart.differences()
    assert set(found["variance_reduction"].dropna()) == {1.0}
    # Nobody is compared with themselves.
    assert "admissions_avoided" not in set(found["measure"])
    admissions = found.set_index(["measure", "stratum"]).loc[("emergency_admissions", "all")]
    assert admissions["difference"] != 0
    assert not math.isnan(admissions["low"])
