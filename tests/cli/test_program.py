"""The program as a whole: start-up, help, exit codes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

import carepath_sim

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result


ROOT = Path(carepath_sim.__file__).parents[1]
COMMANDS = ("list", "validate", "show", "run", "compare", "trace", "animate", "schema", "verify")

# What each command may not load, because it costs a noticeable time.
FORBIDDEN = {
    ("--help",): {"numpy", "scipy", "pandas", "matplotlib", "numba", "pydantic", "simpy", "duckdb"},
    ("list",): {"scipy", "pandas", "matplotlib", "numba", "simpy", "duckdb"},
    ("validate", "{before}"): {"pandas", "matplotlib", "numba", "duckdb"},
}


def alive_in_group(group: int) -> list[str]:
    """Names of processes of a group that are more than an entry that nobody has read."""
    names = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = status.read_text(encoding="utf-8").rsplit(")", 1)
        except (OSError, ValueError):
            continue
        state, _parent, its_group = rest.split()[:3]
        if int(its_group) == group and state != "Z":
            names.append(name)
    return names


def loaded_by(*arguments: Any) -> set[str]:
    """Names of the libraries that a call of the program loads."""
    code = (
        "import sys\n"
        "from carepath_sim.cli import main\n"
        f"sys.argv[1:] = {list(arguments)!r}\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize("arguments", FORBIDDEN)
def test_quick_commands_load_nothing_heavy(arguments: tuple[str, ...], before: str) -> None:
    called = [before if one == "{before}" else one for one in arguments]
    assert not loaded_by(*called) & FORBIDDEN[arguments]


def test_importing_the_package_loads_no_library() -> None:
    code = "import carepath_sim, sys; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert not set(done.stdout.split()) & {"numpy", "pandas", "pydantic", "typer", "rich"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(
    carepath: Callable[..., Result], command: Any
) -> None:
    text = carepath(command, "--help").stdout
    assert f"Example: carepath {command}" in text


def test_help_names_every_command(carepath: Callable[..., Result]) -> None:
    text = carepath("--help").stdout
    assert all(f"│ {command} " in text for command in COMMANDS)


def test_the_version_is_that_of_the_package(carepath: Callable[..., Result]) -> None:
    assert carepath("--version").stdout == f"carepath {carepath_sim.__version__}\n"


def test_the_launcher_beside_the_package_is_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout == f"carepath {carepath_sim.__version__}\n"


def test_public_names_load_when_they_are_used() -> None:
    for name in carepath_sim.__all__:
        assert getattr(carepath_sim, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'sweeep'"):
        _ = carepath_sim.sweeep


def test_an_unknown_scenario_is_wrong_input_without_traceback(
    carepath: Callable[..., Result],
) -> None:
    result = carepath("run", "buckinghamshire/to-bee", code=2)
    assert result.stdout == ""
    assert "no such file or bundled scenario" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_option_is_wrong_input(carepath: Callable[..., Result]) -> None:
    carepath("run", "--replicatons", "3", code=2)


def test_a_field_that_does_not_exist_is_wrong_input(
    carepath: Callable[..., Result], before: str
) -> None:
    result = carepath("run", before, "--set", "pools.comunity_beds.capacity=3", code=2)
    assert "comunity_beds" in result.stderr
    assert "community_beds" in result.stderr  # the nearest known name


def test_an_unknown_engine_is_wrong_input(carepath: Callable[..., Result], before: str) -> None:
    result = carepath("run", before, "--engine", "steam", code=2)
    assert "unknown engine 'steam'" in result.stderr


def test_a_fault_of_the_program_is_one_sentence(
    carepath: Callable[..., Result], before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_options: Any) -> NoReturn:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("carepath_sim.run", broken, raising=False)
    result = carepath("run", before, code=1)
    assert "ZeroDivisionError: a fault" in result.stderr
    assert "--debug" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_fault_of_the_program_shows_itself_when_debugging(
    carepath: Callable[..., Result], before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_options: Any) -> NoReturn:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("carepath_sim.run", broken, raising=False)
    result = carepath("--debug", "run", before, code=1)
    assert isinstance(result.exception, ZeroDivisionError)


def test_a_replication_that_contradicts_itself_is_a_failed_check(
    carepath: Callable[..., Result], before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from carepath_sim.engine.errors import CheckFailedError

    def contradicts(*_args: Any, **_options: Any) -> NoReturn:
        raise CheckFailedError("more people left than came")

    monkeypatch.setattr("carepath_sim.run", contradicts, raising=False)
    result = carepath("run", before, code=1)
    assert "more people left than came" in result.stderr


def test_ctrl_c_ends_with_130(
    carepath: Callable[..., Result], before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_args: Any, **_options: Any) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("carepath_sim.run", interrupted, raising=False)
    result = carepath("run", before, code=130)
    assert "interrupted" in result.stderr


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
@pytest.mark.parametrize("seconds", [0.3, 5], ids=["while workers load", "while they work"])
def test_ctrl_c_at_a_terminal_ends_workers_too_and_keeps_what_is_finished(
    before: str, tmp_path: Path, seconds: float
) -> None:
    """As a terminal does it: the signal goes to the program and to all its workers."""
    out = tmp_path / "run"
    called = [
        *(sys.executable, "-m", "carepath_sim.cli", "run", before),
        *("--replications", "5000", "--workers", "2", "--out", str(out)),
    ]
    # A shell starts what it runs in the background deaf to Ctrl-C, and children inherit that.
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        program = subprocess.Popen(
            called,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    finally:
        signal.signal(signal.SIGINT, heard)
    deadline = time.monotonic() + 60
    while not (out / "manifest.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(seconds)
    os.killpg(program.pid, signal.SIGINT)
    _, errors = program.communicate(timeout=60)
    assert program.returncode == 130, errors
    assert "interrupted" in errors
    assert "Traceback" not in errors
    # The process that Python keeps for its shared resources ends a moment after its master.
    deadline = time.monotonic() + 10
    while alive_in_group(program.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive_in_group(program.pid)
    assert not list(out.glob("*.part"))


def test_a_reader_that_has_seen_enough_is_no_fault(before: str) -> None:
    """What `carepath show ... | head -1` does."""
    program = subprocess.Popen(
        [sys.executable, "-m", "carepath_sim.cli", "show", before],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    assert program.stderr is not None
    assert program.stdout.readline()
    program.stdout.close()
    assert "Traceback" not in program.stderr.read()
    program.wait(timeout=60)
