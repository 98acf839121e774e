"""A film in a real browser: whoever presses play sees people move, and the page asks for nothing.

Takes half a minute and needs Chromium, so that it runs in the nightly round only. With
CAREPATH_PICTURES=FOLDER it leaves pictures there, to be looked at.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import carepath_sim as cp

pytest.importorskip("vidigi")
pytest.importorskip("tornado")

from tests.web.chromium import PROGRAM, Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("CAREPATH_NIGHTLY") != "1" or PROGRAM is None,
        reason="set CAREPATH_NIGHTLY=1, with Chromium installed",
    ),
]

TOWN = Path(__file__).parents[2] / "docs" / "examples" / "town.yaml"
DOTS = """[...document.querySelectorAll('.scatterlayer text')]
    .filter(one => one.textContent === '●')
    .map(one => { const at = one.getBoundingClientRect(); return `${at.x},${at.y}`; })"""
CLOCK = "document.getElementById('clock').textContent"
OUTSIDE = """[...document.querySelectorAll('.scatterlayer text')]
    .map(one => one.getBoundingClientRect())
    .filter(at => at.left < 0 || at.right > innerWidth).length"""


@pytest.mark.parametrize("width", [1280, 820, 390])
def test_people_move_when_play_is_pressed(tmp_path: Path, width: int) -> None:
    film = tmp_path / "film.html"
    cp.animate(cp.load(TOWN), days=3).save(film)
    assert film.stat().st_size < 8_000_000
    folder = Path(os.environ.get("CAREPATH_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    with Browser(tmp_path, width) as browser:
        browser.go(film.as_uri())
        browser.wait(f"({DOTS}).length > 10", 60)
        seen, clocks = [sorted(browser.value(DOTS))], [browser.value(CLOCK)]
        browser.picture(folder / f"film-{width}-0.png")
        # Nobody has to scroll to the side, and no name is cut off.
        assert browser.value("document.documentElement.scrollWidth") <= width
        assert browser.value(OUTSIDE) == 0
        browser.press("▶ Play")
        for k in (1, 2):
            ends = time.monotonic() + 60
            while browser.value(CLOCK) == clocks[-1]:
                assert time.monotonic() < ends, clocks
                time.sleep(0.2)
            seen.append(sorted(browser.value(DOTS)))
            clocks.append(browser.value(CLOCK))
            browser.picture(folder / f"film-{width}-{k}.png")
        assert seen[0] != seen[1] != seen[2]
        browser.press("■ Stop")
        # A tablet that is turned arranges the services anew.
        browser.call(
            "Emulation.setDeviceMetricsOverride",
            width=600,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        browser.wait("document.querySelector('.main-svg').clientWidth < 600", 10)
        assert browser.value(OUTSIDE) == 0
        clock = browser.value(CLOCK)
        time.sleep(1.5)
        assert browser.value(CLOCK) == clock
        asked = [one for one in browser.asked() if not one.startswith(("data:", "blob:", "about:"))]
        assert set(asked) <= {film.as_uri()}
