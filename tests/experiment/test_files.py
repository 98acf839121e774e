"""The folder of a run: whole tables, never another run's, gone on with when asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import carepath_sim as cp
from carepath_sim.experiment.files import FolderInUseError
from carepath_sim.experiment.writing import read_parquet, safe, whole, write_csv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from carepath_sim.scenario.model import Scenario


@pytest.fixture(scope="module")
def folder(before: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "one"
    cp.run(before, replications=2, workers=1, out=path, keep=["spells", "people", "events"])
    return path


def manifest(path: Path) -> dict[str, Any]:
    return json.loads((path / "manifest.json").read_text(encoding="utf-8"))


def test_the_manifest_says_what_gives_the_same_numbers_again(
    before: Scenario, folder: Path
) -> None:
    found = manifest(folder)
    assert found["hash"] == before.hash()
    assert found["scenario"] == before.resolved()
    assert (found["seed"], found["engine"], found["replications"]) == (1, "compiled", 2)
    assert found["finished"] == [0, 1]
    assert found["complete"] is True
    assert {"python", "numpy", "simpy"} <= set(found["versions"])
    assert found["wall_time_s"] > 0
    assert set(found["machine"]) == {"system", "processor", "processors"}


def test_the_manifest_names_no_path_and_no_person(folder: Path) -> None:
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    assert str(folder.parent) not in text


def test_tables_in_the_folder_are_those_of_the_result(before: Scenario, folder: Path) -> None:
    result = cp.run(before, replications=2, workers=1)
    rows = read_parquet(folder / "replications.parquet")
    assert list(rows.columns[:6]) == [
        *("scenario", "replication", "measure", "stratum", "period", "value")
    ]
    pd.testing.assert_frame_equal(rows, result.replications(), check_dtype=False)
    days = read_parquet(folder / "daily.parquet")
    assert {"date", "pool", "occupancy", "waiting", "delayed"} <= set(days.columns)
    assert days["occupancy"].tolist() == result.daily()["occupancy"].tolist()
    summary = pd.read_csv(folder / "summary.csv")
    assert list(summary.columns) == [
        *("measure", "definition", "stratum", "unit", "mean", "low", "high", "replications")
    ]
    assert summary["mean"].to_numpy() == pytest.approx(
        result.summary()["mean"].to_numpy(), nan_ok=True
    )


def test_large_tables_are_written_only_when_asked_for(
    before: Scenario, folder: Path, tmp_path: Path
) -> None:
    cp.run(before, replications=1, workers=1, out=tmp_path / "small")
    assert {path.name for path in (tmp_path / "small").iterdir()} == {
        *("manifest.json", "summary.csv", "replications.parquet", "daily.parquet")
    }
    spells = read_parquet(folder / "spells.parquet")
    assert {"person", "service", "requested", "started", "ready", "left"} <= set(spells.columns)
    assert set(spells["replication"]) == {0, 1}


def test_the_event_log_has_the_columns_that_vidigi_animates(folder: Path) -> None:
    events = pd.read_csv(folder / "events.csv")
    assert list(events.columns) == [
        *("entity_id", "event_type", "event", "time", "resource_id", "run_number")
    ]
    assert set(events["run_number"]) == {1, 2}


def test_a_folder_that_holds_a_run_is_refused_before_any_work(
    before: Scenario, folder: Path
) -> None:
    told = []
    with pytest.raises(FolderInUseError, match="holds another run"):
        cp.run(before, replications=2, out=folder, progress=lambda *_: told.append(1))
    assert told == []


def test_a_folder_with_tables_of_unknown_origin_is_refused(
    before: Scenario, tmp_path: Path
) -> None:
    (tmp_path / "summary.csv").write_text("measure\n")
    with pytest.raises(FolderInUseError, match=r"summary\.csv of another run"):
        cp.run(before, replications=1, workers=1, out=tmp_path)


def test_a_file_is_no_folder(before: Scenario, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(FolderInUseError, match="is a file"):
        cp.run(before, replications=1, workers=1, out=tmp_path / "out")


def test_only_the_same_run_can_be_gone_on_with(before: Scenario, folder: Path) -> None:
    with pytest.raises(FolderInUseError, match=r"differs.*\n  seed: 1 there, 7 now"):
        cp.run(
            before,
            replications=2,
            seed=7,
            out=folder,
            keep=["spells", "people", "events"],
            resume=True,
        )


def interrupt_after(number: int) -> Callable[[int, int], None]:
    """A progress bar that is interrupted, as by Ctrl-C, when so many replications are done."""

    def progress(done: int, _of: int) -> None:
        if done == number:
            raise KeyboardInterrupt

    return progress


def test_what_was_finished_before_an_interruption_is_kept_and_gone_on_with(
    before: Scenario, tmp_path: Path
) -> None:
    path = tmp_path / "run"
    options = {"replications": 4, "workers": 1, "out": path, "keep": ["spells"]}
    with pytest.raises(KeyboardInterrupt, match=r"2 of 4 replications are kept in .*run"):
        cp.run(before, **options, progress=interrupt_after(2))
    assert manifest(path)["finished"] == [0, 1]
    assert manifest(path)["complete"] is False

    told = []
    resumed = cp.run(
        before, **options, resume=True, progress=lambda done, of: told.append((done, of))
    )
    assert told == [(2, 4), (3, 4), (4, 4)]
    assert manifest(path)["complete"] is True
    whole_run = cp.run(before, replications=4, workers=1)
    pd.testing.assert_frame_equal(resumed.replications(), whole_run.replications())
    pd.testing.assert_frame_equal(resumed.daily(), whole_run.daily())
    assert read_parquet(path / "spells.parquet")["replication"].unique().tolist() == [0, 1, 2, 3]


def test_more_replications_can_be_added_to_a_finished_run(before: Scenario, tmp_path: Path) -> None:
    cp.run(before, replications=1, workers=1, out=tmp_path / "run")
    more = cp.run(before, replications=3, workers=1, out=tmp_path / "run", resume=True)
    pd.testing.assert_frame_equal(
        more.replications(), cp.run(before, replications=3, workers=1).replications()
    )


def test_an_interruption_before_anything_is_done_leaves_the_folder_free(
    before: Scenario, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        cp.run(before, out=tmp_path / "run", workers=1, progress=interrupt_after(0))
    assert list((tmp_path / "run").iterdir()) == []
    cp.run(before, out=tmp_path / "run", replications=1, workers=1)


def test_a_comparison_keeps_its_scenarios_apart(
    before: Scenario, after: Scenario, tmp_path: Path
) -> None:
    compared = cp.compare(
        before, after, replications=2, workers=1, out=tmp_path / "c", keep=["events"]
    )
    rows = read_parquet(tmp_path / "c" / "replications.parquet")
    assert set(rows["scenario"]) == {before.name, after.name}
    differences = pd.read_csv(tmp_path / "c" / "differences.csv")
    assert len(differences) == len(compared.differences())
    changed = pd.read_csv(tmp_path / "c" / "changed.csv")
    assert "pools.community_beds.capacity" in set(changed["path"])
    assert len(list((tmp_path / "c").glob("events-*.csv"))) == 2
    assert [one["variant"] for one in manifest(tmp_path / "c")["scenarios"]] == ["before", "after"]


def test_an_interrupted_comparison_can_be_gone_on_with(
    before: Scenario, after: Scenario, tmp_path: Path
) -> None:
    options = {"replications": 2, "workers": 1, "out": tmp_path / "c"}
    with pytest.raises(KeyboardInterrupt):
        cp.compare(before, after, **options, progress=interrupt_after(1))
    resumed = cp.compare(before, after, **options, resume=True)
    alone = cp.compare(before, after, replications=2, workers=1)
    pd.testing.assert_frame_equal(resumed.differences(), alone.differences())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_starts_a_formula(start: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({f"{start}name": [f"{start}SUM(A1)", "plain"], "value": [-1.5, 2.0]})
    write_csv(tmp_path / "t.csv", frame)
    found = pd.read_csv(tmp_path / "t.csv")
    shown = start.replace("\r", " ")  # a carriage return would end the row
    assert list(found.columns) == [f"'{shown}name", "value"]
    assert found.iloc[:, 0].tolist() == [f"'{shown}SUM(A1)", "plain"]
    assert found["value"].tolist() == [-1.5, 2.0]  # numbers stay numbers, negative ones too


def test_words_in_categories_are_made_safe_too() -> None:
    frame = pd.DataFrame({"service": pd.Categorical(["=A1", "b"])})
    assert safe(frame)["service"].tolist() == ["'=A1", "b"]


def test_a_file_takes_its_place_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old")

    def fail_half_way() -> None:
        with whole(target) as part:
            part.write_text("ne")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail_half_way()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
