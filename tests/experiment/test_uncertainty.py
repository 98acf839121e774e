"""Uncertain numbers carried to answers: known variances, equal luck, equal answers, refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import carepath_sim as cp
from carepath_sim.experiment import uncertainty as module
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.files import FolderInUseError
from carepath_sim.experiment.posterior_files import PosteriorError
from carepath_sim.experiment.study import Study
from carepath_sim.experiment.writing import write_parquet

if TYPE_CHECKING:
    from carepath_sim.experiment.uncertain import Uncertainty
    from carepath_sim.scenario.model import Scenario

HERE = Path(__file__).parent / "scenarios"
RATE, STAY = "arrivals.referrals.rate", "services.nursing.stay.exponential.mean"
DRAWS, DAYS = 128, 20
YEAR = 365.25
"""Requests are counted by the year."""
COUNT, PRESENT = "requests[nursing]", "occupancy_mean[nursing]"


@pytest.fixture(scope="module")
def nursing() -> Scenario:
    return cp.load(HERE / "nobody-waits.yaml")


@pytest.fixture(scope="module")
def shorter(nursing: Scenario) -> Scenario:
    """Stays of 2 hours less on average at every part of the range."""
    return nursing.set(f"{STAY}.range", ["0.4 d", "1.4 d"])


@pytest.fixture(scope="module")
def known(nursing: Scenario) -> Uncertainty:
    return cp.uncertainty(
        nursing, draws=DRAWS, replications=2, measures=(COUNT, PRESENT), workers=1,
        targets=f"{COUNT}<={20 * YEAR}",
    )  # fmt: skip


def test_variance_of_a_count_is_parted_as_the_theory_says(known: Uncertainty) -> None:
    """Counts a year, from 20 days: 20^2 / 12 of the rate, 20 / 20 of chance, of a day each."""
    row = known.figures().iloc[0]
    truth, chance = YEAR**2 * 400 / 12, YEAR**2 * 20 / DAYS
    # Draws are spread evenly, so that what is left is chance in their means.
    error = 2 * np.sqrt(truth * chance / 2 / DRAWS)
    assert abs(row["parameter_sd"] ** 2 - truth) < 4 * error
    assert abs(row["chance_sd"] ** 2 - chance) < 4 * chance * np.sqrt(2 / DRAWS)
    assert abs(row["mean"] - 20 * YEAR) < 4 * np.sqrt(chance / 2 / DRAWS)
    assert row["share_low"] < truth / (truth + chance) < row["share_high"]
    # The middle 95 % of the mean, a uniform figure between 10 and 30 a day.
    assert row["parameter_low"] == pytest.approx(10.5 * YEAR, abs=0.75 * YEAR)
    assert row["parameter_high"] == pytest.approx(29.5 * YEAR, abs=0.75 * YEAR)


def test_those_present_without_limits_are_rate_times_stay(known: Uncertainty) -> None:
    """M/M/inf: E[L^2] E[m^2] - (E L E m)^2 with rate U(10, 30), mean stay U(0.5, 1.5)."""
    row = known.figures().iloc[1]
    truth = (400 + 400 / 12) * (1 + 1 / 12) - 400
    assert row["parameter_sd"] ** 2 == pytest.approx(truth, rel=0.15)
    assert abs(row["mean"] - 20) < 4 * row["standard_error"]


def test_knowing_one_number_takes_its_part(known: Uncertainty) -> None:
    """Of rate times stay either takes 1/12 * 400 of 69.4, 48 %; of the count the rate all."""
    table = known.knowing()
    of = {question: part.set_index("parameter") for question, part in table.groupby("question")}
    for name in (RATE, STAY):
        worth, error = (float(of[PRESENT].loc[name, key]) for key in ("worth", "error"))
        assert abs(worth - 400 / 12) < 4 * error < 32
        assert of[PRESENT].loc[name, "beyond_luck"]
    assert of[COUNT].loc[RATE, "share"] == pytest.approx(1, abs=0.05)
    assert not of[COUNT].loc[STAY, "beyond_luck"]
    # The mean keeps 20 a day in half of the draws; knowing the rate one is nearly always right.
    target = of[f"target: {COUNT} <= {20 * YEAR:g}"]
    assert target.loc[RATE, "worth"] == pytest.approx(0.5, abs=0.06)
    assert target.loc[STAY, "worth"] == pytest.approx(0, abs=0.06)


def test_probability_that_a_target_is_met(known: Uncertainty) -> None:
    """A rate U(10, 30) keeps 20 a day half of the time."""
    row = known.targets().iloc[0]
    assert row["probability"] == pytest.approx(0.5, abs=0.03)
    assert row["sign"] == "<="


def test_a_draw_is_a_run_of_its_scenario(nursing: Scenario, known: Uncertainty) -> None:
    scenario = known.posterior.scenario(nursing, 0)
    run = cp.run(scenario, replications=2, workers=1)
    for name in (COUNT, PRESENT):
        mean = run.figures(name)["mean"].iloc[0]
        assert known.draws()[f"{nursing.name}: {name}"].iloc[0] == pytest.approx(mean, rel=1e-12)


def test_draws_have_luck_of_their_own(nursing: Scenario) -> None:
    same = cp.Posterior((RATE,), np.full((8, 1), 20.0), np.full(8, 1 / 8), (("", "per d"),), "same",
                        nursing.name, nursing.hash())  # fmt: skip
    found = cp.uncertainty(nursing, posterior=same, draws=8, measures=(COUNT,), workers=1)
    means = found.draws()[f"{nursing.name}: {COUNT}"]
    assert means.nunique() > 4
    row = found.figures().iloc[0]
    # No number differs between draws: nothing is due to them.
    assert row["share_low"] == 0
    assert (found.knowing()["worth"] == 0).all()


def test_the_same_scenario_differs_in_nothing(nursing: Scenario) -> None:
    found = cp.uncertainty(
        nursing,
        nursing,
        draws=4,
        measures=(COUNT, PRESENT),
        workers=1,
        objective="minimise delayed_transfer_days",
    )
    assert any("is 0 in the first draw" in words for words in found.notices)
    rows = found.differences()
    assert (rows[["mean", "parameter_sd", "chance_sd", "p10", "p90"]] == 0).all(axis=None)
    assert (rows["probability_negative"] == 0.5).all()


def test_a_difference_is_known_better_than_either(nursing: Scenario, shorter: Scenario) -> None:
    """Rate times a tenth of a day: 20 * 0.1 = 2 fewer, surely, whatever the numbers are."""
    found = cp.uncertainty(
        nursing, shorter, draws=32, measures=(PRESENT,), objective=f"minimise {PRESENT}", workers=1
    )
    row = found.differences().iloc[0]
    assert row["mean"] == pytest.approx(-2, abs=4 * row["standard_error"])
    # 0.1 times a rate U(10, 30) has a standard deviation of 0.58.
    assert row["parameter_sd"] == pytest.approx(0.58, abs=0.25)
    assert found.figures()["parameter_sd"].min() > 4
    assert row["probability_negative"] == 1
    best = found.best().set_index("scenario")
    assert best["probability_best"].tolist() == [0, 1]
    assert best["expected_loss"].iloc[1] == 0
    assert best["expected_loss"].iloc[0] == pytest.approx(-row["mean"])
    # Nothing would change the choice.
    objective = found.knowing().query("question.str.startswith('objective')")
    assert (objective["worth"] == 0).all()


def test_answers_do_not_depend_on_workers_nor_on_interruptions(
    nursing: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"draws": 6, "replications": 2, "measures": (COUNT, PRESENT)}
    alone = cp.uncertainty(nursing, **given, workers=1)
    several = cp.uncertainty(nursing, **given, workers=2)
    pd.testing.assert_frame_equal(alone.summary(), several.summary(), check_exact=True)

    def stop(done: int, _total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="resume"):
        cp.uncertainty(nursing, **given, workers=1, out=tmp_path / "u", progress=stop)
    there = json.loads((tmp_path / "u" / "manifest.json").read_text())
    assert (there["kind"], there["complete"]) == ("uncertainty", False)
    with pytest.raises(FolderInUseError, match=r"another uncertainty \(seed 1, unf.*--resume"):
        cp.uncertainty(nursing, **given, workers=1, out=tmp_path / "u")
    counted = []
    again = cp.uncertainty(
        nursing, **given, workers=1, out=tmp_path / "u", resume=True,
        progress=lambda done, _: counted.append(done),
    )  # fmt: skip
    assert counted[0] >= 4
    pd.testing.assert_frame_equal(alone.summary(), again.summary(), check_exact=True)
    files = {file.name for file in (tmp_path / "u").glob("*.csv")}
    assert files == {"figures.csv", "summary.csv", "draws.csv", "targets.csv", "knowing.csv"}
    manifest = json.loads((tmp_path / "u" / "manifest.json").read_text())
    assert (manifest["kind"], manifest["draws"]) == ("uncertainty", 6)
    assert manifest["complete"]


def test_draws_are_made_in_sight_and_read_a_few_at_a_time(
    nursing: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"draws": 7, "replications": 2, "workers": 1}
    told: list[tuple[int, int]] = []
    whole = cp.uncertainty(nursing, **given, making=lambda *of: told.append(of))
    assert told == [(k, 7) for k in range(1, 8)]
    at_once: list[int] = []
    columns = Study._columns

    def counted(self: Study, points: Any, measures: Any) -> Any:
        at_once.append(len(points))
        return columns(self, points, measures)

    monkeypatch.setattr("carepath_sim.experiment.study.AT_ONCE", 3)
    monkeypatch.setattr(Study, "_columns", counted)
    in_parts = cp.uncertainty(nursing, **given)
    # Rows of a county's draws are millions: only those of a few are held at a time.
    assert at_once == [3, 3, 1]
    pd.testing.assert_frame_equal(whole.summary(), in_parts.summary(), check_exact=True)


def test_a_folder_of_draws_refuses_what_differs_and_names_it(
    nursing: Scenario, tmp_path: Path
) -> None:
    given: dict[str, Any] = {"draws": 4, "replications": 1, "measures": (COUNT,), "workers": 1}
    out = tmp_path / "u"
    # A question that is no question leaves the folder free.
    with pytest.raises(OptionError, match="nursin"):
        cp.uncertainty(nursing, **given | {"measures": ("requests[nursin]",)}, out=out)
    assert list(out.iterdir()) == []
    cp.uncertainty(nursing, **given, out=out)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").touch()
    for options, words in (
        ({}, f"{out} holds another uncertainty (seed 1); name another folder, or go on with it"),
        ({"resume": True, "draws": 5}, "draws: 4 there, 5 now"),
        ({"resume": True, "measures": (PRESENT,)}, f"['{PRESENT}'] now"),
        ({"resume": True, "seed": 2}, f"{out} holds an uncertainty that differs"),
        ({"resume": True, "seed": 2}, "seed: 1 there, 2 now"),
        ({"resume": True, "out": tmp_path / "full"}, "holds notes.txt"),
    ):
        with pytest.raises(FolderInUseError) as refused:
            cp.uncertainty(nursing, **given | {"out": out} | options)
        assert words in str(refused.value)
    with pytest.raises(FolderInUseError, match=r"clock\.length: 20 d there, 21 d now"):
        cp.uncertainty(nursing.set("clock.length", "21 d"), **given, out=out, resume=True)
    with pytest.raises(FolderInUseError, match="uncertainty"):
        cp.run(nursing, replications=1, workers=1, out=out, resume=True)
    with pytest.raises(OptionError, match="folder"):
        cp.uncertainty(nursing, **given, resume=True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"measures": ("reqests[nursing]",)}, "did you mean 'requests'"),
        ({"measures": ("requests[nursin]",)}, "nursing"),
        ({"targets": "wait_mean[beds]<=1 d"}, "wait_mean"),
        ({"objective": "minimise costs"}, "targets"),
        ({"draws": 0}, "draws"),
        ({"replications": 1001}, "1000"),
        ({"parameters": ("pools.*",)}, "pools"),
        ({"other_models": "perhaps"}, "refuse"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_simulated(
    nursing: Scenario, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], words: str
) -> None:
    monkeypatch.setattr(module, "fill", None)
    with pytest.raises((OptionError, PosteriorError), match=words):
        cp.uncertainty(nursing, **{"draws": 2, "replications": 1, "workers": 1, **given})


def fit(folder: Path, scenario: Scenario, **more: Any) -> Path:
    """Write what `carepath calibrate` writes."""
    folder.mkdir()
    rows = {"draw": [0, 1], "weight": [0.5, 0.5], RATE: ["19 per d", "21 per d"]}
    write_parquet(folder / "posterior.parquet", pd.DataFrame(rows))
    about = {"name": scenario.name, "hash": scenario.hash()}
    manifest = {"program": "carepath-sim", "kind": "fit", "scenario": about, "complete": True}
    (folder / "manifest.json").write_text(json.dumps(manifest | more))
    said = {"warnings": ["W1: the data do not inform it"]}
    (folder / "summary.json").write_text(json.dumps(said))
    return folder


def test_a_fit_is_taken_with_its_warnings(nursing: Scenario, tmp_path: Path) -> None:
    folder = fit(tmp_path / "fit", nursing)
    found = cp.uncertainty(
        nursing, posterior=folder, draws=4, replications=1, measures=(COUNT,), workers=1
    )
    assert found.draws()[RATE].tolist() == ["19 per d"] * 2 + ["21 per d"] * 2
    assert any("W1: the data do not inform it" in one for one in found.notices)


def test_a_fit_of_another_scenario_is_refused(nursing: Scenario, tmp_path: Path) -> None:
    folder = fit(tmp_path / "fit", nursing)
    other = nursing.set("clock.length", "21 d")
    with pytest.raises(PosteriorError, match=r"W9.*nobody-waits.*other-model"):
        cp.uncertainty(other, posterior=folder, draws=2, replications=1, workers=1)
    given: dict[str, Any] = {"draws": 2, "replications": 1, "workers": 1, "measures": (COUNT,)}
    taken = cp.uncertainty(other, posterior=folder, other_models="accept", **given)
    assert any(one.startswith("W9") for one in taken.notices)
    # Compared with the scenario that was fitted, it is what differs on purpose.
    assert not any("W9" in one for one in cp.uncertainty(
        nursing, other, posterior=folder, **given).notices)  # fmt: skip


def test_an_unfinished_fit_is_refused(nursing: Scenario, tmp_path: Path) -> None:
    folder = fit(tmp_path / "fit", nursing, complete=False)
    with pytest.raises(PosteriorError, match="not finished"):
        cp.uncertainty(nursing, posterior=folder, draws=2)


def test_draws_that_make_no_scenario_are_refused_or_left_out(nursing: Scenario) -> None:
    rates = np.array([[20.0], [-1.0], [22.0]])
    given = cp.Posterior((RATE,), rates, np.full(3, 1 / 3), (("", "per d"),), "by hand",
                         nursing.name, nursing.hash())  # fmt: skip
    with pytest.raises(PosteriorError, match=r"1 of 3 draws make no scenario(.|\n)*rate"):
        cp.uncertainty(nursing, posterior=given, draws=3)
    found = cp.uncertainty(
        nursing, posterior=given, draws=3, replications=1, measures=(COUNT,), workers=1,
        impossible_draws="leave out",
    )  # fmt: skip
    assert found.draws()[RATE].tolist() == ["20 per d", "22 per d"]
    assert [draw for draw, _ in found.impossible] == [1]


@pytest.mark.parametrize("top", ["1.5 d", {"value": "3 d", "range": ["1 d", "5 d"]}])
def test_numbers_that_make_no_distribution_are_moved_towards_what_is_written(
    nursing: Scenario, top: object
) -> None:
    """Medians up to 2 d and 90th percentiles that may be below: some draws are not possible."""
    stay = "services.nursing.stay"
    law = {"median": {"value": "1 d", "range": ["0.5 d", "2 d"]}, "p90": top}
    scenario = nursing.set(stay, {"lognormal": law})
    given = (f"{stay}*",)
    found = cp.uncertainty(
        scenario, draws=32, replications=1, measures=(COUNT,), parameters=given, workers=1
    )
    wanted = cp.Posterior.from_ranges(scenario, 32, parameters=given).draws
    tops = np.full(32, 1.5) if top == "1.5 d" else wanted[:, 1]
    possible = wanted[:, 0] < tops
    assert 8 < possible.sum() < 32
    assert any(f"in {32 - possible.sum()} of 32 draws" in words for words in found.notices)
    made = found.posterior.draws
    assert (made[possible] == wanted[possible]).all()
    # Between what was drawn and what is written.
    medians = made[~possible, 0]
    assert ((medians - 1) * (wanted[~possible, 0] - 1) > 0).all()
    assert (np.abs(medians - 1) < np.abs(wanted[~possible, 0] - 1)).all()
    if top != "1.5 d":
        assert (made[:, 0] < made[:, 1]).all()
