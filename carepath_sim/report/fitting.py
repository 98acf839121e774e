"""Tables of which nothing is lost where lines are short: several below one another instead."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Column

GAP = 3
"""Letters between two columns, as the boxes without upright lines have them."""
LONGEST_WORD = 30
"""Letters of a word of running text for which a column is made wide; longer ones are folded."""
EASY = 14
"""Letters of running text that somebody reads without effort."""
READABLE = 60
"""Letters of a line in which a table of words stays in one part."""
MORE = " (more columns)"


class Fitted(Table):
    """A table that is written as several below one another where its columns have no room.

    Cells of figures, which stand at the right, are written on one line; words are broken between
    words. The first column is written again in each part. In a terminal too narrow even for two
    columns cells are folded; nothing is ever cut. Tables of words, whose columns share the room by
    `ratio`, stay in one part as long as that can be read.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Write the table in as many parts as it takes."""
        if not self.columns or (
            any(one.ratio for one in self.columns) and options.max_width >= READABLE
        ):
            yield from super().__rich_console__(console, options)
            return
        groups = self._groups(console, options.max_width)
        for k, (which, widths) in enumerate(groups):
            part = copy(self)
            part.columns = [
                replace(self.columns[at], _index=place, width=width, overflow="fold", ratio=None)
                for place, (at, width) in enumerate(zip(which, widths, strict=True))
            ]
            if self.min_width is not None:
                part.min_width = min(self.min_width, options.max_width)
            if k < len(groups) - 1:
                part.caption = None
            if self.title is not None and len(groups) > 1:
                # By itself, because it may be wider than the columns that are left.
                part.title = None
                yield _title(console, self.title, MORE if k else "")
            yield from Table.__rich_console__(part, console, options)

    def _groups(self, console: Console, room: int) -> list[tuple[list[int], list[int]]]:
        """Return which columns stand in each part, with their widths."""
        sizes = [_size(console, column) for column in self.columns]
        # The box has a letter of its own on either side.
        room -= 2 if self.box is not None else 0
        first = min(sizes[0].least, max(room - GAP - max(s.least for s in sizes), room // 3, 8))
        found: list[list[int]] = []
        used = room
        for k, size in enumerate(sizes[1:], start=1):
            if not found or used + GAP + size.least > room:
                found.append([0])
                used = first
            found[-1].append(k)
            used += GAP + size.least
        groups = found or [[0]]
        return [(which, _widths(which, sizes, first, room)) for which in groups]


class _Size:
    """Letters that a column takes at least, and on one line."""

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = max(least, most)


def _size(console: Console, column: Column) -> _Size:
    whole = column.justify == "right" or column.no_wrap
    head = list(_lines(console, [column.header]))
    cells = list(_lines(console, column.cells))
    words = [word for line in (*head, *(() if whole else cells)) for word in line.split()]
    least = max((min(cell_len(word), LONGEST_WORD) for word in words), default=1)
    if whole:
        least = max(least, max(map(cell_len, cells), default=1))
    most = max((cell_len(line) for line in (*head, *cells)), default=1)
    return _Size(max(least, column.min_width or 1, min(most, 0 if whole else EASY)), most)


def _lines(console: Console, cells: Iterable[RenderableType]) -> Iterator[str]:
    for cell in cells:
        text = console.render_str(cell) if isinstance(cell, str) else cell
        yield from (text.plain if isinstance(text, Text) else str(text)).split("\n")


def _widths(which: Sequence[int], sizes: Sequence[_Size], first: int, room: int) -> list[int]:
    """Give each column what it needs, and what is left to those that could use it."""
    widths = [first if k == 0 else min(sizes[k].least, room) for k in which]
    left = room - sum(widths) - GAP * (len(widths) - 1)
    while left > 0:
        wanting = [n for n, k in enumerate(which) if widths[n] < sizes[k].most]
        if not wanting:
            break
        share = max(1, left // len(wanting))
        for n in wanting:
            more = min(share, sizes[which[n]].most - widths[n], left)
            widths[n] += more
            left -= more
    return widths


def _title(console: Console, title: RenderableType, more: str) -> Text:
    text = console.render_str(title) if isinstance(title, str) else title
    return Text(f"{text.plain if isinstance(text, Text) else text}{more}", style="table.title")
