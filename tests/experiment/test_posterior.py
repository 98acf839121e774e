"""Draws of uncertain numbers: read, spread over ranges, resampled, and put into a scenario."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import carepath_sim as cp
from carepath_sim.errors import Problem, ScenarioError
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.posterior import (
    Posterior,
    PosteriorError,
    other_model,
    refuse_unknown,
)
from carepath_sim.experiment.spreading import hang_together, spread_evenly
from carepath_sim.experiment.taking import moved_back
from carepath_sim.experiment.writing import write_csv, write_parquet
from carepath_sim.scenario.ranged import ranged

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario

FILE = Path(__file__).parent / "scenarios" / "ranges.yaml"
RATE, BEDS, STAY = (
    *("arrivals.first.rate", "pools.beds.capacity", "services.ward.stay.exponential.mean"),
)
HOME, AWAY = "services.ward.next.to.home", "services.ward.next.to.away"
DIED = "services.ward.next.to.died"


@pytest.fixture(scope="module")
def wards() -> Scenario:
    return cp.load(FILE)


def fit(
    folder: Path, table: dict[str, Any], *, name: str = "posterior.parquet", **said: Any
) -> Path:
    folder.mkdir(exist_ok=True)
    frame = pd.DataFrame(table)
    (write_parquet if name.endswith("parquet") else write_csv)(folder / name, frame)
    manifest = {"program": "carepath-sim", "kind": "fit", **said}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


DRAWS = {"draw": [0, 1, 2], "weight": [2.0, 1.0, 1.0], BEDS: [4, 5, 9], STAY: ["7 d", "8 d", "9 d"]}


@pytest.mark.parametrize("name", ["posterior.parquet", "posterior.csv"])
def test_a_fit_is_read_with_its_weights_and_units(
    tmp_path: Path, wards: Scenario, name: str
) -> None:
    folder = fit(tmp_path, DRAWS, name=name, names=[wards.name], hashes=[wards.hash()])
    found = Posterior.read(folder)
    assert found.names == (BEDS, STAY)
    assert found.draws.tolist() == [[4, 7], [5, 8], [9, 9]]
    assert found.weights.tolist() == [0.5, 0.25, 0.25]
    assert found.effective == pytest.approx(1 / 0.375)
    assert found.settings(2) == {BEDS: 9, STAY: "9 d"}
    assert found.model == wards.name
    assert other_model(found, [wards]) == ""
    drawn = found.scenario(wards, 2)
    assert drawn.hash() == wards.set(BEDS, 9).set(STAY, "9 d").hash()


def test_no_weights_are_equal_weights(tmp_path: Path) -> None:
    found = Posterior.read(fit(tmp_path, {BEDS: [4, 5, 6, 7]}))
    assert found.weights.tolist() == [0.25] * 4
    assert found.effective == pytest.approx(4)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"weight": [1.0, -1.0], BEDS: [4, 5]}, "weights must be numbers from 0 on"),
        ({"weight": [0.0, 0.0], BEDS: [4, 5]}, "weights sum to 0"),
        ({BEDS: [4, np.nan]}, f"values are missing in {BEDS}"),
        ({STAY: ["7 d", "9 h"]}, "one unit is needed, found 'd' and 'h'"),
        ({STAY: ["7 d", "long"]}, "draw 1: a number is needed, found 'long'"),
        ({"draw": [0], "weight": [1.0]}, "no column is a field; there are draw, weight"),
        ({"[]": [1.0]}, "column '[]' is no field"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, table: dict[str, Any], words: str) -> None:
    with pytest.raises(PosteriorError) as caught:
        Posterior.read(fit(tmp_path, table))
    assert words in str(caught.value)


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PosteriorError, match="there is no such fit"):
        Posterior.read(tmp_path / "nowhere")
    with pytest.raises(PosteriorError, match=r"has no posterior.parquet or posterior.csv"):
        Posterior.read(tmp_path)
    fit(tmp_path, DRAWS)
    (tmp_path / "manifest.json").write_text('{"kind": "sweep"}')
    with pytest.raises(PosteriorError, match="holds no fit, but a sweep"):
        Posterior.read(tmp_path)
    (tmp_path / "bad.parquet").write_bytes(b"no table")
    with pytest.raises(PosteriorError, match="cannot be read"):
        Posterior.read(tmp_path / "bad.parquet")


def test_unknown_fields_are_named_with_the_nearest(tmp_path: Path, wards: Scenario) -> None:
    table = {"pools.bed.capacity": [4], "services.ward.sty.exponential.mean": ["7 d"], BEDS: [5]}
    with pytest.raises(PosteriorError) as caught:
        refuse_unknown(Posterior.read(fit(tmp_path, table)), wards)
    assert f"did you mean '{BEDS}'?" in str(caught.value)
    assert f"did you mean '{STAY}'?" in str(caught.value)
    assert f"'{BEDS}':" not in str(caught.value)


def test_another_model_is_told(tmp_path: Path, wards: Scenario) -> None:
    said = {"names": ["other"], "hashes": [wards.hash()], "scenario": wards.resolved()}
    found = Posterior.read(fit(tmp_path, DRAWS, **said))
    changed = wards.set("clock.length", "30 d")
    assert other_model(found, [changed, wards]) == ""
    words = other_model(found, [changed])
    assert words.startswith("W9: ")
    assert "clock.length" in words
    without = Posterior.read(fit(tmp_path, DRAWS))
    assert "does not say which scenario" in other_model(without, [wards])


def test_ranges_are_filled_evenly(wards: Scenario) -> None:
    """Each sixteenth of a range holds one of 16 draws: a scrambled Sobol sequence is a net."""
    found = Posterior.from_ranges(wards, 16, seed=3)
    numbers = {one.name: one for one in ranged(wards)[0]}
    assert set(found.names) == set(numbers)
    for k, name in enumerate(found.names):
        one = numbers[name]
        assert ((found.draws[:, k] >= one.low) & (found.draws[:, k] <= one.high)).all()
        if not one.whole:
            parts = (found.draws[:, k] - one.low) / (one.high - one.low)
            assert sorted((parts * 16).astype(int)) == list(range(16))
    again = Posterior.from_ranges(wards, 16, seed=3)
    assert np.array_equal(again.draws, found.draws)
    assert not np.array_equal(Posterior.from_ranges(wards, 16, seed=4).draws, found.draws)


def test_no_two_of_many_numbers_hang_together() -> None:
    """Few points of a Sobol sequence of many dimensions do; those that are drawn must not.

    The correlation of two independent columns of n points deviates by 1 / sqrt(n); the most of all
    pairs of 300 is below 5.5 of that but once in 600 times.
    """
    from scipy.stats import qmc

    n, numbers = 256, 300
    sobol = qmc.Sobol(d=numbers, scramble=True, rng=1).random(n)
    assert hang_together(sobol)
    points = spread_evenly(n, numbers, 1)
    apart = np.corrcoef(points, rowvar=False) - np.eye(numbers)
    assert np.abs(apart).max() < 5.5 / np.sqrt(n)
    # Each of them fills its range evenly all the same.
    assert (np.sort((points * n).astype(int), axis=0) == np.arange(n)[:, None]).all()
    assert np.array_equal(points, spread_evenly(n, numbers, 1))
    few = qmc.Sobol(d=5, scramble=True, rng=1).random(n)
    assert np.array_equal(spread_evenly(n, 5, 1), few)


def test_ranges_of_some_numbers(wards: Scenario) -> None:
    found = Posterior.from_ranges(wards, 4, parameters=("pools.*", STAY))
    assert found.names == (BEDS, STAY)
    assert set(found.settings(0)) == {BEDS, STAY}
    with pytest.raises(OptionError, match="did you mean"):
        Posterior.from_ranges(wards, 4, parameters=("pools.beds.capacty",))


def test_shares_of_a_draw_sum_to_the_whole(wards: Scenario, tmp_path: Path) -> None:
    drawn = Posterior.from_ranges(wards, 8, parameters=("services.ward.next.*",))
    for k in range(8):
        to = drawn.scenario(wards, k).resolved()["services"]["ward"]["next"]["to"]
        assert sum(_value(one) for one in to.values()) == pytest.approx(1)
    found = Posterior.read(fit(tmp_path, {HOME: [0.85], BEDS: [5]}))
    to = found.scenario(wards, 0).resolved()["services"]["ward"]["next"]["to"]
    assert _value(to["home"]) == 0.85
    assert _value(to["away"]) == pytest.approx(0.1)  # 2/3 of what is left
    assert _value(to["died"]) == pytest.approx(0.05)
    everything = {HOME: [0.5], AWAY: [0.3], DIED: [0.2]}
    to = Posterior.read(fit(tmp_path, everything)).scenario(wards, 0).resolved()
    assert [_value(one) for one in to["services"]["ward"]["next"]["to"].values()] == [0.5, 0.3, 0.2]
    with pytest.raises(ScenarioError, match="sum to 1"):
        Posterior.read(fit(tmp_path, {**everything, HOME: [0.7]})).scenario(wards, 0)


def _value(given: Any) -> float:
    return float(given["value"] if isinstance(given, dict) else given)


def test_another_scenario_has_the_same_part_of_its_own_range(wards: Scenario) -> None:
    other = wards.with_(pools={"beds": {"capacity": {"value": 20, "range": [10, 30]}}})
    found = Posterior.from_ranges(wards, 8, parameters=(RATE, BEDS), others=[other])
    from carepath_sim.experiment.posterior import Drawn

    here, there = Drawn(found, wards), Drawn(found, other)
    assert found.parts is not None
    for k, (_, part) in enumerate(found.parts):
        assert here.settings(k)[RATE] == there.settings(k)[RATE]
        assert here.settings(k)[BEDS] == int(4 + part * 5 + 0.5)
        assert there.settings(k)[BEDS] == int(10 + part * 20 + 0.5)


def test_resampling_keeps_shares_and_luck(tmp_path: Path) -> None:
    found = Posterior.read(fit(tmp_path, DRAWS))
    many = found.resample(8, seed=5)
    assert [int((many.draws[:, 0] == value).sum()) for value in (4, 5, 9)] == [4, 2, 2]
    assert many.weights.tolist() == [1 / 8] * 8
    assert np.array_equal(many.draws, found.resample(8, seed=5).draws)
    alike = Posterior.from_ranges(cp.load(FILE), 8)
    assert alike.resample(8) is alike
    with pytest.raises(PosteriorError, match="draws can be taken, not 0"):
        found.resample(0)


def test_draws_that_are_left_out_leave_their_weight_to_the_others(tmp_path: Path) -> None:
    found = Posterior.read(fit(tmp_path, DRAWS)).without([0])
    assert found.draws[:, 0].tolist() == [5, 9]
    assert found.weights.tolist() == [0.5, 0.5]
    with pytest.raises(PosteriorError, match="no draw is left"):
        found.without([0, 1])


def test_what_is_written_is_read_again(tmp_path: Path, wards: Scenario) -> None:
    drawn = Posterior.from_ranges(wards, 8)
    again = Posterior.read(fit(tmp_path, drawn.table().to_dict("list")))
    assert again.names == drawn.names
    assert again.units == drawn.units
    assert np.allclose(again.draws, drawn.draws, rtol=1e-11)


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory, wards: Scenario) -> Scenario:
    """Beds close on a day; so many stay that nobody knows the number."""
    path = tmp_path_factory.mktemp("dated") / "dated.yaml"
    path.write_text(
        FILE.read_text(encoding="utf-8")
        + """
