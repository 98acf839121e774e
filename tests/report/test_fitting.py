"""Tables that lose nothing where lines are short."""

from __future__ import annotations

import io
import re

import pytest
from rich import box
from rich.console import Console

from carepath_sim.report.fitting import Fitted

HEADS = ("Capacity", "Emergency admissions", "Delayed transfer days", "Share in use [%]", "Costs")
FIGURES = ("16,100 ± 77.1", "6,472 ± 199", "74.8 ± 1.2", "108,414 ± 358")


def table(*, title: str = "A curve") -> Fitted:
    made = Fitted(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for name in HEADS:
        # Brackets of a heading are no markup.
        made.add_column(name.replace("[", "\\["), justify="right")
    for capacity in ("100", "125"):
        made.add_row(capacity, *FIGURES)
    return made


def printed(made: Fitted, width: int) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False).print(made)
    return stream.getvalue()


@pytest.mark.parametrize("width", [120, 80, 60, 40, 30])
def test_every_figure_is_whole_at_every_width(width: int) -> None:
    text = printed(table(), width)
    assert all(len(line) <= width for line in text.splitlines())
    assert "…" not in text
    for figure in FIGURES:
        assert text.count(figure) == 2, figure


@pytest.mark.parametrize("width", [80, 40, 30])
def test_the_first_column_stands_in_every_part(width: int) -> None:
    text = printed(table(), width)
    parts = len(re.findall(r"─{5,}", text))
    assert parts == text.count("Capacity") == len(re.findall(r"^ +125 ", text, re.MULTILINE))
    assert text.count("A curve") == parts
    assert (parts > 1) == (width < 80)


def test_words_of_headings_are_not_broken() -> None:
    words = set(re.findall(r"\w+", " ".join(HEADS)))
    for width in (90, 60, 34):
        assert words <= set(re.findall(r"\w+", printed(table(), width)))


def test_with_room_for_all_there_is_one_part() -> None:
    text = printed(table(), 120)
    assert text.count("A curve") == 1
    assert "more columns" not in text


def test_where_not_even_two_columns_have_room_cells_are_folded() -> None:
    made = Fitted(box=box.SIMPLE_HEAD, pad_edge=False)
    made.add_column("Path")
    made.add_column("Mean", justify="right")
    made.add_row("pools.community_beds.capacity", "1,234,567.8 ± 99.9")
    text = printed(made, 20)
    letters = re.sub(r"[\s─]", "", text)
    assert sorted(letters) == sorted("PathMeanpools.community_beds.capacity1,234,567.8±99.9")


def test_words_are_broken_between_words() -> None:
    made = Fitted(box=box.SIMPLE_HEAD, pad_edge=False)
    made.add_column("Name", no_wrap=True)
    made.add_column("What it says")
    made.add_row("one", "awaiting a community bed near home")
    text = printed(made, 40)
    assert {"awaiting", "community", "near", "home"} <= set(text.split())
    assert "more columns" not in text
