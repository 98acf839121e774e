"""Runs and comparisons in a folder: no end of a process costs a replication, or changes a byte."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import carepath_sim as cp
from carepath_sim.experiment import batch, files, run_folder
from carepath_sim.experiment.files import STORE, FolderInUseError
from carepath_sim.experiment.store.folder import StoreError
from carepath_sim.experiment.store.journal import JOURNAL, Journal
from carepath_sim.experiment.store.lock import Lock, StoreInUseError
from carepath_sim.experiment.tasks import KEEPABLE

if TYPE_CHECKING:
    from collections.abc import Callable

WARD = Path(__file__).parent / "scenarios" / "ward.yaml"
KINDS = ("run", "precision", "comparison")
QUESTIONS = textwrap.dedent(
    f"""
    import os, signal, sys
    import carepath_sim as cp
    ward = cp.load({str(WARD)!r}).with_(
        clock={{"length": "5 d", "warm_up": "1 d", "run_out": "1 d"}})
    small = ward.set("pools.beds.capacity", 4)
    everything = {KEEPABLE!r}

    def ask(kind, out, **options):
        given = dict(replications=5, workers=1, engine="simpy", out=out) | options
        if kind == "comparison":
            return cp.compare(ward, small, keep=["spells", "events"], **given)
        if kind == "precision":
            return cp.run(ward, precision="admissions=10", **(dict(max_replications=9) | given))
        return cp.run(ward, keep=everything, **given)
    """
)
WORLD: dict[str, Any] = {}
exec(QUESTIONS, WORLD)  # noqa: S102 - what processes that are killed run, and what these tests run

PROGRAM = QUESTIONS + textwrap.dedent(
    """
    def progress(done, of):
        if done == 3:
            os.kill(os.getpid(), signal.SIGKILL)
    ask(sys.argv[1], sys.argv[2], progress=progress)
    """
)


@pytest.fixture
def ask() -> Callable[..., Any]:
    asked: Callable[..., Any] = WORLD["ask"]
    return asked


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, bytes]]:
    """Return the files of a batch that nothing interrupted."""
    known: dict[str, dict[str, bytes]] = {}

    def found(kind: str) -> dict[str, bytes]:
        if kind not in known:
            path = tmp_path_factory.mktemp("whole") / kind
            WORLD["ask"](kind, path)
            known[kind] = results(path)
        return known[kind]

    return found


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the replications that are simulated in this process."""
    found: list[int] = []
    real = batch.simulate_all_to_bytes

    def simulate(task: Any) -> Any:
        found.append(task.replication)
        return real(task)

    monkeypatch.setattr(batch, "simulate_all_to_bytes", simulate)
    return found


def results(path: Path) -> dict[str, bytes]:
    """Every file but the manifest, which knows wall times; of a journal nothing may be left."""
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name != "manifest.json"
    }


