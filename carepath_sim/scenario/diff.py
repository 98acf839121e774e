"""What differs between two scenarios, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from carepath_sim.scenario.extends import is_whole
from carepath_sim.scenario.grammar_quantity import BESIDE, RECORD
from carepath_sim.scenario.positions import written
from carepath_sim.scenario.reading import Path

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario

HEAD: Final = frozenset({"carepath", "area", "variant", "title", "notes", "extends"})
"""What tells two scenarios apart without a difference in what they mean."""
ABSENT: Final = "-"
"""Stands for a field that is not written."""


class Difference(NamedTuple):
    """A field that differs.

    Attributes
    ----------
    path
        The field, such as ``services.acute.stay``.
    base, other
        What stands in either scenario, or ``-``.
    """

    path: str
    base: str
    other: str


def difference(base: Scenario, other: Scenario) -> list[Difference]:
    """Return every field that differs, in the order of the files.

    Maps are compared key by key, lists entry by entry where both have as many; what one of the
    two lacks is one difference.
    """
    return difference_of(base.resolved(), other.resolved())


def difference_of(base: Mapping[str, object], other: Mapping[str, object]) -> list[Difference]:
    """Return every field that differs between two resolved scenarios; see `difference`."""
    return [
        Difference(written(path), in_text(one), in_text(two))
        for path, one, two in _walk(_body(base), _body(other), ())
    ]


def _body(resolved: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in resolved.items() if key not in HEAD}


_NOTHING: Final = object()


def _walk(one: object, two: object, path: Path) -> Iterator[tuple[Path, object, object]]:
    if (
        one is _NOTHING
        or two is _NOTHING
        or is_whole(path)
        or "value" in {*_keys(one), *_keys(two)}
    ):
        left, right = bare(one), bare(two)
        if not _same(left, right):
            yield path, left, right
            return
        # The numbers agree; what is said of them may not.
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        for key in [*one, *(key for key in two if key not in one)]:
            yield from _walk(one.get(key, _NOTHING), two.get(key, _NOTHING), (*path, key))
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for k, (left, right) in enumerate(zip(one, two, strict=True)):
            yield from _walk(left, right, (*path, k))
    elif not _same(one, two):
        yield path, one, two


def _keys(value: object) -> Iterable[str]:
    return value if isinstance(value, Mapping) else ()


def _same(one: object, two: object) -> bool:
    return one == two and isinstance(one, bool) == isinstance(two, bool)


def bare(value: object) -> object:
    """Return a value without what is said of its numbers: source, quality, range, note.

    >>> bare({"daily 08:00-20:00": {"value": 3, "quality": "poor"}})
    {'daily 08:00-20:00': 3}
    """
    if isinstance(value, Mapping):
        if "value" in value and set(value) <= set(RECORD):
            unit = f" {value['unit']}" if "unit" in value else ""
            return f"{value['value']}{unit}" if unit else value["value"]
        return {k: bare(inner) for k, inner in value.items() if k not in {*BESIDE, "range"}}
    return [bare(inner) for inner in value] if isinstance(value, list) else value


def in_text(value: object) -> str:
    """Return a value on one line, as it could be written in a file.

    >>> in_text({"lognormal": {"median": "12 min"}, "source": None})
    '{lognormal: {median: 12 min}, source: null}'
    """
    if value is _NOTHING:
        return ABSENT
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {in_text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(in_text, value)) + "]"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
