"""Reading the files of a calibration: every flaw with its line, all of them at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from carepath_sim.errors import Problem, ScenarioError
from carepath_sim.scenario.nodes import Node, plain, read_yaml
from carepath_sim.scenario.positions import mark_of, written
from carepath_sim.scenario.reading import Flaws, Wrong, known_keys, mapping, prose, shown, wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from carepath_sim.scenario.reading import Path as FieldPath

T = TypeVar("T")

BESIDE = ("title", "note", "notes", "references", "area")
"""What a file may say besides."""
QUALITIES = ("document", "good", "fair", "poor", "assumption", "by hand")


def read_file(path: Path, shown_as: str) -> Node:
    """Return the tree of a file.

    Raises
    ------
    ScenarioError
        If it is not there, or no YAML.
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ScenarioError([Problem(shown_as, 0, 0, "", message)]) from None
    return read_yaml(source, shown_as)


def located(root: Node, flaws: Iterable[tuple[FieldPath, str]]) -> list[Problem]:
    """Return flaws with the lines on which they stand."""
    return [Problem(*mark_of(root, path), written(path), message) for path, message in flaws]


def parsed_as(root: Node, parse: Callable[[Any], T]) -> tuple[T | None, list[Problem]]:
    """Return what a tree says, or None with all its flaws."""
    try:
        return parse(plain(root)), []
    except Wrong as refused:
        return None, sorted(located(root, refused.flaws))


def records(
    raw: object, key: str, parse: Callable[[str, Mapping[str, Any]], T], others: Sequence[str] = ()
) -> tuple[dict[str, T], Mapping[str, Any]]:
    """Return the named records of a file, and all that it says.

    Raises
    ------
    Wrong
        With every flaw.
    """
    whole = mapping(raw, f"a file with `{key}:`")
    flaws = Flaws()
    known_keys(whole, (key, *others, *BESIDE), flaws)
    found: dict[str, T] = {}
    inside = whole.get(key)
    if inside is not None and not isinstance(inside, Mapping):
        flaws.note(f"a map of names and records is needed, found {shown(inside)}", key)
    elif isinstance(inside, Mapping):
        for name, record in inside.items():
            if not isinstance(record, Mapping) or not record:
                flaws.note(f"a record is needed, found {shown(record)}", key, name)
                continue

            def read(one: Any, name: str = name) -> T:
                return parse(name, one)

            found[name] = flaws.read(read, record, key, name)
    flaws.close()
    return found, whole


def number(raw: object) -> float:
    """Return a finite number.

    Raises
    ------
    Wrong
        If it is none.
    """
    is_number = isinstance(raw, (int, float)) and not isinstance(raw, bool)
    if is_number and math.isfinite(raw):  # type: ignore[arg-type]  # a number, as was just seen
        return float(raw)  # type: ignore[arg-type]
    raise wrong(f"a number is needed, found {shown(raw)}")


def whole_number(least: int) -> Callable[[object], int]:
    """Return a reader of whole numbers that are not too small."""

    def read(raw: object) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and raw >= least:
            return raw
        raise wrong(f"a whole number of at least {least} is needed, found {shown(raw)}")

    return read


def one_of(*known: str) -> Callable[[object], str]:
    """Return a reader of a word among several."""

    def read(raw: object) -> str:
        if raw in known:
            return str(raw)
        raise wrong(f"{' or '.join(known)} is needed, found {shown(raw)}")

    return read


def words(raw: object) -> str:
    """Return text; maps and lists as text, for what only people read.

    Raises
    ------
    Wrong
        If there is nothing.
    """
    if isinstance(raw, Mapping) and raw:
        return ", ".join(f"{key}: {value}" for key, value in raw.items())
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return str(raw)
    return prose(raw)
