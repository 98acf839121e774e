"""Reading one field: every flaw inside it is collected, none hides another."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import date
from typing import Any, NamedTuple, TypeVar, cast

from pydantic_core import PydanticCustomError, core_schema

T = TypeVar("T")
Step = str | int
Path = tuple[Step, ...]

_NAME = re.compile(r"[^\W\d_][\w-]*")


CELL = re.compile(r"cell (\d+):(\d+)")
"""A step to a cell of a table that is written as text."""


def cell(line: int, column: int) -> Step:
    """Return the step from a table that is written as text to one of its cells."""
    return f"cell {line}:{column}"


class Flaw(NamedTuple):
    """What is wrong, and the way to it from the field that is being read."""

    path: Path
    message: str


class Wrong(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """A field that cannot be read, with all its flaws."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__(self.flaws)


def wrong(message: str, *path: Step) -> Wrong:
    """Return the error of a field that is refused for one reason."""
    return Wrong([Flaw(path, message)])


class Flaws:
    """The flaws found so far in a field with several parts.

    Parts are read one after the other; `close` raises all flaws at once, so that what `read`
    returns for a flawed part is never used.
    """

    def __init__(self) -> None:
        self.found: list[Flaw] = []

    def read(self, parse: Callable[[Any], T], raw: object, *path: Step) -> T:
        """Return a part as read, or note its flaws."""
        try:
            return parse(raw)
        except Wrong as refused:
            self.found += [Flaw((*path, *flaw.path), flaw.message) for flaw in refused.flaws]
            return cast("T", None)

    def attempt(self, parse: Callable[[Any], T], raw: object, *path: Step) -> T | None:
        """Return a part as read, or None where it is flawed."""
        return self.read(parse, raw, *path)

    def note(self, message: str, *path: Step) -> None:
        """Note a flaw."""
        self.found.append(Flaw(path, message))

    def close(self) -> None:
        """Raise what was found.

        Raises
        ------
        Wrong
            If anything was.
        """
        if self.found:
            raise Wrong(self.found)


@dataclass(frozen=True)
class Reads:
    """Tells pydantic how a field is read from YAML, and what its JSON Schema is called.

    Attributes
    ----------
    parse
        Takes what stands in the file; returns the record or raises `Wrong`.
    kind
        Key of the field's form in `carepath_sim.scenario.schema`.
    """

    parse: Callable[[Any], object]
    kind: str

    def __call__(self, raw: object) -> object:
        """Return the record of a field; records pass through, so that Python may give them."""
        if isinstance(raw, (tuple, date)) or (is_dataclass(raw) and not isinstance(raw, type)):
            return raw
        try:
            return self.parse(raw)
        except Wrong as refused:
            raise PydanticCustomError("flaws", "flaws", {"flaws": refused.flaws}) from None

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> object:
        """Read the field without any look at the type it becomes."""
        return core_schema.no_info_plain_validator_function(self)

    def __get_pydantic_json_schema__(self, core: object, handler: object) -> dict[str, Any]:
        """Name the form; `schema` puts it in."""
        return {"$comment": self.kind}


def shown(raw: object) -> str:
    """Return what stands in the file in words, short.

    >>> shown(None), shown("acute"), shown([1, 2]), shown({"mean": 3})
    ('nothing', "'acute'", 'a list of 2', 'a mapping with mean')
    """
    if raw is None:
        return "nothing"
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, str):
        return repr(raw if len(raw) <= 60 else raw[:57] + "...")
    if isinstance(raw, Mapping):
        keys = [str(key) for key in raw]
        more = ", ..." if len(keys) > 4 else ""
        return f"a mapping with {', '.join(keys[:4])}{more}" if keys else "an empty mapping"
    if isinstance(raw, Sequence):
        return f"a list of {len(raw)}" if raw else "an empty list"
    return str(raw)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint at the nearest known name, to be put behind a message.

    >>> nearest("acutte", ["acute", "home"])
    "; did you mean 'acute'?"
    >>> nearest("xyz", ["acute"])
    ''
    """
    names = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    return f"; did you mean '{names[close[0]]}'?" if close else ""


def listed(names: Iterable[str], last: str = "or") -> str:
    """Return names as a list in words.

    >>> listed(["a", "b", "c"])
    'a, b or c'
    """
    words = list(names)
    return (
        f" {last} ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "nothing"
    )


def mapping(raw: object, accepted: str) -> Mapping[str, object]:
    """Return a mapping that is not empty, or refuse."""
    if isinstance(raw, Mapping) and raw:
        return raw
    raise wrong(f"{accepted} is needed, found {shown(raw)}")


def known_keys(raw: Mapping[str, object], known: Sequence[str], flaws: Flaws) -> None:
    """Note every key that is not known."""
    for key in raw:
        if key not in known:
            flaws.note(f"unknown field; known are {listed(known, 'and')}{nearest(key, known)}", key)


def text(raw: object) -> str:
    """Return a word or a name; `true`, `false` and numbers stand for themselves."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str) and raw.strip():
        return raw.strip()
    if isinstance(raw, (int, float)):
        return str(raw)
    raise wrong(f"a word is needed, found {shown(raw)}")


def prose(raw: object) -> str:
    """Return text that is not empty."""
    if isinstance(raw, str) and raw.strip():
        return raw
    hint = f"; write it in quotes: '{text(raw)}'" if isinstance(raw, (int, float)) else ""
    raise wrong(f"text is needed, found {shown(raw)}{hint}")


def one_or_more(parse: Callable[[Any], T]) -> Callable[[object], tuple[T, ...]]:
    """Return a reader of a list, or of a single entry in its place."""

    def read(raw: object) -> tuple[T, ...]:
        if not isinstance(raw, list):
            return (parse(raw),)
        flaws = Flaws()
        entries = tuple(flaws.read(parse, entry, k) for k, entry in enumerate(raw))
        flaws.close()
        return entries

    return read


def name(raw: object) -> str:
    """Return a name that may stand in paths, tables and file names."""
    if isinstance(raw, str) and _NAME.fullmatch(raw):
        return raw
    raise wrong(
        "a name of letters, digits, `_` and `-` that begins with a letter is needed,"
        f" found {shown(raw)}"
    )


def version(raw: object) -> int:
    """Return the version of the scenario language."""
    if isinstance(raw, int) and not isinstance(raw, bool) and raw == 1:
        return 1
    raise wrong(f"this program reads version 1 of the language, found {shown(raw)}")
