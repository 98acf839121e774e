"""The page as a person uses it, without a browser: Streamlit's own way of testing."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import carepath_sim as cp
from carepath_sim.web.desk import LIVE
from carepath_sim.web.outcome import Outcome
from carepath_sim.web.request import Way
from carepath_sim.web.sharing import quick
from tests.web.conftest import SMALL

pytest.importorskip("streamlit")

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from carepath_sim.web.desk import Desk, Look


@pytest.fixture
def opened(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return the page of the small county, opened."""
    from streamlit.testing.v1 import AppTest

    from carepath_sim.web import areas, page
    from carepath_sim.web.serve import APP

    monkeypatch.setenv(areas.OWN, SMALL)
    monkeypatch.setattr(page, "desk", lambda: desk)
    return AppTest.from_file(str(APP), default_timeout=30).run()


def finished(page: AppTest) -> AppTest:
    """Wait until the run is over, and look at the page again."""
    from carepath_sim.web import page as shown

    ends = time.monotonic() + 240
    state = page.session_state
    while shown.desk().look(state["who"], state["key"]).state in LIVE:
        assert time.monotonic() < ends
        time.sleep(0.05)
    page.run()
    assert not any(button.key == "cancel" for button in page.button)
    assert not page.exception
    return page


def slider(page: AppTest, words: str) -> Any:
    return next(one for one in page.slider if words in one.label)


def part(page: AppTest, name: str) -> None:
    """Turn to another part of the page."""
    page.session_state["section"] = name
    page.run()


def html(page: AppTest) -> str:
    """Return everything that the page says in HTML."""
    return "\n".join(one.proto.body for one in page.get("html"))


def test_area_is_shown_with_its_pathway_and_its_dials(opened: AppTest) -> None:
    assert not opened.exception
    assert opened.title[0].value == "Testshire"
    labels = [one.label for one in opened.slider]
    assert labels[:1] == ["Community beds [beds]"]
    assert any("median stay" in label for label in labels)
    assert any("Older people" in label or "Referrals" in label for label in labels)
    assert opened.get("image"), "the pathway is drawn"
    # The documented value is told with its source.
    assert "Documented: 6 beds. Story Appendix 1; quality poor" in html(opened)


