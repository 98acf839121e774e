"""A sweep over two fields as a map: every point in its cell, and nothing where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

import carepath_sim as cp
from carepath_sim.experiment.batch import OptionError
from carepath_sim.report.lines import number
from carepath_sim.report.sweep_map import is_map
from carepath_sim.report.sweeps import MOST_LINES, save_pictures
from carepath_sim.report.told import told

if TYPE_CHECKING:
    from carepath_sim.experiment.study import Study

mpl.use("Agg")

WARD = Path(__file__).parents[1] / "experiment" / "scenarios" / "ward.yaml"
BEDS, RATE, FIGURE = "pools.beds.capacity", "arrivals.people.rate", "p_wait[beds]"
RATES = ("3 per d", "4 per d", "5 per d")


def swept(*, reps: int = 2, **options: object) -> Study:
    ward = cp.load(WARD, sets=("clock.length=3 d", "clock.warm_up=0 d"))
    return cp.sweep(ward, replications=reps, workers=1, engine="simpy", **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def grid() -> Study:
    return swept(vary={BEDS: range(4, 9), RATE: RATES})


def test_every_point_stands_in_its_cell_with_the_largest_on_top(grid: Study) -> None:
    axes = grid.plot.map(FIGURE, x=RATE)
    across = [label.get_text() for label in axes.get_xticklabels()]
    up = [label.get_text() for label in axes.get_yticklabels()]
    assert across == list(RATES)
    assert up == ["8", "7", "6", "5", "4"]
    written = {one.get_position(): one.get_text() for one in axes.texts}
    rows = grid.figures(FIGURE).to_dict("records")
    assert len(rows) == len(written) == 15
    for row in rows:
        place = (across.index(row[RATE]), up.index(str(row[BEDS])))
        assert written[place] == (number(row["mean"], "%") or "-")
    # The first row of the cells is drawn on top.
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert "[%]" in told(axes).title
    plt.close("all")


def test_a_map_is_of_two_fields(grid: Study) -> None:
    assert is_map(grid)
    with pytest.raises(OptionError, match="does not vary"):
        grid.plot.map(FIGURE, x="clock.length")
    with pytest.raises(OptionError, match="both axes"):
        grid.plot.map(FIGURE, x=BEDS, y=BEDS)
    line = swept(vary={BEDS: [4, 6, 8]})
    assert not is_map(line)
    with pytest.raises(OptionError, match="two fields"):
        line.plot.map(FIGURE)


def test_points_that_were_not_simulated_stay_white(tmp_path: Path) -> None:
    design = tmp_path / "design.csv"
    design.write_text(f"{BEDS},{RATE}\n4,3 per d\n6,4 per d\n8,5 per d\n")
    few = swept(design=design)
    assert not is_map(few)
    axes = few.plot.map(FIGURE)
    words = [one.get_text() for one in axes.texts]
    assert (len(words), words.count("-")) == (9, 6)
    plt.close("all")


def test_a_map_is_saved_in_the_place_of_too_many_lines(grid: Study, tmp_path: Path) -> None:
    save_pictures(grid, [FIGURE], tmp_path)
    assert {one.name for one in tmp_path.glob("*.png")} == {
        "curve-p-wait-beds.png", "map-p-wait-beds.png",
    }  # fmt: skip
    rates = [f"{k / 10} per d" for k in range(30, 31 + MOST_LINES)]
    wide = swept(vary={BEDS: range(4, 7), RATE: rates}, reps=1)
    other = tmp_path / "wide"
    other.mkdir()
    save_pictures(wide, [FIGURE], other)
    assert {one.name for one in other.glob("*.png")} == {"map-p-wait-beds.png"}
    plt.close("all")
