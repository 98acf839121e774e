"""Headless Chromium, driven through its DevTools protocol: what a browser really shows and asks."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self
from urllib.request import Request, urlopen

from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClientConnection, websocket_connect

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """One page in a browser of its own.

    Parameters
    ----------
    folder
        For the profile and for what is downloaded.
    width, height
        Of the window [px].
    """

    def __init__(self, folder: Path, width: int, height: int = 900) -> None:
        assert PROGRAM is not None
        self.folder = folder
        profile = folder / "profile"
        # Without a home of its own a browser that runs already would take the page over.
        self.process = subprocess.Popen(
            [
                PROGRAM,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.loop = IOLoop(make_current=False)
        self.number = 0
        self.events: list[dict[str, Any]] = []
        port = self._port(profile / "DevToolsActivePort")
        made = urlopen(Request(f"http://127.0.0.1:{port}/json/new?about:blank", method="PUT"))
        address = json.load(made)["webSocketDebuggerUrl"]
        self.socket: WebSocketClientConnection = self.loop.run_sync(
            lambda: websocket_connect(address, max_message_size=2**28)
        )
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable")
        # Keys go where the focus is, and a window that nobody sees has none.
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self.loop.close()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def call(self, method: str, **given: Any) -> dict[str, Any]:
        """Send a command and return its answer; what happens meanwhile is kept in `events`."""
        self.number += 1
        number = self.number
        message = json.dumps({"id": number, "method": method, "params": given})
        self.loop.run_sync(lambda: self.socket.write_message(message))
        while True:
            found = json.loads(self.loop.run_sync(self.socket.read_message, timeout=60))
            if found.get("id") == number:
                assert "error" not in found, found
                return found["result"]
            self.events.append(found)

    def go(self, address: str) -> None:
        """Open an address."""
        self.call("Page.navigate", url=address)

    def value(self, script: str) -> Any:
        """Return what a piece of JavaScript comes to."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        return found["result"].get("value")

    def wait(self, script: str, seconds: float = 30.0) -> None:
        """Wait until a piece of JavaScript holds."""
        ends = time.monotonic() + seconds
        while not self.value(script):
            assert time.monotonic() < ends, f"in vain for {script}: {self.text()[-2000:]}"
            time.sleep(0.2)

    def text(self) -> str:
        """Return what stands on the page."""
        return str(self.value("document.body.innerText"))

    def press(self, label: str, seconds: float = 30.0) -> None:
        """Press the button with a label, as soon as it can be pressed."""
        script = (
            "(() => { const found = [...document.querySelectorAll('button')]"
            f".find(b => b.innerText.trim() === {json.dumps(label)} && !b.disabled);"
            " if (found) found.click(); return !!found; })()"
        )
        self.wait(script, seconds)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write a picture of the window, or of all that can be scrolled to."""
        if whole:
            high = self.value(
                "Math.max(...[...document.querySelectorAll('section, div')]"
                ".map(e => e.scrollHeight))"
            )
            wide = self.value("window.innerWidth")
            self.call(
                "Emulation.setDeviceMetricsOverride",
                width=wide,
                height=min(int(high) + 60, 6000),
                deviceScaleFactor=1,
                mobile=False,
            )
            time.sleep(1.0)
        found = self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(found["data"]))

    def asked(self) -> list[str]:
        """Return the addresses that the page has asked for."""
        self.value("1")
        return [
            one["params"]["request"]["url"]
            for one in self.events
            if one.get("method") == "Network.requestWillBeSent"
        ]

    @staticmethod
    def _port(path: Path) -> int:
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            with suppress(OSError, ValueError, IndexError):
                return int(path.read_text(encoding="utf-8").split()[0])
            time.sleep(0.1)
        raise AssertionError("Chromium did not start")