def test_quick_question_is_answered_with_intervals(
    opened: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from carepath_sim.web import results

    monkeypatch.setattr(results, "QUICK", {"replications": 5, "least": 4, "seconds": 32.0})
    opened.button(key="quick").click().run()
    finished(opened)
    found = html(opened)
    assert "Share all" in found
    assert "Ring-fence 1 for step-up" in found
    assert "Ring-fence 2 for step-up" in found
    assert "emergency admissions" in found
    shown = opened.session_state["shown"]
    assert 4 <= shown.replications <= 5
    assert f"simulated {shown.replications} times" in found


def test_what_was_moved_is_what_is_run_and_what_is_taken_away(
    opened: AppTest, desk: Desk, tmp_path: Path, until: Callable[..., Look]
) -> None:
    """The scenario file, run with the command in it, gives the figures of the page."""
    desk.limits = replace(desk.limits, papers=True)
    slider(opened, "Community beds").set_value(4)
    opened.run()
    opened.selectbox(key=next(b.key for b in opened.selectbox if "policy" in b.key)).set_value(
        "Ring-fence all"
    ).run()
    opened.slider(key="replications").set_value(2)
    opened.button(key="run").click().run()
    finished(opened)
    shown = opened.session_state["shown"]
    assert shown.labels == ("As written", "4 beds, ring-fence 1 for step-up")
    key = opened.session_state["key"]
    until(desk, opened.session_state["who"], key, papers=True)
    archive = zipfile.ZipFile(io.BytesIO(desk.file(key, "scenarios.zip") or b""))
    archive.extractall(tmp_path)
    names = archive.namelist()
    assert names == ["as-written.yaml", "4-beds-ring-fence-1-for-step-up.yaml"]
    text = (tmp_path / names[1]).read_text(encoding="utf-8")
    assert "carepath compare as-written.yaml" in text
    assert "--replications 2 --seed 1" in text
    again = cp.compare(*(cp.load(tmp_path / name) for name in names), replications=2, workers=1)
    assert tuple(one.scenario.hash() for one in again.results) == shown.hashes
    for k, result in enumerate(again.results):
        figures = result.figures(["emergency_admissions", "delayed_transfer_days"])
        for measure, mean in zip(
            ("emergency_admissions", "delayed_transfer_days"), figures["mean"], strict=True
        ):
            assert shown.one(measure).values[k].mean() == mean
    assert (desk.file(key, "report.html") or b"").startswith(b"<!DOCTYPE html>")
    assert (desk.file(key, "results.xlsx") or b"").startswith(b"PK")


def test_run_is_kept_and_set_beside_another(opened: AppTest) -> None:
    from carepath_sim.web.keeping import Kept

    slider(opened, "Community beds").set_value(4).run()
    opened.slider(key="replications").set_value(2)
    opened.button(key="run").click().run()
    finished(opened)
    opened.button(key="keep").click().run()
    assert [one.name for one in opened.session_state["kept"]] == ["Testshire: 4 beds"]
    # The same figures as of another seed, so that nothing has to be simulated again.
    found = opened.session_state["kept"][0].found
    other = replace(found, request=replace(found.request, seed=2))
    opened.session_state["kept"].append(Kept("Other luck", other))
    part(opened, "Kept runs")
    assert not opened.exception
    sides = ("4 beds (Testshire: 4 beds)", "4 beds (Other luck)")
    assert [box.value for box in opened.selectbox if "side" in box.key] == list(sides)
    assert all(side in html(opened) for side in sides)
    assert "The runs differ in scenario or seed" in html(opened)
    opened.selectbox(key="side:first").set_value("As written (Testshire: 4 beds)").run()
    opened.selectbox(key="side:second").set_value("4 beds (Testshire: 4 beds)").run()
    assert "Both runs have the same people and luck" in html(opened)
    opened.button(key="forget:0").click().run()
    assert [one.name for one in opened.session_state["kept"]] == ["Other luck"]


def test_capacity_curve_is_that_of_the_dials_and_says_when_they_have_moved(
    opened: AppTest, desk: Desk
) -> None:
    policy = {"ring_fenced": {"step_up": 1, "step_down": 3}}
    slider(opened, "Community beds").set_value(4).run()
    opened.selectbox(key=next(b.key for b in opened.selectbox if "policy" in b.key)).set_value(
        "Ring-fence all"
    ).run()
    part(opened, "Capacity curve")
    opened.button(key="draw").click().run()
    finished(opened)
    assert opened.session_state["section"] == "Capacity curve"
    found = html(opened)
    assert "4 replications of each capacity" in found
    assert "Had to wait" in found
    settings = "4 beds, ring-fence 1 for step-up"
    assert f"With these settings: {settings}. Only the number varies, and own beds" in found
    assert not opened.warning
    curve = opened.session_state["curve"]
    assert dict(curve.request.ways[0].sets) == {
        "pools.community_beds.capacity": 4,
        "pools.community_beds.policy": policy,
    }
    assert opened.get("vega_lite_chart") or opened.get("arrow_vega_lite_chart")
    # The same figures as of the command, with the same settings.
    again = cp.capacity_curve(
        cp.load(SMALL, sets=dict(curve.request.ways[0].sets)),
        pool="community_beds",
        capacities=[point.capacity for point in curve.points],
        replications=4,
        workers=1,
    )
    assert [[one[2] for one in point.figures] for point in curve.points] == [
        list(rows["mean"]) for _, rows in again.groupby("capacity", sort=True)
    ]
    slider(opened, "median stay").set_value(slider(opened, "median stay").max).run()
    (words,) = opened.warning
    assert words.value.startswith(f"This curve is out of date. It is of: {settings}.")
    assert "median stay" in words.value
    # Whoever wants the old settings, or none, is told that the curve is up to date.
    opened.button(key="reset").click().run()
    assert opened.warning
    assert "As written" in opened.warning[0].value


def test_curve_may_be_of_any_way_of_the_run_that_is_shown() -> None:
    from carepath_sim.web.curves import _settings

    run = quick(SMALL, "community_beds", ("step_up", "step_down"), 6, (2,))
    found = Outcome(run, ("", ""), ("", ""), "", "", (), "", 4)
    moved = Way("Older people: 110%", (("population.size", 110),))
    as_run = Way("dials", run.ways[1].sets)
    ways = [one.label for one in run.ways]
    assert list(_settings(SMALL, Way("As written"), None)) == ["As written"]
    assert list(_settings(SMALL, Way("As written"), found)) == [*ways, "As written"]
    assert list(_settings(SMALL, moved, found)) == [moved.label, *ways, "As written"]
    assert list(_settings(SMALL, as_run, found)) == ["dials", ways[0], "As written"]
    assert list(_settings("another", moved, found)) == [moved.label, "As written"]


def test_page_that_is_loaded_again_takes_up_its_run(opened: AppTest, desk: Desk) -> None:
    from streamlit.testing.v1 import AppTest

    from carepath_sim.web.serve import APP

    opened.slider(key="replications").set_value(2)
    opened.button(key="run").click().run()
    again = AppTest.from_file(str(APP), default_timeout=30)
    again.query_params["run"] = opened.session_state["key"]
    again.run()
    assert any(button.key == "cancel" for button in again.button)
    # The first one gives it up, as a page that is gone does; the second one still gets it.
    desk.cancel(opened.session_state["who"], opened.session_state["key"])
    finished(again)
    assert again.session_state["shown"].replications == 2
    stranger = AppTest.from_file(str(APP), default_timeout=30)
    stranger.query_params["run"] = "nothing of the kind"
    stranger.run()
    assert not stranger.exception
    assert "shown" not in stranger.session_state


def test_run_can_be_cancelled(opened: AppTest, desk: Desk) -> None:
    opened.slider(key="replications").set_value(48)
    opened.button(key="run").click().run()
    key = opened.session_state["key"]
    opened.button(key="cancel").click().run()
    assert desk.look("anybody", key).state == "ended"
    assert "ended" in opened.info[0].value
    assert not any(button.key == "cancel" for button in opened.button)
