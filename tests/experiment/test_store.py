"""The store of a sweep: whatever happens, what is finished is kept, and the end is the same."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import carepath_sim as cp
from carepath_sim.experiment.files import FolderInUseError
from carepath_sim.experiment.store import folder as folder_module
from carepath_sim.experiment.store import parts
from carepath_sim.experiment.store.folder import StoreError
from carepath_sim.experiment.store.ledger import Ledger
from carepath_sim.experiment.store.lock import Lock, StoreInUseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.experiment.study import Study
    from carepath_sim.scenario.model import Scenario

SCENARIOS = Path(__file__).parent / "scenarios"
CAPACITY = "pools.community_beds.capacity"
CLOCK = {"length": "3 d", "warm_up": "0 d", "run_out": "0 d"}
POINTS, REPLICATIONS, TOGETHER = 5, 4, 8

# What a process that is to be killed runs: the sweep of these tests, made to fail on demand.
PROGRAM = textwrap.dedent(
    f"""
    import os, sys
    import carepath_sim as cp
    from carepath_sim.experiment.store import folder, ledger, parts
    parts.PART = {TOGETHER}
    scenario = cp.load({str(SCENARIOS / "before.yaml")!r}).with_(clock={CLOCK!r})

    def dies(module, name, times, *, before):
        real = getattr(module, name)
        def dying(*arguments, **options):
            nonlocal times
            times -= 1
            if before and times < 0:
                os._exit(9)
            found = real(*arguments, **options)
            if times < 0:
                os._exit(9)
            return found
        setattr(module, name, dying)

    out, workers, code = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    exec(code)
    cp.sweep(scenario, vary={{{CAPACITY!r}: "2:6:1"}}, replications={REPLICATIONS},
             out=out, engine="simpy", resume=True, workers=workers,
             progress=lambda *now: print(*now, flush=True))
    """
)


HOLDER = """
import sys, time
from pathlib import Path
from carepath_sim.experiment.store.lock import Lock
held = Lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def tiny(before: Scenario) -> Scenario:
    return before.with_(clock=CLOCK)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", TOGETHER)


@pytest.fixture
def sweep(tiny: Scenario) -> Callable[..., Study]:
    def sweep(out: Path, **options: Any) -> Study:
        given = {"vary": {CAPACITY: "2:6:1"}, "replications": REPLICATIONS, "workers": 1}
        given["engine"] = "simpy"  # which starts at once
        return cp.sweep(tiny, out=out, **({"resume": True} | given | options))

    return sweep