def manifest(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    return found


def interrupted(ask: Callable[..., Any], kind: str, path: Path, after: int, **options: Any) -> None:
    """Ask, and press Ctrl-C when so many replications are done."""

    def progress(done: int, _of: int) -> None:
        if done == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(kind, path, progress=progress, **options)


@pytest.mark.skipif(sys.platform == "win32", reason="no signal that cannot be caught")
@pytest.mark.parametrize("kind", ["run", "comparison"])
def test_kill_9_costs_no_finished_replication(
    ask: Callable[..., Any],
    whole: Callable[[str], dict[str, bytes]],
    simulated: list[int],
    tmp_path: Path,
    kind: str,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, kind, str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert not manifest(tmp_path)["complete"]
    expected = whole(kind)
    simulated.clear()
    ask(kind, tmp_path, resume=True)
    assert simulated == [3, 4]
    assert results(tmp_path) == expected
    assert manifest(tmp_path)["complete"]


@pytest.mark.parametrize("kind", KINDS)
def test_interrupted_again_and_again_it_ends_as_if_nothing_had_been(
    ask: Callable[..., Any],
    whole: Callable[[str], dict[str, bytes]],
    simulated: list[int],
    tmp_path: Path,
    kind: str,
) -> None:
    expected = whole(kind)
    simulated.clear()
    for done in (1, 2, 4):
        interrupted(ask, kind, tmp_path, done, resume=True)
        assert manifest(tmp_path)["finished"] == list(range(done))
    ask(kind, tmp_path, resume=True)
    assert results(tmp_path) == expected
    assert simulated == sorted(set(simulated))
    # Once more: everything is there.
    simulated.clear()
    ask(kind, tmp_path, resume=True)
    assert simulated == []
    assert results(tmp_path) == expected


def test_a_worker_that_is_killed_costs_nothing(
    ask: Callable[..., Any], whole: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    """Two processes at work, one of them killed: it is as if it had not been."""
    import multiprocessing

    killed: list[int] = []

    def progress(done: int, _of: int) -> None:
        if done == 1:
            for child in multiprocessing.active_children()[:1]:
                assert child.pid is not None
                killed.append(child.pid)
                child.kill()

    ask("run", tmp_path, workers=2, progress=progress)
    assert killed
    assert results(tmp_path) == whole("run")


@pytest.mark.parametrize("damage", ["cut", "changed", "grown", "gone"])
def test_a_damaged_journal_is_good_as_far_as_it_is_whole(
    ask: Callable[..., Any],
    whole: Callable[[str], dict[str, bytes]],
    simulated: list[int],
    tmp_path: Path,
    damage: str,
) -> None:
    """As a power cut may leave it."""
    expected = whole("comparison")
    interrupted(ask, "comparison", tmp_path, 3)
    for name in ("manifest.json", *expected):
        if name != "manifest.json":
            (tmp_path / name).unlink()
    said = manifest(tmp_path) | {"finished": []}
    (tmp_path / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    journal = tmp_path / STORE / JOURNAL
    content = bytearray(journal.read_bytes())
    if damage == "cut":
        journal.write_bytes(content[:-7])
    elif damage == "changed":
        content[-50] ^= 1
        journal.write_bytes(content)
    elif damage == "grown":
        journal.write_bytes(content + bytes(8) + b"\xff" * 100)
    else:
        journal.unlink()
    simulated.clear()
    ask("comparison", tmp_path, resume=True)
    first = {"cut": 2, "changed": 2, "grown": 3, "gone": 0}[damage]
    assert simulated == list(range(first, 5))
    assert results(tmp_path) == expected


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_costs_nothing(
    ask: Callable[..., Any],
    whole: Callable[[str], dict[str, bytes]],
    simulated: list[int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Full when the third replication is to be kept, then when tables are, then the manifest."""
    expected = whole("run")
    simulated.clear()
    real = Journal.add

    def add(self: Journal, number: int, made: Any) -> None:
        if number == 2:
            full()
        real(self, number, made)

    for target, name, fails in (
        (Journal, "add", add),
        (files, "write_parquet", full),
        (run_folder, "write_json", full),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(target, name, fails)
            with pytest.raises(StoreError, match=r"No space left.*make room, then --resume"):
                ask("run", tmp_path, resume=True)
    ask("run", tmp_path, resume=True)
    # The third was simulated, and found no room.
    assert simulated == [0, 1, 2, 2, 3, 4]
    assert results(tmp_path) == expected


def test_more_replications_are_as_if_they_had_been_asked_for_at_once(
    ask: Callable[..., Any],
    whole: Callable[[str], dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Also where the power is cut between the tables and the manifest."""
    ask("comparison", tmp_path, replications=2)
    with monkeypatch.context() as patch:
        patch.setattr(run_folder, "write_json", full)
        with pytest.raises(StoreError):
            ask("comparison", tmp_path, resume=True)
    assert manifest(tmp_path)["finished"] == [0, 1]
    ask("comparison", tmp_path, resume=True)
    assert results(tmp_path) == whole("comparison")


def test_tables_that_cannot_be_read_are_made_again(
    ask: Callable[..., Any], whole: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    ask("run", tmp_path, replications=2)
    for name in ("daily", "spells"):
        (tmp_path / f"{name}.parquet").write_bytes(b"no table")
    ask("run", tmp_path, resume=True)
    assert results(tmp_path) == whole("run")


def test_what_differs_is_refused_and_named(ask: Callable[..., Any], tmp_path: Path) -> None:
    interrupted(ask, "comparison", tmp_path, 1)
    for options, words in (
        ({}, "holds another comparison (scenarios/ward"),
        ({"resume": True, "seed": 2}, "seed: 1 there, 2 now"),
        ({"resume": True, "engine": "compiled"}, "engine: simpy there, compiled now"),
        ({"resume": True, "common_random_numbers": False}, "common_random_numbers: True there"),
    ):
        with pytest.raises(FolderInUseError) as refused:
            ask("comparison", tmp_path, **options)
        assert words in str(refused.value)
    ward, small = WORLD["ward"], WORLD["small"]
    with pytest.raises(FolderInUseError, match=r"pools\.beds\.capacity: 4 there, 3 now"):
        cp.compare(
            ward, small.set("pools.beds.capacity", 3), replications=5, workers=1, engine="simpy",
            keep=["spells", "events"], out=tmp_path, resume=True,
        )  # fmt: skip
    with pytest.raises(FolderInUseError, match="holds another comparison"):
        ask("run", tmp_path, resume=True)
    with pytest.raises(FolderInUseError, match="keep: events, spells there, none now"):
        cp.compare(
            ward, small, replications=5, workers=1, engine="simpy", out=tmp_path, resume=True
        )


def test_what_is_finished_is_not_thrown_away_where_less_is_asked_for(
    ask: Callable[..., Any], tmp_path: Path
) -> None:
    interrupted(ask, "run", tmp_path, 3)
    with pytest.raises(FolderInUseError, match="replications: 3 there, 2 asked for"):
        ask("run", tmp_path, resume=True, replications=2)
    found = ask("run", tmp_path, resume=True, replications=3)
    assert len(found.done) == 3
    assert manifest(tmp_path)["complete"]


def test_two_at_once_are_not_possible(ask: Callable[..., Any], tmp_path: Path) -> None:
    interrupted(ask, "run", tmp_path, 1)
    held = Lock(tmp_path / STORE)
    with pytest.raises(StoreInUseError, match=f"process {os.getpid()}"):
        ask("run", tmp_path, resume=True)
    held.release()
    ask("run", tmp_path, resume=True)


def test_a_lock_that_went_with_its_folder_holds_nobody_off(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    one = Journal(folder)
    one.remove()
    assert not folder.exists()
    two = Journal(folder)
    with pytest.raises(StoreInUseError):
        Journal(folder)
    two.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_changes_no_number(ask: Callable[..., Any], tmp_path: Path, kind: str) -> None:
    kept, passing = ask(kind, tmp_path), ask(kind, None)
    assert str(kept.summary().to_csv()) == str(passing.summary().to_csv())
    assert kept.replications().equals(passing.replications())
    assert kept.daily().equals(passing.daily())


def test_tables_that_were_kept_are_those_of_the_result(
    ask: Callable[..., Any], tmp_path: Path
) -> None:
    """Numbers, instants and words come back from the bytes that workers send as they were."""
    kept, passing = ask("run", tmp_path), ask("run", None)
    for one, other in zip(kept.done, passing.done, strict=True):
        assert set(one.kept) == set(other.kept) == set(KEEPABLE)
        for name, columns in other.kept.items():
            assert list(one.kept[name]) == list(columns)
            for column, values in columns.items():
                assert one.kept[name][column].dtype == values.dtype
                # Also where nothing is (nan).
                assert list(map(repr, one.kept[name][column])) == list(map(repr, values))
