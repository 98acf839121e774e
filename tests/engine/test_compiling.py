"""Living with Numba: where compiled code lies, and that it is never of other sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from carepath_sim.engine import compiling
from carepath_sim.engine.errors import OutOfRoomError
from carepath_sim.engine.kernel import columns, loop, memory
from carepath_sim.engine.kernel.parts import PARTS, callees_first
from carepath_sim.engine.kernel.tables import State

ROOT = Path(__file__).parents[2]
FIND = "from carepath_sim.engine.rules_programmes import find_at; print(find_at(10, 7.0, 3))"


def run(code: str, package: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh process that knows nothing of this one's cache."""
    env = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    env |= {"PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=package,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return the folder of a copy of the package that may be changed."""
    shutil.copytree(
        ROOT / "carepath_sim",
        tmp_path / "copy" / "carepath_sim",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return tmp_path / "copy"


def test_a_stale_cache_never_gives_an_old_answer(package: Path, tmp_path: Path) -> None:
    """Not even where the changed file has the size and the date of the old one."""
    cache = str(tmp_path / "cache")
    before = run(FIND, package, XDG_CACHE_HOME=cache).stdout.strip()
    source = package / "carepath_sim" / "engine" / "rules_programmes.py"
    stamp, text = source.stat(), source.read_text(encoding="utf-8")
    changed = text.replace("interval + 0.5", "interval + 9.5")
    assert changed != text
    source.write_text(changed, encoding="utf-8")
    os.utime(source, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert source.stat().st_size == stamp.st_size
    after = run(FIND, package, XDG_CACHE_HOME=cache).stdout.strip()
    assert (before, after) == ("31", "40")


@pytest.mark.parametrize("room", ["engine/kernel/loop.py", "engine/rules.py", "plan/tables.py"])
def test_the_fingerprint_changes_with_every_source(
    package: Path, monkeypatch: pytest.MonkeyPatch, room: str
) -> None:
    monkeypatch.setattr(compiling, "PACKAGE", package / "carepath_sim")
    before = compiling.fingerprint()
    with (package / "carepath_sim" / room).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert compiling.fingerprint() != before


def test_a_home_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder", encoding="ascii")
    done = run(FIND, XDG_CACHE_HOME=str(blocked), HOME=str(blocked))
    assert (done.stdout.strip(), done.stderr) == ("31", "")


def test_nothing_is_written_beside_the_sources(package: Path, tmp_path: Path) -> None:
    """An installation may be read-only."""
    before = sorted(package.rglob("*"))
    assert run(FIND, package, XDG_CACHE_HOME=str(tmp_path / "cache")).stdout.strip() == "31"
    assert sorted(package.rglob("*")) == before
    assert list((tmp_path / "cache").rglob("*.nbi"))


def test_who_has_loaded_numba_before_gets_the_same_cache(tmp_path: Path) -> None:
    code = "import numba; " + FIND + "; print(numba.config.CACHE_DIR)"
    said = run(code, XDG_CACHE_HOME=str(tmp_path)).stdout.split()
    assert said == ["31", str(tmp_path / "carepath-sim" / compiling.fingerprint())]


def test_a_cache_that_somebody_names_is_divided_by_sources(tmp_path: Path) -> None:
    code = FIND + "; import os; print(os.environ['NUMBA_CACHE_DIR'])"
    said = run(code, NUMBA_CACHE_DIR=str(tmp_path)).stdout.split()
    assert Path(said[1]).name == compiling.fingerprint()
    assert tmp_path in Path(said[1]).parents


def test_parts_stand_behind_all_that_they_call() -> None:
    """The linker must know the place of what is called."""
    assert loop.run
    order = [PARTS[one][0].rsplit(".", 1)[1] for one in callees_first()]
    assert len(order) == len(PARTS) > 50
    assert order.index("draw_length") < order.index("start_clock") < order.index("advance")


def test_a_table_that_finds_no_memory_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(_table: np.ndarray) -> np.ndarray:
        raise MemoryError

    state = State(*(np.zeros((8, 2), dtype=np.int64) for _ in State._fields))
    monkeypatch.setattr(memory, "_doubled", no_memory)
    with pytest.raises(OutOfRoomError, match="no memory for 16 events ahead"):
        memory.grown(state, columns.FULL_AGENDA)
