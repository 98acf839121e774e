"""The folder of an answer: whatever ends a search, what is finished is kept, and the end equal."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import carepath_sim as cp
from carepath_sim.experiment import evaluate, paired
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.files import FolderInUseError
from carepath_sim.experiment.store import parts
from carepath_sim.experiment.store.folder import StoreError
from carepath_sim.experiment.store.ledger import Ledger
from carepath_sim.experiment.store.lock import Lock, StoreInUseError

if TYPE_CHECKING:
    from collections.abc import Callable

SCENARIOS = Path(__file__).parent / "scenarios"
TEN_BEDS = Path(__file__).parents[2] / "docs" / "cookbook" / "sharing-policies.yaml"
TOGETHER = 8
IS_NIGHT = bool(os.environ.get("CAREPATH_NIGHTLY"))
KINDS = ("capacity", "goal", "bedmix", "sensitivity", "morris")

QUESTIONS = textwrap.dedent(
    f"""
    import sys
    import carepath_sim as cp
    from carepath_sim.experiment.store import growing, ledger, parts
    ward = cp.load({str(SCENARIOS / "ward.yaml")!r}).with_(
        clock={{"length": "6 d", "warm_up": "2 d", "run_out": "1 d"}})
    ranges = cp.load({str(SCENARIOS / "ranges.yaml")!r})
    ten = cp.load({str(TEN_BEDS)!r}).with_(
        clock={{"length": "20 d", "warm_up": "5 d", "run_out": "2 d"}})
    quick = {{"workers": 1, "engine": "simpy"}}

    def ask(kind, out, **options):
        given = quick | options
        if kind == "capacity":
            return cp.capacity_curve(ward, pool="beds", out=out, **(dict(
                capacities=range(4, 9, 2), targets="p_wait<=0.3", replications=5, most=6) | given))
        if kind == "goal":
            return cp.goal(ward, "demand", "p_wait[beds]<=0.3", out=out, **(dict(
                low=0.5, high=2, step=0.5, replications=5, most=15) | given))
        if kind == "bedmix":
            return cp.bed_mix(ten, "community_beds", out=out, **(dict(
                streams=("step_up", "step_down"), policies=("ring_fenced", "shared"),
                splits=(2, 4), replications=3, max_replications=13) | given))
        return cp.sensitivity(ranges, "morris" if kind == "morris" else "tornado", out=out, **(dict(
            measures=["bed_days[ward]"], parameters=["pools.*", "services.ward.next.*"],
            trajectories=2, replications=2) | given))
    """
)
WORLD: dict[str, Any] = {}
exec(QUESTIONS, WORLD)  # noqa: S102 - what processes that are killed run, and what these tests run

PROGRAM = QUESTIONS + textwrap.dedent(
    f"""
    parts.PART = {TOGETHER}
    import os, signal
    kind, out, last = sys.argv[1], sys.argv[2], int(sys.argv[3])
    real = ledger.Ledger.add
    def add(self, *arguments):
        global last
        real(self, *arguments)
        last -= 1
        if last < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    ledger.Ledger.add = add
    ask(kind, out, resume=True)
    """
)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", TOGETHER)


@pytest.fixture
def ask() -> Callable[..., Any]:
    asked: Callable[..., Any] = WORLD["ask"]
    return asked


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Path], None]:
    """Return what lays an answer that nothing interrupted into a folder."""
    known: dict[str, Path] = {}

    def copy(kind: str, folder: Path) -> None:
        if kind not in known:
            known[kind] = tmp_path_factory.mktemp("answers") / kind
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(parts, "PART", TOGETHER)
                WORLD["ask"](kind, known[kind])
        shutil.copytree(known[kind], folder, dirs_exist_ok=True)

    return copy


@pytest.fixture
def whole(
    answered: Callable[[str, Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, bytes]]:
    """Return the files of an answer that nothing interrupted."""

    def files(kind: str) -> dict[str, bytes]:
        path = tmp_path_factory.mktemp("copies")
        answered(kind, path)
        return results(path)

    return files


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, int]]:
    """What is simulated in this process: the last scenario of each task, the base of a pair not."""
    found: Counter[tuple[str, int]] = Counter()
    for module in (evaluate, paired):
        real = module.simulate_all_to_bytes

        def simulate(task: Any, real: Any = real) -> Any:
            for one in task.scenarios[1:] or task.scenarios:
                found[one.digest, task.replication] += 1
            return real(task)

        monkeypatch.setattr(module, "simulate_all_to_bytes", simulate)
    return found


def results(path: Path) -> dict[str, bytes]:
    """Every file but the manifests and the ledger, which know wall times."""
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.suffix in {".parquet", ".csv", ".part"} or file.name == "asked.json"
    }


def done(path: Path) -> set[tuple[int, int]]:
    ledger = Ledger(path / "store", read_only=True)
    found = ledger.done()
    ledger.close()
    return found


# All have the same store; a bed mix asks it the most, and stands for the others by day.
@pytest.mark.parametrize("kind", ["goal", "bedmix", "morris"] if IS_NIGHT else ["bedmix"])
def test_interrupted_again_and_again_it_ends_as_if_nothing_had_been(
    ask: Callable[..., Any],
    whole: Callable[[str], dict[str, bytes]],
    simulated: Counter[tuple[str, int]],
    tmp_path: Path,
    kind: str,
) -> None:
    """After every twelfth replication: Ctrl-C; nothing that is kept is simulated again."""
    expected = whole(kind)
    simulated.clear()
    for _ in range(200):
        seen: list[int] = []

        def enough(done: int, _total: int, seen: list[int] = seen) -> None:
            if done not in seen:
                seen.append(done)
            if len(seen) > 12:
                raise KeyboardInterrupt

        try:
            ask(kind, tmp_path, resume=True, progress=enough)
        except KeyboardInterrupt as error:
            assert "--resume goes on with them" in str(error)  # noqa: PT017 - in a loop
        else:
            break
    assert results(tmp_path) == expected
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["complete"]
    # A task of a bed mix is more than one replication, and ends with the base.
    assert set(simulated.values()) == {1}
    # Once more: everything is there.
    simulated.clear()
    ask(kind, tmp_path, resume=True)
    assert not simulated
    assert results(tmp_path) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="no signal that cannot be caught")
@pytest.mark.parametrize("kind", KINDS[:4] if IS_NIGHT else ["bedmix"])
def test_kill_9_costs_nothing_that_was_kept(
    ask: Callable[..., Any],
    whole: Callable[[str], dict[str, bytes]],
    simulated: Counter[tuple[str, int]],
    tmp_path: Path,
    kind: str,
) -> None:
    """The parent dies between two replications; in a bed mix also within one task."""
    last = 4
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, kind, str(tmp_path), str(last)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    kept = done(tmp_path)
    assert len(kept) == last + 1
    expected = whole(kind)
    simulated.clear()
    ask(kind, tmp_path, resume=True)
    assert results(tmp_path) == expected
    left = len(done(tmp_path)) - len(kept)
    # A task of a bed mix is more than one replication, and ends with the base.
    assert simulated.total() <= left if kind == "bedmix" else simulated.total() == left


def test_a_worker_that_is_killed_leaves_no_trace(
    ask: Callable[..., Any], whole: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    """Two processes at work, one of them killed when the first replication is there."""
    killed: list[int] = []

    def progress(finished: int, _total: int) -> None:
        if finished and not killed:
            children = multiprocessing.active_children()
            killed.extend(one.pid or 0 for one in children[:1])
            for one in children[:1]:
                one.kill()

    ask("bedmix", tmp_path, workers=2, progress=progress)
    assert killed
    assert results(tmp_path) == whole("bedmix")


@pytest.mark.parametrize("kind", KINDS if IS_NIGHT else ["capacity", "bedmix"])
def test_a_folder_changes_no_number(ask: Callable[..., Any], tmp_path: Path, kind: str) -> None:
    kept, passing = ask(kind, tmp_path), ask(kind, None)
    one, other = (
        found.summary() if kind == "capacity" else found.table() for found in (kept, passing)
    )
    assert str(one) == str(other)


@pytest.mark.parametrize("what", ["the ledger", "a part", "the journal"])
def test_what_is_damaged_is_done_again(
    ask: Callable[..., Any],
    answered: Callable[[str, Path], None],
    whole: Callable[[str], dict[str, bytes]],
    tmp_path: Path,
    what: str,
) -> None:
    answered("bedmix", tmp_path)
    store = tmp_path / "store"
    if what == "the ledger":
        (store / "ledger.sqlite").write_bytes(b"no ledger any more")
    elif what == "a part":
        part = max(store.glob("replications-*.parquet"))
        part.write_bytes(part.read_bytes()[:100])
    else:
        # As if the base had been lost, and nothing else.
        ledger = Ledger(store)
        block = next(one for one in ledger.blocks() if one[1].start == 0 and 2 in one[2])
        ledger.forget_part(block[0], block[1], block[2])
        ledger.close()
    ask("bedmix", tmp_path, resume=True)
    assert results(tmp_path) == whole("bedmix")


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_costs_nothing(
    ask: Callable[..., Any],
    whole: Callable[[str], dict[str, bytes]],
    simulated: Counter[tuple[str, int]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from carepath_sim.experiment import answers

    expected = whole("goal")
    simulated.clear()
    for module, name in ((parts, "write_parquet"), (answers, "write_csv")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, full)
            with pytest.raises(StoreError, match=r"No space left.*make room, then --resume"):
                ask("goal", tmp_path, resume=True)
    ask("goal", tmp_path, resume=True)
    assert set(simulated.values()) == {1}
    assert results(tmp_path) == expected


def test_what_differs_is_refused_and_named(
    ask: Callable[..., Any], answered: Callable[[str, Path], None], tmp_path: Path
) -> None:
    answered("goal", tmp_path)
    for options, words in (
        ({}, "holds another goal (seed 1); name another folder, or go on with it with --resume"),
        ({"resume": True, "most": 40}, "most: 15 there, 40 now"),
        ({"resume": True, "seed": 2}, "seed: 1 there, 2 now"),
        ({"resume": True, "low": 0.25}, "from: 0.5 there, 0.25 now"),
    ):
        with pytest.raises(FolderInUseError) as refused:
            ask("goal", tmp_path, **options)
        assert words in str(refused.value)
    with pytest.raises(FolderInUseError, match="holds another goal"):
        ask("capacity", tmp_path, resume=True)
    ward = WORLD["ward"]
    with pytest.raises(FolderInUseError, match=r"pools\.beds\.capacity: 6 there, 7 now"):
        cp.goal(
            ward.set("pools.beds.capacity", 7), "demand", "p_wait[beds]<=0.3", out=tmp_path,
            resume=True, low=0.5, high=2, step=0.5, replications=5, most=15, **WORLD["quick"],
        )  # fmt: skip
    # A sweep is no goal, and a goal is no sweep.
    with pytest.raises(FolderInUseError, match="goal"):
        cp.sweep(ward, vary={"pools.beds.capacity": [5]}, out=tmp_path, resume=True)
    with pytest.raises(OptionError, match="folder"):
        ask("goal", None, resume=True)


def test_two_at_once_are_not_possible(
    ask: Callable[..., Any], answered: Callable[[str, Path], None], tmp_path: Path
) -> None:
    answered("goal", tmp_path)
    held = Lock(tmp_path / "store")
    with pytest.raises(StoreInUseError, match=f"process {os.getpid()}"):
        ask("goal", tmp_path, resume=True)
    held.release()
    ask("goal", tmp_path, resume=True)


def test_a_question_that_is_no_question_leaves_the_folder_free(
    ask: Callable[..., Any], tmp_path: Path
) -> None:
    with pytest.raises(OptionError, match="moon"):
        ask("capacity", tmp_path, measures=["p_wait[moon]"])
    assert [file.name for file in tmp_path.iterdir()] == []
    ask("capacity", tmp_path)


def test_every_point_can_be_read_as_a_run(
    answered: Callable[[str, Path], None], tmp_path: Path
) -> None:
    """What lies in the store is what `run` gives for the settings of the point."""
    for kind in ("bedmix", "sensitivity"):
        answered(kind, tmp_path / kind)
        study = cp.read_sweep(tmp_path / kind)
        assert study.complete
        assert "up to" in str(study)
        for point in (0, len(study.points) - 1):
            result = study.result(point)
            again = cp.run(
                result.scenario, replications=len(result.done), workers=1, engine="simpy"
            )
            rows = [
                [repr(row) for row in one.rows][: len(again.done[k].rows)]
                for k, one in enumerate(result.done)
            ]
            assert rows == [[repr(row) for row in one.rows] for one in again.done]
    names = cp.read_sweep(tmp_path / "sensitivity").design.columns
    assert "services.ward.next.to.home" in names
