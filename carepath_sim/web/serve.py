"""Starting the page: on this machine only, without a word to anybody."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

from carepath_sim.errors import CarepathError

if TYPE_CHECKING:
    from collections.abc import Sequence

ADDRESS: Final = "127.0.0.1"
PORT: Final = 8501
APP: Final = Path(__file__).with_name("app.py")
OPTIONS: Final = {
    # Streamlit listens to every network and reports what is done, unless told otherwise.
    "server.address": ADDRESS,
    "browser.serverAddress": ADDRESS,
    "browser.gatherUsageStats": "false",
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.enableXsrfProtection": "true",
    "server.enableCORS": "true",
    # Nobody uploads anything.
    "server.maxUploadSize": "1",
    "global.developmentMode": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "theme.base": "light",
    "theme.primaryColor": "#12436D",
    "theme.textColor": "#0B0C0C",
}
"""Settings of Streamlit, whatever the user's own files say."""


class NoExtraError(CarepathError):
    """The library for the page is not installed."""


def options(port: int) -> list[str]:
    """Return the options that the page is started with."""
    return [f"--{name}={value}" for name, value in (OPTIONS | {"server.port": port}).items()]


def check(port: int) -> None:
    """Refuse to start where the library or the port is missing.

    Raises
    ------
    NoExtraError
        When Streamlit is not installed.
    CarepathError
        When somebody else listens at the port.
    """
    if find_spec("streamlit") is None:
        raise NoExtraError(
            "the page needs Streamlit, which is not installed: pip install -e '.[web]'"
        )
    with socket.socket() as trial:
        if os.name == "posix":
            # What has just been closed does not count.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((ADDRESS, port))
        except OSError as error:
            raise CarepathError(
                f"--port: {port} cannot be had ({error.strerror}); "
                f"try `carepath web --port {port + 1}`"
            ) from None


def _warm() -> None:
    """Load what the first page needs."""
    from carepath_sim.web import areas, page  # noqa: F401 - the page is only loaded

    # What is wrong with a scenario is told on the page.
    with suppress(CarepathError):
        areas.grounds_of(areas.first())
        areas.dials_of(areas.first())
        areas.pathway_of(areas.first())


def serve(port: int = PORT, scenarios: Sequence[str] = ()) -> None:
    """Serve the page at 127.0.0.1 until it is interrupted.

    Parameters
    ----------
    port
        Where it listens.
    scenarios
        Files of scenarios that can be chosen beside the bundled ones.
    """
    check(port)
    from carepath_sim.web.areas import OWN

    os.environ[OWN] = os.pathsep.join(os.path.abspath(one) for one in scenarios)  # noqa: PTH100
    from click import Abort
    from streamlit.web import cli

    # Whoever opens the page a moment later does not wait for what it takes to show it.
    # It takes a second or two, and is waited for at the end: libraries of C++ mind being cut off.
    Thread(target=_warm, name="carepath-warm").start()
    # Ctrl-C before it listens.
    try:
        cli.main(["run", str(APP), *options(port)], prog_name="carepath web", standalone_mode=False)
    except Abort:
        raise KeyboardInterrupt from None