@pytest.fixture(scope="module")
def whole(tiny: Scenario, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a sweep that nothing interrupted."""
    path = tmp_path_factory.mktemp("stores") / "whole"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART", TOGETHER)
        cp.sweep(
            tiny, vary={CAPACITY: "2:6:1"}, replications=REPLICATIONS, out=path, workers=1,
            engine="simpy",
        )  # fmt: skip
    return results(path)


def results(path: Path) -> dict[str, bytes]:
    """Every file with figures; the wall times in the ledger and the manifest differ, of course."""
    return {
        file.name: file.read_bytes()
        for file in path.iterdir()
        if file.suffix in {".parquet", ".csv", ".part"}
    }


def done(path: Path) -> set[tuple[int, int]]:
    ledger = Ledger(path, read_only=True)
    found = ledger.done()
    ledger.close()
    return found


def killed(path: Path, code: str, workers: int = 1) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), str(workers), code],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, int]]:
    """What is simulated in this process from here on."""
    from carepath_sim.experiment import sweep as module

    found: Counter[tuple[str, int]] = Counter()
    real = module.simulate_to_bytes

    def simulate(task: Any) -> Any:
        found[task.scenarios[0].digest, task.replication] += 1
        return real(task)

    monkeypatch.setattr(module, "simulate_to_bytes", simulate)
    return found


def test_files_have_several_points_each(whole: dict[str, bytes]) -> None:
    """Two points of four replications a part of eight: three parts for five points."""
    assert sorted(name for name in whole if name.startswith("replications")) == [
        f"replications-p00000{first}-r0000.parquet" for first in (0, 2, 4)
    ]


def test_workers_and_their_number_leave_no_trace(
    sweep: Callable[..., Study], whole: dict[str, bytes], tmp_path: Path
) -> None:
    sweep(tmp_path, workers=2)
    assert results(tmp_path) == whole


# Instants of a process's death, in the words of `dies`; each goes on where the last one died.
INSTANTS = [
    ("while the folder is made", "dies(folder, 'write_csv', 0, before=True)"),
    ("when a replication has just been kept", "dies(ledger.Ledger, 'add', 2, before=False)"),
    ("with half a part written", "dies(parts, 'daily_frame', 0, before=True)"),
    ("with one file of two", "dies(parts, 'digest_of', 1, before=True)"),
    ("with a part nobody knows", "dies(ledger.Ledger, 'into_part', 0, before=True)"),
    ("before the manifest is whole", "dies(folder, 'write_json', 0, before=True)"),
]  # fmt: skip


def test_a_process_may_die_at_any_instant_of_its_book_keeping(
    sweep: Callable[..., Study],
    whole: dict[str, bytes],
    simulated: Counter[tuple[str, int]],
    tmp_path: Path,
) -> None:
    """One store, through one death after the other; never is less done than before."""
    kept: set[tuple[int, int]] = set()
    for words, code in INSTANTS:
        ended = killed(tmp_path, code)
        assert ended.returncode == 9, (words, ended.stderr)
        now = done(tmp_path) if (tmp_path / "manifest.json").exists() else set()
        assert kept <= now, words
        kept = now
    assert kept == {(p, r) for p in range(POINTS) for r in range(REPLICATIONS)}
    sweep(tmp_path)
    assert simulated == {}
    assert results(tmp_path) == whole


def test_a_sweep_killed_at_random_and_gone_on_with_ends_as_if_nothing_had_been(
    sweep: Callable[..., Study], whole: dict[str, bytes], tmp_path: Path
) -> None:
    """`kill -9` of the parent, and of a worker, at random instants."""
    luck = random.Random(5)
    kept: set[tuple[int, int]] = set()
    for k in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path), "2", ""], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        # Wait for its beginning and for a few results, then for any instant.
        for _ in range(luck.randrange(1, 5)):
            process.stdout.readline()
        if k == 1:
            worker = subprocess.run(
                ["pgrep", "-P", str(process.pid), "-f", "spawn_main"],
                capture_output=True, text=True, check=False,
            ).stdout.split()  # fmt: skip
            if worker:
                os.kill(int(worker[0]), signal.SIGKILL)
            time.sleep(luck.random() * 0.1)
        time.sleep(luck.random() * 0.05)
        process.kill()
        process.wait()
        process.stdout.close()
        now = done(tmp_path)
        assert kept <= now
        kept = now
    sweep(tmp_path)
    assert results(tmp_path) == whole


def test_ctrl_c_says_what_is_kept(
    sweep: Callable[..., Study], whole: dict[str, bytes], tmp_path: Path
) -> None:
    def enough(done: int, _total: int) -> None:
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match=r"7 of 20 replications are kept in .*--resume"):
        sweep(tmp_path, progress=enough, workers=2)
    assert multiprocessing.active_children() == []
    # A sweep that is not at its end can be read, journal and all.
    study = cp.read_sweep(tmp_path)
    assert not study.complete
    assert len(study.replications()[["point", "replication"]].drop_duplicates()) == 7
    assert len(study.daily()[["point", "replication"]].drop_duplicates()) == 7
    sweep(tmp_path)
    assert results(tmp_path) == whole


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_fills_up_while_a_part_is_written_costs_nothing(
    sweep: Callable[..., Study],
    whole: dict[str, bytes],
    simulated: Counter[tuple[str, int]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(parts, "write_parquet", full)
        with pytest.raises(StoreError, match=r"No space left.*make room, then --resume"):
            sweep(tmp_path)
    assert len(done(tmp_path)) == TOGETHER
    sweep(tmp_path)
    assert set(simulated.values()) == {1}
    assert results(tmp_path) == whole


def test_a_disk_that_is_full_for_the_ledger_costs_what_it_could_not_take(
    sweep: Callable[..., Study],
    whole: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """SQLite's own error: a file that may not grow."""
    real = Ledger.add

    def add(self: Ledger, *arguments: Any) -> None:
        if len(self.done()) >= 3:
            self._base.execute("PRAGMA max_page_count = 1")
            arguments = (*arguments[:2], bytes(10**6), 1.0)
        real(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "add", add)
        with pytest.raises(StoreError, match="database or disk is full"):
            sweep(tmp_path)
    assert len(done(tmp_path)) == 3
    sweep(tmp_path)
    assert results(tmp_path) == whole


@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_damaged_part_is_seen_and_done_again(
    sweep: Callable[..., Study],
    whole: dict[str, bytes],
    simulated: Counter[tuple[str, int]],
    tmp_path: Path,
    damage: str,
) -> None:
    sweep(tmp_path)
    simulated.clear()
    part = tmp_path / "replications-p000002-r0000.parquet"
    content = bytearray(part.read_bytes())
    if damage == "gone":
        part.unlink()
    elif damage == "cut":
        part.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 2] ^= 1
        part.write_bytes(content)
    sweep(tmp_path)
    assert sum(simulated.values()) == TOGETHER
    assert results(tmp_path) == whole


