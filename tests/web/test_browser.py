"""The page in a real browser: load, move a dial, run, read, take away; and whom it talks to.

Takes a minute or two and needs Chromium, so that it runs in the nightly round only. With
CAREPATH_PICTURES=FOLDER it leaves pictures there, to be looked at.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest

pytest.importorskip("streamlit")
pytest.importorskip("tornado")

from tests.web.chromium import PROGRAM, Browser

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("CAREPATH_NIGHTLY") != "1" or PROGRAM is None,
        reason="set CAREPATH_NIGHTLY=1, with Chromium installed",
    ),
]

SLIDER = ".stSlider [role=slider], .stSlider input[type=range]"
LOADED = f"document.querySelectorAll({SLIDER!r}).length > 3"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the page as a person would start it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "carepath_sim.cli", "web", "--port", str(port)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    found = f"http://127.0.0.1:{port}"
    ends = time.monotonic() + 60
    while True:
        try:
            urlopen(f"{found}/_stcore/health").close()  # noqa: S310 - our own server
            break
        except URLError:
            assert time.monotonic() < ends
            time.sleep(0.2)
    yield found
    server.send_signal(signal.SIGINT)
    server.wait(30)


def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("CAREPATH_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("width", [1280, 820])
def test_question_of_the_beds_is_answered_in_a_browser(
    address: str, width: int, tmp_path: Path
) -> None:
    folder = pictures(tmp_path)
    with Browser(tmp_path, width) as browser:
        browser.call(
            "Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path / "down")
        )
        browser.go(address)
        browser.wait(LOADED, 60)
        browser.picture(folder / f"web-{width}-pathway.png")
        browser.press("Answer it")
        browser.wait("document.body.innerText.includes('Every figure')", 600)
        assert "Ring-fence 40 for step-up" in browser.text()
        browser.picture(folder / f"web-{width}-answer.png")
        for part in ("Delays by reason", "Cost by payer"):
            browser.press(part)
            browser.wait("!!document.querySelector('.vega-embed svg, .vega-embed canvas')", 30)
            time.sleep(1.0)
            browser.picture(folder / f"web-{width}-{part.split()[0].lower()}.png")
        browser.press("Take away")
        for label in ("Scenario files (YAML)", "Report (HTML)", "Workbook (Excel)"):
            browser.press(label, 180)
        ends = time.monotonic() + 180
        names: set[str] = set()
        while len(names) < 3:
            assert time.monotonic() < ends, names
            time.sleep(0.3)
            names = {one.name for one in (tmp_path / "down").glob("buckinghamshire-*[!d]")}
        assert names == {f"buckinghamshire-{one}" for one in FILES}
        # Nothing is wider than the window: a tablet needs no scrolling to the side.
        assert browser.value("document.documentElement.scrollWidth") <= width
        own = (address, address.replace("http", "ws"), "data:", "blob:", "about:")
        assert [one for one in browser.asked() if not one.startswith(own)] == []


FILES = ("scenarios.zip", "report.html", "results.xlsx")


def test_dial_is_moved_and_a_run_cancelled_in_a_browser(address: str, tmp_path: Path) -> None:
    with Browser(tmp_path, 1280) as browser:
        browser.go(address)
        browser.wait(LOADED, 60)
        browser.value(f"document.querySelector({SLIDER!r}).focus()")
        for kind in ("rawKeyDown", "keyUp"):
            browser.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key="ArrowRight",
                code="ArrowRight",
                windowsVirtualKeyCode=39,
            )
        browser.wait("document.body.innerText.includes('126 beds')", 30)
        browser.press("Run")
        browser.press("Cancel")
        browser.wait("document.body.innerText.includes('The run was ended')", 30)
