"""Designs: grids, lists and samples, from the command line, from Python and from files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.points import (
    choices_of,
    grid,
    listed,
    ranges,
    read_vary,
    sample,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("60:100:10", [60, 70, 80, 90, 100]),  # the end belongs to it
        ("60:75:10", [60, 70]),
        ("0.1:0.3:0.1", [0.1, 0.2, 0.3]),  # not 0.30000000000000004
        ("1:2:0.5", [1.0, 1.5, 2.0]),
        ("28 d:42 d:7 d", ["28 d", "35 d", "42 d"]),
        ("10:20:5 %", ["10 %", "15 %", "20 %"]),
        ("-1:1:1", [-1, 0, 1]),
        ("100,125", [100, 125]),
        ("fixed 3 d, exponential", ["fixed 3 d", "exponential"]),
        ("{fixed: 3 d},{lognormal: {mean: 4 d, sd: 2 d}}",
         [{"fixed": "3 d"}, {"lognormal": {"mean": "4 d", "sd": "2 d"}}]),
        ("'a,b',c", ["a,b", "c"]),
        ("true,false", [True, False]),
        ("daily 08:00-20:00,always", ["daily 08:00-20:00", "always"]),
    ],
)  # fmt: skip
def test_values_are_read_as_they_would_be_written(text: str, values: list[Any]) -> None:
    path, choice = read_vary(f"pools.beds.x={text}")
    assert path == "pools.beds.x"
    found = list(choice) if isinstance(choice, tuple) else choice.steps()
    assert found == values
    assert list(map(type, found)) == list(map(type, values))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pools.beds.capacity", "a field and its values are needed"),
        ("=1,2", "a field and its values are needed"),
        ("x=3:1:1", "a range goes up"),
        ("x=1:3:0", "a step is above 0"),
        ("x=1 d:3 h:1 d", "one unit is needed"),
        ("x=1,,2", "a value is missing"),
        ("x={a: 1", "."),
    ],
)
def test_what_cannot_be_read_is_told(text: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        read_vary(text)


def test_a_grid_has_every_combination_the_last_field_changing_fastest() -> None:
    made = grid(choices_of({"a": range(1, 3), "b": ["x", "y"], "c": "5:6:1"}, sampled=False))
    assert [tuple(point.values()) for point in made.points] == [
        *((1, "x", 5), (1, "x", 6), (1, "y", 5), (1, "y", 6)),
        *((2, "x", 5), (2, "x", 6), (2, "y", 5), (2, "y", 6)),
    ]
    assert made.columns == ("a", "b", "c")


def test_numbers_of_numpy_become_those_of_python() -> None:
    made = grid(choices_of({"a": np.arange(2), "b": np.linspace(0, 1, 2)}, sampled=False))
    assert [type(value) for value in made.points[0].values()] == [int, float]


def test_a_grid_without_step_says_what_to_do() -> None:
    with pytest.raises(OptionError, match=r"60:160:STEP.*--sample"):
        grid(choices_of({"a": "60:160"}, sampled=False))


def test_far_too_many_points_are_refused_before_they_are_made() -> None:
    with pytest.raises(OptionError, match="1,000,000,000 points"):
        grid(choices_of(dict.fromkeys("abc", "1:1000:1"), sampled=False))


def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_field() -> None:
    made = sample(choices_of({"a": "0.0:1.0", "b": "10.0:20.0"}, sampled=True), 20, "lhs")
    for path, low, width in (("a", 0.0, 1.0), ("b", 10.0, 10.0)):
        shares = [(point[path] - low) / width for point in made.points]
        assert sorted(int(share * 20) for share in shares) == list(range(20))


def test_a_scrambled_sobol_sequence_is_balanced_at_powers_of_two() -> None:
    """Of 16 points in two dimensions each of 4 x 4 boxes holds one: a (0, 4, 2)-net in base 2."""
    made = sample(choices_of({"a": (0.0, 1.0), "b": (0.0, 1.0)}, sampled=True), 16, "sobol")
    boxes = {(int(point["a"] * 4), int(point["b"] * 4)) for point in made.points}
    assert len(boxes) == 16
    assert made.notices == ()
    assert "powers of two" in sample({"a": read_vary("a=0.0:1.0")[1]}, 12, "sobol").notices[0]


def test_whole_ends_give_whole_numbers_equally_often_and_words_too() -> None:
    choices = choices_of({"a": "1:4", "b": "10:20:5", "c": ["x", "y"]}, sampled=True)
    made = sample(choices, 48, "lhs")
    assert {type(point["a"]) for point in made.points} == {int}
    assert {point["a"] for point in made.points} == {1, 2, 3, 4}
    assert {point["b"] for point in made.points} == {10, 15, 20}
    assert {point["c"] for point in made.points} == {"x", "y"}
    # 48 points on 24 different ones: equal points are done once, and that is said.
    assert len(made.points) <= 24
    assert "each is done once" in made.notices[0]


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    choices = choices_of({"a": "0.0:1.0"}, sampled=True)
    assert sample(choices, 5, "lhs", 3) == sample(choices, 5, "lhs", 3)
    assert sample(choices, 5, "lhs", 3) != sample(choices, 5, "lhs", 4)


def test_a_sample_without_size_or_of_unknown_kind_is_refused() -> None:
    with pytest.raises(OptionError, match="number of its points"):
        sample({"a": (1, 2)}, None, "lhs")
    with pytest.raises(OptionError, match="known: lhs, sobol"):
        sample({"a": (1, 2)}, 3, "dice")


def test_a_list_comes_from_a_file_a_frame_or_mappings(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text(
        'point,pools.a.capacity,services.b.stay\n0,3,"{fixed: 3 d}"\n1,,5 d\n', encoding="utf-8"
    )
    points = ({"pools.a.capacity": 3, "services.b.stay": {"fixed": "3 d"}},
              {"services.b.stay": "5 d"})  # fmt: skip
    assert listed(file).points == points
    assert listed(points).points == points
    frame = pd.DataFrame({"pools.a.capacity": [3, 4]})
    assert listed(frame).points == ({"pools.a.capacity": 3}, {"pools.a.capacity": 4})


def test_a_design_read_back_from_its_own_table_is_the_same(tmp_path: Path) -> None:
    from carepath_sim.experiment.writing import write_csv

    made = grid(choices_of({"a": ["=1+1", -3, {"x": 1}], "b": [True, 0.1]}, sampled=False))
    write_csv(tmp_path / "design.csv", made.table())
    assert listed(tmp_path / "design.csv").points == made.points


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("a,b\n1\n", "row 2: 2 cells are needed, not 1"),
        ("a,a\n1,2\n", "a name of its own"),
        ("a\n", "has no point"),
    ],
)
def test_a_file_that_is_no_design_is_told(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "points.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OptionError, match=words):
        listed(file)
    with pytest.raises(OptionError, match="cannot be read"):
        listed(tmp_path / "absent.csv")


def test_ranges_of_a_sample_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ranges.csv"
    file.write_text("path,low,high,step\na,1,9,\nb,1 d,3 d,1 d\n", encoding="utf-8")
    made = sample(ranges(file), 9, "lhs")
    assert {point["b"] for point in made.points} == {"1 d", "2 d", "3 d"}
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(OptionError, match="path, low and high are needed"):
        ranges(file)