def test_a_damaged_journal_entry_is_seen_and_done_again(
    sweep: Callable[..., Study],
    whole: dict[str, bytes],
    simulated: Counter[tuple[str, int]],
    tmp_path: Path,
) -> None:
    assert killed(tmp_path, "dies(ledger.Ledger, 'add', 2, before=False)").returncode == 9
    base = sqlite3.connect(tmp_path / "ledger.sqlite")
    base.execute("UPDATE journal SET content = substr(content, 1, 50) WHERE replication = 1")
    base.commit()
    base.close()
    sweep(tmp_path)
    assert sum(simulated.values()) == POINTS * REPLICATIONS - 2
    assert results(tmp_path) == whole


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_a_damaged_ledger_is_made_anew_from_whole_parts(
    sweep: Callable[..., Study],
    whole: dict[str, bytes],
    simulated: Counter[tuple[str, int]],
    tmp_path: Path,
    damage: str,
) -> None:
    sweep(tmp_path)
    simulated.clear()
    if damage == "gone":
        (tmp_path / "ledger.sqlite").unlink()
    else:
        (tmp_path / "ledger.sqlite").write_bytes(b"SQLite format 3\0" + bytes(5000))
    part = tmp_path / "daily-p000004-r0000.parquet"
    part.write_bytes(part.read_bytes()[:200])
    sweep(tmp_path, vary=None)
    assert sum(simulated.values()) == REPLICATIONS
    assert results(tmp_path) == whole


def test_two_processes_on_one_store_are_one_too_many(
    sweep: Callable[..., Study], tmp_path: Path
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(StoreInUseError, match=f"another process .*{holder.pid}"):
        sweep(tmp_path)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    sweep(tmp_path)  # the system has taken the lock back


def test_a_lock_holds_within_a_process_too(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    with pytest.raises(StoreInUseError):
        Lock(tmp_path)
    lock.release()
    Lock(tmp_path).release()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 2}, "seed: 1 there, 2 now"),
        ({"replications": 3}, "replications: 4 there, 3 asked for"),
        ({"vary": {CAPACITY: "2:7:1"}}, "design: 5 points there, 6 now"),
        ({"vary": {CAPACITY: [2, 3, 4, 5, 7]}}, "design, point 4: .*6.* there, .*7.* now"),
    ],
)
def test_another_sweep_is_refused_with_what_differs(
    sweep: Callable[..., Study], tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    sweep(tmp_path)
    with pytest.raises(FolderInUseError, match=words):
        sweep(tmp_path, **change)


def test_another_scenario_or_version_is_refused_with_what_differs(
    tiny: Scenario,
    sweep: Callable[..., Study],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from carepath_sim.experiment import identity as module

    sweep(tmp_path)
    other = tiny.set("services.gp.stay", "4 h")
    with pytest.raises(FolderInUseError, match=r"services\.gp\.stay.*3 h there, 4 h now"):
        cp.sweep(
            other,
            vary={CAPACITY: "2:6:1"},
            replications=4,
            out=tmp_path,
            resume=True,
            engine="simpy",
        )
    with monkeypatch.context() as patch:
        patch.setattr(module, "__version__", "9.9")
        with pytest.raises(FolderInUseError, match=r"version: .* there, 9\.9 now"):
            sweep(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(module, "library_versions", lambda: {"numpy": "9.9"})
        with pytest.raises(FolderInUseError, match=r"numpy: version .* there, 9\.9 now"):
            sweep(tmp_path)
    with pytest.raises(FolderInUseError, match="go on with it with --resume"):
        sweep(tmp_path, resume=False)


def test_a_folder_of_something_else_is_left_alone(
    tiny: Scenario, sweep: Callable[..., Study], tmp_path: Path
) -> None:
    cp.run(tiny, replications=1, workers=1, out=tmp_path / "run")
    with pytest.raises(FolderInUseError, match="holds another run"):
        sweep(tmp_path / "run")
    (tmp_path / "design.csv").write_text("point\n", encoding="utf-8")
    with pytest.raises(FolderInUseError, match=r"holds design\.csv"):
        sweep(tmp_path)
    assert (tmp_path / "design.csv").read_text(encoding="utf-8") == "point\n"
    with pytest.raises(FolderInUseError, match="is a file"):
        sweep(tmp_path / "design.csv")
    with pytest.raises(FolderInUseError, match="holds no sweep to go on with"):
        sweep(tmp_path / "new", vary=None)
    with pytest.raises(FolderInUseError, match="holds no sweep, but a run"):
        cp.read_sweep(tmp_path / "run")


def test_more_replications_are_added_to_those_that_are_there(
    sweep: Callable[..., Study], simulated: Counter[tuple[str, int]], tmp_path: Path
) -> None:
    sweep(tmp_path, replications=2)
    study = sweep(tmp_path, replications=5, vary=None)  # the design is in the folder
    assert set(simulated.values()) == {1}
    assert sum(simulated.values()) == 25
    rows = study.replications()
    assert set(rows.groupby("point")["replication"].nunique()) == {5}
    at_once = sweep(tmp_path / "at once", replications=5)
    assert at_once.table().equals(study.table())
    assert at_once.replications().equals(rows)


def test_memory_and_number_of_files_do_not_follow_the_number_of_points() -> None:
    many = parts.blocks(10_000, [parts.stage_of(0, 20)])
    assert sum(len(block.points) for block in many) == 10_000
    # Eight replications a part in these tests; 256 otherwise.
    assert parts.Stage(0, 20, 12).together == 256 // 20
    assert len(parts.blocks(10_000, [parts.Stage(0, 20, 256 // 20)])) == 834
    assert folder_module.DESIGN == "design.csv"
