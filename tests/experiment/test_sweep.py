"""Sweeps: the tables of a study are those of its points run one by one."""

from __future__ import annotations

import json
import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import carepath_sim as cp
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.frames import is_paired
from carepath_sim.experiment.store.encoding import DamagedError, decode, encode
from carepath_sim.experiment.tasks import Task, pack, simulate_task
from carepath_sim.experiment.writing import database, read_parquet

if TYPE_CHECKING:
    from pathlib import Path

    from carepath_sim.experiment.study import Study
    from carepath_sim.scenario.model import Scenario

CAPACITY = "pools.community_beds.capacity"
STAY = "services.gp.stay"
VARY: dict[str, Any] = {CAPACITY: "4:6:1", STAY: ["3 h", "5 h"]}


@pytest.fixture(scope="module")
def short(before: Scenario) -> Scenario:
    return before.with_(clock={"length": "30 d", "warm_up": "2 d", "run_out": "0 d"})


@pytest.fixture(scope="module")
def folder(short: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sweeps") / "study"
    cp.sweep(short, vary=VARY, replications=3, out=path, workers=1)
    return path


@pytest.fixture(scope="module")
def study(folder: Path) -> Study:
    return cp.read_sweep(folder)


def test_no_interval_of_a_sweep_holds_what_cannot_be(study: Study) -> None:
    table = study.table().dropna(subset=["low"])
    assert (table["low"] >= 0).all()
    shares = table[(table["unit"] == "share") & (table["mean"] <= 1)]
    assert (shares["high"] <= 1).all()
    assert (shares["difference_low"].dropna() >= -1).all()
    assert (shares["difference_high"].dropna() <= 1).all()


def test_a_point_is_a_run_of_the_scenario_with_its_settings(short: Scenario, study: Study) -> None:
    run = cp.run(short.set(CAPACITY, 5).set(STAY, "5 h"), replications=3, workers=1)
    found = study.result(3)
    assert study.points[3] == {CAPACITY: 5, STAY: "5 h"}
    assert found.scenario.hash() == run.scenario.hash()
    pd.testing.assert_frame_equal(found.summary(), run.summary())
    assert [repr(one.rows) for one in found.done] == [repr(one.rows) for one in run.done]
    drop = ["scenario"]
    pd.testing.assert_frame_equal(
        found.daily().drop(columns=drop), run.daily().drop(columns=drop), check_dtype=False
    )


def test_large_parts_change_no_order(folder: Path, study: Study, tmp_path: Path) -> None:
    """Pieces of files are read side by side; rows stand where a run has them all the same."""
    large = tmp_path / "large"
    shutil.copytree(folder, large)
    for part in large.glob("replications-*.parquet"):
        # As if the part were sixty times as large: by itself a piece has 122,880 rows.
        pieces = tmp_path / part.name
        with database() as base:
            base.execute(
                f"COPY (FROM read_parquet('{part}')) TO '{pieces}' "
                "(FORMAT parquet, ROW_GROUP_SIZE 2048)"
            )
        pieces.replace(part)
    found = cp.read_sweep(large)
    pd.testing.assert_frame_equal(found.replications(), study.replications())
    for point in range(len(study.points)):
        rows = found.replications([point])
        pd.testing.assert_frame_equal(rows, study.replications([point]))
    pd.testing.assert_frame_equal(found.result(3).summary(), study.result(3).summary())
    names = ["measure", "stratum"]
    pd.testing.assert_frame_equal(found.table()[names], study.table()[names])


def test_the_table_has_the_figures_of_a_comparison(short: Scenario, study: Study) -> None:
    base = short.set(CAPACITY, 4).set(STAY, "3 h")
    comparison = cp.compare(
        base, short.set(CAPACITY, 6).set(STAY, "3 h"), replications=3, workers=1
    )
    pairs = comparison.differences().set_index(["measure", "stratum"])
    means = comparison.others[0].summary().set_index(["measure", "stratum"])
    # A comparison follows persons, too; a sweep does not.
    means = means[[not is_paired(measure) for measure, _ in means.index]]
    found = study.table()
    found = found[found["point"] == 4].set_index(["measure", "stratum"])
    assert set(found.columns[:3]) == {"point", CAPACITY, STAY}
    for column in ("mean", "low", "high", "replications"):
        assert found[column].to_dict() == pytest.approx(means[column].to_dict(), nan_ok=True)
    both = [key for key in found.index if key in pairs.index]
    assert len(both) > 50
    for mine, theirs in (
        ("difference", "difference"), ("difference_low", "low"), ("difference_high", "high"),
    ):  # fmt: skip
        assert found.loc[both, mine].to_list() == pytest.approx(
            pairs.loc[both, theirs].to_list(), nan_ok=True
        )


def test_the_first_point_differs_in_nothing_from_itself(study: Study) -> None:
    table = study.table(["emergency_admissions"])
    assert set(table[table["point"] == 0]["difference"]) == {0.0}
    other = study.table(["emergency_admissions"], base=5)
    assert set(other[other["point"] == 5]["difference"]) == {0.0}


def test_figures_are_asked_for_by_name(study: Study) -> None:
    from carepath_sim.experiment.wanted import figure

    table = study.figures(["utilisation[community_beds]", "p_wait[community_beds]"])
    assert list(table["figure"].unique()) == [
        "utilisation[community_beds]", "p_wait[community_beds]",
    ]  # fmt: skip
    means = table[table["figure"] == "utilisation[community_beds]"].set_index("point")["mean"]
    for point, result in enumerate(study.results()):
        one = figure(result, "utilisation[community_beds]")
        assert means[point] == pytest.approx(one.mean(), rel=0.05)
    with pytest.raises(OptionError, match="there is no measure 'bliss'"):
        study.figures("bliss")
    with pytest.raises(OptionError, match="did you mean 'utilisation'"):
        study.table(["utilization"])


def test_tables_can_be_asked_in_sql(study: Study) -> None:
    found = study.query(
        "SELECT point, count(DISTINCT replication) AS n FROM replications "
        "JOIN design USING (point) WHERE design.\"services.gp.stay\" = '5 h' "
        "GROUP BY ALL ORDER BY 1"
    )
    assert found.to_dict("list") == {"point": [1, 3, 5], "n": [3, 3, 3]}


def test_the_folder_holds_what_other_programs_can_read(
    short: Scenario, folder: Path, study: Study
) -> None:
    names = {file.name for file in folder.iterdir()}
    assert {"manifest.json", "design.csv", "summary.csv", "ledger.sqlite"} <= names
    (part,) = folder.glob("replications*.parquet")
    rows = read_parquet(part)
    assert list(rows.columns) == [
        *("scenario", "point", "replication", "measure", "stratum", "period"),
        *("value", "weight", "unit"),
    ]
    pd.testing.assert_frame_equal(
        rows.astype({"scenario": "str"}), study.replications(), check_dtype=False
    )
    (days,) = folder.glob("daily*.parquet")
    assert list(read_parquet(days).columns[:5]) == [
        "scenario", "point", "replication", "date", "pool",
    ]  # fmt: skip
    design = pd.read_csv(folder / "design.csv")
    assert design["point"].to_list() == list(range(6))
    assert design[CAPACITY].to_list() == [4, 4, 5, 5, 6, 6]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["kind"], manifest["complete"], manifest["points"]) == ("sweep", True, 6)
    assert manifest["hash"] == short.hash()
    assert manifest["scenario"] == short.resolved()


