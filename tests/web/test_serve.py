"""Starting the page: on this machine only, and in words where it cannot be started."""

from __future__ import annotations

import socket
from importlib import util
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from carepath_sim.cli.app import app
from carepath_sim.web import serve
from tests.web.conftest import SMALL

if TYPE_CHECKING:
    import pytest


def test_without_the_extra_the_words_to_install_it_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = util.find_spec
    monkeypatch.setattr(
        serve, "find_spec", lambda name: None if name == "streamlit" else found(name)
    )
    result = CliRunner().invoke(app, ["web"])
    assert result.exit_code == 2
    assert "pip install -e '.[web]'" in result.stderr


def test_port_of_somebody_else_is_refused_with_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(app, ["web", "--port", str(port)])
    assert result.exit_code == 2
    assert f"--port {port + 1}" in result.stderr


def test_own_file_that_is_no_scenario_is_refused_before_anything_starts() -> None:
    result = CliRunner().invoke(app, ["web", "nowhere.yaml", "--port", "18765"])
    assert result.exit_code == 2
    assert "nowhere.yaml" in result.stderr


def test_page_listens_to_this_machine_alone_and_tells_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from streamlit.web import cli

    given: list[list[str]] = []
    warmed: list[bool] = []
    monkeypatch.setattr(serve, "_warm", lambda: warmed.append(True))
    monkeypatch.setattr(cli, "main", lambda args, **_: given.append(args))
    monkeypatch.setenv("CAREPATH_WEB_SCENARIOS", "")
    result = CliRunner().invoke(app, ["web", SMALL, "--port", "18766"])
    assert result.exit_code == 0, result.stderr
    assert warmed
    (args,) = given
    assert args[:2] == ["run", str(serve.APP)]
    assert {
        "--server.address=127.0.0.1",
        "--server.port=18766",
        "--browser.gatherUsageStats=false",
        "--server.headless=true",
    } <= set(args)
    assert "http://127.0.0.1:18766" in result.stderr
