"""Pictures of a person's way and of a pool over time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.figure import Figure
from rich.console import Console

import carepath_sim as cp
from carepath_sim.report.figures import UnknownPoolError
from carepath_sim.report.timeline import draw_timeline, facts, plot_timeline, timeline_text

if TYPE_CHECKING:
    from pathlib import Path

    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.experiment.timeline import Timeline
    from carepath_sim.scenario.model import Scenario


@pytest.fixture(scope="module")
def reg(before: Scenario) -> Timeline:
    return cp.trace(before, story="reg")


def test_the_way_on_the_terminal(reg: Timeline) -> None:
    stream = io.StringIO()
    Console(file=stream, width=120).print(timeline_text(reg))
    text = stream.getvalue()
    assert "Reg goes to hospital and waits there for ACHT." in text
    row = next(line for line in text.splitlines() if "awaiting ACHT" in line)
    assert row.split()[:4] == ["6", "11", "5", "0"]
    assert max(len(line) for line in text.splitlines()) <= 120


def test_what_the_way_comes_to(reg: Timeline) -> None:
    found = dict(facts(reg))
    assert found["Total"] == "77 days"
    assert found["From medically fit to the end of the way"] == "71 days"
    assert found["Days in an acute bed"] == "11"
    assert found["  of which delayed"] == "5"
    assert found["Days at Council reablement"] == "49, 7 of them waiting"
    assert found["Organisations that assessed"] == "2 (ACHT, Council)"


def test_each_stretch_is_a_bar_of_its_length(reg: Timeline) -> None:
    axes = plot_timeline(reg, Figure().add_subplot())
    bars = sorted(
        (round(bar.get_x(), 6), round(bar.get_width(), 6))
        for container in axes.containers
        for bar in container
    )
    assert bars[:-1] == [(0, 6), (6, 5), (11, 10), (21, 7), (28, 42), (56, 21), (70, 7)]


def test_waiting_is_hatched(reg: Timeline) -> None:
    axes = plot_timeline(reg, Figure().add_subplot())
    hatched = [bar for group in axes.containers for bar in group if bar.get_hatch()]
    assert sorted(bar.get_x() for bar in hatched) == [6, 21, 70]


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_way_is_drawn_into_a_file(reg: Timeline, tmp_path: Path, suffix: str) -> None:
    draw_timeline(reg, tmp_path / f"way.{suffix}")
    start = (tmp_path / f"way.{suffix}").read_bytes()[:60]
    assert start.startswith(b"\x89PNG" if suffix == "png" else b"<?xml")


def test_occupancy_is_the_mean_of_the_replications(comparison: Comparison) -> None:
    result = comparison.base
    axes = result.plot.occupancy("community_beds", ax=Figure().add_subplot())
    lines = {line.get_label(): line for line in axes.lines}
    daily = result.daily().query("pool == 'community_beds'")
    expected = daily.groupby("date")["occupancy"].mean().to_numpy()
    assert np.asarray(lines["occupied"].get_ydata()) == pytest.approx(expected)
    assert set(np.asarray(lines["capacity"].get_ydata())) == {6}
    assert "beds" in axes.get_ylabel()


def test_a_capacity_that_changes_is_drawn_as_a_step(before: Scenario) -> None:
    dated = before.set(
        "pools.community_beds.capacity", [{"places": 6}, {"from": "2015-04-11", "places": 9}]
    ).with_(pools={"community_beds": {"policy": "shared"}})
    result = cp.run(dated, replications=1, workers=1)
    axes = result.plot.occupancy("community_beds", ax=Figure().add_subplot())
    capacity = next(line for line in axes.lines if line.get_label() == "capacity")
    assert np.asarray(capacity.get_ydata()).tolist() == [6] * 10 + [9] * 50


def test_a_picture_of_an_unknown_pool_names_the_known_ones(comparison: Comparison) -> None:
    with pytest.raises(UnknownPoolError, match=r"'beds'.*community_beds"):
        comparison.base.plot.occupancy("beds")
