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
PLAY = """(() => { const at = [...document.querySelectorAll('.updatemenu-button')]
    [0].getBoundingClientRect();
    return [at.x + at.width / 2, at.y + at.height / 2]; })()"""
CLOCK = "(document.querySelector('.slider-label') || {}).textContent"


@pytest.mark.parametrize("width", [1280, 820])
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
        x, y = browser.value(PLAY)
        for kind in ("mousePressed", "mouseReleased"):
            browser.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )
        for k in (1, 2):
            ends = time.monotonic() + 60
            while browser.value(CLOCK) == clocks[-1]:
                assert time.monotonic() < ends, clocks
                time.sleep(0.2)
            seen.append(sorted(browser.value(DOTS)))
            clocks.append(browser.value(CLOCK))
            browser.picture(folder / f"film-{width}-{k}.png")
        assert seen[0] != seen[1] != seen[2]
        asked = [one for one in browser.asked() if not one.startswith(("data:", "blob:", "about:"))]
        assert set(asked) <= {film.as_uri()}
