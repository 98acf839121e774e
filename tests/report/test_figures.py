"""Every picture says what it shows, in which unit, where it comes from, and in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import carepath_sim as cp
from carepath_sim.experiment.capacity import capacity_curve
from carepath_sim.report import figures
from carepath_sim.report.exhibits import exhibit
from carepath_sim.report.heat import ink
from carepath_sim.report.told import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.axes import Axes

    from carepath_sim.experiment.compare import Comparison

mpl.use("Agg")

HERE = Path(__file__).parents[1] / "experiment" / "scenarios"
RATES = ("3 per d", "4 per d", "5 per d")
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TEN_BEDS = Path(__file__).parents[2] / "docs" / "cookbook" / "sharing-policies.yaml"
SHORT = {"clock.length": "60 d", "clock.warm_up": "0 d", "clock.run_out": "14 d"}


def _one(drawn: Any) -> Axes:
    first: Axes = drawn[0] if isinstance(drawn, list) else drawn
    return first


@pytest.fixture(scope="module")
def drawers(
    comparison: Comparison, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Callable[[], Axes]]:
    """Return what draws each picture that a reader may ask for, by name."""
    ward, ranges = (cp.load(HERE / f"{name}.yaml") for name in ("ward", "ranges"))
    run = comparison.base
    curve = capacity_curve(
        ward, pool="beds", capacities=[4, 6], targets="p_wait<=0.2", replications=3, most=3,
        workers=1, engine="simpy",
    )  # fmt: skip
    mix = cp.bed_mix(
        cp.load(TEN_BEDS, sets=SHORT), "community_beds", streams=("step_up", "step_down"),
        policies=("ring-fenced", "priority"), splits=(2, 5), replications=2, max_replications=2,
        workers=1,
    )  # fmt: skip
    study = cp.sweep(
        ward, vary={"pools.beds.capacity": [4, 6]}, replications=2, workers=1,
        out=tmp_path_factory.mktemp("figures") / "study",
    )  # fmt: skip
    grid = cp.sweep(
        ward, vary={"pools.beds.capacity": [4, 6, 8], "arrivals.people.rate": RATES},
        replications=2, workers=1,
    )  # fmt: skip
    found = {
        name: cp.sensitivity(
            ranges, measures=("bed_days[ward]",), method=name, replications=2, workers=1, **more
        )
        for name, more in (("tornado", {}), ("morris", {"trajectories": 2}))
    }
    doubt = cp.uncertainty(
        ranges, ranges.set("pools.beds.capacity", 60), draws=16, replications=2, workers=1,
        measures=("bed_days[ward]", "p_wait[beds]"), targets="p_wait[beds]<=10%",
    )  # fmt: skip
    file = tmp_path_factory.mktemp("stays") / "stays.csv"
    file.write_text("Days\n" + "\n".join(map(str, (1, 2, 2, 3, 3, 4, 5, 6, 8, 9, 12, 20))))
    stays = cp.fit_los(file, days="Days", rounding="nearest")
    area = cp.run(cp.load("rutland/to-be", sets=SHORT), replications=2, workers=1)
    settling = cp.warm_up(ward, days=120, replications=2, workers=1)
    return {
        "occupancy": lambda: run.plot.occupancy("acute_beds"),
        "delays": run.plot.delays,
        "standards": area.plot.standards,
        "scorecard": area.plot.scorecard,
        "flows": run.plot.flows,
        "arrivals": run.plot.arrivals,
        "timeline": lambda: run.plot.timeline(story="reg"),
        "pathway": run.plot.pathway,
        "forest": comparison.plot,
        "capacity curve": lambda: _one(curve.plot("p_wait")),
        "capacity curves": lambda: _one(curve.plot()),
        "goal": curve.answer.plot,  # type: ignore[union-attr]
        "heat map": mix.plot.heat_map,
        "frontier": mix.plot.frontier,
        "sweep": lambda: study.plot.curve("p_wait[beds]"),
        "sweep map": lambda: grid.plot.map("p_wait[beds]"),
        "tornado": found["tornado"].plot.effects,
        "morris": found["morris"].plot.effects,
        "stay fits": lambda: stays.plot().axes[0],
        "arrival fits": lambda: cp.fit_arrivals(EXAMPLES / "referrals.csv").plot().axes[0],
        "bands": lambda: doubt.plot.bands("p_wait[beds]"),
        "differences of draws": doubt.plot.differences,
        "worth knowing": lambda: doubt.plot.knowing("difference of p_wait[beds]"),
        "warm-up": lambda: settling.plot().axes[0],
    }


NAMES = (
    *("occupancy", "delays", "standards", "flows", "arrivals", "timeline", "pathway", "forest"),
    *("capacity curve", "capacity curves", "goal", "heat map", "frontier", "sweep", "tornado"),
    *("morris", "warm-up", "scorecard", "bands", "differences of draws", "worth knowing"),
    *("stay fits", "arrival fits"),
)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_carries_its_words(name: str, drawers: dict[str, Callable[[], Axes]]) -> None:
    axes = drawers[name]()
    said = told(axes)
    figure = axes.get_figure(root=True)
    assert figure is not None
    seen = " ".join(
        " ".join(one.get_text().split())
        for one in figure.findobj(mpl.text.Text)
        if one.get_visible()
    )
    assert len(said.title) > 12
    assert said.title.removeprefix("Pathway: ") in seen, "what it shows is written on it"
    assert said.source.startswith("Source: carepath-sim ")
    assert said.source in seen, "where it comes from is written on it"
    assert len(said.text) > 60
    assert said.text.rstrip().endswith((".", "!", "?", ")"))
    table = figures.data_table(axes)
    assert len(table) > 0
    assert len(table.columns) > 1
    assert all(len(row) == len(said.grid.heads) for row in said.grid.rows)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_fits_into_a_page(name: str, drawers: dict[str, Callable[[], Axes]]) -> None:
    shown = exhibit(drawers[name](), "one")
    assert "<image" not in shown.svg
    assert shown.svg.startswith("<svg ")
    assert "<title" in shown.svg
    assert "<desc" in shown.svg


def test_words_in_a_map_are_read_on_every_colour() -> None:
    """Either black or white has a contrast of 4.5 to 1 on any colour, and `ink` takes that one."""
    draws = np.random.default_rng(1)
    for colour in draws.random((200, 3)):
        linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
        light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05
        contrast = light / 0.05 if ink(colour) == "black" else 1.05 / light
        assert contrast >= 4.5