changes:
  - from: 2015-05-15
    set:
      pools.beds.capacity: {value: 3, range: [1, 5], quality: assumption}
      services.ward.next:
        to: {home: {value: 0.6, range: [0.4, 0.8]}, away: {value: 0.4, range: [0.2, 0.6]}}
""",
        encoding="utf-8",
    )
    return cp.load(path)


def test_numbers_of_dated_changes_are_drawn_beside_those_before(dated: Scenario) -> None:
    """What holds from a day on is a number of its own; whole numbers stay whole, shares a whole."""
    drawn = Posterior.from_ranges(dated, 32)
    later = next(one for one in drawn.names if "pools.beds.capacity" in one and one != BEDS)
    before, after = (drawn.draws[:, drawn.names.index(name)] for name in (BEDS, later))
    assert abs(np.corrcoef(before, after)[0, 1]) < 0.5
    seen = set()
    for k in range(len(drawn)):
        change = drawn.scenario(dated, k).resolved()["changes"][0]["set"]
        assert isinstance(change["pools.beds.capacity"], int)
        seen.add(change["pools.beds.capacity"])
        shares = change["services.ward.next"]["to"]
        assert sum(shares.values()) == pytest.approx(1)
    assert seen == {1, 2, 3, 4, 5}


def test_a_change_is_in_force_in_a_draw(dated: Scenario) -> None:
    """It is not dropped, as changes of fields that are set by hand are."""
    drawn = Posterior.from_ranges(dated, 2, parameters=["changes*"])
    runs = [cp.run(drawn.scenario(dated, k), replications=1, workers=1) for k in range(2)]
    for k, run in enumerate(runs):
        left = int(drawn.draws[k, drawn.names.index("changes[0].set.pools.beds.capacity")])
        _, places = run.plan.capacity_steps(run.plan.pool_index["beds"])
        assert list(places) == [6, left]


def test_what_contradicts_from_one_step_out_goes_back_too(wards: Scenario) -> None:
    """A caseload and that of its start, or they would contradict each other for ever."""
    drawn = Posterior.from_ranges(wards, 2)
    assert drawn.parts is not None
    problem = Problem("", 0, 0, "pools.beds.start.caseload", "more than the capacity")
    back = moved_back(drawn, {1: [problem]}, [wards])
    assert back.parts is not None
    k = drawn.names.index(BEDS)
    # 6 of 4 to 9 is written.
    assert back.parts[1, k] == pytest.approx((drawn.parts[1, k] + 0.4) / 2)
    others = [name for name in drawn.names if name != BEDS]
    rest = [drawn.names.index(name) for name in others]
    assert np.array_equal(back.parts[:, rest], drawn.parts[:, rest])
    assert np.array_equal(back.parts[0], drawn.parts[0])


@pytest.mark.parametrize("name", ["buckinghamshire/to-be", "buckinghamshire/as-is"])
def test_all_ranges_of_a_county_can_be_drawn_together(name: str) -> None:
    """Whole numbers stay whole, cases keep their conditions, shares that name a rest sum to 1."""
    county = cp.load(name)
    drawn = Posterior.from_ranges(county, 4)
    assert len(drawn.names) > 200
    for k in range(4):
        assert drawn.scenario(county, k).hash() != county.hash()
