"""The pathway as text for Mermaid and as a picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from carepath_sim.report.diagram import draw_pathway, mermaid, pathway_figure
from carepath_sim.report.pathway import pathway, share_text

if TYPE_CHECKING:
    from pathlib import Path

    from carepath_sim.scenario.model import Scenario


def edges(scenario: Scenario) -> dict[tuple[str, str, str], str]:
    return {(edge.tail, edge.head, edge.kind): edge.label for edge in pathway(scenario).edges}


def test_ways_on_carry_their_shares(before: Scenario) -> None:
    found = edges(before)
    assert found["gp", "acute", "route"] == "40 %"
    assert found["acute", "acht_referral", "route"] == "30 %"
    assert found["reablement", "package", "route"] == "30 %"


def test_a_certain_way_needs_no_share(before: Scenario) -> None:
    assert edges(before)["acht_referral", "acht", "route"] == ""


def test_crises_lead_from_home_to_where_they_are_answered(before: Scenario) -> None:
    found = edges(before)
    assert found["home", "gp", "demand"] == "fall"
    assert found["home", "acute", "demand"] == "infection"


def test_who_can_wait_no_longer_is_drawn_apart(before: Scenario) -> None:
    assert edges(before)["community_hospital", "acute", "diversion"] == "not within 24 h"


def test_what_comes_alongside_a_stay_is_drawn_beside_it(before: Scenario) -> None:
    nurse = {"in_place": True, "stay": "1 h"}
    services = {"nurse": nurse, "reablement": {"alongside": ["nurse"]}}
    assert edges(before.with_(services=services))["reablement", "nurse", "beside"] == "alongside"


def test_ways_home_and_out_stand_in_the_box(before: Scenario) -> None:
    ends = {node.name: node.ends for node in pathway(before).nodes}
    assert ends["acute"] == ("back 45 %", "died 5 %")
    assert ends["home_care"] == ("home",)


def test_shares_that_depend_on_the_person_are_a_range(before: Scenario) -> None:
    route = [
        {"when": {"frailty": "severe"}, "to": {"acute": 0.5, "home": 0.5}},
        {"to": {"acute": 0.2, "home": 0.4, "community_hospital": 0.4}},
    ]
    found = edges(before.with_(services={"gp": {"next": route}}))
    assert found["gp", "acute", "route"] == "20-50 %"
    assert found["gp", "community_hospital", "route"] == "40 %"


def test_a_condition_stands_in_words(before: Scenario) -> None:
    route = [{"when": {"frailty": "severe"}, "to": "acute"}, {"to": "community_hospital"}]
    found = edges(before.with_(services={"gp": {"next": route}}))
    assert found["gp", "acute", "route"] == "if frailty severe"


def test_steps_asked_for_together_lead_to_what_follows(before: Scenario) -> None:
    route = {"to": {"all_of": ["acht_referral", "package"], "then": "home_care"}}
    found = edges(before.with_(services={"gp": {"next": route}}))
    assert found["gp", "acht_referral", "route"] == "together"
    assert found["gp", "package", "route"] == "together"
    assert found["acht_referral", "home_care", "route"] == "when all are done"


def test_the_capacity_of_a_pool_stands_in_the_box(before: Scenario) -> None:
    words = {node.name: node.capacity for node in pathway(before).nodes}
    assert words["community_hospital"] == "6 beds"
    assert words["acht_referral"] == ""


def test_every_box_of_the_mermaid_text_is_declared(before: Scenario) -> None:
    text = mermaid(before)
    assert text.startswith("flowchart TD\n")
    declared = set(re.findall(r"^  (at_\w+)[\[({]", text, flags=re.MULTILINE))
    used = set(re.findall(r"(at_\w+) [-=.]+>.*?(?:\|.*?\| )?(at_\w+)$", text, flags=re.MULTILINE))
    assert {name for pair in used for name in pair} <= declared
    assert {f"at_{name}" for name in before.services} <= declared


def test_titles_cannot_break_the_mermaid_text(before: Scenario) -> None:
    text = mermaid(before.set("services.gp.title", 'The "GP" <b>#1</b>'))
    assert "#quot;GP#quot; #lt;b#gt;#35;1#lt;/b#gt;" in text


@pytest.mark.parametrize(
    ("shares", "words"),
    [([0.5], "50 %"), ([0.1, 0.4], "10-40 %"), ([0.001], "0.1 %"), ([0.0], "0 %")],
)
def test_shares_in_words(shares: list[float], words: str) -> None:
    assert share_text(shares) == words


def test_every_service_is_in_the_picture(before: Scenario) -> None:
    axes = pathway_figure(pathway(before)).axes[0]
    words = " ".join(text.get_text() for text in axes.texts)
    for service in before.services.values():
        assert all(word in words for word in service.title.split())


def test_no_text_of_the_picture_leaves_its_box(before: Scenario) -> None:
    """Measured by the renderer itself: titles and small lines lie inside some box."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.patches import FancyBboxPatch

    figure = pathway_figure(pathway(before))
    renderer = FigureCanvasAgg(figure).get_renderer()
    axes = figure.axes[0]
    boxes = [
        patch.get_window_extent(renderer)
        for patch in axes.patches
        if isinstance(patch, FancyBboxPatch)
    ]
    inside = [text for text in axes.texts if text.get_zorder() == 4]
    assert len(inside) >= len(before.services)
    for text in inside:
        extent = text.get_window_extent(renderer)
        holding = [box for box in boxes if box.contains(*extent.min) and box.contains(*extent.max)]
        assert holding, text.get_text()


def test_the_picture_is_the_same_to_the_byte(before: Scenario, tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        draw_pathway(before, tmp_path / name)
    one = (tmp_path / "one.svg").read_bytes()
    assert one == (tmp_path / "two.svg").read_bytes()
    assert b"<title>Pathway: A small county as it is</title>" in one


def test_a_way_of_some_cases_says_so(before: Scenario) -> None:
    route = [
        {"when": {"frailty": "severe"}, "to": {"acute": 0.5, "home": 0.5}},
        {"when": {"frailty": "moderate"}, "to": {"acute": 0.5, "home": 0.5}},
        {"to": "community_hospital"},
    ]
    found = edges(before.with_(services={"gp": {"next": route}}))
    assert found["gp", "acute", "route"] == "50 % in some cases"
