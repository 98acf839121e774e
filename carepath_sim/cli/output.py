"""What commands write, and where: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

# Tables in a pipe or a file are as wide as this, whatever the terminal of the author was.
PIPE_WIDTH = 120


def console() -> Console:
    """Return a console on standard output, of a fixed width unless it is a terminal."""
    from rich.console import Console

    return Console(
        width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False, soft_wrap=False
    )


def complain(text: str) -> None:
    """Write a message for the person at the keyboard."""
    print(f"carepath: {text}", file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Write a value as JSON and nothing else."""
    import json

    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")


def records(frame: Any) -> list[dict[str, Any]]:
    """Return the rows of a DataFrame as JSON values; what is not known is null."""
    return [
        {key: None if _missing(value) else _plain(value) for key, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124


def _plain(value: Any) -> Any:
    """Return a JSON value: infinities become words, NumPy numbers Python's."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value in {float("inf"), float("-inf")}:
        return str(value)
    return value


@contextmanager
def progress(words: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on a terminal; give None in a pipe, so that nothing is written there.

    What is given takes how many are done and how many there are.
    """
    with progress_of(words) as (one,):
        yield one


@contextmanager
def progress_of(*steps: str) -> Iterator[tuple[Callable[[int, int], None] | None, ...]]:
    """Show a bar for each step of some work, from when it has begun; see `progress`."""
    if not sys.stderr.isatty():
        yield (None,) * len(steps)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        tasks = [bar.add_task(words, total=None, visible=not k) for k, words in enumerate(steps)]

        def teller(task: TaskID) -> Callable[[int, int], None]:
            return lambda done, total: bar.update(task, completed=done, total=total, visible=True)

        yield tuple(map(teller, tasks))


def said(scenario: Any) -> None:
    """Write what setting fields by hand changed besides, so that nobody is surprised."""
    for notice in scenario.notices:
        complain(f"{scenario.name}: {notice}")