def test_a_finished_sweep_is_only_read_when_it_is_asked_for_again(
    short: Scenario, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {file.name: file.read_bytes() for file in folder.glob("*.parquet")}
    told: list[tuple[int, int]] = []
    again = cp.sweep(
        short, vary=VARY, replications=3, out=folder, resume=True, workers=1,
        progress=lambda *now: told.append(now),
    )  # fmt: skip
    assert told == [(18, 18)]
    assert again.complete
    assert {file.name: file.read_bytes() for file in folder.glob("*.parquet")} == before


def test_a_sweep_without_a_folder_is_there_as_long_as_its_study(short: Scenario) -> None:
    study = cp.sweep(short, design=[{CAPACITY: 3}], with_base=True, replications=1, workers=1)
    assert study.points == ({}, {CAPACITY: 3})
    folder = study.folder
    assert len(study.replications()["point"].unique()) == 2
    del study
    assert not folder.exists()


def test_values_may_be_whole_sections_and_whole_words(short: Scenario) -> None:
    study = cp.sweep(
        short,
        vary={"pools.community_beds.policy": [{"reserved": {"step_up": 2}}, "shared"]},
        replications=1,
        workers=1,
    )
    assert study.result(0).scenario.pools["community_beds"].policy != (
        study.result(1).scenario.pools["community_beds"].policy
    )
    assert "reserved" in str(study.table(["bed_days"])["pools.community_beds.policy"][0])


def test_all_points_are_checked_before_anything_is_simulated(
    short: Scenario, tmp_path: Path
) -> None:
    with pytest.raises(cp.ScenarioError) as error:
        cp.sweep(
            short, vary={CAPACITY: [3, "many", "few"]}, out=tmp_path / "x", workers=1
        )  # fmt: skip
    assert len(error.value.problems) == 2
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "nothing varies"),
        ({"vary": {CAPACITY: []}}, "there is no value"),
        ({"vary": {CAPACITY: 3}}, "a list of values"),
        ({"vary": {CAPACITY: [3]}, "design": [{}]}, "not from both"),
        ({"vary": {CAPACITY: [3]}, "n": 3}, "a way to draw them"),
        ({"sample": "lhs", "n": 3}, "a sample needs ranges"),
        ({"vary": {CAPACITY: [3]}, "replications": 0}, "at least one replication"),
        ({"vary": {CAPACITY: [3]}, "engine": "steam"}, "unknown engine"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    short: Scenario, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(OptionError, match=words):
        cp.sweep(short, **options)


def test_a_study_says_what_it_is(study: Study) -> None:
    assert str(study).startswith("scenarios/before: 6 points of pools.community_beds.capacity, ")
    assert "<table" in study._repr_html_()
    assert len(repr(study)) < 300


def test_pictures_show_every_line(study: Study) -> None:
    axes = study.plot.curve("utilisation[community_beds]")
    assert axes.get_xlabel() == "capacity of community beds"
    assert "%" in axes.get_ylabel()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "3 h", "5 h",
    ]  # fmt: skip
    assert axes.get_legend().get_title().get_text() == "Stay of gp"
    assert study.plot.curve("bed_days[community_beds]", x=STAY).get_xlabel() == "stay of gp"
    with pytest.raises(OptionError, match="does not vary"):
        study.plot.curve("bed_days[community_beds]", x="clock.length")


def test_a_replication_comes_back_from_its_bytes_and_damage_is_seen(short: Scenario) -> None:
    (one,) = simulate_task(Task((pack(short),), 1, 0, "simpy"))
    content = encode(one, ["a", "b"], date(2015, 4, 1))
    back = decode(content).replication(0)
    assert repr(back.rows) == repr(one.rows)
    assert {name: table.tolist() for name, table in back.daily.items()} == {
        name: table.tolist() for name, table in one.daily.items()
    }
    middle = len(content) // 2
    changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    for broken in (content[:-10], content[:middle], b"", changed):
        with pytest.raises(DamagedError):
            decode(broken)
